"""Opens FB2 books (FictionBook 2.0 and 2.1), which become XHTML chapters with a package document of our own."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files

from bookreader.errors import BookRefused
from bookreader.publications.chapters import Page, addresses, assemble, resolve
from bookreader.publications.cover import is_usable
from bookreader.publications.fb2_markup import STYLESHEET, Document, Heading, convert
from bookreader.publications.fb2_metadata import cover_ids, metadata_of
from bookreader.publications.fb2_xml import looks_like_fb2 as looks_like_fb2
from bookreader.publications.fb2_xml import read_xml
from bookreader.publications.flaws import Flaws
from bookreader.publications.links import scheme_of
from bookreader.publications.media import SUFFIXES, image_type
from bookreader.publications.model import Chapter, Metadata, Publication, Resource, TocEntry
from bookreader.publications.resources import UNKNOWN, served
from bookreader.publications.sanitise import sanitise

PACKAGE = "package.opf"
_FOLDER = "images"
_PLAIN_NAME = re.compile(r"\w[\w.-]{0,99}")


def open_fb2(data: bytes) -> Publication:
    """The publication in the bytes of an FB2 file.

    Raises BookRefused: unsupported_format, empty, too_large, or invalid_publication when nothing can be recovered.
    """
    flaws = Flaws()
    source = read_xml(data, flaws)
    metadata, covers = metadata_of(source.root), cover_ids(source.root)
    hrefs, pictures = _pictures(source.binaries, flaws)
    converted = convert(source.root, hrefs, metadata.title, metadata.language)
    for name in converted.missing:
        if name not in source.binaries:
            flaws.add("remote_resource" if scheme_of(name) else "missing_resource", name)
    contents = tuple(_entries(converted.contents))
    assembled = assemble(_pages(converted.documents), addresses(contents))
    if not any(chapter.characters or f'src="{_FOLDER}/' in chapter.html for chapter in assembled.chapters):
        raise BookRefused("There is nothing to read in this book: fetch it again, or find another copy.", code="empty")
    package = Resource("application/oebps-package+xml", _package(metadata, assembled.chapters, pictures))
    return Publication(
        format="fb2",
        metadata=metadata,
        reading_order=assembled.chapters,
        toc=resolve(contents, assembled),
        resources={STYLESHEET: Resource("text/css", _stylesheet()), PACKAGE: package, **pictures},
        positions=sum(chapter.positions for chapter in assembled.chapters),
        cover=_cover([hrefs.get(name, "") for name in covers], pictures, flaws),
        warnings=flaws.warnings(),
    )


def _pages(documents: Iterable[Document]) -> Iterator[Page]:
    for number, document in enumerate(documents, 1):
        sanitise(document.root)
        yield Page(document.href, document.root, f"/6/{2 * number}", document.title, document.linear)


def _entries(headings: Iterable[Heading]) -> Iterator[TocEntry]:
    for heading in headings:
        yield TocEntry(heading.title, heading.href, None, None, tuple(_entries(heading.children)))


def _pictures(binaries: Mapping[str, bytes], flaws: Flaws) -> tuple[dict[str, str], dict[str, Resource]]:
    """The hrefs of all pictures by their id, and the pictures by their href. Whatever else a binary is stays out."""
    hrefs: dict[str, str] = {}
    pictures: dict[str, Resource] = {}
    for number, (name, data) in enumerate(binaries.items(), 1):
        suffix = SUFFIXES.get(image_type(data) or "")
        resource = served(f"{_FOLDER}/{number}", UNKNOWN, data)
        if suffix is None or not resource.data:
            flaws.add("unreadable_resource", name)
            continue
        plain = name if _PLAIN_NAME.fullmatch(name) else f"image-{number:03}"
        href = f"{_FOLDER}/{plain}" if "." in plain else f"{_FOLDER}/{plain}{suffix}"
        if href in pictures:
            href = f"{_FOLDER}/image-{number:03}{suffix}"
        hrefs[name] = href
        pictures[href] = resource
    return hrefs, pictures


def _cover(hrefs: Iterable[str], pictures: Mapping[str, Resource], flaws: Flaws) -> str | None:
    for href in hrefs:
        if is_usable(pictures.get(href)):
            return href
        flaws.add("unusable_cover", href)
    return None


@cache
def _stylesheet() -> bytes:
    return files(__package__).joinpath("fb2.css").read_bytes()


def _package(metadata: Metadata, chapters: Sequence[Chapter], pictures: Mapping[str, Resource]) -> bytes:
    """A package document (EPUB 3.3 section 5), so that the chapter steps of our CFIs are true: /6 is the spine."""
    items = [f'<item id="style" href="{STYLESHEET}" media-type="text/css"/>']
    items += [
        f'<item id="c{number}" href="{chapter.href}" media-type="application/xhtml+xml"/>'
        for number, chapter in enumerate(chapters, 1)
    ]
    items += [
        f'<item id="i{number}" href="{escape(href)}" media-type="{resource.media_type}"/>'
        for number, (href, resource) in enumerate(pictures.items(), 1)
    ]
    references = [
        f'<itemref idref="c{number}"{"" if chapter.linear else " linear=" + chr(34) + "no" + chr(34)}/>'
        for number, chapter in enumerate(chapters, 1)
    ]
    identifier = metadata.identifiers[0].value if metadata.identifiers else metadata.title
    said = [
        f'<dc:identifier id="id">{escape(identifier)}</dc:identifier>',
        f"<dc:title>{escape(metadata.title)}</dc:title>",
    ]
    said += [f"<dc:creator>{escape(author)}</dc:creator>" for author in metadata.authors]
    said += [f"<dc:language>{escape(metadata.language or 'und')}</dc:language>"]
    return (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{"".join(said)}</metadata>'
        f"<manifest>{''.join(items)}</manifest><spine>{''.join(references)}</spine></package>"
    ).encode()
