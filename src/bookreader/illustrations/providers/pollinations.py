"""Pollinations' gateway: GET /image/{prompt}, the picture is the body (its APIDOCS, API 0.3.0).

The key goes into a header: the address is what servers log. The same address gives the same picture, so that asking
again costs nothing more.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from pydantic import SecretStr

from bookreader.illustrations.providers import replies
from bookreader.illustrations.providers.provider import Answer, Order, Outcome, Service, Task, Traits
from bookreader.outside import Call, Outside, Reply

NAME = "Pollinations"
REFUSALS = ("content_policy_violation", "moderation_blocked", "FORBIDDEN")
LONGEST_PATH = 6_000
"""Bytes of the prompt once it is encoded for an address, where a letter beyond ASCII takes six."""


@dataclass(frozen=True)
class Pollinations:
    outside: Outside
    url: str
    key: SecretStr
    model: str
    seconds: float
    largest: int

    service = Service.POLLINATIONS
    traits = Traits(
        prompt_limit=1_000,
        negative_field=False,
        reads_language=False,
        parallel=2,
        interval=2,
        repeatable=True,
        price=0.01,
    )

    async def draw(self, order: Order, task: Task) -> Answer:
        reply = await replies.ask(self.outside, self._call(order), NAME)
        if isinstance(reply, Answer):
            return reply
        if reply.status != 200:
            return _refusal(reply)
        if reply.media_type.startswith("application/json"):
            return _refusal(reply)
        if not reply.media_type.startswith("image/"):
            return replies.unavailable(NAME, "it sent a page in place of a picture.")
        if not reply.body:
            return replies.no_picture(NAME)
        return Answer(Outcome.OK, image=reply.body, facts={"model": self.model, "seed": order.seed})

    def _call(self, order: Order) -> Call:
        query: dict[str, Any] = {
            "model": self.model,
            "width": order.width,
            "height": order.height,
            "seed": order.seed,
            "private": "true",
        }
        url = f"{self.url.rstrip('/')}/image/{_path(order.prompt)}?{urlencode(query)}"
        headers = {"Authorization": f"Bearer {self.key.get_secret_value()}"}
        return Call("GET", url, headers, seconds=self.seconds, largest=self.largest, redirects=2)


def _path(prompt: str) -> str:
    encoded = quote(prompt, safe="")
    while len(encoded) > LONGEST_PATH:
        prompt = prompt.rpartition(" ")[0] or prompt[: len(prompt) // 2]
        encoded = quote(prompt, safe="")
    return encoded


def _refusal(reply: Reply) -> Answer:
    said = replies.json_of(reply)
    code, reason = replies.words(replies.member(said, "error", "code")), replies.member(said, "error", "message")
    if code in REFUSALS:
        return replies.refused(NAME, replies.words(reason), code)
    if reply.status == 200:
        status = replies.member(said, "status")
        reply = Reply(status if isinstance(status, int) else 500, reply.headers, reply.body, reply.url)
    return replies.by_status(reply, NAME, replies.words(reason), code)
