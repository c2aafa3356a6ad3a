"""Full-text search in a book and over the shelf, and the veil over what was not read yet."""

from typing import Any

import pytest

from bookreader.jobs.worker import Worker
from tests.books.build import Book, Page, build_epub, paragraphs
from tests.integration.api.conftest import Api, until_jobs_end

ENGLISH = Book(
    title="The Lighthouse Keeper",
    authors=["Vera Holm"],
    pages=[
        Page(
            "One", paragraphs("The keeper was climbing the stairs.", "He climbs them every night, well-known stairs.")
        ),
        Page("Two", f"<p>A gull <b>cried</b> over the water.{' Then all was quiet again.' * 200}</p>"),
        Page("Three", paragraphs("At last the lamp went out, and the keeper slept & dreamt of stairs < and gulls.")),
    ],
)
RUSSIAN = Book(
    title="Смотритель маяка",
    authors=["Вера Холм"],
    language="ru",
    pages=[Page("Первая", paragraphs("Смотритель шёл по лестницам.", "Берёза качалась за окном."))],
)


@pytest.fixture
async def books(reader: Api, worker: Worker) -> dict[str, str]:
    """Ids of an English and a Russian book on the shelf, parsed."""
    ids = {}
    for language, book in (("en", ENGLISH), ("ru", RUSSIAN)):
        accepted = await reader.upload(build_epub(book))
        await until_jobs_end(reader, accepted["id"])
        ids[language] = accepted["id"]
    return ids


async def found(reader: Api, book: str, words: str, **more: Any) -> list[dict[str, Any]]:
    return list((await reader.get(f"books/{book}/search", params={"q": words, "reveal": True} | more))["items"])


async def test_forms_of_a_word_are_found_in_the_order_of_the_book(reader: Api, books: dict[str, str]) -> None:
    hits = await found(reader, books["en"], "climbed")
    assert [(hit["chapter"], hit["match"]) for hit in hits] == [(1, "climbing"), (1, "climbs")]
    assert hits[0]["before"].endswith("The keeper was ")
    assert hits[0]["after"].startswith(" the stairs.")
    text = (await reader.get(f"books/{books['en']}/chapters/1"))["text"]
    assert [text[hit["start"] : hit["end"]] for hit in hits] == ["climbing", "climbs"]


async def test_russian_forms_are_found_with_and_without_yo(reader: Api, books: dict[str, str]) -> None:
    assert [hit["match"] for hit in await found(reader, books["ru"], "лестница")] == ["лестницам"]
    hits = await found(reader, books["ru"], "березы")
    text = (await reader.get(f"books/{books['ru']}/chapters/1"))["text"]
    assert [text[hit["start"] : hit["end"]] for hit in hits] == ["Берёза"]


async def test_a_phrase_stands_together_and_minus_leaves_out(reader: Api, books: dict[str, str]) -> None:
    assert [hit["chapter"] for hit in await found(reader, books["en"], '"keeper slept"')] == [3]
    assert await found(reader, books["en"], '"slept keeper"') == []
    assert [hit["chapter"] for hit in await found(reader, books["en"], "keeper -slept")] == [1]
    assert [hit["match"] for hit in await found(reader, books["en"], "well-known")] == ["well-known"]


async def test_signs_that_look_like_markup_move_no_offset(reader: Api, books: dict[str, str]) -> None:
    (hit,) = await found(reader, books["en"], "gulls lamp")
    text = (await reader.get(f"books/{books['en']}/chapters/3"))["text"]
    assert "gulls" in text[hit["start"] :]
    assert text[hit["start"] : hit["end"]].startswith("lamp")


async def test_a_hit_has_the_cfi_of_its_words(reader: Api, books: dict[str, str]) -> None:
    hit = (await found(reader, books["en"], "gull"))[0]
    placed = await reader.place(books["en"], hit["chapter"], hit["cfi"])
    assert placed["current"]["quote"].startswith("gull cried")


async def test_what_was_not_read_yet_is_veiled_until_asked_for(reader: Api, books: dict[str, str]) -> None:
    address = f"books/{books['en']}/search"
    first, last = (await reader.get(address, params={"q": "stairs"}))["items"][::2]
    assert (first["beyond"], first["match"]) == (False, "stairs")
    assert (last["chapter"], last["beyond"], last["match"], last["before"]) == (3, True, None, None)
    await reader.place(books["en"], 3, None, scroll_offset_percent=100)
    assert [hit["beyond"] for hit in (await reader.get(address, params={"q": "stairs"}))["items"]] == [False] * 3


async def test_pages_of_hits_follow_each_other(reader: Api, books: dict[str, str]) -> None:
    address, seen, cursor = f"books/{books['en']}/search", [], None
    for _ in range(5):
        params = {"q": "stairs or gull", "limit": 1} | ({"cursor": cursor} if cursor else {})
        page = await reader.get(address, params=params)
        seen += [(hit["chapter"], hit["start"]) for hit in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert cursor is None
    assert len(seen) == len(set(seen)) == 4
    assert seen == sorted(seen)


async def test_words_without_meaning_find_nothing_and_hurt_nothing(reader: Api, books: dict[str, str]) -> None:
    for words in ("the", "-keeper", "'", "((", "!&|<->", "\\", '"', "x" * 200):
        assert await found(reader, books["en"], words) == []
    await reader.get(f"books/{books['en']}/search", 422, params={"q": ""})


async def test_the_shelf_is_searched_in_every_language_best_first(reader: Api, books: dict[str, str]) -> None:
    answer = await reader.get("search", params={"q": "stairs", "reveal": True})
    assert [(hit["book"], hit["chapter"], hit["count"]) for hit in answer["items"]] == [
        (books["en"], 1, 2),
        (books["en"], 3, 1),
    ]
    russian = await reader.get("search", params={"q": "берёзы", "reveal": True})
    assert [hit["book"] for hit in russian["items"]] == [books["ru"]]


async def test_titles_and_authors_are_found_with_typing_mistakes(reader: Api, books: dict[str, str]) -> None:
    for words, language in (("lighthose", "en"), ("Vera Hlom", "en"), ("смотритл", "ru")):
        found_books = (await reader.get("search", params={"q": words}))["books"]
        assert books[language] in [book["id"] for book in found_books], words


async def test_another_person_finds_nothing(reader: Api, books: dict[str, str], stranger: Api) -> None:
    answer = await stranger.get("search", params={"q": "stairs or lighthouse", "reveal": True})
    assert (answer["items"], answer["books"]) == ([], [])
