"""Reads a finished plate back: its letters as boxes, measured from the path data."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
_STEP = re.compile(r"([Mlqz])([^Mlqz]*)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Extent:
    """A box in units of the plate."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Extent") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def parsed(svg: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def lines_of_letters(svg: bytes) -> list[list[Extent]]:
    """The boxes of the outlines in each line of text; lettering is what the block scales by a tenth."""
    paths = parsed(svg).iter(f"{SVG}path")
    return [_outlines(path.attrib["d"]) for path in paths if path.attrib.get("transform") == "scale(.1)"]


def _outlines(path: str) -> list[Extent]:
    x = y = 0.0
    outlines: list[list[tuple[float, float]]] = []
    for command, arguments in _STEP.findall(path):
        numbers = [float(number) for number in _NUMBER.findall(arguments)]
        if command == "M":
            outlines.append([])
        start = (x, y)
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = (dx, dy) if command == "M" else (start[0] + dx, start[1] + dy)
            outlines[-1].append((x / 10, y / 10))
    return [_extent(points) for points in outlines]


def _extent(points: list[tuple[float, float]]) -> Extent:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Extent(min(xs), min(ys), max(xs), max(ys))
