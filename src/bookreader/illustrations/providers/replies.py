"""From what a server replied to an answer: the part that all picture services share."""

import binascii
from base64 import b64decode
from dataclasses import replace
from typing import Any

from bookreader.illustrations.providers.provider import Answer, Cause, Outcome
from bookreader.outside import (
    AddressRefused,
    Call,
    Outside,
    OutsideBroken,
    OutsideTimeout,
    OutsideTooLarge,
    OutsideUnreachable,
    Reply,
)
from bookreader.replies import full_stop, outcome_of, short, wait_of
from bookreader.replies import json_of as json_of
from bookreader.replies import member as member
from bookreader.replies import words as words

NO_PICTURE = "no_picture"
"""Code for an answer that claims success and holds no picture: nothing says why, so it is not asked again."""


async def ask(outside: Outside, call: Call, name: str) -> Reply | Answer:
    """The reply, or the answer that stands for its absence. `name` is what people call the service."""
    try:
        return await outside.send(call)
    except OutsideTimeout:
        return timed_out(name)
    except OutsideBroken as error:
        return unavailable(name, error.message)
    except OutsideUnreachable as error:
        return replace(unavailable(name, error.message), cause=Cause.UNREACHABLE)
    except (AddressRefused, OutsideTooLarge) as error:
        return replace(bad_request(name, error.message), cause=Cause(error.stable_code))


def by_status(reply: Reply, name: str, reason: str, code: str = "") -> Answer:
    """The answer to a reply that is no success, by its status alone; adapters look for their own codes before."""
    match outcome_of(reply.status):
        case Outcome.AUTH:
            return no_access(name)
        case Outcome.QUOTA:
            return no_credit(name)
        case Outcome.RATE_LIMITED:
            return rate_limited(name, wait_of(reply))
        case Outcome.TIMEOUT:
            return timed_out(name)
        case Outcome.UNAVAILABLE:
            return unavailable(name, f"it answered with an error {reply.status}.")
    return bad_request(name, reason or f"it answered with the status {reply.status}.", code)


def refused(name: str, reason: str, code: str, stage: str = "input") -> Answer:
    said = f": {short(reason)}" if reason else ""
    sentence = f"{name} refused to draw this{full_stop(said)} Change the prompt, or draw a plate instead."
    return Answer(Outcome.MODERATED, sentence=sentence, said=short(reason), code=code, stage=stage)


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


def bad_request(name: str, reason: str, code: str = "") -> Answer:
    """`reason` is the service's own or, where it gave none, ours."""
    told = short(reason)
    sentence = f"{name} could not be used: {full_stop(told)} An administrator checks its address and model."
    return Answer(Outcome.BAD_REQUEST, sentence=sentence, said=told, code=code)


def unavailable(name: str, ours: str, *, said: str = "") -> Answer:
    """`said` is the service's own reason; without one, `ours` stands in the sentence."""
    sentence = f"{name} does not work right now: {full_stop(short(said or ours))} Try again later."
    return Answer(Outcome.UNAVAILABLE, sentence=sentence, said=short(said))


def no_answer(name: str) -> Answer:
    """What came is nothing that a program says to another."""
    return unavailable(name, "it sent a page in place of an answer.")


def timed_out(name: str) -> Answer:
    return Answer(Outcome.TIMEOUT, sentence=f"{name} took too long. Try again later, or draw a plate instead.")


def picture_of(text: Any) -> bytes:
    """The bytes of base64, also with the prefix of a data address; empty when it is none."""
    if not isinstance(text, str):
        return b""
    try:
        return b64decode(text.rpartition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        return b""
