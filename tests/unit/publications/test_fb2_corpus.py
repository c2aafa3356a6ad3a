"""Real FB2 books: each opens as it should, and nothing of its text is lost, added or moved."""

from pathlib import Path

import pytest
from lxml import etree

from bookreader.errors import BookRefused
from bookreader.publications.fb2 import open_fb2
from bookreader.publications.model import Publication, TocEntry
from bookreader.publications.text import TextMap

BROKEN = ["unreadable_resource", "4 files", "bb_broken.gif", "bb_broken.jpeg", "bb_broken.jpg"]
# File: title, authors, genre, chapters in the text and beside it, cover, its warning's code and words.
BOOKS = {
    "fb2_test001_ru.fb2": (
        "Тестовая книга", ("Иван Иванович Иванов", "Пётр Петрович Петров", "Сидор Сидорович Сидоров"), "detective", 9,
        2, "images/cover.jpg", BROKEN,
    ),
    "fb2_war-and-peace_gribov.fb2": (
        "Война и мир", ("Лев Николаевич Толстой",), "historical", 1, 1, "images/cover.jpg", [],
    ),
    "fb2_fb2document_test_en.fb2": (
        "Test book", ("Jane Nemo Dou", "John Nemo Dou"), "science_fiction", 9, 2, "images/cover.jpg", BROKEN,
    ),
    "fb2_pandoc-suite.fb2": (
        "Pandoc Test Suite", ("John MacFarlane", "Anonymous"), "other", 16, 1, None,
        ["missing_resource", "image1", "image2"],
    ),
    "fb2_pandoc-images.fb2": ("", (), "other", 1, 0, None, []),
    "ru_gogol_taras-bulba_cp1251.fb2": ("Тарас Бульба", ("Николай Гоголь",), "classic", 13, 0, None, []),
}  # fmt: skip


@pytest.fixture(params=sorted(BOOKS))
def book(request: pytest.FixtureRequest, corpus: Path) -> tuple[str, bytes]:
    return request.param, (corpus / "books" / request.param).read_bytes()


def squeezed(text: str) -> str:
    return "".join(text.split())


def flat(entries: tuple[TocEntry, ...]) -> list[TocEntry]:
    return [one for entry in entries for one in (entry, *flat(entry.children))]


def test_a_book_opens_as_expected(book: tuple[str, bytes]) -> None:
    name, data = book
    title, authors, genre, linear, beside, cover, warned = BOOKS[name]
    publication = open_fb2(data)
    assert publication.metadata.title == title
    assert publication.metadata.authors == authors
    assert publication.metadata.genre == genre
    assert [chapter.linear for chapter in publication.reading_order] == [True] * linear + [False] * beside
    assert publication.cover == cover
    assert cover is None or publication.resources[cover].media_type == "image/jpeg"
    assert [warning.code for warning in publication.warnings] == ([warned[0]] if warned else [])
    assert not warned or all(part in publication.warnings[0].message for part in warned[1:])


def test_all_text_survives_in_its_order(book: tuple[str, bytes]) -> None:
    root = etree.fromstring(book[1], etree.XMLParser(remove_comments=True, recover=True))
    source = "".join("".join(body.itertext()) for body in root.iter("{*}body"))
    publication = open_fb2(book[1])
    assert "".join(squeezed(chapter.text) for chapter in publication.reading_order) == squeezed(source)
    for chapter in publication.reading_order:
        assert chapter.text == TextMap(chapter.html).text


def test_contents_lead_to_their_titles(book: tuple[str, bytes]) -> None:
    publication = open_fb2(book[1])
    for entry in flat(publication.toc):
        assert entry.chapter is not None
        assert entry.cfi is not None
        chapter = publication.reading_order[entry.chapter - 1]
        words = squeezed(entry.title).replace(".", "")
        found = squeezed(chapter.text[TextMap(chapter.html).offset(entry.cfi) :][: 3 * len(entry.title) + 50])
        assert words[:8] in found.replace(".", "")


def links(publication: Publication) -> list[tuple[str, str]]:
    found = []
    for chapter in publication.reading_order:
        for element in etree.fromstring(chapter.html.encode()).iter("{*}a", "{*}img", "{*}link"):
            address = element.get("href") or element.get("src")
            if address and not address.startswith(("http:", "https:", "mailto:")):
                found.append((chapter.href, address))
    return found


def test_every_address_leads_somewhere(book: tuple[str, bytes]) -> None:
    publication = open_fb2(book[1])
    ids = {
        (chapter.href, element.get("id"))
        for chapter in publication.reading_order
        for element in etree.fromstring(chapter.html.encode()).iter()
    }
    for home, address in links(publication):
        href, _, fragment = address.partition("#")
        assert (href or home, fragment) in ids if fragment else href in publication.resources


def test_notes_are_found_by_their_links(corpus: Path) -> None:
    publication = open_fb2((corpus / "books" / "fb2_test001_ru.fb2").read_bytes())
    html = "".join(chapter.html for chapter in publication.reading_order if chapter.linear)
    notes = "".join(chapter.html for chapter in publication.reading_order if not chapter.linear)
    assert html.count('epub:type="noteref"') >= 30
    assert notes.count('epub:type="footnote"') == notes.count("<aside")
    assert "xlink" not in html + notes


HOSTILE = {
    "bad_binary.fb2": "accept", "billion_laughs.fb2": "too_large", "deep_sections.fb2": "too_large",
    "truncated.fb2": "accept", "windows1251.fb2": "accept", "xxe.fb2": "accept", "zero_bytes.fb2": "empty",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_books(name: str, corpus: Path) -> None:
    makers: dict[str, object] = {}
    exec(compile((corpus / "make_hostile.py").read_text("utf-8"), "make_hostile.py", "exec"), makers)  # noqa: S102
    make = next(case[4] for case in makers["CASES"] if case[0] == name)  # type: ignore[attr-defined]
    data = make(name.removesuffix(".fb2"))
    if HOSTILE[name] != "accept":
        with pytest.raises(BookRefused) as refused:
            open_fb2(data)
        assert refused.value.stable_code == HOSTILE[name]
        return
    publication = open_fb2(data)
    served = "".join(chapter.html for chapter in publication.reading_order)
    assert publication.reading_order[0].characters
    for danger in ("javascript:", "beacon.invalid", "root:", "<script"):
        assert danger not in served
    assert not any(resource.data.startswith(b"<script") for resource in publication.resources.values())
