"""Inks: a palette is what a printer would mix for a book, Inks say what each part of one plate is printed in."""

from dataclasses import dataclass, replace

from bookreader.illustrations.plates.geometry import mix
from bookreader.illustrations.plates.setting import Hour, Mood, Setting, Weather


@dataclass(frozen=True, slots=True)
class Palette:
    """ink: key block. tone: second block. cold: night skies, shadows on snow. glow: lamps and the sun by day."""

    ink: str
    paper: str
    tone: str
    cold: str
    glow: str


PALETTES: dict[str, Palette] = {
    "rust": Palette("#211c17", "#f3ecdd", "#c8793f", "#4c5b6b", "#d9913f"),
    "ochre": Palette("#231e16", "#f4ecd8", "#c29a4a", "#4a5d68", "#d9a441"),
    "moss": Palette("#1f211b", "#f1ecdc", "#7f8f6a", "#52666a", "#d2964a"),
    "slate": Palette("#1c1f24", "#f0ede4", "#7d929e", "#46566b", "#d59a45"),
    "plum": Palette("#231b20", "#f2eae0", "#a0727a", "#4f4a5f", "#d38c4a"),
    "brick": Palette("#1f1b1a", "#f2e9da", "#b4573a", "#4d5560", "#dd9a3e"),
    "sage": Palette("#1d211f", "#f2eee0", "#9aa17c", "#4a6466", "#cf9a45"),
    "sepia": Palette("#2b2018", "#f2e7d2", "#a9855a", "#505d68", "#cf9344"),
}

_BY_MOOD: dict[Mood, tuple[str, ...]] = {
    Mood.DREAD: ("slate", "plum", "brick"),
    Mood.GRIEF: ("slate", "sepia", "plum"),
    Mood.JOY: ("ochre", "moss", "rust"),
    Mood.WONDER: ("rust", "plum", "ochre"),
    Mood.CALM: ("moss", "sage", "ochre", "sepia"),
}
_WARM = ("rust", "brick", "ochre")


@dataclass(frozen=True, slots=True)
class Inks:
    """The colours of one plate. `sky_cut` clears the sky, `sky_dark` deepens it; far, middle and near land each have a
    ground and a cut; `light` is what sun, moon and lit windows are printed in."""

    ink: str
    paper: str
    tone: str
    glow: str
    sky: str
    sky_dark: str
    sky_cut: str
    far: str
    far_cut: str
    middle: str
    middle_cut: str
    near: str
    near_cut: str
    water: str
    water_cut: str
    light: str
    sand: str


def choose_palette(setting: Setting, seed: int, name: str | None = None) -> Palette:
    """The named palette, or one that fits hour, season and mood. An unknown name counts as none."""
    if name in PALETTES:
        return PALETTES[name]
    options = _BY_MOOD[setting.mood]
    if setting.white or setting.weather in (Weather.RAIN, Weather.STORM, Weather.FOG):
        options = ("slate", "sepia", "plum")
    elif setting.hour in (Hour.DUSK, Hour.DAWN):
        options = _WARM
    elif setting.has("autumn", "desert"):
        options = ("rust", "ochre")
    return PALETTES[options[seed % len(options)]]


def mix_inks(palette: Palette, setting: Setting) -> Inks:
    """Prints the palette for the hour and weather of the passage."""
    if setting.dark:
        inks = _night(palette)
    elif setting.weather in (Weather.STORM, Weather.RAIN, Weather.SNOWFALL):
        inks = _heavy(palette)
    elif setting.hour in (Hour.DUSK, Hour.DAWN):
        inks = _low_sun(palette)
    else:
        inks = _day(palette)
    return _snowy(inks, palette) if setting.white else inks


def _day(p: Palette) -> Inks:
    return Inks(
        ink=p.ink,
        paper=p.paper,
        tone=p.tone,
        glow=p.glow,
        light=p.glow,
        sand=mix(p.glow, p.paper, 0.55),
        sky=p.paper,
        sky_dark=p.ink,
        sky_cut=mix(p.tone, p.paper, 0.15),
        far=mix(p.tone, p.paper, 0.3),
        far_cut=p.paper,
        middle=p.tone,
        middle_cut=p.paper,
        near=p.ink,
        near_cut=p.paper,
        water=mix(p.tone, p.paper, 0.55),
        water_cut=p.paper,
    )


def _low_sun(p: Palette) -> Inks:
    return replace(
        _day(p),
        light=p.paper,
        sand=mix(p.tone, p.ink, 0.6),
        sky=p.tone,
        sky_cut=p.paper,
        far=mix(p.tone, p.ink, 0.45),
        far_cut=p.tone,
        middle=mix(p.tone, p.ink, 0.74),
        middle_cut=p.tone,
        near_cut=p.tone,
        water=p.ink,
        water_cut=p.tone,
    )


def _night(p: Palette) -> Inks:
    pale = mix(p.cold, p.paper, 0.6)
    return replace(
        _day(p),
        light=p.paper,
        sand=mix(p.cold, p.ink, 0.6),
        sky=p.cold,
        sky_cut=pale,
        far=mix(p.cold, p.ink, 0.4),
        far_cut=pale,
        middle=mix(p.cold, p.ink, 0.72),
        middle_cut=pale,
        near_cut=pale,
        water=p.ink,
        water_cut=pale,
    )


def _heavy(p: Palette) -> Inks:
    return replace(
        _day(p),
        light=p.paper,
        sand=mix(p.cold, p.paper, 0.45),
        sky=mix(p.cold, p.paper, 0.35),
        sky_cut=p.paper,
        far=mix(p.cold, p.paper, 0.1),
        middle=mix(p.cold, p.ink, 0.5),
        water=mix(p.cold, p.ink, 0.35),
    )


def _snowy(inks: Inks, p: Palette) -> Inks:
    """Snow is bare paper: land is drawn by its shadows alone, under a sky that is never bare itself."""
    shadow = mix(p.cold, p.paper, 0.45)
    bare = inks.sky == p.paper
    return replace(
        inks,
        tone=shadow,
        sand=p.paper,
        sky=shadow if bare else inks.sky,
        sky_cut=p.paper if bare else inks.sky_cut,
        far=mix(shadow, p.paper, 0.5),
        far_cut=p.paper,
        middle=p.paper,
        middle_cut=p.ink,
        near=p.paper,
        near_cut=shadow,
    )
