"""Where a database stands: its revision, what is pending, and who answers."""

import ast
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import make_url, text

from bookreader.database.chain import Revision, read_chain
from bookreader.database.migrate import VERSIONS, connection_to, head, stamp_of


@dataclass(frozen=True)
class Step:
    id: str
    title: str


@dataclass(frozen=True)
class Standing:
    """`history`: every revision, oldest first; `pending`: those that the database has not seen."""

    revision: str | None
    head: str
    history: list[Step]
    pending: list[Step]

    def as_json(self) -> dict[str, Any]:
        return {"revision": self.revision, "head": self.head, "pending": [each.id for each in self.pending]}


async def current(url: str) -> Standing:
    """Raises DatabaseUnavailable."""
    async with connection_to(url) as connection:
        stamped = await stamp_of(connection)
    chain = read_chain(VERSIONS)
    seen = chain.ancestors(stamped) if stamped else set()
    steps = [Step(each.id, _title(each)) for each in chain.ordered()]
    return Standing(stamped, head(), steps, [each for each in steps if each.id not in seen])


def _title(revision: Revision) -> str:
    doc = ast.get_docstring(ast.parse(revision.text)) or ""
    return doc.split("\n", 1)[0]


def _libpq(url: str) -> str:
    """As psql takes it, without the password."""
    return make_url(url).set(drivername="postgresql", password=None).render_as_string()


def database_name(url: str) -> str:
    return make_url(url).database or ""


async def ping(url: str) -> dict[str, Any]:
    """Raises DatabaseUnavailable."""
    begun = time.perf_counter()
    async with connection_to(url) as connection:
        connected = time.perf_counter()
        (await connection.execute(text("SELECT 1"))).scalar()
        answered = time.perf_counter()
        row = (await connection.execute(text(WHO))).one()
        stamped = await stamp_of(connection)
    return {
        "address": _libpq(url),
        "server": row.server,
        "database": row.database,
        "user": row.person,
        "size": row.size,
        "tables": row.tables,
        "connect_ms": round(1000 * (connected - begun), 1),
        "answer_ms": round(1000 * (answered - connected), 1),
        "revision": stamped,
        "at_head": stamped == head(),
    }


WHO = """
    SELECT current_setting('server_version') AS server, current_database() AS database, current_user AS person,
        pg_size_pretty(pg_database_size(current_database())) AS size,
        (SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace) AS tables
"""
