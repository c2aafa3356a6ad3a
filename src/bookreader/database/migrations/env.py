"""Alembic's environment: one driver (asyncpg), one lock, and the only place that imports every model for comparison."""

import asyncio

from alembic import context
from sqlalchemy import Connection

import bookreader.accounts.models
import bookreader.admin.models
import bookreader.analytics.models
import bookreader.cast.models
import bookreader.database.models
import bookreader.descriptions.models
import bookreader.illustrations.models
import bookreader.jobs.models
import bookreader.library.models
import bookreader.reading.models  # noqa: F401 - imported for their tables
from bookreader.database.base import Base
from bookreader.database.embedded import running_url
from bookreader.database.migrate import Change, engine_of, follow_retired, locked, remember, stamp_of
from bookreader.settings import Settings


def configure(connection: Connection | None = None) -> None:
    context.configure(
        connection=connection,
        dialect_name="postgresql",
        dialect_opts={"paramstyle": "named"},  # offline, a per cent sign stays one
        target_metadata=Base.metadata,
        compare_type=True,
        transaction_per_migration=True,
        literal_binds=connection is None,
    )


def migrate(connection: Connection) -> None:
    configure(connection)
    with context.begin_transaction():
        context.run_migrations()


async def online() -> None:
    async with running_url(Settings()) as url:
        engine = engine_of(url)
        try:
            async with locked(engine) as connection:
                await follow_retired(connection)
                before = await stamp_of(connection)
                await connection.run_sync(migrate)
                await remember(connection, Change(before, await stamp_of(connection)))
        finally:
            await engine.dispose()


if context.is_offline_mode():
    configure()
    with context.begin_transaction():
        context.run_migrations()
elif (given := context.config.attributes.get("connection")) is not None:
    migrate(given)
else:
    asyncio.run(online())
