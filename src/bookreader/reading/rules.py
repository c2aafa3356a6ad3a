"""Which place is the current one, what counts as read, and what other devices are offered. Pure: marks in, marks out.

A place has three times: when the device says that it was there (`made_at`, by a clock that may be wrong), when we
heard of it (`at`), and when it was as far as we know (`read_at`). The last one decides. A device's clock is compared
with ours whenever it reports: what it is behind by can only look larger through a delay, so that the smallest value
holds, until two reports in a row show that the clock was set anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

SAME_DISTANCE = 0.002
"""Total progression below which two places of one chapter count as the same."""
TURN = 6
"""Positions that a page turn may move at most; further is a jump."""
STRETCH_PAUSE = timedelta(minutes=10)
"""Page turns of one device within this time are one stretch of reading."""
PROMPT = timedelta(seconds=10)
"""Delay that a report may have on its way and still count as made just now, when devices are compared."""
BELIEVABLE = timedelta(days=366)
"""A device that says that it was there earlier than this has no idea what day it is."""
LIVE_GAP = timedelta(seconds=10)
LIVE_TOLERANCE = timedelta(seconds=3)
NO_TIME = timedelta(0)


class Relation(StrEnum):
    """Where another place lies, seen from this one."""

    AHEAD = "ahead"
    BEHIND = "behind"
    SAME = "same"


class Repair(StrEnum):
    """What found a place whose address leads nowhere."""

    QUOTE = "quote"
    PROGRESSION = "progression"
    ANCESTOR = "ancestor"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the history. `page` from 1, `progression` 0-1 of the book.

    `began_at`: `at` of the first place of its stretch. What others reported after `since` is news to this device.
    """

    id: UUID
    device: str
    chapter: int
    page: int
    progression: float
    at: datetime
    read_at: datetime
    began_at: datetime
    made_at: datetime | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A place as a device reports it, before it is judged.

    `sent_at` is the device's clock when it sent the report. `jump`: it went there by a link, not by turning pages.
    `linear`: the chapter is one that page turning stops at.
    """

    id: UUID
    device: str
    chapter: int
    page: int
    progression: float
    at: datetime
    made_at: datetime | None = None
    sent_at: datetime | None = None
    jump: bool = False
    linear: bool = True


@dataclass(frozen=True, slots=True)
class History:
    """What of a person's places in one book is needed to judge one more.

    `latest`: by device, the place that was read last. `heard`: the place that the reporting device told us last.
    """

    current: Mark | None = None
    furthest: Mark | None = None
    latest: Mapping[str, Mark] = field(default_factory=dict)
    heard: Mark | None = None


def judge(history: History, seen: Sighting) -> Mark:
    """The sighting as an entry of the history: when it was read, and which stretch it belongs to."""
    before = history.latest.get(seen.device)
    heard = history.heard if history.heard and history.heard.device == seen.device else None
    new = Mark(
        id=seen.id,
        device=seen.device,
        chapter=seen.chapter,
        page=seen.page,
        progression=seen.progression,
        at=seen.at,
        read_at=_read_at(seen, before, heard),
        began_at=seen.at,
        made_at=seen.made_at,
        since=before.at if before else None,
    )
    if before is not None and not seen.jump and is_turn(before, new):
        new = replace(new, began_at=before.began_at, since=before.since)
    if any(relation(new, other) is Relation.SAME for other in _news(history, new)):
        new = replace(new, since=new.at)
    return new


def add(history: History, seen: Sighting, new: Mark) -> History:
    """The history with a judged place. What is older than the current place is kept without becoming it."""
    before = history.latest.get(new.device)
    newest = before is None or new.read_at >= before.read_at
    return History(
        current=history.current if is_stale(new, history.current) else new,
        furthest=new if _is_further(seen, history.furthest) else history.furthest,
        latest={**history.latest, new.device: new} if newest else history.latest,
        heard=new,
    )


def is_stale(new: Mark, current: Mark | None) -> bool:
    """Whether a place that arrives now was read before the current one: kept and offered, not taken."""
    if current is None:
        return False
    allowed = NO_TIME if new.device == current.device else PROMPT
    return new.read_at + allowed < current.read_at


def is_turn(before: Mark, new: Mark) -> bool:
    """Whether `new` continues the stretch of reading of the same device that `before` belongs to."""
    forward = 0 <= new.page - before.page <= TURN
    return new.device == before.device and forward and NO_TIME <= new.read_at - before.read_at <= STRETCH_PAUSE


def offer(history: History, device: str) -> Mark | None:
    """Of the places where other devices were read last, the newest that is news to this one and lies elsewhere.

    A place behind is offered only when it was read later, or reported after this device began its stretch: otherwise it
    is the past of a person who has read on. A device that never was in the book opens at the current place.
    """
    own = history.latest.get(device)
    if own is None:
        return None
    elsewhere = [mark for mark in _news(history, own) if _is_worth_a_question(own, mark)]
    return max(elsewhere, key=lambda mark: mark.read_at, default=None)


def _is_worth_a_question(own: Mark, other: Mark) -> bool:
    where = relation(own, other)
    later = other.read_at > own.read_at or other.at > own.began_at
    return where is Relation.AHEAD or (where is Relation.BEHIND and later)


def relation(here: Mark, there: Mark) -> Relation:
    """Where `there` lies, seen from `here`. Nobody is asked to go to the page where they are."""
    distance = abs(there.progression - here.progression)
    if there.chapter == here.chapter and (there.page == here.page or distance < SAME_DISTANCE):
        return Relation.SAME
    return Relation.AHEAD if (there.progression, there.chapter) > (here.progression, here.chapter) else Relation.BEHIND


def goes_on(before: Mark, new: Mark) -> bool:
    """Whether a judged place continues the stretch of the one before: what lies between was read, not jumped over."""
    return new.device == before.device and new.began_at == before.began_at


def _news(history: History, own: Mark) -> list[Mark]:
    return [
        mark
        for device, mark in history.latest.items()
        if device != own.device and (own.since is None or mark.at > own.since)
    ]


def _is_further(seen: Sighting, furthest: Mark | None) -> bool:
    """A look at the last page, at a note or at the contents is not how far someone has read."""
    if seen.jump or not seen.linear:
        return False
    return furthest is None or seen.progression > furthest.progression


def _read_at(seen: Sighting, before: Mark | None, heard: Mark | None) -> datetime:
    if seen.made_at is None:
        return seen.at
    age = seen.at - seen.made_at - _clock_error(seen, seen.made_at, before, heard)
    return seen.at - age if NO_TIME < age <= BELIEVABLE else seen.at


def _clock_error(seen: Sighting, made_at: datetime, before: Mark | None, heard: Mark | None) -> timedelta:
    """What has to be added to the device's clock; negative when it runs ahead."""
    measured = seen.at - (seen.sent_at or made_at)
    if heard is not None and _is_live(seen, made_at, heard):
        return measured
    if before is not None and before.made_at is not None:
        return min(before.read_at - before.made_at, measured)
    return measured if seen.sent_at else min(measured, NO_TIME)


def _is_live(seen: Sighting, made_at: datetime, heard: Mark) -> bool:
    """Whether time went by for the device as it did here since its last report: it sends what it reads."""
    if heard.made_at is None:
        return False
    here, there = seen.at - heard.at, made_at - heard.made_at
    return LIVE_GAP <= here <= STRETCH_PAUSE and abs(here - there) <= LIVE_TOLERANCE
