"""Water: rows that widen towards the reader, and the track that a light lays on it."""

import math

from bookreader.illustrations.plates.block import Box, Gouge
from bookreader.illustrations.plates.canvas import Canvas
from bookreader.illustrations.plates.geometry import Line, mix
from bookreader.illustrations.plates.setting import Weather
from bookreader.illustrations.plates.skies import Light


def draw_water(canvas: Canvas, horizon: float, light: Light | None = None, bottom: float | None = None) -> None:
    """Prints water from the horizon down. Calm, unless the passage has a storm or waves."""
    block = canvas.block
    box = Box(-10, horizon, block.width + 10, bottom or block.height + 10)
    block.polygon(
        [(-10, horizon), (block.width + 10, horizon - 1), (block.width + 10, box.bottom), (-10, box.bottom)],
        canvas.inks.water,
        1,
        40,
    )
    draw_ripples(canvas, box, light)


def draw_ripples(canvas: Canvas, box: Box, light: Light | None = None) -> None:
    """Cuts the surface of water that is printed already: the light's track, then rows that widen downwards."""
    if light:
        _track(canvas, box, light)
    _glitter(canvas, box, light)


def _half_track(box: Box, light: Light, y: float) -> float:
    return light.radius * (1.0 + 1.7 * box.depth(y))


def _track(canvas: Canvas, box: Box, light: Light) -> None:
    block = canvas.block

    def keep(x: float, y: float) -> float:
        off = abs(x - light.x + 16 * math.sin(y / 21)) / _half_track(box, light, y)
        return max(0.0, 1.06 - off * off)

    rows = block.rows(
        Box(box.left, box.top + 7, box.right, min(box.bottom, block.height)),
        Gouge(10, 44, 2.6, 1.5),
        keep,
        lambda _x, _y: block.uniform(-0.05, 0.05),
    )
    block.cut(rows, canvas.inks.light)


def _glitter(canvas: Canvas, box: Box, light: Light | None) -> None:
    block = canvas.block

    def keep(x: float, y: float) -> float:
        if light and abs(x - light.x) < _half_track(box, light, y):
            return 0
        return (0.8 - 0.2 * box.depth(y)) * (1 if block.noise.at(x / 150 + y / 33) > -0.15 else 0.25)

    rows = block.rows(
        Box(box.left, box.top + 10, box.right, min(box.bottom, block.height)),
        Gouge(13, 62, 2.1, 1.7),
        keep,
        lambda x, y: 0.1 * block.noise.at(x / 120 + y / 50),
    )
    block.cut(rows, canvas.inks.water_cut)
    if canvas.inks.water != canvas.inks.ink:
        _deepen(canvas, box)


def _deepen(canvas: Canvas, box: Box) -> None:
    """Ink rows that gather towards the reader, where the water is not printed in ink itself."""
    block = canvas.block
    surface = Box(box.left, box.top + 4, box.right, min(box.bottom, block.height))

    def swing(x: float, y: float) -> float:
        return 0.1 * block.noise.at(x / 90 + y / 30)

    shade = block.rows(
        surface,
        Gouge(10, 76, 2.8, 1.3),
        lambda x, y: 0.34 + 0.3 * box.depth(y) + 0.5 * block.noise.at(x / 170 + y / 36 + 11),
        swing,
    )
    block.cut(shade, mix(canvas.inks.water, canvas.inks.ink, 0.34))
    dark = block.rows(
        surface,
        Gouge(12, 88, 3.6, 1.5),
        lambda x, y: 0.1 + 0.8 * box.depth(y) ** 1.2 + 0.45 * block.noise.at(x / 150 + y / 44 + 5),
        swing,
    )
    block.cut(dark, canvas.inks.ink)


def draw_rollers(canvas: Canvas, horizon: float) -> None:
    """A rough sea: bands of swell, each with a crest of foam, larger towards the reader."""
    block, inks = canvas.block, canvas.inks
    block.fill(Box(-10, horizon, block.width + 10, block.height + 10), inks.water)
    count = 6
    for i in range(count):
        part = (i + 0.4) / count
        line = _swell(canvas, horizon + (block.height - horizon) * part**1.25, 12 + 42 * part, 150 + 190 * part)
        block.hill(line, (inks.water, inks.middle if i % 2 else inks.ink)[i % 2] if i < count - 1 else inks.ink)
        _foam(canvas, line, part)
    canvas.show("waves")


def _swell(canvas: Canvas, base: float, height: float, length: float) -> Line:
    shift = canvas.block.uniform(0, 6.28)

    def crest(x: float) -> float:
        turn = x / length * 2 * math.pi + shift
        return height * (0.6 * math.sin(turn) + 0.4 * math.sin(turn * 0.53 + 1) + 0.18 * math.sin(turn * 2 + shift))

    return [(x, base - crest(x)) for x in range(-20, canvas.block.width + 30, 9)]


def _foam(canvas: Canvas, line: Line, part: float) -> None:
    block = canvas.block
    gouge = Gouge(0, 40 + 50 * part, 1.6 + 2.2 * part)
    lit = block.noise
    cuts = block.slope(
        line, 26 + 46 * part, 3.4 + 2.4 * part, gouge, lit=lambda x: 0.55 + 0.6 * lit.at(x / 90 + part * 31), lean=0.18
    )
    block.cut(cuts, canvas.inks.paper)


def storm_sea(canvas: Canvas) -> bool:
    return canvas.setting.weather is Weather.STORM or canvas.setting.weight("waves") > 1
