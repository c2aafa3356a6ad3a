"""The app on a real database, without its workers: each test runs those that it needs; and a model to be asked."""

from collections.abc import AsyncIterator

import pytest

from bookreader.descriptions.llm import read
from tests.integration.api.conftest import here as here
from tests.integration.api.conftest import reader as reader
from tests.integration.api.conftest import visit as visit
from tests.integration.descriptions.chat import chat
from tests.integration.illustrations.fakes.server import FakeServer


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "PAUSE", 0.0)


@pytest.fixture
async def model() -> AsyncIterator[FakeServer]:
    async with FakeServer(chat) as started:
        yield started
