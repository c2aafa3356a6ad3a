"""Where in a paragraph that was found the asked words stand: each place of their phrase, else where they are closest.
A single word is shown once for a paragraph, there where it stands first.

Which words belong together (their lexemes) and what was asked are the database's to say. Both are taken from it as
text, by one statement for a search, however many paragraphs it finds.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final, NamedTuple

CONTEXT: Final = 80
"""Code points of a snippet before and after what was found."""
WIDEST: Final = 3 * CONTEXT
"""Code points from the first to the last of words that are shown as one: what is longer is no excerpt any more."""
OPEN, CLOSE = "\x01", "\x02"
"""What the database puts around found words; no XML document can contain them."""

_MARKED: Final = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}")
_WORD: Final = re.compile(r"[^\W_]+")
_OF_QUERY: Final = re.compile(r"'((?:[^'\\]|''|\\\\)*)'|<(-|\d+)>|([&|])")
"""A lexeme in quotes, how far the next one stands behind it, or what stands between phrases."""
_COMPOUND: Final = re.compile(r"[^\W_]-[^\W_]")

Span = tuple[int, int]


class Step(NamedTuple):
    """A word of a phrase, and how many words after the one before it it stands: search leaves out the "of" between."""

    after: int
    lexeme: str


Phrase = tuple[Step, ...]


class Way(NamedTuple):
    """One of the alternatives between which "or" stands: its words and quoted phrases, and all of it as one phrase."""

    parts: tuple[Phrase, ...]
    whole: Phrase


@dataclass(frozen=True)
class Asked:
    """What was asked for. `lexemes`: of each form that is marked in a paragraph."""

    ways: tuple[Way, ...]
    lexemes: Mapping[str, Set[str]]


@dataclass(frozen=True)
class Found:
    """Where it stands in the chapter's text (code points, half-open), with the words around it."""

    start: int
    end: int
    before: str
    match: str
    after: str


class _Word(NamedTuple):
    """A marked word; `number` counts all words of the paragraph."""

    number: int
    start: int
    end: int
    lexemes: Set[str]


def forms_in(marked: Iterable[str]) -> list[str]:
    """The different words that are marked."""
    return sorted({form for each in marked for form in _MARKED.findall(each)})


def ways_of(query: str, typed: str) -> tuple[Way, ...]:
    """From the database's query without what it excludes; `typed` is everything that was typed as one phrase.

    Only the phrase knows of words that search leaves out between others, and only where it says the same as the query.
    """
    whole = [step for parts in _alternatives(typed) for part in parts for step in part]
    ways = []
    for parts in _alternatives(query):
        joined = [step for part in parts for step in part]
        same = [step.lexeme for step in whole] == [step.lexeme for step in joined]
        ways.append(Way(tuple(parts), tuple(whole if same else joined)))
    return tuple(ways)


def found_in(marked: str, start: int, asked: Asked) -> tuple[Found, ...]:
    """The places of a paragraph that are shown, at least one, in their order; the paragraph begins at `start`."""
    plain = marked.replace(OPEN, "").replace(CLOSE, "")
    words = _words(marked, asked.lexemes)
    phrases = [way.whole for way in asked.ways if len(way.whole) > 1]
    spans = list(_apart(span for phrase in phrases for span in _occurrences(phrase, words)))
    return tuple(_found(plain, span, start) for span in spans or [_closest(asked.ways, words) or (0, len(plain))])


def _alternatives(query: str) -> list[list[Phrase]]:
    ways: list[list[list[Step]]] = [[[]]]
    after = 1
    for lexeme, apart, sign in _OF_QUERY.findall(query):
        if sign == "|":
            ways.append([[]])
        elif sign:
            ways[-1].append([])
        elif apart:
            after = 1 if apart == "-" else int(apart)
        else:
            ways[-1][-1].append(Step(after, lexeme.replace("''", "'").replace("\\\\", "\\")))
            after = 1
    return [[_without_compounds(part) for part in way] for way in ways]


def _without_compounds(steps: Sequence[Step]) -> Phrase:
    """The database asks for "well-known" before its parts and counts it as a word, but marks the parts alone."""
    kept: list[Step] = []
    moved = 0
    for index, (after, lexeme) in enumerate(steps):
        parts = lexeme.count("-") + 1
        if _COMPOUND.search(lexeme) and index + 1 < len(steps) and steps[index + 1].after <= parts:
            moved += after - 1
        else:
            kept.append(Step(after + moved, lexeme))
            moved = 0
    return tuple(kept)


def _words(marked: str, lexemes: Mapping[str, Set[str]]) -> list[_Word]:
    words: list[_Word] = []
    number = done = 0
    for count, match in enumerate(_MARKED.finditer(marked)):
        number += len(_WORD.findall(marked, done, match.start())) + 1
        done, start = match.end(), match.start() - 2 * count
        words.append(_Word(number, start, start + len(match[1]), lexemes.get(match[1], frozenset())))
    return words


def _occurrences(phrase: Phrase, words: Sequence[_Word]) -> Iterator[Span]:
    by_number = {word.number: word for word in words}
    for first in words if phrase else ():
        number, last = first.number - phrase[0].after, None
        for after, lexeme in phrase:
            number += after
            last = by_number.get(number)
            if last is None or lexeme not in last.lexemes:
                break
        else:
            yield first.start, last.end if last else first.end


def _apart(spans: Iterable[Span]) -> Iterator[Span]:
    """In their order, without those that begin within another."""
    done = -1
    for start, end in sorted(spans):
        if start >= done:
            yield start, end
            done = end


def _closest(ways: Iterable[Way], words: Sequence[_Word]) -> Span | None:
    """The narrowest window with all parts of an alternative; where they are too far apart, with the most of them."""
    windows = [window for way in ways for window in _windows(way.parts, words)]
    return min(windows)[2] if windows else None


def _windows(parts: Sequence[Phrase], words: Sequence[_Word]) -> Iterator[tuple[int, int, Span]]:
    """How many parts a window lacks, how far they are apart, and where it stands: the best is the smallest of these."""
    spans = sorted((span, part) for part, phrase in enumerate(parts) for span in _occurrences(phrase, words))
    for index, ((start, end), first) in enumerate(spans):
        held, furthest = {first}, end
        yield len(parts) - 1, 0, (start, end)
        for later in range(index + 1, len(spans)):
            (begin, close), part = spans[later]
            if close - start > WIDEST or len(held) == len(parts):
                break
            if part not in held:
                held.add(part)
                furthest = max(furthest, close)
                yield len(parts) - len(held), max(begin - end, 0), (start, furthest)


def _found(plain: str, span: Span, at: int) -> Found:
    start, end = span
    before, after = plain[max(start - CONTEXT, 0) : start], plain[end : end + CONTEXT]
    return Found(
        at + start,
        at + end,
        _from_word(before) if start > CONTEXT else before,
        plain[start:end],
        _to_word(after) if end + CONTEXT < len(plain) else after,
    )


def _from_word(text: str) -> str:
    """Without the piece of a word at its beginning."""
    return "…" + text.partition(" ")[2]


def _to_word(text: str) -> str:
    return text.rpartition(" ")[0] + "…"
