"""What holds for every text: what is found stands there, letter by letter, within bounds, and nothing overlaps."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookreader.descriptions.rules import find_descriptions, score_paragraphs
from bookreader.publications import open_publication

PIECES = st.sampled_from(
    [
        "The old man stood at the gate in a red coat.", "Behind him the grey sea broke over the rocks.", "He ran.",
        "Старик стоял у ворот в красном кафтане.", "— Иди, — сказал он. — Иди!", "“Come in,” said Ann.", "Mr. Brown",
        "“", "”", "‘", "«", "—", "…", ".", "\n", "\n\n", " ", "\u00a0", "\u2060", "😀", "é", "[1]", "* * *", "1. ",
        "CHAPTER I", "ISBN", "like a ", "I",
    ]
)  # fmt: skip
TEXTS = st.one_of(
    st.lists(PIECES, max_size=60).map(" ".join), st.lists(PIECES, max_size=60).map("".join), st.text(max_size=300)
)


def check(text: str, language: str) -> None:
    descriptions = find_descriptions(text, language)
    for description in descriptions:
        assert 0 <= description.start < description.end <= len(text)
        assert text[description.start : description.end] == description.text
        assert description.text == description.text.strip()
        assert 0.5 <= description.confidence <= 1
        assert 0 <= description.priority <= 1
        assert 0 <= description.suitability <= 1
        assert all(entity.name for entity in description.entities)
    ordered = sorted(descriptions, key=lambda description: description.start)
    assert all(one.end <= next_.start for one, next_ in pairwise(ordered))


@settings(max_examples=200, deadline=None)
@given(text=TEXTS, language=st.sampled_from(["en", "ru", "fr", ""]))
def test_every_span_is_verbatim_within_bounds_and_apart(text: str, language: str) -> None:
    check(text, language)


@settings(max_examples=100, deadline=None)
@given(text=TEXTS, language=st.sampled_from(["en", "ru", "fr", ""]))
def test_every_paragraph_is_scored_in_order(text: str, language: str) -> None:
    paragraphs = score_paragraphs(text, language)
    assert [paragraph.index for paragraph in paragraphs] == list(range(len(paragraphs)))
    place = 0
    for paragraph in paragraphs:
        place = text.index(paragraph.text, place) + len(paragraph.text)
        assert 0 <= paragraph.score <= 1


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("se_treasure-island.epub", "en"),
        ("epubjs_alice.epub", "en"),
        ("idpf_wasteland_font-obfuscation.epub", "en"),
        ("idpf_arabic_rtl.epub", "ar"),
        ("ru_gogol_taras-bulba_cp1251.fb2", "ru"),
        ("fb2_test001_ru.fb2", "ru"),
    ],
)
def test_the_same_in_real_books(corpus: Path, name: str, language: str) -> None:
    for chapter in open_publication((corpus / "books" / name).read_bytes()).reading_order:
        check(chapter.text, language)
