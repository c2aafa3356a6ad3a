"""Covers for books that have none: title and author set on paper or on an ink block, with a cut border. No picture."""

from dataclasses import dataclass

from bookreader.illustrations.plates.alt import cover_alt
from bookreader.illustrations.plates.block import Block
from bookreader.illustrations.plates.geometry import mix
from bookreader.illustrations.plates.lettering import TextBlock, face, fit_text
from bookreader.illustrations.plates.ornaments import ORNAMENTS, cut_border, frame, rule
from bookreader.illustrations.plates.palettes import PALETTES, Palette
from bookreader.illustrations.plates.plate import Plate

WIDTH, HEIGHT = 800, 1200
_TEXT = 560
_LONGEST_TITLE = 160
_LONGEST_AUTHOR = 90


@dataclass(frozen=True, slots=True)
class _Colours:
    ground: str
    text: str
    accent: str
    border: str


def draw_cover(title: str, author: str, seed: int, *, language: str = "en") -> Plate:
    """A typographic cover, 800 by 1200 pixels. The seed decides colours and border; an empty author is left out."""
    names = sorted(PALETTES)
    palette = PALETTES[names[seed % len(names)]]
    colours = _colours(palette, seed // 11 % 3)
    block = Block(WIDTH, HEIGHT, paper=colours.ground, seed=seed)
    block.fill(block.sheet, colours.ground)
    _border(block, seed // 3 % 3, colours)
    _letter(block, _shortened(title, _LONGEST_TITLE), _shortened(author, _LONGEST_AUTHOR), seed, colours)
    alt = cover_alt(title, author, language)
    return Plate(block.svg(alt), WIDTH, HEIGHT, "cover", alt)


def _colours(palette: Palette, kind: int) -> _Colours:
    if kind == 0:
        accent = mix(palette.tone, palette.ink, 0.25)
        return _Colours(mix(palette.paper, palette.tone, 0.14), palette.ink, accent, palette.ink)
    if kind == 1:
        return _Colours(
            mix(palette.cold, palette.ink, 0.45), palette.paper, palette.glow, mix(palette.cold, palette.paper, 0.5)
        )
    return _Colours(
        palette.paper, palette.ink, mix(palette.tone, palette.ink, 0.3), mix(palette.tone, palette.ink, 0.1)
    )


def _border(block: Block, kind: int, colours: _Colours) -> None:
    if kind == 0:
        cut_border(block, 68, 38, 19, colours.border)
    elif kind == 1:
        frame(block, 46, 7, colours.border)
        frame(block, 64, 2.2, colours.border)
    else:
        cut_border(block, 52, 26, 16, colours.border)
        frame(block, 80, 2.2, colours.border)


def _letter(block: Block, title: str, author: str, seed: int, colours: _Colours) -> None:
    """Title, rule and author in the upper middle, an ornament below; all of it centred on a cover without a picture."""
    setting = fit_text(title, "semibold", _TEXT, 480, largest=112, smallest=40, leading=1.08)
    top = max(170.0, 430 - setting.height / 2)
    bottom = set_centred(block, setting, "semibold", top, colours.text)
    rule(block, WIDTH / 2, bottom + 58, 150, colours.accent, 4)
    if author:
        _author(block, author.upper(), bottom + 128, colours.text)
    ORNAMENTS[seed // 5 % len(ORNAMENTS)](block, WIDTH / 2, HEIGHT - 190, 58, colours.accent)


def _author(block: Block, author: str, y: float, colour: str) -> None:
    setting = fit_text(author, "regular", _TEXT * 0.86, 120, largest=34, smallest=20, leading=1.5)
    set_centred(block, setting, "regular", y - setting.size, colour, spacing=0.13)


def set_centred(block: Block, setting: TextBlock, style: str, top: float, colour: str, spacing: float = 0.0) -> float:
    """Sets lines centred on the cover and gives the y under the last; a long line gets less spacing."""
    letters = face(style)
    y = top + setting.size * (setting.leading / 2 + 0.3)
    for line in setting.lines:
        room = (WIDTH - 200 - letters.width(line, setting.size)) / (setting.size * max(1, len(line)))
        gap = min(spacing, max(0.0, room))
        x = (WIDTH - letters.width(line, setting.size, gap)) / 2
        block.letters(letters.path(line, x, y, setting.size, gap), colour)
        y += setting.size * setting.leading
    return top + setting.height


def _shortened(text: str, longest: int) -> str:
    """Whole words up to a length, with an ellipsis where some had to go."""
    words = " ".join(text.split())
    if len(words) <= longest:
        return words
    return words[:longest].rsplit(" ", 1)[0].rstrip(",;:.") + "…"
