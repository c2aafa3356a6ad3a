"""Chapters as saving a place needs them. Those read lately stay parsed, since page turns come from few chapters."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

from bookreader.errors import InvalidInput
from bookreader.publications.text import TextMap

BUDGET = 2_000_000
"""Characters of documents that stay parsed in one process; each costs about ten bytes."""


@dataclass(frozen=True, slots=True)
class ChapterFacts:
    """A chapter in its book. Characters are code points of text; the book's are those of its linear chapters."""

    number: int
    step: str
    characters: int
    words: int
    linear: bool
    first_position: int
    positions: int
    characters_before: int
    book_characters: int


@dataclass(frozen=True, slots=True)
class OpenChapter:
    """`text` is null for a document that cannot be read as XML: then only shares of the chapter are known."""

    facts: ChapterFacts
    text: TextMap | None
    size: int


class RecentChapters:
    """Parsed chapters by book, content version and number: the longest unused go first when there are too many.

    It is a copy of what the database holds and no more: each process has its own, and a new version is a new key.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._kept: OrderedDict[tuple[UUID, str, int], OpenChapter] = OrderedDict()

    def get(self, book_id: UUID, version: str, number: int) -> OpenChapter | None:
        found = self._kept.get((book_id, version, number))
        if found is not None:
            self._kept.move_to_end((book_id, version, number))
        return found

    def keep(self, book_id: UUID, version: str, chapter: OpenChapter) -> None:
        self._kept[book_id, version, chapter.facts.number] = chapter
        while len(self._kept) > 1 and sum(kept.size for kept in self._kept.values()) > self._budget:
            self._kept.popitem(last=False)


async def parsed(facts: ChapterFacts, html: str) -> OpenChapter:
    """Reads the document beside the event loop, since a long one takes a while."""
    return OpenChapter(facts, await asyncio.to_thread(_text_map, html), len(html))


def _text_map(html: str) -> TextMap | None:
    try:
        text = TextMap(html)
        text.cfi(0)
    except InvalidInput:
        return None
    return text
