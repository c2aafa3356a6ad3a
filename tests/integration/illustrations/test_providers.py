"""Each picture service against a fake of its contract: every trouble becomes the answer that fits, and no key leaks."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bookreader.illustrations.providers import Answer, Order, Outcome, Passage, Provider, Service, Task, providers_of
from bookreader.illustrations.providers.comfyui import ComfyUI as ComfyUIAdapter
from bookreader.illustrations.providers.midjourney import Midjourney as MidjourneyAdapter
from bookreader.outside import Outside
from bookreader.settings import Settings
from tests.integration.illustrations.fakes import automatic1111, comfyui, midjourney, openai_images, pollinations
from tests.integration.illustrations.fakes.pictures import jpeg, png
from tests.integration.illustrations.fakes.server import (
    HANG,
    FakeServer,
    Said,
    error_page,
    huge,
    redirect,
    said_json,
    truncated,
)

PASSAGE = Passage("The moor rose hill behind hill.", "location", None, (), "en")
ORDER = Order("0190-key", "a moor at dusk", "text, watermark", 1536, 1024, 77, PASSAGE)
LOGIN = automatic1111.LOGIN


@dataclass
class Studio:
    """A service, its fake, and what the adapter was told to remember."""

    provider: Provider
    server: FakeServer
    secret: str
    contract: Any
    remembered: list[str] = field(default_factory=list)

    async def draw(self, order: Order = ORDER, *, task: str | None = None, again: bool = False) -> Answer:
        async def remember(number: str) -> None:
            self.remembered.append(number)

        return await self.provider.draw(order, Task(task, again, remember))


Open = Callable[..., Awaitable[Studio]]


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Open]:
    """Opens a service on its fake; `comfyui` is stable_diffusion with a workflow. Further words are settings."""
    async with AsyncExitStack() as stack:

        async def open_(service: str, **settings: Any) -> Studio:
            if service != COMFYUI:
                return await stack.enter_async_context(_studio(Service(service), service, settings))
            settings = {"stable_diffusion_workflow": comfyui.written(tmp_path)} | settings
            return await stack.enter_async_context(_studio(Service.STABLE_DIFFUSION, service, settings))

        yield open_


@asynccontextmanager
async def _studio(service: Service, contract_of: str, more: dict[str, Any]) -> AsyncIterator[Studio]:
    contract: Any = {
        Service.POLLINATIONS: pollinations.pollinations,
        Service.OPENAI: openai_images.openai_images,
        Service.STABLE_DIFFUSION: automatic1111.automatic1111(LOGIN),
        Service.MIDJOURNEY: midjourney.Midjourney(),
        COMFYUI: comfyui.ComfyUI(LOGIN),
    }[contract_of]
    async with FakeServer(contract) as server:
        settings, secret = _settings(service, server)
        settings = settings.model_copy(update=more)
        provider = providers_of(settings, Outside(frozenset({server.host})))[service]
        if isinstance(provider, MidjourneyAdapter | ComfyUIAdapter):
            provider = replace(provider, pause=0.01, patience=20)
        yield Studio(provider, server, secret, contract)


def _settings(service: Service, server: FakeServer) -> tuple[Settings, str]:
    common: dict[str, Any] = {"picture_seconds": 5}
    match service:
        case Service.POLLINATIONS:
            key = pollinations.KEY
            return Settings(pollinations_url=server.url, pollinations_key=SecretStr(key), **common), key
        case Service.OPENAI:
            key = openai_images.KEY
            return Settings(openai_url=f"{server.url}/v1", openai_key=SecretStr(key), **common), key
        case Service.STABLE_DIFFUSION:
            return Settings(stable_diffusion_url=server.url, stable_diffusion_login=SecretStr(LOGIN), **common), LOGIN
        case _:
            key = midjourney.SECRET
            return Settings(midjourney_url=server.url, midjourney_key=SecretStr(key), **common), key


COMFYUI = "comfyui"
OUTSIDE_SERVICES = ("pollinations", "openai_dalle", "stable_diffusion", "midjourney", COMFYUI)
every_service = pytest.mark.parametrize("service", OUTSIDE_SERVICES)


@every_service
async def test_a_picture_is_made(service: str, studio: Open) -> None:
    one = await studio(service)
    answer = await one.draw()
    assert answer.outcome is Outcome.OK, answer
    assert answer.image[:4] in (b"\xff\xd8\xff\xe0", b"\x89PNG")
    assert answer.facts["model"]


TROUBLES = {
    "401": (said_json({"error": {"message": "no"}}, 401), Outcome.AUTH),
    "402": (said_json({"error": {"message": "pay"}}, 402), Outcome.QUOTA),
    "422": (said_json({"detail": [{"loc": ["body", "width"], "msg": "not valid"}]}, 422), Outcome.BAD_REQUEST),
    "404": (said_json({"detail": "Not Found"}, 404), Outcome.BAD_REQUEST),
    "429": (said_json({"error": {"message": "slow"}}, 429, **{"Retry-After": "7"}), Outcome.RATE_LIMITED),
    "500": (said_json({"error": {"message": "oops"}}, 500), Outcome.UNAVAILABLE),
    "503 page": (Said(503, b"<html>", {"Content-Type": "text/html"}), Outcome.UNAVAILABLE),
    "200 error page": (error_page(), Outcome.UNAVAILABLE),
    "200 nothing": (Said(200, b"", {"Content-Type": "text/html"}), Outcome.UNAVAILABLE),
    "504": (Said(504), Outcome.TIMEOUT),
    "truncated": (truncated(b'{"data": ' * 100, "application/json"), Outcome.UNAVAILABLE),
    "hang": (HANG, Outcome.TIMEOUT),
    "100 MB told": (huge("application/json", told=True), Outcome.BAD_REQUEST),
    "100 MB": (huge("image/png", told=False), Outcome.BAD_REQUEST),
}


@every_service
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_trouble_becomes_the_answer_that_fits(service: str, trouble: str, studio: Open) -> None:
    one = await studio(service, **({"picture_seconds": 1} if trouble == "hang" else {}))
    said, outcome = TROUBLES[trouble]
    one.server.troubles.append(said)
    answer = await one.draw()
    assert answer.outcome is outcome, answer
    assert not answer.image
    assert answer.sentence.endswith(".")
    assert len(answer.sentence) < 400
    assert one.server.megabytes_sent < 90
    if outcome is Outcome.RATE_LIMITED:
        assert answer.retry_after == 7


@every_service
async def test_a_redirect_into_a_private_network_is_not_followed(service: str, studio: Open) -> None:
    one = await studio(service)
    async with FakeServer(one.contract) as inside:
        one.server.troubles.append(redirect(f"{inside.url}/x", 302))
        answer = await one.draw()
        assert answer.outcome is Outcome.BAD_REQUEST
        assert not inside.asked


@every_service
async def test_a_private_address_is_not_called_unless_allowed(service: str, studio: Open) -> None:
    one = await studio(service)
    stranger = replace(one.provider, outside=Outside())  # type: ignore[type-var]
    answer = await replace(one, provider=stranger).draw()
    assert answer.outcome is Outcome.BAD_REQUEST
    assert "BOOKREADER_PRIVATE_HOSTS" in answer.sentence
    assert not one.server.asked


@every_service
async def test_keys_are_in_no_address_no_log_and_no_answer(
    service: str, studio: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    one = await studio(service)
    answers = [await one.draw()]
    for status in (400, 401, 403, 422, 500):
        quoting = f"wrong key {one.secret} given"
        body = {
            "error": {"message": quoting, "code": "x"},
            "detail": quoting,
            "errors": quoting,
            "description": quoting,
        }
        one.server.troubles.append(said_json(body, status))
        answers.append(await one.draw())
    for asked in one.server.asked:
        assert one.secret not in asked.path
        assert one.secret not in asked.query.values()
    for answer in answers:
        assert one.secret not in repr(answer)
    assert one.secret not in repr(one.provider)
    assert one.secret not in caplog.text


@every_service
async def test_a_wrong_key_is_an_answer_of_its_own(service: str, studio: Open) -> None:
    wrong = SecretStr("wrong-key-00000000")
    names = {"pollinations": "pollinations_key", "openai_dalle": "openai_key"}
    names |= {"stable_diffusion": "stable_diffusion_login", "midjourney": "midjourney_key"}
    names |= {COMFYUI: "stable_diffusion_login"}
    one = await studio(service, **{names[service]: wrong})
    assert (await one.draw()).outcome is Outcome.AUTH


@pytest.mark.parametrize(
    ("service", "prompt", "code"),
    [
        ("pollinations", "something unspeakable", "FORBIDDEN"),
        ("pollinations", "something improper", "content_policy_violation"),
        ("openai_dalle", "something unspeakable", "moderation_blocked"),
        ("openai_dalle", "something improper", "content_policy_violation"),
        ("midjourney", "something unspeakable", "banned_word"),
    ],
)
async def test_a_refused_prompt_is_moderated(service: str, prompt: str, code: str, studio: Open) -> None:
    one = await studio(service)
    answer = await one.draw(replace(ORDER, prompt=prompt))
    assert (answer.outcome, answer.code, answer.stage) == (Outcome.MODERATED, code, "input")
    assert "Change the prompt" in answer.sentence


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ("openai_dalle", said_json({"created": 1, "data": []})),
        ("openai_dalle", said_json({"created": 1, "data": [{"b64_json": ""}]})),
        ("openai_dalle", said_json({"created": 1, "data": [{"b64_json": "not base64!"}]})),
        ("stable_diffusion", said_json({"images": [], "parameters": {}, "info": "{}"})),
        ("stable_diffusion", said_json({"images": None, "parameters": {}, "info": "{}"})),
        ("pollinations", Said(200, b"", {"Content-Type": "image/jpeg"})),
    ],
)
async def test_success_without_a_picture_is_a_refusal_and_not_asked_again(
    service: str, said: Said, studio: Open
) -> None:
    one = await studio(service)
    one.server.troubles.append(said)
    answer = await one.draw()
    assert (answer.outcome, answer.code) == (Outcome.MODERATED, "no_picture")


@every_service
async def test_json_of_another_kind_breaks_nothing(service: str, studio: Open) -> None:
    one = await studio(service)
    for value in (None, [], "text", 3, {"data": 3}, {"images": {"a": 1}}, {"error": "text"}, {"code": {}}, [[]]):
        for status in (200, 400):
            one.server.troubles.append(said_json(value, status))
            answer = await one.draw()
            assert answer.outcome is not Outcome.OK
            assert answer.sentence


# --- pollinations -----------------------------------------------------------------------------------------------------


async def test_pollinations_is_asked_as_its_contract_says(studio: Open) -> None:
    one = await studio("pollinations")
    await one.draw(replace(ORDER, prompt="a moor / at dusk? 50% & «мгла»"))
    asked = one.server.asked[0]
    assert asked.path == "/image/a moor / at dusk? 50% & «мгла»"
    assert asked.query == {"model": "flux", "width": "1536", "height": "1024", "seed": "77", "private": "true"}


async def test_the_same_order_is_the_same_address(studio: Open) -> None:
    one = await studio("pollinations")
    first, second = await one.draw(), await one.draw()
    assert first.image == second.image
    assert one.provider.traits.repeatable


async def test_an_error_that_pollinations_sends_with_status_200_is_no_picture(studio: Open) -> None:
    one = await studio("pollinations")
    one.server.troubles.append(
        said_json({"status": 402, "success": False, "error": {"code": "PAYMENT", "message": "no"}})
    )
    assert (await one.draw()).outcome is Outcome.QUOTA


async def test_a_long_prompt_beyond_ascii_still_fits_an_address(studio: Open) -> None:
    one = await studio("pollinations")
    answer = await one.draw(replace(ORDER, prompt="старый дом у дороги " * 60))
    assert answer.outcome is Outcome.OK
    assert set(one.server.asked[0].path.removeprefix("/image/").split()) == {"старый", "дом", "у", "дороги"}


# --- openai -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "size", "expected"),
    [
        ("gpt-image-1", (1536, 1024), "1536x1024"),
        ("gpt-image-1", (1024, 1536), "1024x1536"),
        ("gpt-image-1", (1792, 1024), "1536x1024"),
        ("dall-e-3", (1536, 1024), "1792x1024"),
        ("dall-e-3", (1024, 1024), "1024x1024"),
        ("dall-e-2", (1024, 1536), "1024x1024"),
    ],
)
async def test_openai_models_get_what_each_of_them_takes(
    model: str, size: tuple[int, int], expected: str, studio: Open
) -> None:
    one = await studio("openai_dalle", openai_image_model=model)
    answer = await one.draw(replace(ORDER, width=size[0], height=size[1]))
    assert answer.outcome is Outcome.OK, answer
    assert one.server.asked[0].json["size"] == expected
    assert answer.facts.get("revised_prompt", "").startswith("Revised") == (model == "dall-e-3")


async def test_a_picture_that_lies_elsewhere_is_fetched_without_the_key(studio: Open) -> None:
    one = await studio("openai_dalle")
    one.server.troubles.append(said_json({"data": [{"url": f"{one.server.url}/files/1.png"}]}))
    answer = await one.draw()
    assert answer.outcome is Outcome.OK
    assert "authorization" not in one.server.asked[1].headers


async def test_a_picture_that_lies_in_a_private_network_is_not_fetched(studio: Open) -> None:
    one = await studio("openai_dalle")
    for address in ("http://169.254.169.254/latest", "http://127.0.0.1:1/x", "file:///etc/passwd"):
        one.server.troubles.append(said_json({"data": [{"url": address}]}))
        assert (await one.draw()).outcome is Outcome.BAD_REQUEST


async def test_a_picture_that_is_gone_is_an_answer(studio: Open) -> None:
    one = await studio("openai_dalle")
    one.server.troubles.append(said_json({"data": [{"url": f"{one.server.url}/files/1.png"}]}))
    one.server.troubles.append(Said(404))
    assert (await one.draw()).outcome is Outcome.UNAVAILABLE


@pytest.mark.parametrize("code", ["insufficient_quota", "billing_hard_limit_reached"])
async def test_exhausted_credit_is_told_from_a_rate_limit(code: str, studio: Open) -> None:
    one = await studio("openai_dalle")
    one.server.troubles.append(openai_images.error(429, code, "You exceeded your current quota"))
    assert (await one.draw()).outcome is Outcome.QUOTA


async def test_the_stage_of_a_refusal_is_kept(studio: Open) -> None:
    one = await studio("openai_dalle")
    refusal = {"message": "no", "code": "moderation_blocked", "moderation_details": {"moderation_stage": "output"}}
    one.server.troubles.append(said_json({"error": refusal}, 400))
    assert (await one.draw()).stage == "output"


@pytest.mark.parametrize(
    ("given", "seconds"),
    [("12", 12), ("0", 1), ("99999999", 3600), ("nonsense", 20), ("", 20), ("Thu, 01 Jan 1970 00:00:00 GMT", 1)],
)
async def test_how_long_to_wait(given: str, seconds: float, studio: Open) -> None:
    one = await studio("openai_dalle")
    one.server.troubles.append(said_json({}, 429, **({"Retry-After": given} if given else {})))
    assert (await one.draw()).retry_after == seconds


# --- stable diffusion -------------------------------------------------------------------------------------------------


async def test_stable_diffusion_is_asked_as_its_contract_says(studio: Open) -> None:
    one = await studio("stable_diffusion", stable_diffusion_model="painter.safetensors [abc]")
    answer = await one.draw()
    body = one.server.asked[0].json
    assert (body["width"], body["height"]) == (1216, 832)
    assert body["negative_prompt"] == "text, watermark"
    assert body["override_settings"] == {"sd_model_checkpoint": "painter.safetensors [abc]"}
    assert answer.facts == {"model": "painter-v1", "seed": 77, "steps": 28}


@pytest.mark.parametrize(("megapixels", "expected"), [(0.25, (576, 384)), (1.0, (1216, 832)), (4.0, (2496, 1664))])
async def test_the_size_fits_the_model(megapixels: float, expected: tuple[int, int], studio: Open) -> None:
    one = await studio("stable_diffusion", stable_diffusion_megapixels=megapixels)
    await one.draw()
    body = one.server.asked[0].json
    assert (body["width"], body["height"]) == expected


async def test_a_machine_without_memory_says_so(studio: Open) -> None:
    one = await studio("stable_diffusion")
    one.server.troubles.append(automatic1111.out_of_memory())
    answer = await one.draw()
    assert answer.outcome is Outcome.UNAVAILABLE
    assert "CUDA out of memory" in answer.sentence


async def test_the_field_that_was_wrong_is_named(studio: Open) -> None:
    one = await studio("stable_diffusion")
    one.server.troubles.append(TROUBLES["422"][0])
    assert "width: not valid" in (await one.draw()).sentence


# --- comfyui ----------------------------------------------------------------------------------------------------------


async def test_comfyui_draws_by_the_workflow_of_its_owner(studio: Open) -> None:
    one = await studio(COMFYUI)
    answer = await one.draw()
    assert (answer.outcome, answer.facts["workflow"]) == (Outcome.OK, "workflow.json")
    begun = one.server.asked[0]
    nodes = begun.json["prompt"]
    assert (begun.path, begun.json["client_id"]) == ("/prompt", "0190-key")
    assert nodes["6"]["inputs"]["text"] == "masterpiece, a moor at dusk"
    assert nodes["7"]["inputs"]["text"] == "text, watermark"
    assert nodes["3"]["inputs"]["seed"] == 77
    assert nodes["5"]["inputs"] == {"width": 1216, "height": 832, "batch_size": 1}
    assert one.remembered == ["9f1c-1"]
    assert [asked.path for asked in one.server.asked].count("/view") == 1


async def test_a_prompt_says_nothing_to_the_workflow(studio: Open) -> None:
    one = await studio(COMFYUI)
    assert (await one.draw(replace(ORDER, prompt='a "moor" %seed% \\ {x}'))).outcome is Outcome.OK
    assert one.server.asked[0].json["prompt"]["6"]["inputs"]["text"] == 'masterpiece, a "moor" %seed% \\ {x}'


async def test_a_picture_that_comfyui_began_is_read_again(studio: Open) -> None:
    one = await studio(COMFYUI)
    first = await one.draw()
    again = await one.draw(task="9f1c-1", again=True)
    assert (again.outcome, again.image) == (Outcome.OK, first.image)
    assert one.contract.drawn == 1


async def test_a_picture_that_comfyui_has_forgotten_is_begun_anew(studio: Open) -> None:
    one = await studio(COMFYUI)
    answer = await one.draw(task="before-the-restart", again=True)
    assert answer.outcome is Outcome.OK
    assert one.remembered == ["9f1c-1"]


async def test_a_queue_that_does_not_move_is_left_for_later(studio: Open) -> None:
    one = await studio(COMFYUI)
    one.contract.steps = ("pending", "pending")
    impatient = replace(one.provider, patience=0.05)  # type: ignore[type-var]
    assert (await replace(one, provider=impatient).draw()).outcome is Outcome.TIMEOUT


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"error": "CUDA out of memory"}, "CUDA out of memory"),
        ({"saves": False}, "its workflow saved no picture: it needs a node that does."),
    ],
)
async def test_a_workflow_that_fails_says_why(change: dict[str, Any], told: str, studio: Open) -> None:
    one = await studio(COMFYUI)
    vars(one.contract).update(change)
    answer = await one.draw()
    assert (answer.outcome, answer.said) == (Outcome.BAD_REQUEST, told)
    assert told in answer.sentence


@pytest.mark.parametrize(
    ("workflow", "told"),
    [
        (None, "cannot be read"),
        ("{", "is no JSON"),
        ([], "not in the API format"),
        ({"nodes": [], "links": []}, "not in the API format"),
        ({"1": {"class_type": "SaveImage", "inputs": {}}}, "has no place for the words"),
    ],
)
async def test_a_file_that_is_no_workflow_is_named(workflow: Any, told: str, studio: Open, tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "workflow.json" if workflow is None else comfyui.written(tmp_path, workflow)
    one = await studio(COMFYUI)
    if workflow is not None:
        comfyui.written(tmp_path, workflow)
    answer = await replace(one, provider=replace(one.provider, workflow=path)).draw()  # type: ignore[type-var]
    assert answer.outcome is Outcome.BAD_REQUEST
    assert told in answer.sentence
    assert not one.server.asked


async def test_a_workflow_that_the_server_refuses_names_the_field(studio: Open, tmp_path: Path) -> None:
    one = await studio(COMFYUI)
    comfyui.written(tmp_path, comfyui.WORKFLOW | {"3": {"class_type": "KSampler", "inputs": {"seed": "a %seed%"}}})
    answer = await one.draw()
    assert answer.outcome is Outcome.BAD_REQUEST
    assert "Failed to convert an input value to a INT value: seed, a 77" in answer.sentence


@pytest.mark.parametrize("path", ["/queue", "/history", "/view"])
@pytest.mark.parametrize("trouble", ["401", "429", "500", "404", "truncated", "hang", "100 MB"])
async def test_a_trouble_on_the_way_to_the_picture_is_an_answer(path: str, trouble: str, studio: Open) -> None:
    one = await studio(COMFYUI, **({"picture_seconds": 1} if trouble == "hang" else {}))
    said, outcome = TROUBLES[trouble]
    one.contract.troubles[path] = said
    answer = await one.draw()
    assert answer.outcome is outcome, answer
    assert one.remembered == ["9f1c-1"]


@pytest.mark.parametrize("path", ["/queue", "/history"])
@pytest.mark.parametrize("value", [None, [], {}, {"queue_running": 3}, {"9f1c-1": 3}, {"9f1c-1": {"outputs": [1]}}])
async def test_answers_of_another_kind_on_the_way_break_nothing(path: str, value: Any, studio: Open) -> None:
    one = await studio(COMFYUI)
    one.contract.troubles[path] = said_json(value)
    answer = await replace(one, provider=replace(one.provider, patience=0.1)).draw()  # type: ignore[type-var]
    assert answer.outcome in (Outcome.UNAVAILABLE, Outcome.BAD_REQUEST, Outcome.TIMEOUT)
    assert answer.sentence


# --- midjourney -------------------------------------------------------------------------------------------------------


async def test_midjourney_keeps_the_number_of_its_task_before_it_waits(studio: Open) -> None:
    one = await studio("midjourney")
    answer = await one.draw()
    assert one.remembered == ["1001"]
    assert answer.grid == 2
    assert one.contract.paid == 1
    assert one.server.asked[0].json["state"] == ORDER.key
    assert "mj-api-secret" not in one.server.asked[-1].headers


async def test_a_task_that_was_begun_is_read_again_and_not_paid_twice(studio: Open) -> None:
    one = await studio("midjourney")
    await one.draw()
    again = await one.draw(task="1001", again=True)
    assert again.outcome is Outcome.OK
    assert one.contract.paid == 1


async def test_a_task_whose_number_was_lost_is_found_by_its_state(studio: Open) -> None:
    one = await studio("midjourney")
    await one.draw()
    one.remembered.clear()
    again = await one.draw(again=True)
    assert again.outcome is Outcome.OK
    assert one.remembered == ["1001"]
    assert one.contract.paid == 1


async def test_a_slow_task_is_given_up_until_later_and_then_found(studio: Open) -> None:
    one = await studio("midjourney")
    one.contract.steps = ("IN_PROGRESS",)
    hasty = replace(one, provider=replace(one.provider, patience=0.1))  # type: ignore[type-var]
    assert (await hasty.draw()).outcome is Outcome.TIMEOUT
    one.contract.steps = ("IN_PROGRESS", "SUCCESS")
    assert (await one.draw(task=one.remembered[0], again=True)).outcome is Outcome.OK
    assert one.contract.paid == 1


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("Banned prompt detected", Outcome.MODERATED),
        ("[Image blocked] Sorry! Our AI moderators feel", Outcome.MODERATED),
        ("[Invalid parameter] Invalid value", Outcome.BAD_REQUEST),
        ("任务超时", Outcome.TIMEOUT),
        ("", Outcome.BAD_REQUEST),
    ],
)
async def test_a_task_that_fails_says_why(reason: str, outcome: Outcome, studio: Open) -> None:
    one = await studio("midjourney")
    one.contract.steps, one.contract.fail_reason = ("SUBMITTED", "FAILURE"), reason
    assert (await one.draw()).outcome is outcome


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (21, Outcome.OK),
        (22, Outcome.OK),
        (23, Outcome.RATE_LIMITED),
        (4, Outcome.BAD_REQUEST),
        (9, Outcome.UNAVAILABLE),
    ],
)
async def test_every_code_of_a_submission(code: int, outcome: Outcome, studio: Open) -> None:
    one = await studio("midjourney")
    one.contract.submit_code = code
    assert (await one.draw()).outcome is outcome


async def test_the_proxy_forgot_the_task(studio: Open) -> None:
    one = await studio("midjourney")
    answer = await one.draw(task="4711", again=True)
    assert (answer.outcome, answer.code) == (Outcome.BAD_REQUEST, "task_lost")
    assert one.contract.paid == 0


async def test_a_prompt_cannot_smuggle_parameters_in(studio: Open) -> None:
    one = await studio("midjourney")
    await one.draw(replace(ORDER, prompt="a moor --chaos 100 --repeat 40"))
    sent = one.server.asked[0].json["prompt"]
    assert sent == "a moor —chaos 100 —repeat 40 --ar 3:2 --seed 77 --no text, watermark"


async def test_a_finished_picture_in_a_private_network_is_not_fetched(studio: Open) -> None:
    one = await studio("midjourney")
    one.contract.image_url = "http://10.0.0.1/grid.png"
    assert (await one.draw()).outcome is Outcome.BAD_REQUEST


# --- plate ------------------------------------------------------------------------------------------------------------


async def test_the_plate_needs_no_network_and_is_always_there() -> None:
    provider = providers_of(Settings(), Outside())[Service.PLATE]

    async def remember(number: str) -> None:
        raise AssertionError(number)

    answer = await provider.draw(ORDER, Task(None, False, remember))
    assert answer.outcome is Outcome.OK
    assert answer.plate is not None
    assert answer.plate.svg.startswith(b"<svg")
    assert answer.facts == {"model": "plate", "scene": "hills", "seed": 77}


def test_only_what_is_set_up_is_there() -> None:
    assert set(providers_of(Settings())) == {Service.PLATE}
    everything = Settings(
        pollinations_key=SecretStr("k"),
        openai_key=SecretStr("k"),
        stable_diffusion_url="http://localhost:7860",
        midjourney_url="http://localhost:8080",
    )
    assert set(providers_of(everything)) == set(Service)


def test_the_fakes_pictures_differ_by_seed() -> None:
    assert png(1) != png(2)
    assert jpeg(1) != jpeg(2)
