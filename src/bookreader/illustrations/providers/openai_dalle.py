"""OpenAI's image models and whatever speaks the same: POST {url}/images/generations.

GPT image models answer with base64 alone and refuse `response_format`; dall-e models answer with an address that lives
an hour, or base64 when asked (image_generate_params, image, images_response of the public client).
"""

from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from bookreader.illustrations.providers import replies
from bookreader.illustrations.providers.provider import Answer, Order, Outcome, Service, Task, Traits
from bookreader.outside import Call, Outside, Reply

NAME = "OpenAI"
REFUSALS = ("moderation_blocked", "content_policy_violation")
NO_CREDIT = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
PROMPT_LIMITS = {"dall-e-2": 1_000, "dall-e-3": 4_000}
GPT_SIZES = ((1024, 1024), (1536, 1024), (1024, 1536))
SIZES = {
    "dall-e-2": ((1024, 1024),),
    "dall-e-3": ((1024, 1024), (1792, 1024), (1024, 1792)),
}
# US dollars for a picture of medium quality, as published; the administrator's page may say otherwise.
PRICES = {"dall-e-2": 0.02, "dall-e-3": 0.08}
GPT_PRICE = {"low": 0.016, "medium": 0.063, "high": 0.25, "auto": 0.25}


@dataclass(frozen=True)
class OpenAI:
    outside: Outside
    url: str
    key: SecretStr
    model: str
    quality: str
    seconds: float
    largest: int

    service = Service.OPENAI

    @property
    def traits(self) -> Traits:
        return Traits(
            prompt_limit=PROMPT_LIMITS.get(self.model, 8_000),
            negative_field=False,
            reads_language=True,
            parallel=3,
            interval=0.5,
            repeatable=False,
            price=PRICES.get(self.model, GPT_PRICE.get(self.quality, GPT_PRICE["high"])),
        )

    async def draw(self, order: Order, task: Task) -> Answer:
        reply = await replies.ask(self.outside, self._call(order), NAME)
        if isinstance(reply, Answer):
            return reply
        if reply.status != 200:
            return _refusal(reply)
        return await self._picture(replies.json_of(reply), order)

    def _call(self, order: Order) -> Call:
        width, height = self._size(order)
        body: dict[str, Any] = {"model": self.model, "prompt": order.prompt, "n": 1, "size": f"{width}x{height}"}
        if not self.model.startswith("dall-e"):
            body |= {"quality": self.quality, "output_format": "png"}
        else:
            body |= {"response_format": "b64_json"}
        headers = {"Authorization": f"Bearer {self.key.get_secret_value()}"}
        url = f"{self.url.rstrip('/')}/images/generations"
        return Call("POST", url, headers, json=body, seconds=self.seconds, largest=2 * self.largest)

    def _size(self, order: Order) -> tuple[int, int]:
        """The size on offer whose shape is nearest."""
        wanted = order.width / order.height
        return min(SIZES.get(self.model, GPT_SIZES), key=lambda size: abs(size[0] / size[1] - wanted))

    async def _picture(self, said: Any, order: Order) -> Answer:
        if not isinstance(said, dict):
            return replies.unavailable(NAME, "it sent a page in place of a picture.")
        listed = said.get("data")
        first = listed[0] if isinstance(listed, list) and listed else None
        image = replies.picture_of(replies.member(first, "b64_json"))
        if not image and (address := replies.words(replies.member(first, "url"))):
            fetched = await self._fetch(address)
            if isinstance(fetched, Answer):
                return fetched
            image = fetched.body
        if not image:
            return replies.no_picture(NAME)
        facts = {"model": self.model, "quality": self.quality}
        if revised := replies.words(replies.member(first, "revised_prompt")):
            facts["revised_prompt"] = revised
        return Answer(Outcome.OK, image=image, facts=facts)

    async def _fetch(self, address: str) -> Reply | Answer:
        """The finished picture, without our key: it may lie anywhere."""
        call = Call("GET", address, seconds=self.seconds, largest=self.largest, redirects=2)
        reply = await replies.ask(self.outside, call, NAME)
        if isinstance(reply, Answer) or reply.status == 200:
            return reply
        return replies.unavailable(NAME, f"the finished picture answered with the status {reply.status}.")


def _refusal(reply: Reply) -> Answer:
    said = replies.json_of(reply)
    code = replies.words(replies.member(said, "error", "code"))
    reason = replies.words(replies.member(said, "error", "message"))
    if code in REFUSALS:
        stage = replies.member(said, "error", "moderation_details", "moderation_stage")
        return replies.refused(NAME, reason, code, replies.words(stage) or "input")
    if code in NO_CREDIT:
        return replies.no_credit(NAME)
    if reply.status == 403:
        return replies.no_access(NAME)
    return replies.by_status(reply, NAME, reason, code)
