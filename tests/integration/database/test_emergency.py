"""The emergency guide is run, command by command, on a database that gets broken as the guide says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from bookreader.database.cluster import wheel_folder
from bookreader.database.migrate import upgrade
from bookreader.settings import Settings
from bookreader.storage import Storage
from tests.integration.conftest import Server
from tests.integration.database.rows import HEAD, connect, fill

# ruff: noqa: ASYNC221 - nothing else runs in the loop of a test

ROOT = Path(__file__).parents[3]
GUIDE = ROOT / "docs" / "operations" / "emergency-restore.md"
STEP = re.compile(r"(?:<!-- test: (?P<damage>.+?) -->\n)?```sh\n(?P<commands>.+?)```", re.DOTALL)


def steps() -> list[dict[str, Any]]:
    return [found.groupdict() for found in STEP.finditer(GUIDE.read_text(encoding="utf-8"))]


async def break_it(url: str, damage: str) -> None:
    async with connect(url) as connection:
        if damage == "empty":
            damage = "DROP SCHEMA public CASCADE; DROP SCHEMA jobs CASCADE; CREATE SCHEMA public"
        await connection.execute(damage)


async def test_every_command_of_the_guide_works(server: Server, tmp_path: Path, pg_bindir: Path | None) -> None:
    if shutil.which("unzip") is None:
        pytest.skip("the guide uses unzip, which is not installed")
    name = await server.create()
    url = server.url_of(name)
    await upgrade(url, "enum_checks_2025")
    async with connect(url) as connection:
        await fill(connection)
    data = tmp_path / "data"
    await Storage.from_settings(Settings(data_dir=data)).put(b"a book")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{pg_bindir or wheel_folder()}:{os.environ['PATH']}",
        "BOOKREADER_DATA_DIR": str(data),
        "BOOKREADER_DATABASE_URL": make_url(url).set(drivername="postgresql").render_as_string(hide_password=False),
        "BACKUPS": str(data / "backups"),
        "CHECKOUT": str(ROOT),
        "NAME": name,
    }
    found = steps()
    assert len(found) >= 10
    for step in found:
        if step["damage"]:
            await break_it(url, step["damage"])
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", step["commands"]],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{step['commands']}\n{done.stdout}\n{done.stderr}"
    async with connect(url) as connection:
        assert await connection.fetchval("SELECT version_num FROM alembic_version") == HEAD
    await server.drop(name)


@pytest.mark.parametrize("page", ["database.md", "emergency-restore.md"])
def test_every_command_in_the_pages_exists(page: str) -> None:
    import typer

    from bookreader.cli import app

    commands = typer.main.get_command(app).commands["db"].commands  # type: ignore[attr-defined]
    text = (ROOT / "docs" / "operations" / page).read_text(encoding="utf-8")
    named = set(re.findall(r"bookreader db (\w+)", text))
    assert named
    assert named <= set(commands)
