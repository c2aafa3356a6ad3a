"""How far sheets may be shown, and what happens to those that a person has changed when the book is looked through
again. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from bookreader.descriptions.sheets import Called, Evidence, Sheet


@dataclass(frozen=True, slots=True)
class Reach:
    """How far into a book things may be shown: `offset` code points of a chapter, and all chapters before it."""

    chapter: int
    offset: int

    def covers(self, chapter: int, offset: int) -> bool:
        return (chapter, offset) <= (self.chapter, self.offset)


EVERYTHING = Reach(2**31, 0)


@dataclass(frozen=True, slots=True)
class Held:
    """A sheet that a person has changed: whatever is found under its names belongs to it."""

    id: UUID
    names: frozenset[str]


def share_out(found: Sequence[Sheet], held: Sequence[Held]) -> tuple[dict[UUID, Sheet], list[Sheet]]:
    """What each held sheet gets of what was found, and the sheets that nobody holds.

    Sheets that a person merged get what was found apart, and those that were split part what was found as one.
    """
    owners = {name: one.id for one in held for name in one.names}
    shares: dict[UUID, list[Sheet]] = {}
    rest: list[Sheet] = []
    for sheet in found:
        if any(called.name in owners for called in sheet.names):
            for owner, part in _parted(sheet, owners):
                shares.setdefault(owner, []).append(part)
        else:
            rest.append(sheet)
    return {owner: joined(parts) for owner, parts in shares.items()}, rest


def _parted(sheet: Sheet, owners: Mapping[str, UUID]) -> Iterator[tuple[UUID, Sheet]]:
    """The parts of a sheet by owner. What is said under a name of nobody goes to whoever is named most often."""
    most = next(owners[called.name] for called in sheet.names if called.name in owners)
    for owner in dict.fromkeys(owners.get(called.name, most) for called in sheet.names):
        mine = [called for called in sheet.names if owners.get(called.name, most) == owner]
        yield owner, part(sheet, mine, is_first=owner == most)


def part(sheet: Sheet, names: Sequence[Called], *, is_first: bool) -> Sheet:
    """What a sheet says under some of its names; the first part keeps what is said under none of them."""
    mine = {called.name for called in names}
    all_names = {called.name for called in sheet.names}

    def belongs(evidence: Evidence) -> bool:
        named = [name for name in evidence.names if name in all_names]
        return named[0] in mine if named else is_first

    first = min(names, key=lambda called: (called.chapter, called.start))
    return replace(
        sheet,
        names=tuple(names),
        mentions=sum(called.mentions for called in names),
        chapter=first.chapter,
        start=first.start,
        facts=tuple(fact for fact in sheet.facts if belongs(fact.evidence)),
        evidence=tuple(each for each in sheet.evidence if belongs(each)),
    )


def joined(parts: Sequence[Sheet]) -> Sheet:
    """Several sheets as one, named first where the first of them is."""
    ordered = sorted(parts, key=lambda each: (each.chapter, each.start))
    evidence = dict.fromkeys(each for sheet in ordered for each in sheet.evidence)
    return replace(
        max(parts, key=lambda each: each.mentions),
        names=_all_names(parts),
        mentions=sum(each.mentions for each in parts),
        chapter=ordered[0].chapter,
        start=ordered[0].start,
        facts=tuple(dict.fromkeys(fact for sheet in ordered for fact in sheet.facts)),
        evidence=tuple(sorted(evidence, key=lambda each: (each.chapter, each.start))),
    )


def _all_names(parts: Sequence[Sheet]) -> tuple[Called, ...]:
    """Each name once, the most frequent first."""
    by_name: dict[str, Called] = {}
    for called in sorted((one for each in parts for one in each.names), key=lambda one: (one.chapter, one.start)):
        known = by_name.get(called.name)
        by_name[called.name] = replace(known, mentions=known.mentions + called.mentions) if known else called
    return tuple(sorted(by_name.values(), key=lambda called: -called.mentions))
