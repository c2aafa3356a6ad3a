"""The doctor on folders of revisions: broken in every known way, healthy in several, each a file in chains/."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bookreader.database.chain import NoRevisions
from bookreader.database.doctor import look
from bookreader.settings import Settings
from tests.integration.conftest import Server

CASES = {path.stem: path for path in sorted((Path(__file__).parent / "chains").glob("*.toml"))}
PROVED = (
    "origin",
    "two-bases",
    "cycle",
    "copied-id",
    "long-id",
    "missing-base",
    "missing-parent-unknown",
    "not-python",
)
"""Cases whose repair is proved and made each time; deep, all are."""
TEMPLATE = '''"""{title}

Revision ID: {called}
Revises: {revises}
"""

from alembic import op

revision = {id!r}
down_revision = {parents!r}
branch_labels = {labels!r}
depends_on = {needs!r}


def upgrade():
    {up}


def downgrade():
    {down}
'''


def build(folder: Path, files: list[dict[str, Any]]) -> Path:
    """The folder of version files that a case describes."""
    versions = folder / "versions"
    versions.mkdir(parents=True)
    for each in files:
        (versions / f"{each['name']}.py").write_text(each.get("text") or _source(each), encoding="utf-8")
    return versions


def _source(each: dict[str, Any]) -> str:
    parents = tuple(each["parents"]) if "parents" in each else each.get("parent")
    listed = ", ".join(parents) if isinstance(parents, tuple) else parents or ""
    return TEMPLATE.format(
        title=each["name"],
        called=each.get("called", each["id"]),
        revises=each.get("revises", listed),
        id=each["id"],
        parents=parents,
        labels=each.get("labels"),
        needs=each.get("needs"),
        up=each.get("up", "pass"),
        down=each.get("down", "pass"),
    )


@pytest.fixture
def scratch_settings(server: Server, tmp_path: Path) -> Settings:
    """Scratch databases on the server of the tests, which is quicker than one of their own."""
    return Settings(data_dir=tmp_path / "data", database_url=server.maintenance_url)


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}


@pytest.mark.parametrize("name", CASES)
async def test_a_chain_gets_the_right_findings_and_repairs(
    name: str, tmp_path: Path, scratch_settings: Settings, deep: bool
) -> None:
    case = tomllib.loads(CASES[name].read_text(encoding="utf-8"))
    expected: list[dict[str, Any]] = case.get("expected", [])
    folder = build(tmp_path, case["file"])
    before = texts(folder)
    report = await look(scratch_settings, folder, None)
    assert texts(folder) == before, "looking changes nothing"
    assert [(each.code, each.revision) for each in report.findings] == [
        (each["code"], each.get("revision")) for each in expected
    ]
    for found, wanted in zip(report.as_json()["findings"], expected, strict=True):
        if "down_revision" in wanted or "begins" in wanted:
            assert found["repair"]["down_revision"] == wanted.get("down_revision")
        evidence = "\n".join(found["evidence"])
        assert all(sentence in evidence for sentence in wanted.get("evidence", []))
    if expected and (deep or name in PROVED):
        await _fix(folder, scratch_settings, expected)


async def _fix(folder: Path, settings: Settings, expected: list[dict[str, Any]]) -> None:
    before = texts(folder)
    report = await look(settings, folder, None, fix=True)
    fixable = [each for each in expected if each["fixed"]]
    if len(fixable) == len(expected):
        assert report.healthy, report.as_text()
        assert report.fixed
        assert "runs from an empty database" in (report.proof or "")
        assert (await look(settings, folder, None)).findings == []
    else:
        assert not report.healthy
        assert texts(folder) == before, "what cannot be proved is left alone"


def run_doctor(folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> tuple[int, Any]:
    command = [sys.executable, "-m", "bookreader", "db", "doctor", "--versions", str(folder), "--json", *arguments]
    done = subprocess.run(
        command, env=os.environ | (environment or {}), capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, json.loads(done.stdout)


def test_the_command_answers_in_json_with_exit_codes(tmp_path: Path) -> None:
    origin = tomllib.loads(CASES["origin"].read_text(encoding="utf-8"))
    code, answer = run_doctor(build(tmp_path / "broken", origin["file"]))
    assert code == 1
    (finding,) = answer["findings"]
    assert finding["code"] == "missing_parent"
    assert finding["revision"] == "8ca7de033db9"
    assert finding["repair"]["down_revision"] == "66ac03dc5ab6"
    assert finding["repair"]["commands"]
    assert "+down_revision = '66ac03dc5ab6'" in finding["repair"]["patch"]
    assert len(finding["evidence"]) >= 3

    healthy = tomllib.loads(CASES["healthy-chain"].read_text(encoding="utf-8"))
    assert run_doctor(build(tmp_path / "healthy", healthy["file"])) == (0, {"findings": []})

    code, answer = run_doctor(tmp_path / "nowhere")
    assert code == 2
    assert answer["error"]["code"] == "no_revisions"


async def test_a_folder_without_revisions_is_no_healthy_chain(tmp_path: Path, scratch_settings: Settings) -> None:
    with pytest.raises(NoRevisions):
        await look(scratch_settings, tmp_path, None)


async def test_the_folder_is_found_from_anywhere_in_the_project(tmp_path: Path, scratch_settings: Settings) -> None:
    case = tomllib.loads(CASES["missing-parent-by-a-slip"].read_text(encoding="utf-8"))
    build(tmp_path / "migrations", case["file"])
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n", encoding="utf-8")
    for folder in (tmp_path, tmp_path / "migrations", tmp_path / "migrations" / "versions"):
        assert [each.code for each in (await look(scratch_settings, folder, None)).findings] == ["missing_parent"]


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, "-C", folder, *arguments], check=True, capture_output=True, timeout=30)


async def test_git_remembers_who_deleted_a_revision_and_what_is_lost(
    tmp_path: Path, scratch_settings: Settings
) -> None:
    """With several loose ends and no other sign, the history decides."""
    files: list[dict[str, Any]] = [
        {"name": "a_one", "id": "one1", "up": 'op.execute("CREATE TABLE one (id int)")'},
        {"name": "b_two", "id": "two2", "parent": "one1"},
        {"name": "c_three", "id": "three3", "parent": "one1"},
        {"name": "d_gone", "id": "gone4", "parent": "two2", "up": 'op.create_table("admin_settings")'},
        {"name": "e_gone", "id": "gone5", "parent": "gone4"},
        {"name": "f_last", "id": "last6", "parent": "gone5"},
    ]
    versions = build(tmp_path, files)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "Begin")
    for name in ("d_gone", "e_gone"):
        (versions / f"{name}.py").unlink()
    git(tmp_path, "commit", "-qam", "Remove dead code")
    report = await look(scratch_settings, versions, None)
    finding = report.findings[0].as_json()
    assert (finding["code"], finding["revision"]) == ("missing_parent", "last6")
    assert finding["repair"]["down_revision"] == "two2"
    evidence = "\n".join(finding["evidence"])
    assert "Remove dead code" in evidence
    assert "its own parent was two2" in evidence


async def test_a_repair_that_does_not_run_is_not_made(tmp_path: Path, scratch_settings: Settings) -> None:
    case = tomllib.loads(CASES["missing-parent-by-place"].read_text(encoding="utf-8"))
    case["file"][1]["up"] = 'op.execute("ALTER TABLE of_the_lost_revision ADD COLUMN x int")'
    folder = build(tmp_path, case["file"])
    before = texts(folder)
    report = await look(scratch_settings, folder, None, fix=True)
    assert not report.healthy
    assert "of_the_lost_revision" in (report.proof or "")
    assert "Nothing was changed" in (report.proof or "")
    assert texts(folder) == before


def test_revisions_are_never_imported_by_looking(tmp_path: Path) -> None:
    case = tomllib.loads(CASES["healthy-chain"].read_text(encoding="utf-8"))
    folder = build(tmp_path, case["file"])
    for path in folder.glob("*.py"):
        path.write_text(path.read_text(encoding="utf-8") + "\nraise SystemExit('imported')\n", encoding="utf-8")
    assert run_doctor(folder) == (0, {"findings": []})
