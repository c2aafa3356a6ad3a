"""`python -m benchmarks [NAME ...]`: runs every module here that has `run() -> list[Row]`, or those that are named.

Prints a table of ratios; the exit code is 1 when a goal was missed or a benchmark could not run. A shared or busy
machine makes the seconds larger and leaves the ratios about as they are.
"""

import importlib
import pkgutil
import sys
import traceback
from collections.abc import Callable

import benchmarks
from benchmarks.rows import Row

HEADINGS = ("benchmark", "value", "compared with", "ratio", "goal", "met")


def names() -> list[str]:
    """The modules beside this one, in order."""
    return sorted(found.name for found in pkgutil.iter_modules(benchmarks.__path__) if not found.name.startswith("_"))


def runner(name: str) -> Callable[[], list[Row]] | None:
    """The benchmark of this name; None for a module that only helps others."""
    return getattr(importlib.import_module(f"benchmarks.{name}"), "run", None)


def table(rows: list[Row]) -> str:
    cells = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(_aligned(text, widths[column], column) for column, text in enumerate(line)).rstrip() for line in cells
    )


def _aligned(text: str, width: int, column: int) -> str:
    return text.rjust(width) if HEADINGS[column] in ("value", "ratio", "goal") else text.ljust(width)


def _cells(row: Row) -> tuple[str, ...]:
    compared = f"{row.reference} ({_number(row.reference_value)} {row.unit})" if row.reference_value else row.reference
    ratio = f"{row.ratio:.2f} x" if row.ratio is not None else ""
    goal = f"{'>=' if row.more else '<='} {_number(row.goal)} {row.unit}" if row.goal is not None else ""
    met = {True: "yes", False: "NO", None: ""}[row.met]
    return row.name, f"{_number(row.value)} {row.unit}", compared, ratio, goal, met


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def main(wanted: list[str]) -> int:
    missing = set(wanted) - set(names())
    if missing:
        print(f"There is no benchmark {', '.join(sorted(missing))}; there are {', '.join(names())}.", file=sys.stderr)
        return 2
    missed = False
    for name in wanted or names():
        run = runner(name)
        if run is None:
            continue
        print(f"== {name}", flush=True)
        try:
            rows = run()
        except Exception:  # noqa: BLE001 - one that fails must not hide the others; it is shown and counts as missed
            traceback.print_exc()
            missed = True
            continue
        print(table(rows), flush=True)
        missed = missed or any(row.met is False for row in rows)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
