"""Where in a paragraph the asked words are shown."""

import re
import time

import pytest

from bookreader.library.hits import CLOSE, CONTEXT, OPEN, WIDEST, Asked, Step, forms_in, found_in, ways_of

BLACK_SPOT = "'black' & 'spot'", "'black' <-> 'spot'"


def shown(text: str, query: str, typed: str, start: int = 0) -> list[str]:
    """What is marked of a text whose found words stand in [brackets]; a form means its first five letters."""
    marked = text.replace("[", OPEN).replace("]", CLOSE)
    lexemes = {form: {form.lower()[:5]} for form in forms_in([marked])}
    plain = re.sub(r"[\[\]]", "", text)
    found = found_in(marked, start, Asked(ways_of(query, typed), lexemes))
    assert all(plain[one.start - start : one.end - start] == one.match for one in found)
    return [one.match for one in found]


@pytest.mark.parametrize(
    ("text", "query", "typed", "matches"),
    [
        ("[Black] Dog. The [black] [spot], a [Black], [spot].", *BLACK_SPOT, ["black spot", "Black, spot"]),
        ("[Spot] on [black], [spot] of [black].", *BLACK_SPOT, ["black, spot"]),
        ("[Spot] and then [black] or [spot].", *BLACK_SPOT, ["black or spot"]),
        ("[heart] of the [dark], [heart] in [dark].", "'heart' & 'dark'", "'heart' <2> 'dark'", ["heart in dark"]),
        ("[one] two [three], [one]-[two] [three]", "'one' <-> 'two' & 'three'", "'one' <-> 'two' <-> 'three'",
         ["one-two three"]),
        ("a [well]-[known] [man]", "'well-known' <-> 'well' <-> 'known' & 'man'",
         "'well-known' <-> 'well' <-> 'known' <-> 'man'", ["well-known man"]),
        ("[old] [to]-[day]", "'old' <-> 'to-da' <2> 'day'", "'old' <-> 'to-da' <2> 'day'", ["old to-day"]),
        ("[gull] and [lamp] and [gull]", "'gull' | 'lamp'", "'gull' <2> 'lamp'", ["gull"]),
        ("[climbing], [climb]", "'climb'", "'climb'", ["climbing"]),
        ("[o'neil]'s [back\\slash]", "'o''nei' & 'back\\\\'", "'o''nei' <2> 'back\\\\'", ["o'neil's back\\slash"]),
        ("[black] and [black]", "'black' & 'black'", "'black' <-> 'black'", ["black"]),
        ("no word is known", "'other'", "'other'", ["no word is known"]),
        ("nothing was [asked]", "", "", ["nothing was asked"]),
    ],
)  # fmt: skip
def test_it_is_the_phrase_or_the_closest_words(text: str, query: str, typed: str, matches: list[str]) -> None:
    assert shown(text, query, typed) == matches
    assert shown(text, query, typed, start=1000) == matches


def test_words_too_far_apart_are_shown_where_the_most_of_them_are_together() -> None:
    far = "and so on " * (WIDEST // 10)
    assert shown(f"[black] {far}[spot] by the [mast] {far}[black]", *BLACK_SPOT) == ["black"]
    three = "'black' & 'spot' & 'mast'"
    assert shown(f"[black] {far}[spot] by the [mast] {far}[black]", three, three) == ["spot by the mast"]


def test_a_query_becomes_phrases_without_compounds() -> None:
    (first, second) = ways_of("'a' <-> 'b-c' <-> 'b' <-> 'c' & 'd' <3> 'e' | 'f'", "'z'")
    assert first.parts == ((Step(1, "a"), Step(1, "b"), Step(1, "c")), (Step(1, "d"), Step(3, "e")))
    assert first.whole == (*first.parts[0], *first.parts[1])
    assert second.parts == (second.whole,) == ((Step(1, "f"),),)
    (only,) = ways_of("'a' & 'by-and-bi' <4> 'heart'", "'a' <3> 'by-and-bi' <4> 'heart'")
    assert only.whole == (Step(1, "a"), Step(3, "by-and-bi"), Step(4, "heart"))


def test_the_words_around_are_whole() -> None:
    around = "somewhere " * 20
    (place,) = found_in(
        f"{around}{OPEN}spot{CLOSE} {around}", 7, Asked(ways_of("'spot'", "'spot'"), {"spot": {"spot"}})
    )
    assert (place.start, place.end) == (207, 211)
    assert place.before == "…" + "somewhere " * 7
    assert place.after == " " + "somewhere " * 6 + "somewhere…"
    assert len(place.before) <= CONTEXT + 1 >= len(place.after)


def test_a_chapter_without_paragraphs_takes_no_long_time() -> None:
    begun = time.process_time()
    assert shown("[spot] or [black] " * 20_000, *BLACK_SPOT)
    assert time.process_time() - begun < 3
