"""Metadata in the vocabularies of EPUB 3, EPUB 2 and calibre."""

import pytest

from bookreader.publications.model import Contributor, Identifier, Metadata, Series
from tests.unit.publications.epubs import opened, package


def metadata_of(said: str) -> Metadata:
    return opened(package(metadata=said)).metadata


def test_titles_of_epub_3_say_what_they_are() -> None:
    found = metadata_of(
        '<dc:title id="s">A Tale</dc:title><meta refines="#s" property="title-type">subtitle</meta>'
        '<dc:title id="m">Ferry Tickets</dc:title><meta refines="#m" property="title-type">main</meta>'
    )
    assert (found.title, found.subtitle) == ("Ferry Tickets", "A Tale")


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("<dc:title>  A\n  B </dc:title>", "A B"),
        ("<dc:title>First</dc:title><dc:title>Second</dc:title>", "First"),
        ("<dc:title/><dc:title>Second</dc:title>", "Second"),
        ("<dc:title>A &amp; B &lt;i&gt;</dc:title>", "A & B <i>"),
        ("<dc:title>gnp&#x202e;.exe</dc:title>", "gnp .exe"),
        ("<dc-metadata><dc:Title>Old</dc:Title></dc-metadata>", "Old"),
        ("", ""),
    ],
)
def test_titles(said: str, title: str) -> None:
    assert metadata_of(said).title == title


def test_people_by_their_roles() -> None:
    found = metadata_of(
        '<dc:creator id="b">Ann B</dc:creator><meta refines="#b" property="display-seq">2</meta>'
        '<dc:creator id="a">Cid A</dc:creator><meta refines="#a" property="display-seq">1</meta>'
        '<meta refines="#a" property="role" scheme="marc:relators">aut</meta>'
        '<dc:creator id="t">Tom T</dc:creator><meta refines="#t" property="role">trl</meta>'
        '<dc:contributor opf:role="ill">Ida I</dc:contributor><dc:contributor>Some One</dc:contributor>'
    )
    assert found.authors == ("Cid A", "Ann B")
    assert found.translators == ("Tom T",)
    assert found.contributors == (
        Contributor("Tom T", "trl"),
        Contributor("Ida I", "ill"),
        Contributor("Some One", "ctb"),
    )


def test_creators_who_all_have_other_roles_are_the_authors() -> None:
    assert metadata_of('<dc:creator opf:role="edt">Ed E</dc:creator>').authors == ("Ed E",)


@pytest.mark.parametrize(
    ("said", "identifier"),
    [
        ("<dc:identifier>urn:isbn:978-3-16-148410-0</dc:identifier>", Identifier("isbn", "9783161484100")),
        ('<dc:identifier opf:scheme="ISBN">3-16-148410-X</dc:identifier>', Identifier("isbn", "316148410X")),
        ("<dc:identifier>9783161484100</dc:identifier>", Identifier("isbn", "9783161484100")),
        ("<dc:identifier>urn:uuid:1-2</dc:identifier>", Identifier("uuid", "1-2")),
        ("<dc:identifier>https://example.org/b</dc:identifier>", Identifier("uri", "https://example.org/b")),
        ("<dc:identifier>edu.example.book</dc:identifier>", Identifier("", "edu.example.book")),
        (
            '<dc:identifier id="i">10.1000/182</dc:identifier><meta refines="#i" property="identifier-type">06</meta>',
            Identifier("doi", "10.1000/182"),
        ),
    ],
)
def test_identifiers_and_their_schemes(said: str, identifier: Identifier) -> None:
    assert metadata_of(said).identifiers == (identifier,)


@pytest.mark.parametrize(
    ("said", "series"),
    [
        (
            '<meta property="belongs-to-collection" id="s">Wall</meta>'
            '<meta refines="#s" property="collection-type">series</meta>'
            '<meta refines="#s" property="group-position">2.5</meta>',
            Series("Wall", 2.5),
        ),
        (
            '<meta property="belongs-to-collection" id="x">Best Books</meta>'
            '<meta refines="#x" property="collection-type">set</meta>'
            '<meta name="calibre:series" content="Wall"/><meta name="calibre:series_index" content="3"/>',
            Series("Wall", 3.0),
        ),
        ('<meta name="calibre:series" content="Wall"/>', Series("Wall", None)),
        ("", None),
    ],
)
def test_series(said: str, series: Series | None) -> None:
    assert metadata_of(said).series == series


@pytest.mark.parametrize(
    ("said", "description"),
    [
        ("<dc:description>Plain  words.</dc:description>", "Plain words."),
        ("<dc:description>&lt;p&gt;A &lt;b&gt;b&lt;/b&gt;&lt;/p&gt;&lt;p&gt;C&lt;/p&gt;</dc:description>", "A b\n\nC"),
        ("<dc:description><p xmlns='http://www.w3.org/1999/xhtml'>One</p></dc:description>", "One"),
        ("<dc:description>&lt;script&gt;a()&lt;/script&gt;Safe &amp;amp; sound</dc:description>", "Safe & sound"),
        ("<dc:description>A &lt;br&gt; B</dc:description>", "A B"),
        ("<dc:description/>", None),
    ],
)  # fmt: skip
def test_descriptions_lose_their_markup(said: str, description: str | None) -> None:
    assert metadata_of(said).description == description


def test_subjects_dates_and_the_rest() -> None:
    found = metadata_of(
        "<dc:subject>Detective fiction</dc:subject><dc:subject>Detective fiction</dc:subject>"
        "<dc:language>en_GB</dc:language><dc:language>fr</dc:language><dc:publisher>House</dc:publisher>"
        '<dc:rights>None</dc:rights><dc:date opf:event="creation">1999</dc:date><dc:date>2001-02</dc:date>'
        '<meta property="dcterms:modified">2020-01-01T00:00:00Z</meta>'
    )
    assert (found.subjects, found.genre) == (("Detective fiction",), "detective")
    assert (found.language, found.languages) == ("en-GB", ("en-GB", "fr"))
    assert (found.publisher, found.rights) == ("House", "None")
    assert found.dates == {"creation": "1999", "publication": "2001-02", "modification": "2020-01-01T00:00:00Z"}


def test_metadata_without_end_is_cut() -> None:
    many = "".join(f"<dc:subject>s{number}</dc:subject>" for number in range(5000))
    found = metadata_of(f"<dc:title>{'T' * 100_000}</dc:title>{many}")
    assert len(found.title) == 2000
    assert len(found.subjects) == 200
