"""FB2 files in whatever encoding and state: what a lenient reader can read opens, the rest is refused with a reason."""

import pytest

from bookreader.errors import BookRefused
from bookreader.publications.fb2 import open_fb2
from bookreader.publications.text import TextMap
from tests.unit.publications.fb2_books import PNG, fb2, inner

RUSSIAN = "Паром стоял у того берега, и никто не звал его: тише едешь, дальше будешь."
BOOK = fb2(f"<section><p>{RUSSIAN}</p></section>")


def codes(data: bytes) -> list[str]:
    return [warning.code for warning in open_fb2(data).warnings]


def refusal(data: bytes) -> str:
    with pytest.raises(BookRefused) as refused:
        open_fb2(data)
    assert refused.value.message.endswith((".", "!"))
    return refused.value.stable_code


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1251", "koi8-r", "cp866", "iso8859-5"],
)
def test_a_declared_encoding_is_read(encoding: str) -> None:
    declared = BOOK.replace('encoding="utf-8"', f'encoding="{encoding.removesuffix("-sig")}"')
    publication = open_fb2(declared.encode(encoding))
    assert publication.reading_order[0].text == RUSSIAN
    assert publication.metadata.title == "Книга"
    assert publication.warnings == ()


@pytest.mark.parametrize("real", ["utf-8", "utf-16", "windows-1251", "koi8-r"])
@pytest.mark.parametrize("declared", ["utf-8", "utf-16", "windows-1251", "koi8-r", "iso-8859-1", "klingon"])
def test_a_wrong_declaration_is_found_out(real: str, declared: str) -> None:
    data = BOOK.replace('encoding="utf-8"', f'encoding="{declared}"').encode(real)
    assert open_fb2(data).reading_order[0].text == RUSSIAN
    # A declaration that has to be read in the real encoding first cannot mislead.
    assert codes(data) == ([] if real in (declared, "utf-16") else ["wrong_encoding"])


@pytest.mark.parametrize("real", ["utf-8", "windows-1251", "koi8-r"])
def test_no_declaration_is_needed(real: str) -> None:
    data = fb2(f"<section><p>{RUSSIAN}</p></section>", prolog="").encode(real)
    assert open_fb2(data).reading_order[0].text == RUSSIAN
    assert codes(data) == []


def test_western_letters_are_not_taken_for_russian_ones() -> None:
    text = "L'été dernier, la forêt était déjà à nous ; où êtes-vous né, garçon ?"
    for declared in ("utf-8", "windows-1252"):
        book = fb2(f"<section><p>{text}</p></section>", "<book-title>T</book-title>").replace(
            'encoding="utf-8"', f'encoding="{declared}"'
        )
        assert open_fb2(book.encode("windows-1252")).reading_order[0].text == text


def test_a_few_bad_bytes_do_not_change_the_encoding() -> None:
    data = BOOK.encode().replace("берега".encode(), "бе\u0440ега".encode()[:5] + b"\xff" + "ега".encode())
    publication = open_fb2(data)
    assert "Паром стоял у того" in publication.reading_order[0].text
    assert "\ufffd" in publication.reading_order[0].text
    assert codes(data) == ["repaired"]


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("<section><p>a<p>b</p></section><section><p>c</p></section>", ["<p>a</p><p>b</p>", "<p>c</p>"]),
        ("<section><p>a <strong>b</p></section><section><p>c</p></section>", ["a <strong>b</strong></p>", "<p>c</p>"]),
        ("<section><p>a</emphasis></p></section></section><section><p>c</p></section>", ["<p>a</p>", "<p>c</p>"]),
        ("<section><p>2 < 3 & 4 > 1</p></section>", ["<p>2 &lt; 3 &amp; 4 &gt; 1</p>"]),
        ("<section><p>a<!-- b -- c --></p></section>", ["<p>a</p>"]),
        ("<section><p l:l:href='x'>a</p></section>", ["<p>a</p>"]),
        ("<section><p><k:b>a</k:b></p></section>", ["<p><b>a</b></p>"]),
        ("<section><p id=one>a</p></section>", ["a"]),
        ("<section><empty-line><p>a<br></p></section><section><p>c</p></section>", ["<p>a<br/></p>", "<p>c</p>"]),
        ("<section><p>a<!-- b</p></section>", ["<p>a&lt;!-- b</p>"]),
        ("<section><p>a</p><? b</section>", ["<p>a</p>&lt;? b"]),
        ("<section><p>a\uffff<b></p></section>", ["<p>a\ufffd<b/></p>"]),
    ],
)
def test_broken_markup_is_repaired_where_it_breaks(broken: str, mended: list[str]) -> None:
    publication = open_fb2(fb2(broken).encode())
    assert [warning.code for warning in publication.warnings] == ["repaired"]
    assert len(publication.reading_order) == len(mended)
    for number, expected in enumerate(mended, 1):
        assert expected in inner(publication, number)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("&nbsp;a&mdash;b", "a—b"),
        ("AT&T and R&D", "AT&T and R&D"),
        ("a &unheard; b", "a &unheard; b"),
        ("&#8212; &#x2014; &amp;&lt;", "— — &<"),
        ("a&#0;b&#xFFFF;c", "a\ufffdb\ufffdc"),
        ("a\x00\x08b", "ab"),
        ("<![CDATA[a < b & c &amp; d]]>", "a < b & c &amp; d"),
        ("a<!-- not text -->b", "ab"),
        ("a<?what ever?>b", "ab"),
    ],
)
def test_references_and_notes_mean_what_they_should(text: str, read: str) -> None:
    assert open_fb2(fb2(f"<section><p>{text}</p></section>").encode()).reading_order[0].text == read


@pytest.mark.parametrize(
    "root",
    [
        "<FictionBook>",
        '<FictionBook xmlns="http://example.org/wrong" xmlns:l="http://www.w3.org//xlink">',
        '<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:xlink="http://www.w3.org/1999/xlink">',
        "<FictionBook xmlns='http://www.gribuser.ru/xml/fictionbook/2.1' xmlns:l='http://www.w3.org/1999/xlink' >",
        '<FictionBook xmlns:l="">',
        '<FictionBook xmlns="a"b" xmlns:l=>',
    ],
)
def test_namespaces_may_be_wrong_or_missing(root: str) -> None:
    body = '<section id="s"><title><p>T</p></title><p><a l:href="#s">x</a></p></section>'
    publication = open_fb2(f"{root}<description/><body>{body}</body></FictionBook>".encode())
    assert '<a href="#s">x</a>' in inner(publication)


def test_prefixed_elements_are_fb2s() -> None:
    book = (
        '<f:FictionBook xmlns:f="http://www.gribuser.ru/xml/fictionbook/2.0"><f:body><f:section><f:title><f:p>One</f:p>'
        "</f:title><f:p>Text.</f:p></f:section></f:body></f:FictionBook>"
    )
    publication = open_fb2(book.encode())
    assert publication.reading_order[0].title == "One"
    assert publication.reading_order[0].text == "One\n\nText."
    assert inner(publication) == "<section><h2><span>One</span></h2><p>Text.</p></section>"
    assert "gribuser" not in publication.reading_order[0].html
    assert publication.warnings == ()


def test_every_beginning_of_a_book_opens_or_is_refused() -> None:
    data = fb2(f'<title><p>T</p></title><section id="a"><p>{RUSSIAN}</p><p>{RUSSIAN}</p></section>').encode()
    outcomes = set()
    for end in range(0, len(data), 7):
        try:
            publication = open_fb2(data[:end])
        except BookRefused as refused:
            outcomes.add(refused.stable_code)
        else:
            outcomes.add("opened")
            assert publication.warnings[0].code == "repaired"
    assert outcomes == {"opened", "empty", "unsupported_format"}


def test_a_truncated_book_keeps_its_text() -> None:
    data = BOOK.encode()
    publication = open_fb2(data[: data.index("дальше".encode()) + 3])
    assert publication.reading_order[0].text.startswith("Паром стоял у того берега")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \r\n\0", "empty"),
        (b"<html><body>FictionBook</body></html>", "unsupported_format"),
        (b"PK\x03\x04", "unsupported_format"),
        (fb2("<body/>").encode(), "empty"),
        (fb2("<section><p> </p></section>").encode(), "empty"),
        (b"<FictionBook></FictionBook>", "empty"),
    ],
)
def test_what_is_no_book_is_refused(data: bytes, code: str) -> None:
    assert refusal(data) == code


def test_entities_are_never_expanded_or_fetched() -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]>'
    assert refusal(fb2("<section><p>&b;</p></section>", prolog=laughs).encode()) == "too_large"
    flood = f'<!DOCTYPE x [<!ENTITY a "{"lol" * 10_000}">]>'
    assert refusal(fb2(f"<section><p>{'&a;' * 10_000}</p></section>", prolog=flood).encode()) == "too_large"
    outside = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "http://x.invalid/">%p;]>'
    publication = open_fb2(fb2('<section><p title="&e;">before &e; after</p></section>', prolog=outside).encode())
    assert publication.reading_order[0].text == "before after"


def test_entities_that_a_book_declares_for_characters_are_read() -> None:
    own = '<!DOCTYPE FictionBook [<!ENTITY nbsp "&#160;"><!ENTITY author "A. Author">]>'
    publication = open_fb2(fb2("<section><p>by&nbsp;&author;</p></section>", prolog=own).encode())
    assert publication.reading_order[0].text == "by A. Author"
    assert publication.warnings == ()


@pytest.mark.parametrize(
    "body",
    [
        "<section>" * 20_000 + "<p>deep</p>" + "</section>" * 20_000,
        "<section>" * 300 + "<p>deep</p>",
        "<p/>" * 700_000,
        "<section><p>x</p></section>" * 10_001,
    ],
)
def test_what_no_book_holds_is_too_large(body: str) -> None:
    assert refusal(fb2(body).encode()) == "too_large"


@pytest.mark.parametrize("depth", range(244, 256))
def test_nesting_at_the_limit_opens_as_a_document_that_can_be_read_again(depth: int) -> None:
    inside = '<p>deep</p><image l:href="#i.png"/>'
    book = fb2("<cite>" * depth + inside + "</cite>" * depth, binaries={"i.png": PNG}).encode()
    if depth > 253:
        assert refusal(book) == "too_large"
    else:
        assert TextMap(open_fb2(book).reading_order[0].html).text == "deep"


def test_nesting_as_deep_as_allowed_opens() -> None:
    publication = open_fb2(fb2("<section>" * 200 + "<p>deep</p>" + "</section>" * 200).encode())
    assert publication.reading_order[0].text == "deep"


def test_text_beside_the_bodies_is_not_lost() -> None:
    publication = open_fb2(
        fb2("<body><section><p>a</p></section></body><section><p>b</p></section></body>", TITLE).encode()
    )
    assert [chapter.text for chapter in publication.reading_order] == ["a", "b"]
    publication = open_fb2(fb2("<body>x<section><p>a</p></section>y</body>z").encode())
    assert "".join(chapter.text for chapter in publication.reading_order).split() == ["x", "a", "y", "z"]
    assert [chapter.text for chapter in open_fb2(fb2("<body>x</body>").encode()).reading_order] == ["x"]


TITLE = "<book-title>T</book-title>"
