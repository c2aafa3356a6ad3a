"""Stable Diffusion behind AUTOMATIC1111's API, which most local servers speak: POST /sdapi/v1/txt2img.

Started with --api; --api-auth is HTTP Basic (modules/api/models.py). One machine draws one picture at a time.
"""

import base64
import json
import math
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from bookreader.illustrations.providers import replies
from bookreader.illustrations.providers.provider import Answer, Order, Outcome, Service, Task, Traits
from bookreader.outside import Call, Outside, Reply

NAME = "Stable Diffusion"
STEP = 64
GUIDANCE = 6.5


@dataclass(frozen=True)
class StableDiffusion:
    """`login` is user:password; `model` a checkpoint's title; `megapixels` what the model was made for."""

    outside: Outside
    url: str
    login: SecretStr | None
    model: str | None
    steps: int
    megapixels: float
    seconds: float
    largest: int

    service = Service.STABLE_DIFFUSION
    traits = Traits(
        prompt_limit=1_200, negative_field=True, reads_language=False, parallel=1, interval=0, repeatable=True, price=0
    )

    async def draw(self, order: Order, task: Task) -> Answer:
        reply = await replies.ask(self.outside, self._call(order), NAME)
        if isinstance(reply, Answer):
            return reply
        if reply.status != 200:
            return _refusal(reply)
        said = replies.json_of(reply)
        if not isinstance(said, dict):
            return replies.unavailable(NAME, "it sent a page in place of a picture.")
        images = said.get("images")
        image = replies.picture_of(images[0]) if isinstance(images, list) and images else b""
        if not image:
            return replies.no_picture(NAME)
        return Answer(Outcome.OK, image=image, facts=self._facts(said, order))

    def _call(self, order: Order) -> Call:
        width, height = fitted(order, self.megapixels)
        body: dict[str, Any] = {
            "prompt": order.prompt,
            "negative_prompt": order.negative,
            "width": width,
            "height": height,
            "steps": self.steps,
            "cfg_scale": GUIDANCE,
            "seed": order.seed,
            "n_iter": 1,
            "batch_size": 1,
            "force_task_id": order.key,
        }
        if self.model:
            body["override_settings"] = {"sd_model_checkpoint": self.model}
        url = f"{self.url.rstrip('/')}/sdapi/v1/txt2img"
        return Call("POST", url, login_header(self.login), json=body, seconds=self.seconds, largest=2 * self.largest)

    def _facts(self, said: dict[str, Any], order: Order) -> dict[str, Any]:
        try:
            info = json.loads(replies.words(said.get("info")) or "{}")
        except ValueError:
            info = {}
        model = replies.words(replies.member(info, "sd_model_name")) or self.model or "not told"
        seed = replies.member(info, "seed")
        return {"model": model, "seed": seed if isinstance(seed, int) else order.seed, "steps": self.steps}


def login_header(login: SecretStr | None) -> dict[str, str]:
    """HTTP Basic of user:password; nothing without one."""
    if login is None:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(login.get_secret_value().encode()).decode()}


def fitted(order: Order, megapixels: float) -> tuple[int, int]:
    """The shape that is wanted at the size that the model was made for, in steps of 64."""
    scale = math.sqrt(megapixels * 1024 * 1024 / (order.width * order.height))
    return max(STEP, int(order.width * scale) // STEP * STEP), max(STEP, int(order.height * scale) // STEP * STEP)


def _refusal(reply: Reply) -> Answer:
    said = replies.json_of(reply)
    if reply.status == 403:
        return replies.no_access(NAME)
    detail = replies.member(said, "detail")
    if isinstance(detail, list) and detail:
        place = replies.member(detail[0], "loc")
        where = str(place[-1]) if isinstance(place, list) and place else "a field"
        detail = f"{where}: {replies.words(replies.member(detail[0], 'msg'))}"
    if reply.status >= 500 and (fault := replies.words(replies.member(said, "errors"))):
        return replies.unavailable(NAME, "", said=fault)
    return replies.by_status(reply, NAME, replies.words(detail))
