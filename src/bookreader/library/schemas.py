"""Books on the wire."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from bookreader.wire import Wire


class Refusal(BaseModel):
    code: str
    message: str


class BookShown(BaseModel):
    """A book on the shelf. `total_progression` is the place in it, 0-1; times left are minutes, at the person's pace
    where that is known."""

    id: UUID
    title: str
    authors: list[str]
    language: str
    genre: str
    series: dict[str, Any] | None
    tags: list[str]
    publisher: str | None
    description: str | None
    file_format: str
    file_size: int
    cover: str | None
    is_parsed: bool
    parsing_progress: int
    parsing_error: Refusal | None
    total_pages: int
    estimated_reading_time: int
    total_progression: float | None
    minutes_left: int | None
    last_read_at: datetime | None
    last_device: str | None
    created_at: datetime


class BookChange(Wire):
    title: Annotated[str | None, Field(min_length=1, max_length=500)] = None
    description: Annotated[str | None, Field(max_length=20_000)] = None


class UploadAccepted(BaseModel):
    id: UUID
    job: UUID


class ChapterShown(BaseModel):
    number: int
    href: str | None
    title: str | None
    cfi: str | None
    characters: int
    words: int
    linear: bool
    first_position: int
    positions: int
    descriptions: int


class ChapterText(BaseModel):
    """A chapter with its text: blocks joined by one blank line."""

    number: int
    href: str | None
    title: str | None
    cfi: str | None
    characters: int
    words: int
    text: str


class SearchHit(BaseModel):
    """A place that matches: the words as a phrase, or a paragraph in which they stand, there where they are closest.

    `start`, `end`: code points of the chapter's text, half-open; `cfi` is their range.

    `beyond`: it lies after the furthest place that the person has read; then the words are null unless asked for.
    """

    chapter: int
    chapter_title: str | None
    start: int
    end: int
    cfi: str | None
    before: str | None
    match: str | None
    after: str | None
    beyond: bool


class LibraryHit(SearchHit):
    """A chapter, by the first paragraph with the phrase or else with the words; `count`: of how many that match."""

    book: UUID
    count: int


class LibrarySearch(BaseModel):
    """`books`: whose title or author resembles the words; only on the first page."""

    books: list["BookShown"]
    items: list[LibraryHit]
    next: str | None = None


class Section(BaseModel):
    """A reading-order item as the reader's engine needs it. `cfi` is the package's step, such as /6/4[ch1]."""

    number: int
    href: str
    type: str | None
    title: str | None
    linear: bool
    size: int
    cfi: str
    spread: str | None
    viewport: str | None
    first_position: int
    positions: int
    characters: int
    words: int


class ResourceShown(BaseModel):
    """A file of the book beside its chapters: `href` below the manifest's `base`, `size` in bytes."""

    href: str
    media_type: str
    size: int


class ContentsEntry(BaseModel):
    """A title of the contents. `offset`: code points of its chapter before it; 0 in books of earlier versions."""

    title: str
    href: str | None
    chapter: int | None
    cfi: str | None
    offset: int = 0
    children: list["ContentsEntry"] = []


class Manifest(BaseModel):
    """Everything that the reader needs before its first page. Resource addresses are `base` + href."""

    id: UUID
    version: str
    base: str
    dir: str
    language: str
    layout: str
    spread: str | None
    viewport: str | None
    sections: list[Section]
    toc: list[ContentsEntry]
    positions: int
    cover: str | None
    metadata: dict[str, Any]
    warnings: list[Refusal] = []
