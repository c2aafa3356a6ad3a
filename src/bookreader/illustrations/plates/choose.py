"""Which scene family fits a passage, if any: each family needs its own words in the passage."""

from collections.abc import Callable
from dataclasses import dataclass

from bookreader.illustrations.plates.canvas import Canvas
from bookreader.illustrations.plates.scenes.inside import (
    draw_candle_scene,
    draw_corridor,
    draw_hearth,
    draw_window_scene,
)
from bookreader.illustrations.plates.scenes.land import draw_hills, draw_mountains, draw_plain, draw_river
from bookreader.illustrations.plates.scenes.sea import draw_coast, draw_sea
from bookreader.illustrations.plates.scenes.sky import draw_wide_sky
from bookreader.illustrations.plates.scenes.town import draw_harbour, draw_roofs, draw_street, draw_village
from bookreader.illustrations.plates.scenes.woods import draw_forest, draw_garden, draw_marsh
from bookreader.illustrations.plates.setting import Setting

Weights = dict[str, float]
ENOUGH = 1.0


@dataclass(frozen=True)
class Family:
    """`name` is Plate.scene. It fits where one of `needs` and one of `also` is met; `weights` say what each word
    group adds, or takes: no scene has houses in ruins or in flames."""

    name: str
    draw: Callable[[Canvas], None]
    needs: tuple[str, ...]
    weights: Weights
    also: tuple[str, ...] = ()

    def score(self, setting: Setting) -> float:
        """0 where the family's own words are missing."""
        if not setting.has(*self.needs) or (self.also and not setting.has(*self.also)):
            return 0
        return sum(weight * setting.weight(name) for name, weight in self.weights.items())


_INDOORS: Weights = {
    "room": 0.9,
    "table": 0.4,
    "armchair": 0.5,
    "chair": 0.3,
    "door": 0.3,
    "bed": 0.6,
    "curtain": 0.4,
    "stairs": 0.4,
    "books": 0.4,
}

FAMILIES: tuple[Family, ...] = (
    Family(
        "sea", draw_sea, ("sea", "waves", "deck"), {"sea": 1.2, "waves": 0.5, "ship": 0.5, "deck": 0.6, "island": 0.4}
    ),
    Family(
        "coast",
        draw_coast,
        ("shore", "cliff"),
        {"sea": 1.0, "waves": 0.5, "shore": 0.7, "beach": 0.4, "cliff": 0.5, "ship": 0.2, "boat": 0.3, "river": -0.8},
        also=("sea", "waves", "beach"),  # a shore alone may be a river's
    ),
    Family("harbour", draw_harbour, ("harbour",), {"harbour": 1.5, "ship": 0.6, "sea": 0.4, "house": 0.2, "boat": 0.2}),
    Family(
        "hills",
        draw_hills,
        ("hill", "moor", "valley"),
        {"hill": 1.1, "moor": 1.6, "valley": 0.7, "rocks": 0.3, "road": 0.4, "castle": 0.4, "tower": 0.2},
    ),
    Family(
        "plain",
        draw_plain,
        ("plain", "desert", "field"),
        {
            "plain": 1.4,
            "desert": 1.2,
            "field": 1.0,
            "grass": 0.4,
            "flowers": 0.3,
            "haystack": 0.4,
            "road": 0.3,
            "mill": 0.3,
        },
    ),
    Family(
        "mountains",
        draw_mountains,
        ("mountain",),
        {"mountain": 1.4, "lake": 0.4, "valley": 0.3, "snow": 0.2, "rocks": 0.1},
    ),
    Family(
        "river",
        draw_river,
        ("river", "lake"),
        {"river": 1.3, "lake": 1.2, "reeds": 0.5, "shore": 0.4, "boat": 0.4, "bridge": 0.2},
    ),
    Family("marsh", draw_marsh, ("marsh",), {"marsh": 1.5, "reeds": 0.5, "plain": 0.2}),
    Family(
        "forest", draw_forest, ("forest", "pine"), {"forest": 1.3, "pine": 0.8, "tree": 0.5, "bushes": 0.3, "road": 0.1}
    ),
    Family(
        "garden",
        draw_garden,
        ("garden", "avenue"),
        {"garden": 1.1, "avenue": 1.2, "tree": 0.3, "flowers": 0.3, "road": 0.1},
    ),
    Family(
        "village",
        draw_village,
        ("village",),
        {"village": 1.3, "cottage": 0.5, "church": 0.3, "fence": 0.2, "road": 0.2, "street": 0.1, "ruins": -2},
    ),
    Family(
        "farm",
        draw_hills,
        ("cottage",),
        {"cottage": 0.7, "ruins": -2, "fire": -0.6, "fence": 0.4, "smoke": 0.3, "tree": 0.2, "road": 0.4, "field": 0.3},
    ),
    Family(
        "street",
        draw_street,
        ("street",),
        {"street": 1.3, "city": 0.4, "house": 0.3, "lamp": 0.3, "church": 0.1, "ruins": -2},
    ),
    Family("roofs", draw_roofs, ("roofs", "city"), {"roofs": 1.1, "city": 0.9, "house": 0.1, "ruins": -2}),
    Family("castle", draw_hills, ("castle", "tower"), {"castle": 1.4, "tower": 0.7, "hill": 0.2}),
    Family("graveyard", draw_hills, ("graveyard",), {"graveyard": 1.4, "church": 0.3}),
    Family(
        "road", draw_hills, ("road",), {"road": 0.8, "tree": 0.3, "field": 0.2, "fence": 0.2, "rain": 0.2, "snow": 0.2}
    ),
    Family("window", draw_window_scene, ("window",), {"window": 1.0, **_INDOORS}),
    Family("hearth", draw_hearth, ("hearth",), {"hearth": 0.7, "fire": 0.5, **_INDOORS}),
    Family(
        "candle", draw_candle_scene, ("candle",), {"candle": 1.0, "table": 0.5, "bed": 0.3, "room": 0.6, "night": 0.1}
    ),
    Family("corridor", draw_corridor, ("corridor",), {"corridor": 1.2, "door": 0.5, "room": 0.4, "stairs": 0.2}),
    Family(
        "sky",
        draw_wide_sky,
        ("sky", "stars", "moon"),
        {"sky": 0.8, "dusk": 0.3, "dawn": 0.3, "stars": 0.4, "moon": 0.3, "cloud": 0.2, "sun": 0.1},
    ),
)


def choose_family(setting: Setting) -> Family | None:
    """The family that fits best; None where none fits clearly and a plate of words is the honest answer."""
    best = max(FAMILIES, key=lambda family: family.score(setting))
    if best.score(setting) < ENOUGH or _indoors_without_a_picture(setting, best):
        return None
    return best


def _indoors_without_a_picture(setting: Setting, best: Family) -> bool:
    """A room without window, fire, candle or corridor has no plate; what is outside it is not its picture."""
    inside = sum(weight * setting.weight(name) for name, weight in _INDOORS.items())
    return best.name not in ("window", "hearth", "candle", "corridor") and inside > best.score(setting)
