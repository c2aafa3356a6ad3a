"""Every background job in the order data flows: parse, describe, cast, look through, illustrate; one function each."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from bookreader.admin.upkeep import Place, do, order_what_is_due
from bookreader.analytics.rollup import roll_everything_up
from bookreader.cast.gather import gather
from bookreader.cast.queries import keep_found
from bookreader.database import Database, Session
from bookreader.descriptions import queries as descriptions
from bookreader.descriptions.extract import DescriptionPool, extract
from bookreader.descriptions.llm.look_through import look_through
from bookreader.descriptions.llm.purse import count_what_was_lost
from bookreader.descriptions.rules import RULES_VERSION
from bookreader.errors import BookRefused
from bookreader.illustrations.generate import clear_up, keep_batches_going
from bookreader.illustrations.generate import illustrate as draw_illustration
from bookreader.illustrations.order import Wish, order_illustrations
from bookreader.illustrations.services import open_studio
from bookreader.jobs.names import JobKind
from bookreader.jobs.queries import enqueue
from bookreader.jobs.worker import Handler, Job
from bookreader.library import queries as library
from bookreader.library.ingest import ingest, store_resources
from bookreader.library.parse import ParserPool
from bookreader.reading.reanchor import reanchor
from bookreader.reading.sessions import close_abandoned
from bookreader.settings import Settings
from bookreader.storage import Storage

BEGUN, READ = 20, 70
"""Percent of a book's parsing: its turn has come; the parser is done with it."""
AGAIN_AT_ONCE = 8
"""Books that wait to be looked through again: what people ask for comes in between."""


@dataclass(frozen=True)
class Pipeline:
    settings: Settings
    database: Database
    storage: Storage
    parser: ParserPool
    describer: DescriptionPool

    def handlers(self) -> Mapping[JobKind, Handler]:
        return {
            JobKind.PARSE: self.parse,
            JobKind.DESCRIBE: self.describe,
            JobKind.CAST: self.gather_cast,
            JobKind.LOOK_THROUGH: self.look_through,
            JobKind.ILLUSTRATE: self.illustrate,
            JobKind.REFRESH: self.refresh,
            JobKind.BACKUP: self.back_up,
            JobKind.SNAPSHOT: self.snapshot,
            JobKind.DRILL: self.drill,
            JobKind.SWEEP: self.sweep,
        }

    async def parse(self, job: Job) -> None:
        """The uploaded file becomes chapters, contents, positions and resources."""
        book_id = _id(job.book_id)
        async with job.progressing(BEGUN) as session:
            book = await library.book_to_parse(session, book_id)
            await library.set_parsing(session, book_id, progress=BEGUN)
        if book is None:
            return
        try:
            unpacked, resources = await self._unpack(job, book.content_hash or "")
        except BookRefused as refusal:
            await _refuse(job, book_id, refusal)
            raise
        async with job.finishing() as session:
            await ingest(session, book_id, unpacked, resources)
            if book.resource_version is not None:
                await reanchor(session, book_id)
            await enqueue(session, JobKind.DESCRIBE, user_id=job.user_id, book_id=book_id, priority=5)

    async def _unpack(self, job: Job, digest: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        with tempfile.TemporaryDirectory(prefix="bookreader-") as folder:
            source, unpacked = Path(folder) / "source", Path(folder) / "unpacked"
            unpacked.mkdir()
            source.write_bytes(await self.storage.get(digest))
            book = await self.parser.unpack(source, unpacked)
            async with job.progressing(READ) as session:
                await library.set_parsing(session, _id(job.book_id), progress=READ)
            resources = await store_resources(book, unpacked, self.storage)
        return book, resources

    async def describe(self, job: Job) -> None:
        """Every chapter is looked through for passages worth a picture; then plates are drawn for the best."""
        book_id, user_id = _id(job.book_id), _id(job.user_id)
        await extract(job.database, self.describer, book_id, user_id, job.progressing)
        async with job.finishing() as session:
            await self._order_plates(session, user_id, book_id)
            await enqueue(session, JobKind.CAST, user_id=user_id, book_id=book_id)

    async def _order_plates(self, session: Session, user_id: UUID, book_id: UUID) -> None:
        room = self.settings.plates_per_book - await descriptions.count_pictured(session, book_id)
        best = await descriptions.best_without_picture(session, book_id, max(0, room))
        await order_illustrations(session, await open_studio(session, self.settings), user_id, best, Wish())

    async def gather_cast(self, job: Job) -> None:
        """The people and places of the book get their sheets."""
        book_id = _id(job.book_id)
        found = await gather(job.database, self.describer, book_id)
        async with job.finishing() as session:
            await keep_found(session, book_id, found)

    async def look_through(self, job: Job) -> None:
        """A language model reads the book, as a person wanted."""
        await look_through(job, self.settings)

    async def illustrate(self, job: Job) -> None:
        """One illustration is drawn, verified, stored and shown."""
        await draw_illustration(job, self.settings, self.storage)

    async def refresh(self, _job: Job) -> None:
        """The views show what was read until now."""
        await do(self._place, "refresh")

    async def back_up(self, _job: Job) -> None:
        """The weekly backup, and an end to the oldest one."""
        await do(self._place, "backup")

    async def snapshot(self, _job: Job) -> None:
        """The schema as SQL, beside the backups."""
        await do(self._place, "schema")

    async def drill(self, _job: Job) -> None:
        """The newest backup is restored into a scratch place, and compared."""
        await do(self._place, "drill")

    async def sweep(self, _job: Job) -> None:
        """Stored files that no row speaks of go."""
        await do(self._place, "sweep")

    @property
    def _place(self) -> Place:
        return Place(self.settings, self.database, self.storage)


async def upkeep(database: Database, settings: Settings) -> None:
    """What is done every minute: reading sessions that fell silent, pictures that nobody draws and payments that nobody
    comes back for are ended, reading is rolled up, and what is due is enqueued, as are some of the books that older
    rules looked through."""
    async with database.transaction() as session:
        await close_abandoned(session, timedelta(minutes=settings.idle_minutes))
    async with database.transaction() as session:
        await clear_up(session)
        await count_what_was_lost(session, settings)
    await keep_batches_going(database)
    await roll_everything_up(database)
    async with database.transaction() as session:
        await order_what_is_due(session)
        for book_id, user_id in await descriptions.outdated_books(session, RULES_VERSION, AGAIN_AT_ONCE):
            await enqueue(session, JobKind.DESCRIBE, user_id=user_id, book_id=book_id)


async def _refuse(job: Job, book_id: UUID, refusal: BookRefused) -> None:
    """The row and the bytes stay, with the reason, until the person deletes the book. Raises JobGone: another worker
    may have read it by now."""
    error = {"code": refusal.stable_code, "message": refusal.message}
    async with job.progressing(None) as session:
        await library.set_parsing(session, book_id, progress=0, error=error)


def _id(value: UUID | None) -> UUID:
    if value is None:
        raise ValueError("this kind of job always has a book and a person")
    return value
