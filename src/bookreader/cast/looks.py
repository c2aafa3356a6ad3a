"""What a sheet tells up to a place of the book: the name, and how somebody looks."""

from bookreader.cast.queries import FactRow, Member
from bookreader.cast.rules import Reach
from bookreader.descriptions.sheets import Aspect, Evidence, Fact, fullest, look
from bookreader.descriptions.sheets import sex_of as sex_of_name

HOLDS = ("sure", "confirmed", "added")
"""States of facts that pictures follow."""


def names_at(member: Member, reach: Reach) -> list[str]:
    """The names that have been read so far, the most frequent first; at least the earliest."""
    names = member.sheet.names
    known = [one["name"] for one in names if reach.covers(one["chapter"], one["start"])]
    return known or [min(names, key=lambda one: (one["chapter"], one["start"]))["name"]]


def name_at(member: Member, reach: Reach) -> str:
    """What a person chose to call them, else the fullest name that has been read so far."""
    known = set(names_at(member, reach))
    return member.sheet.name or fullest(
        {one["name"]: one["mentions"] for one in member.sheet.names if one["name"] in known}
    )


def sex_of(member: Member) -> str:
    """man or woman where any of the names tells, else empty."""
    return next((sex for one in member.sheet.names if (sex := sex_of_name(one["name"]))), "")


def look_at(member: Member, reach: Reach) -> str:
    """The string that pictures follow: what a person wrote, else what is known up to a place."""
    if member.sheet.look:
        return member.sheet.look
    return look([_fact(row) for row in member.facts], reach.chapter, reach.offset)


def _fact(row: FactRow) -> Fact:
    told = Evidence(row.chapter, row.start_offset, row.end_offset, row.quote or "")
    return Fact(Aspect(row.aspect), row.value, row.state in HOLDS, told)
