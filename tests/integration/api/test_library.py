"""From an uploaded file to a book that can be read, and everything that may go wrong on the way."""

import asyncio
from pathlib import Path

import pytest

from bookreader.jobs.worker import Worker
from bookreader.sample import sample_epub
from bookreader.work import Installation
from tests.books.build import Book, Page, build_epub
from tests.integration.api.conftest import Api, running_worker, until_jobs_end

REFUSED = {
    "epubcheck_encryption-unknown.epub": "protected",
    "epubcheck_zip-truncated.epub": "broken_archive",
    "versone_invalid-manifest-items_epub2.epub": "invalid_publication",
    "versone_missing-toc.epub": "invalid_publication",
}


async def test_the_sample_becomes_a_book_with_chapters_cover_and_pictures(reader: Api, sample: str) -> None:
    book = await reader.get(f"books/{sample}")
    assert book["is_parsed"]
    assert book["parsing_error"] is None
    assert book["authors"]
    manifest = await reader.get(f"books/{sample}/manifest")
    assert manifest["positions"] == book["total_pages"] == sum(item["positions"] for item in manifest["sections"])
    assert manifest["toc"]
    assert (await reader.get(f"books/{sample}/cover")).headers["content-type"].startswith("image/")
    chapters = (await reader.get(f"books/{sample}/chapters"))["items"]
    assert [chapter["number"] for chapter in chapters] == list(range(1, len(chapters) + 1))
    pictures = (await reader.get(f"books/{sample}/illustrations"))["items"]
    assert len(pictures) == 3
    assert {picture["label"] for picture in pictures} == {"offline_sketch"}
    image = await reader.client.get(pictures[0]["image"])
    assert image.headers["content-type"] == "image/svg+xml"
    assert image.content.lstrip().startswith(b"<svg")


async def test_a_chapter_is_served_as_locked_xhtml_that_may_be_kept_for_ever(reader: Api, sample: str) -> None:
    manifest = await reader.get(f"books/{sample}/manifest")
    answer = await reader.client.get(manifest["base"] + manifest["sections"][0]["href"])
    assert answer.headers["content-type"].startswith("application/xhtml+xml")
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert "script-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    old = manifest["base"].replace(manifest["version"], "0" * 16) + manifest["sections"][0]["href"]
    assert (await reader.client.get(old)).status_code == 404


async def test_the_files_beside_the_chapters_are_listed_with_their_sizes(reader: Api, sample: str) -> None:
    manifest = await reader.get(f"books/{sample}/manifest")
    files = (await reader.get(f"books/{sample}/resources"))["items"]
    assert {"text/css"} < {file["media_type"] for file in files}
    assert not {file["href"] for file in files} & {section["href"] for section in manifest["sections"]}
    for file in files:
        answer = await reader.client.get(manifest["base"] + file["href"])
        assert answer.headers["content-type"].partition(";")[0] == file["media_type"]
        assert len(answer.content) == file["size"]


async def test_the_worker_may_talk_to_this_server_only(reader: Api) -> None:
    answer = await reader.client.get("/sw.js")
    assert answer.headers["content-security-policy"] == "default-src 'none'; connect-src 'self'"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"].partition(";")[0] in ("text/javascript", "application/javascript")


async def test_descriptions_quote_the_chapter_verbatim(reader: Api, sample: str) -> None:
    found = (await reader.get(f"books/{sample}/descriptions"))["items"]
    assert found
    for item in found:
        text = (await reader.get(f"books/{sample}/chapters/{item['chapter']}"))["text"]
        assert text[item["start"] : item["end"]] == item["text"]
        assert item["cfi"].startswith("epubcfi(/6/")


async def test_the_file_comes_back_byte_for_byte(reader: Api, sample: str) -> None:
    assert (await reader.get(f"books/{sample}/file")).content == sample_epub()


async def test_the_same_bytes_are_one_book_also_when_sent_sixteen_times_at_once(reader: Api, worker: Worker) -> None:
    data = sample_epub()
    answers = await asyncio.gather(
        *(reader.client.post("/api/v1/books", files={"file": ("a.epub", data)}) for _ in range(16))
    )
    accepted = [answer.json()["id"] for answer in answers if answer.status_code == 202]
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert len(accepted) == 1
    assert len(refused) == 15
    assert {(answer["code"], answer["id"]) for answer in refused} == {("duplicate_book", accepted[0])}


@pytest.mark.parametrize("name", REFUSED)
async def test_broken_books_are_refused_at_once_and_leave_nothing(
    reader: Api, here: Installation, corpus: Path, name: str
) -> None:
    answer = await reader.client.post("/api/v1/books", files={"file": (name, (corpus / "books" / name).read_bytes())})
    assert (answer.status_code // 100, answer.json()["code"]) == (4, REFUSED[name])
    assert len(answer.json()["detail"]) > 20
    await _nothing_is_left(reader, here)


async def _nothing_is_left(reader: Api, here: Installation) -> None:
    assert (await reader.get("books"))["items"] == []
    assert (await reader.get("jobs"))["items"] == []
    assert not list((here.settings.data_dir / "files").rglob("blobs/*/*"))


async def test_no_book_empty_and_too_large_have_their_codes(reader: Api, here: Installation) -> None:
    assert (await reader.upload(b"just some text, no book at all", "a.epub", 415))["code"] == "unsupported_format"
    assert (await reader.upload(b"", "a.epub", 422))["code"] == "empty"
    assert (await reader.post("books", {}, 422))["code"] == "invalid_input"
    await _nothing_is_left(reader, here)


async def test_every_corpus_book_is_read_or_refused_by_its_code(reader: Api, worker: Worker, corpus: Path) -> None:
    for path in sorted((corpus / "books").iterdir()):
        answer = await reader.client.post("/api/v1/books", files={"file": (path.name, path.read_bytes())})
        if path.name in REFUSED:
            assert answer.json()["code"] == REFUSED[path.name], path.name
            continue
        assert answer.status_code == 202, (path.name, answer.text)
    await _until_parsed(reader)
    for book in (await reader.get("books?limit=50"))["items"]:
        assert book["is_parsed"], book
        assert book["total_pages"] >= 1


async def _until_parsed(reader: Api) -> None:
    async with asyncio.timeout(120):
        preparing = True
        while preparing:
            await asyncio.sleep(0.2)
            preparing = bool((await reader.get("books?state=preparing"))["items"])


async def test_a_deleted_book_can_be_brought_back(reader: Api, sample: str) -> None:
    await reader.delete(f"books/{sample}")
    assert (await reader.get("books"))["items"] == []
    await reader.get(f"books/{sample}", 404)
    assert (await reader.post(f"books/{sample}/restore"))["id"] == sample
    assert len((await reader.get("books"))["items"]) == 1


async def test_a_book_that_was_deleted_while_it_waited_is_read_when_it_comes_back(
    reader: Api, here: Installation
) -> None:
    found = (await reader.post("books/sample", status=202))["id"]
    await reader.delete(f"books/{found}")
    await reader.post(f"books/{found}/restore")
    async with running_worker(here):
        await _until_parsed(reader)
    assert (await reader.get(f"books/{found}"))["is_parsed"]


async def test_a_book_comes_back_only_where_the_plan_has_room(reader: Api, stranger: Api, here: Installation) -> None:
    await reader.patch(f"admin/readers/{(await stranger.get('me'))['id']}", {"plan": "FREE"})
    found = (await stranger.upload(sample_epub()))["id"]
    await stranger.delete(f"books/{found}")
    for number in range(here.settings.free_books):
        await stranger.upload(build_epub(Book(title=f"Book {number}", pages=[Page("One", "<p>Words.</p>")])))
    refused = await stranger.post(f"books/{found}/restore", status=403)
    assert refused["code"] == "quota_exceeded"


async def test_the_shelf_pages_by_cursor_and_filters_by_metadata(reader: Api, sample: str) -> None:
    book = (await reader.get("books?limit=1"))["items"][0]
    assert (await reader.get("books", params={"author": book["authors"][0]}))["items"]
    assert (await reader.get("books", params={"author": "Nobody"}))["items"] == []
    assert (await reader.get("books", params={"q": book["title"][:4]}))["items"]
    assert (await reader.get("books", params={"state": "unread"}))["items"]
    assert (await reader.get("books?cursor=nonsense", 422))["code"] == "bad_cursor"
    for sort in ("recent", "added", "title", "author"):
        assert (await reader.get("books", params={"sort": sort, "limit": 1}))["next"] is None


async def test_a_job_shows_its_progress_and_ends(reader: Api, worker: Worker) -> None:
    accepted = await reader.post("books/sample", status=202)
    jobs = await until_jobs_end(reader, accepted["id"])
    assert sorted({job["kind"] for job in jobs}) == ["cast", "describe", "illustrate", "parse"]
    assert {job["progress"] for job in jobs} == {100}


async def test_a_manifest_is_packed_for_who_can_unpack_it(reader: Api, sample: str) -> None:
    plain = await reader.client.get(f"/api/v1/books/{sample}/manifest", headers={"Accept-Encoding": "identity"})
    small = await reader.client.get(f"/api/v1/books/{sample}/manifest", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert small.json() == plain.json()
    assert int(small.headers["Content-Length"]) < int(plain.headers["Content-Length"])
    again = await reader.client.get(
        f"/api/v1/books/{sample}/manifest", headers={"If-None-Match": small.headers["ETag"]}
    )
    assert again.status_code == 304
