"""Connections for single statements: what happens many times a second goes past the layers that build and map queries.

A statement through them costs about ten times the processor time of the same statement sent by the driver itself.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any


class Lane:
    """A few connections, opened as they are needed; each is held for one statement only."""

    def __init__(self, connect: Callable[[], Awaitable[Any]], size: int) -> None:
        self._connect = connect
        self._room = asyncio.Semaphore(size)
        self._free: list[Any] = []

    async def fetch(self, query: str, *arguments: Any) -> list[Any]:
        """The rows of a statement that is a transaction of its own. Raises what the driver raises."""
        async with self._room:
            connection = await self._take()
            try:
                rows: list[Any] = await connection.fetch(query, *arguments)
            except BaseException:
                # It may be in the middle of an answer, as when the caller was cancelled.
                connection.terminate()
                raise
            self._free.append(connection)
            return rows

    async def _take(self) -> Any:
        while self._free:
            connection = self._free.pop()
            if not connection.is_closed():
                return connection
        return await self._connect()

    async def close(self) -> None:
        while self._free:
            await self._free.pop().close()
