from datetime import date, timedelta

from bookreader.analytics.streaks import Streaks, streaks

TODAY = date(2026, 3, 1)


def days(*ago: int) -> list[date]:
    return [TODAY - timedelta(days=number) for number in ago]


def test_no_days_no_streak() -> None:
    assert streaks([], TODAY) == Streaks(0, 0)


def test_today_may_still_come() -> None:
    assert streaks(days(1, 2, 3), TODAY) == Streaks(3, 3)


def test_a_whole_day_without_reading_ends_it() -> None:
    assert streaks(days(2, 3, 4), TODAY) == Streaks(0, 3)


def test_the_longest_may_lie_in_the_past_and_days_count_once() -> None:
    assert streaks(days(0, 0, 10, 11, 12, 13), TODAY) == Streaks(1, 4)


def test_a_month_boundary_is_no_boundary() -> None:
    assert streaks([date(2026, 2, 28), TODAY], TODAY) == Streaks(2, 2)
