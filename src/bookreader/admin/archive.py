"""A backup on disk: one zip with the rows of every table, the stored files, and a manifest that can prove both.

Files that an earlier archive in the same folder holds already are not written again but referred to. An archive under
way has the ending `.part` and gets its name last, so that one with its name is whole.
"""

import asyncio
import errno
import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from bookreader.database.catalogue import Object
from bookreader.database.dump import Dump, Table
from bookreader.database.failures import DiskFull
from bookreader.database.snapshot import render
from bookreader.errors import InvalidInput, Unavailable

FORMAT = 1
PREFIX = "bookreader-"
PART = ".part"
MANIFEST = "manifest.json"
PIECE = 1 << 20
UNREADABLE = (KeyError, zipfile.BadZipFile, OSError, EOFError, zlib.error)


class BackupFailed(Unavailable):
    code = "backup_failed"


class BackupUnusable(InvalidInput):
    """Codes: broken_backup, newer_backup, incomplete_backup."""

    code = "broken_backup"


@dataclass(frozen=True)
class StoredFile:
    """`archive`: the name of the earlier archive that holds the bytes; None = this one."""

    digest: str
    size: int
    archive: str | None = None


@dataclass(frozen=True)
class Manifest:
    """`damaged`: files whose bytes no longer had their hash when they were read; they are not in any archive."""

    id: str
    created_at: str
    program: str
    database: Dump
    files: tuple[StoredFile, ...]
    with_files: bool
    damaged: tuple[str, ...] = ()
    format: int = FORMAT

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=1, ensure_ascii=False)

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.database.tables)

    @property
    def referred(self) -> set[str]:
        """Names of the earlier archives that this one needs."""
        return {each.archive for each in self.files if each.archive}


def _manifest(content: dict[str, Any]) -> Manifest:
    database = content["database"]
    kept = Dump(
        stamp=database["stamp"],
        fingerprint=database["fingerprint"],
        server=database["server"],
        objects=tuple(Object(**each) for each in database["objects"]),
        tables=tuple(Table(**each | {"columns": tuple(each["columns"])}) for each in database["tables"]),
        sequences={name: (int(value), bool(given)) for name, (value, given) in database["sequences"].items()},
    )
    files = tuple(StoredFile(**each) for each in content["files"])
    others = {"database": kept, "files": files, "damaged": tuple(content["damaged"])}
    return Manifest(**content | others)


# Writing


@dataclass
class Writer:
    """An archive under way."""

    path: Path
    zip: zipfile.ZipFile
    files: list[StoredFile] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def rows(self, table: str) -> AsyncIterator[Any]:
        """Takes the rows of a table, piece by piece."""
        with self.zip.open(_rows_of(table), "w", force_zip64=True) as member:

            async def write(piece: bytes) -> None:
                await asyncio.to_thread(member.write, piece)

            yield write

    async def file(self, digest: str, pieces: AsyncIterator[bytes]) -> None:
        """Takes a stored file; one whose bytes do not have its hash is remembered as damaged."""
        found, size = hashlib.sha256(), 0
        info = zipfile.ZipInfo(_file_of(digest))
        with self.zip.open(info, "w", force_zip64=True) as member:  # stored as it is: books and pictures are packed
            async for piece in pieces:
                found.update(piece)
                size += len(piece)
                await asyncio.to_thread(member.write, piece)
        if found.hexdigest() == digest:
            self.files.append(StoredFile(digest, size))
        else:
            self.damaged.append(digest)

    def refer(self, digest: str, size: int, archive: str) -> None:
        self.files.append(StoredFile(digest, size, archive))

    def finish(self, manifest: Manifest) -> None:
        text = render(manifest.database.objects, manifest.database.stamp)
        self.zip.writestr("schema.sql", text, zipfile.ZIP_DEFLATED)
        self.zip.writestr(MANIFEST, manifest.as_json(), zipfile.ZIP_DEFLATED)


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """An archive that is at `path` afterwards, or nothing is. Raises DiskFull, BackupFailed."""
    draft = path.with_name(path.name + PART)
    with _sentences(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with draft.open("xb") as file:
                os.chmod(draft, 0o600)  # noqa: PTH101 - it holds everyone's books and password hashes
                with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                    yield Writer(path, archive)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


@contextmanager
def _sentences(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            sentence = f"The disk of {folder} is full: free some space, or name another folder; no backup was written."
            raise DiskFull(sentence) from error
        reason = error.strerror or str(error)
        raise BackupFailed(f"No backup can be written to {folder} ({reason}): name another folder.") from error


# Reading


class Archive:
    """A finished archive. Raises BackupUnusable where it is not what it says."""

    def __init__(self, path: Path) -> None:
        """Raises BackupUnusable."""
        self.path = path
        self._earlier: dict[str, Archive] = {}
        try:
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError as error:
            raise BackupUnusable(f"There is no backup {path}.", code="no_such_file") from error
        except (zipfile.BadZipFile, OSError) as error:
            raise _broken(path) from error
        try:
            self.manifest = self._read_manifest()
        except BaseException:
            self._zip.close()
            raise

    def _read_manifest(self) -> Manifest:
        try:
            content = json.loads(self._zip.read(MANIFEST))
            version = int(content["format"])
        except (KeyError, TypeError, ValueError, zipfile.BadZipFile, OSError) as error:
            raise _broken(self.path) from error
        if version > FORMAT:
            raise _newer(self.path)
        try:
            return _manifest(content)
        except (KeyError, TypeError, ValueError) as error:
            raise _broken(self.path) from error

    def refuse_newer(self, known: set[str]) -> None:
        """Raises BackupUnusable when the database in it is of a revision that is not among `known`."""
        stamp = self.manifest.database.stamp
        if stamp is not None and stamp not in known:
            raise _newer(self.path)

    async def verify(self) -> None:
        """Reads everything once: every table and file must be there with its hash. Raises BackupUnusable."""
        for table in self.manifest.database.tables:
            if await asyncio.to_thread(self._hash, _rows_of(table.name)) != table.sha256:
                raise _broken(self.path)
        for each in self.manifest.files:
            holder = self._holder(each)
            if await asyncio.to_thread(holder._hash, _file_of(each.digest)) != each.digest:
                raise _broken(holder.path)

    def _hash(self, member: str) -> str:
        digest = hashlib.sha256()
        try:
            with self._zip.open(member) as file:
                while piece := file.read(PIECE):
                    digest.update(piece)
        except UNREADABLE as error:
            raise _broken(self.path) from error
        return digest.hexdigest()

    async def rows(self, table: str) -> AsyncIterator[bytes]:
        with self._zip.open(_rows_of(table)) as member:
            while piece := await asyncio.to_thread(member.read, PIECE):
                yield piece

    def extract(self, each: StoredFile, target: Path) -> None:
        """Writes a stored file's bytes to `target`. Raises BackupUnusable, OSError."""
        holder = self._holder(each)
        digest = hashlib.sha256()
        try:
            with holder._zip.open(_file_of(each.digest)) as member, target.open("wb") as file:
                while piece := member.read(PIECE):
                    digest.update(piece)
                    file.write(piece)
        except (KeyError, zipfile.BadZipFile, EOFError, zlib.error) as error:
            raise _broken(holder.path) from error
        if digest.hexdigest() != each.digest:
            raise _broken(holder.path)

    def _holder(self, each: StoredFile) -> "Archive":
        """The archive that holds a file's bytes: ours, or an earlier one in the same folder."""
        if each.archive is None:
            return self
        if each.archive in self._earlier:
            return self._earlier[each.archive]
        path = self.path.with_name(each.archive)
        if not path.is_file():
            raise BackupUnusable(
                f"The backup {self.path.name} refers to files in {each.archive}: put that one into the same folder.",
                code="incomplete_backup",
            )
        self._earlier[each.archive] = Archive(path)
        return self._earlier[each.archive]

    def close(self) -> None:
        for earlier in self._earlier.values():
            earlier.close()
        self._zip.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _broken(path: Path) -> BackupUnusable:
    return BackupUnusable(
        f"The backup {path} is damaged or was not written to its end: take another one; nothing was changed."
    )


def _newer(path: Path) -> BackupUnusable:
    return BackupUnusable(
        f"The backup {path} was made by a newer version of BookReader: install that version to restore it.",
        code="newer_backup",
    )


def _rows_of(table: str) -> str:
    return f"rows/{table}.copy"


def _file_of(digest: str) -> str:
    return f"files/{digest[:2]}/{digest}"


def archives_in(folder: Path) -> list[Path]:
    """Finished archives, the newest first: their names sort by time."""
    return sorted(folder.glob(f"{PREFIX}*.zip"), reverse=True) if folder.is_dir() else []
