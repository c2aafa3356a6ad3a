"""Numbers behind the drawing: smooth noise, points, and the path data of polygons and gouge marks."""

import math
import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

Point = tuple[float, float]
Line = list[Point]
Field = Callable[[float, float], float]


class Cut(NamedTuple):
    """One gouge mark around its centre. Lengths in units of the plate, the angle in radians, 0 pointing right."""

    x: float
    y: float
    length: float
    angle: float
    width: float


class Noise:
    """Smooth one-dimensional noise between -1 and 1, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        generator = random.Random(seed)  # noqa: S311 - drawing, not cryptography
        self._table = [generator.random() * 2 - 1 for _ in range(512)]

    def at(self, x: float) -> float:
        whole = math.floor(x)
        part = x - whole
        part = part * part * (3 - 2 * part)
        left, right = self._table[whole % 512], self._table[(whole + 1) % 512]
        return left + (right - left) * part

    def layered(self, x: float) -> float:
        """Four octaves, for outlines of land."""
        return sum(self.at(x * (1 << octave) + 37 * octave) / (1 << octave) for octave in range(4)) / 1.9


def polygon_path(points: Sequence[Point]) -> str:
    """Closed path in relative steps, rounded to whole units: half the bytes of absolute ones."""
    rounded = [(round(x), round(y)) for x, y in points]
    steps = [f"{bx - ax} {by - ay}" for (ax, ay), (bx, by) in pairwise(rounded) if (ax, ay) != (bx, by)]
    return f"M{rounded[0][0]} {rounded[0][1]}l{' '.join(steps)}z".replace(" -", "-") if steps else ""


def fine_polygon_path(points: Sequence[Point]) -> str:
    """The same to a tenth of a unit, for small shapes that rounding would bend."""
    start = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    return start + "L" + " ".join(f"{x:.1f} {y:.1f}" for x, y in points[1:]) + "z"


def cut_path(cut: Cut, bite: float) -> str:
    """A tapered cut: enters thin, bites at `bite` (0 to 1) of its length, leaves thin."""
    dx, dy = math.cos(cut.angle), math.sin(cut.angle)
    x0, y0 = round(cut.x - dx * cut.length / 2), round(cut.y - dy * cut.length / 2)
    ex, ey = round(dx * cut.length), round(dy * cut.length)
    if not ex and not ey:
        return ""
    mx, my = dx * cut.length * bite, dy * cut.length * bite
    wx, wy = -dy * cut.width, dx * cut.width
    there = f"{mx + wx:.1f} {my + wy:.1f} {ex} {ey}"
    back = f"{mx - wx - ex:.1f} {my - wy - ey:.1f} {-ex} {-ey}"
    return f"M{x0} {y0}q{there} {back}z".replace(" -", "-").replace(".0", "")


def roughen(points: Sequence[Point], rough: float, step: float, generator: random.Random) -> Line:
    """The outline a knife leaves: points every `step` units along each side, each off by up to `rough`."""
    out: Line = []
    for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[0]], strict=True):
        count = max(1, int(math.hypot(x1 - x0, y1 - y0) / step))
        for i in range(count):
            part, off = i / count, rough if i else rough * 0.4
            x, y = x0 + (x1 - x0) * part, y0 + (y1 - y0) * part
            out.append((x + (generator.random() * 2 - 1) * off, y + (generator.random() * 2 - 1) * off))
    return out


def height_at(line: Sequence[Point], x: float) -> float:
    """The y of a ridge at x. The ridge runs from left to right; outside it, its end counts."""
    for (x0, y0), (x1, y1) in pairwise(line):
        if x <= x1:
            part = 0.0 if x1 == x0 else max(0.0, (x - x0) / (x1 - x0))
            return y0 + (y1 - y0) * part
    return line[-1][1]


def bump(centre: float, height: float, width: float) -> Callable[[float], float]:
    """A rounded rise for ridges."""
    return lambda x: height * math.exp(-(((x - centre) / width) ** 2))


def step_up(centre: float, height: float, width: float) -> Callable[[float], float]:
    """A rise that stays high to the right of `centre`; a negative width keeps it high to the left."""
    return lambda x: height / (1 + math.exp(max(-60.0, min(60.0, -(x - centre) / width))))


def peak(centre: float, height: float, width: float) -> Callable[[float], float]:
    """A pointed rise for mountains."""
    return lambda x: height * max(0.0, 1 - abs(x - centre) / width) ** 1.12


def mix(one: str, other: str, part: float) -> str:
    """The colour `part` (0 to 1) of the way from one #rrggbb to the other."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
