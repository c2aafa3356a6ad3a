"""Places over HTTP: what is kept, what becomes current, what is offered, and how addresses are checked and repaired."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.event import listen

from bookreader.library.ingest import ingest
from bookreader.library.parse_child import publication_json
from bookreader.publications import open_publication
from bookreader.reading.queries import thin_history
from bookreader.reading.reanchor import reanchor
from bookreader.work import Installation
from tests.books.build import Book, Page, build_epub, paragraphs
from tests.integration.api.conftest import Api
from tests.integration.reading.conftest import Clock, Device, Novel, Shelve, history, sentences, story


def made(clock: Clock, **ago: float) -> dict[str, Any]:
    """When a device says that it was at a place that it tells now."""
    return {"client_time": (clock.now - timedelta(**ago)).isoformat(), "sent_at": clock.now.isoformat()}


async def test_a_late_replay_is_kept_and_offered_but_does_not_win(
    laptop: Device, phone: Device, novel: Novel, clock: Clock
) -> None:
    here = (await laptop.place(novel.pages[5], **made(clock)))["current"]
    answer = await phone.batch([place | made(clock, weeks=3) for place in novel.pages[20:24]])
    assert answer["current"] == here
    assert (answer["offer"]["id"], answer["offer"]["relation"]) == (here["id"], "behind")
    assert answer["furthest"]["page"] == 24
    offer = (await laptop.progress())["offer"]
    assert (offer["device"], offer["relation"], offer["page"]) == ("Phone", "ahead", 24)
    assert offer["age"] == pytest.approx(timedelta(weeks=3).total_seconds(), abs=60)
    assert [place["page"] for place in await history(laptop.api, novel.id)] == [24, 21, 6]
    assert (await laptop.api.get("books"))["items"][0]["total_progression"] == here["total_progression"]


async def test_reading_anew_from_the_start_moves_the_current_place_and_not_the_furthest(
    laptop: Device, novel: Novel
) -> None:
    far = (await laptop.place(novel.pages[40]))["current"]
    again = await laptop.place(novel.pages[0])
    assert (again["current"]["page"], again["furthest"]) == (1, far)


async def test_a_look_at_the_end_is_no_reading(laptop: Device, novel: Novel) -> None:
    await laptop.place(novel.pages[3])
    looked = await laptop.place(novel.pages[-1], jump=True)
    assert (looked["current"]["page"], looked["furthest"]["page"]) == (48, 4)


async def test_the_page_with_the_last_words_ends_the_book_wherever_it_begins(laptop: Device, novel: Novel) -> None:
    late = await laptop.place(novel.pages[-3])
    assert late["current"]["total_progression"] < 1
    ended = await laptop.place(novel.pages[-2], end=True)
    assert (ended["current"]["page"], ended["current"]["total_progression"]) == (47, 1)
    assert ended["current"]["cfi"] == novel.pages[-2]["cfi"]
    assert (await laptop.api.get("statistics"))["books_finished"] == 1


async def test_page_turns_of_a_stretch_are_one_entry_with_its_first_and_last_place(
    laptop: Device, phone: Device, novel: Novel, clock: Clock
) -> None:
    for place in novel.pages[:6]:
        await laptop.place(place)
    await phone.place(novel.pages[30])
    for place in (*novel.pages[6:8], *novel.pages[20:23]):
        await laptop.place(place)
    await clock.pass_by(minutes=20)
    await laptop.place(novel.pages[23])
    shown = [(place["device"], place["page"]) for place in await history(laptop.api, novel.id)]
    assert shown == [("Laptop", n) for n in (24, 23, 21, 8)] + [("Phone", 31), ("Laptop", 1)]


async def test_every_report_of_a_stretch_is_remembered_by_its_key(laptop: Device, novel: Novel) -> None:
    keys = [str(uuid4()) for _ in range(4)]
    for place, key in zip(novel.pages, keys, strict=False):
        before = await laptop.place(place, key=key)
    assert await laptop.place(novel.pages[1], key=keys[1]) == before
    assert await laptop.batch([place | {"key": key} for place, key in zip(novel.pages, keys, strict=False)]) == before
    assert [place["page"] for place in await history(laptop.api, novel.id)] == [4, 1]


async def test_a_key_of_another_book_is_refused(laptop: Device, novel: Novel, shelve: Shelve) -> None:
    other = await shelve(laptop.api, story(2))
    key = str(uuid4())
    await laptop.place(novel.pages[1], key=key)
    body = other.pages[1] | {"device": "Laptop", "key": key}
    assert (await laptop.api.put(f"books/{other.id}/progress", body, 409))["code"] == "key_reused"
    assert await history(laptop.api, other.id) == []


async def test_one_can_go_back_to_any_earlier_place_and_undo_that(laptop: Device, novel: Novel) -> None:
    first = (await laptop.place(novel.pages[7]))["current"]
    second = (await laptop.place(novel.pages[40]))["current"]
    back = await _restore(laptop, first["id"])
    assert (back["current"]["cfi"], back["current"]["quote"]) == (first["cfi"], first["quote"])
    assert (await _restore(laptop, second["id"]))["current"]["page"] == second["page"]
    assert len(await history(laptop.api, novel.id)) == 4
    body = {"device": "Laptop", "key": str(uuid4())}
    await laptop.api.post(f"books/{novel.id}/places/{uuid4()}/restore", body, 404)


async def _restore(device: Device, place: str) -> Any:
    body = {"device": device.name, "key": str(uuid4())}
    answer = await device.api.post(f"books/{device.book}/places/{place}/restore", body)
    assert await device.api.post(f"books/{device.book}/places/{place}/restore", body) == answer
    return answer


async def test_devices_that_save_at_the_same_moment_lose_nothing(reader: Api, novel: Novel) -> None:
    devices = [Device(reader, f"Device {n}", novel.id) for n in range(5)]
    await asyncio.gather(*(device.place(place) for device in devices for place in novel.pages[5:9]))
    shown = await history(reader, novel.id)
    assert {place["device"] for place in shown} == {device.name for device in devices}
    progress = await devices[0].progress()
    assert progress["current"]["id"] in {place["id"] for place in shown}
    assert progress["furthest"]["page"] == 9


async def test_nothing_is_sent_again_while_nothing_changes(laptop: Device, phone: Device, novel: Novel) -> None:
    await laptop.place(novel.pages[3])
    path = f"/api/v1/books/{novel.id}/progress?device=Laptop"
    first = await laptop.api.client.get(path)
    known = {"If-None-Match": first.headers["etag"]}
    assert (await laptop.api.client.get(path, headers=known)).status_code == 304
    await phone.place(novel.pages[20])
    changed = await laptop.api.client.get(path, headers=known)
    assert changed.json()["offer"]["page"] == 21


async def test_the_shelf_says_what_to_go_on_with(
    laptop: Device, phone: Device, novel: Novel, shelve: Shelve, clock: Clock
) -> None:
    other = await shelve(laptop.api, story(2))
    await shelve(laptop.api, story(1))
    await Device(laptop.api, "Laptop", other.id).place(other.pages[2])
    await clock.pass_by(minutes=5)
    await phone.place(novel.pages[24])
    late = other.pages[1] | made(clock, weeks=2)
    await Device(laptop.api, "Tablet", other.id).place(late)
    shelf = (await laptop.api.get("books", params={"state": "reading", "sort": "recent"}))["items"]
    assert [(book["id"], book["last_device"]) for book in shelf] == [(novel.id, "Phone"), (other.id, "Laptop")]
    assert shelf[0]["total_progression"] == pytest.approx(0.5, abs=0.03)
    assert shelf[0]["minutes_left"] == pytest.approx(shelf[0]["estimated_reading_time"] / 2, abs=1)
    await laptop.place(novel.pages[-1])
    finished = (await laptop.api.get("books", params={"state": "finished"}))["items"]
    assert [book["id"] for book in finished] == [novel.id]


async def test_a_save_asks_the_database_three_times(
    laptop: Device, novel: Novel, here: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who it is, where the person is, and what is kept: a round trip each, and no transaction to begin and to end."""
    for place in novel.pages[:3]:
        await laptop.place(place)
    statements: list[str] = []
    fetch = here.database.fetch

    async def counted(query: str, *arguments: Any) -> list[Any]:
        statements.append(query)
        return await fetch(query, *arguments)

    monkeypatch.setattr(here.database, "fetch", counted)
    listen(here.database.engine.sync_engine, "before_cursor_execute", lambda *seen: statements.append(seen[2]))
    await laptop.place(novel.pages[3])
    assert len([one for one in statements if "pg_notify" not in one]) == 3


async def test_places_within_old_stretches_are_forgotten_in_the_end(
    laptop: Device, novel: Novel, here: Installation, clock: Clock
) -> None:
    for place in novel.pages[:8]:
        await laptop.place(place)
    await laptop.place(novel.pages[30])
    await laptop.place(novel.pages[2])
    before = await history(laptop.api, novel.id)
    for days, forgotten in ((59, 0), (61, 6), (61, 0)):
        async with here.database.transaction() as session:
            assert await thin_history(session, clock.now + timedelta(days=days)) == forgotten
    assert await history(laptop.api, novel.id) == before


# -- addresses ------------------------------------------------------------------------------------------------------


async def test_an_address_is_stored_as_the_server_writes_it(laptop: Device, novel: Novel) -> None:
    place = novel.at(2, 1500)
    step, local = place["cfi"].removesuffix(")").split("!")
    odd = f"{step}[anything]!{local}[;s=b])"
    assert (await laptop.place({"chapter": 2, "cfi": odd}))["current"]["cfi"] == place["cfi"]


async def test_the_server_takes_the_quote_from_the_address(laptop: Device, novel: Novel) -> None:
    place = novel.at(2, 1500)
    current = (await laptop.place({"chapter": 2, "cfi": place["cfi"]}))["current"]
    assert current["quote"].startswith(place["quote"].strip())
    assert current["repaired"] is None


async def test_a_quote_repairs_an_address_that_leads_nowhere(laptop: Device, novel: Novel) -> None:
    place = novel.at(3, 2500)
    broken = place | {"cfi": f"epubcfi({novel.step(3)}!/4/998/1:3)"}
    current = (await laptop.place(broken))["current"]
    assert (current["cfi"], current["repaired"]) == (place["cfi"], "quote")


async def test_a_quote_is_found_in_another_chapter(laptop: Device, novel: Novel) -> None:
    place = novel.at(5, 2500)
    broken = place | {"chapter": 2, "cfi": f"epubcfi({novel.step(2)}!/4/998/1:3)"}
    current = (await laptop.place(broken))["current"]
    assert (current["chapter"], current["cfi"], current["repaired"]) == (5, place["cfi"], "quote")


async def test_an_address_of_another_chapter_is_not_followed_in_this_one(laptop: Device, novel: Novel) -> None:
    place = novel.at(5, 2500)
    current = (await laptop.place(place | {"chapter": 2}))["current"]
    assert (current["chapter"], current["repaired"]) == (5, "quote")


async def test_then_the_percent_decides_and_then_as_much_of_the_address_as_fits(laptop: Device, novel: Novel) -> None:
    nowhere = {"chapter": 3, "cfi": f"epubcfi({novel.step(3)}!/4/4/998/1:3)"}
    by_percent = (await laptop.place(nowhere | {"scroll_offset_percent": 60}))["current"]
    assert (by_percent["page"], by_percent["repaired"]) == (21, "progression")
    by_ancestor = (await laptop.place(nowhere))["current"]
    assert (by_ancestor["page"], by_ancestor["repaired"]) == (17, "ancestor")


async def test_an_address_that_is_too_long_becomes_that_of_the_nearest_element(
    laptop: Device, reader: Api, shelve: Shelve
) -> None:
    depth = 200
    deep = "<div>" * depth + "<p>Down here it is dark.</p>" + "</div>" * depth
    book = await shelve(reader, Book(pages=[Page("Deep", "<p>Up here.</p>" + deep)]))
    text = book.texts[1]
    place = book.at(1, text.text.index("dark"))
    assert len(place["cfi"]) > 400
    longest = text.cfi(text.text.index("dark"))
    current = (await Device(reader, "Laptop", book.id).place(place))["current"]
    assert current["quote"].startswith("dark")
    assert len(current["cfi"]) <= 500
    assert longest.startswith(current["cfi"].split("!")[1].removesuffix(")"))
    assert text.offset(current["cfi"]) <= text.text.index("dark")


async def test_a_chapter_beside_the_reading_order_does_not_count(reader: Api, shelve: Shelve) -> None:
    pages = [Page("One", paragraphs(*sentences(1, 3))), Page("Notes", paragraphs(*sentences(2, 3)), linear=False)]
    book = await shelve(reader, Book(pages=[*pages, Page("Two", paragraphs(*sentences(3, 3)))]))
    device = Device(reader, "Laptop", book.id)
    noted = await device.place(book.at(2, 1500))
    assert noted["current"]["total_progression"] == pytest.approx(0.5, abs=0.02)
    assert noted["furthest"] is None
    assert (await device.place(book.at(3, 2500)))["current"]["total_progression"] == pytest.approx(0.9, abs=0.05)


async def test_a_place_in_a_chapter_without_text(reader: Api, shelve: Shelve) -> None:
    picture = Page("Plate", '<img src="cover.png" alt=""/>')
    book = await shelve(reader, Book(pages=[Page("One", paragraphs(*sentences(1, 3))), picture]))
    device = Device(reader, "Laptop", book.id)
    current = (await device.place({"chapter": 2, "cfi": f"epubcfi({book.step(2)}!/4/2)"}))["current"]
    assert current["chapter"] == 2
    assert current["page"] == 4


# -- what is refused ------------------------------------------------------------------------------------------------

HOSTILE: list[dict[str, Any]] = [
    {"cfi": "garbage"},
    {"cfi": ""},
    {"cfi": "epubcfi("},
    {"cfi": "epubcfi(/6/4!/4/2["},
    {"cfi": "epubcfi(" + "/2" * 50_000 + ")"},
    {"cfi": "epubcfi(/6/4!/4/2/1:" + "9" * 5_000 + ")"},
    {"cfi": "epubcfi(/6/4!/4/2/1:-3)"},
    {"cfi": "epubcfi(/6/4!/4/2\u0000/1:3)"},
    {"cfi": "<script>alert(1)</script>"},
    {"cfi": 7},
    {"chapter": 0},
    {"chapter": -1},
    {"chapter": 10**12},
    {"chapter": 7},
    {"device": ""},
    {"device": "x" * 101},
    {"device": "a\u0000b"},
    {"device": "\ud800"},
    {"quote": "a\u0000b"},
    {"quote": "x" * 5_000},
    {"key": "mine"},
    {"client_time": "yesterday"},
    {"client_time": "2026-05-01T12:00:00"},
    {"scroll_offset_percent": "NaN"},
    {"scroll_offset_percent": 1e999},
    {"total_progression": 0.5},
    {"page": 12},
]


async def test_garbage_is_refused_with_a_code_and_nothing_is_stored(laptop: Device, novel: Novel) -> None:
    for wrong in HOSTILE:
        good, bad = (novel.pages[3] | {"device": "Laptop", "key": str(uuid4())} for _ in range(2))
        refused = json.dumps(bad | wrong)
        batch = f"[{json.dumps(good)}, {refused}]"
        for method, path, content in (("PUT", "progress", refused), ("POST", "places", batch)):
            answer = await laptop.api.client.request(
                method,
                f"/api/v1/books/{novel.id}/{path}",
                content=content,
                headers={"content-type": "application/json"},
            )
            assert answer.status_code in (404, 422), f"{wrong}: {answer.status_code} {answer.text}"
            assert answer.json()["code"] in ("bad_cfi", "invalid_input", "no_such_chapter"), wrong
        assert await history(laptop.api, novel.id) == [], wrong
    assert (await laptop.place(novel.pages[3]))["current"]["page"] == 4


async def test_a_percent_is_clamped(laptop: Device) -> None:
    for percent, page in ((9999, 8), (-5, 1), (1e300, 8), (60, 5)):
        current = (await laptop.place({"chapter": 1, "scroll_offset_percent": percent}))["current"]
        assert (current["page"], 0 <= current["total_progression"] <= 1) == (page, True), percent


async def test_a_clock_that_knows_no_century_loses_no_place(laptop: Device, novel: Novel, clock: Clock) -> None:
    await laptop.place(novel.pages[3], **made(clock))
    for time in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1970-01-01T00:00:00Z"):
        device = Device(laptop.api, time, novel.id)
        assert (await device.place(novel.pages[9], client_time=time))["current"]["device"] == time
        assert (await device.place(novel.pages[10], client_time=clock.now.isoformat(), sent_at=time))["current"]
        assert (await device.place(novel.pages[11], client_time=time, sent_at=time))["current"]
    assert len(await history(laptop.api, novel.id)) >= 7


async def test_a_book_of_another_person_is_not_found(stranger: Api, novel: Novel) -> None:
    body = novel.pages[1] | {"device": "Laptop", "key": str(uuid4())}
    assert (await stranger.put(f"books/{novel.id}/progress", body, 404))["code"] == "no_such_book"
    assert (await stranger.post(f"books/{novel.id}/places", [body], 404))["code"] == "no_such_book"


async def test_a_batch_of_two_devices_is_refused(laptop: Device, novel: Novel) -> None:
    reports = [novel.pages[n] | {"device": name, "key": str(uuid4())} for n, name in enumerate(("Laptop", "Phone"))]
    await laptop.api.post(f"books/{novel.id}/places", reports, 422)


# -- a changed file -------------------------------------------------------------------------------------------------


async def test_places_are_found_again_when_the_book_is_read_anew(
    laptop: Device, novel: Novel, here: Installation, clock: Clock
) -> None:
    moved = (await laptop.place(novel.at(5, 3000)))["current"]
    gone = (await laptop.place(novel.at(6, 3000)))["current"]
    kept = (await laptop.place(novel.at(1, 1500)))["current"]
    before = await history(laptop.api, novel.id)
    pages = [Page(f"Chapter {n}", paragraphs(*sentences(n, 8))) for n in (1, 2)]
    pages += [Page("New", paragraphs(*sentences(99, 8)))] * 2
    pages += [Page("Chapter 5", paragraphs("A new beginning.", *sentences(5, 8)))]
    await read_anew(here, novel.id, Book(pages=pages))
    found = {place["id"]: place for place in await history(laptop.api, novel.id)}
    assert list(found) == [place["id"] for place in before]
    assert found[kept["id"]]["repaired"] is None
    assert found[kept["id"]]["cfi"] == kept["cfi"]
    assert (found[moved["id"]]["repaired"], found[moved["id"]]["quote"]) == ("quote", moved["quote"])
    assert found[moved["id"]]["chapter"] == 5
    assert found[moved["id"]]["cfi"] != moved["cfi"]
    assert found[gone["id"]]["repaired"] == "progression"
    assert found[gone["id"]]["total_progression"] == pytest.approx(gone["total_progression"], abs=0.02)
    assert (await laptop.progress())["current"] == found[kept["id"]]


async def read_anew(here: Installation, book_id: str, book: Book) -> None:
    unpacked = publication_json(open_publication(build_epub(book)))
    async with here.database.transaction() as session:
        await ingest(session, UUID(book_id), unpacked, [])
        await reanchor(session, UUID(book_id))
