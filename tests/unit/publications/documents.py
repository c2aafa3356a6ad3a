"""Random chapters for property tests, and what a browser would see in them, found the long way round."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

_WORDS = st.sampled_from(
    [
        "a",
        "no",
        "Война",
        "со\u00adба\u00adка",
        "𝒳",
        "🐎🐎",
        "é",
        "漢",
        "said,",
        "x\u2060—y",
        "«да»",
        "&amp;",
        "&#x1F600;",
    ]
)
_SPACES = st.sampled_from([" ", "\n", "\t ", "  ", "\u00a0", "&#13;", "\u3000", "\u2009"])
_NOTHING = st.sampled_from(["<!---->", "<!-- x - -->", "<?pi ?>", "<?php a?>", "<![CDATA[]]>"])
_VERBATIM = st.sampled_from(["<![CDATA[<b>]]>", "<![CDATA[ & ]]>"])
_EMPTY = st.sampled_from(["<br/>", "<img src='x'/>", "<a id='n'/>", "<hr/>", "<wbr/>", "<br>unseen</br>"])
_UNSEEN = st.sampled_from(
    [
        "<script>var x</script>",
        "<style>p {}</style>",
        "<span hidden=''>not <i>this</i></span>",
        "<span style='color: red; DISPLAY : none'>nor this</span>",
        "<template>no<p>no</p></template>",
        "<audio>no sound</audio>",
    ]
)
_RUBY = st.sampled_from(
    ["<ruby>漢<rp>(</rp><rt>かん</rt>字<rt>じ</rt></ruby>", "<ruby><rb>東</rb><rt>とう</rt></ruby>"]
)
_INLINE = ("b", "i", "span", "a", "em", "q", "section", "p")
_BLOCK = ("p", "div", "h1", "li", "blockquote", "td", "section", "span", "pre")

_text = st.lists(st.one_of(_WORDS, _SPACES, _NOTHING, _VERBATIM), max_size=6).map("".join)
_leaf = st.one_of(_text, _text, _EMPTY, _UNSEEN, _RUBY)


def _around(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    content = st.lists(st.one_of(inner, _leaf), max_size=4).map("".join)
    return st.builds("<{0}>{1}</{0}>".format, st.sampled_from(_INLINE + _BLOCK), content)


_TABLE = st.lists(_text, min_size=1, max_size=3).map(
    lambda cells: "<table>\n<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr></table>"
)
_body = st.lists(st.one_of(st.recursive(_leaf, _around, max_leaves=12), _TABLE), max_size=6).map("".join)

chapters = _body.map(
    lambda body: (
        f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>no</title></head>\n<body>{body}</body></html>'
    )
)
"""Whole documents with nested blocks and inline elements, tables, ruby, what is not shown, comments, processing
instructions, CDATA, soft hyphens, characters outside the BMP, and every kind of white space."""


def check(strategy: st.SearchStrategy[Any], body: Callable[..., None], *, deep: bool) -> None:
    """Runs a property on many examples; on many more when full counts are wanted."""
    counts = settings(
        max_examples=500 if deep else 150,
        deadline=None,
        derandomize=not deep,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    counts(given(strategy)(body))()


def dom(html: str) -> etree._Element:
    """The tree in which one chunk of character data is one text node, as in the browser of the served document."""
    parser = etree.XMLParser(remove_comments=True, remove_pis=True, strip_cdata=True)
    return etree.fromstring(html.encode(), parser)


def character_at(root: etree._Element, local: str) -> tuple[str, str]:
    """The characters before and after the point of a local path, by walking the tree as a browser would."""
    steps, _, units = local.partition(":")
    *elements, chunk = map(int, steps.split("/")[1:])
    for index in elements:
        root = root[index // 2 - 1]
    data = (root.text if chunk == 1 else root[chunk // 2 - 1].tail) or ""
    before, after = data.encode("utf-16-le")[: 2 * int(units)], data.encode("utf-16-le")[2 * int(units) :]
    return before.decode("utf-16-le")[-1:], after.decode("utf-16-le")[:1]


_BLOCKS = (
    " html body p div h1 h2 h3 h4 h5 h6 li ol ul dl dt dd blockquote table tbody thead tr td th caption section pre hr "
    "header hgroup footer figure figcaption nav aside article main text address "
)
_HIDDEN = {
    "head",
    "script",
    "style",
    "template",
    "audio",
    "video",
    "rt",
    "rp",
    "title",
    "desc",
    "metadata",
    "annotation",
}


def plain_text(root: etree._Element) -> str:
    """The text of a document by plain recursion."""
    found: list[list[str]] = [[]]

    def walk(element: etree._Element) -> None:
        name = etree.QName(element).localname
        style = (element.get("style") or "").lower().replace(" ", "")
        if f" {name} " in _BLOCKS:
            found.append([])
        if name == "br":
            found[-1].append(" ")
        elif name not in _HIDDEN and element.get("hidden") is None and "display:none" not in style:
            found[-1].append(element.text or "")
            for child in element:
                walk(child)
                found[-1].append(child.tail or "")
        if f" {name} " in _BLOCKS:
            found.append([])

    walk(root)
    collapsed = (" ".join("".join(strings).split()) for strings in found)
    return "\n\n".join(block for block in collapsed if block)
