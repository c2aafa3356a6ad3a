"""Paragraphs that people judged: is this one worth a picture, and of what?

Those of `paragraphs/` are the project's own; the development labels are in the folder that BOOKREADER_CORPUS names.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bookreader.descriptions.rules.blocks import split_blocks
from bookreader.descriptions.rules.lexicon import lexicon_of
from bookreader.descriptions.rules.paragraphs import Paragraph, Sentence, read_paragraph, seen_in

DEVELOPMENT = "development"
OWN = ("classics", "modern")
_FOLDER = Path(__file__).parent / "paragraphs"


@dataclass(frozen=True)
class Labelled:
    """`kind` is what the picture would be of, None where there would be none."""

    source: str
    language: str
    book: str
    kind: str | None
    text: str

    @property
    def worthy(self) -> bool:
        return self.kind is not None

    @cached_property
    def paragraph(self) -> Paragraph:
        return read_paragraph(split_blocks(self.text)[0], lexicon_of(self.language))

    @cached_property
    def seen(self) -> Sequence[Sentence]:
        return seen_in(self.paragraph, lexicon_of(self.language))


def own_labels() -> list[Labelled]:
    return [label for name in OWN for label in _own(name)]


def development_labels() -> list[Labelled]:
    """Empty where BOOKREADER_CORPUS names no folder with them."""
    folder = os.environ.get("BOOKREADER_CORPUS")
    path = Path(folder or "", "labels-dev.jsonl")
    if not folder or not path.is_file():
        return []
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [Labelled(DEVELOPMENT, row["lang"], row["book"], row["type"], row["text"]) for row in rows]


def _own(name: str) -> Iterator[Labelled]:
    language = book = ""
    for line in (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            language, book = line.strip("[]").split()
        elif line.startswith("- "):
            yield Labelled(name, language, book, None, line[2:])
        elif line and not line.startswith("#"):
            kind, _, text = line.partition(" | ")
            yield Labelled(name, language, book, kind, text)
