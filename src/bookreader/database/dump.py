"""A whole database as text, and back: its objects from the catalogue, its rows by COPY, in one snapshot.

No program of PostgreSQL is needed, and a dump of any supported version loads into any other. Loading is one
transaction: a database is restored as it was, verified, or not changed at all.
"""

import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bookreader.database.catalogue import Object, differences, fingerprint, read_catalogue, without_aside
from bookreader.database.ddl import drop, script
from bookreader.database.engine import CONNECT_FAILURES, unavailable
from bookreader.database.failures import RestoreFailed
from bookreader.database.migrate import connection_to, engine_of, locked

Sink = Callable[[str], Any]
"""Gives for a table's name an asynchronous context manager whose value takes the bytes of its rows."""
Source = Callable[[str], AsyncIterable[bytes]]

SETTINGS = ("timezone = 'UTC'", "datestyle = 'ISO'", "intervalstyle = 'postgres'", "extra_float_digits = 1",
            "search_path = public", "synchronize_seqscans = off", "statement_timeout = 0")  # fmt: skip


@dataclass(frozen=True)
class Table:
    """`columns` in the order of the rows' fields; `sha256` of the rows as COPY writes them."""

    name: str
    columns: tuple[str, ...]
    rows: int
    sha256: str


@dataclass(frozen=True)
class Dump:
    """What a database consists of beside its rows."""

    stamp: str | None
    fingerprint: str
    server: str
    objects: tuple[Object, ...]
    tables: tuple[Table, ...]
    sequences: Mapping[str, tuple[int, bool]] = field(default_factory=dict)
    """Last value, and whether it was given out."""


async def dump(url: str, sink: Sink) -> Dump:
    """Writes every row of one moment. Raises DatabaseUnavailable, and what the sink raises."""
    async with connection_to(url) as connection:
        snapshot = await connection.execution_options(isolation_level="REPEATABLE READ")
        raw = await _prepare(snapshot)
        objects = await read_catalogue(snapshot, aside=True)
        names = [each.name for each in objects if each.kind == "table"]
        if names:
            # Whoever wants to change a table waits for us, as for any reader.
            await raw.execute(f"LOCK TABLE {', '.join(names)} IN ACCESS SHARE MODE")
        tables = [await _write_rows(raw, name, _columns(objects, name), sink) for name in names]
        return Dump(
            stamp=await _stamp(raw),
            fingerprint=fingerprint(without_aside(objects)),
            server=str(await raw.fetchval("SHOW server_version")),
            objects=tuple(objects),
            tables=tuple(tables),
            sequences={row[0]: (row[1], row[2]) for row in await _sequences(raw)},
        )


async def _stamp(raw: Any) -> str | None:
    if await raw.fetchval("SELECT to_regclass('public.alembic_version')") is None:
        return None
    found: str | None = await raw.fetchval("SELECT version_num FROM public.alembic_version LIMIT 1")
    return found


async def _prepare(connection: AsyncConnection) -> Any:
    """Begins the transaction and gives the driver's own connection, which alone can COPY."""
    for setting in SETTINGS:
        await connection.execute(text(f"SET LOCAL {setting}"))
    pooled = await connection.get_raw_connection()
    return pooled.driver_connection


def _columns(objects: Sequence[Object], table: str) -> tuple[str, ...]:
    """Those that have values of their own."""
    return tuple(
        each.name[len(table) + 1 :]
        for each in objects
        if each.kind == "column" and each.table == table and "GENERATED ALWAYS AS (" not in each.definition
    )


async def _write_rows(raw: Any, table: str, columns: tuple[str, ...], sink: Sink) -> Table:
    digest = hashlib.sha256()
    async with sink(table) as write:

        async def take(piece: bytes) -> None:
            digest.update(piece)
            await write(piece)

        query = f"SELECT {', '.join(columns)} FROM ONLY {table}"  # noqa: S608 - names from the catalogue, quoted there
        status = await raw.copy_from_query(query, output=take, format="text") if columns else "COPY 0"
    return Table(table, columns, int(status.split()[1]), digest.hexdigest())


async def _sequences(raw: Any) -> list[tuple[str, int, bool]]:
    names = await raw.fetch(SEQUENCES)
    found: list[tuple[str, int, bool]] = []
    for (name,) in names:
        row = await raw.fetchrow(f"SELECT last_value, is_called FROM {name}")  # noqa: S608 - quoted by the server
        found.append((name, row[0], row[1]))
    return found


SEQUENCES = """
    SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'S' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1
"""


Tick = Callable[[str], Awaitable[None]]


async def load(url: str, kept: Dump, source: Source, *, replace: bool = False, tick: Tick | None = None) -> None:
    """Makes the database what it was, stamp and filled views included, in one transaction that ends with a comparison.

    `replace` = drop what is there first. Raises DatabaseUnavailable, RestoreFailed; then nothing has changed.
    """
    engine = engine_of(url)
    try:
        async with locked(engine) as connection, _named_failures():
            raw = await _prepare(connection)
            there = await read_catalogue(connection, aside=True)
            if replace:
                await _empty(raw, there)
            elif any(each.name == STAMP_TABLE for each in there):
                await raw.execute(f"DROP TABLE {STAMP_TABLE}")
            await _load(raw, kept, source, tick)
            await _verify(connection, kept)
            await connection.commit()
    finally:
        await engine.dispose()


@asynccontextmanager
async def _named_failures() -> AsyncIterator[None]:
    try:
        yield
    except CONNECT_FAILURES as error:
        known = unavailable(error)
        if known is not None:
            raise known from error
        raise RestoreFailed(f"The rows could not be loaded, and nothing was changed: {error}.") from error


async def _empty(raw: Any, objects: Sequence[Object]) -> None:
    for each in reversed(objects):
        if each.kind in ("schema", "table", "view", "materialized view", "sequence", "type", "function"):
            await raw.execute(
                drop(each).replace(f"DROP {each.kind.upper()} ", f"DROP {each.kind.upper()} IF EXISTS ") + " CASCADE"
            )


async def _load(raw: Any, kept: Dump, source: Source, tick: Tick | None) -> None:
    await raw.execute("SET LOCAL check_function_bodies = off")
    whole = script(kept.objects)
    for statement in whole.before:
        await raw.execute(statement)
    for table in kept.tables:
        if table.columns:
            await _read_rows(raw, table, source)
        if tick is not None:
            await tick(table.name)
    for name, (value, given) in kept.sequences.items():
        await raw.execute("SELECT setval($1::text::regclass, $2, $3)", name, value, given)
    for statement in (*whole.after, UUID_OSSP):
        await raw.execute(statement)


async def _read_rows(raw: Any, table: Table, source: Source) -> None:
    schema, _, name = table.name.rpartition(".")
    status = await raw.copy_to_table(
        _bare(name),
        schema_name=_bare(schema) or "public",
        columns=[_bare(each) for each in table.columns],
        source=source(table.name),
        format="text",
    )
    if int(status.split()[1]) != table.rows:
        raise RestoreFailed(f"{table.name} has {status.split()[1]} rows instead of {table.rows}; nothing was changed.")


def _bare(name: str) -> str:
    """As the driver wants it: it quotes by itself."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


async def _verify(connection: AsyncConnection, kept: Dump) -> None:
    found = await read_catalogue(connection)
    if fingerprint(found) != kept.fingerprint:
        first = next(iter(differences(without_aside(kept.objects), found)), None)
        what = first.message if first else "its fingerprint differs"
        raise RestoreFailed(f"The restored database would not be what it was ({what}); nothing was changed.")


STAMP_TABLE = "alembic_version"
UUID_OSSP = """
    DO $$
    BEGIN
        IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'uuid-ossp') THEN
            CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
        END IF;
    END $$
"""


async def is_empty(url: str) -> bool:
    """Whether nothing of anyone's is in it; a stamp table without a stamp is nothing. Raises DatabaseUnavailable."""
    async with connection_to(url) as connection:
        tables = {each.name for each in await read_catalogue(connection, aside=True) if each.kind == "table"}
        if tables != {STAMP_TABLE}:
            return not tables
        return (await connection.execute(text(f"SELECT count(*) FROM {STAMP_TABLE}"))).scalar() == 0  # noqa: S608
