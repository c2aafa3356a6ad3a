"""From the command to a server that answers, on a data folder that is already there."""

import asyncio
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.rows import Row, median_seconds
from benchmarks.server import ROOT, running, serve_command
from bookreader.database.embedded import EmbeddedServer
from bookreader.settings import Settings
from tests.folders import passing_folder

STARTS = 3
READY_SECONDS = 5.0


def run() -> list[Row]:
    python = median_seconds(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True))
    with passing_folder() as folder:
        with running(folder) as (_, first):
            pass
        ready = statistics.median(_ready_seconds(folder, serve_command()) for _ in range(STARTS))
        postgres = statistics.median(asyncio.run(_postgres_seconds(folder)) for _ in range(STARTS))
        rows = [
            Row("first start, with a new database", first, reference="a warm start", reference_value=ready),
            Row("warm start: serve to ready", ready, reference="python -c pass", reference_value=python),
            Row("the same", ready, reference="PostgreSQL alone", reference_value=postgres),
        ]
        if (ROOT / "src" / "bookreader" / "static" / "index.html").is_file():
            up = statistics.median(_ready_seconds(folder, ["make", "--silent", "up"]) for _ in range(STARTS))
            rows.append(Row("warm start: make up to ready", up, reference="serve alone", reference_value=ready))
        return [*rows[:-1], _with_goal(rows[-1])]


def _with_goal(row: Row) -> Row:
    return Row(row.name, row.value, row.unit, row.reference, row.reference_value, READY_SECONDS)


def _ready_seconds(folder: Path, command: list[str]) -> float:
    with running(folder, command) as (_, seconds):
        return seconds


async def _postgres_seconds(folder: Path) -> float:
    settings = Settings(data_dir=folder, cluster_dir=folder / "database")
    begun = time.perf_counter()
    async with EmbeddedServer.from_settings(settings):
        return time.perf_counter() - begun
