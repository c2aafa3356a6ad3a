"""What a sheet holds, and what of it a prompt may repeat."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

LOOK_WORDS = 25
"""Words of the string that every prompt with a person repeats."""
PER_ASPECT = 2
"""Facts of one aspect that a look takes at most."""


class Aspect(StrEnum):
    """What a fact tells of; in the order in which a look names it."""

    AGE = "age"
    BUILD = "build"
    FACE = "face"
    HAIR = "hair"
    EYES = "eyes"
    MARKS = "marks"
    DRESS = "dress"


@dataclass(frozen=True)
class Evidence:
    """A sentence of the book: code points of the chapter text, half-open; `quote` is what stands there.

    `names`: whom it names, as a sheet calls them. `cfi`: its address, where the chapter's document was at hand.
    """

    chapter: int
    start: int
    end: int
    quote: str
    names: tuple[str, ...] = ()
    cfi: str | None = None


@dataclass(frozen=True)
class Fact:
    """What the book says of how somebody looks, in its own words.

    `sure`: a strict pattern ties it to the name, so that it is taken as it is; else it is offered for a person to
    confirm. Dress holds for its scene, the rest for the whole book.
    """

    aspect: Aspect
    value: str
    sure: bool
    evidence: Evidence

    @property
    def scene_scoped(self) -> bool:
        return self.aspect is Aspect.DRESS


@dataclass(frozen=True)
class Called:
    """A name of somebody, how often it occurs, and where it stands first."""

    name: str
    mentions: int
    chapter: int
    start: int


@dataclass(frozen=True)
class Sheet:
    """A person or a place of the book.

    `name` is the fullest; `names` are all by which it is called, the most frequent first. `evidence`: sentences that
    tell most of it, in the order of the book. `chapter`, `start`: where it is named first.
    """

    name: str
    kind: str
    names: tuple[Called, ...]
    mentions: int
    chapter: int
    start: int
    facts: tuple[Fact, ...]
    evidence: tuple[Evidence, ...]


def look(facts: Sequence[Fact], chapter: int, end: int | None = None) -> str:
    """About LOOK_WORDS words of the sure facts that are known up to a place, so that no picture tells too much.

    `end`: code points of the chapter that were read, None for all of it. Of the dress only what this chapter tells.
    """
    known = [fact for fact in facts if fact.sure and _is_before(fact.evidence, chapter, end)]
    chosen: list[str] = []
    for fact in _in_order(known, chapter):
        words = sum(len(value.split()) for value in chosen)
        if fact.value not in chosen and words + len(fact.value.split()) <= LOOK_WORDS:
            chosen.append(fact.value)
    return ", ".join(chosen)


def _is_before(evidence: Evidence, chapter: int, end: int | None) -> bool:
    if evidence.chapter != chapter:
        return evidence.chapter < chapter
    return end is None or evidence.end <= end


def _in_order(facts: Sequence[Fact], chapter: int) -> Iterator[Fact]:
    for aspect in Aspect:
        told = [fact for fact in facts if fact.aspect is aspect]
        if aspect is Aspect.DRESS:
            told = [fact for fact in told if fact.evidence.chapter == chapter][::-1]
        yield from told[:PER_ASPECT]


def seed(name: str) -> int:
    """A number from 0 to 2**31 - 1 that is always the same for a name: pictures of one person begin alike."""
    return int.from_bytes(blake2b(name.casefold().encode(), digest_size=4).digest(), "big") >> 1
