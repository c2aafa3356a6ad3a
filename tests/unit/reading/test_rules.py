"""Which place wins, what was read and what is offered: a table of cases.

Each case is a tale of reports, told in minutes after noon: (device, page, when we hear of it, when the device says that
it was there, more). The book has 1,000 pages, 20 a chapter.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bookreader.reading.rules import History, Mark, Relation, Sighting, add, goes_on, judge, offer, relation

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
WEEKS = 3 * 7 * 24 * 60.0
HOUR = 60.0


def clock(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


@dataclass
class Tale:
    """A history as reports make it."""

    history: History
    marks: list[Mark]

    def hear(self, device: str, page: int, at: float, made: float | None = None, **more: Any) -> "Tale":
        sent = more.pop("sent", None)
        seen = Sighting(
            id=UUID(int=len(self.marks) + 1),
            device=device,
            chapter=page // 20 + 1,
            page=page,
            progression=page / 1000,
            at=clock(at),
            made_at=None if made is None else clock(made),
            sent_at=None if sent is None else clock(sent),
            **more,
        )
        heard = [mark for mark in self.marks if mark.device == device]
        history = History(
            self.history.current, self.history.furthest, self.history.latest, heard[-1] if heard else None
        )
        mark = judge(history, seen)
        return Tale(add(history, seen, mark), [*self.marks, mark])

    @property
    def current(self) -> int | None:
        return self.history.current and self.history.current.page

    @property
    def furthest(self) -> int | None:
        return self.history.furthest and self.history.furthest.page

    def offered(self, device: str) -> int | None:
        found = offer(self.history, device)
        return found and found.page


def tale(*reports: Any) -> Tale:
    told = Tale(History(), [])
    for device, page, at, *rest in reports:
        made = rest[0] if rest else None
        told = told.hear(device, page, at, made, **(rest[1] if len(rest) > 1 else {}))
    return told


CURRENT = [
    ("nothing was saved before", tale(("Phone", 10, 0)), 10),
    ("another device, without a clock, just now", tale(("Laptop", 10, 0), ("Phone", 50, 5)), 50),
    ("reading anew from the start", tale(("Phone", 900, 0, 0), ("Phone", 1, 5, 5)), 1),
    ("a replay of what was read weeks ago", tale(("Laptop", 10, 0, 0), ("Phone", 50, 5, -WEEKS)), 10),
    (
        "a whole queue of weeks ago, and then reading goes on",
        tale(("Laptop", 10, 0, 0), ("Phone", 50, 5, -WEEKS), ("Phone", 51, 5.01, -WEEKS + 1), ("Phone", 52, 6, 6)),
        52,
    ),
    ("read later than the current place, told much later", tale(("Laptop", 10, 0, 0), ("Phone", 50, 200, 90)), 50),
    ("read shortly before the current place, told after it", tale(("Laptop", 10, 30, 30), ("Phone", 50, 31, 15)), 10),
    ("on its way for some seconds", tale(("Laptop", 10, 0.1, 0.1), ("Phone", 50, 0.15, 0.05)), 50),
    ("two reports overtake each other", tale(("Phone", 11, 1, 1), ("Phone", 10, 1.02, 0.9)), 11),
    ("two devices at the same time, in turns", tale(("A", 1, 0, 0), ("B", 500, 1, 1), ("A", 2, 2, 2)), 2),
    ("a clock in the future counts as now", tale(("Phone", 50, 0, 9000), ("Laptop", 10, 5, 5)), 10),
    ("and what it says of the past is put right", tale(("Phone", 50, 0, HOUR), ("Phone", 51, 90, HOUR + 1)), 51),
    ("a clock that is behind, known by when it sent", tale(("A", 1, 0, 0), ("B", 9, 5, -180, {"sent": -180})), 9),
    (
        "a replay by a clock that is behind, known by when it sent",
        tale(("A", 1, 0, 0), ("B", 9, 5, -300, {"sent": -180})),
        1,
    ),
    (
        "a clock that is behind, from the second page on",
        tale(("A", 1, 0, 0), ("B", 9, 5, -180), ("B", 10, 6, -179)),
        10,
    ),
    (
        "a clock that is set back while reading",
        tale(("A", 1, 0, 0), ("A", 2, 1, 1), ("A", 3, 2, -178), ("A", 4, 3, -177)),
        4,
    ),
    (
        "a clock that ran ahead and is put right",
        tale(("A", 1, 0, 1440), ("A", 2, 1, 1441), ("A", 3, 2, 2), ("A", 4, 3, 3)),
        4,
    ),
    ("a clock that knows no date", tale(("Laptop", 10, 0, 0), ("Phone", 50, 5, -30_000_000)), 50),
    ("times at the ends of what can be written", tale(("A", 1, 0, 0), ("A", 2, 1, 1, {"sent": -1e9})), 2),
]


@pytest.mark.parametrize(("told", "page"), [case[1:] for case in CURRENT], ids=[case[0] for case in CURRENT])
def test_the_place_that_was_read_last_is_the_current_one(told: Tale, page: int) -> None:
    assert told.current == page


FURTHEST = [
    ("reading anew from the start", tale(("Phone", 900, 0), ("Phone", 1, 5)), 900),
    ("a late replay from behind", tale(("Laptop", 100, 0, 0), ("Phone", 50, 5, -WEEKS)), 100),
    ("a late replay from ahead was read as well", tale(("Laptop", 100, 0, 0), ("Phone", 150, 5, -WEEKS)), 150),
    ("a look at the last page", tale(("Phone", 10, 0), ("Phone", 1000, 1, None, {"jump": True})), 10),
    (
        "a jump from which reading goes on",
        tale(("Phone", 10, 0), ("Phone", 500, 1, None, {"jump": True}), ("Phone", 501, 2)),
        501,
    ),
    ("a note behind the last chapter", tale(("Phone", 10, 0), ("Phone", 990, 1, None, {"linear": False})), 10),
]


@pytest.mark.parametrize(("told", "page"), [case[1:] for case in FURTHEST], ids=[case[0] for case in FURTHEST])
def test_how_far_someone_has_read(told: Tale, page: int) -> None:
    assert told.furthest == page


def test_whoever_only_looked_somewhere_has_read_nothing() -> None:
    assert tale(("Phone", 500, 0, None, {"jump": True})).furthest is None


TURNS = [
    ("the next page", ("Phone", 11, 1), True),
    ("the same page again", ("Phone", 10, 1), True),
    ("six pages on, in a big window", ("Phone", 16, 1), True),
    ("seven pages on is a jump", ("Phone", 17, 1), False),
    ("back is a jump", ("Phone", 9, 1), False),
    ("a link to the next page is a jump", ("Phone", 11, 1, None, {"jump": True}), False),
    ("another device", ("Laptop", 11, 1), False),
    ("after a long pause a new stretch begins", ("Phone", 11, 11), False),
    ("of an earlier time, on its way for long", ("Phone", 11, 1, -WEEKS), False),
]


@pytest.mark.parametrize(("report", "turn"), [case[1:] for case in TURNS], ids=[case[0] for case in TURNS])
def test_a_stretch_of_page_turns(report: Any, turn: bool) -> None:
    before, new = tale(("Phone", 10, 0), report).marks
    assert goes_on(before, new) is turn
    assert (new.began_at == before.at) is turn


def test_a_stretch_that_was_read_offline_is_one() -> None:
    told = tale(*(("Phone", 10 + n, 0 + n / 1000, -WEEKS + n) for n in range(5)))
    assert {mark.began_at for mark in told.marks} == {NOON}
    assert [mark.read_at for mark in told.marks] == [clock(-WEEKS + n) for n in range(5)]


OFFERS = [
    ("a device that never was here opens at the current place", tale(("Phone", 50, 0)), "Laptop", None),
    ("what another device read meanwhile, ahead", tale(("Laptop", 10, 0), ("Phone", 50, 60)), "Laptop", 50),
    ("what another device read meanwhile, behind", tale(("Laptop", 50, 0), ("Phone", 10, 60)), "Laptop", 10),
    ("the same place", tale(("Laptop", 10, 0), ("Phone", 10, 60)), "Laptop", None),
    ("what one has left behind on another device", tale(("Laptop", 10, 0), ("Phone", 50, 60)), "Phone", None),
    ("a new device that opens at the start by mistake", tale(("Laptop", 500, 0), ("Phone", 1, 60)), "Phone", 500),
    ("a replay of weeks ago, to the device that reads", tale(("A", 10, 0, 0), ("B", 50, 5, -WEEKS)), "A", 50),
    ("a replay of weeks ago, behind", tale(("A", 50, 0, 0), ("B", 10, 5, -WEEKS)), "A", 10),
    ("the current place, to the device that replayed", tale(("A", 10, 0, 0), ("B", 50, 5, -WEEKS)), "B", 10),
    (
        "still there on the next page",
        tale(("A", 10, 0, 0), ("B", 50, 5, -WEEKS), ("A", 11, 6, 6)),
        "A",
        50,
    ),
    ("gone when the stretch is over", tale(("A", 10, 0), ("B", 50, 5), ("A", 11, 6), ("A", 12, 30)), "A", None),
    ("gone when it was accepted", tale(("A", 10, 0), ("B", 50, 5), ("A", 50, 6), ("A", 53, 7)), "A", None),
    (
        "another device's end of an earlier reading is no news",
        tale(("B", 1000, -WEEKS), ("A", 1, 0), ("A", 40, 60), ("A", 41, 61)),
        "A",
        None,
    ),
    ("of several devices the one read last", tale(("A", 1, 0, 0), ("B", 50, 5, 5), ("C", 90, 6, -WEEKS)), "A", 50),
    ("nothing was ever read", Tale(History(), []), "A", None),
]


@pytest.mark.parametrize(("told", "device", "page"), [case[1:] for case in OFFERS], ids=[case[0] for case in OFFERS])
def test_what_a_device_is_offered(told: Tale, device: str, page: int | None) -> None:
    assert told.offered(device) == page


def test_where_another_place_lies() -> None:
    near, same, far = tale(("A", 10, 0), ("B", 11, 1), ("C", 50, 2)).marks
    assert relation(near, far) is Relation.AHEAD
    assert relation(far, near) is Relation.BEHIND
    assert relation(near, same) is Relation.SAME


def test_nobody_is_asked_to_go_to_the_page_where_they_are() -> None:
    """In a short book the width of another screen moves the first line by more than two thousandths."""
    here = tale(("A", 10, 0)).marks[0]
    assert relation(here, replace(here, device="B", progression=here.progression + 0.01)) is Relation.SAME
    assert relation(here, replace(here, device="B", page=11, progression=here.progression + 0.01)) is Relation.AHEAD


def test_short_chapters_are_not_the_same_place() -> None:
    one, two = tale(("A", 19, 0), ("B", 20, 1)).marks
    assert relation(one, two) is Relation.AHEAD
    assert relation(two, one) is Relation.BEHIND
