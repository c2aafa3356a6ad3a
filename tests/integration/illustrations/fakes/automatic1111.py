"""AUTOMATIC1111's web UI started with --api: POST /sdapi/v1/txt2img (modules/api/models.py)."""

import base64
import json
from typing import Any

from tests.integration.illustrations.fakes.pictures import png_with_metadata
from tests.integration.illustrations.fakes.server import Asked, Contract, Said, said_json

LOGIN = "painter:brush"
FIELDS: dict[str, type | tuple[type, ...]] = {
    "prompt": str, "negative_prompt": str, "width": int, "height": int, "steps": int, "cfg_scale": (int, float),
    "seed": int, "sampler_name": str, "n_iter": int, "batch_size": int, "override_settings": dict,
    "force_task_id": str, "send_images": bool, "save_images": bool,
}  # fmt: skip


def out_of_memory() -> Said:
    return said_json({"error": "OutOfMemoryError", "detail": "", "body": "", "errors": "CUDA out of memory."}, 500)


def automatic1111(login: str | None = None) -> Contract:
    expected = "Basic " + base64.b64encode(login.encode()).decode() if login else None

    def answer(asked: Asked) -> Said:
        if expected and asked.headers.get("authorization") != expected:
            return said_json({"detail": "Incorrect username or password"}, 401, **{"WWW-Authenticate": "Basic"})
        if asked.path != "/sdapi/v1/txt2img":
            return said_json({"detail": "Not Found"}, 404)
        wrong = [name for name, value in asked.json.items() if not isinstance(value, FIELDS.get(name, ()))]
        if wrong:
            places = [{"loc": ["body", name], "msg": "not valid", "type": "type_error"} for name in wrong]
            return said_json({"detail": places}, 422)
        return said_json(_drawn(asked.json))

    return answer


def _drawn(body: dict[str, Any]) -> dict[str, Any]:
    seed = body.get("seed", -1) if body.get("seed", -1) >= 0 else 4242
    picture = png_with_metadata(seed, f"{body['prompt']}\nSteps: {body.get('steps', 20)}, Seed: {seed}")
    info = {"prompt": body["prompt"], "seed": seed, "sd_model_name": "painter-v1", "infotexts": [""]}
    return {"images": [base64.b64encode(picture).decode()], "parameters": body, "info": json.dumps(info)}
