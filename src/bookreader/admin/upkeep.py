"""What has to be done again and again: fresh views, backups, a snapshot, drills, and a sweep of what nobody needs.

Every minute one process asks what is due and enqueues it; `bookreader db upkeep` does the same tasks at once.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bookreader.admin import backup, queries
from bookreader.admin.sweep import sweep
from bookreader.analytics import rollup
from bookreader.database import Database, Session, lock
from bookreader.database.doctor import look
from bookreader.database.snapshot import of_database
from bookreader.errors import BookReaderError, InvalidInput
from bookreader.jobs.names import JobKind
from bookreader.jobs.queries import enqueue
from bookreader.reading.queries import thin_history
from bookreader.settings import Settings
from bookreader.storage import Storage

SNAPSHOTS_KEPT = 12
JOBS_KEPT = timedelta(days=90)
SHARE = 100
"""The views are refreshed at most so rarely that it takes a hundredth of the time."""


@dataclass(frozen=True)
class Place:
    """Where upkeep works."""

    settings: Settings
    database: Database
    storage: Storage

    @property
    def folder(self) -> Path:
        return self.settings.backup_dir or self.settings.data_dir / "backups"


@dataclass(frozen=True)
class Task:
    """`interval` between two runs, `first` after the installation; `work` reports what it did."""

    kind: JobKind
    interval: timedelta
    first: timedelta
    work: Callable[[Place], Awaitable[dict[str, Any]]]


async def _refresh(place: Place) -> dict[str, Any]:
    return await rollup.refresh(place.database)


async def _back_up(place: Place) -> dict[str, Any]:
    files = place.settings.storage_url is None
    written = await backup.back_up(place.settings, place.database.address, place.storage, to=place.folder, files=files)
    removed = backup.prune(place.folder, place.settings.backups_kept)
    return {**written.as_json(), "path": str(written.path), "removed": [path.name for path in removed]}


async def _snapshot(place: Place) -> dict[str, Any]:
    folder = place.folder / "schema"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"schema-{datetime.now(UTC):%Y%m%d}.sql"
    path.write_text(await of_database(place.database.address), encoding="utf-8")
    for old in sorted(folder.glob("schema-*.sql"), reverse=True)[SNAPSHOTS_KEPT:]:
        old.unlink()
    return {"path": str(path)}


async def _drill(place: Place) -> dict[str, Any]:
    found = await drill(place.settings, place.database.address)
    if found.problems:
        raise DrillFailed(f"The backup {found.archive.name} did not come back whole: {found.problems[0]}.")
    return {**found.as_json(), "archive": found.archive.name}


async def _sweep(place: Place) -> dict[str, Any]:
    swept = await sweep(place.database, place.storage)
    async with place.database.transaction() as session:
        jobs = await queries.forget_finished_jobs(session, JOBS_KEPT)
        places = await thin_history(session, datetime.now(UTC))
    return {**swept.as_json(), "jobs": jobs, "places": places}


class DrillFailed(BookReaderError):
    code = "drill_failed"


DAY = timedelta(days=1)
TASKS = {
    "refresh": Task(JobKind.REFRESH, DAY, timedelta(0), _refresh),
    "backup": Task(JobKind.BACKUP, 7 * DAY, DAY, _back_up),
    "schema": Task(JobKind.SNAPSHOT, 30 * DAY, DAY, _snapshot),
    "drill": Task(JobKind.DRILL, 30 * DAY, 2 * DAY, _drill),
    "sweep": Task(JobKind.SWEEP, DAY, DAY, _sweep),
}


async def drill(settings: Settings, url: str, archive: Path | None = None) -> backup.Drill:
    """Restores into a scratch place and examines what came back. Raises what `backup.drill` raises."""

    async def examine(scratch: str) -> list[str]:
        return [each.message for each in (await look(settings, None, scratch)).findings]

    return await backup.drill(settings, url, archive, look=examine)


async def order_what_is_due(session: Session) -> list[str]:
    """Enqueues every due task, once among all processes: each waits until the one before it has ordered what it wants
    in the same transaction. Returns their names."""
    await lock(session, queries.UPKEEP_LOCK)
    ordered: list[str] = []
    for name, task in TASKS.items():
        if not await queries.claim_run(session, name, await _interval(session, name, task), task.first):
            continue
        if not await queries.waiting_upkeep(session, task.kind.value):
            await enqueue(session, task.kind, user_id=None)
            ordered.append(name)
    return ordered


async def _interval(session: Session, name: str, task: Task) -> timedelta:
    """Dirty views are refreshed sooner than at their interval."""
    return await rollup.refresh_interval(session, task.interval, SHARE) if name == "refresh" else task.interval


async def do(place: Place, name: str) -> dict[str, Any]:
    """Runs one task now and keeps what it reported. Raises InvalidInput for an unknown name, and the task's errors."""
    if name not in TASKS:
        raise InvalidInput(f"There is no task {name}: there are {', '.join(TASKS)}.")
    async with place.database.transaction() as session:
        await queries.begin_run(session, name)
    try:
        outcome = await TASKS[name].work(place)
    except BookReaderError as error:
        await _end(place, name, succeeded=False, outcome={"code": error.stable_code, "message": error.message})
        raise
    await _end(place, name, succeeded=True, outcome=outcome)
    return outcome


async def _end(place: Place, name: str, *, succeeded: bool, outcome: dict[str, Any]) -> None:
    async with place.database.transaction() as session:
        await queries.end_run(session, name, succeeded=succeeded, outcome=outcome)


@dataclass(frozen=True)
class Planned:
    """A task with its last run and when the next one is due (None = at once)."""

    task: str
    last: datetime | None
    succeeded: bool | None
    due: datetime | None
    outcome: dict[str, Any] | None

    def as_json(self) -> dict[str, Any]:
        return {"last": self.last, "succeeded": self.succeeded, "due": self.due, "outcome": self.outcome}


async def schedule(session: Session) -> list[Planned]:
    runs = await queries.runs(session)
    planned: list[Planned] = []
    for name, task in TASKS.items():
        run = runs.get(name)
        due = run.started_at + task.interval if run else None
        ran = run is not None and run.finished_at is not None
        planned.append(
            Planned(
                name,
                run.started_at if run and ran else None,
                run.succeeded if run else None,
                due,
                run.outcome if run else None,
            )
        )
    return planned
