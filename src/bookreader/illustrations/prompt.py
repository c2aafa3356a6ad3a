"""Builds the prompt of an illustration from its passage: what is seen, then who, where, in what light and manner.

Pure: the same input gives the same prompt. Order, limits and framing follow extraction.md, "Prompt".
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bookreader.descriptions.sheets import sex_of
from bookreader.illustrations.gloss import FEWEST_GLOSSES, SOMEBODY, gloss, glossed_look
from bookreader.illustrations.plates.phrase import UNSEEN, visible_words
from bookreader.illustrations.plates.setting import Hour, Mood, Setting, Weather, read_setting

PROMPT_VERSION = "3"
DEFAULT_LIMIT = 1500
MOST_PEOPLE = 2
SCENE_LENGTH = 500

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
    setting = read_setting(passage, tone=tone, language=language)
    told = _Told(passage, type, language, setting, tuple(people))
    readable = reads_language or language.lower().startswith("en")
    listed = () if caption or readable else gloss(passage, things, setting)
    handling = _handling(caption, listed)
    russian = handling is Handling.AS_IS and language.lower().startswith("ru")
    present = _labelled(
        _present(f"{passage}\n{caption or ''}", looks, people), passage, _SEXES_RU if russian else _SEXES
    )
    scene = _peopled(listed, told, present) if handling is Handling.GLOSSED else _scene(told, caption, present)
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
    """Where the passage shows somebody, -1 where it does not.

    Whose things it names ("Flint's treasure") is not there, and "the Argo" is no person; "the Queen", a role, is.
    """
    if _find(name, passage) < 0:
        return named.get(name, -1)
    if _is_family(name, passage):
        return -1
    article = "" if _role(name) else r"(?<!\b[Tt]he )"
    shown = re.search(rf"{article}(?<!\w){_spelt(name)}(?!\w)(?![’']s\s+(?!{_BODY}))", passage)
    return shown.start() if shown else -1


def _is_family(name: str, text: str) -> bool:
    """ "these young Cratchits" are several."""
    many = r"(?:two|three|four|[Tt]hese|[Tt]hose|the|both|all|several)\s+(?:[a-z]+\s+)?"
    return name.endswith("s") and re.search(rf"\b{many}{re.escape(name)}(?!\w)", text) is not None


_BODY = (
    r"(?:hands?|fingers?|eyes?|face|head|arms?|voice|figure|hair|lips?|mouth|feet|foot|shoulders?|back|cheeks?|neck)\b"
)
_ROLES = re.compile(
    r"(?:rabbit|scarecrow|lion|woodman|witch|wizard|hatter|hare|cat|dormouse|caterpillar|mouse|gryphon|turtle|duchess|"
    r"queen|king|knave|captain|doctor|squire|judge|phantom|spirit|ghost|sergeant|priest|bishop)$"
)


def _role(name: str) -> str:
    """ "a white rabbit" of the White Rabbit: a name that says what somebody is."""
    words = name.lower()
    if not _ROLES.match(words.split()[-1]):
        return ""
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


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
    if sexes is _SEXES:
        titled = (label for name in look.names for title, label in _TITLES if re.match(rf"{title}\.?\s", name))
        roles = (role for name in look.names if (role := _role(name)))
        if found := next(titled, None) or next(roles, None):
            return found
    return sexes.get(look.sex) or _someone(next(iter(look.names)), passage, sexes)


def _spelt(name: str) -> str:
    """A pattern of the name: Russian books write ё or е."""
    return re.sub("[её]", "[её]", re.escape(name))


def _find(name: str, passage: str) -> int:
    match = re.search(rf"(?<!\w){_spelt(name)}(?!\w)", passage)
    return match.start() if match else -1


@dataclass(frozen=True)
class _Told:
    """A passage and what is known of it."""

    passage: str
    type: str
    language: str
    setting: Setting
    people: tuple[str, ...]


def _handling(caption: str | None, listed: Sequence[str]) -> Handling:
    if caption:
        return Handling.CAPTION
    return Handling.GLOSSED if len(listed) >= FEWEST_GLOSSES else Handling.AS_IS


def _scene(told: _Told, caption: str | None, present: Sequence[Look]) -> tuple[str, ...]:
    """The clauses that say what is seen, best kept from the front."""
    seen = caption or _literal(_visible(_spoken_removed(_plain(told.passage)), told.type))
    return _clauses(_without_names(seen, told, present))


_UNSEEN_MARKS = str.maketrans("", "", UNSEEN)
_ASIDE = re.compile(
    r",?\s*\b(?:I (?:say|think|suppose|believe|dare say|must say|fancy|remember|confess)|"
    r"as I(?: may)? have (?:said|mentioned)|in short|to be sure|of course|it seems|so to speak|"
    r"казалось|кажется|по-видимому|должно быть|быть может|может быть|как известно|разумеется|надо сказать)\s*(?=[,—;])",
    re.IGNORECASE,
)


def _plain(passage: str) -> str:
    """Without marks that nobody sees, brackets, and what the narrator says to the reader."""
    text = re.sub(r"\s*\([^()]*\)", "", passage.translate(_UNSEEN_MARKS))
    return re.sub(r",\s*,", ",", _ASIDE.sub("", text))


def _peopled(listed: tuple[str, ...], told: _Told, present: Sequence[Look]) -> tuple[str, ...]:
    """The list of a passage that is about somebody begins with somebody."""
    if told.type not in ("character", "action") or listed[0].strip(",") in SOMEBODY:
        return listed
    labels = [look.label for look in present if look.label != "someone"] or [_by_pronoun(told.passage)]
    return (*(f"{label}," for label in labels), *listed)


def _by_pronoun(passage: str) -> str:
    """Whom a Russian passage without a name or a figure is about."""
    return _SEXES.get(_sex_by_pronoun(passage, "он|его|ему", "она|её|ее|ей"), "a person")


def _sex_by_pronoun(text: str, he: str, she: str) -> str:
    """Whose pronouns there are more of: man, woman, or empty."""
    men, women = (len(re.findall(rf"\b(?:{words})\b", text, re.IGNORECASE)) for words in (he, she))
    return "" if men == women else "man" if men > women else "woman"


def _told_look(look: Look, handling: Handling) -> str:
    """How somebody looks, in the language of the prompt."""
    return look.look if handling is Handling.AS_IS or not _CYRILLIC.search(look.look) else glossed_look(look.look)


_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)


# --- what can be seen -------------------------------------------------------------------------------------------------

_QUOTED = re.compile(r"“[^”]*(?:”|$)|«[^»]*(?:»|$)|\"[^\"]*(?:\"|$)|(?<!\w)‘[^’]*’(?!\w)")
_DASH_SPEECH = re.compile(r"^\s*(?:[—–-]|--)\s.*$", re.MULTILINE)
_SAYS = r"(?:said|cried|asked|replied|exclaimed|answered|whispered|muttered|shouted|returned|continued|observed)"
_REPORT = re.compile(
    rf"(?:^|(?<=[.!?…,;]))\s*{_SAYS}\s+(?:the\s+)?\w+(?:\s[A-Z]\w+)?\s*[,.;:]\s*(?=[A-ZА-ЯЁ]|$)|"
    rf",?\s*(?:\band\s+)?\b{_SAYS}\s*[,:—]*\s*$"
)
_SENTENCES = re.compile(r"(?<=[.!?…])[\"”»’)]*\s+(?=[A-ZА-ЯЁ«“\"‘—])")
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Capt|Col|Prof|Rev|No|Esq)\.$")
_THOUGHT = re.compile(
    r"\b(?:thought|wondered|remembered|believed|hoped|wished|knew|supposed|felt sure|decided|resolved|understood|meant|"
    r"meaning|imagin\w+|reminiscences?|pondered|(?:would|could|might|must|should) have|perhaps|how many|used to|"
    r"думал\w*|подумал\w*|вспомнил\w*|знал\w*|понял\w*|решил\w*|надеял\w*|казалось|полагал\w*)\b",
    re.IGNORECASE,
)
_SIMILES = (
    (
        re.compile(
            r"(?<!\bnot )\bas (?!well|soon|long|far|much|many|good)(\w+) as "
            r"(?:(?:an?|the)\s+\w+(?:\s+of\s+(?:an?\s+|the\s+)?\w+)?|[a-z]+(?=[,.;:!?—]|$)|(?:if|though)\s[^,.;:!?—]*)"
        ),
        r"\1",
    ),
    (re.compile(r",?\s*\b(?:as if|as though)\b[^,.;:!?—]*", re.IGNORECASE), ""),
    (
        re.compile(
            r",?\s*(?<!should )(?<!would )(?<!I )(?<!you )(?<!shaped )(?<!looked )(?<!looks )"
            r"\blike (?:an?|the|some|so many|those|that)\b"
            r"(?:(?!\sand\s)[^,.;:!?—])*"
        ),
        "",
    ),
    (re.compile(r",?\s*\b(?:словно|будто|точно|как будто|подобно)\b[^,.;:!?—]*", re.IGNORECASE), ""),
)


def _spoken_removed(passage: str) -> str:
    """The passage without speech; a passage that shows things in its speech alone keeps that."""
    told = _REPORT.sub(" ", _QUOTED.sub(_named_in_quotes, _DASH_SPEECH.sub(_remarks, passage)).strip())
    return told if visible_words(told) else re.sub(r"[“”«»\"]", "", passage)


def _named_in_quotes(quoted: re.Match[str]) -> str:
    """A word or two in quotation marks are a name, not speech."""
    words = quoted[0].strip('“”«»"‘’')
    return " " if words[-1:] in ",.!?…—" or len(words.split()) > 2 else words


def _remarks(line: re.Match[str]) -> str:
    """What the author says between the pieces of a line of speech, as sentences."""
    pieces = re.split(r"(?<=[,.!?…])\s*(?:[—–-]|--)\s+", line[0])
    said = (piece.strip(" ,.:") for piece in pieces[1::2] if piece[:1].islower())
    return " ".join(f"{piece[:1].upper()}{piece[1:]}." for piece in said)


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
    ranked = sorted(sentences, key=_shows, reverse=True)
    chosen: set[str] = set()
    for sentence in ranked:
        if not chosen or sum(map(len, chosen)) + len(sentence) <= SCENE_LENGTH:
            chosen.add(sentence)
    return [sentence for sentence in sentences if sentence in chosen]


_FELT = re.compile(
    r"(?<!\w)(?:felt|feel|trouble|horror|rage|sorrow|grief|joy|delight|despair|hope|mind|soul|opinion|reader|"
    r"чувств|горе|радост|отчаян|надежд|душ[аеиу]|мысл|мнени)\w*",
    re.IGNORECASE,
)


def _shows(sentence: str) -> float:
    """How much of a sentence an eye can follow: not what somebody feels."""
    shown = visible_words(sentence) - len(_FELT.findall(sentence))
    return shown / math.pow(len(sentence.split()), 0.7)


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
    pieces = re.findall(r"(?:[^,;:.!?…—]|(?<=Mr)\.|(?<=Dr)\.|(?<=Mrs)\.|(?<=\d)[.,](?=\d))+[,;:.!?…—]*[)”»]*", text)
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
_NAME = r"[A-Z]\w+(?:[\s’'-]+[A-Z]\w+)*"


def _without_names(text: str, told: _Told, present: Sequence[Look]) -> str:
    """Puts a label where a model cannot know the name: the person's own, else what title or pronouns tell."""
    for look in present:
        names = sorted(look.names, key=len, reverse=True)
        text = _replace_name(text, "|".join(map(_spelt, names)), look.label)
    for title, label in _TITLES:
        text = _replace_name(text, rf"{title}\.?\s+{_NAME}", label)
    given = {look.label for look in present}
    sexes = _SEXES_RU if _CYRILLIC.search(text) else _SEXES
    for name in sorted(_personal(told.people, text), key=lambda name: (_find(name, text), -len(name))):
        label = _someone(name, told.passage, sexes)
        if label == _UNKNOWN:
            continue  # in Russian a name in its case reads better than a word in the wrong one
        text = _replace_name(text, _spelt(name), _another(label) if label in given else label)
        given.add(label)
    return _together(text)


def _replace_name(text: str, pattern: str, label: str) -> str:
    """The first time by the label, then by its definite form. "the old X" and "poor X" keep their words."""
    definite = re.sub(r"^an?\s", "the ", label.replace("another ", "the other "))
    seen = re.compile(
        rf"(?P<the>\b(?:[Tt]he|[Aa]n?|[Tt]his|[Tt]hat|[Mm]y|our|your|their)\s+)?(?P<fond>(?:\b(?:{_FONDLY})\s+)*)"
        rf"(?<!\w)(?:{pattern})(?P<s>[’']s)?(?!\w)"
    )
    labels = iter([label])

    def called(match: re.Match[str]) -> str:
        full = next(labels, definite)
        if match["the"] or match["fond"]:
            noun = re.sub(r"^(?:an?|another|the|the other)\s", "", full).replace("someone", "person")
            full = f"{match['the'] or ('a ' if full == label else 'the ')}{match['fond']}{noun}"
        return full + (match["s"] or "")

    return seen.sub(called, text)


_FONDLY = r"dear|poor|old|young|little|good|great|brave|honest|sweet|noble|famous|unhappy|unfortunate|\w+-petted"


_UNKNOWN = "кто-то"
_OTHERS = {
    "someone": "someone else",
    _UNKNOWN: "кто-то другой",
    "мужчина": "другой мужчина",
    "женщина": "другая женщина",
}


def _another(label: str) -> str:
    """The label of the second of two who look alike from afar."""
    return _OTHERS.get(label) or re.sub(r"^an?\s", "another ", label)


def _together(text: str) -> str:
    """A list of people nobody can tell apart is a number of people."""
    one = r"(?:an?other|a|some)\s?(?:man|woman|one)(?:\s+else)?"
    return re.sub(rf"\b{one}(?:,\s+{one})+,?\s+and\s+{one}\b", "several people", text)


_NO_PERSON = re.compile(
    r"(?:[iy]ans?|ish|men|ese)$|^(?:England|France|Russia|Spain|Italy|Germany|Austria|Prussia|Poland|America|Europe|"
    r"God|Heaven|Бог|Господь)$"
)


def _personal(names: Sequence[str], text: str) -> list[str]:
    """Names that look like one person's: capitals, and not a place ("in London", "the Thames") or a people."""
    place = rf"(?:\b(?:in|at|to|from|near|of|off|de|la|through|[Tt]he(?:\s+(?!{_FONDLY})[a-z]+)?|в|из|на|под)\s+)"
    written = [
        name
        for name in names
        if name[:1].isupper() and not name.isupper() and _find(name, text) >= 0 and not _NO_PERSON.search(name)
    ]
    return [
        name
        for name in written
        if not re.search(rf"{place}{re.escape(name)}(?!\w)", text) and not _is_family(name, text)
    ]


def _someone(name: str, text: str, sexes: Mapping[str, str]) -> str:
    """By the pronouns of the sentences that name the person, by the ending of a Russian verb, or by a first name."""
    if re.search(r"[а-яё]", text):
        sex = _sex_by_verb(name, text) or sex_of(name)
        return sexes.get(sex, "someone" if sexes is _SEXES else _UNKNOWN)
    near = " ".join(sentence for sentence in _sentences(text) if _find(name, sentence) >= 0)
    if sex := _sex_by_pronoun(near, "he|his|him", "she|her|hers"):
        return _SEXES[sex]
    return sexes.get(sex_of(name), "someone")


def _sex_by_verb(name: str, text: str) -> str:
    """Of "сказала Анна" and "Иван тихо встал"."""
    for sex, ending in (("woman", r"ла(?:сь)?"), ("man", r"л(?:ся)?")):
        verb, written = rf"\w{{2,}}{ending}(?!\w)", rf"(?<!\w){_spelt(name)}(?!\w)"
        if re.search(rf"{written}\s+(?:(?!(?:и|а|но)\s)\w+\s+)?{verb}|(?<!\w){verb}\s+{written}", text):
            return sex
    return ""


# --- manner -----------------------------------------------------------------------------------------------------------


def _surroundings(setting: Setting, scene: Sequence[str]) -> tuple[str, ...]:
    """Hour and weather, unless the scene says so already in the same words."""
    said = " ".join(scene).lower()
    season = "snow on the ground" if setting.white and setting.weather is not Weather.SNOWFALL else ""
    hour = "" if setting.dark and setting.has("sun") else _HOURS[setting.hour]
    wanted = (hour, _WEATHER[setting.weather], season)
    return tuple(part for part in wanted if part and part.split()[-1] not in said)


def _colours(setting: Setting, direction: ArtDirection) -> tuple[str, ...]:
    told = _PALETTE[setting.mood]
    if setting.dark and setting.mood in (Mood.JOY, Mood.GRIEF):
        told = told.partition(",")[0]  # no soft or grey light at night
    return tuple(part for part in (direction.palette or told,) if part)


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
