"""Live updates between processes: one listening connection, one queue per open page."""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import structlog

from bookreader.database import Database, Session, notify, notify_all
from bookreader.errors import BookReaderError

log = structlog.get_logger()

CHANNEL = "bookreader_events"
QUEUE_LENGTH = 200
WAITING = 10_000
GATHER_SECONDS = 0.03


async def tell(session: Session, user_id: UUID, event: str, /, **data: Any) -> None:
    """Sends an event to every open page of a person when the caller's transaction commits."""
    await notify(session, CHANNEL, _payload(user_id, event, data))


def _payload(user_id: UUID, event: str, data: dict[str, Any]) -> str:
    return json.dumps({"type": event, "user": str(user_id), **data})


class Events:
    """Hands the notifications of this installation to the people they concern."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queues: dict[str, set[asyncio.Queue[dict[str, Any]]]] = defaultdict(set)
        self._waiting: deque[str] = deque(maxlen=WAITING)
        self._due = asyncio.Event()
        self.stopping = asyncio.Event()

    async def run(self) -> None:
        """Listens and sends until cancelled; a lost connection is taken up again by `Database.listen`.

        Whatever happened while nobody listened is unknown: then every open page is told to load anew.
        """
        sending = asyncio.create_task(self._send())
        try:
            async for payload in self._database.listen(CHANNEL, listening=self._start_anew):
                self._hand_out(payload)
        except BookReaderError as error:
            log.warning("live_updates_stopped", reason=error.message)
        finally:
            sending.cancel()
            await asyncio.wait({sending})

    def tell_soon(self, user_id: UUID, event: str, /, **data: Any) -> None:
        """Sends an event of what is committed already, together with others of the same moment.

        A notification within a transaction makes all others of its kind wait until it is on the disk: what happens many
        times a second and can be asked for as well is told this way. It is lost when this process ends right now.
        """
        self._waiting.append(_payload(user_id, event, data))
        self._due.set()

    async def _send(self) -> None:
        while True:
            await self._due.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._due.clear()
            payloads = list(dict.fromkeys(self._waiting))
            self._waiting.clear()
            try:
                async with self._database.statements() as session:
                    await notify_all(session, CHANNEL, payloads)
            except BookReaderError as error:
                log.warning("live_updates_not_sent", count=len(payloads), reason=error.message)

    def _start_anew(self) -> None:
        for queues in self._queues.values():
            for queue in queues:
                _put(queue, {"type": "resync"})

    def _hand_out(self, payload: str) -> None:
        event = json.loads(payload)
        for queue in self._queues.get(event.get("user", ""), ()):
            _put(queue, event)

    @contextmanager
    def _subscription(self, user_id: UUID) -> Iterator[asyncio.Queue[dict[str, Any]]]:
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(QUEUE_LENGTH)
        self._queues[str(user_id)].add(queue)
        try:
            yield queue
        finally:
            self._queues[str(user_id)].discard(queue)

    async def stream(self, user_id: UUID, *, pulse: float = 20) -> AsyncIterator[bytes]:
        """Server-sent events for one person until the server stops; a comment every `pulse` seconds."""
        with self._subscription(user_id) as queue:
            yield b"retry: 2000\n\n"
            stopped = asyncio.create_task(self.stopping.wait())
            try:
                while not stopped.done():
                    yield await _next_message(queue, stopped, pulse)
            finally:
                stopped.cancel()


def _put(queue: asyncio.Queue[dict[str, Any]], event: dict[str, Any]) -> None:
    """A page that is too slow to be told everything is told to load anew."""
    try:
        queue.put_nowait(event)
    except asyncio.QueueFull:
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait({"type": "resync"})


async def _next_message(queue: asyncio.Queue[dict[str, Any]], stopped: asyncio.Task[bool], pulse: float) -> bytes:
    waiting = asyncio.create_task(queue.get())
    try:
        await asyncio.wait({waiting, stopped}, timeout=pulse, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            return b": still here\n\n"
        event = waiting.result()
        return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
    finally:
        waiting.cancel()
