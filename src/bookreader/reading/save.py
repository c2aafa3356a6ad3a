"""Saving places: locate each, keep it in the history, and let the rules decide which one is the current place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from bookreader.database import Database, DatabaseBusy, Session
from bookreader.database.base import uuid7
from bookreader.errors import Conflict
from bookreader.reading import queries, rules
from bookreader.reading.locate import Located, at_offset, find_quote, locate, words_between
from bookreader.reading.queries import OpenBook, Place, Standing
from bookreader.reading.rules import Mark, Repair, Sighting
from bookreader.reading.schemas import PlaceReport

TICK = timedelta(microseconds=1)
"""What keeps the places of one batch in their order."""
TRIES = 20


@dataclass(frozen=True, slots=True)
class Saved:
    """`new`: the places that were not known before."""

    standing: Standing
    new: Sequence[Place]

    @property
    def late(self) -> list[Place]:
        """Those that tell of reading that was over when they came."""
        return [place for place in self.new if place.at - place.read_at > rules.PROMPT]


async def save_places(database: Database, user_id: UUID, book_id: UUID, reports: Sequence[PlaceReport]) -> Saved:
    """Keeps the reported places of one device, in their order. A key seen before changes nothing.

    Nothing is locked while the places are looked up: what is written depends on the state that the verdict was found
    upon, and is found anew when another report came in between. Raises InvalidInput for garbage, NotFound for a book or
    chapter that is not there, Conflict for a book that is not ready or a key of another one.
    """
    keys = [report.key for report in reports]
    for _ in range(TRIES):
        before = await queries.standing(database, user_id, book_id, reports[0].device, keys)
        if before.progress_id is None:
            await queries.add_progress(database, user_id, book_id)
            continue
        saved = await _judged(database, before, reports)
        if not saved.new or await queries.keep(database, saved.new, saved.standing):
            return saved
    raise DatabaseBusy("Too many devices save their place in this book at once: try again in a moment.")


async def _judged(database: Database, before: Standing, reports: Sequence[PlaceReport]) -> Saved:
    standing, new = before, dict[UUID, Place]()
    for number, report in enumerate(reports):
        if report.key in new or _is_known(before, report.key):
            continue
        located = await _located(database, before.book, report)
        standing, new[report.key] = _added(standing, located, report, number * TICK)
    return Saved(standing, list(new.values()))


async def go_back(database: Database, user_id: UUID, book_id: UUID, place_id: UUID, *, device: str, key: UUID) -> Saved:
    """Makes an earlier place the current one again: as a new entry, so that this can be undone too. Raises NotFound."""
    async with database.transaction() as session:
        earlier = await queries.place_of(session, user_id, book_id, place_id)
    report = PlaceReport(
        chapter=earlier.chapter,
        cfi=earlier.cfi,
        quote=earlier.quote,
        scroll_offset_percent=earlier.scroll_offset_percent,
        device=device,
        key=key,
        jump=True,
    )
    return await save_places(database, user_id, book_id, [report])


def _is_known(standing: Standing, key: UUID) -> bool:
    known = standing.known.get(key)
    if known is not None and known.book_id != standing.book.id:
        raise Conflict("This key belongs to a place in another book: make a new one for each place.", code="key_reused")
    return known is not None


async def _located(database: Database, book: OpenBook, report: PlaceReport) -> Located:
    chapter = queries.recent_chapter(book, report.chapter)
    if chapter is None:
        async with database.transaction() as session:
            chapter = await queries.chapter_of(session, book, report.chapter)
    located = locate(chapter, report.cfi, report.quote, report.scroll_offset_percent)
    if located.repaired in (None, Repair.QUOTE) or not report.quote:
        return located
    async with database.transaction() as session:
        return await quote_elsewhere(session, book, report.quote, report.chapter) or located


async def quote_elsewhere(session: Session, book: OpenBook, quote: str, near: int) -> Located | None:
    """Where a quote stands in any chapter, as when the file was divided anew; the chapter nearest to `near` wins."""
    for number in await queries.chapters_with_quote(session, book.id, quote, near):
        chapter = await queries.chapter_of(session, book, number)
        offset = find_quote(chapter.text, quote, None) if chapter.text else None
        if offset is not None:
            return at_offset(chapter, offset, Repair.QUOTE)
    return None


def _added(standing: Standing, located: Located, report: PlaceReport, later: timedelta) -> tuple[Standing, Place]:
    """The standing with one more place, and the place."""
    seen = Sighting(
        id=uuid7(),
        device=report.device,
        chapter=located.facts.number,
        page=located.page,
        progression=1.0 if report.end and located.facts.linear else located.total_progression,
        at=standing.now + later,
        made_at=report.client_time,
        sent_at=report.sent_at,
        jump=report.jump,
        linear=located.facts.linear,
    )
    mark = rules.judge(standing.history, seen)
    place = _place(standing.book, report, located, mark, standing.history.latest.get(report.device))
    return standing.having(rules.add(standing.history, seen, mark), place), place


def _place(book: OpenBook, report: PlaceReport, located: Located, mark: Mark, before: Mark | None) -> Place:
    start = before if before is not None and rules.goes_on(before, mark) else mark
    return Place(
        id=mark.id,
        user_id=book.user_id,
        book_id=book.id,
        key=report.key,
        device=mark.device,
        chapter=mark.chapter,
        cfi=located.cfi,
        quote=located.quote,
        page=mark.page,
        total_progression=mark.progression,
        scroll_offset_percent=located.scroll_offset_percent,
        client_time=mark.made_at,
        at=mark.at,
        read_at=mark.read_at,
        began_at=mark.began_at,
        since=mark.since,
        pages_read=mark.page - start.page,
        words_read=words_between(located.facts, start.progression, mark.progression),
        version=book.version,
        repaired=located.repaired,
    )
