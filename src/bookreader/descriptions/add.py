"""A passage that a person chose for a picture."""

import asyncio

from bookreader.database import Session
from bookreader.descriptions import queries
from bookreader.descriptions.queries import Description
from bookreader.descriptions.rules import kinds_of_passage
from bookreader.descriptions.rules.description import Kind
from bookreader.descriptions.schemas import DescriptionNew
from bookreader.errors import InvalidInput
from bookreader.publications.cfi import complete_range
from bookreader.reading import queries as reading
from bookreader.reading.locate import locate_range
from bookreader.reading.queries import OpenBook

LONGEST = 4_000
"""Code points: more than any service takes."""
BY_HAND = "person"


async def add_passage(session: Session, book: OpenBook, wanted: DescriptionNew) -> Description:
    """The passage at a range of the book; where it is a description already, that one.

    Raises CfiError where the address leads nowhere, InvalidInput for an empty or endless passage, NotFound for a
    chapter that is not there.
    """
    chapter = await reading.chapter_of(session, book, wanted.chapter)
    start, end, _ = locate_range(chapter, wanted.cfi, wanted.quote)
    if chapter.text is None or not 0 < end - start <= LONGEST:
        raise InvalidInput(f"A passage holds 1 to {LONGEST} characters of text: select some words.", code="bad_range")
    text = chapter.text.text[start:end]
    chapter_id = await queries.chapter_to_add_to(session, book.id, wanted.chapter)
    known = await queries.description_at(session, chapter_id, start, end)
    if known is not None:
        return known
    first, second = (wanted.type, None) if wanted.type else await _kinds(session, book, text)
    row = {
        "type": first.upper(),
        "second_type": second.upper() if second else None,
        "content": text,
        "confidence_score": 1.0,
        "priority_score": 1.0,
        "position_in_chapter": start,
        "start_offset": start,
        "end_offset": end,
        "word_count": len(text.split()),
        "cfi": complete_range(chapter.facts.step, chapter.text, start, end),
        "engine": BY_HAND,
    }
    return await queries.add_description(session, chapter_id, row)


async def _kinds(session: Session, book: OpenBook, text: str) -> tuple[str, str | None]:
    """Of what the picture would be; the place, where the words do not tell."""
    language = await queries.language_of(session, book.id)
    # In a thread of its own: the word lists are read at the first passage, which takes a moment.
    kinds = await asyncio.to_thread(kinds_of_passage, text, language or "")
    return (kinds.first, kinds.second) if kinds else (Kind.LOCATION, None)
