"""Words: what each of them lets one see, in English and Russian."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from bookreader.descriptions.rules import english, russian
from bookreader.descriptions.rules.classes import (
    ADJECTIVE,
    AGENT,
    ARTICLE,
    DETERMINER,
    EITHER,
    NOTHING,
    SUBJECT,
    letter,
    packed,
)
from bookreader.descriptions.rules.naming import Naming

KEPT = 100_000
"""Words remembered before the memory is emptied, so that a hostile book cannot fill it."""


class Word(NamedTuple):
    """`packed`: its classes; `letter`: the part it plays."""

    packed: int
    letter: str


class Senses(NamedTuple):
    """A word that may be a noun or a verb, such as `hand` and `rose`."""

    noun: Word
    verb: Word
    acts: bool
    """Whether it is the verb where the word before it does not say."""


class Lexicon(dict[str, Word]):
    """From a word in lower case to what it shows; a word that was not met before is worked out once."""

    def __init__(
        self,
        classes_of: Callable[[str], Collection[str]],
        senses: Mapping[str, Senses],
        naming: Naming | None = None,
    ) -> None:
        super().__init__()
        self._classes_of = classes_of
        self._senses = senses
        self.naming = naming or Naming()

    def __missing__(self, word: str) -> Word:
        if len(self) >= KEPT:
            self.clear()
        classes = self._classes_of(word)
        found = self[word] = Word(packed(classes), EITHER if word in self._senses else letter(classes))
        return found

    def read(self, words: Sequence[str]) -> Word:
        """The sum of the classes of a sentence's words, in lower case, and the letters of all of them in a row."""
        if not words:
            return Word(0, "")
        values, letters = zip(*map(self.__getitem__, words), strict=True)
        total, shape = sum(values), "".join(letters)
        place = shape.find(EITHER)
        while place >= 0:
            sense = _sense(self._senses[words[place]], shape[place - 1] if place else NOTHING)
            total += sense.packed
            shape = f"{shape[:place]}{sense.letter}{shape[place + 1 :]}"
            place = shape.find(EITHER, place + 1)
        return Word(total, shape)


def _sense(senses: Senses, before: str) -> Word:
    """By the word before it: `his hand`, `he hands`."""
    if before in (ARTICLE, DETERMINER, ADJECTIVE):
        return senses.noun
    return senses.verb if senses.acts or before in (SUBJECT, AGENT) else senses.noun


@cache
def lexicon_of(language: str) -> Lexicon:
    """`language` is en or ru; any other has no words, and every word is unknown."""
    if language == "en":
        words = english.load()
        senses = {
            word: Senses(Word(packed(two.noun), letter(two.noun)), Word(packed(two.verb), letter(two.verb)), two.acts)
            for word, two in words.senses.items()
        }
        return Lexicon(words.classes_of, senses)
    if language == "ru":
        dictionary = russian.Dictionary()
        return Lexicon(dictionary.classes_of, {}, dictionary)
    return Lexicon(lambda word: (), {})
