"""SQL of books, chapters and resources. `book_of` is the one door to what a person owns."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    TextClause,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    not_,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import REGCONFIG

from bookreader.database import Database, Session, lock
from bookreader.database.base import uuid7
from bookreader.errors import Conflict, InvalidInput, NotFound
from bookreader.jobs.models import ProcessingJob
from bookreader.library.hits import Asked, Found, forms_in, found_in, ways_of
from bookreader.library.models import Book as Book
from bookreader.library.models import Chapter as Chapter
from bookreader.library.models import Resource as Resource
from bookreader.library.search import Paragraph, configuration, folded
from bookreader.reading.models import Place, ReadingProgress

WORDS_PER_MINUTE = 220
CHAPTER_TYPE = "application/xhtml+xml"
SORTS = ("recent", "added", "title", "author")


@dataclass(frozen=True)
class Shelved:
    """A book as the shelf shows it."""

    book: Book
    last_read_at: datetime | None
    total_progression: float | None
    """Place in the book, 0-1; null when it was never opened."""
    last_device: str | None
    pace: float | None
    """Words a minute at which the person reads this book; null or 0 when not known yet."""


async def book_of(session: Session, user_id: UUID, book_id: UUID, *, deleted: bool = False) -> Book:
    """The person's book. Raises NotFound, also for another person's."""
    query = select(Book).where(Book.id == book_id, Book.user_id == user_id)
    query = query.where(Book.deleted_at.is_not(None) if deleted else Book.deleted_at.is_(None))
    book = await session.scalar(query)
    if book is None:
        raise _no_such_book()
    return book


def _no_such_book() -> NotFound:
    return NotFound("There is no such book on your shelf.", code="no_such_book")


async def readable_book_of(session: Session, user_id: UUID, book_id: UUID) -> Book:
    """The person's book, parsed. Raises NotFound, and Conflict while it is being read by the server."""
    book = await book_of(session, user_id, book_id)
    if not book.is_parsed:
        raise _not_ready()
    return book


def _not_ready() -> Conflict:
    return Conflict("This book is still being prepared.", code="not_ready")


async def refuse_duplicate(session: Session, user_id: UUID, digest: str) -> None:
    """Raises Conflict with the id of the book that has the same bytes. Serialises uploads of the same bytes."""
    await lock(session, f"{user_id}:{digest}")
    query = select(Book.id).where(Book.user_id == user_id, Book.content_hash == digest, Book.deleted_at.is_(None))
    there = await session.scalar(query)
    if there is not None:
        raise Conflict("This book is on your shelf already.", code="duplicate_book", id=str(there))


async def add_book(
    session: Session, user_id: UUID, *, title: str, file_format: str, file_size: int, content_hash: str
) -> Book:
    book = Book(
        id=uuid7(),
        user_id=user_id,
        title=title,
        genre="other",
        language="",
        file_path=f"blobs/{content_hash[:2]}/{content_hash}",
        file_format=file_format,
        file_size=file_size,
        content_hash=content_hash,
    )
    session.add(book)
    await session.flush()
    return book


async def shelf(
    session: Session,
    user_id: UUID,
    *,
    filters: dict[str, str],
    sort: str,
    after: tuple[Any, ...] | None,
    limit: int,
) -> list[Shelved]:
    """One page of the person's books with their places, in two statements however many there are."""
    query = _ordered(_filtered(_shelved(user_id), filters), sort, after).limit(limit)
    return [Shelved(*row) for row in (await session.execute(query)).all()]


def _shelved(user_id: UUID) -> Select[*tuple[Any, ...]]:
    """A person's books as `Shelved` holds them."""
    return (
        select(
            Book,
            ReadingProgress.last_read_at,
            Place.total_progression,
            Place.device,
            ReadingProgress.reading_speed_wpm,
        )
        .outerjoin(ReadingProgress, (ReadingProgress.book_id == Book.id) & (ReadingProgress.user_id == Book.user_id))
        .outerjoin(Place, Place.id == ReadingProgress.current_place_id)
        .where(Book.user_id == user_id, Book.deleted_at.is_(None))
    )


def _filtered(query: Select[*tuple[Any, ...]], filters: dict[str, str]) -> Select[*tuple[Any, ...]]:
    """Metadata filters go through JSONB containment, the search through trigrams."""
    if q := filters.get("q"):
        pattern = "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = query.where(or_(Book.title.ilike(pattern), Book.author.ilike(pattern)))
    if tag := filters.get("tag"):
        query = query.where(Book.book_metadata.contains({"tags": [tag]}))
    if series := filters.get("series"):
        query = query.where(Book.book_metadata.contains({"series": {"name": series}}))
    if publisher := filters.get("publisher"):
        query = query.where(Book.book_metadata.contains({"publisher": publisher}))
    if identifier := filters.get("identifier"):
        query = query.where(Book.book_metadata.contains({"identifiers": [{"value": identifier}]}))
    if author := filters.get("author"):
        query = query.where(Book.book_metadata.contains({"authors": [author]}))
    if language := filters.get("language"):
        query = query.where(Book.book_metadata.contains({"language": language}))
    if genre := filters.get("genre"):
        query = query.where(Book.genre == genre)
    if state := filters.get("state"):
        query = query.where(_in_state(state))
    return query


def _in_state(state: str) -> Any:
    conditions = {
        "unread": Place.id.is_(None) & Book.is_parsed,
        "reading": not_(_is_finished()),
        "finished": _is_finished(),
        "preparing": Book.is_parsed.is_(False) & Book.parsing_error.is_(None),
        "failed": Book.parsing_error.is_not(None),
    }
    if state not in conditions:
        raise InvalidInput(f"state is one of {', '.join(conditions)}.")
    return conditions[state]


def _is_finished() -> ColumnElement[bool]:
    """On the last page of a short book less than 99.5 % lie before the place."""
    return or_(Place.total_progression >= 0.995, and_(Book.total_pages > 1, Place.page >= Book.total_pages))


def _ordered(query: Select[*tuple[Any, ...]], sort: str, after: tuple[Any, ...] | None) -> Select[*tuple[Any, ...]]:
    if sort in ("title", "author"):
        name: Any = func.lower(func.coalesce(getattr(Book, sort), ""))
        if after is not None:
            query = query.where(tuple_(name, Book.id) > after)
        return query.order_by(name, Book.id)
    recent: Any = func.coalesce(ReadingProgress.last_read_at, Book.created_at)
    column: Any = recent if sort == "recent" else Book.created_at
    if after is not None:
        query = query.where(tuple_(column, Book.id) < after)
    return query.order_by(column.desc(), Book.id.desc())


def sort_value(shelved: Shelved, sort: str) -> Any:
    """The value that the cursor of a shelf page carries."""
    if sort == "title":
        return shelved.book.title.lower()
    if sort == "author":
        return (shelved.book.author or "").lower()
    return (shelved.last_read_at or shelved.book.created_at) if sort == "recent" else shelved.book.created_at


async def shelved_book(session: Session, user_id: UUID, book_id: UUID) -> Shelved:
    """One book as the shelf shows it. Raises NotFound."""
    row = (await session.execute(_shelved(user_id).where(Book.id == book_id))).one_or_none()
    if row is None:
        raise _no_such_book()
    return Shelved(*row)


async def change_book(session: Session, user_id: UUID, book_id: UUID, values: dict[str, Any]) -> None:
    """Raises NotFound."""
    await book_of(session, user_id, book_id)
    if values:
        await session.execute(update(Book).where(Book.id == book_id).values(**values))
        session.expire_all()


async def delete_book(session: Session, user_id: UUID, book_id: UUID) -> None:
    """Takes a book off the shelf; it can be brought back. Ends its jobs. Raises NotFound."""
    await book_of(session, user_id, book_id)
    await session.execute(update(Book).where(Book.id == book_id).values(deleted_at=func.now()))
    await session.execute(
        update(ProcessingJob)
        .where(ProcessingJob.book_id == book_id, ProcessingJob.state.in_(["queued", "running"]))
        .values(cancel_requested=True)
    )


async def restore_book(session: Session, user_id: UUID, book_id: UUID, days: int) -> Book:
    """The deleted book, back again. Raises NotFound, and Conflict when the same bytes were uploaded again."""
    book = await book_of(session, user_id, book_id, deleted=True)
    oldest = await session.scalar(select(func.now() - timedelta(days=days)))
    if book.deleted_at is None or oldest is None or book.deleted_at < oldest:
        raise NotFound("This book was deleted too long ago to be brought back.", code="no_such_book")
    if book.content_hash:
        await refuse_duplicate(session, user_id, book.content_hash)
    await session.execute(update(Book).where(Book.id == book_id).values(deleted_at=None))
    return book


async def book_to_parse(session: Session, book_id: UUID) -> Book | None:
    """The book of a job, or None when it was deleted meanwhile."""
    return await session.scalar(select(Book).where(Book.id == book_id, Book.deleted_at.is_(None)))


# What every import does is prepared once, on the tables: what is built anew and mapped costs several times as much.
_BOOKS, _CHAPTERS, _RESOURCES = (Book.metadata.tables[name] for name in ("books", "chapters", "resources"))
_SET_PARSING = (
    update(_BOOKS)
    .where(_BOOKS.c.id == bindparam("book"))
    .values(parsing_progress=bindparam("percent"), parsing_error=bindparam("failure"))
)


async def set_parsing(session: Session, book_id: UUID, *, progress: int, error: dict[str, str] | None = None) -> None:
    failure = json.dumps(error, ensure_ascii=False) if error else None
    await session.execute(_SET_PARSING, {"book": book_id, "percent": progress, "failure": failure})


_DELETE_CHAPTERS = delete(_CHAPTERS).where(_CHAPTERS.c.book_id == bindparam("book"))
_DELETE_RESOURCES = delete(_RESOURCES).where(_RESOURCES.c.book_id == bindparam("book"))
_INSERT_CHAPTER = insert(_CHAPTERS).values(
    search=func.to_tsvector(cast(bindparam("search_configuration", type_=Text), REGCONFIG), bindparam("search_words"))
)


async def replace_content(
    session: Session,
    book_id: UUID,
    book: dict[str, Any],
    chapters: list[dict[str, Any]],
    resources: list[dict[str, Any]],
) -> None:
    """Writes everything that parsing found. Doing it twice leaves the same rows."""
    await session.execute(_DELETE_CHAPTERS, {"book": book_id})
    await session.execute(_DELETE_RESOURCES, {"book": book_id})
    await session.execute(update(_BOOKS).where(_BOOKS.c.id == book_id).values(**book))
    await session.execute(_INSERT_CHAPTER, [{"id": uuid7(), "book_id": book_id} | row for row in chapters])
    if resources:
        await session.execute(insert(_RESOURCES), [{"book_id": book_id} | row for row in resources])


async def chapters_of(session: Session, book_id: UUID) -> Sequence[Any]:
    """The chapters in reading order, without their text."""
    query = (
        select(
            Chapter.chapter_number,
            Chapter.href,
            Chapter.title,
            Chapter.cfi,
            Chapter.characters,
            Chapter.word_count,
            Chapter.linear,
            Chapter.first_position,
            Chapter.positions,
            Chapter.descriptions_found,
        )
        .where(Chapter.book_id == book_id)
        .order_by(Chapter.chapter_number)
    )
    return (await session.execute(query)).all()


async def chapter_of(session: Session, book_id: UUID, number: int) -> Chapter:
    """One chapter with its text and document. Raises NotFound."""
    query = select(Chapter).where(Chapter.book_id == book_id, Chapter.chapter_number == number)
    chapter = await session.scalar(query)
    if chapter is None:
        raise NotFound(f"This book has no chapter {number}.", code="no_such_chapter")
    return chapter


@dataclass(frozen=True)
class ServedFile:
    """A file of a book as the reader loads it: a chapter's document, or the name under which storage has its bytes."""

    media_type: str
    document: str | None
    content_hash: str


_FILE = """
    SELECT books.is_parsed, books.resource_version, chapters.html_content, resources.content_hash, resources.media_type
    FROM books
        LEFT JOIN chapters ON chapters.book_id = books.id AND chapters.href = $3
        LEFT JOIN resources ON resources.book_id = books.id AND resources.href = $3
    WHERE books.user_id = $1 AND books.id = $2 AND books.deleted_at IS NULL
    LIMIT 1
"""


async def file_of(database: Database, user_id: UUID, book_id: UUID, version: str, href: str) -> ServedFile:
    """What stands at `href` in that version of the person's book, in one statement: every page of a book asks for some.

    Raises NotFound for anything that is not there, Conflict while the book is being read by the server.
    """
    rows = await database.fetch(_FILE, user_id, book_id, href)
    if not rows:
        raise _no_such_book()
    is_parsed, current, document, content_hash, media_type = rows[0]
    if not is_parsed:
        raise _not_ready()
    if version != current:
        raise NotFound("This book was read anew: load its manifest again.", code="old_version")
    if document is not None:
        return ServedFile(CHAPTER_TYPE, document, "")
    if content_hash is None:
        raise _no_such_resource()
    return ServedFile(media_type, None, content_hash)


async def resources_of(session: Session, book_id: UUID) -> Sequence[Resource]:
    found = await session.scalars(select(Resource).where(Resource.book_id == book_id).order_by(Resource.href))
    return found.all()


async def resource_of(session: Session, book_id: UUID, href: str) -> Resource:
    """Raises NotFound."""
    resource = await session.get(Resource, (book_id, href))
    if resource is None:
        raise _no_such_resource()
    return resource


def _no_such_resource() -> NotFound:
    return NotFound("This book has no such file.", code="no_such_resource")


PAGE_AHEAD = 2000
"""Code points past the furthest place that are on the page before the reader's eyes, and so spoil nothing."""

_ASKED = """
    asked AS MATERIALIZED (
        SELECT query AS exact, regexp_replace(querytree(query), '<(-|[0-9]+)>', '&', 'g')::tsquery AS loose,
               phraseto_tsquery(CAST(:configuration AS regconfig), :words) AS phrase
        FROM websearch_to_tsquery(CAST(:configuration AS regconfig), :words) AS query
        WHERE querytree(query) NOT IN ('', 'T')
    )
"""
# The index knows which words a chapter has, not where: it finds chapters, and their paragraphs are looked through.
# The text is folded as search.folded folds it, so that offsets hold.
_PARAGRAPHS = """
    LATERAL (
        SELECT text, sum(length(text) + 2) OVER (ORDER BY number) - length(text) - 2 AS start
        FROM unnest(string_to_array(translate(chapter.content, 'ёЁ<', 'еЕ '), E'\\n\\n'))
            WITH ORDINALITY AS block (text, number)
    ) AS paragraph
"""
_WORDS = "to_tsvector(CAST(:configuration AS regconfig), paragraph.text)"
_MARKED = """
    ts_headline(CAST(:configuration AS regconfig), paragraph.text, asked.exact,
                E'HighlightAll=true, StartSel=\\x01, StopSel=\\x02')
"""
# After which offset of a chapter a place is beyond what was read; null = none of the chapter is.
_VEILED_FROM = """
    CASE sign(chapter.chapter_number - coalesce(furthest.chapter, 1))
        WHEN 1 THEN -1
        WHEN 0 THEN coalesce(furthest.scroll_offset_percent, 0) / 100 * chapter.characters + :page_ahead
    END::double precision
"""
_FURTHEST = """
    LEFT JOIN reading_progress AS progress ON progress.book_id = book.id AND progress.user_id = book.user_id
    LEFT JOIN places AS furthest ON furthest.id = progress.furthest_place_id
"""

_SEARCH_BOOK = text(f"""
    WITH {_ASKED}
    SELECT book.id, chapter.id, chapter.chapter_number, chapter.title, 0::real, 1, {_VEILED_FROM},
           paragraph.start::integer, {_MARKED}
    FROM asked CROSS JOIN books AS book JOIN chapters AS chapter ON chapter.book_id = book.id {_FURTHEST}
    CROSS JOIN {_PARAGRAPHS}
    WHERE book.id = :book_id AND chapter.search @@ asked.loose AND {_WORDS} @@ asked.exact
      AND (chapter.chapter_number, paragraph.start + length(paragraph.text)) > (:after_chapter, :after_start)
    ORDER BY chapter.chapter_number, paragraph.start
    LIMIT :limit
""")  # noqa: S608 - the pieces are constants

_SEARCH_LIBRARY = text(f"""
    WITH {_ASKED},
    ranked AS MATERIALIZED (
        SELECT chapter.id, ts_rank(chapter.search, asked.loose, 1) AS rank
        FROM asked CROSS JOIN books AS book JOIN chapters AS chapter ON chapter.book_id = book.id
        WHERE book.user_id = :user_id AND book.deleted_at IS NULL AND book.language = ANY (:languages)
          AND chapter.search @@ asked.loose
          AND (ts_rank(chapter.search, asked.loose, 1), chapter.id) < (CAST(:after_rank AS real), :after_id)
        ORDER BY rank DESC, chapter.id DESC
        LIMIT :limit
    )
    SELECT DISTINCT ON (ranked.rank, ranked.id)
           book.id, chapter.id, chapter.chapter_number, chapter.title, ranked.rank, coalesce(paragraph.count, 0),
           {_VEILED_FROM}, paragraph.start::integer, coalesce(paragraph.marked, '')
    FROM ranked JOIN chapters AS chapter ON chapter.id = ranked.id JOIN books AS book ON book.id = chapter.book_id
    {_FURTHEST}
    LEFT JOIN LATERAL (
        SELECT paragraph.start, {_MARKED} AS marked, count(*) OVER () AS count
        FROM asked CROSS JOIN {_PARAGRAPHS}
        WHERE {_WORDS} @@ asked.exact
        ORDER BY paragraph.start > {_VEILED_FROM} IS TRUE,
                 (asked.phrase <> asked.exact AND {_WORDS} @@ asked.phrase) DESC, paragraph.start
        LIMIT 1
    ) AS paragraph ON true
    ORDER BY ranked.rank DESC, ranked.id DESC
""")  # noqa: S608 - the pieces are constants

_WHAT_WAS_ASKED = text(f"""
    WITH {_ASKED}
    SELECT querytree(asked.exact), asked.phrase::text, form,
           tsvector_to_array(to_tsvector(CAST(:configuration AS regconfig), form))
    FROM asked CROSS JOIN unnest(CAST(:forms AS text[])) AS form
""")  # noqa: S608 - the pieces are constants


async def search_book(
    session: Session, book_id: UUID, language: str, words: str, *, after: tuple[int, int] | None, limit: int
) -> list[tuple[Paragraph, Found]]:
    """Places of a book that match, in its order. `words`: as people type them, "phrases" and -not.

    `after`: chapter and offset of the last place that was seen.
    """
    after = after or (0, -1)
    # The paragraph of the last place that was seen is looked at once more, and may hold nothing new.
    values = {"book_id": book_id, "after_chapter": after[0], "after_start": after[1], "limit": limit + 1}
    rows = await _paragraphs(session, _SEARCH_BOOK, configuration(language), words, values)
    places = [(row, place) for row in rows for place in row.found if (row.chapter, place.start) > after]
    return places[:limit]


async def search_library(
    session: Session, user_id: UUID, words: str, *, after: tuple[float, UUID] | None, limit: int
) -> list[Paragraph]:
    """The best chapters of a person's books, best first, each with the paragraph that says it best."""
    query = select(Book.language).where(Book.user_id == user_id, Book.deleted_at.is_(None)).distinct()
    languages: dict[str, list[str]] = {}
    for language in await session.scalars(query):
        languages.setdefault(configuration(language), []).append(language)
    rank, chapter_id = after or (1e30, UUID(int=2**128 - 1))
    found = []
    for name, tags in languages.items():
        after_values = {"after_rank": rank, "after_id": chapter_id}
        values = {"user_id": user_id, "languages": tags, "limit": limit} | after_values
        found += await _paragraphs(session, _SEARCH_LIBRARY, name, words, values)
    return sorted(found, key=lambda one: (one.rank, one.chapter_id), reverse=True)[:limit]


async def _paragraphs(
    session: Session, statement: TextClause, name: str, words: str, values: dict[str, Any]
) -> list[Paragraph]:
    search = {"configuration": name, "words": folded(words)}
    rows = (await session.execute(statement, values | search | {"page_ahead": PAGE_AHEAD})).all()
    asked = await _asked(session, search, [row[-1] for row in rows])
    return [
        Paragraph(() if start is None else found_in(marked, start, asked), *facts) for *facts, start, marked in rows
    ]


async def _asked(session: Session, search: dict[str, Any], marked: list[str]) -> Asked:
    """What the words mean to the database, by which marks in paragraphs are told apart."""
    forms = forms_in(marked)
    if not forms:
        return Asked((), {})
    rows = (await session.execute(_WHAT_WAS_ASKED, search | {"forms": forms})).all()
    return Asked(ways_of(rows[0][0], rows[0][1]), {form: frozenset(lexemes) for _, _, form, lexemes in rows})


async def books_called(session: Session, user_id: UUID, words: str, limit: int) -> list[Shelved]:
    """Books whose title or author resembles the words, typing mistakes forgiven, the likest first."""
    await session.execute(text("SELECT set_config('pg_trgm.word_similarity_threshold', '0.45', true)"))
    likeness = func.greatest(func.word_similarity(words, Book.title), func.word_similarity(words, Book.author))
    alike = or_(bindparam("words", words).op("<%")(Book.title), bindparam("words", words).op("<%")(Book.author))
    query = _shelved(user_id).where(alike).order_by(likeness.desc(), Book.id).limit(limit)
    return [Shelved(*row) for row in (await session.execute(query)).all()]


async def pages_to_place(session: Session, chapter_ids: Collection[UUID]) -> dict[UUID, tuple[str, str]]:
    """Step and document of chapters, for making CFIs."""
    query = select(Chapter.id, Chapter.cfi, Chapter.html_content).where(Chapter.id.in_(chapter_ids))
    return {row[0]: (row[1], row[2]) for row in await session.execute(query) if row[1] and row[2]}
