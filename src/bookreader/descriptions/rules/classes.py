"""The classes into which words fall, and how their counts are packed.

A word's classes are one integer with a field of 32 bits for each class, so that the counts of a text are the sum over
its words, which Python adds in C. A letter says shortly what part a word plays, so that a sentence has a shape.
"""

from collections.abc import Collection
from struct import Struct

THINGS = ("body", "person", "dress", "building", "land", "plant", "animal", "vehicle", "thing", "material")
LOOKS = ("colour", "look", "lit")
ACTS = ("motion", "posture", "handling", "expression", "shine")
SKIES = ("light", "weather", "hour")
OTHERS = ("seen", "spatial", "mental", "modal", "negation", "habit", "sound", "speech", "abstract", "first", "second",
          "third", "tobe", "present", "past", "perfective", "agent", "article", "determiner", "subject",
          "plain")  # fmt: skip
DERIVED = {"concrete": THINGS, "looks": LOOKS, "acts": ACTS, "skies": SKIES, "mind": ("mental", "modal")}
"""Classes that a word is in when it is in any of these: a word counts once in each, however many senses it has."""

NAMES = (*THINGS, *LOOKS, *ACTS, *SKIES, *OTHERS, *DERIVED)
_FIELDS = Struct(f"<{len(NAMES)}I")
_UNIT = {name: 1 << 32 * place for place, name in enumerate(NAMES)}

AGENT, PLACE, SKY, BODY, OBJECT, ACT, STATE, ADJECTIVE, ARTICLE, DETERMINER, SUBJECT, NOTHING, EITHER = "apsbtvqjidu.?"
_LETTERS = (
    (AGENT, ("agent", "person", "animal")),
    (PLACE, ("building", "land", "plant", "vehicle")),
    (SKY, ("light", "weather")),
    (BODY, ("body", "dress")),
    (OBJECT, ("thing", "material")),
    (ACT, ("motion", "handling")),
    (STATE, ("posture", "expression", "shine")),
    (ADJECTIVE, LOOKS),
    (ARTICLE, ("article",)),
    (DETERMINER, ("determiner",)),
    (SUBJECT, ("subject",)),
)


def packed(classes: Collection[str]) -> int:
    """The classes of one word, with the derived ones."""
    own = set(classes)
    own |= {name for name, parts in DERIVED.items() if own.intersection(parts)}
    return sum(_UNIT[name] for name in own)


def letter(classes: Collection[str]) -> str:
    """The part that a word of these classes plays in a sentence: the first that fits."""
    return next((mark for mark, names in _LETTERS if not set(names).isdisjoint(classes)), NOTHING)


def counts(total: int) -> dict[str, int]:
    """How often each class occurs in a sum of packed words."""
    return dict(zip(NAMES, _FIELDS.unpack(total.to_bytes(_FIELDS.size, "little")), strict=True))
