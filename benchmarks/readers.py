"""Our reader beside epub.js and foliate-js, in one browser and one run: first page, bytes, page turns, memory.

The peers open the whole file, as they are mostly used, and epub.js also a book that was unpacked before; ours asks its
server, with a person signed in. Without their packages the rows are ours alone, and say so.
"""

import asyncio
import io
import random
import statistics
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from PIL import Image
from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout

from benchmarks import peers
from benchmarks.browsing import Opening, Reader, Turns, chromium, median, memory_over, open_book, turn_pages
from benchmarks.rows import Row
from benchmarks.server import person, running
from tests.books.build import pack
from tests.books.novel import novel
from tests.folders import passing_folder

SMALL, MEDIUM, LARGE = "0.3 MB", "1.8 MB", "25.8 MB"
SHAPES = {SMALL: (20, 1500, 300_000), MEDIUM: (120, 2500, 1_800_000), LARGE: (60, 2000, 25_800_000)}
"""Chapters, words of each, and bytes of the file."""
OPENINGS, SLOW_OPENINGS = 9, 3
TURNS, PEERS_TURNS, PAUSE = 500, 200, 0.12
"""foliate-js takes no turn within 100 ms after another."""
LEG, LEGS = 500, 4
"""Turns there and back again, for memory."""
PATIENCE = 300.0
NO_PEER = "the peers' packages could not be installed or showed nothing"

FIRST_SECONDS, WHOLE_SHARE, UNPACKED_RATIO = 0.8, 1 / 15, 1.2
RECEIVED_KB, SCRIPT_KB = 150, 80
TURN_P50_MS, TURN_P99_MS = 10, 60
MEMORY_RATIO = 1.1

KEY = (
    "() => document.body.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{}', bubbles: true, cancelable: true }}))"
)


@dataclass(frozen=True)
class Readers:
    """Ours and, where their packages are, the peers'."""

    ours: Reader
    epubjs: Reader | None = None
    unpacked: Reader | None = None
    foliate: Reader | None = None

    @property
    def peers(self) -> list[Reader]:
        return [one for one in (self.epubjs, self.unpacked, self.foliate) if one is not None]


def run() -> list[Row]:
    books = {name: _book(*shape) for name, shape in SHAPES.items()}
    with _site() as (address, client), _peers(books) as theirs:
        ours = _ours(address, client, books)
        return asyncio.run(_measure(Readers(ours, *theirs)))


@contextmanager
def _site() -> Iterator[tuple[str, httpx.Client]]:
    """Our server, with a few pictures a book, and somebody who is signed in."""
    with passing_folder() as folder, running(folder, plates_per_book="4") as (address, _), person(address) as client:
        yield address, client


async def _measure(readers: Readers) -> list[Row]:
    async with chromium() as browser:
        return [
            *await _slow_line(browser, readers),
            *await _loopback(browser, readers),
            *await _page_turns(browser, readers),
            await _memory(browser, readers.ours),
        ]


async def _slow_line(browser: Browser, readers: Readers) -> list[Row]:
    """G11: the large book over 20 Mbit/s and 40 ms."""
    found = await _openings(browser, readers, LARGE, slow=True)
    first = median(found[readers.ours.name])
    name = f"first page, {LARGE} at 20 Mbit/s and 40 ms"
    goals = {"epub.js": WHOLE_SHARE}
    rows = [Row(name, first, "s", _absent(readers), goal=FIRST_SECONDS)]
    return rows + [
        Row("the same", first, "s", peer.name, theirs, goals[peer.name] * theirs if peer.name in goals else None)
        for peer in readers.peers
        if peer.name in found
        for theirs in [median(found[peer.name])]
    ]


async def _loopback(browser: Browser, readers: Readers) -> list[Row]:
    """G12 and G13: first page and bytes, whatever the size of the book."""
    rows: list[Row] = []
    for book in SHAPES:
        found = await _openings(browser, readers, book)
        mine = found[readers.ours.name]
        if readers.unpacked is None or readers.unpacked.name not in found:
            rows.append(Row(f"first page, {book} on loopback", median(mine), "s", NO_PEER))
        for peer in readers.peers:
            if peer.name not in found:
                continue
            theirs = median(found[peer.name])
            goal = UNPACKED_RATIO * theirs if peer is readers.unpacked else None
            rows.append(Row(f"first page, {book} on loopback", median(mine), "s", peer.name, theirs, goal))
        others = found.get("epub.js", [])
        rows.append(
            Row(
                f"received before the first page, {book}",
                statistics.median(one.received for one in mine) / 1000,
                "KB",
                "epub.js" if others else _absent(readers),
                statistics.median(one.received for one in others) / 1000 if others else None,
                RECEIVED_KB,
            )
        )
    script = max(one.script for one in mine) / 1000
    return [*rows, Row("script of the reader, packed", script, "KB", goal=SCRIPT_KB)]


async def _openings(browser: Browser, readers: Readers, book: str, *, slow: bool = False) -> dict[str, list[Opening]]:
    """Openings of a book by each reader, in turn; fewer by those that fetch the whole of it over a slow line.

    A peer that shows nothing is left out.
    """
    found: dict[str, list[Opening]] = {}
    silent: set[str] = set()
    for number in range(OPENINGS):
        for reader in (readers.ours, *readers.peers):
            whole = reader in (readers.epubjs, readers.foliate)
            if reader.name in silent or (slow and whole and number >= SLOW_OPENINGS):
                continue
            try:
                opening = await open_book(browser, reader, book, slow=slow)
            except (TimeoutError, PlaywrightTimeout):
                if reader is readers.ours:
                    raise
                silent.add(reader.name)
                continue
            found.setdefault(reader.name, []).append(opening)
    return found


async def _page_turns(browser: Browser, readers: Readers) -> list[Row]:
    """G14: page turns with chapter crossings."""
    mine = await turn_pages(browser, readers.ours, MEDIUM, TURNS, PAUSE)
    theirs = await _turns_of(browser, readers.unpacked)
    name = f"page turn, {mine.crossed} of {TURNS} to another chapter"
    return [
        _turn(f"{name}: p50", mine, 0.5, TURN_P50_MS, theirs, readers),
        _turn(f"{name}: p99", mine, 0.99, TURN_P99_MS, theirs, readers),
    ]


async def _turns_of(browser: Browser, peer: Reader | None) -> Turns | None:
    """A peer's page turns; None when it is not here, or stops turning."""
    if peer is None:
        return None
    try:
        return await turn_pages(browser, peer, MEDIUM, PEERS_TURNS, PAUSE)
    except PlaywrightError:
        return None


def _turn(name: str, mine: Turns, part: float, goal: float, theirs: Turns | None, readers: Readers) -> Row:
    if theirs is None:
        absent = _absent(readers) or "epub.js stopped turning"
        return Row(name, mine.share(part) * 1000, "ms", absent, goal=goal)
    return Row(name, mine.share(part) * 1000, "ms", "epub.js", theirs.share(part) * 1000, goal)


async def _memory(browser: Browser, ours: Reader) -> Row:
    """Whether page turns leave anything behind."""
    held = [bytes_ / 1e6 for bytes_ in await memory_over(browser, ours, MEDIUM, LEG, LEGS)]
    name = f"memory of scripts after {LEG * LEGS:,} turns"
    return Row(name, held[-1], "MB", f"after {LEG}", held[0], MEMORY_RATIO * held[0])


def _absent(readers: Readers) -> str:
    return "" if readers.peers else NO_PEER


def _book(chapters: int, words: int, size: int) -> bytes:
    """A novel of this size in bytes: after its first chapter each begins with a picture that cannot be packed."""
    with zipfile.ZipFile(io.BytesIO(novel(chapters, words))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
        text = sum(entry.compress_size for entry in archive.infolist())
    documents = sorted(name for name in files if name.startswith("OPS/c"))[1:]
    items = ""
    for number, name in enumerate(documents):
        files[f"OPS/p{number}.png"] = _picture((size - text) // len(documents), number)
        files[name] = files[name].replace(b"</h1>", f'</h1><p><img src="p{number}.png" alt=""/></p>'.encode(), 1)
        items += f'<item id="p{number}" href="p{number}.png" media-type="image/png"/>'
    package = files["OPS/package.opf"].replace(b"</manifest>", f"{items}</manifest>".encode())
    return pack({**files, "OPS/package.opf": package})


def _picture(size: int, seed: int) -> bytes:
    """Grey noise of about so many bytes."""
    side = int(size**0.5)
    chance = random.Random(seed)
    buffer = io.BytesIO()
    Image.frombytes("L", (side, side), chance.randbytes(side * side)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _ours(address: str, client: httpx.Client, books: dict[str, bytes]) -> Reader:
    ids = {name: _added(client, data) for name, data in books.items()}
    for book in ids.values():
        _wait_until_idle(client, book)
    cookies = tuple({"name": name, "value": value, "url": address} for name, value in client.cookies.items())
    turn, back = KEY.format("ArrowRight"), KEY.format("ArrowLeft")
    return Reader("BookReader", lambda book: f"{address}/read/{ids[book]}", turn, back, cookies)


def _added(client: httpx.Client, data: bytes) -> str:
    answer = client.post("/books", files={"file": ("novel.epub", data, "application/epub+zip")})
    return str(answer.raise_for_status().json()["id"])


def _wait_until_idle(client: httpx.Client, book: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        jobs = client.get("/jobs", params={"book": book, "limit": 200}).raise_for_status().json()["items"]
        if jobs and all(job["finished_at"] for job in jobs):
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"the books were not prepared within {PATIENCE:.0f} s")
        time.sleep(0.1)


@contextmanager
def _peers(books: dict[str, bytes]) -> Iterator[tuple[Reader, ...]]:
    """The peers' readers with the same books on a server of their own; none where npm cannot install them."""
    if not peers.install():
        yield ()
        return
    with passing_folder() as folder:
        for name, data in books.items():
            (folder / f"{_plain(name)}.epub").write_bytes(data)
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                archive.extractall(folder / _plain(name))
        with running(folder, [sys.executable, "-m", "benchmarks.peers"]) as (address, _):
            yield (
                Reader("epub.js", lambda book: f"{address}/epubjs.html?book=/{_plain(book)}.epub"),
                Reader("epub.js, unpacked book", lambda book: f"{address}/epubjs.html?book=/{_plain(book)}/"),
                Reader("foliate-js", lambda book: f"{address}/foliate.html?book=/{_plain(book)}.epub"),
            )


def _plain(book: str) -> str:
    """A name that nobody takes for one with an extension."""
    return book.split()[0].replace(".", "-")
