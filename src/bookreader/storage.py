"""Files addressed by their SHA-256: a local folder or an S3 bucket behind one interface."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Self

import obstore
from obstore.store import LocalStore, ObjectStore, from_url

from bookreader.errors import NotFound, Unavailable
from bookreader.settings import Settings

CHUNK = 256 * 1024
HASH_LENGTH = 64


class StorageFull(Unavailable):
    code = "storage_full"


class FileMissing(NotFound):
    code = "file_missing"


def content_hash(data: bytes) -> str:
    """SHA-256 of `data` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Blob:
    """A stored file: its hash, its size in bytes, and when it was written."""

    digest: str
    size: int
    written_at: datetime


@dataclass(frozen=True)
class Aside:
    """A file out of use, and since when."""

    digest: str
    size: int
    day: date

    @property
    def key(self) -> str:
        return f"aside/{self.day.isoformat()}/{self.digest}"


class Storage:
    """Blobs under `blobs/<first two digits>/<hash>`. Writing the same bytes twice writes them once."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        if settings.storage_url:
            return cls(from_url(settings.storage_url))
        folder = settings.data_dir / "files"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(f"The data folder {settings.data_dir} cannot be written: {error.strerror}.") from error
        return cls(LocalStore(folder))

    async def put(self, data: bytes) -> str:
        """Keeps `data` and returns its hash. Raises StorageFull when there is no room."""
        digest = content_hash(data)
        await self._write(digest, data)
        return digest

    async def put_file(self, path: Path, digest: str) -> None:
        """Keeps the file at `path`, whose hash is already known. Raises StorageFull when there is no room."""
        await self._write(digest, path)

    async def _write(self, digest: str, source: bytes | Path) -> None:
        if await self.has(digest):
            return
        try:
            await obstore.put_async(self._store, _key(digest), source)
        except (OSError, obstore.exceptions.BaseError) as error:
            raise StorageFull(
                "The file could not be stored: the disk may be full or closed for writing. "
                "Free some space and try again; nothing was lost."
            ) from error

    async def has(self, digest: str) -> bool:
        try:
            await obstore.head_async(self._store, _key(digest))
        except FileNotFoundError:
            return False
        return True

    async def holds(self, digest: str) -> bool:
        """Whether the file is there and its bytes still have its hash."""
        found = hashlib.sha256()
        try:
            async for piece in self.stream(digest):
                found.update(piece)
        except FileMissing:
            return False
        return found.hexdigest() == digest

    async def get(self, digest: str) -> bytes:
        """All bytes of a blob. Raises FileMissing."""
        try:
            answer = await obstore.get_async(self._store, _key(digest))
            return bytes(await answer.bytes_async())
        except FileNotFoundError as error:
            raise FileMissing(
                "A stored file is missing. Restore it from a backup, or upload the book again."
            ) from error

    async def stream(self, digest: str) -> AsyncIterator[bytes]:
        """The bytes of a blob in pieces. Raises FileMissing before the first piece."""
        try:
            answer = await obstore.get_async(self._store, _key(digest))
        except FileNotFoundError as error:
            raise FileMissing(
                "A stored file is missing. Restore it from a backup, or upload the book again."
            ) from error
        async for piece in answer.stream(min_chunk_size=CHUNK):
            yield bytes(piece)

    async def blobs(self) -> AsyncIterator[Blob]:
        """Every file that is kept, in no order. Raises Unavailable."""
        try:
            async for batch in obstore.list(self._store, prefix="blobs"):
                for item in batch:
                    name = str(item["path"]).rsplit("/", 1)[-1]
                    if len(name) == HASH_LENGTH:
                        yield Blob(name, int(item["size"]), item["last_modified"])
        except (OSError, obstore.exceptions.BaseError) as error:
            raise Unavailable("The stored files cannot be listed: see whether their folder can be read.") from error

    async def put_aside(self, digest: str, day: date) -> None:
        """Takes a file out of use, under the day on which that was done."""
        with suppress(FileNotFoundError):
            await obstore.rename_async(self._store, _key(digest), Aside(digest, 0, day).key)

    async def aside(self) -> AsyncIterator[Aside]:
        """Every file that was put aside."""
        async for batch in obstore.list(self._store, prefix="aside"):
            for item in batch:
                _, day, name = str(item["path"]).rsplit("/", 2)
                yield Aside(name, int(item["size"]), date.fromisoformat(day))

    async def bring_back(self, each: Aside) -> None:
        with suppress(FileNotFoundError):
            await obstore.rename_async(self._store, each.key, _key(each.digest))

    async def delete_aside(self, each: Aside) -> None:
        with suppress(FileNotFoundError):
            await obstore.delete_async(self._store, each.key)

    async def delete(self, digest: str) -> None:
        try:
            await obstore.delete_async(self._store, _key(digest))
        except FileNotFoundError:
            return

    async def check(self) -> None:
        """Raises StorageFull when files cannot be written."""
        try:
            await obstore.put_async(self._store, "probe", b"ok")
        except (OSError, obstore.exceptions.BaseError) as error:
            raise StorageFull("Files cannot be stored: the disk may be full or closed for writing.") from error


def _key(digest: str) -> str:
    return f"blobs/{digest[:2]}/{digest}"
