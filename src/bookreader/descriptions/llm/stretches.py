"""What a language model is given of a chapter at a time: its prose in numbered paragraphs. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bookreader.descriptions.rules.blocks import Block, Role, split_blocks
from bookreader.descriptions.rules.sentences import split_sentences

LARGEST = 7_000
"""Code points of a stretch."""
FEWEST = 20
"""Words below which a stretch holds nothing to draw."""


@dataclass(frozen=True)
class Numbered:
    """A paragraph, or a part of an endless one: code points of the chapter text, half-open; `number` from 1."""

    number: int
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Stretch:
    """Neighbouring paragraphs of a chapter. The same text is always cut into the same stretches."""

    paragraphs: tuple[Numbered, ...]

    @property
    def start(self) -> int:
        return self.paragraphs[0].start

    @property
    def end(self) -> int:
        return self.paragraphs[-1].end

    @cached_property
    def words(self) -> int:
        return sum(len(paragraph.text.split()) for paragraph in self.paragraphs)


def split_stretches(text: str) -> list[Stretch]:
    """The prose of a chapter; headings, verse, lists, notes, front and back matter are given to nobody."""
    return [stretch for stretch in _stretches(text) if stretch.words >= FEWEST]


def _stretches(text: str) -> Iterator[Stretch]:
    here: list[Numbered] = []
    length = 0
    for start, end in _pieces(text):
        if here and length + end - start > LARGEST:
            yield Stretch(tuple(here))
            here, length = [], 0
        here.append(Numbered(len(here) + 1, start, end, text[start:end]))
        length += end - start
    if here:
        yield Stretch(tuple(here))


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    for block in split_blocks(text):
        if block.role is Role.PROSE:
            yield from _cut(block) if block.end - block.start > LARGEST else [(block.start, block.end)]


def _cut(block: Block) -> Iterator[tuple[int, int]]:
    """A paragraph without end, at its sentences."""
    begin = last = 0
    for start, end in split_sentences(block.text):
        if end - begin > LARGEST:
            yield block.start + begin, block.start + last
            begin = start
        last = end
    yield block.start + begin, block.start + last
