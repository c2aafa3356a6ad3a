"""The command line as people and programs use it: real processes, their output and their exit codes."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.serving.processes import BOOKREADER

SECONDS = 120


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Command = Callable[..., Done]


@pytest.fixture
def command(database_url: str, tmp_path: Path) -> Command:
    """Runs `bookreader` on a database and a data folder of this test's own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BOOKREADER_")}
    environment = clean | {"BOOKREADER_DATABASE_URL": database_url, "BOOKREADER_DATA_DIR": str(tmp_path / "data")}

    def run(*arguments: str | Path, stdin: str = "", **settings: str) -> Done:
        done = subprocess.run(
            [BOOKREADER, *arguments], input=stdin, capture_output=True, text=True, timeout=SECONDS, check=False,
            env=environment | settings,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def person(command: Command) -> str:
    """The e-mail address of a person with an account."""
    done = command("user", "add", "ada@example.org", "--password", "correct horse")
    assert done.code == 0, done.err
    return "ada@example.org"
