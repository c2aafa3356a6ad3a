"""What every picture service is to the rest of the program: one protocol, one order, one answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from bookreader.illustrations.plates import Plate


class Service(StrEnum):
    PLATE = "plate"
    POLLINATIONS = "pollinations"
    OPENAI = "openai_dalle"
    STABLE_DIFFUSION = "stable_diffusion"
    MIDJOURNEY = "midjourney"


class Outcome(StrEnum):
    OK = "ok"
    MODERATED = "moderated"
    RATE_LIMITED = "rate_limited"
    AUTH = "auth"
    QUOTA = "quota"
    BAD_REQUEST = "bad_request"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"


@dataclass(frozen=True)
class Passage:
    """The description to be drawn. The offline plate reads it; services get the prompt made of it."""

    text: str
    type: str
    tone: str | None
    people: tuple[str, ...]
    language: str


@dataclass(frozen=True)
class Order:
    """One picture to make. `key` is the same in every attempt. Width and height in pixels are wishes."""

    key: str
    prompt: str
    negative: str
    width: int
    height: int
    seed: int
    passage: Passage


@dataclass(frozen=True)
class Answer:
    """What came of an order.

    `image` holds the bytes as they came, not yet verified; `plate` an offline plate in place of them. `grid`: the bytes
    show this many pictures beside and as many below each other. `facts` join the generation parameters. `sentence`
    tells a person what happened and what to do; `code` and `stage` are the service's own words of a refusal;
    `retry_after` in seconds.
    """

    outcome: Outcome
    image: bytes = b""
    plate: Plate | None = None
    grid: int = 1
    facts: Mapping[str, Any] = field(default_factory=dict)
    sentence: str = ""
    code: str = ""
    stage: str = ""
    retry_after: float | None = None


@dataclass(frozen=True)
class Task:
    """The service's own number of a picture that is being made. `remember` keeps it for ever before going on.

    `again`: an earlier attempt may have begun the picture.
    """

    id: str | None
    again: bool
    remember: Callable[[str], Awaitable[None]]


@dataclass(frozen=True)
class Traits:
    """What a service can and costs.

    `prompt_limit` in characters; `negative_field`: it has one; `reads_language`: prompts may be in the book's language;
    `parallel`: pictures at the same time; `interval`: seconds between two beginnings; `repeatable`: asking once more
    for the same picture costs nothing more; `price` of one picture in US dollars, as an estimate.
    """

    prompt_limit: int
    negative_field: bool
    reads_language: bool
    parallel: int
    interval: float
    repeatable: bool
    price: float


class Provider(Protocol):
    """A picture service. `draw` answers with one of the outcomes and raises nothing that a service can cause."""

    @property
    def service(self) -> Service: ...

    @property
    def traits(self) -> Traits: ...

    async def draw(self, order: Order, task: Task) -> Answer: ...
