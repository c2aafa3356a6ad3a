"""The server is killed at random points of uploads: what was acknowledged is there, and nothing is half there."""

import asyncio
import math
import random
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bookreader.admin.sweep import sweep
from bookreader.database import Database
from bookreader.settings import Settings
from bookreader.storage import Storage, content_hash
from tests.books.novel import novel
from tests.integration.database.rows import connect
from tests.integration.serving.processes import Running, bookreader, register

KILLS, KILLS_DEEP = 3, 100

pytestmark = pytest.mark.processes


@dataclass
class Uploads:
    """Uploads one book after another until the server is gone. `acknowledged`: the hash of each accepted book."""

    client: httpx.Client
    seeds: range
    acknowledged: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        for seed in self.seeds:
            data = novel(3, 150, seed=seed)
            try:
                answer = self.client.post("books", files={"file": (f"{seed}.epub", data)})
            except httpx.HTTPError:
                return
            assert answer.status_code in (202, 409), answer.text
            self.acknowledged[answer.json()["id"]] = content_hash(data)


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "BOOKREADER_DATABASE_URL": database_url,
        "BOOKREADER_DATA_DIR": str(tmp_path / "data"),
        "BOOKREADER_PORT": "0",
        "BOOKREADER_PLATES_PER_BOOK": "0",
        "BOOKREADER_LEASE_SECONDS": "5",
    }


async def test_no_kill_orphans_a_row_or_a_file_and_nothing_acknowledged_is_lost(
    environment: dict[str, str], database_url: str, tmp_path: Path, deep: bool
) -> None:
    acknowledged: dict[str, str] = {}
    chance = random.Random(18)  # noqa: S311 - moments, no secrets
    cookies = httpx.Cookies()
    for kill in range(KILLS_DEEP if deep else KILLS):
        with _serving(environment, tmp_path / f"{kill}.log", cookies) as (app, client):
            acknowledged |= _upload_until_killed(app, client, kill, chance.uniform(0.05, 1.5))
    assert acknowledged
    with _serving(environment, tmp_path / "last.log", cookies) as (_, client):
        await _until_all_is_done(database_url)
        _everything_is_whole(client, acknowledged)
    await _no_file_is_orphaned(database_url, tmp_path / "data")


def _upload_until_killed(app: Running, client: httpx.Client, kill: int, seconds: float) -> dict[str, str]:
    """The hash of each book that was acknowledged before the kill, by its id."""
    uploads = Uploads(client, range(1000 * kill, 1000 * kill + 1000))
    thread = threading.Thread(target=uploads.run)
    thread.start()
    time.sleep(seconds)
    app.process.kill()
    app.process.wait()
    thread.join()
    return uploads.acknowledged


@contextmanager
def _serving(environment: dict[str, str], log: Path, cookies: httpx.Cookies) -> Iterator[tuple[Running, httpx.Client]]:
    with (
        bookreader("serve", log=log, environment=environment) as app,
        closing(_signed_in(app, cookies)) as client,
    ):
        yield app, client


def _signed_in(app: Running, cookies: httpx.Cookies) -> httpx.Client:
    if not cookies:
        client = register(app.address())
        cookies.update(client.cookies)
        return client
    return httpx.Client(base_url=f"{app.address()}/api/v1/", cookies=cookies, timeout=30)


async def _until_all_is_done(database_url: str) -> None:
    """A hundred kills leave a thousand jobs, and jobs order others: what counts is that again and again one ends."""
    async with connect(database_url) as sql:
        ended, deadline = -1, math.inf
        while True:
            now_ended, left = await sql.fetchrow(
                "SELECT count(finished_at), count(*) - count(finished_at) FROM processing_jobs"
            )
            if not left:
                return
            if now_ended > ended:
                ended, deadline = now_ended, time.monotonic() + 60
            assert time.monotonic() < deadline, f"{left} jobs are left over, and none of them ends"
            await asyncio.sleep(0.2)


def _everything_is_whole(client: httpx.Client, acknowledged: dict[str, str]) -> None:
    shelf = {book["id"]: book for book in _all_books(client)}
    assert set(acknowledged) <= set(shelf)
    for book in shelf.values():
        assert book["is_parsed"], book
        data = client.get(f"books/{book['id']}/file").content
        assert content_hash(data) == acknowledged.get(book["id"], content_hash(data))
        assert len(data) == book["file_size"]
        assert len(client.get(f"books/{book['id']}/chapters").json()["items"]) == 3


def _all_books(client: httpx.Client) -> list[dict[str, str]]:
    books: list[dict[str, str]] = []
    cursor = None
    while True:
        page = client.get("books", params={"limit": 200} | ({"cursor": cursor} if cursor else {})).json()
        books += page["items"]
        cursor = page["next"]
        if cursor is None:
            return books


async def _no_file_is_orphaned(database_url: str, data_dir: Path) -> None:
    """Every file that is referenced is there; after one sweep without grace there is no other."""
    storage = Storage.from_settings(Settings(data_dir=data_dir, database_url=database_url))
    async with Database(database_url, pool=2) as database:
        swept = await sweep(database, storage, grace=timedelta(days=-1))
        again = await sweep(database, storage, grace=timedelta(days=-1))
    assert again.put_aside == 0
    assert again.kept == swept.kept > 0
    assert not list(data_dir.rglob("*.tmp"))
