"""Places, reading sessions and annotations on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from bookreader.reading.rules import Relation, Repair
from bookreader.wire import Text, Wire


def _sane(time: datetime) -> datetime | None:
    """A clock that shows another century tells nothing, and a place is kept without it."""
    return time if 1970 <= time.year < 2200 else None


ClientTime = Annotated[AwareDatetime | None, AfterValidator(lambda time: time and _sane(time))]
SentAt = Annotated[
    ClientTime, Field(description="The device's clock when it sends this: with it a clock that is wrong does no harm.")
]
Device = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]
ChapterNumber = Annotated[int, Field(ge=1, le=1_000_000)]
Quote = Annotated[Text | None, Field(max_length=4000)]


class PlaceReport(Wire):
    """A place that a device reports. `scroll_offset_percent` counts only where no CFI can be; it is clamped.

    `jump`: the person went there by a link, the contents or a search, which does not count as having read up to there.
    `end`: the page that begins there shows the last words of the book, so that all of it is read.
    """

    chapter: ChapterNumber
    cfi: str | None = None
    quote: Quote = None
    device: Device
    client_time: ClientTime = None
    sent_at: SentAt = None
    key: UUID
    jump: bool = False
    end: bool = False
    scroll_offset_percent: Annotated[float | None, Field(allow_inf_nan=False)] = None


class Restoration(Wire):
    """Who goes back to an earlier place."""

    device: Device
    key: UUID


class PlaceShown(BaseModel):
    """A place in a book. `page` from 1, `total_progression` 0-1.

    `at` is when the server heard of it, `read_at` when the person was there. `repaired`: what found it, when its
    address led nowhere.
    """

    id: UUID
    chapter: int
    cfi: str | None
    quote: str | None
    page: int
    total_progression: float
    device: str
    at: datetime
    read_at: datetime
    repaired: Repair | None = None


class Offer(PlaceShown):
    """A place of another device that this one may go to. `age`: seconds since the person was there."""

    relation: Relation
    age: float


class Progress(BaseModel):
    """`offer`: what another device left elsewhere. Nothing moves by itself: the person is asked."""

    current: PlaceShown | None
    furthest: PlaceShown | None
    offer: Offer | None = None


class SessionStart(Wire):
    """`started_at`: of a session that the server could not hear of at once; within the last 60 days."""

    device: Device
    key: UUID | None = None
    started_at: AwareDatetime | None = None
    sent_at: SentAt = None


class SessionChange(Wire):
    """A sign of life. `active_at`: when the person last did something, if that was before now."""

    active_at: AwareDatetime | None = None
    sent_at: SentAt = None


class SessionShown(BaseModel):
    id: UUID
    book_id: UUID
    device: str | None
    device_type: str | None
    started_at: datetime
    ended_at: datetime | None
    duration_minutes: int
    pages_read: int
    words_read: int
    start_position: int
    end_position: int
    is_active: bool


Note = Annotated[Text | None, Field(max_length=20_000)]
Colour = Annotated[str | None, Field(pattern=r"^[a-z0-9#-]{1,20}$")]


class AnnotationNew(Wire):
    """A bookmark at a point, or a highlight of a range. The server takes the quote from the CFI when it is absent."""

    kind: Literal["bookmark", "highlight"]
    chapter: ChapterNumber
    cfi: str
    quote: Quote = None
    colour: Colour = None
    note: Note = None
    key: UUID | None = None


class AnnotationChange(Wire):
    colour: Colour = None
    note: Note = None


class AnnotationShown(BaseModel):
    """`start`, `end`: code points of the chapter's text, half-open; equal for a bookmark."""

    id: UUID
    book_id: UUID
    kind: Literal["bookmark", "highlight"]
    chapter: int
    cfi: str | None
    quote: str | None
    start: Annotated[int, Field(validation_alias="start_offset")]
    end: Annotated[int, Field(validation_alias="end_offset")]
    colour: str | None
    note: str | None
    repaired: Repair | None
    created_at: datetime
    updated_at: datetime
