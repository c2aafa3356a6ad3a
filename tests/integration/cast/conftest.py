"""A small book with three people, found at import."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bookreader.settings import Settings
from tests.books.build import Book, Page, build_epub, paragraphs
from tests.integration.api.conftest import Api, until_jobs_end
from tests.integration.api.conftest import here as here
from tests.integration.api.conftest import reader as reader
from tests.integration.api.conftest import stranger as stranger
from tests.integration.api.conftest import visit as visit
from tests.integration.api.conftest import worker as worker

MANY = " ".join(["Nothing was to be seen on the road but the dust, and the dust lay still in the heat of noon."] * 60)
FIRST = (
    "At the mill Silas Crane was a tall man with a red face and a grey beard.",
    "Then Silas Crane went away. Everybody knew Crane, and nobody liked Crane.",
    "The low hill behind the mill lay bare and yellow under the sun, and a white road ran down to the black water.",
    "Mary Webb had blue eyes. The others saw Mary Webb at the well, and Mary Webb saw them.",
    "He came back. Crane sat down. He wore an old hat.",
)
LAST = (
    "Now Silas Crane was an old man with white hair.",
    "There Robert Grey stood. They looked at Robert Grey, and Robert Grey wore a green coat.",
)


def book() -> bytes:
    pages = [
        Page("One", paragraphs(*FIRST, MANY)),
        Page("Two", paragraphs(MANY, MANY)),
        Page("Three", paragraphs(*LAST)),
    ]
    return build_epub(Book(title="The Mill", pages=pages))


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(
        data_dir=tmp_path / "data",
        database_url=database_url,
        plates_per_book=1,
        pollinations_key=SecretStr("never sent"),
    )


@pytest.fixture
async def mill(reader: Api, worker: Any) -> str:
    accepted = await reader.upload(book())
    jobs = await until_jobs_end(reader, accepted["id"])
    assert {(job["kind"], job["state"]) for job in jobs} >= {("cast", "done"), ("describe", "done")}, jobs
    return str(accepted["id"])
