"""OpenAI Images: POST /v1/images/generations (image_generate_params, image, images_response of the public client)."""

import base64
import zlib
from typing import Any

from tests.integration.illustrations.fakes.pictures import png
from tests.integration.illustrations.fakes.server import Asked, Said, said_json

KEY = "sk-fake-openai-0123456789"
SIZES = {
    "gpt-image-1": ("1024x1024", "1536x1024", "1024x1536", "auto"),
    "dall-e-3": ("1024x1024", "1792x1024", "1024x1792"),
    "dall-e-2": ("256x256", "512x512", "1024x1024"),
}
PROMPT_LIMITS = {"gpt-image-1": 32_000, "dall-e-3": 4_000, "dall-e-2": 1_000}
QUALITIES = {
    "gpt-image-1": ("low", "medium", "high", "auto"),
    "dall-e-3": ("standard", "hd", "auto"),
    "dall-e-2": ("standard", "auto"),
}
FIELDS = {"model", "prompt", "n", "size", "quality", "output_format", "background", "moderation", "style", "user",
          "response_format", "output_compression"}  # fmt: skip
OF_GPT_ALONE = {"output_format", "background", "moderation", "output_compression"}


def error(status: int, code: str | None, message: str, type_: str = "invalid_request_error", **headers: str) -> Said:
    return said_json({"error": {"message": message, "type": type_, "param": None, "code": code}}, status, **headers)


def openai_images(asked: Asked) -> Said:
    if asked.method == "GET" and asked.path.startswith("/files/"):
        return Said(200, png(zlib.crc32(asked.path.encode()), 1024, 1024), {"Content-Type": "image/png"})
    if asked.headers.get("authorization") != f"Bearer {KEY}":
        given = asked.headers.get("authorization", "").removeprefix("Bearer ")
        return error(401, "invalid_api_key", f"Incorrect API key provided: {given}.")
    if (asked.method, asked.path) != ("POST", "/v1/images/generations"):
        return error(404, None, "Unknown request URL")
    return _refused(asked.json) or _drawn(asked)


def _refused(body: dict[str, Any]) -> Said | None:
    model = body.get("model", "dall-e-2")
    if model not in SIZES:
        return error(400, "invalid_value", f"The model {model} does not exist")
    strange = set(body) - FIELDS
    if model.startswith("gpt-image"):
        strange |= set(body) & {"response_format", "style"}
    else:
        strange |= set(body) & OF_GPT_ALONE
    if strange:
        return error(400, "unknown_parameter", f"Unknown parameter: {min(strange)}")
    wrong = body.get("size", "1024x1024") not in SIZES[model] or body.get("n", 1) != 1
    if wrong or body.get("quality", "auto") not in QUALITIES[model]:
        return error(400, "invalid_value", "Invalid value")
    if not 0 < len(body.get("prompt", "")) <= PROMPT_LIMITS[model]:
        return error(400, "string_above_max_length", "The prompt is too long")
    if "unspeakable" in body["prompt"]:
        refusal = {"message": "Your request was rejected by the safety system", "type": "image_generation_user_error",
                   "code": "moderation_blocked", "moderation_details": {"moderation_stage": "input"}}  # fmt: skip
        return said_json({"error": refusal}, 400)
    if "improper" in body["prompt"]:
        return error(400, "content_policy_violation", "This request has been blocked by our content filters.")
    return None


def _drawn(asked: Asked) -> Said:
    body = asked.json
    seed = zlib.crc32(body["prompt"].encode())
    if body["model"].startswith("gpt-image") or body.get("response_format") == "b64_json":
        width, height = (int(side) for side in body.get("size", "1024x1024").split("x"))
        data: dict[str, Any] = {"b64_json": base64.b64encode(png(seed, width, height)).decode()}
    else:
        data = {"url": f"http://{asked.headers['host']}/files/{seed}.png"}
    if body["model"] == "dall-e-3":
        data["revised_prompt"] = "Revised: " + body["prompt"][:40]
    return said_json({"created": 1_700_000_000, "data": [data]})
