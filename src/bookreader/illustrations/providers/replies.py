"""From what a server replied to an answer: the part that all services share."""

import binascii
import json
import re
from base64 import b64decode
from dataclasses import replace
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

from bookreader.illustrations.providers.provider import Answer, Cause, Outcome
from bookreader.outside import AddressRefused, Call, Outside, OutsideTimeout, OutsideTooLarge, OutsideUnreachable, Reply

DEFAULT_WAIT = 20.0
LONGEST_WAIT = 3600.0
LONGEST_REASON = 200
SECRET = re.compile(r"\b(?:sk|pk|rk|Bearer|key)[-_ ][\w*.-]{6,}", re.IGNORECASE)

NO_PICTURE = "no_picture"
"""Code for an answer that claims success and holds no picture: nothing says why, so it is not asked again."""


async def ask(outside: Outside, call: Call, name: str) -> Reply | Answer:
    """The reply, or the answer that stands for its absence. `name` is what people call the service."""
    try:
        return await outside.send(call)
    except OutsideTimeout:
        return timed_out(name)
    except OutsideUnreachable as error:
        return replace(unavailable(name, error.message), cause=Cause.UNREACHABLE)
    except (AddressRefused, OutsideTooLarge) as error:
        return replace(bad_request(name, error.message), cause=Cause(error.stable_code))


def by_status(reply: Reply, name: str, reason: str, code: str = "") -> Answer:
    """The answer to a reply that is no success, by its status alone; adapters look for their own codes before."""
    status = reply.status
    if status == 401:
        return no_access(name)
    if status == 402:
        return no_credit(name)
    if status == 429:
        return rate_limited(name, wait_of(reply))
    if status in (408, 504):
        return timed_out(name)
    if status >= 500:
        return unavailable(name, f"it answered with an error {status}.")
    return bad_request(name, f"it answered with the status {status}.", code, said=reason)


def refused(name: str, reason: str, code: str, stage: str = "input") -> Answer:
    said = f": {_short(reason)}" if reason else ""
    sentence = f"{name} refused to draw this{_stop(said)} Change the prompt, or draw a plate instead."
    return Answer(Outcome.MODERATED, sentence=sentence, said=_short(reason), code=code, stage=stage)


def no_picture(name: str) -> Answer:
    sentence = (
        f"{name} sent no picture and no reason, as services do when they refuse. Change the prompt and try again."
    )
    return Answer(Outcome.MODERATED, sentence=sentence, cause=Cause.NOTHING_CAME, code=NO_PICTURE, stage="output")


def no_access(name: str) -> Answer:
    return Answer(Outcome.AUTH, sentence=f"{name} does not accept our key. An administrator has to set a valid one.")


def no_credit(name: str) -> Answer:
    sentence = f"The credit at {name} is used up. An administrator has to top it up; a plate costs nothing."
    return Answer(Outcome.QUOTA, sentence=sentence)


def rate_limited(name: str, seconds: float) -> Answer:
    sentence = f"{name} asks us to wait {seconds:.0f} seconds. It is tried again by itself."
    return Answer(Outcome.RATE_LIMITED, sentence=sentence, retry_after=seconds)


def bad_request(name: str, ours: str, code: str = "", *, said: str = "") -> Answer:
    """`said` is the service's own reason; without one, `ours` stands in the sentence."""
    reason = _stop(_short(said or ours))
    sentence = f"{name} could not be used: {reason} An administrator checks its address and model."
    return Answer(Outcome.BAD_REQUEST, sentence=sentence, said=_short(said), code=code)


def unavailable(name: str, ours: str, *, said: str = "") -> Answer:
    """`said` is the service's own reason; without one, `ours` stands in the sentence."""
    sentence = f"{name} does not work right now: {_stop(_short(said or ours))} Try again later."
    return Answer(Outcome.UNAVAILABLE, sentence=sentence, said=_short(said))


def timed_out(name: str) -> Answer:
    return Answer(Outcome.TIMEOUT, sentence=f"{name} took too long. Try again later, or draw a plate instead.")


def json_of(reply: Reply) -> Any:
    """What the body says as JSON; None when it is something else."""
    try:
        return json.loads(reply.body)
    except ValueError:
        return None


def member(value: Any, *names: str) -> Any:
    """A member deep inside JSON of a stranger; None where anything on the way is missing or of another kind."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def words(value: Any) -> str:
    return value if isinstance(value, str) else ""


def picture_of(text: Any) -> bytes:
    """The bytes of base64, also with the prefix of a data address; empty when it is none."""
    if not isinstance(text, str):
        return b""
    try:
        return b64decode(text.rpartition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        return b""


def wait_of(reply: Reply) -> float:
    """Seconds that Retry-After asks for, as a number or a date (RFC 9110, 10.2.3), within reason."""
    given = reply.headers.get("retry-after", "")
    try:
        seconds = float(given)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(given).timestamp() - time()
        except ValueError:
            seconds = DEFAULT_WAIT
    return min(max(seconds, 1.0), LONGEST_WAIT)


def _short(reason: str) -> str:
    """One line, not long, and without anything that looks like a key: services quote what they were sent."""
    return SECRET.sub("(key)", " ".join(reason.split()))[:LONGEST_REASON]


def _stop(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
