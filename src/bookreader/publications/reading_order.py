"""The documents of an EPUB in the order in which they are read, each parsed, repaired if it must be, and sanitised.

EPUB 3.3 sections 3.2 (fallbacks), 5.7 (spine) and 8.2 (fixed layouts).
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from lxml import etree

from bookreader.publications.archive import MAX_MEMBER, Archive
from bookreader.publications.chapters import Page
from bookreader.publications.flaws import Flaws
from bookreader.publications.markup import (
    MAX_DOCUMENT,
    SVG,
    XHTML,
    Document,
    MarkupError,
    read_xhtml,
    read_xml,
    text_content,
)
from bookreader.publications.media import image_size, image_type
from bookreader.publications.package import SVG_TYPE, Item, ItemRef, Package
from bookreader.publications.sanitise import sanitise

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_META = f"{{{XHTML}}}meta"


@dataclass(frozen=True)
class Reading:
    """An item of the reading order with the file to read for it. `href` is the chapter's own."""

    ref: ItemRef
    item: Item
    href: str
    fixed: bool

    @property
    def spread(self) -> str | None:
        """EPUB 3.3 section 8.2.2.4; only pages of a fixed layout have a side."""
        words = {word.removeprefix("rendition:") for word in self.ref.properties}
        return next((side for side in ("left", "right", "center") if f"page-spread-{side}" in words), None)


def reading_order(package: Package, flaws: Flaws, *, fixed: bool) -> list[Reading]:
    """What can be read, in order. `fixed` says whether the whole book is of fixed layout."""
    readings: list[Reading] = []
    seen: set[str] = set()
    for ref in package.reading_order:
        item = _readable(package, ref, flaws)
        if item is None or item.name is None:
            continue
        if item.name in seen:
            flaws.add("repeated_item", item.href)
            continue
        seen.add(item.name)
        readings.append(Reading(ref, item, _chapter_href(item), _is_fixed(ref, fixed)))
    return readings


def pages(archive: Archive, readings: list[Reading], titles: dict[str, str], flaws: Flaws) -> Iterator[Page]:
    """The parsed and sanitised documents, one by one. Raises BookRefused (too_large)."""
    for reading in readings:
        document = _document(archive, reading, flaws)
        if document is None:
            flaws.add("unreadable_resource", reading.href)
            continue
        if document.repaired:
            flaws.add("repaired", reading.href)
        viewport = _viewport(document.root) if reading.fixed else None
        sanitise(document.root, reading.href.count("/"))
        yield Page(
            href=reading.href,
            root=document.root,
            cfi=reading.ref.cfi,
            title=titles.get(reading.href),
            linear=reading.ref.linear,
            viewport=viewport,
            spread=reading.spread if reading.fixed else None,
        )


def _readable(package: Package, ref: ItemRef, flaws: Flaws) -> Item | None:
    """The item itself, or the first of its fallbacks that is a page; else the picture that it is."""
    first = package.items.get(ref.idref)
    if first is None:
        flaws.add("missing_resource", ref.idref)
        return None
    chain = list(_fallbacks(package, first))
    found = next((item for item in chain if _is_page(item)), None) or next(filter(_is_picture, chain), None)
    if found is None and first.name is not None:
        flaws.add("unreadable_resource", first.written)
    return found


def _fallbacks(package: Package, item: Item | None) -> Iterator[Item]:
    """The items of a fallback chain that are there, each once."""
    followed: set[str] = set()
    while item is not None and item.id not in followed:
        if item.name is not None and item.name != package.name:
            yield item
        followed.add(item.id)
        item = package.items.get(item.fallback or "")


def _is_page(item: Item) -> bool:
    return item.is_document or item.media_type == SVG_TYPE


def _is_picture(item: Item) -> bool:
    return item.media_type.startswith("image/")


def _chapter_href(item: Item) -> str:
    """A picture becomes a page around it, which needs an address of its own."""
    return item.href if _is_page(item) else f"{item.href}.xhtml"


def _is_fixed(ref: ItemRef, fixed: bool) -> bool:
    """EPUB 3.3 section 8.2.2.1.1: an item may differ from the whole."""
    words = {word.removeprefix("rendition:") for word in ref.properties}
    return "layout-pre-paginated" in words or (fixed and "layout-reflowable" not in words)


def _document(archive: Archive, reading: Reading, flaws: Flaws) -> Document | None:
    """The item as a document; None when nothing of it can be shown."""
    unpacked = archive.read(reading.item.name or "", MAX_DOCUMENT if _is_page(reading.item) else MAX_MEMBER)
    if unpacked.damaged:
        flaws.add("damaged_resource", reading.href)
    try:
        if reading.item.is_document:
            return read_xhtml(unpacked.data)
        if reading.item.media_type == SVG_TYPE:
            return _around_drawing(unpacked.data, reading.href)
    except MarkupError:
        return None
    return _around_picture(unpacked.data, reading.item.href) if image_type(unpacked.data) else None


def _around_drawing(data: bytes, href: str) -> Document:
    """The paginator needs a body, which a drawing alone has not."""
    drawing = read_xml(data)
    if drawing.tag != f"{{{SVG}}}svg":
        raise MarkupError("no SVG")
    title = next((text_content(child) for child in drawing.iterchildren(f"{{{SVG}}}title")), "")
    page = _blank(title or href, _box_of(drawing))
    page[1].append(drawing)
    return Document(page)


def _around_picture(data: bytes, href: str) -> Document:
    size = image_size(data)
    page = _blank(href, f"width={size[0]}, height={size[1]}" if size else None)
    etree.SubElement(page[1], f"{{{XHTML}}}img", src=quote(posixpath.basename(href)), alt="")
    return Document(page)


def _blank(title: str, viewport: str | None) -> etree._Element:
    """A page with head and body that says how large what it will hold is."""
    page = etree.Element(f"{{{XHTML}}}html", nsmap={None: XHTML})
    head = etree.SubElement(page, f"{{{XHTML}}}head")
    etree.SubElement(head, f"{{{XHTML}}}title").text = title
    if viewport:
        etree.SubElement(head, _META, name="viewport", content=viewport)
    etree.SubElement(page, f"{{{XHTML}}}body")
    return page


def _box_of(drawing: etree._Element) -> str | None:
    box = _NUMBER.findall(drawing.get("viewBox") or "")
    sides = [_NUMBER.match((drawing.get(side) or "").strip()) for side in ("width", "height")]
    if len(box) == 4:
        return f"width={box[2]}, height={box[3]}"
    return f"width={sides[0][0]}, height={sides[1][0]}" if sides[0] and sides[1] else None


def _viewport(root: etree._Element) -> str | None:
    """EPUB 3.3 section 8.2.2.6."""
    for meta in root.iter(_META):
        if (meta.get("name") or "").strip().lower() == "viewport":
            return " ".join((meta.get("content") or "").split())[:200] or None
    return None
