"""Where sentences begin and end. In the cases a stroke stands between them."""

import pytest

from bookreader.descriptions.rules.sentences import LONGEST, split_sentences

CASES = [
    "He ran. | She stayed! | Why?",
    "Mr. Brown met Dr. Grey on St. James St. in the rain.",
    "He met J. R. Brown. | They spoke.",
    "“Come in.” | She sat down.",
    "He stopped… | Then he ran.",
    "It cost 3.50 at the fair.",
    "He ran, etc. and so on.",
    "Он побежал. | Она осталась! | Почему?",
    "В 1812 г. Наполеон шёл на Москву.",
    "Там был А. С. Пушкин. | Все молчали.",
    "— Иди! — крикнул он. | — Иди же!",
    "«Иди». | Он пошёл.",
    "Он взял хлеб, соль и т. д. и ушёл.",
]


@pytest.mark.parametrize("case", CASES)
def test_sentences(case: str) -> None:
    text = case.replace(" | ", " ")
    assert " | ".join(text[start:end] for start, end in split_sentences(text)) == case


def test_what_has_no_full_stop_is_cut_at_a_space() -> None:
    text = "a word " * 2000
    parts = list(split_sentences(text))
    assert all(end - start <= LONGEST for start, end in parts)
    assert "".join(text[start:end] for start, end in parts).replace(" ", "") == text.replace(" ", "")


def test_letters_without_spaces_are_cut_anyhow() -> None:
    parts = list(split_sentences("a" * 5000))
    assert [end - start for start, end in parts] == [LONGEST, LONGEST, 5000 - 2 * LONGEST]
