"""Contents, landmarks and page lists, and the places that they lead to."""

import pytest

from bookreader.publications.model import Publication, TocEntry
from tests.unit.publications.epubs import codes, item, opened, package, page

NCX_TYPE = "application/x-dtbncx+xml"
NAV = item("nav", "nav.xhtml", more='properties="nav"')
TWO = item("c2", "text/c2.xhtml")
BOTH = '<itemref idref="c1"/><itemref idref="c2" id="second"/>'
SECOND = page('<h2>Two</h2><div><p id="p1">Paragraph</p><a name="old"/>mark</div>')


def nav(lists: str) -> str:
    return page(lists)


def ncx(points: str, more: str = "") -> str:
    return (
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1"><docTitle><text>T</text></docTitle>'
        f"<navMap>{points}</navMap>{more}</ncx>"
    )


def point(title: str, src: str, inner: str = "") -> str:
    return f'<navPoint><navLabel><text>{title}</text></navLabel><content src="{src}"/>{inner}</navPoint>'


def shown(entries: tuple[TocEntry, ...]) -> list[tuple[object, ...]]:
    return [(entry.title, entry.href, entry.chapter, entry.cfi, shown(entry.children)) for entry in entries]


def book(contents: dict[str, str], *items: str, attributes: str = "", after: str = "") -> Publication:
    opf = package([TWO, *items], BOTH, attributes=attributes, after=after)
    return opened(opf, {"text/c2.xhtml": SECOND, **contents})


def test_a_navigation_document_gives_places() -> None:
    lists = (
        '<nav epub:type="toc"><ol><li><a href="c1.xhtml">One</a></li><li><span>Part</span><ol>'
        '<li><a href="text/c2.xhtml#p1">A  <i>p</i></a></li>'
        '<li><a href="text/c2.xhtml#old"><img alt="Old" src="x"/></a></li>'
        '</ol></li><li><a href="text/c2.xhtml#gone">Gone</a></li><li><a href="nowhere.xhtml">Nowhere</a></li>'
        '<li><a href="http://example.org/">Away</a></li></ol></nav>'
    )
    publication = book({"nav.xhtml": nav(lists)}, NAV)
    assert shown(publication.toc) == [
        ("One", "c1.xhtml", 1, "epubcfi(/6/2!/4)", []),
        (
            "Part",
            None,
            None,
            None,
            [
                ("A p", "text/c2.xhtml#p1", 2, "epubcfi(/6/4[second]!/4/4/2)", []),
                ("Old", "text/c2.xhtml#old", 2, "epubcfi(/6/4[second]!/4/4/4)", []),
            ],
        ),
        ("Gone", "text/c2.xhtml#gone", 2, "epubcfi(/6/4[second]!/4)", []),
        ("Nowhere", "nowhere.xhtml", None, None, []),
        ("Away", None, None, None, []),
    ]
    assert [chapter.title for chapter in publication.reading_order] == ["One", "A p"]
    assert codes(publication) == []


def test_places_are_known_in_characters_too() -> None:
    links = "".join(f'<li><a href="text/c2.xhtml{place}">{place}.</a></li>' for place in ("", "#p1", "#old", "#gone"))
    publication = book({"nav.xhtml": nav(f'<nav epub:type="toc"><ol>{links}</ol></nav>')}, NAV)
    text = publication.reading_order[1].text
    assert [text[entry.offset :][:4] for entry in publication.toc] == ["Two\n", "Para", "mark", "Two\n"]


def test_an_ncx_gives_the_same() -> None:
    points = point("One", "c1.xhtml", point("Inner", "text/c2.xhtml#p1")) + point("", "text/c2.xhtml")
    target = '<navLabel><text>7</text></navLabel><content src="text/c2.xhtml#p1"/>'
    pages = f"<pageList><pageTarget>{target}</pageTarget></pageList>"
    publication = book({"toc.ncx": ncx(points, pages)}, item("ncx", "toc.ncx", NCX_TYPE), attributes='toc="ncx"')
    assert shown(publication.toc) == [
        (
            "One",
            "c1.xhtml",
            1,
            "epubcfi(/6/2!/4)",
            [("Inner", "text/c2.xhtml#p1", 2, "epubcfi(/6/4[second]!/4/4/2)", [])],
        ),
        ("Inner", "text/c2.xhtml", 2, "epubcfi(/6/4[second]!/4)", []),
    ]
    assert [(one.title, one.chapter) for one in publication.pages] == [("7", 2)]


def test_an_ncx_is_found_without_being_named() -> None:
    publication = book({"toc.ncx": ncx(point("Found", "c1.xhtml"))}, item("x", "toc.ncx", NCX_TYPE))
    assert [entry.title for entry in publication.toc] == ["Found"]


def test_of_both_the_navigation_document_counts() -> None:
    lists = '<nav epub:type="toc"><ol><li><a href="c1.xhtml">By nav</a></li></ol></nav>'
    files = {"nav.xhtml": nav(lists), "toc.ncx": ncx(point("By NCX", "c1.xhtml"))}
    publication = book(files, NAV, item("ncx", "toc.ncx", NCX_TYPE), attributes='toc="ncx"')
    assert [entry.title for entry in publication.toc] == ["By nav"]
    files["nav.xhtml"] = nav("<p>no list</p>")
    publication = book(files, NAV, item("ncx", "toc.ncx", NCX_TYPE), attributes='toc="ncx"')
    assert [entry.title for entry in publication.toc] == ["By NCX"]


def test_without_either_the_headings_are_the_contents() -> None:
    publication = book({})
    assert [(entry.title, entry.chapter) for entry in publication.toc] == [("One", 1), ("Two", 2)]
    assert codes(publication) == ["no_contents"]


def test_contents_that_lead_nowhere_are_none() -> None:
    lists = '<nav epub:type="toc"><ol><li><a href="nav.xhtml">me</a></li></ol></nav>'
    publication = book({"nav.xhtml": nav(lists)}, NAV)
    assert codes(publication) == ["no_contents"]


def test_contents_without_end_are_none() -> None:
    entries = '<li><a href="c1.xhtml">x</a></li>' * 20_001
    publication = book({"nav.xhtml": nav(f'<nav epub:type="toc"><ol>{entries}</ol></nav>')}, NAV)
    assert codes(publication) == ["no_contents"]


def test_landmarks_and_pages_of_a_navigation_document() -> None:
    lists = (
        '<nav epub:type="toc"><ol><li><a href="c1.xhtml">One</a></li></ol></nav>'
        '<nav epub:type="landmarks"><ol><li><a epub:type="bodymatter" href="text/c2.xhtml">Start</a></li></ol></nav>'
        '<nav epub:type="page-list"><ol><li><a href="text/c2.xhtml#p1">1</a></li></ol></nav>'
    )
    publication = book({"nav.xhtml": nav(lists)}, NAV)
    assert [(one.role, one.title, one.chapter) for one in publication.landmarks] == [("bodymatter", "Start", 2)]
    assert [(one.title, one.cfi) for one in publication.pages] == [("1", "epubcfi(/6/4[second]!/4/4/2)")]


def test_a_guide_gives_landmarks_in_the_words_of_epub_3() -> None:
    guide = (
        '<guide><reference type="text" title="Begin" href="c1.xhtml"/><reference type="toc" href="c1.xhtml"/></guide>'
    )
    publication = book({}, after=guide)
    assert [(one.role, one.title, one.chapter) for one in publication.landmarks] == [
        ("bodymatter", "Begin", 1),
        ("toc", "toc", 1),
    ]


@pytest.mark.parametrize(
    ("spine", "steps"),
    [
        ('<itemref idref="c1" id="a"/><itemref idref="c2"/>', ["/6/2[a]", "/6/4"]),
        ('<!-- note --><itemref idref="gone"/><itemref idref="c1"/><itemref idref="c2" id="b"/>', ["/6/4", "/6/6[b]"]),
        ('<itemref idref="c1"/><itemref idref="c1"/><itemref idref="c2"/>', ["/6/2", "/6/6"]),
        ('<itemref idref="c1" id="a[1]"/><itemref idref="c2" id="b,c"/>', ["/6/2", "/6/4"]),
    ],
)
def test_chapter_steps_count_every_itemref(spine: str, steps: list[str]) -> None:
    """EPUB CFI 1.1 section 2.1; ids with signs of the syntax would break other readers."""
    publication = opened(package([TWO], spine), {"text/c2.xhtml": SECOND})
    assert [chapter.cfi for chapter in publication.reading_order] == steps


def test_the_first_step_is_the_real_place_of_the_reading_order() -> None:
    opf = package().replace("<manifest>", "<!-- note --><collection role='x'/><manifest>")
    assert [chapter.cfi for chapter in opened(opf).reading_order] == ["/8/2"]


def test_a_document_without_a_head_counts_its_body_first() -> None:
    bare = '<html xmlns="http://www.w3.org/1999/xhtml"><body><h1 id="h">One</h1></body></html>'
    lists = '<nav epub:type="toc"><ol><li><a href="c1.xhtml#h">One</a></li></ol></nav>'
    publication = book({"c1.xhtml": bare, "nav.xhtml": nav(lists)}, NAV)
    assert publication.toc[0].cfi == "epubcfi(/6/2!/2/2)"
