"""The people, places and things that a passage names."""

from collections.abc import Iterator

from bookreader.descriptions.rules.classes import OBJECT, PLACE, counts
from bookreader.descriptions.rules.description import Entity
from bookreader.descriptions.rules.lexicon import Lexicon
from bookreader.descriptions.rules.names import Names
from bookreader.descriptions.rules.paragraphs import NAME, WORD

MOST = 12
"""Entities of a passage."""
_KINDS = (PLACE, OBJECT)


def entities_of(names: Names, told: str, lexicon: Lexicon, start: int, end: int) -> tuple[Entity, ...]:
    """Of a passage from `start` to `end` of the chapter: names first, then the places and things, each once, at most
    MOST. `told`: the passage without what is spoken or compared, for that is not there to be seen."""
    named = {mention.name: mention.kind for mention in names.mentions(start, end)}
    whole = (name for name in named if not any(name != other and name in other for other in named))
    people = (Entity(name, named[name]) for name in whole)
    return tuple(list(dict.fromkeys((*people, *_things(told, lexicon))))[:MOST])


def new_people(told: str, lexicon: Lexicon, met: set[str]) -> bool:
    """Whether a passage tells of people by what they are, `a pedlar`, of whom none is in `met`; they are added."""
    words = [word for word in WORD.findall(told) if word.islower()]
    seen = {lexicon.naming.thing(word) for word in words if counts(lexicon[word].packed)["person"]}
    new = seen and not seen & met
    met |= seen
    return bool(new)


def _things(passage: str, lexicon: Lexicon) -> Iterator[Entity]:
    words = WORD.findall(passage)
    shape = lexicon.read([word if word.islower() else NAME for word in words]).letter
    for word, part in zip(words, shape, strict=True):
        if part in _KINDS and word.islower():
            seen = counts(lexicon.read(("the", word)).packed)
            place = part == PLACE and (seen["building"] or seen["land"])
            yield Entity(lexicon.naming.thing(word), "place" if place else "object")
