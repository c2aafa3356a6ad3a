"""Passages of our own for plates and prompts: what each family of scenes is for, in English and Russian."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Passage:
    """`scene` is the family that fits; `words` where a plate of words is the honest answer."""

    scene: str
    language: str
    type: str
    text: str


def _written() -> list[Passage]:
    lines = Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines()
    return [Passage(*line.split("\t")) for line in lines]


_ODD = (
    Passage("words", "ru", "character", "— Да-с, — сказал он, — сударь! " * 12),
    Passage(
        "words", "en", "object", '“<b>&amp; "quoted" & marked</b>” – 日本 العربية \u0301\u200d — he shut the book.'
    ),
)

ALL = (*_written(), *_ODD)
PLACES = tuple(passage for passage in ALL if passage.scene != "words")
WORDS = tuple(passage for passage in ALL if passage.scene == "words")
