"""From what a device reports to a checked place: standard CFI, quote, page and progression are computed here."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from bookreader.publications import cfi as cfis
from bookreader.publications.cfi import Cfi, CfiError, Path
from bookreader.publications.model import POSITION
from bookreader.publications.text import TextMap
from bookreader.reading.chapters import ChapterFacts, OpenChapter
from bookreader.reading.rules import Repair

LONGEST_CFI = 500
"""Characters of the longest CFI that is stored."""
QUOTE = 80


@dataclass(frozen=True, slots=True)
class Located:
    """A place that resolves. `total_progression` is 0-1 of the book, `scroll_offset_percent` 0-100 of the chapter.

    `offset`: code points into the chapter's text. `repaired`: what found it, when its address did not.
    """

    facts: ChapterFacts
    offset: int
    cfi: str | None
    quote: str | None
    page: int
    total_progression: float
    scroll_offset_percent: float
    repaired: Repair | None = None


def locate(chapter: OpenChapter, cfi: str | None, quote: str | None, percent: float | None) -> Located:
    """Resolves a reported place. Where the address does not fit the document, the quote is looked for, then the percent
    of the chapter counts, then as much of the address as leads somewhere. Raises CfiError for what is no CFI."""
    if cfi is None or chapter.text is None:
        return at_percent(chapter, percent or 0.0)
    read = cfis.parse_path(cfi)
    if _leads_here(chapter.facts, read):
        with suppress(CfiError):
            offset, moved = chapter.text.locate(cfi, quote)
            return at_offset(chapter, offset, Repair.QUOTE if moved else None)
    if quote and (found := find_quote(chapter.text, quote, percent)) is not None:
        return at_offset(chapter, found, Repair.QUOTE)
    if percent is not None:
        return replace(at_percent(chapter, percent), repaired=Repair.PROGRESSION)
    return at_offset(chapter, _offset_of_ancestor(chapter.text, read), Repair.ANCESTOR)


def locate_range(chapter: OpenChapter, cfi: str, quote: str | None) -> tuple[int, int, Repair | None]:
    """The half-open code points of a reported range; the quote repairs it. Raises CfiError where neither leads here."""
    if chapter.text is None:
        raise CfiError("Nothing can be marked in this chapter: its document cannot be read.")
    if _leads_here(chapter.facts, cfis.parse_path(cfi)):
        with suppress(CfiError):
            _, moved = chapter.text.locate(cfi, quote)
            return *chapter.text.range(cfi, quote), Repair.QUOTE if moved else None
    start = find_quote(chapter.text, quote, None) if quote else None
    if start is None or not quote:
        raise CfiError("The range leads to no place in this chapter: mark it again.")
    return *chapter.text.range(chapter.text.cfi(start), quote), Repair.QUOTE


def find_quote(text: TextMap, quote: str, percent: float | None) -> int | None:
    """Where the quote stands in a chapter, next to that percent of it; None where it does not."""
    near = round(len(text.text) * _share(percent or 0.0))
    try:
        offset, _ = text.locate(text.cfi(near), quote)
    except CfiError:
        return None
    return offset if quote_stands(text, quote, offset) else None


def quote_stands(text: TextMap, quote: str, offset: int) -> bool:
    """Whether a quote begins at a code point of a chapter, white space aside."""
    return "".join(text.text[offset : offset + 4 * len(quote)].split()).startswith("".join(quote.split()))


def at_percent(chapter: OpenChapter, percent: float) -> Located:
    """The place at a percent of the chapter's characters; what lies outside 0-100 is clamped."""
    return at_offset(chapter, round(chapter.facts.characters * _share(percent)))


def at_offset(chapter: OpenChapter, offset: int, repaired: Repair | None = None) -> Located:
    """The place at a code point of the chapter's text."""
    facts, text = chapter.facts, chapter.text
    offset = min(offset, facts.characters)
    read_before = facts.characters_before + (offset if facts.linear else 0)
    return Located(
        facts=facts,
        offset=offset,
        cfi=None if text is None else shortened(facts.step, text.cfi(min(offset, len(text.text)))),
        quote=None if text is None else text.text[offset : offset + QUOTE].strip() or None,
        page=facts.first_position + min(offset // POSITION, max(facts.positions - 1, 0)),
        total_progression=min(read_before / facts.book_characters, 1.0) if facts.book_characters else 0.0,
        scroll_offset_percent=100 * offset / facts.characters if facts.characters else 0.0,
        repaired=repaired,
    )


def shortened(step: str, local: str) -> str:
    """The whole CFI of a local path or, where that is too long to be stored, of the nearest element around it."""
    if len(cfis.complete(step, local)) > LONGEST_CFI:
        step = cfis.format_path(_without_ids(cfis.parse_path(step)))
    while len(found := cfis.complete(step, local)) > LONGEST_CFI:
        local = local.rpartition("/")[0]
    return found


def words_between(facts: ChapterFacts, before: float, after: float) -> int:
    """Words between two total progressions, by how many a character of this chapter has."""
    characters = max(after - before, 0.0) * facts.book_characters
    return round(characters * facts.words / facts.characters) if facts.characters else 0


def _share(percent: float) -> float:
    return min(max(percent, 0.0), 100.0) / 100


def _leads_here(facts: ChapterFacts, read: Cfi) -> bool:
    """Whether a CFI is a local path or names this chapter: one of another chapter would find a wrong place in this."""
    if len(read.path.documents) == 1:
        return True
    return _indices(read.path) == _indices(cfis.parse_path(facts.step).path)


def _indices(path: Path) -> list[int]:
    return [step.index for step in path.documents[0]]


def _without_ids(read: Cfi) -> Cfi:
    bare = tuple(replace(step, assertion=None) for step in read.path.documents[0])
    return Cfi(Path((bare,)))


def _offset_of_ancestor(text: TextMap, read: Cfi) -> int:
    for path in _ancestors(read.start):
        try:
            return text.offset(cfis.format_path(Cfi(path)))
        except CfiError:
            continue
    return 0


def _ancestors(path: Path) -> Iterator[Path]:
    """Local paths to the elements around a point, the nearest first."""
    steps = path.documents[-1] if len(path.documents) > 1 else ()
    for count in range(len(steps) - 1, 0, -1):
        yield Path((steps[:count],))
