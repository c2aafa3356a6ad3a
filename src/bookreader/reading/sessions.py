"""Reading sessions: begun by opening a book, kept alive by activity, ended by leaving or falling silent."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from bookreader.database import Session
from bookreader.errors import InvalidInput
from bookreader.reading import queries, spans
from bookreader.reading.queries import Place, ReadingSession
from bookreader.reading.rules import PROMPT
from bookreader.reading.schemas import SessionChange, SessionStart
from bookreader.reading.spans import Span

OLDEST_OFFLINE = timedelta(days=60)
CLOCK_TOLERANCE = timedelta(minutes=5)
DEVICE_TYPES = (
    ("e-reader", ("koreader", "kobo", "kindle", "pocketbook", "e-ink")),
    ("tablet", ("ipad", "tablet")),
    ("mobile", ("iphone", "ipod", "mobile")),
    ("tablet", ("android",)),
)


async def start_session(
    session: Session, user_id: UUID, book_id: UUID, wanted: SessionStart, kind: str, idle: timedelta
) -> ReadingSession:
    """Begins a session, or goes on with the device's last one after a pause no longer than `idle`. What else the
    device was reading has ended. A key seen before answers its session. Raises InvalidInput for impossible times."""
    now = await queries.lock_reading(session, user_id)
    known = await queries.session_by_key(session, user_id, wanted.key) if wanted.key else None
    if known is not None:
        return known
    at = _checked(wanted.started_at, wanted.sent_at, now)
    others = await queries.sessions_of_device(session, user_id, wanted.device, at - spans.LONGEST - idle)
    begun = spans.begin(book_id, at, [_span(other) for other in others], idle)
    for other in others:
        if other.is_active and other.started_at <= begun.begin and other.id != begun.joined:
            await _end(session, other, min(await _last_alive(session, other, idle), begun.begin))
    joined = next((other for other in others if other.id == begun.joined), None)
    if joined is not None:
        return await _go_on(session, joined, at, begun.last)
    return await _begin(session, user_id, book_id, wanted, kind, begun)


async def keep_alive(
    session: Session, user_id: UUID, session_id: UUID, change: SessionChange, idle: timedelta
) -> ReadingSession:
    """A sign of life. Without a time of its own it means now, and a session that fell silent before stays ended when it
    was last alive; with one it vouches for the time up to there. Raises NotFound, InvalidInput for impossible times."""
    found, now = await queries.session_of(session, user_id, session_id)
    at = _checked_activity(found, change, now)
    if change.active_at is None:
        alive = await _last_alive(session, found, idle)
        if not found.is_active or now - alive > idle:
            return await _end(session, found, alive)
    last = await _extend(session, found, at)
    if last and now - _span(found).end <= idle:
        found.is_active, found.ended_at = True, None
    return found


async def end_session(session: Session, user_id: UUID, session_id: UUID, change: SessionChange) -> ReadingSession:
    """Ends a session now, or when it was last alive by what the device says. Ending it twice changes nothing.

    Raises NotFound, InvalidInput for impossible times.
    """
    found, now = await queries.session_of(session, user_id, session_id)
    at = _checked_activity(found, change, now)
    if found.is_active or change.active_at is not None:
        await _extend(session, found, at)
    return await _end(session, found, _span(found).end)


async def close_abandoned(session: Session, idle: timedelta) -> int:
    """Ends what fell silent, when it was last alive. Returns how many."""
    closed = 0
    for found, now in await queries.silent_sessions(session, idle):
        alive = await _last_alive(session, found, idle)
        if now - alive > idle:
            await _end(session, found, alive)
            closed += 1
        else:
            found.last_activity_at = alive
    return closed


async def measure_late(session: Session, places: Sequence[Place]) -> None:
    """Counts what late places of one device tell of sessions that had ended before they came."""
    for found in await queries.ended_sessions_at(session, places):
        await _measure(session, found)


def device_type(user_agent: str) -> str:
    """e-reader, mobile, tablet or desktop, by the program's own words."""
    words = user_agent.lower()
    return next((kind for kind, signs in DEVICE_TYPES if any(sign in words for sign in signs)), "desktop")


async def _begin(
    session: Session, user_id: UUID, book_id: UUID, wanted: SessionStart, kind: str, begun: spans.Begun
) -> ReadingSession:
    """Where something of the device comes after, this one has ended already: we only do not know yet when."""
    position = await queries.current_position(session, user_id, book_id)
    return await queries.add_session(
        session,
        {
            "user_id": user_id,
            "book_id": book_id,
            "device": wanted.device,
            "device_type": kind,
            "key": wanted.key,
            "started_at": begun.begin,
            "last_activity_at": begun.begin,
            "ended_at": None if begun.last else begun.begin,
            "is_active": begun.last,
            "start_position": position,
            "end_position": position,
        },
    )


async def _go_on(session: Session, found: ReadingSession, at: datetime, last: bool) -> ReadingSession:
    await _alive_until(session, found, max(_span(found).end, at))
    if last:
        found.is_active, found.ended_at = True, None
    return found


async def _extend(session: Session, found: ReadingSession, at: datetime) -> bool:
    """Moves the end on to a sign of life, and says whether nothing of the device comes after the session."""
    others = await queries.sessions_of_device(session, found.user_id, found.device, found.started_at)
    await _alive_until(session, found, spans.extended(_span(found), at, [_span(other) for other in others]))
    return all(other.started_at <= found.started_at for other in others)


async def _alive_until(session: Session, found: ReadingSession, at: datetime) -> None:
    found.last_activity_at = at
    found.ended_at = None if found.is_active else at
    await _measure(session, found)


async def _end(session: Session, found: ReadingSession, at: datetime) -> ReadingSession:
    if found.is_active:
        found.is_active = False
        await _alive_until(session, found, at)
    await session.flush()
    await queries.add_up_reading(session, found.user_id, found.book_id)
    return found


async def _measure(session: Session, found: ReadingSession) -> None:
    """Minutes by the clock; pages, words and positions by what was really read meanwhile."""
    end = _span(found).end
    read = await queries.movement(session, found, end + PROMPT)
    found.duration_minutes = spans.minutes(found.started_at, end)
    found.pages_read, found.words_read = read.pages, read.words
    if read.first is not None and read.last is not None:
        found.start_position, found.end_position = read.first, max(read.first, read.last)
    await session.flush()


async def _last_alive(session: Session, found: ReadingSession, idle: timedelta) -> datetime:
    """The last sign of life, places included."""
    end = _span(found).end
    times = await queries.times_of_places(session, found, end) if found.is_active else ()
    return spans.alive_until(end, times, idle)


def _span(found: ReadingSession) -> Span:
    end = found.ended_at or found.last_activity_at or found.started_at
    return Span(found.id, found.book_id, found.started_at, end)


def _checked_activity(found: ReadingSession, change: SessionChange, now: datetime) -> datetime:
    at = _checked(change.active_at, change.sent_at, now)
    if at < found.started_at:
        raise InvalidInput("active_at: nobody was active in a session before it began.", code="bad_time")
    return at


def _checked(claimed: datetime | None, sent_at: datetime | None, now: datetime) -> datetime:
    """A time that a device claims, by our clock. `sent_at` is what its own clock showed meanwhile."""
    if claimed is None:
        return now
    age = (sent_at or now) - claimed
    if age < -CLOCK_TOLERANCE or age > OLDEST_OFFLINE:
        message = "A time of reading lies within the last 60 days and not in the future: check the device's clock."
        raise InvalidInput(message, code="bad_time")
    return now - max(age, timedelta(0))
