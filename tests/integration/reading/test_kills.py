"""The server is killed between any two messages of a save to its database: a place is there as a whole or not at all,
and the device that was not answered sends it again without harm.

What is killed is the real command; between it and PostgreSQL stands a proxy that counts messages and kills at one.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from bookreader.settings import Settings
from bookreader.work import Installation
from tests.integration.reading.conftest import Novel
from tests.integration.serving.processes import bookreader
from tests.integration.serving.proxy import Proxy, proxy_to

pytestmark = pytest.mark.processes


@pytest.fixture
async def proxy(settings: Settings) -> AsyncIterator[Proxy]:
    async with proxy_to(settings.database_url or "") as found:
        yield found


@dataclass
class Victim:
    """A running server that can be killed in the middle of a save."""

    pid: int
    client: httpx.AsyncClient


@asynccontextmanager
async def running(settings: Settings, proxy: Proxy, log: Path, cookies: Any) -> AsyncIterator[Victim]:
    environment = {
        "BOOKREADER_DATABASE_URL": proxy.url,
        "BOOKREADER_DATA_DIR": str(settings.data_dir),
        "BOOKREADER_PORT": "0",
        "BOOKREADER_WORKER": "false",
    }
    with bookreader("serve", log=log, environment=environment) as process:
        address = await asyncio.to_thread(process.address)
        async with httpx.AsyncClient(base_url=f"{address}/api/v1", cookies=cookies, timeout=30) as client:
            yield Victim(process.process.pid, client)
        if proxy.victim is not None:
            # It was spared. Stopped here and not where the process is left: the proxy has to pass on its last words.
            proxy.victim = None
            assert await asyncio.to_thread(process.stop) == 0


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
