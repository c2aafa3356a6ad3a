"""A chapter's plain text, and the places in it."""

import time

import pytest
from lxml import etree

from bookreader.errors import InvalidInput
from bookreader.publications.cfi import CfiError, complete_range
from bookreader.publications.text import TextMap


def chapter(body: str) -> TextMap:
    return TextMap(
        f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>unseen</title></head><body>{body}</body></html>'
    )


# -- the text ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<h1>One</h1>\n<p>two\n  three</p>", "One\n\ntwo three"),
        ("loose<p>a</p>between<p>b</p>after", "loose\n\na\n\nbetween\n\nb\n\nafter"),
        ("<p>a<b>b</b> <i> c</i></p>", "ab c"),
        ("<ul><li>a<ul><li>b</li></ul>c</li><li><p>d</p></li></ul>", "a\n\nb\n\nc\n\nd"),
        ("<table><tr><th>a</th><td>b</td></tr><tr><td>c</td><td> </td></tr></table>", "a\n\nb\n\nc"),
        ("<dl><dt>a</dt><dd>b</dd></dl>", "a\n\nb"),
        ("<p>a<br/>b<br/> c</p>", "a b c"),
        ("<p>a<hr/>b</p>", "a\n\nb"),
        ("<p>no\u00a0break\u2003and\u3000wide</p><p>\u00a0</p><p/>", "no break and wide"),
        ("<p>soft\u00adhyphen wo\u2060rd</p>", "soft\u00adhyphen wo\u2060rd"),
        ("<p>a<!-- no -->b<?no no?>c<![CDATA[<d>]]></p>", "abc<d>"),
        ("<p>a<script>no</script><style>no</style><template>no</template>b</p>", "ab"),
        ('<p>a<span hidden="hidden">no</span><span style="color:red;display: none">no</span>b</p>', "ab"),
        ('<div hidden=""><p>no</p></div><p style="display:block">a</p>', "a"),
        ('<p>a<img src="x" alt="no"/>b</p><figure><img alt="no"/><figcaption>c</figcaption></figure>', "ab\n\nc"),
        ("<p><ruby>東京<rp>(</rp><rt>とうきょう</rt><rp>)</rp></ruby>へ</p>", "東京へ"),
        ("<p>a<video>no</video><audio><p>no</p></audio><canvas>no</canvas></p>", "a"),
        ("<blockquote><p>a</p>—<cite>b</cite></blockquote>", "a\n\n—b"),
        (
            '<svg xmlns="http://www.w3.org/2000/svg"><title>no</title><desc>no</desc><text>a<tspan>b</tspan></text>'
            "<text>c</text></svg>",
            "ab\n\nc",
        ),
        (
            '<p>x<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mi>y</mi>'
            "<annotation>no</annotation></semantics></math>z</p>",
            "xyz",
        ),
        ("", ""),
        ('<img src="only.jpg"/>', ""),
    ],
)
def test_blocks_are_joined_by_one_blank_line(body: str, text: str) -> None:
    assert chapter(body).text == text


def test_the_encoding_that_the_document_once_declared_does_not_matter() -> None:
    assert TextMap('<?xml version="1.0" encoding="windows-1251"?><html><body><p>Бог</p></body></html>').text == "Бог"


def test_entities_are_not_expanded() -> None:
    bomb = '<!DOCTYPE html [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><html><body><p>x&b;y</p></body></html>'

    places = TextMap(bomb)

    assert places.text == "xy"
    assert places.offset(places.cfi(1)) == 1


@pytest.mark.parametrize("html", ["", "<html><p></html>", "<p>\x00</p>", "<p>&nbsp;</p>", "no markup"])
def test_what_is_no_xml_is_refused(html: str) -> None:
    with pytest.raises(InvalidInput, match="no well-formed XML"):
        TextMap(html)


def test_a_tree_may_be_deeper_than_python_recurses() -> None:
    root = body = etree.Element("html")
    for _ in range(1_500):
        body = etree.SubElement(body, "div")
    body.text = "deep down"

    places = TextMap.from_root(root)

    assert places.text == "deep down"
    assert places.offset(places.cfi(5)) == 5


# -- places ------------------------------------------------------------------------------------------------------------

# offsets: 0 One two | 9 aa𝒳b cc | 18 last
SAMPLE = chapter("\n<h1>One <b>two</b></h1>\n<p>aa𝒳<!-- c -->b<i> cc</i></p>\n<p> <b>last</b></p>")


def test_the_sample_is_what_the_tests_below_count_in() -> None:
    assert SAMPLE.text == "One two\n\naa𝒳b cc\n\nlast"


@pytest.mark.parametrize(
    ("offset", "start", "end"),
    [
        (0, "/4/2/1:0", "/4/2/1:0"),
        (1, "/4/2/1:1", "/4/2/1:1"),
        (3, "/4/2/2/1:0", "/4/2/1:3"),
        (7, "/4/4/1:0", "/4/2/2/1:3"),
        (9, "/4/4/1:0", "/4/2/2/1:3"),
        (11, "/4/4/1:2", "/4/4/1:2"),
        (12, "/4/4/1:4", "/4/4/1:4"),
        (13, "/4/4/2/1:1", "/4/4/1:5"),
        (18, "/4/6/2/1:0", "/4/4/2/1:3"),
        (22, "/4/6/2/1:4", "/4/6/2/1:4"),
    ],
)
def test_offsets_have_local_paths_in_utf_16_units(offset: int, start: str, end: str) -> None:
    assert SAMPLE.cfi(offset) == start
    assert SAMPLE.cfi(offset, "end") == end


@pytest.mark.parametrize("offset", [-1, 23])
def test_offsets_outside_the_text_are_an_error_of_the_program(offset: int) -> None:
    with pytest.raises(ValueError, match="not within"):
        SAMPLE.cfi(offset)


@pytest.mark.parametrize(
    ("cfi", "offset"),
    [
        ("epubcfi(/6/4[ch1]!/4/4/1:4)", 12),
        ("epubcfi(/6/4!/4/4/1:3)", 11),  # between the halves of a surrogate pair
        ("/6/4!/4/4/1:4", 12),
        ("/4/4/1:4", 12),
        ("epubcfi(/6/4)", 0),
        ("epubcfi(/6/4!/4)", 0),
        ("epubcfi(/6/4!/4/4)", 9),
        ("epubcfi(/6/4!/4/4/1)", 9),
        ("epubcfi(/6/4!/4/4/2)", 14),
        ("epubcfi(/6/4!/4/0)", 0),
        ("epubcfi(/6/4!/4/8)", 22),
        ("epubcfi(/6/4!/4/5:1)", 18),
        ("epubcfi(/6/4!/4/6/1:0)", 18),
        ("epubcfi(/6/4!/2/2/1:3)", 0),
        ("epubcfi(/6/4!/4/4~5@50:50)", 9),
        ("epubcfi(/6/4!/4/4!/4/2/1:7)", 9),
        ("epubcfi(/6/4!/4,/4/1:1,/6/2/1:4)", 10),
        ("epubcfi(/6/4!/4/4/1:4[;s=b])", 12),
    ],
)
def test_cfis_lead_to_offsets(cfi: str, offset: int) -> None:
    assert SAMPLE.offset(cfi) == offset


@pytest.mark.parametrize(
    "cfi",
    [
        "epubcfi(/6/4!/4/4/1:99)",
        "epubcfi(/6/4!/4/10)",
        "epubcfi(/6/4!/4/10/1:0)",
        "epubcfi(/6/4!/4/7:1)",
        "epubcfi(/6/4!/4/4/1/2)",
        "epubcfi(/6/4!/8/2)",
        "/4/4/4/2",
    ],
)
def test_cfis_of_another_document_do_not_resolve(cfi: str) -> None:
    with pytest.raises(CfiError, match="leads to no place") as raised:
        SAMPLE.offset(cfi)

    assert not raised.value.malformed


@pytest.mark.parametrize("cfi", ["", "page 3", "epubcfi(/6/4!/4/4/1:)", "#c1", "/four"])
def test_what_is_no_cfi_is_malformed(cfi: str) -> None:
    for read in (SAMPLE.offset, SAMPLE.range):
        with pytest.raises(CfiError) as raised:
            read(cfi)
        assert raised.value.malformed


@pytest.mark.parametrize(
    ("cfi", "span"),
    [
        ("epubcfi(/6/4!/4,/2/1:0,/4/1:2)", (0, 11)),
        ("epubcfi(/6/4!/4,/2/2/1:1,/6)", (5, 16)),
        ("epubcfi(/6/4!/4/2,/2,/3:0)", (4, 7)),
        ("epubcfi(/6/4!/4,/4/2/1:0,/5:1)", (14, 16)),
        ("epubcfi(/6/4!/4,,/6/2/1:4)", (0, 22)),
        ("epubcfi(/6/4!/4/4/1,:1,:4)", (10, 12)),
        ("epubcfi(/6/4!/4,/6/2/1:2,/2/1:1)", (20, 20)),
        ("epubcfi(/6/4!/4/4/1:1)", (10, 10)),
    ],
)
def test_ranges_begin_at_a_character_and_end_after_one(cfi: str, span: tuple[int, int]) -> None:
    assert SAMPLE.range(cfi) == span


def test_readings_of_ruby_lead_to_what_follows_them() -> None:
    places = chapter("<p><ruby>東<rt>とう</rt>京<rt>きょう</rt></ruby>へ</p>")

    assert places.text == "東京へ"
    assert [places.offset(f"/4/2/2/{path}") for path in ("1:0", "2/1:1", "3:0", "4/1:0")] == [0, 1, 1, 2]
    assert places.range(complete_range("/6/2", places, 0, 2)) == (0, 2)


# -- repair ------------------------------------------------------------------------------------------------------------


def test_a_quote_decides_over_the_address() -> None:
    places = chapter("<p>One fish.</p><p>Two fish.</p><p>Red\n fish.</p>")

    assert places.locate("/4/2/1:0", "One fish. Two") == (0, False)
    assert places.locate("/4/2/1:0", "Red fish.") == (22, True)
    assert places.locate("/4/2/1:0", "fish.") == (4, True)
    assert places.locate("/4/6/1:0", "fish.") == (26, True)
    assert places.locate("/4/60/1:0", "Two\u00a0fish.Red") == (11, True)
    assert places.locate("/4/4/1:0", "no such words") == (11, False)
    with pytest.raises(CfiError):
        places.locate("/4/60/1:0", "no such words")


def test_a_range_with_a_quote_is_where_the_quote_is() -> None:
    places = chapter("<p>A new line.</p><p>One fish.</p><p>Two fish.</p>")

    assert places.range("epubcfi(/6/4!/4,/2/1:0,/4/1:3)", "One fish. Two") == (13, 27)
    assert places.range("epubcfi(/6/4!/4,/2/1:0,/4/1:3)", "gone") == (0, 16)
    assert places.range("epubcfi(/6/4!/4,/20/1:0,/40/1:3)", "One fish.") == (13, 22)


def test_3_5_text_that_the_cfi_asserts_corrects_it() -> None:
    places = chapter("<p>An added line.</p><p>xxx<em>yyy</em>0123456789</p>")

    assert places.offset("/4/4/1:3[xx,y]") == 19
    assert places.offset("/4/2/1:3[xx,y]") == 19
    assert places.offset("/4/2/1:3[yyy]") == 22
    assert places.offset("/4/2/1:3[,0123]") == 22
    assert places.offset("/4/2/1:3[zzz]") == 3


def test_3_5_an_id_that_the_cfi_asserts_corrects_it() -> None:
    places = chapter('<p>An added line.</p><p id="para05">xxx<em>yyy</em>0123456789</p>')

    assert places.offset("epubcfi(/6/4!/4/4[para05]/3:4)") == 26
    assert places.offset("epubcfi(/6/4!/4/2[para05]/3:4)") == 26
    assert places.offset("epubcfi(/6/4!/4/40[para05]/3:4)") == 26


def test_an_asserted_id_that_is_nowhere_is_passed_over() -> None:
    """Section 3.5 would give the reader nothing here; a place that may be right beats the chapter's start."""
    assert SAMPLE.offset("epubcfi(/6/4!/4[gone]/4/1:4)") == 12


def test_epub_js_counts_text_nodes_and_the_quote_decides() -> None:
    places = chapter("<p><b>One</b><i>two</i>three</p>")

    assert places.offset("epubcfi(/6/4!/4/2/5:1)") == 7
    assert places.offset("epubcfi(/6/4!/4/2/1:1)") == 7  # the chunk before <b> is empty: only their count resolves
    assert places.offset("epubcfi(/6/4!/4/2/1:0)") == 0  # both resolve, and the standard is believed
    assert places.locate("epubcfi(/6/4!/4/2/1:0)", "three") == (6, True)


def test_readings_of_ruby_in_a_browsers_quote_do_no_harm() -> None:
    """A browser's range puts the readings into its text; ours has none, so such a quote stands nowhere as a whole."""
    places = chapter("<p><ruby>草<rt>くさ</rt></ruby><ruby>枕<rt>まくら</rt></ruby>山路を<i>登りながら</i></p>")

    assert places.text == "草枕山路を登りながら"
    assert places.range("epubcfi(/6/4!/4/2,/4/1:0,/1:3)", "枕まくら山路を") == (1, 5)


# -- speed -------------------------------------------------------------------------------------------------------------


def test_a_chapter_of_many_paragraphs_costs_no_more_each() -> None:
    def seconds(paragraphs: int) -> float:
        html = "<p>Some <i>words</i> of text, and\n more.</p>\n" * paragraphs
        began = time.process_time()
        places = chapter(html)
        step = max(1, len(places.text) // 200)
        for offset in range(0, len(places.text) - 1, step):
            places.range(complete_range("/6/4", places, offset, offset + 1))
        return time.process_time() - began

    few = min(seconds(250) for _ in range(3))
    many = min(seconds(4000) for _ in range(2))

    assert many < 16 * few * 2
