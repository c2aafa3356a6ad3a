"""Locks on what is no row: advisory locks of the transaction."""

from sqlalchemy import text

from bookreader.database.engine import Session

_NUMBERED = text("SELECT pg_advisory_xact_lock(:key)")
_NAMED = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


async def lock(session: Session, key: int | str) -> None:
    """Waits until nobody else holds the key; from here to the end of the transaction it is ours."""
    await session.execute(_NUMBERED if isinstance(key, int) else _NAMED, {"key": key})
