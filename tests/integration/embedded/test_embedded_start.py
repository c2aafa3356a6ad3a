"""The embedded server from nothing to stopped, alone and shared."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from bookreader.database.embedded import running_url
from bookreader.settings import Settings
from tests.integration.embedded.processes import MakeServer, StartApp, postgres_of

pytestmark = pytest.mark.processes


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_starts_from_nothing_keeps_rows_and_leaves_nothing_running(
    make_server: MakeServer, short_folder: Path
) -> None:
    first = make_server()
    await ask(await first.start(), "create table kept as select 7 as number")
    sockets = first.socket_folder
    await first.stop()
    assert not sockets.exists()
    assert not postgres_of(short_folder)
    second = make_server()
    assert await ask(await second.start(), "select number from kept") == 7


async def test_speaks_utf8_and_compares_cyrillic_without_case(make_server: MakeServer) -> None:
    url = await make_server().start()
    await ask(url, "create extension pg_trgm")
    assert await ask(url, "select similarity('Война', 'война')") == 1
    assert await ask(url, "show server_encoding") == "UTF8"
    assert await ask(url, "select lower('ЁЖ')") == "ёж"


async def test_offers_uuid_ossp(make_server: MakeServer) -> None:
    url = await make_server().start()
    await ask(url, 'create extension "uuid-ossp"')
    await ask(url, "create table rows (id uuid default uuid_generate_v4(), number int)")
    assert str(await ask(url, "insert into rows (number) values (1) returning id"))[14] == "4"


async def test_listens_on_no_network_and_lets_nobody_else_in(make_server: MakeServer) -> None:
    server = make_server()
    assert await ask(await server.start(), "show listen_addresses") == ""
    assert server.socket_folder.stat().st_mode & 0o777 == 0o700


async def test_a_durable_server_does_not_skip_the_disk(make_server: MakeServer) -> None:
    url = await make_server().start()
    assert [await ask(url, f"show {name}") for name in ("fsync", "full_page_writes", "synchronous_commit")] == [
        "on"
    ] * 3


async def test_the_last_one_to_leave_stops_it(make_server: MakeServer, short_folder: Path) -> None:
    starter, other = make_server(), make_server()
    assert await starter.start() == await other.start()
    await starter.stop()
    assert await ask(other.url, "select 1") == 1
    await other.stop()
    assert not postgres_of(short_folder)


async def test_processes_that_come_at_once_share_one_server(
    start_app: StartApp, short_folder: Path, *, deep: bool
) -> None:
    for _ in range(5 if deep else 1):
        apps = await asyncio.gather(*(start_app("hold") for _ in range(4)))
        said = [await app.line() for app in apps]
        assert len({each["url"] for each in said}) == 1
        assert len(postgres_of(short_folder)) == 1
        assert await asyncio.gather(*(app.leave() for app in apps)) == [{"left": True}] * 4
        assert not postgres_of(short_folder)


async def test_coming_while_the_last_one_leaves_finds_a_server(start_app: StartApp, *, deep: bool) -> None:
    leaving = await start_app("hold")
    await leaving.line()
    for _ in range(20 if deep else 3):
        coming = await start_app("hold")
        left, said = await asyncio.gather(leaving.leave(), coming.line())
        assert left == {"left": True}
        assert await ask(said["url"], "select 1") == 1
        leaving = coming


async def test_a_command_starts_the_server_and_stops_it_afterwards(short_folder: Path, pg_bindir: Path | None) -> None:
    settings = Settings(data_dir=short_folder, pg_bindir=pg_bindir)
    async with running_url(settings) as url:
        assert await ask(url, "select 1") == 1
    assert not postgres_of(short_folder)


async def test_a_configured_server_is_taken_as_it_is(short_folder: Path) -> None:
    settings = Settings(data_dir=short_folder, database_url="postgresql://somebody@elsewhere/books")
    async with running_url(settings) as url:
        assert url == "postgresql+asyncpg://somebody@elsewhere/books"
    assert not list(short_folder.iterdir())


async def test_stopping_twice_or_unstarted_is_harmless(make_server: MakeServer) -> None:
    server = make_server()
    await server.stop()
    await server.start()
    await server.stop()
    await server.stop()


async def test_the_cluster_may_lie_elsewhere_and_names_its_version(make_server: MakeServer, short_folder: Path) -> None:
    server = make_server(cluster_dir=short_folder / "elsewhere")
    url = await server.start()
    major = str(await ask(url, "show server_version")).partition(".")[0]
    assert (short_folder / "elsewhere" / f"postgresql-{major}" / "PG_VERSION").read_text().strip() == major
    assert not (short_folder / "database").exists()


async def test_nothing_of_our_environment_reaches_the_server(
    make_server: MakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_KEY", "secret")
    server = make_server()
    await server.start()
    assert b"A_KEY" not in Path(f"/proc/{server.pid}/environ").read_bytes()
