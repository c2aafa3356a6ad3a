"""EPUB Canonical Fragment Identifiers as strings and values: read, write, compare, complete.

Section numbers and terms are those of the W3C specification "EPUB Canonical Fragment Identifiers 1.1". What a CFI
points to in a document is found in `points` (any tree) and `text` (a chapter's plain text).
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol
from urllib.parse import unquote

from bookreader.errors import InvalidInput

LONGEST = 4096
"""Code points of the longest CFI that is read."""

Side = Literal["start", "end"]


class CfiError(InvalidInput):
    """A CFI that cannot be used. `malformed`: the text is no CFI at all; otherwise it leads nowhere in this book."""

    code = "bad_cfi"

    def __init__(self, message: str, *, malformed: bool = False) -> None:
        super().__init__(message)
        self.malformed = malformed


@dataclass(frozen=True, slots=True)
class Assertion:
    """What stands in brackets. After a step, `values` is an id; after an offset, the text before and after it."""

    values: tuple[str, ...] = ()
    parameters: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def before(self) -> str | None:
        return (self.values[0] or None) if self.values else None

    @property
    def after(self) -> str | None:
        return (self.values[1] or None) if len(self.values) > 1 else None

    @property
    def side(self) -> str | None:
        """The side bias: `b` belongs to what precedes, `a` to what follows."""
        values = dict(self.parameters).get("s", ())
        return values[0] if values and values[0] in ("a", "b") else None


@dataclass(frozen=True, slots=True)
class Step:
    """Even indices count child elements from 2, odd ones the chunks of character data between them from 1."""

    index: int
    assertion: Assertion | None = None

    @property
    def id(self) -> str | None:
        return self.assertion.before if self.assertion else None


@dataclass(frozen=True, slots=True)
class Offset:
    """What ends a path: `character` in UTF-16 units, or `seconds` and a `spot` (x, y in percent) of a medium."""

    character: int | None = None
    seconds: Decimal | None = None
    spot: tuple[Decimal, Decimal] | None = None
    assertion: Assertion | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """Steps by document: each `!` begins a new tuple of steps."""

    documents: tuple[tuple[Step, ...], ...] = ((),)
    offset: Offset | None = None

    @property
    def last(self) -> Assertion | None:
        """The assertion at the path's end, which may carry the side bias."""
        if self.offset is not None:
            return self.offset.assertion
        return self.documents[-1][-1].assertion if self.documents[-1] else None

    def __add__(self, other: "Path") -> "Path":
        joined = self.documents[-1] + other.documents[0]
        return Path((*self.documents[:-1], joined, *other.documents[1:]), other.offset)


@dataclass(frozen=True, slots=True)
class Cfi:
    """A point, or with `range` the stretch between two paths below `path`."""

    path: Path
    range: tuple[Path, Path] | None = None

    @property
    def start(self) -> Path:
        return self.path + self.range[0] if self.range else self.path

    @property
    def end(self) -> Path:
        return self.path + self.range[1] if self.range else self.path


def is_cfi(text: str) -> bool:
    """Whether the text has a CFI's form."""
    try:
        parse(text)
    except CfiError:
        return False
    return True


def parse(text: str) -> Cfi:
    """Reads `epubcfi(...)` in raw form, strictly but for brackets that nobody could misread. Raises CfiError."""
    _check_length(text)
    if not (text.startswith("epubcfi(") and text.endswith(")")):
        raise CfiError("A CFI is written as epubcfi(...).", malformed=True)
    return _cfi(text[len("epubcfi(") : -1])


def parse_path(text: str) -> Cfi:
    """Reads a CFI with or without `epubcfi(...)` around it, such as the local path /4/2/1:13. Raises CfiError."""
    if text.startswith("epubcfi("):
        return parse(text)
    _check_length(text)
    return _cfi(text)


def parse_fragment(fragment: str) -> Cfi:
    """Reads a CFI from a link's fragment, where characters may be percent-encoded (section 2.3). Raises CfiError."""
    _check_length(fragment)
    return parse(unquote(fragment.removeprefix("#")))


def _check_length(text: str) -> None:
    if len(text) > LONGEST:
        raise CfiError(f"A CFI longer than {LONGEST} characters is not read.", malformed=True)


_STEP = re.compile(r"/(0|[1-9][0-9]*)(?![0-9])")
_NUMBER = r"(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?(?![0-9.])"
_CHARACTER = re.compile(r":(0|[1-9][0-9]*)(?![0-9])")
_MEDIUM = re.compile(rf"(?:~({_NUMBER}))?(?:@({_NUMBER}):({_NUMBER}))?")
_ASSERTION = re.compile(r"\[((?:[^\[\]^]|\^.)*)\]", re.DOTALL)
_TOKEN = re.compile(r"\^.|.", re.DOTALL)
_LARGEST = 12
"""Digits of the largest number: no document has more nodes, and long digits cost time squared."""


def _cfi(text: str) -> Cfi:
    path, at = _path(text, 0)
    if not path.documents[0]:
        raise CfiError("A CFI begins with a step such as /6.", malformed=True)
    if at == len(text):
        return Cfi(path)
    if path.offset is not None:
        raise _unexpected(text, at)
    start, at = _path(text, _comma(text, at))
    end, at = _path(text, _comma(text, at))
    if at != len(text):
        raise _unexpected(text, at)
    return Cfi(path, (start, end))


def _comma(text: str, at: int) -> int:
    if text[at : at + 1] != ",":
        raise _unexpected(text, at)
    return at + 1


def _path(text: str, at: int) -> tuple[Path, int]:
    documents: list[tuple[Step, ...]] = []
    while True:
        steps, at = _steps(text, at)
        documents.append(steps)
        if text[at : at + 1] != "!":
            break
        at += 1
        if text[at : at + 1] not in ("/", ":", "~", "@"):
            raise _unexpected(text, at)
    offset, at = _offset(text, at)
    return Path(tuple(documents), offset), at


def _steps(text: str, at: int) -> tuple[tuple[Step, ...], int]:
    steps = []
    while found := _STEP.match(text, at):
        assertion, at = _assertion(text, found.end())
        steps.append(Step(_integer(found[1]), assertion))
    return tuple(steps), at


def _offset(text: str, at: int) -> tuple[Offset | None, int]:
    if found := _CHARACTER.match(text, at):
        assertion, at = _assertion(text, found.end())
        return Offset(character=_integer(found[1]), assertion=assertion), at
    found = _MEDIUM.match(text, at)
    if found is None or not found[0]:
        return None, at
    seconds, x, y = (None if number is None else _decimal(number) for number in found.groups())
    assertion, at = _assertion(text, found.end())
    spot = (x, y) if x is not None and y is not None else None
    return Offset(seconds=seconds, spot=spot, assertion=assertion), at


def _integer(digits: str) -> int:
    if len(digits) > _LARGEST:
        raise CfiError("A number in the CFI is too large.", malformed=True)
    return int(digits)


def _decimal(digits: str) -> Decimal:
    if len(digits) > 2 * _LARGEST:
        raise CfiError("A number in the CFI is too large.", malformed=True)
    return Decimal(digits)


def _assertion(text: str, at: int) -> tuple[Assertion | None, int]:
    if text[at : at + 1] != "[":
        return None, at
    found = _ASSERTION.match(text, at)
    if found is None:
        raise CfiError(f"The bracket at character {at} of the CFI is not closed.", malformed=True)
    values, *parameters = _split(found[1], ";")
    read = tuple(_parameter(parameter) for parameter in parameters if "=" in parameter)
    return Assertion(_values(values), read), found.end()


def _parameter(text: str) -> tuple[str, tuple[str, ...]]:
    name, *value = _split(text, "=")
    return _unescape(name), _values("=".join(value))


def _values(text: str) -> tuple[str, ...]:
    return tuple(_unescape(value) for value in _split(text, ",")) if text else ()


def _split(text: str, separator: str) -> list[str]:
    """Splits where the separator is not escaped by a circumflex."""
    if "^" not in text:
        return text.split(separator)
    parts: list[list[str]] = [[]]
    for token in _TOKEN.findall(text):
        if token == separator:
            parts.append([])
        else:
            parts[-1].append(token)
    return ["".join(part) for part in parts]


def _unescape(text: str) -> str:
    return re.sub(r"\^(.)", r"\1", text, flags=re.DOTALL) if "^" in text else text


def _unexpected(text: str, at: int) -> CfiError:
    if at >= len(text):
        return CfiError("The CFI ends too early.", malformed=True)
    return CfiError(f"The CFI cannot be read from {text[at : at + 12]!r} on.", malformed=True)


def format_cfi(cfi: Cfi) -> str:
    """Writes a CFI so that `parse` reads the same value again."""
    return f"epubcfi({format_path(cfi)})"


def format_path(cfi: Cfi) -> str:
    """Writes a CFI without `epubcfi(...)` around it."""
    return ",".join(_written(path) for path in (cfi.path, *(cfi.range or ())))


def _written(path: Path) -> str:
    documents = "!".join(
        "".join(f"/{step.index}{_written_assertion(step.assertion)}" for step in steps) for steps in path.documents
    )
    return documents + (_written_offset(path.offset) if path.offset else "")


def _written_offset(offset: Offset) -> str:
    character = "" if offset.character is None else f":{offset.character}"
    seconds = "" if offset.seconds is None else f"~{offset.seconds:f}"
    spot = "" if offset.spot is None else f"@{offset.spot[0]:f}:{offset.spot[1]:f}"
    return character + seconds + spot + _written_assertion(offset.assertion)


def _written_assertion(assertion: Assertion | None) -> str:
    if assertion is None or not (assertion.values or assertion.parameters):
        return ""
    parameters = "".join(f";{escape(name)}={_written_values(values)}" for name, values in assertion.parameters)
    return f"[{_written_values(assertion.values)}{parameters}]"


def _written_values(values: tuple[str, ...]) -> str:
    return ",".join(escape(value) for value in values)


def escape(text: str) -> str:
    """Puts a circumflex before each character that would otherwise end an assertion's value (section 2.2)."""
    return re.sub(r"[\^\[\](),;=]", r"^\g<0>", text)


Key = tuple[tuple[tuple[float | Decimal, ...], ...], tuple[tuple[float | Decimal, ...], ...]]


def sort_key(cfi: Cfi | str) -> Key:
    """What CFIs are ordered by (section 3.2): the start, then the end; assertions do not count. Raises CfiError."""
    read = parse_path(cfi) if isinstance(cfi, str) else cfi
    return _order(read.start), _order(read.end)


def compare(one: Cfi | str, other: Cfi | str) -> int:
    """-1, 0 or 1 as `one` stands before, at or after `other`. Raises CfiError."""
    left, right = sort_key(one), sort_key(other)
    return (left > right) - (left < right)


# Where two paths part, the kinds of their next parts decide, in the order of section 3.2.
_CHARACTER_RANK, _STEP_RANK, _MEDIUM_RANK, _INDIRECTION_RANK = range(4)


def _order(path: Path) -> tuple[tuple[float | Decimal, ...], ...]:
    parts: list[tuple[float | Decimal, ...]] = []
    for number, steps in enumerate(path.documents):
        if number:
            parts.append((_INDIRECTION_RANK,))
        parts.extend((_STEP_RANK, step.index) for step in steps)
    if path.offset is not None:
        parts.append(_offset_order(path.offset))
    return tuple(parts)


def _offset_order(offset: Offset) -> tuple[float | Decimal, ...]:
    if offset.character is not None:
        return (_CHARACTER_RANK, offset.character)
    x, y = offset.spot or (Decimal(-1), Decimal(-1))
    return (_MEDIUM_RANK, Decimal(-1) if offset.seconds is None else offset.seconds, y, x)


def chapter_steps(cfi: str) -> tuple[int, ...]:
    """The steps through the package document, of a CFI or of a chapter step such as /6/4[ch1]. Raises CfiError."""
    return tuple(step.index for step in parse_path(cfi).path.documents[0])


class Places(Protocol):
    """What knows the local paths of a chapter's text: a `text.TextMap`."""

    def cfi(self, offset: int, side: Side = "start") -> str: ...


def complete(step: str, local: str) -> str:
    """The whole CFI of a local path in the chapter with this step, such as /6/4[ch1]."""
    return f"epubcfi({step}!{local})"


def complete_range(step: str, places: Places, start: int, end: int) -> str:
    """The range CFI of `start` to `end`, half-open code points into the chapter's text."""
    first, last = (parse_path(f"{step}!{local}").path for local in (places.cfi(start), places.cfi(end, "end")))
    return format_cfi(between(first, last))


def between(start: Path, end: Path) -> Cfi:
    """The range from one point to another of the same document, below their deepest common parent (section 3.4)."""
    *before, first = start.documents
    *others, last = end.documents
    most = min(len(first), len(last)) - 1
    if [[step.index for step in steps] for steps in before] != [[step.index for step in steps] for steps in others]:
        raise ValueError("a range lies within one document")
    common = next((at for at in range(most) if first[at].index != last[at].index), max(most, 0))
    if common:
        parent = Path((*before, first[:common]))
        return Cfi(parent, (Path((first[common:],), start.offset), Path((last[common:],), end.offset)))
    if not before:
        raise ValueError("the points have no step in common")
    return Cfi(Path(tuple(before)), (Path(((), first), start.offset), Path(((), last), end.offset)))
