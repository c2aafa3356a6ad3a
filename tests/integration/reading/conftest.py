"""Readers with books that are there at once, and a database whose clock can be moved."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from bookreader.library.ingest import ingest
from bookreader.library.parse_child import publication_json
from bookreader.library.queries import add_book
from bookreader.publications import open_publication
from bookreader.publications.cfi import complete, complete_range
from bookreader.publications.text import TextMap
from bookreader.settings import Settings
from bookreader.work import Installation
from tests.books.build import Book, Page, build_epub, paragraphs
from tests.integration.api.conftest import Api
from tests.integration.api.conftest import here as here
from tests.integration.api.conftest import reader as reader
from tests.integration.api.conftest import stranger as stranger
from tests.integration.api.conftest import visit as visit

WORDS = (
    "the",
    "old",
    "lamp",
    "burned",
    "low",
    "while",
    "rain",
    "went",
    "over",
    "the",
    "roofs",
    "and",
    "nobody",
    "came",
)


@dataclass
class Novel:
    """A book on someone's shelf, with the addresses of its text."""

    id: str
    chapters: list[dict[str, Any]]

    @cached_property
    def texts(self) -> dict[int, TextMap]:
        return {chapter["number"]: TextMap(chapter["html"]) for chapter in self.chapters}

    def step(self, chapter: int) -> str:
        return str(self.chapters[chapter - 1]["cfi"])

    def at(self, chapter: int, offset: int) -> dict[str, Any]:
        """A place as a device tells it."""
        text = self.texts[chapter]
        while text.text[offset].isspace():
            offset += 1
        return {
            "chapter": chapter,
            "cfi": complete(self.step(chapter), text.cfi(offset)),
            "quote": text.text[offset : offset + 80],
        }

    def range(self, chapter: int, start: int, end: int) -> str:
        return complete_range(self.step(chapter), self.texts[chapter], start, end)

    @cached_property
    def pages(self) -> list[dict[str, Any]]:
        """The places of every page turn through the book, one per position."""
        return [
            self.at(number, offset) for number, text in self.texts.items() for offset in range(0, len(text.text), 1024)
        ]


def sentences(chapter: int, count: int) -> list[str]:
    """Paragraphs of which no two are alike, about 1,000 characters each."""
    return [
        " ".join(f"{word} {chapter}-{number}-{index}" for index, word in enumerate(WORDS * 6))
        for number in range(count)
    ]


def story(chapters: int = 6, length: int = 8, **more: Any) -> Book:
    """A book of about `chapters` x `length` positions."""
    pages = [Page(f"Chapter {n}", paragraphs(*sentences(n, length))) for n in range(1, chapters + 1)]
    return Book(pages=pages, **more)


Shelve = Callable[..., Awaitable[Novel]]


@pytest.fixture
async def shelve(here: Installation) -> Shelve:
    """Puts a book on a person's shelf without waiting for a worker."""

    async def put(api: Api, book: Book) -> Novel:
        data = build_epub(book)
        unpacked = publication_json(open_publication(data))
        digest = hashlib.sha256(uuid4().bytes).hexdigest()
        me = await api.get("me")
        async with here.database.transaction() as session:
            row = await add_book(
                session,
                UUID(me["id"]),
                title=book.title,
                file_format="epub",
                file_size=len(data),
                content_hash=digest,
            )
            await ingest(session, row.id, unpacked, [])
        return Novel(str(row.id), unpacked["chapters"])

    return put


@pytest.fixture
async def novel(reader: Api, shelve: Shelve) -> Novel:
    return await shelve(reader, story())


class Clock:
    """The time that the database tells. It goes on by itself; `pass_by` moves it."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.shift = timedelta()

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift

    async def pass_by(self, **time: float) -> datetime:
        return await self.set(self.now + timedelta(**time))

    async def set(self, now: datetime) -> datetime:
        self.shift = now - datetime.now(UTC)
        await self._connection.execute("update shifted.clock set shift = $1", self.shift)
        return now


SHIFTED = """
    create schema shifted;
    create table shifted.clock (shift interval not null);
    insert into shifted.clock values ('0');
    create function shifted.clock_timestamp() returns timestamptz volatile language sql
        as 'select pg_catalog.clock_timestamp() + shift from shifted.clock';
    create function shifted.now() returns timestamptz stable language sql
        as 'select pg_catalog.now() + shift from shifted.clock';
"""


@pytest.fixture
async def clock(database_url: str) -> Any:
    """Functions of the same names are found before PostgreSQL's own: what is tested knows nothing of it."""
    connection = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    await connection.execute(SHIFTED)
    name = await connection.fetchval("select current_database()")
    await connection.execute(f"alter database {name} set search_path = shifted, pg_catalog, public")
    yield Clock(connection)
    await connection.close()


@pytest.fixture
def settings(tmp_path: Path, database_url: str, clock: Clock) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url=database_url)


@dataclass
class Device:
    """Somebody's device, by the API."""

    api: Api
    name: str
    book: str

    async def place(self, place: dict[str, Any], **more: Any) -> Any:
        body = place | {"device": self.name, "key": str(uuid4())} | more
        return await self.api.put(f"books/{self.book}/progress", body)

    async def batch(self, places: list[dict[str, Any]]) -> Any:
        reports = [{"device": self.name, "key": str(uuid4())} | place for place in places]
        return await self.api.post(f"books/{self.book}/places", reports)

    async def progress(self) -> Any:
        return await self.api.get(f"books/{self.book}/progress", params={"device": self.name})

    async def start(self, **more: Any) -> Any:
        return await self.api.post(f"books/{self.book}/sessions", {"device": self.name} | more, 201)

    async def alive(self, session: Any, **more: Any) -> Any:
        return await self.api.patch(f"sessions/{session['id']}", more)

    async def end(self, session: Any, **more: Any) -> Any:
        return await self.api.post(f"sessions/{session['id']}/end", more or None)


@pytest.fixture
def laptop(reader: Api, novel: Novel) -> Device:
    return Device(reader, "Laptop", novel.id)


@pytest.fixture
def phone(reader: Api, novel: Novel) -> Device:
    return Device(reader, "Phone", novel.id)


async def history(api: Api, book: str) -> list[dict[str, Any]]:
    """All places that the API shows, newest first."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await api.get(f"books/{book}/places", params={"limit": 40} | ({"cursor": cursor} if cursor else {}))
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            return found
