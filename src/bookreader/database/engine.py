"""The database as the rest of the program sees it: transactions, errors with a sentence, and notifications.

One `Database` per process. Everything that leaves it speaks UTC and obeys time limits, so that no statement and
no forgotten transaction can hold others for long.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self

import asyncpg
from sqlalchemy import URL, event, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from bookreader.database.failures import (
    ConstraintViolated,
    DatabaseBusy,
    DatabaseRefused,
    DatabaseUnavailable,
    DiskFull,
)
from bookreader.database.lane import Lane
from bookreader.settings import Settings

driver: Any = asyncpg  # it carries no types
FAILURES: tuple[type[Exception], ...] = (OSError, driver.PostgresError, driver.InterfaceError)
CONNECT_FAILURES: tuple[type[Exception], ...] = (DBAPIError, *FAILURES)

CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 1.0
"""A server that does not answer must not hold up the end of the process: then connections are cut off."""
POOL_SECONDS = 10.0
RECYCLE_SECONDS = 1800
RECONNECT_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0)
PING_SECONDS = 60.0

GONE = "The database does not answer: see whether its server runs, then try again; nothing that was saved is lost."
BUSY = "The database is busy: try again in a moment."
REFUSED = "The database does not let us in: check the user, password and database name in BOOKREADER_DATABASE_URL."
FULL = "The disk of the database is full: free some space and try again; nothing that was saved is lost."
CHANGED = "It is there already, or it was changed or removed meanwhile: load it again."

_BUSY_STATES = {"57014", "55P03", "40001", "40P01", "53300", "25P03", "57P05"}
_GONE_STATES = {"57P01", "57P02", "57P03", "58030", "53200"}
_FULL_STATES = {"53100"}
_REFUSED_STATES = {"28000", "28P01", "3D000", "42501"}
_NOTIFY = text("select pg_notify(:channel, :payload)")
_CONFLICT_STATES = {"23505", "23503", "23001", "23P01"}


class Session(AsyncSession):
    """One transaction's work. Domain code never commits: `Database.transaction` does."""


@dataclass(frozen=True)
class Limits:
    """Time limits in seconds that the server keeps for each connection. 0 = none."""

    statement: float = 30.0
    lock: float = 10.0
    idle_in_transaction: float = 60.0

    def as_settings(self) -> dict[str, str]:
        """As PostgreSQL settings, in whole milliseconds."""
        return {
            "statement_timeout": str(int(self.statement * 1000)),
            "lock_timeout": str(int(self.lock * 1000)),
            "idle_in_transaction_session_timeout": str(int(self.idle_in_transaction * 1000)),
        }


class Database:
    """A pool of connections to one PostgreSQL database.

    >>> database = Database("postgresql+asyncpg://...")
    >>> async with database.transaction() as session:
    ...     await session.execute(...)

    `pgbouncer` = connections go through a pooler in transaction mode: no prepared statement outlives its transaction,
    and limits are set per transaction. `direct_url` then leads past the pooler, for LISTEN and session locks.
    """

    def __init__(
        self,
        url: str,
        *,
        pool: int = 10,
        application_name: str = "bookreader",
        limits: Limits = Limits(),
        pgbouncer: bool = False,
        direct_url: str | None = None,
        echo: bool = False,
    ) -> None:
        self._direct = _dsn(make_url(direct_url or url))
        self._name = application_name
        self._transaction_limits = limits if pgbouncer else None
        self.engine = _engine(make_url(url), pool, application_name, limits, pgbouncer=pgbouncer, echo=echo)
        self._sessions = async_sessionmaker(self.engine, class_=Session, expire_on_commit=False)
        self._statements = async_sessionmaker(
            self.engine.execution_options(isolation_level="AUTOCOMMIT"), class_=Session
        )
        arguments = _connect_arguments(application_name, limits, pgbouncer=pgbouncer)
        dsn = _dsn(make_url(url))
        self._lane = Lane(lambda: driver.connect(dsn, **arguments), max(2, pool // 2))

    @classmethod
    def from_settings(cls, settings: Settings, url: str, *, application_name: str = "bookreader") -> Self:
        """`url` is what `running_url` or the embedded server gave."""
        return cls(url, pool=settings.database_pool, application_name=application_name)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """Commits when the block ends well, rolls back otherwise.

        Raises DatabaseUnavailable or a subclass when the server fails us, ConstraintViolated for a refused change
        that nobody caught inside.
        """
        async with self._sessions() as session:
            await _connect(session)
            try:
                if self._transaction_limits is not None:
                    await _limit(session, self._transaction_limits)
                yield session
                await session.commit()
            except IntegrityError as error:
                if translated := _violation(error):
                    raise translated from error
                raise

    @asynccontextmanager
    async def statements(self) -> AsyncIterator[Session]:
        """Every statement is a transaction of its own, without a round trip to begin and one to end it.

        For work that reads once, or writes once in one statement. Raises like `transaction`.
        """
        async with self._statements() as session:
            await _connect(session)
            try:
                yield session
            except IntegrityError as error:
                if translated := _violation(error):
                    raise translated from error
                raise

    async def fetch(self, query: str, *arguments: Any) -> list[Any]:
        """The rows of one statement in the driver's own form, with `$1` for its first argument.

        The fastest way, for what happens many times a second. A transaction of its own. Raises like `transaction`.
        """
        try:
            return await self._lane.fetch(query, *arguments)
        except driver.IntegrityConstraintViolationError as error:
            raise ConstraintViolated(CHANGED, error.constraint_name) from error
        except FAILURES as error:
            if (translated := unavailable(error)) is None:
                raise
            raise translated from error

    @property
    def address(self) -> str:
        """Past any pooler, for the commands that look after a whole database."""
        return self._direct

    async def ping(self) -> None:
        """Raises DatabaseUnavailable when the database does not answer."""
        async with self.transaction() as session:
            await session.execute(text("select 1"))

    def _asyncpg_arguments(self) -> dict[str, Any]:
        """How asyncpg itself connects past pool and pooler."""
        return {
            "dsn": self._direct,
            "timeout": CONNECT_SECONDS,
            "server_settings": {"application_name": f"{self._name} direct", "timezone": "UTC"},
        }

    @asynccontextmanager
    async def direct_pool(self, smallest: int, largest: int) -> AsyncIterator[Any]:
        """A pool of asyncpg's own, past pool and pooler."""
        pool = await driver.create_pool(**self._asyncpg_arguments(), min_size=smallest, max_size=largest)
        try:
            yield pool
        finally:
            with suppress(TimeoutError):
                await asyncio.wait_for(pool.close(), CLOSE_SECONDS)

    async def connect_directly(self) -> Any:
        """An asyncpg connection of its own past pool and pooler: for LISTEN and session locks. The caller closes it.

        Raises DatabaseUnavailable.
        """
        try:
            return await driver.connect(**self._asyncpg_arguments())
        except FAILURES as error:
            raise unavailable(error) or DatabaseUnavailable(GONE) from error

    async def listen(self, channel: str, *, listening: Callable[[], None] | None = None) -> AsyncIterator[str]:
        """Yields the payloads notified on a channel, for ever; connects again by itself when the connection is lost.

        `listening` is called each time that listening begins. What was sent while it was interrupted is missed:
        who cannot afford that reads the state anew there.
        """
        attempt = 0
        while True:
            try:
                connection = await self.connect_directly()
            except DatabaseUnavailable:
                await asyncio.sleep(RECONNECT_SECONDS[min(attempt, len(RECONNECT_SECONDS) - 1)])
                attempt += 1
                continue
            attempt = 0
            try:
                async with aclosing(_payloads(connection, channel, listening)) as payloads:
                    async for payload in payloads:
                        yield payload
            finally:
                connection.terminate()

    async def close(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._lane.close()
                await self.engine.dispose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def notify(session: AsyncSession, channel: str, payload: str | dict[str, Any] = "") -> None:
    """Sends at commit, to every listener once; equal notifications of one transaction are sent once.

    `payload`: at most 7,999 bytes; a dict goes as JSON.
    """
    body = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    await session.execute(_NOTIFY, {"channel": channel, "payload": body})


async def notify_all(session: AsyncSession, channel: str, payloads: Sequence[str]) -> None:
    """As `notify`, many at once."""
    await session.execute(
        text("select pg_notify(:channel, payload) from unnest(cast(:payloads as text[])) as payload"),
        {"channel": channel, "payloads": list(payloads)},
    )


def violated(error: IntegrityError) -> str | None:
    """The name of the constraint or unique index that refused a change: for queries that expect one."""
    cause: BaseException | None = error.orig
    while cause is not None:
        if isinstance(cause, driver.PostgresError):
            name = cause.constraint_name
            return None if name is None else str(name)
        cause = cause.__cause__
    return None


def unavailable(error: BaseException) -> DatabaseUnavailable | None:
    """Our error for one that means that the server fails us, whatever layer raised it; None for any other."""
    state = getattr(error, "sqlstate", None) or getattr(getattr(error, "orig", None), "sqlstate", None)
    if isinstance(state, str):
        return _by_state(state)
    if isinstance(error, (OSError, driver.InterfaceError, driver.InternalClientError)):
        return DatabaseUnavailable(GONE)
    return None


def _by_state(state: str) -> DatabaseUnavailable | None:
    for states, kind, sentence in (
        (_BUSY_STATES, DatabaseBusy, BUSY),
        (_FULL_STATES, DiskFull, FULL),
        (_REFUSED_STATES, DatabaseRefused, REFUSED),
        (_GONE_STATES, DatabaseUnavailable, GONE),
    ):
        if state in states:
            return kind(sentence)
    return DatabaseUnavailable(GONE) if state.startswith("08") else None


def _violation(error: IntegrityError) -> ConstraintViolated | None:
    state = getattr(error.orig, "sqlstate", None)
    return ConstraintViolated(CHANGED, violated(error)) if state in _CONFLICT_STATES else None


def _connect_arguments(name: str, limits: Limits, *, pgbouncer: bool) -> dict[str, Any]:
    """How the driver opens a connection of the pool's kind."""
    server = {"application_name": name, "timezone": "UTC"}
    if not pgbouncer:
        # jit costs more than it saves on queries of a few milliseconds
        server |= {"jit": "off", **limits.as_settings()}
    arguments: dict[str, Any] = {"timeout": CONNECT_SECONDS, "server_settings": server}
    return arguments | ({"statement_cache_size": 0} if pgbouncer else {})


def _engine(url: URL, pool: int, name: str, limits: Limits, *, pgbouncer: bool, echo: bool) -> AsyncEngine:
    arguments = _connect_arguments(name, limits, pgbouncer=pgbouncer)
    if pgbouncer:
        arguments["prepared_statement_cache_size"] = 0
        arguments["prepared_statement_name_func"] = lambda: f"bookreader_{uuid.uuid4().hex}"
    engine = create_async_engine(
        engine_url(url),
        pool_size=pool,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        pool_recycle=RECYCLE_SECONDS,
        pool_pre_ping=False,  # _drop_closed sees a lost connection without asking the server
        connect_args=arguments,
        echo=echo,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "checkout", _drop_closed)
    event.listen(engine.sync_engine, "handle_error", _translate)
    return engine


def engine_url(url: URL) -> URL:
    """asyncpg's own name for libpq's `sslmode`, since SQLAlchemy passes the query on as arguments."""
    query = {("ssl" if key == "sslmode" else key): value for key, value in url.query.items()}
    return url.set(drivername="postgresql+asyncpg", query=query)


def _dsn(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _drop_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """The loop has noticed the end of a connection already: take another one, at no cost for the living."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _translate(context: ExceptionContext) -> None:
    """Wherever a statement fails because the server fails us, our own error is what the caller sees."""
    original = context.original_exception
    if not isinstance(original, Exception):
        return  # a task that is cancelled ends, and no server failed it
    cause = original.__cause__ or original
    error = unavailable(original) or unavailable(cause)
    if error is None and context.is_disconnect:
        error = DatabaseUnavailable(GONE)
    if error is not None and not isinstance(context.sqlalchemy_exception, IntegrityError):
        raise error


async def _connect(session: Session) -> None:
    """Takes the connection at once, so that what fails here is the database and nothing else."""
    try:
        await session.connection()
    except PoolTimeout as error:
        raise DatabaseBusy(BUSY) from error
    except CONNECT_FAILURES as error:
        raise unavailable(error) or DatabaseUnavailable(GONE) from error


async def _limit(session: Session, limits: Limits) -> None:
    pairs = ", ".join(f"set_config('{key}', '{value}', true)" for key, value in limits.as_settings().items())
    await session.execute(text(f"select {pairs}"))


async def _payloads(connection: Any, channel: str, listening: Callable[[], None] | None) -> AsyncGenerator[str, None]:
    """Until the connection ends. A quiet one is asked now and then, since a lost network says nothing."""
    queue: asyncio.Queue[str | None] = asyncio.Queue()
    connection.add_termination_listener(lambda _connection: queue.put_nowait(None))
    try:
        await connection.add_listener(channel, lambda _connection, _pid, _channel, payload: queue.put_nowait(payload))
        if listening is not None:
            listening()
        while True:
            try:
                async with asyncio.timeout(PING_SECONDS):  # wait_for of Python 3.11 can swallow a cancellation
                    payload = await queue.get()
            except TimeoutError:
                await connection.execute("select 1", timeout=CONNECT_SECONDS)
                continue
            if payload is None:
                return
            yield payload
    except FAILURES:
        return
