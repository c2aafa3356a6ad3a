"""A language model looks through chapters without a database: for the command line."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import structlog

from bookreader.accounts.ledger import BudgetExceeded
from bookreader.descriptions.llm.endpoint import Endpoint
from bookreader.descriptions.llm.look_through import MOST_FAILURES, addresses_of
from bookreader.descriptions.llm.merge import Known, merge
from bookreader.descriptions.llm.order import endpoint_of
from bookreader.descriptions.llm.purse import Pocket
from bookreader.descriptions.llm.read import FAILED, Fate, Halted, Reading, read_stretch
from bookreader.descriptions.llm.stretches import Stretch, split_stretches
from bookreader.descriptions.rules import RULES_VERSION
from bookreader.errors import InvalidInput
from bookreader.settings import Settings

log = structlog.get_logger()
SHOWN = (
    "chapter", "start", "end", "text", "type", "second_type", "confidence", "priority", "entities", "tone", "cfi",
    "engine",
)  # fmt: skip


async def read_chapters(
    settings: Settings, chapters: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]], spend: Decimal
) -> list[dict[str, Any]]:
    """The rules' rows with what the model found beside them, each with its `engine`. `spend` in US dollars.

    What the money does not reach stays as the rules found it. Raises InvalidInput.
    """
    endpoint, pocket = endpoint_of(settings), Pocket(spend)
    merged, failures = [row | {"engine": RULES_VERSION} for row in rows], 0
    for chapter in chapters:
        for stretch in await asyncio.to_thread(split_stretches, chapter["text"]):
            try:
                reading = await _reading(endpoint, pocket, stretch)
            except BudgetExceeded as error:
                log.warning("budget_reached", reason=error.message)
                return merged
            failures = failures + 1 if reading.fate in FAILED else 0
            if failures >= MOST_FAILURES:
                raise InvalidInput(reading.sentence, code="model_unavailable")
            _add(merged, chapter, reading, endpoint.engine)
    log.info("looked_through", model=endpoint.model, dollars=str(pocket.spent))
    return merged


async def _reading(endpoint: Endpoint, pocket: Pocket, stretch: Stretch) -> Reading:
    try:
        reading = await read_stretch(endpoint, pocket, stretch)
    except Halted as halted:
        raise InvalidInput(halted.said.sentence, code=f"model_{halted.said.outcome}") from halted
    if reading.fate is not Fate.READ:
        log.warning("fell_back", reason=reading.sentence or reading.fate.value)
    return reading


def _add(rows: list[dict[str, Any]], chapter: dict[str, Any], reading: Reading, engine: str) -> None:
    here = [row for row in rows if row["chapter"] == chapter["number"]]
    known = [
        Known(row["start"], row["end"], row["confidence"], row["priority"], row["entities"], False) for row in here
    ]
    merged = merge(known, reading.found)
    for at, fields in merged.changes.items():
        here[at].update({name: value for name, value in fields.items() if name in SHOWN}, engine=engine)
    addresses = addresses_of(chapter["html"], chapter["cfi"], reading.found) if chapter["html"] and merged.new else {}
    for fields in merged.new:
        place = {"chapter": chapter["number"], "cfi": addresses.get(fields["start"]), "engine": engine}
        rows.append({name: value for name, value in (fields | place).items() if name in SHOWN})
