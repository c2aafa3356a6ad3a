"""Devices that read, jump, go offline, lose answers and send twice, in whatever order: no place is ever lost.

Hypothesis writes the scripts. A model knows when each place was really read; the server only hears of it, by clocks
that may be wrong. 50 interleavings usually, 1,000 with full counts.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bookreader.work import Installation
from tests.conftest import is_deep
from tests.integration.api.conftest import Api
from tests.integration.reading.conftest import Clock, Novel, Shelve, history, story

COUNT = 1000 if is_deep() else 50
ON_THE_WAY = timedelta(seconds=12)
"""What a report may take, and the difference that devices may not notice."""
SKEWS = (0.0, 0.0, 3600.0, -7200.0, 86_400.0, -1_000_000.0, 20.0)


@dataclass
class Told:
    """A place as the model knows it: when it was really read, and what the device says."""

    body: dict[str, Any]
    read_at: datetime
    page: int


@dataclass
class Phone:
    """A device with a clock of its own, and with what it could not send yet."""

    name: str
    skew: timedelta
    page: int = 0
    online: bool = True
    waiting: list[Told] = field(default_factory=list)

    def clock(self, now: datetime) -> str:
        return (now + self.skew).isoformat()


@dataclass
class World:
    """Everything that happened, and what the server must know of it."""

    api: Api
    novel: Novel
    clock: Clock
    devices: list[Phone]
    told: list[Told] = field(default_factory=list)
    delayed: list[tuple[Phone, list[Told]]] = field(default_factory=list)

    async def move(self, device: Phone, page: int, *, jump: bool, fate: str) -> None:
        """The device is at a page, and tells it as far as fate lets it."""
        device.page = page % len(self.novel.pages)
        now = self.clock.now
        report = {"device": device.name, "key": str(uuid4()), "client_time": device.clock(now), "jump": jump}
        told = Told(self.novel.pages[device.page] | report, now, device.page + 1)
        self.told.append(told)
        device.waiting.append(told)
        if device.online:
            await self.send(device, fate)

    async def send(self, device: Phone, fate: str) -> None:
        """`lost`: the server never hears it. `unanswered`: the device does not know that it did. `delayed`: it arrives
        later, and again when the device sends it again."""
        batch = list(device.waiting)
        if not batch or fate == "lost":
            return
        if fate == "delayed":
            self.delayed.append((device, batch))
            return
        await self.deliver(device, batch)
        if fate != "unanswered":
            device.waiting = [told for told in device.waiting if told not in batch]

    async def deliver(self, device: Phone, batch: list[Told]) -> None:
        sent = device.clock(self.clock.now)
        reports = [told.body | {"sent_at": sent} for told in batch]
        path = f"books/{self.novel.id}/"
        if len(reports) == 1:
            answer = await self.api.put(path + "progress", reports[0])
        else:
            answer = await self.api.post(path + "places", reports)
        assert answer["current"] is not None
        assert answer["offer"] is None or answer["offer"]["device"] != device.name

    async def arrive(self) -> None:
        """What was delayed arrives, the last first."""
        while self.delayed:
            device, batch = self.delayed.pop()
            await self.deliver(device, batch)

    async def wait(self, minutes: float) -> None:
        """Nothing is on its way for long."""
        if minutes:
            await self.arrive()
            await self.clock.pass_by(minutes=minutes)
            await self.api.get("me")  # or the sign-in would end in the end

    async def undo(self, device: Phone, number: int) -> None:
        places = await history(self.api, self.novel.id)
        if not places:
            return
        place = places[number % len(places)]
        path = f"books/{self.novel.id}/places/{place['id']}/restore"
        body = {"device": device.name, "key": str(uuid4())}
        answer = await self.api.post(path, body)
        assert (answer["current"]["cfi"], answer["current"]["page"]) == (place["cfi"], place["page"])
        told = Told(self.novel.pages[place["page"] - 1] | body | {"jump": True}, self.clock.now, place["page"])
        self.told.append(told)
        device.page = place["page"] - 1


FATES = st.sampled_from(("arrives", "arrives", "arrives", "lost", "unanswered", "delayed"))
NUMBER = st.integers(0, 2)
ACTIONS = st.one_of(
    st.tuples(st.just("turn"), NUMBER, FATES),
    st.tuples(st.just("turn"), NUMBER, FATES),
    st.tuples(st.just("jump"), NUMBER, st.integers(0, 47), FATES),
    st.tuples(st.just("look"), NUMBER, st.integers(0, 47), FATES),
    st.tuples(st.just("offline"), NUMBER),
    st.tuples(st.just("offline"), NUMBER),
    st.tuples(st.just("online"), NUMBER, FATES),
    st.tuples(st.just("undo"), NUMBER, st.integers(0, 20)),
    st.tuples(st.just("together"), st.integers(0, 47)),
    st.tuples(st.just("arrive")),
)
WAITS = st.sampled_from((0.0, 0.0, 0.1, 1.0, 1.0, 4.0, 30.0, 600.0, 20_000.0))
"""Minutes that pass before something happens."""
SCRIPTS = st.lists(st.tuples(WAITS, ACTIONS), min_size=12, max_size=40)


@given(skews=st.tuples(*[st.sampled_from(SKEWS)] * 3), script=SCRIPTS)
@settings(
    max_examples=COUNT,
    deadline=None,
    derandomize=COUNT == 50,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
async def test_no_place_is_ever_lost(
    reader: Api,
    shelve: Shelve,
    clock: Clock,
    here: Installation,
    skews: tuple[float, ...],
    script: list[tuple[float, tuple[Any, ...]]],
) -> None:
    await clock.set(datetime.now(UTC))
    devices = [Phone(f"Device {n}", timedelta(seconds=skew)) for n, skew in enumerate(skews)]
    world = World(reader, await shelve(reader, STORY), clock, devices)
    for minutes, action in script:
        await world.wait(minutes)
        await _play(world, *action)
    for device in devices:
        await world.send(device, "arrives")
    await world.arrive()
    await _check(world, here)


STORY = story()


async def _play(world: World, action: str, *rest: Any) -> None:
    if action == "arrive":
        await world.arrive()
    elif action == "together":
        await asyncio.gather(*(world.move(each, rest[0], jump=False, fate="arrives") for each in world.devices))
    else:
        await _act(world, world.devices[rest[0]], action, *rest[1:])


async def _act(world: World, device: Phone, action: str, *rest: Any) -> None:
    if action == "turn":
        await world.move(device, device.page + 1, jump=False, fate=rest[0])
    elif action in ("jump", "look"):
        await world.move(device, rest[0], jump=action == "look", fate=rest[1])
    elif action == "undo":
        await world.undo(device, rest[0])
    elif action == "offline":
        device.online = False
    else:
        device.online = True
        await world.send(device, rest[0])


async def _check(world: World, here: Installation) -> None:
    rows = await _rows(here, world.novel.id)
    kept = {str(row.key): row for row in rows}
    assert len(rows) == len(kept) == len(world.told)
    for told in world.told:
        row = kept[told.body["key"]]
        assert (row.device, row.page, row.cfi) == (told.body["device"], told.page, told.body["cfi"])
        assert abs(row.read_at - told.read_at) <= ON_THE_WAY, "when it was read is known, whatever the device's clock"
    await _check_history(world, rows)
    await _check_verdict(world)


async def _rows(here: Installation, book: str) -> list[Any]:
    async with here.database.statements() as session:
        query = text("select * from places where book_id = :book order by device, read_at, at")
        return list((await session.execute(query, {"book": book})).all())


async def _check_history(world: World, rows: list[Any]) -> None:
    """The API shows each place, or the first and the last of the stretch that it lies within."""
    shown = {place["id"] for place in await history(world.api, world.novel.id)}
    for row in rows:
        if str(row.id) in shown:
            continue
        stretch = [each for each in rows if (each.device, each.began_at) == (row.device, row.began_at)]
        pages = [each.page for each in stretch if str(each.id) in shown]
        assert pages, "a stretch is shown"
        assert min(pages) <= row.page <= max(pages)


async def _check_verdict(world: World) -> None:
    if not world.told:
        return
    progress = await world.api.get(f"books/{world.novel.id}/progress")
    newest = max(told.read_at for told in world.told)
    could_be = {told.page for told in world.told if newest - told.read_at <= ON_THE_WAY}
    assert progress["current"]["page"] in could_be
    read = [told.page for told in world.told if not told.body["jump"]]
    assert (progress["furthest"] or {}).get("page") == max(read, default=None)
