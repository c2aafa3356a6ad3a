"""SQL of illustrations, the passages that a batch is of, and the turns at picture services."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, cast, delete, exists, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import aliased

from bookreader.accounts.models import LedgerEntry
from bookreader.database import Session
from bookreader.descriptions.models import Description
from bookreader.descriptions.queries import lock_passages as lock_passages
from bookreader.descriptions.queries import lock_passages_of as lock_passages_of
from bookreader.errors import NotFound
from bookreader.illustrations.models import ArtDirectionRow, Placeholder, ServiceTurn
from bookreader.illustrations.models import GeneratedImage as GeneratedImage
from bookreader.jobs.models import ProcessingJob
from bookreader.library.models import Book, Chapter
from bookreader.reading.models import ReadingProgress

UNFINISHED = ("pending", "generating")
LIVE_JOB = ("queued", "running")
BUSY_WAIT = 3.0
"""Seconds until a service that is busy is looked at again."""
FORGOTTEN = timedelta(minutes=2)


@dataclass(frozen=True)
class Earlier:
    """What is kept of the picture that a book shows when it is drawn in another manner.

    `seed`: None for a plate's; `words`: the prompt if a person wrote it; `manner`: what its art direction had added.
    """

    seed: int | None
    words: str
    manner: tuple[str, ...]


@dataclass(frozen=True)
class Described:
    """A description as prompts and plates need it, with the book it is in."""

    id: UUID
    book_id: UUID
    chapter: int
    end: int
    """Code points of the chapter's text up to the end of the passage."""
    text: str
    type: str
    tone: str | None
    people: tuple[str, ...]
    things: tuple[str, ...]
    language: str
    pictures: int
    """How many illustrations it has already."""
    earlier: Earlier | None = None


@dataclass(frozen=True)
class ToDraw:
    """An illustration with its passage. `parameters` hold seed, size, negative prompt and the chain of services."""

    image_id: UUID
    user_id: UUID
    batch_id: UUID | None
    status: str
    service: str
    prompt: str
    parameters: dict[str, Any]
    task_id: str | None
    retries: int
    described: Described


@dataclass(frozen=True)
class Turn:
    """Whether a service may be asked now: `wait` in seconds, 0 = go. `trouble` says why it rests, if it does."""

    wait: float
    trouble: str | None = None
    sentence: str | None = None


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a service right now, and for how many seconds it is not asked."""

    outcome: str
    sentence: str
    seconds: float


# --- reading ----------------------------------------------------------------------------------------------------------


async def image_of(session: Session, user_id: UUID, image_id: UUID) -> GeneratedImage:
    """The person's illustration. Raises NotFound, also for another person's."""
    query = (
        select(GeneratedImage)
        .join(Description, Description.id == GeneratedImage.description_id)
        .join(Chapter, Chapter.id == Description.chapter_id)
        .join(Book, Book.id == Chapter.book_id)
        .where(GeneratedImage.id == image_id, GeneratedImage.user_id == user_id, Book.deleted_at.is_(None))
    )
    image = await session.scalar(query.execution_options(populate_existing=True))
    if image is None:
        raise NotFound("There is no such illustration.", code="no_such_illustration")
    return image


async def variants_of(session: Session, user_id: UUID, description_id: UUID) -> Sequence[GeneratedImage]:
    """All illustrations of a description, newest first."""
    query = (
        select(GeneratedImage)
        .where(GeneratedImage.description_id == description_id, GeneratedImage.user_id == user_id)
        .order_by(GeneratedImage.created_at.desc(), GeneratedImage.id.desc())
    )
    return (await session.scalars(query)).all()


async def count_variants(session: Session, description_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many finished pictures each description has."""
    query = (
        select(GeneratedImage.description_id, func.count())
        .where(GeneratedImage.description_id.in_(description_ids), GeneratedImage.status == "completed")
        .group_by(GeneratedImage.description_id)
    )
    rows = (await session.execute(query)).all()
    return {row[0]: row[1] for row in rows}


def _described() -> Select[*tuple[Any, ...]]:
    pictures = (
        select(func.count())
        .where(GeneratedImage.description_id == Description.id)
        .correlate(Description)
        .scalar_subquery()
    )
    return (
        select(
            Description.id, Book.id, Chapter.chapter_number, Description.end_offset, Description.content,
            Description.type, Description.emotional_tone, Description.entities, Book.language, pictures,
        )
        .select_from(Description)
        .join(Chapter, Chapter.id == Description.chapter_id)
        .join(Book, Book.id == Chapter.book_id)
        .where(Book.deleted_at.is_(None))
    )  # fmt: skip


def _as_described(row: Sequence[Any]) -> Described:
    kind = str(getattr(row[5], "value", row[5])).lower()
    people, things = sorted_entities(row[7] or ())
    return Described(row[0], row[1], row[2], row[3], row[4], kind, row[6], people, things, row[8] or "en", row[9])


def sorted_entities(entities: Sequence[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of people, and those of places and objects; what comes without a kind counts as a name."""
    named = [
        (str(one["name"]), one.get("kind", "person")) if isinstance(one, dict) else (str(one), "person")
        for one in entities
    ]
    return (
        tuple(name for name, kind in named if kind == "person"),
        tuple(name for name, kind in named if kind != "person"),
    )


async def described(session: Session, user_id: UUID, description_ids: Collection[UUID]) -> list[Described]:
    """The person's descriptions among the ids, in the order of the book."""
    query = _described().where(Description.id.in_(description_ids), Book.user_id == user_id)
    query = query.order_by(Chapter.chapter_number, Description.start_offset)
    return [_as_described(row) for row in (await session.execute(query)).all()]


async def to_draw(session: Session, image_id: UUID) -> ToDraw | None:
    """The illustration, locked with its passage until the transaction ends; None when it or its book is gone."""
    await lock_passages_of(session, [image_id])
    image = await session.scalar(
        select(GeneratedImage)
        .where(GeneratedImage.id == image_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if image is None:
        return None
    row = (await session.execute(_described().where(Description.id == image.description_id))).one_or_none()
    if row is None:
        return None
    return ToDraw(
        image.id, image.user_id, image.batch_id, image.status, image.service_used, image.prompt_used,
        dict(image.generation_parameters or {}), image.task_id, image.retry_count, _as_described(row),
    )  # fmt: skip


# --- the states -------------------------------------------------------------------------------------------------------


async def add_images(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """New illustrations that wait. Each becomes its description's current one unless that has a finished one."""
    if not rows:
        return
    wanted = [row["description_id"] for row in rows]
    await lock_passages(session, wanted)
    shown = set(
        await session.scalars(
            select(GeneratedImage.description_id).where(
                GeneratedImage.description_id.in_(wanted),
                GeneratedImage.is_current,
                GeneratedImage.status == "completed",
            )
        )
    )
    bare = [description_id for description_id in wanted if description_id not in shown]
    await session.execute(
        update(GeneratedImage).where(GeneratedImage.description_id.in_(bare)).values(is_current=False)
    )
    new = [dict(row) | {"status": "pending", "is_current": row["description_id"] not in shown} for row in rows]
    await session.execute(insert(GeneratedImage), new)
    await session.execute(update(Description).where(Description.id.in_(wanted)).values(generation_requested=True))


async def change_image(session: Session, image_id: UUID, **values: Any) -> None:
    await session.execute(update(GeneratedImage).where(GeneratedImage.id == image_id).values(**values))


async def complete_image(session: Session, image_id: UUID, **values: Any) -> None:
    """The picture is there: it becomes the current one of its description."""
    await lock_passages_of(session, [image_id])
    await change_image(session, image_id, status="completed", error_message=None, generated_at=func.now(), **values)
    await _show(session, image_id)
    described = select(GeneratedImage.description_id).where(GeneratedImage.id == image_id).scalar_subquery()
    await session.execute(update(Description).where(Description.id == described).values(image_generated=True))


async def choose_image(session: Session, image_id: UUID) -> None:
    await lock_passages_of(session, [image_id])
    await _show(session, image_id)


async def _show(session: Session, image_id: UUID) -> None:
    """It becomes the current one of its description, which is locked."""
    described = select(GeneratedImage.description_id).where(GeneratedImage.id == image_id).scalar_subquery()
    await session.execute(
        update(GeneratedImage)
        .where(GeneratedImage.description_id == described)
        .values(is_current=GeneratedImage.id == image_id)
    )


async def count_download(session: Session, image_id: UUID) -> None:
    await change_image(session, image_id, download_count=GeneratedImage.download_count + 1)


async def delete_images(session: Session, image_ids: Collection[UUID]) -> None:
    """The newest finished one that is left of each description, else the newest of all, becomes the current one."""
    await lock_passages_of(session, image_ids)
    statement = delete(GeneratedImage).where(GeneratedImage.id.in_(image_ids)).returning(GeneratedImage.description_id)
    descriptions = set(await session.scalars(statement))
    for description_id in descriptions:
        await _mend_current(session, description_id)


async def _mend_current(session: Session, description_id: UUID) -> None:
    finished = GeneratedImage.status == "completed"
    best = await session.scalar(
        select(GeneratedImage.id)
        .where(GeneratedImage.description_id == description_id)
        .order_by((GeneratedImage.is_current & finished).desc(), finished.desc(), GeneratedImage.created_at.desc())
        .limit(1)
    )
    if best is not None:
        await _show(session, best)
    generated = exists().where(GeneratedImage.description_id == description_id, finished)
    await session.execute(
        update(Description)
        .where(Description.id == description_id)
        .values(image_generated=generated, generation_requested=best is not None)
    )


def live_job() -> Any:
    return exists().where(ProcessingJob.subject_id == GeneratedImage.id, ProcessingJob.state.in_(LIVE_JOB))


async def forgotten_images(session: Session, limit: int = 500) -> Sequence[GeneratedImage]:
    """Illustrations that wait although no job will draw them: their job was cancelled. Those of batches may wait."""
    query = (
        select(GeneratedImage)
        .where(
            GeneratedImage.status.in_(UNFINISHED),
            or_(GeneratedImage.batch_id.is_(None), GeneratedImage.status == "generating"),
            ~live_job(),
        )
        .order_by(GeneratedImage.created_at)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True, of=GeneratedImage)
    )
    return (await session.scalars(query)).all()


async def orphaned_reservations(session: Session) -> Sequence[UUID]:
    """What is reserved for illustrations that are gone, as after the deletion of a book."""
    query = select(LedgerEntry.subject_id).where(
        LedgerEntry.state == "reserved",
        LedgerEntry.purpose == "picture",
        LedgerEntry.created_at < func.clock_timestamp() - FORGOTTEN,
        ~exists().where(GeneratedImage.id == LedgerEntry.subject_id),
    )
    return (await session.scalars(query)).all()


# --- turns at services ------------------------------------------------------------------------------------------------


async def take_turn(session: Session, service: str, image_id: UUID, *, parallel: int, interval: float) -> Turn:
    """Asks for a turn at a service, across all processes; whoever gets one marks its illustration as generating."""
    turn = await lock_service(session, service)
    wait = await session.scalar(
        select(func.extract("epoch", ServiceTurn.next_at - func.clock_timestamp())).where(
            ServiceTurn.service == service
        )
    )
    if wait is not None and wait > 0:
        return Turn(float(wait), turn.trouble, turn.sentence)
    if await _at_work(session, service, image_id) >= parallel:
        return Turn(BUSY_WAIT)
    await _set_turn(session, service, interval, None, None)
    return Turn(0)


async def lock_service(session: Session, service: str) -> ServiceTurn:
    """Nobody else takes a turn there until the transaction ends."""
    # In one statement: between two, an administrator might say that the service was mended, and the row be gone.
    new = upsert(ServiceTurn).values(service=service, next_at=func.clock_timestamp())
    locking = new.on_conflict_do_update(index_elements=[ServiceTurn.service], set_={"service": new.excluded.service})
    turns = await session.scalars(locking.returning(ServiceTurn), execution_options={"populate_existing": True})
    return turns.one()


async def _at_work(session: Session, service: str, image_id: UUID) -> int:
    query = select(func.count()).where(
        GeneratedImage.service_used == service,
        GeneratedImage.status == "generating",
        GeneratedImage.id != image_id,
        exists().where(
            ProcessingJob.subject_id == GeneratedImage.id,
            ProcessingJob.state == "running",
            ProcessingJob.lease_until > func.clock_timestamp(),
        ),
    )
    return await session.scalar(query) or 0


async def rest_service(session: Session, service: str, seconds: float, trouble: str, sentence: str) -> None:
    """Nobody asks the service before `seconds` have passed."""
    await lock_service(session, service)
    await _set_turn(session, service, seconds, trouble, sentence)


async def _set_turn(session: Session, service: str, seconds: float, trouble: str | None, sentence: str | None) -> None:
    next_at = func.greatest(ServiceTurn.next_at, func.clock_timestamp() + timedelta(seconds=seconds))
    statement = update(ServiceTurn).where(ServiceTurn.service == service)
    await session.execute(statement.values(next_at=next_at, trouble=trouble, sentence=sentence))


async def wake_service(session: Session, service: str) -> None:
    """Forgets what was wrong with a service: an administrator says that it was mended."""
    await session.execute(delete(ServiceTurn).where(ServiceTurn.service == service))


async def troubles(session: Session) -> dict[str, Trouble]:
    """What is wrong right now, by service."""
    seconds = func.extract("epoch", ServiceTurn.next_at - func.clock_timestamp())
    query = select(ServiceTurn, seconds).where(ServiceTurn.trouble.is_not(None), seconds > 0)
    return {
        turn.service: Trouble(turn.trouble or "", turn.sentence or "", float(rest))
        for turn, rest in (await session.execute(query)).all()
    }


# --- placeholders -----------------------------------------------------------------------------------------------------


async def same_picture(session: Session, service: str, pixels: str, prompt: str) -> Sequence[UUID] | None:
    """Finished illustrations that show the very same for another prompt; None when the picture is nothing known.

    An empty list: it is known as a placeholder already.
    """
    if await session.scalar(select(Placeholder.pixels).where(Placeholder.pixels == pixels)):
        return []
    query = select(GeneratedImage.id).where(
        GeneratedImage.pixels == pixels,
        GeneratedImage.service_used == service,
        GeneratedImage.prompt_used != prompt,
        GeneratedImage.status == "completed",
    )
    return list((await session.scalars(query)).all()) or None


async def remember_placeholder(session: Session, service: str, pixels: str) -> None:
    await session.execute(upsert(Placeholder).values(pixels=pixels, service=service).on_conflict_do_nothing())


async def unmask(session: Session, image_id: UUID, sentence: str, reason: Mapping[str, Any]) -> None:
    """A finished illustration turned out to be a placeholder. `reason`: the code and the values of the sentence."""
    added = cast({"reason": reason}, JSONB)
    await change_image(
        session,
        image_id,
        status="failed",
        error_message=sentence,
        generation_parameters=func.coalesce(GeneratedImage.generation_parameters, cast({}, JSONB)).op("||")(added),
        content_hash=None,
        sizes=None,
        local_path=None,
    )
    description_id = await session.scalar(select(GeneratedImage.description_id).where(GeneratedImage.id == image_id))
    if description_id is not None:
        await _mend_current(session, description_id)


# --- what a batch is of -----------------------------------------------------------------------------------------------


async def wanted_descriptions(
    session: Session,
    user_id: UUID,
    book_id: UUID,
    *,
    service: str,
    per_chapter: int,
    chapters: int | None,
) -> list[Described]:
    """The best descriptions of each chapter that have no picture by this service, nor one on its way.

    `chapters`: that many from where the person reads; None = all.
    """
    taken = exists().where(
        GeneratedImage.description_id == Description.id,
        GeneratedImage.service_used == service,
        GeneratedImage.status.in_((*UNFINISHED, "completed")),
    )
    rank = func.row_number().over(partition_by=Description.chapter_id, order_by=Description.priority_score.desc())
    here = (
        select(ReadingProgress.current_chapter)
        .where(ReadingProgress.book_id == book_id, ReadingProgress.user_id == user_id)
        .scalar_subquery()
    )
    ranked = (
        select(Description.id.label("id"), rank.label("rank"), taken.label("taken"))
        .join(Chapter, Chapter.id == Description.chapter_id)
        .join(Book, Book.id == Chapter.book_id)
        .where(
            Chapter.book_id == book_id,
            Book.user_id == user_id,
            Description.is_suitable_for_generation,
            Description.hidden.is_(False),
        )
    )
    if chapters is not None:
        first = func.coalesce(here, 1)
        ranked = ranked.where(Chapter.chapter_number >= first, Chapter.chapter_number < first + chapters)
    best = ranked.subquery()
    chosen = select(best.c.id).where(best.c.rank <= per_chapter, ~best.c.taken)
    query = _described().where(Description.id.in_(chosen)).order_by(Chapter.chapter_number, Description.start_offset)
    return [_as_described(row) for row in (await session.execute(query)).all()]


async def shown_in_another_manner(
    session: Session, user_id: UUID, book_id: UUID, *, service: str, manner: str
) -> list[Described]:
    """The descriptions whose chosen picture was drawn by another service or in another manner, with what is kept of it.

    One that is on its way in this manner is left out.
    """
    other = aliased(GeneratedImage)
    # Another service may have stood in for the one that was wished for, which is the first of the chain.
    wished = other.generation_parameters["chain"][0].astext
    there_or_coming = exists().where(
        other.description_id == GeneratedImage.description_id,
        or_(other.id == GeneratedImage.id, other.status.in_(UNFINISHED)),
        or_(other.service_used == service, and_(other.service_used != "plate", wished == service)),
        other.generation_parameters.contains({"manner": manner}),
    )
    query = (
        select(GeneratedImage)
        .join(Description, Description.id == GeneratedImage.description_id)
        .join(Chapter, Chapter.id == Description.chapter_id)
        .where(
            Chapter.book_id == book_id,
            GeneratedImage.user_id == user_id,
            GeneratedImage.is_current,
            GeneratedImage.status == "completed",
            Description.hidden.is_(False),
            ~there_or_coming,
        )
    )
    shown = {image.description_id: image for image in await session.scalars(query)}
    found = await described(session, user_id, list(shown))
    return [replace(one, earlier=_earlier(shown[one.id])) for one in found]


def _earlier(image: GeneratedImage) -> Earlier:
    parameters = image.generation_parameters or {}
    seed = parameters.get("seed") if image.service_used != "plate" else None
    words = image.prompt_used if parameters.get("handling") == "edited" else ""
    return Earlier(seed, words, tuple(parameters.get("manner_words", ())))


async def usual_seconds(session: Session, service: str) -> float | None:
    """The mean time of the service's last fifty pictures; None where there are none."""
    last = (
        select(GeneratedImage.generation_time_seconds.label("seconds"))
        .where(GeneratedImage.service_used == service, GeneratedImage.status == "completed")
        .order_by(GeneratedImage.generated_at.desc())
        .limit(50)
        .subquery()
    )
    return await session.scalar(select(func.avg(last.c.seconds)))


# --- the art direction of a book --------------------------------------------------------------------------------------


async def art_direction(session: Session, book_id: UUID) -> dict[str, Any]:
    found = await session.scalar(select(ArtDirectionRow.direction).where(ArtDirectionRow.book_id == book_id))
    return dict(found or {})


async def set_art_direction(session: Session, book_id: UUID, direction: dict[str, Any]) -> None:
    statement = upsert(ArtDirectionRow).values(book_id=book_id, direction=direction)
    changed = {"direction": statement.excluded.direction, "updated_at": func.now()}
    await session.execute(statement.on_conflict_do_update(index_elements=[ArtDirectionRow.book_id], set_=changed))
