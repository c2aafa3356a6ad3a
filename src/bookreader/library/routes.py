"""HTTP of the library."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import UploadFile

from bookreader.accounts.ledger import check_books
from bookreader.api import (
    PREFIX,
    AnyServices,
    Cursor,
    InTransaction,
    Limit,
    Page,
    SignedIn,
    conditional,
    decode_cursor,
    encode_cursor,
    packed,
    page,
)
from bookreader.errors import InvalidInput, NotFound
from bookreader.library import queries
from bookreader.library.hits import Found
from bookreader.library.parse import ParserPool
from bookreader.library.queries import Shelved
from bookreader.library.restore import restore
from bookreader.library.schemas import (
    BookChange,
    BookShown,
    ChapterShown,
    ChapterText,
    LibraryHit,
    LibrarySearch,
    Manifest,
    Refusal,
    ResourceShown,
    SearchHit,
    UploadAccepted,
)
from bookreader.library.search import Paragraph, cfis_of, start_of
from bookreader.library.upload import Accepted, accept, look_inside, received, too_large
from bookreader.sample import sample_epub

router = APIRouter(prefix="/books", tags=["library"])

CHUNK = 256 * 1024
FORM_OVERHEAD = 100_000
"""Bytes that a form's own lines may add to the file's."""

RESOURCE_POLICY = (
    "default-src 'none'; script-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; media-src 'self'; connect-src 'none'; object-src 'none'; frame-src 'none'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
RESOURCE_HEADERS = {
    "Content-Security-Policy": RESOURCE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, max-age=31536000, immutable",
}


def parser_pool(request: Request) -> ParserPool:
    pool: ParserPool = request.app.state.parser
    return pool


Words = Annotated[
    str, Query(min_length=1, max_length=200, description='Words as people type them; "a phrase", -without, or.')
]
Reveal = Annotated[bool, Query(description="Show the words of hits beyond the furthest place read, too.")]
Parser = Annotated[ParserPool, Depends(parser_pool)]


@router.post("", status_code=HTTPStatus.ACCEPTED, openapi_extra={
    "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": {
        "type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}}}}
})  # fmt: skip
async def post_book(request: Request, person: SignedIn, services: AnyServices, parser: Parser) -> UploadAccepted:
    """Uploads an EPUB or FB2. What is no book is refused at once; the rest is parsed by a job."""
    async with _uploaded(request, services.settings.upload_limit) as file:
        return await _take(_pieces(file), file.filename or "book", person.id, services, parser)


@router.post("/sample", status_code=HTTPStatus.ACCEPTED)
async def post_sample(person: SignedIn, services: AnyServices, parser: Parser) -> UploadAccepted:
    """Puts the product's own illustrated story on the shelf."""

    async def pieces() -> AsyncIterator[bytes]:
        yield sample_epub()

    return await _take(pieces(), "sample.epub", person.id, services, parser)


@asynccontextmanager
async def _uploaded(request: Request, limit: int) -> AsyncIterator[UploadFile]:
    """The member `file` of the form. Raises BookRefused as soon as more than the limit has arrived."""
    received_bytes = 0

    async def receive() -> Any:
        nonlocal received_bytes
        message = await request.receive()
        received_bytes += len(message.get("body", b""))
        if received_bytes > limit + FORM_OVERHEAD:
            raise too_large(limit)
        return message

    async with Request(request.scope, receive).form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise InvalidInput("file: choose an EPUB or FB2 file to upload.")
        yield file


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(CHUNK):
        yield piece


async def _take(
    pieces: AsyncIterator[bytes], name: str, user_id: UUID, services: Any, parser: ParserPool
) -> UploadAccepted:
    async with received(pieces, name, services.settings.upload_limit) as upload:
        book_format = await look_inside(upload, parser)
        async with services.database.transaction() as session:
            await check_books(session, services.settings, user_id)
            accepted: Accepted = await accept(session, user_id, upload, book_format, services.storage)
    return UploadAccepted(id=accepted.book_id, job=accepted.job_id)


@router.get("")
async def get_books(
    person: SignedIn,
    session: InTransaction,
    q: Annotated[str | None, Query(max_length=200)] = None,
    sort: Literal["recent", "added", "title", "author"] = "recent",
    tag: Annotated[str | None, Query(max_length=200)] = None,
    series: Annotated[str | None, Query(max_length=200)] = None,
    author: Annotated[str | None, Query(max_length=255)] = None,
    publisher: Annotated[str | None, Query(max_length=255)] = None,
    identifier: Annotated[str | None, Query(max_length=255)] = None,
    language: Annotated[str | None, Query(max_length=20)] = None,
    genre: Annotated[str | None, Query(max_length=50)] = None,
    state: Annotated[str | None, Query(max_length=20)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[BookShown]:
    """The shelf. state: unread, reading, finished, preparing, failed."""
    filters = {
        name: value
        for name, value in {
            "q": q, "tag": tag, "series": series, "author": author, "publisher": publisher,
            "identifier": identifier, "language": language, "genre": genre, "state": state,
        }.items()
        if value
    }  # fmt: skip
    kind = datetime.fromisoformat if sort in ("recent", "added") else str
    after = decode_cursor(cursor, kind, UUID) if cursor else None
    rows = await queries.shelf(session, person.id, filters=filters, sort=sort, after=after, limit=limit + 1)
    return page(rows, limit, show_book, lambda row: (queries.sort_value(row, sort), row.book.id))


@router.get("/{book_id}")
async def get_book(book_id: UUID, person: SignedIn, session: InTransaction) -> BookShown:
    return show_book(await queries.shelved_book(session, person.id, book_id))


@router.patch("/{book_id}")
async def patch_book(book_id: UUID, change: BookChange, person: SignedIn, session: InTransaction) -> BookShown:
    values = change.model_dump(exclude_unset=True)
    if values.get("title", "") is None:
        raise InvalidInput("title: a book has one.")
    await queries.change_book(session, person.id, book_id, values)
    return show_book(await queries.shelved_book(session, person.id, book_id))


@router.delete("/{book_id}", status_code=HTTPStatus.NO_CONTENT)
async def delete_book(book_id: UUID, person: SignedIn, session: InTransaction) -> None:
    """Takes the book off the shelf. `POST books/{id}/restore` brings it back."""
    await queries.delete_book(session, person.id, book_id)


@router.post("/{book_id}/restore")
async def restore_book(book_id: UUID, person: SignedIn, session: InTransaction, services: AnyServices) -> BookShown:
    await restore(session, services.settings, person.id, book_id)
    return show_book(await queries.shelved_book(session, person.id, book_id))


@router.get("/{book_id}/manifest", response_model=Manifest)
async def get_manifest(
    book_id: UUID, person: SignedIn, session: InTransaction, request: Request, response: Response
) -> Response:
    book = await queries.readable_book_of(session, person.id, book_id)
    if unchanged := conditional(request, response, f"{book.resource_version}-{book.updated_at.timestamp()}"):
        return unchanged
    return packed(request, response, manifest_of(book))


@router.get("/{book_id}/resources")
async def get_resources(book_id: UUID, person: SignedIn, session: InTransaction) -> Page[ResourceShown]:
    """The files of the book that are no chapters, for who keeps all of it: pictures, styles, fonts."""
    book = await queries.readable_book_of(session, person.id, book_id)
    rows = await queries.resources_of(session, book.id)
    return Page(items=[ResourceShown(href=row.href, media_type=row.media_type, size=row.size) for row in rows])


@router.get("/{book_id}/resources/{version}/{href:path}")
async def get_resource(book_id: UUID, version: str, href: str, person: SignedIn, services: AnyServices) -> Response:
    """A file of the book as the reader loads it. The address changes with the content, so copies never grow old."""
    file = await queries.file_of(services.database, person.id, book_id, version, href)
    data = await services.storage.get(file.content_hash) if file.document is None else file.document.encode()
    return Response(data, headers=RESOURCE_HEADERS | {"Content-Type": file.media_type})


@router.get("/{book_id}/cover")
async def get_cover(
    book_id: UUID, person: SignedIn, session: InTransaction, services: AnyServices, request: Request
) -> Response:
    """The book's own cover. Raises NotFound for a book without one: a client sets its title then."""
    book = await queries.book_of(session, person.id, book_id)
    response = Response(headers={k: v for k, v in RESOURCE_HEADERS.items() if k != "Cache-Control"})
    etag = f"{book.resource_version}-{book.title}".encode().hex()[:80]
    if unchanged := conditional(request, response, etag):
        return unchanged
    cover = await queries.resource_of(session, book_id, book.cover_image) if book.cover_image else None
    if cover is None:
        raise NotFound("This book has no cover.", code="no_cover")
    response.body = await services.storage.get(cover.content_hash)
    response.headers["Content-Type"] = cover.media_type
    response.headers["Content-Length"] = str(len(response.body))
    return response


@router.get("/{book_id}/file")
async def get_file(book_id: UUID, person: SignedIn, session: InTransaction, services: AnyServices) -> Response:
    """The uploaded file, byte for byte."""
    book = await queries.book_of(session, person.id, book_id)
    name = quote(f"{book.title}.{book.file_format}")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "Content-Length": str(book.file_size),
        "X-Content-Type-Options": "nosniff",
    }
    media_type = "application/epub+zip" if book.file_format == "epub" else "application/x-fictionbook+xml"
    return StreamingResponse(services.storage.stream(book.content_hash or ""), headers=headers, media_type=media_type)


@router.get("/{book_id}/chapters")
async def get_chapters(book_id: UUID, person: SignedIn, session: InTransaction) -> Page[ChapterShown]:
    book = await queries.readable_book_of(session, person.id, book_id)
    rows = await queries.chapters_of(session, book.id)
    return Page(items=[_chapter(row) for row in rows])


@router.get("/{book_id}/chapters/{number}")
async def get_chapter(book_id: UUID, number: int, person: SignedIn, session: InTransaction) -> ChapterText:
    book = await queries.readable_book_of(session, person.id, book_id)
    chapter = await queries.chapter_of(session, book.id, number)
    return ChapterText(
        number=chapter.chapter_number,
        href=chapter.href,
        title=chapter.title,
        cfi=start_of(chapter.cfi),
        characters=chapter.characters,
        words=chapter.word_count,
        text=chapter.content,
    )


@router.get("/{book_id}/search")
async def search_in_book(
    book_id: UUID,
    person: SignedIn,
    session: InTransaction,
    q: Words,
    reveal: Reveal = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[SearchHit]:
    """Places of the book that match, in its order."""
    book = await queries.readable_book_of(session, person.id, book_id)
    after = decode_cursor(cursor, int, int) if cursor else None
    places = await queries.search_book(session, book_id, book.language, q, after=after, limit=limit + 1)
    hits = await _hits(session, places[:limit], reveal)
    following = None
    if len(places) > limit:
        last, place = places[limit - 1]
        following = encode_cursor(last.chapter, place.start)
    return Page(items=[SearchHit(**hit) for hit in hits], next=following)


search_router = APIRouter(tags=["library"])


@search_router.get("/search")
async def search_library(
    person: SignedIn,
    session: InTransaction,
    q: Words,
    reveal: Reveal = False,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> LibrarySearch:
    """Books by title and author, typing mistakes forgiven, and the best chapters that match, best first."""
    after = decode_cursor(cursor, float, UUID) if cursor else None
    rows = await queries.search_library(session, person.id, q, after=after, limit=limit + 1)
    shown = [row for row in rows[:limit] if row.found]
    hits = await _hits(session, [(row, row.found[0]) for row in shown], reveal)
    called = [] if cursor else await queries.books_called(session, person.id, q, limit)
    return LibrarySearch(
        books=[show_book(row) for row in called],
        items=[LibraryHit(**hit, book=row.book_id, count=row.count) for row, hit in zip(shown, hits, strict=True)],
        next=encode_cursor(rows[limit - 1].rank, rows[limit - 1].chapter_id) if len(rows) > limit else None,
    )


async def _hits(session: Any, places: Sequence[tuple[Paragraph, Found]], reveal: bool) -> list[dict[str, Any]]:
    """Hits on the wire, each with its range CFI; the words of those beyond the furthest place stay veiled."""
    spans: dict[UUID, list[tuple[int, int]]] = defaultdict(list)
    for row, place in places:
        spans[row.chapter_id].append((place.start, place.end))
    cfis: dict[tuple[UUID, int], str] = {}
    for chapter_id, (step, html) in (await queries.pages_to_place(session, list(spans))).items():
        made = await asyncio.to_thread(cfis_of, step, html, spans[chapter_id])
        cfis |= {(chapter_id, start): cfi for (start, _), cfi in zip(spans[chapter_id], made, strict=True)}
    return [
        {
            "chapter": row.chapter,
            "chapter_title": row.chapter_title,
            "start": place.start,
            "end": place.end,
            "cfi": cfis.get((row.chapter_id, place.start)),
            "beyond": row.is_beyond(place),
        }
        | _words(place, veiled=row.is_beyond(place) and not reveal)
        for row, place in places
    ]


def _words(place: Found, *, veiled: bool) -> dict[str, str | None]:
    words = (None, None, None) if veiled else (place.before, place.match, place.after)
    return dict(zip(("before", "match", "after"), words, strict=True))


def show_book(shelved: Shelved) -> BookShown:
    book, metadata = shelved.book, shelved.book.book_metadata or {}
    left = None
    if shelved.total_progression is not None:
        minutes = book.estimated_reading_time * queries.WORDS_PER_MINUTE / (shelved.pace or queries.WORDS_PER_MINUTE)
        left = round(minutes * (1 - shelved.total_progression))
    return BookShown(
        id=book.id,
        title=book.title,
        authors=metadata.get("authors", [book.author] if book.author else []),
        language=book.language,
        genre=book.genre,
        series=metadata.get("series"),
        tags=metadata.get("tags", []),
        publisher=metadata.get("publisher"),
        description=book.description,
        file_format=book.file_format,
        file_size=book.file_size,
        cover=_cover(book.id, book.resource_version) if book.cover_image else None,
        is_parsed=book.is_parsed,
        parsing_progress=book.parsing_progress,
        parsing_error=Refusal(**json.loads(book.parsing_error)) if book.parsing_error else None,
        total_pages=book.total_pages,
        estimated_reading_time=book.estimated_reading_time,
        total_progression=shelved.total_progression,
        minutes_left=left,
        last_read_at=shelved.last_read_at,
        last_device=shelved.last_device,
        created_at=book.created_at,
    )


def _cover(book_id: UUID, version: str | None) -> str:
    return f"{PREFIX}/books/{book_id}/cover?v={version}"


def manifest_of(book: queries.Book) -> Manifest:
    """What the reader needs of a parsed book before its first page."""
    kept = book.manifest or {}
    return Manifest.model_validate(
        {
            "id": book.id,
            "version": book.resource_version or "",
            "base": f"{PREFIX}/books/{book.id}/resources/{book.resource_version}/",
            "dir": kept["dir"],
            "language": book.language,
            "layout": kept["layout"],
            "spread": kept["spread"],
            "viewport": kept["viewport"],
            "sections": kept["sections"],
            "toc": book.contents or [],
            "positions": book.total_pages,
            "cover": _cover(book.id, book.resource_version) if book.cover_image else None,
            "metadata": {"title": book.title} | (book.book_metadata or {}),
            "warnings": kept.get("warnings", []),
        }
    )


def _chapter(row: Any) -> ChapterShown:
    return ChapterShown(
        number=row.chapter_number,
        href=row.href,
        title=row.title,
        cfi=start_of(row.cfi),
        characters=row.characters,
        words=row.word_count,
        linear=row.linear,
        first_position=row.first_position,
        positions=row.positions,
        descriptions=row.descriptions_found,
    )
