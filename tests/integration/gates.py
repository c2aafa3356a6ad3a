"""Two transactions in exactly one order: each is held at a row until the other has come to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.integration.database.rows import connect
from tests.waiting import pauses

WAITING = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


class Gate:
    """Rows that nobody else gets until it is open."""

    def __init__(self, connection: Any, transaction: Any, watching: Any) -> None:
        self._connection, self._transaction, self._watching = connection, transaction, watching

    async def until_waiting(self, count: int, seconds: float = 10) -> None:
        """Until so many transactions wait, here or for each other."""
        async with asyncio.timeout(seconds):
            for pause in pauses():
                if await self._watching.fetchval(WAITING) >= count:
                    return
                await asyncio.sleep(pause)

    async def open(self) -> None:
        await self._transaction.commit()


@asynccontextmanager
async def gate(url: str, locks: str, *arguments: Any) -> AsyncIterator[Gate]:
    """`locks`: a statement that locks rows, which there must be."""
    async with connect(url) as connection, connect(url) as watching:
        transaction = connection.transaction()
        await transaction.start()
        assert await connection.fetch(locks, *arguments)
        yield Gate(connection, transaction, watching)
