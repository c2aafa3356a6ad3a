"""Bookmarks and highlights: each with a checked address and the words at it, by which it is found again."""

from typing import Any

from bookreader.database import Session
from bookreader.errors import Conflict, InvalidInput
from bookreader.publications.cfi import complete_range
from bookreader.reading import queries
from bookreader.reading.chapters import OpenChapter
from bookreader.reading.locate import locate, locate_range, shortened
from bookreader.reading.queries import Annotation, OpenBook
from bookreader.reading.schemas import AnnotationNew

LONGEST_CFI = 1000
LONGEST_HIGHLIGHT = 20_000
"""Code points."""


async def annotate(session: Session, book: OpenBook, wanted: AnnotationNew) -> Annotation:
    """Keeps a bookmark or highlight. A key seen before answers what it made.

    Raises CfiError where the address leads nowhere, InvalidInput for an empty or endless highlight, NotFound for a
    chapter that is not there, Conflict for a key of another book.
    """
    known = await queries.annotation_by_key(session, book.user_id, wanted.key) if wanted.key else None
    if known is not None:
        if known.book_id != book.id:
            raise Conflict("This key belongs to something in another book: make a new one.", code="key_reused")
        return known
    chapter = await queries.chapter_of(session, book, wanted.chapter)
    place = anchored(chapter, wanted.kind, wanted.cfi, wanted.quote)
    more = wanted.model_dump(include={"kind", "colour", "note", "key"})
    return await queries.add_annotation(
        session, {"user_id": book.user_id, "book_id": book.id, "version": book.version, **more, **place}
    )


def anchored(chapter: OpenChapter, kind: str, cfi: str, quote: str | None) -> dict[str, Any]:
    """The columns that say where an annotation is. Raises CfiError, and InvalidInput for an empty highlight."""
    if kind == "bookmark":
        found = locate(chapter, cfi, quote, None)
        return _columns(found.facts.number, found.cfi, found.quote, found.offset, found.offset, found.repaired)
    start, end, repaired = locate_range(chapter, cfi, quote)
    if not 0 < end - start <= LONGEST_HIGHLIGHT:
        message = f"A highlight holds 1 to {LONGEST_HIGHLIGHT} characters of text: select some words."
        raise InvalidInput(message, code="bad_range")
    marked = chapter.text.text[start:end] if chapter.text else None
    return _columns(chapter.facts.number, _range_cfi(chapter, start, end), marked, start, end, repaired)


def _range_cfi(chapter: OpenChapter, start: int, end: int) -> str | None:
    """One that is too long to be stored becomes its start; the quote knows the rest."""
    if chapter.text is None:
        return None
    found = complete_range(chapter.facts.step, chapter.text, start, end)
    return found if len(found) <= LONGEST_CFI else shortened(chapter.facts.step, chapter.text.cfi(start))


def _columns(
    chapter: int, cfi: str | None, quote: str | None, start: int, end: int, repaired: str | None
) -> dict[str, Any]:
    return {
        "chapter": chapter,
        "cfi": cfi,
        "quote": quote,
        "start_offset": start,
        "end_offset": end,
        "repaired": repaired,
    }
