"""Whether a book costs the same in a large library: small distinct books are imported, and the last compared with the
first. `BOOKREADER_BENCH_GROWTH=10000 python -m benchmarks growth` takes as many books as that says.
"""

import os
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.library import EMAIL, PASSWORD, database
from benchmarks.rows import Row
from benchmarks.server import ROOT
from tests.books.novel import novel

BOOKS = int(os.environ.get("BOOKREADER_BENCH_GROWTH", "300"))
MEASURED = min(200, BOOKS // 3)
SIZE = (3, 200)
"""Chapters and words in each."""
FLAT = 0.9


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="br-") as folder, database() as environment:
        command = [str(ROOT / ".venv" / "bin" / "bookreader")]
        subprocess.run([*command, "user", "add", EMAIL, "--password", PASSWORD], env=environment, check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        first, _, last = (
            _import(command, environment, Path(folder), seeds)
            for seeds in (range(MEASURED), range(MEASURED, BOOKS - MEASURED), range(BOOKS - MEASURED, BOOKS))
        )
    name = f"the last {MEASURED} of {BOOKS:,} small books"
    return [Row(name, last, "books/s", f"the first {MEASURED}", first, FLAT * first, more=True)]


def _import(command: list[str], environment: dict[str, str], folder: Path, seeds: range) -> float:
    """Books a second, the start of the command included."""
    books = folder / str(seeds.start)
    books.mkdir()
    for seed in seeds:
        (books / f"{seed:06}.epub").write_bytes(novel(*SIZE, seed=seed))
    begun = time.perf_counter()
    subprocess.run([*command, "import", str(books), "--user", EMAIL, "--json"], env=environment, check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    return len(seeds) / (time.perf_counter() - begun)
