"""What works on jobs: the parts of an installation, a worker alone, an import, and the rounds beside them.

Nothing here needs the web: a worker's process stays small.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from bookreader.database import Database
from bookreader.database.embedded import EmbeddedServer, running_url
from bookreader.database.migrate import upgrade
from bookreader.descriptions.extract import DescriptionPool
from bookreader.errors import BookReaderError
from bookreader.jobs.names import JobKind
from bookreader.jobs.worker import Handler, Worker
from bookreader.library.import_folder import Summary, Ticker, book_files, import_files
from bookreader.library.parse import ParserPool
from bookreader.library.watch import Watch
from bookreader.pipeline import Pipeline, upkeep
from bookreader.settings import Settings
from bookreader.storage import Storage

log = structlog.get_logger()

GRACE = 3
"""Seconds that requests in flight and jobs get when the server stops; all of it takes less than ten."""
CUT, CUTS = 0.5, 4
"""Seconds that cancelled tasks get before they are told again, and how often."""
UPKEEP = 60
"""Seconds between two rounds of upkeep."""
WATCH = 2
"""Seconds between two looks into the watched folder."""


@dataclass(frozen=True)
class Installation:
    """The parts that every long-running command needs, open."""

    settings: Settings
    database: Database
    storage: Storage
    pipeline: Pipeline


@asynccontextmanager
async def installation(settings: Settings, url: str, *, migrate: bool = True) -> AsyncIterator[Installation]:
    """Opens storage, database (at the newest revision) and the pools of child processes; closes them in turn."""
    async with AsyncExitStack() as stack:
        storage = Storage.from_settings(settings)
        if migrate:
            await upgrade(url)
        database = await stack.enter_async_context(Database.from_settings(settings, url))
        parser, describer = ParserPool.from_settings(settings), DescriptionPool.from_settings(settings)
        stack.push_async_callback(parser.close)
        stack.push_async_callback(describer.close)
        yield Installation(settings, database, storage, Pipeline(settings, database, storage, parser, describer))


async def work(settings: Settings) -> None:
    """Runs a worker alone until SIGINT or SIGTERM."""
    stop = stop_event()
    async with AsyncExitStack() as stack:
        url = settings.database_url or await embedded(settings, stack)
        here = await stack.enter_async_context(installation(settings, url))
        worker = make_worker(here, here.pipeline.handlers())
        background = [asyncio.create_task(keep_working(worker)), asyncio.create_task(keep_up(here))]
        stack.push_async_callback(end_background, worker, background)
        await stop.wait()


async def import_paths(settings: Settings, paths: list[Path], email: str, tick: Ticker) -> Summary:
    """Imports files and folders with a worker of its own, beside a running `serve` or without one."""
    async with running_url(settings) as url, installation(settings, url) as here:
        worker = make_worker(here, {JobKind.PARSE: here.pipeline.parse})
        working = asyncio.create_task(keep_working(worker))
        try:
            files = list(book_files(paths))
            return await import_files(
                here.database, here.storage, here.pipeline.parser, files, email, settings.upload_limit, tick
            )
        finally:
            await end_background(worker, [working])


async def embedded(settings: Settings, stack: AsyncExitStack) -> str:
    """Starts the embedded server until the stack unwinds. Its address."""
    server = await stack.enter_async_context(EmbeddedServer.from_settings(settings))
    watch = asyncio.create_task(server.watch())
    stack.push_async_callback(_cancel, watch)
    return server.url


def make_worker(here: Installation, handlers: Mapping[JobKind, Handler]) -> Worker:
    """As the settings want it; it works once `keep_working` runs it."""
    lease = timedelta(seconds=here.settings.lease_seconds)
    return Worker(here.database, handlers, parallel=here.settings.worker_jobs, lease=lease)


def stop_event() -> asyncio.Event:
    """Set by SIGINT and SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


async def end_background(worker: Worker | None, tasks: list[asyncio.Task[None]]) -> None:
    """The worker, when there is one, is the first task: it gets a moment to hand back what it has begun."""
    if worker is not None:
        worker.stop()
        await asyncio.wait(tasks[:1], timeout=GRACE)
    await _cancel(*tasks)


async def _cancel(*tasks: asyncio.Task[Any]) -> None:
    """Ends tasks. One that waits at its end for a server that does not answer is told again, and given up at last."""
    left = set(tasks)
    for _ in range(CUTS):
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=CUT)
        if not left:
            break
    for task in tasks:
        if task.done() and not task.cancelled():
            await task


async def keep_working(worker: Worker) -> None:
    """Starts the worker again when the database went away under it."""
    while not worker.stopping:
        try:
            await worker.run()
        except Exception as error:  # noqa: BLE001 - the outermost loop: recorded, and tried again
            log.warning("worker_interrupted", reason=str(error) or type(error).__name__)
            await asyncio.sleep(1)


async def keep_watching(here: Installation, folder: Path) -> None:
    watch = Watch(folder, here.database, here.storage, here.pipeline.parser, here.settings.upload_limit)
    while True:
        await asyncio.sleep(WATCH)
        try:
            await watch.look()
        except BookReaderError as error:
            log.warning("watching_failed", folder=str(folder), reason=error.message)


async def keep_up(here: Installation) -> None:
    while True:
        await asyncio.sleep(UPKEEP)
        try:
            await upkeep(here.database, here.settings)
        except BookReaderError as error:
            log.warning("upkeep_failed", reason=error.message)
        except Exception:  # the outermost loop: the next round may do what this one could not
            log.exception("upkeep_failed")
