"""Servers and programs on one data folder, ended after each test whatever became of them."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bookreader.database.embedded import EmbeddedServer
from tests.integration.embedded.processes import App, MakeServer, StartApp, postgres_of

APP = Path(__file__).with_name("app.py")


@pytest.fixture
async def start_app(short_folder: Path, pg_bindir: Path | None) -> AsyncIterator[StartApp]:
    apps: list[App] = []

    async def start(mode: str, data_dir: Path = short_folder, **how: Any) -> App:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-W", "error", APP, mode, data_dir, str(pg_bindir or ""), stdin=PIPE, stdout=PIPE, **how
        )
        apps.append(App(process))
        return apps[-1]

    yield start
    for app in apps:
        with suppress(ProcessLookupError):
            app.process.kill()
        await app.process.communicate()


@pytest.fixture
async def make_server(short_folder: Path, pg_bindir: Path | None) -> AsyncIterator[MakeServer]:
    """Servers on one data folder, which are stopped after the test whatever became of them."""
    servers: list[EmbeddedServer] = []

    def make(data_dir: Path = short_folder, **how: Any) -> EmbeddedServer:
        servers.append(EmbeddedServer(data_dir, **{"pg_bindir": pg_bindir, "say": lambda _: None, **how}))
        return servers[-1]

    yield make
    last = EmbeddedServer(short_folder, pg_bindir=pg_bindir, say=lambda _: None)
    for server in servers:
        await server.stop()
    if postgres_of(short_folder):
        await last.start()
        await last.stop()
