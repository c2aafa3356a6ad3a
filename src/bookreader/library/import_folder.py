"""Importing files and folders: each book in a transaction of its own, so that one bad file stops nothing."""

import asyncio
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from bookreader.accounts.queries import user_with_email
from bookreader.database import Database
from bookreader.errors import BookReaderError, BookRefused, Conflict
from bookreader.jobs.names import JobState
from bookreader.jobs.queries import ended
from bookreader.library.parse import ParserPool
from bookreader.library.upload import Upload, accept, too_large
from bookreader.storage import Storage

SUFFIXES = (".epub", ".fb2", ".fb2.zip")
AT_ONCE = 50
"""Jobs that are looked at together; they are done in about the order in which they were added."""
LOOK_SECONDS = 0.2
"""Between two looks."""


class Ticker(Protocol):
    """Something that shows how far a long work is."""

    def __call__(self, done: int, total: int, what: str) -> None: ...


@dataclass
class Summary:
    imported: int = 0
    already_there: int = 0
    refused: list[dict[str, str]] = field(default_factory=list)

    def refuse(self, path: Path, error: BookReaderError) -> None:
        self.refused.append({"file": str(path), "code": error.stable_code, "message": error.message})

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def book_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The given files, and every EPUB and FB2 below the given folders, in a stable order."""
    for path in paths:
        if path.is_dir():
            found = (file for file in path.rglob("*") if file.name.lower().endswith(SUFFIXES))
            yield from sorted(file for file in found if file.is_file())
        else:
            yield path


async def import_files(
    database: Database, storage: Storage, parser: ParserPool, files: list[Path], email: str, limit: int, tick: Ticker
) -> Summary:
    """Puts the files on the person's shelf and waits until each was parsed. Raises NotFound for an unknown person.

    A worker must be running. Files whose bytes are on the shelf already are skipped, so that an interrupted import
    goes on where it stopped.
    """
    async with database.transaction() as session:
        user_id = (await user_with_email(session, email)).id
    summary, jobs = Summary(), {}
    for number, path in enumerate(files):
        tick(number, len(files), path.name)
        try:
            jobs[path] = await take_file(database, storage, parser, path, user_id, limit)
        except Conflict:
            summary.already_there += 1
        except BookReaderError as error:
            summary.refuse(path, error)
    await _await_parsing(database, user_id, jobs, summary, len(files), tick)
    return summary


async def take_file(
    database: Database, storage: Storage, parser: ParserPool, path: Path, user_id: UUID, limit: int
) -> UUID:
    """Puts one file on a shelf; the id of the job that parses it. Raises BookRefused, Conflict (duplicate_book)."""
    upload = await asyncio.to_thread(_measured, path, limit)
    book_format = await parser.look(upload.path)
    async with database.transaction() as session:
        accepted = await accept(session, user_id, upload, book_format, storage)
    return accepted.job_id


def _measured(path: Path, limit: int) -> Upload:
    """The file's hash and size. Raises BookRefused."""
    try:
        size = path.stat().st_size
        if size > limit:
            raise too_large(limit)
        if size == 0:
            raise BookRefused("This file is empty.", code="empty")
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BookRefused(f"This file cannot be read: {error.strerror}.", code="unreadable_file") from error
    return Upload(path.absolute(), path.name, digest, size)


async def _await_parsing(
    database: Database, user_id: UUID, jobs: dict[Path, UUID], summary: Summary, total: int, tick: Ticker
) -> None:
    waiting = {job_id: path for path, job_id in jobs.items()}
    while waiting:
        async with database.statements() as session:
            done = await ended(session, user_id, list(islice(waiting, AT_ONCE)))
        for job in done:
            path = waiting.pop(job.id)
            if job.state == JobState.DONE:
                summary.imported += 1
            else:
                error = job.error or {"code": "cancelled", "message": "Its import was cancelled."}
                summary.refuse(path, BookRefused(error["message"], code=error["code"]))
            tick(total - len(waiting), total, path.name)
        if waiting and len(done) < AT_ONCE:
            await asyncio.sleep(LOOK_SECONDS)
