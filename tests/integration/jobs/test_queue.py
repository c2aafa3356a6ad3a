"""What a worker hears."""

import asyncio

from bookreader.database import Database
from bookreader.jobs.queue import WorkerDriver


async def test_what_is_notified_before_a_worker_listens_is_heard(database: Database) -> None:
    heard: asyncio.Queue[str | bytes | bytearray] = asyncio.Queue()
    async with database.direct_pool(2, 2) as pool, WorkerDriver(pool) as driver:
        notified = asyncio.create_task(driver.notify("asked", "do you hear?"))
        await pool.fetchval("SELECT 1")
        await pool.fetchval("SELECT 1")
        await driver.add_listener("asked", heard.put_nowait)
        assert await asyncio.wait_for(heard.get(), 10) == "do you hear?"
        await notified
