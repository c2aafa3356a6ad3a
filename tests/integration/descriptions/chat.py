"""A chat endpoint on loopback, from the documented contract: it quotes the first sentences it is given."""

import json
from typing import Any

from tests.integration.illustrations.fakes.server import Asked, FakeServer, Said, said_json

KEY = "sk-test-0123456789"
MODEL = "reader-1"
USAGE = {"prompt_tokens": 1_000, "completion_tokens": 200}


def paragraphs_of(asked: Asked) -> list[dict[str, Any]]:
    """What the book says there."""
    return [json.loads(line) for line in asked.json["messages"][-1]["content"].split("\n")]


def item(number: int, quote: str, **more: Any) -> dict[str, Any]:
    named = {"type": "object", "second_type": "location", "confidence": 0.9, "suitability": 0.8, "tone": "wonder"}
    return {"n": number, "quote": quote, "entities": []} | named | more


def says(content: str, finish: str = "stop", usage: Any = USAGE, **message: Any) -> Said:
    said = {"role": "assistant", "content": content} | message
    choice = {"index": 0, "message": said, "finish_reason": finish}
    return said_json({"id": "x", "object": "chat.completion", "choices": [choice], "usage": usage})


def lists(*items: dict[str, Any]) -> Said:
    return says(json.dumps({"items": items}))


def error(status: int, message: str, code: str = "", param: str = "", **headers: str) -> Said:
    fault = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return said_json({"error": fault}, status, **headers)


def chat(asked: Asked) -> Said:
    """Answers as it should: the first paragraph of what it was given, quoted with plainer marks."""
    if asked.path != "/v1/chat/completions" or asked.method != "POST":
        return error(404, "unknown path")
    if asked.headers.get("authorization") != f"Bearer {KEY}":
        return error(401, f"Incorrect API key provided: {asked.headers.get('authorization')}", "invalid_api_key")
    first = paragraphs_of(asked)[0]
    return lists(item(first["n"], first["text"].replace("—", " - ").replace("’", "'")))


def environment_of(model: FakeServer) -> dict[str, str]:
    """What makes the command and the server ask it, at a dollar for a million tokens read and two for those written."""
    return {
        "BOOKREADER_PRIVATE_HOSTS": model.host,
        "BOOKREADER_LLM_URL": f"{model.url}/v1",
        "BOOKREADER_LLM_KEY": KEY,
        "BOOKREADER_LLM_MODEL": MODEL,
        "BOOKREADER_LLM_INPUT_PRICE": "1",
        "BOOKREADER_LLM_OUTPUT_PRICE": "2",
    }
