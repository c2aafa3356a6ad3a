"""What other devices hear of a saved place, and what they do when they may have missed something."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from bookreader.events import QUEUE_LENGTH, Events
from bookreader.work import Installation
from tests.integration.reading.conftest import Device, Novel

PERSON = UUID(int=1)
KILL_LISTENERS = text("select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%'")


@pytest.fixture
async def events(here: Installation) -> AsyncIterator[Events]:
    async with listening(Events(here.database)) as found:
        yield found


@asynccontextmanager
async def listening(events: Events) -> AsyncIterator[Events]:
    running = asyncio.create_task(events.run())
    yield events
    events.stopping.set()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def heard(stream: AsyncIterator[bytes], kind: str) -> dict[str, Any]:
    """The next event of this kind."""
    async with asyncio.timeout(20):
        async for message in stream:
            if message.startswith(f"event: {kind}\n".encode()):
                return dict(json.loads(message.partition(b"data: ")[2]))
    raise AssertionError("the stream ended")


async def opened(events: Events, person: UUID) -> AsyncIterator[bytes]:
    """A stream that certainly listens: nothing is sent to those who come later."""
    stream = events.stream(person, pulse=0.05)
    assert await anext(stream) == b"retry: 2000\n\n"
    return stream


async def test_other_devices_hear_of_a_saved_place(laptop: Device, novel: Novel, events: Events) -> None:
    me = UUID((await laptop.api.get("me"))["id"])
    mine = await opened(events, me)
    await _until_listening(events, me, mine)
    others = await opened(events, uuid4())
    await laptop.place(novel.pages[3])
    told = await heard(mine, "place")
    assert (told["book"], told["device"]) == (novel.id, "Laptop")
    assert await anext(others) == b": still here\n\n"


async def test_many_at_once_are_sent_together_and_equal_ones_once(events: Events) -> None:
    stream = await opened(events, PERSON)
    await _until_listening(events, PERSON, stream)
    for number in (1, 1, 2, 3):
        events.tell_soon(PERSON, "place", page=number)
    assert [(await heard(stream, "place"))["page"] for _ in range(3)] == [1, 2, 3]


async def test_after_an_interruption_every_page_is_told_to_load_anew(here: Installation, events: Events) -> None:
    stream = await opened(events, PERSON)
    await _until_listening(events, PERSON, stream)
    async with here.database.transaction() as session:
        await session.execute(KILL_LISTENERS)
    assert await heard(stream, "resync") == {"type": "resync"}
    events.tell_soon(PERSON, "place", page=9)
    assert (await heard(stream, "place"))["page"] == 9


async def test_a_page_that_is_too_slow_is_told_to_load_anew(events: Events) -> None:
    stream = await opened(events, PERSON)
    await _until_listening(events, PERSON, stream)
    other = await opened(events, PERSON)
    for number in range(QUEUE_LENGTH + 5):
        events.tell_soon(PERSON, "place", page=number)
    events.tell_soon(PERSON, "last")
    await heard(other, "last")
    assert await heard(stream, "resync") == {"type": "resync"}


async def _until_listening(events: Events, person: UUID, stream: AsyncIterator[bytes]) -> None:
    """Returns when the events' connection to the database listens."""
    told = asyncio.create_task(heard(stream, "hello"))
    while not told.done():
        events.tell_soon(person, "hello", key=str(uuid4()))
        await asyncio.wait({told}, timeout=0.1)
