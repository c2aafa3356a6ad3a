"""The server is killed between any two messages of a save to its database: a place is there as a whole or not at all,
and the device that was not answered sends it again without harm.

What is killed is the real command; between it and PostgreSQL stands a proxy that counts messages and kills at one.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import URL, make_url, text

from bookreader.serve import Installation
from bookreader.settings import Settings
from tests.integration.reading.conftest import Novel
from tests.integration.serving.processes import bookreader


@dataclass
class Proxy:
    """Passes on what the server and PostgreSQL say to each other until a message is due that the server dies with."""

    target: URL
    port: int = 0
    victim: int | None = None
    left: int = 0
    heard: bool = False
    passed: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def kill_at(self, pid: int, message: int, *, heard: bool) -> None:
        """The server dies at its message of this number; `heard`: PostgreSQL hears it, but nobody its answer."""
        self.victim, self.left, self.heard, self.passed = pid, message, heard, 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the server, until either side ends it."""
        if task := asyncio.current_task():
            self.tasks.add(task)
        from_server, to_server = await self._connect()
        ways = {asyncio.create_task(self._ask(reader, to_server)), asyncio.create_task(_pass(from_server, writer))}
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for end in (writer, to_server):
                end.close()
                with suppress(ConnectionError):
                    await end.wait_closed()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        port = self.target.port or 5432
        if self.target.host:
            return await asyncio.open_connection(self.target.host, port)
        return await asyncio.open_unix_connection(f"{self.target.query['host']}/.s.PGSQL.{port}")

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await _read(reader):
            self.passed += 1
            fatal = self.victim is not None and self.passed == self.left
            if not fatal or self.heard:
                writer.write(data)
            if fatal and self.victim is not None:
                os.kill(self.victim, signal.SIGKILL)
                self.victim = None


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await _read(reader):
        writer.write(data)


async def _read(reader: asyncio.StreamReader) -> bytes:
    with suppress(ConnectionError):
        return await reader.read(65_536)
    return b""


@pytest.fixture
async def proxy(settings: Settings) -> AsyncIterator[Proxy]:
    found = Proxy(make_url(settings.database_url or ""))
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    yield found
    server.close()
    await asyncio.gather(*found.tasks, return_exceptions=True)


@dataclass
class Victim:
    """A running server that can be killed in the middle of a save."""

    pid: int
    client: httpx.AsyncClient


@asynccontextmanager
async def running(settings: Settings, proxy: Proxy, log: Path, cookies: Any) -> AsyncIterator[Victim]:
    url = make_url(settings.database_url or "").set(
        drivername="postgresql", host="127.0.0.1", port=proxy.port, query={}
    )
    environment = {
        "BOOKREADER_DATABASE_URL": url.render_as_string(hide_password=False),
        "BOOKREADER_DATA_DIR": str(settings.data_dir),
        "BOOKREADER_PORT": "0",
        "BOOKREADER_WORKER": "false",
    }
    with bookreader("serve", log=log, environment=environment) as process:
        address = await asyncio.to_thread(process.address)
        async with httpx.AsyncClient(base_url=f"{address}/api/v1", cookies=cookies, timeout=30) as client:
            yield Victim(process.process.pid, client)


@pytest.mark.parametrize("heard", [False, True], ids=["before it is heard", "before its answer"])
async def test_a_save_is_there_as_a_whole_or_not_at_all(
    heard: bool,
    deep: bool,
    settings: Settings,
    here: Installation,
    novel: Novel,
    proxy: Proxy,
    tmp_path: Path,
    reader: Any,
) -> None:
    reports = _reports(novel)
    unanswered: dict[str, Any] | None = None
    killed = 0
    for message in count(1 if deep else 2):
        log = tmp_path / f"{message}.log"
        async with running(settings, proxy, log, _cookies(reader)) as victim:
            if unanswered is not None:
                await _comes_through(victim, here, novel, unanswered)
            unanswered = next(reports)
            proxy.kill_at(victim.pid, message, heard=heard)
            if not await _is_killed_in(victim, novel, unanswered):
                break
            killed += 1
        await _is_whole(here, unanswered)
    assert killed >= (3 if deep else 2), "a save is who sends it, where the person is, and what is kept"
    await _is_whole(here, unanswered, there=True)


def _cookies(reader: Any) -> dict[str, str]:
    return dict(reader.client.cookies)


def _reports(novel: Novel) -> Iterator[dict[str, Any]]:
    """Page turns of one device, each with a key."""
    for place in novel.pages:
        yield place | {"device": "Laptop", "key": str(uuid4())}


async def _is_killed_in(victim: Victim, novel: Novel, report: dict[str, Any]) -> bool:
    try:
        answer = await victim.client.put(f"/books/{novel.id}/progress", json=report)
    except httpx.TransportError:
        return True
    assert answer.status_code == 200, answer.text
    return False


async def _comes_through(victim: Victim, here: Installation, novel: Novel, report: dict[str, Any]) -> None:
    """The device sends again what was never answered."""
    for _ in range(2):
        answer = await victim.client.put(f"/books/{novel.id}/progress", json=report)
        assert answer.status_code == 200, answer.text
        assert answer.json()["current"]["quote"].startswith(report["quote"][:40].strip())
    await _is_whole(here, report, there=True)


async def _is_whole(here: Installation, report: dict[str, Any], *, there: bool | None = None) -> None:
    """The place and the progress that points to it, or neither."""
    query = text("""
        SELECT count(places.id), count(*) FILTER (WHERE progress.current_place_id = places.id
            AND progress.current_page = places.page AND progress.reading_location_cfi = places.cfi)
        FROM places LEFT JOIN reading_progress AS progress USING (user_id, book_id) WHERE places.key = :key
    """)
    async with here.database.statements() as session:
        kept, pointed = (await session.execute(query, {"key": report["key"]})).one()
    assert kept == pointed
    assert kept in ((0, 1) if there is None else (int(there),))
