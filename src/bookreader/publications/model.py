"""What opening a book gives: frozen, free of any database, web or network."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

POSITION = 1024
"""Code points of chapter text per position."""


class Layout(StrEnum):
    REFLOWABLE = "reflowable"
    PRE_PAGINATED = "pre-paginated"


@dataclass(frozen=True)
class Warning:  # noqa: A001 - the word that `inspect` shows; Python's own is not used here
    """What was wrong with a publication that could be opened all the same. Codes: docs/errors.md."""

    code: str
    message: str


@dataclass(frozen=True)
class Identifier:
    """`scheme` is lower case, such as isbn, uuid, uri; empty where the book does not say."""

    scheme: str
    value: str


@dataclass(frozen=True)
class Contributor:
    """`role` is a MARC relator code, such as trl or ill."""

    name: str
    role: str


@dataclass(frozen=True)
class Series:
    name: str
    index: float | None = None


@dataclass(frozen=True)
class Metadata:
    """`language` is a BCP 47 tag, empty when unknown; `dates` are as written, by what they date (publication ...).

    `original_title` is that of the book which this one translates.
    """

    title: str
    subtitle: str | None = None
    authors: tuple[str, ...] = ()
    contributors: tuple[Contributor, ...] = ()
    language: str = ""
    languages: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    series: Series | None = None
    subjects: tuple[str, ...] = ()
    genre: str = "other"
    publisher: str | None = None
    description: str | None = None
    rights: str | None = None
    original_title: str | None = None
    dates: Mapping[str, str] = field(default_factory=dict)

    @property
    def translators(self) -> tuple[str, ...]:
        return tuple(person.name for person in self.contributors if person.role == "trl")

    def as_json(self) -> dict[str, Any]:
        """Plain values, as `bookreader inspect --json` and `books.book_metadata` hold them."""
        return {
            "title": self.title,
            "subtitle": self.subtitle,
            "authors": list(self.authors),
            "translators": list(self.translators),
            "contributors": [{"name": person.name, "role": person.role} for person in self.contributors],
            "language": self.language,
            "languages": list(self.languages),
            "identifiers": [{"scheme": one.scheme, "value": one.value} for one in self.identifiers],
            "series": {"name": self.series.name, "index": self.series.index} if self.series else None,
            "subjects": list(self.subjects),
            "genre": self.genre,
            "publisher": self.publisher,
            "description": self.description,
            "rights": self.rights,
            "original_title": self.original_title,
            "dates": dict(self.dates),
        }


@dataclass(frozen=True)
class Resource:
    """A file of the publication that is served. CSS and SVG are sanitised, fonts are clear."""

    media_type: str
    data: bytes


@dataclass(frozen=True)
class Chapter:
    """One item of the reading order.

    `href` is decoded and counts from the package document's folder. `html` is the served document: sanitised,
    well-formed XHTML. `text` are its blocks joined by a blank line; `characters` its code points. `cfi` is the chapter
    step, such as /6/4[ch1]. `first_position` counts from 1 through the book. `size` is the document's UTF-8 bytes.
    `viewport` is such as "width=600, height=800", `spread` left, right or center; both only in fixed layout.
    """

    number: int
    href: str
    title: str | None
    linear: bool
    media_type: str
    html: str
    text: str
    characters: int
    words: int
    cfi: str
    first_position: int
    positions: int
    size: int
    viewport: str | None = None
    spread: str | None = None


@dataclass(frozen=True)
class TocEntry:
    """A title of the contents. `href` may carry a fragment; `chapter` is a number; `cfi` is the whole address, and
    `offset` the same in code points of the chapter's text.

    `role` is what the place is, in the words of EPUB's structural semantics (bodymatter, toc ...), where a book says.
    """

    title: str
    href: str | None
    chapter: int | None
    cfi: str | None
    children: tuple["TocEntry", ...] = ()
    role: str | None = None
    offset: int = 0


@dataclass(frozen=True)
class Publication:
    """`direction` is ltr or rtl; `cover` the href of an image among `resources`; `positions` their number.

    `resources` holds every file but the chapters, by href. `landmarks` and `pages` (the page list) are flat.
    """

    format: str
    metadata: Metadata
    reading_order: tuple[Chapter, ...]
    toc: tuple[TocEntry, ...]
    resources: Mapping[str, Resource]
    positions: int
    cover: str | None = None
    direction: str = "ltr"
    layout: Layout = Layout.REFLOWABLE
    spread: str | None = None
    viewport: str | None = None
    landmarks: tuple[TocEntry, ...] = ()
    pages: tuple[TocEntry, ...] = ()
    warnings: tuple[Warning, ...] = ()
