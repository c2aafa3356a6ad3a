"""What is wrong with a chain of revisions, and which repair the evidence speaks for. Pure: histories are given."""

import math
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bookreader.database.chain import LONGEST_ID, Chain, Revision, walk_calls
from bookreader.database.findings import Edit, Finding, Repair, assignment, documentation, relinking

KNOWN_LOSSES = {"9ddbcaab926e": "it had made the table admin_settings, which a repaired chain does not make"}
ENOUGH = 0.5
"""Confidence from which on a parent is named."""


@dataclass(frozen=True)
class Lost:
    """A revision whose file is gone, as a history still knows it. `source` says where."""

    id: str
    parents: tuple[str, ...]
    text: str
    source: str


@dataclass
class Case:
    """A candidate for the place of a missing parent (None = the revision begins the chain), and what speaks for it."""

    parent: str | None
    doubts: list[float] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)

    def add(self, weight: float, sentence: str) -> None:
        self.doubts.append(1 - weight)
        self.evidence.append(sentence)

    @property
    def confidence(self) -> float:
        return 1 - math.prod(self.doubts)


def diagnose(chain: Chain, lost: Mapping[str, Lost], retired: Mapping[str, str]) -> list[Finding]:
    """Every finding about the files, roots of trouble first. `retired` maps ids that were given up to an ancestor."""
    found = [Finding("unreadable_file", None, f"{bad.path.name}: {bad.reason}.") for bad in chain.unreadable]
    found += _duplicates(chain)
    found += _long_ids(chain)
    missing, mended = _missing_parents(chain, lost, retired)
    found += missing
    cycles, mended = _cycles(mended)
    found += cycles
    found += _bases(mended)
    found += _heads(mended)
    found += _needs(chain)
    relinked = {each.revision for each in found if each.code in ("missing_parent", "cycle") and each.repair.relink}
    found += [each for each in _docstrings(chain) if each.revision not in relinked]
    return found


# Missing parents


def _missing_parents(chain: Chain, lost: Mapping[str, Lost], retired: Mapping[str, str]) -> tuple[list[Finding], Chain]:
    """The findings, and the chain as it would be after the repairs, in which further trouble is looked for."""
    found: list[Finding] = []
    mended = chain
    for revision in sorted(chain.by_id.values(), key=lambda each: (each.moment, each.path.name)):
        for parent in revision.parents:
            if parent in chain.by_id:
                continue
            cases = _cases(mended, revision, parent, lost, retired)
            best = cases[0] if cases and cases[0].confidence >= ENOUGH else None
            found.append(_missing(chain, revision, parent, best, cases, lost.get(parent)))
            if best is not None:
                mended = _with_parents(mended, revision.id, _replaced(mended, revision, parent, best.parent))
    return found, mended


def _missing(
    chain: Chain, revision: Revision, parent: str, best: Case | None, cases: list[Case], gone: Lost | None
) -> Finding:
    message = f"{revision.path.name} follows {parent}, which no file defines: Alembic cannot load the chain"
    search = f"git log --all --diff-filter=D -S {shlex.quote(parent)} -- {shlex.quote(str(chain.folder))}"
    evidence = [line for case in cases[:3] for line in case.evidence]
    if gone is not None and (lost := what_is_lost(gone)):
        evidence.append(lost)
    if best is None:
        return Finding(
            "missing_parent",
            revision.id,
            f"{message}. Nothing tells safely which parent was meant: look for the lost file.",
            Repair(commands=(search,)),
            tuple(evidence),
        )
    parents = _replaced(chain, revision, parent, best.parent)
    repair = Repair(
        relink=True,
        down_revision=best.parent,
        commands=(f"bookreader db doctor --versions {shlex.quote(str(chain.folder))} --fix",),
        edits=relinking(revision, parents),
        confidence=best.confidence,
    )
    advice = f"its parent is {best.parent}" if best.parent else "it begins the chain"
    return Finding("missing_parent", revision.id, f"{message}. By all evidence {advice}.", repair, tuple(evidence))


def what_is_lost(gone: Lost) -> str | None:
    """What the lost revision did, and a database made by the repaired chain will not have."""
    done = [
        f"{name}({', '.join(str(each) for each in values)})"
        for name, values in walk_calls(gone.text, "upgrade")
        if name.startswith(("create_", "add_", "drop_", "alter_")) and values
    ]
    return f"{gone.id} did {'; '.join(done[:5])}: a repaired chain does it no more" if done else None


def _replaced(chain: Chain, revision: Revision, missing: str, parent: str | None) -> tuple[str, ...]:
    others = tuple(each for each in revision.parents if each != missing)
    known = set[str]().union(*(chain.ancestors(each) for each in others))
    return others if parent is None or parent in known else (*others, parent)


def _with_parents(chain: Chain, revision_id: str, parents: tuple[str, ...]) -> Chain:
    if len(parents) <= 1:
        return chain.relinked(revision_id, parents[0] if parents else None)
    return chain


def _cases(
    chain: Chain, revision: Revision, missing: str, lost: Mapping[str, Lost], retired: Mapping[str, str]
) -> list[Case]:
    """Every candidate, the most likely first."""
    cases: dict[str | None, Case] = {}
    after = chain.descendants(revision.id)
    for parent, weight, sentence in _evidence(chain, revision, missing, lost, retired):
        if parent not in after:
            cases.setdefault(parent, Case(parent)).add(weight, sentence)
    # A candidate that is younger than the revision is seldom its parent.
    for case in cases.values():
        moment = chain.by_id[case.parent].moment if case.parent else ""
        if moment and revision.moment and moment > revision.moment:
            case.doubts = [(1 + doubt) / 2 for doubt in case.doubts]
            case.evidence.append(f"{case.parent} is younger than {revision.id}, which speaks against it")
    return sorted(cases.values(), key=lambda case: -case.confidence)


Evidence = Iterator[tuple[str | None, float, str]]


def _evidence(
    chain: Chain, revision: Revision, missing: str, lost: Mapping[str, Lost], retired: Mapping[str, str]
) -> Evidence:
    yield from _by_history(chain, missing, lost)
    if (alias := retired.get(missing)) in chain.by_id:
        told = f"{missing} is a retired revision; its nearest surviving ancestor is {alias}"
        loss = KNOWN_LOSSES.get(missing)
        yield alias, 0.95, f"{told}; {loss}" if loss else told
    yield from _by_name(chain, missing)
    if revision.documented and len(revision.documented) == 1 and revision.documented[0] in chain.by_id:
        parent = revision.documented[0]
        yield parent, 0.8, f"the docstring of {revision.path.name} says that it revises {parent}"
    yield from _by_place(chain, revision)


def _by_history(chain: Chain, missing: str, lost: Mapping[str, Lost]) -> Evidence:
    """Through lost revisions up to one that survives."""
    told: list[str] = []
    current, seen = missing, set[str]()
    while current in lost and current not in seen:
        seen.add(current)
        gone = lost[current]
        told.append(f"{gone.source}; its own parent was {', '.join(gone.parents) or 'none'}")
        if not gone.parents:
            yield None, 0.9, " - ".join(told)
            return
        current = gone.parents[0]
    if told and current in chain.by_id:
        yield current, 0.95, " - ".join(told)


def _by_name(chain: Chain, missing: str) -> Evidence:
    """A file's name, a shortened id, or a slip of the pen in place of an id."""
    bare = missing.removesuffix(".py")
    for other in chain.by_id.values():
        if bare == other.path.stem or bare.startswith(f"{other.id}_"):
            yield other.id, 0.95, f"{missing} is the name of the file {other.path.name}, whose id is {other.id}"
        elif len(missing) >= 4 and other.id.startswith(missing):
            yield other.id, 0.9, f"{missing} is the beginning of the id {other.id}"
        elif len(missing) >= 6 and (steps := distance(missing, other.id)) <= 2:
            yield other.id, 0.95 if steps == 1 else 0.7, f"{missing} and {other.id} differ by {steps} characters"


def _by_place(chain: Chain, revision: Revision) -> Evidence:
    after = chain.descendants(revision.id)
    loose = [each for each in chain.heads if each.id not in after]
    if not loose and not chain.bases:
        yield None, 0.6, "no other revision begins the chain, and none is without a child"
    for each in loose:
        if len(loose) == 1:
            yield each.id, 0.75, f"{each.id} is the only other revision that nothing follows"
        else:
            yield each.id, 0.3, f"{each.id} is one of {len(loose)} other revisions that nothing follows"
    before = [each for each in loose if each.moment and revision.moment and each.moment < revision.moment]
    if before:
        nearest = max(before, key=lambda each: each.moment)
        yield nearest.id, 0.4, f"by the dates, {nearest.id} is the last one before {revision.id} that nothing follows"


def distance(one: str, other: str) -> int:
    """Insertions, deletions, replacements and swaps of neighbours between two words."""
    if abs(len(one) - len(other)) > 2:
        return 3
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            best = min(rows[-1][j] + 1, row[j - 1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


# Cycles, bases, heads


def _cycles(chain: Chain) -> tuple[list[Finding], Chain]:
    found: list[Finding] = []
    while cycle := _a_cycle(chain):
        finding = _cycle(chain, cycle)
        found.append(finding)
        chain = chain.relinked(finding.revision or "", finding.repair.down_revision)
        if _a_cycle(chain) == cycle:
            break
    return found, chain


def _a_cycle(chain: Chain) -> list[Revision]:
    for revision in chain.by_id.values():
        for parent in revision.parents:
            if parent in chain.descendants(revision.id):
                return [each for each in chain.by_id.values() if _between(chain, revision.id, each.id)]
    return []


def _between(chain: Chain, start: str, other: str) -> bool:
    return other in chain.descendants(start) and start in chain.descendants(other)


def _cycle(chain: Chain, cycle: list[Revision]) -> Finding:
    ids = {each.id for each in cycle}
    for each in cycle:
        stated = each.documented[0] if each.documented else None
        if each.documented is not None and stated not in each.parents and (stated is None or stated not in ids):
            reason = f"the docstring of {each.path.name} says that it revises {stated or 'nothing'}"
            if stated is None or stated in chain.by_id:
                return _cut(each, cycle, stated, 0.9, reason)
    first = min(cycle, key=lambda each: (each.moment or "9", each.path.name))
    others = [each for each in chain.heads if each.id not in ids and each.id not in chain.descendants(first.id)]
    if others and chain.bases:
        parent = max(others, key=lambda each: each.moment)
        return _cut(first, cycle, parent.id, 0.7, f"{first.id} is the oldest of them, and nothing follows {parent.id}")
    return _cut(first, cycle, None, 0.7, f"{first.id} is the oldest of them, and no revision begins the chain")


def _cut(revision: Revision, cycle: list[Revision], parent: str | None, confidence: float, reason: str) -> Finding:
    names = ", ".join(each.id for each in cycle)
    message = f"{names} follow each other in a circle" if len(cycle) > 1 else f"{revision.id} follows itself"
    edits = relinking(revision, () if parent is None else (parent,))
    repair = Repair(relink=True, down_revision=parent, edits=edits, confidence=confidence)
    return Finding("cycle", revision.id, f"{message}: cut it before {revision.id}.", repair, (reason,))


def _bases(chain: Chain) -> list[Finding]:
    bases = _ordered_bases(chain)
    return [_second_base(chain, bases[0], each) for each in bases[1:]]


def _ordered_bases(chain: Chain) -> list[Revision]:
    """The true one first: the oldest, or the one that most revisions follow. Labelled branches may begin anew."""
    return sorted(
        (each for each in chain.bases if not each.labels),
        key=lambda each: (each.moment or "9", -len(chain.descendants(each.id)), each.path.name),
    )


def _second_base(chain: Chain, first: Revision, base: Revision) -> Finding:
    after = chain.descendants(base.id)
    message = f"{first.id} and {base.id} both begin the chain: a new database would need two starts"
    candidates = [each for each in chain.heads if each.id not in after] or [
        each for each in chain.by_id.values() if each.id not in after
    ]
    before = [each for each in candidates if not each.moment or not base.moment or each.moment <= base.moment]
    parent = max(before or candidates, key=lambda each: each.moment)
    reason = f"{parent.id} is the last revision before {base.id} that is not after it"
    repair = Repair(relink=True, down_revision=parent.id, edits=relinking(base, (parent.id,)), confidence=0.7)
    return Finding("multiple_bases", base.id, f"{message}.", repair, (reason,))


def _heads(chain: Chain) -> list[Finding]:
    heads = [each for each in chain.heads if _is_meant_to_be_the_only_one(chain, each)]
    if len(heads) < 2:
        return []
    start = next((each.id for each in _ordered_bases(chain)), "")

    def weight(head: Revision) -> tuple[bool, int, str]:
        before = chain.ancestors(head.id)
        return start in before, len(before), head.moment

    main = max(heads, key=weight)
    return [_second_head(chain, main, each) for each in heads if each is not main]


def _is_meant_to_be_the_only_one(chain: Chain, head: Revision) -> bool:
    """Not on a branch with a label of its own, and not behind a gap, which is a finding already."""
    before = chain.ancestors(head.id)
    return all(each in chain.by_id and not chain.by_id[each].labels for each in before)


def _second_head(chain: Chain, main: Revision, head: Revision) -> Finding:
    shared = chain.ancestors(main.id)
    branch = [chain.by_id[each] for each in chain.ancestors(head.id) - shared if each in chain.by_id]
    first = next((each for each in branch if not set(each.parents) - shared), head)
    message = f"{main.id} and {head.id} are both heads: `alembic upgrade head` does not know which one is meant"
    reasons = [f"the branch of {head.id} begins with {first.id}, after {', '.join(first.parents) or 'nothing'}"]
    if not first.parents:
        reasons.append(f"to follow {main.id} with {first.id} makes one chain of the two")
    repair = Repair(
        relink=True,
        down_revision=main.id,
        commands=(f"alembic merge -m 'merge {head.id}' {main.id} {head.id}",),
        edits=relinking(first, (main.id,)),
        confidence=0.6,
    )
    return Finding(
        "multiple_heads", first.id, f"{message}. Merge them, or let one follow the other.", repair, tuple(reasons)
    )


# Single files


def _duplicates(chain: Chain) -> list[Finding]:
    found: list[Finding] = []
    for revision in chain.revisions:
        first = chain.by_id[revision.id]
        if first is revision:
            continue
        message = f"{first.path.name} and {revision.path.name} both define {revision.id}"
        if first.text == revision.text:
            edit = Edit(revision.path, 1, len(revision.text.splitlines()), revision.text.rstrip("\n"), None)
            repair = Repair(commands=(f"rm {shlex.quote(str(revision.path))}",), edits=(edit,), confidence=0.95)
            found.append(Finding("duplicate_revision", revision.id, f"{message}, word for word.", repair))
            continue
        new = revision.sha256[:12]
        edits = [assignment(revision, "revision", new)]
        if revision.documented_id:
            edits.append(documentation(revision, "Revision ID", new))
        if revision.parents == first.parents:
            edits += relinking(revision, (first.id,))
        found.append(
            Finding(
                "duplicate_revision",
                revision.id,
                f"{message}: give the later one an id of its own, such as {new}.",
                Repair(edits=tuple(edits), confidence=0.6),
                (f"{revision.path.name} is the later one by its name",),
            )
        )
    return found


def _long_ids(chain: Chain) -> list[Finding]:
    found: list[Finding] = []
    for revision in chain.by_id.values():
        if len(revision.id) <= LONGEST_ID:
            continue
        new = revision.id[:LONGEST_ID].rstrip("_-")
        new = new if new not in chain.by_id else revision.sha256[:12]
        edits = [assignment(revision, "revision", new)]
        if revision.documented_id:
            edits.append(documentation(revision, "Revision ID", new))
        for child in chain.children.get(revision.id, []):
            edits += relinking(child, tuple(new if each == revision.id else each for each in child.parents))
        message = (
            f"{revision.id} has {len(revision.id)} characters, and alembic_version holds {LONGEST_ID}: "
            f"the upgrade fails when it is stamped. Shorten it, such as to {new}."
        )
        found.append(Finding("id_too_long", revision.id, message, Repair(edits=tuple(edits), confidence=0.9)))
    return found


def _needs(chain: Chain) -> list[Finding]:
    labels = {label for each in chain.by_id.values() for label in each.labels}
    return [
        Finding("missing_dependency", each.id, f"{each.path.name} depends on {need}, which no file defines.")
        for each in chain.by_id.values()
        for need in each.needs
        if need not in chain.by_id and need not in labels
    ]


def _docstrings(chain: Chain) -> list[Finding]:
    found: list[Finding] = []
    for revision in chain.by_id.values():
        if revision.documented_id not in (None, revision.id):
            message = (
                f"The docstring of {revision.path.name} calls it {revision.documented_id}; its id is {revision.id}."
            )
            edit = documentation(revision, "Revision ID", revision.id)
            found.append(_mismatch(revision, message, edit))
        if revision.documented is not None and set(revision.documented) != set(revision.parents):
            said, real = ", ".join(revision.documented) or "nothing", ", ".join(revision.parents) or "nothing"
            message = f"The docstring of {revision.path.name} says that it revises {said}; its down_revision is {real}."
            found.append(_mismatch(revision, message, documentation(revision, "Revises", ", ".join(revision.parents))))
    return found


def _mismatch(revision: Revision, message: str, edit: Edit) -> Finding:
    repair = Repair(edits=(edit,), confidence=0.9)
    return Finding("docstring_mismatch", revision.id, message, repair, ("Alembic goes by the assignment",))
