"""HTTP of the administrator's page. Nothing here is for anyone else."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query

from bookreader import __version__
from bookreader.accounts import ledger
from bookreader.admin import examine, queries
from bookreader.admin.archive import archives_in
from bookreader.admin.examine import DAY, Record
from bookreader.admin.queries import JobOf
from bookreader.admin.schemas import (
    AnyJob,
    BackupOrdered,
    Backups,
    BackupShown,
    DatabaseHealth,
    EffectiveSettings,
    Failures,
    FailureShown,
    Health,
    JobCounts,
    ModeratedCount,
    ModeratedShown,
    QueueHealth,
    ReaderChange,
    ReaderCount,
    ReaderShown,
    ServiceState,
    ServiceStates,
    Spending,
    SpendingShown,
    TestShown,
    TestWanted,
    Wait,
    Waits,
)
from bookreader.admin.show_settings import bare_address, show_settings, variable
from bookreader.admin.try_service import SETTINGS, try_service
from bookreader.admin.upkeep import Place, Planned, schedule
from bookreader.api import AnyServices, Cursor, InTransaction, Limit, Page, SignedIn, decode_cursor, page
from bookreader.database.chain import read_chain
from bookreader.database.migrate import VERSIONS, head
from bookreader.database.status import ping
from bookreader.descriptions.queries import lock_book
from bookreader.errors import Conflict, Forbidden
from bookreader.illustrations.explain import reason_of, reason_of_image
from bookreader.illustrations.providers import Service
from bookreader.illustrations.queries import GeneratedImage
from bookreader.illustrations.schemas import Reason
from bookreader.illustrations.services import NAMES, Studio, open_studio
from bookreader.jobs.names import JobKind, JobState
from bookreader.jobs.queries import cancel, enqueue, retry
from bookreader.library.queries import set_parsing
from bookreader.settings import Settings

STARTED = datetime.now(UTC)
SHOWN_BACKUPS = 10
MOST_PRESENT = 100
MONTH = timedelta(days=30)
WEEK = timedelta(days=7)


async def administrator(person: SignedIn) -> None:
    """Raises NotSignedIn, Forbidden."""
    if not person.is_admin:
        raise Forbidden("Only an administrator may see and do this.")


router = APIRouter(prefix="/admin", tags=["administration"], dependencies=[Depends(administrator)])

# --- health -----------------------------------------------------------------------------------------------------------


@router.get("/health")
async def get_health(session: InTransaction, services: AnyServices) -> Health:
    """How this installation is, looked at now: the doctor's findings, and what stands wrong beside the database."""
    answer = await ping(services.database.address)
    found = await examine.ask_the_doctor(services.settings, services.database)
    server, queue = await queries.server_facts(session), await queries.queue_facts(session, examine.SLOW)
    now = examine.now_utc()
    files = await examine.look_at_files(services.settings, services.storage)
    studio = await open_studio(session, services.settings)
    pictures = examine.health_of(studio, await examine.record_since(session, now - DAY))
    findings = [
        *examine.of_the_doctor(found),
        *examine.revisions_pending(found, at_head=answer["at_head"]),
        *examine.of_files(files),
        *examine.of_queue(queue, now),
        *examine.of_upkeep(await schedule(session), now),
        *examine.of_services(pictures),
    ]
    return Health(
        version=__version__,
        started_at=STARTED,
        looked_at=now,
        database=DatabaseHealth(
            server=server.version,
            size=server.size,
            answer_ms=answer["answer_ms"],
            revision=answer["revision"],
            revisions=len(read_chain(VERSIONS).by_id),
            at_head=answer["revision"] == head(),
        ),
        files=files,
        queue=QueueHealth(waiting=queue.waiting, running=queue.running, oldest=queue.untouched_since),
        services=pictures,
        findings=sorted(findings, key=lambda each: each.severity),
        fine=examine.fine(findings),
    )


@router.get("/waits")
async def get_waits(session: InTransaction) -> Waits:
    """The longest wait in the queue in each of the last 24 hours; 0 where no job was begun."""
    present = examine.now_utc().replace(minute=0, second=0, microsecond=0)
    hours = [present - timedelta(hours=ago) for ago in range(23, -1, -1)]
    longest = dict(await queries.longest_waits(session, hours[0]))
    return Waits(hours=[Wait(hour=hour, seconds=max(0.0, longest.get(hour, 0.0))) for hour in hours])


# --- jobs -------------------------------------------------------------------------------------------------------------


@router.get("/jobs")
async def get_any_jobs(
    person: SignedIn,
    session: InTransaction,
    show: Annotated[Literal["now", "failed", "done"], Query()] = "now",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[AnyJob]:
    """Everybody's jobs: at work or waiting `now`, `failed` in the last seven days, or `done` today, newest first."""
    if show == "now":
        return Page(items=[_job(each) for each in await queries.present_jobs(session, MOST_PRESENT)])
    state, since = _ended(show, person.time_zone)
    before = decode_cursor(cursor, UUID)[0] if cursor else None
    rows = await queries.ended_jobs(session, state, since, before, limit + 1)
    return page(rows, limit, _job, lambda row: (row.job.id,))


@router.get("/job-counts")
async def get_job_counts(person: SignedIn, session: InTransaction) -> JobCounts:
    """How many jobs each list has."""
    queue = await queries.queue_facts(session, examine.SLOW)
    failed = await queries.count_ended(session, *_ended("failed", person.time_zone))
    done = await queries.count_ended(session, *_ended("done", person.time_zone))
    return JobCounts(now=queue.waiting + queue.running, failed=failed, done=done)


def _ended(show: str, time_zone: str) -> tuple[JobState, datetime]:
    if show == "failed":
        return JobState.FAILED, examine.now_utc() - WEEK
    midnight = datetime.now(ZoneInfo(time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return JobState.DONE, midnight


@router.post("/jobs/{job_id}/cancel")
async def post_any_cancel(job_id: UUID, session: InTransaction) -> AnyJob:
    """Cancels anybody's waiting job; a running one stops at its next step."""
    found = await queries.any_job(session, job_id)
    return _job(JobOf(await cancel(session, found.job), found.title, found.reader))


@router.post("/jobs/{job_id}/retry")
async def post_any_retry(job_id: UUID, session: InTransaction) -> AnyJob:
    """Queues anybody's failed job once more. A picture is ordered anew by its reader instead."""
    found = await queries.any_job(session, job_id)
    if found.job.kind == JobKind.ILLUSTRATE:
        raise Conflict("A picture is not drawn again from here: its reader orders it anew.")
    if found.job.book_id is not None:
        await lock_book(session, found.job.book_id)
    if await queries.has_twin(session, found.job):
        raise Conflict("The same is being done already: look at the jobs of now.")
    if found.job.kind == JobKind.PARSE and found.job.book_id is not None:
        await set_parsing(session, found.job.book_id, progress=0)
    return _job(JobOf(await retry(session, found.job), found.title, found.reader))


def _job(each: JobOf) -> AnyJob:
    job = each.job
    return AnyJob(
        id=job.id,
        kind=JobKind(job.kind),
        state=JobState(job.state),
        progress=job.progress,
        book=each.title,
        reader=each.reader,
        attempts=job.attempts,
        most_attempts=job.max_attempts,
        error=job.error,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        can_cancel=job.state in ("queued", "running") and not job.cancel_requested,
        can_retry=job.state == "failed" and job.kind != JobKind.ILLUSTRATE,
    )


# --- backups ----------------------------------------------------------------------------------------------------------


@router.get("/backups")
async def get_backups(session: InTransaction, services: AnyServices) -> Backups:
    """The newest backups, the last attempt, and when the next one is due."""
    planned = {each.task: each for each in await schedule(session)}
    folder = Place(services.settings, services.database, services.storage).folder
    last, drill = planned["backup"], planned["drill"]
    return Backups(
        items=await asyncio.to_thread(_archives, folder, last, drill),
        kept=services.settings.backups_kept,
        with_files=services.settings.storage_url is None,
        due=last.due,
        error=str((last.outcome or {}).get("message", "")) if last.succeeded is False else None,
        job=await queries.present_backup(session),
    )


def _archives(folder: Path, last: Planned, drill: Planned) -> list[BackupShown]:
    made, tried = last.outcome or {}, drill.outcome or {}
    shown: list[BackupShown] = []
    for path in archives_in(folder)[:SHOWN_BACKUPS]:
        try:
            facts = path.stat()
        except FileNotFoundError:  # removed meanwhile, as the oldest ones are
            continue
        seconds = made.get("seconds") if Path(str(made.get("path", ""))).name == path.name else None
        drilled = drill.last if drill.succeeded and tried.get("archive") == path.name else None
        at = datetime.fromtimestamp(facts.st_mtime, UTC)
        shown.append(BackupShown(name=path.name, made_at=at, size=facts.st_size, seconds=seconds, drilled_at=drilled))
    return shown


@router.post("/backups", status_code=202)
async def post_backup(session: InTransaction) -> BackupOrdered:
    """Makes a backup now; the one that waits or is at work already, if there is one."""
    present = await queries.present_backup(session)
    return BackupOrdered(job=present or await enqueue(session, JobKind.BACKUP, user_id=None))


# --- readers ----------------------------------------------------------------------------------------------------------


@router.get("/readers")
async def get_readers(
    session: InTransaction, services: AnyServices, cursor: Cursor = None, limit: Limit = 50
) -> Page[ReaderShown]:
    """Accounts by address, with what they use of their plans and nothing of what they read."""
    after = str(decode_cursor(cursor, str)[0]) if cursor else ""
    rows = await queries.readers(session, after, limit + 1)
    return page(rows, limit, lambda row: _reader(services.settings, row), lambda row: (row["email"].lower(),))


@router.get("/reader-count")
async def get_reader_count(session: InTransaction) -> ReaderCount:
    return ReaderCount(readers=await queries.count_readers(session))


@router.patch("/readers/{user_id}")
async def patch_reader(
    user_id: UUID, change: ReaderChange, session: InTransaction, services: AnyServices
) -> ReaderShown:
    """Gives a person another plan. Books and pictures above its limits stay; only new ones are refused."""
    await queries.set_plan(session, user_id, change.plan)
    return _reader(services.settings, await queries.reader(session, user_id))


def _reader(settings: Settings, row: Any) -> ReaderShown:
    books, pictures = ledger.limits_of(settings, row["plan"])
    return ReaderShown(**row, books_limit=books, pictures_limit=pictures)


# --- picture services -------------------------------------------------------------------------------------------------


@router.get("/services")
async def get_service_states(session: InTransaction, services: AnyServices) -> ServiceStates:
    """Every picture service there is, also those that are not set up or switched off."""
    studio = await open_studio(session, services.settings)
    record = await examine.record_since(session, examine.now_utc() - MONTH)
    order = [*studio.rules.order, *(service for service in Service if service not in studio.rules.order)]
    return ServiceStates(items=[_service(studio, service, record) for service in order])


def _payee(service: str) -> Service | Literal["llm"]:
    return "llm" if service == "llm" else Service(service)


def _service(studio: Studio, service: Service, record: Record) -> ServiceState:
    provider, drawn = studio.providers.get(service), record.of(service)
    address, model = _set_up(studio.settings, service) if provider else (None, None)
    return ServiceState(
        service=service,
        name=NAMES[service],
        configured=provider is not None,
        enabled=studio.enabled(service),
        setting=variable(SETTINGS[service]) if service in SETTINGS else None,
        address=address,
        model=model,
        price=studio.price(service) if provider else studio.rules.prices.get(service),
        estimate=Decimal(str(provider.traits.price)) if provider else None,
        drawn=drawn.completed,
        waiting=drawn.waiting,
        last=drawn.last,
        seconds=drawn.seconds,
        failing=provider is not None and service is not Service.PLATE and record.failing(service),
        trouble=record.trouble(service),
        reason=record.reason(service),
    )


def _set_up(settings: Settings, service: Service) -> tuple[str | None, str | None]:
    """Address and model (or workflow) as the settings name them, without what is secret in an address."""
    workflow = settings.stable_diffusion_workflow.name if settings.stable_diffusion_workflow else None
    address, model = {
        Service.POLLINATIONS: (settings.pollinations_url, settings.pollinations_model),
        Service.OPENAI: (settings.openai_url, settings.openai_image_model),
        Service.STABLE_DIFFUSION: (settings.stable_diffusion_url, workflow or settings.stable_diffusion_model),
        Service.MIDJOURNEY: (settings.midjourney_url, None),
    }.get(service, (None, None))
    return bare_address(address) if address else None, model


@router.post("/services/{service}/test")
async def post_service_test(service: Service, wanted: TestWanted, person: SignedIn, services: AnyServices) -> TestShown:
    """Asks a service that is set up for one small picture, which is paid for and not kept."""
    async with services.database.transaction() as session:
        studio = await open_studio(session, services.settings)
    tried = await try_service(services.database, studio, person.id, service, wanted.price)
    return TestShown(
        service=service,
        outcome=tried.answer.outcome,
        sentence=tried.answer.sentence,
        reason=None if tried.picture else Reason.model_validate(reason_of(service, tried.answer)),
        seconds=round(tried.seconds, 2),
        paid=tried.paid,
        width=tried.picture.width if tried.picture else None,
        height=tried.picture.height if tried.picture else None,
    )


@router.get("/picture-failures")
async def get_picture_failures(session: InTransaction) -> Failures:
    """Why pictures were not drawn in the last 30 days, by service and reason, the most frequent first."""
    record = await examine.record_since(session, examine.now_utc() - MONTH)
    return Failures(days=MONTH.days, items=[FailureShown(**asdict(each)) for each in record.failures])


@router.get("/spending")
async def get_spending(session: InTransaction) -> Spending:
    """What pictures cost in the last 30 days, by service and day of UTC; tests of services count, too."""
    today = examine.now_utc().date()
    rows = await queries.spent_since(session, today - MONTH + DAY)
    items = [
        SpendingShown(
            day=each.day, service=_payee(each.service), spent=each.settled, reserved=each.reserved,
            pictures=each.pictures,
        )
        for each in rows
    ]  # fmt: skip
    return Spending(today=today, days=MONTH.days, items=items)


@router.get("/moderated")
async def get_moderated(session: InTransaction, cursor: Cursor = None, limit: Limit = 50) -> Page[ModeratedShown]:
    """Pictures of the last 30 days that a service refused to draw: which service and why, not whose or of what."""
    before = decode_cursor(cursor, datetime.fromisoformat, UUID) if cursor else None
    rows = await queries.moderated(session, examine.now_utc() - MONTH, before, limit + 1)
    return page(rows, limit, _moderated, lambda row: (row.created_at, row.id))


def _moderated(image: GeneratedImage) -> ModeratedShown:
    result = image.moderation_result or {}
    return ModeratedShown(
        id=image.id,
        service=Service(result.get("who") or image.service_used),
        at=image.created_at,
        stage=result.get("stage") or None,
        code=result.get("code") or None,
        reason=str(result.get("reason") or image.error_message or ""),
        cause=reason_of_image(image),
    )


@router.get("/moderated-count")
async def get_moderated_count(session: InTransaction) -> ModeratedCount:
    moderated = await queries.count_moderated(session, examine.now_utc() - MONTH)
    return ModeratedCount(days=MONTH.days, moderated=moderated)


# --- settings ---------------------------------------------------------------------------------------------------------


@router.get("/settings")
async def get_settings(services: AnyServices) -> EffectiveSettings:
    """The settings that hold, without secrets. They are changed in the environment, and read once at the start."""
    return EffectiveSettings(items=show_settings(services.settings))
