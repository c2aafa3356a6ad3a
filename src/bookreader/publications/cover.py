"""Which picture of an EPUB is its cover: said in five ways over the years, or the first page's picture."""

import re
from collections.abc import Iterable, Iterator
from html import unescape

from bookreader.publications.flaws import Flaws
from bookreader.publications.links import resolve
from bookreader.publications.media import image_size
from bookreader.publications.model import Chapter, Resource, TocEntry
from bookreader.publications.package import Package
from bookreader.publications.resources import Resources

MAX_PIXELS = 100_000_000
"""Larger pictures are no covers: whoever shows them would have to decode them."""

_CHARACTERS_ON_A_COVER = 50
_PICTURE = re.compile(r"""<(?:\w+:)?(?:img|image)\b[^>]*?\s(?:src|(?:\w+:)?href)="([^"]+)\"""")


def cover_of(
    package: Package,
    chapters: tuple[Chapter, ...],
    landmarks: Iterable[TocEntry],
    resources: Resources,
    flaws: Flaws,
) -> str | None:
    """The href of the cover among the resources, or None when the book has none."""
    pages = {chapter.href: chapter for chapter in chapters}
    for href in _said(package, landmarks):
        picture = _picture_of(pages[href]) if href in pages else href
        if picture is not None and is_usable(resources.picture(picture)):
            return picture
        if picture is not None:
            flaws.add("unusable_cover", picture)
    return next((href for href in _guessed(package, chapters[0]) if is_usable(resources.picture(href))), None)


def _said(package: Package, landmarks: Iterable[TocEntry]) -> Iterator[str]:
    """EPUB 3.3 section 5.6.3 (cover-image); the meta of EPUB 2, by id or by href; guide and landmarks."""
    items = package.items.values()
    yield from (item.href for item in items if "cover-image" in item.properties and item.href)
    for meta in package.metas("cover"):
        item = package.items.get(meta) or next((item for item in items if item.written == meta), None)
        if item is not None and item.href:
            yield item.href
    yield from (mark.href.partition("#")[0] for mark in landmarks if mark.role == "cover" and mark.href)


def _guessed(package: Package, first: Chapter) -> Iterator[str]:
    """The picture of the first page, then pictures that are called cover."""
    if (picture := _picture_of(first)) is not None:
        yield picture
    for item in package.items.values():
        if item.media_type.startswith("image/") and "cover" in f"{item.id} {item.href}".lower():
            yield item.href


def _picture_of(page: Chapter) -> str | None:
    """The picture of a page that is hardly more than that: on others it may be a logo or a portrait."""
    found = _PICTURE.search(page.html) if page.characters <= _CHARACTERS_ON_A_COVER else None
    return resolve(page.href, unescape(found[1])) if found else None


def is_usable(resource: Resource | None) -> bool:
    """Whether a resource is a picture that whoever shows covers can decode."""
    if resource is None or not resource.media_type.startswith("image/") or not resource.data:
        return False
    width, height = image_size(resource.data) or (1, 1)
    return 0 < width * height <= MAX_PIXELS
