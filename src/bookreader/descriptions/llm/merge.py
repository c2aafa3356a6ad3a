"""What a model found beside what is there already. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bookreader.descriptions.llm.grounding import Found
from bookreader.descriptions.rules.kinds import Kinds
from bookreader.descriptions.rules.priority import priority
from bookreader.descriptions.rules.spans import is_same_passage


@dataclass(frozen=True)
class Known:
    """A description that there is. `fixed`: it has a picture, or a person added, corrected or hid it."""

    start: int
    end: int
    confidence: float
    priority: float
    entities: Sequence[Mapping[str, str]]
    fixed: bool


@dataclass(frozen=True)
class Merged:
    """`changes`: by the place in what was known, the fields that the model decides. `new`: whole descriptions."""

    changes: Mapping[int, dict[str, Any]]
    new: Sequence[dict[str, Any]]


def merge(known: Sequence[Known], found: Sequence[Found]) -> Merged:
    """Passages that are known stay where they are; the model says what they are of, and adds those that are new.

    Nothing that a person had a hand in changes, and nothing is taken away: what the model passes over stays.
    """
    changes: dict[int, dict[str, Any]] = {}
    new = []
    for passage in found:
        same = [
            at for at, one in enumerate(known) if is_same_passage((one.start, one.end), (passage.start, passage.end))
        ]
        if not same:
            new.append(_described(passage))
        elif not any(known[at].fixed for at in same) and same[0] not in changes:
            changes[same[0]] = _decided(known[same[0]], passage)
    return Merged(changes, new)


def _described(passage: Found) -> dict[str, Any]:
    fields = _fields(passage, passage.confidence)
    return fields | {"start": passage.start, "end": passage.end, "text": passage.text, "complexity": None}


def _decided(known: Known, passage: Found) -> dict[str, Any]:
    """Two that found the same passage are surer together than either alone."""
    fields = _fields(passage, round(1 - (1 - known.confidence) * (1 - passage.confidence), 4))
    named = {entity["name"] for entity in fields["entities"]}
    fields["entities"] += [dict(entity) for entity in known.entities if entity["name"] not in named]
    fields["priority"] = max(fields["priority"], known.priority)
    return fields


def _fields(passage: Found, confidence: float) -> dict[str, Any]:
    kinds = Kinds(passage.type, passage.second_type or passage.type, 1.0)
    return {
        "type": passage.type.value,
        "second_type": passage.second_type.value if passage.second_type else None,
        "confidence": confidence,
        "priority": priority(confidence, passage.words, kinds, new=0),
        "entities": [{"name": entity.name, "kind": entity.kind} for entity in passage.entities],
        "tone": passage.tone,
        "suitability": passage.suitability,
    }
