"""Reading sessions in time: never two at once on a device, one over a short pause."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookreader.reading.spans import LONGEST, Span, alive_until, begin, extended, minutes

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
IDLE = timedelta(minutes=3)
NOVEL, OTHER = UUID(int=1), UUID(int=2)


def clock(after: float) -> datetime:
    return NOON + timedelta(minutes=after)


def span(number: int, book: UUID, start: float, end: float) -> Span:
    return Span(UUID(int=number), book, clock(start), clock(end))


BEGINS = [
    ("the first of the device", [], 0, None, 0, True),
    ("after a pause of two minutes", [span(7, NOVEL, -30, -2)], 0, 7, -30, True),
    ("after a pause of four minutes", [span(7, NOVEL, -30, -4)], 0, None, 0, True),
    ("while the same book is read", [span(7, NOVEL, -30, 5)], 0, 7, -30, True),
    ("while another book is read", [span(7, OTHER, -30, 5)], 0, None, 5, True),
    ("another book ended a minute ago", [span(7, OTHER, -30, -1)], 0, None, 0, True),
    ("told late, before another one", [span(7, NOVEL, 60, 90)], 0, None, 0, False),
    ("told late, within another one", [span(7, NOVEL, -30, 30), span(8, OTHER, 40, 50)], 0, 7, -30, False),
    ("another book and then this one", [span(7, OTHER, -30, 5), span(8, NOVEL, 5, 9)], 0, 8, 5, True),
]


@pytest.mark.parametrize(
    ("others", "at", "joined", "start", "last"), [case[1:] for case in BEGINS], ids=[case[0] for case in BEGINS]
)
def test_where_a_session_begins(others: list[Span], at: float, joined: int | None, start: float, last: bool) -> None:
    found = begin(NOVEL, clock(at), others, IDLE)
    assert found.joined == (UUID(int=joined) if joined else None)
    assert (found.begin, found.last) == (clock(start), last)


def test_a_sign_of_life_moves_the_end_on_but_never_back_nor_into_another_session() -> None:
    own, next_one = span(1, NOVEL, 0, 10), span(2, OTHER, 30, 40)
    assert extended(own, clock(20), [own, next_one]) == clock(20)
    assert extended(own, clock(5), [own, next_one]) == clock(10)
    assert extended(own, clock(35), [own, next_one]) == clock(30)


def test_nobody_reads_for_days_without_a_break() -> None:
    assert extended(span(1, NOVEL, 0, 10), clock(5000), []) == NOON + LONGEST


def test_signs_of_life_that_follow_each_other_keep_a_session_alive() -> None:
    assert alive_until(NOON, [clock(1), clock(3), clock(5)], IDLE) == clock(5)
    assert alive_until(NOON, [clock(1), clock(9), clock(10)], IDLE) == clock(1)
    assert alive_until(NOON, [], IDLE) == NOON


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        # Berlin: 02:00 becomes 03:00 on this night, and two minutes are two minutes
        ("2026-03-29T01:59:00+01:00", "2026-03-29T03:01:00+02:00", 2),
        # and 03:00 becomes 02:00 on this one
        ("2026-10-25T02:59:00+02:00", "2026-10-25T02:01:00+01:00", 2),
        # midnight
        ("2026-05-01T23:50:00+02:00", "2026-05-02T00:10:00+02:00", 20),
        # from Auckland to Honolulu, a day earlier by the calendar
        ("2026-05-02T00:05:00+12:00", "2026-05-01T02:35:00-10:00", 30),
    ],
)
def test_minutes_do_not_care_what_the_clock_on_the_wall_does(start: str, end: str, count: int) -> None:
    assert minutes(datetime.fromisoformat(start), datetime.fromisoformat(end)) == count


claims = st.lists(
    st.tuples(st.sampled_from([NOVEL, OTHER]), st.integers(0, 500), st.integers(0, 120)), min_size=1, max_size=12
)


@given(claims)
@settings(max_examples=300, deadline=None)
def test_whatever_a_device_claims_its_sessions_never_overlap(told: list[tuple[UUID, int, int]]) -> None:
    spans: dict[UUID, Span] = {}
    for number, (book, start, length) in enumerate(told, 1):
        found = begin(book, clock(start), list(spans.values()), IDLE)
        own = spans.get(found.joined) if found.joined else None
        own = own or Span(UUID(int=number), book, found.begin, found.begin)
        end = extended(own, clock(start + length), list(spans.values()))
        spans[own.id] = Span(own.id, book, own.begin, end)
    ordered = sorted(spans.values(), key=lambda one: (one.begin, one.end))
    assert all(one.end <= other.begin for one, other in pairwise(ordered))
    assert all(one.begin <= one.end <= one.begin + LONGEST for one in ordered)
