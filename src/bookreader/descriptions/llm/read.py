"""One stretch of a chapter, read by a language model: asked, answered, grounded, and asked once more where it helps."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bookreader.descriptions.llm.answer import items_of
from bookreader.descriptions.llm.contract import messages_for
from bookreader.descriptions.llm.endpoint import Endpoint, Said
from bookreader.descriptions.llm.grounding import Found, ground
from bookreader.descriptions.llm.purse import Purse
from bookreader.descriptions.llm.stretches import Stretch
from bookreader.replies import Outcome

TURNS = 2
"""Calls for one stretch: an answer that is no JSON, and a fault that passes, are asked for once more."""
PAUSE = 1.0
"""Seconds before a fault is asked again."""
MOST_GROUNDLESS = 0.3
"""Share of an answer that may not be in the book; with more, none of it is believed."""


class Fate(StrEnum):
    """What came of a stretch. Unless it was read, what the rules found there stands alone."""

    READ = "read"
    INVALID = "invalid"
    UNGROUNDED = "ungrounded"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"


FATES = {
    Outcome.MODERATED: Fate.REFUSED,
    Outcome.UNAVAILABLE: Fate.UNAVAILABLE,
    Outcome.TIMEOUT: Fate.TIMEOUT,
}
"""Of failures that concern one stretch; every other one concerns the endpoint."""
FAILED = (Fate.UNAVAILABLE, Fate.TIMEOUT)
"""No answer came: several of these in a row concern the endpoint."""


@dataclass(frozen=True)
class Reading:
    """`price`: US dollars for all calls. `sentence`: what went wrong."""

    fate: Fate
    price: Decimal
    found: tuple[Found, ...] = ()
    sentence: str = ""


class Halted(Exception):
    """The endpoint cannot be used for now, whatever it is asked."""

    def __init__(self, said: Said) -> None:
        super().__init__(said.sentence)
        self.said = said


async def read_stretch(endpoint: Endpoint, purse: Purse, stretch: Stretch) -> Reading:
    """Raises Halted, BudgetExceeded."""
    price, messages = Decimal(0), messages_for(stretch)
    reading = Reading(Fate.INVALID, price)
    for turn in range(TURNS):
        said = await _paid(endpoint, purse, messages)
        price += said.price
        reading = _read(said, stretch, price)
        if not _asks_again(said, reading):
            break
        if said.outcome is Outcome.UNAVAILABLE and turn + 1 < TURNS:
            await asyncio.sleep(PAUSE)
    return reading


async def _paid(endpoint: Endpoint, purse: Purse, messages: list[dict[str, str]]) -> Said:
    payment = await purse.reserve(endpoint.most(messages))
    said = await endpoint.ask(messages)
    await purse.settle(payment, said.price)
    return said


def _read(said: Said, stretch: Stretch, price: Decimal) -> Reading:
    if said.outcome in FATES:
        return Reading(FATES[said.outcome], price, sentence=said.sentence)
    if said.outcome is not Outcome.OK:
        raise Halted(said)
    items = items_of(said.content)
    if items is None:
        return Reading(Fate.INVALID, price)
    grounded = ground(items, stretch)
    if grounded.groundless > MOST_GROUNDLESS * grounded.items:
        return Reading(Fate.UNGROUNDED, price)
    return Reading(Fate.READ, price, grounded.found)


def _asks_again(said: Said, reading: Reading) -> bool:
    """A call that may have been charged without an answer is not repeated."""
    return reading.fate is Fate.INVALID or (reading.fate is Fate.UNAVAILABLE and said.price == 0)
