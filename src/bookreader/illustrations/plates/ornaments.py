"""Cut ornaments for plates of words and covers. All abstract: none shows a thing that the text might not have."""

import math

from bookreader.illustrations.plates.block import Block, Box, Gouge
from bookreader.illustrations.plates.geometry import Cut, Line


def star(block: Block, x: float, y: float, size: float, colour: str) -> None:
    """Eight tapered cuts around an open centre."""
    cuts = []
    for i in range(8):
        turn = math.pi * i / 4
        length = size * (0.62 if i % 2 else 0.9)
        far = size * 0.18 + length / 2
        cuts.append(Cut(x + math.cos(turn) * far, y + math.sin(turn) * far, length, turn, size * 0.1))
    block.cut(cuts, colour)


def sprig(block: Block, x: float, y: float, size: float, colour: str) -> None:
    """A lying twig, mirrored at its middle: two stems and their leaves."""
    cuts = [Cut(x + side * size * 0.95, y, size * 1.75, 0, size * 0.035) for side in (-1, 1)]
    for side in (-1, 1):
        for i in range(6):
            along = size * (0.28 + 0.24 * i)
            length = size * (0.46 - 0.045 * i)
            for up in (-1, 1):
                turn = up * 0.72 if side > 0 else math.pi - up * 0.72
                cuts.append(
                    Cut(
                        x + side * along + math.cos(turn) * length * 0.5,
                        y + math.sin(turn) * length * 0.5,
                        length,
                        turn,
                        size * 0.085,
                    )
                )
    block.cut(cuts, colour)
    lozenge(block, x, y, size * 0.17, colour)


def lozenge(block: Block, x: float, y: float, size: float, colour: str) -> None:
    block.polygon([(x, y - size), (x + size * 0.8, y), (x, y + size), (x - size * 0.8, y)], colour, 0.6, 999)


def fan(block: Block, x: float, y: float, size: float, colour: str) -> None:
    """A half circle of rays above a short rule."""
    cuts = [Cut(x, y + size * 0.12, size * 2.3, 0, size * 0.06)]
    for i in range(11):
        turn = -math.pi * (0.06 + 0.88 * i / 10)
        for ring, length in ((0.42, 0.36), (0.86, 0.32)):
            cuts.append(
                Cut(
                    x + math.cos(turn) * size * ring,
                    y + math.sin(turn) * size * ring,
                    size * length,
                    turn,
                    size * 0.055 * (0.6 + ring),
                )
            )
    block.cut(cuts, colour)


def braid(block: Block, x: float, y: float, size: float, colour: str) -> None:
    """Two waves that cross, as along a cut border."""
    steps = [i * size * 0.34 for i in range(-5, 6)]
    block.cut([Cut(x + along, y, size * 0.52, turn, size * 0.07) for along in steps for turn in (0.62, -0.62)], colour)
    for end in (-2.2, 2.2):
        lozenge(block, x + end * size, y, size * 0.12, colour)


ORNAMENTS = (sprig, star, fan, braid)


def rule(block: Block, x: float, y: float, length: float, colour: str, width: float = 2.2) -> None:
    """A horizontal line as a knife leaves it, centred on x."""
    line: Line = [
        (x - length / 2, y - width / 2),
        (x + length / 2, y - width / 2),
        (x + length / 2, y + width / 2),
        (x - length / 2, y + width / 2),
    ]
    block.polygon(line, colour, 0.5, 60)


def frame(block: Block, inset: float, width: float, colour: str) -> None:
    """Four rules that meet at the corners."""
    w, h = block.width, block.height
    for y in (inset, h - inset):
        rule(block, w / 2, y, w - 2 * inset + width, colour, width)
    for x in (inset, w - inset):
        block.polygon(
            [(x - width / 2, inset), (x + width / 2, inset), (x + width / 2, h - inset), (x - width / 2, h - inset)],
            colour,
            0.5,
            60,
        )


def cut_border(block: Block, inset: float, length: float, gap: float, colour: str) -> None:
    """Short cuts set upright along all four sides, as on the house's plain cover."""
    w, h = block.width, block.height
    cuts = []
    for centre, count in ((w, int((w - 2 * inset) / gap)), (h, int((h - 2 * inset) / gap))):
        for i in range(count + 1):
            along = inset + (centre - 2 * inset) * i / count
            for near in (inset, (h if centre == w else w) - inset):
                swing = block.uniform(-0.14, 0.14)
                size = length * block.uniform(0.85, 1.12)
                if centre == w:
                    cuts.append(Cut(along, near, size, math.pi / 2 + swing, 2.3))
                elif length * 0.6 < along - inset < h - 2 * inset - length * 0.6:
                    cuts.append(Cut(near, along, size, swing, 2.3))
    block.cut(cuts, colour)


def cleared_ground(block: Block, box: Box, colour: str, heart: tuple[float, float]) -> None:
    """Rows of cuts that thin out towards the heart of a block, where the words stand."""

    def keep(x: float, y: float) -> float:
        away = max(abs(x - box.right / 2) / heart[0], abs(y - box.bottom / 2) / heart[1])
        return min(0.95, max(0.0, (away - 1) * 4.2)) + (0.16 * block.noise.at(x / 110 + y / 40) if away > 1 else 0)

    block.cut(block.rows(box, Gouge(15, 70, 3.6), keep, lambda x, y: 0.08 * block.noise.at(x / 120 + y / 70)), colour)


def burst(block: Block, x: float, y: float, inner: float, colour: str) -> None:
    """Rays from behind the words to the edges, leaving a quiet field of about `inner` units."""
    reach = math.hypot(block.width, block.height) * 0.56
    rays = block.rays(x, y, inner, reach, 46, 3.4, rings=4)
    block.cut(
        [ray for ray in rays if abs(ray.x - x) / 1.56 + 0 * ray.y > inner * 0.62 or abs(ray.y - y) > inner * 0.62],
        colour,
    )
