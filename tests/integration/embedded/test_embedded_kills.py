"""SIGKILL of every process, at bad moments: the next start works, and no committed row is lost."""

import asyncio
import random
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from bookreader.database import Database, DatabaseUnavailable
from tests.integration.embedded.processes import App, MakeServer, StartApp, is_dead, kill, postgres_of, until

pytestmark = pytest.mark.processes


async def rows(url: str) -> set[int]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return {row[0] for row in await connection.fetch("select number from kept")}
    finally:
        await connection.close()


async def some_rows(app: App, count: int) -> set[int]:
    return {(await app.line())["kept"] for _ in range(count)}


@pytest.fixture
def repeats(*, deep: bool) -> int:
    return 20 if deep else 2


async def test_a_killed_app_loses_no_row_and_its_server_is_replaced(
    start_app: StartApp, make_server: MakeServer, short_folder: Path, repeats: int
) -> None:
    kept: set[int] = set()
    for _ in range(repeats):
        app = await start_app("write")
        orphan = (await app.line())["postmaster"]
        kept |= await some_rows(app, 50)
        await app.kill()
        kept |= {line["kept"] for line in await app.rest()}
        assert postgres_of(short_folder) == [orphan]
        server = make_server()
        assert await rows(await server.start()) >= kept
        assert server.pid != orphan
        await server.stop()


async def test_a_killed_server_is_started_again_at_the_same_address(
    start_app: StartApp, make_server: MakeServer, short_folder: Path, repeats: int
) -> None:
    server = make_server()
    url = await server.start()
    watching = asyncio.create_task(server.watch())
    kept: set[int] = set()
    for _ in range(repeats):
        app = await start_app("write", stderr=asyncio.subprocess.DEVNULL)
        assert (await app.line())["url"] == url
        kept |= await some_rows(app, 50)
        dead = server.pid
        kill(dead)
        kept |= {line["kept"] for line in await app.rest() if "kept" in line}
        await until(lambda gone=dead: server.pid not in (None, gone))
        async with Database(url) as database:
            await answering(database)
        assert await rows(url) >= kept
    watching.cancel()
    await server.stop()
    assert not postgres_of(short_folder)


async def answering(database: Database) -> None:
    async with asyncio.timeout(20):
        while True:
            with suppress(DatabaseUnavailable):
                return await database.ping()
            await asyncio.sleep(0.05)


async def test_server_and_app_killed_together(start_app: StartApp, make_server: MakeServer, repeats: int) -> None:
    kept: set[int] = set()
    for _ in range(repeats):
        app = await start_app("write")
        postmaster = (await app.line())["postmaster"]
        kept |= await some_rows(app, 50)
        kill(postmaster)
        await app.kill()
        kept |= {line["kept"] for line in await app.rest()}
        server = make_server()
        assert await rows(await server.start()) >= kept
        await server.stop()


async def test_who_comes_after_the_server_died_starts_it_for_the_others_too(make_server: MakeServer) -> None:
    holder, comer = make_server(), make_server()
    url = await holder.start()
    died = holder.pid
    kill(died)
    await until(lambda: is_dead(died))
    assert await comer.start() == url
    await holder.stop()
    async with Database(url) as database:
        await database.ping()


async def test_two_who_notice_the_death_start_one_server(
    make_server: MakeServer, short_folder: Path, caplog: pytest.LogCaptureFixture, repeats: int
) -> None:
    holders = [make_server() for _ in range(3)]
    urls = {await holder.start() for holder in holders}
    watching = [asyncio.create_task(holder.watch()) for holder in holders]
    for _ in range(repeats):
        dead = holders[0].pid
        kill(dead)
        await until(lambda gone=dead: all(holder.pid not in (None, gone) for holder in holders))
        async with Database(urls.copy().pop()) as database:
            await answering(database)
        assert len(postgres_of(short_folder)) == 1
    for task in watching:
        task.cancel()
    noticed = [record for record in caplog.records if "unexpectedly" in record.message]
    assert 1 <= len(noticed) <= len(holders) * repeats


async def test_a_first_start_killed_anywhere_leaves_a_folder_that_starts(
    start_app: StartApp, make_server: MakeServer, short_folder: Path, *, deep: bool
) -> None:
    moments = random.Random(7)  # noqa: S311 - moments, not secrets
    for number in range(30 if deep else 3):
        folder = short_folder / str(number)
        app = await start_app("hold", folder)
        with suppress(TimeoutError):
            await asyncio.wait_for(app.process.wait(), moments.uniform(0.3, 1.2))
        await app.kill()
        server = make_server(folder)
        await server.start()
        await server.stop()
        drafts = [each for each in (folder / "database").iterdir() if each.name.startswith(".")]
        assert not drafts


async def test_a_stale_process_number_of_another_program_is_left_alone(
    make_server: MakeServer, short_folder: Path
) -> None:
    server = make_server()
    await server.start()
    kill(server.pid)
    other = await asyncio.create_subprocess_exec("sleep", "60")
    pid_file = next((short_folder / "database").glob("postgresql-*/postmaster.pid"))
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
    await server.stop()
    assert other.returncode is None
    assert await make_server().start()
    assert other.returncode is None
    other.kill()
    await other.wait()
