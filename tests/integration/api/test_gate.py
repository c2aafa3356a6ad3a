"""One gate: nobody reaches what is another's, on any route there is or will be."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from bookreader.work import Installation
from tests.integration.api.conftest import Api

ADMINISTRATION = "/api/v1/admin/"
"""Closed to everyone but administrators, whom it shows what is everybody's: tests/integration/admin."""
OPEN = {"/api/v1/site", "/api/v1/auth/register", "/api/v1/auth/login", "/api/v1/auth/reset", "/api/v1/openapi.json"}
BODIES: dict[str, Any] = {
    "put_progress": {"chapter": 1, "device": "x", "key": "00000000-0000-4000-8000-000000000001"},
    "post_places": [{"chapter": 1, "device": "x", "key": "00000000-0000-4000-8000-000000000002"}],
    "post_session": {"device": "x"},
    "patch_session": {},
    "patch_book": {"title": "mine"},
    "patch_description": {"hidden": True},
    "post_place_restore": {"device": "x", "key": "00000000-0000-4000-8000-000000000003"},
    "post_annotation": {"kind": "bookmark", "chapter": 1, "cfi": "epubcfi(/6/2!/4/2/1:0)"},
    "patch_annotation": {"note": "mine"},
    "post_estimate": {},
    "post_batch": {},
    "patch_batch": {"state": "paused"},
    "put_art_direction": {},
    "post_description": {"chapter": 1, "cfi": "epubcfi(/6/2!/4/2,/1:0,/1:5)"},
    "patch_sheet": {"label": "mine"},
    "post_merge": {"other": "00000000-0000-4000-8000-000000000004"},
    "post_split": {"names": ["mine"]},
    "post_fact": {"aspect": "eyes", "value": "green"},
    "patch_fact": {"state": "rejected"},
    "post_look_through": {"price": "1"},
}
QUERY = {"q": "light"}


async def _routes(api: Api) -> list[tuple[str, str, str]]:
    document = await api.get("openapi.json")
    return [
        (method, path, operation["operationId"])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


@pytest.fixture
async def owned(reader: Api, sample: str) -> dict[str, str]:
    """Ids of one person's things, by the names of the paths' parameters."""
    manifest = await reader.get(f"books/{sample}/manifest")
    picture = (await reader.get(f"books/{sample}/illustrations"))["items"][0]
    session = await reader.post(f"books/{sample}/sessions", {"device": "Laptop"}, 201)
    token = await reader.post("tokens", {"name": "x"}, 201)
    job = (await reader.get("jobs"))["items"][0]
    place = (await reader.place(sample, 1, None))["current"]
    annotation = await reader.post(f"books/{sample}/annotations", BODIES["post_annotation"], 201)
    batch = await reader.post(f"books/{sample}/picture-batches", {"scope": "book", "per_chapter": 20}, 202)
    sheet = (await reader.get(f"books/{sample}/cast?ahead=true"))["items"][0]
    fact = await reader.post(f"sheets/{sheet['id']}/facts", BODIES["post_fact"], 201)
    return {
        "book_id": sample,
        "version": manifest["version"],
        "href": manifest["sections"][0]["href"],
        "number": "1",
        "image_id": picture["id"],
        "description_id": picture["description_id"],
        "session_id": session["id"],
        "token_id": token["id"],
        "job_id": job["id"],
        "place_id": place["id"],
        "annotation_id": annotation["id"],
        "batch_id": batch["id"],
        "sheet_id": sheet["id"],
        "fact_id": fact["id"],
    }


async def test_what_is_anothers_is_not_found_on_every_route(
    reader: Api, stranger: Api, owned: dict[str, str], here: Installation
) -> None:
    tried = 0
    for method, path, name in await _routes(reader):
        if "{" not in path or path.startswith(ADMINISTRATION):
            continue
        address = path
        for parameter, value in owned.items():
            address = address.replace("{" + parameter + "}", value)
        assert "{" not in address, f"give {path} an id to try"
        answer = await stranger.client.request(method, address, json=BODIES.get(name), params=QUERY)
        assert answer.status_code == 404, f"{method} {path}: {answer.status_code} {answer.text}"
        tried += 1
    assert tried >= 20


async def test_without_a_sign_in_every_route_answers_401(reader: Api, visit: Callable[[], Api]) -> None:
    nobody = visit()
    for method, path, name in await _routes(reader):
        if path in OPEN:
            continue
        address = re.sub(r"\{[^}]*id\}", "00000000-0000-4000-8000-000000000000", path)
        address = address.replace("{number}", "1").replace("{version}", "v").replace("{href}", "x")
        answer = await nobody.client.request(method, address, json=BODIES.get(name))
        assert answer.status_code == 401, f"{method} {path}: {answer.status_code}"
