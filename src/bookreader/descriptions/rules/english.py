"""English words and their forms."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from bookreader.descriptions.rules.data import Entry, entries

_ENDINGS = {
    "ness": "abstract", "tion": "abstract", "sion": "abstract", "ment": "abstract", "ity": "abstract",
    "ism": "abstract", "ance": "abstract", "ence": "abstract", "ship": "abstract", "hood": "abstract",
    "n't": "negation",
}  # fmt: skip
"""What the end of a word says that is in no list."""


class Two(NamedTuple):
    """The classes of a word as a noun and as a verb. `acts`: it is a past or an -ing form, and so rather a verb."""

    noun: frozenset[str]
    verb: frozenset[str]
    acts: bool


class English(NamedTuple):
    classes_of: Callable[[str], Collection[str]]
    senses: Mapping[str, Two]


def load() -> English:
    """The word lists with all forms. What `classes_of` says of a word that is in `senses` holds in both."""
    tables: dict[str, defaultdict[str, set[str]]] = {part: defaultdict(set) for part in ("noun", "verb", "word")}
    acting: set[str] = set()
    for entry in entries("en.txt"):
        forms = _forms(entry)
        for form in forms:
            tables[_TABLES[entry.part]][form].add(entry.name)
        if entry.part in ("verb", "form"):
            acting.update(form for form in forms if form != entry.word and not form.endswith("s"))
    nouns, verbs, words = tables["noun"], tables["verb"], tables["word"]
    senses = {
        word: Two(frozenset(nouns[word]), frozenset(verbs[word]), word in acting) for word in nouns & verbs.keys()
    }
    known = {
        word: words.get(word, set()) | (set() if word in senses else nouns.get(word, set()) | verbs.get(word, set()))
        for word in {*nouns, *verbs, *words}
    }
    return English(lambda word: _classes(word, known), senses)


_TABLES = {"noun": "noun", "adjective": "noun", "verb": "verb", "form": "verb", "word": "word"}


def _classes(word: str, known: Mapping[str, Collection[str]]) -> Collection[str]:
    word = word.replace("’", "'")
    found = known.get(word)
    if found is None and word.endswith("'s"):
        found = known.get(word[:-2])
    if found is None and "-" in word:
        found = next((known[part] for part in reversed(word.split("-")) if part in known), None)
    if found is None:
        found = [name for ending, name in _ENDINGS.items() if len(word) > len(ending) + 2 and word.endswith(ending)]
    return found


def _forms(entry: Entry) -> list[str]:
    word = entry.word
    if entry.part == "noun":
        return [word, *(entry.forms or (_with_s(word),))]
    if entry.part == "verb":
        stem = _stem(word)
        return [word, _with_s(word), f"{_without_e(stem)}ing", *(entry.forms or (_past(word, stem),))]
    if entry.part == "adjective":
        return [word, *_degrees(word)]
    return [word, *entry.forms]


def _with_s(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}s"


def _stem(word: str) -> str:
    """With the last consonant doubled where a short word asks for it: `drop`, `dropp`."""
    short = len(word) >= 3 and word[-1] not in "aeiouwxyhk" and word[-2] in "aeiou" and word[-3] not in "aeiou"
    return word + word[-1] if short and sum(sound in "aeiou" for sound in word) == 1 else word


def _without_e(stem: str) -> str:
    if stem.endswith("ie"):
        return f"{stem[:-2]}y"
    return stem if stem.endswith(("ee", "ye", "oe")) else stem.removesuffix("e")


def _past(word: str, stem: str) -> str:
    if word.endswith("e"):
        return f"{word}d"
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ied"
    return f"{stem}ed"


def _degrees(word: str) -> tuple[str, ...]:
    if len(word) > 7 or "-" in word:
        return ()
    if word.endswith("y"):
        return f"{word[:-1]}ier", f"{word[:-1]}iest"
    stem = _stem(word).removesuffix("e")
    return f"{stem}er", f"{stem}est"
