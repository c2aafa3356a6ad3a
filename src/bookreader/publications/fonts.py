"""What of an EPUB is encrypted: obfuscated fonts, which are made clear, or content under a lock.

EPUB 3.3 section 4.2.6.3.1 (encryption.xml) and 4.4 (font obfuscation); Adobe's algorithm as its own fonts use it.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from bookreader.publications.links import resolve

IDPF = "http://www.idpf.org/2008/embedding"
ADOBE = "http://ns.adobe.com/pdf/enc#RC"
_COVERED = {IDPF: 1040, ADOBE: 1024}
_SPACE = re.compile(r"[\x20\x09\x0d\x0a]")
_UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
_BEGINNINGS = {b"\0\1\0\0": "font/ttf", b"true": "font/ttf", b"OTTO": "font/otf", b"ttcf": "font/collection",
               b"wOFF": "font/woff", b"wOF2": "font/woff2"}  # fmt: skip


@dataclass(frozen=True)
class Encryption:
    """Paths in the archive: of obfuscated fonts with their algorithm, and of what is locked."""

    obfuscated: dict[str, str]
    locked: tuple[str, ...]


def font_type(data: bytes) -> str | None:
    """The media type of a font by how it begins; None for anything else."""
    return _BEGINNINGS.get(data[:4])


def encryption_of(root: etree._Element | None) -> Encryption:
    """Reads META-INF/encryption.xml, whose addresses count from the archive's root."""
    obfuscated: dict[str, str] = {}
    locked: list[str] = []
    for entry in [] if root is None else root.iter("{*}EncryptedData"):
        method = next(entry.iter("{*}EncryptionMethod"), None)
        algorithm = (method.get("Algorithm") or "") if method is not None else ""
        for reference in entry.iter("{*}CipherReference"):
            path = resolve("", reference.get("URI") or "")
            if path and algorithm in _COVERED:
                obfuscated[path] = algorithm
            elif path:
                locked.append(path)
    return Encryption(obfuscated, tuple(locked))


def clear_font(data: bytes, algorithm: str, identifiers: Iterable[str]) -> bytes:
    """Undoes the obfuscation; a font that was clear all the time, or that no key opens, stays as it is.

    `identifiers` are the package's, its unique one first.
    """
    if font_type(data):
        return data
    for identifier in identifiers:
        key = _idpf_key(identifier) if algorithm == IDPF else _adobe_key(identifier)
        if key and font_type(clear := _xor(data, key, _COVERED[algorithm])):
            return clear
    return data


def _idpf_key(identifier: str) -> bytes:
    return hashlib.sha1(_SPACE.sub("", identifier).encode(), usedforsecurity=False).digest()


def _adobe_key(identifier: str) -> bytes:
    found = _UUID.search(identifier)
    return bytes.fromhex(found[0].replace("-", "")) if found else b""


def _xor(data: bytes, key: bytes, covered: int) -> bytes:
    head = data[:covered]
    mask = (key * (len(head) // len(key) + 1))[: len(head)]
    mixed = int.from_bytes(head, "big") ^ int.from_bytes(mask, "big")
    return mixed.to_bytes(len(head), "big") + data[covered:]
