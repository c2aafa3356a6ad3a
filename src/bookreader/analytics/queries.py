"""SQL of personal statistics and of the roll-ups that they come from."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, cast, func, select, text

from bookreader.analytics.models import ReadingHour, ReadingTotal
from bookreader.database import Session
from bookreader.library.models import Book
from bookreader.reading.models import Place, ReadingProgress

VIEWS = ("reading_sessions_daily_stats", "user_reading_patterns")


async def days_read(session: Session, user_id: UUID, since: date) -> list[tuple[date, int, int]]:
    """(local day, minutes, pages) for every day with reading since `since`, oldest first."""
    query = (
        select(ReadingHour.local_date, func.sum(ReadingHour.minutes), func.sum(ReadingHour.pages))
        .where(ReadingHour.user_id == user_id, ReadingHour.local_date >= since)
        .group_by(ReadingHour.local_date)
        .order_by(ReadingHour.local_date)
    )
    return [(row[0], row[1], row[2]) for row in (await session.execute(query)).all()]


async def local_today(session: Session, time_zone: str) -> date:
    today: date = (await session.execute(select(cast(func.timezone(time_zone, func.now()), Date)))).scalar_one()
    return today


async def totals(session: Session, user_id: UUID) -> dict[str, Any]:
    """Minutes, pages and sessions ever; books on the shelf, begun and finished."""
    reading = await session.get(ReadingTotal, user_id)
    finished = func.count().filter(Place.total_progression >= 0.995)
    books = (
        await session.execute(
            select(func.count(Book.id), func.count(Place.id), finished)
            .outerjoin(ReadingProgress, (ReadingProgress.book_id == Book.id) & (ReadingProgress.user_id == user_id))
            .outerjoin(Place, Place.id == ReadingProgress.furthest_place_id)
            .where(Book.user_id == user_id, Book.deleted_at.is_(None))
        )
    ).one()
    return {
        "minutes": reading.minutes if reading else 0,
        "pages": reading.pages if reading else 0,
        "sessions": reading.sessions if reading else 0,
        "books": books[0],
        "books_begun": books[1],
        "books_finished": books[2],
    }


# Rolling up


async def take_dirty_user_days(session: Session, user_id: UUID | None, limit: int) -> list[tuple[UUID, date]]:
    """Takes marks away but for those that somebody is writing: what they mark is not to be seen yet. Nobody else takes
    the same ones, and who marks a day again waits for us and then does."""
    rows = await session.execute(text(TAKE_USER_DAYS), {"user_id": user_id, "limit": limit})
    return [(row[0], row[1]) for row in rows]


TAKE_USER_DAYS = """
    DELETE FROM reading_dirty_user_days WHERE (user_id, day) IN (
        SELECT user_id, day FROM reading_dirty_user_days
        WHERE cast(:user_id AS uuid) IS NULL OR user_id = :user_id
        ORDER BY user_id, day LIMIT :limit FOR UPDATE SKIP LOCKED
    ) RETURNING user_id, day
"""


async def recompute_user_days(session: Session, days: list[tuple[UUID, date]]) -> None:
    """Writes the hours of these days anew, corrects the totals by the difference, and marks the days of everyone.

    Totals are written by one statement, in the order of the people: two roll-ups of the same people at once would
    wait for each other if one statement took the totals of some and another those of the rest.
    """
    values = {"users": [user_id for user_id, _ in days], "days": [day for _, day in days]}
    gone = (await session.execute(text(FORGET_HOURS), values)).all()
    less = {f"less_{name}": [row[number] for row in gone] for number, name in enumerate(("users", *COUNTED))}
    await session.execute(text(COUNT_HOURS), values | less)


COUNTED = ("sessions", "minutes", "pages")
FORGET_HOURS = """
    WITH gone AS (
        DELETE FROM reading_hours AS hours
        USING unnest(cast(:users AS uuid[]), cast(:days AS date[])) AS dirty (user_id, day)
        WHERE hours.user_id = dirty.user_id AND hours.day = dirty.day
        RETURNING hours.user_id, hours.sessions, hours.minutes, hours.pages
    )
    SELECT user_id, sum(sessions), sum(minutes), sum(pages) FROM gone GROUP BY user_id
"""
# A day is a range of started_at, so that the index on (user_id, started_at) finds its sessions.
COUNT_HOURS = """
    WITH made AS (
        INSERT INTO reading_hours
        SELECT sessions.user_id, dirty.day, extract(hour FROM started_at AT TIME ZONE 'UTC'),
            (started_at AT TIME ZONE time_zone)::date, extract(hour FROM started_at AT TIME ZONE time_zone),
            count(*), sum(duration_minutes), sum(pages_read), sum(words_read),
            count(*) FILTER (WHERE duration_minutes >= 10), count(*) FILTER (WHERE NOT sessions.is_active),
            coalesce(sum(duration_minutes) FILTER (WHERE NOT sessions.is_active), 0),
            coalesce(sum(end_position - start_position) FILTER (WHERE NOT sessions.is_active), 0)
        FROM unnest(cast(:users AS uuid[]), cast(:days AS date[])) AS dirty (user_id, day)
        JOIN users ON users.id = dirty.user_id
        JOIN reading_sessions AS sessions ON sessions.user_id = dirty.user_id
            AND started_at >= dirty.day::timestamp AT TIME ZONE 'UTC'
            AND started_at < (dirty.day + 1)::timestamp AT TIME ZONE 'UTC'
        GROUP BY 1, 2, 3, 4, 5
        RETURNING user_id, sessions, minutes, pages
    ), marked AS (
        INSERT INTO reading_dirty_days
        SELECT DISTINCT day FROM unnest(cast(:days AS date[])) AS dirty (day) ORDER BY day
        ON CONFLICT (day) DO UPDATE SET day = excluded.day
    ), difference AS (
        SELECT user_id, sessions, minutes, pages FROM made
        UNION ALL
        SELECT user_id, -sessions, -minutes, -pages FROM unnest(
            cast(:less_users AS uuid[]), cast(:less_sessions AS bigint[]), cast(:less_minutes AS bigint[]),
            cast(:less_pages AS bigint[])
        ) AS less (user_id, sessions, minutes, pages)
    )
    INSERT INTO reading_totals
    SELECT user_id, sum(difference.sessions), sum(difference.minutes), sum(difference.pages)
    FROM difference JOIN users ON users.id = user_id GROUP BY user_id ORDER BY user_id
    ON CONFLICT (user_id) DO UPDATE
    SET sessions = reading_totals.sessions + excluded.sessions, minutes = reading_totals.minutes + excluded.minutes,
        pages = reading_totals.pages + excluded.pages
"""


async def recompute_dirty_days(session: Session) -> int:
    """Days of everyone, from the hours that are there once the marks are ours. Returns how many."""
    days = set((await session.scalars(text(TAKE_DAYS))).all())
    if days:
        counted = set((await session.scalars(text(COUNT_DAYS), {"days": [*days]})).all())
        if empty := days - counted:
            await session.execute(text("DELETE FROM reading_days WHERE day = ANY(:days)"), {"days": [*empty]})
    return len(days)


TAKE_DAYS = """
    DELETE FROM reading_dirty_days WHERE day IN (
        SELECT day FROM reading_dirty_days ORDER BY day FOR UPDATE SKIP LOCKED
    ) RETURNING day
"""
COUNT_DAYS = """
    INSERT INTO reading_days
    SELECT day, sum(sessions), count(DISTINCT user_id), sum(minutes), sum(over_10min), sum(completed),
        sum(completed_minutes), sum(completed_progress)
    FROM reading_hours WHERE day = ANY(:days) GROUP BY day
    ON CONFLICT (day) DO UPDATE
    SET sessions = excluded.sessions, active_users = excluded.active_users, minutes = excluded.minutes,
        over_10min = excluded.over_10min, completed = excluded.completed,
        completed_minutes = excluded.completed_minutes, completed_progress = excluded.completed_progress,
        rolled_at = now()
    RETURNING day
"""


async def refresh_view(session: Session, view: str) -> None:
    """CONCURRENTLY, so that readers go on; plainly when it was never filled, which CONCURRENTLY refuses."""
    await session.execute(text("SET LOCAL statement_timeout = 0"))
    filled = await session.scalar(text("SELECT relispopulated FROM pg_class WHERE relname = :view"), {"view": view})
    await session.execute(text(f"REFRESH MATERIALIZED VIEW {'CONCURRENTLY' if filled else ''} {view}"))


async def staleness(session: Session) -> tuple[bool, float]:
    """Whether the views are older than what they show, and the seconds that the last refresh took."""
    row = (await session.execute(text(STALENESS))).one()
    return bool(row[0]), float(row[1] or 0)


STALENESS = """
    SELECT EXISTS (SELECT FROM reading_dirty_user_days) OR EXISTS (SELECT FROM reading_dirty_days) OR EXISTS (
            SELECT FROM reading_days WHERE rolled_at >= coalesce(
                (SELECT started_at FROM upkeep_runs WHERE task = 'refresh'), '-infinity')),
        (SELECT extract(epoch FROM finished_at - started_at) FROM upkeep_runs WHERE task = 'refresh')
"""
