"""Offline plates: linocut scenes for places and moods, plates of words for people, objects and acts, covers for books
without one. Pure: the same input gives the same bytes, and nothing is read but the fonts of this package."""

from collections.abc import Sequence

from bookreader.illustrations.plates.alt import scene_alt, words_alt
from bookreader.illustrations.plates.block import Block
from bookreader.illustrations.plates.canvas import HEIGHT, WIDTH, Canvas
from bookreader.illustrations.plates.choose import Family, choose_family
from bookreader.illustrations.plates.covers import draw_cover
from bookreader.illustrations.plates.palettes import PALETTES, Palette, choose_palette, mix_inks
from bookreader.illustrations.plates.plate import Plate
from bookreader.illustrations.plates.setting import Setting, read_setting
from bookreader.illustrations.plates.words import draw_words

__all__ = ["PALETTES", "Plate", "draw_cover", "draw_plate"]

_DRAWN_TYPES = {"location", "atmosphere"}


def draw_plate(
    passage: str,
    type: str,  # noqa: A002 - the product's word
    *,
    tone: str | None,
    entities: Sequence[str],
    language: str,
    seed: int,
    palette: str | None = None,
) -> Plate:
    """Draws the plate of a passage, 1200 by 800 pixels, at most 100 KB.

    Places and moods become a scene where a family fits the passage's words; all else becomes a plate of words.
    """
    setting = read_setting(passage, tone=tone, language=language)
    inks = choose_palette(setting, seed, palette)
    family = choose_family(setting) if type in _DRAWN_TYPES else None
    if family:
        return _scene(family, setting, inks, seed)
    block = Block(WIDTH, HEIGHT, paper=inks.paper, seed=seed)
    phrase = draw_words(block, inks, passage, entities if type == "character" else (), seed)
    alt = words_alt(phrase.shown, language)
    return Plate(block.svg(alt), WIDTH, HEIGHT, "words", alt)


def _scene(family: Family, setting: Setting, palette: Palette, seed: int) -> Plate:
    canvas = Canvas(Block(WIDTH, HEIGHT, paper=palette.paper, seed=seed), mix_inks(palette, setting), setting)
    canvas.block.mirrored = bool(seed >> 3 & 1)
    family.draw(canvas)
    alt = scene_alt(canvas.shown, setting.hour, setting.language)
    return Plate(canvas.block.svg(alt), WIDTH, HEIGHT, family.name, alt)
