"""A small HTTP server whose answers a test writes: whole, cut off, endless, or none at all."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

MEGABYTE = b"\0" * 1_000_000


@dataclass(frozen=True)
class Asked:
    """A request as it arrived. Names of headers in lower case; `at` in seconds of a clock that only goes forward."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic, compare=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Said:
    """An answer. `promised` is the Content-Length when it differs from the truth; `hang` says nothing at all."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    promised: int | None = None
    megabytes: int = 0
    hang: bool = False


def said_json(value: object, status: int = 200, **headers: str) -> Said:
    return Said(status, json.dumps(value).encode(), {"Content-Type": "application/json"} | headers)


def error_page() -> Said:
    page = b"<!doctype html><html><title>Sorry</title><body>We are overloaded</body></html>"
    return Said(200, page, {"Content-Type": "text/html"})


def truncated(body: bytes, media_type: str) -> Said:
    return Said(200, body[: len(body) // 2], {"Content-Type": media_type}, promised=len(body))


def huge(media_type: str, *, told: bool) -> Said:
    """100 MB; `told` announces the size, otherwise the body just goes on."""
    promised = 100 * len(MEGABYTE) if told else None
    return Said(200, b"", {"Content-Type": media_type}, promised=promised, megabytes=100)


def redirect(to: str, status: int = 302) -> Said:
    return Said(status, b"", {"Location": to})


HANG = Said(hang=True)

Contract = Callable[[Asked], Said]


class FakeServer:
    """Answers by `contract`, or with the next of `troubles` while there are any. `asked` keeps every request."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self.asked: list[Asked] = []
        self.troubles: deque[Said] = deque()
        self.megabytes_sent = 0
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._welcome, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    @property
    def host(self) -> str:
        assert self._server is not None
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._talk(reader, writer)
        finally:
            self._talks.discard(talk)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await _read(reader)
        self.asked.append(asked)
        answer = self.troubles.popleft() if self.troubles else self._contract(asked)
        if answer.hang:
            await reader.read()
            return
        writer.write(_head(answer) + answer.body)
        for _ in range(answer.megabytes):
            writer.write(MEGABYTE)
            await writer.drain()
            self.megabytes_sent += 1
        await writer.drain()


async def _read(reader: asyncio.StreamReader) -> Asked:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:]) if name}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    parts = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    return Asked(method, unquote(parts.path), query, headers, body)


def _head(answer: Said) -> bytes:
    length = answer.promised if answer.promised is not None else len(answer.body)
    headers = {"Connection": "close"} | answer.headers
    if answer.promised is not None or not answer.megabytes:
        headers["Content-Length"] = str(length)
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
