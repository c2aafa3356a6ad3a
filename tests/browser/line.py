"""The line between a browser and the server, which a test may cut, and on which it may change what the server sends."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Line:
    """Passes each request on by a connection of its own. While it is cut, nobody answers at its address."""

    def __init__(self, site: str) -> None:
        self._upstream = urlsplit(site)
        self._port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.changed: dict[str, Callable[[bytes], bytes | None]] = {}
        """What becomes of the body of a file, by its path; None: the file is gone."""
        self.asked: list[str] = []
        """The first lines of what was asked for."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for task in tuple(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._pass_on(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # cut, or the browser went away
        finally:
            self._open.discard(task)
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, _, headers = head.partition(b"\r\n")
        self.asked.append(first.decode())
        path = first.split()[1].decode().partition("?")[0]
        # What is to be changed must come as it is.
        dropped = (b"connection:", b"accept-encoding:") if path in self.changed else (b"connection:",)
        kept = [line for line in headers.split(b"\r\n") if line and not line.lower().startswith(dropped)]
        up, down = await asyncio.open_connection(self._upstream.hostname, self._upstream.port)
        try:
            down.write(b"\r\n".join([first, *kept, b"Connection: close", b"", b""]))
            sending = asyncio.create_task(_pour(reader, down))
            if path in self.changed:
                writer.write(_changed(await up.read(), self.changed[path]))
                await writer.drain()
            else:
                await _pour(up, writer)
            sending.cancel()
        finally:
            down.close()


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while piece := await source.read(65_536):
        target.write(piece)
        await target.drain()


def _changed(answer: bytes, change: Callable[[bytes], bytes | None]) -> bytes:
    head, _, body = answer.partition(b"\r\n\r\n")
    changed = change(body)
    if changed is None:
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    lines = [
        line for line in head.split(b"\r\n") if not line.lower().startswith((b"content-length:", b"etag:", b"last-mod"))
    ]
    return b"\r\n".join([*lines, b"Content-Length: " + str(len(changed)).encode(), b"", changed])


@asynccontextmanager
async def line_to(site: str) -> AsyncIterator[Line]:
    line = Line(site)
    await line.mend()
    try:
        yield line
    finally:
        await line.cut()
