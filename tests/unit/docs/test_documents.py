"""What the documents name exists."""

import re
from pathlib import Path

import pytest
import typer

from bookreader.cli import app
from bookreader.illustrations.providers import Cause
from bookreader.settings import Settings

ROOT = Path(__file__).parents[3]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
# Read by the tests and the checks, not by the app.
OTHER_VARIABLES = {"BOOKREADER_CORPUS", "BOOKREADER_DEEP", "BOOKREADER_CI"}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_links_lead_to_files(path: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text("utf-8"))
    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_settings_that_are_named_exist(path: Path) -> None:
    named = set(re.findall(r"BOOKREADER_[A-Z_0-9]+[A-Z0-9]", path.read_text("utf-8")))
    assert named - OTHER_VARIABLES - {f"BOOKREADER_{name.upper()}" for name in Settings.model_fields} == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_commands_and_targets_that_are_named_exist(path: Path) -> None:
    text = path.read_text("utf-8")
    commands = set(getattr(typer.main.get_command(app), "commands", {}))
    assert set(re.findall(r"(?:`|bin/)bookreader ([a-z]+)", text)) - commands == set()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE)) - targets == set()


def test_reasons_of_missing_pictures_are_listed_and_have_sentences() -> None:
    listed = (ROOT / "docs" / "errors.md").read_text("utf-8")
    sentences = (ROOT / "web" / "src" / "pictures" / "reasons.ts").read_text("utf-8")
    assert [cause for cause in Cause if f"`{cause}`" not in listed or f"  {cause}: " not in sentences] == []


def test_readme_begins_with_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert re.findall(r"^(make \w+)", text, re.MULTILINE)[:2] == ["make up", "make test"]


def test_every_decision_is_listed_and_fits_a_page() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text("utf-8")
    for number, path in enumerate(sorted(folder.glob("0*.md")), 1):
        text = path.read_text("utf-8")
        assert text.startswith(f"# {number}. ")
        assert f"({path.name})" in index
        assert len(text.split()) <= 400
