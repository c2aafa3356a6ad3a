"""What goes wrong between us and PostgreSQL, as errors with a stable code and a sentence.

Unavailable
└── DatabaseUnavailable       it does not answer
    ├── DatabaseBusy          it answers too late, or two changes waited for each other
    ├── DatabaseRefused       it answers, but does not let us in
    ├── DiskFull
    └── ServerProblem         the embedded server cannot be started; `code` says why

Conflict
├── AlreadyRunning, ConstraintViolated
├── MigrationFailed           a revision cannot be applied to these rows
├── RestoreFailed             a backup cannot be loaded
└── NotOurs                   the database is of another program or of a newer version
"""

import errno
from pathlib import Path

from bookreader.errors import Conflict, Unavailable


class DatabaseUnavailable(Unavailable):
    code = "database_unavailable"


class DatabaseBusy(DatabaseUnavailable):
    code = "database_busy"


class DatabaseRefused(DatabaseUnavailable):
    code = "database_refused"
    retryable = False


class DiskFull(DatabaseUnavailable):
    code = "disk_full"


class ServerProblem(DatabaseUnavailable):
    """Codes: folder_closed, wrong_binaries, wrong_version, in_use, no_account, start_failed."""

    code = "start_failed"
    retryable = False


class AlreadyRunning(Conflict):
    """Another `serve` works on the data folder. `details` holds its `pid` and `address` where known."""

    code = "already_running"


class MigrationFailed(Conflict):
    """A revision refused the database's rows, or PostgreSQL refused the revision. What it began is undone."""

    code = "migration_failed"


class RestoreFailed(Conflict):
    """What was loaded is not what was backed up, or cannot be loaded. Nothing was changed."""

    code = "restore_failed"


class NotOurs(Conflict):
    """The database was made by another program, or by a newer version of this one. Nothing was changed."""

    code = "not_our_database"


class ConstraintViolated(Conflict):
    """A uniqueness, reference or exclusion rule of the database refused a change; `constraint` names the rule."""

    code = "conflict"

    def __init__(self, message: str, constraint: str | None) -> None:
        super().__init__(message)
        self.constraint = constraint


def folder_problem(folder: Path, error: OSError) -> DatabaseUnavailable:
    """The sentence for a folder of the cluster that the system does not let us use."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"The disk of {folder} is full: free some space and start again; nothing was lost.")
    reason = error.strerror or str(error)
    return ServerProblem(
        f"The database cannot use the folder {folder} ({reason}): open it, or choose another one with "
        "BOOKREADER_DATA_DIR or BOOKREADER_CLUSTER_DIR.",
        code="folder_closed",
    )
