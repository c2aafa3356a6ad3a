"""Illustrations on the wire."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from bookreader.illustrations.prompt import PRESETS
from bookreader.illustrations.providers import Service
from bookreader.wire import Text, Wire

Label = Literal["offline_sketch", "generated"]
Money = Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=4)]
Style = Annotated[str | None, Field(max_length=50)]
PromptText = Annotated[Text | None, Field(max_length=8_000)]
Words = Annotated[Text, Field(max_length=200)]
Aspect = Literal["2:3", "3:2", "1:1", "16:9", "9:16"]
Kind = Literal["location", "character", "atmosphere", "object", "action"]


class Reason(BaseModel):
    """The code of a sentence, as in docs/errors.md, with the values that it needs in any language."""

    code: str
    values: dict[str, str | int] = Field(default_factory=dict)


class IllustrationShown(BaseModel):
    """An illustration with its passage, which begins at the code point `start` of its chapter. `beyond`: it lies after
    the furthest place read. `reason` is of `error`."""

    id: UUID
    description_id: UUID
    chapter: int
    start: int
    status: str
    service: str
    label: Label
    image: str | None
    width: int | None
    height: int | None
    alt: str | None
    quote: str
    type: str
    entities: list[Any]
    cfi: str | None
    beyond: bool
    variants: int
    created_at: datetime
    error: str | None = None
    reason: Reason | None = None


class IllustrationAccepted(BaseModel):
    id: UUID
    status: str


class IllustrationFacts(BaseModel):
    """One illustration and how it was made. `current`: the book shows this one. `reason` belongs to `error`.

    `ahead`: pictures that are drawn before it while it waits; null when it does not, or its batch stands still.
    """

    id: UUID
    description_id: UUID
    status: str
    service: str
    label: Label
    current: bool
    image: str | None
    alt: str | None
    prompt: str
    style: str | None
    parameters: dict[str, Any] | None
    moderation: dict[str, Any] | None
    seconds: float | None
    created_at: datetime
    generated_at: datetime | None
    ahead: int | None
    error: str | None
    reason: Reason | None


class IllustrationAgain(Wire):
    """What changes in the next variant; what is left out stays."""

    service: Annotated[str | None, Field(max_length=50)] = None
    style: Style = None
    prompt: PromptText = None


class PromptShown(BaseModel):
    """What a service would be sent. `handling` says what was done with the passage's language."""

    service: Service
    prompt: str
    negative: str
    style: str
    width: int
    height: int
    language: str
    handling: str
    people: list[str]
    limit: int


# --- services ---------------------------------------------------------------------------------------------------------


class BudgetRules(Wire):
    """US dollars; null where there is no limit. `site_day` is for everyone together, by the day of UTC."""

    picture: Money | None = Decimal("0.5")
    person_day: Money | None = None
    person_month: Money | None = None
    book: Money | None = None
    site_day: Money | None = Decimal(5)


class PictureRules(Wire):
    """What an administrator decides about pictures.

    `order` is that of services; with `fall_back`, those after a failing one stand in for it. `prices` of one picture in
    US dollars take the place of our estimates.
    """

    order: tuple[Service, ...] = ()
    disabled: tuple[Service, ...] = ()
    fall_back: bool = False
    prices: dict[Service, Money] = Field(default_factory=dict)
    budgets: BudgetRules = BudgetRules()


class ServiceShown(BaseModel):
    """A service that can be chosen here. `price` of one picture, an estimate in US dollars; `reason` of `trouble`."""

    service: Service
    name: str
    price: Decimal
    counts: bool
    trouble: str | None
    reason: Reason | None


class Services(BaseModel):
    """`pictures_left` of this month by the plan; null = as many as one likes."""

    services: list[ServiceShown]
    styles: list[str] = list(PRESETS)
    plan: str
    pictures_month: int
    pictures_left: int | None
    spent_month: Decimal


# --- batches ----------------------------------------------------------------------------------------------------------


class BatchScope(StrEnum):
    NEXT_CHAPTERS = "next_chapters"
    BOOK = "book"
    RESTYLE = "restyle"


class BatchState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    CANCELLED = "cancelled"


class BatchChoice(Wire):
    """What to illustrate: the best passages of the next chapters, or of the whole book.

    `restyle`: every passage that has a picture, drawn anew in another art direction; seeds and people stay.
    """

    scope: BatchScope = BatchScope.NEXT_CHAPTERS
    chapters: Annotated[int, Field(ge=1, le=200)] = 3
    per_chapter: Annotated[int, Field(ge=1, le=20)] = 2
    service: Annotated[str | None, Field(max_length=50)] = None
    style: Style = None


class BatchWanted(BatchChoice):
    """`price` is what the estimate said: a dearer batch is not begun."""

    price: Money = Decimal(0)


class EstimateShown(BaseModel):
    """`obstacle`, with its `reason`, says why it cannot be ordered as it is; `seconds` where earlier pictures tell."""

    service: Service
    pictures: int
    price: Decimal
    chapters: dict[int, int]
    seconds: float | None
    obstacle: str | None
    reason: Reason | None


class BatchShown(BaseModel):
    """`progress` 0-100 counts whatever is finished, also what failed. `state` is `done` when nothing is left to do.

    `ahead`: pictures that are drawn before its first; null when it is under way, stands still or is over.
    """

    id: UUID
    scope: BatchScope
    service: Service
    style: str | None
    state: Literal["active", "paused", "cancelled", "done"]
    pictures: int
    completed: int
    failed: int
    moderated: int
    waiting: int
    ahead: int | None
    progress: int
    price: Decimal
    spent: Decimal
    created_at: datetime


class BatchChange(Wire):
    state: BatchState


# --- art direction ----------------------------------------------------------------------------------------------------


class ArtDirectionShape(Wire):
    """What a book keeps the same in all its pictures. `medium` in own words takes the place of the preset's."""

    preset: Annotated[str, Field(max_length=50)] = "linocut"
    medium: Words = ""
    era: Words = ""
    palette: Words = ""
    taboo: Annotated[tuple[Annotated[Text, Field(min_length=1, max_length=60)], ...], Field(max_length=20)] = ()
    aspects: dict[Kind, Aspect] = Field(default_factory=dict)
