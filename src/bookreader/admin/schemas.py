"""The administrator's page on the wire."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from bookreader.illustrations.providers import Outcome, Service
from bookreader.illustrations.schemas import Money, Reason
from bookreader.jobs.names import JobKind, JobState
from bookreader.wire import Wire

PlanName = Literal["FREE", "PREMIUM", "ULTIMATE"]
Severity = Literal["fix", "soon"]
Check = Literal[
    "revisions", "schema", "views", "indexes", "foreign_keys", "extensions",
    "files", "queue", "jobs", "backups", "upkeep", "services",
]  # fmt: skip

# --- health -----------------------------------------------------------------------------------------------------------


class DatabaseHealth(BaseModel):
    """`size` in bytes; `answer_ms`: how long one answer took just now. `revisions`: how many there are up to ours."""

    server: str
    size: int
    answer_ms: float
    revision: str | None
    revisions: int
    at_head: bool


class FilesHealth(BaseModel):
    """`place`: a folder of this machine, or a bucket elsewhere. Bytes of the folder's disk, null for a bucket."""

    place: Literal["folder", "bucket"]
    writable: bool
    free: int | None
    total: int | None


class QueueHealth(BaseModel):
    """`oldest`: since when the longest waiting job that nobody has begun waits."""

    waiting: int
    running: int
    oldest: datetime | None


class ServiceHealth(BaseModel):
    """A picture service that can be chosen. `drawn` and `last` within a day; `trouble` is what is wrong right now."""

    service: Service
    name: str
    drawn: int
    waiting: int
    last: datetime | None
    failing: bool
    trouble: str | None


class FindingShown(BaseModel):
    """`message` says what is wrong; `commands` what ends it, where something does. `values` are what is counted."""

    code: str
    severity: Severity
    message: str
    commands: list[str] = []
    values: dict[str, str | int] = {}


class Health(BaseModel):
    """How this installation is. `fine`: what was looked at without a finding."""

    version: str
    started_at: datetime
    looked_at: datetime
    database: DatabaseHealth
    files: FilesHealth
    queue: QueueHealth
    services: list[ServiceHealth]
    findings: list[FindingShown]
    fine: list[Check]


# --- jobs and backups -------------------------------------------------------------------------------------------------


class AnyJob(BaseModel):
    """Anybody's job. `book` is its title and `reader` the name or address, null for upkeep."""

    id: UUID
    kind: JobKind
    state: JobState
    progress: int
    book: str | None
    reader: str | None
    attempts: int
    most_attempts: int
    error: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    can_cancel: bool
    can_retry: bool


class JobCounts(BaseModel):
    """`failed` in the last seven days, `done` since midnight of the administrator's time zone."""

    now: int
    failed: int
    done: int


class Wait(BaseModel):
    """Seconds that the longest waiting job waited, by the hour in which it was begun."""

    hour: datetime
    seconds: float


class Waits(BaseModel):
    """The last 24 hours, oldest first, the present one included."""

    hours: list[Wait]


class BackupShown(BaseModel):
    """`size` in bytes. `drilled_at`: when it was restored to try it out, and came back whole."""

    name: str
    made_at: datetime
    size: int
    seconds: float | None
    drilled_at: datetime | None


class Backups(BaseModel):
    """The newest archives. `error` of the last run, null when it went well; `job` while one is being made."""

    items: list[BackupShown]
    kept: int
    with_files: bool
    due: datetime | None
    error: str | None
    job: UUID | None


class BackupOrdered(BaseModel):
    job: UUID


# --- readers ----------------------------------------------------------------------------------------------------------


class ReaderShown(BaseModel):
    """An account. `asked`: the plan it asks for; `bytes` of books and pictures; null limits = as many as one likes."""

    id: UUID
    email: str
    full_name: str | None
    is_admin: bool
    is_active: bool
    created_at: datetime
    last_seen: datetime | None
    plan: PlanName
    asked: PlanName | None
    books: int
    books_limit: int | None
    bytes: int
    pictures_month: int
    pictures_limit: int | None


class ReaderCount(BaseModel):
    readers: int


class ReaderChange(Wire):
    plan: PlanName


# --- picture services -------------------------------------------------------------------------------------------------


class ServiceState(BaseModel):
    """`setting`: what sets it up. `price` of one picture in US dollars, null where it is not set up and none was given;
    `estimate` is ours. Numbers are of the last 30 days."""

    service: Service
    name: str
    configured: bool
    enabled: bool
    setting: str | None
    address: str | None
    model: str | None
    price: Decimal | None
    estimate: Decimal | None
    drawn: int
    waiting: int
    last: datetime | None
    seconds: float | None
    failing: bool
    trouble: str | None
    reason: Reason | None


class ServiceStates(BaseModel):
    """In the administrator's order, then the rest."""

    items: list[ServiceState]


class TestWanted(Wire):
    """`price` is what was said before: a dearer test is not begun."""

    price: Money = Decimal(0)


class TestShown(BaseModel):
    """What came of one small picture, which is not kept. `paid` in US dollars.

    `sentence`, with its `reason`, says why there is none.
    """

    service: Service
    outcome: Outcome
    sentence: str
    reason: Reason | None
    seconds: float
    paid: Decimal
    width: int | None
    height: int | None


class FailureShown(BaseModel):
    """`outcome` is one of a service's outcomes, or `stopped`. `stood_in`: another service drew in its place."""

    service: Service
    outcome: str
    count: int
    stood_in: int
    last: datetime


class Failures(BaseModel):
    days: int
    items: list[FailureShown]


class SpendingShown(BaseModel):
    """US dollars of one service on one day of UTC. `reserved` is ordered and not yet there. `llm`: a language model."""

    day: date
    service: Service | Literal["llm"]
    spent: Decimal
    reserved: Decimal
    pictures: int


class Spending(BaseModel):
    """`days` up to `today`; days without a picture are left out."""

    today: date
    days: int
    items: list[SpendingShown]


class ModeratedShown(BaseModel):
    """A picture that a service refused to draw. Whose it is and of what stays private."""

    id: UUID
    service: Service
    at: datetime
    stage: str | None
    code: str | None
    reason: str
    cause: Reason | None


class ModeratedCount(BaseModel):
    days: int
    moderated: int


# --- settings ---------------------------------------------------------------------------------------------------------


class SettingShown(BaseModel):
    """`value` null = not set. Of a secret only whether it is set is told: `hidden`."""

    name: str
    value: str | None
    hidden: bool
    default: str | None
    source: Literal["environment", "default"]
    description: Annotated[str, Field(description="As the documentation says it.")]


class EffectiveSettings(BaseModel):
    items: list[SettingShown]
