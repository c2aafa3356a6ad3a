"""Fits the weights of the rules to judged paragraphs: `python -m benchmarks.fit_descriptions`.

Logistic regression drawn towards weights set by hand, because a few hundred labels say little about twenty features;
in plain Python, so that the same labels give the same file on every machine.
"""

import json
from collections.abc import Sequence
from math import exp
from operator import mul
from pathlib import Path
from typing import NamedTuple

from benchmarks.labels import Labelled, development_labels, own_labels
from bookreader.descriptions.rules import data
from bookreader.descriptions.rules.description import Kind
from bookreader.descriptions.rules.features import FEATURES, KIND_FEATURES, measure, outline
from bookreader.descriptions.rules.model import Weights

FILE = Path(data.__file__).parent / "weights.json"
STRENGTH = 1.0
"""How firmly weights are drawn to those set by hand: the inverse of a variance."""
ROUNDS = 300
ENOUGH = 0.001
"""The fit ends when no weight moves by more in a round."""

WORTH = {
    "length": 1.0, "concrete": 0.5, "concrete_count": 0.7, "looks": 0.5, "looks_count": 0.5, "acts": 0.5,
    "acts_count": 0.6, "motion": 0.4, "spatial": 0.5, "skies": 0.3, "body": 0.4, "variety": 0.7, "best": 0.8,
    "spoken": -1.5, "second": -1.0, "first": -0.2, "mind": -0.7, "abstract": -0.5, "unreal": -0.4, "names": -0.3,
    "sound": -0.1, "present": -0.5, "doing": 0.3,
}  # fmt: skip
KINDS = {
    Kind.LOCATION: {"place": 2.0, "plant": 1.0, "vehicle": 0.5, "new_where": 1.0, "first_where": 0.5, "events": -0.5},
    Kind.CHARACTER: {
        "body": 1.5, "dress": 2.0, "person": 1.0, "looks": 0.7, "expression": 1.0, "third": 1.0, "new_who": 1.0,
        "new_how": 0.5,
    },
    Kind.ATMOSPHERE: {"sky": 3.0, "hour": 2.0, "shine": 1.5, "sound": 1.0, "new_when": 1.0, "first_when": 0.5},
    Kind.OBJECT: {"thing": 2.0, "new_what": 1.0, "first_what": 1.0, "events": -0.5},
    Kind.ACTION: {"doing": 2.0, "motion": 1.0, "handling": 1.0, "animal": 0.5, "events": 1.0},
}  # fmt: skip


class Example(NamedTuple):
    """`answer` is an index of the classes: 0 or 1 for worth, the place in Kind for types."""

    features: tuple[float, ...]
    answer: int


def fit(data: Sequence[Example], start: Sequence[Weights], strength: float = STRENGTH) -> list[Weights]:
    """One linear score for each class, that together fit the examples best and stay near `start`.

    Multinomial logistic regression with the fixed bound on its curvature (Böhning 1992): each round is one product
    with an inverse that is made once, and none makes the fit worse.
    """
    rows = [(1.0, *example.features) for example in data]
    columns = list(zip(*rows, strict=True))
    first = [[weights.bias, *weights.values] for weights in start]
    pull = [0.05] + [strength] * (len(first[0]) - 1)
    inverse = _inverse(_bound(columns, pull))
    current = [list(weights) for weights in first]
    for _ in range(ROUNDS):
        moved = 0.0
        errors = [_errors(row, example.answer, current) for row, example in zip(rows, data, strict=True)]
        for place, (weights, off) in enumerate(zip(current, zip(*errors, strict=True), strict=True)):
            slope = [
                _product(off, values) + firmness * (weight - begun)
                for values, firmness, weight, begun in zip(columns, pull, weights, first[place], strict=True)
            ]
            step = [_product(line, slope) for line in inverse]
            current[place] = [weight - change for weight, change in zip(weights, step, strict=True)]
            moved = max(moved, *map(abs, step))
        if moved < ENOUGH:
            break
    return [Weights(weights[0], tuple(weights[1:])) for weights in current]


def _errors(row: Sequence[float], answer: int, current: Sequence[Sequence[float]]) -> list[float]:
    chances = softmax([_product(weights, row) for weights in current])
    return [chance - (place == answer) for place, chance in enumerate(chances)]


def _product(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(map(mul, one, other))


def softmax(scores: Sequence[float]) -> list[float]:
    """Probabilities, from scores of the classes."""
    top = max(scores)
    parts = [exp(score - top) for score in scores]
    return [part / sum(parts) for part in parts]


def _bound(columns: Sequence[Sequence[float]], pull: Sequence[float]) -> list[list[float]]:
    size = range(len(pull))
    return [
        [0.5 * _product(columns[one], columns[other]) + (pull[one] if one == other else 0.0) for other in size]
        for one in size
    ]


def _inverse(matrix: list[list[float]]) -> list[list[float]]:
    """Gauss-Jordan elimination; the matrix is positive definite."""
    size = len(matrix)
    rows = [[*line, *(float(place == column) for column in range(size))] for place, line in enumerate(matrix)]
    for pivot in range(size):
        scale = rows[pivot][pivot]
        rows[pivot] = [value / scale for value in rows[pivot]]
        for row in range(size):
            if row != pivot:
                factor = rows[row][pivot]
                rows[row] = [one - factor * other for one, other in zip(rows[row], rows[pivot], strict=True)]
    return [line[size:] for line in rows]


def fit_worth(labels: Sequence[Labelled], start: Weights, strength: float = STRENGTH) -> Weights:
    data = [Example(measure(label.paragraph.sentences), int(label.worthy)) for label in labels]
    nothing = Weights(0.0, (0.0,) * len(FEATURES))
    no, yes = fit(data, [nothing, start], strength)
    return Weights(yes.bias - no.bias, tuple(one - other for one, other in zip(yes.values, no.values, strict=True)))


def fit_kinds(labels: Sequence[Labelled], strength: float = STRENGTH) -> dict[str, Weights]:
    """From the worthy labels, of all languages together: what a picture is of does not hang on the language."""
    kinds = list(Kind)
    data = [
        Example(outline(label.paragraph.sentences), kinds.index(Kind(label.kind))) for label in labels if label.kind
    ]
    start = [Weights(0.0, tuple(KINDS[kind].get(name, 0.0) for name in KIND_FEATURES)) for kind in kinds]
    return dict(zip(kinds, fit(data, start, strength), strict=True))


def by_hand() -> Weights:
    return Weights(-4.0, tuple(WORTH.get(name, 0.0) for name in FEATURES))


def fit_languages(labels: Sequence[Labelled]) -> dict[str, Weights]:
    """The Russian weights are drawn to the English ones, for there are fewer Russian labels."""
    english = fit_worth([label for label in labels if label.language == "en"], by_hand())
    return {"en": english, "ru": fit_worth([label for label in labels if label.language == "ru"], english)}


def fitted(labels: Sequence[Labelled]) -> dict[str, dict[str, dict[str, float]]]:
    """What the file of weights holds."""
    return {
        "worth": {language: _row(weights, FEATURES) for language, weights in fit_languages(labels).items()},
        "kinds": {kind: _row(weights, KIND_FEATURES) for kind, weights in fit_kinds(labels).items()},
    }


def main() -> None:
    development = development_labels()
    if not development:
        raise SystemExit("There are no development labels: set BOOKREADER_CORPUS to the folder of labels-dev.jsonl.")
    FILE.write_text(json.dumps(fitted([*development, *own_labels()]), indent=1) + "\n", encoding="utf-8")


def _row(weights: Weights, names: Sequence[str]) -> dict[str, float]:
    return {"bias": round(weights.bias, 4)} | {
        name: round(weight, 4) for name, weight in zip(names, weights.values, strict=True)
    }


if __name__ == "__main__":
    main()
