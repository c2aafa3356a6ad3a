"""EPUBs of a few lines each, for tests of what a package may say."""

from collections.abc import Mapping, Sequence

from bookreader.publications import open_publication
from bookreader.publications.model import Publication
from tests.books.build import MIMETYPE, pack

XHTML = "application/xhtml+xml"


def container(path: str = "OPS/package.opf") -> str:
    return (
        '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        f'<rootfile full-path="{path}" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )


def page(body: str, head: str = "") -> str:
    return (
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
        f"<head><title>T</title>{head}</head><body>{body}</body></html>"
    )


def item(name: str, href: str, kind: str = XHTML, more: str = "") -> str:
    return f'<item id="{name}" href="{href}" media-type="{kind}" {more}/>'


def package(
    items: Sequence[str] = (),
    spine: str = '<itemref idref="c1"/>',
    metadata: str = "<dc:title>T</dc:title><dc:language>en</dc:language>",
    *,
    attributes: str = "",
    after: str = "",
) -> str:
    """`attributes` are the spine's, `after` what follows it."""
    return (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">'
        f"{metadata}</metadata><manifest>{item('c1', 'c1.xhtml')}{''.join(items)}</manifest>"
        f"<spine {attributes}>{spine}</spine>{after}</package>"
    )


def epub(opf: str, files: Mapping[str, bytes | str] | None = None) -> bytes:
    """A book with a chapter c1.xhtml and whatever else; names of files count from the package's folder."""
    parts: dict[str, bytes | str] = {
        "mimetype": MIMETYPE,
        "META-INF/container.xml": container(),
        "OPS/package.opf": opf,
        "OPS/c1.xhtml": page("<h1>One</h1><p>First.</p>"),
    }
    for name, data in (files or {}).items():
        parts[name[1:] if name.startswith("/") else f"OPS/{name}"] = data
    return pack(parts)


def opened(opf: str, files: Mapping[str, bytes | str] | None = None) -> Publication:
    return open_publication(epub(opf, files))


def codes(publication: Publication) -> list[str]:
    return [warning.code for warning in publication.warnings]
