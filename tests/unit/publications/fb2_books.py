"""Small FB2 books in which a test says only what it is about."""

import base64
from collections.abc import Mapping

from lxml import etree

from bookreader.publications.model import Publication

XHTML = "{http://www.w3.org/1999/xhtml}"
EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
TITLE_INFO = "<book-title>Книга</book-title><lang>ru</lang>"


def fb2(
    bodies: str,
    title_info: str = TITLE_INFO,
    description: str = "",
    binaries: Mapping[str, bytes] | None = None,
    prolog: str = '<?xml version="1.0" encoding="utf-8"?>',
) -> str:
    """`bodies` without a body element of their own are the main body."""
    if "<body" not in bodies:
        bodies = f"<body>{bodies}</body>"
    held = "".join(
        f'<binary id="{name}" content-type="image/png">{base64.b64encode(data).decode()}</binary>'
        for name, data in (binaries or {}).items()
    )
    return (
        f'{prolog}<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" '
        f'xmlns:l="http://www.w3.org/1999/xlink"><description><title-info>{title_info}</title-info>{description}'
        f"</description>{bodies}{held}</FictionBook>"
    )


def document(publication: Publication, number: int = 1) -> etree._Element:
    """The body of a chapter as it is served."""
    return etree.fromstring(publication.reading_order[number - 1].html.encode())[1]


def outer(element: etree._Element) -> str:
    """An element as text without its namespaces."""
    text = etree.tostring(element, encoding="unicode", with_tail=False)
    for declared in (' xmlns="http://www.w3.org/1999/xhtml"', ' xmlns:epub="http://www.idpf.org/2007/ops"'):
        text = text.replace(declared, "")
    return text


def inner(publication: Publication, number: int = 1) -> str:
    """What stands in a chapter's body, as text without namespaces."""
    body = document(publication, number)
    return (body.text or "") + "".join(outer(child) + (child.tail or "") for child in body)
