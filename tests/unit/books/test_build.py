"""The builders of test books give the same bytes every time, and as much text as they were asked for."""

import io
import re
import zipfile

import pytest
from lxml import etree

from tests.books.build import Book, Page, build_epub, build_epub2, build_fb2, paragraphs
from tests.books.novel import novel, novel_book

BOOK = Book(
    title="A & B",
    pages=[Page("One", paragraphs("First < second.")), Page("Notes", paragraphs("Aside."), linear=False)],
    series=("Letters", "2"),
    cover=b"\x89PNG",
)


@pytest.mark.parametrize("build", [build_epub, build_epub2])
def test_epubs_are_well_formed_and_start_with_their_mimetype(build) -> None:
    data = build(BOOK)
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert data == build(BOOK)
    assert archive.namelist()[0] == "mimetype"
    for name in archive.namelist():
        if name.endswith((".xhtml", ".opf", ".ncx", ".xml")):
            etree.fromstring(archive.read(name))


def test_fb2_is_well_formed_in_its_encoding() -> None:
    data = build_fb2(BOOK, encoding="windows-1251")
    assert b"windows-1251" in data[:60]
    assert etree.fromstring(data).tag.endswith("FictionBook")


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("form", ["epub", "fb2"])
def test_a_novel_is_repeatable(language: str, form: str) -> None:
    assert novel(2, 300, language, 7, form=form) == novel(2, 300, language, 7, form=form)
    assert novel(2, 300, language, 7, form=form) != novel(2, 300, language, 8, form=form)


def test_a_novel_has_about_the_words_asked_for() -> None:
    pages = novel_book(5, 1000).pages
    assert len(pages) == 5
    for page in pages:
        assert 1000 <= len(re.sub("<[^>]+>", " ", page.body).split()) <= 1250
