"""Reads a paragraph: its sentences, what is told in them and what is spoken."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from bookreader.descriptions.rules.blocks import Block, Role, split_blocks
from bookreader.descriptions.rules.classes import AGENT, counts
from bookreader.descriptions.rules.data import listed
from bookreader.descriptions.rules.dialogue import Span, masked, speech_spans
from bookreader.descriptions.rules.lexicon import Lexicon, Word
from bookreader.descriptions.rules.sentences import split_sentences

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")

_COMPARED = {
    "like ": re.compile(
        r"\blike(?<!\bI like)(?<!\byou like)(?<!\bwe like)(?<!\bthey like)(?<!\bto like)(?<!\bnot like)(?<!t like)"
        r"(?<!ould like) (?:an?|the|some|those|that|two|his|her|their)\b[^,.;:!?—()]*"
    ),
    "as if ": re.compile(r"\bas if\b[^,.;:!?—()]*"),
    "as though ": re.compile(r"\bas though\b[^,.;:!?—()]*"),
    " as a": re.compile(r"\b(?:as )?[a-z]+ as an? [^,.;:!?—()]*"),
    "словно ": re.compile(r"\bсловно\s[^,.;:!?—()]*"),
    "будто ": re.compile(r"\bбудто\s[^,.;:!?—()]*"),
    "точно ": re.compile(r"\bточно\s[^,.;:!?—()]*"),
    "подобно ": re.compile(r"\bподобно\s[^,.;:!?—()]*"),
}
"""Comparisons, by a word without which there is none."""


@dataclass(frozen=True)
class Sentence:
    """A sentence: code points of the chapter text, half-open.

    `words` are told by the author and `spoken` are not; `total` and `shape` (see `classes`) are those of what is told.
    `leans`: it says `he` or `it` of what the sentence before it named. `inside`: it begins in the middle of a speech.
    `announces`: it ends with a colon or the like, and what it announces is not in it.
    """

    start: int
    end: int
    words: int
    spoken: int
    names: int
    total: int
    shape: str
    leans: bool = False
    inside: bool = False
    announces: bool = False

    @cached_property
    def particulars(self) -> float:
        """How much of it can be seen, less what is only thought, denied or possible."""
        seen = counts(self.total)
        things = min(seen["concrete"], 12) + 0.8 * min(seen["looks"], 8) + 0.8 * min(seen["acts"], 6)
        unreal = 0.8 * seen["modal"] + 0.6 * seen["negation"] + 0.5 * seen["mental"] + 0.4 * seen["habit"]
        return max(0.0, things + 0.6 * seen["skies"] - unreal - 0.8 * seen["second"])


@dataclass(frozen=True)
class Paragraph:
    """A block with its sentences; one that is no prose has none."""

    block: Block
    sentences: tuple[Sentence, ...]

    @cached_property
    def words(self) -> int:
        return sum(sentence.words for sentence in self.sentences)

    @cached_property
    def spoken(self) -> int:
        return sum(sentence.spoken for sentence in self.sentences)


def classes_of(sentences: Iterable[Sentence]) -> dict[str, int]:
    """How often each class occurs in what is told."""
    return counts(sum(sentence.total for sentence in sentences))


def read_paragraph(block: Block, lexicon: Lexicon) -> Paragraph:
    if block.role is not Role.PROSE:
        return Paragraph(block, ())
    spans = _spoken(block, lexicon)
    told = _without_comparisons(masked(block.text, spans))
    ranges = split_sentences(block.text)
    return Paragraph(block, tuple(_sentence(block, part, told, lexicon, spans) for part in ranges))


_UNQUOTED = str.maketrans(dict.fromkeys('“”„"«»‘—–―', " "))


def unquoted(text: str, lexicon: Lexicon) -> Sequence[Sentence]:
    """Sentences of a text that is read as if nothing in it were spoken, and all of it prose."""
    blocks = [replace(block, role=Role.PROSE) for block in split_blocks(text.translate(_UNQUOTED))]
    return [sentence for block in blocks for sentence in read_paragraph(block, lexicon).sentences]


def seen_in(paragraph: Paragraph, lexicon: Lexicon) -> Sequence[Sentence]:
    """The sentences that say what a picture of a paragraph would be of: where the author shows nothing, the spoken
    ones do."""
    if paragraph.spoken and not any(sentence.particulars for sentence in paragraph.sentences):
        return unquoted(paragraph.block.text, lexicon)
    return paragraph.sentences


def told_of(block: Block, lexicon: Lexicon) -> str:
    """A paragraph with spaces in the place of what is spoken and of comparisons, so that offsets stay."""
    return _without_comparisons(masked(block.text, _spoken(block, lexicon)))


def _spoken(block: Block, lexicon: Lexicon) -> list[Span]:
    spans = speech_spans(block.text, lambda part: is_remark(part, lexicon))
    return [] if spans == [(0, len(block.text))] and _is_tale(block.text) else spans


def _is_tale(text: str) -> bool:
    """A long speech that goes on in the next paragraph is a tale within the tale."""
    return text[0] in "“\"‘«'" and text[-1] not in "”\"’»'" and len(text) > 150


def is_remark(part: str, lexicon: Lexicon) -> bool:
    """Whether what stands after a dash is the author's: it is in lower case, and somebody says or did something."""
    words = WORD.findall(part)[:5]
    if not words or not words[0][0].islower():
        return False
    said = counts(lexicon.read([word.lower() for word in words]).packed)
    return bool(said["speech"] or said["past"])


def _without_comparisons(text: str) -> str:
    """What something is compared with is not there to be seen."""
    for word, compared in _COMPARED.items():
        if word in text:
            text = compared.sub(lambda match: " " * len(match[0]), text)
    return text


def _sentence(block: Block, part: Span, told: str, lexicon: Lexicon, spans: list[Span]) -> Sentence:
    words = WORD.findall(told, *part)
    read, names = _read(words, lexicon)
    silent = len(WORD.findall(block.text, *part)) - len(words) if spans else 0
    return Sentence(
        block.start + part[0], block.start + part[1], len(words), silent, names, read.packed, read.letter,
        leans=part[0] > 0 and _points_back(words), inside=_is_inside(spans, part[0]),
        announces=block.text[part[1] - 1] in ":,;—–-",
    )  # fmt: skip


def _is_inside(spans: list[Span], place: int) -> bool:
    """Whether a place is within one of the spans, which are in order and apart."""
    before = bisect_left(spans, (place, 0)) - 1
    return before >= 0 and place < spans[before][1]


def _points_back(words: list[str]) -> bool:
    """`He wore`, `His coat`, `In it lay`: the one who is meant stands in the sentence before."""
    return not listed("pointing.txt", "pronoun").isdisjoint(word.lower() for word in words[:POINTING])


POINTING = 2
"""Words at the beginning of a sentence among which such a pronoun has nobody before it whom it could mean."""


def _read(words: list[str], lexicon: Lexicon) -> tuple[Word, int]:
    """A capitalised word inside a sentence is a name, whatever it means as a word."""
    plain = [word if word.islower() else _lower(word, place) for place, word in enumerate(words)]
    read = lexicon.read(plain)
    names = plain.count(NAME)
    return (Word(read.packed, _named(read.letter, plain)) if names else read), names


NAME = "\0"


def _lower(word: str, place: int) -> str:
    return word.lower() if place == 0 or word[0].islower() or (word[0] == "I" and len(word) < 5) else NAME


def _named(shape: str, words: list[str]) -> str:
    return "".join(AGENT if word == NAME else mark for word, mark in zip(words, shape, strict=True))
