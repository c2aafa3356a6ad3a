"""Open sea, coasts and islands."""

import math

from bookreader.illustrations.plates.block import Box, Gouge
from bookreader.illustrations.plates.canvas import Canvas
from bookreader.illustrations.plates.geometry import Cut, Line, bump, peak
from bookreader.illustrations.plates.skies import Light, draw_sky, draw_weather
from bookreader.illustrations.plates.vessels import Place, draw_boat, draw_schooner
from bookreader.illustrations.plates.waters import draw_rollers, draw_water, storm_sea


def draw_sea(canvas: Canvas) -> None:
    """Nothing but water and sky, and what the passage sets on it."""
    horizon = canvas.block.height * (0.46 if storm_sea(canvas) else 0.5)
    light = draw_sky(canvas, horizon, 0.63)
    if canvas.wants("shore", "cliff", "mountain") and not canvas.wants("island"):
        _far_coast(canvas, horizon)
    if canvas.wants("island"):
        _far_island(canvas, horizon)
    if storm_sea(canvas):
        draw_rollers(canvas, horizon)
    else:
        draw_water(canvas, horizon, light)
    canvas.show("sea")
    _traffic(canvas, horizon, light)
    draw_weather(canvas)


def _far_coast(canvas: Canvas, horizon: float) -> None:
    """A low coast on the left, behind the water."""
    block = canvas.block
    reach = block.width * 0.4
    line = [(x, y) for x, y in block.ridge(horizon + 2, 26, 110, bump(block.width * 0.08, 40, 170)) if x < reach]
    line = [(x, y + (horizon + 2 - y) * max(0.0, (x - reach * 0.6) / (reach * 0.4)) ** 2) for x, y in line]
    block.hill(line, canvas.inks.far if canvas.inks.sky != canvas.inks.far else canvas.inks.middle, horizon + 6)
    block.cut(block.slope(line[:-6], 24, 4, Gouge(0, 20, 1.6), lean=1.0), canvas.inks.far_cut)
    canvas.show("coast")


def _far_island(canvas: Canvas, horizon: float) -> None:
    block, inks = canvas.block, canvas.inks
    centre, half = block.width * 0.27, block.width * 0.2
    hump = peak(centre - 20, 96, 120)
    shoulder = bump(centre + 90, 46, 70)

    def rise(x: float) -> float:
        return hump(x) + shoulder(x) + 14 * math.sqrt(max(0.0, 1 - abs(x - centre) / half))

    line: Line = [
        (x, horizon + 3 - rise(x) - 3 * abs(block.noise.at(x / 22)) * (rise(x) > 6))
        for x in range(int(centre - half), int(centre + half), 7)
    ]
    block.hill(line, inks.near if inks.near != inks.paper else inks.far, horizon + 6)
    block.cut(
        block.slope(line[4:-4], 60, 3, Gouge(0, 40, 2.6), lit=lambda x: 0.95 if x < centre else 0.35, lean=1.2),
        inks.far_cut,
    )
    canvas.show("island")


def _traffic(canvas: Canvas, horizon: float, light: Light | None) -> None:
    block, inks = canvas.block, canvas.inks
    cut = inks.sky if inks.sky != inks.ink else inks.paper
    busy_left = "island" in canvas.shown or "coast" in canvas.shown
    x = block.width * (0.68 if busy_left and not light else 0.44 if busy_left else 0.35)
    if canvas.wants("ship"):
        scale = 0.75 if storm_sea(canvas) or busy_left else 1.4
        draw_schooner(canvas, Place(x, horizon + block.height * 0.012, scale), sails=True, cut=cut)
        _wake(canvas, x, horizon, scale)
    elif canvas.wants("boat") and not storm_sea(canvas):
        draw_boat(canvas, Place(x, block.height * 0.66, 1.5), inks.water_cut)
        _wake(canvas, x, block.height * 0.655, 0.9)


def _wake(canvas: Canvas, x: float, y: float, scale: float) -> None:
    block = canvas.block
    box = Box(x - 130 * scale, y + 16 * scale, x + 120 * scale, y + 60 * scale)
    block.cut(block.rows(box, Gouge(9, 46, 2.2), lambda _x, _y: 0.62), canvas.inks.water_cut)


def draw_coast(canvas: Canvas) -> None:
    """A bay seen from its shore: headland on the right, sand below."""
    block = canvas.block
    horizon = block.height * 0.44
    light = draw_sky(canvas, horizon, 0.3)
    draw_water(canvas, horizon, light, block.height * 0.86)
    canvas.show("sea")
    if canvas.wants("island"):
        _far_island(canvas, horizon)
    _headland(canvas, horizon)
    if canvas.wants("ship"):
        draw_schooner(canvas, Place(block.width * 0.2, horizon + 10, 0.5), sails=True, cut=canvas.inks.sky)
    _beach(canvas)
    if canvas.wants("boat"):
        draw_boat(canvas, Place(block.width * 0.3, block.height * 0.9, 1.5), canvas.inks.near_cut)
    canvas.show("coast")
    draw_weather(canvas)


def _headland(canvas: Canvas, horizon: float) -> None:
    block, inks = canvas.block, canvas.inks
    steep = canvas.wants("cliff", "mountain", "rocks")
    edge, top = block.width * 0.52, 230 if steep else 130

    def rise(x: float) -> float:
        return top / (1 + math.exp(-(x - edge - 90) / (26 if steep else 74))) + 24 * block.noise.layered(x / 130)

    foot = horizon + 66
    line = [(x, y) for x in range(int(edge - 60), block.width + 30, 8) if (y := foot + 8 - rise(x)) < foot]
    line = [(line[0][0] - 4, foot), *line]
    block.hill(line, inks.near if inks.near != inks.paper else inks.middle, foot)
    lean = 1.45 if steep else 0.9

    def above_water(cuts: list[Cut]) -> list[Cut]:
        return [cut for cut in cuts if cut.y + cut.length * 0.5 * math.sin(cut.angle) < foot - 3]

    fill = inks.near if inks.near != inks.paper else inks.middle
    lit = block.slope(line, 150, 1.3, Gouge(0, 80, 3.6), lit=lambda x: 0.5 + 0.5 * block.noise.at(x / 70), lean=lean)
    block.cut(above_water(lit), inks.near_cut if fill != inks.paper else inks.ink)
    shade = block.slope(
        line, 150, 2.6, Gouge(0, 70, 3), lit=lambda x: 0.5 - 0.5 * block.noise.at(x / 70), lean=lean + 0.2
    )
    block.cut(above_water(shade), inks.far if fill != inks.paper else inks.near_cut)
    surf = [
        Cut(x, foot + block.uniform(-2, 5), block.uniform(30, 80), 0, 2.2)
        for x in range(int(line[0][0]), block.width, 46)
    ]
    block.cut(surf, inks.paper)
    canvas.show("cliff" if steep else "headland")


def _beach(canvas: Canvas) -> None:
    block, inks = canvas.block, canvas.inks
    sand = block.ridge(block.height * 0.86, 46, 320, lambda x: 120 * (x / block.width) ** 2)
    foam = [(x, y - 12 - 5 * block.noise.at(x / 30)) for x, y in sand]
    block.hill(foam, inks.paper)
    block.hill(sand, inks.sand)
    gouge = Gouge(19, 90, 2.6, 0.6)
    cut = inks.near_cut if inks.near_cut not in (inks.sand, inks.paper) else inks.ink
    rows = block.rows(
        Box(0, block.height * 0.74, block.width, block.height),
        gouge,
        lambda x, y: 0.6 if y > 14 + _at(sand, x) else 0,
        lambda x, _y: -0.12 * x / block.width + 0.08 * block.noise.at(x / 200),
    )
    block.cut(rows, cut)
    canvas.show("beach")


def _at(line: Line, x: float) -> float:
    index = min(len(line) - 1, max(0, round((x + 20) / 9)))
    return line[index][1]
