"""One process that serves: the database comes up first and goes down last, the web and the worker in between."""

import asyncio
import contextlib
import errno
import gc
import signal
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
import uvicorn

from bookreader.api import Services
from bookreader.app import create_app, equip
from bookreader.database import Database
from bookreader.database.embedded import EmbeddedServer, running_url
from bookreader.database.locks import FolderClaim
from bookreader.database.migrate import upgrade
from bookreader.descriptions.extract import DescriptionPool
from bookreader.errors import BookReaderError, Unavailable
from bookreader.events import Events
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
"""Seconds that requests in flight, and then jobs, get when the server stops; all of it takes less than ten."""
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

    @property
    def services(self) -> Services:
        return Services(self.settings, self.database, self.storage)


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


async def serve(settings: Settings, *, ready: Any = None) -> None:
    """Runs until SIGINT or SIGTERM; `ready` hears the address once requests are answered. Raises AlreadyRunning."""
    stop = _stop_event()
    async with AsyncExitStack() as stack:
        claim = stack.enter_context(FolderClaim(settings.data_dir))
        door = _bound(settings, stack)
        url = settings.database_url or await _embedded(settings, stack)
        here = await stack.enter_async_context(installation(settings, url))
        events = Events(here.database)
        server = _web_server(settings, equip(create_app(), here.services, here.pipeline.parser, events))
        web = asyncio.create_task(server.serve([door]))
        stack.push_async_callback(_end_web, server, web, events)
        address = await _wait_started(server, web, door, settings)
        claim.announce(address)
        worker = _worker(here, here.pipeline.handlers()) if settings.worker else None
        background = [asyncio.create_task(events.run()), asyncio.create_task(_keep_up(here))]
        if worker is not None:
            background.insert(0, asyncio.create_task(_keep_working(worker)))
            await here.pipeline.parser.warm()
            if settings.watch_dir is not None:
                background.append(asyncio.create_task(_keep_watching(here, settings.watch_dir)))
        stack.push_async_callback(_end_background, worker, background)
        _leave_out_of_collections()
        if ready is not None:
            ready(address)
        await _until(stop, web)


def _leave_out_of_collections() -> None:
    """What was loaded until now stays for good: to look through it for garbage again and again would halt requests."""
    gc.collect()
    gc.freeze()


async def work(settings: Settings) -> None:
    """Runs a worker alone until SIGINT or SIGTERM."""
    stop = _stop_event()
    async with AsyncExitStack() as stack:
        url = settings.database_url or await _embedded(settings, stack)
        here = await stack.enter_async_context(installation(settings, url))
        worker = _worker(here, here.pipeline.handlers())
        background = [asyncio.create_task(_keep_working(worker)), asyncio.create_task(_keep_up(here))]
        stack.push_async_callback(_end_background, worker, background)
        await stop.wait()


async def import_paths(settings: Settings, paths: list[Path], email: str, tick: Ticker) -> Summary:
    """Imports files and folders with a worker of its own, beside a running `serve` or without one."""
    async with running_url(settings) as url, installation(settings, url) as here:
        worker = _worker(here, {JobKind.PARSE: here.pipeline.parse})
        working = asyncio.create_task(_keep_working(worker))
        try:
            files = list(book_files(paths))
            return await import_files(
                here.database, here.storage, here.pipeline.parser, files, email, settings.upload_limit, tick
            )
        finally:
            await _end_background(worker, [working])


async def _embedded(settings: Settings, stack: AsyncExitStack) -> str:
    server = await stack.enter_async_context(EmbeddedServer.from_settings(settings))
    watch = asyncio.create_task(server.watch())
    stack.push_async_callback(_cancel, watch)
    return server.url


def _worker(here: Installation, handlers: Mapping[JobKind, Handler]) -> Worker:
    lease = timedelta(seconds=here.settings.lease_seconds)
    return Worker(here.database, handlers, parallel=here.settings.worker_jobs, lease=lease)


def _stop_event() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


class _Server(uvicorn.Server):
    """uvicorn inside our own event loop: signals are ours."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _web_server(settings: Settings, app: Any) -> _Server:
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE,
        proxy_headers=settings.public_url is not None,
        server_header=False,
    )
    return _Server(config)


def _bound(settings: Settings, stack: AsyncExitStack) -> socket.socket:
    """Holds the port before anything slow begins. Raises Unavailable when it cannot be had."""
    try:
        family, _, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        door = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
        # Connections of a server that ended a moment ago do not stand in the way.
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(address)
    except OSError as error:
        raise _no_port(settings, error) from error
    return door


def _no_port(settings: Settings, error: OSError) -> Unavailable:
    where = f"The port {settings.port} on {settings.host}"
    if error.errno == errno.EADDRINUSE:
        sentence = f"{where} is taken: stop what uses it, or set BOOKREADER_PORT to another."
        return Unavailable(sentence, code="port_taken")
    sentence = f"{where} cannot be used ({error.strerror}): set BOOKREADER_HOST or BOOKREADER_PORT to another."
    return Unavailable(sentence, code="port_unusable")


async def _wait_started(server: _Server, web: asyncio.Task[None], door: socket.socket, settings: Settings) -> str:
    """The address, once requests are answered. Raises Unavailable when another took the port in the meantime."""
    while not server.started:
        if web.done():
            try:
                await web
            except OSError as error:
                raise _no_port(settings, error) from error
        await asyncio.sleep(0.01)
    return f"http://{settings.host}:{door.getsockname()[1]}"


async def _until(stop: asyncio.Event, web: asyncio.Task[None]) -> None:
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({stopped, web}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if web.done():
        await web


async def _end_web(server: _Server, web: asyncio.Task[None], events: Events) -> None:
    events.stopping.set()
    server.should_exit = True
    with suppress(OSError):
        await web


async def _end_background(worker: Worker | None, tasks: list[asyncio.Task[None]]) -> None:
    """The worker, when there is one, is the first task: it gets a moment to hand back what it has begun."""
    if worker is not None:
        worker.stop()
        await asyncio.wait(tasks[:1], timeout=GRACE)
    for task in tasks:
        await _cancel(task)


async def _cancel(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _keep_working(worker: Worker) -> None:
    """Starts the worker again when the database went away under it."""
    while not worker.stopping:
        try:
            await worker.run()
        except Exception as error:  # noqa: BLE001 - the outermost loop: recorded, and tried again
            log.warning("worker_interrupted", reason=str(error) or type(error).__name__)
            await asyncio.sleep(1)


async def _keep_watching(here: Installation, folder: Path) -> None:
    watch = Watch(folder, here.database, here.storage, here.pipeline.parser, here.settings.upload_limit)
    while True:
        await asyncio.sleep(WATCH)
        try:
            await watch.look()
        except BookReaderError as error:
            log.warning("watching_failed", folder=str(folder), reason=error.message)


async def _keep_up(here: Installation) -> None:
    while True:
        await asyncio.sleep(UPKEEP)
        try:
            await upkeep(here.database, here.settings)
        except BookReaderError as error:
            log.warning("upkeep_failed", reason=error.message)
