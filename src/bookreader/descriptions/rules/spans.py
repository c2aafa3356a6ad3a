"""Which stretch of text becomes a description: neighbours join, what is too long is cut to its best sentences."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bookreader.descriptions.rules.paragraphs import Paragraph, Sentence

LONGEST = 180
"""Words of a description."""
SENTENCES = 4
"""Sentences of a description that is cut out of a longer paragraph."""
APART = 400
"""Words of a long paragraph for each description after the first that is cut out of it."""
WEAK = 0.4
"""A sentence at the end is left out that shows less for its length than this part of what the passage shows."""
LEAD = 2
"""Sentences before a passage that are taken into it to say who or what `he` and `it` are."""

Sentences = tuple[Sentence, ...]
Judge = Callable[[Sentences], float]


@dataclass(frozen=True)
class Passage:
    """A stretch of sentences; `score` is the probability that it is worth a picture."""

    sentences: Sentences
    score: float

    @property
    def start(self) -> int:
        return self.sentences[0].start

    @property
    def end(self) -> int:
        return self.sentences[-1].end

    @property
    def words(self) -> int:
        return _length(self.sentences)


def find_passages(scored: Sequence[tuple[Paragraph, float]], threshold: float, judge: Judge) -> Iterator[Passage]:
    """Passages in the order of the text, none overlapping, each with a score from `threshold` up.

    `judge` scores what is cut out of a paragraph that is too long to be a description.
    """
    group: list[tuple[Paragraph, float]] = []
    for paragraph, score in scored:
        length = paragraph.words + paragraph.spoken
        if length > LONGEST or score < threshold or _words(group) + length > LONGEST:
            yield from _joined(group)
            group = []
        if length > LONGEST:
            yield from _cut_out(paragraph.sentences, threshold, judge)
        elif score >= threshold:
            group.append((paragraph, score))
    yield from _joined(group)


def is_same_passage(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two spans of a chapter share more than half of the shorter one."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return 2 * shared > min(one[1] - one[0], other[1] - other[0])


def _words(group: Sequence[tuple[Paragraph, float]]) -> int:
    return sum(paragraph.words + paragraph.spoken for paragraph, _ in group)


def _joined(group: Sequence[tuple[Paragraph, float]]) -> Iterator[Passage]:
    if group:
        sentences = tuple(sentence for paragraph, _ in group for sentence in paragraph.sentences)
        yield Passage(_trimmed(sentences), max(score for _, score in group))


def _trimmed(sentences: Sentences) -> Sentences:
    """Without the sentences at either end that show much less than the passage does."""
    least = WEAK * sum(sentence.particulars for sentence in sentences) / max(_length(sentences), 1)
    shown = [place for place, one in enumerate(sentences) if one.particulars > least * (one.words + one.spoken)]
    return _whole(sentences, shown[0], shown[-1] + 1) if shown else sentences


def _whole(sentences: Sentences, first: int, after: int) -> Sentences:
    """A stretch with what it needs to be understood: no half of a speech, no `he` of whom it does not say who he is,
    and no `he said:` at its end without what he said."""
    begin = first
    while begin and (sentences[begin].inside or (sentences[begin].leans and first - begin < LEAD)):
        begin -= 1
    if not sentences[begin].leans and _length(sentences[begin:after]) <= LONGEST:
        first = begin
    while after < len(sentences) and sentences[after].inside:
        after += 1
    while after - first > 1 and sentences[after - 1].announces:
        after -= 1
    return sentences[first:after]


def _cut_out(sentences: Sentences, threshold: float, judge: Judge) -> Iterator[Passage]:
    most = 1 + _length(sentences) // APART
    chosen: list[Passage] = []
    for window in sorted(_windows(sentences), key=lambda one: -_worth(one)):
        if all(window[-1].end <= other.start or other.end <= window[0].start for other in chosen):
            chosen.append(Passage(window, judge(window)))
        if len(chosen) == most:
            break
    yield from sorted((one for one in chosen if one.score >= threshold), key=lambda one: one.start)


def _windows(sentences: Sentences) -> Iterator[Sentences]:
    """Every stretch of a few sentences that is short enough."""
    for first in range(len(sentences)):
        for after in range(first + 1, min(first + SENTENCES, len(sentences)) + 1):
            window = _whole(sentences, first, after)
            if _length(window) > LONGEST:
                break
            yield window


def _worth(window: Sentences) -> float:
    return sum(sentence.particulars for sentence in window) / (_length(window) + 25)


def _length(sentences: Sequence[Sentence]) -> int:
    return sum(sentence.words + sentence.spoken for sentence in sentences)
