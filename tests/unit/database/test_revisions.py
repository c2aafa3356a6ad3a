"""What every revision file has to be like. How to write one: docs/operations/database.md."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bookreader.database.catalogue import SET_ASIDE
from bookreader.database.chain import Revision, read_chain
from bookreader.database.diagnosis import diagnose
from bookreader.database.manifest import read_manifest
from bookreader.database.migrate import RETIRED, VERSIONS, head

ROOT = Path(__file__).parents[3]
CHAIN = read_chain(VERSIONS)
ORDERED = CHAIN.ordered()
NEW = ORDERED[9:]

NOT_FOR_US = {
    "ban-char-field": "content hashes have exactly 64 characters",
    "ban-drop-constraint": "a rule is replaced in one statement, see _replace and _rule",
    "prefer-bigint-over-int": "counters of one book or person",
    "prefer-bigint-over-smallint": "hours of a day",
    "prefer-identity": "the queue's tables are its author's",
    "prefer-robust-stmts": "each revision is a transaction; what is not, runs again by design and is tested so",
    "prefer-text-field": "lengths are part of the schema",
    "require-lock-timeout": "set on the connection of every upgrade",
    "require-statement-timeout": "validating a large table may take its time, and locks nobody out",
}


def test_the_chain_is_healthy_and_has_one_head() -> None:
    assert diagnose(CHAIN, {}, RETIRED) == []
    assert [each.id for each in CHAIN.heads] == [head()]


@pytest.mark.parametrize("revision", ORDERED, ids=lambda each: each.id)
def test_files_are_named_by_date_id_and_slug(revision: Revision) -> None:
    assert re.fullmatch(rf"\d{{4}}_\d\d_\d\d_\d{{4}}-{revision.id}_[a-z0-9_]+", revision.path.stem)
    assert revision.documented_id == revision.id
    assert revision.documented == revision.parents


@pytest.mark.parametrize("revision", ORDERED, ids=lambda each: each.id)
def test_what_destroys_says_so_in_the_docstring(revision: Revision) -> None:
    """DROP TABLE and DROP COLUMN take rows and values away: on the way up that breaks running programs, on the way down
    it loses data. Views and what a revision has just made for itself do not count."""
    doc = ast.get_docstring(ast.parse(revision.text)) or ""
    destructive = rf"DROP (TABLE|COLUMN)(?! IF EXISTS| {'| '.join(SET_ASIDE)})"
    upgrade, downgrade = (_text_of(revision.text, name) for name in ("upgrade", "downgrade"))
    if re.search(destructive, upgrade):
        assert "BREAKING CHANGE:" in doc
    if re.search(destructive, downgrade):
        assert "Data loss:" in doc


def _text_of(source: str, function: str) -> str:
    tree = ast.parse(source)
    return next(
        ast.get_source_segment(source, node) or ""
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name == function
    )


@pytest.mark.parametrize("revision", ORDERED, ids=lambda each: each.id)
def test_nothing_is_printed_or_inspected_so_that_offline_sql_is_clean(revision: Revision) -> None:
    names = {node.id for node in ast.walk(ast.parse(revision.text)) if isinstance(node, ast.Name)}
    assert not names & {"print", "inspect"}
    assert "get_bind" not in revision.text


@pytest.mark.parametrize("revision", NEW, ids=lambda each: each.id)
def test_squawk_finds_nothing_in_the_sql_of_new_revisions(revision: Revision) -> None:
    sql = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", f"{revision.parents[0]}:{revision.id}", "--sql"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    squawk = Path(sys.executable).with_name("squawk")
    done = subprocess.run(
        [squawk, "--pg-version", "15.0", "--reporter", "Gcc", "--exclude", ",".join(NOT_FOR_US)],
        input=sql,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_first_nine_are_locked_word_for_word() -> None:
    manifest = read_manifest()
    assert manifest is not None
    locked = [entry for entry in manifest.entries if entry.locked]
    assert len(locked) == 9
    for entry in locked:
        assert CHAIN.by_id[entry.revision].sha256 == entry.sha256, f"{entry.revision} was edited after it was locked"
