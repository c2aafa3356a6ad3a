"""One sheet of the linocut: paper, tone and ink printed in the order they are added, and the gouge that clears them."""

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

from bookreader.illustrations.plates.geometry import (
    Cut,
    Field,
    Line,
    Noise,
    Point,
    cut_path,
    fine_polygon_path,
    polygon_path,
    roughen,
)

MOST_PARTS = 96_000
"""Characters of a drawing's parts: with its frame and a long title it stays below 100 KB."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: left, top, right, bottom in units of the plate."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return max(1.0, self.bottom - self.top)

    def depth(self, y: float) -> float:
        """0 at the top, 1 at the bottom."""
        return (y - self.top) / self.height


@dataclass(frozen=True, slots=True)
class Gouge:
    """How rows of cuts are made: their distance, mean length and width of a cut, growth of all three downwards."""

    gap: float
    length: float
    width: float
    grow: float = 0.0


def always(_x: float, _y: float) -> float:
    return 1.0


def level(_x: float, _y: float) -> float:
    return 0.0


class Block:
    """A drawing in the making. The same seed and the same calls give the same bytes."""

    def __init__(self, width: int, height: int, *, paper: str, seed: int) -> None:
        self.width, self.height, self.paper = width, height, paper
        self.margin = round(min(width, height) * 0.028)
        self.random = random.Random(seed)  # noqa: S311 - drawing, not cryptography
        self.noise = Noise(seed)
        self._parts: list[str] = []
        self.mirrored = False

    @property
    def sheet(self) -> Box:
        return Box(0, 0, self.width, self.height)

    def uniform(self, low: float, high: float) -> float:
        return low + (high - low) * self.random.random()

    def pick(self, options: Sequence[float]) -> float:
        return options[int(self.random.random() * len(options))]

    def add(self, path: str, colour: str) -> None:
        if path:
            self._parts.append(f'<path d="{path}" fill="{colour}"/>')

    def letters(self, path: str, colour: str) -> None:
        """Adds path data in tenths of a unit, as lettering gives it."""
        self._parts.append(f'<path transform="scale(.1)" d="{path}" fill="{colour}"/>')

    def fill(self, box: Box, colour: str) -> None:
        self.polygon(
            [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)], colour
        )

    def polygon(self, points: Sequence[Point], colour: str, rough: float = 0.0, step: float = 26.0) -> None:
        if rough:
            points = roughen(points, rough, step, self.random)
        small = max(x for x, _ in points) - min(x for x, _ in points) < 60
        self.add(fine_polygon_path(points) if small else polygon_path(points), colour)

    def strip(self, x: float, y: float, x1: float, y1: float, colour: str, rough: float = 0.7) -> None:
        """An upright rectangle with a cut edge."""
        self.polygon([(x, y), (x1, y), (x1, y1), (x, y1)], colour, rough, 20)

    def disc(self, x: float, y: float, radius: float, colour: str, rough: float = 1.5) -> None:
        count = 40 if radius > 20 else 14
        turns = [2 * math.pi * i / count for i in range(count)]
        self.polygon([(x + math.cos(a) * radius, y + math.sin(a) * radius) for a in turns], colour, rough, 999)

    def cut(self, cuts: Iterable[Cut], colour: str) -> None:
        self.add("".join(cut_path(cut, self.uniform(0.42, 0.62)) for cut in cuts), colour)

    def rows(self, box: Box, gouge: Gouge, keep: Field = always, angle: Field = level) -> list[Cut]:
        """Rows of cuts in a box. keep(x, y) is the chance and the size of a cut there."""
        out: list[Cut] = []
        y = box.top
        while y < box.bottom:
            scale = 1 + gouge.grow * box.depth(y)
            out += self._row(y, box, gouge, scale, keep, angle)
            y += gouge.gap * scale
        return out

    def _row(self, y: float, box: Box, gouge: Gouge, scale: float, keep: Field, angle: Field) -> list[Cut]:
        out: list[Cut] = []
        x = box.left + self.uniform(-gouge.length, 0)
        while x < box.right:
            length = gouge.length * scale * self.uniform(0.5, 1.5)
            middle = x + length / 2
            chance = keep(middle, y)
            if chance > 0 and self.random.random() < chance:
                size = min(1.0, chance)
                off = self.uniform(-0.22, 0.22) * gouge.gap * scale
                width = gouge.width * scale * (0.55 + 0.45 * size) * self.uniform(0.75, 1.2)
                out.append(Cut(middle, y + off, length * (0.5 + size / 2), angle(middle, y), width))
            x += length * self.uniform(0.95, 1.25)
        return out

    def rays(
        self, x: float, y: float, inner: float, outer: float, count: int, width: float, rings: int = 3
    ) -> list[Cut]:
        """Cuts that leave a light in all directions, in rings that grow denser outwards."""
        out: list[Cut] = []
        depth = (outer - inner) / rings
        for ring in range(rings):
            number = int(count * (1 + ring * 0.55))
            for i in range(number):
                turn = 2 * math.pi * (i + self.uniform(-0.28, 0.28)) / number
                far = inner + depth * (ring + 0.5 + self.uniform(-0.1, 0.1))
                size = width * (1 + ring * 0.25) * self.uniform(0.7, 1.2)
                out.append(
                    Cut(x + math.cos(turn) * far, y + math.sin(turn) * far, depth * self.uniform(0.7, 1.12), turn, size)
                )
        return out

    def ridge(self, base: float, swing: float, scale: float, shape: Callable[[float], float] | None = None) -> Line:
        """The upper edge of a piece of land across the whole sheet; `base` is its lowest y, `swing` its unevenness."""
        noise = Noise(int(self.random.random() * 1e6))
        lift = shape or (lambda _x: 0.0)
        xs = range(-20, self.width + 30, 9)
        return [(x, base - swing * (0.5 + 0.5 * noise.layered(x / scale)) - lift(x)) for x in xs]

    def hill(self, line: Sequence[Point], colour: str, foot: float | None = None) -> None:
        """Fills the land under a ridge, down to `foot` (the sheet's end without one)."""
        bottom = self.height + 20 if foot is None else foot
        self.polygon([*line, (line[-1][0], bottom), (line[0][0], bottom)], colour, 1.2, 999)

    def slope(
        self,
        line: Sequence[Point],
        depth: float,
        gap: float,
        gouge: Gouge,
        *,
        lit: Callable[[float], float] = lambda _x: 1.0,
        lean: float = 0.9,
        fan: float = 0.0,
    ) -> list[Cut]:
        """Cuts down from a ridge, about one every `gap` units, thicker and more frequent where lit(x) is near 1."""
        out: list[Cut] = []
        for (x0, y0), (x1, y1) in pairwise(line):
            tilt = math.atan2(y1 - y0, x1 - x0) * 0.55 + lean
            wanted = (x1 - x0) / gap
            for _ in range(int(wanted + self.random.random())):
                x = self.uniform(x0, x1)
                light = lit(x)
                if self.random.random() <= light:
                    ground = y0 + (y1 - y0) * (x - x0) / (x1 - x0)
                    out.append(self._slope_cut(x, ground, depth, gouge, tilt + fan * (x / self.width - 0.5), light))
        return out

    def _slope_cut(self, x: float, ground: float, depth: float, gouge: Gouge, angle: float, light: float) -> Cut:
        down = 7 + 1.15 * self.random.random() ** 2 * depth
        length = gouge.length * self.uniform(0.45, 1.3) * (1 - 0.5 * min(1.0, down / depth / 1.6))
        width = gouge.width * min(1.0, light) * self.uniform(0.6, 1.2)
        return Cut(x, ground + down + gouge.length * 0.3, length, angle + self.uniform(-0.14, 0.14), width)

    def _lightened(self) -> list[str]:
        """The parts, with every few cuts of the densest layer left out where the sheet would become too large."""
        over = sum(map(len, self._parts)) - MOST_PARTS
        if over <= 0:
            return self._parts
        layers = [number for number, part in enumerate(self._parts) if part.startswith('<path d="')]
        densest = max(layers, key=lambda number: self._parts[number].count("M"))
        head, cuts, tail = self._parts[densest].split('"', 2)
        every = max(2, len(cuts) // over)
        kept = (f"M{cut}" for number, cut in enumerate(cuts.split("M")[1:]) if number % every)
        return [*self._parts[:densest], f'{head}"{"".join(kept)}"{tail}', *self._parts[densest + 1 :]]

    def svg(self, title: str) -> bytes:
        """The finished sheet: the printed block with its ragged edge inside the paper margin."""
        m, w, h = self.margin, self.width, self.height
        frame = roughen([(m, m), (w - m, m), (w - m, h - m), (m, h - m)], 1.7, 22, self.random)
        turn = f' transform="matrix(-1 0 0 1 {w} 0)"' if self.mirrored else ""
        printed = f'<g clip-path="url(#b)"><g{turn}>{"".join(self._lightened())}</g></g>'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img">'
            f'<title>{escape(title)}</title><clipPath id="b"><path d="{polygon_path(frame)}"/></clipPath>'
            f'<path d="M0 0H{w}V{h}H0z" fill="{self.paper}"/>{printed}</svg>'
        ).encode()
