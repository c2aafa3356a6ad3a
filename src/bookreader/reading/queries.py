"""SQL of places and of a person's progress. `open_book` is this domain's gate."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Float,
    Row,
    and_,
    case,
    cast,
    delete,
    func,
    not_,
    or_,
    select,
    text,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, insert
from sqlalchemy.orm import aliased

from bookreader.database import Database, Session, lock
from bookreader.database.base import uuid7
from bookreader.errors import Conflict, NotFound
from bookreader.library.models import Book, Chapter
from bookreader.reading import models
from bookreader.reading.chapters import ChapterFacts, OpenChapter, RecentChapters, parsed
from bookreader.reading.models import Annotation as Annotation
from bookreader.reading.models import ReadingProgress
from bookreader.reading.models import ReadingSession as ReadingSession
from bookreader.reading.rules import History, Mark

KEYS_KEPT = timedelta(days=60)
"""How long every report is remembered by its key: longer than any device keeps what it could not send."""
SLOWEST, FASTEST = 20, 1200
"""Words a minute between which a pace is believed."""
_recent = RecentChapters()


@dataclass(frozen=True, slots=True)
class OpenBook:
    """A book that may be read, behind the gate. `version` is that of its content."""

    id: UUID
    user_id: UUID
    version: str


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the history as it is stored: see `models.Place`."""

    id: UUID
    user_id: UUID
    book_id: UUID
    key: UUID
    device: str
    chapter: int
    cfi: str | None
    quote: str | None
    page: int
    total_progression: float
    scroll_offset_percent: float | None
    client_time: datetime | None
    at: datetime
    read_at: datetime
    began_at: datetime
    since: datetime | None
    pages_read: int
    words_read: int
    version: str | None
    repaired: str | None

    def as_row(self) -> dict[str, Any]:
        """By column; `asdict` would copy every value."""
        return {name: getattr(self, name) for name in PLACE_COLUMNS}

    @property
    def mark(self) -> Mark:
        return Mark(
            id=self.id,
            device=self.device,
            chapter=self.chapter,
            page=self.page,
            progression=self.total_progression,
            at=self.at,
            read_at=self.read_at,
            began_at=self.began_at,
            made_at=self.client_time,
            since=self.since,
        )


PLACE_COLUMNS = [column.name for column in fields(Place)]
_COLUMNS = [getattr(models.Place, name) for name in PLACE_COLUMNS]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person is in a book: the rules' history, and the places that its marks stand for.

    `known`: by key, those of the reports asked about that were kept before. `progress_id` and `seen` are the row of
    progress and its state, once there is one. `now` is the database's clock.
    """

    book: OpenBook
    history: History
    now: datetime
    places: dict[UUID, Place]
    known: dict[UUID, Place]
    progress_id: UUID | None
    seen: str | None

    def place(self, mark: Mark | None) -> Place | None:
        return self.places[mark.id] if mark else None

    def having(self, history: History, place: Place) -> "Standing":
        """The same with one more place, as the rules put it."""
        return replace(self, history=history, places={**self.places, place.id: place})


async def open_book(session: Session, user_id: UUID, book_id: UUID) -> OpenBook:
    """The person's book, parsed. Raises NotFound, also for another person's, and Conflict while it is prepared."""
    query = select(Book.is_parsed, Book.resource_version).where(
        Book.id == book_id, Book.user_id == user_id, Book.deleted_at.is_(None)
    )
    row = (await session.execute(query)).one_or_none()
    return _opened(user_id, book_id, *(row or (None, None)))


def _opened(user_id: UUID, book_id: UUID, is_parsed: bool | None, version: str | None) -> OpenBook:
    if is_parsed is None:
        raise NotFound("There is no such book on your shelf.", code="no_such_book")
    if not is_parsed:
        raise Conflict("This book is still being prepared: try again in a moment.", code="not_ready")
    return OpenBook(book_id, user_id, version or "")


async def chapter_of(session: Session, book: OpenBook, number: int) -> OpenChapter:
    """A chapter, parsed; from memory when it was read lately. Raises NotFound when the book has no such chapter."""
    found = recent_chapter(book, number)
    if found is None:
        found = await _read_chapter(session, book.id, number)
        _recent.keep(book.id, book.version, found)
    return found


def recent_chapter(book: OpenBook, number: int) -> OpenChapter | None:
    """A chapter that was read lately."""
    return _recent.get(book.id, book.version, number)


async def _read_chapter(session: Session, book_id: UUID, number: int) -> OpenChapter:
    every = aliased(Chapter)
    linear = func.sum(every.characters).filter(every.linear)
    sums = select(
        func.coalesce(linear.filter(every.chapter_number < number), 0), func.coalesce(linear, 0)
    ).where(every.book_id == book_id).subquery()  # fmt: skip
    columns = (
        Chapter.chapter_number, Chapter.cfi, Chapter.characters, Chapter.word_count, Chapter.linear,
        Chapter.first_position, Chapter.positions,
    )  # fmt: skip
    query = select(*columns, *sums.c, Chapter.html_content).join(sums, true())
    row = (
        await session.execute(query.where(Chapter.book_id == book_id, Chapter.chapter_number == number))
    ).one_or_none()
    if row is None:
        raise NotFound(f"This book has no chapter {number}.", code="no_such_chapter")
    number, step, *facts, html = row
    return await parsed(ChapterFacts(number, step or f"/6/{2 * number}", *facts), html or "")


async def chapters_with_quote(session: Session, book_id: UUID, quote: str, near: int) -> Sequence[int]:
    """Numbers of the chapters in which the quote stands, white space aside; the nearest first."""
    squeezed = func.translate(Chapter.content, " \n", "")
    query = (
        select(Chapter.chapter_number)
        .where(Chapter.book_id == book_id, func.strpos(squeezed, "".join(quote.split())) > 0)
        .order_by(func.abs(Chapter.chapter_number - near))
    )
    return (await session.scalars(query)).all()


# Saving a place is what happens most often: its statements go straight to the driver.
_STANDING = f"""
    WITH RECURSIVE latest AS (
        (SELECT id, device FROM places WHERE user_id = $1 AND book_id = $2 ORDER BY device DESC, read_at DESC LIMIT 1)
        UNION ALL
        SELECT following.* FROM latest CROSS JOIN LATERAL (
            SELECT id, device FROM places WHERE user_id = $1 AND book_id = $2 AND device < latest.device
            ORDER BY device DESC, read_at DESC LIMIT 1
        ) AS following
    ),
    progress AS (
        SELECT id, xmin::text AS seen, current_place_id, furthest_place_id FROM reading_progress
        WHERE user_id = $1 AND book_id = $2
    ),
    wanted AS (
        SELECT id, 'latest' AS role FROM latest
        UNION ALL
        SELECT unnest(ARRAY[current_place_id, furthest_place_id]), unnest(ARRAY['current', 'furthest']) FROM progress
        UNION ALL
        (SELECT id, 'heard' FROM places
         WHERE user_id = $1 AND book_id = $2 AND device = $3 AND at > clock_timestamp() - interval '15 minutes'
         ORDER BY at DESC LIMIT 1)
        UNION ALL
        SELECT id, 'known' FROM places WHERE user_id = $1 AND key = ANY($4::uuid[])
    )
    SELECT books.is_parsed, books.resource_version, clock_timestamp() AS now, progress.id AS progress_id, progress.seen,
        wanted.role, {", ".join(f"places.{name}" for name in PLACE_COLUMNS)}
    FROM books LEFT JOIN progress ON true LEFT JOIN (wanted JOIN places ON places.id = wanted.id) ON true
    WHERE books.id = $2 AND books.user_id = $1 AND books.deleted_at IS NULL
"""  # noqa: S608 - the columns are our own


async def standing(
    database: Database, user_id: UUID, book_id: UUID, device: str | None = None, keys: Sequence[UUID] = ()
) -> Standing:
    """Where the person is in the book. `device`: who reports. `keys`: reports that may be known already.

    Raises NotFound and Conflict like `open_book`.
    """
    rows = await database.fetch(_STANDING, user_id, book_id, device or "", list(keys))
    book = _opened(user_id, book_id, *(rows[0][:2] if rows else (None, None)))
    places = [(row[5], Place(*row[6:])) for row in rows if row[5]]
    by_role = {role: place.mark for role, place in places}
    history = History(
        current=by_role.get("current"),
        furthest=by_role.get("furthest"),
        latest={place.device: place.mark for role, place in places if role == "latest"},
        heard=by_role.get("heard"),
    )
    return Standing(
        book=book,
        history=history,
        now=rows[0]["now"],
        places={place.id: place for _, place in places},
        known={place.key: place for role, place in places if role == "known"},
        progress_id=rows[0]["progress_id"],
        seen=rows[0]["seen"],
    )


_ADD_PROGRESS = """
    INSERT INTO reading_progress (id, user_id, book_id, last_read_at)
    SELECT $3, user_id, id, created_at FROM books WHERE user_id = $1 AND id = $2
    ON CONFLICT (user_id, book_id) DO NOTHING
"""


async def add_progress(database: Database, user_id: UUID, book_id: UUID) -> None:
    """Makes the person's row of progress in a book, if there is none; nothing was read yet."""
    await database.fetch(_ADD_PROGRESS, user_id, book_id, uuid7())


# The row's xmin changes with whatever changes the row, so that a verdict upon an older state is not written.
_KEEP = """
    WITH moved AS (
        UPDATE reading_progress SET
            current_place_id = $3, furthest_place_id = $4, current_chapter = $5, current_page = $6,
            current_position = $7, reading_location_cfi = $8, scroll_offset_percent = $9,
            last_read_at = greatest($10, last_read_at), updated_at = now()
        WHERE id = $1 AND xmin::text = $2
        RETURNING id
    )
    INSERT INTO places SELECT place.* FROM moved CROSS JOIN jsonb_populate_recordset(NULL::places, $11::jsonb) AS place
    RETURNING id
"""


async def keep(database: Database, new: Sequence[Place], after: Standing) -> bool:
    """Adds places to the history and writes down which are the current and the furthest one, in one statement.

    False, and nothing is written, when another report came in between: then the verdict must be found anew.
    """
    current, furthest = after.place(after.history.current), after.history.furthest
    if current is None:
        raise ValueError("a history with places has a current one")
    return bool(
        await database.fetch(
            _KEEP,
            after.progress_id,
            after.seen,
            current.id,
            furthest.id if furthest else None,
            current.chapter,
            current.page,
            round(100 * current.total_progression),
            current.cfi,
            current.scroll_offset_percent or 0.0,
            max(place.read_at for place in new),
            json.dumps([place.as_row() for place in new], default=str),
        )
    )


async def place_of(session: Session, user_id: UUID, book_id: UUID, place_id: UUID) -> Place:
    """An entry of the history of the person's book. Raises NotFound."""
    query = select(*_COLUMNS).where(
        models.Place.id == place_id, models.Place.user_id == user_id, models.Place.book_id == book_id
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFound("This place is not in the book's history.", code="no_such_place")
    return Place(*row)


async def places_of(
    session: Session, user_id: UUID, book_id: UUID, *, before: tuple[Any, ...] | None, limit: int
) -> Sequence[Place]:
    """The history, newest first: of each stretch of page turns its first and last place, and every jump."""
    query = select(*_COLUMNS).where(
        models.Place.user_id == user_id, models.Place.book_id == book_id, not_(_is_passed())
    )
    if before is not None:
        query = query.where(tuple_(models.Place.at, models.Place.id) < before)
    query = query.order_by(models.Place.at.desc(), models.Place.id.desc()).limit(limit)
    return [Place(*row) for row in (await session.execute(query)).all()]


async def book_of_job(session: Session, book_id: UUID) -> OpenBook:
    """The book of a job, whoever owns it. Raises NotFound."""
    row = (await session.execute(select(Book.user_id, Book.resource_version).where(Book.id == book_id))).one_or_none()
    if row is None:
        raise NotFound("The book was deleted meanwhile.", code="no_such_book")
    return OpenBook(book_id, row[0], row[1] or "")


async def places_of_other_content(session: Session, book: OpenBook) -> Sequence[Place]:
    """Those whose address was made for another version of the book."""
    query = select(*_COLUMNS).where(
        models.Place.book_id == book.id, models.Place.version.is_distinct_from(book.version)
    )
    return [Place(*row) for row in (await session.execute(query)).all()]


async def annotations_of_other_content(session: Session, book: OpenBook) -> Sequence[Annotation]:
    """Those whose address was made for another version of the book."""
    query = select(Annotation).where(Annotation.book_id == book.id, Annotation.version.is_distinct_from(book.version))
    return (await session.scalars(query)).all()


async def chapter_at(session: Session, book_id: UUID, progression: float) -> tuple[int, float]:
    """The linear chapter at a total progression (0-1), and the percent within it."""
    chapters = (
        await session.execute(
            select(Chapter.chapter_number, Chapter.characters)
            .where(Chapter.book_id == book_id, Chapter.linear)
            .order_by(Chapter.chapter_number)
        )
    ).all()
    left = progression * sum(characters for _, characters in chapters)
    for number, characters in chapters:
        if left <= characters and characters:
            return number, 100 * left / characters
        left -= characters
    return (chapters[-1][0] if chapters else 1), 100.0


async def move_places(session: Session, places: Sequence[Place]) -> None:
    """Writes new addresses of known places, and of the current places among them."""
    rows = json.dumps([place.as_row() for place in places], default=str)
    await session.execute(_MOVE, {"rows": rows})


_MOVE = text("""
    WITH new AS MATERIALIZED (SELECT * FROM jsonb_populate_recordset(NULL::places, CAST(:rows AS jsonb))),
    moved AS (
        UPDATE places SET chapter = new.chapter, cfi = new.cfi, quote = new.quote, page = new.page,
            total_progression = new.total_progression, scroll_offset_percent = new.scroll_offset_percent,
            version = new.version, repaired = new.repaired
        FROM new WHERE places.id = new.id
    )
    UPDATE reading_progress SET current_chapter = new.chapter, current_page = new.page,
        current_position = round(100 * new.total_progression), reading_location_cfi = new.cfi,
        scroll_offset_percent = coalesce(new.scroll_offset_percent, 0)
    FROM new WHERE current_place_id = new.id
""")


def _is_passed() -> ColumnElement[bool]:
    """Whether a place lies within a stretch: neither its first nor its last."""
    place, following = models.Place, aliased(models.Place)
    began = (
        select(following.began_at)
        .where(
            following.user_id == place.user_id,
            following.book_id == place.book_id,
            following.device == place.device,
            tuple_(following.read_at, following.at) > tuple_(place.read_at, place.at),
        )
        .order_by(following.read_at, following.at)
        .limit(1)
        .scalar_subquery()
    )
    return and_(place.began_at < place.at, began.is_not_distinct_from(place.began_at))


async def thin_history(session: Session, now: datetime, window: timedelta = timedelta(days=14)) -> int:
    """Forgets places within stretches, once no device can report them again; returns how many.

    Looks at those that became old enough within `window`, which the ids tell since they are in the order of time. What
    is missed while nothing runs stays, and harms nobody.
    """
    old = now - KEYS_KEPT
    needed = select(ReadingProgress.id).where(
        or_(
            ReadingProgress.current_place_id == models.Place.id,
            ReadingProgress.furthest_place_id == models.Place.id,
        )
    )
    statement = delete(models.Place).where(
        models.Place.id.between(first_id(old - window), first_id(old)), _is_passed(), not_(needed.exists())
    )
    return len((await session.scalars(statement.returning(models.Place.id))).all())


def first_id(at: datetime) -> UUID:
    """The smallest id of version 7 that is made at that time."""
    return UUID(int=(int(at.timestamp() * 1000) << 80) | (0x7 << 76) | (0b10 << 62))


# By the name that `lock_reading` locks.
_FREE_PEOPLE = text("""
    SELECT person FROM unnest(CAST(:people AS uuid[])) AS person
    WHERE pg_try_advisory_xact_lock(hashtextextended('reading:' || person, 0))
""")


async def lock_reading(session: Session, user_id: UUID) -> datetime:
    """The time; from here to the end of the transaction nobody else changes the person's reading sessions.

    Not only those of one device: a change of a session also writes the mark of its day and the progress in its book,
    and two devices might come to these in two orders. Whoever changes several sessions does it in the order of time,
    which is that of the marks.
    """
    await lock(session, f"reading:{user_id}")
    now: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return now


async def session_of(session: Session, user_id: UUID, session_id: UUID) -> tuple[ReadingSession, datetime]:
    """The person's reading session, locked with all of the person's, and the time. Raises NotFound."""
    now = await lock_reading(session, user_id)
    query = select(ReadingSession).where(ReadingSession.id == session_id, ReadingSession.user_id == user_id)
    found = await session.scalar(query.with_for_update())
    if found is None:
        raise NotFound("There is no such reading session.", code="no_such_session")
    return found, now


async def session_by_key(session: Session, user_id: UUID, key: UUID) -> ReadingSession | None:
    query = select(ReadingSession).where(ReadingSession.user_id == user_id, ReadingSession.key == key)
    return await session.scalar(query)


async def sessions_of_device(
    session: Session, user_id: UUID, device: str | None, since: datetime
) -> Sequence[ReadingSession]:
    """The device's sessions that began since then, locked, in their order."""
    query = (
        select(ReadingSession)
        .where(ReadingSession.user_id == user_id, ReadingSession.device == device, ReadingSession.started_at >= since)
        .order_by(ReadingSession.started_at)
    )
    return (await session.scalars(query.with_for_update())).all()


async def silent_sessions(
    session: Session, idle: timedelta, limit: int = 500
) -> Sequence[Row[ReadingSession, datetime]]:
    """Running sessions without a heartbeat for longer than `idle`, and the time; those of people whose devices tell
    something right now are left for the next time. One that was told late had its heartbeats in the past: it gets the
    same while to be ended by its device."""
    heard = func.greatest(
        func.coalesce(ReadingSession.last_activity_at, ReadingSession.started_at), ReadingSession.created_at
    )
    silent = and_(ReadingSession.is_active, heard < func.now() - idle)
    people = (await session.scalars(select(ReadingSession.user_id).where(silent).distinct().limit(limit))).all()
    if not people:
        return []
    free = (await session.scalars(_FREE_PEOPLE, {"people": people})).all()
    query = (
        select(ReadingSession, func.now())
        .where(silent, ReadingSession.user_id.in_(free))
        .order_by(ReadingSession.user_id, ReadingSession.started_at)
        .limit(limit)
    )
    return (await session.execute(query.with_for_update())).all()


async def current_position(session: Session, user_id: UUID, book_id: UUID) -> int:
    """Where the person is, in percent of the book."""
    query = select(ReadingProgress.current_position).where(
        ReadingProgress.user_id == user_id, ReadingProgress.book_id == book_id
    )
    return (await session.scalar(query)) or 0


async def add_session(session: Session, values: dict[str, Any]) -> ReadingSession:
    found = ReadingSession(id=uuid7(), **values)
    session.add(found)
    await session.flush()
    await session.refresh(found)
    return found


async def times_of_places(session: Session, found: ReadingSession, after: datetime) -> Sequence[datetime]:
    """When the device was somewhere in the session's book, in order."""
    return (
        await session.scalars(
            select(models.Place.read_at).where(_of_session(found), models.Place.read_at > after)
            .order_by(models.Place.read_at)
        )
    ).all()  # fmt: skip


@dataclass(frozen=True, slots=True)
class Movement:
    """What was read within a time, by page turns. `first`, `last`: percent of the book at its ends, where known."""

    pages: int
    words: int
    first: int | None
    last: int | None


async def movement(session: Session, found: ReadingSession, until: datetime) -> Movement:
    """What the device read in the session's book between its begin and `until`."""
    place = models.Place
    positions = func.array_agg(
        aggregate_order_by(func.round(100 * place.total_progression), place.read_at.asc()), type_=ARRAY(Float)
    )
    query = select(
        func.coalesce(func.sum(place.pages_read), 0), func.coalesce(func.sum(place.words_read), 0), positions
    ).where(_of_session(found), place.read_at.between(found.started_at, until))
    pages, words, percents = (await session.execute(query)).one()
    return Movement(pages, words, *((int(percents[0]), int(percents[-1])) if percents else (None, None)))


def _of_session(found: ReadingSession) -> ColumnElement[bool]:
    return and_(
        models.Place.user_id == found.user_id,
        models.Place.book_id == found.book_id,
        models.Place.device == found.device,
    )


async def ended_sessions_at(session: Session, places: Sequence[Place]) -> Sequence[ReadingSession]:
    """Sessions that had ended when these places of one device came in late, locked, in their order."""
    first, times = places[0], [place.read_at for place in places]
    query = select(ReadingSession).where(
        ReadingSession.user_id == first.user_id,
        ReadingSession.book_id == first.book_id,
        ReadingSession.device == first.device,
        ReadingSession.started_at <= max(times),
        ReadingSession.ended_at >= min(times),
    )
    await lock_reading(session, first.user_id)
    return (await session.scalars(query.order_by(ReadingSession.started_at).with_for_update())).all()


async def add_up_reading(session: Session, user_id: UUID, book_id: UUID) -> None:
    """Writes the book's reading time and pace anew from its sessions; a pace that nobody reads at is left out."""
    own = (ReadingSession.user_id == user_id, ReadingSession.book_id == book_id)
    minutes, words = func.sum(ReadingSession.duration_minutes), func.sum(ReadingSession.words_read)
    pace = words / cast(func.nullif(minutes, 0), Float)
    sums = (
        select(ReadingSession.book_id, minutes.label("minutes"), pace.label("pace"))
        .where(*own, not_(ReadingSession.is_active))
        .group_by(ReadingSession.book_id)
        .subquery()
    )
    believed = case((sums.c.pace.between(SLOWEST, FASTEST), sums.c.pace), else_=ReadingProgress.reading_speed_wpm)
    await session.execute(
        update(ReadingProgress)
        .where(ReadingProgress.user_id == user_id, ReadingProgress.book_id == sums.c.book_id)
        .values(reading_time_minutes=sums.c.minutes, reading_speed_wpm=believed)
        .execution_options(synchronize_session=False)
    )


async def annotation_by_key(session: Session, user_id: UUID, key: UUID) -> Annotation | None:
    return await session.scalar(select(Annotation).where(Annotation.user_id == user_id, Annotation.key == key))


async def annotations_of(
    session: Session,
    user_id: UUID,
    book_id: UUID,
    *,
    chapter: int | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Annotation]:
    """In the order of the book."""
    query = select(Annotation).where(Annotation.user_id == user_id, Annotation.book_id == book_id)
    if chapter is not None:
        query = query.where(Annotation.chapter == chapter)
    order = (Annotation.chapter, Annotation.start_offset, Annotation.id)
    if after is not None:
        query = query.where(tuple_(*order) > after)
    return (await session.scalars(query.order_by(*order).limit(limit))).all()


async def add_annotation(session: Session, values: dict[str, Any]) -> Annotation:
    """Raises Conflict when two requests with one key meet; the loser asks again and is answered."""
    statement = insert(Annotation).values(id=uuid7(), **values).returning(Annotation)
    return (await session.scalars(statement)).one()


async def change_annotation(session: Session, user_id: UUID, annotation_id: UUID, values: dict[str, Any]) -> Annotation:
    """Raises NotFound."""
    statement = update(Annotation).where(Annotation.id == annotation_id, Annotation.user_id == user_id)
    changed = statement.values(updated_at=func.now(), **values).returning(Annotation)
    return _found((await session.scalars(changed)).one_or_none())


async def remove_annotation(session: Session, user_id: UUID, annotation_id: UUID) -> None:
    """Raises NotFound."""
    statement = delete(Annotation).where(Annotation.id == annotation_id, Annotation.user_id == user_id)
    _found((await session.scalars(statement.returning(Annotation))).one_or_none())


def _found(annotation: Annotation | None) -> Annotation:
    if annotation is None:
        raise NotFound("There is no such bookmark or highlight.", code="no_such_annotation")
    return annotation
