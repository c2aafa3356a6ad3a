"""The mood of a passage: dread, grief, joy, wonder or calm."""

from collections.abc import Iterator, Sequence
from functools import cache

from bookreader.descriptions.rules.data import sections

CALM = "calm"
ENOUGH = 2
"""A mood of which fewer words speak is none."""


def tone_of(words: Sequence[str]) -> str:
    """The mood of which most of the words (in lower case) speak; calm where none stands out."""
    found: dict[str, int] = {}
    for word in words:
        for mood in _moods(word):
            found[mood] = found.get(mood, 0) + 1
    best = sorted(found, key=lambda mood: -found[mood])
    if not best or found[best[0]] < ENOUGH or (len(best) > 1 and found[best[0]] == found[best[1]]):
        return CALM
    return best[0]


def _moods(word: str) -> Iterator[str]:
    whole, stems = _lists()
    if word in whole:
        yield whole[word]
        return
    for stem, mood in stems.get(word[:3], ()):
        if word.startswith(stem):
            yield mood
            return


@cache
def _lists() -> tuple[dict[str, str], dict[str, list[tuple[str, str]]]]:
    """Whole words with their mood; and beginnings with theirs, by their first three letters."""
    whole: dict[str, str] = {}
    stems: dict[str, list[tuple[str, str]]] = {}
    for mood, items in sections("tone.txt"):
        for item in items:
            if item.endswith("*"):
                stems.setdefault(item[:3], []).append((item[:-1], mood))
            else:
                whole[item] = mood
    return whole, stems
