"""From the upload of a novel of 400 KB of text to a readable book, and to all its descriptions."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from benchmarks.rows import Row, median_seconds
from benchmarks.server import TICK, person, running
from bookreader.publications import open_publication
from tests.books.novel import novel
from tests.folders import passing_folder

CHAPTERS, WORDS = 34, 2_350
NOVELS = 3
PATIENCE = 120.0
READABLE_SECONDS, DESCRIBED_SECONDS = 2.0, 5.0


@dataclass(frozen=True)
class Times:
    """Seconds since the upload began."""

    readable: float
    described: float
    illustrated: float


def run() -> list[Row]:
    books = [novel(CHAPTERS, WORDS, seed=seed) for seed in range(1, NOVELS + 1)]
    alone = median_seconds(lambda: open_publication(books[0]), 3)
    size = sum(len(chapter.text.encode()) for chapter in open_publication(books[0]).reading_order)
    with passing_folder() as folder, running(folder) as (address, _), person(address) as client:
        times = [_upload(client, book) for book in books]
    readable = statistics.median(one.readable for one in times)
    described = statistics.median(one.described for one in times)
    illustrated = statistics.median(one.illustrated for one in times)
    name = f"novel of {size // 1000} KB of text"
    return [
        Row(f"{name}: upload to readable", readable, "s", "open_publication alone", alone, READABLE_SECONDS),
        Row("upload to all descriptions", described, "s", "upload to readable", readable, DESCRIBED_SECONDS),
        Row("upload to all plates", illustrated, "s", "upload to readable", readable),
    ]


def _upload(client: httpx.Client, data: bytes) -> Times:
    begun = time.perf_counter()
    answer = client.post("/books", files={"file": ("novel.epub", data, "application/epub+zip")})
    answer.raise_for_status()
    book = answer.json()["id"]
    readable = _wait(lambda: _parsed(client, book)) - begun
    described = _wait(lambda: _done(client, book, "describe")) - begun
    illustrated = _wait(lambda: _done(client, book, "illustrate")) - begun
    return Times(readable, described, illustrated)


def _wait(reached: Callable[[], bool]) -> float:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not done after {PATIENCE:.0f} s")
        time.sleep(TICK)
    return time.perf_counter()


def _parsed(client: httpx.Client, book: str) -> bool:
    shown = client.get(f"/books/{book}").raise_for_status().json()
    if shown["parsing_error"]:
        raise RuntimeError(f"the novel was refused: {shown['parsing_error']}")
    return bool(shown["is_parsed"])


def _done(client: httpx.Client, book: str, kind: str) -> bool:
    jobs = client.get("/jobs", params={"book": book, "limit": 200}).raise_for_status().json()["items"]
    failed = [job for job in jobs if job["state"] == "failed"]
    if failed:
        raise RuntimeError(f"a job failed: {failed[0]['kind']}: {failed[0]['error']}")
    return all(job["state"] == "done" for job in jobs if job["kind"] == kind)
