"""Places and reading sessions over HTTP."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from bookreader.sample import sample_epub
from tests.integration.api.conftest import Api

START = "epubcfi(/6/4!/4/2/1:0)"


@pytest.fixture
async def cfis(reader: Api, sample: str) -> list[tuple[int, str]]:
    """(chapter, CFI) of the descriptions, in the order of the book: real places with text."""
    found = (await reader.get(f"books/{sample}/descriptions"))["items"]
    return [(item["chapter"], item["cfi"]) for item in found]


async def test_a_saved_place_is_the_current_one_in_every_browser(
    reader: Api, sample: str, cfis: list[tuple[int, str]], visit: Callable[[], Api]
) -> None:
    chapter, cfi = cfis[1]
    saved = await reader.place(sample, chapter, cfi)
    assert saved["current"]["chapter"] == chapter
    assert saved["current"]["quote"]
    assert 0 < saved["current"]["total_progression"] < 1
    second = visit()
    await second.post("auth/login", {"email": reader.email, "password": "correct horse"})
    assert (await second.get(f"books/{sample}/progress"))["current"] == saved["current"]
    shelf = (await second.get("books"))["items"][0]
    assert shelf["total_progression"] == saved["current"]["total_progression"]


async def test_the_newest_wins_the_furthest_stays_and_all_are_kept(
    reader: Api, sample: str, cfis: list[tuple[int, str]]
) -> None:
    far = await reader.place(sample, *cfis[-1])
    back = await reader.place(sample, *cfis[0])
    assert back["current"]["chapter"] == cfis[0][0]
    assert back["furthest"] == far["furthest"] == far["current"]
    history = (await reader.get(f"books/{sample}/places"))["items"]
    assert [place["id"] for place in history] == [back["current"]["id"], far["current"]["id"]]


async def test_the_same_key_twice_changes_nothing(reader: Api, sample: str, cfis: list[tuple[int, str]]) -> None:
    key = str(uuid4())
    first = await reader.place(sample, *cfis[0], key=key)
    again = await reader.place(sample, *cfis[0], key=key)
    assert first == again
    assert len((await reader.get(f"books/{sample}/places"))["items"]) == 1


async def test_another_device_is_offered_the_place_never_moved(
    reader: Api, sample: str, cfis: list[tuple[int, str]]
) -> None:
    await reader.place(sample, *cfis[0], device="Laptop")
    await reader.place(sample, *cfis[-1], device="Phone")
    offer = (await reader.get(f"books/{sample}/progress?device=Laptop"))["offer"]
    assert (offer["device"], offer["relation"]) == ("Phone", "ahead")
    assert (await reader.get(f"books/{sample}/progress?device=Phone"))["offer"] is None


async def test_a_quote_finds_the_place_when_the_address_does_not(
    reader: Api, sample: str, cfis: list[tuple[int, str]]
) -> None:
    chapter, cfi = cfis[0]
    quote = (await reader.place(sample, chapter, cfi))["current"]["quote"]
    step = cfi.split("!")[0]
    repaired = await reader.place(sample, chapter, step + "!/4/998/1:3)", quote=quote)
    assert repaired["current"]["quote"] == quote


@pytest.mark.parametrize("cfi", ["garbage", "epubcfi(", "epubcfi(/6/4!/4/2[", "epubcfi(" + "/2" * 50_000 + ")"])
async def test_garbage_is_refused_and_nothing_is_stored(reader: Api, sample: str, cfi: str) -> None:
    body = {"chapter": 1, "cfi": cfi, "device": "x", "key": str(uuid4())}
    await reader.put(f"books/{sample}/progress", body, 422)
    assert (await reader.get(f"books/{sample}/places"))["items"] == []


async def test_a_percent_beyond_the_end_is_clamped_and_a_missing_chapter_is_not_found(reader: Api, sample: str) -> None:
    placed = await reader.place(sample, 1, None, scroll_offset_percent=9999)
    assert placed["current"]["total_progression"] <= 1
    body = {"chapter": 999, "device": "x", "key": str(uuid4())}
    assert (await reader.put(f"books/{sample}/progress", body, 404))["code"] == "no_such_chapter"


async def test_a_batch_that_queued_offline_is_kept_whole(reader: Api, sample: str, cfis: list[tuple[int, str]]) -> None:
    batch = [
        {"chapter": chapter, "cfi": cfi, "device": "Phone", "key": str(uuid4())} for chapter, cfi in (cfis[0], cfis[-1])
    ]
    answer = await reader.post(f"books/{sample}/places", batch)
    assert answer["current"]["chapter"] == cfis[-1][0]
    await reader.post(f"books/{sample}/places", batch)
    assert len((await reader.get(f"books/{sample}/places"))["items"]) == 2


async def test_a_session_runs_ends_once_and_counts_in_the_statistics(reader: Api, sample: str) -> None:
    started = await reader.post(f"books/{sample}/sessions", {"device": "Laptop", "key": str(uuid4())}, 201)
    assert started["is_active"]
    await reader.patch(f"sessions/{started['id']}", {})
    ended = await reader.post(f"sessions/{started['id']}/end")
    assert not ended["is_active"]
    assert await reader.post(f"sessions/{started['id']}/end") == ended
    statistics = await reader.get("statistics")
    assert (statistics["sessions"], statistics["books"]) == (1, 1)


async def test_a_second_session_of_a_device_ends_the_first(reader: Api, sample: str) -> None:
    first = await reader.post(f"books/{sample}/sessions", {"device": "Laptop"}, 201)
    await reader.post(f"books/{sample}/sessions", {"device": "Laptop"}, 201)
    assert not (await reader.post(f"sessions/{first['id']}/end"))["is_active"]


async def test_times_from_1970_and_from_the_future_are_refused(reader: Api, sample: str) -> None:
    for time in ("1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z"):
        answer = await reader.post(f"books/{sample}/sessions", {"device": "x", "started_at": time}, 422)
        assert answer["code"] == "bad_time"


async def test_an_unparsed_book_cannot_be_read_yet(reader: Api) -> None:
    accepted = await reader.upload(sample_epub())
    assert (await reader.get(f"books/{accepted['id']}/manifest", 409))["code"] == "not_ready"
