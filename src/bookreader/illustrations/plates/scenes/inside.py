"""Rooms: by a window, by a hearth, by candle or lamp, and corridors."""

import math

from bookreader.illustrations.plates.block import Box, Gouge
from bookreader.illustrations.plates.canvas import Canvas
from bookreader.illustrations.plates.geometry import Cut, Line
from bookreader.illustrations.plates.plants import bare_trees, draw_tree
from bookreader.illustrations.plates.setting import Hour
from bookreader.illustrations.plates.skies import draw_sky, draw_weather
from bookreader.illustrations.plates.vessels import Place


def _pale(canvas: Canvas) -> str:
    """What light cuts into dark walls is printed in."""
    return canvas.inks.near_cut if canvas.inks.near_cut not in (canvas.inks.ink, canvas.inks.sky) else canvas.inks.paper


def draw_window_scene(canvas: Canvas) -> None:
    """A room's window, what is before it in dusk or light, and the light that it lays on the floor."""
    block = canvas.block
    h, w = block.height, block.width
    left = w * block.uniform(0.25, 0.33)
    frame = Box(left, h * 0.12, left + w * 0.32, h * 0.66)
    draw_sky(canvas, h * 0.72, 0.45)
    _view(canvas, frame)
    _wall_around(canvas, frame)
    _casement(canvas, frame)
    if canvas.wants("curtain"):
        _curtains(canvas, frame)
    _floor(canvas, h * 0.82)
    _light_on_floor(canvas, frame, h * 0.82)
    if canvas.wants("table"):
        draw_table(canvas, w * 0.8, h * 0.93, 1.0)
        if canvas.wants("candle", "lamp"):
            draw_candle(canvas, w * 0.8, h * 0.93 - 172, 0.62)
    elif canvas.wants("armchair"):
        draw_armchair(canvas, w * 0.8, h * 0.94, 1.0)
    canvas.show("window")


def _view(canvas: Canvas, frame: Box) -> None:
    """Outside, only what the passage names: trees, a hill line, falling snow or rain."""
    block, inks = canvas.block, canvas.inks
    if canvas.wants("tree", "garden", "forest"):
        land = block.ridge(frame.bottom - 30, 30, 200)
        block.hill(land, inks.middle if inks.middle != inks.paper else inks.far)
        for part, tall in ((0.24, 250), (0.8, 180)):
            x = frame.left + (frame.right - frame.left) * part
            draw_tree(canvas, x, frame.bottom - 28, tall * block.uniform(0.9, 1.1), bare=bare_trees(canvas))
        canvas.show("trees")
    elif canvas.wants("plain", "field"):
        flat = block.ridge(frame.bottom - 70, 8, 300)
        block.hill(flat, inks.middle if inks.middle != inks.paper else inks.far)
        rows = Box(frame.left, frame.bottom - 62, frame.right, frame.bottom)
        block.cut(block.rows(rows, Gouge(11, 60, 2.4, 0.6), lambda _x, _y: 0.5), inks.middle_cut)
        canvas.show("field" if canvas.wants("field") else "plain")
    elif canvas.wants("hill", "mountain", "moor"):
        land = block.ridge(frame.bottom - 20, 80, 160)
        block.hill(land, inks.middle if inks.middle != inks.paper else inks.far)
        block.cut(block.slope(land, 90, 3, Gouge(0, 50, 2.6), lean=0.9), inks.middle_cut)
        canvas.show("hills")
    draw_weather(canvas)


def _wall_around(canvas: Canvas, hole: Box) -> None:
    """The dark wall, cleared in upright strokes that grow denser towards the window."""
    block, ink = canvas.block, canvas.inks.ink
    w, h = block.width, block.height
    for box in (
        Box(0, 0, w, hole.top),
        Box(0, hole.bottom, w, h),
        Box(0, hole.top - 1, hole.left, hole.bottom + 1),
        Box(hole.right, hole.top - 1, w, hole.bottom + 1),
    ):
        block.fill(box, ink)
    x0, y0 = (hole.left + hole.right) / 2, (hole.top + hole.bottom) / 2
    half_x, half_y = (hole.right - hole.left) / 2, hole.height / 2

    def keep(x: float, y: float) -> float:
        away = max(abs(x - x0) - half_x, abs(y - y0) - half_y)
        return 0 if away < 36 or y > h * 0.8 else max(0.0, 0.7 - away / 420) + 0.12 * block.noise.at(x / 60 + y / 90)

    block.cut(block.rows(Box(0, 20, w, h * 0.8), Gouge(17, 34, 2.4), keep, lambda _x, _y: 1.57), _pale(canvas))


def _casement(canvas: Canvas, frame: Box) -> None:
    """Frame, mullions and sill."""
    block, inks = canvas.block, canvas.inks
    thick = 13
    pale = _pale(canvas)
    edges = [
        Box(frame.left - thick, frame.top - thick, frame.right + thick, frame.top + 4),
        Box(frame.left - thick, frame.bottom - 4, frame.right + thick, frame.bottom + thick),
        Box(frame.left - thick, frame.top, frame.left + 4, frame.bottom),
        Box(frame.right - 4, frame.top, frame.right + thick, frame.bottom),
    ]
    for box in edges:
        block.strip(box.left, box.top, box.right, box.bottom, inks.ink)
    middle = (frame.left + frame.right) / 2
    block.strip(middle - 7, frame.top, middle + 7, frame.bottom, inks.ink)
    for part in (0.34, 0.67):
        y = frame.top + frame.height * part
        block.strip(frame.left, y - 4, frame.right, y + 4, inks.ink)
    block.strip(frame.left - 40, frame.bottom + thick, frame.right + 40, frame.bottom + thick + 18, inks.ink)
    rim = [
        Cut(middle, frame.bottom + thick + 2, frame.right - frame.left + 90, 0, 2.6),
        Cut(middle, frame.bottom + thick + 24, frame.right - frame.left + 70, 0, 1.6),
    ]
    rim += [
        Cut(frame.left - thick - 3, (frame.top + frame.bottom) / 2, frame.height + 20, 1.57, 2.2),
        Cut(frame.right + thick + 3, (frame.top + frame.bottom) / 2, frame.height + 20, 1.57, 2.2),
    ]
    rim.append(Cut(middle, frame.top - thick - 3, frame.right - frame.left + 30, 0, 2.2))
    block.cut(rim, pale)


def _curtains(canvas: Canvas, frame: Box) -> None:
    block, inks = canvas.block, canvas.inks
    cloth = inks.tone if inks.tone != inks.sky else inks.glow
    for side in (-1, 1):
        edge = frame.left if side < 0 else frame.right
        inner, outer = edge + side * -46, edge + side * 74
        block.polygon(
            [
                (outer, frame.top - 34),
                (inner - side * 14, frame.top - 34),
                (inner, frame.bottom - 90),
                (inner + side * 26, frame.bottom + 60),
                (outer + side * 6, frame.bottom + 60),
            ],
            cloth,
            1.6,
            26,
        )
        folds = []
        for k in range(6):
            x = inner + side * (8 + 18 * k)
            folds.append(
                Cut(
                    x,
                    (frame.top + frame.bottom) / 2 + block.uniform(-20, 20),
                    frame.height * block.uniform(0.7, 1.0),
                    1.57 - side * 0.02 * k,
                    2.6,
                )
            )
        block.cut(folds, inks.ink)
    block.strip(frame.left - 96, frame.top - 42, frame.right + 96, frame.top - 32, inks.ink)
    block.cut(
        [Cut((frame.left + frame.right) / 2, frame.top - 46, frame.right - frame.left + 180, 0, 1.8)], _pale(canvas)
    )
    canvas.show("curtain")


def _floor(canvas: Canvas, top: float) -> None:
    """Boards that run away from the reader."""
    block = canvas.block
    w, h = block.width, block.height
    block.fill(Box(-10, top, w + 10, h + 10), canvas.inks.ink)
    cuts = [Cut(w / 2, top + 1, w * 1.02, 0, 2.4)]
    for i in range(-9, 10):
        x0, x1 = w / 2 + i * 84, w / 2 + i * 132
        cuts.append(
            Cut((x0 + x1) / 2, (top + h) / 2 + 6, math.hypot(x1 - x0, h - top), math.atan2(h - top, x1 - x0), 1.2)
        )
    block.cut(cuts, _pale(canvas))


def _light_on_floor(canvas: Canvas, frame: Box, top: float) -> None:
    """The window's shape laid aslant on the boards; none on a night without moon."""
    if canvas.setting.dark and not canvas.wants("moon"):
        return
    block = canvas.block
    box = Box(frame.left - 220, top + 12, frame.right, block.height - 26)

    def keep(x: float, y: float) -> float:
        shift = 150 * box.depth(y)
        left, right = frame.left - 20 - shift, frame.right - 60 - shift * 0.7
        bar = abs((x - left) / (right - left) - 0.5) < 0.04
        return 0.85 if left < x < right and not bar else 0

    block.cut(
        block.rows(box, Gouge(9, 52, 3.0, 0.4), keep), canvas.inks.light if canvas.setting.dark else canvas.inks.paper
    )


def draw_table(canvas: Canvas, x: float, y: float, scale: float) -> None:
    """A table from the side, its feet at y, 172 units high at scale 1."""
    block, ink, p = canvas.block, canvas.inks.ink, Place(x, y, scale)
    pale = _pale(canvas)
    for leg in (-124, 108):
        block.polygon(p.line([(leg, 0), (leg - 2, -160), (leg + 18, -160), (leg + 14, 0)]), ink, 0.8, 30)
        block.cut([p.cut(leg + 3, -80, 150, 1.57, 1.6)], pale)
    block.polygon(p.line([(-158, -156), (-158, -172), (158, -172), (158, -156)]), ink, 0.8, 30)
    block.cut([p.cut(0, -172, 322, 0, 2.6), p.cut(0, -160, 300, 0, 1.3)], pale)
    canvas.show("table")


def draw_armchair(canvas: Canvas, x: float, y: float, scale: float, *, flip: bool = False) -> None:
    """A winged chair from the side, 250 units high at scale 1; the pale edge sets it off from a dark wall."""
    block, ink, p = canvas.block, canvas.inks.ink, Place(x, y, scale, flip)
    pale = _pale(canvas)
    outline: Line = [
        (-78, 0),
        (-84, -110),
        (-96, -236),
        (-70, -254),
        (-40, -240),
        (-34, -128),
        (74, -122),
        (88, -136),
        (96, -118),
        (88, 0),
        (74, 0),
        (70, -36),
        (-60, -34),
        (-66, 0),
    ]
    rim = [(px * 1.03, py - 4) for px, py in outline]
    block.polygon(p.line(rim), pale, 1.0, 26)
    block.polygon(p.line(outline), ink, 0.8, 26)
    cloth = canvas.inks.glow if canvas.wants("fire", "hearth", "candle", "lamp") else pale
    block.cut([p.cut(-52 + k * 2, -226 + k * 13, 28, 0.1, 2.2) for k in range(8)], cloth)
    block.cut([p.cut(14 + block.uniform(-60, 50), -112 + k * 9, 40, 0, 1.9) for k in range(8)], cloth)
    canvas.show("armchair")


_CANDLESTICK: Line = [
    (-46, 0), (-40, -12), (-8, -18), (-7, -54), (-20, -60), (20, -60), (7, -54), (8, -18), (40, -12), (46, 0),
]  # fmt: skip


def draw_candle(canvas: Canvas, x: float, y: float, scale: float, *, shine: bool = True) -> None:
    """A burning candle on its stick, the foot at y; rays around the flame."""
    block, inks, p = canvas.block, canvas.inks, Place(x, y, scale)
    flame = p.at((0, -186))
    if shine:
        block.cut(block.rays(flame[0], flame[1], 34 * scale, 190 * scale, 26, 3.2, rings=3), inks.glow)
    block.polygon(
        p.line(
            [(-46, 0), (-40, -12), (-8, -18), (-7, -54), (-20, -60), (20, -60), (7, -54), (8, -18), (40, -12), (46, 0)]
        ),
        inks.glow,
        0.6,
        20,
    )
    block.polygon(p.line([(-11, -60), (-11, -156), (11, -158), (11, -60)]), inks.paper, 0.5, 24)
    block.cut([p.cut(5, -108, 80, 1.57, 1.6)], inks.ink)
    _flame(canvas, flame[0], flame[1], scale)
    canvas.show("candle")


def _flame(canvas: Canvas, x: float, y: float, scale: float) -> None:
    up, down = (
        f"{17 * scale:.1f} {34 * scale:.1f} 0 {60 * scale:.1f}",
        f"{-17 * scale:.1f} {-26 * scale:.1f} 0 {-60 * scale:.1f}",
    )
    canvas.block.add(f"M{x:.0f} {y - 34 * scale:.0f}q{up}q{down}z", canvas.inks.paper)


def draw_candle_scene(canvas: Canvas) -> None:
    """A dark room around one light on a table."""
    block, inks = canvas.block, canvas.inks
    w, h = block.width, block.height
    x, y = w * 0.56, h * 0.42
    block.fill(block.sheet, inks.ink)
    table = h * 0.78

    def glow(px: float, py: float) -> float:
        away = math.hypot(px - x, (py - y) * 1.1)
        return 0 if away < 250 or py > table else max(0.0, 0.75 - (away - 250) / 520)

    block.cut(
        block.rows(Box(0, 20, w, table), Gouge(17, 40, 2.3), glow, lambda px, py: math.atan2(py - y, px - x)),
        _pale(canvas),
    )
    block.cut(block.rays(x, y, 46, 250, 34, 3.8, rings=4), inks.glow)
    block.fill(Box(-10, table, w + 10, h + 10), inks.ink)
    block.cut([Cut(w / 2, table, w * 1.03, 0, 3.2)], inks.glow)

    def pool(px: float, py: float) -> float:
        return max(0.0, 0.95 - abs(px - x) / 430 - (py - table) / 260)

    block.cut(block.rows(Box(0, table + 10, w, h), Gouge(10, 62, 2.8, 0.4), pool), inks.glow)
    draw_candle(canvas, x, table + 16, 1.45, shine=False)
    canvas.show("table")


def draw_hearth(canvas: Canvas) -> None:
    """A fireplace: the fire lights the floor and the edges of what stands about it."""
    block, inks = canvas.block, canvas.inks
    w, h = block.width, block.height
    x, floor = w * 0.44, h * 0.8
    block.fill(block.sheet, inks.ink)
    _fire_light(canvas, x, floor)
    _floor(canvas, floor)
    glow = block.rows(
        Box(0, floor + 8, w, h),
        Gouge(10, 62, 3.0, 0.5),
        lambda px, py: max(0.0, 1.0 - abs(px - x) / (230 + (py - floor) * 1.6)),
    )
    block.cut(glow, inks.glow)
    _chimney_piece(canvas, x, floor)
    _flames(canvas, x, floor - 6)
    if canvas.wants("armchair"):
        draw_armchair(canvas, w * 0.78, h * 0.92, 1.15, flip=True)
    if canvas.wants("candle"):
        draw_candle(canvas, x - 150, floor - 352, 0.5)
    canvas.show("hearth")


def _fire_light(canvas: Canvas, x: float, floor: float) -> None:
    block = canvas.block

    def keep(px: float, py: float) -> float:
        away = math.hypot(px - x, py - floor + 80)
        return max(0.0, 0.8 - (away - 240) / 560) + 0.1 * block.noise.at(px / 60 + py / 90)

    bricks = block.rows(Box(0, 20, block.width, floor), Gouge(22, 44, 2.5), keep)
    block.cut(bricks, _pale(canvas))


def _chimney_piece(canvas: Canvas, x: float, floor: float) -> None:
    block, inks = canvas.block, canvas.inks
    pale = _pale(canvas)
    block.strip(x - 236, floor - 330, x + 236, floor + 4, inks.ink, 1.0)
    block.strip(x - 270, floor - 356, x + 270, floor - 326, inks.ink, 1.0)
    edges = [Cut(x, floor - 357, 552, 0, 3.2), Cut(x, floor - 326, 520, 0, 1.8)]
    edges += [Cut(x + side * 236, floor - 160, 320, 1.57, 2.2) for side in (-1, 1)]
    edges += [Cut(x + side * (196 + 14 * k), floor - 160 + 6 * k, 240, 1.57, 1.5) for side in (-1, 1) for k in range(2)]
    block.cut(edges, pale)
    arch: Line = [
        (x - 164, floor),
        (x - 164, floor - 190),
        (x - 110, floor - 236),
        (x, floor - 250),
        (x + 110, floor - 236),
        (x + 164, floor - 190),
        (x + 164, floor),
    ]
    block.polygon([(x + (px - x) * 1.05, floor + (py - floor) * 1.05) for px, py in arch], inks.glow, 1.2, 26)
    block.polygon(arch, inks.ink, 1.2, 26)


def _flames(canvas: Canvas, x: float, y: float) -> None:
    """Tongues of fire from logs, taller in the middle."""
    block, inks = canvas.block, canvas.inks
    for colour, count, tall, spread in ((inks.glow, 34, 168, 112), (inks.paper, 16, 96, 66)):
        tongues = []
        for i in range(count):
            across = (i + 0.5) / count * 2 - 1
            height = tall * (1 - across * across * 0.72) * block.uniform(0.55, 1.08)
            px = x + across * spread
            tongues.append(
                Cut(
                    px - across * 12,
                    y - 24 - height / 2,
                    height,
                    1.57 + across * 0.18 + block.uniform(-0.12, 0.12),
                    6.5,
                )
            )
        block.cut(tongues, colour)
    for angle, off in ((0.06, -6), (-0.09, 8)):
        block.cut([Cut(x + off, y - 18 + off * 0.6, 270, angle, 15)], inks.ink)
        block.cut([Cut(x + off, y - 25 + off * 0.6, 220, angle, 1.6)], inks.glow)


def draw_corridor(canvas: Canvas) -> None:
    """A corridor with doors on both sides, a light opening at its end."""
    block, inks = canvas.block, canvas.inks
    w, h = block.width, block.height
    x, y = w * 0.5, h * 0.46
    block.fill(block.sheet, inks.ink)
    bright = inks.paper if canvas.setting.hour is Hour.DAY else inks.glow
    end = Box(x - 84, y - 96, x + 84, y + 120)
    block.strip(end.left, end.top, end.right, end.bottom, bright, 1.2)
    _corridor_lines(canvas, end)
    for part, width in ((0.14, 0.16), (0.42, 0.13), (0.66, 0.1)):
        for side in (-1, 1):
            _side_door(canvas, end, side, part, width)
    canvas.show("corridor")


def _corridor_lines(canvas: Canvas, end: Box) -> None:
    """Edges that run to the end, and cuts on floor, walls and ceiling that thin out towards the reader."""
    block = canvas.block
    w, h = block.width, block.height
    pale = _pale(canvas)
    x, y = (end.left + end.right) / 2, (end.top + end.bottom) / 2
    edges = []
    for cx, cy, ex, ey in (
        (0, 0, end.left, end.top),
        (w, 0, end.right, end.top),
        (0, h, end.left, end.bottom),
        (w, h, end.right, end.bottom),
    ):
        edges.append(Cut((cx + ex) / 2, (cy + ey) / 2, math.hypot(cx - ex, cy - ey), math.atan2(ey - cy, ex - cx), 2.6))
    block.cut(edges, pale)

    def part_of(px: float, py: float) -> float:
        return max(abs(px - x) / (w / 2), abs(py - y) / (h / 2))

    def on_floor(px: float, py: float) -> float:
        inside = abs(px - x) < 84 + (py - end.bottom) * (w / 2 - 84) / (h - end.bottom) - 20
        return max(0.0, 0.95 - 0.7 * part_of(px, py)) if inside and py > end.bottom + 4 else 0

    block.cut(block.rows(Box(0, end.bottom, w, h), Gouge(9, 40, 2.2, 1.8), on_floor), pale)

    def overhead(px: float, py: float) -> float:
        inside = abs(px - x) < 84 + (end.top - py) * (w / 2 - 84) / end.top - 24
        return max(0.0, 0.6 - 0.6 * part_of(px, py)) if inside and py < end.top - 6 else 0

    block.cut(block.rows(Box(0, 20, w, end.top), Gouge(13, 46, 2.0), overhead), pale)


def _side_door(canvas: Canvas, end: Box, side: int, part: float, width: float) -> None:
    """A door on a side wall: `part` of the way to the end, 0 at the reader."""
    block = canvas.block
    w, h = block.width, block.height
    edge, stop = (0.0, end.left) if side < 0 else (float(w), end.right)

    def at(along: float, up: float) -> tuple[float, float]:
        away = 1 - (1 - along) ** 1.35
        x = edge + (stop - edge) * away
        top, bottom = end.top * away, h + (end.bottom - h) * away
        return x, bottom + (top - bottom) * up

    outline = [at(part, 0.02), at(part, 0.74), at(part + width, 0.74), at(part + width, 0.02)]
    pale = _pale(canvas)
    block.polygon(outline, pale, 0.8, 40)
    inner = [
        at(part + 0.012, 0.02),
        at(part + 0.012, 0.725),
        at(part + width - 0.012, 0.725),
        at(part + width - 0.012, 0.02),
    ]
    block.polygon(inner, canvas.inks.ink, 0.8, 40)
    for low, high in ((0.08, 0.34), (0.4, 0.68)):
        a, b = at(part + width * 0.25, low), at(part + width * 0.25, high)
        c, d = at(part + width * 0.75, low), at(part + width * 0.75, high)
        block.cut(
            [
                Cut(a[0], (a[1] + b[1]) / 2, a[1] - b[1], 1.57, 1.6),
                Cut(c[0], (c[1] + d[1]) / 2, c[1] - d[1], 1.57, 1.4),
            ],
            pale,
        )
    knob = at(part + width * 0.86, 0.37)
    block.disc(*knob, 4 - 2 * part, pale, 0.2)
