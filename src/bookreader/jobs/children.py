"""A pool of child processes with limits on memory and time; each answers one request at a time."""

import asyncio
import json
import sys
from contextlib import suppress
from typing import Any, Self

from bookreader.errors import BookRefused, Unavailable
from bookreader.jobs.child import READY

REQUESTS_PER_PROCESS = 200
"""A process is replaced after this many requests, so that no leak of a library can grow."""
LONGEST_ANSWER = 64 * 1024 * 1024
START_SECONDS = 60
GIVEN_UP = "Reading this book needed more memory or time than a book may take, so it was given up."


class ChildDied(BookRefused):
    """The process was ended by one of its limits."""

    code = "too_large"


class ChildPool:
    """At most `size` processes of `module` at work; they are started when first needed. See `jobs.child`."""

    def __init__(self, module: str, *, memory_mb: int, seconds: int, size: int = 2) -> None:
        self._module, self._memory, self._seconds = module, memory_mb, seconds
        self._slots = asyncio.Semaphore(size)
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()

    async def ask(self, task: str, **request: Any) -> Any:
        """The child's answer. Raises BookRefused with the child's code, or ChildDied when a limit ended it."""
        async with self._slots:
            child = self._idle.pop() if self._idle else await self._start()
            self._busy.add(child)
            try:
                answer = await child.ask({"task": task} | request, self._seconds + 5)
            except BaseException:
                await child.end()
                raise
            finally:
                self._busy.discard(child)
            await self._keep(child)
        if "error" in answer:
            raise BookRefused(answer["error"]["message"], code=answer["error"]["code"])
        return answer["ok"]

    async def _start(self) -> "_Child":
        return await _Child.start(self._module, str(self._memory), str(self._seconds))

    async def _keep(self, child: "_Child") -> None:
        if child.requests < REQUESTS_PER_PROCESS:
            self._idle.append(child)
        else:
            await child.end()

    async def warm(self) -> None:
        """Starts a process ahead of the first request."""
        if not self._idle:
            self._idle.append(await self._start())

    async def close(self) -> None:
        for child in [*self._idle, *self._busy]:
            await child.end()
        self._idle.clear()


class _Child:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("a child is asked and answers through pipes")
        self._process, self._stdin, self._stdout = process, process.stdin, process.stdout
        self.requests = 0

    @classmethod
    async def start(cls, module: str, *arguments: str) -> Self:
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-I", "-m", module, *arguments,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
                env={}, start_new_session=True, limit=LONGEST_ANSWER,
            )  # fmt: skip
        except OSError as error:
            raise Unavailable(f"No process for reading books could be started: {error.strerror}.") from error
        child = cls(process)
        if await child._line(START_SECONDS) != READY.encode() + b"\n":
            await child.end()
            raise Unavailable("The process that reads books ends at once: install the app again, or free some memory.")
        return child

    async def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Raises ChildDied when the process ends, or takes longer than `seconds` by the clock."""
        self.requests += 1
        try:
            self._stdin.write(json.dumps(request).encode() + b"\n")
            await self._stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise ChildDied(GIVEN_UP) from error
        line = await self._line(seconds)
        if line is None:
            raise ChildDied("Reading this book took too long, so it was given up.")
        if not line:
            raise ChildDied(GIVEN_UP)
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def _line(self, seconds: float) -> bytes | None:
        """The next line; empty when the process has ended, None when it says nothing for `seconds`."""
        try:
            return await asyncio.wait_for(self._stdout.readline(), seconds)
        except TimeoutError:
            return None

    async def end(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
