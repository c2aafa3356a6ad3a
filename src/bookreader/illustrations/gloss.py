"""An English list of what a Russian passage shows, for services that do not read Russian.

Pure. Figures, acts, things and colours; what we have no English words for is left out.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from bookreader.illustrations.plates.setting import Setting

FEWEST_GLOSSES = 3
"""Below these, the list says too little to stand in for the passage."""

_GLOSS_NAMES = {
    "ship_inside": "ship's cabin",
    "pine": "pines",
    "tree": "trees",
    "field": "fields",
    "road": "road",
    "plain": "open plain",
    "cottage": "cottages",
    "roofs": "rooftops",
    "bushes": "bushes",
    "grass": "grass",
    "lit": "lights",
    "mountain": "mountains",
    "hill": "hills",
    "rocks": "rocks",
    "cloud": "clouds",
    "fire": "fire",
    "hearth": "hearth with a fire",
    "lamp": "lamp",
    "shore": "shore",
    "marsh": "marsh",
    "castle": "fortress",
}
_NOT_GLOSSED = {"dawn", "dusk", "night", "day", "rain", "storm", "snowfall", "fog", "wind", "house", "sky"}
_ABOVE = {"moon", "stars", "sun", "snow", "smoke", "fire"}
"""What makes the light of a scene is told even where the things that the passage names are known."""
_COLOURS = {
    "black": r"ч[её]рн",
    "white": r"бел(?!ок)",
    "grey": r"сер(?:ы|ая|ое|ую|ого)|сед(?:ы|ая|ое|ой)",
    "red": r"красн|багров|ал(?:ый|ая|ое|ые)",
    "blue": r"син(?!оним)|голуб",
    "green": r"зел[её]н",
    "yellow": r"ж[её]лт",
    "gold": r"золот",
    "silver": r"серебр",
    "brown": r"бур(?:ый|ая|ое)|коричнев",
    "pale": r"бледн",
    "dark": r"т[её]мн",
}
_FIGURES = {
    "a group of men": r"люди|людей|людьми|к[ао]заки|к[ао]заков|солдаты|мужики|мужиков|толп\w*|народ\w*|ляхи|ляхов",
    "a man": r"человек|мужчин\w*|старик(?:а|у|ом|е)?|мужик(?:а|у|ом|е)?|офицер\w*|солдат(?:а|у|ом|е)?|"
    r"к[ао]зак(?:а|у|ом|е)?|парень|философ\w*|барин\w*|сотник\w*|атаман\w*|полковник\w*|капитан\w*|комендант\w*|"
    r"священник\w*|княз\w*|графа?",
    "a woman": r"женщин\w*|старух\w*|девушк\w*|барышн\w*|барын\w*|панночк\w*|дам[аыуе]|матушк\w*|княгин\w*|"
    r"княжн\w*|графин\w*|татарк\w*|полячк\w*",
    "a child": r"ребен\w*|реб[её]нок|мальчик\w*|девочк\w*|дети|детей",
    "a horse": r"лошад\w*|кон[ьяюе]|конем|кон[её]м",
    "a dog": r"собак\w*|п[её]с",
    "a carriage": r"карет\w*|кибитк\w*|телег\w*|коляск\w*|бричк\w*",
    "a coat": r"шинел\w*|тулуп\w*|кафтан\w*|пальто|шуб\w*",
    "a dress": r"плать[еяю]\w*|сарафан\w*",
    "a beard": r"бород\w*",
    "a moustache": r"усы|усами|усов|усах",
    "a sword": r"сабл\w*|шпаг\w*",
    "a pistol": r"пистолет\w*",
    "a coffin": r"гроб\w*",
    "dark hair": r"ч[её]рн\w* волос\w*",
}


SOMEBODY = frozenset(("a group of men", "a man", "a woman", "a child"))
_ACTS = {
    "running": r"бежал|побежал|бросил(?:ся|ась|ись)|кинул(?:ся|ась|ись)",
    "galloping": r"скак|поскак|мчал",
    "riding": r"ехал|поехал|верхом",
    "striking": r"ударил|рубил|рубить|хлестн",
    "seizing": r"схватил|ухватил|поймал",
    "drawing a weapon": r"выхватил|обнажил",
    "throwing": r"швырнул|кидал|кинул(?!с)|бросал",
    "falling": r"упал|повалил|рухнул|грянул|свалил",
    "swimming": r"плыл|поплыл",
    "kneeling": r"на колени|на коленях",
    "embracing": r"обнял|обнимал|поцеловал|целовал",
    "weeping": r"заплакал|плакал|рыдал|рыдать|в слезах",
    "laughing": r"засмеял|смеял|захохотал|хохотал",
    "sitting": r"сидел|сидит|сидящ",
    "lying": r"лежал|лежит|лежащ",
    "standing": r"стоял|стоит|стоящ",
}
"""What is done in a passage, quick acts first."""
MOST_ACTS = 3


@cache
def _dictionary() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in files("bookreader.illustrations").joinpath("glosses.txt").read_text("utf-8").splitlines():
        words, _, english = line.partition("=")
        if english:
            found.update(dict.fromkeys(words.split(), english))
    return found


def gloss(passage: str, things: Sequence[str], setting: Setting) -> tuple[str, ...]:
    """An English list of the figures, acts, things and colours that the lexicon finds in a passage we cannot send."""
    figures = [label for label, stems in _FIGURES.items() if _has(stems, passage)]
    known = [_dictionary()[thing.lower()] for thing in things if thing.lower() in _dictionary()]
    enough = len(known) >= FEWEST_GLOSSES
    counted = [name for name in setting.counts if name in _ABOVE or not (enough or name in _NOT_GLOSSED)]
    if setting.dark:
        counted = [name for name in counted if name != "sun"]
    drawn = [_GLOSS_NAMES.get(name, name) for name in counted]
    colours = [name for name, stems in _COLOURS.items() if _has(rf"(?:{stems})\w*", passage)]
    acts = [act for act, stems in _ACTS.items() if _has(rf"(?:{stems})\w*", passage)] if SOMEBODY & set(figures) else []
    out = list(_distinct([*figures, *acts[:MOST_ACTS], *known, *drawn]))
    if colours:
        out.append("colours named in the text: " + ", ".join(colours))
    return tuple(f"{clause}," for clause in out)


def _has(stems: str, passage: str) -> bool:
    return re.search(rf"(?<!\w)(?:{stems})(?!\w)", passage, re.IGNORECASE) is not None


def _distinct(names: Sequence[str]) -> Iterator[str]:
    """Each thing once, whether it was named as one or as many."""
    seen: set[str] = set()
    for name in names:
        stem = name.removeprefix("a ").split()[-1].rstrip("s")
        if stem not in seen:
            seen.add(stem)
            yield name


_ADJECTIVE_END = r"(?:[ыио]й|[ая]я|[ое]е|[ыи]е)"


def glossed_look(look: str) -> str:
    """`седые усы, красный жупан` as `grey moustache`."""
    glossed = (_glossed_phrase(phrase) for phrase in look.split(", "))
    return ", ".join(phrase for phrase in glossed if phrase)


def _glossed_phrase(phrase: str) -> str:
    """`седые усы` as `grey moustache`; empty where a word is not known."""
    words = [_look_word(word.lower()) for word in phrase.split()]
    return " ".join(words) if all(words) else ""


def _look_word(word: str) -> str:
    words, adjectives = _look_words()
    if word in words:
        return words[word]
    return next((english for stem, english in adjectives if re.fullmatch(stem + _ADJECTIVE_END, word)), "")


@cache
def _look_words() -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """Words, and the stems of adjectives."""
    text = files("bookreader.illustrations").joinpath("looks.txt").read_text("utf-8")
    words, adjectives = ([line.partition("=") for line in part.splitlines()] for part in text.split("\n[")[1:])
    return (
        {word: english for russian, _, english in words if english for word in russian.split()},
        tuple((stem, english) for russian, _, english in adjectives if english for stem in russian.split()),
    )
