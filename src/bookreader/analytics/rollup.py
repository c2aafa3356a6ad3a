"""Rolling reading up: marked days are computed anew from their sessions, and the views from the days.

The cost depends on what changed, never on how much was ever read.
"""

import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from bookreader.analytics import queries
from bookreader.database import Database, Session

BATCH = 500
"""Days of people that one transaction recomputes."""


async def roll_up(session: Session, user_id: UUID | None = None) -> int:
    """Recomputes marked days of one person, or of anyone; at most BATCH. Returns how many.

    A day that is marked again meanwhile stays marked.
    """
    taken = await queries.take_dirty_user_days(session, user_id, BATCH)
    if taken:
        await queries.recompute_user_days(session, taken)
    return len(taken)


async def roll_everything_up(database: Database) -> int:
    """All marked days of people, then all of everyone. Returns how many days of people there were."""
    total = 0
    while True:
        async with database.transaction() as session:
            rolled = await roll_up(session)
        total += rolled
        if rolled < BATCH:
            break
    async with database.transaction() as session:
        await queries.recompute_dirty_days(session)
    return total


async def refresh(database: Database) -> dict[str, Any]:
    """Rolls up, then refreshes both views without locking their readers out. Says how long that took."""
    begun = time.monotonic()
    rolled = await roll_everything_up(database)
    for view in queries.VIEWS:
        async with database.transaction() as session:
            await queries.refresh_view(session, view)
    return {"days": rolled, "seconds": round(time.monotonic() - begun, 3)}


async def refresh_interval(session: Session, longest: timedelta, share: int) -> timedelta:
    """How old the views may get: `longest` while nothing changed, else a minute, or `share` times what it took."""
    stale, seconds = await queries.staleness(session)
    return min(longest, max(timedelta(minutes=1), timedelta(seconds=share * seconds))) if stale else longest
