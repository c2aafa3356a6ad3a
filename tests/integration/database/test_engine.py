"""The engine: transactions, errors with a sentence, limits, notifications."""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from bookreader.database import (
    ConstraintViolated,
    Database,
    DatabaseBusy,
    DatabaseRefused,
    DatabaseUnavailable,
    DiskFull,
    Limits,
    Session,
    notify,
    violated,
)
from bookreader.database.embedded import EmbeddedServer
from bookreader.database.scratch import PREFIX, scratch_database
from bookreader.errors import Unavailable
from bookreader.settings import Settings
from tests.integration.conftest import Server
from tests.integration.database.rows import connect

# ruff: noqa: ASYNC221 - nothing else runs in the loop of a test

Ask = Callable[..., Awaitable[object]]


async def ask(database: Database, statement: str, **values: object) -> object:
    async with database.transaction() as session:
        result = await session.execute(text(statement), values)
        return result.scalar() if result.returns_rows else None


@pytest.fixture
async def plain(empty_database_url: str) -> AsyncIterator[Database]:
    """A database with one table of two rules."""
    async with Database(empty_database_url, pool=3, limits=Limits(statement=1, lock=0.3)) as database:
        await ask(
            database,
            "create table shelf (number int constraint uq_shelf_number unique,"
            " constraint number_is_small check (number < 10))",
        )
        yield database


async def numbers(database: Database) -> list[int]:
    async with database.transaction() as session:
        return list((await session.scalars(text("select number from shelf order by number"))).all())


async def add(session: Session, number: int) -> None:
    await session.execute(text("insert into shelf values (:number)"), {"number": number})


async def test_commits_at_the_end_and_rolls_back_on_any_error(plain: Database) -> None:
    async with plain.transaction() as session:
        await add(session, 1)

    async def fail() -> None:
        async with plain.transaction() as session:
            await add(session, 2)
            raise FileNotFoundError("a file of ours, which passes as it is")

    with pytest.raises(FileNotFoundError):
        await fail()
    assert await numbers(plain) == [1]


async def test_cancelling_rolls_back_and_gives_the_connection_back(plain: Database) -> None:
    inside = asyncio.Event()

    async def work() -> None:
        async with plain.transaction() as session:
            await add(session, 1)
            inside.set()
            await asyncio.Event().wait()

    for _ in range(5):  # more often than the pool has connections
        inside.clear()
        task = asyncio.create_task(work())
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await numbers(plain) == []


async def test_times_are_utc_and_the_program_is_named(plain: Database) -> None:
    assert await ask(plain, "show timezone") == "UTC"
    assert await ask(plain, "show application_name") == "bookreader"


async def test_a_refused_change_is_a_conflict_that_names_its_rule(plain: Database) -> None:
    async with plain.transaction() as session:
        await add(session, 1)
    with pytest.raises(ConstraintViolated) as caught:
        await ask(plain, "insert into shelf values (1)")
    assert caught.value.constraint == "uq_shelf_number"
    assert caught.value.stable_code == "conflict"


async def test_a_query_may_expect_a_rule_and_go_on(plain: Database) -> None:
    async with plain.transaction() as session:
        await add(session, 1)
        with pytest.raises(IntegrityError) as caught:
            async with session.begin_nested():
                await add(session, 1)
        assert violated(caught.value) == "uq_shelf_number"
        await add(session, 2)
    assert await numbers(plain) == [1, 2]


async def test_a_broken_check_is_our_own_mistake_and_stays_one(plain: Database) -> None:
    with pytest.raises(IntegrityError) as caught:
        await ask(plain, "insert into shelf values (11)")
    assert violated(caught.value) == "number_is_small"
    with pytest.raises(ProgrammingError):
        await ask(plain, "selec")


async def test_errors_show_no_values(plain: Database) -> None:
    with pytest.raises(IntegrityError) as caught:
        await ask(plain, "insert into shelf values (:number)", number=4711)
    assert "4711" not in str(caught.value)


async def test_a_slow_statement_ends_in_a_sentence(plain: Database) -> None:
    with pytest.raises(DatabaseBusy) as caught:
        await ask(plain, "select pg_sleep(10)")
    assert caught.value.retryable
    assert await ask(plain, "select 1") == 1


async def test_a_lock_that_others_hold_ends_in_a_sentence(plain: Database) -> None:
    async with plain.transaction() as session:
        await session.execute(text("lock table shelf"))
        with pytest.raises(DatabaseBusy):
            await ask(plain, "insert into shelf values (1)")


async def test_a_deadlock_ends_in_a_sentence_for_one_of_the_two(empty_database_url: str) -> None:
    async with Database(empty_database_url) as database:
        await ask(database, "create table pair (id int primary key, number int)")
        await ask(database, "insert into pair values (1, 0), (2, 0)")
        both = asyncio.Barrier(2)

        async def change(first: int, second: int) -> None:
            async with database.transaction() as session:
                statement = text("update pair set number = number + 1 where id = :id")
                await session.execute(statement, {"id": first})
                await both.wait()
                await session.execute(statement, {"id": second})

        outcomes = await asyncio.gather(change(1, 2), change(2, 1), return_exceptions=True)
        assert sorted(type(each) for each in outcomes if each is not None) == [DatabaseBusy]
        assert await ask(database, "select sum(number) from pair") == 2


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda url: url.replace("/bookreader?", "/missing?"), DatabaseRefused),
        (lambda _: "postgresql+asyncpg://u:p@127.0.0.1:1/none", DatabaseUnavailable),
        (lambda _: "postgresql+asyncpg://u@/none?host=/nowhere", DatabaseUnavailable),
    ],
    ids=["no such database", "nobody listens", "no socket"],
)
async def test_a_database_that_cannot_be_reached(
    short_folder: Path, pg_bindir: Path | None, change: Callable[[str], str], kind: type[DatabaseUnavailable]
) -> None:
    async with (
        EmbeddedServer(short_folder, pg_bindir=pg_bindir, durable=False) as server,
        Database(change(server.url)) as database,
    ):
        with pytest.raises(kind) as caught:
            await database.ping()
    assert type(caught.value) is kind
    assert isinstance(caught.value, Unavailable)
    assert "\n" not in caught.value.message


async def test_a_stopped_server_ends_in_a_sentence(short_folder: Path, pg_bindir: Path | None) -> None:
    async with EmbeddedServer(short_folder, pg_bindir=pg_bindir, durable=False) as server:
        database = Database(server.url)
        await database.ping()
    with pytest.raises(DatabaseUnavailable):
        await database.ping()
    await database.close()


async def test_connections_that_the_server_closed_are_replaced_unnoticed(plain: Database) -> None:
    async with plain.engine.connect() as one, plain.engine.connect() as another:
        pooled = [(await each.get_raw_connection()).driver_connection for each in (one, another)]
    others = "pg_stat_activity where backend_type = 'client backend' and application_name = 'bookreader'"
    connection = await plain.connect_directly()
    assert await connection.fetchval(f"select count(pg_terminate_backend(pid)) from {others}") >= 2
    await connection.close()
    async with asyncio.timeout(10):
        # The server says farewell before it hangs up.
        while not all(each and each.is_closed() for each in pooled):  # noqa: ASYNC110 - another process ends them
            await asyncio.sleep(0.01)
    assert [await ask(plain, "select 1") for _ in range(5)] == [1] * 5


async def test_a_pool_that_is_used_up_ends_in_a_sentence(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bookreader.database.engine.POOL_SECONDS", 0.1)
    async with Database(empty_database_url, pool=1) as database, database.transaction():
        with pytest.raises(DatabaseBusy):
            await database.ping()


async def test_through_a_pooler_limits_hold_and_statements_do_not_pile_up(empty_database_url: str) -> None:
    async with Database(empty_database_url, pgbouncer=True, limits=Limits(statement=0.2)) as database:
        with pytest.raises(DatabaseBusy):
            await ask(database, "select pg_sleep(10)")
        assert [await ask(database, "select cast(:number as int)", number=each) for each in range(20)] == [*range(20)]
        kept = await ask(database, "select count(*) from pg_prepared_statements")
        assert isinstance(kept, int)
        assert kept < 5  # what the driver has not yet closed, under names that no other connection uses
        assert not await ask(database, "select count(*) from pg_prepared_statements where name not like 'bookreader%'")


async def test_libpq_addresses_are_taken(empty_database_url: str) -> None:
    async with Database(empty_database_url + "&sslmode=prefer") as database:
        await database.ping()
        connection = await database.connect_directly()
        assert await connection.fetchval("show timezone") == "UTC"
        await connection.close()


async def test_a_full_disk_loses_nothing_that_was_saved(short_folder: Path, pg_bindir: Path | None) -> None:
    disk = short_folder / "disk"
    disk.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=120m", "tmpfs", disk], check=False, capture_output=True)
    if made.returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    try:
        async with EmbeddedServer(disk / "data", pg_bindir=pg_bindir) as server, Database(server.url) as database:
            await ask(database, "create table kept as select 1 as number")
            filler = disk / "filler"
            with pytest.raises(DatabaseUnavailable) as caught:
                await _fill(database, filler)
            filler.unlink()
            assert isinstance(caught.value, DiskFull)
            assert await ask(database, "select count(*) from kept") == 1
    finally:
        subprocess.run(["umount", disk], check=True)


async def _fill(database: Database, filler: Path) -> None:
    with suppress(OSError), filler.open("wb") as file:
        while True:
            file.write(bytes(65536))
            file.flush()
    while True:
        await ask(database, "insert into kept select generate_series(1, 100000)")


class Listener:
    """What one listening connection hears, and how often it began."""

    def __init__(self, database: Database) -> None:
        self.heard: asyncio.Queue[str] = asyncio.Queue()
        self.began = asyncio.Semaphore(0)
        self._task = asyncio.create_task(self._run(database))

    async def _run(self, database: Database) -> None:
        async for payload in database.listen("news", listening=self.began.release):
            self.heard.put_nowait(payload)

    async def stop(self) -> None:
        self._task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await self._task


async def test_notifications_arrive_after_commit_only(plain: Database) -> None:
    listener = Listener(plain)
    await listener.began.acquire()
    with suppress(KeyError):
        async with plain.transaction() as session:
            await notify(session, "news", "never")
            raise KeyError
    async with plain.transaction() as session:
        await notify(session, "news", {"книга": 1})
        assert listener.heard.empty()
    assert await asyncio.wait_for(listener.heard.get(), 5) == '{"книга":1}'
    await listener.stop()


async def test_a_lost_listening_connection_is_taken_up_again(plain: Database) -> None:
    listener = Listener(plain)
    await listener.began.acquire()
    await ask(plain, "select pg_terminate_backend(pid) from pg_stat_activity where application_name like '%direct'")
    await asyncio.wait_for(listener.began.acquire(), 10)
    async with plain.transaction() as session:
        await notify(session, "news", "again")
    assert await asyncio.wait_for(listener.heard.get(), 5) == "again"
    await listener.stop()


async def test_looking_for_lost_connections_costs_no_question(plain: Database) -> None:
    asked: list[str] = []
    event.listen(plain.engine.sync_engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    for _ in range(3):
        await ask(plain, "select 1")
    assert asked == ["select 1"] * 3


async def test_every_test_has_a_database_of_its_own(server: Server) -> None:
    first, second = await server.create(), await server.create()
    assert first != second
    await server.drop(first)
    await server.drop(second)


async def test_scratch_databases_of_killed_processes_go_when_another_is_made(server: Server, tmp_path: Path) -> None:
    old, fresh = f"{PREFIX}1_left", f"{PREFIX}{int(time.time())}_busy"
    for name in (old, fresh):
        await server.execute(f"create database {name}")
    async with scratch_database(server.maintenance_url, Settings(data_dir=tmp_path)):
        pass
    async with connect(server.maintenance_url) as connection:
        there = {row[0] for row in await connection.fetch("select datname from pg_database")}
    assert {name for name in there if name.startswith(PREFIX)} == {fresh}
    await server.drop(fresh)
