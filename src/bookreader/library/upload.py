"""From a stream of bytes to a book that waits for its parsing: hash, look inside, store, one transaction."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from bookreader.database import Session
from bookreader.errors import BookRefused
from bookreader.jobs.names import JobKind
from bookreader.jobs.queries import enqueue
from bookreader.library import queries
from bookreader.library.parse import ParserPool
from bookreader.storage import Storage, StorageFull

LOOK_SECONDS = 1.0
"""How long an upload waits for the parser's first look; what takes longer is left to the job."""


@dataclass(frozen=True)
class Upload:
    """A received file. `digest` is its SHA-256."""

    path: Path
    name: str
    digest: str
    size: int


@dataclass(frozen=True)
class Accepted:
    book_id: UUID
    job_id: UUID


@asynccontextmanager
async def received(pieces: AsyncIterator[bytes], name: str, limit: int) -> AsyncIterator[Upload]:
    """The upload in a temporary file that is gone afterwards. Raises BookRefused (too_large, empty), StorageFull."""
    with tempfile.TemporaryDirectory(prefix="bookreader-") as folder:
        path = Path(folder) / "book"
        try:
            digest, size = await _write(pieces, path, limit)
        except OSError as error:
            raise StorageFull("The disk is full: free some space and upload the book again.") from error
        if size == 0:
            raise BookRefused("This file is empty.", code="empty")
        yield Upload(path, name, digest, size)


def too_large(limit: int) -> BookRefused:
    return BookRefused(f"This file is larger than {limit // 1_000_000} MB, the limit here.", code="too_large")


async def _write(pieces: AsyncIterator[bytes], path: Path, limit: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        async for piece in pieces:
            size += len(piece)
            if size > limit:
                raise too_large(limit)
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest(), size


async def look_inside(upload: Upload, parser: ParserPool) -> str:
    """The format, `epub` or `fb2`. Raises BookRefused when the parser's first look finds no book."""
    looking = asyncio.create_task(parser.inspect(upload.path))
    done, _ = await asyncio.wait({looking}, timeout=LOOK_SECONDS)
    if done:
        return str(looking.result()["format"])
    looking.cancel()
    await asyncio.wait({looking})
    return _format_by_first_bytes(upload.path)


def _format_by_first_bytes(path: Path) -> str:
    with path.open("rb") as file:
        return "epub" if file.read(4) == b"PK\x03\x04" else "fb2"


async def accept(session: Session, user_id: UUID, upload: Upload, book_format: str, storage: Storage) -> Accepted:
    """Stores the file, then adds the book and its job. Raises Conflict (duplicate_book), StorageFull, QuotaExceeded."""
    await queries.refuse_duplicate(session, user_id, upload.digest)
    await storage.put_file(upload.path, upload.digest)
    book = await queries.add_book(
        session,
        user_id,
        title=_title_of(upload.name),
        file_format=book_format,
        file_size=upload.size,
        content_hash=upload.digest,
    )
    job_id = await enqueue(session, JobKind.PARSE, user_id=user_id, book_id=book.id, priority=10)
    return Accepted(book.id, job_id)


def _title_of(name: str) -> str:
    """Until the book is parsed, its file's name stands for its title."""
    stem = Path(name.replace("\\", "/")).name
    for suffix in (".fb2.zip", ".epub", ".fb2", ".zip"):
        if stem.lower().endswith(suffix):
            stem = stem[: -len(suffix)]
            break
    return " ".join(stem.replace("_", " ").split())[:500] or "Untitled"
