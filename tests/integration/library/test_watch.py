"""The watched folder: what is complete is taken once, what is refused waits until it changes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bookreader.accounts.manage import add_user
from bookreader.accounts.queries import first_administrator
from bookreader.jobs.queries import jobs_of
from bookreader.library.watch import Watch
from bookreader.sample import sample_epub
from bookreader.settings import Settings
from bookreader.work import Installation, installation


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url=database_url)


@pytest.fixture
async def here(settings: Settings) -> AsyncIterator[Installation]:
    assert settings.database_url
    async with installation(settings, settings.database_url, migrate=False) as opened:
        yield opened


@pytest.fixture
def watch(here: Installation, tmp_path: Path) -> Watch:
    return Watch(tmp_path / "books", here.database, here.storage, here.pipeline.parser, 10_000_000)


async def books_on_shelf(here: Installation) -> int:
    async with here.database.transaction() as session:
        owner = await first_administrator(session)
        assert owner is not None
        return len(await jobs_of(session, owner.id))


async def test_a_book_is_taken_once_it_is_complete_and_only_once(
    here: Installation, settings: Settings, watch: Watch
) -> None:
    await add_user(settings, "ada@example.org", "correct horse", None)
    (watch.folder / "deep").mkdir(parents=True)
    (watch.folder / "notes.txt").write_text("no book")
    (watch.folder / "deep" / "sample.epub").write_bytes(sample_epub())
    assert await watch.look() == 0, "it may still be arriving"
    assert await watch.look() == 1
    assert await watch.look() == 0
    (watch.folder / "again.epub").write_bytes(sample_epub())
    assert [await watch.look() for _ in range(3)] == [0, 0, 0]
    assert await books_on_shelf(here) == 1


async def test_a_refused_file_is_tried_again_only_when_it_changed(
    here: Installation, settings: Settings, watch: Watch
) -> None:
    await add_user(settings, "ada@example.org", "correct horse", None)
    watch.folder.mkdir()
    file = watch.folder / "a.epub"
    file.write_bytes(b"no book at all")
    assert [await watch.look() for _ in range(3)] == [0, 0, 0]
    file.write_bytes(sample_epub())
    assert [await watch.look() for _ in range(2)] == [0, 1]
    assert await books_on_shelf(here) == 1


async def test_without_an_administrator_or_a_folder_nothing_happens_yet(
    here: Installation, settings: Settings, watch: Watch
) -> None:
    assert await watch.look() == 0
    watch.folder.mkdir()
    (watch.folder / "sample.epub").write_bytes(sample_epub())
    assert [await watch.look() for _ in range(2)] == [0, 0]
    await add_user(settings, "ada@example.org", "correct horse", None)
    assert await watch.look() == 1
