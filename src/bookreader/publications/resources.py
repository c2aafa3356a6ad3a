"""The files of a book as they are served: unpacked only when asked for, sanitised, fonts clear.

A large book would not fit into memory with all its pictures; so the archive's bytes are kept, and one file at a time
is made of them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from bookreader.errors import BookRefused
from bookreader.publications.css import sanitise_sheet
from bookreader.publications.fonts import font_type
from bookreader.publications.markup import SVG, XHTML, MarkupError, read_xhtml, read_xml, serialise
from bookreader.publications.media import image_type
from bookreader.publications.model import Resource
from bookreader.publications.sanitise import sanitise

UNKNOWN = "application/octet-stream"

# What may be served beside pictures and fonts, which are known by their bytes. Never a script, never text/html.
_BY_ENDING = {
    "css": "text/css", "xhtml": "application/xhtml+xml", "html": "application/xhtml+xml",
    "htm": "application/xhtml+xml", "svg": "image/svg+xml", "mp3": "audio/mpeg", "m4a": "audio/mp4",
    "ogg": "audio/ogg", "opus": "audio/ogg", "mp4": "video/mp4", "m4v": "video/mp4", "webm": "video/webm",
    "ttf": "font/ttf", "otf": "font/otf", "woff": "font/woff", "woff2": "font/woff2", "png": "image/png",
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "avif": "image/avif",
}  # fmt: skip


class Source(NamedTuple):
    """What a file is to be read as, and how its bytes are read."""

    media_type: str
    read: Callable[[], bytes]


class Resources(Mapping[str, Resource]):
    """Resources by href, each unpacked and made harmless when it is asked for."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources

    def __getitem__(self, href: str) -> Resource:
        source = self._sources[href]
        return served(href, source.media_type, source.read())

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    def picture(self, href: str) -> Resource | None:
        """A picture as it lies in the book, to look at and not to serve; None for whatever is no picture."""
        source = self._sources.get(href)
        data = source.read() if source else b""
        media_type = image_type(data)
        return Resource(media_type, data) if media_type else None


def expected_type(href: str, declared: str) -> str:
    """The media type that a file is to be read as, by its name and by what the book says; UNKNOWN for the rest."""
    by_ending = _BY_ENDING.get(href.rpartition(".")[2].lower(), "")
    known = declared if declared in _BY_ENDING.values() or declared.startswith(("audio/", "video/")) else ""
    return known or by_ending or UNKNOWN


def served(href: str, media_type: str, data: bytes) -> Resource:
    """A file as it may be served, or as bytes without meaning when it is not what it says it is."""
    depth = href.count("/")
    if media_type == "text/css":
        return Resource(media_type, sanitise_sheet(data, depth))
    if media_type == "application/xhtml+xml":
        return Resource(media_type, _document(data, depth))
    found = image_type(data) or font_type(data)
    if found == "image/svg+xml" or media_type == "image/svg+xml":
        return Resource("image/svg+xml", _drawing(data, depth))
    if found:
        return Resource(found, data)
    return Resource(media_type if media_type.startswith(("audio/", "video/")) else UNKNOWN, data)


def _document(data: bytes, depth: int) -> bytes:
    try:
        root = read_xhtml(data).root
    except (MarkupError, BookRefused):
        return _BLANK
    sanitise(root, depth)
    return serialise(root).encode()


def _drawing(data: bytes, depth: int) -> bytes:
    try:
        root = read_xml(data)
    except (MarkupError, BookRefused):
        return b""
    if root.tag != f"{{{SVG}}}svg":
        return b""
    sanitise(root, depth)
    return serialise(root).encode()


_BLANK = f'<html xmlns="{XHTML}"><head><title></title></head><body></body></html>'.encode()
