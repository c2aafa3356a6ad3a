"""How well and how fast the offline rules find descriptions, in English and in Russian.

Quality is that on the development labels, each book judged by weights that were fitted without it. The intervals hold
nine of ten bootstrap samples of the paragraphs; the labels themselves are uncertain by about 0.08.
"""

import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.fit_descriptions import fit_kinds, fit_languages
from benchmarks.labels import DEVELOPMENT, OWN, Labelled, development_labels, own_labels
from benchmarks.rows import Row
from bookreader.descriptions.rules import find_descriptions
from bookreader.descriptions.rules.features import measure, outline
from bookreader.descriptions.rules.model import Weights, probability
from bookreader.publications import open_publication

LANGUAGES = {"en": "English", "ru": "Russian"}
BOOKS = {
    "en": ("se_treasure-island.epub", "se_wizard-of-oz.epub"),
    "ru": ("ru_gogol_taras-bulba_cp1251.fb2", "ru_pushkin_kapitanskaya-dochka.epub"),
}
WORDS_PER_SECOND = {"en": 100_000, "ru": 30_000}
MEGABYTES = 150
PRECISION, F1, TYPE, TOP_TWO, TOP_PRECISION = {"en": 0.80, "ru": 0.90}, {"en": 0.66}, 0.70, 0.90, 0.90
SAMPLES, TOP, BINS = 1000, 28, 5


class Judged(NamedTuple):
    """A label, the probability that weights fitted without its book give it, and the types they give, best first."""

    label: Labelled
    score: float
    kinds: list[str]


def run() -> list[Row]:
    labels = development_labels()
    if not labels:
        return [
            Row("quality", 0, "labels", reference="not measured: BOOKREADER_CORPUS names no labels-dev.jsonl"),
            *_speed(),
        ]
    judged = list(_leaving_one_out([*labels, *own_labels()]))
    return [row for language in LANGUAGES for row in _quality(judged, language)] + list(_speed())


def _leaving_one_out(labels: Sequence[Labelled]) -> Iterator[Judged]:
    """Each development book is left out by itself; of the project's own labels, the old novels of a language and the
    modern ones of both, some of which tell the same scenes."""
    for group in sorted({_group(label) for label in labels}):
        others = [label for label in labels if _group(label) != group]
        worth, kinds = fit_languages(others), fit_kinds(others)
        yield from (_judged(label, worth[label.language], kinds) for label in labels if _group(label) == group)


def _group(label: Labelled) -> tuple[str, str]:
    if label.source == DEVELOPMENT:
        return label.source, label.book
    return label.source, label.language if label.source == "classics" else ""


def _judged(label: Labelled, worth: Weights, kinds: dict[str, Weights]) -> Judged:
    features = outline(label.seen)
    best = sorted(kinds, key=lambda kind: -kinds[kind].score(features))
    return Judged(label, probability(worth, measure(label.paragraph.sentences)), best)


def _quality(judged: Sequence[Judged], language: str) -> Iterator[Row]:
    name = LANGUAGES[language]
    everything = [one for one in judged if one.label.language == language]
    labels = [one for one in everything if one.label.source == DEVELOPMENT]
    worthy = [one for one in labels if one.label.worthy]
    yield _row(f"{name}: average precision", average_precision, labels, PRECISION[language])
    yield _row(f"{name}: F1 at 0.5", f1, labels, F1.get(language))
    yield _row(f"{name}: type right", type_right, worthy, TYPE)
    yield _row(f"{name}: type in the top two", type_in_two, worthy, TOP_TWO)
    yield _row(f"{name}: calibration error", calibration_error, labels, None)
    for source in OWN:
        own = [one for one in everything if one.label.source == source]
        yield _row(f"{name}, {source}: average precision", average_precision, own, None)
        drawn = [one for one in own if one.label.worthy]
        yield _row(f"{name}, {source}: type right", type_right, drawn, None)
        yield _row(f"{name}, {source}: type in the top two", type_in_two, drawn, None)
    drawn = [one for one in everything if one.label.worthy]
    yield _row(f"{name}, all labels: type right", type_right, drawn, TYPE)
    yield _row(f"{name}, all labels: type in the top two", type_in_two, drawn, TOP_TWO)
    yield _row(f"{name}, all labels: precision of the top {TOP}", top_precision, everything, TOP_PRECISION)


def _row(name: str, figure: Callable[[Sequence[Judged]], float], judged: Sequence[Judged], goal: float | None) -> Row:
    chance = random.Random(7)
    figures = sorted(figure(chance.choices(judged, k=len(judged))) for _ in range(SAMPLES))
    low, high = figures[SAMPLES // 20], figures[-SAMPLES // 20]
    return Row(name, figure(judged), "", f"{low:.2f} to {high:.2f}, {len(judged)} labels", goal=goal, more=True)


def average_precision(judged: Sequence[Judged]) -> float:
    ordered = sorted(judged, key=lambda one: -one.score)
    found, total = 0, 0.0
    for place, one in enumerate(ordered, 1):
        if one.label.worthy:
            found += 1
            total += found / place
    return total / max(found, 1)


def f1(judged: Sequence[Judged]) -> float:
    hits = sum(one.score >= 0.5 and one.label.worthy for one in judged)
    return 2 * hits / max(sum(one.score >= 0.5 for one in judged) + sum(one.label.worthy for one in judged), 1)


def top_precision(judged: Sequence[Judged]) -> float:
    return _share(one.label.worthy for one in sorted(judged, key=lambda one: -one.score)[:TOP])


def type_right(judged: Sequence[Judged]) -> float:
    return _share(one.label.kind == one.kinds[0] for one in judged)


def type_in_two(judged: Sequence[Judged]) -> float:
    return _share(one.label.kind in one.kinds[:2] for one in judged)


def calibration_error(judged: Sequence[Judged]) -> float:
    """How far the mean probability is from the share of worthy ones, on average over bins of probability."""
    error = 0.0
    for place in range(BINS):
        inside = [one for one in judged if min(int(one.score * BINS), BINS - 1) == place]
        error += abs(sum(one.score for one in inside) - sum(one.label.worthy for one in inside))
    return error / len(judged)


def _share(answers: Iterator[bool]) -> float:
    found = list(answers)
    return sum(found) / max(len(found), 1)


def _speed() -> Iterator[Row]:
    for language, name in LANGUAGES.items():
        chapters = _chapters(language)
        answer = subprocess.run(
            [sys.executable, "-m", "benchmarks.descriptions", language],
            input=json.dumps(chapters), capture_output=True, text=True, check=True,
        )  # fmt: skip
        seconds, megabytes = json.loads(answer.stdout)
        words = sum(len(chapter.split()) for chapter in chapters)
        yield Row(f"{name}: {words} words", words / seconds, "words/s", goal=WORDS_PER_SECOND[language], more=True)
        yield Row(f"{name}: memory of the process", megabytes, "MB", goal=MEGABYTES)


def _chapters(language: str) -> list[str]:
    """Those of novels of the corpus; without it, the project's own labelled paragraphs."""
    folder = os.environ.get("BOOKREADER_CORPUS")
    paths = [Path(folder or "", "books", name) for name in BOOKS[language]]
    if folder and all(path.is_file() for path in paths):
        return [chapter.text for path in paths for chapter in open_publication(path.read_bytes()).reading_order]
    return ["\n\n".join(label.text for label in own_labels() if label.language == language)]


def _time(language: str) -> tuple[float, int]:
    """Seconds of processor time and megabytes of this process, for the chapters on its standard input."""
    chapters = json.load(sys.stdin)
    begun = time.process_time()
    for chapter in chapters:
        find_descriptions(chapter, language)
    return time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    print(json.dumps(_time(sys.argv[1])))
