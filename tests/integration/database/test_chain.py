"""The chain on a real server: up, down and up again with rows at every step, offline, interrupted, two at once."""

import asyncio
import json
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import make_url

from bookreader.database.catalogue import SET_ASIDE, fingerprint, read_catalogue
from bookreader.database.cluster import wheel_folder
from bookreader.database.failures import DatabaseUnavailable, MigrationFailed, NotOurs
from bookreader.database.manifest import read_manifest
from bookreader.database.migrate import Change, connection_to, downgrade, is_at_head, upgrade
from bookreader.errors import InvalidInput
from tests.integration.conftest import Server
from tests.integration.database.rows import CHAIN, HEAD, IDS, before, connect, counts, fill, insert

# ruff: noqa: ASYNC220 - nothing else runs in the loop of a test

ROOT = Path(__file__).parents[3]
FIRST_NINE = IDS[: IDS.index("enum_checks_2025") + 1]


async def print_of(url: str) -> str:
    async with connection_to(url) as connection:
        return fingerprint(await read_catalogue(connection))


async def test_every_revision_runs_up_down_and_up_with_rows(empty_database_url: str) -> None:
    for revision in CHAIN:
        await upgrade(empty_database_url, revision.id)
        async with connect(empty_database_url) as connection:
            await fill(connection)
            full = await counts(connection)
        parent = before(revision.id)
        await downgrade(empty_database_url, parent.id if parent else "base")
        async with connect(empty_database_url) as connection:
            kept = await counts(connection)
        await upgrade(empty_database_url, revision.id)
        async with connect(empty_database_url) as connection:
            again = await counts(connection)
        assert kept.items() <= full.items(), revision.id
        assert {table: again[table] for table in kept} == kept, revision.id
    await downgrade(empty_database_url, "base")
    async with connect(empty_database_url) as connection:
        assert set(await counts(connection)) <= set(SET_ASIDE)
        assert await connection.fetchval("SELECT count(*) FROM pg_type WHERE typname LIKE 'subscription%'") == 0
    assert await upgrade(empty_database_url) == Change(None, HEAD)


async def test_a_database_is_at_every_revision_what_the_manifest_says(empty_database_url: str) -> None:
    manifest = read_manifest()
    assert manifest is not None
    assert [entry.revision for entry in manifest.entries] == IDS
    for entry in manifest.entries:
        await upgrade(empty_database_url, entry.revision)
        advice = f"{entry.revision} was edited: run `bookreader db doctor --lock`"
        assert await print_of(empty_database_url) == entry.fingerprint, advice
        assert entry.sha256 == next(each.sha256 for each in CHAIN if each.id == entry.revision), advice
    for entry in reversed(manifest.entries[:-1]):
        await downgrade(empty_database_url, entry.revision)
        found = await print_of(empty_database_url)
        # Extensions stay when they were made, because other programs may use them by then.
        async with connect(empty_database_url) as connection:
            if entry.revision in FIRST_NINE:
                await connection.execute("DROP EXTENSION IF EXISTS pg_trgm")
                found = await print_of(empty_database_url)
                await connection.execute("CREATE EXTENSION pg_trgm")
        assert found == entry.fingerprint, entry.revision


SPECIFIED = {
    # tables with alembic_version, indexes beside primary keys, foreign keys, checks, materialized views
    "4de5528c20b4": (8, 21, 7, 0, 0),
    "66ac03dc5ab6": (8, 22, 8, 0, 0),
    "8ca7de033db9": (8, 22, 8, 0, 0),
    "e94cab18247f": (8, 22, 8, 0, 0),
    "f1a2b3c4d5e6": (8, 31, 8, 0, 0),
    "bf69a2347ac9": (9, 40, 10, 0, 0),
    "a1b2c3d4e5f6": (9, 47, 10, 0, 2),
    "json_to_jsonb_2025": (9, 50, 10, 0, 2),
    "enum_checks_2025": (9, 50, 10, 4, 2),
}


def test_the_first_nine_revisions_make_as_many_objects_as_specified() -> None:
    manifest = read_manifest()
    assert manifest is not None
    assert list(SPECIFIED) == FIRST_NINE
    for revision, numbers in SPECIFIED.items():
        objects = manifest.catalogue(revision)
        found = (
            sum(each.kind == "table" for each in objects),
            sum(each.kind in ("index", "view index") for each in objects),
            sum(each.kind == "foreign key" for each in objects),
            sum(each.definition.startswith("CHECK") for each in objects),
            sum(each.kind == "materialized view" for each in objects),
        )
        assert found == numbers, revision


async def test_upgrading_what_is_at_head_changes_nothing(database_url: str) -> None:
    assert await upgrade(database_url) == Change(HEAD, HEAD)


# Rows that the earlier implementation could not take along


async def test_images_get_the_owner_of_their_book(empty_database_url: str) -> None:
    await upgrade(empty_database_url, "4de5528c20b4")
    async with connect(empty_database_url) as connection:
        await fill(connection)
    await upgrade(empty_database_url, "66ac03dc5ab6")
    async with connect(empty_database_url) as connection:
        assert await connection.fetchval(
            "SELECT bool_and(i.user_id = b.user_id) FROM generated_images i"
            " JOIN descriptions d ON d.id = description_id"
            " JOIN chapters c ON c.id = d.chapter_id JOIN books b ON b.id = c.book_id"
        )


async def test_settings_of_an_operator_are_kept_aside_and_empty_ones_go(empty_database_url: str) -> None:
    await upgrade(empty_database_url, "66ac03dc5ab6")
    async with connect(empty_database_url) as connection:
        await connection.execute("CREATE TABLE admin_settings (id int PRIMARY KEY, key text, is_active boolean)")
        await connection.execute("CREATE INDEX ix_admin_settings_key ON admin_settings (key)")
    await upgrade(empty_database_url, "8ca7de033db9")
    async with connect(empty_database_url) as connection:
        assert await connection.fetchval("SELECT to_regclass('admin_settings')") is None
        assert await connection.fetchval("SELECT to_regclass('admin_settings_retired')") is None
        await connection.execute("CREATE TABLE admin_settings (id int PRIMARY KEY, key text)")
        await connection.execute("INSERT INTO admin_settings VALUES (1, 'theme')")
    await downgrade(empty_database_url, "66ac03dc5ab6")
    await upgrade(empty_database_url)
    async with connect(empty_database_url) as connection:
        assert await connection.fetchval("SELECT key FROM admin_settings_retired") == "theme"
        await connection.execute("CREATE TABLE admin_settings AS SELECT 2 AS id, 'font' AS key")
    await downgrade(empty_database_url, "66ac03dc5ab6")
    with pytest.raises(MigrationFailed, match="both hold rows"):
        await upgrade(empty_database_url)


JSON = {
    "zero": ('{"a": "x\\u0000y"}', {"a": "xy"}),
    "zero after an escaped backslash": ('{"a": "x\\\\\\u0000"}', {"a": "x\\"}),
    "no zero, only its letters": ('{"a": "x\\\\u0000"}', {"a": "x\\u0000"}),
    "zero in a key": ('{"a\\u0000b": 1}', {"ab": 1}),
    "half a pair": ('{"a": "\\ud83d!"}', {"a": "�!"}),
    "other half": ('{"a": "!\\ude00"}', {"a": "!�"}),
    "whole pair": ('{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
    "key twice": ('{"a": 1, "a": 2}', {"a": 2}),
    "key twice inside": ('{"a": [{"b": 1, "b": 2}]}', {"a": [{"b": 2}]}),
    "number beyond all limits": ('{"a": 1e999999}', {"original": '{"a": 1e999999}'}),
    "plain": ('{"a": [1, 2.50, null]}', {"a": [1, 2.5, None]}),
}
LOSSLESS = {"no zero, only its letters", "whole pair", "plain"}


async def test_json_that_jsonb_refuses_is_taken_along_and_kept_as_it_was(empty_database_url: str) -> None:
    await upgrade(empty_database_url, "a1b2c3d4e5f6")
    ids: dict[str, UUID] = {}
    async with connect(empty_database_url) as connection:
        user = await insert(connection, "users")
        for name, (given, _) in JSON.items():
            ids[name] = await insert(connection, "books", user_id=user, book_metadata=given)
    await upgrade(empty_database_url)
    async with connect(empty_database_url) as connection:
        for name, (given, wanted) in JSON.items():
            found = await connection.fetchval("SELECT book_metadata FROM books WHERE id = $1", ids[name])
            assert json.loads(found) == wanted, name
            kept = await connection.fetchval(
                "SELECT original FROM json_to_jsonb_originals WHERE row_id = $1", ids[name]
            )
            assert kept == (None if name in LOSSLESS else given), name
        changed = ids["key twice"]
        await connection.execute("UPDATE books SET book_metadata = '{\"a\": 3}' WHERE id = $1", changed)
    await downgrade(empty_database_url, "a1b2c3d4e5f6")
    async with connect(empty_database_url) as connection:
        for name, (given, wanted) in JSON.items():
            found = await connection.fetchval("SELECT book_metadata FROM books WHERE id = $1", ids[name])
            if ids[name] == changed:
                assert json.loads(found) == {"a": 3}
            elif name in LOSSLESS:
                assert json.loads(found) == wanted, name
            else:
                assert found == given, name


async def test_unknown_genres_become_other_and_come_back(empty_database_url: str) -> None:
    await upgrade(empty_database_url, "json_to_jsonb_2025")
    async with connect(empty_database_url) as connection:
        user = await insert(connection, "users")
        book = await insert(connection, "books", user_id=user, genre="steampunk")
    await upgrade(empty_database_url)
    genre = "SELECT genre FROM books WHERE id = $1"
    async with connect(empty_database_url) as connection:
        assert await connection.fetchval(genre, book) == "other"
    await downgrade(empty_database_url, "json_to_jsonb_2025")
    async with connect(empty_database_url) as connection:
        assert await connection.fetchval(genre, book) == "steampunk"


async def test_other_unknown_values_are_refused_by_name_and_number(empty_database_url: str) -> None:
    await upgrade(empty_database_url, "json_to_jsonb_2025")
    async with connect(empty_database_url) as connection:
        user = await insert(connection, "users")
        for form in ("pdf", "pdf", "mobi"):
            await insert(connection, "books", user_id=user, file_format=form)
    with pytest.raises(MigrationFailed, match=r"books\.file_format") as caught:
        await upgrade(empty_database_url)
    assert "'pdf' in 2 rows" in caught.value.message
    assert "'mobi' in 1 rows" in caught.value.message
    async with connect(empty_database_url) as connection:
        assert await connection.fetchval("SELECT version_num FROM alembic_version") == "json_to_jsonb_2025"


async def test_plates_wait_aside_while_their_service_does_not_exist(empty_database_url: str) -> None:
    await upgrade(empty_database_url)
    async with connect(empty_database_url) as connection:
        await fill(connection)
        await connection.execute("UPDATE generated_images SET service_used = 'plate', alt_text = 'a lighthouse'")
    await downgrade(empty_database_url, "reconcile_2026")
    async with connect(empty_database_url) as connection:
        assert await connection.fetchval("SELECT count(*) FROM generated_images") == 0
        assert await connection.fetchval("SELECT count(*) FROM generated_images_plates_retired") == 1
    await upgrade(empty_database_url)
    async with connect(empty_database_url) as connection:
        assert await connection.fetchval("SELECT alt_text FROM generated_images") == "a lighthouse"
        assert await connection.fetchval("SELECT to_regclass('generated_images_plates_retired')") is None


# Foreign, retired and unknown stamps


async def test_a_database_with_a_retired_stamp_is_recognised(empty_database_url: str) -> None:
    await upgrade(empty_database_url, "66ac03dc5ab6")
    async with connect(empty_database_url) as connection:
        await connection.execute("UPDATE alembic_version SET version_num = '9ddbcaab926e'")
        await connection.execute("CREATE TABLE admin_settings (id int, key varchar(100), category text)")
    assert await upgrade(empty_database_url) == Change("66ac03dc5ab6", HEAD)


async def test_a_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    async with connect(database_url) as connection:
        await connection.execute("UPDATE alembic_version SET version_num = 'from_2031'")
    for move in (upgrade(database_url), downgrade(database_url, "base")):
        with pytest.raises(NotOurs, match="from_2031") as caught:
            await move
        assert "\n" not in caught.value.message
    async with connect(database_url) as connection:
        assert await connection.fetchval("SELECT version_num FROM alembic_version") == "from_2031"


async def test_a_database_of_another_program_is_left_alone(empty_database_url: str) -> None:
    async with connect(empty_database_url) as connection:
        await connection.execute("CREATE TABLE invoices (id int)")
    with pytest.raises(NotOurs, match="invoices"):
        await upgrade(empty_database_url)
    async with connect(empty_database_url) as connection:
        assert await counts(connection) == {"invoices": 0}
        assert await connection.fetchval("SELECT to_regclass('alembic_version')") is None


async def test_names_that_do_not_exist_are_refused(database_url: str) -> None:
    with pytest.raises(InvalidInput):
        await downgrade(database_url, "nowhere")
    with pytest.raises(InvalidInput, match="emails"):
        await upgrade(database_url, repair=["everything"])


# At once, and interrupted


async def test_two_upgrades_at_once_end_well(server: Server) -> None:
    for _ in range(2):
        name = await server.create()
        url = server.url_of(name)
        changes = await asyncio.gather(*(upgrade(url) for _ in range(3)))
        assert {change.after for change in changes} == {HEAD}
        assert sum(change.before is None for change in changes) == 1
        await server.drop(name)


UPGRADE = "import asyncio, sys; from bookreader.database.migrate import upgrade; asyncio.run(upgrade(sys.argv[1]))"


@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.7, 0.9])
async def test_an_upgrade_that_is_killed_in_the_middle_is_finished_by_the_next(
    server: Server, part: float, deep: bool
) -> None:
    """Then once more while the next one tries, deep many times."""
    name = await server.create()
    url = server.url_of(name)
    await upgrade(url, "enum_checks_2025")
    async with connect(url) as connection:
        await fill(connection)
        full = await counts(connection)
        await _kill_at(url, connection, part)
        for again in range(20 if deep else 1):  # what the first left undone is less
            await _kill_at(url, connection, (1 - part) * again / 25)
    await upgrade(url)
    manifest = read_manifest()
    assert manifest is not None
    assert await print_of(url) == manifest.by_id[HEAD].fingerprint
    async with connect(url) as connection:
        assert full.items() <= (await counts(connection)).items()
    await server.drop(name)


async def _kill_at(url: str, connection: Any, part: float) -> None:
    """Starts an upgrade and kills it when about `part` of its usual number of transactions has passed."""
    begun = await connection.fetchval(NEXT_TRANSACTION)
    process = subprocess.Popen([sys.executable, "-c", UPGRADE, url])
    async with asyncio.timeout(60):
        while process.poll() is None:
            if await connection.fetchval(NEXT_TRANSACTION) - begun > part * USUAL_TRANSACTIONS:
                break
            await asyncio.sleep(0)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


NEXT_TRANSACTION = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
USUAL_TRANSACTIONS = 180
"""Between enum_checks_2025 and head, roughly."""


async def test_a_table_that_others_hold_ends_in_a_sentence_and_nothing_is_changed(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bookreader.database.migrate.LOCK_TIMEOUT", "100ms")
    monkeypatch.setattr("bookreader.database.migrate.TRIES", 2)
    await upgrade(empty_database_url, "4de5528c20b4")
    async with connect(empty_database_url) as connection, connection.transaction():
        await connection.execute("LOCK TABLE generated_images IN ACCESS SHARE MODE")
        with pytest.raises(DatabaseUnavailable, match="busy"):
            await upgrade(empty_database_url)
    await upgrade(empty_database_url)


# Offline, and with plain alembic


def psql(pg_bindir: Path | None) -> str:
    return str((pg_bindir or wheel_folder()) / "psql")


def run(command: list[str], url: str, *, given: str | None = None) -> str:
    environment = {"BOOKREADER_DATABASE_URL": url, "PATH": "/usr/bin:/bin", "HOME": str(Path.home())}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, input=given, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def alembic(url: str, *arguments: str) -> str:
    return run([sys.executable, "-m", "alembic", *arguments], url)


def libpq(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def test_offline_sql_runs_up_and_down(empty_database_url: str, pg_bindir: Path | None) -> None:
    run_sql = [psql(pg_bindir), "-X", "-q", "-v", "ON_ERROR_STOP=1", libpq(empty_database_url)]
    up = alembic(empty_database_url, "upgrade", "head", "--sql")
    assert not [line for line in up.splitlines() if line.startswith(("INFO", "Running", "="))]
    down = alembic(empty_database_url, "downgrade", "head:base", "--sql")
    for _ in range(2):
        run(run_sql, empty_database_url, given=up)
        assert asyncio.run(is_at_head_of(empty_database_url))
        run(run_sql, empty_database_url, given=down + "DROP TABLE alembic_version;")
    run(run_sql, empty_database_url, given=up)
    manifest = read_manifest()
    assert manifest is not None
    assert asyncio.run(print_of(empty_database_url)) == manifest.by_id[HEAD].fingerprint


async def is_at_head_of(url: str) -> bool:
    async with connection_to(url) as connection:
        return await is_at_head(connection.engine)


def test_plain_alembic_commands_work_in_the_checkout(empty_database_url: str) -> None:
    assert alembic(empty_database_url, "current") == ""
    alembic(empty_database_url, "upgrade", "head")
    assert alembic(empty_database_url, "current").split() == [HEAD, "(head)"]
    assert alembic(empty_database_url, "heads").split() == [HEAD, "(head)"]
    assert "9ddbcaab926e" not in alembic(empty_database_url, "history")
    assert "No new upgrade operations detected" in alembic(empty_database_url, "check")
    alembic(empty_database_url, "downgrade", "-1")
    assert alembic(empty_database_url, "current").split() == [IDS[-2]]
    alembic(empty_database_url, "upgrade", "head")


def test_plain_alembic_follows_a_retired_stamp(empty_database_url: str) -> None:
    alembic(empty_database_url, "upgrade", "66ac03dc5ab6")

    async def retire() -> None:
        async with connect(empty_database_url) as connection:
            await connection.execute("UPDATE alembic_version SET version_num = '9ddbcaab926e'")

    asyncio.run(retire())
    alembic(empty_database_url, "upgrade", "head")
    assert alembic(empty_database_url, "current").split() == [HEAD, "(head)"]


async def test_times_in_the_views_are_utc_whoever_refreshes(database_url: str) -> None:
    async with connect(database_url) as connection:
        user = await insert(connection, "users")
        book = await insert(connection, "books", user_id=user)
        midnight = datetime.now(UTC).replace(hour=0, minute=30, second=0, microsecond=0)
        await insert(connection, "reading_sessions", user_id=user, book_id=book, started_at=midnight)
        marked = await connection.fetch("SELECT day FROM reading_dirty_user_days")
        assert [row["day"] for row in marked] == [midnight.date()]
        await connection.execute("SET timezone = 'America/Los_Angeles'")
        await connection.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY reading_sessions_daily_stats")
        await connection.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY user_reading_patterns")
