"""What sanitising makes of style sheets: nothing is fetched or run, pages become columns, the rest stays."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookreader.publications.css import sanitise_css, sanitise_sheet


@pytest.mark.parametrize(
    "css",
    [
        "p{color:red;margin:0 auto}",
        '@import "other.css"; body{background:url(images/a.png)}',
        "@font-face{font-family:F;src:url('../fonts/f.woff')}",
        "a{background:url(data:image/png;base64,AA==)} @font-face{src:url(data:font/woff2;base64,AA==)}",
        '@namespace epub "http://www.idpf.org/2007/ops"; [epub|type~="noteref"]{vertical-align:super}',
        "a[href^=\"http://\"]{color:blue} a[href ~= '//x']{color:red}",
        'q::before{content:"\\201C"} li::marker{content:"\\A"}',
        ".\\31 a, .sm\\:w{color:red}",
        'p::before{content:"Note: see // below"}',
        "/* url(http://x/) is only a remark */ p{color:red}",
        "html{scroll-behavior:smooth} p{-webkit-column-break-before:always}",
        ".w50vw{color:red}",
    ],
)
def test_harmless_sheets_stay_as_they_are(css: str) -> None:
    assert sanitise_css(css, depth=1) == css


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a{background:url(http://x/a.png)}", "a{background:url(data:,)}"),
        ("a{background:url( 'http://x/a.png' )}", "a{background:url(data:,)}"),
        ('a{background:url("//x/a.png"', "a{background:url(data:,)"),
        ("a{background:url(http://x", "a{background:url(data:,)"),
        ("a{background:URL(hTTp://x/)}", "a{background:url(data:,)}"),
        ("a{background:\\75 rl(http://x/)}", "a{background:url(data:,)}"),
        ("a{background:u\\rl(http://x/)}", "a{background:url(data:,)}"),
        ("a{background:url(\\68 ttp://x/)}", "a{background:url(data:,)}"),
        ("a{background:url(http\\:\\/\\/x/)}", "a{background:url(data:,)}"),
        ("a{background:url('ht\ttp://x/')}", "a{background:url(data:,)}"),
        ("a{background:url(../../a.png)}", "a{background:url(data:,)}"),
        ("a{background:url(/logout)}", "a{background:url(data:,)}"),
        ("a{background:url(javascript:a())}", "a{background:url(data:,))}"),
        ("a{background:url(data:text/html,x)}", "a{background:url(data:,)}"),
        ('@import "http://x/a.css";', '@import "";'),
        ('@im\\port "http://x/a.css";', '@import "";'),
        ('@import/**/"//x/a.css" screen;', '@import/**/"" screen;'),
        ("@import url(http://x/a.css);", "@import url(data:,);"),
        ('a{background:image-set("http://x/a.png" 1x)}', 'a{background:image-set("" 1x)}'),
        ('@charset "koi8-r"; p{color:red}', " p{color:red}"),
        ('@namespace x "http://host/"; p{color:red}', " p{color:red}"),
        ("a{width:expression(a())}", "a{width:invalid(a())}"),
        ("a{-moz-binding:url(x.xml#y)}", "a{invalid:url(x.xml#y)}"),
        ("a{behavior:url(x.htc)}", "a{invalid:url(x.htc)}"),
    ],
)
def test_what_would_fetch_or_run_goes(before: str, after: str) -> None:
    assert sanitise_css(before, depth=1) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("page-break-before:always", "break-before: column"),
        ("page-break-after : left", "break-after: column"),
        ("page-break-inside:avoid", "break-inside: avoid"),
        ("page-break-after:avoid", "break-after: avoid"),
        ("break-before:page", "break-before: column"),
        ("break-inside:avoid-page", "break-inside: avoid"),
        ("-epub-writing-mode:vertical-rl", "writing-mode:vertical-rl"),
        ("-epub-text-combine: horizontal", "text-combine-upright: all"),
        ("-epub-text-orientation:vertical-right", "text-orientation: mixed"),
        ("width:50vw", "width:calc(50 * var(--page-vw, 1vw))"),
        ("height:calc(100vh - 2em)", "height:calc(calc(100 * var(--page-vh, 1vh)) - 2em)"),
        ("margin:-1.5vh", "margin:calc(-1.5 * var(--page-vh, 1vh))"),
    ],
)
def test_pages_become_columns_and_prefixes_go(before: str, after: str) -> None:
    assert sanitise_css(f"p{{{before}}}") == f"p{{{after}}}"


def test_a_sheet_is_utf_8_afterwards() -> None:
    assert sanitise_sheet('@charset "windows-1251";p{font-family:"Ёлка"}'.encode("cp1251")) == (
        'p{font-family:"Ёлка"}'.encode()
    )
    assert sanitise_sheet("\ufeffp{color:red}".encode()) == b"p{color:red}"
    assert sanitise_sheet("p{color:red}".encode("utf-16")) == b"p{color:red}"
    assert sanitise_sheet(b"p{content:'\xff'}") == "p{content:'ÿ'}".encode()


@pytest.mark.parametrize(
    "piece",
    ["1", "url(", '"', "'", "\\", "/*", "@import ", "@namespace ", "= ", "expression ", "-epub-", "page-break-", " "],
)
def test_no_repetition_takes_more_than_linear_time(piece: str) -> None:
    """A pattern that looks back for ever would not come to an end here."""
    for css in (piece * 200_000, piece + "x" * 200_000, f"a{{b:url({piece * 100_000}"):
        assert len(sanitise_css(css)) <= 2 * len(css)


_PIECES = st.sampled_from(
    ["url(", "http://x/", "//x", ")", "(", '"', "'", "\\", "\\75 rl(", "/*", "*/", "@import ", ";", "{", "}", "p", " ",
     "\n", "a.png", "expression(", "javascript:", "\\22 ", "behavior:", "-epub-", "-epub-x:", "page-break-after:",
     "10vw", "page-break-after:always"]
)  # fmt: skip


@pytest.mark.parametrize("before", ["-epub-", "-epub-x:", "page-break-after:", "-epub--epub-"])
def test_an_old_name_before_an_address_hides_it_from_nobody(before: str) -> None:
    assert list(_fetched(sanitise_css(f"p{{{before}url(http://x/a.png)}}"))) == []


@given(st.lists(_PIECES, max_size=12).map("".join))
@settings(deadline=None, max_examples=300)
def test_nothing_is_left_to_fetch_whatever_the_sheet(css: str) -> None:
    """Read as CSS Syntax 3 tokens: no url token and no string that an at-import could take leads outside."""
    assert list(_fetched(sanitise_css(css))) == []


def _fetched(css: str) -> list[str]:
    tokens = re.compile(
        r"""(/\*.*?(?:\*/|\Z))|url\(\s*("(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|(?:[^)\\]|\\.)*)"""
        r"""|("(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?)""",
        re.DOTALL | re.IGNORECASE,
    )
    # As a browser would: escapes of letters make names, so they are undone before names are looked for.
    plain = re.sub(r"\\(75 |[url])", lambda found: "u" if found[1] == "75 " else found[1], css)
    found = []
    for token in tokens.finditer(plain):
        address = token[2] or token[3] or ""
        if address[:1] in ("'", '"'):
            address = address[1:].removesuffix(address[0])
        address = address.strip()
        if re.match(r"(?:https?|javascript):|//", address):
            found.append(token[0])
    return found
