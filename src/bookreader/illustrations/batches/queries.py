"""SQL of batches of illustrations, and of the line that illustrations wait in."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, case, exists, func, or_, select

from bookreader.accounts.models import LedgerEntry
from bookreader.database import Session
from bookreader.database.base import uuid7
from bookreader.descriptions.models import Description
from bookreader.errors import NotFound
from bookreader.illustrations.models import GeneratedImage
from bookreader.illustrations.models import PictureBatch as PictureBatch
from bookreader.illustrations.queries import LIVE_JOB, UNFINISHED, live_job
from bookreader.jobs.models import ProcessingJob
from bookreader.library.models import Book, Chapter


@dataclass(frozen=True)
class Progress:
    """How far a batch is: the number of its illustrations by status, and what they cost."""

    statuses: Mapping[str, int]
    spent: Decimal


async def add_batch(session: Session, **values: Any) -> PictureBatch:
    batch = PictureBatch(id=uuid7(), **values)
    session.add(batch)
    await session.flush()
    await session.refresh(batch)
    return batch


async def batch_of(session: Session, user_id: UUID, batch_id: UUID) -> PictureBatch:
    """The person's batch, locked until the transaction ends. Raises NotFound."""
    query = (
        select(PictureBatch)
        .join(Book, Book.id == PictureBatch.book_id)
        .where(PictureBatch.id == batch_id, PictureBatch.user_id == user_id, Book.deleted_at.is_(None))
        .with_for_update(key_share=True, of=PictureBatch)
    )
    batch = await session.scalar(query)
    if batch is None:
        raise NotFound("There is no such batch of illustrations.", code="no_such_batch")
    return batch


async def batches_of(session: Session, user_id: UUID, book_id: UUID) -> Sequence[PictureBatch]:
    """The batches of a book, newest first."""
    query = (
        select(PictureBatch)
        .where(PictureBatch.user_id == user_id, PictureBatch.book_id == book_id)
        .order_by(PictureBatch.created_at.desc())
        .limit(50)
    )
    return (await session.scalars(query)).all()


async def progress_of(session: Session, batch_ids: Collection[UUID]) -> dict[UUID, Progress]:
    """How far batches are, in one statement."""
    query = (
        select(
            GeneratedImage.batch_id,
            GeneratedImage.status,
            func.count(),
            func.coalesce(func.sum(LedgerEntry.price).filter(LedgerEntry.state == "settled"), 0),
        )
        .outerjoin(LedgerEntry, LedgerEntry.subject_id == GeneratedImage.id)
        .where(GeneratedImage.batch_id.in_(batch_ids))
        .group_by(GeneratedImage.batch_id, GeneratedImage.status)
    )
    found: dict[UUID, Progress] = {}
    for batch_id, status, count, spent in (await session.execute(query)).all():
        if batch_id is None:
            continue
        before = found.get(batch_id, Progress({}, Decimal(0)))
        found[batch_id] = Progress({**before.statuses, status: count}, before.spent + spent)
    return found


async def next_of_batch(session: Session, batch_id: UUID, at_once: int) -> Sequence[Row[UUID, UUID, UUID]]:
    """Illustrations of an active batch to begin now, so that no more than `at_once` have a job: their ids, people and
    books. A person may delete one meanwhile."""
    batch = await session.scalar(
        select(PictureBatch)
        .where(PictureBatch.id == batch_id, PictureBatch.state == "active")
        .with_for_update(key_share=True)
    )
    if batch is None:
        return []
    unfinished = (GeneratedImage.batch_id == batch_id) & GeneratedImage.status.in_(UNFINISHED)
    busy = await session.scalar(select(func.count()).where(unfinished, live_job())) or 0
    query = (
        select(GeneratedImage.id, GeneratedImage.user_id, Chapter.book_id)
        .join(Description, Description.id == GeneratedImage.description_id)
        .join(Chapter, Chapter.id == Description.chapter_id)
        .where(unfinished, ~live_job())
        .order_by(Chapter.chapter_number, Description.start_offset, GeneratedImage.id)
        .limit(max(0, at_once - busy))
    )
    return (await session.execute(query)).all()


async def waiting_of_batch(session: Session, batch_id: UUID) -> Sequence[UUID]:
    """Illustrations of a batch that nobody has begun."""
    query = select(GeneratedImage.id).where(
        GeneratedImage.batch_id == batch_id, GeneratedImage.status == "pending", ~live_job()
    )
    return (await session.scalars(query)).all()


async def idle_batches(session: Session) -> Sequence[UUID]:
    """Active batches with illustrations that wait."""
    waiting = exists().where(and_(GeneratedImage.batch_id == PictureBatch.id, GeneratedImage.status == "pending"))
    return (await session.scalars(select(PictureBatch.id).where(PictureBatch.state == "active", waiting))).all()


# --- the line ---------------------------------------------------------------------------------------------------------


def _line(batches: Any) -> Any:
    """Unfinished illustrations with the number of those before each.

    One with a job waits for the jobs before it at the same service, whosever they are; one of a batch that has no job
    yet, for those of its batch. `batches`: those whose illustrations without a job are wanted as well.
    """
    live = and_(ProcessingJob.subject_id == GeneratedImage.id, ProcessingJob.state.in_(LIVE_JOB))
    at_service = func.count(ProcessingJob.id).over(
        partition_by=GeneratedImage.service_used, order_by=(ProcessingJob.created_at, ProcessingJob.id)
    )
    in_batch = func.count().over(
        partition_by=GeneratedImage.batch_id,
        order_by=(Chapter.chapter_number, Description.start_offset, GeneratedImage.id),
    )
    has_job = ProcessingJob.id.is_not(None)
    return (
        select(
            GeneratedImage.id,
            GeneratedImage.batch_id,
            GeneratedImage.status,
            has_job.label("has_job"),
            (case((has_job, at_service), else_=in_batch) - 1).label("ahead"),
        )
        .join(Description, Description.id == GeneratedImage.description_id)
        .join(Chapter, Chapter.id == Description.chapter_id)
        .outerjoin(ProcessingJob, live)
        .where(GeneratedImage.status.in_(UNFINISHED), or_(has_job, GeneratedImage.batch_id.in_(batches)))
        .subquery()
    )


async def ahead_of_images(session: Session, images: Collection[GeneratedImage]) -> dict[UUID, int]:
    """How many pictures are drawn before each of those that wait; those of a batch that stands still are left out."""
    waiting = {image.id: image.batch_id for image in images if image.status == "pending"}
    if not waiting:
        return {}
    active = select(PictureBatch.id).where(
        PictureBatch.id.in_({batch_id for batch_id in waiting.values() if batch_id}), PictureBatch.state == "active"
    )
    line = _line(active)
    query = select(line.c.id, line.c.ahead).where(line.c.id.in_(waiting), line.c.status == "pending")
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


async def ahead_of_batches(session: Session, batch_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many pictures are drawn before the first of each batch; a batch of which one is drawn now is left out."""
    if not batch_ids:
        return {}
    line = _line(())
    query = (
        select(line.c.batch_id, func.min(line.c.ahead))
        .where(line.c.batch_id.in_(batch_ids), line.c.has_job)
        .group_by(line.c.batch_id)
        .having(func.bool_and(line.c.status == "pending"))
    )
    return {row[0]: row[1] for row in (await session.execute(query)).all()}
