"""Reads a passage: what is in it that a plate can show, at what hour and in what weather."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bookreader.illustrations.plates.lexicon import NEGATION, SIMILE, TITLE_BEFORE, WORDS


class Hour(StrEnum):
    DAY = "day"
    DAWN = "dawn"
    DUSK = "dusk"
    NIGHT = "night"


class Weather(StrEnum):
    FAIR = "fair"
    OVERCAST = "overcast"
    RAIN = "rain"
    STORM = "storm"
    FOG = "fog"
    SNOWFALL = "snowfall"


class Mood(StrEnum):
    DREAD = "dread"
    JOY = "joy"
    GRIEF = "grief"
    WONDER = "wonder"
    CALM = "calm"


@dataclass(frozen=True)
class Setting:
    """What the passage says. `counts` holds how often each word group of the lexicon is met."""

    counts: Mapping[str, int]
    hour: Hour
    weather: Weather
    mood: Mood
    language: str

    def has(self, *names: str) -> bool:
        return any(self.counts.get(name) for name in names)

    def weight(self, name: str) -> int:
        return min(3, self.counts.get(name, 0))

    @property
    def dark(self) -> bool:
        return self.hour is Hour.NIGHT

    @property
    def white(self) -> bool:
        """Snow lies."""
        return self.has("snow", "snowfall")


# Tones come from rules, from a language model or from a person: the first stem that fits decides.
_MOODS: tuple[tuple[Mood, str], ...] = (
    (Mood.DREAD, r"dread|fear|terr|horr|tens|ominous|dark|eerie|sinister|menac|gloom|страх|ужас|трев|мрач|жут|зловещ"),
    (Mood.GRIEF, r"grie|sad|sorrow|melanch|lonel|desol|mourn|bleak|печал|груст|тоск|скорб|одинок"),
    (Mood.JOY, r"joy|happ|cheer|warm|merry|humou?r|comic|bright|радос|весел|счаст|тепл"),
    (Mood.WONDER, r"wonder|awe|sublime|myst|magic|majest|romant|восторг|чуд|тайн|велич|таинств"),
)


def read_setting(passage: str, *, tone: str | None, language: str) -> Setting:
    """Finds hour, weather, mood and the things that can be drawn. Comparisons and what is denied do not count."""
    text = re.sub(SIMILE, " ", passage, flags=re.IGNORECASE)
    counts = {name: found for name in WORDS if (found := _count(name, text))}
    return Setting(counts, _hour(counts), _weather(counts), _mood(tone), language)


def _count(name: str, text: str) -> int:
    return sum(_asserted(match, text) for match in _pattern(name).finditer(text))


@lru_cache(maxsize=256)
def _pattern(name: str) -> re.Pattern[str]:
    words = (word.replace("*", r"\w*").replace("_", r"\s+") for word in WORDS[name])
    return re.compile(rf"(?<![\w-])(?:{'|'.join(words)})(?![\w])", re.IGNORECASE)


def _asserted(match: re.Match[str], text: str) -> bool:
    before = text[max(0, match.start() - 40) : match.start()]
    if re.search(NEGATION, before, re.IGNORECASE) or re.search(TITLE_BEFORE, before):
        return False
    return not _is_name(match, before)


def _is_name(match: re.Match[str], before: str) -> bool:
    """A capital in mid-sentence is a name, except after an article or behind another name (Baker Street)."""
    if not match.group()[0].isupper() or not before.strip() or re.search(r"[.!?…—«“\"‘—-]\s*$", before):
        return False
    return not re.search(r"(?:\b[Tt]he|\b[A-ZА-ЯЁ][\w'’]+)\s+$", before)


def _hour(counts: Mapping[str, int]) -> Hour:
    if counts.get("moon") or counts.get("stars"):
        return Hour.NIGHT
    ranked = sorted(
        (Hour.NIGHT, Hour.DUSK, Hour.DAWN, Hour.DAY), key=lambda hour: counts.get(hour.value, 0), reverse=True
    )
    return ranked[0] if counts.get(ranked[0].value) else Hour.DAY


def _weather(counts: Mapping[str, int]) -> Weather:
    order = (
        ("snowfall", Weather.SNOWFALL),
        ("storm", Weather.STORM),
        ("rain", Weather.RAIN),
        ("fog", Weather.FOG),
        ("cloud", Weather.OVERCAST),
    )
    sunny = counts.get("sun", 0)  # "the fury of years of storm" under a low sun is no storm
    return next((weather for name, weather in order if counts.get(name, 0) > sunny * (name == "storm")), Weather.FAIR)


def _mood(tone: str | None) -> Mood:
    text = (tone or "").lower()
    return next((mood for mood, stems in _MOODS if re.search(stems, text)), Mood.CALM)


def capitalised(names: Sequence[str], passage: str) -> list[str]:
    """The names among entities that the passage itself writes, in its order."""
    found = [name for name in names if name[:1].isupper() and name in passage]
    return sorted(dict.fromkeys(found), key=passage.index)
