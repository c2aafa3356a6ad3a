"""One illustration through its states: pending -> generating -> completed | failed | moderated.

Each change is one transaction, together with the ledger and the job it concerns. Whatever ends this process, the job's
lease runs out and another worker goes on with the same row: a task that the service numbers is read again, not paid
for twice.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bookreader.accounts import ledger
from bookreader.database import Database, Session
from bookreader.illustrations import queries
from bookreader.illustrations.batches.batch import go_on
from bookreader.illustrations.batches.queries import idle_batches
from bookreader.illustrations.draw import Kept, draw
from bookreader.illustrations.explain import reason_of
from bookreader.illustrations.providers import Answer, Cause, Outcome, Provider, Service, Task
from bookreader.illustrations.queries import ToDraw
from bookreader.illustrations.services import NAMES, Studio, open_studio
from bookreader.jobs.names import JobState
from bookreader.jobs.worker import Job, NotYet
from bookreader.settings import Settings
from bookreader.storage import Storage

MOST_ATTEMPTS = 3
MOST_BREAKS = 6
"""Attempts after which an illustration that ends its worker each time is given up."""
MOST_WAITS = 30
PATIENCE = 120.0
"""Seconds that are waited for a service before the next of the chain stands in."""
TROUBLE_REST = 60.0
"""Seconds for which a service without access or credit is not asked again."""

KNOWN, SEEN_BEFORE = "known", "placeholder"
"""Codes of answers of our own: the trouble was known before asking; the picture was seen before."""
PLACEHOLDER = "{} sent the same picture for different passages, which is none. Try again later, or draw a plate."
GIVEN_UP = "Drawing this picture broke off again and again, so it was given up. Order it anew, or draw a plate."
GONE = "{} is not set up here any more, or was switched off. Choose another service, or draw a plate."
STOPPED = "Drawing this picture was stopped before it was finished. Order it anew when you want it."


@dataclass(frozen=True)
class Begun:
    """An illustration whose turn it is; `refusal` where the service is known not to work."""

    wanted: ToDraw
    service: Service
    studio: Studio
    provider: Provider | None = None
    refusal: Answer | None = None

    @property
    def following(self) -> list[Service]:
        """The services that may still stand in."""
        chain = [Service(name) for name in self.wanted.parameters.get("chain", [])]
        after = chain[chain.index(self.service) + 1 :] if self.service in chain else []
        return [service for service in after if self.studio.enabled(service)]


async def illustrate(job: Job, settings: Settings, storage: Storage) -> None:
    """Draws the job's illustration at the first service of its chain that does. Raises NotYet, JobGone."""
    while (begun := await _begin(job, settings)) is not None:
        started = time.perf_counter()
        drawn = begun.refusal or await _draw(job, begun, settings, storage)
        taken = time.perf_counter() - started
        answer = await _complete(job, begun, drawn, taken) if isinstance(drawn, Kept) else drawn
        if answer is None or not await _stand_in(job, begun, answer):
            return


# --- pending -> generating --------------------------------------------------------------------------------------------


async def _begin(job: Job, settings: Settings) -> Begun | None:
    """Takes a turn and marks the row as generating; None when there is nothing to draw any more.

    Raises NotYet when the service is busy or rests.
    """
    async with job.database.transaction() as session:
        studio = await open_studio(session, settings)
        wanted = await queries.to_draw(session, _subject(job))
        if wanted is None or wanted.status not in queries.UNFINISHED:
            return None
        begun = _look(job, wanted, studio)
        wait, begun = (0.0, begun) if begun.refusal else await _turn(session, begun)
        if not wait and not begun.refusal:
            await queries.change_image(session, wanted.image_id, status="generating")
    if wait:
        await _wait(job, begun, wait)
    return begun


def _look(job: Job, wanted: ToDraw, studio: Studio) -> Begun:
    service = Service(wanted.service)
    provider = studio.providers.get(service) if studio.enabled(service) else None
    if provider is None:
        return Begun(wanted, service, studio, refusal=_gone(service))
    if job.attempt > MOST_BREAKS:
        given_up = Answer(Outcome.BAD_REQUEST, sentence=GIVEN_UP, cause=Cause.GIVEN_UP)
        return Begun(wanted, service, studio, refusal=given_up)
    return Begun(wanted, service, studio, provider)


def _gone(service: Service) -> Answer:
    return Answer(Outcome.BAD_REQUEST, sentence=GONE.format(NAMES[service]), cause=Cause.SERVICE_GONE)


async def _turn(session: Session, begun: Begun) -> tuple[float, Begun]:
    """Seconds to wait for the service, 0 when the turn was taken; plates need none."""
    wanted, provider = begun.wanted, begun.provider
    if provider is None or begun.service is Service.PLATE:
        return 0, begun
    traits = provider.traits
    turn = await queries.take_turn(
        session, wanted.service, wanted.image_id, parallel=traits.parallel, interval=traits.interval
    )
    if turn.wait and turn.trouble in (Outcome.AUTH, Outcome.QUOTA):
        known = Answer(Outcome(turn.trouble), sentence=turn.sentence or "", code=KNOWN)
        return 0, Begun(wanted, begun.service, begun.studio, provider, known)
    return turn.wait, begun


async def _draw(job: Job, begun: Begun, settings: Settings, storage: Storage) -> Kept | Answer:
    wanted = begun.wanted

    async def remember(number: str) -> None:
        async with job.database.transaction() as session:
            await queries.change_image(session, wanted.image_id, task_id=number)

    if begun.provider is None:
        return _gone(begun.service)
    task = Task(wanted.task_id, wanted.status == "generating" or job.attempt > 1, remember)
    return await draw(begun.provider, wanted, task, storage, settings.picture_megapixels * 1_000_000)


# --- generating -> completed ------------------------------------------------------------------------------------------


class _SeenBefore(Exception):
    """Another prompt had the very same picture. Ends the transaction that would have kept it."""

    def __init__(self, twins: Sequence[UUID]) -> None:
        super().__init__()
        self.twins = twins


async def _complete(job: Job, begun: Begun, kept: Kept, seconds: float) -> Answer | None:
    """Keeps the picture and ends the job; answers instead when it is a placeholder."""
    try:
        async with job.finishing() as session:
            await queries.lock_passages_of(session, [begun.wanted.image_id])
            if kept.pixels is not None:
                await _refuse_placeholder(session, begun.wanted, kept.pixels)
            await _record(session, begun, kept, seconds)
            await _after(session, begun.wanted)
    except _SeenBefore as seen:
        await _unmask(job, begun.wanted, kept.pixels or "", seen.twins)
        return _placeholder(begun.service)
    return None


def _placeholder(service: Service) -> Answer:
    sentence = PLACEHOLDER.format(NAMES[service])
    return Answer(Outcome.UNAVAILABLE, sentence=sentence, cause=Cause.PLACEHOLDER, code=SEEN_BEFORE)


async def _refuse_placeholder(session: Session, wanted: ToDraw, pixels: str) -> None:
    """Locks the service, so that of two placeholders at once the second sees the first. Raises _SeenBefore."""
    await queries.lock_service(session, wanted.service)
    twins = await queries.same_picture(session, wanted.service, pixels, wanted.prompt)
    if twins is not None:
        raise _SeenBefore(twins)


async def _unmask(job: Job, wanted: ToDraw, pixels: str, twins: Sequence[UUID]) -> None:
    """What was kept as a picture before, and is a placeholder, becomes a failure that costs nothing."""
    service = Service(wanted.service)
    answer = _placeholder(service)
    async with job.database.transaction() as session:
        await queries.remember_placeholder(session, wanted.service, pixels)
        await queries.lock_passages_of(session, twins)
        for twin in twins:
            await queries.unmask(session, twin, answer.sentence, reason_of(service, answer))
        await ledger.give_back(session, twins, settled=True)


async def _record(session: Session, begun: Begun, kept: Kept, seconds: float) -> None:
    wanted, price = begun.wanted, begun.studio.price(begun.service)
    size = f"{kept.values['image_width']}x{kept.values['image_height']}"
    before = {name: value for name, value in wanted.parameters.items() if name != "reason"}
    parameters = before | dict(kept.facts) | {"size": size, "cost": float(price)}
    await queries.complete_image(
        session, wanted.image_id, generation_parameters=parameters, generation_time_seconds=seconds, **kept.values
    )
    if begun.service is Service.PLATE:
        await ledger.give_back(session, [wanted.image_id])
    else:
        await ledger.settle(session, wanted.image_id, begun.service, price)


# --- generating -> pending, failed, moderated -------------------------------------------------------------------------


async def _stand_in(job: Job, begun: Begun, answer: Answer) -> bool:
    """Whether another service goes on. Otherwise the job has ended, or waits: raises NotYet."""
    if answer.outcome is Outcome.MODERATED:
        await _moderate(job, begun, answer)
        return False
    if answer.outcome is Outcome.RATE_LIMITED:
        await _rest(job, begun, answer)
    if _again(job, begun, answer):
        await _retry(job, begun, answer)
    if answer.outcome in (Outcome.AUTH, Outcome.QUOTA) and answer.code != KNOWN:
        await _trouble(job, begun, answer)
    if begun.following:
        await _hand_on(job, begun, answer)
        return True
    await _fail(job, begun, answer)
    return False


def _again(job: Job, begun: Begun, answer: Answer) -> bool:
    """Whether the same service is asked once more: a fault may pass, unless asking may cost a second time."""
    if job.attempt >= MOST_ATTEMPTS or answer.outcome not in (Outcome.UNAVAILABLE, Outcome.TIMEOUT):
        return False
    free = begun.provider is not None and begun.provider.traits.repeatable
    numbered = begun.service is Service.MIDJOURNEY
    return free or numbered or (answer.outcome is Outcome.UNAVAILABLE and not answer.stage and not answer.code)


async def _rest(job: Job, begun: Begun, answer: Answer) -> None:
    """Waits as long as the service asks, unless that is long and another one may stand in. Raises NotYet."""
    seconds = answer.retry_after or TROUBLE_REST
    async with job.database.transaction() as session:
        await queries.rest_service(session, begun.service, seconds, answer.outcome, answer.sentence)
    if begun.wanted.retries < MOST_WAITS and (seconds <= PATIENCE or not begun.following):
        await _wait(job, begun, seconds, answer)


async def _wait(job: Job, begun: Begun, seconds: float, answer: Answer | None = None) -> None:
    """Back to pending and to the queue; the attempt does not count. Raises NotYet."""
    said = _told(begun, answer) | {"retry_count": begun.wanted.retries + 1} if answer else {}
    async with job.waiting() as session:
        await queries.change_image(session, begun.wanted.image_id, status="pending", **said)
    raise NotYet(seconds)


async def _retry(job: Job, begun: Begun, answer: Answer) -> None:
    """Back to pending and to the queue for one more attempt. Raises NotYet."""
    values = _told(begun, answer) | {"status": "pending", "retry_count": begun.wanted.retries + 1}
    async with job.finishing(JobState.QUEUED, _error(begun, answer)) as session:
        await queries.change_image(session, begun.wanted.image_id, **values)
    raise NotYet(2.0**job.attempt)


async def _trouble(job: Job, begun: Begun, answer: Answer) -> None:
    async with job.database.transaction() as session:
        await queries.rest_service(session, begun.service, TROUBLE_REST, answer.outcome, answer.sentence)


async def _hand_on(job: Job, begun: Begun, answer: Answer) -> None:
    wanted = begun.wanted
    tried = [*wanted.parameters.get("tried", []), {"service": begun.service, "outcome": answer.outcome}]
    async with job.progressing(None) as session:
        await queries.change_image(
            session,
            wanted.image_id,
            service_used=begun.following[0],
            task_id=None,
            generation_parameters=wanted.parameters | {"tried": tried},
        )


async def _fail(job: Job, begun: Begun, answer: Answer) -> None:
    await _end(job, begun, answer, status="failed")


async def _moderate(job: Job, begun: Begun, answer: Answer) -> None:
    result = {"who": begun.service, "stage": answer.stage, "code": answer.code, "reason": answer.sentence}
    await _end(job, begun, answer, status="moderated", is_moderated=True, moderation_result=result)


async def _end(job: Job, begun: Begun, answer: Answer, **values: Any) -> None:
    wanted = begun.wanted
    told = _told(begun, answer, outcome=answer.outcome, code=answer.code)
    async with job.finishing(JobState.FAILED, _error(begun, answer)) as session:
        await queries.change_image(session, wanted.image_id, **told, **values)
        await ledger.give_back(session, [wanted.image_id])
        await _after(session, wanted)


async def _after(session: Session, wanted: ToDraw) -> None:
    if wanted.batch_id is not None:
        await go_on(session, wanted.batch_id)


def _told(begun: Begun, answer: Answer, **more: Any) -> dict[str, Any]:
    """What the row says of an answer: its sentence, and beside the parameters its code with the values."""
    parameters = begun.wanted.parameters | more | {"reason": reason_of(begun.service, answer)}
    return {"error_message": answer.sentence, "generation_parameters": parameters}


def _error(begun: Begun, answer: Answer) -> dict[str, Any]:
    return reason_of(begun.service, answer) | {"message": answer.sentence}


def _subject(job: Job) -> UUID:
    if job.subject_id is None:
        raise ValueError("a job of this kind always has an illustration")
    return job.subject_id


async def clear_up(session: Session) -> None:
    """Ends illustrations whose job was cancelled, and gives back what was reserved for gone ones."""
    for image in await queries.forgotten_images(session):
        parameters = (image.generation_parameters or {}) | {"reason": {"code": Cause.STOPPED, "values": {}}}
        await queries.change_image(
            session, image.id, status="failed", error_message=STOPPED, generation_parameters=parameters
        )
        await ledger.give_back(session, [image.id])
    await ledger.give_back(session, await queries.orphaned_reservations(session))


async def keep_batches_going(database: Database) -> None:
    """Each in a transaction of its own, which holds nothing else that somebody who cancels a batch might wait for."""
    async with database.transaction() as session:
        idle = await idle_batches(session)
    for batch_id in idle:
        async with database.transaction() as session:
            await go_on(session, batch_id)
