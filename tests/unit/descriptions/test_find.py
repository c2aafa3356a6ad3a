"""From a chapter to its descriptions: what joins, what is cut, how many there are and in which order."""

import dataclasses
import json

import pytest

from bookreader.descriptions.rules import RULES_VERSION, explain, find_descriptions, score_paragraphs

GATE = "The old man stood at the gate in a red coat and a torn hat. Behind him the grey sea broke over the rocks."
ROOM = (
    "The room was low and dark, with a stone floor and one small window. A copper lamp hung from a beam over the table."
)
TALK = "“I do not know what you mean,” said she, “and I do not wish to know it, for you never told me the truth.”"
THOUGHT = "She thought of him and hoped that he knew why she wanted to forget what she had once believed to be true."
ВОРОТА = "Старик стоял у ворот в красном кафтане и рваной шапке. За ним серое море билось о камни."
КОМНАТА = "Комната была низкая и тёмная, с каменным полом и одним окошком. Над столом висела медная лампа."
РАЗГОВОР = "— Не знаю, о чём ты думаешь, — сказала она, — и знать не хочу, ведь ты никогда не говорил мне правды."


def found(*paragraphs: str, language: str = "en") -> list[str]:
    return [description.text for description in find_descriptions("\n\n".join(paragraphs), language)]


@pytest.mark.parametrize(("language", "texts"), [("en", (GATE, ROOM, TALK)), ("ru", (ВОРОТА, КОМНАТА, РАЗГОВОР))])
def test_worthy_neighbours_of_one_scene_join(language: str, texts: tuple[str, str, str]) -> None:
    first, second, talk = texts
    assert found(talk, first, second, talk, language=language) == [f"{first}\n\n{second}"]


@pytest.mark.parametrize("between", [TALK, THOUGHT, "* * *", "Chapter II"])
def test_what_is_not_worthy_and_the_end_of_a_scene_keep_apart(between: str) -> None:
    assert sorted(found(GATE, between, ROOM)) == sorted([GATE, ROOM])


def test_no_description_is_much_longer_than_an_illustrator_wants() -> None:
    texts = found(*[GATE, ROOM] * 12)
    assert len(texts) > 1
    assert all(len(text.split()) <= 180 for text in texts)


def test_of_a_long_paragraph_the_best_sentences_are_taken() -> None:
    idle = "He could not have said what he wanted, nor why he thought that it mattered to anybody at all. "
    text = idle * 10 + GATE + " " + ROOM + " " + idle * 10
    assert found(text) == [f"{GATE} {ROOM}"]


def test_of_a_very_long_paragraph_several_passages_are_taken() -> None:
    idle = "He could not have said what he wanted, nor why he thought that it mattered to anybody at all. "
    texts = found(idle * 20 + GATE + " " + idle * 20 + ROOM + " " + idle * 20)
    assert sorted(texts) == sorted([GATE, ROOM])


def test_a_long_paragraph_without_a_scene_gives_nothing() -> None:
    assert found((THOUGHT + " ") * 30) == []


def test_sentences_at_the_ends_that_show_nothing_are_left_out() -> None:
    idle = "It was not what she had hoped for, and she did not know why."
    assert found(f"{idle} {GATE} {ROOM} {idle}") == [f"{GATE} {ROOM}"]


IDLE = {
    "en": "Nobody could have said what was wanted, nor why it was thought to matter to anybody at all.",
    "ru": "Никто не мог бы сказать, чего хочется, ни почему кажется, будто это кому-нибудь нужно.",
}


@pytest.mark.parametrize(
    ("language", "named", "shown"),
    [
        (
            "en",
            "And then at last came Silas Crane.",
            "He wore a red coat and a torn hat, and his black boots were wet.",
        ),
        ("en", "And so at last the house came into sight.", "Its white walls and iron gates stood in the snow."),
        ("en", "Nobody had known of the chest.", "In it lay a pistol, a brass key and a red silk scarf."),
        (
            "ru",
            "И вот наконец появился Савельич.",
            "На нём был красный кафтан и рваная шапка, в руке он держал фонарь.",
        ),
        ("ru", "О сундуке никто не знал.", "В нём лежали пистолет, медный ключ и красный шёлковый платок."),
    ],
)
@pytest.mark.parametrize("times", [1, 12])
def test_who_he_is_stands_in_the_passage_that_begins_with_him(
    language: str, named: str, shown: str, times: int
) -> None:
    """Be it a paragraph or cut out of a long one."""
    idle = " ".join([IDLE[language]] * times)
    more = {
        "en": "Over the stone gate hung a copper lamp, and a white horse stood under it in the snow.",
        "ru": "Над каменными воротами висела медная лампа, и белая лошадь стояла под ней в снегу.",
    }[language]
    (text,) = found(f"{idle} {named} {shown} {more} {idle}", language=language)
    assert text == f"{named} {shown} {more}"


def test_of_whom_a_whole_paragraph_tells_is_not_looked_for() -> None:
    his = "He wore a red coat and a torn hat, and his black boots were wet."
    assert found(IDLE["en"], his) == [his]


@pytest.mark.parametrize(
    ("language", "speech"),
    [
        ("en", "“Come. You know the way,” said the old man in the red coat, and he lifted the copper lamp."),
        ("ru", "«Иди. Ты знаешь дорогу», — сказал старик в красном кафтане и поднял медную лампу."),
    ],
)
def test_no_passage_begins_or_ends_within_a_speech(language: str, speech: str) -> None:
    scene = {"en": GATE, "ru": ВОРОТА}[language]
    assert found(f"{IDLE[language]} {speech} {scene}", language=language) == [f"{speech} {scene}"]
    last = {
        "en": "The girl in the torn hat said: “I do not know. I do not wish to know.”",
        "ru": "Девушка в рваной шапке сказала: «Не знаю. И знать не хочу».",
    }[language]
    assert found(f"{scene} {last}", language=language) == [f"{scene} {last}"]


@pytest.mark.parametrize(
    ("language", "announced"),
    [("en", "Then he lifted his hand and said:"), ("en", "The old man turned to her and began,—"),
     ("ru", "Тогда он поднял руку и сказал:")],
)  # fmt: skip
def test_what_only_announces_a_speech_does_not_end_a_passage(language: str, announced: str) -> None:
    scene, talk = {"en": (GATE, TALK), "ru": (ВОРОТА, РАЗГОВОР)}[language]
    assert found(f"{scene} {announced}", talk, language=language) == [scene]


def test_a_chapter_gives_no_more_than_its_quota() -> None:
    short = find_descriptions("\n\n".join([GATE, TALK, ROOM, TALK] * 4), "en")
    assert len(short) == 3
    long = find_descriptions("\n\n".join([GATE, TALK, ROOM, TALK] * 200), "en")
    assert 3 < len(long) <= 24


def test_the_best_come_first() -> None:
    descriptions = find_descriptions("\n\n".join([GATE, TALK, ROOM, TALK, "The dog lay by the door.", TALK] * 5), "en")
    priorities = [description.priority for description in descriptions]
    assert priorities == sorted(priorities, reverse=True)
    assert all(0 <= priority <= 1 for priority in priorities)


def test_the_first_sight_of_people_and_places_is_more_urgent() -> None:
    named = GATE.replace("The old man", "Then Silas Crane").replace("the grey sea", "the Lamb River")
    first, again = sorted(find_descriptions(f"{named}\n\n{TALK}\n\n{named}", "en"), key=lambda one: one.start)
    assert first.confidence == again.confidence
    assert first.priority > again.priority


@pytest.mark.parametrize(
    ("language", "stranger", "again"),
    [("en", "An old pedlar stood at the gate in a red coat and a torn hat.",
      "A red coat and a torn hat hung at the gate."),
     ("ru", "Старый разносчик стоял у ворот в красном кафтане и рваной шапке.",
      "Красный кафтан и рваная шапка висели у ворот.")],
)  # fmt: skip
def test_somebody_without_a_name_is_seen_for_the_first_time_too(language: str, stranger: str, again: str) -> None:
    talk = {"en": TALK, "ru": РАЗГОВОР}[language]
    chapter = f"{again}\n\n{talk}\n\n{stranger}\n\n{talk}\n\n{stranger}"
    _, first, second = sorted(find_descriptions(chapter, language), key=lambda one: one.start)
    assert first.confidence == second.confidence
    assert first.priority > second.priority


def test_a_paragraph_is_as_worthy_by_itself_as_in_its_chapter() -> None:
    (description,) = find_descriptions(GATE, "en")
    assert description.confidence == score_paragraphs(f"{TALK}\n\n{GATE}", "en")[1].score


def test_descriptions_survive_json() -> None:
    (description,) = find_descriptions(GATE, "en")
    row = json.loads(json.dumps(dataclasses.asdict(description)))
    assert row["text"] == GATE
    assert row["type"] in ("location", "character", "atmosphere", "object", "action")
    assert row["entities"][0].keys() == {"name", "kind"}
    assert len(RULES_VERSION) <= 50


@pytest.mark.parametrize("tag", ["en", "en-GB", "EN_us", "eng", "", "und"])
def test_english_tags(tag: str) -> None:
    assert found(GATE, language=tag) == [GATE]


@pytest.mark.parametrize("tag", ["ru", "ru-RU", "RU", "rus", "", "und"])
def test_russian_tags(tag: str) -> None:
    assert found(ВОРОТА, language=tag) == [ВОРОТА]


def test_letters_are_believed_rather_than_a_wrong_tag() -> None:
    assert found(ВОРОТА, language="en") == [ВОРОТА]
    assert found(GATE, language="ru") == [GATE]


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        (
            "fr",
            "Le vieil homme se tenait à la porte, vêtu d'un manteau rouge. Derrière lui la mer grise battait "
            "les rochers.",
        ),
        ("de", "Der alte Mann stand am Tor in einem roten Mantel. Hinter ihm schlug das graue Meer gegen die Felsen."),
        ("uk", "Старий стояв біля воріт у червоному жупані. За ним сіре море билося об каміння, і вітер гнав хмари."),
        ("", "Старий стояв біля воріт у червоному жупані. За ним сіре море билося об каміння, і вітер гнав хмари."),
        ("ja", "老人は赤い外套を着て門のところに立っていた。背後では灰色の海が岩に砕けていた。"),
    ],
)
def test_other_languages_are_not_guessed_at(tag: str, text: str) -> None:
    assert found(text, language=tag) == []
    assert explain(text, tag).code == "language_not_read"
    assert all(0 < paragraph.score < 0.5 for paragraph in score_paragraphs(text, tag))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("* * *\n\n12\n\n—", "no_text"),
        ("Contents\n\nThe Gate\n\nThe Sea", "front_or_back_matter"),
        (
            "The sun was shining on the sea,\nShining with all his might:\nHe did his very best to make\nThe billows",
            "verse",
        ),
        ("1. A coat of red cloth\n\n2. A pair of boots\n\n3. A pistol", "list"),
        (f"[1] {GATE}\n\n[2] {ROOM}", "notes"),
        (f"{TALK}\n\n{THOUGHT}", "little_to_see"),
        (THOUGHT * 300, "no_paragraphs"),
    ],
)
def test_why_little_was_found(text: str, code: str) -> None:
    reason = explain(text, "en")
    assert reason.code == code
    assert reason.message.endswith(".")
