"""Which parts of a paragraph are spoken, in every convention of print."""

import re
from collections.abc import Callable, Iterator

Span = tuple[int, int]

_DASHES = "—–―‒"
_PAIRS = (("„", "“”"), ("“", "”"), ("«", "»"))
_DASH_START = re.compile(rf"([{_DASHES}]+|--?)\s*(?=\S)")
_DASH_AFTER_COLON = re.compile(rf":\s*([{_DASHES}])\s+(?=[A-ZА-ЯЁ])")
_REMARK = re.compile(rf"(?<=[,.!?…:;\"”»])\s*([{_DASHES}]|--)\s+")
_SINGLE_OPEN = re.compile(r"(?<![\w])[‘'](?=[\w“\"—–])")
_SINGLE_CLOSE = re.compile(r"(?<=[,.!?…—–-])[’'](?!\w)")


def speech_spans(text: str, is_remark: Callable[[str], bool]) -> list[Span]:
    """Ranges that are spoken, in order. `is_remark` says whether a part after a dash is the author's.

    A quotation that does not close runs to the end of the paragraph: the next one goes on with it.
    """
    dash = _DASH_START.match(text) or _DASH_AFTER_COLON.search(text)
    if dash:
        return list(_dashed(text, dash.start(1), dash.end(), is_remark))
    found: list[Span] = []
    for opening, closing in _PAIRS:
        found += _quoted(masked(text, _merged(found)), opening, closing)
    found += _straight(text)
    if not found:
        found = list(_single(text))
    return _merged(found)


def masked(text: str, spans: list[Span]) -> str:
    """The text with spaces in the place of what is spoken, so that offsets stay."""
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], " " * (end - start)]
        at = end
    return "".join([*parts, text[at:]])


def _quoted(text: str, opening: str, closing: str) -> Iterator[Span]:
    at = text.find(opening)
    while at >= 0:
        ends = [place for mark in closing if (place := text.find(mark, at + 1)) >= 0]
        end = min(ends) + 1 if ends else len(text)
        yield at, end
        at = text.find(opening, end)


def _straight(text: str) -> Iterator[Span]:
    marks = [match.start() for match in re.finditer('"', text)]
    for number in range(0, len(marks), 2):
        yield marks[number], marks[number + 1] + 1 if number + 1 < len(marks) else len(text)


def _single(text: str) -> Iterator[Span]:
    opened = _SINGLE_OPEN.search(text)
    while opened:
        closed = _SINGLE_CLOSE.search(text, opened.end())
        if closed is None:
            if opened.start() == 0:
                yield 0, len(text)
            return
        yield opened.start(), closed.end()
        opened = _SINGLE_OPEN.search(text, closed.end())


def _dashed(text: str, start: int, begin: int, is_remark: Callable[[str], bool]) -> Iterator[Span]:
    """Speech from `start`, its first word at `begin`; between further dashes the author speaks where that is said."""
    spoken = True
    for dash in _REMARK.finditer(text, begin):
        if spoken and is_remark(text[dash.end() : dash.end() + 80]):
            yield start, dash.start()
            spoken = False
        elif not spoken:
            spoken, start = True, dash.start(1)
    if spoken:
        yield start, len(text)


def _merged(spans: list[Span]) -> list[Span]:
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start < result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result
