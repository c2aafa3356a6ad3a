"""The page of the reader: what it takes along, for whom, and what it does without."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from bookreader import pages
from bookreader.work import Installation
from tests.integration.api.conftest import Api

BLOCK = re.compile(
    r'<body><div id="app"></div><script type="application/json" id="answers">(.*?)</script></body></html>'
)
STRANGE = "</script><script>alert(1)</script><!-- Война & мир"


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A web app as the build makes one, in as few words as will do."""
    (tmp_path / "read.html").write_text('<html><body><div id="app"></div></body></html>')
    monkeypatch.setattr(pages, "STATIC", tmp_path)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page takes along is asked here, not how soon: a busy machine may take longer than people would wait."""
    monkeypatch.setattr(pages, "PATIENCE", 60)


async def answers_on(api: Api, book: str, device: str = "", accepted: str = "gzip") -> dict[str, Any]:
    cookies = {pages.DEVICE_COOKIE: quote(device)} if device else {}
    headers = {"Accept-Encoding": accepted, "Cookie": _cookies(api, cookies)}
    page = await api.client.get(f"/read/{book}", headers=headers)
    assert page.status_code == 200
    assert page.headers.get("content-encoding") == (accepted or None)
    assert page.headers["cache-control"] == "no-store"
    found = BLOCK.search(page.text)
    assert found, page.text
    answers: dict[str, Any] = json.loads(found[1])
    return answers


def _cookies(api: Api, more: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in {**dict(api.client.cookies), **more}.items())


@pytest.mark.parametrize("accepted", ["gzip", ""])
async def test_it_takes_along_what_the_api_would_answer(reader: Api, sample: str, accepted: str) -> None:
    found = await answers_on(reader, sample, accepted=accepted)
    assert list(found) == [f"/api/v1/{path}" for path in ("site", "me", *_of(sample, "manifest", "progress"))]
    for address, answer in found.items():
        assert answer == await reader.get(address.removeprefix("/api/v1/"))


async def test_a_device_is_told_where_it_was_and_what_another_left(reader: Api, sample: str) -> None:
    laptop = "Chrome, Linux #0a1b"
    await reader.place(sample, 1, None, laptop)
    await reader.place(sample, 3, None, "Phone")
    found = await answers_on(reader, sample, laptop)
    progress = found[f"/api/v1/books/{sample}/progress?device=Chrome%2C+Linux+%230a1b"]
    assert (progress["offer"]["device"], progress["offer"]["chapter"]) == ("Phone", 3)
    assert progress["current"] == (await reader.get(f"books/{sample}/progress"))["current"]


async def test_the_words_of_a_book_cannot_end_the_block(reader: Api, sample: str) -> None:
    await reader.patch(f"books/{sample}", {"title": STRANGE})
    found = await answers_on(reader, sample)
    assert found[f"/api/v1/books/{sample}/manifest"]["metadata"]["title"] == STRANGE


async def test_nobody_and_strangers_get_the_bare_page(
    reader: Api, sample: str, stranger: Api, visit: Callable[[], Api]
) -> None:
    assert await answers_on(visit(), sample) == {}
    assert await answers_on(stranger, sample) == {}
    assert await answers_on(reader, "01a226ce-5015-7464-8256-20103edd44ec") == {}
    assert await answers_on(reader, "no-book") == {}


async def test_a_database_that_hangs_does_not_hold_up_the_page(
    reader: Api, sample: str, here: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with here.database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("LOCK TABLE books IN ACCESS EXCLUSIVE MODE")
        with monkeypatch.context() as hurried:
            hurried.setattr(pages, "PATIENCE", 0.05)
            assert await asyncio.wait_for(answers_on(reader, sample), timeout=30) == {}
    assert await answers_on(reader, sample) != {}


@pytest.mark.parametrize(
    ("told", "policy"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, "same-origin"),
        ({"Sec-Fetch-Site": "same-origin"}, "same-origin"),
        ({"Sec-Fetch-Site": "none"}, "unsafe-none"),
        # Whoever does not say where they come from may have been sent.
        ({}, "same-origin"),
    ],
)
async def test_who_opened_a_page_is_cut_off_from_it(
    reader: Api, sample: str, told: dict[str, str], policy: str
) -> None:
    page = await reader.client.get(f"/read/{sample}", headers=told)
    assert page.headers["cross-origin-opener-policy"] == policy


def _of(book: str, *parts: str) -> list[str]:
    return [f"books/{book}/{part}" for part in parts]
