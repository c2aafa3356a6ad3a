"""The people, places and things that a passage names."""

from collections.abc import Iterator

from bookreader.descriptions.rules.classes import OBJECT, PLACE
from bookreader.descriptions.rules.description import Entity
from bookreader.descriptions.rules.lexicon import Lexicon
from bookreader.descriptions.rules.names import Names
from bookreader.descriptions.rules.paragraphs import NAME, WORD

MOST = 12
"""Entities of a passage."""
_KINDS = {PLACE: "place", OBJECT: "object"}


def entities_of(names: Names, text: str, lexicon: Lexicon, start: int, end: int) -> tuple[Entity, ...]:
    """Of a passage of the chapter text: names first, then the places and things, each once, at most MOST."""
    named = {mention.name: mention.kind for mention in names.mentions(start, end)}
    whole = (name for name in named if not any(name != other and name in other for other in named))
    people = (Entity(name, named[name]) for name in whole)
    return tuple(list(dict.fromkeys((*people, *_things(text[start:end], lexicon))))[:MOST])


def _things(passage: str, lexicon: Lexicon) -> Iterator[Entity]:
    words = WORD.findall(passage)
    shape = lexicon.read([word if word.islower() else NAME for word in words]).letter
    for word, part in zip(words, shape, strict=True):
        if part in _KINDS and word.islower():
            yield Entity(lexicon.naming.thing(word), _KINDS[part])
