"""What can be wrong with a database whose schema is right: views, indexes, constraints and extensions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bookreader.database.findings import Finding, Repair

UNUSED_BYTES = 10_000_000
UNUSED_DAYS = 30


@dataclass(frozen=True)
class Index:
    name: str
    table: str
    columns: tuple[str, ...]
    unique: bool
    method: str
    predicate: str
    in_constraint: bool

    def covers(self, other: "Index") -> bool:
        """Whether the other one adds nothing: its columns begin ours, over the same rows, and it enforces nothing."""
        if (self.table, self.method, self.predicate) != (other.table, other.method, other.predicate):
            return False
        begins = self.columns[: len(other.columns)] == other.columns
        same = self.columns == other.columns
        return begins and not other.in_constraint and (not other.unique or (same and self.unique))


def _index(name: str, table: str, columns: list[str], *rest: Any) -> Index:
    return Index(name, table, tuple(columns), *rest)


async def examine(connection: AsyncConnection) -> list[Finding]:
    """Findings about a database at head."""
    found = [_unpopulated(*row) for row in await _rows(connection, UNPOPULATED)]
    found += [_stale(*row) for row in await _rows(connection, STALE)] if await _knows_upkeep(connection) else []
    found += redundant([_index(*row) for row in await _rows(connection, INDEXES)])
    found += [_invalid(*row) for row in await _rows(connection, INVALID)]
    found += [_unindexed(*row) for row in await _rows(connection, UNINDEXED)]
    found += [_without_action(*row) for row in await _rows(connection, WITHOUT_ACTION)]
    found += [_outdated(*row) for row in await _rows(connection, OUTDATED)]
    return found


async def notes(connection: AsyncConnection) -> list[str]:
    """What may be worth knowing, and calls for nothing."""
    rows = await _rows(connection, UNUSED, bytes=UNUSED_BYTES, days=UNUSED_DAYS)
    return [f"index {name} ({size}) has not been read once in {days} days" for name, size, days in rows]


def redundant(indexes: Sequence[Index]) -> list[Finding]:
    """Each index that another one makes needless; of equal ones the later name."""
    found: list[Finding] = []
    for index in indexes:
        for other in indexes:
            equal = other.covers(index) and index.covers(other)
            if other is not index and other.covers(index) and not (equal and index.name < other.name):
                message = f"index {index.name} of {index.table} adds nothing to {other.name}"
                repair = Repair(statements=(f"DROP INDEX CONCURRENTLY {index.name}",), confidence=0.9)
                found.append(Finding("index_redundant", None, message, repair))
                break
    return found


def _unpopulated(view: str) -> Finding:
    repair = Repair(statements=(f"REFRESH MATERIALIZED VIEW {view}",), confidence=0.95)
    return Finding("view_unpopulated", None, f"view {view} was never filled: reading it fails", repair)


def _stale(task: str, age: Any) -> Finding:
    repair = Repair(commands=("bookreader db upkeep refresh",))
    return Finding(
        "view_stale", None, f"the views were last refreshed {age} before the newest roll-up ({task})", repair
    )


def _invalid(index: str) -> Finding:
    repair = Repair(statements=(f"REINDEX INDEX CONCURRENTLY {index}",), confidence=0.9)
    return Finding("index_invalid", None, f"index {index} is invalid: it costs writes and serves nobody", repair)


def _unindexed(table: str, key: str, columns: str) -> Finding:
    repair = Repair(commands=(f"CREATE INDEX CONCURRENTLY ON {table} ({columns})",))
    message = f"foreign key {key} of {table} has no index: deleting what it refers to reads the whole table"
    return Finding("foreign_key_without_index", None, message, repair)


def _without_action(table: str, key: str) -> Finding:
    return Finding(
        "foreign_key_without_action", None, f"foreign key {key} of {table} says nothing of ON DELETE: deletions fail"
    )


def _outdated(name: str, installed: str, available: str) -> Finding:
    repair = Repair(statements=(f'ALTER EXTENSION "{name}" UPDATE',), confidence=0.9)
    return Finding(
        "extension_outdated", None, f"extension {name} is {installed}; the server brings {available}", repair
    )


async def _rows(connection: AsyncConnection, query: str, **values: Any) -> Sequence[Any]:
    return (await connection.execute(text(query), values)).all()


async def _knows_upkeep(connection: AsyncConnection) -> bool:
    return (await connection.execute(text("SELECT to_regclass('public.upkeep_runs')"))).scalar() is not None


UNPOPULATED = """
    SELECT c.oid::regclass::text FROM pg_class c WHERE relnamespace = 'public'::regnamespace
      AND relkind = 'm' AND NOT relispopulated ORDER BY 1
"""
STALE = """
    SELECT 'refresh', date_trunc('second', newest - started_at)
    FROM upkeep_runs, (SELECT max(rolled_at) AS newest FROM reading_days) AS days
    WHERE task = 'refresh' AND newest - started_at > interval '25 hours'
"""
INDEXES = """
    SELECT x.indexrelid::regclass::text, x.indrelid::regclass::text,
        (SELECT array_agg(pg_get_indexdef(x.indexrelid, number, true) || ' ' || (x.indoption[number - 1])::text
            ORDER BY number) FROM generate_series(1, x.indnkeyatts) AS number),
        x.indisunique, a.amname::text, coalesce(pg_get_expr(x.indpred, x.indrelid), ''),
        EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x'))
    FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_am a ON a.oid = c.relam
    WHERE c.relnamespace = 'public'::regnamespace AND x.indisvalid AND x.indrelid IN (
        SELECT oid FROM pg_class WHERE relkind = 'r')
    ORDER BY 1
"""
INVALID = """
    SELECT x.indexrelid::regclass::text FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
    WHERE c.relnamespace = 'public'::regnamespace AND NOT (x.indisvalid AND x.indisready) ORDER BY 1
"""
UNINDEXED = """
    SELECT k.conrelid::regclass::text, k.conname::text, (
        SELECT string_agg(attname, ', ' ORDER BY place) FROM unnest(k.conkey) WITH ORDINALITY AS key (number, place)
        JOIN pg_attribute ON attrelid = k.conrelid AND attnum = key.number)
    FROM pg_constraint k WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace AND NOT EXISTS (
        SELECT FROM pg_index x WHERE x.indrelid = k.conrelid AND x.indpred IS NULL
          AND (x.indkey::smallint[])[0:cardinality(k.conkey) - 1] @> k.conkey)
    ORDER BY 1, 2
"""
WITHOUT_ACTION = """
    SELECT conrelid::regclass::text, conname::text FROM pg_constraint
    WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND confdeltype = 'a' ORDER BY 1, 2
"""
OUTDATED = """
    SELECT e.extname::text, e.extversion, a.default_version FROM pg_extension e
    JOIN pg_available_extensions a ON a.name = e.extname WHERE e.extversion <> a.default_version ORDER BY 1
"""
UNUSED = """
    SELECT indexrelid::regclass::text, pg_size_pretty(pg_relation_size(indexrelid)),
        extract(day FROM now() - stats_reset)::int
    FROM pg_stat_user_indexes JOIN pg_index USING (indexrelid), pg_stat_database
    WHERE datname = current_database() AND stats_reset < now() - make_interval(days => :days)
      AND idx_scan = 0 AND NOT indisunique AND pg_relation_size(indexrelid) > :bytes ORDER BY 1
"""
