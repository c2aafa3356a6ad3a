"""Builds the prompt of an illustration from its passage: what is seen, then who, where, in what light and manner.

Pure: the same input gives the same prompt. Order, limits and framing follow extraction.md, "Prompt".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files

from bookreader.illustrations.plates.phrase import visible_words
from bookreader.illustrations.plates.setting import Hour, Mood, Setting, Weather, read_setting

PROMPT_VERSION = "2"
DEFAULT_LIMIT = 1500
MOST_PEOPLE = 2
SCENE_LENGTH = 500
FEWEST_GLOSSES = 3

PRESETS: dict[str, str] = {
    "linocut": "linocut print, carved marks, black key block and two flat inks on warm paper",
    "engraving": "ink engraving, fine cross-hatching, black on cream paper, nineteenth-century book plate",
    "watercolour": "loose watercolour, transparent washes, visible paper grain",
    "oil": "oil painting, visible brushwork, rich darks, painterly edges",
    "pencil": "graphite pencil drawing, soft shading, off-white paper",
    "gouache": "gouache illustration, matte flat shapes, limited palette",
    "pastel": "chalk pastel on toned paper, soft edges",
    "silhouette": "cut-paper silhouette, few layers, strong backlight",
}

ASPECTS: dict[str, str] = {
    "character": "2:3",
    "location": "3:2",
    "atmosphere": "3:2",
    "object": "1:1",
    "action": "3:2",
}
_SIZES = {"2:3": (1024, 1536), "3:2": (1536, 1024), "1:1": (1024, 1024), "16:9": (1792, 1024), "9:16": (1024, 1792)}

_FRAMING: dict[str, str] = {
    "character": "portrait, half length, eye level",
    "location": "wide view, establishing shot, no people unless mentioned",
    "atmosphere": "wide view, light and weather carry the picture",
    "object": "close view of the object, plain surroundings",
    "action": "full figures caught in mid-movement, medium shot",
}
_PALETTE: dict[Mood, str] = {
    Mood.DREAD: "cold colours, low key, deep shadows",
    Mood.JOY: "warm colours, high key, soft light",
    Mood.GRIEF: "muted colours, grey light",
    Mood.WONDER: "saturated colours, glowing light",
    Mood.CALM: "",
}
_HOURS = {Hour.NIGHT: "at night", Hour.DUSK: "at dusk", Hour.DAWN: "at dawn", Hour.DAY: ""}
_WEATHER = {
    Weather.FAIR: "",
    Weather.OVERCAST: "overcast sky",
    Weather.RAIN: "rain",
    Weather.STORM: "storm",
    Weather.FOG: "fog",
    Weather.SNOWFALL: "falling snow",
}
_NEGATIVE = ("text", "watermark", "signature", "frame", "extra limbs", "extra fingers", "modern objects")


class Handling(StrEnum):
    """What was done with the passage's language."""

    AS_IS = "as_is"  # English text, or another language that the service was said to read
    GLOSSED = "glossed"  # an English list of what the passage holds stands in for its text
    CAPTION = "caption"  # an English caption was given


@dataclass(frozen=True)
class Look:
    """How a person of the book looks: `label` is a short noun phrase ("a one-legged sailor"), `look` about 25 words.

    Without a label, title, `sex` (man, woman or empty) and pronouns tell one. `seed` is the person's own, the same in
    every picture; None where none was fixed. `names` are all forms that the text uses for the person.
    """

    names: tuple[str, ...]
    label: str
    look: str
    seed: int | None = None
    sex: str = ""


@dataclass(frozen=True)
class ArtDirection:
    """What a book keeps the same in all its pictures. `taboo`: what must never be shown."""

    preset: str = "linocut"
    medium: str = ""
    era: str = ""
    palette: str = ""
    taboo: tuple[str, ...] = ()
    aspects: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Prompt:
    """Ready to send. `negative` is empty where the service has no field for it. Width and height in pixels.

    `language` is that of the text sent, `people` the labels whose looks were used, `seed` that of the first of them.
    """

    text: str
    negative: str
    aspect: str
    width: int
    height: int
    style: str
    language: str
    handling: Handling
    people: tuple[str, ...]
    seed: int | None


@dataclass(frozen=True)
class _Part:
    """A piece of the prompt: `place` orders the text, `rank` decides who stays when room is short (0 first)."""

    place: int
    rank: int
    clauses: tuple[str, ...]


def build_prompt(
    passage: str,
    type: str,  # noqa: A002 - the product's word
    *,
    language: str,
    tone: str | None = None,
    people: Sequence[str] = (),
    things: Sequence[str] = (),
    looks: Sequence[Look] = (),
    direction: ArtDirection | None = None,
    caption: str | None = None,
    reads_language: bool = False,
    negative_field: bool = True,
    limit: int = DEFAULT_LIMIT,
) -> Prompt:
    """Builds the prompt, at most `limit` characters, cut between clauses by priority and never inside one.

    `people` are names in the passage, `things` the places and objects that it names. `caption` is an English sentence
    that stands in for the passage. `reads_language` says that the service takes the passage's language; otherwise a
    passage that is not English is glossed from the lexicon where that knows enough of its words, and sent as it is
    where not.
    """
    direction = direction or ArtDirection()
    labels = _SEXES_RU if reads_language and language.startswith("ru") else _SEXES
    present = _labelled(_present(f"{passage}\n{caption or ''}", looks, people), passage, labels)
    setting = read_setting(passage, tone=tone, language=language)
    told = _Told(passage, type, language, setting, tuple(present), tuple(people), tuple(things))
    scene, handling = _scene(told, caption, reads_language)
    parts = [
        _Part(0, 0, scene),
        _Part(1, 1, tuple(f"{look.label}: {seen}" for look in present if (seen := _told_look(look, handling)))),
        _Part(2, 3, _surroundings(setting, scene)),
        _Part(3, 4, _colours(setting, direction)),
        _Part(4, 2, manner_words(direction)),
        _Part(5, 5, (_FRAMING.get(type, ""),)),
        _Part(6, 2, () if negative_field else tuple(f"without {thing}" for thing in direction.taboo)),
    ]
    aspect = _aspect(type, direction)
    width, height = _SIZES[aspect]
    return Prompt(
        text=_join(parts, limit),
        negative=", ".join((*_NEGATIVE, *direction.taboo)) if negative_field else "",
        aspect=aspect,
        width=width,
        height=height,
        style=direction.preset,
        language=language if handling is Handling.AS_IS else "en",
        handling=handling,
        people=tuple(look.label for look in present),
        seed=next((look.seed for look in present if look.seed is not None), None),
    )


def in_manner(words: str, direction: ArtDirection, *, earlier: Sequence[str] = (), limit: int) -> str:
    """A prompt that a person wrote, with the manner of an art direction in place of a preset's and the `earlier` one's.

    `earlier`: the `manner_words` of the art direction in which it was drawn.
    """
    for gone in sorted({*PRESETS.values(), *earlier}, key=len, reverse=True):
        words = words.replace(gone, "")
    return _join([_Part(0, 1, _clauses(words)), _Part(4, 0, manner_words(direction))], limit)


def _aspect(type: str, direction: ArtDirection) -> str:  # noqa: A002
    wanted = direction.aspects.get(type, ASPECTS.get(type, "3:2"))
    return wanted if wanted in _SIZES else "3:2"


def _present(passage: str, looks: Sequence[Look], people: Sequence[str]) -> list[Look]:
    """The first people that the passage names, in its order; those that it names in another case come last."""
    named = {name: len(passage) + place for place, name in enumerate(people)}
    first = {
        look: min(found)
        for look in looks
        if (found := [at for name in look.names if (at := _place(name, passage, named)) >= 0])
    }
    return sorted(first, key=lambda look: first[look])[:MOST_PEOPLE]


def _place(name: str, passage: str, named: Mapping[str, int]) -> int:
    at = _find(name, passage)
    return at if at >= 0 else named.get(name, -1)


_SEXES = {"man": "a man", "woman": "a woman"}
_SEXES_RU = {"man": "мужчина", "woman": "женщина"}


def _labelled(present: Sequence[Look], passage: str, sexes: Mapping[str, str]) -> list[Look]:
    """The same, each with a label that stands for the name; two that look alike from afar are told apart."""
    given: list[Look] = []
    for look in present:
        label = look.label or _label_of(look, passage, sexes)
        if any(label == other.label for other in given):
            label = _another(label)
        given.append(replace(look, label=label))
    return given


def _label_of(look: Look, passage: str, sexes: Mapping[str, str]) -> str:
    titled = (label for name in look.names for title, label in _TITLES if re.match(rf"{title}\.?\s", name))
    if found := next(titled, None):
        return found
    return sexes.get(look.sex) or _someone(next(iter(look.names)), passage)


def _find(name: str, passage: str) -> int:
    match = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", passage)
    return match.start() if match else -1


@dataclass(frozen=True)
class _Told:
    """A passage and what is known of it."""

    passage: str
    type: str
    language: str
    setting: Setting
    present: tuple[Look, ...]
    people: tuple[str, ...]
    things: tuple[str, ...]


def _scene(told: _Told, caption: str | None, reads_language: bool) -> tuple[tuple[str, ...], Handling]:
    """The clauses that say what is seen, best kept from the front, and how the language was handled."""
    if caption:
        return _clauses(_without_names(caption, told)), Handling.CAPTION
    visible = _literal(_visible(_spoken_removed(told.passage), told.type))
    if told.language.lower().startswith("en") or reads_language:
        return _clauses(_without_names(visible, told)), Handling.AS_IS
    gloss = _gloss(told)
    if len(gloss) < FEWEST_GLOSSES:
        return _clauses(visible), Handling.AS_IS
    return gloss, Handling.GLOSSED


# --- what can be seen -------------------------------------------------------------------------------------------------

_QUOTED = re.compile(r"“[^”]*(?:”|$)|«[^»]*(?:»|$)|\"[^\"]*(?:\"|$)|(?<!\w)‘[^’]*’(?!\w)")
_DASH_SPEECH = re.compile(r"^\s*[—–-]\s.*$", re.MULTILINE)
_SENTENCES = re.compile(r"(?<=[.!?…])[\"”»’)]*\s+(?=[A-ZА-ЯЁ«“\"‘—])")
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Capt|Col|Prof|Rev|No|Esq)\.$")
_THOUGHT = re.compile(
    r"\b(?:thought|wondered|remembered|believed|hoped|wished|knew|supposed|felt sure|decided|resolved|understood|meant|"
    r"meaning|imagin\w+|reminiscences?|pondered|"
    r"думал\w*|подумал\w*|вспомнил\w*|знал\w*|понял\w*|решил\w*|надеял\w*|казалось|полагал\w*)\b",
    re.IGNORECASE,
)
_SIMILES = (
    (re.compile(r"\bas (\w+) as (?:an?|the|any|if|though)?\s*(?:(?!\sand\s)[^,.;:!?—])*", re.IGNORECASE), r"\1"),
    (re.compile(r",?\s*\b(?:as if|as though)\b[^,.;:!?—]*", re.IGNORECASE), ""),
    (
        re.compile(
            r",?\s*(?<!should )(?<!would )(?<!I )(?<!you )\blike (?:an?|the|some|so many|those|that)\b"
            r"(?:(?!\sand\s)[^,.;:!?—])*"
        ),
        "",
    ),
    (re.compile(r",?\s*\b(?:словно|будто|точно|как будто|подобно)\b[^,.;:!?—]*", re.IGNORECASE), ""),
)


def _spoken_removed(passage: str) -> str:
    """The passage without speech; a passage that shows things in its speech alone keeps that."""
    told = _QUOTED.sub(" ", _DASH_SPEECH.sub(" ", passage))
    return told if visible_words(told) else re.sub(r"[“”«»\"]", "", passage)


def _literal(text: str) -> str:
    """Drops comparisons: a model draws the ham of "a face as big as a ham"."""
    for pattern, kept in _SIMILES:
        text = pattern.sub(kept, text)
    text = re.sub(r"\s+([,.;:!?)])", r"\1", " ".join(text.split()))
    return re.sub(r"[,;:—]+([,;:—.])", r"\1", text)


def _visible(text: str, type: str) -> str:  # noqa: A002
    """The sentences with most to see, in their order; of a passage with none such, all of it."""
    sentences = _sentences(text)
    kept = [sentence for sentence in sentences if not _THOUGHT.search(sentence) and visible_words(sentence)]
    if type in ("location", "atmosphere"):
        kept = [sentence for sentence in kept if not re.search(r"[?!]\s*$", sentence)] or kept
    return " ".join(_most_visible(kept) or sentences)


def _most_visible(sentences: Sequence[str]) -> list[str]:
    """As many of the most visual sentences as make up SCENE_LENGTH, at least one."""
    ranked = sorted(
        sentences, key=lambda sentence: visible_words(sentence) / len(sentence.split()) ** 0.7, reverse=True
    )
    chosen: set[str] = set()
    for sentence in ranked:
        if not chosen or sum(map(len, chosen)) + len(sentence) <= SCENE_LENGTH:
            chosen.add(sentence)
    return [sentence for sentence in sentences if sentence in chosen]


def _sentences(text: str) -> list[str]:
    out: list[str] = []
    for piece in _SENTENCES.split(" ".join(text.split())):
        if out and _ABBREVIATION.search(out[-1]):
            out[-1] += " " + piece
        elif piece.strip():
            out.append(piece.strip())
    return out


def _clauses(text: str) -> tuple[str, ...]:
    """Pieces between commas, semicolons, dashes and stops; each keeps its mark."""
    pieces = re.findall(r"(?:[^,;:.!?…—]|(?<=Mr)\.|(?<=Dr)\.|(?<=Mrs)\.|(?<=\d)[.,](?=\d))+[,;:.!?…—]*", text)
    return tuple(piece.strip() for piece in pieces if re.search(r"\w", piece))


# --- people -----------------------------------------------------------------------------------------------------------

_TITLES = (
    (r"(?:Mrs|Lady|Madame|Mistress|Dame)", "a lady"),
    (r"(?:Miss|Mademoiselle)", "a young lady"),
    (r"(?:Mr|Sir|Lord|Squire|Monsieur)", "a gentleman"),
    (r"(?:Dr|Doctor)", "a doctor"),
    (r"Captain", "a captain"),
    (r"(?:Princess|Grand Duchess|Duchess)", "a princess"),
    (r"Prince", "a prince"),
    (r"Countess", "a countess"),
    (r"Count", "a count"),
    (r"(?:General|Field Marshal)", "a general"),
    (r"(?:Colonel|Major|Lieutenant|Ensign)", "an officer"),
    (r"(?:Emperor|King|Tsar)", "a monarch"),
    (r"(?:Empress|Queen)", "a queen"),
    (r"(?:Father|Brother)", "a monk"),
    (r"(?:Professor|Prof)", "a professor"),
)
_NAME = r"[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+)*"


def _without_names(text: str, told: _Told) -> str:
    """Puts a label where a model cannot know the name: the person's own, else what title or pronouns tell."""
    for look in told.present:
        names = sorted(look.names, key=len, reverse=True)
        text = _replace_name(text, "|".join(map(re.escape, names)), look.label)
    for title, label in _TITLES:
        text = _replace_name(text, rf"{title}\.?\s+{_NAME}", label)
    given: set[str] = set()
    for name in sorted(_personal(told.people, text), key=lambda name: (_find(name, text), -len(name))):
        label = _someone(name, text)
        text = _replace_name(text, re.escape(name), _another(label) if label in given else label)
        given.add(label)
    return _together(text)


def _replace_name(text: str, pattern: str, label: str) -> str:
    """The first time by the label, then by its definite form. "the young X" keeps its article."""
    definite = re.sub(r"^an?\s", "the ", label.replace("another ", "the other "))
    seen = re.compile(rf"(?<!\w)(?:{pattern})(?P<s>[’']s)?(?!\w)")
    labels = iter([label])
    return seen.sub(lambda match: next(labels, definite) + (match["s"] or ""), text)


def _another(label: str) -> str:
    return {"a man": "another man", "a woman": "another woman", "someone": "someone else"}.get(label, label)


def _together(text: str) -> str:
    """A list of people nobody can tell apart is a number of people."""
    one = r"(?:an?other|a|some)\s?(?:man|woman|one)(?:\s+else)?"
    return re.sub(rf"\b{one}(?:,\s+{one})+,?\s+and\s+{one}\b", "several people", text)


_NO_PERSON = re.compile(r"(?:[iy]ans?|ish|men|ese)$")


def _personal(names: Sequence[str], text: str) -> list[str]:
    """Names that look like one person's: capitals, and not a place ("in London", "the Thames") or a people."""
    place = r"(?:\b(?:in|at|to|from|near|of|through|the|в|из|на|под)\s+)"
    written = [name for name in names if name[:1].isupper() and _find(name, text) >= 0 and not _NO_PERSON.search(name)]
    return [name for name in written if not re.search(rf"{place}{re.escape(name)}(?!\w)", text)]


def _someone(name: str, text: str) -> str:
    """By the pronouns of the sentences that name the person."""
    if re.search(r"[а-яё]", text):
        return "кто-то"
    near = " ".join(sentence for sentence in _sentences(text) if _find(name, sentence) >= 0)
    he = len(re.findall(r"\b(?:he|his|him)\b", near, re.IGNORECASE))
    she = len(re.findall(r"\b(?:she|her|hers)\b", near, re.IGNORECASE))
    return "someone" if he == she else "a man" if he > she else "a woman"


# --- language ---------------------------------------------------------------------------------------------------------

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
}
_NOT_GLOSSED = {"dawn", "dusk", "night", "day", "rain", "storm", "snowfall", "fog", "wind", "house", "sky"}
_ABOVE = {"moon", "stars", "sun", "snow", "smoke", "fire"}
"""What makes the light of a scene is told even where the things that the passage names are known."""
_COLOURS = {
    "black": r"ч[её]рн",
    "white": r"бел(?!ок)",
    "grey": r"сер(?:ы|ая|ое|ую|ого)",
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
    "a man": r"человек|мужчин\w*|старик\w*|мужик\w*|офицер\w*|солдат\w*|казак\w*|парень|философ\w*|барин\w*",
    "a woman": r"женщин\w*|старух\w*|девушк\w*|барышн\w*|барын\w*|панночк\w*|дам[аыуе]",
    "a child": r"ребен\w*|реб[её]нок|мальчик\w*|девочк\w*|дети|детей",
    "a horse": r"лошад\w*|кон[ьяюе]|конем|кон[её]м",
    "a dog": r"собак\w*|п[её]с",
    "a carriage": r"карет\w*|кибитк\w*|телег\w*|коляск\w*|бричк\w*",
    "a coat": r"шинел\w*|тулуп\w*|кафтан\w*|пальто|шуб\w*",
    "a dress": r"плать[еяю]\w*|сарафан\w*",
    "a beard": r"бород\w*",
    "a sword": r"сабл\w*|шпаг\w*",
    "a pistol": r"пистолет\w*|ружь\w*",
    "a coffin": r"гроб\w*",
    "dark hair": r"ч[её]рн\w* волос\w*",
}


@cache
def _dictionary() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in files("bookreader.illustrations").joinpath("glosses.txt").read_text("utf-8").splitlines():
        words, _, english = line.partition("=")
        if english:
            found.update(dict.fromkeys(words.split(), english))
    return found


def _gloss(told: _Told) -> tuple[str, ...]:
    """An English list of the figures, things and colours that the lexicon finds in a passage we cannot send."""
    figures = [label for label, stems in _FIGURES.items() if _has(stems, told.passage)]
    known = [_dictionary()[thing.lower()] for thing in told.things if thing.lower() in _dictionary()]
    enough = len(known) >= FEWEST_GLOSSES
    counted = [name for name in told.setting.counts if name in _ABOVE or not (enough or name in _NOT_GLOSSED)]
    drawn = [_GLOSS_NAMES.get(name, name) for name in counted]
    colours = [name for name, stems in _COLOURS.items() if _has(rf"(?:{stems})\w*", told.passage)]
    out = list(_distinct([*figures, *known, *drawn]))
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


_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_ADJECTIVE_END = r"(?:[ыио]й|[ая]я|[ое]е|[ыи]е)"


def _told_look(look: Look, handling: Handling) -> str:
    """How somebody looks, in the language of the prompt: what we have no English words for is left out."""
    if handling is Handling.AS_IS or not _CYRILLIC.search(look.look):
        return look.look
    glossed = (_glossed_look(phrase) for phrase in look.look.split(", "))
    return ", ".join(phrase for phrase in glossed if phrase)


def _glossed_look(phrase: str) -> str:
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


# --- manner -----------------------------------------------------------------------------------------------------------


def _surroundings(setting: Setting, scene: Sequence[str]) -> tuple[str, ...]:
    """Hour and weather, unless the scene says so already in the same words."""
    said = " ".join(scene).lower()
    season = "snow on the ground" if setting.white and setting.weather is not Weather.SNOWFALL else ""
    wanted = (_HOURS[setting.hour], _WEATHER[setting.weather], season)
    return tuple(part for part in wanted if part and part.split()[-1] not in said)


def _colours(setting: Setting, direction: ArtDirection) -> tuple[str, ...]:
    return tuple(part for part in (direction.palette or _PALETTE[setting.mood],) if part)


def manner_words(direction: ArtDirection) -> tuple[str, ...]:
    """What an art direction adds to a prompt: medium and era."""
    medium = direction.medium or PRESETS.get(direction.preset, direction.preset)
    return tuple(part for part in (medium, direction.era) if part)


def _join(parts: Sequence[_Part], limit: int) -> str:
    """Takes whole clauses in the order of rank while they fit, then puts them in the order of place."""
    kept: dict[int, list[str]] = {}
    room = limit
    for part in sorted(parts, key=lambda part: (part.rank, part.place)):
        for clause in part.clauses:
            if len(clause) + 2 > room:
                break
            kept.setdefault(part.place, []).append(clause)
            room -= len(clause) + 2
    pieces = [_sentence(kept[place], place) for place in sorted(kept) if kept[place]]
    return " ".join(piece for piece in pieces if piece)


def _sentence(clauses: Sequence[str], place: int) -> str:
    """The scene's clauses keep their own marks; lists are joined by semicolons. All end with a stop."""
    text = (" " if place == 0 else "; ").join(clause for clause in clauses if clause)
    text = re.sub(r"[,;:—\s]+$", "", text)
    return text if not text or text.endswith((".", "!", "?", "…")) else text + "."
