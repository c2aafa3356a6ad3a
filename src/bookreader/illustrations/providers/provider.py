"""What every picture service is to the rest of the program: one protocol, one order, one answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from bookreader.illustrations.plates import Plate
from bookreader.replies import Outcome as Outcome


class Service(StrEnum):
    PLATE = "plate"
    POLLINATIONS = "pollinations"
    OPENAI = "openai_dalle"
    STABLE_DIFFUSION = "stable_diffusion"
    MIDJOURNEY = "midjourney"


class Cause(StrEnum):
    """Why there is no picture: stable codes (docs/errors.md), for which the web app has sentences of its own."""

    MODERATED = "picture_moderated"
    NOTHING_CAME = "picture_nothing_came"
    RATE_LIMITED = "picture_rate_limited"
    AUTH = "picture_auth"
    QUOTA = "picture_quota"
    BAD_REQUEST = "picture_bad_request"
    UNAVAILABLE = "picture_unavailable"
    TIMEOUT = "picture_timeout"
    NO_PICTURE = "picture_no_picture"
    BROKEN = "picture_broken"
    TOO_LARGE = "picture_too_large"
    TOO_SMALL = "picture_too_small"
    WRONG_SHAPE = "picture_wrong_shape"
    BLANK = "picture_blank"
    PLACEHOLDER = "picture_placeholder"
    SERVICE_GONE = "picture_service_gone"
    GIVEN_UP = "picture_given_up"
    STOPPED = "picture_stopped"
    UNREACHABLE = "outside_unreachable"
    TOO_MUCH = "outside_too_large"
    ADDRESS_REFUSED = "address_refused"
    STORAGE_FULL = "storage_full"


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
    tells a person what happened and what to do; `cause` is its code, where that is not simply the outcome's, and `said`
    what the service itself said. `code` and `stage` are the service's own words of a refusal; `retry_after` in seconds.
    """

    outcome: Outcome
    image: bytes = b""
    plate: Plate | None = None
    grid: int = 1
    facts: Mapping[str, Any] = field(default_factory=dict)
    sentence: str = ""
    cause: Cause | None = None
    said: str = ""
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
