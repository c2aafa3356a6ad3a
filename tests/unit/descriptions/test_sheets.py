"""Sheets of people and places: which names are one person, what is said of how they look, what a prompt may repeat."""

import pytest

from bookreader.descriptions.sheets import Aspect, Called, Evidence, Fact, Sheet, look, make_sheets, seed
from bookreader.descriptions.sheets.clusters import cluster, fullest


def groups(*names: str, kind: str = "person") -> list[set[str]]:
    return [set(one.names) for one in cluster({(name, kind): 10 - place for place, name in enumerate(names)})]


@pytest.mark.parametrize(
    "names",
    [
        ("Silver", "John Silver", "Long John Silver", "Long John", "Mr. Silver", "Captain Silver"),
        ("Robert Brown", "Bob", "Bobby Brown", "Mr. Brown"),
        ("Elizabeth Bennet", "Lizzy", "Miss Bennet"),
        ("Пётр Андреевич Гринёв", "Пётр Андреич", "Гринёв", "Петруша"),
        ("Марья Ивановна", "Маша", "Марья"),
        ("Тарас Бульба", "Бульба", "Тарас"),
    ],
)
def test_one_person_by_many_names(names: tuple[str, ...]) -> None:
    assert groups(*names) == [set(names)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mr. Brown", "Mrs. Brown"), ("Mrs. Brown", "Miss Brown"), ("Captain Brown", "Mrs. Brown"),
        ("Charles Brown", "Mrs. Brown"), ("Mary Brown", "Mr. Brown"), ("Mary Brown", "Jane Brown"), ("Tom", "Tim"),
        ("Марья Ивановна", "Марья Петровна"), ("Князь Андрей", "Княгиня"), ("Иван Петров", "Анна"),
    ],
)  # fmt: skip
def test_two_people(one: str, other: str) -> None:
    assert groups(one, other) == [{one}, {other}]


def test_a_name_that_fits_two_people_stays_by_itself() -> None:
    assert groups("Charles Brown", "Charles Grey", "Charles") == [{"Charles Brown"}, {"Charles Grey"}, {"Charles"}]


def test_a_name_that_fits_two_people_means_the_one_who_is_named_far_more_often() -> None:
    found = cluster({("Charles Brown", "person"): 90, ("Charles Grey", "person"): 3, ("Charles", "person"): 40})
    assert set(found[0].names) == {"Charles Brown", "Charles"}


def test_names_that_happened_to_stand_side_by_side_are_two() -> None:
    found = cluster({("Moscow", "place"): 90, ("Pierre", "person"): 90, ("Moscow Pierre", "person"): 1})
    assert [one.name for one in found] == ["Moscow", "Pierre"]


def test_people_and_places_are_kept_apart() -> None:
    assert len(cluster({("Lincoln", "place"): 5, ("Lincoln", "person"): 5})) == 2


FILLER = " Then Silas Crane went away. Nobody saw Silas Crane again. They forgot Silas Crane."
НАПОЛНЕНИЕ = " Потом пришёл Тарас Бульба. Все ждали, и вот пришёл Тарас Бульба. Тут встал Тарас Бульба."


def sheet(sentence: str, language: str = "en", filler: str = FILLER) -> Sheet:
    return next(
        one for one in make_sheets([(1, sentence + filler)], language) if one.name in ("Silas Crane", "Тарас Бульба")
    )


def told(sentence: str, language: str = "en", filler: str = FILLER) -> set[tuple[Aspect, str]]:
    return {(fact.aspect, fact.value) for fact in sheet(sentence, language, filler).facts if fact.sure}


@pytest.mark.parametrize(
    ("sentence", "facts"),
    [
        ("Silas Crane was a tall man with a red face, sparkling black eyes and a grey beard.",
         {("build", "tall man"), ("face", "red face"), ("eyes", "sparkling black eyes"), ("hair", "grey beard")}),
        ("Silas Crane, an old sailor, sat by the fire.", {("age", "old sailor")}),
        ("Silas Crane had long grey hair.", {("hair", "long grey hair")}),
        ("Silas Crane’s blue eyes shone.", {("eyes", "blue eyes")}),
        ("Silas Crane wore a red coat and a torn hat.", {("dress", "red coat"), ("dress", "torn hat")}),
        ("Silas Crane stood there in a red coat.", {("dress", "red coat")}),
        ("Silas Crane had a white scar on his cheek.", {("marks", "white scar")}),
    ],
)  # fmt: skip
def test_strict_facts_in_english(sentence: str, facts: set[tuple[str, str]]) -> None:
    assert told(sentence) == facts


@pytest.mark.parametrize(
    ("sentence", "facts"),
    [
        ("Тарас Бульба был старый казак с седыми усами.", {("age", "старый казак"), ("hair", "седые усы")}),
        ("Тарас Бульба, высокий старик, сидел у огня.", {("build", "высокий старик")}),
        ("У Тараса Бульбы были серые глаза.", {("eyes", "серые глаза")}),
        ("Серые глаза Тараса Бульбы блестели.", {("eyes", "серые глаза")}),
        ("Тарас Бульба вышел в красном кафтане и высокой шапке.",
         {("dress", "красный кафтан"), ("dress", "высокая шапка")}),
    ],
)  # fmt: skip
def test_strict_facts_in_russian(sentence: str, facts: set[tuple[str, str]]) -> None:
    assert told(sentence, "ru", НАПОЛНЕНИЕ) == facts


@pytest.mark.parametrize(
    "sentence",
    [
        "Silas Crane met John Grey, who had blue eyes and wore a red coat.",
        "Silas Crane had no grey hair.",
        "“Silas Crane wore a red coat,” said she.",
        "Silas Crane looked at a man with a red face.",
        "“No,” said Silas Crane, with a pale face.",
        "Silas Crane saw that his friend wore a red coat.",
    ],
)
def test_what_may_be_said_of_another_or_will_not_last_is_no_strict_fact(sentence: str) -> None:
    assert told(sentence) == set()


def test_what_is_said_of_he_or_she_is_offered_only() -> None:
    found = sheet("Silas Crane came in. He wore a red coat.")
    assert [(fact.value, fact.sure) for fact in found.facts] == [("red coat", False)]
    assert sheet("Silas Crane came in. She wore a red coat.").facts == ()


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("Silas Crane came in.\n\nOver his shoulder one saw long grey hair.", {"long grey hair"}),
        ("Silas Crane came in.\n\nIt rained.\n\nHis old hat dripped.", {"old hat"}),
        ("Silas Crane came in.\n\nIt rained.\n\nNight fell.\n\nHis old hat dripped.", set()),
        ("Silas Crane came in. A red coat hung on the wall.", set()),
        ("Silas Crane came in. Her long grey hair was wet.", set()),
        ("Silas Crane and Robert Grey came in. His old hat dripped.", set()),
        ("Silas Crane, they said, had seen a man with a red face.", {"red face"}),
    ],
)
def test_looks_that_may_be_somebodys_are_offered(text: str, offered: set[str]) -> None:
    found = sheet(text)
    assert {fact.value for fact in found.facts if not fact.sure} == offered
    assert not any(fact.sure for fact in found.facts)


def test_what_is_sure_is_not_offered_again() -> None:
    found = sheet("Silas Crane wore a red coat. He took his red coat off.")
    assert [(fact.value, fact.sure) for fact in found.facts] == [("red coat", True)]


def test_a_name_that_came_about_by_chance_is_not_the_fullest() -> None:
    assert fullest({"Dorothy": 370, "Head Dorothy": 2}) == "Dorothy"
    assert fullest({"Silver": 200, "Long John Silver": 4}) == "Long John Silver"


def test_every_fact_has_its_sentence() -> None:
    text = "It rained. Silas Crane wore a red coat." + FILLER
    (found,) = make_sheets([(7, text)], "en")
    (fact,) = found.facts
    assert fact.evidence == Evidence(7, 11, 39, "Silas Crane wore a red coat.", ("Silas Crane",))
    assert text[fact.evidence.start : fact.evidence.end] == fact.evidence.quote
    assert fact.scene_scoped
    assert fact.evidence in found.evidence


def test_sheets_tell_how_often_and_where_first() -> None:
    chapters = [(1, "It rained."), (2, "At noon Silas Crane came in. Then Crane sat down, and Crane slept.")]
    (found,) = make_sheets(chapters, "en")
    assert (found.name, found.kind, found.mentions, found.chapter, found.start) == ("Silas Crane", "person", 3, 2, 0)
    assert found.names[0] == Called("Crane", 2, 2, 34)


def test_places_have_sheets() -> None:
    text = "They lived in London. In London it rained. He came from London, and in London he stayed."
    assert [(one.name, one.kind) for one in make_sheets([(1, text)], "en")] == [("London", "place")]


def test_other_languages_have_none() -> None:
    assert make_sheets([(1, "Alors Silas Crane entra. Puis Silas Crane sortit, et Silas Crane dormit.")], "fr") == []
    assert make_sheets([], "en") == []


def fact(aspect: Aspect, value: str, chapter: int, end: int = 10, *, sure: bool = True) -> Fact:
    return Fact(aspect, value, sure, Evidence(chapter, 0, end, value))


FACTS = [
    fact(Aspect.DRESS, "red coat", 1),
    fact(Aspect.HAIR, "grey beard", 1),
    fact(Aspect.EYES, "blue eyes", 2, 500),
    fact(Aspect.DRESS, "white shirt", 3),
    fact(Aspect.MARKS, "long scar", 3, sure=False),
    fact(Aspect.AGE, "old sailor", 4),
]


@pytest.mark.parametrize(
    ("chapter", "end", "expected"),
    [
        (1, None, "grey beard, red coat"),
        (2, 100, "grey beard"),
        (2, None, "grey beard, blue eyes"),
        (3, None, "grey beard, blue eyes, white shirt"),
        (5, None, "old sailor, grey beard, blue eyes"),
    ],
)
def test_a_look_knows_no_more_than_the_reader_and_only_the_dress_of_its_scene(
    chapter: int, end: int | None, expected: str
) -> None:
    assert look(FACTS, chapter, end) == expected


def test_a_look_is_short() -> None:
    many = [fact(aspect, f"very very very very long {aspect}", 1) for aspect in Aspect for _ in range(5)]
    assert 15 <= len(look(many, 1).split()) <= 25


def test_the_seed_of_a_name_is_always_the_same() -> None:
    assert seed("Silas Crane") == seed("silas crane") == 73425685
    assert seed("Silas Crane") != seed("Тарас Бульба")
    assert 0 <= seed("") < 2**31
