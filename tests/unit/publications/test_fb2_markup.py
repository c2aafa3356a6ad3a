"""FB2's elements as XHTML (FictionBook 2.1 schema), each from a small source."""

import base64

from lxml import etree

from bookreader.publications.fb2 import open_fb2
from bookreader.publications.model import Publication, TocEntry
from bookreader.publications.text import TextMap
from tests.unit.publications.fb2_books import EPUB_TYPE, PNG, XHTML, document, fb2, inner


def opened(bodies: str, **parts: object) -> Publication:
    return open_fb2(fb2(bodies, **parts).encode())  # type: ignore[arg-type]


def section(content: str, **parts: object) -> str:
    """The markup that the content of one section becomes."""
    found = inner(opened(f"<section>{content}</section>", **parts))
    assert found.startswith("<section>")
    assert found.endswith("</section>")
    return found.removeprefix("<section>").removesuffix("</section>")


def test_styles_become_the_elements_that_mean_the_same() -> None:
    source = (
        "<p><emphasis>a</emphasis><strong>b</strong><strikethrough>c</strikethrough><sub>d</sub><sup>e</sup>"
        '<code>f</code><style name="x">g</style></p>'
    )
    assert section(source) == (
        "<p><em>a</em><strong>b</strong><s>c</s><sub>d</sub><sup>e</sup><code>f</code><span>g</span></p>"
    )


def test_blocks_become_the_elements_that_mean_the_same() -> None:
    assert section("<subtitle>* * *</subtitle><empty-line/><p>a</p>") == (
        '<p class="subtitle">* * *</p><div class="empty-line"/><p>a</p>'
    )
    assert section("<epigraph><p>a</p><text-author>b</text-author></epigraph><p>c</p>") == (
        '<blockquote class="epigraph"><p>a</p><p class="text-author">b</p></blockquote><p>c</p>'
    )
    assert section("<annotation><p>a</p></annotation><p>b</p>") == '<div class="annotation"><p>a</p></div><p>b</p>'
    assert section("<cite><p>a</p><subtitle>b</subtitle><text-author>c</text-author></cite>") == (
        '<blockquote class="cite"><p>a</p><p class="subtitle">b</p><p class="text-author">c</p></blockquote>'
    )


def test_a_poem_keeps_its_stanzas_verses_author_and_date() -> None:
    source = (
        "<poem><title><p>t</p></title><epigraph><p>e</p></epigraph><stanza><title><p>s</p></title><v>one</v><v>two</v>"
        '</stanza><text-author>A</text-author><date value="1869-01-01">1869</date></poem>'
    )
    assert section(source) == (
        '<div class="poem"><div class="title"><p>t</p></div><blockquote class="epigraph"><p>e</p></blockquote>'
        '<div class="stanza"><div class="title"><p>s</p></div><p class="verse">one</p><p class="verse">two</p></div>'
        '<p class="text-author">A</p><p class="date">1869</p></div>'
    )
    assert opened(f"<section>{source}</section>").reading_order[0].text == "t\n\ne\n\ns\n\none\n\ntwo\n\nA\n\n1869"


def test_tables_keep_spans_and_alignment() -> None:
    source = (
        '<table style="x"><tr align="center"><th colspan="2" bgcolor="red">a</th></tr>'
        '<tr><td rowspan="2" align="right" valign="top">b</td><td align="url(x)" colspan="many"><p>c</p></td></tr>'
        "</table>"
    )
    assert section(source) == (
        '<table><tr class="align-center"><th colspan="2">a</th></tr>'
        '<tr><td class="align-right align-top" rowspan="2">b</td><td><p>c</p></td></tr></table>'
    )


def test_titles_are_headings_as_deep_as_their_section_and_keep_their_lines() -> None:
    publication = opened(
        "<title><p>Author</p><empty-line/><p>Book</p></title><section><title><p>Part</p><p>One</p></title>"
        "<section><title><p>Chapter</p></title><p>text</p></section></section>"
    )
    assert inner(publication) == (
        "<h1><span>Author</span><br/><br/><span>Book</span></h1>"
        '<section id="toc-1"><h2><span>Part</span><br/><span>One</span></h2>'
        '<section id="toc-2"><h3><span>Chapter</span></h3><p>text</p></section></section>'
    )
    assert publication.reading_order[0].text == "Author Book\n\nPart One\n\nChapter\n\ntext"


def test_headings_are_never_deeper_than_six() -> None:
    deep = "<section>" * 9 + "<title><p>t</p></title><p>x</p>" + "</section>" * 9
    assert "<h6>" in inner(opened(deep))


def test_pictures_stand_in_the_line_or_by_themselves() -> None:
    binaries = {"a.png": PNG, "b": PNG}
    source = '<p>x <image l:href="#a.png" alt="An A"/> y</p><image l:href="#b" title="B &amp; C" id="pic"/>'
    assert section(source, binaries=binaries) == (
        '<p>x <img alt="An A" src="images/a.png"/> y</p>'
        '<div id="pic" class="image"><img alt="B &amp; C" title="B &amp; C" src="images/b.png"/></div>'
    )
    publication = opened(f"<section>{source}</section>", binaries=binaries)
    assert publication.resources["images/a.png"].media_type == "image/png"
    assert publication.resources["images/b.png"].data == PNG
    assert publication.warnings == ()


def test_a_picture_that_wrongly_has_content_keeps_it() -> None:
    assert section('<p><image l:href="#a.png">text</image></p>', binaries={"a.png": PNG}) == (
        '<p><span class="image">text<img alt="" src="images/a.png"/></span></p>'
    )


def test_a_missing_picture_leaves_its_words_and_a_warning() -> None:
    publication = opened(
        '<section><p>x<image l:href="#lost.png" alt="A map"/></p><image l:href="http://x.invalid/i"/></section>'
    )
    assert '<img alt="A map"/>' in inner(publication)
    assert "x.invalid" not in publication.reading_order[0].html
    assert [warning.code for warning in publication.warnings] == ["missing_resource", "remote_resource"]
    assert "lost.png" in publication.warnings[0].message


def test_pictures_are_what_their_bytes_say() -> None:
    jpeg = b"\xff\xd8\xff\xe0" + b"\0" * 20
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script><g/></svg>'
    publication = opened(
        '<section><p>x</p><image l:href="#a.png"/></section>',
        binaries={"a.png": jpeg, "s": svg, "page.png": b"<html><script>alert(1)</script></html>", "../../etc/x": PNG},
    )
    types = {href: resource.media_type for href, resource in publication.resources.items()}
    assert types["images/a.png"] == "image/jpeg"
    assert types["images/s.svg"] == "image/svg+xml"
    assert types["images/image-004.png"] == "image/png"
    assert not any("page" in href or ".." in href for href in types)
    assert b"alert" not in publication.resources["images/s.svg"].data.replace(b"alert(2)", b"")
    assert b"<script" not in publication.resources["images/s.svg"].data
    assert [warning.code for warning in publication.warnings] == ["unreadable_resource"]


def test_base64_may_hold_junk_and_lack_its_end() -> None:
    text = base64.b64encode(PNG).decode()
    junk = text[:20] + "\n  \t" + text[20:40] + "@ !" + text[40:].rstrip("=")
    body = '<section><p>x</p><image l:href="#i"/></section>'
    book = fb2(body).replace("</FictionBook>", f'<binary content-type="x" id="i">{junk}</binary></FictionBook>')
    assert open_fb2(book.encode()).resources["images/i.png"].data == PNG


def test_links_lead_to_where_their_ends_went() -> None:
    publication = opened(
        '<section id="a"><p><a l:href="#b">in</a><a l:href="#d d">out</a><a l:href="#nowhere">lost</a></p>'
        '<p id="b">B</p></section><section id="c"><p id="d d"><a l:href="https://example.org/x">web</a>'
        '<a l:href="javascript:alert(1)">js</a><a l:href="/url">rel</a><a>none</a></p></section>'
    )
    assert inner(publication) == (
        '<section id="a"><p><a href="#b">in</a><a href="section-002.xhtml#d%20d">out</a><a>lost</a></p><p id="b">B</p>'
        "</section>"
    )
    assert inner(publication, 2) == (
        '<section id="c"><p id="d d"><a href="https://example.org/x">web</a><a>js</a><a>rel</a><a>none</a></p></section>'
    )


NOTES = (
    '<body><section><title><p>One<a l:href="#n1" type="note">[1]</a></p></title>'
    '<p>Text<a l:href="#n1" type="note">[1]</a><a l:href="#c1">*</a>.</p></section></body>'
    '<body name="notes"><title><p>Notes</p></title><section><title><p>Of part one</p></title>'
    '<section id="n1"><title><p>1</p></title><p>First, see <a l:href="#c1" type="note">*</a>.</p></section>'
    "</section></body>"
    '<body name="comments"><section id="c1"><p>A comment.</p></section></body>'
)


def test_notes_have_documents_of_their_own_and_say_what_they_are() -> None:
    publication = opened(NOTES)
    assert [(c.href, c.linear, c.title) for c in publication.reading_order] == [
        ("section-001.xhtml", True, "One"),
        ("notes-001.xhtml", False, "Notes"),
        ("notes-002.xhtml", False, None),
    ]
    text, notes, comments = (document(publication, number) for number in (1, 2, 3))
    for link in text.iter(f"{XHTML}a"):
        assert link.get(EPUB_TYPE) == "noteref"
    assert [link.get("href") for link in text.iter(f"{XHTML}a")] == [
        "notes-001.xhtml#n1", "notes-001.xhtml#n1", "notes-002.xhtml#c1",
    ]  # fmt: skip
    asides = [*notes.iter(f"{XHTML}aside"), *comments.iter(f"{XHTML}aside")]
    assert [(aside.get("id"), aside.get(EPUB_TYPE)) for aside in asides] == [("n1", "footnote"), ("c1", "footnote")]
    assert notes.find(f"{XHTML}section/{XHTML}h2") is not None


def test_an_unnamed_second_body_of_notes_is_found_by_its_links() -> None:
    publication = opened(
        '<body><section><p>x<a l:href="#n" type="note">1</a></p></section></body>'
        '<body><section id="n"><p>note</p></section></body>'
    )
    assert [chapter.linear for chapter in publication.reading_order] == [True, False]


def test_a_second_body_of_text_is_read_on_under_its_title() -> None:
    publication = opened(
        "<body><section><title><p>A</p></title><p>a</p></section></body>"
        "<body><title><p>Second</p></title><section><title><p>B</p></title><p>b</p></section></body>"
    )
    assert [chapter.linear for chapter in publication.reading_order] == [True, True]
    assert tree(publication.toc) == [("A", []), ("Second", [("B", [])])]


def tree(entries: tuple[TocEntry, ...]) -> list[tuple[str, list]]:
    return [(entry.title, tree(entry.children)) for entry in entries]


def flat(entries: tuple[TocEntry, ...]) -> list[TocEntry]:
    return [one for entry in entries for one in (entry, *flat(entry.children))]


def test_contents_nest_as_sections_do_and_lead_to_them() -> None:
    publication = opened(
        "<title><p>Book</p></title><section><p>Untitled.</p><section><title><p>Lifted</p></title><p>l</p></section>"
        '</section><section id="two"><title><p>Two!</p><p>Lines</p></title>'
        '<section id="in"><title><p>Inner</p></title><p>i</p></section>'
        "<section><title><p>Other</p></title><p>o</p></section></section>"
    )
    assert tree(publication.toc) == [("Lifted", []), ("Two! Lines", [("Inner", []), ("Other", [])])]
    assert [entry.href for entry in flat(publication.toc)] == [
        "section-001.xhtml#toc-1", "section-002.xhtml", "section-002.xhtml#in", "section-002.xhtml#toc-2",
    ]  # fmt: skip
    for entry in flat(publication.toc):
        chapter = publication.reading_order[(entry.chapter or 0) - 1]
        offset = TextMap(chapter.html).offset(entry.cfi or "")
        assert " ".join(chapter.text[offset:].split("\n\n")).startswith(entry.title)


def test_lines_of_a_title_are_joined_as_sentences() -> None:
    def title(*lines: str) -> str | None:
        inside = "".join(f"<p>{line}</p>" for line in lines)
        return opened(f"<section><title>{inside}</title><p>x</p></section>").reading_order[0].title

    assert title("Chapter One", "The House") == "Chapter One. The House"
    assert title("Who?", "Nobody.", "", "Then") == "Who? Nobody. Then"
    assert title(" One \n line ") == "One line"


def test_one_document_for_each_section_of_the_top() -> None:
    sections = "".join(f"<section><p>{number}</p></section>" for number in range(1, 13))
    publication = opened(f"<title><p>T</p></title><epigraph><p>E</p></epigraph>{sections}")
    assert [chapter.href for chapter in publication.reading_order] == [
        f"section-{number:03}.xhtml" for number in range(1, 13)
    ]
    assert [chapter.cfi for chapter in publication.reading_order][:3] == ["/6/2", "/6/4", "/6/6"]
    assert publication.reading_order[0].text == "T\n\nE\n\n1"


def test_a_body_without_sections_is_one_document() -> None:
    assert [chapter.text for chapter in opened("<title><p>T</p></title><p>a</p><p>b</p>").reading_order] == [
        "T\n\na\n\nb"
    ]


def long_section(title: str, characters: int, inside: str = "") -> str:
    text = "<p>" + "word " * (characters // 5) + "</p>"
    return f"<section><title><p>{title}</p></title>{text}{inside}</section>"


def test_a_section_over_200_000_characters_is_split_at_its_child_sections() -> None:
    parts = long_section("1.1", 90_000) + long_section(
        "1.2", 90_000, long_section("1.2.1", 60_000) + long_section("1.2.2", 70_000)
    )
    publication = opened(long_section("1", 20_000, parts + long_section("1.3", 10)) + long_section("2", 250_000))
    assert [(chapter.href, chapter.title) for chapter in publication.reading_order] == [
        ("section-001.xhtml", "1"),
        ("section-002.xhtml", "1.2"),
        ("section-003.xhtml", "1.2.2"),
        ("section-004.xhtml", "1.3"),
        ("section-005.xhtml", "2"),
    ]
    assert [chapter.text[:3] for chapter in publication.reading_order] == ["1\n\n", "1.2", "1.2", "1.3", "2\n\n"]
    assert "<h2>" in inner(publication, 1)
    assert "<h4>" in inner(publication, 3)
    assert tree(publication.toc) == [
        ("1", [("1.1", []), ("1.2", [("1.2.1", []), ("1.2.2", [])]), ("1.3", [])]),
        ("2", []),
    ]
    assert [entry.chapter for entry in flat(publication.toc)] == [1, 1, 2, 2, 3, 4, 5]


def test_a_section_of_200_000_characters_is_one_document() -> None:
    whole = long_section("1", 100_000, long_section("1.1", 99_000))
    assert len(opened(whole).reading_order) == 1


def test_long_notes_are_spread_over_documents() -> None:
    notes = "".join(f'<section id="n{n}"><p>{"note " * 20_000}</p></section>' for n in range(5))
    publication = opened(
        f'<body><section><p>x<a l:href="#n4" type="note">4</a></p></section></body><body name="notes">{notes}</body>'
    )
    assert [chapter.href for chapter in publication.reading_order] == [
        "section-001.xhtml", "notes-001.xhtml", "notes-002.xhtml", "notes-003.xhtml",
    ]  # fmt: skip
    assert 'href="notes-003.xhtml#n4"' in publication.reading_order[0].html


def test_ids_are_kept_and_the_first_of_equals_counts() -> None:
    publication = opened(
        '<section id="s"><p id="p">a</p><p id="p">b</p><p><a l:href="#p">x</a></p></section>'
        '<section id="s"><p>c</p></section>'
    )
    assert inner(publication) == '<section id="s"><p id="p">a</p><p>b</p><p><a href="#p">x</a></p></section>'
    assert inner(publication, 2) == "<section><p>c</p></section>"


def test_no_element_that_holds_text_is_served_without_an_end_tag() -> None:
    html = opened('<section><p/><empty-line/><title/><p><a id="x"/><emphasis/></p></section>x').reading_order[0].html
    assert '<div class="empty-line"></div>' in html
    assert '<a id="x"></a><em></em>' in html


def test_languages_are_said_where_they_change() -> None:
    publication = opened('<section><p xml:lang="fr">Oui</p></section>')
    assert 'lang="fr"' in inner(publication)
    root = etree.fromstring(publication.reading_order[0].html)
    assert (root.get("lang"), root.get("{http://www.w3.org/XML/1998/namespace}lang")) == ("ru", "ru")


def test_what_fb2_does_not_know_keeps_its_text_and_cannot_act() -> None:
    publication = opened(
        '<section><TABLE>a</TABLE><p>b<whatever onclick="alert(1)" style="color:red">c</whatever></p>'
        '<script>alert(1)</script><iframe src="http://x.invalid"/><p><b>d</b><style>p{}</style></p></section>'
    )
    assert inner(publication) == (
        "<section><div>a</div><p>b<span>c</span></p><div>alert(1)</div><div/><p><b>d</b><span>p{}</span></p></section>"
    )


def test_the_stylesheet_is_ours() -> None:
    book = fb2("<section><p>x</p></section>").replace(
        "<description>",
        '<stylesheet type="text/css">p { background: url(http://x.invalid/) }</stylesheet><description>',
    )
    publication = open_fb2(book.encode())
    assert b"x.invalid" not in publication.resources["style.css"].data
    assert publication.resources["style.css"].media_type == "text/css"
    assert 'href="style.css"' in publication.reading_order[0].html
    assert "x.invalid" not in publication.reading_order[0].text


def test_a_package_document_makes_the_chapter_steps_true() -> None:
    publication = opened(NOTES, binaries={"a.png": PNG})
    package = etree.fromstring(publication.resources["package.opf"].data)
    spine = package[2]
    assert etree.QName(spine).localname == "spine"
    hrefs = {item.get("id"): item.get("href") for item in package[1]}
    for chapter in publication.reading_order:
        reference = spine[int(chapter.cfi.rpartition("/")[2]) // 2 - 1]
        assert hrefs[reference.get("idref")] == chapter.href
        assert (reference.get("linear") != "no") == chapter.linear
    assert set(hrefs.values()) >= {"style.css", "images/a.png"}
