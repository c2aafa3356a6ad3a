"""Databases for a moment: to prove a repair, rehearse an upgrade, or try a backup without touching anything real."""

import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import make_url, text

from bookreader.database.embedded import EmbeddedServer
from bookreader.database.failures import DatabaseUnavailable
from bookreader.database.migrate import connection_to
from bookreader.settings import Settings

PREFIX = "bookreader_scratch_"


@asynccontextmanager
async def scratch_database(url: str | None, settings: Settings) -> AsyncIterator[str]:
    """The address of an empty database that goes away afterwards: on the server of `url` where we may create one, else
    on a server of its own. Raises DatabaseUnavailable."""
    if url is not None and await _may_create(url):
        async with _created(url) as scratch:
            yield scratch
    else:
        with scratch_folder() as folder:
            async with EmbeddedServer(folder, pg_bindir=settings.pg_bindir, durable=False) as server:
                yield server.url


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder that the user of a dropped server can reach."""
    folder = Path(tempfile.mkdtemp(prefix="bookreader-", dir="/tmp" if os.geteuid() == 0 else None))  # noqa: S108
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _may_create(url: str) -> bool:
    try:
        async with connection_to(url) as connection:
            return bool((await connection.execute(text(MAY_CREATE))).scalar())
    except DatabaseUnavailable:
        return False


MAY_CREATE = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"


FORGOTTEN = f"""
    SELECT datname FROM pg_database AS each
    WHERE datname ~ '^{PREFIX}[0-9]+_' AND datdba = (SELECT oid FROM pg_roles WHERE rolname = current_user)
      AND split_part(datname, '_', 3)::bigint < extract(epoch FROM now()) - 86400
      AND NOT EXISTS (SELECT FROM pg_stat_activity AS other WHERE other.datname = each.datname)
"""  # noqa: S608 - the prefix is ours


@asynccontextmanager
async def _created(url: str) -> AsyncIterator[str]:
    """Its name says when it was made: what a killed process left behind goes when another is made a day later."""
    async with connection_to(url) as connection:
        forgotten = (await connection.execute(text(FORGOTTEN))).scalars().all()
    for each in forgotten:
        await _outside_transactions(url, f"DROP DATABASE IF EXISTS {each}")
    name = f"{PREFIX}{int(time.time())}_{uuid4().hex}"
    await _outside_transactions(url, f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        await _outside_transactions(url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


async def _outside_transactions(url: str, statement: str) -> None:
    async with connection_to(url) as connection:
        outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await outside.execute(text(statement))
