"""Bringing a library in: whole folders from the command line, against calibre, and uploads over HTTP.

Ours reads, sanitises, stores and indexes every chapter; `calibredb add` copies files and reads no text, and its
`fts_index` is what makes a text searchable there. calibre's rows say so where it is not installed.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.rows import Row
from benchmarks.server import ROOT, person, running
from tests.books.novel import novel
from tests.folders import passing_folder

BOOKS = int(os.environ.get("BOOKREADER_BENCH_BOOKS", "60"))
AVERAGE = (84, 2_640)
"""Chapters and words in each: an average novel, 224,000 words."""
EMAIL, PASSWORD = "bench@example.org", "a long password for benchmarks"
CPU_SECONDS, SEARCHABLE_RATIO = 0.130, 10.0
UPLOADS = 12


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="br-") as folder:
        books = Path(folder) / "books"
        _write_novels(books, BOOKS)
        ours, cpu, memory = _import(books)
        added, indexed = _calibre(books, Path(folder))
    name = f"import of {BOOKS} novels"
    return [
        Row(name, ours, "books/s", "calibredb add, no text", added, added, more=True),
        Row("the same until searchable", ours, "books/s", "calibredb add and fts_index", indexed,
            SEARCHABLE_RATIO * indexed if indexed else None, more=True),
        Row("processor time of a book, database apart", cpu, "s CPU", goal=CPU_SECONDS),
        Row("memory of the largest of its processes", memory, "MB", goal=150),
        *_uploads(),
    ]  # fmt: skip


def _write_novels(folder: Path, count: int) -> None:
    folder.mkdir()
    for seed in range(count):
        (folder / f"{seed:04}.epub").write_bytes(novel(*AVERAGE, seed=seed))


def _import(books: Path) -> tuple[float, float, float]:
    """Books a second, processor seconds of a book without the database's, and the largest process in MB."""
    with database() as environment:
        command = [str(ROOT / ".venv" / "bin" / "bookreader")]
        subprocess.run([*command, "user", "add", EMAIL, "--password", PASSWORD], env=environment, check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.perf_counter()
        done = subprocess.run([*command, "import", str(books), "--user", EMAIL, "--json"], env=environment,
                              stdout=subprocess.PIPE, check=True)  # fmt: skip
        seconds = time.perf_counter() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if json.loads(done.stdout)["imported"] != BOOKS:
        raise RuntimeError(f"not every book came in: {done.stdout.decode()}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return BOOKS / seconds, cpu / BOOKS, after.ru_maxrss / 1000


@contextmanager
def database() -> Iterator[dict[str, str]]:
    """The environment of a command beside a running server, so that the server's time is not counted as ours."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BOOKREADER_")}
    with passing_folder() as folder, running(folder, worker="false"):
        yield clean | {"BOOKREADER_DATA_DIR": str(folder), "BOOKREADER_CLUSTER_DIR": str(folder / "database")}


def _calibre(books: Path, folder: Path) -> tuple[float | None, float | None]:
    """Books a second of `calibredb add`, and of adding and indexing; None where calibre is not installed."""
    program = shutil.which("calibredb")
    if program is None:
        print("calibre is not installed, so nothing is compared with it: apt-get install calibre")
        return None, None
    environment = os.environ | {"HOME": str(folder), "QT_QPA_PLATFORM": "offscreen"}
    library = ["--with-library", str(folder / "calibre")]
    begun = time.perf_counter()
    _quiet([program, "add", "-r", str(books), *library], environment)
    added = time.perf_counter() - begun
    _quiet([program, "fts_index", "enable", "--wait-for-completion", *library], environment)
    return BOOKS / added, BOOKS / (time.perf_counter() - begun)


def _quiet(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _uploads() -> list[Row]:
    """One upload after another, and four at once: the answer arrives and the book can be read."""
    data = [novel(*AVERAGE, seed=1000 + seed) for seed in range(2 * UPLOADS)]
    with passing_folder() as folder, running(folder) as (address, _), person(address) as client:
        alone = statistics.median(_upload(client, book) for book in data[:UPLOADS])
        begun = time.perf_counter()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda book: _upload(client, book), data[UPLOADS:]))
        at_once = UPLOADS / (time.perf_counter() - begun)
    return [
        Row("upload to answer, median", alone, "s"),
        Row("four uploads at once", at_once, "books/s", "one after another", 1 / alone, more=True),
    ]


def _upload(client: httpx.Client, data: bytes) -> float:
    begun = time.perf_counter()
    client.post("/books", files={"file": ("novel.epub", data, "application/epub+zip")}).raise_for_status()
    return time.perf_counter() - begun
