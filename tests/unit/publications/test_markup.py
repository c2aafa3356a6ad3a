"""Reading documents: well-formed as they are, the rest repaired once; entities replaced and never expanded in turn."""

import pytest

from bookreader.errors import BookRefused
from bookreader.publications.markup import MAX_DOCUMENT, MarkupError, read_xhtml, read_xml, serialise
from tests.unit.publications.checks import page, parse, shape

XHTML_11 = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">'


def body_of(source: str | bytes) -> tuple[str, bool]:
    """What is left of a body, and whether it was repaired."""
    document = read_xhtml(source.encode() if isinstance(source, str) else source)
    served = serialise(document.root)
    parse(served)
    return served.partition("<body>")[2].rpartition("</body>")[0], document.repaired


@pytest.mark.parametrize(
    ("source", "body"),
    [
        (page("<p>a</p>"), "<p>a</p>"),
        (XHTML_11 + page("<p>a&nbsp;b &eacute; &amp; &#65;</p>"), "<p>a\u00a0b é &amp; A</p>"),
        (page("<p>&hellip;</p>"), "<p>…</p>"),
        (page("<p>&unheard;</p>"), "<p>&amp;unheard;</p>"),
        (page("<p><![CDATA[a &nbsp; <b>]]></p>").replace("<p>", "<p>&nbsp;"), "<p>\u00a0a &amp;nbsp; &lt;b&gt;</p>"),
        ("<html><body><p>without a namespace</p></body></html>", "<p>without a namespace</p>"),
        ('<html xmlns="http://www.w3.org/1999/html"><body>wrong one</body></html>', "wrong one"),
        ('<?xml version="1.0" encoding="utf-8"?>\n<!-- note -->' + page("a<!-- b -->c"), "ac"),
        ('<?xml-stylesheet href="x.xsl" type="text/xsl"?>' + page("a"), "a"),
    ],
)
def test_what_is_well_formed_is_not_repaired(source: str, body: str) -> None:
    assert body_of(source) == (body, False)


def test_undeclared_prefixes_are_declared_and_no_node_moves() -> None:
    source = "<html><head><title>T</title></head><body><p epub:type='x'>a</p><o:p>b</o:p></body></html>"
    document = read_xhtml(source.encode())
    assert not document.repaired
    assert document.root.xpath("//@epub:type", namespaces={"epub": "http://www.idpf.org/2007/ops"}) == ["x"]


@pytest.mark.parametrize(
    ("body", "repaired"),
    [
        ("<p>An <b>bold <i>knot</b></i> here.</p>", "<p>An <b>bold <i>knot</i></b> here.</p>"),
        ("<p>one<br>two<br>three</p>", "<p>one<br/>two<br/>three</p>"),
        ("<p>one<p>two", "<p>one</p><p>two</p>"),
        ('<img src=a.png alt="x"><p>a</p>', '<img src="a.png" alt="x"/><p>a</p>'),
        ("<p>a < b</p>", "<p>a &lt; b</p>"),
        ('<p class="a" class="b">x</p>', '<p class="a">x</p>'),
        ('<a id="x"/><p>kept<br></p>', '<a id="x"/><p>kept<br/></p>'),
        ("<ul><li>one<li>two</ul>", "<ul><li>one</li><li>two</li></ul>"),
    ],
)
def test_what_is_not_well_formed_is_repaired(body: str, repaired: str) -> None:
    assert body_of(page(body)) == (repaired, True)


def test_a_lonely_ampersand_is_no_damage_that_moves_a_place() -> None:
    assert body_of(page("<p>Dombey & Son</p>")) == ("<p>Dombey &amp; Son</p>", False)


def test_an_empty_title_does_not_swallow_the_page() -> None:
    source = "<html><head><title/><script src='x'/></head><body><p>kept<br></p></body></html>"
    assert body_of(source) == ("<p>kept<br/></p>", True)


def test_a_document_that_breaks_off_keeps_what_there_is() -> None:
    body, repaired = body_of(page("<div><p>one</p><p>two</p></div>").partition("two")[0] + "tw")
    assert repaired
    assert body == "<div><p>one</p><p>tw</p></div>"


@pytest.mark.parametrize(
    ("data", "body"),
    [
        (page("<p>дом</p>").encode("utf-16"), "<p>дом</p>"),
        (('<?xml version="1.0" encoding="windows-1251"?>' + page("<p>дом</p>")).encode("cp1251"), "<p>дом</p>"),
        (('<?xml version="1.0" encoding="utf-8"?>' + page("<p>старый дом</p>")).encode("cp1251"), "<p>старый дом</p>"),
        (b"\xef\xbb\xbf" + page("<p>a</p>").encode(), "<p>a</p>"),
        (page("<p>a\x00b\x0bc</p>").encode(), "<p>a\ufffdb\ufffdc</p>"),
        (page("<p>a&#0;b&#xFFFF;c</p>").encode(), "<p>a\ufffdb\ufffdc</p>"),
    ],
)
def test_whatever_the_encoding(data: bytes, body: str) -> None:
    assert body_of(data)[0] == body


def test_declared_entities_are_replaced_once() -> None:
    prolog = (
        '<!DOCTYPE html [<!ENTITY who "Ann"><!ENTITY both "&who; &who;"><!ENTITY out SYSTEM "file:///etc/passwd">]>'
    )
    assert body_of(prolog + page("<p>&who;, &both;, &out;.</p>")) == ("<p>Ann, , .</p>", False)


@pytest.mark.parametrize("data", [b"", b"   ", b"\x00" * 500, bytes(range(256)) * 20])
def test_what_is_no_markup(data: bytes) -> None:
    with pytest.raises(MarkupError):
        read_xhtml(data)


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body>" + b"<div>" * 300 + b"x" + b"</div>" * 300 + b"</body></html>",
        b"<html><body>" + b"x" * (MAX_DOCUMENT + 1),
        b"<html><body>" + b"&" * 1_000_001,
    ],
)
def test_what_is_too_large(data: bytes) -> None:
    with pytest.raises(BookRefused) as refused:
        read_xhtml(data)
    assert refused.value.stable_code == "too_large"


@pytest.mark.parametrize(
    "piece", ["<", "<a ", '<a "', "<!--", "<![CDATA[", "&x", "<!ENTITY ", "</p>", "<p/>", " x:y", "<?", "]]>", "<br>"]
)
def test_no_repetition_takes_more_than_linear_time(piece: str) -> None:
    """A pattern that looks back for ever would not come to an end here."""
    try:
        served = serialise(read_xhtml((page(piece * 100_000)).encode()).root)
    except (MarkupError, BookRefused):
        return
    parse(served)


def test_packages_are_read_leniently() -> None:
    root = read_xml(b'<?xml version="1.0"?><package><metadata><dc:title>A & B &nbsp;</dc:title></metadata>')
    assert "".join(root.itertext()) == "A & B \u00a0"


def test_shape_counts_notes_as_nothing() -> None:
    assert shape(parse("<p>a<!-- n -->b<i/>c</p>")) == shape(parse("<p>ab<i/>c</p>")) == [(True, True), (False,)]
