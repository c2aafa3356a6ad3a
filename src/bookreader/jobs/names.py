"""The background jobs by name, in the order data flows; the pipeline binds each to one domain function."""

from enum import StrEnum


class JobKind(StrEnum):
    PARSE = "parse"
    DESCRIBE = "describe"
    CAST = "cast"
    LOOK_THROUGH = "look_through"
    ILLUSTRATE = "illustrate"
    REFRESH = "refresh"
    BACKUP = "backup"
    SNAPSHOT = "snapshot"
    DRILL = "drill"
    SWEEP = "sweep"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINISHED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})
