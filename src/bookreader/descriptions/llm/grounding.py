"""Where in the book the passages are that a model named: what is not there is dropped. Pure."""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bookreader.descriptions.llm.contract import ENTITY_KINDS, MOST_ENTITIES, TONES, most_items
from bookreader.descriptions.llm.stretches import Numbered, Stretch
from bookreader.descriptions.rules.description import Entity, Kind
from bookreader.descriptions.rules.sentences import split_sentences
from bookreader.descriptions.rules.spans import LONGEST

BESIDE = (0, -1, 1, -2, 2)
"""Where a quote is looked for: in the paragraph that was named, then in its neighbours."""
FEWEST = 8
"""Words of a passage."""
FEWEST_QUOTED = 3
"""Words of a quote: fewer could stand anywhere."""
LONGEST_NAME = 100
LONGEST_QUOTE = 8_000
"""Code points: longer ones are not looked for."""
_QUOTES = frozenset("\"'“”„‟‘’‚‛«»‹›`´")
_DASHES = frozenset("-‐‑‒–—―−")
_NOTHING = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")


@dataclass(frozen=True)
class Found:
    """A passage that a model found: code points of the chapter text, half-open, whole sentences where they fit."""

    start: int
    end: int
    text: str
    type: Kind
    second_type: Kind | None
    confidence: float
    suitability: float
    tone: str
    entities: tuple[Entity, ...]

    @property
    def words(self) -> int:
        return len(self.text.split())


@dataclass(frozen=True)
class Grounded:
    """What stands in the book, none overlapping, and how many items were looked at."""

    found: tuple[Found, ...]
    items: int
    groundless: int


def ground(items: Sequence[dict[str, Any]], stretch: Stretch) -> Grounded:
    """The passages of an answer. At most as many as were asked for are looked at."""
    looked_at = items[: most_items(stretch)]
    found: list[Found] = []
    groundless = 0
    for item in looked_at:
        passage = _passage(item, stretch)
        if passage is None:
            groundless += 1
        elif not any(passage.start < other.end and other.start < passage.end for other in found):
            found.append(passage)
    return Grounded(tuple(found), len(looked_at), groundless)


def find_quote(quote: str, text: str) -> tuple[int, int] | None:
    """Where a quote stands in a text, whatever quotation marks, dashes and white space were made of it."""
    wanted, _ = _plain(quote[:LONGEST_QUOTE])
    plain, places = _plain(text)
    at = plain.find(wanted) if wanted else -1
    return (places[at], places[at + len(wanted) - 1] + 1) if at >= 0 else None


def _plain(text: str) -> tuple[str, list[int]]:
    """The text in one spelling without white space, and for each of its characters the place of what it was."""
    plain: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        for each in _spelled(letter):
            if each in "-'" and plain and plain[-1] == each:
                continue
            plain.append(each)
            places.append(place)
    return "".join(plain), places


def _spelled(letter: str) -> str:
    if letter.isascii() and letter.isalnum():
        return letter
    if letter.isspace() or letter in _NOTHING:
        return ""
    if letter in _QUOTES:
        return "'"
    if letter in _DASHES:
        return "-"
    return unicodedata.normalize("NFKD", letter)


def _passage(item: dict[str, Any], stretch: Stretch) -> Found | None:
    place = _place(item, stretch)
    kind, confidence, suitability = _kind(item.get("type")), _share(item, "confidence"), _share(item, "suitability")
    if place is None or kind is None or confidence is None:
        return None
    paragraph, start, end = place
    text = paragraph.text[start:end]
    if not FEWEST <= len(text.split()) <= LONGEST:
        return None
    second, tone = _kind(item.get("second_type")), item.get("tone")
    return Found(
        start=paragraph.start + start,
        end=paragraph.start + end,
        text=text,
        type=kind,
        second_type=second if second is not kind else None,
        confidence=confidence,
        suitability=0.5 if suitability is None else suitability,
        tone=tone if isinstance(tone, str) and tone in TONES else "calm",
        entities=tuple(_entities(item.get("entities"), text)),
    )


def _place(item: dict[str, Any], stretch: Stretch) -> tuple[Numbered, int, int] | None:
    number, quote = item.get("n"), item.get("quote")
    if (
        not isinstance(number, int)
        or not isinstance(quote, str)
        or len(quote.split(None, FEWEST_QUOTED)) < FEWEST_QUOTED
    ):
        return None
    for step in BESIDE:
        at = number - 1 + step
        if 0 <= at < len(stretch.paragraphs):
            paragraph = stretch.paragraphs[at]
            if (span := find_quote(quote, paragraph.text)) is not None:
                return paragraph, *_whole_sentences(paragraph.text, *span)
    return None


def _whole_sentences(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentences that a quote lies in, unless they are too long for a description."""
    touched = [part for part in split_sentences(text) if part[0] < end and start < part[1]]
    first, last = min(touched[0][0], start), max(touched[-1][1], end)
    return (first, last) if len(text[first:last].split()) <= LONGEST else (start, end)


def _kind(value: Any) -> Kind | None:
    return Kind(value) if isinstance(value, str) and value in tuple(Kind) else None


def _share(item: dict[str, Any], name: str) -> float | None:
    """A number from 0 to 1; None where there is none."""
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -math.inf < value < math.inf:
        return None
    return round(float(min(max(value, 0), 1)), 4)


def _entities(listed: Any, text: str) -> Iterator[Entity]:
    """Only what the passage names, as it names it."""
    given = listed if isinstance(listed, list) else []
    known: set[str] = set()
    for each in given[:MOST_ENTITIES]:
        name, kind = (each.get("name"), each.get("kind")) if isinstance(each, dict) else (None, None)
        found = _name_in(text, name) if isinstance(name, str) and len(name) <= LONGEST_NAME else None
        if found is not None and kind in ENTITY_KINDS and found not in known:
            known.add(found)
            yield Entity(found, kind)


def _name_in(text: str, name: str) -> str | None:
    """The name as it stands there, as words of its own."""
    span = find_quote(name, text)
    if span is None or text[: span[0]][-1:].isalnum() or text[span[1] : span[1] + 1].isalnum():
        return None
    return text[span[0] : span[1]]
