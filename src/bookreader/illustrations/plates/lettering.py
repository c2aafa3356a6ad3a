"""Text as outlines: Literata's glyphs become paths, so a plate needs no font where it is shown."""

import math
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from io import BytesIO
from itertools import pairwise
from threading import Lock
from typing import Any

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont

from bookreader.illustrations.plates.phrase import UNSEEN

# Look-alikes for what the fonts do not draw: spaces, hyphens and quotes of other kinds.
_STAND_INS = str.maketrans(
    {
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\u2010": "-",
        "\u2011": "-",
        "\u2015": "—",
        "\u201f": "“",
        "\u2033": '"',
        **dict.fromkeys(UNSEEN, ""),
    }
)


_HANGING = re.compile(
    r"(?:the|and?|of|to|in|on|at|by|for|with|from|his|her|my|its|or|as|"
    r"но|не|на|по|из|за|до|от|со|во|ко|об|под|над|для|или|их)$",
    re.IGNORECASE,
)
"""Words that belong to what follows: a line should not end with one."""

_Pair = tuple[float, float]


class _OutlinePen(BasePen):
    """Collects a glyph as relative path data, rounded to whole steps without drift."""

    def __init__(self, glyphs: Any, scale: float, x: float, y: float) -> None:
        super().__init__(glyphs)  # type: ignore[no-untyped-call]
        self.parts: list[str] = []
        self._scale, self._x, self._y = scale, x, y
        self._last = (0, 0)

    def _place(self, point: _Pair) -> tuple[int, int]:
        return round(self._x + point[0] * self._scale), round(self._y - point[1] * self._scale)

    def _relative(self, *points: _Pair) -> str:
        placed = [self._place(point) for point in points]
        steps = " ".join(f"{px - self._last[0]} {py - self._last[1]}" for px, py in placed)
        self._last = placed[-1]
        return steps

    def _moveTo(self, pt: _Pair) -> None:  # noqa: N802 - the library's name
        self._last = self._place(pt)
        self.parts.append(f"M{self._last[0]} {self._last[1]}")

    def _lineTo(self, pt: _Pair) -> None:  # noqa: N802
        self.parts.append("l" + self._relative(pt))

    def _qCurveToOne(self, pt1: _Pair, pt2: _Pair) -> None:  # noqa: N802
        self.parts.append("q" + self._relative(pt1, pt2))

    def _closePath(self) -> None:  # noqa: N802
        self.parts.append("z")


class Face:
    """One style of Literata. Widths and sizes in units of the plate."""

    def __init__(self, data: bytes) -> None:
        # fontTools reads a table or a glyph when it is first asked for, and shows it half read to other threads.
        self._reading = Lock()
        self._font = TTFont(BytesIO(data))
        self._glyphs = self._font.getGlyphSet()
        self._cmap: dict[int, str] = self._font.getBestCmap() or {}
        self._advances = {name: pair[0] for name, pair in self._font["hmtx"].metrics.items()}

    @cached_property
    def _kerning(self) -> dict[tuple[str, str], int]:
        with self._reading:
            table: Any = self._font["kern"].kernTables[0]
            return dict(table.kernTable)

    def can_set(self, text: str) -> bool:
        """True where the face has a glyph for every character."""
        return all(ord(char) in self._cmap for char in text.translate(_STAND_INS))

    def width(self, text: str, size: float, spacing: float = 0.0) -> float:
        """`spacing` in ems, added after every character but the last."""
        return sum(step for _, step in self._steps(text)) * size / 1000 + spacing * size * max(0, len(text) - 1)

    def path(self, text: str, x: float, y: float, size: float, spacing: float = 0.0) -> str:
        """Path data in TENTHS of a unit (whole numbers are short), with the baseline starting at (x, y)."""
        scale = size / 100
        out: list[str] = []
        for name, step in self._steps(text):
            pen = _OutlinePen(self._glyphs, scale, x * 10, y * 10)
            with self._reading:
                self._glyphs[name].draw(pen)
            out += pen.parts
            x += step * scale / 10 + spacing * size
        return "".join(out).replace(" -", "-")

    def _steps(self, text: str) -> list[tuple[str, int]]:
        names = [self._cmap.get(ord(char), ".notdef") for char in text.translate(_STAND_INS)]
        following = [*names[1:], ""]
        return [
            (name, self._advances[name] + self._kerning.get((name, after), 0))
            for name, after in zip(names, following, strict=True)
        ]


@lru_cache(maxsize=3)
def face(style: str) -> Face:
    """`regular`, `italic` or `semibold`."""
    name = f"literata-plates-{style}.ttf"
    return Face(files("bookreader.illustrations.plates").joinpath("fonts", name).read_bytes())


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Lines of text at a size. `leading` is the distance of baselines in ems."""

    lines: tuple[str, ...]
    size: float
    leading: float

    @property
    def height(self) -> float:
        return len(self.lines) * self.size * self.leading


def fit_text(
    text: str, style: str, width: float, height: float, largest: float, smallest: float, leading: float = 1.32
) -> TextBlock:
    """The largest setting of the text that fits the box, in lines of about equal length. Never hyphenates.

    At the smallest size, a text that still does not fit runs over the height, and a word that is too wide is cut.
    """
    size = largest
    while True:
        lines = break_lines(text, style, size, width)
        fits = len(lines) * size * leading <= height and all(face(style).width(line, size) <= width for line in lines)
        if fits:
            return TextBlock(tuple(lines), size, leading)
        if size <= smallest:
            return TextBlock(
                tuple(break_lines(_cut_words(text, style, size, width), style, size, width)), size, leading
            )
        size = max(smallest, size * 0.95)


def _cut_words(text: str, style: str, size: float, width: float) -> str:
    """The text with a space inside every word that is wider than the line."""
    out: list[str] = []
    for word in text.split():
        while len(word) > 1 and face(style).width(word, size) > width:
            most = max(1, int(len(word) * width / face(style).width(word, size)) - 1)
            out.append(word[:most])
            word = word[most:]
        out.append(word)
    return " ".join(out)


def break_lines(text: str, style: str, size: float, width: float) -> list[str]:
    """Breaks at spaces into as few lines as the width needs, as even as can be: no line hangs on a word like `the`."""
    words = _units(text)
    widths = [face(style).width(word, size) for word in words]
    space = face(style).width(" ", size)
    wanted = len(_greedy(widths, space, width))
    ends = [0.0]
    for one in widths:
        ends.append(ends[-1] + one + space)
    even = ends[-1] / max(1, wanted)

    def cost(start: int, end: int) -> float:
        length = ends[end] - ends[start] - space
        hangs = end < len(words) and bool(_HANGING.match(words[end - 1].rpartition("\u00a0")[2]))
        return math.inf if length > width and end - start > 1 else (length - even) ** 2 + hangs * (even * 0.5) ** 2

    best: list[tuple[float, tuple[int, ...]]] = [(0.0, ()), *[(math.inf, ())] * len(words)]
    for _ in range(wanted):
        best = [
            min((best[start][0] + cost(start, end), (*best[start][1], end)) for start in range(end))
            if end
            else (math.inf, ())
            for end in range(len(words) + 1)
        ]
    breaks = (0, *best[-1][1]) if words else ()
    return [" ".join(words[start:end]) for start, end in pairwise(breaks)]


def _units(text: str) -> list[str]:
    """Words; a dash stays with the word before it, so that no line begins with one."""
    out: list[str] = []
    for word in text.split():
        if out and (word in {"—", "–", "-"} or (len(out[-1]) == 1 and out[-1].isalpha())):
            out[-1] += "\u00a0" + word
        else:
            out.append(word)
    return out


def _greedy(widths: list[float], space: float, limit: float) -> list[int]:
    """How many words each line takes when filled in turn."""
    counts: list[int] = []
    used = 0.0
    for width in widths:
        if counts and used + space + width <= limit:
            counts[-1] += 1
            used += space + width
        else:
            counts.append(1)
            used = width
    return counts
