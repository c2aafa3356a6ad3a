"""From documents to chapters: number, served markup, text, words, positions, and the places that contents lead to.

Whoever reads a format calls `assemble` with its documents in reading order and then `resolve` with its contents.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from lxml import etree

from bookreader.publications.cfi import chapter_steps, is_cfi
from bookreader.publications.markup import XHTML, serialise, text_content
from bookreader.publications.model import Chapter, TocEntry
from bookreader.publications.positions import positions_of, words_of
from bookreader.publications.text import TextMap

_HEADINGS = tuple(f"{{{XHTML}}}h{level}" for level in range(1, 7))
_ANCHORS = etree.XPath("descendant-or-self::*[@id or @name]")
_BODY = f"{{{XHTML}}}body"
_MAX_TITLE = 300


@dataclass(frozen=True)
class Page:
    """One document of the reading order, parsed and sanitised.

    `href` is decoded and counts from the book's folder; `cfi` is the chapter step, such as /6/4[ch1]. A title given
    here goes before the document's own first heading.
    """

    href: str
    root: etree._Element
    cfi: str
    title: str | None = None
    linear: bool = True
    media_type: str = "application/xhtml+xml"
    viewport: str | None = None
    spread: str | None = None


class Anchor(NamedTuple):
    """A place in a document: its path, such as /4/10, and the code points of text before it."""

    path: str
    offset: int


@dataclass(frozen=True)
class Assembled:
    """The chapters, and where documents begin ("href") and the anchors are that were asked for ("href#id")."""

    chapters: tuple[Chapter, ...]
    anchors: Mapping[str, Anchor] = field(default_factory=dict)


def assemble(pages: Iterable[Page], anchors: Collection[str] = ()) -> Assembled:
    """Numbers the pages and takes their text. `anchors` are the addresses ("href#id") whose places are wanted.

    The pages may come one by one: none is kept, so that a large book needs the memory of one tree.
    """
    wanted: dict[str, set[str]] = {}
    for address in anchors:
        href, _, fragment = address.partition("#")
        if fragment:
            wanted.setdefault(href, set()).add(fragment)
    chapters: list[Chapter] = []
    found: dict[str, Anchor] = {}
    position = 1
    for number, page in enumerate(pages, 1):
        places = TextMap.from_root(page.root)
        chapter = _chapter(page, places.text, number, position)
        position += chapter.positions
        chapters.append(chapter)
        found[page.href] = Anchor(_path(_body(page.root)), 0)
        for fragment, path in _paths(page.root, wanted.get(page.href, ())):
            offset = places.offset(f"epubcfi({page.cfi}!{path})")
            found.setdefault(f"{page.href}#{fragment}", Anchor(path, offset))
    return Assembled(tuple(chapters), found)


def addresses(entries: Iterable[TocEntry]) -> set[str]:
    """Every address in nested entries: what `assemble` is to find."""
    return {entry.href for entry in flat(entries) if entry.href is not None}


def titles(entries: Iterable[TocEntry]) -> dict[str, str]:
    """The title of each document by its href: that of the first entry that leads to its beginning, or into it."""
    whole: dict[str, str] = {}
    inside: dict[str, str] = {}
    for entry in flat(entries):
        if entry.href is not None and entry.title:
            href, _, fragment = entry.href.partition("#")
            (inside if fragment else whole).setdefault(href, entry.title)
    return inside | whole


def flat(entries: Iterable[TocEntry]) -> Iterator[TocEntry]:
    """All entries one after the other, as they are read."""
    for entry in entries:
        yield entry
        yield from flat(entry.children)


def resolve(entries: Iterable[TocEntry], assembled: Assembled) -> tuple[TocEntry, ...]:
    """The same entries with the chapter and the whole CFI that each leads to."""
    places = _Places(assembled)
    return tuple(places.resolved(entry) for entry in entries)


class _Places:
    """Finds chapters by their hrefs and by their steps in the package."""

    def __init__(self, assembled: Assembled) -> None:
        self._anchors = assembled.anchors
        self._by_href = {chapter.href: chapter for chapter in reversed(assembled.chapters)}

    @cached_property
    def _by_step(self) -> dict[tuple[int, ...], Chapter]:
        return {chapter_steps(chapter.cfi): chapter for chapter in reversed(self._by_href.values())}

    def resolved(self, entry: TocEntry) -> TocEntry:
        children = tuple(self.resolved(child) for child in entry.children)
        href, _, fragment = (entry.href or "").partition("#")
        number, cfi, title, offset = None, None, entry.title, 0
        if chapter := self._by_href.get(href):
            path, offset = self._anchors.get(entry.href or "") or self._anchors[href]
            number, cfi, title = chapter.number, f"epubcfi({chapter.cfi}!{path})", title or chapter.title or ""
        # A link into the package may say the place itself (EPUB CFI 1.1 section 3.3).
        elif is_cfi(fragment) and (chapter := self._by_step.get(chapter_steps(fragment))):
            number, cfi = chapter.number, fragment
        return TocEntry(title, entry.href, number, cfi, children, entry.role, offset)


def _chapter(page: Page, text: str, number: int, first_position: int) -> Chapter:
    html = serialise(page.root)
    return Chapter(
        number=number,
        href=page.href,
        title=page.title or _heading(page.root),
        linear=page.linear,
        media_type=page.media_type,
        html=html,
        text=text,
        characters=len(text),
        words=words_of(text),
        cfi=page.cfi,
        first_position=first_position,
        positions=positions_of(len(text)),
        size=len(html.encode()),
        viewport=page.viewport,
        spread=page.spread,
    )


def _heading(root: etree._Element) -> str | None:
    for heading in root.iter(*_HEADINGS):
        if title := text_content(heading):
            return title[:_MAX_TITLE]
    return None


def _body(root: etree._Element) -> etree._Element:
    return next(root.iterchildren(_BODY), root)


def _paths(root: etree._Element, fragments: Collection[str]) -> Iterable[tuple[str, str]]:
    if not fragments:
        return
    for element in _ANCHORS(root):
        fragment = element.get("id") or element.get("name")
        if fragment in fragments:
            yield fragment, _path(element)


def _path(element: etree._Element) -> str:
    """The standard's path from the document's root: each step twice the element's number among its siblings."""
    steps: list[str] = []
    while (parent := element.getparent()) is not None:
        steps.append(f"/{2 * parent.index(element) + 2}")
        element = parent
    return "".join(reversed(steps))
