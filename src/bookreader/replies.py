"""Reading what other people's servers reply, without trusting any of it: the part that all services share."""

import json
import math
import re
from email.utils import parsedate_to_datetime
from enum import StrEnum
from time import time
from typing import Any

from bookreader.outside import Reply

DEFAULT_WAIT = 20.0
LONGEST_WAIT = 3600.0
LONGEST_REASON = 200
SECRET = re.compile(r"\b(?:sk|pk|rk|Bearer|key)[-_ ][\w*.-]{6,}", re.IGNORECASE)


class Outcome(StrEnum):
    """What came of asking a service."""

    OK = "ok"
    MODERATED = "moderated"
    RATE_LIMITED = "rate_limited"
    AUTH = "auth"
    QUOTA = "quota"
    BAD_REQUEST = "bad_request"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"


def outcome_of(status: int) -> Outcome:
    """By the status of a reply alone; services have codes of their own, to be looked for before."""
    known = {
        200: Outcome.OK,
        401: Outcome.AUTH,
        402: Outcome.QUOTA,
        408: Outcome.TIMEOUT,
        429: Outcome.RATE_LIMITED,
        504: Outcome.TIMEOUT,
    }
    return known.get(status, Outcome.UNAVAILABLE if status >= 500 else Outcome.BAD_REQUEST)


def json_of(reply: Reply) -> Any:
    """What the body says as JSON; None when it is something else."""
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None


def member(value: Any, *names: str) -> Any:
    """A member deep inside JSON of a stranger; None where anything on the way is missing or of another kind."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def words(value: Any) -> str:
    """A string without what no database takes: zero characters and halves of surrogate pairs; empty for the rest."""
    return value.replace("\0", "").encode("utf-8", "ignore").decode() if isinstance(value, str) else ""


def wait_of(reply: Reply) -> float:
    """Seconds that Retry-After asks for, as a number or a date (RFC 9110, 10.2.3), within reason."""
    given = reply.headers.get("retry-after", "")
    try:
        seconds = float(given)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(given).timestamp() - time()
        except (ValueError, OverflowError):
            seconds = DEFAULT_WAIT
    return min(max(DEFAULT_WAIT if math.isnan(seconds) else seconds, 1.0), LONGEST_WAIT)


def short(reason: str) -> str:
    """One line, not long, and without anything that looks like a key: services quote what they were sent."""
    return SECRET.sub("(key)", " ".join(reason.split()))[:LONGEST_REASON]


def full_stop(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
