"""From features to probabilities, with fitted weights."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from math import exp
from typing import NamedTuple

from bookreader.descriptions.rules.data import read
from bookreader.descriptions.rules.features import FEATURES, KIND_FEATURES


class Weights(NamedTuple):
    """A linear score: `values` in the order of the features."""

    bias: float
    values: tuple[float, ...]

    def score(self, features: Sequence[float]) -> float:
        return self.bias + sum(weight * value for weight, value in zip(self.values, features, strict=True))


@cache
def worth_weights(language: str) -> Weights:
    """What makes a paragraph worth a picture in `language`; the English weights serve where there are none."""
    table = _table()["worth"]
    return _weights(table.get(language, table["en"]), FEATURES)


@cache
def kind_weights() -> Mapping[str, Weights]:
    """What makes a passage one of each type, in every language."""
    return {kind: _weights(fitted, KIND_FEATURES) for kind, fitted in _table()["kinds"].items()}


def probability(weights: Weights, features: Sequence[float]) -> float:
    """0 to 1."""
    return 1 / (1 + exp(-max(-30.0, min(30.0, weights.score(features)))))


@cache
def _table() -> dict[str, dict[str, dict[str, float]]]:
    found: dict[str, dict[str, dict[str, float]]] = json.loads(read("weights.json"))
    return found


def _weights(fitted: Mapping[str, float], names: Sequence[str]) -> Weights:
    return Weights(fitted["bias"], tuple(fitted[name] for name in names))
