"""Which paragraphs are prose, and which are headings, verse, lists, notes, front or back matter."""

import pytest

from bookreader.descriptions.rules import find_descriptions, score_paragraphs
from bookreader.descriptions.rules.blocks import Role, split_blocks

PROSE = "The old man in the red coat stood at the gate and looked down the road, and the dog lay at his feet."
ПРОЗА = "Старик в красном кафтане стоял у ворот и смотрел на дорогу, а у ног его лежала собака."


def roles(*texts: str) -> list[Role]:
    return [block.role for block in split_blocks("\n\n".join(texts))]


@pytest.mark.parametrize(
    "heading",
    [
        "CHAPTER I",
        "Chapter 1. Down the Rabbit-Hole",
        "The Sea-Cook",
        "XII",
        "* * *",
        "Глава первая",
        "ЧАСТЬ ВТОРАЯ",
        "12",
    ],
)
def test_headings(heading: str) -> None:
    assert roles(heading, PROSE) == [Role.HEADING, Role.PROSE]


@pytest.mark.parametrize("text", ["He ran.", "“Never,” said Ann", "— Нет", "Он упал…"])
def test_short_sentences_and_speech_are_no_headings(text: str) -> None:
    assert roles(text, PROSE)[0] is Role.PROSE


def test_verse_with_its_lines() -> None:
    verse = (
        "The sun was shining on the sea,\nShining with all his might:\nHe did his very best to make\nThe billows smooth"
    )
    стихи = "Буря мглою небо кроет,\nВихри снежные крутя;\nТо, как зверь, она завоет,\nТо заплачет, как дитя"
    assert roles(PROSE, verse, ПРОЗА, стихи) == [Role.PROSE, Role.VERSE, Role.PROSE, Role.VERSE]


def test_verse_whose_lines_were_run_together() -> None:
    verse = (
        "The breaking waves dashed high On a stern and rock-bound coast, And the woods against a stormy sky Their giant"
    )
    стихи = "Буря мглою небо кроет, Вихри снежные крутя; То, как зверь, она завоет, То заплачет, как дитя"
    assert roles(verse, стихи) == [Role.VERSE, Role.VERSE]


def test_verse_of_which_each_line_is_a_paragraph() -> None:
    lines = [
        "The sun was shining on the sea,",
        "Shining with all his might:",
        "He did his very best to make",
        "The billows",
    ]
    assert roles(PROSE, *lines, PROSE) == [Role.PROSE, *[Role.VERSE] * 4, Role.PROSE]


def test_short_paragraphs_in_a_row_are_no_verse() -> None:
    assert roles("He ran.", "He fell.", "Nobody came.", "It rained.", "The lamp went out.") == [Role.PROSE] * 5


@pytest.mark.parametrize(
    ("heading", "lines", "prose"),
    [
        ("Chapter IV", ["“Stand and deliver,” said the red-coated man.", "W. Brook"], PROSE),
        ("ГЛАВА IV", ["— Ин изволь, и стань же в позитуру.", "Посмотришь, проколю я твою фигуру!", "Княжнин."], ПРОЗА),
    ],
)
def test_an_epigraph_with_the_name_of_its_author(heading: str, lines: list[str], prose: str) -> None:
    assert roles(heading, *lines, prose) == [Role.HEADING, *[Role.VERSE] * len(lines), Role.PROSE]


@pytest.mark.parametrize("texts", [["Chapter IV", PROSE, "Annie."], ["Chapter IV", "He ran.", "Nobody came.", PROSE]])
def test_the_first_paragraphs_of_a_chapter_are_no_epigraph(texts: list[str]) -> None:
    assert Role.VERSE not in roles(*texts)


def test_prose_whose_lines_were_broken_is_no_verse() -> None:
    wrapped = (
        "The old man in the red coat stood at the gate and looked down the road,\nand the dog lay at his "
        "feet. It was\nlate."
    )
    assert roles(wrapped) == [Role.PROSE]


@pytest.mark.parametrize(
    "items",
    [
        ["1. A coat of red cloth", "2. A pair of boots", "3. A pistol, with powder"],
        ["• красный кафтан и сапоги", "• пистолет с порохом"],
        ["a) the gate and the yard", "b) the house and the barn"],
    ],
)
def test_lists(items: list[str]) -> None:
    assert roles(PROSE, *items) == [Role.PROSE, *[Role.LIST] * len(items)]


def test_a_number_by_itself_begins_no_list() -> None:
    assert roles("1. The old man stood at the gate in his red coat, looking down the road.", PROSE)[0] is Role.PROSE


def test_initials_begin_no_list() -> None:
    assert (
        roles("C. Auguste Dupin stood at the window with his green spectacles on.", "I. F. Brown sat by the fire.")
        == [Role.PROSE] * 2
    )


@pytest.mark.parametrize("note", ["[12] A red coat worn by soldiers.", "* Красный кафтан стрельцов.", "A red coat. ↩"])
def test_notes(note: str) -> None:
    assert roles(PROSE, note) == [Role.PROSE, Role.NOTE]


def test_numbered_notes_in_a_row() -> None:
    assert roles("1 A red coat worn by soldiers.", "2 A town on the river.") == [Role.NOTE] * 2


@pytest.mark.parametrize(
    "matter",
    [
        "This eBook is for the use of anyone anywhere, from Project Gutenberg.",
        "ISBN 978-5-17-118366-0",
        "© 2019 The author. All rights reserved.",
        "Все права защищены. Никакая часть книги не может быть воспроизведена.",
    ],
)
def test_front_and_back_matter(matter: str) -> None:
    assert roles(PROSE, matter) == [Role.PROSE, Role.MATTER]


@pytest.mark.parametrize(
    "title", ["Contents", "Copyright", "About the Author", "Acknowledgments", "Оглавление", "Примечания"]
)
def test_a_chapter_with_such_a_title_is_left_out_whole(title: str) -> None:
    assert roles(title, PROSE, ПРОЗА) == [Role.MATTER] * 3
    assert find_descriptions(f"{title}\n\n{PROSE}", "en") == []


def test_a_title_page_is_left_out_whole() -> None:
    page = ["First published in 1911", "This edition 2020", "Printed in Leipzig", PROSE]
    assert roles(*page) == [Role.MATTER] * 4


def test_a_story_may_speak_of_an_editor() -> None:
    assert (
        roles("Редактор в красном кафтане стоял у ворот издательства и смотрел на дорогу.", ПРОЗА) == [Role.PROSE] * 2
    )


def test_every_paragraph_is_there_in_order_with_its_place() -> None:
    text = f"\n\n  Chapter I \n\n\n{PROSE}\n \n{ПРОЗА}  \n"
    blocks = split_blocks(text)
    assert [text[block.start : block.end] for block in blocks] == ["Chapter I", PROSE, ПРОЗА]
    assert [block.text for block in blocks] == ["Chapter I", PROSE, ПРОЗА]


def test_what_is_no_prose_is_never_worth_a_picture() -> None:
    verse = (
        "A red sun sank into the sea,\nThe sails were black and tall,\nA lantern swung above the quay,\nA "
        "shadow on the wall"
    )
    for paragraph in score_paragraphs(f"{verse}\n\n[1] {PROSE}\n\nRed Coats and Old Gates by the Sea", "en"):
        assert paragraph.score < 0.05
