"""ComfyUI: POST /prompt, GET /queue, GET /history/{id}, GET /view (its server.py and script_examples).

A login is that of a proxy before it: ComfyUI itself has none.
"""

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration.illustrations.fakes.pictures import png_with_metadata
from tests.integration.illustrations.fakes.server import Asked, Said, said_json

LOGIN = "painter:brush"
STEPS = ("pending", "running", "done")
WORKFLOW: dict[str, Any] = {
    "3": {"class_type": "KSampler", "inputs": {"seed": "%seed%", "steps": 20, "model": ["4", 0], "positive": ["6", 0],
          "negative": ["7", 0], "latent_image": ["5", 0]}},
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "painter.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": "%width%", "height": "%height%", "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "masterpiece, %prompt%", "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "%negative_prompt%", "clip": ["4", 1]}},
    "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "plate", "images": ["3", 0]}},
}  # fmt: skip
NUMBERS = {"seed", "steps", "width", "height", "batch_size"}


def written(folder: Path, workflow: Any = WORKFLOW) -> Path:
    """The workflow as a file."""
    path = folder / "workflow.json"
    path.write_text(workflow if isinstance(workflow, str) else json.dumps(workflow), "utf-8")
    return path


@dataclass
class ComfyUI:
    """A server with its queue. Each look at the queue moves it one step on; `troubles` answer for what begins so."""

    login: str | None = None
    steps: tuple[str, ...] = STEPS
    error: str = ""
    saves: bool = True
    drawn: int = 0
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    troubles: dict[str, Said] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Said:
        if said := next((said for path, said in self.troubles.items() if asked.path.startswith(path)), None):
            return said
        expected = "Basic " + base64.b64encode((self.login or "").encode()).decode()
        if self.login and asked.headers.get("authorization") != expected:
            return Said(401, b"<html>", {"WWW-Authenticate": "Basic"})
        match asked.method, asked.path.split("/")[1:]:
            case "POST", ["prompt"]:
                return self._submit(asked.json)
            case "GET", ["queue"]:
                return said_json(self._queue())
            case "GET", ["history", number]:
                return said_json(self._history(number))
            case "GET", ["view"]:
                return self._view(asked.query)
        return Said(404, b"404: Not Found", {"Content-Type": "text/plain"})

    def _submit(self, body: dict[str, Any]) -> Said:
        graph = body.get("prompt")
        if not isinstance(graph, dict):
            return _error("no_prompt", "No prompt provided")
        wrong = {number: found for number, node in graph.items() if (found := _wrong(node, graph))}
        if wrong:
            return _error("prompt_outputs_failed_validation", "Prompt outputs failed validation", wrong)
        self.drawn += 1
        number = f"9f1c-{self.drawn}"
        self.tasks[number] = {"at": 0, "graph": graph, "client": body.get("client_id")}
        return said_json({"prompt_id": number, "number": self.drawn, "node_errors": {}})

    def _queue(self) -> dict[str, Any]:
        found: dict[str, Any] = {"queue_running": [], "queue_pending": []}
        for place, (number, task) in enumerate(self.tasks.items()):
            step = self.steps[task["at"]]
            task["at"] = min(task["at"] + 1, len(self.steps) - 1)
            if step != "done":
                found[f"queue_{step}"].append([place, number, task["graph"], {"client_id": task["client"]}, ["9"]])
        return found

    def _history(self, number: str) -> dict[str, Any]:
        task = self.tasks.get(number)
        if task is None or self.steps[task["at"]] != "done":
            return {}
        if self.error:
            messages = [["execution_start", {"prompt_id": number}],
                        ["execution_error", {"node_type": "KSampler", "exception_message": self.error}]]  # fmt: skip
            return {
                number: {"outputs": {}, "status": {"status_str": "error", "completed": False, "messages": messages}}
            }
        images = [{"filename": f"{number}.png", "subfolder": "", "type": "temp"},
                  {"filename": f"{number}.png", "subfolder": "of the moor", "type": "output"}]  # fmt: skip
        outputs = {"8": {"images": images[:1]}, "9": {"images": images[1:]}, "10": {"text": ["done"]}}
        status = {"status_str": "success", "completed": True, "messages": []}
        return {number: {"outputs": outputs if self.saves else {"10": {"text": ["done"]}}, "status": status}}

    def _view(self, query: dict[str, str]) -> Said:
        task = self.tasks.get(query.get("filename", "").removesuffix(".png"))
        if task is None or (query.get("subfolder"), query.get("type")) != ("of the moor", "output"):
            return Said(404)
        seed = task["graph"]["3"]["inputs"]["seed"]
        return Said(200, png_with_metadata(seed, json.dumps(task["graph"])), {"Content-Type": "image/png"})


def _error(kind: str, message: str, nodes: dict[str, Any] | None = None) -> Said:
    error = {"type": kind, "message": message, "details": "", "extra_info": {}}
    return said_json({"error": error, "node_errors": nodes or {}}, 400)


def _wrong(node: dict[str, Any], graph: dict[str, Any]) -> dict[str, Any] | None:
    for name, value in node["inputs"].items():
        details = f"{name}, {value}"
        if name in NUMBERS and not isinstance(value, int):
            message = "Failed to convert an input value to a INT value"
            return {"errors": [{"type": "invalid_input_type", "message": message, "details": details}]}
        if isinstance(value, list) and value[0] not in graph:
            return {"errors": [{"type": "bad_linked_input", "message": "Bad linked input", "details": details}]}
    return None
