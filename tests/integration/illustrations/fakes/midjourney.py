"""midjourney-proxy: POST /mj/submit/imagine, GET /mj/task/{id}/fetch, GET /mj/task/list (docs/api.md)."""

from dataclasses import dataclass, field
from typing import Any

from tests.integration.illustrations.fakes.pictures import png
from tests.integration.illustrations.fakes.server import Asked, Said, said_json

SECRET = "fake-midjourney-secret"
STEPS = ("NOT_START", "SUBMITTED", "IN_PROGRESS", "SUCCESS")


@dataclass
class Midjourney:
    """A proxy with its tasks. Each look at a task moves it one step on; `paid` counts the pictures begun."""

    steps: tuple[str, ...] = STEPS
    fail_reason: str = ""
    submit_code: int = 1
    image_url: str = ""
    paid: int = 0
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Said:
        if asked.path.startswith("/attachments/"):
            return Said(200, png(int(asked.path.split("/")[2]), 1024, 1024), {"Content-Type": "image/png"})
        if asked.headers.get("mj-api-secret") != SECRET:
            return said_json({"code": 403, "description": "Forbidden"}, 401)
        if (asked.method, asked.path) == ("POST", "/mj/submit/imagine"):
            return said_json(self._submit(asked.json))
        if asked.path == "/mj/task/list":
            return said_json(list(self.tasks.values()))
        if asked.path.startswith("/mj/task/") and asked.path.endswith("/fetch"):
            return said_json(self._look(asked.path.split("/")[3], asked.headers["host"]))
        return said_json({"error": "Not Found"}, 404)

    def _submit(self, body: dict[str, Any]) -> dict[str, Any]:
        if set(body) - {"prompt", "base64Array", "notifyHook", "state"}:
            return {"code": 4, "description": "unknown field"}
        if "unspeakable" in body["prompt"]:
            return {"code": 24, "description": "banned", "properties": {"bannedWord": "unspeakable"}}
        if self.submit_code not in (1, 21, 22):
            return {"code": self.submit_code, "description": "no"}
        self.paid += 1
        number = str(1_000 + self.paid)
        self.tasks[number] = {"id": number, "action": "IMAGINE", "prompt": body["prompt"], "status": self.steps[0],
                              "state": body.get("state"), "progress": "0%"}  # fmt: skip
        return {"code": self.submit_code, "description": "ok", "result": number, "properties": {}}

    def _look(self, number: str, host: str) -> dict[str, Any] | None:
        task = self.tasks.get(number)
        if task is None:
            return None
        shown = dict(task)
        after = self.steps.index(task["status"]) + 1
        task["status"] = self.steps[min(after, len(self.steps) - 1)]
        if shown["status"] == "SUCCESS":
            shown["imageUrl"] = self.image_url or f"http://{host}/attachments/{number}/grid.png"
        if shown["status"] == "FAILURE":
            shown["failReason"] = self.fail_reason
        return shown
