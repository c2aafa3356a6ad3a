"""Opens a book by what it contains, whatever its name says."""

from bookreader.errors import BookRefused
from bookreader.publications.archive import Archive
from bookreader.publications.epub import look_at_epub, open_epub
from bookreader.publications.fb2 import looks_like_fb2, open_fb2
from bookreader.publications.model import Publication
from bookreader.publications.package import CONTAINER

MAX_FB2 = 128 * 1024**2
"""Bytes of an unpacked FB2."""

_ZIP_BEGINS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_ZIP_ENDS = b"PK\x05\x06"
_END_LIES_WITHIN = 66_000


def open_publication(data: bytes) -> Publication:
    """The publication in the bytes of an EPUB, an FB2 or a zipped FB2.

    Raises BookRefused with one of its codes when the bytes cannot become a book.
    """
    found = _found(data)
    return open_epub(found) if isinstance(found, Archive) else open_fb2(found)


def look_at(data: bytes) -> str:
    """The format, "epub" or "fb2", without reading any chapter: many times faster than opening, and less strict.

    Raises BookRefused for what cannot be opened by any means.
    """
    found = _found(data)
    if not isinstance(found, Archive):
        return "fb2"
    look_at_epub(found)
    return "epub"


def _found(data: bytes) -> Archive | bytes:
    """An EPUB's archive, or the bytes of an FB2, unzipped."""
    if not data:
        raise BookRefused("This file is empty: it has no bytes. Fetch it again.", code="empty")
    if data.startswith(_ZIP_BEGINS):
        return _in_archive(data)
    if looks_like_fb2(data):
        return data
    if _ZIP_ENDS in data[-_END_LIES_WITHIN:]:
        return _in_archive(data)
    raise BookRefused(
        "By its content this file is neither an EPUB nor an FB2. Convert it to one of these first.",
        code="unsupported_format",
    )


def _in_archive(data: bytes) -> Archive | bytes:
    archive = Archive(data)
    names = [name.lower() for name in archive.names]
    if archive.find(CONTAINER) or _says_epub(archive) or any(name.endswith(".opf") for name in names):
        return archive
    books = [name for name in archive.names if name.lower().endswith((".fb2", ".xml"))]
    for name in books:
        unpacked = archive.read(name, MAX_FB2)
        if len(unpacked.data) > MAX_FB2:
            raise BookRefused(
                f"The FB2 in this zip is larger than {MAX_FB2 >> 20} MB, which no book needs. Look for another copy.",
                code="too_large",
            )
        if looks_like_fb2(unpacked.data):
            return unpacked.data
    if not archive.names:
        raise BookRefused("There is nothing in this archive. Fetch the file again.", code="empty")
    raise BookRefused(
        "This is an archive, but neither an EPUB nor a zipped FB2. If there are books in it, unpack them and add them "
        "one by one.",
        code="unsupported_format",
    )


def _says_epub(archive: Archive) -> bool:
    name = archive.find("mimetype")
    return name is not None and archive.read(name, 100).data.strip().startswith(b"application/epub")
