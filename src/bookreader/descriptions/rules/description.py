"""What the rules give: descriptions of a chapter, and its paragraphs with their scores."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What the picture would be of."""

    LOCATION = "location"
    CHARACTER = "character"
    ATMOSPHERE = "atmosphere"
    OBJECT = "object"
    ACTION = "action"


@dataclass(frozen=True)
class Entity:
    """Somebody or something that the passage names. `kind`: person, place or object."""

    name: str
    kind: str


@dataclass(frozen=True)
class Description:
    """A passage worth a picture.

    `start`, `end`: code points of the chapter text, half-open; `text` is what stands there. `confidence`: the
    calibrated probability, 0 to 1, that an illustrator could draw one picture from it. `priority`: 0 to 1, the order
    in which pictures are made. `complexity`: simple, moderate or complex, by how much there is to draw.
    `suitability`: 0 to 1, how much of what is said can be seen.
    """

    start: int
    end: int
    text: str
    type: str
    second_type: str | None
    confidence: float
    priority: float
    entities: tuple[Entity, ...]
    tone: str
    complexity: str
    suitability: float


@dataclass(frozen=True)
class ScoredParagraph:
    """A paragraph of a chapter, `index` from 0, with the calibrated probability that it is worth a picture."""

    index: int
    text: str
    score: float
    type: str
    second_type: str | None
