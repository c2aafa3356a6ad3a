"""`bookreader inspect`, `describe`, `illustrate` and `import`."""

import asyncio
from pathlib import Path

import pytest

from bookreader.descriptions.rules import RULES_VERSION
from bookreader.sample import sample_epub
from tests.books.build import build_fb2
from tests.books.novel import novel, novel_book
from tests.integration.cli.conftest import Command, Done
from tests.integration.descriptions.chat import MODEL, chat, environment_of
from tests.integration.illustrations.fakes.server import FakeServer

pytestmark = pytest.mark.processes


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "good measure.epub"
    path.write_bytes(sample_epub())
    return path


def test_inspect_shows_what_a_book_holds(command: Command, sample: Path) -> None:
    shown = command("inspect", sample, "--json").json
    assert shown["format"] == "epub"
    assert shown["metadata"]["title"] == "Good Measure"
    assert shown["metadata"]["authors"] == ["BookReader AI"]
    assert [item["linear"] for item in shown["reading_order"]] == [True] * 7
    assert shown["cover"] == "images/cover.svg"
    assert shown["positions"] >= 7
    assert shown["warnings"] == []
    assert {"href", "title", "linear", "characters", "words"} == set(shown["reading_order"][0])
    assert "The Box" in command("inspect", sample).out


def test_inspect_shows_the_text_when_asked(command: Command, sample: Path) -> None:
    items = command("inspect", sample, "--json", "--text").json["reading_order"]
    assert all(len(item["text"]) == item["characters"] > 0 for item in items)


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "empty"), (b"no book", "unsupported_format"), (sample_epub()[:5000], "broken_archive")]
)
def test_what_is_no_book_has_its_code_in_both_forms(command: Command, tmp_path: Path, data: bytes, code: str) -> None:
    (tmp_path / "a.epub").write_bytes(data)
    as_json, plain = command("inspect", tmp_path / "a.epub", "--json"), command("inspect", tmp_path / "a.epub")
    assert (as_json.code, plain.code) == (2, 2)
    assert as_json.json["error"]["code"] == code
    assert plain.err == f"bookreader: {as_json.json['error']['message']} [{code}]\n"


def test_a_file_that_is_not_there_is_named(command: Command, tmp_path: Path) -> None:
    done = command("inspect", tmp_path / "none.epub", "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "no_such_file")


def test_describe_prints_lines_best_first_that_quote_the_chapter(command: Command, sample: Path) -> None:
    rows = command("describe", sample, "--json").lines
    texts = [item["text"] for item in command("inspect", sample, "--json", "--text").json["reading_order"]]
    assert rows
    assert [row["priority"] for row in rows] == sorted((row["priority"] for row in rows), reverse=True)
    for row in rows:
        assert texts[row["chapter"] - 1][row["start"] : row["end"]] == row["text"]
        assert row["cfi"].startswith("epubcfi(/6/")
        assert row["type"] in ("location", "character", "atmosphere", "object", "action")
        assert 0 <= row["confidence"] <= 1


def test_describe_scores_every_paragraph_of_a_plain_text(command: Command, tmp_path: Path) -> None:
    paragraphs = ["The red barn stood on a green hill.", "“Yes,” he said.", "На холме стоял белый дом."]
    (tmp_path / "a.txt").write_text("\n\n".join(paragraphs), encoding="utf-8")
    rows = command("describe", tmp_path / "a.txt", "--json", "--paragraphs", "--language", "en").lines
    assert [(row["chapter"], row["index"], row["text"]) for row in rows] == [
        (1, index, text) for index, text in enumerate(paragraphs)
    ]
    assert rows[0]["score"] > rows[1]["score"]


def test_describe_says_why_nothing_was_found(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("“Yes,” he said.\n\n“No,” said she.", encoding="utf-8")
    (row,) = command("describe", tmp_path / "a.txt", "--json", "--explain").lines
    assert (row["chapter"], row["found"], row["code"]) == (1, 0, "little_to_see")
    assert row["message"] in command("describe", tmp_path / "a.txt", "--explain").out


def test_describe_says_nothing_of_the_dictionaries_it_reads(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("— Да, — сказал он.", encoding="utf-8")
    assert command("describe", tmp_path / "a.txt", "--explain", "--language", "ru").err == ""


async def test_describe_asks_a_language_model_for_what_may_be_spent(command: Command, sample: Path) -> None:
    async with FakeServer(chat) as model:
        settings = environment_of(model)

        async def describe(*more: str, **settings: str) -> Done:
            return await asyncio.to_thread(command, "describe", sample, "--json", *more, **settings)

        rules = (await describe(**settings)).lines
        nothing = await describe("--spend", "0", **settings)
        assert (nothing.code, model.asked) == (0, [])
        assert [row | {"engine": RULES_VERSION} for row in rules] == nothing.lines
        whole = (await describe("--spend", "1", **settings)).lines
        asked = len(model.asked)
        by_model = [row for row in whole if row["engine"] == f"llm:{MODEL}"]
        assert asked >= 7
        assert by_model
        assert all(row["cfi"].startswith("epubcfi(/6/") for row in by_model)
        assert [row["priority"] for row in whole] == sorted((row["priority"] for row in whole), reverse=True)
        little = await describe("--spend", "0.02", **settings)
        assert 0 < len(model.asked) - asked < asked
        assert "budget_reached" in little.err
    refused = await describe("--spend", "1")
    assert (refused.code, refused.json["error"]["code"]) == (2, "service_not_configured")


def test_illustrate_writes_pictures_and_a_page_that_shows_them(command: Command, sample: Path, tmp_path: Path) -> None:
    out = tmp_path / "pictures"
    assert command("illustrate", sample, "--out", out, "--count", "3").code == 0
    page = (out / "index.html").read_text(encoding="utf-8")
    pictures = sorted(out.glob("*.svg"))
    assert len(pictures) == 3
    for picture in pictures:
        assert picture.name in page
    assert page.count("offline sketch") == 3
    refused = command("illustrate", sample, "--out", out, "--service", "nobody")
    assert (refused.code, "nobody" in refused.err) == (2, True)


def test_a_folder_is_imported_with_a_summary_and_again_without_harm(
    command: Command, person: str, sample: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "library"
    (folder / "deep" / "er").mkdir(parents=True)
    sample.rename(folder / "a.epub")
    (folder / "deep" / "novel.epub").write_bytes(novel(3, 200))
    (folder / "deep" / "er" / "b.FB2").write_bytes(build_fb2(novel_book(2, 200)))
    (folder / "deep" / "er" / "c.fb2.zip").write_bytes(build_fb2(novel_book(2, 300), zipped=True))
    (folder / "copy.epub").write_bytes(novel(3, 200))
    (folder / "broken.epub").write_bytes(b"PK\x03\x04 no more")
    (folder / "readme.txt").write_text("not meant")
    first = command("import", folder, "--user", person, "--json")
    assert first.code == 1
    assert (first.json["imported"], first.json["already_there"]) == (4, 1)
    (refusal,) = first.json["refused"]
    assert (refusal["file"], refusal["code"]) == (str(folder / "broken.epub"), "broken_archive")
    again = command("import", folder, "--user", person)
    assert again.code == 1
    assert again.out.splitlines()[-1] == "0 imported, 5 already there, 1 refused"
    assert "[broken_archive]" in again.out
    assert again.err == "", "quiet when piped"


def test_an_import_for_nobody_says_so(command: Command, sample: Path) -> None:
    done = command("import", sample, "--user", "nobody@example.org")
    assert (done.code, done.out) == (2, "")
    assert "nobody@example.org" in done.err
