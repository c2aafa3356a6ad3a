"""Several devices of one person at the same moment: whatever they do waits its turn, and nothing is refused."""

import asyncio
from datetime import timedelta

from bookreader.reading.sessions import close_abandoned
from bookreader.work import Installation
from tests.integration.api.conftest import Api
from tests.integration.gates import gate
from tests.integration.reading.conftest import Clock, Device, Novel, Shelve, story

MARK = "SELECT FROM reading_dirty_user_days ORDER BY day DESC LIMIT 1 FOR UPDATE"
"""The mark of the present day, which every change of a session of that day writes."""
IDLE = timedelta(minutes=3)


async def around_midnight(clock: Clock) -> None:
    """Ten minutes before a day ends."""
    await clock.set(clock.now.replace(hour=23, minute=50) + timedelta(days=1))


async def test_a_device_that_begins_anew_and_one_that_ends_wait_for_each_other(
    laptop: Device, phone: Device, novel: Novel, clock: Clock, database_url: str
) -> None:
    """The laptop ends what it read yesterday and begins today; the phone has read the same book today."""
    await around_midnight(clock)
    await laptop.place(novel.pages[0])
    await laptop.start()
    await clock.pass_by(minutes=20)
    read = await phone.start()
    async with gate(database_url, MARK) as held:
        ending = asyncio.create_task(phone.end(read))
        await held.until_waiting(1)
        beginning = asyncio.create_task(laptop.start())
        await held.until_waiting(2)
        await held.open()
        ended, begun = await asyncio.gather(ending, beginning)
    assert (ended["is_active"], begun["is_active"]) == (False, True)


async def test_a_device_that_goes_over_to_another_book_and_upkeep_wait_for_each_other(
    reader: Api, laptop: Device, phone: Device, clock: Clock, database_url: str, here: Installation, shelve: Shelve
) -> None:
    """Upkeep ends what fell silent today and yesterday, in the order of the books; the laptop has read since before
    midnight."""
    other = (await shelve(reader, story(title="Another"))).id
    await around_midnight(clock)
    await Device(reader, "Tablet", other).start()
    session = await laptop.start()
    await clock.pass_by(minutes=11)
    await phone.start()
    await laptop.alive(session, active_at=clock.now.isoformat())
    await clock.pass_by(minutes=4)
    await laptop.alive(session, active_at=clock.now.isoformat())

    async def upkeep() -> int:
        async with here.database.transaction() as session:
            return await close_abandoned(session, IDLE)

    async with gate(database_url, MARK) as held:
        closing = asyncio.create_task(upkeep())
        await held.until_waiting(1)
        beginning = asyncio.create_task(Device(reader, "Laptop", other).start())
        await held.until_waiting(2)
        await held.open()
        closed, begun = await asyncio.gather(closing, beginning)
    assert (closed, begun["is_active"]) == (2, True)
