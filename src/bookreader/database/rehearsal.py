"""An upgrade rehearsed: what is pending runs on the real server and is rolled back; what cannot run in a transaction,
and what comes after it, runs on a clone. Each statement is reported with locks, rewrites, time and what blocked it.
"""

import asyncio
import importlib
import re
import tempfile
import time
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bookreader.database import migrate
from bookreader.database.chain import Chain, Revision, read_chain
from bookreader.database.dump import Dump, dump, load
from bookreader.database.engine import unavailable
from bookreader.database.failures import DatabaseBusy, MigrationFailed
from bookreader.database.scratch import scratch_database
from bookreader.settings import Settings

LOCK_TIMEOUT = "2s"
WATCH_SECONDS = 0.02
LARGEST_CLONE = 1_000_000_000
"""Bytes of a database whose rows are cloned too."""
SHOWN = 160

SERVER, CLONE = "server", "clone"


@dataclass
class Statement:
    """`lock`: the strongest on `relation`, and `rows` how many rows that has, roughly. `rewrites`: tables that are
    written anew as a whole. `seconds` on the server are as they would be; on a clone without rows they say little."""

    revision: str
    sql: str
    where: str
    seconds: float = 0.0
    lock: str | None = None
    relation: str | None = None
    rows: int | None = None
    rewrites: list[str] = field(default_factory=list)
    blockers: list[str] = field(default_factory=list)


@dataclass
class Plan:
    pending: list[str]
    statements: list[Statement] = field(default_factory=list)
    problem: str | None = None
    cloned_rows: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def as_text(self) -> str:
        if not self.pending:
            return "Nothing is pending."
        lines = [f"{len(self.pending)} pending: {', '.join(self.pending)}"]
        for each in self.statements:
            lock = f"{each.lock} on {each.relation}" if each.lock else "no new table lock"
            extra = f", rewrites {', '.join(each.rewrites)}" if each.rewrites else ""
            extra += f", blocked by {'; '.join(each.blockers)}" if each.blockers else ""
            lines.append(f"{each.revision:<20} {each.where:<6} {1000 * each.seconds:>8.1f} ms  {lock}{extra}")
            lines.append(f"    {each.sql}")
        lines.append(self.problem or "The rehearsal went well; nothing was changed.")
        return "\n".join(lines)


async def rehearse(url: str, settings: Settings, revision: str = "head", *, repair: Collection[str] = ()) -> Plan:
    """Changes nothing. Raises DatabaseUnavailable, NotOurs, InvalidInput."""
    chain = read_chain(migrate.VERSIONS)
    async with migrate.connection_to(url) as connection:
        stamped = await migrate.stamp_of(connection)
        size = int((await connection.execute(text("SELECT pg_database_size(current_database())"))).scalar() or 0)
    pending = _pending(chain, migrate.RETIRED.get(stamped or "", stamped), revision)
    plan = Plan([each.id for each in pending], cloned_rows=size <= LARGEST_CLONE)
    inside = _until_it_needs_to_commit(pending)
    if inside:
        await _on_the_server(url, inside, plan, repair)
    if pending and plan.problem is None and len(inside) < len(pending):
        await _on_a_clone(url, settings, revision, plan, repair, skip={each.id for each in inside})
    return plan


def _pending(chain: Chain, stamped: str | None, revision: str) -> list[Revision]:
    target = chain.heads[0].id if revision == "head" else revision
    wanted = chain.ancestors(target) - (chain.ancestors(stamped) if stamped else set())
    return [each for each in chain.ordered() if each.id in wanted]


def _until_it_needs_to_commit(pending: Sequence[Revision]) -> list[Revision]:
    found: list[Revision] = []
    for each in pending:
        if "autocommit_block" in each.text:
            break
        found.append(each)
    return found


async def _on_the_server(url: str, revisions: Sequence[Revision], plan: Plan, repair: Collection[str]) -> None:
    engine = migrate.engine_of(url)
    try:
        async with migrate.locked(engine) as connection:
            await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            await _choose(connection, repair)
            async with _recorded(connection, plan, SERVER, url) as recorder:
                try:
                    await connection.run_sync(_upgrade_in_place, revisions, recorder)
                except DBAPIError as error:
                    plan.problem = _reason(error, recorder.give_up())
            await connection.rollback()
    finally:
        await engine.dispose()


def _upgrade_in_place(sync: Any, revisions: Sequence[Revision], recorder: "_Recorder") -> None:
    """Without Alembic's own transactions and stamps: everything is rolled back by the caller."""
    script_directory = importlib.import_module("alembic.script").ScriptDirectory(str(migrate.MIGRATIONS))
    context = importlib.import_module("alembic.migration").MigrationContext.configure(sync)
    operations = importlib.import_module("alembic.operations").Operations
    with operations.context(context):
        for revision in revisions:
            recorder.revision = revision.id
            script_directory.get_revision(revision.id).module.upgrade()


async def _choose(connection: AsyncConnection, repair: Collection[str]) -> None:
    chosen = ",".join(sorted(repair))
    await connection.execute(text("SELECT set_config('bookreader.repair', :chosen, true)"), {"chosen": chosen})


def _reason(error: DBAPIError, where: str) -> str:
    if isinstance(unavailable(error), DatabaseBusy):
        return f"Others hold what the upgrade needs (`{where}`): upgrade when they are done. Nothing was changed."
    return f"The rehearsal failed at `{where}`, and nothing was changed: {migrate.failure(error).message}"


async def _on_a_clone(
    url: str, settings: Settings, revision: str, plan: Plan, repair: Collection[str], skip: set[str]
) -> None:
    async with scratch_database(url, settings) as scratch:
        with tempfile.TemporaryDirectory(prefix="bookreader-") as folder:
            await _clone(url, scratch, Path(folder), rows=plan.cloned_rows)
        engine = migrate.engine_of(scratch)
        try:
            async with migrate.connected(engine) as connection:
                if repair:
                    await connection.execute(
                        text("SELECT set_config('bookreader.repair', :chosen, false)"),
                        {"chosen": ",".join(sorted(repair))},
                    )
                    await connection.commit()
                async with _recorded(connection, plan, CLONE, scratch, skip) as recorder:
                    recorder.following = list(plan.pending)
                    recorder.revision = plan.pending[0]
                    try:
                        await migrate.move(connection, "upgrade", revision)
                    except MigrationFailed as error:
                        at = recorder.give_up()
                        plan.problem = (
                            f"The rehearsal failed on a clone at `{at}`; nothing was changed. {error.message}"
                        )
        finally:
            await engine.dispose()


async def _clone(url: str, scratch: str, folder: Path, *, rows: bool) -> None:
    @asynccontextmanager
    async def sink(table: str) -> AsyncIterator[Any]:
        with (folder / table).open("wb") as file:

            async def write(piece: bytes) -> None:
                if rows or table == "alembic_version":
                    await asyncio.to_thread(file.write, piece)

            yield write

    async def source(table: str) -> AsyncIterator[bytes]:
        with (folder / table).open("rb") as file:
            while piece := await asyncio.to_thread(file.read, 1 << 20):
                yield piece

    kept = await dump(url, sink)
    await load(scratch, kept if rows else _without_rows(kept), source)


def _without_rows(kept: Dump) -> Dump:
    tables = tuple(each for each in kept.tables if each.name == "alembic_version")
    return Dump(kept.stamp, kept.fingerprint, kept.server, kept.objects, tables)


# Watching


class _Recorder:
    """Listens to the statements of one connection and asks, between them, what they did to locks and tables."""

    def __init__(self, sync: Any, plan: Plan, where: str, skip: Collection[str]) -> None:
        self.sync, self.plan, self.where, self.skip = sync, plan, where, skip
        self.revision = ""
        self.following: list[str] = []
        self.current: Statement | None = None
        self.asking = False
        self.begun = 0.0
        self.files: dict[str, int] = {}
        self.locks: set[tuple[str, str]] = set()

    def before(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if self.asking:
            return
        self.current = Statement(self.revision, _short(statement), self.where)
        with self._between():
            self.files, self.locks = self._files(), self._locks()
        self.begun = time.perf_counter()

    def after(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if self.asking or self.current is None:
            return
        if self.following and re.match(r"\s*(UPDATE|INSERT INTO) alembic_version", statement):
            self.following.pop(0)
            self.revision = self.following[0] if self.following else ""
        self.current.seconds = round(time.perf_counter() - self.begun, 4)
        with self._between():
            self._note_locks(statement)
            files = self._files()
        self.current.rewrites = sorted(name for name, number in files.items() if self.files.get(name, number) != number)
        if self.current.revision not in self.skip and not _is_bookkeeping(statement):
            self.plan.statements.append(self.current)

    def give_up(self) -> str:
        """Reports the statement that failed, and who was in its way."""
        if self.current is None:
            return "its start"
        self.current.seconds = round(time.perf_counter() - self.begun, 4)
        self.plan.statements.append(self.current)
        return self.current.sql

    @contextmanager
    def _between(self) -> Iterator[None]:
        self.asking = True
        try:
            yield
        finally:
            self.asking = False

    def _note_locks(self, statement: str) -> None:
        assert self.current is not None  # noqa: S101 - set before the statement ran
        gained = self._locks() - self.locks
        strongest = max(gained, key=lambda each: STRENGTH.index(each[1]), default=None)
        if strongest is None:
            known = known_lock(statement)
            strongest = known if known and known[0] in self.files else None
        if strongest is not None and strongest[1] != "AccessShareLock":
            self.current.relation, self.current.lock = strongest
            self.current.rows = self._rows(strongest[0])

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.sync.exec_driver_sql(query)]

    def _files(self) -> dict[str, int]:
        return dict(self._ask(FILES))

    def _locks(self) -> set[tuple[str, str]]:
        return {(name, mode) for name, mode in self._ask(LOCKS)}

    def _rows(self, relation: str) -> int | None:
        found = self._ask(f"SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass('{relation}')")  # noqa: S608
        return max(int(found[0][0]), 0) if found else None


@asynccontextmanager
async def _recorded(
    connection: AsyncConnection, plan: Plan, where: str, url: str, skip: Collection[str] = ()
) -> AsyncIterator[_Recorder]:
    sync = connection.sync_connection
    recorder = _Recorder(sync, plan, where, skip)
    pid = int((await connection.execute(text("SELECT pg_backend_pid()"))).scalar() or 0)
    watching = asyncio.create_task(_watch(url, pid, recorder))
    event.listen(sync, "before_cursor_execute", recorder.before)
    event.listen(sync, "after_cursor_execute", recorder.after)
    try:
        yield recorder
    finally:
        event.remove(sync, "before_cursor_execute", recorder.before)
        event.remove(sync, "after_cursor_execute", recorder.after)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def _watch(url: str, pid: int, recorder: _Recorder) -> None:
    """Notes who holds the running statement up."""
    async with migrate.connection_to(url) as connection:
        while True:
            rows = await connection.execute(text(BLOCKERS), {"pid": pid})
            for row in rows:
                if recorder.current is not None and row[0] not in recorder.current.blockers:
                    recorder.current.blockers.append(row[0])
            await connection.rollback()
            await asyncio.sleep(WATCH_SECONDS)


def _short(statement: str) -> str:
    spaced = " ".join(statement.split())
    return spaced if len(spaced) <= SHOWN else spaced[: SHOWN - 1] + "…"


def _is_bookkeeping(statement: str) -> bool:
    """Alembic's own, and ours around it."""
    return bool(re.search(r"alembic_version|schema_revisions|pg_catalog\.|set_config|^\s*(SELECT|SHOW)\b", statement))


STRENGTH = (
    "AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock",
    "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock",
)  # fmt: skip
STATEMENTS = (
    (r"CREATE (?:UNIQUE )?INDEX CONCURRENTLY .* ON (\S+)", "ShareUpdateExclusiveLock"),
    (r"ALTER TABLE (\S+) VALIDATE CONSTRAINT", "ShareUpdateExclusiveLock"),
    (r"CREATE (?:OR REPLACE )?TRIGGER .* ON (\S+)", "ShareRowExclusiveLock"),
    (r"ALTER TABLE (\S+) (?:DROP CONSTRAINT IF EXISTS \S+, )?ADD CONSTRAINT \S+ FOREIGN KEY", "ShareRowExclusiveLock"),
    (r"ALTER TABLE (\S+)", "AccessExclusiveLock"),
)


def known_lock(statement: str) -> tuple[str, str] | None:
    """What PostgreSQL's manual says: for statements whose locks are gone when they can be asked about."""
    spaced = " ".join(statement.split())
    for pattern, lock in STATEMENTS:
        if found := re.search(pattern, spaced):
            return found[1], lock
    return None


FILES = """
    SELECT oid::regclass::text, relfilenode::bigint FROM pg_class
    WHERE relkind IN ('r', 'm') AND relnamespace = 'public'::regnamespace AND relfilenode <> 0
"""
LOCKS = """
    SELECT relation::regclass::text, mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
    WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted AND c.relkind IN ('r', 'm')
      AND c.relnamespace = 'public'::regnamespace
"""
BLOCKERS = """
    SELECT format('process %s (%s, %s): %s', pid, application_name, state,
        left(regexp_replace(query, '\\s+', ' ', 'g'), 80))
    FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids(:pid))
"""
