"""Locks between processes on one machine: files that the system unlocks by itself when their holder dies."""

import asyncio
import fcntl
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from bookreader.database.failures import AlreadyRunning, folder_problem

POLL = 0.05


class FileLock:
    """An advisory lock on a file. `fileno` may be handed to a child, which then keeps the lock for its own life."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise folder_problem(path.parent, error) from error

    def fileno(self) -> int:
        return self._fd

    def try_lock(self, *, shared: bool = False) -> bool:
        """Locks without waiting, or changes the kind of a lock held already. False when another holder forbids it."""
        try:
            fcntl.flock(self._fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    async def lock(self) -> None:
        while not self.try_lock():  # noqa: ASYNC110 - other processes hold it, no event of ours can tell
            await asyncio.sleep(POLL)

    def read(self) -> str:
        return os.pread(self._fd, 4096, 0).decode(errors="replace")

    def write(self, text: str) -> None:
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, text.encode(), 0)

    def close(self) -> None:
        """Lets go of our copy; a child that was given the file keeps the lock."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class FolderClaim:
    """Says that one `serve` works on a data folder, for as long as it lives.

    >>> with FolderClaim(data_dir) as claim:          # raises AlreadyRunning
    ...     claim.announce("http://127.0.0.1:8000")   # what the next one is told
    """

    def __init__(self, data_dir: Path) -> None:
        """Raises AlreadyRunning, or ServerProblem when the folder cannot be written."""
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise folder_problem(data_dir, error) from error
        self._lock = FileLock(data_dir / "serve.lock")
        if not self._lock.try_lock():
            holder = _holder(self._lock.read())
            self._lock.close()
            raise _already_running(data_dir, holder)
        self.announce(None)

    def announce(self, address: str | None) -> None:
        self._lock.write(json.dumps({"pid": os.getpid(), "address": address}))

    def close(self) -> None:
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _holder(text: str) -> dict[str, object]:
    try:
        holder = json.loads(text)
    except ValueError:
        return {}
    return holder if isinstance(holder, dict) else {}


def _already_running(data_dir: Path, holder: dict[str, object]) -> AlreadyRunning:
    pid, address = holder.get("pid"), holder.get("address")
    where = f" at {address}" if address else ""
    who = f" (process {pid})" if pid else ""
    return AlreadyRunning(
        f"BookReader is already running{where}{who} on the data folder {data_dir}: use that one, or stop it first.",
        pid=pid,
        address=address,
    )
