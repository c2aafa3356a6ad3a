"""Runs of days with reading in them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Streaks:
    """In days. A current streak lives until a whole day has passed without reading."""

    current: int
    longest: int


def streaks(days: Iterable[date], today: date) -> Streaks:
    ordered = sorted(set(days))
    longest = run = 0
    previous: date | None = None
    for day in ordered:
        run = run + 1 if previous is not None and day - previous == timedelta(days=1) else 1
        longest, previous = max(longest, run), day
    alive = previous is not None and today - previous <= timedelta(days=1)
    return Streaks(run if alive else 0, longest)
