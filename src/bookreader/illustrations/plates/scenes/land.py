"""Open country: hills and moors, steppe and fields, mountains, lakes and rivers, roads."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bookreader.illustrations.plates.block import Box, Gouge
from bookreader.illustrations.plates.buildings import (
    draw_castle,
    draw_church,
    draw_cottage,
    draw_cross,
    draw_fence,
    draw_headstone,
    draw_mill,
    draw_stack,
    draw_stone,
    draw_tower,
)
from bookreader.illustrations.plates.canvas import Canvas
from bookreader.illustrations.plates.geometry import Cut, Line, bump, height_at, peak
from bookreader.illustrations.plates.plants import (
    bare_trees,
    draw_blades,
    draw_bush,
    draw_flowers,
    draw_pine,
    draw_tree,
)
from bookreader.illustrations.plates.skies import Light, draw_sky, draw_weather
from bookreader.illustrations.plates.vessels import Place, draw_boat
from bookreader.illustrations.plates.waters import draw_ripples


@dataclass(frozen=True)
class Slot:
    """A place on a ridge where something may stand: its x, the ridge, and how large things are there."""

    x: float
    line: Line
    scale: float

    @property
    def y(self) -> float:
        return height_at(self.line, self.x) + 6 * self.scale


def draw_hills(canvas: Canvas) -> None:
    """Three ridges behind each other, the road coming down to the reader where the passage has one."""
    block = canvas.block
    base = block.height
    draw_sky(canvas, base * 0.52, 0.3)
    far = block.ridge(base * 0.5, 60, 260, bump(block.width * 0.75, 70, 200))
    middle = block.ridge(base * 0.62, 66, 300, bump(block.width * 0.16, 60, 240))
    near = block.ridge(base * 0.76, 60, 330, bump(block.width * 0.68, 70, 260))
    draw_ground(canvas, far, "far", 110)
    _on_the_skyline(canvas, Slot(block.width * 0.78, far, 0.62))
    draw_ground(canvas, middle, "middle", 130)
    _trees(canvas, middle, (0.07, 0.12, 0.17, 0.22, 0.27, 0.31), 0.7)
    draw_ground(canvas, near, "near", 220)
    if canvas.wants("road"):
        draw_road(canvas, near, 0.6)
    _standing(canvas, near)
    _stones(canvas, near)
    canvas.show("moor" if canvas.wants("moor") else "hills")
    _finish(canvas)


def draw_ground(canvas: Canvas, line: Line, layer: str, depth: float) -> None:
    """Fills a ridge and cuts its slope; the near one is cut most."""
    block, inks = canvas.block, canvas.inks
    fill, cut = {
        "far": (inks.far, inks.far_cut),
        "middle": (inks.middle, inks.middle_cut),
        "near": (inks.near, inks.near_cut),
    }[layer]
    block.hill(line, fill)
    gap, gouge = {
        "far": (3.4, Gouge(0, 62, 3.0)),
        "middle": (2.7, Gouge(0, 92, 3.9)),
        "near": (1.75, Gouge(0, 98, 4.0)),
    }[layer]
    lean, fan = {"far": (1.1, -0.3), "middle": (0.8, -1.0), "near": (0.62, -1.4)}[layer]
    shade = block.uniform(0, 99)
    lit = {"far": 0.5, "middle": 0.55, "near": 0.62}[layer]
    cuts = block.slope(
        line, depth, gap, gouge, lit=lambda x: lit + 0.42 * block.noise.at(x / 90 + shade), lean=lean, fan=fan
    )
    block.cut(cuts, cut)
    if layer == "near":
        tinted = inks.tone if inks.tone != fill else inks.far
        block.cut(block.slope(line, 270, 5.5, Gouge(0, 90, 3.3), lit=lambda _x: 0.6, lean=lean, fan=fan), tinted)
    elif fill not in (inks.ink, inks.paper):
        block.cut(
            block.slope(
                line,
                depth * 0.6,
                7,
                Gouge(0, 58, 2.2),
                lit=lambda x: 0.5 - 0.5 * block.noise.at(x / 90 + shade),
                lean=lean,
                fan=fan,
            ),
            inks.ink,
        )


def _on_the_skyline(canvas: Canvas, slot: Slot) -> None:
    """One thing at most stands against the sky."""
    if canvas.wants("castle"):
        draw_castle(canvas, slot.x, slot.y, slot.scale * 1.1)
    elif canvas.wants("church"):
        draw_church(canvas, slot.x, slot.y, slot.scale)
    elif canvas.wants("tower"):
        draw_tower(canvas, slot.x - 26, slot.y, 120 * slot.scale)
        draw_tower(canvas, slot.x + 26, slot.y, 104 * slot.scale)
    elif canvas.wants("mill"):
        draw_mill(canvas, slot.x, slot.y, slot.scale)


def _trees(canvas: Canvas, line: Line, places: Sequence[float], scale: float) -> None:
    """Trees only of the kinds that the passage names."""
    block = canvas.block
    marks: list[Cut] = []
    if canvas.wants("pine"):
        for part in places:
            x = block.width * (part + block.uniform(-0.008, 0.008))
            marks += draw_pine(block, x, height_at(line, x) + 7, block.uniform(92, 136) * scale, canvas.inks.ink)
        canvas.show("pines")
    elif canvas.wants("tree", "forest"):
        for part in places[::2]:
            x = block.width * part
            draw_tree(canvas, x, height_at(line, x) + 5, block.uniform(96, 128) * scale, bare=bare_trees(canvas))
        canvas.show("trees")
    elif canvas.wants("bushes"):
        for part in places:
            x = block.width * part
            draw_bush(canvas, x, height_at(line, x) + 5, 44 * scale, canvas.inks.ink)
        canvas.show("bushes")
    block.cut(marks, canvas.inks.middle_cut if canvas.inks.middle_cut != canvas.inks.ink else canvas.inks.paper)


def _standing(canvas: Canvas, near: Line) -> None:
    """What stands on the near ground: a house, stacks, a fence."""
    block = canvas.block
    x = block.width * 0.62
    if canvas.wants("cottage"):
        draw_cottage(canvas, x, height_at(near, x) + 12, 0.86)
    elif canvas.wants("haystack"):
        for part, size in ((0.6, 1.0), (0.68, 0.8)):
            draw_stack(canvas, block.width * part, height_at(near, block.width * part) + 10, size)
    if canvas.wants("fence"):
        draw_fence(canvas, near, block.width * 0.72, block.width * 0.93, 40)
    if canvas.wants("graveyard"):
        for i, part in enumerate((0.1, 0.16, 0.23, 0.29, 0.35)):
            at = block.width * part
            (draw_cross if i % 2 else draw_headstone)(canvas, at, height_at(near, at) + 56 + 22 * (i % 3), 74)
        canvas.show("graves")


def _stones(canvas: Canvas, near: Line) -> None:
    if not canvas.wants("rocks"):
        return
    block = canvas.block
    for part, down, size in ((0.1, 60, 34), (0.2, 130, 52), (0.34, 92, 30), (0.88, 120, 46)):
        x = block.width * part
        draw_stone(canvas, x, min(block.height - 60, height_at(near, x) + down), size)
    canvas.show("boulders")


def draw_road(canvas: Canvas, near: Line, start: float) -> None:
    """A road that begins behind the near ridge and widens down to the lower edge."""
    block, inks = canvas.block, canvas.inks
    x0 = block.width * start
    y0 = height_at(near, x0) + 4
    left: Line = []
    right: Line = []
    for i in range(30):
        part = i / 29
        y = y0 + (block.height + 20 - y0) * part**1.1
        x = x0 - block.width * 0.22 * math.sin(part * 2.5) * (1 - 0.3 * part)
        width = 12 + 96 * part
        left.append((x - width / 2, y))
        right.append((x + width / 2, y))
    bright = inks.paper if inks.near != inks.paper else inks.tone
    block.polygon([*left, *reversed(right)], bright, 1.4, 30)
    block.cut(_ruts(canvas, left, right), inks.ink)
    canvas.show("road")


def _ruts(canvas: Canvas, left: Line, right: Line) -> list[Cut]:
    block = canvas.block
    out = []
    for i in range(1, len(left)):
        part = i / len(left)
        dx, dy = left[i][0] - left[i - 1][0], left[i][1] - left[i - 1][1]
        for across in (0.3, 0.7):
            x = left[i][0] + (right[i][0] - left[i][0]) * (across + block.uniform(-0.06, 0.06))
            out.append(Cut(x, left[i][1], 10 + 26 * part, math.atan2(dy, dx), 0.7 + 1.6 * part))
    return out


def draw_plain(canvas: Canvas) -> None:
    """A flat horizon, grass to the edge of sight."""
    block = canvas.block
    horizon = block.height * block.uniform(0.47, 0.58)
    draw_sky(canvas, horizon, 0.3)
    far = block.ridge(horizon + 12, 22, 420)
    near = block.ridge(block.height * 0.74, 40, 420)
    _flat(canvas, far, canvas.inks.middle, canvas.inks.middle_cut)
    _on_the_skyline(canvas, Slot(block.width * 0.24, far, 0.86))
    _trees(canvas, far, (0.62, 0.66, 0.71, 0.75), 0.55)
    if canvas.wants("cottage", "village"):
        for part, size in ((0.88, 0.5), (0.55, 0.44), (0.46, 0.38))[: 3 if canvas.wants("village") else 1]:
            draw_cottage(canvas, block.width * part, height_at(far, block.width * part) + 14, size)
    if canvas.wants("haystack"):
        for part, size in ((0.42, 0.8), (0.48, 0.66)):
            draw_stack(canvas, block.width * part, height_at(far, block.width * part) + 26, size)
    _flat_near(canvas, near)
    if canvas.wants("road"):
        draw_road(canvas, near, 0.6)
    _stones(canvas, near)
    if canvas.wants("grass", "field", "plain") and not canvas.setting.white:
        _grass(canvas, near)
    if canvas.wants("flowers") and not canvas.setting.white:
        _flowers(canvas, near)
    canvas.show(
        "desert"
        if canvas.wants("desert")
        else "field"
        if canvas.wants("field") and not canvas.wants("plain")
        else "plain"
    )
    _finish(canvas)


def _flowers(canvas: Canvas, near: Line) -> None:
    """Heads of flowers in the near grass."""
    block, inks = canvas.block, canvas.inks
    box = Box(0, min(y for _, y in near) + 14, block.width, block.height - 24)
    patches = block.uniform(0, 99)

    def keep(x: float, y: float) -> float:
        return max(0.0, 0.5 + 0.7 * block.noise.at(x / 110 + patches + y / 60)) if y > height_at(near, x) + 8 else 0

    draw_flowers(canvas, box, keep, (inks.paper, inks.light, inks.middle), 8)
    canvas.show("flowers")


def _flat(canvas: Canvas, line: Line, fill: str, cut: str) -> None:
    block = canvas.block
    block.hill(line, fill)
    box = Box(0, min(y for _, y in line) + 8, block.width, block.height * 0.78)
    rows = block.rows(
        box,
        Gouge(9, 90, 3.2, 0.9),
        lambda x, y: 0.62 + 0.4 * block.noise.at(x / 160 + y / 30) if y > height_at(line, x) + 5 else 0,
    )
    block.cut(rows, cut)


def _flat_near(canvas: Canvas, near: Line) -> None:
    block, inks = canvas.block, canvas.inks
    block.hill(near, inks.near)
    if canvas.wants("grass", "field", "plain") and not canvas.setting.white:
        return  # grass will stand there
    box = Box(0, min(y for _, y in near) + 8, block.width, block.height)
    rows = block.rows(
        box,
        Gouge(20, 120, 3.6, 0.6),
        lambda x, y: 0.34 + 0.5 * block.noise.at(x / 220 + y / 56) if y > height_at(near, x) + 8 else 0,
        lambda x, y: 0.12 * block.noise.at(x / 260 + y / 100),
    )
    block.cut(rows, inks.near_cut)


def _grass(canvas: Canvas, near: Line) -> None:
    """Rows of blades, taller towards the reader."""
    block, inks = canvas.block, canvas.inks
    for i in range(5):
        part = i / 4
        line = [(x, y + 18 + (block.height - y) * 0.95 * part) for x, y in near]
        colours = (inks.near_cut, inks.tone if inks.tone != inks.near else inks.far)
        draw_blades(canvas, line, 30 + 66 * part, 5.4 + 2 * part, colours[i % 2], lean=0.25)
    draw_blades(canvas, near, 26, 3.2, inks.near if inks.near != inks.paper else inks.ink, lean=0.2)
    canvas.show("grass")


def draw_mountains(canvas: Canvas) -> None:
    """Two ranges of peaks, lit from the left; a lake before them where the passage has one."""
    block, inks = canvas.block, canvas.inks
    h, w = block.height, block.width
    light = draw_sky(canvas, h * 0.56, 0.2)
    far_peaks = [
        peak(w * c, h * t, w * d)
        for c, t, d in ((0.1, 0.16, 0.16), (0.36, 0.2, 0.15), (0.63, 0.15, 0.13), (0.92, 0.22, 0.18))
    ]
    far = block.ridge(h * 0.5, 20, 60, lambda x: max(f(x) for f in far_peaks))
    _range(canvas, far, inks.far, inks.far_cut, [w * c for c in (0.1, 0.36, 0.63, 0.92)])
    near_peaks = [peak(w * c, h * t, w * d) for c, t, d in ((0.22, 0.2, 0.2), (0.76, 0.3, 0.24), (0.5, 0.11, 0.14))]
    near = block.ridge(h * 0.6, 24, 50, lambda x: max(f(x) for f in near_peaks))
    dark = inks.near if inks.near != inks.paper else inks.ink
    _range(
        canvas, near, dark, inks.paper if canvas.setting.white else inks.near_cut, [w * c for c in (0.22, 0.76, 0.5)]
    )
    canvas.show("mountains")
    foot = block.ridge(h * 0.64, 20, 200)
    by_water = canvas.wants("lake", "river")
    if by_water:
        _lake(canvas, light)
        foot = block.ridge(h * 0.97, 30, 260, lambda x: 90 * max(0.0, 1 - x / (w * 0.45)))
        draw_ground(canvas, foot, "near", 160)
    else:
        _valley_floor(canvas, foot)
        if canvas.wants("cottage"):
            draw_cottage(canvas, w * 0.5, height_at(foot, w * 0.5) + 22, 0.6)
    _trees(canvas, foot, (0.05, 0.1, 0.15, 0.2, 0.25, 0.3), 1.2 if by_water else 0.7)
    _finish(canvas)


def _range(canvas: Canvas, line: Line, fill: str, cut: str, tops: Sequence[float]) -> None:
    """Peaks: the left side of each is cleared down its fall line, the right side stays dark."""
    block = canvas.block
    block.hill(line, fill, block.height * 0.7)

    def left_of(x: float) -> bool:
        return x < min(tops, key=lambda top: abs(top - x)) + 8 * block.noise.at(x / 14)

    sunny = block.slope(line, 230, 1.5, Gouge(0, 86, 3.8), lit=lambda x: 0.95 if left_of(x) else 0.0, lean=2.35)
    spurs = block.slope(line, 260, 4.2, Gouge(0, 76, 3.0), lit=lambda x: 0.0 if left_of(x) else 0.8, lean=0.7)
    block.cut(sunny + spurs, cut)
    if fill not in (canvas.inks.ink, canvas.inks.paper):
        shade = block.slope(line, 210, 2.2, Gouge(0, 74, 3.0), lit=lambda x: 0.1 if left_of(x) else 0.85, lean=0.6)
        block.cut(shade, canvas.inks.ink)


def _lake(canvas: Canvas, light: Light | None) -> None:
    block, inks = canvas.block, canvas.inks
    top, right = block.height * 0.64, block.width + 10
    block.polygon([(-10, top), (right, top), (right, block.height + 10), (-10, block.height + 10)], inks.water, 1.2, 40)
    draw_ripples(canvas, Box(0, top, block.width, block.height), light)
    canvas.show("lake" if canvas.wants("lake") else "river")


def _valley_floor(canvas: Canvas, foot: Line) -> None:
    draw_ground(canvas, foot, "middle", 120)
    near = canvas.block.ridge(canvas.block.height * 0.82, 50, 300)
    draw_ground(canvas, near, "near", 200)
    if canvas.wants("road"):
        draw_road(canvas, near, 0.56)
    _stones(canvas, near)


def draw_river(canvas: Canvas) -> None:
    """A river between its banks, the reader standing on the near one."""
    block, inks = canvas.block, canvas.inks
    h, w = block.height, block.width
    light = draw_sky(canvas, h * 0.44, 0.68)
    far = block.ridge(h * 0.45, 44, 280, bump(w * 0.2, 44, 220))
    draw_ground(canvas, far, "far", 80)
    _on_the_skyline(canvas, Slot(w * 0.2, far, 0.6))
    bank = block.ridge(h * 0.52, 16, 240, bump(w * 0.82, 14, 260))
    draw_ground(canvas, bank, "middle", 60)
    _trees(canvas, bank, (0.62, 0.67, 0.73, 0.79, 0.85, 0.91), 0.95)
    if canvas.wants("cottage", "village", "house"):
        draw_cottage(canvas, w * 0.24, height_at(bank, w * 0.24) + 14, 0.6)
    _channel(canvas, light)
    near = block.ridge(h * 0.93, 40, 300, lambda x: 150 * max(0.0, 1 - x / (w * 0.62)) ** 1.6)
    draw_ground(canvas, near, "near", 200)
    if canvas.wants("boat"):
        draw_boat(canvas, Place(w * 0.66, h * 0.76, 1.25), inks.water_cut)
    if canvas.wants("reeds"):
        draw_blades(canvas, [point for point in near if 30 < point[0] < w * 0.34], 130, 3.6, inks.ink)
        canvas.show("reeds")
    elif canvas.wants("grass"):
        draw_blades(canvas, near, 34, 3.2, inks.near if inks.near != inks.paper else inks.ink, lean=0.2)
        canvas.show("grass")
    _finish(canvas)


def _channel(canvas: Canvas, light: Light | None) -> None:
    """The water from the far bank down; its far shore swings a little."""
    block, inks = canvas.block, canvas.inks
    top = block.height * 0.545
    shore = [(x, top + 9 * block.noise.at(x / 190 + 4)) for x in range(-20, block.width + 30, 9)]
    block.hill([(x, y - 5) for x, y in shore], inks.ink if inks.water != inks.ink else inks.water_cut)
    block.hill(shore, inks.water)
    draw_ripples(canvas, Box(0, top + 14, block.width, block.height), light)
    canvas.show("river")


def _finish(canvas: Canvas) -> None:
    if canvas.setting.white:
        canvas.show("snow")
    draw_weather(canvas)
