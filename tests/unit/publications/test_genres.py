"""Subjects of every kind lead to one of the nine genres."""

import pytest

from bookreader.publications.genres import GENRES, genre_of


@pytest.mark.parametrize(
    ("subject", "genre"),
    [
        ("sf_fantasy", "fantasy"),
        ("fantasy_fight", "fantasy"),
        ("love_fantasy", "fantasy"),
        ("det_classic", "detective"),
        ("det_history", "detective"),
        ("det_su", "detective"),
        ("detective", "detective"),
        ("det_espionage", "thriller"),
        ("thriller_techno", "thriller"),
        ("sf", "science_fiction"),
        ("sf_space", "science_fiction"),
        ("sf_history", "science_fiction"),
        ("sf_horror", "horror"),
        ("love_history", "romance"),
        ("romance_historical", "romance"),
        ("prose_classic", "classic"),
        ("prose_rus_classic", "classic"),
        ("literature_classics", "classic"),
        ("prose_history", "historical"),
        ("adv_history", "historical"),
        ("prose_contemporary", "other"),
        ("computers", "other"),
        ("FICTION / Romance / Historical", "romance"),
        ("FICTION / Mystery & Detective / Historical", "detective"),
        ("FICTION / Science Fiction / Space Opera", "science_fiction"),
        ("FICTION / Fantasy / Epic", "fantasy"),
        ("FICTION / Thrillers / Espionage", "thriller"),
        ("FICTION / Historical / General", "historical"),
        ("FICTION / Classics", "classic"),
        ("Juvenile Fiction / Fantasy & Magic", "fantasy"),
        ("Detective and mystery stories", "detective"),
        ("Science fiction", "science_fiction"),
        ("Love stories", "romance"),
        ("Russia -- History -- Alexander I, 1801-1825 -- Fiction", "historical"),
        ("HISTORY / Military", "other"),
        ("London (England) -- Fiction", "other"),
        ("Фэнтези", "fantasy"),
        ("Научная фантастика", "science_fiction"),
        ("Исторический детектив", "detective"),
        ("Исторический роман", "historical"),
        ("Любовные романы", "romance"),
        ("Русская классика", "classic"),
        ("Триллеры", "thriller"),
        ("Ужасы", "horror"),
        ("История", "other"),
        ("", "other"),
    ],
)
def test_a_subject_has_a_genre(subject: str, genre: str) -> None:
    assert genre_of([subject]) == genre
    assert genre in GENRES


def test_most_votes_win_and_the_first_of_equals() -> None:
    assert genre_of(["Classics", "Fantasy", "Fantasy fiction"]) == "fantasy"
    assert genre_of(["prose_classic", "love_history"]) == "classic"
    assert genre_of([]) == "other"
