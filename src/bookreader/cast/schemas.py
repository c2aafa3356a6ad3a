"""People and places of a book on the wire."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from bookreader.descriptions.sheets import Aspect
from bookreader.wire import Text, Wire

SheetKind = Literal["person", "place"]
Value = Annotated[Text, Field(min_length=1, max_length=300)]


class EvidenceShown(BaseModel):
    """A sentence of the book that tells something of somebody."""

    chapter: int
    quote: str
    cfi: str | None


class FactShown(BaseModel):
    """What is said of how somebody looks. `quote` is the book's sentence; null where a person said it.

    `state`: `sure` was taken from the book as it is, `suggested` waits for a decision, and `confirmed`, `rejected` and
    `added` were decided. Pictures follow what is sure, confirmed or added.
    """

    id: UUID
    aspect: Aspect
    value: str
    state: Literal["sure", "suggested", "confirmed", "rejected", "added"]
    chapter: int
    quote: str | None
    cfi: str | None


class SheetShown(BaseModel):
    """A person or place as far as it may be shown. `chapter`: where it is named first.

    `look` is the string that every picture of them repeats; `own_look`: a person wrote it. `label` stands in a prompt
    for a name that no service can know. `seed` is the same in all their pictures. `locked`: looking through the book
    again changes nothing here. `reference`: the address of a picture that a person added.
    """

    id: UUID
    kind: SheetKind
    name: str
    names: list[str]
    mentions: int
    chapter: int
    label: str | None
    look: str
    own_look: bool
    seed: int
    state: Literal["found", "confirmed", "rejected"]
    locked: bool
    facts: list[FactShown]
    evidence: list[EvidenceShown]
    reference: str | None


class CastShown(BaseModel):
    """`covered`: how many more are named after the furthest place read."""

    items: list[SheetShown]
    covered: int


class SheetChange(Wire):
    """What is left out stays; an empty name, label or look gives way to what the book tells."""

    kind: SheetKind | None = None
    name: Annotated[Text | None, Field(max_length=300)] = None
    label: Annotated[Text | None, Field(max_length=100)] = None
    look: Annotated[Text | None, Field(max_length=500)] = None
    state: Literal["found", "confirmed", "rejected"] | None = None
    locked: bool | None = None


class MergeWanted(Wire):
    """`other` goes; its names, facts and evidence come over."""

    other: UUID


class SplitWanted(Wire):
    """The names that become a sheet of their own."""

    names: Annotated[list[str], Field(min_length=1, max_length=100)]


class FactNew(Wire):
    """Holds from the chapter on, or from where they are named first; of dress, in that chapter only."""

    aspect: Aspect
    value: Value
    chapter: Annotated[int | None, Field(ge=1)] = None


class FactChange(Wire):
    value: Value | None = None
    state: Literal["confirmed", "rejected"] | None = None
