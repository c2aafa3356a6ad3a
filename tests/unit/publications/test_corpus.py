"""Real books, and really broken ones: each opens, or is refused, as is known of it."""

from pathlib import Path
from typing import NamedTuple

import pytest
from lxml import etree

from bookreader.errors import BookRefused
from bookreader.publications import open_publication
from bookreader.publications.archive import Archive
from bookreader.publications.fonts import font_type
from bookreader.publications.inspect import describe_publication
from bookreader.publications.media import image_type
from bookreader.publications.model import POSITION, Chapter, Publication, TocEntry
from bookreader.publications.text import TextMap
from tests.unit.publications.checks import dangers, parse, shape


class Expected(NamedTuple):
    """`depth` is how many levels the contents have."""

    name: str
    chapters: int
    depth: int
    positions: int
    cover: str | None = None
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


OPENED = (
    Expected("epubcheck_container-missing.epub", 1, 1, 1, None, ("no_container",)),
    Expected("epubcheck_manifest-item-missing.epub", 1, 1, 1, None, ("missing_resource",)),
    Expected("epubjs_alice.epub", 13, 1, 57, "images/cover_th.jpg"),
    Expected(
        "epubkit_container-no-rootfile_philosophy.epub", 21, 1, 249,
        "OEBPS/assets/TheProblemsOfPhilosophy_1200x1600.jpg", ("no_container",),
    ),
    Expected("fb2_fb2document_test_en.fb2", 11, 8, 137, "images/cover.jpg", ("unreadable_resource",)),
    Expected("fb2_pandoc-images.fb2", 1, 0, 1),
    Expected("fb2_pandoc-suite.fb2", 17, 5, 18, None, ("missing_resource",)),
    Expected("fb2_test001_ru.fb2", 11, 8, 34, "images/cover.jpg", ("unreadable_resource",)),
    Expected("fb2_war-and-peace_gribov.fb2", 2, 7, 10, "images/cover.jpg"),
    Expected("idpf_arabic_rtl.epub", 3, 1, 31, "Image/cover.jpg"),
    Expected("idpf_childrens-literature.epub", 3, 4, 289, "images/cover.png"),
    Expected("idpf_fixed-layout_cole.epub", 10, 2, 14, "images/portrait.jpg"),
    Expected("idpf_georgia-cfi.epub", 2, 2, 69, "images/cover.png"),
    Expected("idpf_kusamakura_vertical.epub", 16, 1, 102, None, ("missing_resource",)),
    Expected("idpf_wasteland_font-obfuscation.epub", 1, 1, 26, "wasteland-cover.jpg"),
    Expected("pg105_persuasion_epub2.epub", 34, 1, 491, "cover.jpeg"),
    Expected("ru_gogol_taras-bulba_cp1251.fb2", 13, 1, 235),
    Expected("ru_pushkin_kapitanskaya-dochka.epub", 15, 1, 213),
    Expected("se_christmas-carol.epub", 11, 2, 167, "images/cover.svg"),
    Expected("se_treasure-island.epub", 48, 3, 385, "images/cover.svg"),
    Expected("se_war-and-peace.epub", 393, 4, 3335, "images/cover.svg"),
    Expected("se_wizard-of-oz.epub", 30, 2, 223, "images/cover.svg"),
)  # fmt: skip
REFUSED = {
    "epubcheck_encryption-unknown.epub": "protected",
    "epubcheck_zip-truncated.epub": "broken_archive",
    "versone_invalid-manifest-items_epub2.epub": "invalid_publication",
    "versone_missing-toc.epub": "invalid_publication",
}


@pytest.fixture(scope="module")
def books(corpus: Path) -> dict[str, Publication]:
    """The books that open, by name; each is opened once."""
    return {one.name: open_publication((corpus / "books" / one.name).read_bytes()) for one in OPENED}


def test_every_book_of_the_corpus_is_expected(corpus: Path) -> None:
    assert {path.name for path in (corpus / "books").iterdir()} == {one.name for one in OPENED} | REFUSED.keys()


@pytest.mark.parametrize("expected", OPENED, ids=str)
def test_it_opens_as_expected(books: dict[str, Publication], expected: Expected) -> None:
    shown = describe_publication(books[expected.name])
    found = (len(shown["reading_order"]), depth(books[expected.name].toc), shown["positions"], shown["cover"])
    assert found == (expected.chapters, expected.depth, expected.positions, expected.cover)
    assert tuple(warning["code"] for warning in shown["warnings"]) == expected.warnings


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_it_is_refused_with_its_reason(corpus: Path, name: str, code: str) -> None:
    with pytest.raises(BookRefused) as refused:
        open_publication((corpus / "books" / name).read_bytes())
    assert refused.value.stable_code == code


@pytest.mark.parametrize("expected", OPENED, ids=str)
def test_chapters_are_well_formed_numbered_and_harmless(books: dict[str, Publication], expected: Expected) -> None:
    position = 1
    for number, chapter in enumerate(books[expected.name].reading_order, 1):
        root = parse(chapter.html)
        assert list(dangers(root)) == []
        assert TextMap(chapter.html).text == chapter.text
        assert (chapter.number, chapter.characters) == (number, len(chapter.text))
        assert chapter.first_position == position
        assert chapter.positions == max(1, -(-chapter.characters // POSITION))
        assert chapter.size == len(chapter.html.encode())
        position += chapter.positions


@pytest.mark.parametrize("name", [one.name for one in OPENED if one.name.endswith(".epub")])
def test_served_documents_have_the_shape_of_the_originals(
    books: dict[str, Publication], corpus: Path, name: str
) -> None:
    """So that a CFI means the same in the file and in what is served."""
    archive = Archive((corpus / "books" / name).read_bytes())
    hrefs = {chapter.href: chapter for chapter in books[name].reading_order}
    found = [(original, hrefs[href]) for original in archive.names for href in hrefs if original.endswith(href)]
    assert len(found) == len(hrefs)
    for original, chapter in found:
        assert shape(parse(archive.read(original).data)) == shape(parse(chapter.html))


@pytest.mark.parametrize("expected", OPENED, ids=str)
def test_contents_lead_to_the_elements_that_they_name(books: dict[str, Publication], expected: Expected) -> None:
    publication = books[expected.name]
    chapters = {chapter.number: chapter for chapter in publication.reading_order}
    for entry in [*flat(publication.toc), *publication.landmarks, *publication.pages]:
        if entry.href is None or entry.chapter is None:
            assert entry.cfi is None
            continue
        href, _, fragment = entry.href.partition("#")
        chapter = chapters[entry.chapter]
        if fragment.startswith("epubcfi"):
            assert (entry.cfi or "").startswith(f"epubcfi({chapter.cfi}!")
            continue
        assert href == chapter.href
        if fragment:
            element = element_at(chapter, entry.cfi or "")
            assert fragment in (element.get("id"), element.get("name"))


@pytest.mark.parametrize("expected", OPENED, ids=str)
def test_resources_are_what_they_are_served_as(books: dict[str, Publication], expected: Expected) -> None:
    publication = books[expected.name]
    assert publication.cover is None or publication.cover in publication.resources
    for href, resource in publication.resources.items():
        kind = resource.media_type
        assert "script" not in kind
        assert kind != "text/html"
        if kind.startswith("image/"):
            assert image_type(resource.data) == kind, href
        elif kind in ("application/xhtml+xml", "image/svg+xml"):
            assert list(dangers(parse(resource.data))) == []


def test_obfuscated_fonts_are_clear(books: dict[str, Publication]) -> None:
    resources = books["idpf_wasteland_font-obfuscation.epub"].resources
    fonts = [href for href in resources if href.endswith((".otf", ".ttf", ".woff"))]
    assert len(fonts) == 3
    assert {font_type(resources[href].data) for href in fonts} == {"font/otf"}
    assert {resources[href].media_type for href in fonts} == {"font/otf"}


def test_directions_and_layouts(books: dict[str, Publication]) -> None:
    directions = {name: book.direction for name, book in books.items() if book.direction != "ltr"}
    assert directions == {"idpf_arabic_rtl.epub": "rtl", "idpf_kusamakura_vertical.epub": "rtl"}
    assert {book.layout for book in books.values()} == {"reflowable"}
    cole = books["idpf_fixed-layout_cole.epub"].reading_order
    assert [chapter.viewport for chapter in cole][2:5] == ["width=1024,height=697", None, "width=1024,height=696"]


def test_page_lists_and_side_documents(books: dict[str, Publication]) -> None:
    literature = books["idpf_childrens-literature.epub"]
    assert len(literature.pages) == 92
    assert literature.pages[0].cfi is not None
    georgia = books["idpf_georgia-cfi.epub"]
    assert [(chapter.linear, chapter.cfi) for chapter in georgia.reading_order] == [(False, "/6/2"), (True, "/6/4[ct]")]


def test_metadata_of_the_books(books: dict[str, Publication]) -> None:
    peace = books["se_war-and-peace.epub"].metadata
    assert (peace.title, peace.authors, peace.genre, peace.language) == (
        "War and Peace",
        ("Leo Tolstoy",),
        "historical",
        "en-US",
    )
    assert set(peace.translators) == {"Louise Maude", "Aylmer Maude"}
    carol = books["se_christmas-carol.epub"].metadata
    assert carol.description is not None
    assert "<" not in carol.description
    persuasion = books["pg105_persuasion_epub2.epub"].metadata
    assert [one.scheme for one in persuasion.identifiers] == ["uuid", "calibre"]
    assert "publication" not in persuasion.dates
    kusamakura = books["idpf_kusamakura_vertical.epub"]
    assert kusamakura.metadata.authors == ("夏目 漱石",)
    assert sum(chapter.words for chapter in kusamakura.reading_order) > 40_000
    literature = books["idpf_childrens-literature.epub"].metadata
    assert (literature.title, literature.subtitle) == (
        "Children's Literature", "A Textbook of Sources for Teachers and Teacher-Training Classes",
    )  # fmt: skip


def depth(entries: tuple[TocEntry, ...]) -> int:
    return 1 + max(depth(entry.children) for entry in entries) if entries else 0


def flat(entries: tuple[TocEntry, ...]) -> list[TocEntry]:
    return [one for entry in entries for one in (entry, *flat(entry.children))]


def element_at(chapter: Chapter, cfi: str) -> etree._Element:
    """The element that a CFI leads to, found by counting."""
    step, _, path = cfi.removeprefix("epubcfi(").removesuffix(")").partition("!")
    assert step == chapter.cfi
    element = parse(chapter.html)
    for index in path.strip("/").split("/"):
        element = element[int(index) // 2 - 1]
    return element
