"""Descriptions on the wire."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from bookreader.wire import Text, Wire


class Kind(StrEnum):
    LOCATION = "location"
    CHARACTER = "character"
    ATMOSPHERE = "atmosphere"
    OBJECT = "object"
    ACTION = "action"


class PictureOf(BaseModel):
    """The picture of a description. `label` says what it is: offline_sketch or generated."""

    id: UUID
    status: str
    service: str
    label: str
    image: str | None
    alt: str | None


class DescriptionShown(BaseModel):
    """A passage worth a picture. `start`, `end`: code points of the chapter's text, half-open.

    `engine`: who found it: the rules with their version, `person`, or `llm:` and the name of a language model.
    `beyond`: it lies after the furthest place that the person has read, so that a client covers it.
    """

    id: UUID
    chapter: int
    start: int
    end: int
    text: str
    type: Kind
    second_type: Kind | None
    confidence: float
    priority: float
    tone: str | None
    entities: list[Any]
    cfi: str | None
    engine: str | None
    beyond: bool
    illustration: PictureOf | None = None


class DescriptionNew(Wire):
    """A passage that a person selected: the range CFI, and the words at it, which repair it.

    Without a `type`, the words decide of what the picture would be.
    """

    chapter: Annotated[int, Field(ge=1)]
    cfi: Annotated[str, Field(max_length=2000)]
    quote: Annotated[Text | None, Field(max_length=8000)] = None
    type: Kind | None = None


class DescriptionChange(Wire):
    type: Kind | None = None
    hidden: bool | None = None


class LookThrough(BaseModel):
    """A language model for one book. Without a `model`, none is set up here. `host`: where the text would be sent.

    `read`: stretches that it has read; `fell_back`: those where what the rules found stands alone; `spent` on this book
    so far in US dollars.
    """

    model: str | None
    host: str | None
    read: int
    fell_back: int
    spent: Decimal


class LookThroughEstimate(BaseModel):
    """`stretches` are not read yet. US dollars: `about` is a guess, `most` the limit. `obstacle`: why not now."""

    stretches: int
    about: Decimal
    most: Decimal
    obstacle: str | None


class LookThroughWanted(Wire):
    """`price`: the most that it may cost, in US dollars; the estimate's `most`, or less."""

    price: Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=4)]


class LookThroughAccepted(BaseModel):
    job: UUID


class IllustrationWanted(Wire):
    service: Annotated[str | None, Field(max_length=50)] = None
    style: Annotated[str | None, Field(max_length=50)] = None
    prompt: Annotated[Text | None, Field(max_length=4000)] = None
