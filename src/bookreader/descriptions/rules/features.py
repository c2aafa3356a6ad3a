"""What a passage consists of, as numbers that a model can weigh."""

import re
from collections.abc import Sequence
from math import log1p

from bookreader.descriptions.rules.classes import (
    ACT,
    AGENT,
    ARTICLE,
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
    "looks": ("looks",), "sky": ("light", "weather"), "hour": ("hour",),
    "thing": ("thing", "material"), "vehicle": ("vehicle",), "animal": ("animal",), "motion": ("motion",),
    "handling": ("handling",), "posture": ("posture",), "expression": ("expression",), "shine": ("shine",),
    "sound": ("sound",), "tobe": ("tobe",),
}  # fmt: skip
_PARTS = {"who": AGENT, "where": PLACE, "when": SKY, "how": BODY, "what": OBJECT}
KIND_FEATURES = (
    *_GROUPS, "agent", "third", "names", "length", "doing", "events", *(f"new_{name}" for name in _PARTS),
    *(f"first_{name}" for name in _PARTS),
)  # fmt: skip
_PART = re.compile(f"[{''.join(_PARTS.values())}]")
_NEW = re.compile(f"{ARTICLE}[^{''.join(_PARTS.values())}]{{0,3}}({_PART.pattern})")
_DOING = re.compile(f"{AGENT}[^{ACT}]{{0,3}}{ACT}")


def outline(sentences: Sequence[Sentence]) -> tuple[float, ...]:
    """What tells of what the picture would be: about 0 to 1 each, in the order of KIND_FEATURES.

    What a passage speaks of first is mostly what it is about, and so is what it introduces: `a tall man`. Russian
    verbs say whether something happens or goes on.
    """
    seen = classes_of(sentences)
    shape = " ".join(sentence.shape for sentence in sentences)
    groups = {name: sum(seen[part] for part in parts) for name, parts in _GROUPS.items()}
    words = sum(sentence.words for sentence in sentences)
    share, of_visible = 5 / (words + 8), 4 / (sum(groups.values()) - groups["tobe"] + 3)
    doing, _ = _deeds(sentences)
    new = "".join(_NEW.findall(shape))
    first = _PART.search(sentences[0].shape if sentences else "")
    return (
        *(of_visible * groups[name] for name in _GROUPS),
        share * seen["agent"], share * seen["third"], share * sum(sentence.names for sentence in sentences),
        log1p(words) / 5, of_visible * doing, share * (2 * seen["perfective"] - seen["past"]),
        *(of_visible * new.count(part) for part in _PARTS.values()),
        *(float(first is not None and first[0] == part) for part in _PARTS.values()),
    )  # fmt: skip


def _deeds(sentences: Sequence[Sentence]) -> tuple[int, int]:
    """Acts with somebody right before them who does them, and other acts."""
    doing = sum(len(_DOING.findall(sentence.shape)) for sentence in sentences)
    return doing, sum(sentence.shape.count(ACT) for sentence in sentences) - doing
