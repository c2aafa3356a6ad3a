"""A person corrects or adds a passage while something else writes those of its chapter."""

from decimal import Decimal

from bookreader.descriptions.llm.grounding import Found
from bookreader.descriptions.llm.look_through import keep
from bookreader.descriptions.llm.read import Fate, Reading
from bookreader.descriptions.llm.stretches import split_stretches
from bookreader.descriptions.queries import replace_descriptions
from bookreader.descriptions.rules.description import Kind
from bookreader.work import Installation
from tests.integration.api.conftest import Api
from tests.integration.descriptions.test_look_through import SCENE, Shelf, chapter
from tests.integration.descriptions.test_look_through import parallel as parallel
from tests.integration.descriptions.test_look_through import settings as settings
from tests.integration.descriptions.test_look_through import shelf as shelf
from tests.integration.gates import gate, one_after_the_other

PASSAGE = "SELECT FROM descriptions WHERE id = $1 FOR UPDATE"


async def test_a_passage_is_hidden_while_its_chapter_is_looked_through_again(
    shelf: Shelf, reader: Api, here: Installation, database_url: str
) -> None:
    passage = await shelf.describe(1, SCENE.format(1))

    async def look_through() -> None:
        async with here.database.transaction() as session:
            await replace_descriptions(session, shelf.chapters[0], [])

    async with gate(database_url, PASSAGE, passage) as held:
        hide = reader.patch(f"descriptions/{passage}", {"hidden": True}, 404)
        _, refused = await one_after_the_other(held, look_through(), hide)
    assert refused["code"] == "no_such_description"


async def test_a_passage_is_corrected_while_a_model_reads_its_chapter(
    shelf: Shelf, reader: Api, here: Installation, database_url: str
) -> None:
    passage = await shelf.describe(1, SCENE.format(1))
    [stretch, *_] = split_stretches(chapter(1))
    text = SCENE.format(1)
    start = chapter(1).index(text)
    found = Found(start, start + len(text), text, Kind.OBJECT, None, 0.9, 1.0, "calm", ())
    reading = Reading(Fate.READ, Decimal(0), (found,))
    async with gate(database_url, PASSAGE, passage) as held:
        correct = reader.patch(f"descriptions/{passage}", {"type": "character"}, 204)
        await one_after_the_other(held, correct, keep(here.database, "llm:test", shelf.chapters[0], stretch, reading))
    [kept] = await shelf.found()
    assert kept["type"] == "character"
