"""The plate of words: the book's own phrase, set well, for what an offline plate cannot draw."""

from collections.abc import Sequence

from bookreader.illustrations.plates.block import Block, Box
from bookreader.illustrations.plates.canvas import HEIGHT, WIDTH
from bookreader.illustrations.plates.geometry import mix
from bookreader.illustrations.plates.lettering import TextBlock, face, fit_text
from bookreader.illustrations.plates.ornaments import ORNAMENTS, cleared_ground, cut_border, frame, rule
from bookreader.illustrations.plates.palettes import Palette
from bookreader.illustrations.plates.phrase import Phrase, choose_phrase
from bookreader.illustrations.plates.setting import capitalised

_LAYOUTS = ("framed", "cleared", "bordered", "inked")
_TEXT_WIDTH, _TEXT_HEIGHT = 880, 400


def draw_words(block: Block, palette: Palette, passage: str, entities: Sequence[str], seed: int) -> Phrase:
    """Draws the plate on an empty block and gives the phrase that it shows. The seed decides ground and ornament.

    Whom of `entities` its sentence names before the phrase, and nobody else, is set below as who it is about.
    """
    phrase = choose_phrase(passage)
    layout = _LAYOUTS[seed // 7 % len(_LAYOUTS)]
    text, accent = _ground(block, palette, layout)
    setting = fit_text(phrase.shown, "italic", _TEXT_WIDTH, _TEXT_HEIGHT, largest=84, smallest=34)
    names = capitalised(entities, f"{phrase.before} {phrase.text}")
    named = names[0] if len(names) == 1 and names[0] not in phrase.text else ""
    top = _ornament(block, seed, accent, setting, bool(named))
    bottom = set_lines(block, setting, "italic", WIDTH / 2, top, text)
    if named:
        _signature(block, named, bottom, accent)
    return phrase


def _ground(block: Block, palette: Palette, layout: str) -> tuple[str, str]:
    """Prints the ground and gives the colours of text and ornament."""
    accent = mix(palette.tone, palette.ink, 0.28)
    if layout == "inked":
        block.fill(block.sheet, palette.ink)
        cleared_ground(block, block.sheet, palette.tone, (470, 300))
        return palette.paper, mix(palette.tone, palette.paper, 0.25)
    block.fill(block.sheet, palette.paper)
    if layout == "framed":
        frame(block, 50, 5, accent)
        frame(block, 64, 1.8, accent)
    elif layout == "bordered":
        cut_border(block, 58, 34, 17, palette.ink)
    else:
        cleared_ground(block, Box(0, 0, WIDTH, HEIGHT), palette.tone, (475, 300))
    return palette.ink, accent


def _ornament(block: Block, seed: int, colour: str, setting: TextBlock, named: bool) -> float:
    """Draws the ornament over the words and gives the y where the words begin; all together stand in the middle."""
    whole = 96 + setting.height + (78 if named else 0)
    top = (HEIGHT - whole) / 2
    draw = ORNAMENTS[seed // 31 % len(ORNAMENTS)]
    draw(block, WIDTH / 2, top + 34, 52, colour)
    return top + 96


def set_lines(block: Block, setting: TextBlock, style: str, centre: float, top: float, colour: str) -> float:
    """Sets the lines centred, the first under `top`, and gives the y under the last."""
    letters = face(style)
    y = top + setting.size * (setting.leading / 2 + 0.27)
    for line in setting.lines:
        x = centre - letters.width(line, setting.size) / 2
        block.letters(letters.path(line, x, y, setting.size), colour)
        y += setting.size * setting.leading
    return top + setting.height


def _signature(block: Block, name: str, y: float, colour: str) -> None:
    letters, size, spacing = face("regular"), 27.0, 0.08
    rule(block, WIDTH / 2, y + 26, 90, colour, 2)
    width = letters.width(name, size, spacing)
    if width < _TEXT_WIDTH:
        block.letters(letters.path(name, WIDTH / 2 - width / 2, y + 66, size, spacing), colour)
