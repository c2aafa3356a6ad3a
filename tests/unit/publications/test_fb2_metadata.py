"""What an FB2 says about itself (description of the FictionBook 2.1 schema)."""

import pytest

from bookreader.publications.fb2 import open_fb2
from bookreader.publications.model import Contributor, Identifier, Metadata, Series
from tests.unit.publications.fb2_books import PNG, fb2

BODY = "<section><title><p>First</p><p>lines</p></title><p>x</p></section>"


def metadata(title_info: str, description: str = "") -> Metadata:
    return open_fb2(fb2(BODY, title_info, description).encode()).metadata


def test_everything_that_a_description_says() -> None:
    found = metadata(
        "<genre>det_classic</genre><genre match='40'>love_history</genre><author><first-name>Анна</first-name>"
        "<middle-name>Ильинична</middle-name><last-name>Лодкина</last-name><nickname>anna</nickname></author>"
        "<author><nickname>Перевозчик</nickname></author><book-title>  Ёлка\n в углу </book-title>"
        "<annotation><p>О <emphasis>ёлке</emphasis>.<a l:href='#n' type='note'>[1]</a></p><empty-line/>"
        "<p>И об угле.</p></annotation>"
        "<keywords>ёлка, угол; зима</keywords><date value='1899-12-01'>декабрь 1899</date><lang>ru</lang>"
        "<src-lang>uk</src-lang><translator><first-name>Т.</first-name><last-name>Толмач</last-name></translator>"
        "<sequence name='Праздники' number='2'/>",
        "<src-title-info><genre>prose</genre><author><last-name>Човник</last-name></author><book-title>Ялинка</book-title>"
        "<lang>uk</lang></src-title-info><document-info><author><nickname>scan</nickname></author><date>2009</date>"
        "<id>{0618F0D5-F9DB-4036-A73C-61552DA41254}</id><version>1.1</version></document-info><publish-info>"
        "<book-name>Ёлка</book-name><publisher>Берег</publisher><city>Тверь</city><year>1901</year>"
        "<isbn>978-5-00-000000-2</isbn><sequence name='Библиотека'/></publish-info>"
        "<custom-info info-type='x'>y</custom-info>",
    )
    assert found == Metadata(
        title="Ёлка в углу",
        authors=("Анна Ильинична Лодкина", "Перевозчик"),
        contributors=(Contributor("Т. Толмач", "trl"), Contributor("scan", "bkp")),
        language="ru",
        languages=("ru",),
        identifiers=(
            Identifier("uuid", "0618f0d5-f9db-4036-a73c-61552da41254"),
            Identifier("isbn", "9785000000002"),
        ),
        series=Series("Праздники", 2),
        subjects=("det_classic", "love_history", "ёлка", "угол", "зима"),
        genre="detective",
        publisher="Берег",
        description="О ёлке.\n\nИ об угле.",
        original_title="Ялинка",
        dates={"creation": "1899-12-01", "modification": "2009", "publication": "1901"},
    )


def test_a_book_may_say_nothing() -> None:
    assert open_fb2(b"<FictionBook><body><p>x</p></body></FictionBook>").metadata == Metadata(title="")


@pytest.mark.parametrize(
    ("title_info", "description", "title"),
    [
        ("<book-title>A</book-title>", "<publish-info><book-name>B</book-name></publish-info>", "A"),
        ("<book-title> </book-title>", "<publish-info><book-name>B</book-name></publish-info>", "B"),
        ("", "<src-title-info><book-title>C</book-title></src-title-info>", "C"),
        ("", "", "First. lines"),
    ],
)
def test_a_missing_title_is_taken_from_elsewhere(title_info: str, description: str, title: str) -> None:
    assert metadata(title_info, description).title == title


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("<first-name>A</first-name><last-name>B</last-name>", "A B"),
        ("<last-name>B</last-name><first-name>A</first-name><middle-name>C</middle-name>", "A C B"),
        ("<first-name> </first-name><last-name/><nickname>N</nickname>", "N"),
        ("<last-name>B</last-name><email>b@example.org</email><home-page>http://x.invalid</home-page>", "B"),
        ("A. Name Without Parts", "A. Name Without Parts"),
    ],
)
def test_a_name_is_written_from_first_to_last(author: str, name: str) -> None:
    assert metadata(f"<author>{author}</author>").authors == (name,)


def test_empty_and_repeated_authors_are_left_out() -> None:
    one = "<author><last-name>B</last-name></author>"
    assert metadata(f"<author/>{one}<author><first-name/></author>{one}").authors == ("B",)


@pytest.mark.parametrize(
    ("sequences", "series"),
    [
        ('<sequence name="A" number="3"/>', Series("A", 3)),
        ('<sequence name="A" number="1.5"/>', Series("A", 1.5)),
        ('<sequence name="A" number="2-3"/>', Series("A", 2)),
        ('<sequence name="A" number="III"/>', Series("A")),
        ('<sequence name="A"/>', Series("A")),
        ('<sequence name="" number="1"/><sequence name="B" number="2"/>', Series("B", 2)),
        ('<sequence name="World"><sequence name="Cycle" number="4"/></sequence>', Series("Cycle", 4)),
        ('<sequence number="4"/>', None),
    ],
)
def test_a_sequence_is_a_series(sequences: str, series: Series | None) -> None:
    assert metadata(sequences).series == series


def test_the_publishers_sequence_counts_where_there_is_no_other() -> None:
    publish = "<publish-info><sequence name='P' number='7'/></publish-info>"
    assert metadata("", publish).series == Series("P", 7)
    assert metadata("<sequence name='A'/>", publish).series == Series("A")


@pytest.mark.parametrize(
    ("said", "language"), [("ru", "ru"), (" en-US ", "en-US"), ("pt_BR", "pt-BR"), ("русский", ""), ("", "")]
)
def test_a_language_is_a_tag_or_nothing(said: str, language: str) -> None:
    assert metadata(f"<lang>{said}</lang>").language == language


def test_genres_count_by_how_much_a_book_is_of_them() -> None:
    genres = "<genre match='20'>sf</genre><genre match='80'>prose_history</genre><genre>unheard_of</genre>"
    assert metadata(genres).genre == "historical"
    assert metadata("<keywords>ужасы</keywords>").genre == "horror"


def test_an_isbn_is_one() -> None:
    assert metadata("", "<publish-info><isbn>the ISBN goes here</isbn></publish-info>").identifiers == ()


def test_names_cannot_hide_or_turn_what_stands_around_them() -> None:
    found = metadata("<book-title>A\u202egnp.exe\u200b\t B</book-title><sequence name='S\u2028T'/>")
    assert (found.title, found.series) == ("A gnp.exe B", Series("S T"))


def test_the_cover_is_the_first_picture_of_the_cover_page_that_is_there() -> None:
    def cover(page: str) -> str | None:
        return open_fb2(fb2(BODY, page, binaries={"c.png": PNG, "html": b"<html/>"}).encode()).cover

    assert cover("<coverpage><image l:href='#c.png'/></coverpage>") == "images/c.png"
    assert cover("<coverpage><image l:href='#lost.png'/><image l:href='#c.png'/></coverpage>") == "images/c.png"
    assert cover("<coverpage><image l:href='#html'/></coverpage>") is None
    assert cover("") is None
