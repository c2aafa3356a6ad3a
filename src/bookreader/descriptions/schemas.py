"""Descriptions on the wire."""

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


class IllustrationWanted(Wire):
    service: Annotated[str | None, Field(max_length=50)] = None
    style: Annotated[str | None, Field(max_length=50)] = None
    prompt: Annotated[Text | None, Field(max_length=4000)] = None
