"""Prompts: what is seen comes first, speech and comparisons go, people keep their looks, limits never cut a clause."""

import re

import pytest

from bookreader.illustrations.prompt import (
    ASPECTS,
    PRESETS,
    ArtDirection,
    Handling,
    Look,
    Prompt,
    build_prompt,
    in_manner,
)
from tests.unit.illustrations.passages import ALL, PLACES

SAILOR = Look(("Tom Bowline", "Bowline"), "a one-legged sailor", "grey pigtail, brown face, tarred jacket", seed=11)
LADY = Look(("Mrs. Grey",), "an old lady", "white cap, black silk, ivory stick", seed=22)
BOY = Look(("Jack",), "a boy", "red hair, freckles, torn shirt", seed=33)


def english(passage: str, type: str = "action", **more: object) -> Prompt:  # noqa: A002
    return build_prompt(passage, type, language="en", **more)  # type: ignore[arg-type]


def russian(passage: str, type: str = "action", **more: object) -> Prompt:  # noqa: A002
    return build_prompt(passage, type, language="ru", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("passage", "kept", "dropped"),
    [
        ("“Come here!” he cried, and flung the door open.", "flung the door open", "Come here"),
        ("He had a face as big as a ham, and small bright eyes.", "a face big", "ham"),
        ("The waves rose like a wall of glass and struck the deck.", "struck the deck", "glass"),
        ("She stood by the window as if she had grown there.", "stood by the window", "grown"),
        ("The lamp burned on the table. He wondered what his father would have said.", "lamp burned", "wondered"),
        ("A black dog lay at the door. I knew that it was old.", "black dog lay", "I knew"),
    ],
)
def test_only_what_an_eye_sees_stays_of_an_english_passage(passage: str, kept: str, dropped: str) -> None:
    text = english(passage).text
    assert kept in text
    assert dropped not in text


@pytest.mark.parametrize(
    ("passage", "kept", "dropped"),
    [
        ("— Идите сюда! — крикнул он.\nОн стоял у двери с фонарём.", "стоял у двери", "Идите сюда"),
        ("«Кто там?» — спросил старик и поднял свечу над головой.", "поднял свечу", "Кто там"),
        ("Лицо его было бело, словно бумага, и рука держала нож.", "рука держала нож", "бумага"),
        ("На столе горела лампа. Он думал о доме.", "горела лампа", "думал"),
    ],
)
def test_only_what_an_eye_sees_stays_of_a_russian_passage(passage: str, kept: str, dropped: str) -> None:
    text = russian(passage, reads_language=True).text
    assert kept in text
    assert dropped not in text


def test_a_passage_that_shows_things_in_its_speech_alone_keeps_the_speech() -> None:
    assert "a red coat and a sword" in english("“A man in a red coat and a sword at his belt!”").text


@pytest.mark.parametrize(
    ("look", "label"),
    [
        (Look(("Dr. Stone", "Stone"), "", "grey coat"), "a doctor"),
        (Look(("Anna Stone", "Stone"), "", "grey coat", sex="woman"), "a woman"),
        (Look(("Stone",), "", "grey coat"), "a man"),
        (Look(("Stone",), "a tall smith", "grey coat", sex="man"), "a tall smith"),
    ],
)
def test_a_person_without_a_label_gets_one_from_title_sex_or_pronouns(look: Look, label: str) -> None:
    prompt = english("Stone stood at the window with his back to the fire.", looks=[look])
    assert f"{label}: grey coat" in prompt.text
    assert "Stone" not in prompt.text
    assert prompt.people == (label,)


def test_two_people_of_whom_no_more_is_known_are_told_apart() -> None:
    looks = [Look(("Ben",), "", "red beard", sex="man"), Look(("Tom",), "", "", sex="man")]
    prompt = english("Ben and Tom stood at the gate with a lantern.", looks=looks)
    assert prompt.people == ("a man", "another man")
    assert "a man: red beard" in prompt.text
    assert "another man:" not in prompt.text


ТАРАС = Look(("Тарас Бульба", "Тарас"), "", "высокий старик, седые усы, красный жупан", seed=5, sex="man")


def test_a_russian_look_is_told_in_english_where_the_words_are_known() -> None:
    passage = (
        "Тарас Бульба стоял у ворот крепости. Над башнями поднималась луна, в небе горели звёзды, дым шёл от костра."
    )
    glossed = russian(passage, looks=[ТАРАС])
    assert glossed.handling is Handling.GLOSSED
    assert "a man: tall old man, grey moustache" in glossed.text
    assert "жупан" not in glossed.text
    as_it_is = russian(passage, looks=[ТАРАС], reads_language=True)
    assert "мужчина: высокий старик, седые усы, красный жупан" in as_it_is.text


def test_a_person_in_another_case_is_known_by_the_names_of_the_passage() -> None:
    passage = "У Тараса Бульбы горели глаза. Луна стояла над башнями крепости, звёзды горели, и дым шёл от костра."
    assert russian(passage, looks=[ТАРАС], people=["Тарас Бульба"]).seed == 5
    assert russian(passage, looks=[ТАРАС]).seed is None


@pytest.mark.parametrize(
    ("passage", "people", "expected"),
    [
        ("Mr. Harding held up the lamp.", ["Harding"], "a gentleman held up the lamp"),
        ("Miss Vane sat at the window in her grey gown.", ["Vane"], "a young lady sat at the window"),
        ("Barkham drew his sword and held it before him.", ["Barkham"], "a man drew his sword"),
        ("Alice let fall the fan; her hand was at her cheek.", ["Alice"], "a woman let fall the fan"),
        ("The lamps of London shone in the fog.", ["London"], "The lamps of London shone"),
        ("The ship lay in the Thames with bare masts.", ["Thames"], "in the Thames"),
    ],
)
def test_names_become_what_the_text_tells_of_the_person_and_places_keep_theirs(
    passage: str, people: list[str], expected: str
) -> None:
    assert expected in english(passage, people=people).text


def test_a_person_with_a_sheet_is_called_by_the_label_and_carries_the_look_and_the_seed() -> None:
    found = english("Tom Bowline stood at the rail, and Bowline's hand held the rope.", looks=[LADY, SAILOR])
    assert "a one-legged sailor stood at the rail, and the one-legged sailor's hand held the rope." in found.text
    assert "a one-legged sailor: grey pigtail, brown face, tarred jacket." in found.text
    assert "ivory stick" not in found.text
    assert found.people == ("a one-legged sailor",)
    assert found.seed == 11


def test_the_first_two_people_of_the_passage_are_described_in_its_order() -> None:
    found = english("Mrs. Grey looked up; Bowline stood by her, and Jack held the lamp.", looks=[BOY, SAILOR, LADY])
    assert found.people == ("an old lady", "a one-legged sailor")
    assert found.seed == 22
    assert "freckles" not in found.text


def test_the_look_is_the_same_in_every_picture() -> None:
    one = english("Bowline climbed the mast.", looks=[SAILOR], tone="joy")
    other = english("By the fire sat Bowline with his pipe.", "character", looks=[SAILOR], tone="dread")
    for found in (one, other):
        assert f"{SAILOR.label}: {SAILOR.look}" in found.text


@pytest.mark.parametrize(
    ("tone", "palette"),
    [
        ("dread", "cold colours"),
        ("страх", "cold colours"),
        ("joyful", "warm colours"),
        ("grief", "muted colours"),
        ("wonder", "glowing light"),
        (None, ""),
        ("plain", ""),
    ],
)
def test_the_tone_becomes_a_palette(tone: str | None, palette: str) -> None:
    text = english("The boat lay on the sand.", "location", tone=tone).text
    assert palette in text
    assert ("colours" in text or "light" in text) == bool(palette)


@pytest.mark.parametrize(
    ("passage", "expected"),
    [
        ("A road, wet and empty; the moon was on the pools.", "at night"),
        ("A road, empty in the storm.", ""),
        ("In the blizzard the hills and the road were gone.", "falling snow"),
        ("The mist had eaten the street but for one lamp.", "fog"),
    ],
)
def test_hour_and_weather_are_said_once(passage: str, expected: str) -> None:
    text = english(passage, "location").text
    assert expected in text
    assert len(re.findall(r"\bstorm\b", text)) <= 1


@pytest.mark.parametrize("type_", list(ASPECTS))
def test_each_type_has_its_aspect_and_framing(type_: str) -> None:
    found = english("A table with a lamp on it.", type_)
    assert found.aspect == ASPECTS[type_]
    wide, high = (int(part) for part in found.aspect.split(":"))
    assert found.width * high == found.height * wide


def test_the_books_art_direction_is_kept_in_every_prompt() -> None:
    direction = ArtDirection(
        preset="watercolour", era="Russia in the 1830s", palette="ochre and slate", taboo=("blood",),
        aspects={"location": "16:9"},
    )  # fmt: skip
    place = english("A river under willows.", "location", direction=direction, tone="dread")
    person = english("A boy in a cap.", "character", direction=direction)
    for found in (place, person):
        assert PRESETS["watercolour"] in found.text
        assert "Russia in the 1830s" in found.text
        assert "ochre and slate" in found.text
        assert found.negative.endswith("blood")
        assert found.style == "watercolour"
    assert "cold colours" not in place.text
    assert (place.width, place.height) == (1792, 1024)
    assert person.aspect == "2:3"


def test_where_the_service_has_no_negative_field_the_taboos_are_said() -> None:
    found = english("A boy in a cap.", direction=ArtDirection(taboo=("blood", "firearms")), negative_field=False)
    assert found.negative == ""
    assert "without blood; without firearms" in found.text


def test_an_own_medium_stands_for_the_preset_and_an_unknown_preset_is_said_as_it_is() -> None:
    assert "woven tapestry" in english("A boat.", direction=ArtDirection(medium="woven tapestry")).text
    assert "mosaic" in english("A boat.", direction=ArtDirection(preset="mosaic")).text


def test_an_unknown_aspect_falls_back() -> None:
    assert english("A boat.", direction=ArtDirection(aspects={"action": "7:5"})).aspect == "3:2"


def test_a_russian_passage_is_glossed_where_the_lexicon_knows_enough() -> None:
    found = russian("Чёрная лошадь стояла у избы; за рекой горел лес, и старик с белой бородой смотрел на огонь.")
    assert found.handling is Handling.GLOSSED
    assert found.language == "en"
    assert not re.search("[а-яё]", found.text)
    for word in ("a man", "a horse", "a beard", "forest", "river", "fire", "black", "white"):
        assert word in found.text


def test_a_russian_passage_that_the_lexicon_does_not_know_is_sent_as_it_is_and_so_marked() -> None:
    found = russian("Медный самовар блестел, и в боку его отражалась перевёрнутая чашка.")
    assert found.handling is Handling.AS_IS
    assert found.language == "ru"
    assert "самовар" in found.text


def test_a_service_that_reads_russian_gets_russian() -> None:
    found = russian("Чёрная лошадь стояла у избы за рекой.", reads_language=True)
    assert (found.handling, found.language) == (Handling.AS_IS, "ru")
    assert "лошадь стояла" in found.text


def test_a_caption_stands_in_for_the_passage() -> None:
    found = russian("Он вошёл.", caption="Bowline enters a low room", looks=[SAILOR])
    assert found.handling is Handling.CAPTION
    assert found.text.startswith("a one-legged sailor enters a low room.")


@pytest.mark.parametrize("limit", [60, 120, 200, 400, 1500])
def test_the_limit_drops_whole_clauses_the_least_important_first(limit: int) -> None:
    passage = "Bowline stood at the rail, a lamp in his hand; behind him the sea was black, and the wind tore the sail."
    whole = english(passage, looks=[SAILOR], tone="dread", limit=10_000).text
    short = english(passage, looks=[SAILOR], tone="dread", limit=limit).text
    assert len(short) <= limit
    assert short.startswith("a one-legged sailor stood at the rail")
    for piece in re.split(r"[.;] ", short.rstrip(".")):
        assert piece.rstrip(",") in whole


def test_the_framing_goes_before_the_look_of_a_person() -> None:
    text = english("Bowline stood at the rail.", "character", looks=[SAILOR], limit=110).text
    assert SAILOR.look in text
    assert "eye level" not in text


@pytest.mark.parametrize("passage", ALL, ids=lambda passage: f"{passage.scene}-{passage.language}")
def test_every_passage_gives_a_prompt_that_is_the_same_each_time(passage: object) -> None:
    assert passage in ALL
    one, other = (
        build_prompt(passage.text, passage.type, language=passage.language, tone="dread", limit=800)  # type: ignore[attr-defined]
        for _ in range(2)
    )
    assert one == other
    assert 20 < len(one.text) <= 800
    assert not re.search(r"\s\s|\s[,.;]|[,;:]\.|\.\.(?!\.)", one.text)


def test_places_are_said_before_manner_and_framing() -> None:
    text = english(PLACES[0].text, "location", tone="dread").text
    order = [text.index(part) for part in ("schooner", "cold colours", "linocut", "wide view")]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("passage", "people", "expected"),
    [
        ("Anton took his hat. Boris held his lamp; Boris drew his sword.", ["Anton", "Boris"],
         "a man took his hat. another man held his lamp; the other man drew his sword"),
        ("Ann, Mary, Kate, and Lucy sat round the table.", ["Ann", "Mary", "Kate", "Lucy"], "several people sat round"),
        ("Prince Igor drew his sword before Princess Olga.", ["Prince Igor", "Princess Olga"],
         "a prince drew his sword before a princess"),
        ("Two Frenchmen and a Ukrainian coat.", ["Frenchmen", "Ukrainian"], "Two Frenchmen and a Ukrainian coat"),
        ("Kate looked at her hand. Boris looked at his.", ["Boris", "Kate"],
         "a woman looked at her hand. a man looked"),
    ],
)  # fmt: skip
def test_people_without_a_sheet_are_told_apart(passage: str, people: list[str], expected: str) -> None:
    assert expected in english(passage, people=people).text


def test_the_things_that_a_russian_passage_names_are_told_in_english() -> None:
    found = russian("Он отпер ворота и поднял фонарь.", things=["ворота", "фонарь", "кибитка", "нечто"])
    assert found.handling is Handling.GLOSSED
    assert found.text.startswith("a man, gates, lantern, hooded wagon.")


def test_a_thing_is_told_once() -> None:
    found = russian("Берег и берега, лодка, лодки, река.", things=["берег", "берега", "лодка", "река"])
    assert found.text.count("shore") == found.text.count("boat") == found.text.count("river") == 1


def test_a_persons_own_words_take_the_manner_of_another_art_direction() -> None:
    words = f"A moor with one white horse. Wide view; {PRESETS['oil']}."
    direction = ArtDirection(preset="pencil", era="around 1750")
    assert in_manner(words, direction, limit=400) == (
        f"A moor with one white horse. Wide view. {PRESETS['pencil']}; around 1750."
    )
    again = in_manner(
        f"A moor. {PRESETS['pencil']}; around 1750.",
        ArtDirection(preset="oil"),
        earlier=("around", "around 1750"),
        limit=400,
    )
    assert again == f"A moor. {PRESETS['oil']}."
    short = in_manner(words, direction, limit=len(PRESETS["pencil"]) + 46)
    assert short == f"A moor with one white horse. {PRESETS['pencil']}; around 1750."


@pytest.mark.parametrize(
    ("passage", "kept", "dropped"),
    [
        ("“Oh,” said Anna, “no!” Boris lifted the lamp, and exclaimed,", "lifted the lamp.", "said"),
        ("The sail (a poor thing) hung, I dare say, from one rope.", "The sail hung, from one rope", "dare"),
        (
            "As quick as lightning the man’s head shot forward and struck the door.",
            "head shot forward and struck",
            "ham",
        ),
        ("She stood as well as she could, with her hand on the rail.", "as well as she could, with her hand", "well,"),
        ("A band of “old red” stone ran down the hill.", "band of old red stone", "of stone"),
        (
            "The boat lay by the red rocks. How many brave men might have drowned in that sea!",
            "by the red rocks.",
            "drowned",
        ),
        ("The lamp shone\u2060—the last of the street.", "The lamp shone—", "\u2060"),
    ],
)
def test_speech_asides_and_comparisons_leave_whole_sentences(passage: str, kept: str, dropped: str) -> None:
    text = english(passage).text
    assert kept in text
    assert dropped not in text


def test_a_line_of_russian_speech_keeps_what_the_author_says_in_it() -> None:
    text = russian("-- Скажи ему, -- ответил он и сел на лошадь, -- что я друг.", reads_language=True).text
    assert text.startswith("Ответил он и сел на лошадь.")
    assert "друг" not in text


@pytest.mark.parametrize(
    ("passage", "people", "expected"),
    [
        ("The ivory Pequod swept by under sail, off the Azores.", ["Pequod", "Azores"], "The ivory Pequod swept by"),
        ("They took poor Harding by the hand, and Harding fell.", ["Harding"], "took a poor person by the hand"),
        ("The old Queen held her fan; the Queen was in red.", ["Queen"], "The old Queen held her fan; the Queen was"),
        ("These young Cratchits ran round the table.", ["Cratchits"], "These young Cratchits ran"),
        ("Captain Harding's table stood by the window.", ["Captain Harding"], "a captain's table stood"),
        (
            "Vane was tall. She wore red. Vane sat by the lamp, and she held her fan.",
            ["Vane"],
            "a woman was tall",
        ),
    ],
)
def test_what_a_name_is_called_fits_the_words_before_it(passage: str, people: list[str], expected: str) -> None:
    assert expected in english(passage, people=people).text


def test_whose_thing_is_shown_and_a_ship_are_not_people_who_are_there() -> None:
    looks = [Look(("Flint",), "", "red beard"), Look(("Argo",), "", "black hull"), Look(("Ben",), "", "blue coat")]
    found = english("Flint's gold lay in the sand before the Argo, and Ben’s hand was on the rope.", looks=looks)
    assert found.people == ("a man",)
    assert "blue coat" in found.text


def test_a_name_that_says_what_somebody_is_becomes_that() -> None:
    found = english("Now the White Rabbit ran by with a fan.", looks=[Look(("White Rabbit",), "", "pink eyes")])
    assert "Now the white rabbit ran by" in found.text
    assert "a white rabbit: pink eyes" in found.text


def test_two_captains_are_told_apart() -> None:
    looks = [Look(("Captain Ash",), "", "red coat"), Look(("Captain Elm",), "", "one eye")]
    found = english("Captain Ash stood by the door; Captain Elm sat at the table.", looks=looks)
    assert found.people == ("a captain", "another captain")
    assert "another captain: one eye" in found.text


def test_russian_names_become_who_they_are_whatever_the_letter_and_the_rest_stay() -> None:
    passage = "Пугачев сидел на крыльце. Сказала Анна, взяла карту Кистрина и подняла свечу."
    text = russian(passage, people=["Пугачёв", "Анна", "Кистрина"], reads_language=True).text
    assert "мужчина сидел на крыльце. Сказала женщина, взяла карту Кистрина и подняла свечу." in text


def test_a_gloss_tells_who_does_what() -> None:
    found = russian(
        "Казаки скакали через поле к реке, а старик стоял у ворот с ружьём.", things=["поле", "река", "ворота"]
    )
    assert found.text.startswith("a group of men, a man, galloping, standing, fields, river, gates.")


def test_night_is_never_told_with_the_light_of_day() -> None:
    night = english("A road at night; the lamp was out.", "location", tone="joy").text
    assert "high key" not in night
    assert "warm colours" in night
    assert "at night" not in english("After a night of rain the sun stood over the road.", "location").text
    assert "sun" not in russian("Ночь. Солнце зашло за лес, за реку, за поле.", "location").text.replace("sunset", "")
