"""Backups: written, kept for a while, restored, and tried out."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bookreader import __version__
from bookreader.admin.archive import PART, PREFIX, Archive, BackupUnusable, Manifest, Writer, archives_in, writing
from bookreader.database.base import uuid7
from bookreader.database.chain import read_chain
from bookreader.database.dump import dump, is_empty, load
from bookreader.database.migrate import VERSIONS
from bookreader.database.scratch import scratch_database, scratch_folder
from bookreader.errors import Conflict
from bookreader.settings import Settings
from bookreader.storage import FileMissing, Storage

STALE_DRAFT_SECONDS = 24 * 3600

Tick = Callable[[int, int | None, str], object]


class NotEmpty(Conflict):
    code = "not_empty"


@dataclass(frozen=True)
class Written:
    """What a backup wrote. Sizes in bytes."""

    path: Path
    size: int
    rows: int
    files: int
    referred: int
    damaged: tuple[str, ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def back_up(
    settings: Settings,
    url: str,
    storage: Storage,
    *,
    to: Path | None = None,
    files: bool = True,
    tick: Tick | None = None,
) -> Written:
    """One archive of the database and every stored file. `to`: a folder, or the archive's own name ending in .zip.

    Raises DatabaseUnavailable, DiskFull, BackupFailed, Unavailable.
    """
    begun = time.monotonic()
    path = _target(to or settings.backup_dir or settings.data_dir / "backups")
    with writing(path) as writer:
        kept = await dump(url, writer.rows)
        if files:
            await _write_files(writer, storage, tick or _silent)
        manifest = Manifest(
            id=str(uuid7()),
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            program=__version__,
            database=kept,
            files=tuple(writer.files),
            with_files=files,
            damaged=tuple(writer.damaged),
        )
        writer.finish(manifest)
    return _written(path, manifest, time.monotonic() - begun)


def _silent(_done: int, _total: int | None, _what: str) -> None: ...


def _target(to: Path) -> Path:
    if to.suffix == ".zip":
        return to
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    return to / f"{PREFIX}{moment}.zip"


async def _write_files(writer: Writer, storage: Storage, tick: Tick) -> None:
    """Listed after the rows were read: a file is stored before any row speaks of it."""
    known = await asyncio.to_thread(_known_files, writer.path)
    done = 0
    async for blob in storage.blobs():
        if blob.digest in known:
            writer.refer(blob.digest, blob.size, known[blob.digest])
        else:
            with suppress(FileMissing):  # swept meanwhile, because nothing spoke of it
                await writer.file(blob.digest, storage.stream(blob.digest))
        done += 1
        tick(done, None, "files")


def _known_files(path: Path) -> dict[str, str]:
    """Which archive beside this one holds which file; of several, the newest."""
    found: dict[str, str] = {}
    for earlier in archives_in(path.parent):
        if earlier == path:
            continue
        try:
            with Archive(earlier) as archive:
                for each in archive.manifest.files:
                    if each.archive is None:
                        found.setdefault(each.digest, earlier.name)
        except BackupUnusable:
            continue
    return found


def _written(path: Path, manifest: Manifest, seconds: float) -> Written:
    referred = sum(each.archive is not None for each in manifest.files)
    files, size = len(manifest.files), path.stat().st_size
    return Written(path, size, manifest.rows, files, referred, manifest.damaged, round(seconds, 2))


def prune(folder: Path, keep: int) -> list[Path]:
    """Removes all but the newest `keep` archives and those that they refer to, and drafts that nobody finishes."""
    needed: set[str] = set()
    removed: list[Path] = []
    for number, path in enumerate(archives_in(folder)):
        try:
            with Archive(path) as archive:
                referred = archive.manifest.referred
        except BackupUnusable:
            continue  # not ours to remove: a person may still want to look at it
        if number < keep:
            needed |= {path.name} | referred
        elif path.name not in needed:
            removed.append(path)
    removed += [each for each in folder.glob(f"*{PART}") if time.time() - each.stat().st_mtime > STALE_DRAFT_SECONDS]
    for path in removed:
        path.unlink(missing_ok=True)
    return removed


# Back again


@dataclass(frozen=True)
class Restored:
    revision: str | None
    rows: int
    files: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def restore(
    url: str, storage: Storage, path: Path, *, replace: bool = False, tick: Tick | None = None
) -> Restored:
    """Puts the archive's files and database in place, everything verified before and after.

    Into a database that holds anything only with `replace`. Raises BackupUnusable, NotEmpty, RestoreFailed,
    DatabaseUnavailable, Unavailable; the database is then as it was, and files that were added do no harm.
    """
    begun = time.monotonic()
    with Archive(path) as archive:
        archive.refuse_newer(set(read_chain(VERSIONS).by_id))
        if not replace and not await is_empty(url):
            raise NotEmpty(
                "The database is not empty, and was left as it is: restore into an empty one, or ask to replace it."
            )
        await archive.verify()
        await _restore_files(archive, storage, tick or _silent)
        await load(url, archive.manifest.database, archive.rows, replace=replace)
        manifest = archive.manifest
    seconds = round(time.monotonic() - begun, 2)
    return Restored(manifest.database.stamp, manifest.rows, len(manifest.files), seconds)


async def _restore_files(archive: Archive, storage: Storage, tick: Tick) -> None:
    files = archive.manifest.files
    with tempfile.TemporaryDirectory(prefix="bookreader-") as folder:
        passing = Path(folder) / "file"
        for number, each in enumerate(files, 1):
            if not await storage.holds(each.digest):
                await asyncio.to_thread(archive.extract, each, passing)
                await storage.delete(each.digest)
                await storage.put_file(passing, each.digest)
            tick(number, len(files), "files")


# Trying it out


@dataclass(frozen=True)
class Drill:
    """`problems` is empty when the archive was restored into a scratch place and was there exactly what it had been."""

    archive: Path
    revision: str | None
    rows: int
    files: int
    seconds: float
    problems: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def drill(
    settings: Settings, url: str | None, path: Path | None = None, *, look: Callable[[str], Awaitable[list[str]]]
) -> Drill:
    """Restores the archive, the newest by default, into a scratch place, compares, and measures the time.

    `look` examines the restored database and names what is wrong with it.
    Raises BackupUnusable, RestoreFailed, DatabaseUnavailable.
    """
    found = path or next(iter(archives_in(settings.backup_dir or settings.data_dir / "backups")), None)
    if found is None:
        raise BackupUnusable("There is no backup yet: `bookreader db backup` makes one.", code="no_such_file")
    with scratch_folder() as folder:
        storage = Storage.from_settings(Settings(data_dir=folder / "data"))
        async with scratch_database(url, settings) as scratch:
            restored = await restore(scratch, storage, found)
            problems = [*await _compare(scratch, storage, found), *await look(scratch)]
    return Drill(found, restored.revision, restored.rows, restored.files, restored.seconds, tuple(problems))


async def _compare(url: str, storage: Storage, path: Path) -> list[str]:
    """Reads everything back: every row and every file must be what the archive says."""
    with Archive(path) as archive:
        manifest = archive.manifest
    again = await dump(url, _Nowhere)
    wanted = {table.name: table for table in manifest.database.tables}
    problems = [f"table {table.name} came back changed" for table in again.tables if wanted.get(table.name) != table]
    if again.fingerprint != manifest.database.fingerprint or again.stamp != manifest.database.stamp:
        problems.append("the schema or its stamp came back changed")
    if again.sequences != manifest.database.sequences:
        problems.append("a sequence came back changed")
    problems += [
        f"file {each.digest} did not come back" for each in manifest.files if not await storage.holds(each.digest)
    ]
    return problems


class _Nowhere:
    """Takes rows and keeps nothing: only their hash is wanted."""

    def __init__(self, _table: str) -> None: ...

    async def __aenter__(self) -> Callable[[bytes], Awaitable[None]]:
        return self._take

    async def __aexit__(self, *_: object) -> None: ...

    async def _take(self, _piece: bytes) -> None: ...
