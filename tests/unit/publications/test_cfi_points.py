"""Points of trees: the specification's sample documents inline, and what comments and marks do not change."""

from collections.abc import Iterator

import pytest
from hypothesis import strategies as st
from lxml import etree

from bookreader.publications import cfi as cfis
from bookreader.publications.cfi import Cfi, CfiError, Path
from bookreader.publications.points import Filter, Point, Tree, code_points, resolve_range, utf16_length
from tests.unit.publications.documents import chapters, check

PACKAGE = Tree(
    etree.fromstring("""<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest/><spine>
        <itemref id="titleref" idref="titlepage"/><itemref id="chap01ref" idref="chapter01"/>
        <!-- out of print --><itemref id="chap02ref" idref="chapter02"/></spine></package>""")
)
CHAPTER = Tree(
    etree.fromstring("""<html xmlns="http://www.w3.org/1999/xhtml"><head><title>…</title></head><body id="body01">
        <p>…</p><p>…</p><p>…</p><p>…</p><p id="para05">xxx<em>yyy</em>0123456789</p><p>…</p><p>…</p>
        <img id="svgimg" src="foo.svg" alt="…"/><p>…</p><p>…</p></body></html>""")
)


def resolve(cfi: str, *, correct: bool = False) -> Point:
    return CHAPTER.resolve(cfis.parse(cfi).path, document=1, correct=correct)


def around(point: Point) -> tuple[str, str]:
    """The three characters before and after a point."""
    at = CHAPTER.position(point)
    return CHAPTER.string[at - 3 : at], CHAPTER.string[at : at + 3]


@pytest.mark.parametrize(
    ("cfi", "before", "after"),
    [
        ("epubcfi(/6/4[chap01ref]!/4[body01]/10[para05]/1:0)", "…", "xxx"),
        ("epubcfi(/6/4[chap01ref]!/4[body01]/10[para05]/2/1:0)", "xxx", "yyy"),
        ("epubcfi(/6/4[chap01ref]!/4[body01]/10[para05]/2/1:3)", "yyy", "012"),
        ("epubcfi(/6/4[chap01ref]!/4[body01]/10[para05]/3:10)", "789", "…"),
    ],
)
def test_3_1_10_examples_of_paths(cfi: str, before: str, after: str) -> None:
    assert PACKAGE.resolve(cfis.parse(cfi).path).element.get("idref") == "chapter01"
    point = resolve(cfi)

    assert around(point)[0].endswith(before)
    assert around(point)[1].startswith(after)
    assert point.holds
    assert cfis.format_path(Cfi(CHAPTER.path_of(point))) == cfi[len("epubcfi(/6/4[chap01ref]!") : -1]


def test_3_1_10_an_image_is_an_element() -> None:
    point = resolve("epubcfi(/6/4[chap01ref]!/4[body01]/16[svgimg])")

    assert point == Point(next(CHAPTER.root.iter("{*}img")))


def test_3_1_1_virtual_elements_stand_before_and_after_the_content() -> None:
    first, last = resolve("epubcfi(/6/4!/4/10/0)"), resolve("epubcfi(/6/4!/4/10/4)")

    assert (first.edge, last.edge) == (0, 1)
    assert first.element.get("id") == last.element.get("id") == "para05"
    assert CHAPTER.string[CHAPTER.position(first) : CHAPTER.position(last)] == "xxxyyy0123456789"
    for point, path in ((first, "/4[body01]/10[para05]/0"), (last, "/4[body01]/10[para05]/4")):
        assert cfis.format_path(Cfi(CHAPTER.path_of(point))) == path


@pytest.mark.parametrize("path", ["/4/10/6", "/4/10/5:0", "/4/10/1:4", "/4/10/0/2", "/4/10/1/2", "/4/100/2"])
def test_3_1_4_what_is_not_there_does_not_resolve(path: str) -> None:
    with pytest.raises(CfiError) as raised:
        resolve(f"epubcfi(/6/4!{path})")

    assert not raised.value.malformed


@pytest.mark.parametrize(
    ("end", "holds"),
    [
        ("/2/1:3[yyy]", True),
        ("/1:3[xx,y]", True),
        ("/2/1:3[xxxyyy,0123]", True),
        ("/2/1:3[,y]", False),
        ("/2/1:3[yy]", True),
        ("/2/1:2[yyy]", False),
        ("/2/1:3[yyy;s=b]", True),
        ("/3:10[789,……  ]", True),
    ],
)
def test_3_1_8_text_is_asserted_across_elements_with_white_space_collapsed(end: str, holds: bool) -> None:
    assert resolve(f"epubcfi(/6/4!/4/10{end})").holds is holds


def test_3_1_9_the_side_is_told() -> None:
    assert resolve("epubcfi(/6/4!/4/10/2/1:3[;s=b])").side == "b"
    assert resolve("epubcfi(/6/4!/4/10/2[;s=a])").side == "a"
    assert resolve("epubcfi(/6/4!/4/10/2)").side is None


def test_3_4_the_example_of_a_range() -> None:
    cfi = cfis.parse("epubcfi(/6/4[chap01ref]!/4[body01]/10[para05],/2/1:1,/3:4)")

    start, end = resolve_range(CHAPTER, cfi, document=1)

    assert CHAPTER.string[CHAPTER.position(start) : CHAPTER.position(end)] == "yy0123"
    assert cfis.between(*(CHAPTER.path_of(point) for point in (start, end))) == cfis.Cfi(
        Path((cfi.path.documents[1],)), cfi.range
    )


def test_3_5_an_id_elsewhere_is_reported_or_followed() -> None:
    moved = cfis.parse("epubcfi(/6/6[chap01ref]!/4)").path

    assert PACKAGE.resolve(moved).element.get("id") == "chap02ref"
    assert not PACKAGE.resolve(moved).holds
    assert PACKAGE.resolve(moved, correct=True).element.get("id") == "chap01ref"
    assert not PACKAGE.resolve(moved, correct=True).holds
    with pytest.raises(CfiError):
        PACKAGE.resolve(cfis.parse("epubcfi(/6/60[gone]!/4)").path, correct=True)


def test_xml_id_is_an_id() -> None:
    tree = Tree(etree.fromstring('<a><b xml:id="x"/><b xml:id="y"/></a>'))

    assert tree.resolve(cfis.parse("epubcfi(/2[y])").path, correct=True).element is tree.root[1]
    assert cfis.format_cfi(Cfi(tree.path_of(Point(tree.root[0])))) == "epubcfi(/2[x])"


def test_marks_are_transparent_and_what_is_rejected_is_not_there() -> None:
    marked = etree.fromstring(
        '<html><body><p id="p">One <mark><b>two</b> thr<mark>ee</mark></mark> fo<i class="note">no</i>ur</p>'
        "</body></html>"
    )
    plain = etree.fromstring('<html><body><p id="p">One <b>two</b> three four</p></body></html>')
    seen = Tree(marked, skip=lambda node: node.tag == "mark", reject=lambda node: node.get("class") == "note")
    tree = Tree(plain)

    assert seen.string == tree.string == "One two three four"
    for path in ("/2/2[p]/1:4", "/2/2[p]/2/1:3", "/2/2[p]/3:0", "/2/2[p]/3:5", "/2/2[p]/3:11", "/2/2[p]/4"):
        read = cfis.parse_path(path).path
        assert seen.position(seen.resolve(read)) == tree.position(tree.resolve(read))
        assert cfis.format_path(Cfi(seen.path_of(seen.resolve(read)))) == path


def test_every_point_has_a_path_and_every_path_its_point(deep: bool) -> None:
    def holds(case: tuple[str, bool]) -> None:
        html, filtered = case
        root = etree.fromstring(html)
        skip, reject = (_named("b", "span"), _named("i", "script")) if filtered else (None, None)
        tree = Tree(root, skip=skip, reject=reject)
        points = list(_points(tree, tree.root))
        for point in points:
            found = tree.resolve(tree.path_of(point))
            assert found == point
            assert tree.position(found) == tree.position(point)
        keys = [(cfis.sort_key(Cfi(tree.path_of(point)))[0], tree.position(point)) for point in points]
        assert [position for _, position in sorted(keys)] == sorted(position for _, position in keys)

    check(st.tuples(chapters, st.booleans()), holds, deep=deep)


def _named(*names: str) -> Filter:
    return lambda node: etree.QName(node).localname in names


def _points(tree: Tree, element: etree._Element) -> Iterator[Point]:
    """Every point in and below an element, in the order of the document."""
    children = tree.content(element).children
    for number in range(len(children) + 1):
        length = utf16_length(tree.chunk_text(element, 2 * number + 1))
        yield from (Point(element, 2 * number + 1, units) for units in range(length + 1))
        if number < len(children):
            yield Point(children[number])
            yield from _points(tree, children[number])
    yield Point(element, edge=1)


@pytest.mark.parametrize(("text", "units", "points"), [("abc", 2, 2), ("a𝒳b", 3, 2), ("a𝒳b", 2, 1), ("é𝒳𝒳", 5, 3)])
def test_units_are_counted_as_browsers_do(text: str, units: int, points: int) -> None:
    assert code_points(text, units) == points
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2
