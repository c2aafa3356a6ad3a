"""A book with passages, a person who owns it, and all picture services on loopback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from bookreader.jobs.names import JobKind
from bookreader.jobs.worker import Worker
from bookreader.settings import Settings
from bookreader.work import Installation, make_worker
from tests.integration.api.conftest import Api, at_work, here, reader, stranger, visit  # noqa: F401 - fixtures
from tests.integration.database.rows import connect, insert
from tests.integration.illustrations.fakes import automatic1111, midjourney, openai_images, pollinations
from tests.integration.illustrations.fakes.server import FakeServer
from tests.waiting import pauses

LOCATION = "The moor rose hill behind hill, all heather and rocks, under a low sun; tarn number {} lay black below."
PERSON = "Harkness was a tall, lean man with a scar on one cheek and coat number {}, which had once been blue."


@dataclass
class Fakes:
    """The four services."""

    pollinations: FakeServer
    openai: FakeServer
    stable_diffusion: FakeServer
    midjourney: FakeServer
    proxy: midjourney.Midjourney

    @property
    def hosts(self) -> str:
        servers = (self.pollinations, self.openai, self.stable_diffusion, self.midjourney)
        return ",".join(server.host for server in servers)


@pytest.fixture
async def fakes() -> AsyncIterator[Fakes]:
    proxy = midjourney.Midjourney()
    async with AsyncExitStack() as stack:
        contracts: Any = (
            pollinations.pollinations,
            openai_images.openai_images,
            automatic1111.automatic1111(),
            proxy,
        )
        servers = [await stack.enter_async_context(FakeServer(contract)) for contract in contracts]
        yield Fakes(*servers, proxy=proxy)


@pytest.fixture
def settings(tmp_path: Path, database_url: str, fakes: Fakes) -> Settings:
    return Settings(
        data_dir=tmp_path / "data",
        database_url=database_url,
        private_hosts=fakes.hosts,
        pollinations_url=fakes.pollinations.url,
        pollinations_key=SecretStr(pollinations.KEY),
        openai_url=f"{fakes.openai.url}/v1",
        openai_key=SecretStr(openai_images.KEY),
        stable_diffusion_url=fakes.stable_diffusion.url,
        midjourney_url=fakes.midjourney.url,
        midjourney_key=SecretStr(midjourney.SECRET),
        midjourney_pause=0.05,
        picture_seconds=6,
        free_images=7,
    )


@dataclass
class Shelf:
    """A book of the reader with its descriptions in order: each chapter has a place, then a person."""

    book: str
    descriptions: list[str]
    url: str
    settings: Settings
    sql: Any
    workers: list[Worker] = field(default_factory=list)

    async def row(self, image: str) -> dict[str, Any]:
        return dict(await self.sql.fetchrow("select * from generated_images where id = $1", UUID(image)))

    async def ledger(self) -> list[tuple[str, str, float]]:
        rows = await self.sql.fetch("select service, state, price from ledger order by created_at, subject_id")
        return [(row["service"], row["state"], float(row["price"])) for row in rows]


@pytest.fixture
async def shelf(reader: Api, database_url: str, settings: Settings) -> AsyncIterator[Shelf]:  # noqa: F811
    async with connect(database_url) as sql:
        user = await sql.fetchval("select id from users")
        book = await insert(
            sql, "books", user_id=user, content_hash="a" * 64, is_parsed=True, characters=30_000, title="The Moor",
            language="en", manifest="{}", resource_version="v1",
        )  # fmt: skip
        found = []
        for number in range(1, 6):
            chapter = await insert(
                sql,
                "chapters",
                book_id=book,
                chapter_number=number,
                characters=6_000,
                content="x",
                href=f"{number}.xhtml",
            )
            for place, (kind, text) in enumerate((("LOCATION", LOCATION), ("CHARACTER", PERSON))):
                start = 1_000 + 2_000 * place
                found.append(
                    await insert(
                        sql, "descriptions", chapter_id=chapter, type=kind, content=text.format(number),
                        position_in_chapter=start, start_offset=start, end_offset=start + 100,
                        priority_score=0.9 - place / 10, confidence_score=0.8,
                        entities='[{"name": "Harkness", "kind": "person"}]' if place else "[]",
                    )
                )  # fmt: skip
        yield Shelf(str(book), [str(one) for one in found], database_url, settings, sql)


@asynccontextmanager
async def working(
    here: Installation,  # noqa: F811
    workers: int = 1,
    kind: JobKind = JobKind.ILLUSTRATE,
) -> AsyncIterator[None]:
    """Workers that do one kind of job."""
    started = [make_worker(here, {kind: here.pipeline.handlers()[kind]}) for _ in range(workers)]
    running = [asyncio.create_task(at_work(worker)) for worker in started]
    try:
        yield
    finally:
        for worker in started:
            worker.stop()
        await asyncio.wait(running, timeout=10)
        for task in running:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@pytest.fixture
async def worker(here: Installation) -> AsyncIterator[None]:  # noqa: F811
    async with working(here):
        yield


Until = Callable[[str], Awaitable[dict[str, Any]]]


async def until(condition: Callable[[], Awaitable[Any]], seconds: float = 40) -> Any:
    """The first answer that is true."""
    async with asyncio.timeout(seconds):
        for pause in pauses():
            if found := await condition():
                break
            await asyncio.sleep(pause)
    return found


async def ended(api: Api, image: str, seconds: float = 40) -> dict[str, Any]:
    """The illustration once it is no longer under way."""

    async def look() -> dict[str, Any] | None:
        found: dict[str, Any] = await api.get(f"illustrations/{image}")
        return found if found["status"] not in ("pending", "generating") else None

    found: dict[str, Any] = await until(look, seconds)
    return found
