"""Midjourney through midjourney-proxy, since it has no API of its own: submit, then look until it is done.

POST /mj/submit/imagine, GET /mj/task/{id}/fetch, GET /mj/task/list (its docs/api.md). The number of the task is kept
before the first look, and the illustration's key travels along as `state`, so that a picture that was begun is found
again and not paid for twice. The result is a grid of two by two. Automating an account is at its owner's risk.
"""

import asyncio
import re
from dataclasses import dataclass
from math import gcd
from typing import Any

from pydantic import SecretStr

from bookreader.illustrations.providers import replies
from bookreader.illustrations.providers.provider import Answer, Order, Outcome, Service, Task, Traits
from bookreader.outside import Call, Outside, Reply

NAME = "Midjourney"
SUBMITTED, EXISTS, QUEUED = 1, 21, 22
QUEUE_FULL, BANNED_WORD, INVALID = 23, 24, 4
QUEUE_WAIT = 60.0
BANNED = re.compile(r"banned|sensitive|moderat|blocked|forbidden|敏感", re.IGNORECASE)
SLOW = re.compile(r"time ?out|超时", re.IGNORECASE)


@dataclass(frozen=True)
class Midjourney:
    """`pause`: seconds between two looks; `patience`: seconds after which a look is given up until later."""

    outside: Outside
    url: str
    key: SecretStr
    seconds: float
    largest: int
    pause: float = 4
    patience: float = 300

    service = Service.MIDJOURNEY
    traits = Traits(
        prompt_limit=1_000,
        negative_field=True,
        reads_language=False,
        parallel=3,
        interval=1,
        repeatable=False,
        price=0.05,
    )

    async def draw(self, order: Order, task: Task) -> Answer:
        number = task.id or (await self._begun(order.key) if task.again else None)
        if number is None:
            begun = await self._submit(order)
            if isinstance(begun, Answer):
                return begun
            number = begun
        if number != task.id:
            await task.remember(number)
        return await self._result(number)

    async def _begun(self, key: str) -> str | None:
        """The task that an earlier attempt began without living to keep its number."""
        reply = await self._ask("GET", "/mj/task/list")
        listed = replies.json_of(reply) if isinstance(reply, Reply) else None
        numbers = [one.get("id") for one in listed if one.get("state") == key] if isinstance(listed, list) else []
        return str(numbers[0]) if numbers else None

    async def _submit(self, order: Order) -> str | Answer:
        reply = await self._ask("POST", "/mj/submit/imagine", {"prompt": _prompt(order), "state": order.key})
        if isinstance(reply, Answer):
            return reply
        said = replies.json_of(reply)
        code, number = replies.member(said, "code"), replies.member(said, "result")
        if code in (SUBMITTED, EXISTS, QUEUED) and number:
            return str(number)
        return _not_submitted(said, code)

    async def _result(self, number: str) -> Answer:
        deadline = asyncio.get_running_loop().time() + self.patience
        while True:
            reply = await self._ask("GET", f"/mj/task/{number}/fetch")
            if isinstance(reply, Answer):
                return reply
            said = replies.json_of(reply)
            status = replies.member(said, "status")
            if status == "SUCCESS":
                return await self._picture(said)
            if status == "FAILURE":
                return _failed(replies.words(replies.member(said, "failReason")))
            if status is None:
                return replies.bad_request(NAME, "it does not know its own task any more.", "task_lost")
            if asyncio.get_running_loop().time() + self.pause > deadline:
                return replies.timed_out(NAME)
            await asyncio.sleep(self.pause)

    async def _picture(self, said: Any) -> Answer:
        """The grid, fetched without our secret: it lies on another host."""
        address = replies.words(replies.member(said, "imageUrl"))
        if not address:
            return replies.no_picture(NAME)
        call = Call("GET", address, seconds=self.seconds, largest=self.largest, redirects=2)
        reply = await replies.ask(self.outside, call, NAME)
        if isinstance(reply, Answer):
            return reply
        if reply.status != 200:
            return replies.unavailable(NAME, f"the finished picture answered with the status {reply.status}.")
        return Answer(Outcome.OK, image=reply.body, grid=2, facts={"model": "midjourney", "task": said.get("id")})

    async def _ask(self, method: Any, path: str, body: Any = None) -> Reply | Answer:
        headers = {"mj-api-secret": self.key.get_secret_value()}
        call = Call(method, self.url.rstrip("/") + path, headers, json=body, seconds=self.seconds, largest=5_000_000)
        reply = await replies.ask(self.outside, call, NAME)
        if isinstance(reply, Answer) or reply.status == 200:
            return reply
        if reply.status == 403:
            return replies.no_access(NAME)
        return replies.by_status(reply, NAME, replies.words(replies.member(replies.json_of(reply), "description")))


def _prompt(order: Order) -> str:
    """Two hyphens begin a parameter there, so that the text may hold none of its own."""
    shape = gcd(order.width, order.height)
    text = re.sub(r"-{2,}", "—", order.prompt)
    without = f" --no {re.sub(r'-{2,}', '—', order.negative)}" if order.negative else ""
    return f"{text} --ar {order.width // shape}:{order.height // shape} --seed {order.seed}{without}"


def _not_submitted(said: Any, code: Any) -> Answer:
    reason = replies.words(replies.member(said, "description"))
    if code == BANNED_WORD:
        word = replies.words(replies.member(said, "properties", "bannedWord"))
        return replies.refused(NAME, f"the word “{word}” is not allowed" if word else reason, "banned_word")
    if code == QUEUE_FULL:
        return replies.rate_limited(NAME, QUEUE_WAIT)
    if code is None:
        return replies.no_answer(NAME)
    if code == INVALID:
        return replies.bad_request(NAME, reason or "the request is not valid.", str(code))
    return replies.unavailable(NAME, f"it answered with the code {code}.", said=reason)


def _failed(reason: str) -> Answer:
    if BANNED.search(reason):
        return replies.refused(NAME, reason, "task_refused", "output")
    if SLOW.search(reason):
        return replies.timed_out(NAME)
    return replies.bad_request(NAME, reason or "the task failed without a reason.", "task_failed")
