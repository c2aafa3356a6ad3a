"""A real PostgreSQL for every test: one cluster per test process, one migrated template, cheap copies of it.

BOOKREADER_TEST_SERVER=15 runs on PostgreSQL 15 instead of the embedded version (programs from BOOKREADER_PG_BINDIR or
Debian's folder); BOOKREADER_TEST_DATABASE_URL on a server that runs already, where the user may create databases.
"""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import make_url

from bookreader.database import Database, Session
from bookreader.database.embedded import EmbeddedServer
from tests.conftest import is_deep
from tests.folders import passing_folder

MEMORY = Path("/dev/shm")
ROOM = 4 << 30
"""Bytes that a run may need."""
DEBIAN = Path("/usr/lib/postgresql/15/bin")


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server on which tests create databases of their own."""

    maintenance_url: str

    def url_of(self, database: str) -> str:
        return make_url(self.maintenance_url).set(database=database).render_as_string(hide_password=False)

    async def execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.maintenance_url.replace("+asyncpg", ""))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def create(self, template: str | None = None) -> str:
        """A new database, empty or a copy, by its name."""
        name = f"t_{uuid4().hex}"
        copy = f"template {template} strategy file_copy" if template else ""
        await self.execute(f"create database {name} {copy}")
        return name

    async def drop(self, name: str) -> None:
        await self.execute(f"drop database if exists {name} with (force)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The second run, on PostgreSQL 15, leaves out what would be the same again (docs/decisions/0027)."""
    if not _is_on_15():
        return
    config.hook.pytest_deselected(items=[item for item in items if not _is_about_the_server(item)])
    items[:] = filter(_is_about_the_server, items)


def _is_about_the_server(item: pytest.Item) -> bool:
    uses_one = bool({"server", "pg_bindir"} & set(getattr(item, "fixturenames", ())))
    return uses_one and (is_deep() or "processes" not in item.keywords)


def _is_on_15() -> bool:
    return os.environ.get("BOOKREADER_TEST_SERVER", "") == "15"


@pytest.fixture(scope="session")
def pg_bindir() -> Path | None:
    """The folder of the PostgreSQL programs that this run is about; None = the embedded ones."""
    if not _is_on_15():
        return None
    folder = Path(os.environ.get("BOOKREADER_PG_BINDIR") or DEBIAN)
    if not (folder / "postgres").is_file():
        pytest.skip(f"PostgreSQL 15 is not in {folder}: install it or set BOOKREADER_PG_BINDIR")
    return folder


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder that the user of a dropped server can reach, unlike tmp_path."""
    with passing_folder() as folder:
        yield folder


def _memory() -> Path | None:
    """Where files live in memory, if there is room: a copy of a database takes a tenth of the time there."""
    return MEMORY if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM else None


@pytest.fixture(scope="session")
async def server(pg_bindir: Path | None) -> AsyncIterator[Server]:
    if given := os.environ.get("BOOKREADER_TEST_DATABASE_URL"):
        yield Server(make_url(given).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False))
        return
    with passing_folder(_memory()) as folder:
        async with EmbeddedServer(folder, pg_bindir=pg_bindir, durable=False) as embedded:
            yield Server(embedded.url_of("postgres"))


@pytest.fixture(scope="session")
async def template(server: Server) -> AsyncIterator[str]:
    """The name of a database migrated to head, once per run. Tests take copies of it."""
    from bookreader.database.migrate import upgrade

    name = await server.create()
    await upgrade(server.url_of(name))
    yield name
    await server.drop(name)


@pytest.fixture
async def empty_database_url(server: Server) -> AsyncIterator[str]:
    """A database of this test's own without any migration."""
    name = await server.create()
    yield server.url_of(name)
    await server.drop(name)


@pytest.fixture
async def database_url(server: Server, template: str) -> AsyncIterator[str]:
    """A database of this test's own, migrated to head."""
    name = await server.create(template)
    yield server.url_of(name)
    await server.drop(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database of this test's own, in which transactions really commit."""
    async with Database(database_url, pool=5) as opened:
        yield opened


@pytest.fixture(scope="session")
async def _shared_database(server: Server, template: str) -> AsyncIterator[Database]:
    name = await server.create(template)
    async with Database(server.url_of(name), pool=2) as opened:
        yield opened
    await server.drop(name)


@pytest.fixture
async def session(_shared_database: Database) -> AsyncIterator[Session]:
    """A session in one transaction that is rolled back after the test: the cheapest, for queries."""
    async with _shared_database.engine.connect() as connection:
        outer = await connection.begin()
        async with Session(bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as opened:
            yield opened
        await outer.rollback()
