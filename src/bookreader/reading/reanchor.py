"""Finds places and annotations again after a book was read anew with other content."""

from dataclasses import replace
from uuid import UUID

from bookreader.database import Session
from bookreader.errors import InvalidInput, NotFound
from bookreader.publications.cfi import CfiError, complete
from bookreader.reading import queries
from bookreader.reading.annotate import anchored
from bookreader.reading.chapters import OpenChapter
from bookreader.reading.locate import Located, at_offset, at_percent, quote_stands
from bookreader.reading.queries import Annotation, OpenBook, Place
from bookreader.reading.rules import Repair
from bookreader.reading.save import quote_elsewhere


async def reanchor(session: Session, book_id: UUID) -> int:
    """Moves what was saved for earlier content of a book, in the transaction that wrote the new one. Returns how many.

    The address holds where its quote still stands; else the quote is looked for, in other chapters too; else the place
    is as far into the book as before. Raises NotFound when the book was deleted meanwhile.
    """
    book = await queries.book_of_job(session, book_id)
    places = await queries.places_of_other_content(session, book)
    if places:
        await queries.move_places(session, [await _moved(session, book, place) for place in places])
    annotations = await queries.annotations_of_other_content(session, book)
    for annotation in annotations:
        await _move_annotation(session, book, annotation)
    await session.flush()
    return len(places) + len(annotations)


async def _moved(session: Session, book: OpenBook, place: Place) -> Place:
    found = await _found_again(session, book, place)
    return replace(
        place,
        chapter=found.facts.number,
        cfi=found.cfi,
        quote=found.quote,
        page=found.page,
        total_progression=found.total_progression,
        scroll_offset_percent=found.scroll_offset_percent,
        version=book.version,
        repaired=found.repaired or place.repaired,
    )


async def _found_again(session: Session, book: OpenBook, place: Place) -> Located:
    chapter = await _chapter(session, book, place.chapter)
    kept = _where_it_was(chapter, place) if chapter else None
    if kept is None and place.quote:
        kept = await quote_elsewhere(session, book, place.quote, place.chapter)
    if kept is not None:
        return kept
    number, percent = await queries.chapter_at(session, book.id, place.total_progression)
    return replace(at_percent(await queries.chapter_of(session, book, number), percent), repaired=Repair.PROGRESSION)


async def _chapter(session: Session, book: OpenBook, number: int) -> OpenChapter | None:
    try:
        return await queries.chapter_of(session, book, number)
    except NotFound:
        return None


def _where_it_was(chapter: OpenChapter, place: Place) -> Located | None:
    """At its address, where its quote still stands there; without a quote the address alone must do."""
    if chapter.text is None or place.cfi is None:
        return None
    try:
        offset = chapter.text.offset(place.cfi)
    except CfiError:
        return None
    holds = place.quote is None or quote_stands(chapter.text, place.quote, offset)
    return at_offset(chapter, offset) if holds else None


async def _move_annotation(session: Session, book: OpenBook, annotation: Annotation) -> None:
    """What cannot be found any more stays in its chapter with its words, and without an address."""
    numbers = [annotation.chapter]
    if annotation.quote:
        numbers += await queries.chapters_with_quote(session, book.id, annotation.quote, annotation.chapter)
    annotation.version = book.version
    for number in numbers:
        chapter = await _chapter(session, book, number)
        if chapter is not None and _anchor(annotation, chapter):
            return
    annotation.cfi, annotation.repaired = None, Repair.PROGRESSION


def _anchor(annotation: Annotation, chapter: OpenChapter) -> bool:
    try:
        columns = anchored(
            chapter, annotation.kind, annotation.cfi or complete(chapter.facts.step, "/4"), annotation.quote
        )
    except InvalidInput:
        return False
    if chapter.text is None or (
        annotation.quote and not quote_stands(chapter.text, annotation.quote, columns["start_offset"])
    ):
        return False
    for name, value in columns.items():
        setattr(annotation, name, value)
    return True
