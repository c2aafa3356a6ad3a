"""The PostgreSQL server that BookReader brings along: whoever needs it first starts it, whoever leaves last stops it.

Four locks beside the cluster make this safe between processes, also when one of them is killed:
- `change`: held while somebody looks at the server and starts or stops it; the file names the folder of the socket;
- `users`: shared by every process that works with the server, so that the last one is known;
- `server`: inherited by PostgreSQL's own processes; while one of them lives, none is started beside it.
A server that still runs though nobody uses it was left behind by a kill; the next one to come stops it and starts anew.
"""

import asyncio
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import asyncpg

from bookreader.database.cluster import (
    ENVIRONMENT,
    SUPERUSER,
    Account,
    Cluster,
    Say,
    create,
    explain,
    install_shim,
    prepare,
    remove_drafts,
)
from bookreader.database.failures import DatabaseUnavailable, ServerProblem, folder_problem
from bookreader.database.locks import FileLock
from bookreader.settings import Settings

log = logging.getLogger(__name__)
driver: Any = asyncpg  # it carries no types

DATABASE = "bookreader"
PORT = 5432  # names the socket; nothing listens on the network
STOP_SECONDS = 20.0
QUIT_SECONDS = 10.0
PATIENCE_SECONDS = 10.0
WATCH_SECONDS = 0.5
TICK = 0.01
LONGEST_SOCKET_FOLDER = 80  # the system allows about 107 bytes for the whole name of a socket
LOG_LIMIT = 5_000_000
RELAXED = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
# What is logged names no row: values of a failed statement may be a person's data.
CALM = ("log_error_verbosity=terse", "log_min_error_statement=panic", "log_checkpoints=off", "log_timezone=UTC")


class EmbeddedServer:
    """One process's hold on the embedded server.

    >>> async with EmbeddedServer(data_dir) as server:
    ...     Database(server.url)

    `durable=False` is for tests: a cluster that a power failure may destroy.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        cluster_dir: Path | None = None,
        pg_bindir: Path | None = None,
        durable: bool = True,
        say: Say = log.warning,
    ) -> None:
        self._wanted = (data_dir, cluster_dir, pg_bindir)
        self._durable = durable
        self._say = say
        self._cluster: Cluster | None = None
        self._users: FileLock | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._sockets: Path | None = None

    @classmethod
    def from_settings(cls, settings: Settings, *, say: Say = log.warning) -> Self:
        return cls(settings.data_dir, cluster_dir=settings.cluster_dir, pg_bindir=settings.pg_bindir, say=say)

    @property
    def cluster(self) -> Cluster:
        """Folders, programs and account. Known once started."""
        if self._cluster is None:
            raise RuntimeError("the server was not started")
        return self._cluster

    @property
    def socket_folder(self) -> Path:
        if self._sockets is None:
            raise RuntimeError("the server was not started")
        return self._sockets

    @property
    def url(self) -> str:
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        return f"postgresql+asyncpg://{SUPERUSER}@/{database}?host={self.socket_folder}&port={PORT}"

    @property
    def pid(self) -> int | None:
        """The postmaster's process id while it lives."""
        return _postmaster(self.cluster)

    async def start(self) -> str:
        """Joins the server that runs, or starts it, and returns its address. Raises DatabaseUnavailable."""
        self._cluster = await asyncio.to_thread(prepare, *self._wanted, self._say)
        self._users = FileLock(self._cluster.lock("users"))
        try:
            async with _change(self._cluster) as change:
                await self._ensure(change)
        except BaseException:
            self._let_go()
            raise
        return self.url

    async def stop(self) -> None:
        """Leaves; the last one to leave stops the server: SIGINT, after 20 s SIGQUIT. Safe to call twice."""
        if self._users is None:
            return
        async with _change(self.cluster):
            if self._users.try_lock():
                await _stop(self.cluster, self._child)
                shutil.rmtree(self.socket_folder, ignore_errors=True)
            elif self._child is not None:
                # It goes on for the others. Popen would warn about a child that nobody waited for.
                self._child.returncode = 0
            self._let_go()

    async def watch(self) -> None:
        """Starts the server again, at the same address, whenever it dies. Runs until cancelled."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if not _ended(self.cluster, self._child):
                continue
            log.warning("The database server ended unexpectedly; it is started again.")
            try:
                async with _change(self.cluster) as change:
                    await self._ensure(change)
            except DatabaseUnavailable as error:
                log.error("%s", error.message)  # noqa: TRY400 - the sentence says it all

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await asyncio.shield(self.stop())

    def _let_go(self) -> None:
        if self._users is not None:
            self._users.close()
        self._users = None
        self._child = None

    async def _ensure(self, change: FileLock) -> None:
        """Under the `change` lock: joins the server of others, or clears what is left of a dead one and starts."""
        cluster, users = self.cluster, self._users
        assert users is not None  # noqa: S101 - start() has just opened it
        alone = users.try_lock()
        if not alone and _postmaster(cluster) is not None:
            self._child = None
            await self._wait_ready(cluster, None, 0)
        else:
            await _stop(cluster, self._child)
            await self._launch(cluster, change)
        self._sockets = Path(_pid_file(cluster)[4])
        if not users.try_lock(shared=True):  # nobody takes it exclusively without the `change` lock
            raise ServerProblem(f"The database in {cluster.data} is being stopped by another process.", code="in_use")

    async def _launch(self, cluster: Cluster, change: FileLock) -> None:
        # The folder of last time where it is still the server's alone, so that addresses stay good.
        known = Path(change.read() or "none")
        sockets = known if _is_private(known, cluster.account) else _make_sockets(cluster)
        change.write(str(sockets))
        try:
            await self._launch_in(sockets, cluster)
        except BaseException:
            if self._sockets is None:  # else an address that we gave out, for the next try
                shutil.rmtree(sockets, ignore_errors=True)
            raise

    async def _launch_in(self, sockets: Path, cluster: Cluster) -> None:
        try:
            with _server_lock(cluster) as lock:
                remove_drafts(cluster)
                if not cluster.exists:
                    await asyncio.to_thread(create, cluster, lock.fileno(), durable=self._durable)
                _shorten(cluster.log)
                _clear(cluster, sockets)
                seen = cluster.log.stat().st_size if cluster.log.exists() else 0
                self._child = _spawn(cluster, self._command(cluster, sockets, install_shim(cluster)), lock)
        except OSError as error:
            raise folder_problem(cluster.home, error) from error
        await self._wait_ready(cluster, self._child, seen)
        await _make_database(sockets)

    def _command(self, cluster: Cluster, sockets: Path, shim: Path | None) -> list[str]:
        options = [f"unix_socket_directories={sockets}", "listen_addresses=", *CALM]
        options += [] if self._durable else RELAXED
        options += [f"extension_control_path=$system:{shim}"] if shim else []
        flags = [part for option in options for part in ("-c", option)]
        return [str(cluster.binaries.folder / "postgres"), "-D", str(cluster.data), "-p", str(PORT), *flags]

    async def _wait_ready(self, cluster: Cluster, child: subprocess.Popen[bytes] | None, seen: int) -> None:
        """Waits as long as the server lives: a recovery may take its time."""
        started, warned = time.monotonic(), False
        while not _is_ready(cluster, child):
            if _ended(cluster, child):
                raise explain(_log_after(cluster, seen), cluster, "The database could not be started")
            if not warned and time.monotonic() - started > PATIENCE_SECONDS:
                self._say("The database is putting itself in order after an interruption; this can take some minutes.")
                warned = True
            await asyncio.sleep(TICK)


@asynccontextmanager
async def running_url(settings: Settings, *, say: Say = log.warning) -> AsyncIterator[str]:
    """The address of the database for the time of one command: the configured server, or the embedded one."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    async with EmbeddedServer.from_settings(settings, say=say) as server:
        yield server.url


@asynccontextmanager
async def _change(cluster: Cluster) -> AsyncIterator[FileLock]:
    with FileLock(cluster.lock("change")) as lock:
        await lock.lock()
        yield lock


def _clear(cluster: Cluster, sockets: Path) -> None:
    """Removes what a killed server left. We know from the `server` lock that no process of it lives; PostgreSQL knows
    only a number, and refuses to start when that is a zombie's or was given to another program meanwhile."""
    (cluster.data / "postmaster.pid").unlink(missing_ok=True)
    for rest in sockets.glob(".s.PGSQL.*"):
        rest.unlink(missing_ok=True)


def _server_lock(cluster: Cluster) -> FileLock:
    lock = FileLock(cluster.lock("server"))
    if not lock.try_lock():
        lock.close()
        raise _in_use(cluster)
    return lock


def _spawn(cluster: Cluster, command: list[str], lock: FileLock) -> subprocess.Popen[bytes]:
    """A direct child in its own session, so that Ctrl-C reaches only us; its processes keep the `server` lock."""
    account = cluster.account
    cluster.log.touch(mode=0o600)
    with cluster.log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=cluster.data,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=(lock.fileno(),),
            user=account.uid if account.drop else None,
            group=account.gid if account.drop else None,
            extra_groups=[] if account.drop else None,
        )


async def _stop(cluster: Cluster, child: subprocess.Popen[bytes] | None) -> None:
    """Ends every process of the cluster's server: politely, then firmly. Raises ServerProblem when one remains."""
    for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, QUIT_SECONDS), (signal.SIGKILL, 5.0)):
        pid = _postmaster(cluster)
        if pid is not None:
            _signal(pid, number)
        if await _gone(cluster, child, seconds):
            return
    raise _in_use(cluster)


async def _gone(cluster: Cluster, child: subprocess.Popen[bytes] | None, seconds: float) -> bool:
    """Whether the last process of the server has let go of its lock within the time."""
    limit = time.monotonic() + seconds
    with FileLock(cluster.lock("server")) as lock:
        while not (lock.try_lock() and _postmaster(cluster) is None):
            if time.monotonic() > limit:
                return False
            await asyncio.sleep(TICK)
    if child is not None:
        child.wait()
    return True


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _in_use(cluster: Cluster) -> ServerProblem:
    return ServerProblem(
        f"The database in {cluster.data} is in use by a server that cannot be stopped from here: stop it first.",
        code="in_use",
    )


def _pid_file(cluster: Cluster) -> list[str]:
    """The lines of postmaster.pid: 1 process, 2 data folder, 5 folder of the socket, 8 state. Empty when not whole."""
    try:
        lines = (cluster.data / "postmaster.pid").read_text(errors="replace").splitlines()
    except OSError:
        return []
    return lines if len(lines) >= 8 else []


def _is_ready(cluster: Cluster, child: subprocess.Popen[bytes] | None) -> bool:
    lines = _pid_file(cluster)
    return bool(lines) and lines[7].strip() == "ready" and (child is None or lines[0] == str(child.pid))


def _ended(cluster: Cluster, child: subprocess.Popen[bytes] | None) -> bool:
    return _postmaster(cluster) is None if child is None else child.poll() is not None


def _postmaster(cluster: Cluster) -> int | None:
    """The process that postmaster.pid names, when it lives and really serves this folder: numbers are used again."""
    try:
        first = (cluster.data / "postmaster.pid").read_text(errors="replace").split("\n", 1)[0]
        pid = int(first)
    except (OSError, ValueError):
        return None
    return pid if str(cluster.data) in _command_line(pid) else None


def _command_line(pid: int) -> str:
    """What a living process was started with; empty for a dead one and for one that only waits to be reaped."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        if Path("/proc/self").exists():
            return ""
    done = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return done.stdout


def _is_private(folder: Path, account: Account) -> bool:
    try:
        state = folder.lstat()
    except OSError:
        return False
    return (
        folder.is_dir() and not folder.is_symlink() and state.st_uid == account.uid and state.st_mode & 0o777 == 0o700
    )


def _make_sockets(cluster: Cluster) -> Path:
    """A new private folder with a short name, which the server's user can reach."""
    for parent in dict.fromkeys((tempfile.gettempdir(), "/tmp")):  # noqa: S108 - mkdtemp makes it private
        if len(parent) > LONGEST_SOCKET_FOLDER - 20 or cluster.account.closed_on_the_way(Path(parent)):
            continue
        try:
            folder = Path(tempfile.mkdtemp(prefix="bookreader-", dir=parent))
        except OSError as error:
            raise folder_problem(Path(parent), error) from error
        cluster.account.own(folder)
        return folder
    raise ServerProblem("The folder /tmp is closed to the user that runs the database: open it.", code="folder_closed")


def _shorten(path: Path) -> None:
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".log.old"))


def _log_after(cluster: Cluster, seen: int) -> str:
    with cluster.log.open("rb") as file:
        file.seek(seen)
        return file.read(100_000).decode(errors="replace")


async def _make_database(sockets: Path) -> None:
    """Makes sure that our database is there; a kill between the first start and this is healed by the next start."""
    connection = await driver.connect(host=str(sockets), port=PORT, user=SUPERUSER, database="postgres")
    try:
        if not await connection.fetchval("select true from pg_database where datname = $1", DATABASE):
            await connection.execute(f'create database "{DATABASE}"')
    except driver.PostgresError as error:
        raise ServerProblem(f"The database could not be created: {error}.") from error
    finally:
        await connection.close()
