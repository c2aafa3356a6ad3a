"""HTTP of personal statistics."""

from datetime import date, timedelta

from fastapi import APIRouter
from pydantic import BaseModel

from bookreader.analytics import queries
from bookreader.analytics.rollup import roll_up
from bookreader.analytics.streaks import streaks
from bookreader.api import InTransaction, SignedIn

router = APIRouter(tags=["statistics"])

YEAR = timedelta(days=371)
"""53 weeks, so that the first column of the year's chart is whole."""


class Day(BaseModel):
    date: date
    minutes: int
    pages: int


class Statistics(BaseModel):
    """Reading of the person, days as in their own time zone."""

    minutes: int
    pages: int
    sessions: int
    books: int
    books_begun: int
    books_finished: int
    streak: int
    longest_streak: int
    today: date
    days: list[Day]


@router.get("/statistics")
async def get_statistics(person: SignedIn, session: InTransaction) -> Statistics:
    await roll_up(session, person.id)
    today = await queries.local_today(session, person.time_zone)
    rows = await queries.days_read(session, person.id, today - YEAR)
    days = [Day(date=day, minutes=minutes, pages=pages) for day, minutes, pages in rows]
    found = streaks([day.date for day in days if day.minutes], today)
    return Statistics(
        **await queries.totals(session, person.id),
        streak=found.current,
        longest_streak=found.longest,
        today=today,
        days=days,
    )
