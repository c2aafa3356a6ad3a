"""The weights are those that the script fits, and they tell what is worth a picture from what is not."""

import json
from pathlib import Path

import pytest

from benchmarks.fit_descriptions import FILE, fitted
from benchmarks.labels import development_labels, own_labels
from bookreader.descriptions.rules import score_paragraphs


def test_the_file_holds_what_the_script_fits(corpus: Path, deep: bool) -> None:
    if not deep:
        pytest.skip("a full fit takes seconds: make check-deep")
    assert development_labels()
    for kind, table in fitted([*development_labels(), *own_labels()]).items():
        for name, weights in json.loads(FILE.read_text(encoding="utf-8"))[kind].items():
            assert weights == pytest.approx(table[name], abs=0.01)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_nine_of_ten_judged_paragraphs_of_modern_prose_fall_on_the_right_side(language: str) -> None:
    labels = [label for label in own_labels() if label.language == language and label.source == "modern"]
    right = [(score_paragraphs(label.text, language)[0].score >= 0.5) == label.worthy for label in labels]
    assert len(right) > 40
    assert sum(right) >= 0.9 * len(right)
