"""Bookmarks and highlights over HTTP."""

from typing import Any
from uuid import uuid4

from bookreader.work import Installation
from tests.books.build import Book, Page, paragraphs
from tests.integration.api.conftest import Api
from tests.integration.reading.conftest import Novel, Shelve, sentences, story
from tests.integration.reading.test_places import read_anew


async def mark(api: Api, novel: Novel, status: int = 201, **wanted: Any) -> Any:
    return await api.post(f"books/{novel.id}/annotations", wanted, status)


async def listed(api: Api, novel: Novel, **query: Any) -> list[Any]:
    found = await api.get(f"books/{novel.id}/annotations", params=query)
    return list(found["items"])


async def test_a_bookmark_and_a_highlight_are_kept_in_the_order_of_the_book(reader: Api, novel: Novel) -> None:
    far = await mark(reader, novel, kind="highlight", chapter=3, cfi=novel.range(3, 40, 90), colour="ochre", note="!")
    text = novel.texts[3].text
    assert (far["start"], far["end"], far["quote"], far["repaired"]) == (40, 90, text[40:90].strip(), None)
    near = await mark(reader, novel, kind="bookmark", chapter=2, cfi=novel.at(2, 700)["cfi"])
    assert near["start"] == near["end"]
    assert near["quote"]
    also = await mark(reader, novel, kind="bookmark", chapter=3, cfi=novel.at(3, 10)["cfi"])
    assert await listed(reader, novel) == [near, also, far]
    assert await listed(reader, novel, chapter=3) == [also, far]
    first = await reader.get(f"books/{novel.id}/annotations", params={"limit": 2})
    rest = await reader.get(f"books/{novel.id}/annotations", params={"limit": 2, "cursor": first["next"]})
    assert [*first["items"], *rest["items"]] == [near, also, far]


async def test_a_note_is_changed_and_a_mark_removed(reader: Api, novel: Novel) -> None:
    made = await mark(reader, novel, kind="bookmark", chapter=2, cfi=novel.at(2, 700)["cfi"], note="here")
    changed = await reader.patch(f"annotations/{made['id']}", {"note": "there", "colour": "moss"})
    assert (changed["note"], changed["colour"], changed["cfi"]) == ("there", "moss", made["cfi"])
    assert changed["updated_at"] > made["updated_at"]
    assert (await reader.patch(f"annotations/{made['id']}", {"note": None}))["note"] is None
    await reader.delete(f"annotations/{made['id']}")
    assert await listed(reader, novel) == []
    assert (await reader.client.delete(f"/api/v1/annotations/{made['id']}")).json()["code"] == "no_such_annotation"


async def test_a_key_makes_one_mark_however_often_it_is_sent(reader: Api, novel: Novel, shelve: Shelve) -> None:
    wanted = {"kind": "bookmark", "chapter": 2, "cfi": novel.at(2, 700)["cfi"], "key": str(uuid4())}
    first = await mark(reader, novel, **wanted)
    assert await mark(reader, novel, **wanted) == first
    other = await shelve(reader, story(2))
    assert (await mark(reader, other, 409, **wanted))["code"] == "key_reused"


async def test_a_quote_repairs_the_address(reader: Api, novel: Novel) -> None:
    text = novel.texts[3].text
    quote = text[1500:1620]
    nowhere = f"epubcfi({novel.step(3)}!/4/998,/1:0,/1:9)"
    made = await mark(reader, novel, kind="highlight", chapter=3, cfi=nowhere, quote=quote)
    assert (made["repaired"], made["quote"].split()) == ("quote", quote.split())
    assert made["cfi"].startswith(f"epubcfi({novel.step(3)}!")


async def test_what_marks_nothing_is_refused_and_not_kept(reader: Api, novel: Novel) -> None:
    point = novel.at(2, 700)["cfi"]
    for wanted, code in (
        ({"kind": "highlight", "chapter": 2, "cfi": point}, "bad_range"),
        ({"kind": "highlight", "chapter": 2, "cfi": f"epubcfi({novel.step(2)}!/4/998,/1:0,/1:9)"}, "bad_cfi"),
        ({"kind": "bookmark", "chapter": 2, "cfi": "garbage"}, "bad_cfi"),
        ({"kind": "bookmark", "chapter": 2, "cfi": "epubcfi(" + "/2" * 50_000 + ")"}, "bad_cfi"),
        ({"kind": "dog-ear", "chapter": 2, "cfi": point}, "invalid_input"),
        ({"kind": "bookmark", "chapter": 2, "cfi": point, "note": "a\u0000b"}, "invalid_input"),
        ({"kind": "bookmark", "chapter": 2, "cfi": point, "note": "x" * 20_001}, "invalid_input"),
        ({"kind": "bookmark", "chapter": 2, "cfi": point, "colour": "url(x)"}, "invalid_input"),
    ):
        answer = await mark(reader, novel, 422, **wanted)
        assert answer["code"] == code, wanted
    assert (await mark(reader, novel, 404, kind="bookmark", chapter=99, cfi=point))["code"] == "no_such_chapter"
    assert await listed(reader, novel) == []


async def test_marks_of_another_person_are_not_found(reader: Api, stranger: Api, novel: Novel) -> None:
    made = await mark(reader, novel, kind="bookmark", chapter=2, cfi=novel.at(2, 700)["cfi"])
    await mark(stranger, novel, 404, kind="bookmark", chapter=2, cfi=novel.at(2, 700)["cfi"])
    await stranger.get(f"books/{novel.id}/annotations", 404)
    await stranger.patch(f"annotations/{made['id']}", {"note": "mine"}, 404)
    await stranger.delete(f"annotations/{made['id']}", 404)
    assert await listed(reader, novel) == [made]


async def test_marks_are_found_again_when_the_book_is_read_anew(reader: Api, novel: Novel, here: Installation) -> None:
    moved = await mark(reader, novel, kind="highlight", chapter=5, cfi=novel.range(5, 1500, 1560))
    gone = await mark(reader, novel, kind="highlight", chapter=6, cfi=novel.range(6, 1500, 1560))
    pages = [Page("Chapter 5", paragraphs("A new beginning.", *sentences(5, 8)))]
    await read_anew(here, novel.id, Book(pages=pages))
    found = {each["id"]: each for each in await listed(reader, novel)}
    assert (found[moved["id"]]["chapter"], found[moved["id"]]["quote"]) == (1, moved["quote"])
    assert found[moved["id"]]["repaired"] == "quote"
    assert found[moved["id"]]["cfi"] != moved["cfi"]
    assert (found[gone["id"]]["cfi"], found[gone["id"]]["quote"]) == (None, gone["quote"])
