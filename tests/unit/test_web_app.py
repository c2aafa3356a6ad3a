"""The built web app on the wire: its pages, and its files, packed where the browser can unpack them."""

import gzip
from pathlib import Path

import httpx
import pytest

from bookreader import app, pages

SCRIPT = b"export const words = 'in the beginning';\n" * 40


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> httpx.AsyncClient:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "large.js").write_bytes(SCRIPT)
    (tmp_path / "assets" / "large.js.gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path / "assets" / "small.css").write_text("p { margin: 0 }")
    (tmp_path / "index.html").write_text("the page")
    (tmp_path / "read.html").write_text("the page with the reader's files")
    monkeypatch.setattr(pages, "STATIC", tmp_path)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app.create_app()), base_url="http://here")


async def test_a_large_file_is_sent_packed_and_keeps_its_type(built: httpx.AsyncClient) -> None:
    answer = await built.get("/assets/large.js", headers={"Accept-Encoding": "gzip, deflate"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert int(answer.headers["content-length"]) < len(SCRIPT) / 10
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content == SCRIPT


@pytest.mark.parametrize("accepted", ["identity", "", "br, gzip;q=0", "gzip; q=0.000", "x-gzip-like"])
async def test_who_cannot_unpack_gets_it_as_it_is(built: httpx.AsyncClient, accepted: str) -> None:
    answer = await built.get("/assets/large.js", headers={"Accept-Encoding": accepted})
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content == SCRIPT


@pytest.mark.parametrize("accepted", ["gzip;q=0.5", "br;q=1, GZIP"])
async def test_any_weight_above_zero_will_do(built: httpx.AsyncClient, accepted: str) -> None:
    answer = await built.get("/assets/large.js", headers={"Accept-Encoding": accepted})
    assert answer.headers["content-encoding"] == "gzip"


async def test_a_range_is_one_of_the_file_itself(built: httpx.AsyncClient) -> None:
    answer = await built.get("/assets/large.js", headers={"Accept-Encoding": "gzip", "Range": "bytes=0-5"})
    assert (answer.status_code, answer.content) == (206, SCRIPT[:6])
    assert "content-encoding" not in answer.headers


async def test_packed_files_have_no_address_of_their_own(built: httpx.AsyncClient) -> None:
    assert (await built.get("/assets/large.js.gz")).status_code == 404


async def test_a_file_that_was_not_packed_is_sent_as_it_is(built: httpx.AsyncClient) -> None:
    answer = await built.get("/assets/small.css", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    assert answer.text == "p { margin: 0 }"


async def test_an_address_of_the_reader_gets_its_page_and_its_head_needs_no_database(built: httpx.AsyncClient) -> None:
    answer = await built.head("/read/01a22645-c248-7503-a740-4eec47e9cf78")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize("path", ["/", "/books/1", "/read/", "/read/a/b", "/read/%22%3E%3C"])
async def test_any_other_page_is_the_app_alone(built: httpx.AsyncClient, path: str) -> None:
    answer = await built.get(path)
    assert answer.text == "the page"
    assert answer.headers["cache-control"] == "no-cache"


async def test_the_pages_have_no_address_of_their_own(built: httpx.AsyncClient) -> None:
    assert [(await built.get(path)).status_code for path in ("/index.html", "/read.html")] == [404, 404]
