"""SQL of descriptions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, delete, exists, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bookreader.database import Session
from bookreader.database.base import uuid7
from bookreader.descriptions.models import Description as Description
from bookreader.descriptions.models import ModelReading
from bookreader.descriptions.rules.spans import is_same_passage
from bookreader.errors import NotFound
from bookreader.illustrations.models import GeneratedImage
from bookreader.jobs.models import ProcessingJob
from bookreader.jobs.names import JobKind, JobState
from bookreader.library.models import Book, Chapter
from bookreader.reading.models import Place, ReadingProgress

BY_MODEL = "llm:"
"""With this begins the engine of what a language model found."""
PAGE_AHEAD = 2000
"""Code points past the furthest place that are on the page before the reader's eyes, and so spoil nothing."""


@dataclass(frozen=True)
class Shown:
    """A description with its chapter, its finished or coming picture, and whether it lies beyond what was read."""

    description: Description
    chapter: int
    beyond: bool
    picture: GeneratedImage | None


@dataclass(frozen=True)
class ChapterToDescribe:
    number: int
    id: UUID
    text: str
    html: str | None
    step: str | None


async def language_of(session: Session, book_id: UUID) -> str | None:
    """The book's language tag, or None when the book is gone."""
    return await session.scalar(select(Book.language).where(Book.id == book_id, Book.deleted_at.is_(None)))


async def begin_describing(session: Session, book_id: UUID, rules: str) -> None:
    """Notes the rules that the book is looked through with; what was done with others, known or not, is done again."""
    before = await session.scalar(select(Book.described_with).where(Book.id == book_id).with_for_update())
    if before == rules:
        return
    await session.execute(update(Book).where(Book.id == book_id).values(described_with=rules))
    done = (Chapter.book_id == book_id) & Chapter.is_description_parsed
    await session.execute(update(Chapter).where(done).values(is_description_parsed=False))


async def outdated_books(session: Session, rules: str, count: int) -> Sequence[tuple[UUID, UUID]]:
    """Books that were looked through with other rules: their ids and their people's. None while any book is looked
    through, and none that failed: it would fail again."""
    looking = select(ProcessingJob.id).where(ProcessingJob.kind == JobKind.DESCRIBE.value)
    busy = looking.where(ProcessingJob.state.in_([JobState.QUEUED.value, JobState.RUNNING.value]))
    failed = looking.where(ProcessingJob.book_id == Book.id, ProcessingJob.state == JobState.FAILED.value)
    query = select(Book.id, Book.user_id).where(
        Book.described_with.is_distinct_from(rules),
        Book.is_parsed,
        Book.deleted_at.is_(None),
        ~busy.exists(),
        ~failed.exists(),
    )
    return [(row[0], row[1]) for row in await session.execute(query.limit(count))]


async def count_pictured(session: Session, book_id: UUID) -> int:
    """How many passages of a book have a picture, or one that is coming."""
    query = (
        select(func.count())
        .select_from(Description)
        .join(Chapter, Chapter.id == Description.chapter_id)
        .join(GeneratedImage, (GeneratedImage.description_id == Description.id) & GeneratedImage.is_current)
        .where(Chapter.book_id == book_id)
    )
    return await session.scalar(query) or 0


async def chapters_to_describe(session: Session, book_id: UUID, user_id: UUID) -> list[UUID]:
    """Chapters not yet looked through, those nearest to where the person reads first."""
    query = select(Chapter.id).where(Chapter.book_id == book_id, Chapter.is_description_parsed.is_(False))
    return list((await session.scalars(query.order_by(*_nearest_first(book_id, user_id)))).all())


def _nearest_first(book_id: UUID, user_id: UUID) -> tuple[Any, Any]:
    """What the person reads next comes first, what lies behind last."""
    here = (
        select(ReadingProgress.current_chapter)
        .where(ReadingProgress.book_id == book_id, ReadingProgress.user_id == user_id)
        .scalar_subquery()
    )
    here_or_start = func.coalesce(here, 1)
    return Chapter.chapter_number < here_or_start, func.abs(Chapter.chapter_number - here_or_start)


# What is done for every chapter is prepared once, on the tables: what is built anew and mapped costs several times as
# much.
_CHAPTERS, _DESCRIPTIONS, _IMAGES = (
    Chapter.metadata.tables[name] for name in ("chapters", "descriptions", "generated_images")
)
_TO_DESCRIBE = select(
    _CHAPTERS.c.chapter_number, _CHAPTERS.c.id, _CHAPTERS.c.content, _CHAPTERS.c.html_content, _CHAPTERS.c.cfi
).where(_CHAPTERS.c.id == bindparam("chapter"))
_LOCK_CHAPTER = select(_CHAPTERS.c.id).where(_CHAPTERS.c.id == bindparam("chapter")).with_for_update(key_share=True)
_LOCK_FOUND = (
    select(_DESCRIPTIONS.c.id)
    .where(_DESCRIPTIONS.c.chapter_id == bindparam("chapter"))
    .order_by(_DESCRIPTIONS.c.id)
    .with_for_update()
)
_DELETE_FOUND = delete(_DESCRIPTIONS).where(
    _DESCRIPTIONS.c.chapter_id == bindparam("chapter"),
    _DESCRIPTIONS.c.corrected.is_(False),
    ~exists().where(_IMAGES.c.description_id == _DESCRIPTIONS.c.id),
    ~func.coalesce(_DESCRIPTIONS.c.engine, "").startswith(BY_MODEL, autoescape=True),
)
_SPANS = select(_DESCRIPTIONS.c.start_offset, _DESCRIPTIONS.c.end_offset).where(
    _DESCRIPTIONS.c.chapter_id == bindparam("chapter")
)
_SET_DESCRIBED = (
    update(_CHAPTERS)
    .where(_CHAPTERS.c.id == bindparam("chapter"))
    .values(
        is_description_parsed=True, parsing_progress=100, parsed_at=func.now(), descriptions_found=bindparam("found")
    )
)


async def chapter_to_describe(session: Session, chapter_id: UUID) -> ChapterToDescribe | None:
    row = (await session.execute(_TO_DESCRIBE, {"chapter": chapter_id})).one_or_none()
    return ChapterToDescribe(*row) if row else None


async def replace_descriptions(session: Session, chapter_id: UUID, rows: list[dict[str, Any]]) -> None:
    """Writes what the rules found in a chapter. Passages with a picture, those that a person added, corrected or hid,
    and those that a language model found stay; doing it again changes nothing."""
    await _lock_chapter(session, chapter_id)
    # Who orders a picture right now is waited for: what is deleted is looked for afterwards, when it is to be seen.
    await session.execute(_LOCK_FOUND, {"chapter": chapter_id})
    await session.execute(_DELETE_FOUND, {"chapter": chapter_id})
    kept = (await session.execute(_SPANS, {"chapter": chapter_id})).all()
    new = [
        {"id": uuid7(), "chapter_id": chapter_id} | row
        for row in rows
        if not any(is_same_passage((row["start_offset"], row["end_offset"]), (start, end)) for start, end in kept)
    ]
    if new:
        await session.execute(insert(_DESCRIPTIONS), new)
    await session.execute(_SET_DESCRIBED, {"chapter": chapter_id, "found": len(new) + len(kept)})


async def lock_book(session: Session, book_id: UUID) -> None:
    """Nobody else orders anything for it that may be ordered once, until the transaction ends."""
    await session.execute(select(Book.id).where(Book.id == book_id).with_for_update(key_share=True))


async def lock_passages(session: Session, description_ids: Collection[UUID]) -> None:
    """Nobody else orders, begins, finishes, chooses or deletes pictures of these passages until the transaction ends.

    It comes before their pictures, the turns at a service and the ledger: of those, two changes might take some in one
    order and some in another.
    """
    await _lock_passages(session, description_ids)


async def _lock_passages(session: Session, wanted: Collection[UUID] | Select[UUID]) -> None:
    query = select(Description.id).where(Description.id.in_(wanted)).order_by(Description.id)
    await session.execute(query.with_for_update(key_share=True))


async def lock_passages_of(session: Session, image_ids: Collection[UUID]) -> None:
    """As `lock_passages`, for those that the illustrations are of."""
    await _lock_passages(session, select(GeneratedImage.description_id).where(GeneratedImage.id.in_(image_ids)))


async def _lock_chapter(session: Session, chapter_id: UUID) -> UUID | None:
    """Nobody else writes descriptions of it until the transaction ends. None: it is gone."""
    found: UUID | None = await session.scalar(_LOCK_CHAPTER, {"chapter": chapter_id})
    return found


def _pictured() -> Any:
    pictured = select(GeneratedImage.description_id).where(GeneratedImage.description_id == Description.id)
    return pictured.exists()


# --- what a language model has read -----------------------------------------------------------------------------------


async def texts_to_read(session: Session, book_id: UUID, user_id: UUID) -> Sequence[tuple[UUID, str]]:
    """The ids and texts of all chapters, those nearest to where the person reads first."""
    query = select(Chapter.id, Chapter.content).where(Chapter.book_id == book_id)
    rows = await session.execute(query.order_by(*_nearest_first(book_id, user_id)))
    return [(row[0], row[1]) for row in rows]


async def stretches_read(session: Session, book_id: UUID, engine: str) -> set[tuple[UUID, int, int]]:
    """The stretches of a book that the model was given, by chapter, start and end."""
    query = select(ModelReading.chapter_id, ModelReading.start_offset, ModelReading.end_offset)
    rows = await session.execute(_of_book(query, book_id).where(ModelReading.engine == engine))
    return {(row[0], row[1], row[2]) for row in rows}


async def count_readings(session: Session, book_id: UUID, engine: str) -> dict[str, int]:
    """How many stretches of a book had which outcome with this model."""
    query = _of_book(select(ModelReading.outcome, func.count()), book_id).where(ModelReading.engine == engine)
    return {row[0]: row[1] for row in await session.execute(query.group_by(ModelReading.outcome))}


def _of_book(query: Select[*tuple[Any, ...]], book_id: UUID) -> Select[*tuple[Any, ...]]:
    return query.join(Chapter, Chapter.id == ModelReading.chapter_id).where(Chapter.book_id == book_id)


async def forget_failures(session: Session, book_id: UUID, engine: str) -> None:
    """What the model could not read is given to it again."""
    chapters = select(Chapter.id).where(Chapter.book_id == book_id)
    await session.execute(
        delete(ModelReading).where(
            ModelReading.chapter_id.in_(chapters), ModelReading.engine == engine, ModelReading.outcome != "read"
        )
    )


async def begin_keeping(session: Session, chapter_id: UUID) -> Sequence[tuple[Description, bool]] | None:
    """The descriptions of a chapter, and whether each is one that must stay as it is; None when the chapter is gone.

    Nobody else writes any until the transaction ends.
    """
    if await _lock_chapter(session, chapter_id) is None:
        return None
    query = select(Description, Description.corrected | _pictured()).where(Description.chapter_id == chapter_id)
    return [(row[0], row[1]) for row in await session.execute(query.order_by(Description.start_offset))]


async def keep_reading(
    session: Session, chapter_id: UUID, reading: dict[str, Any], new: Sequence[dict[str, Any]]
) -> None:
    """Notes that a stretch was read, and adds what is new. Raises nothing when it was noted before."""
    statement = upsert(ModelReading).values(id=uuid7(), chapter_id=chapter_id, **reading)
    await session.execute(statement.on_conflict_do_nothing())
    if new:
        await session.execute(insert(Description), [{"id": uuid7(), "chapter_id": chapter_id} | row for row in new])
        found = Chapter.descriptions_found + len(new)
        await session.execute(update(Chapter).where(Chapter.id == chapter_id).values(descriptions_found=found))


# --- single descriptions ----------------------------------------------------------------------------------------------


async def description_of(session: Session, user_id: UUID, description_id: UUID) -> Description:
    """The description, if it is in one of the person's books. Raises NotFound."""
    query = (
        select(Description)
        .join(Chapter, Chapter.id == Description.chapter_id)
        .join(Book, Book.id == Chapter.book_id)
        .where(Description.id == description_id, Book.user_id == user_id, Book.deleted_at.is_(None))
    )
    description = await session.scalar(query.execution_options(populate_existing=True))
    if description is None:
        raise NotFound("There is no such description.", code="no_such_description")
    return description


async def description_to_change(session: Session, user_id: UUID, description_id: UUID) -> Description:
    """As `description_of`; nobody else writes descriptions of its chapter until the transaction ends."""
    await _lock_chapter(session, (await description_of(session, user_id, description_id)).chapter_id)
    return await description_of(session, user_id, description_id)


async def book_of_description(session: Session, description_id: UUID) -> tuple[UUID, str]:
    """The id and language of the book that a description belongs to."""
    row = (
        await session.execute(
            select(Book.id, Book.language)
            .join(Chapter, Chapter.book_id == Book.id)
            .join(Description, Description.chapter_id == Chapter.id)
            .where(Description.id == description_id)
        )
    ).one()
    return row[0], row[1]


async def descriptions_of(
    session: Session,
    user_id: UUID,
    book_id: UUID,
    *,
    chapter: int | None = None,
    kind: str | None = None,
    after: tuple[Any, ...] | None = None,
    limit: int = 200,
    with_picture: bool = False,
    named: str | None = None,
) -> list[Shown]:
    """Descriptions in the order of the book, each with its current picture, in one statement."""
    query = _shown(user_id, book_id)
    if chapter is not None:
        query = query.where(Chapter.chapter_number == chapter)
    if kind is not None:
        query = query.where(Description.type == kind.upper())
    if after is not None:
        query = query.where(tuple_(Chapter.chapter_number, Description.start_offset, Description.id) > after)
    if with_picture:
        query = query.where(GeneratedImage.id.is_not(None))
    if named is not None:
        query = query.where(Description.entities.contains([{"name": named}]) | Description.entities.contains([named]))
    query = query.order_by(Chapter.chapter_number, Description.start_offset, Description.id).limit(limit)
    return [Shown(*row) for row in (await session.execute(query)).all()]


async def shown(session: Session, user_id: UUID, book_id: UUID, description_id: UUID) -> Shown:
    """One description of a person's book as it is shown."""
    row = (await session.execute(_shown(user_id, book_id).where(Description.id == description_id))).one()
    return Shown(*row)


def _shown(user_id: UUID, book_id: UUID) -> Select[*tuple[Any, ...]]:
    before = (
        select(Chapter.id, func.sum(Chapter.characters).over(order_by=Chapter.chapter_number).label("through"))
        .where(Chapter.book_id == book_id)
        .subquery()
    )
    furthest = (
        select(Place.total_progression)
        .join(ReadingProgress, ReadingProgress.furthest_place_id == Place.id)
        .where(ReadingProgress.book_id == book_id, ReadingProgress.user_id == user_id)
        .scalar_subquery()
    )
    read = func.coalesce(furthest, 0) * Book.characters + PAGE_AHEAD
    beyond = (before.c.through - Chapter.characters + Description.start_offset) > read
    return (
        select(Description, Chapter.chapter_number, beyond.label("beyond"), GeneratedImage)
        .join(Chapter, Chapter.id == Description.chapter_id)
        .join(before, before.c.id == Chapter.id)
        .join(Book, Book.id == Chapter.book_id)
        .outerjoin(GeneratedImage, (GeneratedImage.description_id == Description.id) & GeneratedImage.is_current)
        .where(Book.id == book_id, Book.user_id == user_id, Description.hidden.is_(False))
    )


async def best_without_picture(session: Session, book_id: UUID, count: int) -> Sequence[UUID]:
    """The `count` most promising descriptions of a book that have no picture, spread over its chapters."""
    rank = func.row_number().over(partition_by=Description.chapter_id, order_by=Description.priority_score.desc())
    ranked = (
        select(Description.id, Description.priority_score, rank.label("rank"), GeneratedImage.id.label("picture"))
        .join(Chapter, Chapter.id == Description.chapter_id)
        .outerjoin(GeneratedImage, GeneratedImage.description_id == Description.id)
        .where(Chapter.book_id == book_id, Description.is_suitable_for_generation, Description.hidden.is_(False))
        .subquery()
    )
    query = (
        select(ranked.c.id)
        .where(ranked.c.picture.is_(None))
        .order_by(ranked.c.rank, ranked.c.priority_score.desc())
        .limit(count)
    )
    return (await session.scalars(query)).all()


async def chapter_to_add_to(session: Session, book_id: UUID, number: int) -> UUID:
    """The id of a chapter. Nobody else writes descriptions of it until the transaction ends."""
    query = select(Chapter.id).where(Chapter.book_id == book_id, Chapter.chapter_number == number)
    return (await session.scalars(query.with_for_update(key_share=True))).one()


async def description_at(session: Session, chapter_id: UUID, start: int, end: int) -> Description | None:
    """The description of exactly this passage, which a person has chosen: it is shown again if it was hidden."""
    query = select(Description).where(
        Description.chapter_id == chapter_id, Description.start_offset == start, Description.end_offset == end
    )
    found = await session.scalar(query)
    if found is not None:
        await change_description(session, found, {"hidden": False})
    return found


async def add_description(session: Session, chapter_id: UUID, values: dict[str, Any]) -> Description:
    """A passage that a person chose."""
    description = Description(id=uuid7(), chapter_id=chapter_id, corrected=True, **values)
    session.add(description)
    await session.flush()
    return description


async def change_description(session: Session, description: Description, values: dict[str, Any]) -> None:
    """What a person changed stays when the book is looked through again."""
    for name, value in (values | {"corrected": True}).items():
        setattr(description, name, value)
    await session.flush()
