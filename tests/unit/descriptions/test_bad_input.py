"""Books that are none: the work grows with the length and no faster, memory stays bounded, and little is found."""

import sys
from types import FrameType

import pytest

from bookreader.descriptions.rules import find_descriptions

GATE = "The old man stood at the gate in a red coat and a torn hat. Behind him the grey sea broke over the rocks. "
ВОРОТА = "Старик стоял у ворот в красном кафтане и рваной шапке. За ним серое море билось о камни. "

ENDLESS = {
    "sentences without paragraphs": (GATE, "en"),
    "Russian ones": (ВОРОТА, "ru"),
    "words without sentences": ("the red coat and the torn hat of an old man ", "en"),
    "one word": ("a", "en"),
    "white space": (" \n", "en"),
    "blank lines": ("\n\n", "en"),
    "quotation marks": ('"', "en"),
    "quotations that never end": ("“Come in ", "en"),
    "single quotation marks": ("‘Come in ", "en"),
    "dashes": ("— а, — ", "ru"),
    "full stops": (". ", "en"),
    "initials": ("A. ", "en"),
    "names": ("Silas Crane ", "en"),
    "comparisons": ("like a ", "en"),
    "no letters": ("12.5 + 7 = ? ", "en"),
    "hyphens": ("red-", "en"),
    "paragraphs": ("12\n\n", "en"),
    "headings": ("Red Coats\n\n", "en"),
}


def calls(text: str, language: str) -> int:
    """How many functions are called, written in Python or in C."""
    count = 0

    def counted(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        find_descriptions(text, language)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("name", ENDLESS)
def test_the_work_grows_with_the_length_and_no_faster(name: str) -> None:
    piece, language = ENDLESS[name]
    size = 20_000 // len(piece)
    find_descriptions(piece * size, language)
    assert calls(piece * size * 4, language) < 6 * calls(piece * size, language) + 2000


@pytest.mark.parametrize("name", ENDLESS)
def test_two_megabytes_are_read_to_the_end(name: str, deep: bool) -> None:
    piece, language = ENDLESS[name]
    size = 2_000_000 if deep else 200_000
    text = piece * (size // len(piece.encode()))
    found = find_descriptions(text, language)
    assert len(found) <= 24
    assert all(text[one.start : one.end] == one.text and len(one.text.split()) <= 180 for one in found)


def test_a_dictionary_gives_little() -> None:
    words = ["coat", "gate", "lantern", "horse", "river", "bridge", "sword", "window", "tower", "apple"]
    entries = [f"{word}{number}, n. A kind of {word}, made of iron or wood." for number in range(50) for word in words]
    assert len(find_descriptions("\n\n".join(entries), "en")) <= 3


def test_poetry_gives_nothing() -> None:
    verse = (
        "The red sun sank behind the sea,\nThe sails hung black and tall,\nA lantern swung above the "
        "quay,\nAnd lit the wall"
    )
    стихи = "Луна плыла над тёмным садом,\nБелела старая стена,\nИ пёс дремал у дома рядом,\nИ всё молчало у окна"
    assert find_descriptions("\n\n".join([verse] * 30), "en") == []
    assert find_descriptions("\n\n".join([стихи] * 30), "ru") == []


def test_of_mixed_languages_what_can_be_read_is_found() -> None:
    latin = (
        "Le vieil homme se tenait à la porte, vêtu d'un manteau rouge. Derrière lui la mer grise battait les rochers."
    )
    text = "\n\n".join([GATE.strip(), latin, ВОРОТА.strip()] * 3)
    assert {one.text for one in find_descriptions(text, "en")} == {GATE.strip()}


@pytest.mark.parametrize("text", ["", " ", "\n\n\n", "12", "***", "\ud800", "😀 😀 😀", "\0"])
def test_nothing_is_found_where_nothing_is(text: str) -> None:
    assert find_descriptions(text, "en") == []
