"""Builds test books out of small text sources: a folder, or a few words about the book, becomes EPUB or FB2 bytes.

The same sources always give the same bytes. `python -m tests.books.build FOLDER FILE` writes one to look at.
"""

import base64
import io
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

ZIP_DATE = (1980, 1, 1, 0, 0, 0)
MIMETYPE = "application/epub+zip"


@dataclass(frozen=True)
class Page:
    """One document of the reading order. `body` is XHTML without its heading; it may be made by `paragraphs`."""

    title: str
    body: str
    linear: bool = True


@dataclass(frozen=True)
class Book:
    """What a test wants to say about a book; the rest has sensible values."""

    title: str = "A Test Book"
    pages: Sequence[Page] = ()
    authors: Sequence[str] = ("Test Author",)
    language: str = "en"
    identifier: str = "urn:uuid:00000000-0000-4000-8000-000000000001"
    subjects: Sequence[str] = ()
    series: tuple[str, str] | None = None
    direction: str | None = None
    cover: bytes | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)


def paragraphs(*texts: str) -> str:
    """Plain texts as XHTML paragraphs."""
    return "\n".join(f"<p>{escape(text, quote=False)}</p>" for text in texts)


def build_epub(source: Path | Book) -> bytes:
    """An EPUB 3 from a description, or whatever EPUB the tree below a folder makes."""
    return pack(_tree(source) if isinstance(source, Path) else _epub3(source))


def build_epub2(book: Book) -> bytes:
    """An EPUB 2 with an NCX, such as old converters made."""
    return pack(_epub2(book))


def build_fb2(source: Path | Book, *, encoding: str = "utf-8", zipped: bool = False) -> bytes:
    """An FB2 from a description or a text file, in any encoding, zipped if wanted."""
    text = source.read_text("utf-8") if isinstance(source, Path) else _fb2(source)
    data = text.replace('encoding="UTF-8"', f'encoding="{encoding}"', 1).encode(encoding)
    return pack({"book.fb2": data}) if zipped else data


def pack(files: Mapping[str, bytes | str]) -> bytes:
    """A zip with fixed dates; a mimetype comes first and stored, as EPUB wants it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files, key=lambda name: (name != "mimetype", name)):
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def _tree(folder: Path) -> dict[str, bytes | str]:
    files: dict[str, bytes | str] = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    return {"mimetype": MIMETYPE, **files}


def _document(page: Page, language: str) -> str:
    heading = f"<h1>{escape(page.title)}</h1>" if page.title else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="{language}" '
        f'xml:lang="{language}"><head><title>{escape(page.title)}</title></head>\n'
        f"<body>{heading}\n{page.body}\n</body></html>\n"
    )


def _container() -> str:
    return (
        '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="OPS/package.opf" media-type="application/oebps-package+xml"/></rootfiles>'
        "</container>"
    )


def _common_files(book: Book) -> dict[str, bytes | str]:
    files: dict[str, bytes | str] = {"mimetype": MIMETYPE, "META-INF/container.xml": _container()}
    for number, page in enumerate(book.pages, 1):
        files[f"OPS/c{number:04}.xhtml"] = _document(page, book.language)
    if book.cover is not None:
        files["OPS/cover.png"] = book.cover
    return files | {f"OPS/{name}": data for name, data in book.files.items()}


def _metadata(book: Book, *extra: str) -> str:
    lines = [
        f'<dc:identifier id="uid">{escape(book.identifier)}</dc:identifier>',
        f"<dc:title>{escape(book.title)}</dc:title>",
        f"<dc:language>{book.language}</dc:language>",
        *(f"<dc:creator>{escape(author)}</dc:creator>" for author in book.authors),
        *(f"<dc:subject>{escape(subject)}</dc:subject>" for subject in book.subjects),
        *extra,
    ]
    return f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{"".join(lines)}</metadata>'


def _manifest(book: Book, *extra: str) -> str:
    items = [
        f'<item id="c{number}" href="c{number:04}.xhtml" media-type="application/xhtml+xml"/>'
        for number in range(1, len(book.pages) + 1)
    ]
    return f"<manifest>{''.join(extra)}{''.join(items)}</manifest>"


def _spine(book: Book, attributes: str = "") -> str:
    refs = "".join(
        f'<itemref idref="c{number}"{"" if page.linear else " linear=" + chr(34) + "no" + chr(34)}/>'
        for number, page in enumerate(book.pages, 1)
    )
    return f"<spine{attributes}>{refs}</spine>"


def _package(version: str, *parts: str) -> str:
    return (
        f'<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="{version}" '
        f'unique-identifier="uid">{"".join(parts)}</package>'
    )


def _epub3(book: Book) -> dict[str, bytes | str]:
    links = "".join(
        f'<li><a href="c{number:04}.xhtml">{escape(page.title)}</a></li>' for number, page in enumerate(book.pages, 1)
    )
    nav = Page("Contents", f'<nav epub:type="toc"><ol>{links}</ol></nav>')
    extra = ['<meta property="dcterms:modified">2020-01-01T00:00:00Z</meta>']
    if book.series:
        name, index = book.series
        extra.append(f'<meta property="belongs-to-collection" id="series">{escape(name)}</meta>')
        extra.append('<meta refines="#series" property="collection-type">series</meta>')
        extra.append(f'<meta refines="#series" property="group-position">{index}</meta>')
    items = ['<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>']
    if book.cover is not None:
        items.append('<item id="cover" href="cover.png" media-type="image/png" properties="cover-image"/>')
    direction = f' page-progression-direction="{book.direction}"' if book.direction else ""
    package = _package("3.0", _metadata(book, *extra), _manifest(book, *items), _spine(book, direction))
    return {**_common_files(book), "OPS/nav.xhtml": _document(nav, book.language), "OPS/package.opf": package}


def _epub2(book: Book) -> dict[str, bytes | str]:
    points = "".join(
        f'<navPoint id="n{number}" playOrder="{number}"><navLabel><text>{escape(page.title)}</text></navLabel>'
        f'<content src="c{number:04}.xhtml"/></navPoint>'
        for number, page in enumerate(book.pages, 1)
    )
    ncx = (
        '<?xml version="1.0"?><ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1">'
        f'<head><meta name="dtb:uid" content="{escape(book.identifier)}"/></head>'
        f"<docTitle><text>{escape(book.title)}</text></docTitle><navMap>{points}</navMap></ncx>"
    )
    extra = [f'<meta name="calibre:series" content="{escape(book.series[0])}"/>'] if book.series else []
    extra += [f'<meta name="calibre:series_index" content="{book.series[1]}"/>'] if book.series else []
    items = ['<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>']
    if book.cover is not None:
        extra.append('<meta name="cover" content="cover"/>')
        items.append('<item id="cover" href="cover.png" media-type="image/png"/>')
    package = _package("2.0", _metadata(book, *extra), _manifest(book, *items), _spine(book, ' toc="ncx"'))
    return {**_common_files(book), "OPS/toc.ncx": ncx, "OPS/package.opf": package}


def _fb2(book: Book) -> str:
    names = [author.split(" ", 1) for author in book.authors]
    authors = "".join(
        f"<author><first-name>{escape(name[0])}</first-name><last-name>{escape(name[-1])}</last-name></author>"
        for name in names
    )
    genres = "".join(f"<genre>{escape(subject)}</genre>" for subject in book.subjects) or "<genre>prose</genre>"
    sequence = f'<sequence name="{escape(book.series[0])}" number="{book.series[1]}"/>' if book.series else ""
    cover = '<coverpage><image l:href="#cover.png"/></coverpage>' if book.cover is not None else ""
    binary = (
        f'<binary id="cover.png" content-type="image/png">{base64.b64encode(book.cover).decode()}</binary>'
        if book.cover is not None
        else ""
    )
    sections = "\n".join(
        f"<section><title><p>{escape(page.title)}</p></title>\n{page.body}</section>" for page in book.pages
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="http://www.w3.org/1999/xlink">'
        f"<description><title-info>{genres}{authors}<book-title>{escape(book.title)}</book-title>{cover}"
        f"<lang>{book.language}</lang>{sequence}</title-info><document-info><id>{escape(book.identifier)}</id>"
        f"</document-info></description>\n<body>{sections}</body>{binary}</FictionBook>\n"
    )


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(build_epub(Path(sys.argv[1])))
