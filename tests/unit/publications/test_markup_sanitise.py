"""Each rule of the sanitiser, before and after; `cleaned` also sees that the shape stays and no danger is left."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bookreader.publications.markup import SVG, XHTML, read_xhtml, serialise
from bookreader.publications.sanitise import sanitise
from tests.books.hostile import ACTIVE, BEACON, DRAWING, FETCHING, FETCHING_HEAD
from tests.unit.publications.checks import cleaned, dangers, page, parse, shape, text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<script>run()</script>tail", "<template>run()</template>tail"),
        (f'<script src="{BEACON}" id="s"/>', '<template id="s"></template>'),
        (f'<iframe src="{BEACON}">none</iframe>', "<span>none</span>"),
        ('<object data="a.swf"><p>instead</p></object>', "<span><p>instead</p></span>"),
        ('<object data="a.png" type="image/png" title="A"/>', '<img title="A" src="a.png" alt="A"/>'),
        (f'<object data="{BEACON}a.png" type="image/png"/>', "<span></span>"),
        ('<embed src="e.swf"/>', "<span></span>"),
        ('<form action="x"><input type="text"/><button>go</button></form>', "<div><span></span><span>go</span></div>"),
        ("<select><option>a</option></select>", "<span><option>a</option></span>"),
        ("<textarea>a</textarea>", "<span>a</span>"),
        ("<noscript><p>a</p></noscript>", "<span><p>a</p></span>"),
        (f'<h:script xmlns:h="{XHTML}">x</h:script>', f'<h:template xmlns:h="{XHTML}">x</h:template>'),
        ('<p onclick="a()" ONLOAD="b()" class="c">x</p>', '<p class="c">x</p>'),
        ('<a href="javascript:a()">x</a>', "<a>x</a>"),
        ('<a href=" java&#10;script:a()">x</a>', "<a>x</a>"),
        ('<a href="data:text/html,x">x</a>', "<a>x</a>"),
        ('<a href="/logout">x</a>', "<a>x</a>"),
        ('<a href="\\\\host\\x">x</a>', "<a>x</a>"),
        ('<a href="https://example.org/" target="_top" ping="p">x</a>', '<a href="https://example.org/">x</a>'),
        ('<a href="mailto:a@example.org">x</a>', '<a href="mailto:a@example.org">x</a>'),
        ('<a href="c2.xhtml#n1" epub:type="noteref">1</a>', '<a href="c2.xhtml#n1" epub:type="noteref">1</a>'),
        ('<img src="a%20b.png" srcset="b.png 2x" alt="x"/>', '<img src="a%20b.png" alt="x"/>'),
        (f'<img src="{BEACON}1.png" alt=""/>', '<img alt=""/>'),
        ('<img src="//host/2.png" alt=""/>', '<img alt=""/>'),
        ('<img src="../secret.png" alt=""/>', '<img alt=""/>'),
        ('<img src="data:image/png;base64,AA=="/>', '<img src="data:image/png;base64,AA=="/>'),
        ('<img src="data:text/html,x"/>', "<img/>"),
        (f'<video poster="{BEACON}p" src="a.mp4"/>', '<video src="a.mp4"></video>'),
        ('<table background="http://x/y"><tr/></table>', "<table><tr></tr></table>"),
        ('<p style="color:red">x</p>', '<p style="color:red">x</p>'),
        ('<p style="background:url(http://x/y)">x</p>', '<p style="background:url(data:,)">x</p>'),
        ('<p style="width:expression(a())">x</p>', '<p style="width:invalid(a())">x</p>'),
        ('<a id="x"/>text', '<a id="x"></a>text'),
        ("<br/><hr/><img/>", "<br/><hr/><img/>"),
        ("<p>a<!-- note -->b<?php x?>c<![CDATA[<d>]]></p>", "<p>abc&lt;d&gt;</p>"),
        ("<p><!-- only a note --></p>", "<p></p>"),
        ("<ruby>漢<rt>かん</rt></ruby>", "<ruby>漢<rt>かん</rt></ruby>"),
    ],
)  # fmt: skip
def test_what_becomes_of_elements_and_attributes(before: str, after: str) -> None:
    assert cleaned(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<script>a()</script>", "<g>a()</g>"),
        ('<set attributeName="onload" to="a()"/>', "<g></g>"),
        ('<animate attributeName="href" values="javascript:a()"/>', "<g></g>"),
        ('<a xlink:href="javascript:a()"><rect/></a>', "<a><rect></rect></a>"),
        ('<image xlink:href="a.png"/>', '<image xlink:href="a.png"></image>'),
        ('<image xlink:href="http://x/a.png"/>', "<image></image>"),
        ('<use xlink:href="#part"/>', '<use xlink:href="#part"></use>'),
        ('<use href="data:image/svg+xml,x"/>', "<use></use>"),
        ('<rect fill="url(#g)"/>', '<rect fill="url(#g)"></rect>'),
        ('<rect fill="url(http://x/#g)"/>', '<rect fill="url(data:,)"></rect>'),
        ('<rect onmouseover="a()" width="5"/>', '<rect width="5"></rect>'),
        ("<style>@import 'http://x/';</style>", '<style>@import "";</style>'),
    ],
)
def test_what_becomes_of_drawings(before: str, after: str) -> None:
    opened = f'<svg xmlns="{SVG}">'
    assert cleaned(f"{opened}{before}</svg>") == f"{opened}{after}</svg>"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f'<meta http-equiv="refresh" content="0;url={BEACON}"/>', "<meta/>"),
        ('<meta name="Referrer" content="unsafe-url"/>', "<meta/>"),
        ('<meta name="viewport" content="width=600"/>', '<meta name="viewport" content="width=600"/>'),
        (f'<base href="{BEACON}"/>', "<meta/>"),
        ('<link rel="stylesheet" href="s.css"/>', '<link rel="stylesheet" href="s.css"/>'),
        (f'<link rel="stylesheet" href="{BEACON}s.css"/>', '<link rel="stylesheet"/>'),
        ('<link rel="prefetch" href="local.html"/>', '<link rel="prefetch"/>'),
        ('<link rel="dns-prefetch" href="//host"/>', '<link rel="dns-prefetch"/>'),
        ('<link rel="prefetch" xlink:href="x"/>', '<link rel="prefetch"/>'),
        ('<link rel="stylesheet" href="s.css" integrity="x"/>', '<link rel="stylesheet" href="s.css"/>'),
        ("<style>p{color:red}</style>", "<style>p{color:red}</style>"),
        ("<style>@charset 'x';</style>", "<style> </style>"),
        ("<style>@im<b/>port 'x'</style>", "<template>@im<b></b>port 'x'</template>"),
        ("<script/>", "<template></template>"),
        ("<title/>", "<title></title>"),
    ],
)
def test_what_becomes_of_the_head(before: str, after: str) -> None:
    document = read_xhtml(page("<p>x</p>", before).encode())
    sanitise(document.root)
    served = serialise(document.root)
    assert served.partition("<title>T</title>")[2].partition("</head>")[0] == after
    assert shape(parse(served)) == shape(parse(page("<p>x</p>", before)))
    assert not list(dangers(parse(served)))


def test_steps_upwards_are_kept_as_far_as_the_book_reaches() -> None:
    link = '<a href="../text/c2.xhtml">x</a><img src="../../a.png"/>'
    assert cleaned(link, depth=1) == '<a href="../text/c2.xhtml">x</a><img/>'
    assert cleaned(link, depth=2) == link


@pytest.mark.parametrize("body", [ACTIVE, FETCHING, DRAWING, f"<div>{DRAWING}{ACTIVE}</div>"])
def test_hostile_pages_lose_no_text_and_keep_their_shape(body: str) -> None:
    before = parse(page(body, FETCHING_HEAD))
    document = read_xhtml(page(body, FETCHING_HEAD).encode())
    sanitise(document.root)
    after = parse(serialise(document.root))
    assert shape(after) == shape(before)
    assert text(after) == text(before)
    assert list(dangers(after)) == []


def test_sanitising_twice_changes_nothing_more() -> None:
    root = read_xhtml(page(ACTIVE + DRAWING + FETCHING, FETCHING_HEAD).encode()).root
    sanitise(root)
    once = serialise(root)
    sanitise(root)
    assert serialise(root) == once


# Making such a document smaller takes minutes; the one that failed says enough.
WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)

# -- anything at all ----------------------------------------------------------------------------------------------

_NAMES = st.sampled_from(
    ["p", "div", "span", "a", "img", "br", "table", "tr", "script", "iframe", "object", "embed", "form", "input",
     "style", "template", "noscript", "base", "meta", "link", "svg:svg", "svg:script", "svg:set", "svg:image",
     "svg:a", "svg:style", "svg:foreignObject", "m:math", "m:mi", "video", "source", "select", "option", "x:other"]
)  # fmt: skip
_ATTRIBUTES = st.sampled_from(
    ["id", "class", "href", "src", "style", "onclick", "srcset", "xlink:href", "poster", "data", "action", "type",
     "http-equiv", "content", "rel", "name", "fill", "background", "title", "xml:lang", "epub:type"]
)  # fmt: skip
_VALUES = st.sampled_from(
    ["x", "", "a.png", "../a.png", "#n", "javascript:a()", "JaVa&#9;script:a()", "http://x/", "//x/", "\\\\x",
     "data:text/html,x", "data:image/png,x", "color:red", "background:url(http://x/)", "u\\rl(//x)", "image/png",
     "stylesheet", "refresh", "url(http://x/)", "behavior:url(x)", "mailto:a@b", "/x", "%2e%2e/%2e%2e/x"]
)  # fmt: skip
_TEXTS = st.sampled_from(
    [
        "",
        "text",
        " ",
        "\n",
        "&amp;",
        "&nbsp;",
        "<!-- n -->",
        "<?p i?>",
        "<![CDATA[<b>]]>",
        "ж",
        "𝒳",
        "@import 'http://x'",
    ]
)


@st.composite
def _elements(draw: st.DrawFn, depth: int = 0) -> str:
    name = draw(_NAMES)
    given_ones = draw(st.dictionaries(_ATTRIBUTES, _VALUES, max_size=3))
    attributes = "".join(f' {key}="{value}"' for key, value in given_ones.items())
    children = draw(st.lists(_elements(depth + 1), max_size=3)) if depth < 3 else []
    content = draw(_TEXTS) + "".join(child + draw(_TEXTS) for child in children)
    return f"<{name}{attributes}>{content}</{name}>"


@given(body=st.lists(_elements(), max_size=4).map("".join), head=st.lists(_elements(), max_size=2).map("".join))
@settings(deadline=None, max_examples=80, phases=WITHOUT_SHRINKING, suppress_health_check=[HealthCheck.too_slow])
def test_any_document_keeps_its_shape_and_loses_every_danger(body: str, head: str) -> None:
    whole = (
        f'<html xmlns="http://www.w3.org/1999/xhtml" xmlns:svg="{SVG}" xmlns:m="http://www.w3.org/1998/Math/MathML" '
        'xmlns:x="urn:x" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:epub="http://www.idpf.org/2007/ops">'
        f"<head>{head}</head><body>{body}</body></html>"
    )
    before = parse(whole.replace("&nbsp;", "\u00a0"))
    document = read_xhtml(whole.encode())
    assert not document.repaired
    sanitise(document.root)
    after = parse(serialise(document.root))
    assert shape(after) == shape(before)
    assert list(dangers(after)) == []
