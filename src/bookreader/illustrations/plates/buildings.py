"""Houses, churches, towers, mills and fences, seen from the front and standing on the ground that they are given."""

import math

from bookreader.illustrations.plates.block import Block
from bookreader.illustrations.plates.canvas import Canvas
from bookreader.illustrations.plates.geometry import Cut, Line, height_at, mix
from bookreader.illustrations.plates.vessels import Place


def draw_window(block: Block, x: float, y: float, width: float, height: float, fill: str, bars: str) -> None:
    """An upright window, its upper left corner at (x, y)."""
    block.polygon([(x, y), (x + width, y - 0.5), (x + width, y + height), (x, y + height)], fill, 0.6, 12)
    half = max(0.7, width * 0.05)
    middle, beam = x + width / 2, y + height * 0.48
    block.polygon(
        [(middle - half, y), (middle + half, y), (middle + half, y + height), (middle - half, y + height)], bars
    )
    block.polygon([(x, beam - half), (x + width, beam - half), (x + width, beam + half), (x, beam + half)], bars)


def window_colour(canvas: Canvas) -> str:
    """Windows are lit only where the passage has a light after dark; else they show as pale panes."""
    lit = canvas.wants("lit", "candle", "lamp", "fire", "hearth") and canvas.setting.hour.value in ("night", "dusk")
    if lit:
        canvas.show("lit_windows")
    return (
        canvas.inks.glow
        if lit
        else canvas.inks.near_cut
        if canvas.inks.near_cut != canvas.inks.ink
        else canvas.inks.paper
    )


def draw_cottage(canvas: Canvas, x: float, y: float, scale: float, *, flip: bool = False) -> None:
    """A low house of about 200 by 150 units at scale 1, its front sill at y."""
    block, ink, p = canvas.block, canvas.inks.ink, Place(x, y, scale, flip)
    roof_cut = canvas.inks.paper if canvas.setting.white or canvas.setting.dark else canvas.inks.far_cut
    block.polygon(p.line([(-92, 6), (-92, -66), (92, -68), (92, 6)]), ink, 0.8, 30)
    roof: Line = [(-106, -62), (-72, -122), (70, -125), (106, -64)]
    block.polygon(p.line([(44, -110), (44, -152), (64, -152), (64, -110)]), ink, 0.6, 20)
    block.polygon(p.line(roof), canvas.inks.paper if canvas.setting.white else ink, 1.0, 18)
    if not canvas.setting.white:
        block.cut([p.cut(-88 + k * 13.4, -93 + (k % 2) * 3, 46, 1.75, 2.0) for k in range(14)], roof_cut)
    block.cut([p.cut(0, -63, 208, 0.0, 2.0), p.cut(-90, -30, 64, 1.57, 1.4)], roof_cut)
    fill = window_colour(canvas)
    for wx in (-66, -30, 44):
        left, top = p.at((wx + (24 if flip else 0), -48))
        draw_window(block, left, top, 24 * scale, 26 * scale, fill, ink)
    block.polygon(
        p.line([(8, 4), (8, -46), (32, -46), (32, 4)]),
        canvas.inks.near_cut if fill != canvas.inks.near_cut else canvas.inks.far,
        0.6,
        20,
    )
    block.polygon(p.line([(11, 4), (11, -43), (29, -43), (29, 4)]), ink, 0.6, 20)
    if canvas.wants("smoke"):
        _smoke(canvas, p)
    canvas.show("house")


def _smoke(canvas: Canvas, p: Place) -> None:
    colour = canvas.inks.paper if canvas.inks.sky != canvas.inks.paper else canvas.inks.ink
    canvas.block.cut([p.cut(62 + 26 * k, -160 - 9 * k, 54, -0.32 + 0.08 * k, 5 + 1.4 * k) for k in range(4)], colour)
    canvas.show("smoke")


def draw_church(canvas: Canvas, x: float, y: float, scale: float) -> None:
    """A church: with a spire, or with a cupola where the passage is Russian. 230 units high at scale 1."""
    block, p = canvas.block, Place(x, y, scale)
    ink = canvas.inks.ink
    nave: Line = [(-20, 6), (-20, -62), (6, -92), (86, -92), (112, -62), (112, 6)]
    block.polygon(p.line(nave), ink, 0.8, 24)
    if canvas.setting.language.startswith("ru"):
        _cupola(canvas, p)
    else:
        block.polygon(
            p.line([(-44, 6), (-44, -126), (-50, -130), (-24, -226), (2, -130), (-4, -126), (-4, 6)]), ink, 0.6, 30
        )
        block.cut([p.cut(-24, -236, 26, 1.57, 1.6), p.cut(-24, -238, 13, 0, 1.5)], ink)
    cut = canvas.inks.far_cut if canvas.inks.far_cut != canvas.inks.ink else canvas.inks.paper
    block.cut([p.cut(-41, -60, 110, 1.57, 1.7), p.cut(-24, -96, 22, 1.57, 3.6), p.cut(46, -91, 84, 0, 1.8)], cut)
    block.cut([p.cut(18 + 26 * k, -34, 34, 1.57, 3.2) for k in range(4)], cut)
    canvas.show("church")


def _cupola(canvas: Canvas, p: Place) -> None:
    block, ink = canvas.block, canvas.inks.ink
    block.polygon(p.line([(-44, 6), (-44, -112), (-4, -112), (-4, 6)]), ink, 0.6, 30)
    onion: Line = []
    for i in range(21):
        t = i / 20
        half = 25 * math.sin(math.pi * min(1.0, 0.18 + t * 0.9)) * (1 - t) ** 0.45 + 1
        onion.append((-24 - half, -112 - 66 * t))
    block.polygon(p.line([*onion, *[(-48 - x, y) for x, y in reversed(onion)]]), ink, 0.3, 40)
    block.cut([p.cut(-24, -190, 28, 1.57, 1.8), p.cut(-24, -194, 15, 0, 1.6)], ink)
    block.cut([p.cut(-32, -140, 34, -1.35, 2.0)], canvas.inks.far_cut)


def draw_tower(canvas: Canvas, x: float, y: float, height: float) -> None:
    """A bare tower with a crenellated top."""
    block, ink = canvas.block, canvas.inks.ink
    half = height * 0.11
    teeth: Line = []
    for i in range(4):
        left = x - half * 1.15 + i * half * 2.3 / 3.5
        teeth += [
            (left, y - height),
            (left, y - height * 1.08),
            (left + half * 0.36, y - height * 1.08),
            (left + half * 0.36, y - height),
        ]
    block.polygon(
        [(x - half, y + 6), (x - half, y - height), *teeth, (x + half, y - height), (x + half, y + 6)], ink, 0.5, 40
    )
    cut = canvas.inks.far_cut if canvas.inks.far_cut != canvas.inks.ink else canvas.inks.paper
    slits = [Cut(x, y - height * part, height * 0.08, 1.57, 1.9) for part in (0.3, 0.55, 0.8)]
    block.cut([Cut(x - half * 0.8, y - height * 0.45, height * 0.85, 1.57, 1.5), *slits], cut)
    canvas.show("tower")


def draw_castle(canvas: Canvas, x: float, y: float, scale: float) -> None:
    """A castle as a silhouette on its rise: three towers and a wall between them."""
    block, ink = canvas.block, canvas.inks.ink
    wall: Line = [(x - 92 * scale, y + 8)]
    for i in range(12):
        left = x + (-92 + i * 16) * scale
        wall += [
            (left, y - 52 * scale),
            (left + 8 * scale, y - 52 * scale),
            (left + 8 * scale, y - 46 * scale),
            (left + 16 * scale, y - 46 * scale),
        ]
    block.polygon([*wall, (x + 100 * scale, y + 8)], ink, 0.4, 40)
    for offset, height in ((-84, 104), (8, 150), (86, 92)):
        draw_tower(canvas, x + offset * scale, y + 4, height * scale)
    canvas.shown.remove("tower")
    canvas.show("castle")


def draw_mill(canvas: Canvas, x: float, y: float, scale: float) -> None:
    """A wooden windmill, its sails standing still; 260 units high with them at scale 1."""
    block, ink, p = canvas.block, canvas.inks.ink, Place(x, y, scale)
    paper = canvas.inks.paper
    block.polygon(p.line([(-44, 4), (-26, -148), (34, -146), (46, 4)]), ink, 1, 24)
    block.polygon(p.line([(-34, -142), (6, -190), (44, -140)]), ink, 1, 20)
    block.cut([p.cut(2, -10 - k * 13, 74 - k * 2.2, 0, 1.2) for k in range(10)], canvas.inks.far_cut)
    for turn, length in ((0.55, 122), (2.12, 122), (3.69, 122), (5.26, 122)):
        _mill_sail(canvas, p, turn, length)
    hub = p.at((4, -132))
    block.disc(*hub, 7 * scale, paper, 0.3)
    block.disc(*hub, 4 * scale, ink, 0.2)
    canvas.show("mill")


def _mill_sail(canvas: Canvas, p: Place, turn: float, length: float) -> None:
    block, ink, paper = canvas.block, canvas.inks.ink, canvas.inks.paper
    dx, dy = math.cos(turn), math.sin(turn)

    def spot(along: float, aside: float) -> tuple[float, float]:
        return 4 + dx * along * length - dy * aside, -132 + dy * along * length + dx * aside

    block.polygon(p.line([spot(0, -3), spot(1, -3), spot(1, 3), spot(0, 3)]), paper)
    block.polygon(p.line([spot(0, -2), spot(1, -2), spot(1, 2), spot(0, 2)]), ink)
    block.polygon(p.line([spot(0.26, 2), spot(1, 2), spot(0.97, 27), spot(0.3, 22)]), paper, 0.6, 18)
    block.polygon(p.line([spot(0.28, 4), spot(0.98, 4), spot(0.95, 24), spot(0.32, 19)]), ink, 0.6, 18)
    bars = [p.cut(*spot(part, 13), 21, turn + 1.57, 1.5) for part in (0.4, 0.52, 0.64, 0.76, 0.88)]
    block.cut([*bars, p.cut(*spot(0.64, 12), length * 0.6, turn, 1.0)], paper)


def draw_fence(canvas: Canvas, line: Line, left: float, right: float, height: float) -> None:
    """A fence of upright stakes that follows the ground."""
    block, ink = canvas.block, canvas.inks.ink
    step = height * 0.42
    count = int((right - left) / step)
    for i in range(count):
        x = left + i * step
        y = height_at(line, x) + 4
        tall = height * block.uniform(0.86, 1.08)
        wide = step * 0.42
        block.polygon(
            [(x, y), (x, y - tall), (x + wide / 2, y - tall - wide * 0.8), (x + wide, y - tall), (x + wide, y)], ink
        )
    for part in (0.35, 0.72):
        rails = [(left + i * step, height_at(line, left + i * step) + 4 - height * part) for i in range(count + 1)]
        block.polygon([*rails, *[(x, y + height * 0.07) for x, y in reversed(rails)]], ink)
    canvas.show("fence")


def draw_stack(canvas: Canvas, x: float, y: float, scale: float) -> None:
    """A hay stack."""
    block, p = canvas.block, Place(x, y, scale)
    block.polygon(
        p.line([(-36, 5), (-34, -32), (-12, -62), (0, -68), (12, -62), (34, -32), (36, 5)]), canvas.inks.ink, 1, 12
    )
    cut = (
        canvas.inks.near_cut
        if canvas.inks.near_cut != canvas.inks.paper or not canvas.setting.white
        else canvas.inks.tone
    )
    block.cut(
        [
            p.cut(block.uniform(-22, 22), -block.uniform(6, 48), 22, 1.57 + block.uniform(-0.3, 0.3), 1.5)
            for _ in range(16)
        ],
        cut,
    )
    canvas.show("haystack")


def draw_stone(canvas: Canvas, x: float, y: float, size: float) -> None:
    """A boulder that lies in the ground: lit on its upper left, shaded on its right, with grass at its foot."""
    block, inks = canvas.block, canvas.inks
    lit = inks.far if inks.far != inks.near else inks.middle
    shade = mix(lit, inks.ink, 0.45)
    whole: Line = [
        (-1.05, 0.1), (-1.0, -0.16), (-0.8, -0.46), (-0.42, -0.7),
        (0.05, -0.78), (0.5, -0.64), (0.85, -0.36), (1.04, 0.1),
    ]  # fmt: skip
    block.polygon([(x + px * size, y + py * size) for px, py in whole], shade, size * 0.04, 14)
    face: Line = [(-1.05, 0.1), (-1.0, -0.16), (-0.8, -0.46), (-0.42, -0.7), (0.05, -0.78), (0.22, -0.5), (0.1, 0.1)]
    block.polygon([(x + px * size, y + py * size) for px, py in face], lit, size * 0.04, 14)
    block.cut(
        [Cut(x + (-0.62 + k * 0.16) * size, y - (0.3 + 0.06 * k) * size, size * 0.36, 2.1, 2.2) for k in range(4)],
        inks.far_cut,
    )
    block.cut([Cut(x + (0.45 + k * 0.17) * size, y - 0.24 * size, size * 0.36, 1.25, 1.8) for k in range(3)], inks.ink)
    foot = [Cut(x + (-1.0 + k * 0.25) * size, y + 0.06 * size, size * 0.3, -1.3, size * 0.07) for k in range(9)]
    block.cut(foot, inks.near)


def draw_cross(canvas: Canvas, x: float, y: float, height: float) -> None:
    """A grave's cross."""
    block, colour = canvas.block, _stone_colour(canvas)
    thin = height * 0.075
    block.polygon(
        [(x - thin, y + 3), (x - thin, y - height), (x + thin, y - height), (x + thin, y + 3)], colour, 0.4, 20
    )
    arm, low, high = height * 0.3, y - height * 0.6, y - height * 0.75
    block.polygon([(x - arm, high), (x + arm, high), (x + arm, low), (x - arm, low)], colour, 0.4, 20)
    block.cut([Cut(x + thin * 0.6, y - height * 0.4, height * 0.7, 1.57, 1.3)], canvas.inks.ink)


def draw_headstone(canvas: Canvas, x: float, y: float, height: float) -> None:
    """A rounded stone, its writing worn to lines."""
    block, half = canvas.block, height * 0.32
    turns = [math.pi * (1 - i / 10) for i in range(11)]
    arch = [(x + half * math.cos(a), y - height * 0.72 - half * math.sin(a)) for a in turns]
    block.polygon([(x - half, y + 4), *arch, (x + half, y + 4)], _stone_colour(canvas), 0.5, 20)
    lines = [Cut(x, y - height * (0.42 + 0.16 * k), half * 1.2, 0.02, 1.3) for k in range(3)]
    block.cut([*lines, Cut(x + half * 0.85, y - height * 0.36, height * 0.7, 1.57, 2.0)], canvas.inks.ink)


def _stone_colour(canvas: Canvas) -> str:
    inks = canvas.inks
    return (
        next(colour for colour in (inks.far, inks.tone, inks.paper) if colour not in (inks.near, inks.paper))
        if inks.near == inks.paper
        else inks.far_cut
    )
