"""In which order pictures are made: what is sure, clear, new and of a good length first, a few of each chapter."""

from math import ceil

from bookreader.descriptions.rules.description import Kind
from bookreader.descriptions.rules.kinds import Kinds

WORDS_PER_PICTURE = 600
LEAST, MOST = 3, 24
SHORT, LONG = 25, 140
"""Between so many words a description has the best length."""
FIT = {Kind.ACTION: 1.0, Kind.CHARACTER: 0.9, Kind.LOCATION: 0.7, Kind.OBJECT: 0.6, Kind.ATMOSPHERE: 0.6}
"""How much illustrators like a type: moments before people, people before places."""
NEW = 3
"""More new people and places than this do not make a passage more urgent."""


def quota(words: int) -> int:
    """The most descriptions of a chapter of so many words."""
    return max(LEAST, min(MOST, ceil(words / WORDS_PER_PICTURE)))


def priority(confidence: float, words: int, kinds: Kinds, *, new: int) -> float:
    """0 to 1. `new`: how many people and places are met for the first time."""
    length = min(1.0, words / SHORT, LONG / max(words, 1))
    fit = FIT[kinds.first] * kinds.share
    return round(confidence * (0.55 + 0.15 * length + 0.15 * fit + 0.15 * min(new, NEW) / NEW), 4)
