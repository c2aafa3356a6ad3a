"""Which addresses a book's own files may carry: those that stay inside the book."""

import posixpath
import re
from urllib.parse import unquote, urlsplit

# A browser forgets these before it looks for a scheme (URL Standard, "basic URL parser").
_FORGOTTEN = re.compile("[\x00-\x20\x7f]")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*:")
# Names of files without a step upwards, as nearly all addresses are.
_PLAIN = re.compile(r"(?!.*\.\.)[\w.#-][\w.#/-]*")
_OUTSIDE = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_DATA_IMAGE = re.compile(r"data:image/(?:png|jpe?g|gif|webp|avif|bmp|svg\+xml)[;,]", re.IGNORECASE)
_DATA_FONT = re.compile(
    r"data:(?:font/|application/(?:x-)?font|application/vnd\.ms-opentype)[\w.+-]*[;,]", re.IGNORECASE
)


def scheme_of(address: str) -> str:
    """The scheme as a browser would see it, lower case; empty for a relative address."""
    found = _SCHEME.match(_FORGOTTEN.sub("", address[:200]))
    return found[0][:-1].lower() if found else ""


def stays_inside(address: str, depth: int) -> bool:
    """Whether a relative address in a file `depth` folders deep leads to a file of the book."""
    if address[:5].lower() == "data:":  # seen first, because it may be megabytes long
        return False
    if _PLAIN.fullmatch(address):
        return True
    bare = _FORGOTTEN.sub("", address)
    if _SCHEME.match(bare) or bare[:1] in ("/", "\\"):
        return False
    return ".." not in unquote(bare) or not _climbs(bare, depth)


def is_image_data(address: str) -> bool:
    return _DATA_IMAGE.match(_FORGOTTEN.sub("", address[:100])) is not None


def is_font_data(address: str) -> bool:
    return _DATA_FONT.match(_FORGOTTEN.sub("", address[:100])) is not None


def may_be_followed(address: str, depth: int) -> bool:
    """Whether a reader may click on it: http, https, mailto, or a place in the book."""
    return _OUTSIDE.match(_FORGOTTEN.sub("", address[:200])) is not None or stays_inside(address, depth)


def resolve(base: str, address: str) -> str | None:
    """The path and fragment that a relative address in the file `base` means, decoded; None when it leaves the book.

    Paths count from the book's folder. An address of a fragment alone means the file itself.
    """
    if scheme_of(address):
        return None
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return None
    path = unquote(parts.path).replace("\\", "/")
    if parts.netloc or path.startswith("/"):
        return None
    whole = posixpath.normpath(posixpath.join(posixpath.dirname(base), path)) if path else base
    if whole == ".." or whole.startswith("../"):
        return None
    return f"{whole}#{unquote(parts.fragment)}" if parts.fragment else whole


def _climbs(address: str, depth: int) -> bool:
    path = unquote(re.split(r"[?#]", address, maxsplit=1)[0]).replace("\\", "/")
    for part in path.split("/"):
        depth += -1 if part == ".." else 0 if part in ("", ".") else 1
        if depth < 0:
            return True
    return False
