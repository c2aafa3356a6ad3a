"""The result of drawing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plate:
    """A finished picture. `svg` is self-contained: no script, no font, no reference to anything outside it.

    `width` and `height` in pixels of its natural size. `scene` names the family it belongs to; `alt` says what is
    to be seen, in the passage's language where we have the words (English and Russian), else in English.
    """

    svg: bytes
    width: int
    height: int
    scene: str
    alt: str
