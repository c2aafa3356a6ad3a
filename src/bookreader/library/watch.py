"""A watched folder: books that appear in it go on the shelf of the first administrator. The folder is only read."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from bookreader.accounts.queries import first_administrator
from bookreader.database import Database
from bookreader.errors import BookReaderError, Conflict
from bookreader.library.import_folder import book_files, take_file
from bookreader.library.parse import ParserPool
from bookreader.storage import Storage

log = structlog.get_logger()

Look = tuple[int, int]
"""A file's size in bytes and its time of change in nanoseconds."""


@dataclass
class Watch:
    """Looks at `folder` when asked to. A file is taken once it did not change between two looks, so that what is still
    being copied is left alone; one that was refused is tried again only after it has changed."""

    folder: Path
    database: Database
    storage: Storage
    parser: ParserPool
    limit: int
    _seen: dict[Path, Look] = field(default_factory=dict)
    _done: dict[Path, Look] = field(default_factory=dict)

    async def look(self) -> int:
        """Takes what is new and complete; how many books were put on the shelf."""
        looks = await asyncio.to_thread(_looks, self.folder)
        ready = [path for path, look in looks.items() if self._seen.get(path) == look != self._done.get(path)]
        self._seen = looks
        if not ready:
            return 0
        async with self.database.transaction() as session:
            owner = await first_administrator(session)
        if owner is None:
            return 0
        taken = 0
        for path in ready:
            try:
                await take_file(self.database, self.storage, self.parser, path, owner.id, self.limit)
                taken += 1
            except Conflict:
                pass
            except BookReaderError as error:
                if error.retryable:
                    continue
                log.warning("watched_file_refused", file=str(path), code=error.stable_code, reason=error.message)
            self._done[path] = looks[path]
        return taken


def _looks(folder: Path) -> dict[Path, Look]:
    found = {}
    for path in book_files([folder]) if folder.is_dir() else ():
        try:
            status = path.stat()
        except OSError:
            continue
        found[path] = (status.st_size, status.st_mtime_ns)
    return found
