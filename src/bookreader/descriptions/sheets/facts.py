"""What a sentence says of how somebody looks, by patterns that leave little doubt of whom it speaks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bookreader.descriptions.rules.classes import (
    ADJECTIVE,
    AGENT,
    BODY,
    OBJECT,
    counts,
)
from bookreader.descriptions.rules.data import listed
from bookreader.descriptions.rules.lexicon import Lexicon
from bookreader.descriptions.rules.paragraphs import NAME, WORD
from bookreader.descriptions.sheets.sheet import Aspect

REACH = 4
"""Words that may stand between somebody and what ties a look to them."""
_OF_THE_BODY = (Aspect.HAIR, Aspect.EYES, Aspect.FACE, Aspect.BUILD, Aspect.MARKS)
MOST = 6
"""Words of a look."""


class Token(NamedTuple):
    """A word of a sentence: code points of the text, the word in lower case, and the part it plays."""

    start: int
    end: int
    word: str
    part: str


@dataclass(frozen=True)
class Trait:
    """What is said: code points of the text, half-open."""

    aspect: Aspect
    start: int
    end: int
    value: str


def tokens_of(text: str, start: int, end: int, lexicon: Lexicon) -> list[Token]:
    matches = list(WORD.finditer(text, start, end))
    plain = [match[0] if match[0].islower() or place == 0 else NAME for place, match in enumerate(matches)]
    shape = lexicon.read([word.lower() for word in plain]).letter
    return [
        Token(match.start(), match.end(), match[0].lower(), part) for match, part in zip(matches, shape, strict=True)
    ]


def traits(text: str, tokens: Sequence[Token], first: int, after: int, lexicon: Lexicon) -> Iterator[Trait]:
    """What a sentence says of somebody whose name, or the pronoun for it, is the tokens from `first` to `after`."""
    if any(token.word in _words("denied") or token.word.endswith("n't") for token in tokens):
        return
    reader = _Reader(text, tokens, lexicon)
    if text[tokens[after - 1].end - 2 : tokens[after - 1].end] in ("'s", "’s") or tokens[after - 1].word in (
        "his",
        "her",
    ):
        yield from reader.looks(after)
    else:
        yield from reader.said_of(after)
        yield from reader.owned(first, after)


def offers(text: str, tokens: Sequence[Token], lexicon: Lexicon) -> Iterator[Trait]:
    """Every look in a sentence, whoever has it: for a person to say whether it is that of the one who was named."""
    if not any(token.part in (BODY, OBJECT) for token in tokens):
        return
    reader = _Reader(text, tokens, lexicon)
    place = 0
    while place < len(tokens):
        found = list(reader.looks(place))
        yield from found
        end = found[-1].end if found else tokens[place].end
        while place < len(tokens) and tokens[place].start < end:
            place += 1


class _Reader:
    """Reads looks off the tokens of one sentence."""

    def __init__(self, text: str, tokens: Sequence[Token], lexicon: Lexicon) -> None:
        self._text = text
        self._tokens = tokens
        self._lexicon = lexicon

    @property
    def _said(self) -> bool:
        """Whether the sentence tells how something was said: `with a faint smile` will not last."""
        return any(counts(self._lexicon[token.word].packed)["speech"] for token in self._tokens)

    def said_of(self, after: int) -> Iterator[Trait]:
        """`NAME was a tall man with`, `NAME, a tall man`, `NAME wore`, `NAME stood there in`."""
        if after >= len(self._tokens):
            return
        here = self._tokens[after]
        if here.word in _words("is"):
            yield from self._person(after + 1)
        elif self._text[self._tokens[after - 1].end : here.start].strip() == ",":
            yield from self._person(after)
        yield from self._tied(after)

    def _tied(self, after: int) -> Iterator[Trait]:
        """By `had` or `wore`; by `with` right after the name, unless somebody speaks so; by `in`, what is worn."""
        for place in range(after, min(after + REACH, len(self._tokens) - 1)):
            word = self._tokens[place].word
            if self._tokens[place].part == AGENT or not self._unbroken(after, place):
                return
            if word in _words("has") or (word in _words("with") and place == after and not self._said):
                yield from self.looks(place + 1)
                return
            if word in _words("in"):
                yield from (trait for trait in self.looks(place + 1) if trait.aspect is Aspect.DRESS)
                return

    def owned(self, first: int, after: int) -> Iterator[Trait]:
        """`серые глаза Марьи`, `у Марьи были серые глаза`."""
        if first and self._tokens[first - 1].word in _words("at"):
            place = after
            while place < len(self._tokens) and self._tokens[place].word in _words("is"):
                place += 1
            yield from self.looks(place)
        elif first and self._tokens[first - 1].part == BODY and self._touches(first - 1):
            begin = first - 1
            while begin and self._describes(self._tokens[begin - 1]):
                begin -= 1
            yield from self.looks(begin)

    def looks(self, place: int) -> Iterator[Trait]:
        """`grey eyes`, and what follows it: `, a long coat and a torn hat`."""
        while (found := self._look(place)) is not None:
            trait, place = found
            yield trait
            while place < len(self._tokens) and self._tokens[place].word in _words("and"):
                place += 1

    def _look(self, place: int) -> tuple[Trait, int] | None:
        begin = self._skipped(place)
        end = begin
        while end < len(self._tokens) and self._describes(self._tokens[end]) and end - begin < MOST:
            end += 1
        if end == begin or end >= len(self._tokens) or self._tokens[end].part not in (BODY, OBJECT):
            return None
        if any(token.word in _words("passing") for token in self._tokens[begin : end + 1]):
            return None
        aspect = self._aspect(self._tokens[end].word)
        trait = self._trait(aspect, begin, end) if aspect else None
        return (trait, end + 1) if trait else None

    def _person(self, place: int) -> Iterator[Trait]:
        begin = self._skipped(place)
        end = begin
        while end < len(self._tokens) and self._describes(self._tokens[end]) and end - begin < MOST:
            end += 1
        if end == begin or end >= len(self._tokens) or self._tokens[end].part != AGENT or not self._is_person(end):
            return
        aged = any(self._is(token.word, "aged") for token in self._tokens[begin:end])
        trait = self._trait(Aspect.AGE if aged else Aspect.BUILD, begin, end)
        if trait is None:
            return
        yield trait
        if end + 1 < len(self._tokens) and self._tokens[end + 1].word in _words("with"):
            yield from self.looks(end + 2)

    def _touches(self, place: int) -> bool:
        return self._text[self._tokens[place].end : self._tokens[place + 1].start] == " "

    def _describes(self, token: Token) -> bool:
        """An adjective, or a form of a verb that may be one: `sparkling eyes`."""
        return token.part == ADJECTIVE or bool(counts(self._lexicon.read(("the", token.word)).packed)["looks"])

    def _skipped(self, place: int) -> int:
        while place < len(self._tokens) and self._tokens[place].word in _words("article"):
            place += 1
        return place

    def _unbroken(self, first: int, last: int) -> bool:
        between = self._text[self._tokens[first - 1].end : self._tokens[last].start]
        return not any(mark in between for mark in ";:.!?—–")

    def _is_person(self, place: int) -> bool:
        return bool(counts(self._lexicon[self._tokens[place].word].packed)["person"])

    def _aspect(self, word: str) -> Aspect | None:
        told = next((aspect for aspect in _OF_THE_BODY if self._is(word, aspect)), None)
        if told is None and counts(self._lexicon.read(("the", word)).packed)["dress"]:
            return Aspect.DRESS
        return told

    def _is(self, word: str, heading: str) -> bool:
        base = self._lexicon.naming.thing(word).replace("ё", "е")
        return not _words(heading).isdisjoint((word, base))

    def _trait(self, aspect: Aspect, begin: int, end: int) -> Trait | None:
        start, stop = self._tokens[begin].start, self._tokens[end].end
        value = self._lexicon.naming.phrase(self._text[start:stop].split())
        return Trait(aspect, start, stop, value) if value else None


def _words(heading: str) -> frozenset[str]:
    return listed("looks.txt", heading)
