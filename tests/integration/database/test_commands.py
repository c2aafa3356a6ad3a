"""`bookreader db ...`: answers for people and programs, exit codes, and one sentence for everything that goes wrong."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import make_url
from typer.testing import CliRunner

from bookreader.cli import app
from bookreader.database.catalogue import fingerprint, read_catalogue
from bookreader.database.manifest import read_manifest
from bookreader.database.migrate import connection_to, upgrade
from bookreader.database.snapshot import of_head
from tests.integration.database.rows import HEAD, IDS, connect

ROOT = Path(__file__).parents[3]

Command = Callable[..., Result]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Runs a command on a database."""

    def run(url: str, *arguments: str) -> Result:
        environment = {"BOOKREADER_DATABASE_URL": url, "BOOKREADER_DATA_DIR": str(tmp_path / "data")}
        return CliRunner().invoke(app, ["db", *arguments], env=environment)

    return run


def answer(result: Result, code: int = 0) -> Any:
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_upgrade_and_downgrade(command: Command, empty_database_url: str) -> None:
    url = empty_database_url
    assert answer(command(url, "upgrade", "--json")) == {"before": None, "after": HEAD}
    assert answer(command(url, "upgrade", "--json")) == {"before": HEAD, "after": HEAD}
    assert "nothing to do" in command(url, "upgrade").output
    assert answer(command(url, "downgrade", "--json")) == {"before": HEAD, "after": IDS[-2]}
    assert answer(command(url, "downgrade", "base", "--json")) == {"before": IDS[-2], "after": None}
    assert answer(command(url, "upgrade", "8ca7de033db9", "--json")) == {"before": None, "after": "8ca7de033db9"}


def test_current_lists_what_is_pending(command: Command, empty_database_url: str) -> None:
    url = empty_database_url
    assert answer(command(url, "current", "--json")) == {"revision": None, "head": HEAD, "pending": IDS}
    asyncio.run(upgrade(url, IDS[3]))
    assert answer(command(url, "current", "--json"))["pending"] == IDS[4:]
    listed = command(url, "current", "--history").output
    assert [line.split()[:2] for line in listed.splitlines()[1:]] == [
        ["applied" if each in IDS[:4] else "pending", each] for each in IDS
    ]


def test_ping_says_who_answers(command: Command, database_url: str) -> None:
    found = answer(command(database_url, "ping", "--json"))
    assert found["at_head"] is True
    assert found["revision"] == HEAD
    assert int(found["server"].split(".")[0]) >= 15
    assert found["answer_ms"] > 0
    assert "answer_ms" in command(database_url, "ping").output


def test_doctor_is_healthy_or_not(command: Command, database_url: str) -> None:
    assert answer(command(database_url, "doctor", "--json")) == {"findings": []}

    async def lose() -> None:
        async with connect(database_url) as connection:
            await connection.execute("DROP INDEX ix_books_author")

    asyncio.run(lose())
    (finding,) = answer(command(database_url, "doctor", "--json"), 1)["findings"]
    assert finding["code"] == "drift"
    assert finding["repair"]["commands"] == ["CREATE INDEX ix_books_author ON public.books USING btree (author)"]
    assert "ix_books_author is missing" in command(database_url, "doctor").output
    assert answer(command(database_url, "doctor", "--fix", "--json"))["fixed"]
    assert command(database_url, "doctor").exit_code == 0


def test_upkeep_is_shown_and_done(command: Command, database_url: str) -> None:
    assert set(answer(command(database_url, "upkeep", "--json"))) == {"refresh", "backup", "schema", "drill", "sweep"}
    assert answer(command(database_url, "upkeep", "refresh", "--json"))["refresh"]["days"] == 0
    done = answer(command(database_url, "upkeep", "--all", "--json"))
    assert done["drill"]["problems"] == []
    assert answer(command(database_url, "upkeep", "dishes", "--json"), 2)["error"]["code"] == "invalid_input"


# The snapshot


def test_the_committed_schema_is_what_the_revisions_make() -> None:
    kept = (ROOT / "docs" / "operations" / "schema.sql").read_text(encoding="utf-8")
    advice = "run `bookreader db doctor --lock`, then `bookreader db schema --head --out docs/operations/schema.sql`"
    assert kept == of_head(), advice


def test_the_schema_of_a_database_is_that_of_its_revision(command: Command, database_url: str, tmp_path: Path) -> None:
    assert command(database_url, "schema").output == of_head()
    target = tmp_path / "schema.sql"
    assert answer(command(database_url, "schema", "--out", str(target), "--json")) == {"out": str(target)}
    assert target.read_text(encoding="utf-8") == of_head()


async def test_the_committed_schema_builds_a_database_that_is_at_head(empty_database_url: str) -> None:
    async with connect(empty_database_url) as connection, connection.transaction():
        await connection.execute((ROOT / "docs" / "operations" / "schema.sql").read_text(encoding="utf-8"))
    manifest = read_manifest()
    assert manifest is not None
    async with connection_to(empty_database_url) as opened:
        assert fingerprint(await read_catalogue(opened)) == manifest.by_id[HEAD].fingerprint
    assert (await upgrade(empty_database_url)).before == HEAD


# What goes wrong


def wrong(url: str, **changes: Any) -> str:
    return make_url(url).set(**changes).render_as_string(hide_password=False)


READING = ("current", "ping", "upgrade", "downgrade", "backup", "schema", "doctor", "upkeep")
BAD = {
    "nobody listens": ("postgresql://u:p@127.0.0.1:1/x", "database_unavailable"),
    "no such database": ("missing", "database_refused"),
}


@pytest.mark.parametrize("name", READING)
@pytest.mark.parametrize("bad", BAD)
def test_a_server_that_does_not_let_us_in_is_one_sentence(
    command: Command, database_url: str, name: str, bad: str
) -> None:
    address, code = BAD[bad]
    url = address if "://" in address else wrong(database_url, database=address)
    result = command(url, name, "--json")
    error = answer(result, 2)["error"]
    assert error["code"] == code
    assert "\n" not in error["message"]
    assert "Traceback" not in result.output
    plain = command(url, name)
    assert plain.exit_code == 2
    assert plain.stderr.count("\n") == 1
    assert f"[{code}]" in plain.stderr


def test_wrong_settings_are_one_sentence(command: Command) -> None:
    result = command("mysql://somewhere/else", "ping")
    assert result.exit_code == 2
    assert result.stderr.startswith("bookreader: BOOKREADER_DATABASE_URL: ")


def test_databases_that_are_not_ours_are_left_alone(command: Command, empty_database_url: str) -> None:
    async def make(statement: str) -> None:
        async with connect(empty_database_url) as connection:
            await connection.execute(statement)

    asyncio.run(make("CREATE TABLE invoices (id int)"))
    assert answer(command(empty_database_url, "upgrade", "--json"), 2)["error"]["code"] == "not_our_database"
    asyncio.run(
        make("CREATE TABLE alembic_version (version_num varchar(32)); INSERT INTO alembic_version VALUES ('x')")
    )
    for name in ("upgrade", "downgrade"):
        assert answer(command(empty_database_url, name, "--json"), 2)["error"]["code"] == "not_our_database"
    assert answer(command(empty_database_url, "doctor", "--json"), 1)["findings"][0]["code"] == "orphan_stamp"
    assert (
        answer(command(empty_database_url, "upgrade", "--repair", "all", "--json"), 2)["error"]["code"]
        == "invalid_input"
    )


def test_a_wrong_password_is_one_sentence(command: Command, database_url: str) -> None:
    """Where the server of the tests asks for none, a role that does not exist stands for it."""
    error = answer(command(wrong(database_url, username="nobody_we_know"), "ping", "--json"), 2)["error"]
    assert error["code"] == "database_refused"
