"""Reading sessions over HTTP: begun, kept alive, ended and told late, by a clock that the test moves."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text

from bookreader.reading.sessions import close_abandoned, device_type
from bookreader.work import Installation
from tests.integration.api.conftest import Api
from tests.integration.reading.conftest import Clock, Device, Novel, Shelve, story

IDLE = timedelta(minutes=3)


async def read(device: Device, novel: Novel, clock: Clock, pages: range, minutes: float = 1) -> None:
    """Turns pages, one in so many minutes."""
    for number in pages:
        await clock.pass_by(minutes=minutes)
        told = clock.now.isoformat()
        await device.place(novel.pages[number], client_time=told, sent_at=told)


async def test_minutes_pages_and_words_come_from_real_movement(laptop: Device, novel: Novel, clock: Clock) -> None:
    await laptop.place(novel.pages[9])
    session = await laptop.start()
    assert (session["is_active"], session["start_position"]) == (True, 19)
    await read(laptop, novel, clock, range(10, 16), minutes=2)
    await laptop.place(novel.pages[40])
    ended = await laptop.end(session)
    assert (ended["duration_minutes"], ended["pages_read"]) == (12, 6)
    assert ended["words_read"] == pytest.approx(6 * 170, rel=0.1)
    assert not ended["is_active"]
    assert await laptop.end(session) == ended
    book = (await laptop.api.get("books"))["items"][0]
    assert book["last_device"] == "Laptop"
    statistics = await laptop.api.get("statistics")
    assert (statistics["minutes"], statistics["pages"]) == (12, 6)


async def test_leafing_back_and_forth_is_no_reading(laptop: Device, novel: Novel, clock: Clock) -> None:
    session = await laptop.start()
    for number in (5, 40, 4, 30, 2):
        await clock.pass_by(minutes=1)
        await laptop.place(novel.pages[number])
    assert (await laptop.end(session))["pages_read"] == 0


async def test_a_key_seen_before_answers_its_session(laptop: Device, clock: Clock) -> None:
    key = "00000000-0000-4000-8000-000000000001"
    first = await laptop.start(key=key)
    await clock.pass_by(minutes=30)
    assert (await laptop.start(key=key))["id"] == first["id"]


async def test_a_short_pause_goes_on_with_the_same_session_and_a_long_one_begins_another(
    laptop: Device, clock: Clock
) -> None:
    first = await laptop.start()
    await clock.pass_by(minutes=2)
    await laptop.end(first)
    await clock.pass_by(minutes=2)
    again = await laptop.start()
    assert (again["id"], again["is_active"]) == (first["id"], True)
    await clock.pass_by(minutes=1)
    assert (await laptop.end(again))["duration_minutes"] == 5
    await clock.pass_by(minutes=4)
    assert (await laptop.start())["id"] != first["id"]


async def test_what_falls_silent_is_ended_when_it_was_last_alive(
    laptop: Device, novel: Novel, clock: Clock, here: Installation
) -> None:
    session = await laptop.start()
    await read(laptop, novel, clock, range(5))
    assert await _close(here) == 0
    await clock.pass_by(minutes=2)
    assert await _close(here) == 0
    await clock.pass_by(hours=5)
    assert await _close(here) == 1
    assert await _close(here) == 0
    ended = await laptop.end(session)
    assert (ended["duration_minutes"], ended["pages_read"], ended["is_active"]) == (5, 4, False)


async def _close(here: Installation) -> int:
    async with here.database.transaction() as session:
        return await close_abandoned(session, IDLE)


async def test_a_sign_of_life_after_a_long_silence_comes_too_late(laptop: Device, clock: Clock) -> None:
    session = await laptop.start()
    await clock.pass_by(minutes=2)
    assert (await laptop.alive(session))["is_active"]
    await clock.pass_by(hours=2)
    late = await laptop.alive(session)
    assert (late["is_active"], late["duration_minutes"]) == (False, 2)
    assert await laptop.alive(session) == late


async def test_what_was_read_offline_counts_when_it_is_told(laptop: Device, clock: Clock, here: Installation) -> None:
    session = await laptop.start()
    begun = clock.now
    await clock.pass_by(minutes=40)
    await _close(here)
    told = await laptop.end(session, active_at=(begun + timedelta(minutes=38)).isoformat())
    assert (told["duration_minutes"], told["is_active"]) == (38, False)


async def test_an_interrupted_connection_does_not_end_reading(laptop: Device, clock: Clock, here: Installation) -> None:
    session = await laptop.start()
    await clock.pass_by(minutes=20)
    await _close(here)
    again = await laptop.alive(session, active_at=clock.now.isoformat())
    assert (again["is_active"], again["duration_minutes"]) == (True, 20)


async def test_sessions_of_days_ago_are_told_late_with_their_places(laptop: Device, novel: Novel, clock: Clock) -> None:
    now = await laptop.start()
    begun = clock.now - timedelta(days=3)
    places = [
        place | {"client_time": (begun + timedelta(minutes=n)).isoformat(), "sent_at": clock.now.isoformat()}
        for n, place in enumerate(novel.pages[:6])
    ]
    await laptop.batch(places[:3])
    told = await laptop.start(started_at=begun.isoformat())
    assert told["id"] != now["id"]
    ended = await laptop.end(told, active_at=(begun + timedelta(minutes=5)).isoformat())
    assert (ended["duration_minutes"], ended["pages_read"], ended["is_active"]) == (5, 2, False)
    await laptop.batch(places[3:])
    assert (await laptop.end(told, active_at=ended["ended_at"]))["pages_read"] == 5
    assert (await laptop.alive(now))["is_active"]


async def test_late_places_count_for_a_session_that_is_over(
    laptop: Device, novel: Novel, clock: Clock, here: Installation
) -> None:
    session = await laptop.start()
    begun = clock.now
    await clock.pass_by(minutes=10)
    await laptop.end(session)
    await laptop.batch(
        [
            place | {"client_time": (begun + timedelta(minutes=n)).isoformat(), "sent_at": clock.now.isoformat()}
            for n, place in enumerate(novel.pages[:6])
        ]
    )
    async with here.database.statements() as statements:
        found = (await statements.execute(text("select pages_read from reading_sessions"))).scalar_one()
    assert found == 5


async def test_a_device_reads_one_book_at_a_time(laptop: Device, shelve: Shelve, clock: Clock) -> None:
    other = await shelve(laptop.api, story(2))
    first = await laptop.start()
    await clock.pass_by(minutes=2)
    second = await Device(laptop.api, "Laptop", other.id).start()
    ended = await laptop.end(first)
    assert not ended["is_active"]
    assert ended["ended_at"] <= second["started_at"]


async def test_two_devices_read_at_the_same_time(laptop: Device, phone: Device, clock: Clock) -> None:
    one, two = await laptop.start(), await phone.start()
    await clock.pass_by(minutes=2)
    assert (await laptop.alive(one))["is_active"]
    assert (await phone.alive(two))["is_active"]


async def test_sessions_of_a_device_never_overlap_whatever_it_tells(
    laptop: Device, shelve: Shelve, clock: Clock, here: Installation
) -> None:
    other = Device(laptop.api, "Laptop", (await shelve(laptop.api, story(2))).id)
    base = clock.now - timedelta(days=2)
    for device, start, end in (
        (laptop, 0, 30), (other, 10, 20), (laptop, 20, 50), (other, 40, 90), (laptop, -10, 5), (other, 91, 95),
        (laptop, 60, 61), (other, -30, 200),
    ):  # fmt: skip
        session = await device.start(started_at=(base + timedelta(minutes=start)).isoformat())
        at = base + timedelta(minutes=end)
        if at > datetime.fromisoformat(session["started_at"]):
            await device.end(session, active_at=at.isoformat())
    async with here.database.statements() as statements:
        query = "select started_at, ended_at from reading_sessions order by started_at, ended_at"
        rows = (await statements.execute(text(query))).all()
    assert len(rows) >= 4
    assert all(one.ended_at <= following.started_at for one, following in pairwise(rows))


async def test_impossible_times_are_refused_and_nothing_is_stored(laptop: Device, here: Installation) -> None:
    for times in (
        {"started_at": "1970-01-01T00:00:00Z"},
        {"started_at": "2999-01-01T00:00:00Z"},
        {"started_at": "0001-01-01T00:00:00+14:00"},
        {"started_at": "9999-12-31T23:59:59-12:00"},
        {"started_at": "2026-05-01T12:00:00"},
        {"started_at": "9999-01-01T00:00:00Z", "sent_at": "1970-01-01T00:00:00Z"},
        {"duration_minutes": -5},
    ):
        answer = await laptop.api.post(f"books/{laptop.book}/sessions", {"device": "Laptop"} | times, 422)
        assert answer["code"] in ("bad_time", "invalid_input"), times
    async with here.database.statements() as statements:
        assert (await statements.execute(text("select count(*) from reading_sessions"))).scalar_one() == 0


async def test_nobody_was_active_before_a_session_began_nor_tomorrow(laptop: Device, clock: Clock) -> None:
    session = await laptop.start()
    for at in (clock.now - timedelta(hours=1), clock.now + timedelta(hours=1)):
        for way in ("patch", "post"):
            path = f"sessions/{session['id']}" + ("/end" if way == "post" else "")
            answer = await laptop.api.client.request(way, f"/api/v1/{path}", json={"active_at": at.isoformat()})
            assert (answer.status_code, answer.json()["code"]) == (422, "bad_time")
    assert (await laptop.alive(session))["is_active"]


async def test_a_wrong_clock_does_no_harm_when_it_is_told(laptop: Device, clock: Clock) -> None:
    wrong = timedelta(hours=7)
    began = clock.now
    session = await laptop.start(
        started_at=(began + wrong - timedelta(minutes=10)).isoformat(), sent_at=(began + wrong).isoformat()
    )
    told = {"active_at": (began + wrong).isoformat(), "sent_at": (began + wrong).isoformat()}
    assert (await laptop.end(session, **told))["duration_minutes"] == 10


async def test_a_session_of_another_person_is_not_found(laptop: Device, stranger: Api) -> None:
    session = await laptop.start()
    assert (await stranger.patch(f"sessions/{session['id']}", {}, 404))["code"] == "no_such_session"
    assert (await stranger.post(f"sessions/{session['id']}/end", None, 404))["code"] == "no_such_session"


NIGHTS = [
    ("midnight", "Europe/Berlin", "2027-05-01T21:50:00Z", 20),
    ("the hour that is skipped", "Europe/Berlin", "2027-03-28T00:50:00Z", 20),
    ("the hour that comes twice", "Europe/Berlin", "2027-10-31T00:50:00Z", 30),
    ("the day that Samoa never had", "Pacific/Apia", "2027-01-01T09:50:00Z", 20),
    ("west of the date line", "Pacific/Honolulu", "2027-01-01T09:50:00Z", 20),
]


@pytest.mark.parametrize(("zone", "begin", "minutes"), [night[1:] for night in NIGHTS], ids=[n[0] for n in NIGHTS])
async def test_time_is_counted_right_whatever_the_wall_clock_does(
    laptop: Device, novel: Novel, clock: Clock, zone: str, begin: str, minutes: int
) -> None:
    await laptop.api.patch("me", {"time_zone": zone})
    await clock.set(datetime.fromisoformat(begin))
    await laptop.api.post("auth/login", {"email": laptop.api.email, "password": "correct horse"})
    session = await laptop.start()
    await read(laptop, novel, clock, range(minutes // 2), minutes=2)
    ended = await laptop.end(session)
    assert (ended["duration_minutes"], ended["pages_read"]) == (minutes, minutes // 2 - 1)
    assert (await laptop.progress())["current"]["page"] == minutes // 2
    assert (await laptop.api.get("statistics"))["minutes"] == minutes


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148", "mobile"),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/120 Mobile Safari/537.36", "mobile"),
        ("Mozilla/5.0 (Linux; Android 14; SM-X700) Chrome/120 Safari/537.36", "tablet"),
        ("Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) Mobile/15E148", "tablet"),
        ("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/121.0", "desktop"),
        ("KOReader/2026.01 (https://koreader.rocks/)", "e-reader"),
        ("", "desktop"),
    ],
)
def test_the_kind_of_a_device(agent: str, kind: str) -> None:
    assert device_type(agent) == kind
