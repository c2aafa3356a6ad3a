"""How an installation is: what the doctor found in the database, and what stands wrong beside it."""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bookreader.admin import queries
from bookreader.admin.queries import Drawn, Failed, Queue
from bookreader.admin.schemas import Check, FilesHealth, FindingShown, ServiceHealth, Severity
from bookreader.admin.upkeep import Planned
from bookreader.database import Database, Session
from bookreader.database.doctor import look
from bookreader.database.findings import Finding
from bookreader.errors import BookReaderError
from bookreader.illustrations.explain import reason_of_trouble
from bookreader.illustrations.providers import Outcome, Service
from bookreader.illustrations.queries import Trouble, troubles
from bookreader.illustrations.schemas import Reason
from bookreader.illustrations.services import NAMES, Studio
from bookreader.settings import Settings
from bookreader.storage import Storage

DAY = timedelta(days=1)
SLOW = timedelta(minutes=10)
"""At work for so long, a job is worth a look."""
STILL = timedelta(minutes=2)
"""Waiting for so long with nothing at work, a job waits for a worker that is not there."""
LITTLE, VERY_LITTLE = 5_000_000_000, 1_000_000_000
"""Free bytes of the disk."""

FAULTS = frozenset({Outcome.AUTH, Outcome.QUOTA, Outcome.BAD_REQUEST, Outcome.UNAVAILABLE, Outcome.TIMEOUT})
"""Outcomes that are about the service, not about the passage."""

CODES: Mapping[Check, frozenset[str]] = {
    "revisions": frozenset(
        {"missing_parent", "multiple_heads", "multiple_bases", "cycle", "duplicate_revision", "id_too_long"}
        | {"docstring_mismatch", "edited_revision"}
    ),
    "schema": frozenset({"orphan_stamp", "drift", "revisions_pending"}),
    "views": frozenset({"view_unpopulated", "view_stale"}),
    "indexes": frozenset({"index_redundant", "index_invalid"}),
    "foreign_keys": frozenset({"foreign_key_without_index", "foreign_key_without_action"}),
    "extensions": frozenset({"extension_outdated"}),
    "files": frozenset({"storage_full", "disk_low"}),
    "queue": frozenset({"queue_stands_still", "queue_long"}),
    "jobs": frozenset({"jobs_slow"}),
    "backups": frozenset({"backup_failed", "backup_overdue", "drill_failed"}),
    "upkeep": frozenset({"upkeep_failed"}),
    "services": frozenset({"service_failing"}),
}
"""What is looked at, with the codes of what may be found there."""
BEHIND_SCHEMA: tuple[Check, ...] = ("views", "indexes", "foreign_keys", "extensions")
"""What the doctor only looks at in a database at the newest revision."""
CAN_WAIT = frozenset({"view_stale", "index_redundant", "foreign_key_without_index", "extension_outdated"})


def fine(findings: Sequence[FindingShown]) -> list[Check]:
    """What was looked at and has no finding."""
    found = {each.code for each in findings}
    schema_known = not found & {"orphan_stamp", "revisions_pending"}
    return [
        check for check, codes in CODES.items() if not codes & found and (schema_known or check not in BEHIND_SCHEMA)
    ]


async def ask_the_doctor(settings: Settings, database: Database) -> list[Finding]:
    """In a thread and a loop of its own: comparing catalogues takes a while, in which readers turn pages."""
    report = await asyncio.to_thread(lambda: asyncio.run(look(settings, None, database.address)))
    return report.findings


def of_the_doctor(found: Sequence[Finding]) -> list[FindingShown]:
    shown = [
        FindingShown(
            code=each.code,
            severity=_severity(each),
            message=_sentence(each.message),
            commands=[*each.repair.commands, *(f"{statement};" for statement in each.repair.statements)],
        )
        for each in found
    ]
    return sorted(shown, key=lambda each: each.severity)


def _sentence(message: str) -> str:
    return f"{message[:1].upper()}{message[1:].rstrip('.')}."


def _severity(found: Finding) -> Severity:
    return "soon" if found.code in CAN_WAIT or "risk: speed" in found.evidence else "fix"


def revisions_pending(found: Sequence[Finding], *, at_head: bool) -> list[FindingShown]:
    if at_head or any(each.code == "orphan_stamp" for each in found):
        return []
    message = "The database is not at the newest revision: stop the app, upgrade it, and start the app anew."
    return [FindingShown(code="revisions_pending", severity="fix", message=message, commands=["bookreader db upgrade"])]


# --- files ------------------------------------------------------------------------------------------------------------


async def look_at_files(settings: Settings, storage: Storage) -> FilesHealth:
    try:
        await storage.check()
        writable = True
    except BookReaderError:
        writable = False
    if settings.storage_url is not None:
        return FilesHealth(place="bucket", writable=writable, free=None, total=None)
    disk = await asyncio.to_thread(shutil.disk_usage, settings.data_dir)
    return FilesHealth(place="folder", writable=writable, free=disk.free, total=disk.total)


def of_files(files: FilesHealth) -> list[FindingShown]:
    if not files.writable:
        message = "Files cannot be stored: the disk may be full or closed for writing. Free some space."
        return [FindingShown(code="storage_full", severity="fix", message=message)]
    if files.free is None or files.free >= LITTLE:
        return []
    message = f"The disk of the data folder has {files.free / 1e9:.1f} GB left: free some space, or take a larger one."
    severity: Severity = "fix" if files.free < VERY_LITTLE else "soon"
    return [FindingShown(code="disk_low", severity=severity, message=message, values={"bytes": files.free})]


# --- queue and upkeep -------------------------------------------------------------------------------------------------


def of_queue(queue: Queue, now: datetime) -> list[FindingShown]:
    found: list[FindingShown] = []
    waits = now - queue.untouched_since if queue.untouched_since else timedelta(0)
    values: dict[str, str | int] = {"n": queue.waiting, "minutes": int(waits.total_seconds() // 60)}
    if waits > STILL and queue.running == 0:
        message = "Jobs wait and nothing is at work: start a worker, or set BOOKREADER_WORKER to true."
        commands = ["bookreader worker"]
        found.append(
            FindingShown(code="queue_stands_still", severity="fix", message=message, commands=commands, values=values)
        )
    elif waits > SLOW:
        message = "Jobs wait for long: raise BOOKREADER_WORKER_JOBS, or start another worker."
        found.append(FindingShown(code="queue_long", severity="soon", message=message, values=values))
    if queue.slow:
        message = f"Jobs at work for more than ten minutes: {queue.slow}. They may be long; nothing is lost by waiting."
        found.append(FindingShown(code="jobs_slow", severity="soon", message=message, values={"n": queue.slow}))
    return found


def of_upkeep(planned: Sequence[Planned], now: datetime) -> list[FindingShown]:
    """Tasks whose last run failed, and a backup that is more than a day late."""
    found: list[FindingShown] = []
    for each in planned:
        if each.succeeded is False:
            code = {"backup": "backup_failed", "drill": "drill_failed"}.get(each.task, "upkeep_failed")
            severity: Severity = "soon" if code == "upkeep_failed" else "fix"
            message = str((each.outcome or {}).get("message") or f"The task {each.task} failed.")
            commands = [f"bookreader db upkeep {each.task}"]
            values: dict[str, str | int] = {"task": each.task}
            found.append(FindingShown(code=code, severity=severity, message=message, commands=commands, values=values))
        elif each.task == "backup" and each.due is not None and now - each.due > DAY:
            message = "No backup was made for more than a week: back up now, and see whether a worker is at work."
            found.append(
                FindingShown(code="backup_overdue", severity="soon", message=message, commands=["bookreader db backup"])
            )
    return found


# --- picture services -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """What the services did since a moment, and what is wrong with them right now."""

    drawn: Mapping[str, Drawn]
    paid: Mapping[str, datetime]
    failures: Sequence[Failed]
    troubles: Mapping[str, Trouble]

    def of(self, service: Service) -> Drawn:
        return self.drawn.get(service, Drawn(0, 0, None, None))

    def trouble(self, service: Service) -> str | None:
        return self.troubles[service].sentence if service in self.troubles else None

    def reason(self, service: Service) -> Reason | None:
        return reason_of_trouble(service, self.troubles[service]) if service in self.troubles else None

    def failing(self, service: Service) -> bool:
        """Whether it rests for trouble, or what was last asked of it failed through its own fault."""
        if service in self.troubles:
            return True
        faults = [each.last for each in self.failures if each.service == service and each.outcome in FAULTS]
        successes = [at for at in (self.of(service).last, self.paid.get(service)) if at is not None]
        return bool(faults) and (not successes or max(faults) > max(successes))


async def record_since(session: Session, since: datetime) -> Record:
    outside = [service.value for service in Service if service is not Service.PLATE]
    return Record(
        await queries.drawn_since(session, since),
        await queries.paid_since(session, since),
        await queries.failures_since(session, since, outside),
        await troubles(session),
    )


def health_of(studio: Studio, record: Record) -> list[ServiceHealth]:
    return [
        ServiceHealth(
            service=service,
            name=NAMES[service],
            drawn=record.of(service).completed,
            waiting=record.of(service).waiting,
            last=record.of(service).last,
            failing=service is not Service.PLATE and record.failing(service),
            trouble=record.trouble(service),
        )
        for service in studio.choices()
    ]


def of_services(services: Sequence[ServiceHealth]) -> list[FindingShown]:
    return [
        FindingShown(
            code="service_failing",
            severity="fix",
            message=each.trouble or f"{each.name} failed with the last picture that was asked of it.",
            values={"service": each.name, "n": each.waiting, "resting": int(each.trouble is not None)},
        )
        for each in services
        if each.failing
    ]


def now_utc() -> datetime:
    return datetime.now(UTC)
