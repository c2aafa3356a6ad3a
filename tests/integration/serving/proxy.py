"""Stands between a running server and PostgreSQL: counts messages, kills the server at one, or falls silent."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from sqlalchemy import URL, make_url


@dataclass
class Proxy:
    """Passes on what the server and PostgreSQL say to each other until a message is due that the server dies with."""

    target: URL
    port: int = 0
    victim: int | None = None
    left: int = 0
    heard: bool = False
    passed: int = 0
    silent: bool = False
    """Whether nothing is passed on any more, as with a server that hangs."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The address of the database for who is to come through here."""
        through = self.target.set(drivername="postgresql", host="127.0.0.1", port=self.port, query={})
        return through.render_as_string(hide_password=False)

    def kill_at(self, pid: int, message: int, *, heard: bool) -> None:
        """The server dies at its message of this number; `heard`: PostgreSQL hears it, but nobody its answer."""
        self.victim, self.left, self.heard, self.passed = pid, message, heard, 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the server, until either side ends it."""
        if task := asyncio.current_task():
            self.tasks.add(task)
        from_server, to_server = await self._connect()
        ways = {asyncio.create_task(self._ask(reader, to_server)), asyncio.create_task(_pass(from_server, writer))}
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for end in (writer, to_server):
                end.close()
                with suppress(ConnectionError):
                    await end.wait_closed()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        port = self.target.port or 5432
        if self.target.host:
            return await asyncio.open_connection(self.target.host, port)
        return await asyncio.open_unix_connection(f"{self.target.query['host']}/.s.PGSQL.{port}")

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await _read(reader):
            self.passed += 1
            fatal = self.victim is not None and self.passed == self.left
            if not self.silent and (not fatal or self.heard):
                writer.write(data)
            if fatal and self.victim is not None:
                os.kill(self.victim, signal.SIGKILL)
                self.victim = None


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await _read(reader):
        writer.write(data)


async def _read(reader: asyncio.StreamReader) -> bytes:
    with suppress(ConnectionError):
        return await reader.read(65_536)
    return b""


@asynccontextmanager
async def proxy_to(database_url: str) -> AsyncIterator[Proxy]:
    """A proxy on a port of its own, until the block ends."""
    found = Proxy(make_url(database_url))
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    yield found
    server.close()
    await asyncio.gather(*found.tasks, return_exceptions=True)
