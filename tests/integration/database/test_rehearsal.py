"""`db upgrade --plan`: what is pending is rehearsed, reported per statement, and nothing is changed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bookreader.database.catalogue import fingerprint, read_catalogue
from bookreader.database.migrate import connection_to, upgrade
from bookreader.database.rehearsal import CLONE, SERVER, Plan, known_lock, rehearse
from bookreader.settings import Settings
from tests.integration.conftest import Server
from tests.integration.database.rows import IDS, connect, counts, fill, insert


async def state(url: str) -> tuple[str, dict[str, int]]:
    async with connection_to(url) as opened:
        found = fingerprint(await read_catalogue(opened))
    async with connect(url) as connection:
        return found, await counts(connection)


async def plan(url: str, revision: str = "head", **options: Any) -> Plan:
    """The rehearsal, and that it changed nothing and left nothing behind."""
    before = await state(url)
    found = await rehearse(url, Settings(database_url=url), revision, **options)
    assert await state(url) == before
    async with connect(url) as connection:
        assert not await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname LIKE '%scratch%'")
    return found


async def at(url: str, revision: str) -> None:
    await upgrade(url, revision)
    async with connect(url) as connection:
        await fill(connection)
        await connection.execute("ANALYZE")


async def test_what_runs_in_a_transaction_is_rehearsed_on_the_server(empty_database_url: str) -> None:
    await at(empty_database_url, "a1b2c3d4e5f6")
    found = await plan(empty_database_url, "json_to_jsonb_2025")
    assert found.problem is None
    assert found.pending == ["json_to_jsonb_2025"]
    assert {each.where for each in found.statements} == {SERVER}
    (change,) = [each for each in found.statements if each.sql.startswith("ALTER TABLE books ")]
    assert (change.lock, change.relation, change.rows) == ("AccessExclusiveLock", "books", 1)
    assert change.rewrites == ["books"]
    assert change.seconds > 0


async def test_what_must_commit_is_rehearsed_on_a_clone_with_rows(empty_database_url: str) -> None:
    await at(empty_database_url, "enum_checks_2025")
    found = await plan(empty_database_url)
    assert found.problem is None
    assert found.cloned_rows
    assert found.pending == IDS[IDS.index("reconcile_2026") :]
    assert {each.where for each in found.statements} == {CLONE}
    assert {each.revision for each in found.statements} == set(found.pending)
    validated = next(each for each in found.statements if "VALIDATE CONSTRAINT books_user_id_fkey" in each.sql)
    assert (validated.lock, validated.relation) == ("ShareUpdateExclusiveLock", "books")
    assert not [each for each in found.statements if each.rewrites and each.revision != "rollups_2026"]


async def test_both_when_both_are_pending(empty_database_url: str) -> None:
    await at(empty_database_url, "json_to_jsonb_2025")
    found = await plan(empty_database_url)
    by_place = {place: {each.revision for each in found.statements if each.where == place} for place in (SERVER, CLONE)}
    assert by_place[SERVER] == {"enum_checks_2025"}
    assert by_place[CLONE] == set(found.pending) - {"enum_checks_2025"}


async def test_rows_that_are_in_the_way_are_named(empty_database_url: str) -> None:
    await at(empty_database_url, "enum_checks_2025")
    async with connect(empty_database_url) as connection:
        user = await insert(connection, "users")
        book = await insert(connection, "books", user_id=user)
        for _ in range(2):
            await insert(connection, "reading_progress", user_id=user, book_id=book)
    found = await plan(empty_database_url)
    assert found.problem is not None
    assert "--repair=progress" in found.problem
    assert (await plan(empty_database_url, repair=["progress"])).problem is None


async def test_who_is_in_the_way_is_named(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bookreader.database.rehearsal.LOCK_TIMEOUT", "500ms")
    await at(empty_database_url, "66ac03dc5ab6")
    async with connect(empty_database_url) as connection, connection.transaction():
        await connection.execute("SET application_name = 'a long report'")
        await connection.execute("SELECT count(*) FROM reading_progress")
        found = await plan(empty_database_url)
    assert found.problem is not None
    assert "Others hold" in found.problem
    assert any("a long report" in blocker for each in found.statements for blocker in each.blockers)


async def test_at_head_nothing_is_pending(database_url: str) -> None:
    found = await plan(database_url)
    assert (found.pending, found.statements, found.problem) == ([], [], None)


def test_locks_that_are_gone_when_asked_about_are_known_from_the_statement() -> None:
    assert known_lock("CREATE INDEX CONCURRENTLY a ON books (title)") == ("books", "ShareUpdateExclusiveLock")
    assert known_lock("ALTER TABLE books ALTER COLUMN title SET DEFAULT 'x'") == ("books", "AccessExclusiveLock")
    assert known_lock("SELECT 1") is None


async def test_the_command_reports_and_exits_by_what_it_found(server: Server, tmp_path: Path) -> None:
    name = await server.create()
    url = server.url_of(name)
    settings = os.environ | {"BOOKREADER_DATABASE_URL": url, "BOOKREADER_DATA_DIR": str(tmp_path)}

    def command(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "bookreader", "db", "upgrade", "--plan", *arguments],
            env=settings, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    code, answer = command("--json")
    assert code == 0
    assert json.loads(answer)["pending"] == IDS
    await at(url, "json_to_jsonb_2025")
    async with connect(url) as connection:
        await connection.execute("UPDATE books SET file_format = 'pdf'")
    code, answer = command()
    assert code == 1
    assert "'pdf' in 1 rows" in answer
    await upgrade(url, "json_to_jsonb_2025")
    async with connect(url) as connection:
        await connection.execute("UPDATE books SET file_format = 'epub'")
    await upgrade(url)
    assert command() == (0, "Nothing is pending.\n")

    await server.drop(name)
