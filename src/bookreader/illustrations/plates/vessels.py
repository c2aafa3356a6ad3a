"""Ships and boats."""

import math

from bookreader.illustrations.plates.canvas import Canvas
from bookreader.illustrations.plates.geometry import Cut, Line, Point

_SAILS: tuple[Line, ...] = (
    [(-64, -30), (-14, -150), (-10, -30)],
    [(-6, -26), (-6, -168), (52, -34)],
    [(58, -28), (58, -140), (112, -34)],
    [(-70, -24), (-100, -12), (-18, -128)],
)
_HULL: Line = [(-140, -36), (-92, -22), (96, -24), (122, -32), (112, 4), (-86, 6), (-104, -8)]
_BOWSPRIT: Line = [(-86, -20), (-168, -46), (-169, -44), (-88, -14)]
_MASTS = ((-8, -178, (-120, -84, -52)), (56, -160, (-110, -76, -46)))


class Place:
    """Puts a motif's own coordinates on the sheet: origin at its foot, y upwards negative."""

    def __init__(self, x: float, y: float, scale: float, flip: bool = False) -> None:
        self.x, self.y, self.scale, self.side = x, y, scale, -1 if flip else 1

    def at(self, point: Point) -> Point:
        return self.x + point[0] * self.scale * self.side, self.y + point[1] * self.scale

    def line(self, points: Line) -> Line:
        return [self.at(point) for point in points]

    def cut(self, x: float, y: float, length: float, angle: float, width: float) -> Cut:
        """A mark of the motif; angles turn over with it."""
        px, py = self.at((x, y))
        return Cut(px, py, length * self.scale, angle * self.side, width * self.scale)


def draw_schooner(canvas: Canvas, place: Place, *, sails: bool, cut: str) -> None:
    """A two-masted schooner from the side, its waterline at the place's y. 280 units long, 180 high at scale 1."""
    block, ink = canvas.block, canvas.inks.ink
    if sails:
        for sail in _SAILS:
            block.polygon(place.line(sail), ink, 0.6, 30)
        block.cut(_seams(place), cut)
    for x, top, _ in _MASTS:
        block.polygon(place.line([(x - 1.8, -14), (x - 1.2, top), (x + 1.2, top), (x + 1.8, -14)]), ink, 0.3, 40)
    if not sails:
        _rigging(canvas, place)
    block.polygon(place.line(_HULL), ink, 0.8, 24)
    block.polygon(place.line(_BOWSPRIT), ink, 0.2, 40)
    block.cut([place.cut(4, -15, 186, -0.01, 1.1), place.cut(8, -7, 150, 0, 0.8)], cut)
    canvas.show("ship" if sails else "ship_at_anchor")


def _seams(place: Place) -> list[Cut]:
    out = []
    for left, top, width in ((-3, -150, 46), (61, -126, 40)):
        for i in range(9):
            length = width * (i + 1.4) / 9.6
            out.append(place.cut(left + length / 2 + 2, top + 16 + i * (-top - 50) / 9, length, 0.06, 1.5))
    for i in range(7):
        length = 34 * (i + 1) / 8
        out.append(place.cut(-14 - length / 2, -132 + i * 14, length, -0.06, 1.2))
    return out


def _rigging(canvas: Canvas, place: Place) -> None:
    block, ink = canvas.block, canvas.inks.ink
    shrouds = []
    for x, top, yards in _MASTS:
        for y in yards:
            block.polygon(
                place.line([(x - 34, y + 2), (x + 34, y - 2), (x + 34, y + 3), (x - 34, y + 6)]), ink, 0.6, 14
            )
        shrouds += [
            place.cut(x + foot / 2, top / 2 - 3, math.hypot(foot, top + 20), math.atan2(-(top + 20), foot), 0.6)
            for foot in (-44, -30, 30, 44)
        ]
    block.cut(shrouds, ink)


def draw_rigging_light(canvas: Canvas, place: Place) -> None:
    """The pale edges that set masts, yards and rail off from a dark ground."""
    cuts = [place.cut(0, -26, 214, 0.012, 1.1), place.cut(-126, -32, 86, 0.33, 0.9)]
    for x, top, yards in _MASTS:
        cuts.append(place.cut(x, top / 2 - 8, -top - 24, 1.57, 1.0))
        cuts += [place.cut(x, y + 0.5, 66, -0.05, 1.0) for y in yards]
        cuts += [
            place.cut(x + foot / 2, top / 2 - 6, math.hypot(foot, top + 14) * 0.96, math.atan2(-(top + 14), foot), 0.4)
            for foot in (-44, -22, 22, 44)
        ]
    canvas.block.cut(cuts, canvas.inks.paper)


def draw_boat(canvas: Canvas, place: Place, cut: str) -> None:
    """An empty rowing boat, 120 units long at scale 1."""
    block, inks = canvas.block, canvas.inks
    ink = inks.ink if inks.water != inks.ink else inks.far
    block.polygon(place.line([(-62, -20), (-40, -14), (38, -14), (62, -22), (46, 4), (-44, 4)]), ink, 0.6, 20)
    block.cut([place.cut(0, -10, 92, 0, 1.3), place.cut(0, -3, 76, 0, 1.0), place.cut(12, -19, 60, -0.5, 1.2)], cut)
    canvas.show("boat")
