"""Password hashes: argon2id with 19 MiB, t=2, p=1 (OWASP Password Storage), in a small pool beside the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from pwdlib.hashers.argon2 import Argon2Hasher

from bookreader.errors import TooManyRequests

Result = TypeVar("Result")

THREADS = 2
WAITING = 64
"""More would only make everybody wait longer and cost 19 MiB each."""


class PasswordPool:
    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="password")
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """Raises TooManyRequests when too many are waiting."""
        return await self._run(_hasher().hash, password)

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the password fits; an unknown account (None) costs the same time. Raises TooManyRequests."""
        return await self._run(_verify, password, password_hash)

    async def _run(self, function: Callable[..., Result], *args: str | None) -> Result:
        if self._waiting >= WAITING:
            raise TooManyRequests("Too many people are signing in right now. Try again in a few seconds.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, function, *args)
        finally:
            self._waiting -= 1


@cache
def _hasher() -> Argon2Hasher:
    return Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _nobody() -> str:
    return _hasher().hash("nobody has this password")


def _verify(password: str, password_hash: str | None) -> bool:
    fits = _hasher().verify(password, password_hash or _nobody())
    return fits and password_hash is not None
