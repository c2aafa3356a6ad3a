"""Full-text search in a book and over the shelf, and the veil over what was not read yet."""

from pathlib import Path
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


HIDDEN = "Deep in the long grass he looked about once more. " * 8
PHRASES = Book(
    title="The Spot",
    pages=[
        Page(
            "One",
            paragraphs(
                f"Ah! Black Dog, said he. {HIDDEN}If they tip me the black spot, mind, and the Black Spot comes.",
                f"A spot of tar. {HIDDEN}The spot on his coat was quite black, and the heart of his darkness too.",
                f"A black sail. {HIDDEN}There was nothing else on that spot.",
                "He held a well-known black flag, and the old man knew the heart of darkness well.",
            ),
        ),
        Page("Two", paragraphs(*(f"Spot {n}, a black spot, a black spot." for n in range(4)))),
    ],
)
METKA = Book(
    title="Метка",
    language="ru",
    pages=[
        Page("Первая", paragraphs("Чёрный пёс! А чёрной меткой пугали всех; чёрные метки ещё придут.", "Метки тут."))
    ],
)


@pytest.fixture
async def books(reader: Api, worker: Worker) -> dict[str, str]:
    """Ids of an English and a Russian book on the shelf, parsed."""
    ids = {}
    for language, book in (("en", ENGLISH), ("ru", RUSSIAN)):
        ids[language] = await added(reader, book)
    return ids


async def added(reader: Api, book: Book) -> str:
    accepted = await reader.upload(build_epub(book))
    await until_jobs_end(reader, accepted["id"])
    return str(accepted["id"])


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


async def test_a_phrase_is_shown_wherever_it_stands_and_not_one_of_its_words(reader: Api, worker: Worker) -> None:
    book = await added(reader, PHRASES)
    hits = await found(reader, book, "black spot")
    assert [(hit["chapter"], hit["match"]) for hit in hits[:2]] == [(1, "black spot"), (1, "Black Spot")]
    assert hits[0]["before"].endswith("If they tip me the ")
    assert [hit["match"] for hit in hits if hit["chapter"] == 2] == ["black spot"] * 8
    text = (await reader.get(f"books/{book}/chapters/1"))["text"]
    assert [text[hit["start"] : hit["end"]] for hit in hits if hit["chapter"] == 1] == [
        "black spot",
        "Black Spot",
        "spot on his coat was quite black",
        "black",  # in the third paragraph the words are further apart than an excerpt
    ]


async def test_treasure_island_shows_the_black_spot(reader: Api, worker: Worker, corpus: Path) -> None:
    accepted = await reader.upload((corpus / "books" / "se_treasure-island.epub").read_bytes())
    await until_jobs_end(reader, accepted["id"])
    hits = await found(reader, accepted["id"], "black spot")
    assert [hit["match"].lower() for hit in hits] == ["black spot"] * 12 + ["spot"]
    assert [hit["start"] for hit in hits if hit["chapter"] == 9] == [9, 2288, 3467, 4030, 4160]


async def test_words_apart_are_shown_where_they_are_closest(reader: Api, worker: Worker) -> None:
    book = await added(reader, PHRASES)
    for words, matches in (
        ("spot quite", ["spot on his coat was quite"]),
        ("man black", ["black flag, and the old man"]),
        ('spot "quite black"', ["spot on his coat was quite black"]),
        ("heart of darkness", ["heart of his darkness", "heart of darkness"]),
        ('"heart of darkness"', ["heart of darkness"]),
        ("well-known black flag", ["well-known black flag"]),
        ("sail or tar", ["tar", "sail"]),
        ("black", ["Black", *["black"] * 7]),
    ):
        assert [hit["match"] for hit in await found(reader, book, words)] == matches, words


async def test_a_russian_phrase_is_found_in_its_forms(reader: Api, worker: Worker) -> None:
    book = await added(reader, METKA)
    assert [hit["match"] for hit in await found(reader, book, "черная метка")] == ["черной меткой", "черные метки"]
    assert [hit["match"] for hit in await found(reader, book, "метка черная")] == ["черной меткой"]


async def test_pages_of_hits_go_on_within_a_paragraph(reader: Api, worker: Worker) -> None:
    book = await added(reader, PHRASES)
    everything = [(hit["chapter"], hit["start"]) for hit in await found(reader, book, "black spot")]
    for limit in (1, 2, 3, len(everything)):
        seen: list[tuple[int, int]] = []
        params: dict[str, Any] = {"q": "black spot", "limit": limit}
        for _ in everything:
            page = await reader.get(f"books/{book}/search", params=params)
            assert len(page["items"]) <= limit
            seen += [(hit["chapter"], hit["start"]) for hit in page["items"]]
            params["cursor"] = page["next"]
            if page["next"] is None:
                break
        assert seen == everything


async def test_a_place_late_in_a_paragraph_is_veiled_by_itself(reader: Api, worker: Worker) -> None:
    book = await added(reader, Book(pages=[Page("One", f"<p>Grey gulls. {'It was quiet. ' * 400}A grey gull.</p>")]))
    hits = (await reader.get(f"books/{book}/search", params={"q": "grey gull"}))["items"]
    assert [(hit["beyond"], hit["match"]) for hit in hits] == [(False, "Grey gulls"), (True, None)]


async def test_the_shelf_shows_a_chapter_by_the_paragraph_with_the_phrase(reader: Api, worker: Worker) -> None:
    await added(reader, PHRASES)
    hits = (await reader.get("search", params={"q": "heart of darkness", "reveal": True}))["items"]
    assert [(hit["count"], hit["match"]) for hit in hits] == [(2, "heart of darkness")]


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
