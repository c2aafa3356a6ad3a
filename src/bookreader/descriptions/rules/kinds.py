"""What the picture of a passage would be of."""

from collections.abc import Sequence
from math import exp
from typing import NamedTuple

from bookreader.descriptions.rules.description import Kind
from bookreader.descriptions.rules.features import outline
from bookreader.descriptions.rules.model import kind_weights
from bookreader.descriptions.rules.paragraphs import Sentence


class Kinds(NamedTuple):
    """The most likely type and the next; `share` is the probability of the first, 0 to 1."""

    first: Kind
    second: Kind
    share: float


def kinds_of(sentences: Sequence[Sentence]) -> Kinds:
    features = outline(sentences)
    scores = {Kind(kind): weights.score(features) for kind, weights in kind_weights().items()}
    first, second = sorted(scores, key=lambda kind: -scores[kind])[:2]
    return Kinds(first, second, 1 / sum(exp(score - scores[first]) for score in scores.values()))
