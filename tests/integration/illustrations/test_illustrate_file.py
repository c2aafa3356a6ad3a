"""`bookreader illustrate` at a service: what is drawn, what could not be, and what the page says of both."""

from pathlib import Path

import pytest

from bookreader.errors import InvalidInput
from bookreader.illustrations.illustrate_file import illustrate_file
from bookreader.sample import sample_epub
from bookreader.settings import Settings
from tests.integration.illustrations.conftest import Fakes
from tests.integration.illustrations.fakes import openai_images


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "sample.epub"
    path.write_bytes(sample_epub())
    return path


async def test_a_service_draws_the_best_passages(book: Path, tmp_path: Path, settings: Settings, fakes: Fakes) -> None:
    assert await illustrate_file(settings, book, tmp_path / "out", service="openai_dalle", count=3) == 3
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert files == ["001.png", "002.png", "003.png", "index.html"]
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert page.count("made by openai_dalle") == 3
    assert len(fakes.openai.asked) == 3


async def test_what_could_not_be_drawn_is_told_in_its_place(
    book: Path, tmp_path: Path, settings: Settings, fakes: Fakes
) -> None:
    fakes.openai.troubles.append(openai_images.error(400, "moderation_blocked", "<b>no</b>"))
    assert await illustrate_file(settings, book, tmp_path / "out", service="openai_dalle", count=2) == 1
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "refused to draw this: &lt;b&gt;no&lt;/b&gt;" in page


async def test_a_service_that_is_not_set_up_is_named(book: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="choose one of plate"):
        await illustrate_file(Settings(), book, tmp_path / "out", service="openai_dalle", count=2)
