"""A wide sky over a low dark edge of land, for passages that look up."""

from bookreader.illustrations.plates.block import Gouge
from bookreader.illustrations.plates.canvas import Canvas
from bookreader.illustrations.plates.skies import draw_sky, draw_weather


def draw_wide_sky(canvas: Canvas) -> None:
    block, inks = canvas.block, canvas.inks
    h = block.height
    draw_sky(canvas, h * 0.86, 0.36)
    land = block.ridge(h * 0.89, 34, 300)
    fill = inks.near if inks.near != inks.sky else inks.ink
    block.hill(land, fill)
    block.cut(
        block.slope(land, 90, 4, Gouge(0, 60, 2.6), lit=lambda x: 0.6, lean=0.3),
        inks.near_cut if inks.near_cut != fill else inks.ink,
    )
    canvas.show("sky")
    if canvas.setting.white:
        canvas.show("snow")
    draw_weather(canvas)
