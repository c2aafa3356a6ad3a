"""A book that a person has looked through by a language model: the chapters nearest to the reader first.

Each stretch is kept by itself, so that a worker that dies loses those that were being read, and what was found is never
paid for again. The rules have been there before: wherever the model fails, what they found stands.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from bookreader.accounts.ledger import BudgetExceeded
from bookreader.database import Database, Session
from bookreader.descriptions import queries
from bookreader.descriptions.extract import decided_by, row_of
from bookreader.descriptions.llm.endpoint import Endpoint
from bookreader.descriptions.llm.grounding import Found
from bookreader.descriptions.llm.merge import Known, Merged, merge
from bookreader.descriptions.llm.purse import LedgerPurse, Purse, budgets_of
from bookreader.descriptions.llm.read import FAILED, Halted, Reading, read_stretch
from bookreader.descriptions.llm.stretches import Stretch, split_stretches
from bookreader.descriptions.queries import Description
from bookreader.errors import BookReaderError, InvalidInput, Unavailable
from bookreader.jobs.worker import Job, NotYet
from bookreader.publications.cfi import complete_range
from bookreader.publications.text import TextMap
from bookreader.replies import Outcome
from bookreader.settings import Settings

MOST_FAILURES = 3
"""Stretches in a row that fail before the endpoint is left alone."""
MOST_WAITS = 30
CHANGED = (
    "The language model was changed or switched off since this was ordered. "
    "What was found so far stays: look at the estimate and order it again."
)

Task = tuple[UUID, Stretch]


async def look_through(job: Job, settings: Settings) -> None:
    """Raises NotYet, JobGone, BudgetExceeded, InvalidInput, Unavailable."""
    endpoint = Endpoint.from_settings(settings)
    if endpoint is None or endpoint.engine != job.payload["engine"] or job.book_id is None or job.user_id is None:
        raise InvalidInput(CHANGED, code="model_changed")
    budgets = budgets_of(settings, Decimal(job.payload["ceiling"]))
    purse = LedgerPurse(job.database, settings, budgets, job.user_id, job.book_id)
    await job.renew()
    async with job.database.transaction() as session:
        tasks = await stretches_left(session, job.book_id, job.user_id, endpoint.engine)
    run = Run(job, endpoint, purse, tasks, int(job.payload["stretches"]))
    await _all(*(run.work() for _ in range(settings.llm_parallel)))
    if run.halt is not None:
        await _halt(job, run.halt)
    if not job.ended:
        async with job.finishing():
            pass


async def stretches_left(session: Session, book_id: UUID, user_id: UUID, engine: str) -> list[Task]:
    """What the model was not given yet, in the order in which it should be."""
    texts = await queries.texts_to_read(session, book_id, user_id)
    read = await queries.stretches_read(session, book_id, engine)
    found = await asyncio.to_thread(_split, texts)
    return [(id_, stretch) for id_, stretch in found if (id_, stretch.start, stretch.end) not in read]


def _split(texts: Sequence[tuple[UUID, str]]) -> list[Task]:
    return [(id_, stretch) for id_, text in texts for stretch in split_stretches(text)]


class Run:
    """Several workers that take stretches off one pile. `halt`: why they all stopped before it was empty."""

    def __init__(self, job: Job, endpoint: Endpoint, purse: Purse, tasks: Sequence[Task], whole: int) -> None:
        self.halt: BookReaderError | Halted | None = None
        self._job, self._endpoint, self._purse = job, endpoint, purse
        self._left, self._whole = deque(tasks), max(whole, 1)
        self._busy = self._failures = 0

    async def work(self) -> None:
        """Raises JobGone."""
        while self._left and self.halt is None:
            chapter_id, stretch = self._left.popleft()
            self._busy += 1
            try:
                reading = await read_stretch(self._endpoint, self._purse, stretch)
            except BudgetExceeded as error:
                self._left.appendleft((chapter_id, stretch))
                self._stop_for_money(error)
                return
            except Halted as halted:
                self.halt = halted
                return
            finally:
                self._busy -= 1
            await keep(self._job.database, self._endpoint.engine, chapter_id, stretch, reading)
            self._note(reading)
            await self._job.progress(100 * max(self._whole - len(self._left) - self._busy, 0) // self._whole)

    def _stop_for_money(self, error: BudgetExceeded) -> None:
        """What others hold may become free again when they are served; the last one knows that it does not."""
        if self._busy == 1:
            self.halt = error

    def _note(self, reading: Reading) -> None:
        self._failures = self._failures + 1 if reading.fate in FAILED else 0
        if self._failures >= MOST_FAILURES:
            self.halt = self.halt or InvalidInput(reading.sentence, code="model_unavailable")


async def keep(database: Database, engine: str, chapter_id: UUID, stretch: Stretch, reading: Reading) -> None:
    """Writes what a stretch gave beside what is there, and that it was read."""
    noted = {
        "engine": engine,
        "start_offset": stretch.start,
        "end_offset": stretch.end,
        "outcome": reading.fate.value,
        "found": len(reading.found),
        "price": reading.price,
    }
    addresses = await _addresses(database, chapter_id, reading.found)
    async with database.transaction() as session:
        there = await queries.begin_keeping(session, chapter_id)
        if there is None:
            return
        merged = merge([_known(description, fixed=fixed) for description, fixed in there], reading.found)
        for at, fields in merged.changes.items():
            for name, value in decided_by(fields, engine).items():
                setattr(there[at][0], name, value)
        await queries.keep_reading(session, chapter_id, noted, _rows(merged, engine, addresses))


async def _addresses(database: Database, chapter_id: UUID, found: Sequence[Found]) -> dict[int, str | None]:
    """The range CFI of each passage, by where it starts."""
    if not found:
        return {}
    async with database.transaction() as session:
        chapter = await queries.chapter_to_describe(session, chapter_id)
    if chapter is None or not chapter.html or not chapter.step:
        return {}
    html, step = chapter.html, chapter.step
    return await asyncio.to_thread(addresses_of, html, step, found)


def addresses_of(html: str, step: str, found: Sequence[Found]) -> dict[int, str | None]:
    places = TextMap(html)
    return {each.start: complete_range(step, places, each.start, each.end) for each in found}


def _known(description: Description, *, fixed: bool) -> Known:
    named = [entity for entity in description.entities if isinstance(entity, dict)]
    return Known(
        description.start_offset,
        description.end_offset,
        description.confidence_score,
        description.priority_score,
        named,
        fixed,
    )


def _rows(merged: Merged, engine: str, addresses: dict[int, str | None]) -> list[dict[str, Any]]:
    return [row_of(fields | {"cfi": addresses.get(fields["start"])}, engine) for fields in merged.new]


async def _halt(job: Job, halt: BookReaderError | Halted) -> None:
    """Ends the job with the reason, or puts it off for as long as the endpoint asks."""
    if not isinstance(halt, Halted):
        raise halt
    said, waits = halt.said, int(job.payload.get("waits", 0))
    if said.outcome is Outcome.RATE_LIMITED and waits < MOST_WAITS:
        async with job.waiting({"waits": waits + 1}):
            pass
        raise NotYet(said.retry_after)
    if said.outcome is Outcome.RATE_LIMITED:
        raise Unavailable(said.sentence, code="model_rate_limited")
    raise InvalidInput(said.sentence, code=f"model_{said.outcome}")


async def _all(*works: Coroutine[Any, Any, None]) -> None:
    """Until all have ended; the first that fails ends the others, and is raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
