"""The Pollinations gateway: GET /image/{prompt} answers with the bytes of the picture (APIDOCS, API 0.3.0)."""

import zlib

from tests.integration.illustrations.fakes.pictures import jpeg
from tests.integration.illustrations.fakes.server import Asked, Said, said_json

KEY = "sk_fake_pollinations_0123456789"
MODELS = ("flux", "turbo", "gptimage", "kontext", "seedream")


def error(status: int, code: str, message: str, **headers: str) -> Said:
    body = {"code": code, "message": message, "timestamp": "2026-01-01T00:00:00Z", "requestId": "r1"}
    return said_json({"status": status, "success": False, "error": body}, status, **headers)


def pollinations(asked: Asked) -> Said:
    if asked.method != "GET" or not asked.path.startswith("/image/"):
        return error(404, "NOT_FOUND", "Not found")
    if asked.headers.get("authorization") != f"Bearer {KEY}":
        return error(401, "UNAUTHORIZED", "You need to authenticate by providing a session cookie or a header.")
    prompt = asked.path.removeprefix("/image/")
    if "unspeakable" in prompt:
        return error(403, "FORBIDDEN", "Content was filtered")
    if "improper" in prompt:
        return error(422, "content_policy_violation", "The prompt violates the content policy")
    if asked.query.get("model", "flux") not in MODELS:
        return error(400, "BAD_REQUEST", "Something was wrong with the input data")
    width, height = int(asked.query.get("width", "1024")), int(asked.query.get("height", "1024"))
    seed = zlib.crc32(f"{prompt}{asked.query.get('seed')}".encode())
    return Said(200, jpeg(seed, width, height), {"Content-Type": "image/jpeg"})
