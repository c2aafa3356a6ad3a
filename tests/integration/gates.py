"""Two transactions in exactly one order: each is held at a row until the other has come to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
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


async def one_after_the_other(held: Gate, *works: Awaitable[Any]) -> list[Any]:
    """Begun in this order at a closed gate, which then opens."""
    begun = []
    for number, work in enumerate(works, 1):
        begun.append(asyncio.ensure_future(work))
        await held.until_waiting(number)
    await held.open()
    return await asyncio.gather(*begun)
