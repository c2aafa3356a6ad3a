"""HTTP of places, reading sessions and annotations."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from bookreader.api import (
    AnyServices,
    Cursor,
    InTransaction,
    Limit,
    Page,
    Services,
    SignedIn,
    conditional,
    decode_cursor,
    page,
)
from bookreader.errors import InvalidInput
from bookreader.events import Events
from bookreader.library.queries import book_of
from bookreader.reading import queries, rules
from bookreader.reading.annotate import annotate
from bookreader.reading.queries import Annotation, Place, ReadingSession, Standing
from bookreader.reading.save import Saved, go_back, save_places
from bookreader.reading.schemas import (
    AnnotationChange,
    AnnotationNew,
    AnnotationShown,
    Offer,
    PlaceReport,
    PlaceShown,
    Progress,
    Restoration,
    SessionChange,
    SessionShown,
    SessionStart,
)
from bookreader.reading.sessions import device_type, end_session, keep_alive, measure_late, start_session

router = APIRouter(tags=["reading"])


async def live_events(request: Request) -> Events:
    events: Events = request.app.state.events
    return events


Live = Annotated[Events, Depends(live_events)]


@router.get("/books/{book_id}/progress", response_model=Progress)
async def get_progress(
    book_id: UUID,
    person: SignedIn,
    services: AnyServices,
    request: Request,
    response: Response,
    device: Annotated[str | None, Query(max_length=100)] = None,
) -> Any:
    """Where the person is. With `device`, also what another device left elsewhere since.

    Answers 304 to `If-None-Match` while nothing has changed: cheap to ask now and then where events do not get through.
    """
    standing = await queries.standing(services.database, person.id, book_id, device)
    progress = show_progress(standing, device)
    shown = (progress.current, progress.furthest, progress.offer)
    seen = (standing.book.version, *(place and place.id for place in shown))
    return conditional(request, response, ".".join(map(str, seen))) or progress


@router.put("/books/{book_id}/progress")
async def put_progress(
    book_id: UUID, report: PlaceReport, person: SignedIn, services: AnyServices, live: Live
) -> Progress:
    """Saves a place. Page, percent and standard CFI are computed here; the same key twice changes nothing.

    A place that was read before the current one is kept in the history without becoming it.
    """
    saved = await save_places(services.database, person.id, book_id, [report])
    return await _saved(saved, report.device, services, live)


@router.get("/books/{book_id}/places")
async def get_places(
    book_id: UUID, person: SignedIn, session: InTransaction, cursor: Cursor = None, limit: Limit = 50
) -> Page[PlaceShown]:
    """The history of places, newest first: the first and last of each stretch of page turns, and every jump."""
    await book_of(session, person.id, book_id)
    before = decode_cursor(cursor, datetime.fromisoformat, UUID) if cursor else None
    rows = await queries.places_of(session, person.id, book_id, before=before, limit=limit + 1)
    return page(rows, limit, show_place, lambda row: (row.at, row.id))


@router.post("/books/{book_id}/places")
async def post_places(
    book_id: UUID,
    reports: Annotated[list[PlaceReport], Field(min_length=1, max_length=200)],
    person: SignedIn,
    services: AnyServices,
    live: Live,
) -> Progress:
    """Saves places of one device that queued while it was offline, oldest first: all of them, or none where one is
    refused."""
    if len({report.device for report in reports}) > 1:
        raise InvalidInput("device: a batch holds the places of one device.")
    saved = await save_places(services.database, person.id, book_id, reports)
    return await _saved(saved, reports[-1].device, services, live)


@router.post("/books/{book_id}/places/{place_id}/restore")
async def post_place_restore(
    book_id: UUID, place_id: UUID, wanted: Restoration, person: SignedIn, services: AnyServices, live: Live
) -> Progress:
    """Goes back to a place of the history, which becomes the current one again."""
    saved = await go_back(services.database, person.id, book_id, place_id, device=wanted.device, key=wanted.key)
    return await _saved(saved, wanted.device, services, live)


@router.post("/books/{book_id}/sessions", status_code=201)
async def post_session(
    book_id: UUID,
    wanted: SessionStart,
    request: Request,
    person: SignedIn,
    session: InTransaction,
    services: AnyServices,
) -> SessionShown:
    """Begins a reading session, or goes on with the device's last one after a short pause.

    Send signs of life at least every minute while somebody reads, and the end; a session that falls silent is ended
    when it was last alive. What could not be sent in time may be sent within 60 days, with its own times.
    """
    await queries.open_book(session, person.id, book_id)
    kind = device_type(request.headers.get("user-agent", ""))
    idle = timedelta(minutes=services.settings.idle_minutes)
    return show_session(await start_session(session, person.id, book_id, wanted, kind, idle))


@router.patch("/sessions/{session_id}")
async def patch_session(
    session_id: UUID, change: SessionChange, person: SignedIn, session: InTransaction, services: AnyServices
) -> SessionShown:
    """A sign of life. When the answer is not `is_active`, the session had ended before: begin another one."""
    idle = timedelta(minutes=services.settings.idle_minutes)
    return show_session(await keep_alive(session, person.id, session_id, change, idle))


@router.post("/sessions/{session_id}/end")
async def post_session_end(
    session_id: UUID,
    person: SignedIn,
    session: InTransaction,
    change: SessionChange | None = None,
) -> SessionShown:
    """Ends a session now, or at `active_at`. Ending it twice changes nothing."""
    return show_session(await end_session(session, person.id, session_id, change or SessionChange()))


@router.get("/books/{book_id}/annotations")
async def get_annotations(
    book_id: UUID,
    person: SignedIn,
    session: InTransaction,
    chapter: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[AnnotationShown]:
    """Bookmarks and highlights in the order of the book."""
    await book_of(session, person.id, book_id)
    after = decode_cursor(cursor, int, int, UUID) if cursor else None
    rows = await queries.annotations_of(session, person.id, book_id, chapter=chapter, after=after, limit=limit + 1)
    return page(rows, limit, show_annotation, lambda row: (row.chapter, row.start_offset, row.id))


@router.post("/books/{book_id}/annotations", status_code=201)
async def post_annotation(
    book_id: UUID, wanted: AnnotationNew, person: SignedIn, session: InTransaction
) -> AnnotationShown:
    """Keeps a bookmark or a highlight. The same key twice answers the one that is there."""
    book = await queries.open_book(session, person.id, book_id)
    return show_annotation(await annotate(session, book, wanted))


@router.patch("/annotations/{annotation_id}")
async def patch_annotation(
    annotation_id: UUID, change: AnnotationChange, person: SignedIn, session: InTransaction
) -> AnnotationShown:
    values = change.model_dump(exclude_unset=True)
    return show_annotation(await queries.change_annotation(session, person.id, annotation_id, values))


@router.delete("/annotations/{annotation_id}", status_code=204)
async def delete_annotation(annotation_id: UUID, person: SignedIn, session: InTransaction) -> None:
    await queries.remove_annotation(session, person.id, annotation_id)


async def _saved(saved: Saved, device: str, services: Services, live: Events) -> Progress:
    """Tells the person's other devices, counts late reading, and answers where the person is."""
    book = saved.standing.book
    if saved.new:
        live.tell_soon(book.user_id, "place", book=str(book.id), device=device)
    if saved.late:
        async with services.database.transaction() as session:
            await measure_late(session, saved.late)
    return show_progress(saved.standing, device)


def show_progress(standing: Standing, device: str | None) -> Progress:
    current, furthest = (standing.place(mark) for mark in (standing.history.current, standing.history.furthest))
    return Progress(
        current=show_place(current) if current else None,
        furthest=show_place(furthest) if furthest else None,
        offer=_offer(standing, device) if device else None,
    )


def _offer(standing: Standing, device: str) -> Offer | None:
    offered = standing.place(rules.offer(standing.history, device))
    if offered is None:
        return None
    return Offer(
        **show_place(offered).model_dump(),
        relation=rules.relation(standing.history.latest[device], offered.mark),
        age=max((standing.now - offered.read_at).total_seconds(), 0),
    )


def show_place(place: Place) -> PlaceShown:
    return PlaceShown.model_validate(place, from_attributes=True)


def show_session(found: ReadingSession) -> SessionShown:
    return SessionShown.model_validate(found, from_attributes=True)


def show_annotation(found: Annotation) -> AnnotationShown:
    return AnnotationShown.model_validate(found, from_attributes=True)
