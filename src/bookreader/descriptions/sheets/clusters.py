"""Which names mean the same person: by title, surname, patronymic and nickname."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from bookreader.descriptions.rules.data import listed, sections
from bookreader.descriptions.rules.names import plain

RARE = 15
"""How many times as often as together two names must stand alone that they are two people."""
CLEARLY = 3
"""How many times as often as the next one a person must be named to be meant by a name that fits both."""


@dataclass
class Cluster:
    """Names that mean one person or place, with the number of their mentions."""

    kind: str
    names: Counter[str] = field(default_factory=Counter)

    @property
    def mentions(self) -> int:
        return self.names.total()

    @property
    def name(self) -> str:
        return fullest(self.names)


SELDOM = 100
"""A name that is one of so many mentions or less may have come about by chance: `Head Dorothy`."""


def fullest(names: Mapping[str, int]) -> str:
    """Of names with their numbers of mentions the one with most parts and not seldom, of these the most frequent."""
    total = sum(names.values())
    usual = [name for name, count in names.items() if count * SELDOM >= total]
    return max(usual or names, key=lambda name: (len(_parts(name)), names[name]))


def cluster(names: Mapping[tuple[str, str], int]) -> list[Cluster]:
    """Clusters of names, each with its kind (person or place) and its number of mentions; the most frequent first.

    Full names come first; a shorter one joins the one person whom it fits. Where it fits several about equally, it
    stays by itself.
    """
    found: list[Cluster] = []
    alone: Counter[str] = Counter()
    for (name, _), count in names.items():
        alone[name] += count
    single = {key: count for key, count in names.items() if not _is_two(key[0], count, alone)}
    for (name, kind), count in sorted(single.items(), key=lambda item: (-len(_parts(item[0][0])), -item[1], item[0])):
        home = _home(name, kind, found)
        if home is None:
            home = Cluster(kind)
            found.append(home)
        home.names[name] += count
    return sorted(found, key=lambda one: (-one.mentions, one.name))


def _is_two(name: str, count: int, alone: Mapping[str, int]) -> bool:
    """Whether two names only happened to stand side by side: `In Moscow Pierre lived`."""
    words = name.split()
    pairs = ((" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words)))
    return any(min(alone.get(left, 0), alone.get(right, 0)) > RARE * count for left, right in pairs)


def _home(name: str, kind: str, found: Iterable[Cluster]) -> Cluster | None:
    fitting = sorted(
        (one for one in found if one.kind == kind and _fit(name, one.name) and _agree(name, one.names)),
        key=lambda one: -one.mentions,
    )
    if not fitting:
        return None
    if len(fitting) == 1 or fitting[0].mentions >= CLEARLY * fitting[1].mentions:
        return fitting[0]
    return None


def _fit(one: str, other: str) -> bool:
    """Whether one of two names says no more than the other."""
    first, second = _parts(one), _parts(other)
    if not first or not second:
        return one == other
    short, long = (first, second) if len(first) <= len(second) else (second, first)
    return _within(short, long)


def _agree(name: str, others: Iterable[str]) -> bool:
    """Whether a name may be that of a person with the others: Mr. and Mrs. Brown are two, and so is Miss Brown."""
    return not any(_clash(_marks(name), _marks(other)) for other in others)


_TOLD = ("man", "woman", "wife", "maiden", "rank")
_CLASHES = (("man", "woman"), ("wife", "maiden"), ("rank", "wife"), ("rank", "maiden"))


def _clash(one: frozenset[str], other: frozenset[str]) -> bool:
    return any((a in one and b in other) or (b in one and a in other) for a, b in _CLASHES)


@cache
def _marks(name: str) -> frozenset[str]:
    """What titles, patronymics and given names tell: man or woman, wife or maiden, rank."""
    words = [plain(word).strip(".").replace("ё", "е") for word in name.split()]
    found = {mark for mark in _TOLD if not listed("names.txt", mark).isdisjoint(words)}
    if found & {"man", "woman"}:
        return frozenset(found)
    return frozenset(found | {sex for word in words for sex in _sexes(word)})


def _sexes(word: str) -> set[str]:
    """By a patronymic or a given name; of a name for both, nothing."""
    if word.endswith(("овна", "евна", "ична")):
        return {"woman"}
    if word.endswith(("ович", "евич")):
        return {"man"}
    sexes = {sex for sex, heading in (("man", "men"), ("woman", "women")) if word in listed("nicknames.txt", heading)}
    return sexes if len(sexes) == 1 else set()


def _within(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Whether every part of the short name is in the long one, in the same order."""
    rest = iter(long)
    return all(any(_same(part, other) for other in rest) for part in short)


def _same(one: str, other: str) -> bool:
    if one == other or _father(one) == _father(other):
        return True
    return any(one in group and other in group for group in _nicknames().get(one, ()))


def _father(part: str) -> str:
    """A patronymic by its stem, so that the short form is the same: Андреич, Андреевич; else the part itself."""
    for ending in ("евич", "ович", "ич"):
        if part.endswith(ending) and len(part) > len(ending) + 2:
            return f"{part.removesuffix(ending)}~"
    return part


def sex_of(name: str) -> str:
    """man or woman where a title, a patronymic or a given name tells, else empty."""
    return next(iter(_marks(name) & {"man", "woman"}), "")


@cache
def _parts(name: str) -> tuple[str, ...]:
    """The words of a name without its titles."""
    words = [plain(word).strip(".").replace("ё", "е") for word in name.split()]
    return tuple(word for word in words if word not in listed("names.txt", "title"))


@cache
def _nicknames() -> Mapping[str, tuple[frozenset[str], ...]]:
    groups: dict[str, list[frozenset[str]]] = {}
    for group in _groups():
        for name in group:
            groups.setdefault(name, []).append(group)
    return {name: tuple(of) for name, of in groups.items()}


def _groups() -> Iterator[frozenset[str]]:
    for _, names in sections("nicknames.txt"):
        yield frozenset(name.replace("ё", "е") for name in names)
