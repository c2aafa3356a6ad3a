"""Full-text search: what is indexed of a chapter, and how a found paragraph becomes a hit with its place."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from bookreader.publications.cfi import complete, complete_range
from bookreader.publications.text import TextMap

CONTEXT = 80
"""Code points of a snippet before and after what was found."""
REPEATS = 3
"""How often the index keeps one word of a chapter: enough to rank by, and a fraction of the text."""
OPEN, CLOSE = "\x01", "\x02"
"""What the database puts around found words; no XML document can contain them."""

_MARKED = re.compile(f"{OPEN}[^{CLOSE}]*{CLOSE}")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph that matches, with found words between OPEN and CLOSE.

    `start` counts code points of the chapter; None = its words stand in different paragraphs, and none is shown.
    """

    book_id: UUID
    chapter_id: UUID
    chapter: int
    chapter_title: str | None
    start: int | None
    marked: str
    rank: float
    count: int
    """Matching paragraphs of the chapter, this one included."""
    beyond: bool


@dataclass(frozen=True)
class Found:
    """Where it stands in the chapter's text (code points, half-open), with the words around it."""

    start: int
    end: int
    before: str
    match: str
    after: str


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


def found_in(paragraph: Paragraph) -> Found:
    """The first found words that stand close together, and their surroundings."""
    spans = list(_spans(paragraph.marked))
    plain = paragraph.marked.replace(OPEN, "").replace(CLOSE, "")
    if not spans:
        spans = [(0, len(plain))]
    start = spans[0][0]
    end = max(last for _, last in spans if last - start <= CONTEXT or last == spans[0][1])
    before, after = plain[max(start - CONTEXT, 0) : start], plain[end : end + CONTEXT]
    return Found(
        (paragraph.start or 0) + start,
        (paragraph.start or 0) + end,
        _from_word(before) if start > CONTEXT else before,
        plain[start:end],
        _to_word(after) if end + CONTEXT < len(plain) else after,
    )


def cfis_of(step: str, html: str, spans: list[tuple[int, int]]) -> list[str]:
    """Range CFIs of places in one chapter."""
    places = TextMap(html)
    return [complete_range(step, places, start, end) for start, end in spans]


def start_of(step: str | None) -> str | None:
    """The CFI of a chapter's beginning: its body."""
    return complete(step, "/4") if step else None


def _spans(marked: str) -> Iterator[tuple[int, int]]:
    """Found words as offsets into the paragraph without its marks."""
    for number, match in enumerate(_MARKED.finditer(marked)):
        start = match.start() - 2 * number
        yield start, start + len(match[0]) - 2


def _from_word(text: str) -> str:
    """Without the piece of a word at its beginning."""
    return "…" + text.partition(" ")[2]


def _to_word(text: str) -> str:
    return text.rpartition(" ")[0] + "…"
