"""Any FB2 that could be written, and any that could be damaged: text survives, what is served is well-formed, and
nothing crashes or hangs."""

import random
import time
from html import escape
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from bookreader.errors import BookRefused
from bookreader.publications.fb2 import open_fb2
from bookreader.publications.model import Publication, TocEntry
from bookreader.publications.text import TextMap
from tests.unit.publications.fb2_books import PNG, fb2

WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=8
)
INLINE_NAMES = st.sampled_from(
    ["emphasis", "strong", "strikethrough", "sub", "sup", "code", "style", "a", "unheard-of"]
)
PARAGRAPH_NAMES = st.sampled_from(["p", "subtitle"])
BLOCK_NAMES = st.sampled_from(["cite", "epigraph", "annotation", "poem", "unheard-of"])


def inlines() -> st.SearchStrategy[str]:
    words = WORDS.map(lambda text: escape(text, quote=False))
    wrapped = lambda inner: st.builds("<{0}>{1}</{0}>".format, INLINE_NAMES, st.lists(inner, max_size=2).map("".join))  # noqa: E731
    return st.lists(st.recursive(words, wrapped, max_leaves=4), max_size=3).map("".join)


def blocks() -> st.SearchStrategy[str]:
    paragraph = st.builds("<{0}>{1}</{0}>".format, PARAGRAPH_NAMES, inlines())
    row = st.lists(inlines().map("<td>{}</td>".format), max_size=3).map("".join)
    table = st.lists(row.map("<tr>{}</tr>".format), max_size=2).map("".join).map("<table>{}</table>".format)
    leaf = st.one_of(paragraph, table, st.just("<empty-line/>"), st.just('<image l:href="#i.png"/>'))
    nested = lambda inner: st.builds("<{0}>{1}</{0}>".format, BLOCK_NAMES, st.lists(inner, max_size=2).map("".join))  # noqa: E731
    return st.lists(st.recursive(leaf, nested, max_leaves=4), max_size=4).map("".join)


def sections() -> st.SearchStrategy[str]:
    title = st.one_of(
        st.just(""),
        st.lists(inlines().map("<p>{}</p>".format), max_size=2).map("".join).map("<title>{}</title>".format),
    )
    identified = st.one_of(st.just(""), st.sampled_from(["a", "b", "c d"]).map(' id="{}"'.format))
    leaf = st.builds("<section{}>{}{}</section>".format, identified, title, blocks())
    return st.recursive(
        leaf,
        lambda inner: st.builds(
            "<section{}>{}{}</section>".format, identified, title, st.lists(inner, min_size=1, max_size=3).map("".join)
        ),
        max_leaves=6,
    )


def bodies() -> st.SearchStrategy[str]:
    body = st.lists(st.one_of(sections(), blocks()), min_size=1, max_size=4).map("".join)
    notes = body.map('<body name="notes">{}</body>'.format)
    return st.builds("<body><p>x</p>{}</body>{}".format, body, st.one_of(st.just(""), notes))


def squeezed(text: str) -> str:
    return "".join(text.split())


def flat(entries: tuple[TocEntry, ...]) -> list[TocEntry]:
    return [one for entry in entries for one in (entry, *flat(entry.children))]


def check(publication: Publication) -> None:
    """What holds for every publication."""
    first = 1
    for number, chapter in enumerate(publication.reading_order, 1):
        root = etree.fromstring(chapter.html.encode())
        assert root.tag == "{http://www.w3.org/1999/xhtml}html"
        assert "<!" not in chapter.html
        assert (chapter.number, chapter.first_position) == (number, first)
        assert chapter.text == TextMap(chapter.html).text
        first += chapter.positions
    assert publication.positions == first - 1
    for entry in flat(publication.toc):
        assert entry.chapter is not None
        assert entry.cfi is not None
        TextMap(publication.reading_order[entry.chapter - 1].html).offset(entry.cfi)
    assert publication.cover is None or publication.cover in publication.resources


def test_all_text_of_any_book_survives_in_its_order(deep: bool) -> None:
    @settings(
        max_examples=1000 if deep else 60, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(bodies())
    def holds(source: str) -> None:
        book = fb2(source + "<!-- end -->", binaries={"i.png": PNG})
        root = etree.fromstring(book.encode(), etree.XMLParser(remove_comments=True))
        text = squeezed("".join("".join(body.itertext()) for body in root.iter("{*}body")))
        publication = open_fb2(book.encode())
        check(publication)
        assert publication.warnings == ()
        assert "".join(squeezed(chapter.text) for chapter in publication.reading_order) == text
        assert open_fb2(book.encode()) == publication

    holds()


PIECES = (
    b"<", b">", b"&", b"</section>", b"<section>", b"</p>", b"<p>", b"<p/>", b"</body>", b"<body>", b"<!--", b"-->",
    b"<![CDATA[", b"]]>", b"<?x", b'"', b"\0", b"\xff", b"&#0;", b"&nbsp;", b"<title>", b"<a l:href='#n'>",
    b"<binary id='x'>", b"</FictionBook>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b" id='a'", b"x:y", b"\xd0",
)  # fmt: skip


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Bytes with one to six faults, such as a bad disk, a bad editor or an enemy makes."""
    for _ in range(chance.randint(1, 6)):
        at, to = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
        to = min(to, at + chance.choice((1, 10, 300)))
        fault = chance.choice((chance.choice(PIECES), b"", data[at:to] * 2, bytes([chance.randrange(256)])))
        data = data[:at] + fault + data[to if chance.random() < 0.7 else at :]
    return data[: chance.randrange(len(data) + 1)] if chance.random() < 0.1 else data


SOUND = fb2(
    '<body><title><p>T</p></title><section id="a"><title><p>One</p></title><epigraph><p>E</p></epigraph>'
    '<p>Текст <strong>с <emphasis>весом</emphasis></strong><a l:href="#n" type="note">1</a></p><image l:href="#i.png"/>'
    f"{'<p>Ещё слова.</p><p>More words.</p>' * 10}"
    "<poem><stanza><v>v</v></stanza></poem><table><tr><td>c</td></tr></table></section></body>"
    '<body name="notes"><section id="n"><p>note</p></section></body>',
    binaries={"i.png": PNG},
).encode()


def outcomes(data: bytes, times: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for seed in range(times):
        chance = random.Random(seed)  # noqa: S311 - the same faults each time
        broken = damaged(data, chance)
        begun = time.process_time()
        try:
            publication = open_fb2(broken)
        except BookRefused as refused:
            outcome = refused.stable_code
        else:
            outcome = "opened"
            check(publication)
        assert time.process_time() - begun < 5, f"seed {seed} takes too long"
        found[outcome] = found.get(outcome, 0) + 1
    return found


def test_damaged_books_open_or_are_refused(deep: bool) -> None:
    found = outcomes(SOUND, 8000 if deep else 400)
    assert set(found) <= {"opened", "empty", "unsupported_format", "invalid_publication", "too_large"}
    assert found["opened"] > 0.6 * sum(found.values())


def test_damaged_real_books_open_or_are_refused(corpus: Path, deep: bool) -> None:
    for name in ("fb2_pandoc-suite.fb2", "fb2_pandoc-images.fb2", "fb2_war-and-peace_gribov.fb2"):
        found = outcomes((corpus / "books" / name).read_bytes(), 100 if deep else 10)
        assert found["opened"] > 0.6 * sum(found.values()), name
