"""ComfyUI with a workflow of the owner's: POST /prompt, GET /history/{id} until it is done, GET /view for the picture.

The contract is that of its server.py and script_examples. The workflow is a file in the API format; %prompt%,
%negative_prompt%, %seed%, %width% and %height% in it are filled in. The number of a begun picture is kept before the
first look, so that it is read again after a kill.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from pydantic import SecretStr

from bookreader.illustrations.providers import replies
from bookreader.illustrations.providers.provider import Answer, Order, Outcome, Service, Task, Traits
from bookreader.illustrations.providers.stable_diffusion import fitted, login_header
from bookreader.outside import Call, Outside, Reply

NAME = "ComfyUI"
LARGEST_ANSWER = 20_000_000
"""Bytes of a history: it holds the whole workflow and previews of its outputs."""
LARGEST_WORKFLOW = 5_000_000
LONGEST_TASK_ID = 100
PROMPT = "%prompt%"
_PLACES = re.compile("%(?:prompt|negative_prompt|seed|width|height)%")


class WorkflowRefused(Exception):
    """The file is no workflow that a prompt can be put into; the message says why."""


@dataclass(frozen=True)
class ComfyUI:
    """`pause`: seconds between two looks; `patience`: seconds after which a look is given up until later."""

    outside: Outside
    url: str
    login: SecretStr | None
    workflow: Path
    megapixels: float
    seconds: float
    largest: int
    pause: float = 1.5
    patience: float = 300

    service = Service.STABLE_DIFFUSION
    traits = Traits(
        prompt_limit=1_200, negative_field=True, reads_language=False, parallel=1, interval=0, repeatable=True, price=0
    )

    async def draw(self, order: Order, task: Task) -> Answer:
        if task.id is not None and (answer := await self._result(task.id, order)) is not None:
            return answer
        # Not begun, or the server was started anew and has forgotten it: drawing it there again costs nothing.
        number = await self._submit(order)
        if isinstance(number, Answer):
            return number
        await task.remember(number)
        return await self._result(number, order) or replies.unavailable(NAME, "it has forgotten the picture.")

    async def _submit(self, order: Order) -> str | Answer:
        width, height = fitted(order, self.megapixels)
        values: dict[str, str | int] = {
            PROMPT: order.prompt,
            "%negative_prompt%": order.negative,
            "%seed%": order.seed,
            "%width%": width,
            "%height%": height,
        }
        try:
            graph = fill(await asyncio.to_thread(read_workflow, self.workflow), values)
        except WorkflowRefused as refused:
            return replies.bad_request(NAME, str(refused), "workflow_refused")
        said = await self._ask("POST", "/prompt", {"prompt": graph, "client_id": order.key})
        if isinstance(said, Answer):
            return said
        number = replies.words(replies.member(said, "prompt_id"))
        if not 0 < len(number) <= LONGEST_TASK_ID:
            return replies.no_answer(NAME)
        return number

    async def _result(self, number: str, order: Order) -> Answer | None:
        """The picture of a task, or why there is none; None when the server does not know the task."""
        deadline = asyncio.get_running_loop().time() + self.patience
        while True:
            waits = await self._waits(number)
            # The history is read after the queue: a task that ends between the two is found all the same.
            said = await self._ask("GET", f"/history/{quote(number, safe='')}")
            if isinstance(said, Answer):
                return said
            if (entry := replies.member(said, number)) is not None:
                return await self._ended(entry, order)
            if isinstance(waits, Answer):
                return waits
            if not waits:
                return None
            if asyncio.get_running_loop().time() + self.pause > deadline:
                return replies.timed_out(NAME)
            await asyncio.sleep(self.pause)

    async def _waits(self, number: str) -> bool | Answer:
        """Whether the task is in the queue, or at work: lists of [place, number, workflow, ...]."""
        said = await self._ask("GET", "/queue")
        if isinstance(said, Answer):
            return said
        lists = [replies.member(said, name) for name in ("queue_running", "queue_pending")]
        if not all(isinstance(one, list) for one in lists):
            return replies.no_answer(NAME)
        return any(isinstance(one, list) and number in one[:2] for listed in lists for one in listed)

    async def _ended(self, entry: Any, order: Order) -> Answer:
        if replies.member(entry, "status", "status_str") == "error":
            return _failed(replies.member(entry, "status", "messages"))
        picture = _first_picture(replies.member(entry, "outputs"))
        if picture is None:
            return replies.bad_request(NAME, "its workflow saved no picture: it needs a node that does.", "no_output")
        reply = await replies.ask(self.outside, self._call("GET", f"/view?{urlencode(picture)}", self.largest), NAME)
        if isinstance(reply, Answer):
            return reply
        if reply.status != 200:
            return _refusal(reply)
        facts = {"model": "comfyui", "workflow": self.workflow.name, "seed": order.seed}
        return Answer(Outcome.OK, image=reply.body, facts=facts)

    async def _ask(self, method: Any, path: str, body: Any = None) -> dict[str, Any] | Answer:
        reply = await replies.ask(self.outside, self._call(method, path, LARGEST_ANSWER, body), NAME)
        if isinstance(reply, Answer):
            return reply
        if reply.status != 200:
            return _refusal(reply)
        said = replies.json_of(reply)
        return said if isinstance(said, dict) else replies.no_answer(NAME)

    def _call(self, method: Any, path: str, largest: int, body: Any = None) -> Call:
        url = self.url.rstrip("/") + path
        return Call(method, url, login_header(self.login), json=body, seconds=self.seconds, largest=largest)


def read_workflow(path: Path) -> dict[str, Any]:
    """The nodes by their numbers. Raises WorkflowRefused."""
    try:
        if path.stat().st_size > LARGEST_WORKFLOW:
            raise WorkflowRefused(f"the workflow {path.name} is larger than any workflow is.")
        graph = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise WorkflowRefused(f"the workflow {path.name} cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise WorkflowRefused(f"the workflow {path.name} is no JSON.") from error
    nodes = graph.values() if isinstance(graph, dict) else ()
    if not nodes or not all(isinstance(node, dict) and "class_type" in node for node in nodes):
        raise WorkflowRefused(f"the workflow {path.name} is not in the API format: save it with Export (API).")
    if PROMPT not in json.dumps(graph):
        raise WorkflowRefused(f"the workflow {path.name} has no place for the words: put {PROMPT} into it.")
    return dict(graph)


def fill(value: Any, values: Mapping[str, str | int]) -> Any:
    """The same with the places filled in. What is nothing but a place takes the value's type: a seed is a number."""
    if isinstance(value, dict):
        return {name: fill(inner, values) for name, inner in value.items()}
    if isinstance(value, list):
        return [fill(inner, values) for inner in value]
    if not isinstance(value, str):
        return value
    if value in values:
        return values[value]
    return _PLACES.sub(lambda match: str(values[match[0]]), value)


def _first_picture(outputs: Any) -> dict[str, str] | None:
    """What a node saved for good; else a preview."""
    nodes = outputs.values() if isinstance(outputs, dict) else ()
    listed = [one for node in nodes if isinstance(found := replies.member(node, "images"), list) for one in found]
    named = [one for one in listed if replies.words(replies.member(one, "filename"))]
    saved = [one for one in named if one.get("type") == "output"] or named
    if not saved:
        return None
    return {name: replies.words(saved[0].get(name)) for name in ("filename", "subfolder", "type")}


def _failed(messages: Any) -> Answer:
    """The reason stands in the last message: ["execution_error", {"exception_message": ...}]."""
    details = (
        [one[1] for one in messages if isinstance(one, list) and len(one) > 1] if isinstance(messages, list) else []
    )
    reasons = [reason for one in details if (reason := replies.words(replies.member(one, "exception_message")))]
    ours = "the workflow broke off or was interrupted there."
    return replies.bad_request(NAME, reasons[-1] if reasons else ours, "task_failed")


def _refusal(reply: Reply) -> Answer:
    """400 {error: {message, details}, node_errors: {node: {errors: [{message, details}]}}}."""
    said = replies.json_of(reply)
    if reply.status == 403:
        return replies.no_access(NAME)
    reason = replies.words(replies.member(said, "error", "message"))
    nodes = replies.member(said, "node_errors")
    for node in nodes.values() if isinstance(nodes, dict) else ():
        errors = replies.member(node, "errors")
        if isinstance(errors, list) and errors:
            parts = [reason, *(replies.words(replies.member(errors[0], name)) for name in ("message", "details"))]
            reason = ": ".join(part for part in parts if part)
            break
    return replies.by_status(reply, NAME, reason, replies.words(replies.member(said, "error", "type")))
