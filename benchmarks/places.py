"""Saving places: at a fixed rate as many readers make it, at the highest rate, and beside the database's own limit.

A save goes the whole way: cookie, gate, validation of the CFI, history, and a commit that waits for the disk. The load
is open: each save has its moment, and a late answer counts from there, however busy the server was before.
"""

import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import httpx
from sqlalchemy import make_url

from benchmarks.rows import Row
from benchmarks.server import running
from bookreader.database.embedded import running_url
from bookreader.publications.cfi import complete
from bookreader.publications.text import TextMap
from bookreader.settings import Settings
from tests.books.novel import novel
from tests.folders import passing_folder

READERS = 16
CHAPTERS, WORDS = 6, 3_000
PAGE = 900
"""Code points between two page turns."""
RATE, SECONDS, SATURATED_SECONDS = 200, 15.0, 6.0
WARM_SECONDS = 3.0
SAVE_SECONDS = 0.025
PATIENCE = 120.0


@dataclass(frozen=True)
class Reader:
    """Someone with a book and the places to turn through."""

    cookie: str
    book: str
    places: tuple[tuple[int, str, str], ...]


@dataclass
class Connection:
    """One kept HTTP/1.1 connection: no client library, so that what is measured is the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, address: str) -> Self:
        parts = urlsplit(address)
        return cls(*await asyncio.open_connection(parts.hostname, parts.port))

    async def put(self, path: str, cookie: str, body: bytes) -> None:
        head = (
            f"PUT {path} HTTP/1.1\r\nHost: bench\r\nOrigin: http://bench\r\nCookie: {cookie}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.writer.write(head.encode() + body)
        answer = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.partition(b"content-length:")[2].split(b"\r\n")[0])
        text = await self.reader.readexactly(length)
        if b" 200 " not in answer.split(b"\r\n")[0]:
            raise RuntimeError(f"a save was refused: {text.decode()}")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()


def run() -> list[Row]:
    with passing_folder() as folder, running(folder, plates_per_book="0") as (address, _):
        return asyncio.run(_measure(folder, address))


async def _measure(folder: Path, address: str) -> list[Row]:
    readers = [await asyncio.to_thread(_reader, address, number) for number in range(READERS)]
    async with running_url(Settings(data_dir=folder, cluster_dir=folder / "database")) as url:
        commits = await _commits(url, READERS)
        alone = await _commits(url, 1)
        async with AsyncExitStack() as stack:
            savers = [await _saver(stack, address, reader, number) for number, reader in enumerate(readers)]
            await _at_rate(savers, RATE, WARM_SECONDS)
            taken = sorted(await _at_rate(savers, RATE, SECONDS))
            saves = await _as_fast_as_possible(savers, SATURATED_SECONDS)
    p99 = taken[int(len(taken) * 0.99)]
    name = f"save of a place at {RATE} a second"
    return [
        Row(f"{name}: p50", statistics.median(taken), "s", "a commit alone", 1 / alone),
        Row(f"{name}: p99", p99, "s", "a commit alone", 1 / alone, SAVE_SECONDS),
        Row(f"{name}: slowest", taken[-1], "s", "a commit alone", 1 / alone),
        Row("most saves of places", saves, "a second", "commits of one row alone", commits, RATE, more=True),
    ]


def _reader(address: str, number: int) -> Reader:
    with httpx.Client(base_url=f"{address}/api/v1", headers={"Origin": address}, timeout=60) as client:
        wanted = {"email": f"bench{number}@example.org", "password": "a long password for benchmarks"}
        client.post("/auth/register", json=wanted).raise_for_status()
        data = novel(CHAPTERS, WORDS, seed=number + 1)
        accepted = client.post("/books", files={"file": ("novel.epub", data)})
        book = accepted.raise_for_status().json()["id"]
        _wait(lambda: client.get(f"/books/{book}").raise_for_status().json()["is_parsed"])
        _wait(lambda: _is_idle(client, book))
        client.post(f"/books/{book}/sessions", json={"device": "Bench"}).raise_for_status()
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        return Reader(cookie, book, tuple(_places(client, book)))


def _is_idle(client: httpx.Client, book: str) -> bool:
    jobs = client.get("/jobs", params={"book": book}).raise_for_status().json()["items"]
    return all(job["state"] not in ("queued", "running") for job in jobs)


def _wait(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not done after {PATIENCE:.0f} s")
        time.sleep(0.02)


def _places(client: httpx.Client, book: str) -> Iterator[tuple[int, str, str]]:
    """(chapter, CFI, quote) of every page turn, as a browser tells them."""
    manifest = client.get(f"/books/{book}/manifest").raise_for_status().json()
    for section in manifest["sections"]:
        text = TextMap(client.get(f"/books/{book}/resources/{manifest['version']}/{section['href']}").text)
        for offset in range(0, len(text.text), PAGE):
            yield section["number"], complete(section["cfi"], text.cfi(offset)), text.text[offset : offset + 80]


Saver = Callable[[], Awaitable[None]]


async def _saver(stack: AsyncExitStack, address: str, reader: Reader, number: int) -> Saver:
    """Turns the pages of one book, over two connections as a browser may use; each reader is at another page of it."""
    free: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
    for _ in range(2):
        free.put_nowait(await stack.enter_async_context(await Connection.open(address)))
    begin = len(reader.places) * number // READERS
    turns = cycle(reader.places[begin:] + reader.places[:begin])

    async def save() -> None:
        connection = await free.get()
        await connection.put(f"/api/v1/books/{reader.book}/progress", reader.cookie, _report(*next(turns)))
        free.put_nowait(connection)

    return save


def _report(chapter: int, cfi: str, quote: str) -> bytes:
    now = datetime.now(UTC).isoformat()
    report: dict[str, Any] = {"chapter": chapter, "cfi": cfi, "quote": quote, "device": "Bench", "key": str(uuid4())}
    return json.dumps(report | {"client_time": now, "sent_at": now}).encode()


async def _at_rate(savers: list[Saver], rate: int, seconds: float) -> list[float]:
    """Seconds of every save from the moment when it was due."""
    begun = asyncio.get_running_loop().time() + 0.1

    async def one(number: int) -> float:
        due = begun + number / rate
        await asyncio.sleep(due - asyncio.get_running_loop().time())
        await savers[number % len(savers)]()
        return asyncio.get_running_loop().time() - due

    return list(await asyncio.gather(*(one(number) for number in range(int(rate * seconds)))))


async def _as_fast_as_possible(savers: list[Saver], seconds: float) -> float:
    """Saves a second when every reader saves again as soon as it is answered."""
    return await _a_second(savers, seconds)


async def _commits(url: str, connections: int) -> float:
    """Commits a second of one small row each, without anything around them."""
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    opened = [await asyncpg.connect(dsn) for _ in range(connections)]
    await opened[0].execute("create table if not exists bench_commits (key uuid, at timestamptz default now())")
    statements = [await one.prepare("insert into bench_commits (key) values (gen_random_uuid())") for one in opened]
    found = await _a_second([statement.fetch for statement in statements], WARM_SECONDS)
    for one in opened:
        await one.close()
    return found


async def _a_second(works: list[Callable[[], Awaitable[Any]]], seconds: float) -> float:
    loop = asyncio.get_running_loop()
    begun = loop.time()

    async def again(work: Callable[[], Awaitable[Any]]) -> int:
        count = 0
        while loop.time() - begun < seconds:
            await work()
            count += 1
        return count

    counts = await asyncio.gather(*(again(work) for work in works))
    return sum(counts) / (loop.time() - begun)
