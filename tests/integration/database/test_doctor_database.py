"""The doctor on databases: orphan stamps, drift, health, and files that only the database remembers."""

import shutil
from pathlib import Path

import pytest

from bookreader.database.chain import Chain, read_chain
from bookreader.database.doctor import Report, look, visit
from bookreader.database.manifest import MANIFEST
from bookreader.database.migrate import VERSIONS, upgrade
from bookreader.settings import Settings
from tests.integration.database.rows import CHAIN, HEAD, connect, fill


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url=database_url)


async def examine(url: str, *, fix: bool = False, folder: Path | None = None) -> Report:
    return await look(Settings(database_url=url), folder, url, fix=fix)


async def change(url: str, *statements: str) -> None:
    async with connect(url) as connection:
        for statement in statements:
            await connection.execute(statement)


async def test_our_chain_and_a_database_at_head_are_healthy(settings: Settings, database_url: str) -> None:
    async with connect(database_url) as connection:
        await fill(connection)
    report = await visit(settings, None, database=True, fix=False)
    assert report.as_json() == {"findings": []}


async def test_where_there_is_no_database_yet_none_is_made(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", cluster_dir=tmp_path / "cluster")
    report = await visit(settings, None, database=True, fix=False)
    assert report.healthy
    assert not (tmp_path / "cluster").exists()


async def test_an_empty_database_is_no_finding(empty_database_url: str) -> None:
    report = await examine(empty_database_url)
    assert report.healthy
    assert "empty" in report.notes[0]


async def test_an_older_database_is_healthy_and_told_what_is_pending(empty_database_url: str) -> None:
    await upgrade(empty_database_url, "product_2026")
    report = await examine(empty_database_url)
    assert report.healthy, report.as_text()
    assert "pending" in report.notes[0]


# Orphan stamps


async def test_a_retired_stamp_is_led_to_its_ancestor(empty_database_url: str) -> None:
    await upgrade(empty_database_url, "66ac03dc5ab6")
    await change(empty_database_url, "UPDATE alembic_version SET version_num = '9ddbcaab926e'")
    (finding,) = (await examine(empty_database_url)).findings
    assert (finding.code, finding.revision) == ("orphan_stamp", "9ddbcaab926e")
    assert "66ac03dc5ab6" in finding.message
    report = await examine(empty_database_url, fix=True)
    assert report.healthy, report.as_text()
    await upgrade(empty_database_url)


@pytest.mark.parametrize("revision", ["f1a2b3c4d5e6", "enum_checks_2025", HEAD])
@pytest.mark.parametrize("stamp", ["0123456789ab", None, "no table"])
async def test_a_database_is_recognised_by_what_it_consists_of(
    empty_database_url: str, revision: str, stamp: str | None
) -> None:
    await upgrade(empty_database_url, revision)
    if stamp == "no table":
        await change(empty_database_url, "DROP TABLE alembic_version")
    else:
        await change(empty_database_url, "DELETE FROM alembic_version")
        if stamp:
            await change(empty_database_url, f"INSERT INTO alembic_version VALUES ('{stamp}')")
    (finding,) = (await examine(empty_database_url)).findings
    assert finding.code == "orphan_stamp"
    assert f"it IS at {revision}" in finding.message
    report = await examine(empty_database_url, fix=True)
    assert report.healthy, report.as_text()
    async with connect(empty_database_url) as connection:
        assert await connection.fetchval("SELECT version_num FROM alembic_version") == revision


async def test_an_unknown_database_is_compared_with_the_nearest_revision(empty_database_url: str) -> None:
    await upgrade(empty_database_url, "enum_checks_2025")
    await change(
        empty_database_url,
        "UPDATE alembic_version SET version_num = '0123456789ab'",
        "DROP INDEX idx_books_metadata_gin",
        "CREATE TABLE loans (id int)",
    )
    (finding,) = (await examine(empty_database_url)).findings
    assert "nearest to enum_checks_2025, with 2 differences" in finding.message
    assert any("idx_books_metadata_gin is missing" in each for each in finding.evidence)
    assert not (await examine(empty_database_url, fix=True)).fixed


# Drift and health


async def test_drift_is_ordered_by_risk_and_ended_but_for_what_destroys(database_url: str) -> None:
    await change(
        database_url,
        "DROP INDEX ix_books_author",
        "DROP MATERIALIZED VIEW user_reading_patterns",
        "ALTER TABLE books DROP CONSTRAINT check_book_genre",
        "ALTER TABLE books ALTER COLUMN genre DROP NOT NULL",
        "CREATE TABLE stray AS SELECT 'precious' AS row",
    )
    report = await examine(database_url)
    assert {each.code for each in report.findings} == {"drift"}
    risks = [each.evidence[0].removeprefix("risk: ") for each in report.findings]
    assert risks == ["integrity"] * 3 + ["behaviour", "speed"]
    report = await examine(database_url, fix=True)
    assert len(report.fixed) == 6
    (left,) = report.findings
    assert "table stray is not ours" in left.message.lower()
    async with connect(database_url) as connection:
        assert await connection.fetchval("SELECT row FROM stray") == "precious"


async def test_a_repair_that_the_rows_refuse_changes_nothing(database_url: str) -> None:
    async with connect(database_url) as connection:
        await connection.execute("ALTER TABLE books DROP CONSTRAINT check_book_genre")
        await connection.execute("DROP INDEX ix_books_author")
        await fill(connection)
        await connection.execute("UPDATE books SET genre = 'none of ours'")
    report = await examine(database_url, fix=True)
    assert "check_book_genre" in (report.proof or "")
    assert report.fixed == []
    assert len(report.findings) == 2


SICK = {
    "view_unpopulated": "REFRESH MATERIALIZED VIEW reading_sessions_daily_stats WITH NO DATA",
    "index_redundant": "DROP INDEX ix_books_author; CREATE INDEX ix_books_author ON books (author);"
    " CREATE INDEX odd ON books (author)",
    "view_stale": "INSERT INTO reading_days VALUES (current_date, 1, 1, 1, 1, 1, 1, 1);"
    " INSERT INTO upkeep_runs VALUES ('refresh', now() - interval '3 days')",
}


@pytest.mark.parametrize("code", SICK)
async def test_what_is_unhealthy_is_found(database_url: str, code: str) -> None:
    await change(database_url, SICK[code])
    assert code in {each.code for each in (await examine(database_url)).findings}


async def test_an_index_that_could_not_be_built_is_found_and_built(database_url: str) -> None:
    async with connect(database_url) as connection:
        await fill(connection)
        await fill(connection)
        await connection.execute("UPDATE users SET full_name = 'Ann'")
        with pytest.raises(Exception, match="could not create unique index"):
            await connection.execute("CREATE UNIQUE INDEX CONCURRENTLY broken ON users (full_name)")
        await connection.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_books_author'::regclass"
        )
    codes = {each.code for each in (await examine(database_url)).findings}
    assert codes == {"drift", "index_invalid"}
    await change(database_url, "DROP INDEX broken")
    report = await examine(database_url, fix=True)
    assert report.healthy, report.as_text()


# Files


def copy(tmp_path: Path) -> Chain:
    """Our chain in a folder of its own, with its manifest."""
    shutil.copytree(VERSIONS, tmp_path / "versions", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(MANIFEST, tmp_path)
    return read_chain(tmp_path)


async def test_an_edited_and_a_removed_revision_are_found(tmp_path: Path, database_url: str) -> None:
    chain = copy(tmp_path)
    edited = chain.by_id["e94cab18247f"].path
    edited.write_text(edited.read_text(encoding="utf-8").replace("0.0", "1.0"), encoding="utf-8")
    chain.by_id["66ac03dc5ab6"].path.unlink()
    report = await examine(database_url, folder=tmp_path)
    found = {(each.code, each.revision) for each in report.findings}
    assert found == {
        ("missing_parent", "8ca7de033db9"),
        ("edited_revision", "66ac03dc5ab6"),
        ("edited_revision", "e94cab18247f"),
    }
    missing = next(each for each in report.findings if each.code == "missing_parent")
    assert missing.repair.down_revision == "4de5528c20b4"
    assert any("the database keeps the text of 66ac03dc5ab6" in each for each in missing.evidence)


async def test_every_applied_revision_is_kept_word_for_word(database_url: str) -> None:
    async with connect(database_url) as connection:
        kept = await connection.fetch("SELECT revision, parent, file_name, source FROM schema_revisions")
    assert {(row["revision"], row["file_name"], row["source"]) for row in kept} == {
        (each.id, each.path.name, each.text) for each in CHAIN
    }
