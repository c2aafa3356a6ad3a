"""The names of people and places in a chapter."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bookreader.descriptions.rules.blocks import Block, Role
from bookreader.descriptions.rules.classes import ACT, STATE, counts
from bookreader.descriptions.rules.data import listed
from bookreader.descriptions.rules.lexicon import Lexicon
from bookreader.descriptions.rules.paragraphs import WORD

_ENDS = '.!?…:—–“”«»„"‘’('
"""What may stand before a word that has its capital only because it begins a sentence or a speech."""
_BEFORE = 24


@dataclass(frozen=True)
class Mention:
    """A name where it stands: code points of the chapter text, half-open, without a possessive ending."""

    start: int
    end: int
    name: str
    """As it is called when it is not in a sentence: in Russian, in the nominative."""
    kind: str
    """person or place"""


class Names:
    """The names of a chapter.

    Where a word begins a sentence, it is a name if it has its capital inside one elsewhere and never goes without.
    """

    def __init__(self, text: str, blocks: Iterable[Block], lexicon: Lexicon) -> None:
        self._text = text
        self._lexicon = lexicon
        self._kinds: dict[str, str] = {}
        self._beginning: dict[str, bool] = {}
        self._words = {
            match[0]
            for block in blocks
            if block.role is Role.PROSE
            for match in _capitalised(text, block.start, block.end)
            if not _begins(text, match.start())
        }

    def mentions(self, start: int, end: int) -> Iterator[Mention]:
        """The names in a stretch of the chapter, in order."""
        run: list[re.Match[str]] = []
        for match in _capitalised(self._text, start, end):
            if run and not self._goes_on(run[-1], match):
                yield from self._joined(run)
                run = []
            if run or not _begins(self._text, match.start()) or self._is_name(match[0]):
                run.append(match)
        yield from self._joined(run)

    def _is_name(self, word: str) -> bool:
        """Of a word that begins a sentence."""
        if word not in self._beginning:
            known = word in self._words and not any(self._places(word.lower()))
            self._beginning[word] = known or plain(word) in listed("names.txt", "title")
        return self._beginning[word]

    def _places(self, word: str) -> Iterator[int]:
        """Where the chapter has a word or words."""
        place = self._text.find(word)
        while place >= 0:
            end = place + len(word)
            if not (self._text[place - 1 : place].isalnum() or self._text[end : end + 1].isalnum()):
                yield place
            place = self._text.find(word, end)

    def _goes_on(self, last: re.Match[str], match: re.Match[str]) -> bool:
        between = self._text[last.end() : match.start()]
        short = len(last[0]) == 1 or plain(last[0]) in listed("names.txt", "title")
        return between == " " or (short and between == ". ")

    def _joined(self, run: list[re.Match[str]]) -> Iterator[Mention]:
        while run and _has(run[-1], "title"):
            run = run[:-1]
        while run and _has(run[0], "no-name") and not _has(run[0], "title"):
            run = run[1:]
        for size in self._lexicon.naming.groups([match[0] for match in run]):
            part, run = run[:size], run[size:]
            if not all(_has(match, "no-name") for match in part):
                start = part[0].start()
                name = re.sub(r"['’]s$", "", self._text[start : part[-1].end()])
                yield Mention(start, start + len(name), self._lexicon.naming.name(name.split()), self._kind(name))

    def _kind(self, name: str) -> str:
        if name not in self._kinds:
            self._kinds[name] = "place" if self._is_place(name) else "person"
        return self._kinds[name]

    def _is_place(self, name: str) -> bool:
        words = name.split()
        if plain(words[-1]) in listed("names.txt", "place") or self._lexicon.naming.is_place(words):
            return True
        if plain(words[0]) in listed("names.txt", "title"):
            return False
        found = list(self._places(name))
        here = sum(self._after_place(place) for place in found)
        return here > sum(self._acts(place, place + len(name)) for place in found)

    def _after_place(self, start: int) -> bool:
        before = [word.lower() for word in WORD.findall(self._text, max(0, start - _BEFORE), start)]
        return bool(before) and (before[-1] in listed("names.txt", "before-place") or before[-2:] == ["in", "the"])

    def _acts(self, start: int, end: int) -> bool:
        """Whether somebody is meant: who does, says or owns something."""
        if self._text[end : end + 2] in ("’s", "'s"):
            return True
        after = self._lexicon[_word(WORD.match(self._text, end + 1))]
        before = WORD.findall(self._text, max(0, start - _BEFORE), start)
        said = counts(after.packed)["speech"] or (before and counts(self._lexicon[before[-1].lower()].packed)["speech"])
        return after.letter in (ACT, STATE) or bool(said)


_CAPITAL = re.compile(r"[A-ZА-ЯЁÀ-Þ][^\W\d_]+(?:['’-][^\W\d_]+)*")


def _capitalised(text: str, start: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
    found = _CAPITAL.finditer(text, start, len(text) if end is None else end)
    return (match for match in found if not _is_inscription(match[0]))


def _is_inscription(word: str) -> bool:
    """What is all in capitals was read from a label or is shouted."""
    return len(word) > 1 and word.isupper()


def _has(match: re.Match[str], heading: str) -> bool:
    return plain(match[0]) in listed("names.txt", heading)


def _begins(text: str, place: int) -> bool:
    before = text[max(0, place - 3) : place]
    return "\n" in before or not before.strip() or before.rstrip()[-1] in _ENDS


def _word(match: re.Match[str] | None) -> str:
    return match[0].lower() if match else ""


def plain(word: str) -> str:
    """In lower case, with a straight apostrophe."""
    return word.lower().replace("’", "'")
