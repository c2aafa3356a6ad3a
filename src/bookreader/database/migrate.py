"""Bringing a database to a revision. Alembic itself is imported only when there is something to do."""

import asyncio
import importlib
import re
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bookreader.database.chain import read_chain
from bookreader.database.engine import CONNECT_FAILURES, GONE, engine_url, unavailable
from bookreader.database.failures import DatabaseBusy, DatabaseUnavailable, MigrationFailed, NotOurs
from bookreader.errors import InvalidInput

MIGRATIONS = Path(__file__).parent / "migrations"
VERSIONS = MIGRATIONS / "versions"
LOCK = 4_711_202_611
"""Key of the session lock that one upgrade at a time holds."""
WAIT_SECONDS = 600
LOCK_TIMEOUT = "5s"
"""Longest wait for a lock of a table: who waits for it makes everyone after him wait too."""
TRIES = 5
UNREACHABLE: tuple[type[Exception], ...] = (*CONNECT_FAILURES, TimeoutError)
RETIRED = {"9ddbcaab926e": "66ac03dc5ab6"}
"""Revisions that no longer exist, and the nearest surviving ancestor: databases stamped with them are moved there."""
REPAIRS = ("chapters", "emails", "progress", "ranges", "subscriptions")


@dataclass(frozen=True)
class Change:
    """Between which revisions a database was moved; None = empty."""

    before: str | None
    after: str | None


@cache
def head() -> str:
    """The newest revision, read from the files' text: the one that no other names as its parent."""
    revisions, parents = set(), set()
    for path in VERSIONS.glob("*.py"):
        source = path.read_text(encoding="utf-8")
        revisions.update(re.findall(r'^revision = "([^"]+)"', source, re.MULTILINE))
        parents.update(re.findall(r'^down_revision = "([^"]+)"', source, re.MULTILINE))
    (newest,) = revisions - parents
    return str(newest)


def engine_of(url: str) -> AsyncEngine:
    """An engine for migrations: one connection, no time limits on long statements."""
    server = {"application_name": "bookreader upgrade", "timezone": "UTC", "lock_timeout": LOCK_TIMEOUT}
    return create_async_engine(
        engine_url(make_url(url)), poolclass=NullPool, hide_parameters=True, connect_args={"server_settings": server}
    )


@asynccontextmanager
async def connection_to(url: str) -> AsyncIterator[AsyncConnection]:
    """One connection for the work of a command. Raises DatabaseUnavailable."""
    engine = engine_of(url)
    try:
        async with connected(engine) as connection:
            yield connection
    finally:
        await engine.dispose()


async def stamp(engine: AsyncEngine) -> str | None:
    """The revision that the database is stamped with; None when it is empty."""
    async with connected(engine) as connection:
        return await stamp_of(connection)


async def is_at_head(engine: AsyncEngine) -> bool:
    """Raises DatabaseUnavailable."""
    return await stamp(engine) == head()


async def upgrade(url: str, revision: str = "head", *, repair: Collection[str] = ()) -> Change:
    """Upgrades; does nothing, quickly, when the newest revision is there. Two at once end well.

    `repair` names what may be moved aside where rows break a new rule (see REPAIRS).
    Raises DatabaseUnavailable, MigrationFailed, NotOurs, InvalidInput.
    """
    if unknown := set(repair) - set(REPAIRS):
        raise InvalidInput(f"There is no repair {', '.join(sorted(unknown))}: there are {', '.join(REPAIRS)}.")
    engine = engine_of(url)
    try:
        if revision == "head" and await is_at_head(engine):
            return Change(head(), head())
        async with locked(engine) as connection:
            if repair:
                chosen = ",".join(sorted(repair))
                await _scalar(connection, f"SELECT set_config('bookreader.repair', '{chosen}', false)")
            return await move(connection, "upgrade", revision)
    finally:
        await engine.dispose()


async def downgrade(url: str, revision: str) -> Change:
    """Raises DatabaseUnavailable, MigrationFailed, NotOurs."""
    engine = engine_of(url)
    try:
        async with locked(engine) as connection:
            return await move(connection, "downgrade", revision)
    finally:
        await engine.dispose()


@asynccontextmanager
async def locked(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection that holds the lock of upgrades. It is asked for again and again, because who waits inside
    pg_advisory_lock holds a snapshot that CREATE INDEX CONCURRENTLY would wait for. Raises DatabaseUnavailable."""
    async with connected(engine) as connection:
        await _lock(connection)
        try:
            yield connection
        finally:
            if not connection.invalidated and not connection.closed:
                await connection.rollback()
                await _scalar(connection, f"SELECT pg_advisory_unlock({LOCK})")


async def _lock(connection: AsyncConnection) -> None:
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while not await _scalar(connection, f"SELECT pg_try_advisory_lock({LOCK})"):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.1)
    except TimeoutError as error:
        message = "Another upgrade, backup or restore has held the database for ten minutes: see what it does."
        raise DatabaseBusy(message) from error


@asynccontextmanager
async def connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Raises DatabaseUnavailable."""
    try:
        connection = await engine.connect()
    except UNREACHABLE as error:
        raise unavailable(error) or unavailable(error.__cause__ or error) or DatabaseUnavailable(GONE) from error
    try:
        yield connection
    finally:
        await connection.close()


async def _scalar(connection: AsyncConnection, statement: str) -> Any:
    """Outside of any transaction that would stay open."""
    value = (await connection.execute(text(statement))).scalar()
    await connection.commit()
    return value


async def stamp_of(connection: AsyncConnection) -> str | None:
    if await _scalar(connection, "SELECT to_regclass('public.alembic_version')") is None:
        return None
    found: str | None = await _scalar(connection, "SELECT version_num FROM public.alembic_version LIMIT 1")
    return found


async def move(connection: AsyncConnection, command: str, revision: str) -> Change:
    """On a connection that nobody else upgrades through. Raises what `upgrade` raises."""
    await follow_retired(connection)
    before = await stamp_of(connection)
    if before is None and command == "upgrade":
        await _refuse_foreign(connection)
    for attempt in range(TRIES):
        try:
            await _run(connection, command, revision)
            break
        except DatabaseBusy:
            if attempt == TRIES - 1:
                raise
            await asyncio.sleep(0.5 * 2**attempt)
    change = Change(before, await stamp_of(connection))
    await remember(connection, change)
    return change


async def remember(connection: AsyncConnection, change: Change) -> None:
    """Keeps the text of what was applied in the database itself, and forgets what was taken back."""
    if await _scalar(connection, "SELECT to_regclass('public.schema_revisions')") is None:
        return
    chain = read_chain(VERSIONS)
    applied = chain.ancestors(change.after) if change.after else set()
    known = chain.ancestors(change.before) if change.before else set()
    for revision in chain.ordered():
        if revision.id in applied:
            row = {
                "revision": revision.id,
                "parent": revision.parents[0] if revision.parents else None,
                "file_name": revision.path.name,
                "source": revision.text,
                "sha256": revision.sha256,
            }
            await connection.execute(text(KEEP if revision.id in known else KEEP_ANEW), row)
    await connection.execute(
        text("DELETE FROM schema_revisions WHERE revision <> ALL(:applied)"), {"applied": [*applied]}
    )
    await connection.commit()


KEEP = """
    INSERT INTO schema_revisions (revision, parent, file_name, source, sha256)
    VALUES (:revision, :parent, :file_name, :source, :sha256) ON CONFLICT (revision) DO NOTHING
"""
KEEP_ANEW = KEEP.replace(
    "NOTHING", "UPDATE SET source = excluded.source, sha256 = excluded.sha256, recorded_at = now()"
)


async def follow_retired(connection: AsyncConnection) -> None:
    stamped = await stamp_of(connection)
    successor = RETIRED.get(stamped or "")
    if successor is not None:
        await connection.execute(text("UPDATE alembic_version SET version_num = :new"), {"new": successor})
        await connection.commit()


async def _refuse_foreign(connection: AsyncConnection) -> None:
    found = await _scalar(connection, FOREIGN_TABLES)
    if found:
        raise NotOurs(
            f"This database holds tables ({found}) but no stamp of ours, and was left as it is: name an empty database "
            "in BOOKREADER_DATABASE_URL, or let `bookreader db doctor` find out which revision it is at."
        )


FOREIGN_TABLES = """
    SELECT string_agg(name, ', ') FROM (
        SELECT relname::text AS name FROM pg_class c
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname <> 'alembic_version'
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
        ORDER BY relname LIMIT 5
    ) AS tables
"""


async def _run(connection: AsyncConnection, command: str, revision: str) -> None:
    """Runs one of Alembic's commands on our connection."""
    alembic = importlib.import_module("alembic.command")
    config: Any = importlib.import_module("alembic.config").Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    errors = importlib.import_module("alembic.util").CommandError

    def run(sync: Any) -> None:
        config.attributes["connection"] = sync
        getattr(alembic, command)(config, revision)

    try:
        await connection.run_sync(run)
        await connection.commit()
    except DBAPIError as error:
        if not connection.invalidated:
            await connection.rollback()
        raise unavailable(error) or failure(error) from error
    except errors as error:
        raise await _not_ours(connection, str(error)) from error


def failure(error: DBAPIError) -> MigrationFailed:
    """Our error for what a revision or the server refused, with its hint."""
    cause: Any = getattr(error.orig, "__cause__", None) or error.orig
    hint = getattr(cause, "hint", None)
    reason = getattr(cause, "message", None) or str(cause)
    return MigrationFailed(
        f"It stopped, and undid what it had begun: {reason}" + (f"\n{hint}" if hint else ""), hint=hint
    )


async def _not_ours(connection: AsyncConnection, reason: str) -> Exception:
    await connection.rollback()
    stamped = await stamp_of(connection)
    if "Can't locate revision" in reason and stamped and stamped in reason:
        return NotOurs(
            f"The database is at revision {stamped}, which this program does not know, and was left as it is: install "
            "the newer version of BookReader that made it, or let `bookreader db doctor` look at it."
        )
    return InvalidInput(f"{reason.rstrip('.')}: name a revision of `bookreader db current --history`.")
