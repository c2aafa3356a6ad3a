"""One process that serves: the database comes up first and goes down last, the web and the worker in between."""

import asyncio
import contextlib
import errno
import gc
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from typing import Any

import uvicorn

from bookreader.api import Services
from bookreader.app import create_app, equip
from bookreader.database.locks import FolderClaim
from bookreader.errors import Unavailable
from bookreader.events import Events
from bookreader.settings import Settings
from bookreader.work import (
    GRACE,
    Installation,
    embedded,
    end_background,
    installation,
    keep_up,
    keep_watching,
    keep_working,
    make_worker,
    stop_event,
)

KEEP_ALIVE = 75
"""Seconds that an idle connection is kept: longer than proxies keep theirs, so that none asks while it is closed."""


async def serve(settings: Settings, *, ready: Any = None) -> None:
    """Runs until SIGINT or SIGTERM; `ready` hears the address once requests are answered. Raises AlreadyRunning."""
    stop = stop_event()
    async with AsyncExitStack() as stack:
        claim = stack.enter_context(FolderClaim(settings.data_dir))
        door = _bound(settings, stack)
        url = settings.database_url or await embedded(settings, stack)
        here = await stack.enter_async_context(installation(settings, url))
        events = Events(here.database)
        server = _web_server(settings, equip(create_app(), services_of(here), here.pipeline.parser, events))
        web = asyncio.create_task(server.serve([door]))
        stack.push_async_callback(_end_web, server, web, events)
        address = await _wait_started(server, web, door, settings)
        claim.announce(address)
        worker = make_worker(here, here.pipeline.handlers()) if settings.worker else None
        background = [asyncio.create_task(events.run()), asyncio.create_task(keep_up(here))]
        if worker is not None:
            background.insert(0, asyncio.create_task(keep_working(worker)))
            await here.pipeline.parser.warm()
            if settings.watch_dir is not None:
                background.append(asyncio.create_task(keep_watching(here, settings.watch_dir)))
        stack.push_async_callback(end_background, worker, background)
        # The first thing at the end: requests in flight come to their end while the worker does.
        stack.callback(_close_the_door, server, events)
        _leave_out_of_collections()
        if ready is not None:
            ready(address)
        await _until(stop, web)


def services_of(here: Installation) -> Services:
    return Services(here.settings, here.database, here.storage)


def _leave_out_of_collections() -> None:
    """What was loaded until now stays for good: to look through it for garbage again and again would halt requests."""
    gc.collect()
    gc.freeze()


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
        timeout_keep_alive=KEEP_ALIVE,
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


def _close_the_door(server: _Server, events: Events) -> None:
    events.stopping.set()
    server.should_exit = True


async def _end_web(server: _Server, web: asyncio.Task[None], events: Events) -> None:
    _close_the_door(server, events)
    with suppress(OSError):
        await web
