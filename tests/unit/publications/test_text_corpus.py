"""Text and places of real books: what holds of random documents holds of every chapter, read as it is served."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from bookreader.errors import BookRefused
from bookreader.publications import Publication
from bookreader.publications import cfi as cfis
from bookreader.publications.chapters import flat
from bookreader.publications.model import Chapter
from bookreader.publications.open import open_publication
from bookreader.publications.text import TextMap
from tests.unit.publications.documents import character_at, dom, plain_text


@pytest.fixture(scope="module")
def books(corpus: Path) -> dict[str, Publication]:
    """Every book of the corpus that opens."""
    found = {}
    for file in sorted((corpus / "books").iterdir()):
        try:
            found[file.name] = open_publication(file.read_bytes())
        except BookRefused:
            continue
    return found


def chapters(books: dict[str, Publication]) -> Iterator[tuple[str, Chapter, TextMap]]:
    for name, book in books.items():
        for chapter in book.reading_order:
            yield f"{name}: {chapter.href}", chapter, TextMap(chapter.html)


def test_the_stored_text_is_that_of_the_served_document(books: dict[str, Publication]) -> None:
    assert len(books) >= 20
    for name, chapter, places in chapters(books):
        assert places.text == chapter.text, name
        assert places.text == plain_text(dom(chapter.html)), name


def test_sampled_characters_have_cfis_that_lead_to_them_and_back(books: dict[str, Publication], deep: bool) -> None:
    chance = random.Random(4)  # noqa: S311 - a sample, no secret
    for name, chapter, places in chapters(books):
        tree = dom(chapter.html)
        shown = [offset for offset, character in enumerate(chapter.text) if not character.isspace()]
        for offset in chance.sample(shown, min(len(shown), 50 if deep else 10)):
            local = places.cfi(offset)
            assert character_at(tree, local)[1] == chapter.text[offset], f"{name} {local}"
            assert places.offset(cfis.complete(chapter.cfi, local)) == offset, f"{name} {local}"


def test_sampled_ranges_come_back_whole(books: dict[str, Publication], deep: bool) -> None:
    chance = random.Random(5)  # noqa: S311 - a sample, no secret
    for name, chapter, places in chapters(books):
        shown = [offset for offset, character in enumerate(chapter.text) if not character.isspace()]
        for _ in range((30 if deep else 5) if shown else 0):
            start, last = sorted(chance.choices(shown, k=2))
            last = min(last, start + 2000)
            end = start + len(chapter.text[start : last + 1].rstrip())
            whole = cfis.complete_range(chapter.cfi, places, start, end)
            assert places.range(whole) == (start, end), f"{name} {whole}"
            assert cfis.format_cfi(cfis.parse(whole)) == whole


def test_contents_lead_to_the_headings_that_they_name(books: dict[str, Publication]) -> None:
    book = books["se_treasure-island.epub"]
    maps = {chapter.number: TextMap(chapter.html) for chapter in book.reading_order}
    entries = [entry for entry in flat(book.toc) if entry.title.startswith(tuple("IVX"))]

    assert len(entries) > 30
    for entry in entries:
        assert entry.chapter is not None
        assert entry.cfi is not None
        offset = maps[entry.chapter].offset(entry.cfi)
        words = maps[entry.chapter].text[offset : offset + 300].replace("\u2060", "").split()
        assert set(entry.title.partition(": ")[2].split()) <= set(words), entry.title


def test_a_page_list_of_cfis_leads_to_the_words_that_it_asserts(books: dict[str, Publication]) -> None:
    book = books["idpf_georgia-cfi.epub"]
    places = TextMap(book.reading_order[1].html)
    around = {}
    for page in book.pages:
        assert page.chapter == 2
        assert page.cfi is not None
        offset, repaired = places.locate(page.cfi)
        around[page.title] = places.text[offset - 6 : offset + 8], repaired

    assert around == {
        "752": ("Bryan and Effi", False),
        "753": ("n the manufact", False),
        "754": ("d for taxation", False),
        "755": ("e, at Dahloneg", False),
        "756": ("racts on the g", False),
        "757": (" rank and file", False),
        "758": ("ate.\n\nList of ", False),
    }


def test_nothing_but_elements_and_text_is_served(books: dict[str, Publication]) -> None:
    for name, chapter, _ in chapters(books):
        root = etree.fromstring(chapter.html.encode())
        assert all(isinstance(node.tag, str) for node in root.iter()), name
