"""Programs in processes of their own that use the embedded server, and a look at what they leave behind."""

import asyncio
import json
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bookreader.database.embedded import EmbeddedServer


@dataclass(frozen=True)
class App:
    """One running app.py."""

    process: Process

    async def line(self) -> dict[str, Any]:
        """The next thing it says; empty when it has ended."""
        assert self.process.stdout is not None
        text = await asyncio.wait_for(self.process.stdout.readline(), 60)
        return json.loads(text) if text.endswith(b"\n") else {}

    async def leave(self) -> dict[str, Any]:
        """Lets it end in order and gives its last words."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        last = await self.line()
        await self.process.wait()
        return last

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()

    async def rest(self) -> list[dict[str, Any]]:
        """Everything whole that a killed one had said."""
        lines = []
        while said := await self.line():
            lines.append(said)
        return lines


StartApp = Callable[..., Awaitable[App]]
MakeServer = Callable[..., EmbeddedServer]


def postgres_of(folder: Path) -> list[int]:
    """The living processes that were started with a path below `folder`, postmasters that is."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if words[0].endswith(b"postgres") and any(word.startswith(os.fsencode(folder)) for word in words):
                found.append(int(entry.name))
    return found


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def is_dead(child: int | None) -> bool:
    """Whether a process that this one started has ended: on a busy machine a killed one lives on for a moment."""
    assert child is not None
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Waits for what another process does."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - no event tells of other processes
            await asyncio.sleep(0.01)
