"""The whole app on a real database, asked over HTTP, with its worker beside it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from pgqueuer.domain.errors import FailingListenerError

from bookreader.app import create_app, equip
from bookreader.events import Events
from bookreader.jobs.worker import Worker
from bookreader.sample import sample_epub
from bookreader.serve import services_of
from bookreader.settings import Settings
from bookreader.work import Installation, installation, make_worker
from tests.waiting import pauses

HOST = "http://reader.test"


@dataclass
class Api:
    """A browser or program that talks to the app."""

    client: httpx.AsyncClient
    email: str = ""

    async def get(self, path: str, status: int = 200, **kwargs: Any) -> Any:
        return _checked(await self.client.get(f"/api/v1/{path}", **kwargs), status)

    async def post(self, path: str, json: Any = None, status: int = 200, **kwargs: Any) -> Any:
        return _checked(await self.client.post(f"/api/v1/{path}", json=json, **kwargs), status)

    async def put(self, path: str, json: Any, status: int = 200) -> Any:
        return _checked(await self.client.put(f"/api/v1/{path}", json=json), status)

    async def patch(self, path: str, json: Any, status: int = 200) -> Any:
        return _checked(await self.client.patch(f"/api/v1/{path}", json=json), status)

    async def delete(self, path: str, status: int = 204) -> Any:
        return _checked(await self.client.delete(f"/api/v1/{path}"), status)

    async def upload(self, data: bytes, name: str = "book.epub", status: int = 202) -> Any:
        answer = await self.client.post("/api/v1/books", files={"file": (name, data)})
        return _checked(answer, status)

    async def place(self, book: str, chapter: int, cfi: str | None, device: str = "Laptop", **more: Any) -> Any:
        body = {"chapter": chapter, "cfi": cfi, "device": device, "key": str(uuid4())} | more
        return await self.put(f"books/{book}/progress", body)


def _checked(answer: httpx.Response, status: int) -> Any:
    assert answer.status_code == status, (
        f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    )
    kind = answer.headers.get("content-type", "")
    return answer.json() if "json" in kind and answer.content else answer


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url=database_url, plates_per_book=3)


@pytest.fixture
async def here(settings: Settings) -> AsyncIterator[Installation]:
    assert settings.database_url
    async with installation(settings, settings.database_url, migrate=False) as opened:
        yield opened


@cache
def _app() -> FastAPI:
    """Its routes are worked out with the first request: once for all tests."""
    return create_app()


@pytest.fixture
async def visit(here: Installation) -> AsyncIterator[Callable[[], Api]]:
    """Makes browsers: each call is a new one without a cookie."""
    events = Events(here.database)
    app = equip(_app(), services_of(here), here.pipeline.parser, events)
    listening = asyncio.create_task(events.run())
    clients: list[httpx.AsyncClient] = []

    def new() -> Api:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        clients.append(httpx.AsyncClient(transport=transport, base_url=HOST))
        return Api(clients[-1])

    yield new
    events.stopping.set()
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening
    for client in clients:
        await client.aclose()


async def _registered(api: Api, email: str) -> Api:
    await api.post("auth/register", {"email": email, "password": "correct horse"}, 201)
    api.email = email
    return api


@pytest.fixture
async def reader(visit: Callable[[], Api]) -> Api:
    """A signed-in person, the first of the installation."""
    return await _registered(visit(), "ada@example.org")


@pytest.fixture
async def stranger(visit: Callable[[], Api], reader: Api) -> Api:
    """Another signed-in person, who administers nothing."""
    return await _registered(visit(), "eve@example.org")


async def at_work(worker: Worker) -> None:
    """A busy machine may make the queue doubt its listener; it is started again, as `serve` does."""
    while not worker.stopping:
        with suppress(FailingListenerError):
            await worker.run()


@asynccontextmanager
async def running_worker(here: Installation) -> AsyncIterator[Worker]:
    worker = make_worker(here, here.pipeline.handlers())
    running = asyncio.create_task(at_work(worker))
    yield worker
    worker.stop()
    await running


@pytest.fixture
async def worker(here: Installation) -> AsyncIterator[Worker]:
    async with running_worker(here) as started:
        yield started


async def until_jobs_end(api: Api, book: str) -> list[dict[str, Any]]:
    """Waits until every job of the book has ended, those that jobs ordered included."""
    async with asyncio.timeout(60):
        for pause in pauses():
            jobs = (await api.get(f"jobs?book={book}&limit=200"))["items"]
            if jobs and all(job["state"] in ("done", "failed", "cancelled") for job in jobs):
                break
            await asyncio.sleep(pause)
    return list(jobs)


@pytest.fixture
async def sample(reader: Api, worker: Worker) -> str:
    """The id of the sample book on the reader's shelf, with everything drawn."""
    accepted = await reader.upload(sample_epub())
    jobs = await until_jobs_end(reader, accepted["id"])
    assert {job["state"] for job in jobs} == {"done"}, jobs
    return str(UUID(accepted["id"]))
