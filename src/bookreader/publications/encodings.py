"""Finds out in which encoding a text really is: what the file declares is only a hint."""

import codecs
import re
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE_STARTS = ((b"<\0?\0", "utf-16-le"), (b"\0<\0?", "utf-16-be"), (b"<\0F\0", "utf-16-le"), (b"\0<\0F", "utf-16-be"))
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?\bencoding\s*=\s*["']\s*([\w.:-]+)""")

# Only these codecs: Python has others under such names that are no encodings of books (punycode, unicode_escape ...).
_BOOK_CODEC = re.compile(r"(utf-(8|16|32)|cp\d+|iso8859-|koi8-|mac-|ascii|gb|big5|euc_|shift_|johab|kz1048)")
_CYRILLIC = ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic")
_WESTERN = ("cp1252", "iso8859-1", "iso8859-15", "ascii")
_BY_FREQUENCY = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъ"
_SAMPLE = 20_000
_HIGH = re.compile(rb"[\x80-\xff]+")


@dataclass(frozen=True)
class Encoding:
    """`declared` is empty when the file says nothing; `damaged` when some bytes have no meaning in `name`."""

    name: str
    declared: str
    damaged: bool = False

    @property
    def misdeclared(self) -> bool:
        return bool(self.declared) and self.declared.split("-")[:2] != self.name.split("-")[:2]


def find_encoding(data: bytes) -> Encoding:
    """The encoding of an XML or plain text, tried against its bytes."""
    declared = _declared(data)
    wide = _wide(data)
    if wide is not None:
        return Encoding(wide, declared)
    if data.isascii():
        return Encoding("utf-8", "")
    bad, good = _utf8_fit(data)
    if not bad:
        return Encoding("utf-8", declared)
    if good > 2 * bad:
        return Encoding("utf-8", declared, damaged=True)
    return Encoding(_single_byte(data, declared), declared)


def decode(data: bytes, encoding: Encoding) -> str:
    """The text without its byte order mark; what has no meaning becomes U+FFFD."""
    return data.decode(encoding.name, "replace").removeprefix("\ufeff")


def _wide(data: bytes) -> str | None:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    return next((name for start, name in _WIDE_STARTS if data.startswith(start)), None)


def _declared(data: bytes) -> str:
    found = _DECLARED.match(data[:1000])
    if found is None:
        return ""
    try:
        name = codecs.lookup(found[1].decode("ascii", "replace")).name
    except LookupError:
        return "unknown"
    return name if _BOOK_CODEC.match(name) else "unknown"


def _utf8_fit(data: bytes) -> tuple[int, int]:
    """How many places are no UTF-8, and how many characters beyond ASCII are. A cut at the end is no fault."""
    try:
        codecs.utf_8_decode(data, "strict", False)
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        bad = text.count("\ufffd")
        return bad, len(text) - len(text.encode("ascii", "ignore")) - bad
    return 0, len(data)


def _single_byte(data: bytes, declared: str) -> str:
    runs = _HIGH.findall(data, 0, 10 * _SAMPLE)
    sample = b" ".join(runs)[:_SAMPLE]
    in_words = sum(len(run) for run in runs if len(run) > 2) > sum(map(len, runs)) / 2
    trusted = declared if declared and not declared.startswith(("utf-", "unknown")) else ""
    if not in_words:
        return trusted or "cp1252"
    if trusted and trusted not in _CYRILLIC + _WESTERN:
        return trusted
    best = max(_CYRILLIC, key=lambda name: _likeness(sample, name))
    sure = trusted not in _CYRILLIC or _likeness(sample, best) > 1.2 * _likeness(sample, trusted)
    return best if sure else trusted


def _likeness(sample: bytes, name: str) -> float:
    """How much like Russian a sample reads, by the frequency of its letters."""
    text = sample.decode(name, "replace")
    return sum(text.count(letter) * (len(_BY_FREQUENCY) - rank) for rank, letter in enumerate(_BY_FREQUENCY)) / len(
        text
    )
