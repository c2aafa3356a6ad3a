"""Skies: rows of cuts across, rays around a low sun, a moon in cleared night, clouds, rain and snow."""

import math
from dataclasses import dataclass

from bookreader.illustrations.plates.block import Block, Box, Gouge
from bookreader.illustrations.plates.canvas import Canvas
from bookreader.illustrations.plates.geometry import Cut, Point
from bookreader.illustrations.plates.setting import Hour, Weather


@dataclass(frozen=True, slots=True)
class Light:
    """The sun or the moon: where it stands and how large it is."""

    x: float
    y: float
    radius: float
    name: str

    def distance(self, x: float, y: float) -> float:
        return math.hypot(x - self.x, y - self.y)


def draw_sky(canvas: Canvas, horizon: float, across: float = 0.63) -> Light | None:
    """Prints the sky down to the horizon and gives its light, if any. `across`: where that stands, 0 to 1."""
    block, inks = canvas.block, canvas.inks
    block.fill(Box(0, 0, block.width, horizon + 40), inks.sky)
    light = _light(canvas, horizon, across)
    _PAINTERS[_kind(canvas, light)](canvas, horizon, light)
    if light:
        block.disc(light.x, light.y, light.radius, inks.light, 1.6)
        canvas.show(light.name)
    if canvas.setting.dark and canvas.wants("stars"):
        draw_stars(canvas, horizon, light)
    return light


def _light(canvas: Canvas, horizon: float, across: float) -> Light | None:
    setting, block = canvas.setting, canvas.block
    if setting.weather in (Weather.RAIN, Weather.STORM, Weather.SNOWFALL):
        return None
    x = block.width * across
    if setting.dark:
        return Light(x, horizon * 0.38, block.height * 0.064, "moon") if setting.has("moon") else None
    if not setting.has("sun"):
        return None
    low = setting.hour in (Hour.DUSK, Hour.DAWN)
    return Light(x, horizon * (0.68 if low else 0.36), block.height * (0.095 if low else 0.07), "sun")


def _kind(canvas: Canvas, light: Light | None) -> str:
    setting = canvas.setting
    if setting.dark:
        return "night"
    if setting.weather in (Weather.STORM, Weather.RAIN, Weather.SNOWFALL):
        return "heavy"
    if setting.weather is Weather.FOG:
        return "fog"
    if setting.hour in (Hour.DUSK, Hour.DAWN):
        return "rays" if light else "afterglow"
    return "clouds" if setting.weather is Weather.OVERCAST else "fair"


@dataclass(frozen=True, slots=True)
class Wave:
    """The slight swing that rows of cuts follow."""

    block: Block
    scale: float

    def __call__(self, x: float, y: float) -> float:
        return self.scale * self.block.noise.at(x / 170 + y / 70)


def _fair(canvas: Canvas, horizon: float, light: Light | None) -> None:
    block, inks = canvas.block, canvas.inks

    def veil(x: float, y: float) -> float:
        if light and light.distance(x, y) < light.radius * 1.6:
            return 0
        return 1.0 - y / horizon * 0.62 + 0.42 * block.noise.at(x / 180 + y / 60)

    block.cut(
        block.rows(Box(0, 8, block.width, horizon * 0.97), Gouge(14, 135, 5.2), veil, Wave(block, 0.05)), inks.sky_cut
    )
    block.cut(_top(block, horizon, 0.42), inks.sky_dark)


def _top(block: Block, horizon: float, depth: float = 0.3) -> list[Cut]:
    """The dark rows along the upper edge that close the picture."""
    reach = horizon * depth
    return block.rows(
        Box(0, 4, block.width, reach), Gouge(14, 165, 6.2), lambda x, y: 0.92 - y / reach * 0.95, Wave(block, 0.03)
    )


def _clouds(canvas: Canvas, horizon: float, light: Light | None) -> None:
    block, inks = canvas.block, canvas.inks

    def bank(x: float, y: float) -> float:
        if light and light.distance(x, y) < light.radius * 1.5:
            return 0
        return 0.25 + 0.95 * block.noise.at(x / 260 + y / 52) - 0.3 * y / horizon

    block.cut(
        block.rows(Box(0, 8, block.width, horizon * 0.98), Gouge(13, 120, 6.2), bank, Wave(block, 0.06)), inks.sky_cut
    )
    darker = block.rows(
        Box(0, 6, block.width, horizon * 0.75),
        Gouge(15, 140, 5.8),
        lambda x, y: bank(x + 40, y - 14) - 0.3,
        Wave(block, 0.06),
    )
    block.cut(darker, inks.sky_dark)
    canvas.show("clouds")


def _rays(canvas: Canvas, horizon: float, light: Light | None) -> None:
    block, inks = canvas.block, canvas.inks
    if not light:
        return
    far = math.hypot(max(light.x, block.width - light.x), light.y)
    inner = light.radius * 1.28
    rays = block.rays(light.x, light.y, inner, far, 52, 4.2, rings=round((far - inner) / 112))
    block.cut([ray for ray in rays if ray.y < horizon + 10], inks.sky_cut)
    block.cut(_top(block, horizon, 0.3), inks.sky_dark)


def _afterglow(canvas: Canvas, horizon: float, _light: Light | None) -> None:
    """Evening without a sun to be seen: light lies along the horizon."""
    block, inks = canvas.block, canvas.inks
    glow = block.rows(
        Box(0, horizon * 0.2, block.width, horizon),
        Gouge(13, 130, 5.6),
        lambda x, y: 1.15 * (y / horizon) ** 2 + 0.35 * block.noise.at(x / 210 + y / 60) - 0.1,
        Wave(block, 0.04),
    )
    block.cut(glow, inks.sky_cut)
    dark = block.rows(
        Box(0, 6, block.width, horizon * 0.7),
        Gouge(13, 150, 6.6),
        lambda x, y: 1.05 - y / horizon * 1.7 + 0.3 * block.noise.at(x / 200 + y / 60),
        Wave(block, 0.04),
    )
    block.cut(dark, inks.sky_dark)


def _night(canvas: Canvas, horizon: float, light: Light | None) -> None:
    block, inks = canvas.block, canvas.inks

    def near(x: float, y: float) -> float:
        return math.exp(-((math.hypot(x - light.x, (y - light.y) * 1.4) / (horizon * 0.5)) ** 2)) if light else 0.0

    def dark(x: float, y: float) -> float:
        return 1.05 - y / horizon * 0.85 + 0.45 * block.noise.at(x / 170 + y / 60) - 1.15 * near(x, y)

    def pale(x: float, y: float) -> float:
        if light and light.distance(x, y) < light.radius * 1.5:
            return 0
        return 0.1 + 0.3 * y / horizon + 0.75 * near(x, y) + 0.4 * block.noise.at(x / 190 + y / 46 + 9)

    block.cut(block.rows(Box(0, 8, block.width, horizon), Gouge(15, 125, 6.4), dark, Wave(block, 0.07)), inks.sky_dark)
    block.cut(
        block.rows(Box(0, 14, block.width, horizon * 0.97), Gouge(14, 96, 3.6), pale, Wave(block, 0.07)), inks.sky_cut
    )


def _heavy(canvas: Canvas, horizon: float, _light: Light | None) -> None:
    """Storm, rain or snow in the air: broad slanting strokes that roll over."""
    block, inks = canvas.block, canvas.inks

    def slant(x: float, y: float) -> float:
        return -0.14 + 0.2 * block.noise.at(x / 250 + y / 110)

    dark = block.rows(
        Box(0, 4, block.width, horizon * 0.98),
        Gouge(13, 150, 7.6),
        lambda x, y: 1.2 - y / horizon * 1.25 + 0.55 * block.noise.at(x / 230 + y / 66),
        slant,
    )
    block.cut(dark, inks.sky_dark)
    pale = block.rows(
        Box(0, horizon * 0.12, block.width, horizon),
        Gouge(14, 110, 4.8),
        lambda x, y: 0.1 + 0.55 * y / horizon + 0.5 * block.noise.at(x / 180 + y / 60 + 7),
        slant,
    )
    block.cut(pale, inks.sky_cut)
    if canvas.setting.weather is not Weather.SNOWFALL:
        canvas.show("clouds")


def _fog(canvas: Canvas, horizon: float, _light: Light | None) -> None:
    block, inks = canvas.block, canvas.inks
    veil = block.rows(
        Box(0, 8, block.width, horizon),
        Gouge(21, 210, 5.4),
        lambda x, y: 0.62 - 0.2 * y / horizon + 0.3 * block.noise.at(x / 320 + y / 80),
        Wave(block, 0.02),
    )
    block.cut(veil, inks.sky_cut)


_PAINTERS = {
    "fair": _fair,
    "clouds": _clouds,
    "rays": _rays,
    "afterglow": _afterglow,
    "night": _night,
    "heavy": _heavy,
    "fog": _fog,
}


def draw_stars(canvas: Canvas, horizon: float, light: Light | None) -> None:
    block = canvas.block
    marks = []
    for _ in range(130):
        x, y = block.uniform(30, block.width - 30), block.uniform(30, horizon * 0.82)
        if not light or light.distance(x, y) > light.radius * 2.2:
            marks.append(_star(x, y, block.pick((2.6, 3.2, 3.8, 4.6, 7.5))))
    block.add("".join(marks), canvas.inks.paper)
    canvas.show("stars")


def _star(x: float, y: float, size: float) -> str:
    thin = size * 0.3
    points: list[Point] = [
        (0, -size),
        (thin, -thin),
        (size, 0),
        (thin, thin),
        (0, size),
        (-thin, thin),
        (-size, 0),
        (-thin, -thin),
    ]
    return "M" + "L".join(f"{x + dx:.1f} {y + dy:.1f}" for dx, dy in points) + "z"


def draw_weather(canvas: Canvas) -> None:
    """What falls in front of everything: the last layer of an open scene."""
    if canvas.setting.weather is Weather.SNOWFALL:
        _snowflakes(canvas)
    elif canvas.setting.weather is Weather.RAIN or (canvas.setting.weather is Weather.STORM and canvas.wants("rain")):
        _rain(canvas)
    elif canvas.setting.weather is Weather.FOG:
        _fog_banks(canvas)


def _snowflakes(canvas: Canvas) -> None:
    block = canvas.block
    marks = [
        _flake(block.uniform(0, block.width), block.uniform(0, block.height * 0.8), block.pick((2, 2.6, 3.4, 4.6)))
        for _ in range(170)
    ]
    block.add("".join(marks), canvas.inks.paper)
    canvas.show("snowfall")


def _flake(x: float, y: float, size: float) -> str:
    up, down = f"{size:.0f} {-size * 1.2:.0f} {2 * size:.0f}-1", f"{-size:.0f} {size * 1.3:.0f} {-2 * size:.0f} 1"
    return f"M{x - size:.0f} {y:.0f}q{up}q{down}z"


def _rain(canvas: Canvas) -> None:
    block = canvas.block
    cuts = [
        Cut(
            block.uniform(0, block.width),
            block.uniform(0, block.height),
            block.uniform(40, 110),
            1.86,
            block.uniform(0.8, 1.5),
        )
        for _ in range(230)
    ]
    block.cut(cuts, canvas.inks.paper)
    canvas.show("rain")


def _fog_banks(canvas: Canvas) -> None:
    """Long cleared strokes that lie over the lower part of what stands in the fog."""
    block = canvas.block
    bands = block.rows(
        Box(0, block.height * 0.34, block.width, block.height * 0.82),
        Gouge(13, 260, 7.4),
        lambda x, y: 2.2 * block.noise.at(x / 520 + y / 80 + 3) - 0.35,
        Wave(block, 0.02),
    )
    block.cut(bands, canvas.inks.sky if canvas.setting.dark else canvas.inks.paper)
    canvas.show("fog")
