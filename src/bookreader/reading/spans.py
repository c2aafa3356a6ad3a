"""Where reading sessions lie in time: never two at once on one device, one over a short pause. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

LONGEST = timedelta(hours=16)
"""A session that claims to be longer was left open."""


@dataclass(frozen=True, slots=True)
class Span:
    """A session of a device, from its begin to its last sign of life."""

    id: UUID
    book_id: UUID
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a new session begins. `joined`: the one that it goes on with. `last`: nothing of the device comes after."""

    joined: UUID | None
    begin: datetime
    last: bool


def begin(book_id: UUID, at: datetime, spans: Sequence[Span], pause: timedelta) -> Begun:
    """Where a session fits among the others of its device: it goes on with one of the same book that ran at that time
    or ended at most a `pause` before, and waits until one of another book has ended."""
    holder = next((span for span in spans if span.begin <= at <= span.end), None)
    if holder is not None and holder.book_id != book_id:
        at = holder.end
    before = max((span for span in spans if span.begin <= at), key=lambda span: span.begin, default=None)
    last = all(span.begin <= at for span in spans)
    if before is not None and before.book_id == book_id and at - before.end <= pause:
        return Begun(before.id, before.begin, last)
    return Begun(None, at, last)


def extended(own: Span, at: datetime, others: Sequence[Span]) -> datetime:
    """The end of a session after a sign of life: never before its end so far, never into another session."""
    following = [span.begin for span in others if span.id != own.id and span.begin >= own.end]
    return max(own.end, min(at, own.begin + LONGEST, *following))


def alive_until(end: datetime, signs: Sequence[datetime], idle: timedelta) -> datetime:
    """The last of the signs of life, in their order, that followed each other without a silence longer than `idle`."""
    for sign in signs:
        if sign - end > idle:
            break
        end = max(end, sign)
    return end


def minutes(begun: datetime, ended: datetime) -> int:
    """Whole minutes, rounded."""
    return round((ended - begun).total_seconds() / 60)
