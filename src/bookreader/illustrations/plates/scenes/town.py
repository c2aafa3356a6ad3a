"""Villages, streets, roofs and harbours."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from bookreader.illustrations.plates.block import Box, Gouge
from bookreader.illustrations.plates.buildings import draw_church, draw_cottage, draw_fence, draw_window, window_colour
from bookreader.illustrations.plates.canvas import Canvas
from bookreader.illustrations.plates.geometry import Cut, Line, Point, height_at
from bookreader.illustrations.plates.plants import bare_trees, draw_tree
from bookreader.illustrations.plates.scenes.land import draw_ground, draw_road
from bookreader.illustrations.plates.skies import draw_sky, draw_weather
from bookreader.illustrations.plates.vessels import Place, draw_rigging_light, draw_schooner
from bookreader.illustrations.plates.waters import draw_ripples


def draw_village(canvas: Canvas) -> None:
    """Cottages along a rise, smaller with distance; church, fence and road where the passage has them."""
    block = canvas.block
    h, w = block.height, block.width
    draw_sky(canvas, h * 0.5, 0.24)
    far = block.ridge(h * 0.5, 40, 260)
    draw_ground(canvas, far, "far", 90)
    if canvas.wants("church"):
        draw_church(canvas, w * 0.78, height_at(far, w * 0.78) + 8, 0.74)
    street = block.ridge(h * 0.63, 30, 340)
    draw_ground(canvas, street, "middle", 80)
    row = ((0.1, 0.62), (0.27, 0.74), (0.45, 0.66), (0.91, 0.6))
    for part, size in row[: 3 if canvas.wants("tree") else 4]:
        draw_cottage(canvas, w * part, height_at(street, w * part) + 12, size, flip=block.random.random() < 0.5)
    near = block.ridge(h * 0.8, 44, 360)
    draw_ground(canvas, near, "near", 210)
    if canvas.wants("road", "street"):
        draw_road(canvas, near, 0.58)
    draw_cottage(canvas, w * 0.76, height_at(near, w * 0.76) + 12, 1.0)
    if canvas.wants("fence"):
        draw_fence(canvas, near, w * 0.1, w * 0.42, 46)
    if canvas.wants("tree"):
        draw_tree(canvas, w * 0.93, height_at(near, w * 0.93) + 8, 190, bare=bare_trees(canvas))
        canvas.show("trees")
    canvas.shown.remove("house")
    canvas.show("village")
    _finish(canvas)


def _finish(canvas: Canvas) -> None:
    if canvas.setting.white:
        canvas.show("snow")
    draw_weather(canvas)


@dataclass(frozen=True)
class Wall:
    """A street front in perspective: `at(x, u)` is the point at x, u = 0 at the eaves, 1 on the ground."""

    at: Callable[[float, float], Point]
    near: float
    far: float

    @property
    def size(self) -> float:
        return abs(self.near - self.far)

    def quad(self, a: float, b: float, top: float, bottom: float) -> Line:
        """A rectangle on the wall: a and b from 0 (near) to 1 (far), top and bottom as u."""
        xa, xb = self.near + (self.far - self.near) * a, self.near + (self.far - self.near) * b
        return [self.at(xa, top), self.at(xb, top), self.at(xb, bottom), self.at(xa, bottom)]


def draw_street(canvas: Canvas) -> None:
    """A street between two rows of houses that run towards its end."""
    h, w = canvas.block.height, canvas.block.width
    end_x, end_y = w * 0.52, h * 0.6
    draw_sky(canvas, end_y + 20, 0.5)
    if canvas.wants("church"):
        draw_church(canvas, end_x - 4, end_y + 16, 1.3)
    _pavement(canvas, end_x, end_y)
    fill = window_colour(canvas)
    for side, edges, tops in (
        (-1, (-30, 170, 300, 386, 444, 482), (-40, 90, 10, 120, 60)),
        (1, (w + 30, w - 150, w - 284, w - 372, w - 432, w - 470), (20, -60, 100, 30, 110)),
    ):
        shifts = [0.0, *(canvas.block.uniform(-16, 16) for _ in edges[1:-1]), 0.0]
        moved = [edge + shift for edge, shift in zip(edges, shifts, strict=True)]
        for i, top in enumerate(tops):
            lifted = top + canvas.block.uniform(-45, 45)
            _front(canvas, _wall((end_x, end_y), side, moved[i], moved[i + 1], lifted), fill)
    if canvas.wants("lamp"):
        _street_lamp(canvas, w * 0.37, h * 0.9, 1.0)
    canvas.show("street")
    _finish(canvas)


def _wall(end: Point, side: int, near: float, far: float, top: float) -> Wall:
    edge = -30.0 if side < 0 else 1230.0
    ground = 800 * 1.08

    def at(x: float, u: float) -> Point:
        part = (x - end[0]) / (edge - end[0])
        upper, lower = end[1] + (top - end[1]) * part, end[1] + (ground - end[1]) * part
        return x, upper + (lower - upper) * u

    return Wall(at, near, far)


def _front(canvas: Canvas, wall: Wall, fill: str) -> None:
    block, inks = canvas.block, canvas.inks
    a, b = wall.at(wall.near, 0), wall.at(wall.far, 0)
    peak = ((wall.near + wall.far) / 2, min(a[1], b[1]) - wall.size * 0.2)
    block.polygon([wall.at(wall.near, 1), a, peak, b, wall.at(wall.far, 1)], inks.ink, 1.0, 40)
    cut = inks.sky_cut if inks.sky_cut != inks.ink else inks.paper
    _eaves(canvas, wall, a, peak, b, cut)
    for row in range(4):
        for column in range(2 if wall.size > 80 else 1):
            _pane(canvas, wall, row, column, 2 if wall.size > 80 else 1, fill)
    ticks = []
    for _ in range(int(wall.size * 0.5)):
        x, u = block.uniform(min(wall.near, wall.far), max(wall.near, wall.far)), block.uniform(0.05, 0.98)
        (x0, y0), (_, y1) = wall.at(x, u), wall.at(x + 1, u)
        ticks.append(Cut(x0, y0, block.uniform(8, 18) * wall.size / 150, math.atan2(y1 - y0, 1), 1.2))
    corner = wall.at(wall.far, 0.5)
    ticks.append(Cut(wall.far, corner[1], wall.at(wall.far, 1)[1] - b[1], 1.57, 1.7))
    block.cut(ticks, cut)


def _eaves(canvas: Canvas, wall: Wall, a: Point, peak: Point, b: Point, cut: str) -> None:
    """The light on the roof's edge; under snow, the snow on it."""
    block = canvas.block
    if canvas.setting.white:
        thick = 5 + wall.size * 0.06
        block.polygon(
            [
                (a[0], a[1] - 4),
                (peak[0], peak[1] - 4),
                (b[0], b[1] - 4),
                (b[0], b[1] + 7),
                (peak[0], peak[1] + thick),
                (a[0], a[1] + 7),
            ],
            canvas.inks.paper,
            1.4,
            14,
        )
        return
    edges = [
        (
            (p[0] + q[0]) / 2,
            (p[1] + q[1]) / 2 + 3,
            math.hypot(q[0] - p[0], q[1] - p[1]),
            math.atan2(q[1] - p[1], q[0] - p[0]),
        )
        for p, q in ((a, peak), (peak, b))
    ]
    block.cut([Cut(x, y, length, angle, 1.8) for x, y, length, angle in edges], cut)


def _pane(canvas: Canvas, wall: Wall, row: int, column: int, columns: int, fill: str) -> None:
    block, inks = canvas.block, canvas.inks
    left, right = (column + 0.27) / columns, (column + 0.73) / columns
    top = 0.1 + row * 0.19
    lit = "lit_windows" in canvas.shown
    if lit and block.random.random() < 0.45:
        return
    block.polygon(
        wall.quad(left, right, top, top + 0.11),
        fill if lit else inks.far if inks.far != inks.ink else inks.paper,
        0.6,
        20,
    )
    middle = (left + right) / 2
    block.polygon(wall.quad(middle - 0.02, middle + 0.02, top, top + 0.11), inks.ink)
    block.polygon(wall.quad(left, right, top + 0.05, top + 0.058), inks.ink)
    if canvas.setting.white:
        sill = wall.quad(left - 0.03, right + 0.03, top + 0.11, top + 0.122)
        block.polygon(sill, inks.paper)


def _pavement(canvas: Canvas, x: float, y: float) -> None:
    """The roadway, its cuts running to the street's end."""
    block, inks = canvas.block, canvas.inks
    h, w = block.height, block.width
    fill = inks.paper if canvas.setting.white else inks.near_cut if canvas.setting.dark else inks.far
    road: Line = [
        (-30, h * 1.04),
        (x - 60, y + 8),
        (x + 60, y + 8),
        (w + 30, h * 1.04),
        (w + 30, h + 10),
        (-30, h + 10),
    ]
    block.polygon(road, fill, 1.6, 26)
    box = Box(0, y + 22, w, h)

    def inside(px: float, py: float) -> float:
        return 0.5 if abs(px - x) < 40 + (py - y) * 2.2 else 0

    rows = block.rows(box, Gouge(15, 40, 2.0, 1.5), inside, lambda px, py: 0.05 * block.noise.at(px / 60 + py / 30))
    block.cut(rows, inks.ink)
    tracks = []
    for off in (-0.32, -0.2, 0.16, 0.28):
        for i in range(20):
            part = (i + block.uniform(0, 0.6)) / 20
            py = y + 24 + (h - y - 24) * part**1.3
            px = x + off * (py - y) * 2.6
            tracks.append(Cut(px, py, 12 + 40 * part, math.atan2(1, off * 2.6), 0.8 + 2.4 * part))
    block.cut(tracks, inks.ink)


def _street_lamp(canvas: Canvas, x: float, y: float, scale: float) -> None:
    """A lamp on its post; it burns after dark."""
    block, inks, p = canvas.block, canvas.inks, Place(x, y, scale)
    burning = canvas.setting.hour.value in ("night", "dusk")
    top = p.at((0, -330))
    if burning:
        rays = block.rays(top[0], top[1], 44 * scale, 150 * scale, 22, 2.8, rings=2)
        block.cut(rays, inks.glow)
    block.polygon(p.line([(-4, 0), (-3, -290), (3, -290), (4, 0)]), inks.ink, 0.4, 30)
    block.polygon(p.line([(-16, 4), (-9, -22), (9, -22), (16, 4)]), inks.ink, 0.5, 20)
    block.polygon(p.line([(-14, -290), (-24, -346), (24, -346), (14, -290)]), inks.ink, 0.4, 30)
    block.polygon(
        p.line([(-10, -296), (-17, -340), (17, -340), (10, -296)]), inks.glow if burning else inks.paper, 0.4, 30
    )
    block.polygon(p.line([(-28, -344), (0, -372), (28, -344)]), inks.ink, 0.4, 30)
    block.cut([p.cut(-1, -150, 220, 1.57, 1.2)], inks.sky_cut if inks.sky_cut != inks.ink else inks.paper)
    canvas.show("street_lamp")


def draw_roofs(canvas: Canvas) -> None:
    """Over the roofs of a town: three rows of gables and chimneys, nearer ones larger."""
    block, inks = canvas.block, canvas.inks
    h = block.height
    draw_sky(canvas, h * 0.52, 0.66)
    if canvas.wants("church"):
        draw_church(canvas, block.width * 0.3, h * 0.56, 1.1)
    fill = window_colour(canvas)
    back = (
        (inks.far, inks.far_cut, 0.5, 78),
        (inks.middle if inks.middle != inks.paper else inks.tone, inks.far_cut, 0.66, 118),
    )
    for colour, cut, base, size in back:
        _roof_row(canvas, h * base, size, colour, cut, fill)
    _roof_row(canvas, h * 0.84, 176, inks.ink, inks.near_cut if inks.near_cut != inks.ink else inks.paper, fill)
    canvas.show("roofs")
    _finish(canvas)


def _roof_row(canvas: Canvas, base: float, size: float, colour: str, cut: str, fill: str) -> None:
    block = canvas.block
    block.fill(Box(-10, base, block.width + 10, block.height + 10), colour)
    x = -block.uniform(20, size)
    while x < block.width + 20:
        width = size * block.uniform(1.1, 1.9)
        _gable(canvas, x, base + 4, width, size * block.uniform(0.75, 1.15), colour, cut, fill)
        x += width * block.uniform(0.92, 1.04)
    wall = block.rows(
        Box(0, base + 8, block.width, block.height), Gouge(size * 0.13, size * 0.22, 1.3), lambda _x, _y: 0.4
    )
    block.cut(wall, cut)


def _gable(
    canvas: Canvas, x: float, base: float, width: float, height: float, colour: str, cut: str, fill: str
) -> None:
    """A roof seen from its gable end or from its long side, with a chimney; lit windows sit in gables."""
    block = canvas.block
    front = block.random.random() < 0.5
    inset = width * (0.5 if front else 0.14)
    roof: Line = [(x, base), (x + inset, base - height), (x + width - inset, base - height), (x + width, base)]
    stack = x + width * block.uniform(0.24, 0.32)
    block.strip(stack, base - height * 1.12, stack + width * 0.08, base - height * 0.3, colour)
    block.polygon(roof, canvas.inks.paper if canvas.setting.white and not front else colour, 1.0, 24)
    if front:
        cuts = [
            Cut(
                x + width * 0.25,
                base - height / 2 + 2,
                math.hypot(width / 2, height),
                math.atan2(-height, width / 2),
                2.0,
            )
        ]
        cuts.append(
            Cut(
                x + width * 0.75,
                base - height / 2 + 2,
                math.hypot(width / 2, height),
                math.atan2(height, width / 2),
                2.0,
            )
        )
        side = height * 0.26
        draw_window(
            block,
            x + width / 2 - side * 0.36,
            base - height * 0.48,
            side * 0.72,
            side,
            fill if "lit_windows" in canvas.shown else cut,
            colour,
        )
    else:
        cuts = _tiles(canvas, x, base, width, height)
    block.cut(cuts, canvas.inks.tone if canvas.setting.white and not front else cut)


def _tiles(canvas: Canvas, x: float, base: float, width: float, height: float) -> list[Cut]:
    block = canvas.block
    out = [Cut(x + width / 2, base - height + 2, width * 0.72, 0, 2.0)]
    for row in range(1, 5):
        y = base - height + height * row / 5
        edge = width * 0.14 * (1 - row / 5)
        count = int(width / 26)
        out += [
            Cut(x + edge + (width - 2 * edge) * (i + 0.5) / count, y, 15, 0.05 + block.uniform(-0.1, 0.1), 1.7)
            for i in range(count)
            if block.random.random() < 0.8
        ]
    return out


def draw_harbour(canvas: Canvas) -> None:
    """Houses along a quay, ships with bare masts before it, their lights in the water where the passage has lights."""
    block, inks = canvas.block, canvas.inks
    h, w = block.height, block.width
    quay = h * 0.6
    light = draw_sky(canvas, quay, 0.24)
    if canvas.wants("house", "city", "street", "village", "cottage"):
        _quay_houses(canvas, quay)
    block.fill(Box(-10, quay, w + 10, quay + 40), inks.ink)
    block.cut(
        block.rows(Box(0, quay + 6, w, quay + 34), Gouge(9, 46, 2.2), lambda _x, _y: 0.7),
        inks.near_cut if inks.near_cut != inks.ink else inks.paper,
    )
    block.fill(Box(-10, quay + 38, w + 10, h + 10), inks.water)
    draw_ripples(canvas, Box(0, quay + 44, w, h), light)
    if canvas.wants("ship"):
        for x, y, scale in ((w * 0.26, quay + 58, 1.15), (w * 0.7, quay + 96, 1.55)):
            draw_schooner(
                canvas, Place(x, y, scale), sails=False, cut=inks.near_cut if inks.near_cut != inks.ink else inks.paper
            )
            if canvas.setting.dark:
                draw_rigging_light(canvas, Place(x, y, scale))
        canvas.shown.remove("ship_at_anchor")
        canvas.show("masts")
    if "lit_windows" in canvas.shown:
        _lights_in_water(canvas, quay + 60)
    canvas.show("harbour")
    _finish(canvas)


def _quay_houses(canvas: Canvas, quay: float) -> None:
    block, inks = canvas.block, canvas.inks
    fill = window_colour(canvas)
    colour = inks.far if inks.far != inks.sky and not canvas.setting.white else inks.ink
    x = -10.0
    while x < block.width + 20:
        width, height = block.uniform(64, 118), block.uniform(90, 176)
        top, pitch = quay - height, block.uniform(28, 54)
        block.polygon(
            [(x - 1, quay + 4), (x, top), (x + width / 2, top - pitch), (x + width, top), (x + width + 1, quay + 4)],
            colour,
            0.8,
            30,
        )
        rake = math.hypot(width / 2, pitch)
        edges = [
            Cut(x + width * 0.25, top - pitch / 2 + 2, rake, math.atan2(-pitch, width / 2), 1.8),
            Cut(x + width * 0.75, top - pitch / 2 + 2, rake, math.atan2(pitch, width / 2), 1.3),
        ]
        block.cut([*edges, Cut(x + 2, top + height / 2, height * 0.9, 1.57, 1.4)], inks.far_cut)
        for row in range(int(height // 42)):
            for column in range(int(width // 34)):
                if block.random.random() < 0.72:
                    draw_window(block, x + 13 + column * 31, top + 12 + row * 40, 13, 19, fill, colour)
        x += width + block.pick((0, 0, 3, 8))
    canvas.show("houses")


def _lights_in_water(canvas: Canvas, top: float) -> None:
    block = canvas.block
    cuts = []
    for x in (90, 250, 420, 660, 905, 1090):
        for i in range(12):
            y = top + (block.height - top) * (i + 0.4) / 13
            cuts.append(Cut(x + 10 * math.sin(y / 13 + x), y, block.uniform(12, 34) * (1 + i / 14), 0, 2.4))
    block.cut(cuts, canvas.inks.glow)
