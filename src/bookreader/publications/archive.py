"""A zip that is read in memory and never trusted: every limit is checked before or while a member is unpacked.

What the directory says of a member is a claim. No more is unpacked than it claims, and it can claim no more than the
compression allows (deflate: 1,032 to 1), so the sum of the claims bounds what a book can cost. PKWARE APPNOTE 6.3.
"""

import io
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from bookreader.errors import BookRefused

MAX_MEMBERS = 20_000
MAX_UNPACKED = 1024**3
"""Bytes of all members together."""
MAX_MEMBER = 256 * 1024**2
MAX_PATH = 1000
"""Characters; a member with a longer name is left out."""
MAX_DEPTH = 32
"""Folders in folders; a member further down is left out."""

_DEFLATE_AT_MOST = 1032
_SUSPECT_MEMBER, _SUSPECT_MEMBER_RATIO = 16 * 1024**2, 100
_SUSPECT_WHOLE, _SUSPECT_WHOLE_RATIO = 64 * 1024**2, 50
_ENCRYPTED, _UTF8_NAME = 0x1, 0x800
_DIRECTORY_ENTRY, _END_OF_DIRECTORY = b"PK\x01\x02", b"PK\x05\x06"
_BAD_DIRECTORY = (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, EOFError, struct.error, OSError)


@dataclass(frozen=True)
class Unpacked:
    """A member's bytes. `damaged`: they are not all there, or not as they were packed."""

    data: bytes
    damaged: bool = False


class Archive:
    """The members of a zip by their names, with forward slashes. Of two of the same name the first counts.

    Names that lead out of the archive, and links, are left out and listed in `unsafe`; `repeated` lists the doubles.
    """

    def __init__(self, data: bytes) -> None:
        """Raises BookRefused: broken_archive, protected or too_large."""
        self._data = data
        self._members: dict[str, zipfile.ZipInfo] = {}
        self.unsafe: list[str] = []
        self.repeated: list[str] = []
        for info in _directory(data):
            self._add(info)
        _refuse_bombs(self._members.values(), len(data))
        self._alike: dict[str, str] = {}
        for name in reversed(self._members):
            self._alike[_alike(name)] = name

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._members)

    def find(self, path: str) -> str | None:
        """The name of the member at a path, or of the one that differs only in case or in how letters are composed."""
        return path if path in self._members else self._alike.get(_alike(path))

    def read(self, name: str, limit: int = MAX_MEMBER) -> Unpacked:
        """Unpacks a member, at most `limit` bytes and one. Raises KeyError when there is none of that name."""
        info = self._members[name]
        packed = self._packed(info)
        if packed is None:
            return Unpacked(b"", damaged=True)
        most = min(_claimed(info), limit) + 1
        if info.compress_type == zipfile.ZIP_STORED:
            data = bytes(packed[:most])
        elif info.compress_type == zipfile.ZIP_DEFLATED:
            data = _inflated(packed, most)
        else:
            return Unpacked(b"", damaged=True)
        return Unpacked(data, damaged=len(data) != info.file_size or zlib.crc32(data) != info.CRC)

    def _add(self, info: zipfile.ZipInfo) -> None:
        if info.is_dir():
            return
        name = _name(info)
        if not _is_safe(name) or stat.S_ISLNK(info.external_attr >> 16):
            self.unsafe.append(name)
        elif name in self._members:
            self.repeated.append(name)
        elif info.flag_bits & _ENCRYPTED:
            raise BookRefused(
                "This file is locked with a zip password. Unpack it with the password and make an EPUB without one.",
                code="protected",
            )
        else:
            self._members[name] = info

    def _packed(self, info: zipfile.ZipInfo) -> memoryview | None:
        """The member's packed bytes: after its own header, as long as the directory says."""
        at = info.header_offset
        header = self._data[at : at + 30]
        if len(header) < 30 or header[:4] != b"PK\x03\x04":
            return None
        name_length, extra_length = struct.unpack_from("<HH", header, 26)
        start = at + 30 + name_length + extra_length
        return memoryview(self._data)[start : start + info.compress_size]


def _directory(data: bytes) -> list[zipfile.ZipInfo]:
    end = data.rfind(_END_OF_DIRECTORY)
    size = int.from_bytes(data[end + 12 : end + 16], "little") if end >= 0 else 0
    # Counted first, because reading a directory of millions would already cost too much.
    if data.count(_DIRECTORY_ENTRY, max(0, end - size)) > MAX_MEMBERS:
        raise BookRefused(
            f"This archive holds more than {MAX_MEMBERS:,} files, which no book needs. Look for another copy.",
            code="too_large",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.infolist()
    except _BAD_DIRECTORY as error:
        raise BookRefused(
            "This file is a damaged archive: its end is missing or cannot be read. Fetch the file again.",
            code="broken_archive",
        ) from error


def _refuse_bombs(members: Iterable[zipfile.ZipInfo], packed: int) -> None:
    unpacked = 0
    for info in members:
        size = _claimed(info)
        unpacked += size
        if size > MAX_MEMBER or (size > _SUSPECT_MEMBER and size > _SUSPECT_MEMBER_RATIO * info.compress_size):
            raise _bomb()
    if unpacked > MAX_UNPACKED or (unpacked > _SUSPECT_WHOLE and unpacked > _SUSPECT_WHOLE_RATIO * packed):
        raise _bomb()


def _bomb() -> BookRefused:
    return BookRefused(
        "This archive unpacks into far more than any book holds, so it was not unpacked. If the book is honest, "
        "make its files smaller and try again.",
        code="too_large",
    )


def _claimed(info: zipfile.ZipInfo) -> int:
    """The most bytes that a member can hold, whatever it says."""
    if info.compress_type == zipfile.ZIP_STORED:
        return info.compress_size
    return min(info.file_size, _DEFLATE_AT_MOST * info.compress_size + 64)


def _inflated(packed: memoryview, most: int) -> bytes:
    """The unpacked bytes, at most so many; of damaged ones those before the damage."""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, most)
    except zlib.error:
        return _inflated_until_damage(packed, most)


def _inflated_until_damage(packed: memoryview, most: int) -> bytes:
    inflater, data = zlib.decompressobj(-zlib.MAX_WBITS), bytearray()
    with suppress(zlib.error):
        for start in range(0, len(packed), 1024):
            data += inflater.decompress(packed[start : start + 1024], most - len(data))
            if len(data) >= most or inflater.eof:
                break
    return bytes(data)


def _name(info: zipfile.ZipInfo) -> str:
    """Many packers write UTF-8 and do not say so; and some write Windows' backslashes."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _is_safe(name: str) -> bool:
    parts = name.split("/")
    return (
        len(name) <= MAX_PATH
        and len(parts) <= MAX_DEPTH
        and not any(part in ("", ".", "..") for part in parts)
        and not any(ord(character) < 32 or ord(character) == 127 for character in name)
        and parts[0][1:2] != ":"
    )


def _alike(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
