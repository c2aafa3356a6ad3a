"""Stored files that no row speaks of: put aside first, brought back if one does after all, deleted in the end."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from bookreader.admin import queries
from bookreader.database import Database
from bookreader.storage import Storage

GRACE = timedelta(days=7)
"""Time that a file is left alone after it was written, and once more after it was put aside."""


@dataclass(frozen=True)
class Swept:
    """Numbers of files, and the bytes that were set free."""

    kept: int
    put_aside: int
    brought_back: int
    deleted: int
    freed: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def sweep(database: Database, storage: Storage, *, grace: timedelta = GRACE) -> Swept:
    """Raises DatabaseUnavailable, Unavailable."""
    async with database.transaction() as session:
        now = await queries.server_time(session)
        wanted = await queries.referenced_files(session)
    kept = put_aside = 0
    async for blob in storage.blobs():
        if blob.digest in wanted or blob.written_at > now - grace:
            kept += 1
        else:
            await storage.put_aside(blob.digest, now.date())
            put_aside += 1
    # Once more, for what was written down while we looked.
    async with database.transaction() as session:
        wanted = await queries.referenced_files(session)
    brought_back, deleted, freed = await _settle(storage, wanted, now, grace)
    return Swept(kept, put_aside, brought_back, deleted, freed)


async def _settle(storage: Storage, wanted: set[str], now: datetime, grace: timedelta) -> tuple[int, int, int]:
    brought_back = deleted = freed = 0
    async for aside in storage.aside():
        if aside.digest in wanted:
            await storage.bring_back(aside)
            brought_back += 1
        elif aside.day < (now - grace).date():
            await storage.delete_aside(aside)
            deleted += 1
            freed += aside.size
    return brought_back, deleted, freed
