"""The server and the engine mean the same characters by the same addresses, in both directions."""

import random
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from bookreader.errors import BookRefused
from bookreader.publications import Publication, open_publication
from bookreader.publications.cfi import complete, complete_range
from bookreader.publications.text import TextMap
from bookreader.sample import sample_epub
from tests.books.cases import Case, cases
from tests.browser.install import node

WEB = Path(__file__).parents[2] / "web"
FAR = 0.03
"""How much the shares of a chapter may differ: server and engine count white space in their own ways."""


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The engine's code for addresses, as one script."""
    file = tmp_path_factory.mktemp("engine") / "places.js"
    rolldown = WEB / "node_modules/rolldown/bin/cli.mjs"
    if not rolldown.is_file():
        pytest.skip("the web app's packages are not installed: run `make setup`")
    command = [node(), str(rolldown), "tests/places.ts", "--format", "iife", "--name", "places", "--file", str(file)]
    subprocess.run(command, cwd=WEB, check=True, capture_output=True, timeout=120)
    return file.read_text("utf-8")


@pytest.fixture
async def engine(browser: Browser, bundle: str) -> AsyncIterator[Page]:
    """A page with the engine's code and nothing else."""
    page = await browser.new_page()
    await page.add_script_tag(content=bundle)
    yield page
    await page.close()


def readable_cases() -> list[Case]:
    return [case for case in cases() if "error" not in case.expect]


@pytest.mark.parametrize("case", readable_cases(), ids=str)
async def test_own_books(engine: Page, deep: bool, case: Case) -> None:
    await agree(engine, open_publication(case.data()), 100 if deep else 10)


async def test_the_sample(engine: Page, deep: bool) -> None:
    await agree(engine, open_publication(sample_epub()), 100 if deep else 10)


async def test_every_book_of_the_corpus(engine: Page, deep: bool, corpus: Path) -> None:
    read = 0
    for file in sorted((corpus / "books").iterdir()):
        try:
            publication = open_publication(file.read_bytes())
        except BookRefused:
            continue
        await agree(engine, publication, 100 if deep else 10)
        read += 1
    assert read > 15


async def agree(engine: Page, publication: Publication, points: int) -> None:
    chance = random.Random(publication.metadata.title)  # noqa: S311 - repeatable places, not a secret
    chapters = [chapter for chapter in publication.reading_order if chapter.characters > 1]
    for chapter in chance.choices(chapters, weights=[each.characters for each in chapters], k=points):
        text = TextMap(chapter.html)
        document = await engine.evaluate_handle("html => places.parse(html)", chapter.html)
        where = f"{publication.metadata.title}: {chapter.href}"
        start = chance.randrange(len(text.text) - 1)
        end = chance.randrange(start + 1, min(start + 400, len(text.text)) + 1)

        point = complete(chapter.cfi, text.cfi(start))
        found = await document.evaluate("(doc, [step, cfi]) => places.at(doc, step, cfi)", [chapter.cfi, point])
        assert found is not None, f"{where}: the engine finds nothing at {point}"
        expected = squeezed(text.text[start : start + 300])
        assert expected.startswith(squeezed(found["quote"])[:100]), f"{where}: {point}"
        assert text.offset(found["cfi"]) == text.offset(point), f"{where}: {point} became {found['cfi']}"
        assert abs(found["fraction"] - start / len(text.text)) < FAR or len(text.text) < 300, where

        passage = complete_range(chapter.cfi, text, start, end)
        span = await document.evaluate("(doc, [step, cfi]) => places.within(doc, step, cfi)", [chapter.cfi, passage])
        assert span is not None, f"{where}: the engine finds nothing at {passage}"
        assert span["text"] == squeezed(text.text[start:end]), f"{where}: {passage}"
        assert text.range(span["cfi"]) == text.range(passage), f"{where}: {passage} became {span['cfi']}"


def squeezed(text: str) -> str:
    return "".join(text.split())
