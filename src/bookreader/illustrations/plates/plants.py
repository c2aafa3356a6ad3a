"""Trees, bushes, grass and reeds, each standing on the ground that it is given."""

import math
from collections.abc import Sequence
from itertools import pairwise

from bookreader.illustrations.plates.block import Block, Box
from bookreader.illustrations.plates.canvas import Canvas
from bookreader.illustrations.plates.geometry import Cut, Field, Line


def draw_pine(block: Block, x: float, y: float, height: float, ink: str, *, snow: str | None = None) -> list[Cut]:
    """A fir with its foot at (x, y). Gives the cuts that light its left side, to be printed together."""
    width = height * 0.22
    left: Line = []
    right: Line = []
    for i in range(1, 6):
        part = i / 5
        level = y - height * (1 - part * 0.92)
        right += [
            (x + width * part * block.uniform(0.85, 1.15), level),
            (x + width * part * 0.5, level - height * 0.03),
        ]
        left += [(x - width * part * block.uniform(0.85, 1.15), level), (x - width * part * 0.5, level - height * 0.03)]
    block.polygon([(x, y - height), *right, (x + 2, y), (x - 2, y), *reversed(left)], ink)
    bite = height * (0.022 if snow else 0.012)
    steps = [i / 5.4 for i in range(1 if snow else 2, 6)]
    return [
        Cut(x - width * part * 0.34, y - height * (0.98 - part * 0.92), width * part * 0.7, 2.6, bite) for part in steps
    ]


def draw_tree(canvas: Canvas, x: float, y: float, height: float, *, bare: bool = False) -> None:
    """A broad-leaved tree with its foot at (x, y); bare in winter."""
    if bare:
        _branch(canvas.block, x, y + 3, -math.pi / 2, height * 0.42, height * 0.045, 5, canvas.inks.ink)
        return
    block, ink = canvas.block, canvas.inks.ink
    trunk, middle = height * 0.045, y - height * 0.5
    foot: Line = [
        (x - trunk * 1.7, y + 2),
        (x - trunk * 0.7, middle),
        (x + trunk * 0.7, middle),
        (x + trunk * 1.6, y + 2),
    ]
    block.polygon(foot, ink, 0.6, 18)
    radius = height * 0.34
    top = y - height * 0.66
    block.polygon(_crown(block, x, top, radius), ink, 1.4, 14)
    _leaf_light(canvas, x, top, radius)


def _crown(block: Block, x: float, y: float, radius: float) -> Line:
    """The outline around a handful of rounded lobes."""
    lobes = [(2 * math.pi * (i + block.uniform(-0.3, 0.3)) / 6, radius * block.uniform(0.42, 0.56)) for i in range(6)]
    out: Line = []
    for i in range(56):
        turn = 2 * math.pi * i / 56
        far = max(_reach(turn - lobe, away, radius * 0.55) for lobe, away in lobes)
        out.append((x + math.cos(turn) * far * 1.08, y + math.sin(turn) * far * 0.95))
    return out


def _reach(turn: float, away: float, radius: float) -> float:
    """How far a circle at distance `away` reaches in a direction `turn` off its own."""
    aside = away * math.sin(turn)
    return away * math.cos(turn) + math.sqrt(max(0.0, radius * radius - aside * aside)) if abs(aside) < radius else 0.0


def _leaf_light(canvas: Canvas, x: float, y: float, radius: float) -> None:
    """Short cuts on the upper left, where the light falls; closer towards the rim."""
    block = canvas.block
    cuts = []
    for _ in range(int(radius * 0.8)):
        turn, far = block.uniform(2.4, 5.2), radius * math.sqrt(block.uniform(0.02, 0.8))
        cuts.append(
            Cut(x + math.cos(turn) * far, y + math.sin(turn) * far * 0.9, radius * 0.24, turn + 1.3, radius * 0.026)
        )
    block.cut(cuts, canvas.inks.middle_cut if canvas.inks.middle_cut != canvas.inks.ink else canvas.inks.paper)


def _branch(block: Block, x: float, y: float, angle: float, length: float, width: float, depth: int, ink: str) -> None:
    x1, y1 = x + math.cos(angle) * length, y + math.sin(angle) * length
    nx, ny = -math.sin(angle), math.cos(angle)
    tip = width * 0.62
    block.polygon(
        [
            (x - nx * width, y - ny * width),
            (x1 - nx * tip, y1 - ny * tip),
            (x1 + nx * tip, y1 + ny * tip),
            (x + nx * width, y + ny * width),
        ],
        ink,
    )
    if depth == 0 or length < 5:
        return
    for spread in (-block.uniform(0.25, 0.6), block.uniform(0.2, 0.55)):
        _branch(block, x1, y1, angle + spread, length * block.uniform(0.62, 0.8), tip, depth - 1, ink)


def draw_bush(canvas: Canvas, x: float, y: float, size: float, ink: str) -> None:
    """Stems that spread from one root at (x, y)."""
    block = canvas.block
    cuts = []
    for _ in range(13):
        length, turn = size * block.uniform(0.5, 0.95), -math.pi / 2 + block.uniform(-0.95, 0.95)
        root = x + block.uniform(-0.08, 0.08) * size
        cuts.append(
            Cut(root + math.cos(turn) * length / 2, y + math.sin(turn) * length / 2, length, turn, size * 0.045)
        )
    block.cut(cuts, ink)


def draw_flowers(canvas: Canvas, box: Box, keep: Field, colours: Sequence[str], size: float) -> None:
    """Small round heads scattered in a box, larger towards its lower edge. keep(x, y) is the chance of one there."""
    block = canvas.block
    for row in range(9):
        depth = (row + 0.5) / 9
        y0, radius = box.top + box.height * depth, size * (0.45 + 0.75 * depth)
        x = box.left + block.uniform(0, 40)
        while x < box.right:
            y = y0 + block.uniform(-0.4, 0.4) * box.height / 9
            if block.random.random() < keep(x, y):
                block.disc(
                    x, y, radius * block.uniform(0.7, 1.15), colours[int(block.random.random() * len(colours))], 0.8
                )
            x += (20 + 46 * depth) * block.uniform(0.6, 1.4)


def draw_blades(canvas: Canvas, line: Line, height: float, gap: float, colour: str, lean: float = 0.0) -> None:
    """Grass or reeds that stand along a line."""
    block = canvas.block
    cuts = []
    for (x0, y0), (x1, _) in pairwise(line):
        for _ in range(max(1, int((x1 - x0) / gap))):
            x, tall = block.uniform(x0, x1), height * block.uniform(0.4, 1.15)
            turn = -math.pi / 2 + lean + block.uniform(-0.32, 0.32) + 0.4 * block.noise.at(x / 130)
            cuts.append(
                Cut(x + math.cos(turn) * tall / 2, y0 + math.sin(turn) * tall / 2, tall, turn, 1.2 + height * 0.018)
            )
    block.cut(cuts, colour)


def bare_trees(canvas: Canvas) -> bool:
    return canvas.setting.white or canvas.wants("winter")
