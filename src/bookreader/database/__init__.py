"""PostgreSQL: the engine and its transactions, the embedded server, migrations.

Everyone else takes `Session` and `Database` from here; who starts servers imports `embedded` itself.
"""

from bookreader.database.advisory import lock
from bookreader.database.engine import Database, Limits, Session, notify, notify_all, violated
from bookreader.database.failures import (
    AlreadyRunning,
    ConstraintViolated,
    DatabaseBusy,
    DatabaseRefused,
    DatabaseUnavailable,
    DiskFull,
    ServerProblem,
)

__all__ = [
    "AlreadyRunning",
    "ConstraintViolated",
    "Database",
    "DatabaseBusy",
    "DatabaseRefused",
    "DatabaseUnavailable",
    "DiskFull",
    "Limits",
    "ServerProblem",
    "Session",
    "lock",
    "notify",
    "notify_all",
    "violated",
]
