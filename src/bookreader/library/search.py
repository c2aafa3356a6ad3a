"""Full-text search: what is indexed of a chapter, and what a search finds."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from bookreader.library.hits import Found
from bookreader.publications.cfi import complete, complete_range
from bookreader.publications.text import TextMap

REPEATS = 3
"""How often the index keeps one word of a chapter: enough to rank by, and a fraction of the text."""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph that matches, and where in it."""

    found: tuple[Found, ...]
    """In their order; none = the words stand in different paragraphs of the chapter, and nothing is shown."""
    book_id: UUID
    chapter_id: UUID
    chapter: int
    chapter_title: str | None
    rank: float
    count: int
    """Matching paragraphs of the chapter, this one included."""
    veiled_from: float | None
    """After which offset of the chapter a place is beyond what was read; None = none is."""

    def is_beyond(self, place: Found) -> bool:
        return self.veiled_from is not None and place.start > self.veiled_from


def configuration(language: str | None) -> str:
    """PostgreSQL's text search configuration for a BCP 47 tag."""
    return {"en": "english", "ru": "russian"}.get((language or "").lower().split("-")[0], "simple")


def folded(text: str) -> str:
    """As it is indexed and asked for; every character stays one, so that offsets hold (see queries: translate)."""
    return text.replace("ё", "е").replace("Ё", "Е").replace("<", " ")


def index_words(text: str) -> str:
    """What the index is made from: what stands between white space, each at most REPEATS times, counted but unordered.

    The database takes it apart into words, as it does with the whole text, which is several times as long.
    """
    counts = Counter(folded(text.lower()).split())
    return " ".join([word if count == 1 else " ".join([word] * min(count, REPEATS)) for word, count in counts.items()])


def cfis_of(step: str, html: str, spans: list[tuple[int, int]]) -> list[str]:
    """Range CFIs of places in one chapter."""
    places = TextMap(html)
    return [complete_range(step, places, start, end) for start, end in spans]


def start_of(step: str | None) -> str | None:
    """The CFI of a chapter's beginning: its body."""
    return complete(step, "/4") if step else None
