"""One stretch of a chapter at an endpoint that misbehaves: what is believed, what is paid, and what leaks."""

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from bookreader.accounts.ledger import BudgetExceeded
from bookreader.descriptions.llm.contract import messages_for
from bookreader.descriptions.llm.endpoint import Endpoint, Prices
from bookreader.descriptions.llm.purse import Pocket
from bookreader.descriptions.llm.read import Fate, Halted, Reading, read_stretch
from bookreader.descriptions.llm.stretches import split_stretches
from bookreader.outside import Outside
from bookreader.replies import Outcome
from bookreader.settings import Settings
from tests.integration.descriptions.chat import KEY, MODEL, chat, error, item, lists, paragraphs_of, says
from tests.integration.illustrations.fakes.server import (
    HANG,
    Asked,
    FakeServer,
    Said,
    error_page,
    huge,
    redirect,
    said_json,
    truncated,
)

MOOR = "The moor rose hill behind hill—all heather and grey rocks—under a low red sun, and a black tarn lay below."
ROOM = "Harkness’s room held a table, three green chairs and a clock without hands; dust lay on the clock."
[STRETCH] = split_stretches(f"{MOOR}\n\n{ROOM}")
GOOD = lists(item(1, MOOR, type="location"), item(2, ROOM))
PAID = Decimal("0.0014")
"""1,000 tokens read at 1 dollar a million, 200 written at 2."""


def endpoint(model: FakeServer, *, seconds: float = 5, hosts: str | None = None) -> Endpoint:
    allowed = frozenset({hosts if hosts is not None else model.host})
    prices = Prices(Decimal(1), Decimal(2))
    return Endpoint(Outside(allowed), f"{model.url}/v1", SecretStr(KEY), MODEL, prices, seconds, 1_000)


async def reading(model: FakeServer, *troubles: Said, purse: Pocket | None = None, **more: Any) -> Reading:
    model.troubles.extend(troubles)
    return await read_stretch(endpoint(model, **more), purse or Pocket(Decimal(1)), STRETCH)


async def test_what_is_sent_and_what_is_found(model: FakeServer) -> None:
    purse = Pocket(Decimal(1))
    found = await reading(model, purse=purse)
    assert (found.fate, [each.text for each in found.found]) == (Fate.READ, [MOOR])
    assert (found.price, purse.spent, purse.reserved) == (PAID, PAID, {})
    [asked] = model.asked
    body = asked.json
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert (body["model"], body["max_tokens"], body["temperature"]) == (MODEL, 1_000, 0)
    assert body["response_format"]["type"] == "json_schema"
    assert [each["text"] for each in paragraphs_of(asked)] == [MOOR, ROOM]
    assert KEY not in json.dumps(body)


@pytest.mark.parametrize(
    ("refusal", "field", "then"),
    [
        (error(400, "'response_format' of type 'json_schema' is not supported"), "response_format", "json_object"),
        (error(400, "Use 'max_completion_tokens' instead.", param="max_tokens"), "max_completion_tokens", 1_000),
        (error(400, "'temperature' does not support 0", param="temperature"), "temperature", None),
    ],
    ids=["schema", "limit", "temperature"],
)
async def test_what_an_endpoint_does_not_take_is_left_away(
    refusal: Said, field: str, then: Any, model: FakeServer
) -> None:
    found = await reading(model, refusal)
    assert (found.fate, found.price) == (Fate.READ, PAID)
    value = model.asked[-1].json.get(field)
    assert (value["type"] if isinstance(value, dict) else value) == then
    assert "max_tokens" not in model.asked[-1].json or field != "max_completion_tokens"


async def test_many_at_once_find_out_together_what_an_endpoint_takes(model: FakeServer) -> None:
    def picky(asked: Asked) -> Said:
        form = asked.json.get("response_format", {}).get("type")
        return chat(asked) if form == "json_object" else error(422, f"response_format {form} is not supported")

    model._contract = picky
    shared, purse = endpoint(model), Pocket(Decimal(1))
    found = await asyncio.gather(*(read_stretch(shared, purse, STRETCH) for _ in range(8)))
    assert {each.fate for each in found} == {Fate.READ}
    assert shared.form == "json_object"


async def test_one_that_takes_no_form_at_all_is_read_all_the_same(model: FakeServer) -> None:
    no = error(400, "response_format is not supported")
    found = await reading(model, no, no, says(f"Gladly:\n```json\n{json.dumps({'items': [item(2, ROOM)]})}\n```"))
    assert [each.text for each in found.found] == [ROOM]
    assert "response_format" not in model.asked[-1].json


async def test_nothing_to_draw_is_an_answer(model: FakeServer) -> None:
    found = await reading(model, lists(), GOOD)
    assert (found.fate, found.found, found.price, len(model.asked)) == (Fate.READ, (), PAID, 1)


@pytest.mark.parametrize("first", [says("I would rather not."), says(""), says("{}", usage=None)], ids=str)
async def test_an_answer_that_is_no_list_is_asked_for_once_more(first: Said, model: FakeServer) -> None:
    found = await reading(model, first, GOOD)
    assert [each.text for each in found.found] == [MOOR, ROOM]
    assert len(model.asked) == 2
    assert found.price > PAID


async def test_two_answers_without_a_list_leave_it_to_the_rules_and_are_paid(model: FakeServer) -> None:
    found = await reading(model, says("No."), says("Still no."), GOOD)
    assert (found.fate, found.found, found.price, len(model.asked)) == (Fate.INVALID, (), 2 * PAID, 2)


async def test_half_an_answer_counts_as_far_as_it_goes(model: FakeServer) -> None:
    whole = json.dumps({"items": [item(1, MOOR), item(2, ROOM)]})
    found = await reading(model, says(whole[: whole.rindex("confidence")], "length"))
    assert [each.text for each in found.found] == [MOOR]


async def test_too_much_that_is_not_in_the_book_is_not_believed_at_all(model: FakeServer) -> None:
    dragon = item(1, "A dragon with seven heads came over the hill and breathed fire on the heather.")
    found = await reading(model, lists(item(1, MOOR), dragon))
    assert (found.fate, found.found, found.price) == (Fate.UNGROUNDED, (), PAID)


@pytest.mark.parametrize(
    ("trouble", "fate", "calls", "charged"),
    [
        (error(503, "overloaded"), Fate.UNAVAILABLE, 2, False),
        (said_json({"error": {"message": "upstream gone"}}), Fate.UNAVAILABLE, 2, False),
        (said_json({}, 504), Fate.TIMEOUT, 1, False),
        (HANG, Fate.TIMEOUT, 1, True),
        (huge("application/json", told=True), Fate.UNAVAILABLE, 1, True),
        (huge("application/json", told=False), Fate.UNAVAILABLE, 1, True),
        (truncated(GOOD.body, "application/json"), Fate.UNAVAILABLE, 1, True),
        (error_page(), Fate.INVALID, 2, True),
        (said_json([1, 2]), Fate.INVALID, 2, True),
        (says("", "content_filter"), Fate.REFUSED, 1, True),
        (says("", refusal="I cannot help with that."), Fate.REFUSED, 1, True),
        (error(400, "The response was filtered", "content_filter"), Fate.REFUSED, 1, False),
    ],
    ids=str,
)
async def test_a_stretch_that_fails_is_left_to_the_rules(
    trouble: Said, fate: Fate, calls: int, charged: bool, model: FakeServer
) -> None:
    purse = Pocket(Decimal(1))
    found = await reading(model, trouble, trouble, purse=purse, seconds=0.5)
    assert (found.fate, found.found, len(model.asked)) == (fate, (), calls)
    assert (found.price > 0) == charged
    assert (purse.spent, purse.reserved) == (found.price, {})
    assert model.megabytes_sent < 20


async def test_a_fault_that_passes_is_asked_again(model: FakeServer) -> None:
    assert (await reading(model, error(500, "oops"), GOOD)).fate is Fate.READ


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (error(401, f"Incorrect API key provided: {KEY}", "invalid_api_key"), Outcome.AUTH),
        (error(403, "forbidden"), Outcome.AUTH),
        (error(402, "Payment required"), Outcome.QUOTA),
        (error(429, "You exceeded your current quota", "insufficient_quota"), Outcome.QUOTA),
        (error(429, "slow down", **{"Retry-After": "7"}), Outcome.RATE_LIMITED),
        (error(404, f"The model `{MODEL}` does not exist", "model_not_found"), Outcome.BAD_REQUEST),
        (error(400, f"maximum context length is 512 tokens, key {KEY}"), Outcome.BAD_REQUEST),
    ],
    ids=str,
)
async def test_what_concerns_the_endpoint_stops_everything_and_costs_nothing(
    trouble: Said, outcome: Outcome, model: FakeServer
) -> None:
    purse = Pocket(Decimal(1))
    with pytest.raises(Halted) as halted:
        await reading(model, trouble, purse=purse)
    said = halted.value.said
    assert (said.outcome, said.price, purse.spent, purse.reserved) == (outcome, 0, 0, {})
    assert said.retry_after == (7 if outcome is Outcome.RATE_LIMITED else 0)
    assert KEY not in said.sentence
    assert MODEL in said.sentence


async def test_a_redirect_is_not_followed_and_nothing_is_sent_on(model: FakeServer) -> None:
    async with FakeServer(chat) as inside:
        for status in (301, 302, 307, 308):
            with pytest.raises(Halted) as halted:
                await reading(model, redirect(f"{inside.url}/v1/chat/completions", status))
            assert halted.value.said.outcome is Outcome.BAD_REQUEST
        assert inside.asked == []


async def test_a_private_address_is_called_only_where_it_is_allowed(model: FakeServer) -> None:
    with pytest.raises(Halted) as halted:
        await reading(model, hosts="elsewhere.example")
    assert "BOOKREADER_PRIVATE_HOSTS" in halted.value.said.sentence
    assert model.asked == []


async def test_where_nobody_listens_nothing_is_paid() -> None:
    async with FakeServer(chat) as model:
        gone = endpoint(model)
    purse = Pocket(Decimal(1))
    found = await read_stretch(gone, purse, STRETCH)
    assert (found.fate, found.price, purse.spent) == (Fate.UNAVAILABLE, 0, 0)


@pytest.mark.parametrize(
    ("usage", "share"),
    [
        (None, 1), ({}, 1), ({"prompt_tokens": 10**12, "completion_tokens": 5}, 1), ({"prompt_tokens": -1}, 1),
        ({"prompt_tokens": "many", "completion_tokens": True}, 1),
        ({"prompt_tokens": 10**8, "completion_tokens": 10**8}, 1), ({"prompt_tokens": 0, "completion_tokens": 0}, 0),
    ],
)  # fmt: skip
async def test_where_the_cost_is_not_told_it_was_the_most(usage: Any, share: int, model: FakeServer) -> None:
    content = json.dumps({"items": [item(1, MOOR)]})
    found = await reading(model, says(content, usage=usage))
    assert found.price == share * endpoint(model).most(messages_for(STRETCH))


async def test_without_money_nothing_is_sent(model: FakeServer) -> None:
    with pytest.raises(BudgetExceeded):
        await reading(model, purse=Pocket(Decimal("0.0001")))
    assert model.asked == []


def test_no_token_is_shorter_than_a_byte_so_that_the_most_is_the_most(model: FakeServer) -> None:
    messages = messages_for(STRETCH)
    sent = sum(len(each["content"].encode()) for each in messages)
    assert endpoint(model).most(messages) >= Prices(Decimal(1), Decimal(2)).of(sent, 1_000)
    assert endpoint(model).about(messages) < endpoint(model).most(messages)


@pytest.mark.parametrize("missing", ["llm_url", "llm_model", "llm_input_price", "llm_output_price"])
def test_without_an_address_a_model_and_prices_there_is_no_endpoint(missing: str) -> None:
    given: dict[str, Any] = {"llm_url": "http://x/v1", "llm_model": MODEL, "llm_input_price": 0, "llm_output_price": 0}
    assert Endpoint.from_settings(Settings(**given)) is not None
    del given[missing]
    assert Endpoint.from_settings(Settings(**given)) is None
