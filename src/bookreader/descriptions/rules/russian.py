"""Russian words, found by their dictionary form."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any

from bookreader.descriptions.rules.data import entries
from bookreader.descriptions.rules.naming import Naming

_PARTS = {
    "NOUN": "noun", "ADJF": "adjective", "ADJS": "adjective", "COMP": "adjective", "VERB": "verb", "INFN": "verb",
    "PRTF": "participle", "PRTS": "participle", "GRND": "verb",
}  # fmt: skip
"""Parts of speech as the word list names them, by their names in the dictionary."""


_NAMED = ("Name", "Surn", "Patr", "Geox")
"""What the dictionary calls names of people and places."""
KEPT = 5000
"""Words of which the analysis is remembered."""


class Dictionary(Naming):
    """Looks words up; only where the readings of one say different things is it weighed which is meant."""

    def __init__(self) -> None:
        from pymorphy3.analyzer import MorphAnalyzer  # noqa: PLC0415 - English does not pay for the dictionaries
        from pymorphy3.units.by_analogy import UnknownPrefixAnalyzer  # noqa: PLC0415

        self._known: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for entry in entries("ru.txt"):
            self._known[entry.word, "" if entry.part == "word" else entry.part].add(entry.name)
        self._cutter: Any = UnknownPrefixAnalyzer
        analyser: Any = MorphAnalyzer()  # type: ignore[no-untyped-call]
        self._parse: Any = lru_cache(maxsize=KEPT)(analyser.parse)
        self._dictionary: Any = analyser.dictionary
        self._yo: Any = self._dictionary.words.compile_replaces({"е": "ё"})

    def classes_of(self, word: str) -> Collection[str]:
        """The classes of a word, by its dictionary form and part of speech; ё is е."""
        plain = word.replace("ё", "е")
        listed = self._known.get((plain, ""))
        if listed is not None:
            return listed
        readings = set(self._readings(word))
        if len(readings) > 1:
            best = self._parse(word)[0]
            return self._classes(best.normal_form, best.tag)
        if not readings and "-" in plain:
            return self.classes_of(plain.rpartition("-")[2])
        return next(iter(readings), frozenset())

    def thing(self, word: str) -> str:
        """The word in the nominative."""
        return self._nominative(word, self._parse(word)[0])

    def name(self, words: list[str]) -> str:
        """A name in the nominative; gender and number stay. Its words are of one case and gender."""
        reading = self._named(words[0])
        forms = [self._nominative(words[0], reading)]
        for word in words[1:]:
            fits = (one for one in self._parse(word) if _agree(one.tag, reading.tag))
            forms.append(self._nominative(word, next(fits, None) or self._named(word)))
        return " ".join(form.capitalize() if word.istitle() else word for form, word in zip(forms, words, strict=True))

    def groups(self, words: list[str]) -> list[int]:
        """Names that stand in different cases are of different people."""
        sizes: list[int] = []
        for place, word in enumerate(words):
            if sizes and self._in_one_case(words[place - 1], word):
                sizes[-1] += 1
            else:
                sizes.append(1)
        return sizes

    def _in_one_case(self, one: str, other: str) -> bool:
        first, second = self._cases(one), self._cases(other)
        return not first or not second or bool(first & second)

    def _cases(self, word: str) -> set[Any]:
        return {reading.tag.case for reading in self._parse(word) if reading.tag.case}

    def phrase(self, words: list[str]) -> str:
        """Adjectives and their noun, which stands last, in the nominative: `красный кафтан`, not `красном кафтане`."""
        for noun in (one for one in self._parse(words[-1].lower()) if one.tag.POS == "NOUN"):
            adjectives = [self._describing(word, noun) for word in words[:-1]]
            if all(adjectives):
                forms = [self._nominative(one.word, one) for one in (*adjectives, noun)]
                return " ".join(forms)
        return ""

    def _describing(self, word: str, noun: Any) -> Any:
        return next((one for one in self._parse(word.lower()) if _describes(one.tag, noun.tag)), None)

    def is_place(self, words: list[str]) -> bool:
        return all(self._marks(word) == {"Geox"} for word in words)

    def _marks(self, word: str) -> set[str]:
        """Of the readings of a word; a guess is a mark of its own."""
        found = self._parse(word)
        return {"" if self._cut(one) else mark for one in found for mark in _NAMED if mark in one.tag}

    def _cut(self, reading: Any) -> bool:
        """Whether it is guessed by cutting off the beginning of the word; what is left of a name is another name."""
        return any(isinstance(step[0], self._cutter) for step in reading.methods_stack)

    def _named(self, word: str) -> Any:
        """The best reading as a name; a surname by itself is rather one man's: `Пугачёву`, `Зурин`."""
        readings = self._parse(word)
        named = [one for one in readings if any(mark in one.tag for mark in _NAMED) and not self._cut(one)]
        if named and "Surn" in named[0].tag:
            named.sort(key=lambda one: (one.tag.number != "sing", one.tag.gender != "masc"))
        nouns = [one for one in readings if one.tag.POS == "NOUN"]
        return (named or nouns or readings)[0]

    def _nominative(self, word: str, reading: Any) -> str:
        form = reading.inflect({"nomn"}) if reading.tag.case else None
        return str(form.word if form else word)

    def _readings(self, word: str) -> Iterator[frozenset[str]]:
        for form, paradigms in self._dictionary.words.similar_items(word, self._yo):
            for paradigm, place in paradigms:
                normal = self._dictionary.build_normal_form(paradigm, place, form)
                yield self._classes(normal, self._dictionary.build_tag_info(paradigm, place))

    def _classes(self, normal: str, tag: Any) -> frozenset[str]:
        plain, part = normal.replace("ё", "е"), _PARTS.get(str(tag.POS), "")
        found = self._known.get((plain, part))
        if found is None and part == "participle":
            found = self._known.get((plain, "verb"))
        if part == "verb" and "past" in tag:
            return frozenset((*(found or ()), "past", *(("perfective",) if "perf" in tag else ())))
        return frozenset(found or ())


def _agree(one: Any, other: Any) -> bool:
    return one.POS in ("NOUN", "ADJF") and one.case == other.case and one.gender in (other.gender, None)


def _describes(adjective: Any, noun: Any) -> bool:
    same = adjective.case == noun.case and adjective.number == noun.number
    return adjective.POS in ("ADJF", "PRTF") and same and adjective.gender in (noun.gender, None)
