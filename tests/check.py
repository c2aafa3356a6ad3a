"""`make check`: every check in order, the tests on both servers, and the totals as the last line.

A step that fails does not hide the ones after it; the exit code is 1 when any failed.
"""

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent


@dataclass
class Totals:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    broken: list[str] = field(default_factory=list)

    def add(self, report: Path) -> None:
        for suite in ET.parse(report).getroot().iter("testsuite"):
            failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            skipped = int(suite.get("skipped", 0))
            self.failed += failed
            self.skipped += skipped
            self.passed += int(suite.get("tests", 0)) - failed - skipped


def postgres_15() -> Path | None:
    """The folder of PostgreSQL 15's programs: BOOKREADER_PG_BINDIR, else Debian's."""
    folder = Path(os.environ.get("BOOKREADER_PG_BINDIR") or "/usr/lib/postgresql/15/bin")
    return folder if (folder / "postgres").is_file() else None


ALONGSIDE, IN_BROWSERS = 3, 2
"""Test processes at once: most tests wait now and then; a browser and its server keep two processors busy."""


def main() -> int:
    totals = Totals()
    for name, command in STATIC_CHECKS:
        run(totals, name, command)
    run_tests(totals, "unit and integration tests on the embedded server", ["tests/unit", "tests/integration"])
    run_tests(totals, "browser tests", ["tests/browser"], workers=IN_BROWSERS)
    if postgres_15() is not None:
        fifteen = {"BOOKREADER_TEST_SERVER": "15"}
        run_tests(totals, "integration tests on PostgreSQL 15", ["tests/integration"], environment=fifteen)
    elif os.environ.get("BOOKREADER_CI"):
        totals.broken.append("integration tests on PostgreSQL 15: its programs are missing")
    else:
        print("== integration tests on PostgreSQL 15: skipped, because its programs are not installed", flush=True)
    for broken in totals.broken:
        print(f"FAILED: {broken}")
    counts = f"{totals.passed} passed, {totals.skipped} skipped"
    print(f"{totals.passed} passed, {totals.failed} failed, {totals.skipped} skipped" if totals.failed else counts)
    return 1 if totals.broken or totals.failed else 0


STATIC_CHECKS: list[tuple[str, list[str]]] = [
    ("format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
    ("lint", [str(BIN / "ruff"), "check", "--quiet", "."]),
    ("types", [str(BIN / "mypy")]),
    ("import contracts", [str(BIN / "lint-imports")]),
    ("web: types, lint, tests", [sys.executable, "web/build.py", "check"]),
]


def run(totals: Totals, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
    print(f"== {name}", flush=True)
    begun = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=os.environ | (environment or {}), check=False)
    print(f"   {'ok' if done.returncode == 0 else 'FAILED'} after {time.monotonic() - begun:.0f} s", flush=True)
    if done.returncode != 0:
        totals.broken.append(name)


def run_tests(
    totals: Totals,
    name: str,
    folders: list[str],
    *,
    workers: int = ALONGSIDE,
    environment: dict[str, str] | None = None,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        # Who is done takes from the others' queues; what is slow is shown.
        options = ["-n", str(workers), "--dist", "worksteal", "--durations=15", f"--junitxml={report}"]
        pytest = [sys.executable, "-m", "pytest", *options, *folders]
        run(totals, name, pytest, environment)
        if report.is_file():
            totals.add(report)


if __name__ == "__main__":
    sys.exit(main())
