"""Roll-ups: always what the sessions say, whatever happened to them, at a cost that does not grow with history."""

import asyncio
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from bookreader.analytics import queries
from bookreader.analytics.rollup import refresh, refresh_interval, roll_everything_up, roll_up
from bookreader.database import Database
from tests.integration.database.rows import connect, insert

ZONES = ("UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Kiritimati", "Europe/Moscow")


class Readers:
    """People with books, who read at random."""

    def __init__(self, connection: Any, seed: int) -> None:
        self.connection = connection
        self.chance = random.Random(seed)  # noqa: S311 - a test's
        self.people: list[tuple[UUID, UUID]] = []

    async def come(self, number: int) -> None:
        for _ in range(number):
            user = await insert(self.connection, "users", time_zone=self.chance.choice(ZONES))
            self.people.append((user, await insert(self.connection, "books", user_id=user)))

    async def read(self, sessions: int) -> None:
        for _ in range(sessions):
            user, book = self.chance.choice(self.people)
            started = datetime.now(UTC) - timedelta(minutes=self.chance.randrange(100 * 24 * 60))
            await insert(
                self.connection,
                "reading_sessions",
                user_id=user,
                book_id=book,
                started_at=started,
                duration_minutes=self.chance.randrange(40),
                pages_read=self.chance.randrange(30),
                start_position=self.chance.randrange(50),
                end_position=self.chance.randrange(50, 100),
                is_active=self.chance.random() < 0.1,
            )

    async def change_things(self) -> None:
        """Everything that can happen to a session and to who read."""
        await self.connection.execute(
            """
            UPDATE reading_sessions SET is_active = false, duration_minutes = duration_minutes + 7
            WHERE is_active AND random() < 0.5
            """
        )
        await self.connection.execute(
            "UPDATE reading_sessions SET started_at = started_at - interval '11 hours' WHERE random() < 0.1"
        )
        await self.connection.execute("DELETE FROM reading_sessions WHERE random() < 0.05")
        user, _ = self.chance.choice(self.people)
        await self.connection.execute("UPDATE users SET time_zone = $2 WHERE id = $1", user, self.chance.choice(ZONES))
        gone, _ = self.people.pop()
        await self.connection.execute("DELETE FROM users WHERE id = $1", gone)


TRUTH = {
    "reading_hours": """
        SELECT s.user_id, (started_at AT TIME ZONE 'UTC')::date AS day,
            extract(hour FROM started_at AT TIME ZONE 'UTC')::smallint AS hour,
            (started_at AT TIME ZONE time_zone)::date AS local_date,
            extract(hour FROM started_at AT TIME ZONE time_zone)::smallint AS local_hour,
            count(*)::int AS sessions, sum(duration_minutes)::int AS minutes, sum(pages_read)::int AS pages,
            sum(words_read)::int AS words, (count(*) FILTER (WHERE duration_minutes >= 10))::int AS over_10min,
            (count(*) FILTER (WHERE NOT s.is_active))::int AS completed,
            coalesce(sum(duration_minutes) FILTER (WHERE NOT s.is_active), 0)::int AS completed_minutes,
            coalesce(sum(end_position - start_position) FILTER (WHERE NOT s.is_active), 0)::int AS completed_progress
        FROM reading_sessions s JOIN users u ON u.id = s.user_id GROUP BY 1, 2, 3, 4, 5
    """,
    "reading_days": """
        SELECT (started_at AT TIME ZONE 'UTC')::date AS day, count(*) AS sessions,
            count(DISTINCT user_id) AS active_users, sum(duration_minutes)::bigint AS minutes,
            count(*) FILTER (WHERE duration_minutes >= 10) AS over_10min,
            count(*) FILTER (WHERE NOT is_active) AS completed,
            coalesce(sum(duration_minutes) FILTER (WHERE NOT is_active), 0)::bigint AS completed_minutes,
            coalesce(sum(end_position - start_position) FILTER (WHERE NOT is_active), 0)::bigint AS completed_progress
        FROM reading_sessions GROUP BY 1
    """,
    "reading_totals": """
        SELECT user_id, count(*) AS sessions, sum(duration_minutes)::bigint AS minutes, sum(pages_read)::bigint AS pages
        FROM reading_sessions GROUP BY 1
    """,
}


async def assert_true(connection: Any) -> None:
    for table, truth in TRUTH.items():
        wanted = {tuple(row) for row in await connection.fetch(truth)}
        columns = ", ".join(row["attname"] for row in await connection.fetch(COLUMNS, table))
        condition = "WHERE sessions > 0" if table == "reading_totals" else ""
        assert {tuple(row) for row in await connection.fetch(f"SELECT {columns} FROM {table} {condition}")} == wanted, (
            table
        )


COLUMNS = """
    SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped
      AND attname <> 'rolled_at' ORDER BY attnum
"""


async def test_roll_ups_say_what_the_sessions_say(database: Database, database_url: str, deep: bool) -> None:
    async with connect(database_url) as connection:
        for seed in range(10 if deep else 2):
            readers = Readers(connection, seed)
            await readers.come(6)
            await readers.read(150)
            await roll_everything_up(database)
            await assert_true(connection)
            await readers.change_things()
            await readers.read(20)
            await roll_everything_up(database)
            await assert_true(connection)
            assert await connection.fetchval("SELECT count(*) FROM reading_dirty_user_days") == 0


async def test_changes_during_roll_ups_are_never_lost(database: Database, database_url: str) -> None:
    async with connect(database_url) as connection, connect(database_url) as other:
        readers = Readers(connection, 1)
        await readers.come(3)
        await readers.read(30)
        reading = True

        async def keep_rolling() -> None:
            while reading:
                await roll_everything_up(database)

        async def own_statistics() -> None:
            while reading:
                async with database.transaction() as session:
                    await roll_up(session, readers.people[0][0])

        rolling = [asyncio.create_task(keep_rolling()) for _ in range(2)] + [asyncio.create_task(own_statistics())]
        for _ in range(10):
            await readers.read(10)
            await other.execute(
                "UPDATE reading_sessions SET duration_minutes = duration_minutes + 1 WHERE random() < 0.2"
            )
        reading = False
        await asyncio.gather(*rolling)
        await roll_everything_up(database)
        await assert_true(connection)


async def test_two_roll_ups_of_the_same_people_wait_for_each_other_in_one_order(
    database: Database, database_url: str
) -> None:
    """Each of two counts a day anew that one of two people had read on, and a day that is new to the other one."""
    today = datetime.now(UTC)
    async with connect(database_url) as connection:
        readers = Readers(connection, 1)
        await readers.come(2)

        async def read(who: int, days_ago: int) -> None:
            user, book = readers.people[who]
            started = today - timedelta(days=days_ago)
            await insert(connection, "reading_sessions", user_id=user, book_id=book, started_at=started)

        async def count(days: list[tuple[UUID, date]], taken: asyncio.Event) -> None:
            async with database.transaction() as session:
                assert sorted(await queries.take_dirty_user_days(session, None, 10)) == sorted(days)
                taken.set()
                await together.wait()
                await queries.recompute_user_days(session, days)

        for turn in range(10):
            early, late = 2 * turn + 1, 2 * turn + 2
            for who, days_ago in ((0, early), (1, late)):
                await read(who, days_ago)
            await roll_everything_up(database)
            together = asyncio.Event()
            roll_ups = []
            for days_ago in (early, late):
                taken = asyncio.Event()
                days = [(user, (today - timedelta(days=days_ago)).date()) for user, _ in readers.people]
                for who in (0, 1):
                    await read(who, days_ago)
                roll_ups.append(asyncio.create_task(count(days, taken)))
                await taken.wait()
            together.set()
            await asyncio.wait_for(asyncio.gather(*roll_ups), 20)
        await roll_everything_up(database)
        await assert_true(connection)


async def test_a_change_that_is_not_yet_committed_is_not_lost_with_its_mark(
    database: Database, database_url: str
) -> None:
    """Its day was marked already when it came, so that a roll-up in between could take the mark without the change."""
    async with connect(database_url) as connection, connect(database_url) as other:
        readers = Readers(connection, 1)
        await readers.come(1)
        await readers.read(1)
        async with other.transaction():
            await other.execute("UPDATE reading_sessions SET duration_minutes = 500")
            await asyncio.wait_for(roll_everything_up(database), 5)
        await roll_everything_up(database)
        await assert_true(connection)


async def test_two_roll_ups_of_one_day_both_count(database: Database, database_url: str) -> None:
    """One has written its hours and marked the day, and not yet committed, while the other one counts the day."""
    async with connect(database_url) as connection:
        readers = Readers(connection, 1)
        await readers.come(2)
        for user, book in readers.people:
            await insert(connection, "reading_sessions", user_id=user, book_id=book, started_at=datetime.now(UTC))
        (first, _), (second, _) = readers.people
        async with database.transaction() as session:
            await roll_up(session, second)
        async with database.transaction() as session:
            await roll_up(session, first)
            async with database.transaction() as meanwhile:
                await queries.recompute_dirty_days(meanwhile)
        await roll_everything_up(database)
        await assert_true(connection)


async def test_a_sign_of_life_makes_no_work(database: Database, database_url: str) -> None:
    async with connect(database_url) as connection:
        readers = Readers(connection, 1)
        await readers.come(1)
        await readers.read(3)
        await roll_everything_up(database)
        await connection.execute("UPDATE reading_sessions SET last_activity_at = now()")
        await connection.execute("UPDATE users SET full_name = 'Ann'")
        assert await connection.fetchval("SELECT count(*) FROM reading_dirty_user_days") == 0


async def test_the_views_mean_what_their_columns_say(database: Database, database_url: str) -> None:
    now = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    async with connect(database_url) as connection:
        user = await insert(connection, "users")
        book = await insert(connection, "books", user_id=user)
        for days, hour, minutes, running in (
            (0, 9, 30, False), (0, 9, 10, False), (0, 21, 5, False), (0, 22, 0, True), (29, 9, 15, False),
            (30, 9, 99, False), (89, 1, 1, False), (90, 1, 1, False),
        ):  # fmt: skip
            await insert(
                connection, "reading_sessions", user_id=user, book_id=book, duration_minutes=minutes, is_active=running,
                started_at=(now - timedelta(days=days)).replace(hour=hour), start_position=10, end_position=20,
            )  # fmt: skip
        await refresh(database)
        daily = await connection.fetch("SELECT * FROM reading_sessions_daily_stats ORDER BY date DESC")
        assert [(now.date() - row["date"]).days for row in daily] == [0, 29, 30, 89]
        assert dict(daily[0]) == {
            "date": now.date(),
            "total_sessions": 4,
            "active_users": 1,
            "avg_duration_minutes": 15,
            "total_reading_minutes": 45,
            "avg_progress_percent": 10,
            "sessions_over_10min": 2,
            "completed_sessions": 3,
        }
        patterns = await connection.fetch("SELECT * FROM user_reading_patterns ORDER BY sessions_at_hour DESC")
        assert [(row["preferred_reading_hour"], row["sessions_at_hour"]) for row in patterns] == [(9, 3), (21, 1)]
        assert {(row["total_sessions"], row["total_reading_time"]) for row in patterns} == {(4, 60)}


async def test_refreshing_locks_no_reader_out_and_fills_what_is_empty(database: Database, database_url: str) -> None:
    async with connect(database_url) as connection:
        await connection.execute("REFRESH MATERIALIZED VIEW user_reading_patterns WITH NO DATA")
        await refresh(database)
        async with connection.transaction():
            await connection.fetch("SELECT * FROM user_reading_patterns")
            await connection.fetch("SELECT * FROM reading_sessions_daily_stats")
            await asyncio.wait_for(refresh(database), 10)


async def test_views_are_refreshed_soon_when_something_changed_and_daily_otherwise(
    database: Database, database_url: str
) -> None:
    day = timedelta(days=1)
    async with connect(database_url) as connection:
        await connection.execute(
            "INSERT INTO upkeep_runs VALUES ('refresh', now(), now() + interval '0.1 seconds', true, '{}')"
        )
        async with database.transaction() as session:
            assert await refresh_interval(session, day, 100) == day
        readers = Readers(connection, 1)
        await readers.come(1)
        await readers.read(1)
        async with database.transaction() as session:
            assert await refresh_interval(session, day, 100) == timedelta(seconds=60)
            assert await refresh_interval(session, day, 6000) == timedelta(seconds=600)
        await connection.execute("UPDATE upkeep_runs SET finished_at = started_at + interval '1 hour'")
        async with database.transaction() as session:
            assert await refresh_interval(session, day, 100) == day


@pytest.mark.parametrize("statement", ["COUNT_HOURS", "FORGET_HOURS", "TAKE_USER_DAYS", "COUNT_DAYS"])
async def test_rolling_up_reads_what_changed_and_not_the_history(
    database: Database, database_url: str, statement: str
) -> None:
    """The plans go through indexes even though the tables are small: reading them whole is forbidden."""
    async with connect(database_url) as connection:
        readers = Readers(connection, 1)
        await readers.come(2)
        await readers.read(50)
    user, _ = readers.people[0]
    values = {
        "COUNT_HOURS": {
            "users": [user], "days": [datetime.now(UTC).date()],
            "less_users": [], "less_sessions": [], "less_minutes": [], "less_pages": [],
        },
        "FORGET_HOURS": {"users": [user], "days": [datetime.now(UTC).date()]},
        "TAKE_USER_DAYS": {"user_id": user, "limit": 10},
        "COUNT_DAYS": {"days": [datetime.now(UTC).date()]},
    }  # fmt: skip
    async with database.transaction() as session:
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await session.execute(text(f"EXPLAIN {getattr(queries, statement)}"), values[statement])
        lines = "\n".join(row[0] for row in plan)
    assert "Seq Scan on reading_sessions" not in lines
    assert "Seq Scan on reading_hours" not in lines
