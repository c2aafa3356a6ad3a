"""The gallery, variants beside each other, the prompt before it runs, and what an administrator decides."""

from typing import Any

import pytest

from tests.integration.api.conftest import Api
from tests.integration.illustrations.conftest import Fakes, Shelf, ended
from tests.integration.illustrations.test_generate import order, rules


async def test_the_gallery_is_in_the_books_order_and_marks_what_lies_ahead(
    reader: Api, shelf: Shelf, worker: None
) -> None:
    for which in (9, 0, 5):
        await ended(reader, await order(reader, shelf, which))
    items = (await reader.get(f"books/{shelf.book}/illustrations"))["items"]
    assert [item["chapter"] for item in items] == [1, 3, 5]
    assert [item["beyond"] for item in items] == [False, True, True]
    assert [item["quote"].startswith("Harkness") for item in items] == [False, True, True]


async def test_the_gallery_by_chapter_and_by_person(reader: Api, shelf: Shelf, worker: None) -> None:
    for which in range(4):
        await ended(reader, await order(reader, shelf, which))
    by_chapter = await reader.get(f"books/{shelf.book}/illustrations?chapter=2")
    by_person = await reader.get(f"books/{shelf.book}/illustrations?named=Harkness")
    nobody = await reader.get(f"books/{shelf.book}/illustrations?named=Nobody")
    assert [item["chapter"] for item in by_chapter["items"]] == [2, 2]
    assert [item["type"] for item in by_person["items"]] == ["character", "character"]
    assert nobody["items"] == []


async def test_pages_of_the_gallery_hold_every_picture_once(reader: Api, shelf: Shelf, worker: None) -> None:
    images = [await order(reader, shelf, which) for which in range(10)]
    for image in images:
        await ended(reader, image)
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = await reader.get(f"books/{shelf.book}/illustrations?limit=3" + (f"&cursor={cursor}" if cursor else ""))
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert sorted(seen) == sorted(images)


async def variants(reader: Api, shelf: Shelf, which: int = 0) -> list[Any]:
    return list((await reader.get(f"descriptions/{shelf.descriptions[which]}/illustrations"))["items"])


async def test_variants_stand_beside_each_other_and_one_is_chosen(reader: Api, shelf: Shelf, worker: None) -> None:
    first = await order(reader, shelf, service="pollinations")
    await ended(reader, first)
    second = (await reader.post(f"illustrations/{first}/again", status=202))["id"]
    await ended(reader, second)
    assert [(one["id"], one["current"]) for one in await variants(reader, shelf)] == [(second, True), (first, False)]
    seeds = {one["parameters"]["seed"] for one in await variants(reader, shelf)}
    assert len(seeds) == 2
    chosen = await reader.post(f"illustrations/{first}/choose")
    assert chosen["current"]
    [item] = (await reader.get(f"books/{shelf.book}/illustrations"))["items"]
    assert (item["id"], item["variants"]) == (first, 2)


async def test_another_variant_keeps_the_shown_picture_until_it_is_there(
    reader: Api, shelf: Shelf, worker: None, fakes: Fakes
) -> None:
    first = await order(reader, shelf, service="pollinations")
    await ended(reader, first)
    failed = (await reader.post(f"illustrations/{first}/again", {"prompt": "something unspeakable"}, 202))["id"]
    assert (await ended(reader, failed))["status"] == "moderated"
    [item] = (await reader.get(f"books/{shelf.book}/illustrations"))["items"]
    assert (item["id"], item["status"]) == (first, "completed")


async def test_a_changed_prompt_stays_with_its_variants(reader: Api, shelf: Shelf, worker: None) -> None:
    first = await order(reader, shelf, service="openai_dalle", prompt="a moor with one white horse")
    await ended(reader, first)
    second = (await reader.post(f"illustrations/{first}/again", status=202))["id"]
    assert (await ended(reader, second))["prompt"] == "a moor with one white horse"
    third = (await reader.post(f"illustrations/{first}/again", {"style": "oil", "service": "pollinations"}, 202))["id"]
    found = await ended(reader, third)
    assert found["prompt"].startswith("The moor rose")
    assert found["style"] == "oil"


async def test_deleting_the_shown_picture_brings_the_newest_other_back(reader: Api, shelf: Shelf, worker: None) -> None:
    images = []
    for _ in range(3):
        images.append(await order(reader, shelf, service="pollinations"))
        await ended(reader, images[-1])
    await reader.delete(f"illustrations/{images[2]}")
    assert [(one["id"], one["current"]) for one in await variants(reader, shelf)] == [
        (images[1], True),
        (images[0], False),
    ]
    await reader.post(f"illustrations/{images[0]}/choose")
    await reader.delete(f"illustrations/{images[1]}")
    assert [(one["id"], one["current"]) for one in await variants(reader, shelf)] == [(images[0], True)]
    await reader.delete(f"illustrations/{images[0]}")
    flags = await shelf.sql.fetchrow(
        "select image_generated, generation_requested from descriptions order by id limit 1"
    )
    assert not any(flags)


async def test_only_a_finished_picture_can_be_chosen(reader: Api, shelf: Shelf) -> None:
    image = await order(reader, shelf, service="openai_dalle")
    assert (await reader.post(f"illustrations/{image}/choose", status=422))["code"] == "not_finished"
    assert (await reader.get(f"illustrations/{image}/image", 404))["code"] == "not_ready"


async def test_the_prompt_is_shown_before_it_runs_and_is_the_one_that_runs(
    reader: Api, shelf: Shelf, fakes: Fakes, worker: None
) -> None:
    address = f"descriptions/{shelf.descriptions[0]}/prompt?service=openai_dalle&style=pencil"
    shown = await reader.get(address)
    assert (shown["style"], shown["handling"], shown["language"]) == ("pencil", "as_is", "en")
    await ended(reader, await order(reader, shelf, service="openai_dalle", style="pencil"))
    assert fakes.openai.asked[0].json["prompt"] == shown["prompt"]
    await ended(reader, await order(reader, shelf, 1, service="openai_dalle", prompt="my own words"))
    assert fakes.openai.asked[1].json["prompt"] == "my own words"


async def test_a_negative_prompt_goes_where_the_service_has_a_field(
    reader: Api, shelf: Shelf, fakes: Fakes, worker: None
) -> None:
    await reader.put(f"books/{shelf.book}/art-direction", {"taboo": ["blood"]})
    for which, service in enumerate(("stable_diffusion", "openai_dalle")):
        await ended(reader, await order(reader, shelf, which, service=service))
    assert fakes.stable_diffusion.asked[0].json["negative_prompt"].endswith("blood")
    assert "without blood" in fakes.openai.asked[0].json["prompt"]


async def test_the_books_art_direction_is_in_every_prompt(reader: Api, shelf: Shelf) -> None:
    assert (await reader.get(f"books/{shelf.book}/art-direction"))["preset"] == "linocut"
    direction = {"preset": "oil", "era": "the 1890s", "palette": "ochre", "aspects": {"location": "16:9"}, "medium": ""}
    kept = await reader.put(f"books/{shelf.book}/art-direction", direction)
    assert kept["era"] == "the 1890s"
    shown = await reader.get(f"descriptions/{shelf.descriptions[0]}/prompt?service=openai_dalle")
    assert "the 1890s" in shown["prompt"]
    assert "ochre" in shown["prompt"]
    assert (shown["width"], shown["height"]) == (1792, 1024)
    other = await reader.get(f"descriptions/{shelf.descriptions[0]}/prompt?service=openai_dalle&style=pastel")
    assert "the 1890s" in other["prompt"]
    assert other["style"] == "pastel"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"service": "nonsense"}, "service_not_configured"),
        ({"service": "pollinations", "prompt": "x" * 1001}, "prompt_too_long"),
        ({"service": "pollinations", "style": "crayon"}, "no_such_style"),
        ({"surprise": 1}, "invalid_input"),
    ],
)
async def test_a_wish_that_cannot_be_met_is_refused_in_a_sentence(
    wanted: dict[str, Any], code: str, reader: Api, shelf: Shelf
) -> None:
    answer = await order(reader, shelf, 0, 422, **wanted)
    assert answer["code"] == code
    assert answer["detail"].endswith(".")
    assert await shelf.sql.fetchval("select count(*) from generated_images") == 0


async def test_an_administrator_decides_and_nobody_else(reader: Api, stranger: Api, shelf: Shelf) -> None:
    assert (await stranger.client.put("/api/v1/picture-rules", json={})).status_code == 403
    await stranger.get("picture-rules", 403)
    await rules(reader, order=["midjourney", "plate"], disabled=["openai_dalle"], prices={"midjourney": "0.2"})
    services = await stranger.get("picture-services")
    assert [one["service"] for one in services["services"]] == [
        "midjourney",
        "plate",
        "pollinations",
        "stable_diffusion",
    ]
    assert services["services"][0]["price"] == "0.2"
    assert (await order(reader, shelf, 0, 422, service="openai_dalle"))["code"] == "service_not_configured"
    kept = await reader.get("picture-rules")
    assert (kept["order"], kept["budgets"]["site_day"]) == (["midjourney", "plate"], "5")


async def test_rules_that_make_no_sense_are_refused(reader: Api) -> None:
    for wrong in ({"order": ["nonsense"]}, {"prices": {"plate": -1}}, {"budgets": {"book": -1}}, {"x": 1}):
        answer = await reader.client.put("/api/v1/picture-rules", json=wrong)
        assert answer.status_code == 422
