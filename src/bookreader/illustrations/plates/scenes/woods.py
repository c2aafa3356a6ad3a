"""Among trees: forests of trunks, gardens and avenues."""

import math

from bookreader.illustrations.plates.block import Box, Gouge
from bookreader.illustrations.plates.canvas import Canvas
from bookreader.illustrations.plates.geometry import Cut, Line, height_at, mix
from bookreader.illustrations.plates.plants import (
    bare_trees,
    draw_blades,
    draw_bush,
    draw_flowers,
    draw_pine,
    draw_tree,
)
from bookreader.illustrations.plates.skies import draw_sky, draw_weather


def draw_forest(canvas: Canvas) -> None:
    """Rows of trees behind each other; great trunks in front, dark against the light between them."""
    block, inks = canvas.block, canvas.inks
    h, w = block.height, block.width
    draw_sky(canvas, h * 0.6, 0.52)
    deep = inks.middle if inks.middle != inks.paper else inks.tone
    if canvas.wants("pine"):
        _pine_row(canvas, h * 0.6, 170, inks.far if inks.far != inks.sky else deep, 24)
        _pine_row(canvas, h * 0.67, 280, deep if not canvas.setting.white else inks.ink, 13)
    else:
        _stems(canvas, h * 0.6, inks.far, 22, 9)
        _stems(canvas, h * 0.66, deep, 13, 17)
        if not bare_trees(canvas):
            _canopy(canvas, deep)
    floor = block.ridge(h * 0.7, 22, 260)
    _forest_floor(canvas, floor)
    if canvas.wants("road"):
        _path(canvas, floor)
    for part, width in ((0.08, 58), (0.235, 34), (0.8, 42), (0.93, 66)):
        x = w * (part + block.uniform(-0.03, 0.03))
        _trunk(canvas, x, height_at(floor, x) + 40 + width, width * block.uniform(0.85, 1.15))
    if canvas.wants("bushes", "grass"):
        _undergrowth(canvas)
    canvas.show("forest")
    if canvas.setting.white:
        canvas.show("snow")
    draw_weather(canvas)


def _pine_row(canvas: Canvas, foot: float, height: float, colour: str, count: int) -> None:
    """A row of firs, under snow where it lies."""
    block, inks = canvas.block, canvas.inks
    line = block.ridge(foot, 16, 120)
    marks: list[Cut] = []
    snow = inks.paper if canvas.setting.white else None
    for i in range(count):
        x = block.width * (i + 0.5 + block.uniform(-0.34, 0.34)) / count
        marks += draw_pine(block, x, height_at(line, x) + 12, height * block.uniform(0.72, 1.2), colour, snow=snow)
    block.hill(line, inks.paper if snow and colour == inks.ink else colour)
    block.cut(marks, inks.paper if snow else inks.far_cut)
    canvas.show("pines")


def _stems(canvas: Canvas, foot: float, colour: str, count: int, width: float) -> None:
    """Slim trunks that go up into the leaves, and the ground between them."""
    block = canvas.block
    marks = []
    for i in range(count):
        x = block.width * (i + 0.5 + block.uniform(-0.38, 0.38)) / count
        half, sway = width * block.uniform(0.6, 1.1), block.uniform(-14, 14)
        block.polygon(
            [(x - half, foot + 30), (x - half * 0.6 + sway, -20), (x + half * 0.6 + sway, -20), (x + half, foot + 30)],
            colour,
            1.2,
            40,
        )
        marks += [
            Cut(x - half * 0.4 + sway * (1 - y / foot), y, block.uniform(30, 80), 1.57, 1.5)
            for y in (foot * block.uniform(0.2, 0.98) for _ in range(4))
        ]
    block.cut(marks, canvas.inks.far_cut)
    block.hill(block.ridge(foot + 8, 18, 140), colour)


def _canopy(canvas: Canvas, colour: str) -> None:
    """Leaves along the upper edge: a lobed mass, cleared in short turning cuts; bare twigs in winter."""
    block, inks = canvas.block, canvas.inks
    w, h = block.width, block.height

    def hang(x: float) -> float:
        return h * (0.15 + 0.05 * block.noise.layered(x / 170)) + 16 * abs(
            math.sin(x / 47 + 2 * block.noise.at(x / 90))
        )

    edge = [(float(x), hang(x)) for x in range(-20, w + 30, 9)]
    block.polygon([*edge, (w + 30, -20), (-20, -20)], colour, 1.5, 999)
    leaves = block.rows(
        Box(0, 12, w, h * 0.25),
        Gouge(13, 17, 3.2),
        lambda _x, _y: 0.62,
        lambda x, y: 0.5 + 1.4 * block.noise.at(x / 40 + y / 30),
    )
    block.cut([leaf for leaf in leaves if leaf.y < hang(leaf.x) - 9], inks.far_cut)
    dark = block.rows(
        Box(0, 20, w, h * 0.24),
        Gouge(23, 20, 4.0),
        lambda _x, _y: 0.5,
        lambda x, y: 0.4 + 1.2 * block.noise.at(x / 50 + y / 30),
    )
    block.cut([leaf for leaf in dark if leaf.y < hang(leaf.x) - 14], inks.ink)


def _forest_floor(canvas: Canvas, floor: Line) -> None:
    block, inks = canvas.block, canvas.inks
    block.hill(floor, inks.near)
    box = Box(0, min(y for _, y in floor), block.width, block.height)
    rows = block.rows(
        box,
        Gouge(15, 62, 3.0, 0.9),
        lambda x, y: 0.5 + 0.4 * block.noise.at(x / 120 + y / 40) if y > height_at(floor, x) + 6 else 0,
        lambda x, y: 0.2 * block.noise.at(x / 90 + y / 30),
    )
    block.cut(rows, inks.near_cut)
    tinted = block.rows(box, Gouge(26, 54, 2.6, 0.8), lambda x, y: 0.35 if y > height_at(floor, x) + 10 else 0)
    block.cut(tinted, inks.far if inks.far != inks.near else inks.tone)


def _path(canvas: Canvas, floor: Line) -> None:
    block, inks = canvas.block, canvas.inks
    left: Line = []
    right: Line = []
    x0, y0 = block.width * 0.53, height_at(floor, block.width * 0.53)
    for i in range(24):
        part = i / 23
        x = x0 - block.width * 0.06 * math.sin(part * 3.2)
        half = 7 + 105 * part**1.2
        y = y0 + (block.height + 10 - y0) * part
        left.append((x - half, y))
        right.append((x + half, y))
    bright = inks.far_cut if inks.near != inks.paper else inks.tone
    block.polygon([*left, *reversed(right)], bright, 2.4, 18)
    box = Box(x0 - 120, y0 + 12, x0 + 120, block.height)

    def inside(x: float, y: float) -> float:
        return 0.5 if abs(x - x0) < 0.55 * (7 + 105 * (y - y0) / (block.height - y0)) else 0

    block.cut(block.rows(box, Gouge(20, 36, 1.8, 0.6), inside), inks.ink)
    canvas.show("path")


def _trunk(canvas: Canvas, x: float, foot: float, width: float) -> None:
    """A trunk that leaves the picture above, its roots spreading into the ground."""
    block, inks = canvas.block, canvas.inks
    sway = block.uniform(-10, 10)
    outline: Line = [
        (x - width * 1.0, foot + 6),
        (x - width * 0.56, foot - 40),
        (x - width * 0.44, foot - 200),
        (x - width * 0.4 + sway, -20),
        (x + width * 0.4 + sway, -20),
        (x + width * 0.44, foot - 200),
        (x + width * 0.56, foot - 46),
        (x + width * 1.06, foot + 8),
    ]
    block.polygon(outline, inks.ink, 1.8, 24)
    cut = inks.near_cut if inks.near_cut not in (inks.ink, inks.near) or inks.near != inks.paper else inks.sky_cut
    bark = [
        Cut(
            x + block.uniform(-0.4, 0.12) * width + sway * (1 - y / foot),
            y,
            block.uniform(26, 74),
            1.57 + block.uniform(-0.08, 0.08),
            1.9,
        )
        for y in (foot * i / 30 for i in range(30))
        for _ in range(1 + int(width > 50))
    ]
    block.cut([mark for mark in bark if mark.y < foot - 26], cut)
    ground = [
        Cut(x + (k / 4 - 1) * width * 1.2, foot + 8 + block.uniform(-3, 2), width * block.uniform(0.3, 0.7), 0, 9)
        for k in range(9)
    ]
    block.cut(ground, inks.near)


def _undergrowth(canvas: Canvas) -> None:
    block = canvas.block
    for part in (0.16, 0.3, 0.7, 0.87):
        draw_bush(
            canvas,
            block.width * part,
            block.height * 0.9,
            74,
            canvas.inks.ink if canvas.inks.near != canvas.inks.ink else canvas.inks.far,
        )
    canvas.show("bushes")


def draw_garden(canvas: Canvas) -> None:
    """A garden: a clipped hedge, lawns, a path between beds; flowers and trees where the passage has them."""
    block = canvas.block
    h = block.height
    top = h * 0.52
    draw_sky(canvas, h * 0.46, 0.5)
    _hedge(canvas, h * 0.42, top)
    _lawn(canvas, top)
    _garden_path(canvas, top)
    _beds(canvas, top)
    avenue = canvas.wants("avenue")
    if avenue or canvas.wants("tree"):
        _two_rows(canvas, top)
        canvas.show("avenue" if avenue else "trees")
    canvas.show("garden")
    if canvas.setting.white:
        canvas.show("snow")
    draw_weather(canvas)


def _aside(top: float, height: float, y: float, near: float, far: float) -> float:
    """How far from the middle something lies at y that runs towards the far end of the path."""
    return far + (near - far) * (y - top) / (height - top)


def _hedge(canvas: Canvas, top: float, foot: float) -> None:
    """A clipped hedge across the picture, with the opening that the path leads to."""
    block, inks = canvas.block, canvas.inks
    dark = inks.ink if inks.near != inks.paper else inks.middle_cut
    middle = block.width / 2
    for left, right in ((-20, middle - 46), (middle + 46, block.width + 20)):
        step = (right - left) / 24
        edge = [(left + i * step, top + 5 * block.noise.at(i * 1.7 + left)) for i in range(25)]
        block.polygon([*edge, (right, foot + 6), (left, foot + 6)], dark, 2.0, 16)
    leaves = block.rows(
        Box(0, top + 6, block.width, foot),
        Gouge(9, 14, 2.3),
        lambda x, y: 0.75 - 0.5 * (y - top) / (foot - top) if abs(x - middle) > 58 else 0,
        lambda x, y: -0.9 + block.noise.at(x / 20 + y / 9),
    )
    block.cut(leaves, inks.middle if inks.middle != dark else inks.far_cut)


def _lawn(canvas: Canvas, top: float) -> None:
    """Mown grass: short level cuts, closer with distance."""
    block, inks = canvas.block, canvas.inks
    lawn = inks.middle if inks.middle != inks.paper else inks.near
    block.fill(Box(-10, top, block.width + 10, block.height + 10), lawn)
    box = Box(0, top + 6, block.width, block.height)
    rows = block.rows(box, Gouge(8, 34, 2.6, 2.2), lambda x, y: 0.55 + 0.3 * block.noise.at(x / 150 + y / 50))
    block.cut(rows, inks.near_cut)
    dark = block.rows(box, Gouge(12, 30, 2.4, 2.2), lambda x, y: 0.4 + 0.3 * block.noise.at(x / 110 + y / 40 + 9))
    block.cut(dark, mix(lawn, inks.ink, 0.5))


def _garden_path(canvas: Canvas, top: float) -> None:
    """Gravel, from the reader's feet to the opening in the hedge."""
    block, inks = canvas.block, canvas.inks
    middle, low = block.width / 2, block.height + 10
    bright = inks.far_cut if inks.near != inks.paper else inks.tone
    path: Line = [(middle - 40, top - 2), (middle + 40, top - 2), (middle + 210, low), (middle - 210, low)]
    block.polygon(path, bright, 2.2, 20)
    box = Box(middle - 210, top + 10, middle + 210, block.height)

    def on_path(x: float, y: float) -> float:
        return 0.34 if abs(x - middle) < _aside(top, low, y, 190, 32) else 0

    block.cut(block.rows(box, Gouge(13, 24, 1.8, 1.2), on_path), mix(bright, inks.ink, 0.55))


def _beds(canvas: Canvas, top: float) -> None:
    """Dark beds along both sides of the path, planted in tufts."""
    block, inks = canvas.block, canvas.inks
    middle, low = block.width / 2, block.height + 10
    soil = inks.ink if inks.near != inks.paper else mix(inks.middle_cut, inks.paper, 0.3)
    for side in (-1, 1):
        bed = [
            (middle + side * 52, top),
            (middle + side * 96, top),
            (middle + side * 440, low),
            (middle + side * 250, low),
        ]
        block.polygon(bed, soil, 2.4, 18)

    def in_bed(x: float, y: float) -> bool:
        return _aside(top, low, y, 262, 58) < abs(x - middle) < _aside(top, low, y, 420, 88)

    tufts = block.rows(
        Box(0, top + 10, block.width, block.height - 6),
        Gouge(12, 16, 3.0, 1.6),
        lambda x, y: 0.85 if in_bed(x, y) else 0,
        lambda x, y: -1.57 + 0.9 * block.noise.at(x / 14 + y / 11),
    )
    block.cut(tufts, inks.middle if inks.middle not in (soil, inks.paper) else inks.far_cut)
    if canvas.wants("flowers"):
        heads = (inks.paper, inks.light) if inks.light != soil else (inks.paper,)
        draw_flowers(
            canvas, Box(0, top + 14, block.width, block.height - 20), lambda x, y: 0.8 * in_bed(x, y), heads, 8
        )
        canvas.show("flowers")


def _two_rows(canvas: Canvas, top: float) -> None:
    """Trees along the path, nearer ones larger; the last stand well inside the frame."""
    block = canvas.block
    for i in range(5):
        part = (i + 0.35) / 5
        y = top + (block.height - top) * 0.62 * part**1.7 + 8
        away = 64 + 380 * part**1.3
        for side in (-1, 1):
            draw_tree(canvas, block.width / 2 + side * away, y, 120 + 240 * part**1.5, bare=bare_trees(canvas))


def draw_marsh(canvas: Canvas) -> None:
    """Flat wet land: pools that hold the light, tufts and reeds."""
    block, inks = canvas.block, canvas.inks
    h, w = block.height, block.width
    draw_sky(canvas, h * 0.5, 0.3)
    block.fill(Box(-10, h * 0.5, w + 10, h + 10), inks.near)
    shine = inks.sky if inks.sky not in (inks.near, inks.ink) else inks.far
    for row, (y, size) in enumerate(((0.53, 0.5), (0.57, 0.7), (0.63, 1.0), (0.71, 1.5), (0.82, 2.1))):
        for i in range(4 - row // 2):
            x = w * ((i + 0.5 + 0.3 * (row % 2) + block.uniform(-0.12, 0.12)) / (4 - row // 2))
            _pool(canvas, x, h * y, 100 * size, shine)
    rows = block.rows(
        Box(0, h * 0.51, w, h),
        Gouge(12, 60, 2.2, 1.2),
        lambda x, y: 0.3 + 0.35 * block.noise.at(x / 90 + y / 30),
        lambda x, y: 0.05,
    )
    block.cut(rows, inks.near_cut)
    for y, tall in ((0.6, 30), (0.7, 48), (0.84, 84), (0.985, 130)):
        for start in (0.05, 0.34, 0.62, 0.86):
            left = w * (start + block.uniform(-0.05, 0.04))
            tuft = [(left + k * 9, h * y + 4 * block.noise.at(k / 3)) for k in range(int(tall / 6) + 3)]
            draw_blades(canvas, tuft, tall, 3.2, inks.ink if inks.near != inks.ink else inks.near_cut, lean=0.12)
    canvas.show("marsh")
    if canvas.setting.white:
        canvas.show("snow")
    draw_weather(canvas)


def _pool(canvas: Canvas, x: float, y: float, half: float, colour: str) -> None:
    block = canvas.block
    outline = [
        (x + math.cos(a) * half * (1 + 0.2 * math.sin(3 * a + x)), y + math.sin(a) * half * 0.13)
        for a in (2 * math.pi * i / 26 for i in range(26))
    ]
    block.polygon(outline, colour, 1.2, 60)
    block.cut(
        [
            Cut(x + block.uniform(-0.4, 0.4) * half, y + block.uniform(-0.05, 0.07) * half, half * 0.5, 0, 1.8)
            for _ in range(3)
        ],
        canvas.inks.ink,
    )
