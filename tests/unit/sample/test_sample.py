"""The sample book that an empty shelf offers."""

import io
import posixpath
import re
import zipfile

import pytest
from lxml import etree

from bookreader.publications import open_publication
from bookreader.sample import build_sample, sample_epub
from bookreader.sample.book import BUILT, read_sources

OPF = "{http://www.idpf.org/2007/opf}"
XHTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module")
def archive() -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(build_sample()))


@pytest.fixture(scope="module")
def package(archive: zipfile.ZipFile) -> etree._Element:
    return etree.fromstring(archive.read("EPUB/package.opf"))


def test_the_same_sources_give_the_same_bytes() -> None:
    assert build_sample() == build_sample()


def test_the_book_is_there_before_it_was_built(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("bookreader.sample.book.BUILT", tmp_path / BUILT.name)
    assert sample_epub() == build_sample()


def test_mimetype_stands_first_and_stored(archive: zipfile.ZipFile) -> None:
    first = archive.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert archive.read(first) == b"application/epub+zip"


def test_manifest_names_every_file_and_nothing_else(archive: zipfile.ZipFile, package: etree._Element) -> None:
    named = {posixpath.join("EPUB", item.attrib["href"]) for item in package.iter(OPF + "item")}
    stored = {name for name in archive.namelist() if name.startswith("EPUB/")}
    assert named == stored - {"EPUB/package.opf"}


def test_reading_order_and_contents_agree(archive: zipfile.ZipFile, package: etree._Element) -> None:
    hrefs = {item.attrib["id"]: item.attrib["href"] for item in package.iter(OPF + "item")}
    reading_order = [hrefs[item.attrib["idref"]] for item in package.iter(OPF + "itemref")]
    nav = etree.fromstring(archive.read("EPUB/nav.xhtml")).find(f".//{XHTML}nav[@id='toc']")
    assert nav is not None
    assert [link.attrib["href"] for link in nav.iter(XHTML + "a")] == reading_order


def test_every_document_is_well_formed_and_its_links_lead_somewhere(archive: zipfile.ZipFile) -> None:
    for name in archive.namelist():
        if not name.endswith((".xhtml", ".svg", ".opf", ".xml")):
            continue
        root = etree.fromstring(archive.read(name))
        links = [element.get(key) for element in root.iter() for key in ("src", "href") if element.get(key)]
        for link in links:
            assert posixpath.normpath(posixpath.join(posixpath.dirname(name), link)) in archive.namelist()


def test_six_chapters_are_english_and_one_is_russian() -> None:
    assert [source.language for source in read_sources()] == ["en", "en", "en", "en", "en", "ru", "en"]


@pytest.mark.parametrize("source", read_sources(), ids=lambda source: source.name)
def test_chapters_are_of_one_size_and_set_with_care(source) -> None:
    text = "\n".join(source.paragraphs)
    assert 700 <= len(text.split()) <= 1200
    assert text.count("—") <= 2
    assert not re.search(r"""["'`]|\.\.\.| - |  """, text)
    letters = [letter for letter in text if letter.isalpha()]
    cyrillic = sum("а" <= letter.lower() <= "я" or letter in "ёЁ" for letter in letters)
    assert cyrillic == (len(letters) if source.language == "ru" else 0)


def test_it_opens_as_a_publication() -> None:
    publication = open_publication(build_sample())
    assert publication.metadata.title == "Good Measure"
    assert publication.metadata.authors == ("BookReader AI",)
    assert publication.metadata.language == "en"
    assert publication.metadata.genre == "historical"
    assert publication.cover == "images/cover.svg"
    assert not publication.warnings
    assert [chapter.title for chapter in publication.reading_order][5] == "С походом"
    assert [entry.chapter for entry in publication.toc] == [1, 2, 3, 4, 5, 6, 7]
