"""The contents, landmarks and page list of an EPUB, from its navigation document, its NCX or its guide.

EPUB 3.3 section 7 (navigation document), OPF 2.0.1 section 2.4.1 (NCX) and 2.6 (guide), DAISY Z39.86-2005 section 8.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from lxml import etree

from bookreader.publications.chapters import flat
from bookreader.publications.markup import XHTML, local_name
from bookreader.publications.metadata import cleaned
from bookreader.publications.model import TocEntry

MAX_ENTRIES = 20_000
"""Contents with more are taken for none."""

_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_X = f"{{{XHTML}}}"

Hrefs = Callable[[str], str | None]
"""Turns an address as written into an href with fragment, or None when it leads out of the book."""


@dataclass(frozen=True)
class Navigation:
    """What a book offers to go to. `role` of landmarks is its epub:type, such as toc or bodymatter."""

    toc: tuple[TocEntry, ...] = ()
    landmarks: tuple[TocEntry, ...] = ()
    pages: tuple[TocEntry, ...] = ()


def from_nav(root: etree._Element, hrefs: Hrefs) -> Navigation:
    """Reads a navigation document, given as a parsed XHTML document."""
    lists: dict[str, tuple[TocEntry, ...]] = {}
    if _is_endless(root, f"{_X}li"):
        return Navigation()
    for nav in root.iter(f"{_X}nav"):
        for kind in (nav.get(_EPUB_TYPE) or "toc").split():
            if kind not in lists:
                lists[kind] = tuple(_list(nav.find(f".//{_X}ol"), hrefs))
    if "toc" not in lists:
        lists["toc"] = tuple(_list(root.find(f".//{_X}ol"), hrefs))
    return Navigation(lists["toc"], _childless(lists.get("landmarks", ())), _childless(lists.get("page-list", ())))


def from_ncx(root: etree._Element, hrefs: Hrefs) -> Navigation:
    """Reads an NCX."""
    if _is_endless(root, "{*}content"):
        return Navigation()
    points = next(root.iter("{*}navMap"), None)
    pages = next(root.iter("{*}pageList"), None)
    return Navigation(
        toc=() if points is None else tuple(_points(points, "navPoint", hrefs)),
        pages=() if pages is None else tuple(_points(pages, "pageTarget", hrefs)),
    )


def from_guide(guide: etree._Element | None, hrefs: Hrefs) -> tuple[TocEntry, ...]:
    """Landmarks as EPUB 2 names them; its `text` is what EPUB 3 calls bodymatter."""
    found = []
    for reference in [] if guide is None else guide.iter("{*}reference"):
        kind = (reference.get("type") or "").strip().lower()
        role = {"text": "bodymatter", "start": "bodymatter", "title-page": "titlepage"}.get(kind, kind)
        href = hrefs(reference.get("href") or "")
        if href is not None:
            found.append(TocEntry(cleaned(reference.get("title") or "") or kind, href, None, None, role=role or None))
    return tuple(found)


def _childless(entries: Iterable[TocEntry]) -> tuple[TocEntry, ...]:
    return tuple(replace(entry, children=()) for entry in flat(entries))


def _list(items: etree._Element | None, hrefs: Hrefs) -> Iterator[TocEntry]:
    """EPUB 3.3 section 7.3: each item is a link or a heading, and may hold a list of its own."""
    for item in [] if items is None else items.iterchildren(f"{_X}li"):
        label = next((child for child in item if local_name(child) != "ol"), None)
        inner = None if label is None or local_name(label) == "a" else label.find(f".//{_X}a")
        link = label if inner is None else inner
        children = tuple(entry for below in item.iterchildren(f"{_X}ol") for entry in _list(below, hrefs))
        if link is None:
            yield from children
            continue
        address = link.get("href")
        href = hrefs(address) if address else None
        yield TocEntry(_label(link), href, None, None, children, role=link.get(_EPUB_TYPE))


def _label(element: etree._Element) -> str:
    """The words of a link; where it is a picture, what is said of that."""
    words = cleaned("".join(element.itertext()))
    pictures = (image.get("alt") or "" for image in element.iter(f"{_X}img"))
    return words or cleaned(" ".join(pictures)) or cleaned(element.get("title") or "")


def _points(parent: etree._Element, kind: str, hrefs: Hrefs) -> Iterator[TocEntry]:
    for point in parent.iterchildren(f"{{*}}{kind}"):
        label = point.find("{*}navLabel")
        content = point.find("{*}content")
        address = None if content is None else content.get("src")
        yield TocEntry(
            title="" if label is None else cleaned("".join(label.itertext())),
            href=hrefs(address) if address else None,
            chapter=None,
            cfi=None,
            children=tuple(_points(point, kind, hrefs)),
        )


def _is_endless(root: etree._Element, name: str) -> bool:
    return next(islice(root.iter(name), MAX_ENTRIES, None), None) is not None
