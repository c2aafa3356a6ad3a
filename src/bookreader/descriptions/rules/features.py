"""What a passage consists of, as numbers that a model can weigh."""

import re
from collections.abc import Sequence
from math import log1p

from bookreader.descriptions.rules.classes import (
    ACT,
    AGENT,
    BODY,
    OBJECT,
    PLACE,
    SKY,
    THINGS,
)
from bookreader.descriptions.rules.paragraphs import Sentence, classes_of

FEATURES = (
    "length", "concrete", "concrete_count", "looks", "looks_count", "acts", "acts_count", "motion", "spatial", "skies",
    "body", "variety", "best", "spoken", "second", "first", "mind", "abstract", "unreal", "names", "sound", "present",
    "doing", "done",
)  # fmt: skip
_VISIBLE = (*THINGS, "colour", "look", "lit", "light", "weather")


def measure(sentences: Sequence[Sentence]) -> tuple[float, ...]:
    """What tells whether a paragraph is worth a picture: about 0 to 1 each, in the order of FEATURES."""
    seen = classes_of(sentences)
    words = max(sum(sentence.words for sentence in sentences), 1)
    spoken = sum(sentence.spoken for sentence in sentences)

    share = 5 / (words + 8)
    best = max((sentence.particulars for sentence in sentences), default=0)
    doing, done = _deeds(sentences)
    names = sum(sentence.names for sentence in sentences)
    return (
        log1p(words) / 5, share * seen["concrete"], log1p(seen["concrete"]) / 3, share * seen["looks"],
        log1p(seen["looks"]) / 2, share * seen["acts"], log1p(seen["acts"]) / 2, share * seen["motion"],
        share * seen["spatial"], share * seen["skies"], share * (seen["body"] + seen["dress"]),
        sum(seen[name] > 0 for name in _VISIBLE) / 8, log1p(best) / 2, spoken / (words + spoken),
        share * seen["second"], share * seen["first"], share * seen["mind"], share * seen["abstract"],
        share * (seen["negation"] + seen["habit"]), share * names, share * seen["sound"], share * seen["present"],
        share * doing, share * done,
    )  # fmt: skip


_GROUPS = {
    "place": ("building", "land"), "plant": ("plant",), "body": ("body",), "dress": ("dress",), "person": ("person",),
    "looks": ("looks",), "lit": ("lit",), "sky": ("light", "weather"), "hour": ("hour",),
    "thing": ("thing", "material"), "vehicle": ("vehicle",), "animal": ("animal",), "motion": ("motion",),
    "handling": ("handling",), "posture": ("posture",), "expression": ("expression",), "shine": ("shine",),
    "sound": ("sound",), "spatial": ("spatial",), "tobe": ("tobe",),
}  # fmt: skip
_OPENERS = {"who": AGENT, "where": PLACE, "when": SKY, "how": BODY, "what": OBJECT}
KIND_FEATURES = (
    *_GROUPS, "agent", "names", "length", *(f"opens_{name}" for name in _OPENERS), "doing", "done",
    *(f"first_{name}" for name in _OPENERS),
)  # fmt: skip
_OPENER = re.compile(f"[{''.join(_OPENERS.values())}]")
_DOING = re.compile(f"{AGENT}[^{ACT}]{{0,3}}{ACT}")


def outline(sentences: Sequence[Sentence]) -> tuple[float, ...]:
    """What tells of what the picture would be: about 0 to 1 each, in the order of KIND_FEATURES.

    What a sentence speaks of first is mostly what it is about.
    """
    seen = classes_of(sentences)
    words = sum(sentence.words for sentence in sentences)
    groups = {name: sum(seen[part] for part in parts) for name, parts in _GROUPS.items()}
    visible = sum(groups.values()) - groups["spatial"] - groups["tobe"] + 3
    opened = dict.fromkeys(_OPENERS.values(), 0.0)
    firsts = [_opener(sentence.shape) for sentence in sentences]
    for sentence, mark in zip(sentences, firsts, strict=True):
        if mark:
            opened[mark] += sentence.words / max(words, 1)
    doing, done = _deeds(sentences)
    return (
        *(4 * groups[name] / visible for name in _GROUPS),
        5 * seen["agent"] / (words + 8), 5 * sum(sentence.names for sentence in sentences) / (words + 8),
        log1p(words) / 5, *opened.values(), 4 * doing / visible, 4 * done / visible,
        *(float(bool(firsts) and firsts[0] == mark) for mark in opened),
    )  # fmt: skip


def _opener(shape: str) -> str | None:
    found = _OPENER.search(shape)
    return found[0] if found else None


def _deeds(sentences: Sequence[Sentence]) -> tuple[int, int]:
    """Acts with somebody right before them who does them, and other acts."""
    doing = sum(len(_DOING.findall(sentence.shape)) for sentence in sentences)
    return doing, sum(sentence.shape.count(ACT) for sentence in sentences) - doing
