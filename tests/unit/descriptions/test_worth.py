"""What makes a paragraph worth a picture, rule by rule, in both languages."""

import pytest

from bookreader.descriptions.rules import score_paragraphs

SCENE = {
    "en": "The old man stood at the gate in a red coat and a torn hat. Behind him the grey sea broke over the rocks.",
    "ru": "Старик стоял у ворот в красном кафтане и рваной шапке. За ним серое море билось о камни.",
}
LESS = {
    "en": {
        "speech": "“The old man stood at the gate in a red coat and a torn hat. Behind him the grey sea broke "
        "on the rocks.”",
        "thought": "She thought of the old man and hoped that he knew why she wanted to forget what she had "
        "once believed.",
        "summary": "In the years that followed he lost his fortune, married twice, and was elected to the "
        "council of the town.",
        "habit": "He always said that it was usually wiser to wait, and every year he was generally right about "
        "the outcome.",
        "abstract": "The question of authority is a question of justice, and of the relation between freedom "
        "and the law.",
        "denial": "There was no gate, no coat and no hat; nobody stood there, nor had anyone ever seen a sea or "
        "any rocks.",
        "possibility": "If an old man should stand at the gate, he might perhaps wear a coat, or he could have "
        "a hat; who would know?",
        "sound only": "He heard a voice, and then a murmur; he listened to the silence, and the noise began "
        "again and rang on.",
        "address": "You know your own mind, and you will do what you want, for you always told me that you "
        "trusted yourself.",
        "names only": "Smith knew Jones, Jones knew Brown, Brown knew Robinson, and Robinson had been told of "
        "Smith by White.",
    },
    "ru": {
        "speech": "— Старик стоял у ворот в красном кафтане и рваной шапке. За ним серое море билось о камни.",
        "thought": "Она думала о нём и надеялась, что он понимает, почему ей хочется забыть то, во что она "
        "верила прежде.",
        "summary": "За следующие годы он потерял состояние, дважды женился и был избран в городской совет, о "
        "чём после жалел.",
        "habit": "Он всегда говорил, что обыкновенно разумнее подождать, и каждый год, как правило, оказывался прав.",
        "abstract": "Вопрос о власти есть вопрос о справедливости и об отношении между свободой и законом в обществе.",
        "denial": "Не было ни ворот, ни кафтана, ни шапки; никто там не стоял, и никогда никто не видел там моря.",
        "possibility": "Если бы старик мог стоять у ворот, он, возможно, был бы в кафтане; но разве можно это знать?",
        "sound only": "Он услышал голос, потом шёпот; он слушал тишину, и шум раздавался снова, и звон не умолкал.",
        "address": "Ты знаешь своё сердце, и ты сделаешь, как хочешь, ведь ты всегда говорил мне, что веришь себе.",
        "names only": "Иванов знал Петрова, Петров знал Сидорова, Сидоров знал Попова, а Попову говорил об "
        "Иванове Белов.",
    },
}


def score(text: str, language: str) -> float:
    (paragraph,) = score_paragraphs(text, language)
    return paragraph.score


@pytest.mark.parametrize("language", SCENE)
def test_a_scene_that_can_be_seen_is_worth_a_picture(language: str) -> None:
    assert score(SCENE[language], language) > 0.8


@pytest.mark.parametrize(("language", "rule"), [(language, rule) for language in LESS for rule in LESS[language]])
def test_what_cannot_be_seen_is_not(language: str, rule: str) -> None:
    assert score(LESS[language][rule], language) < 0.5


def test_a_tale_that_somebody_tells_over_many_paragraphs_counts_as_told() -> None:
    told = (
        f"“{SCENE['en']} The dog lay at his feet, and over the roof of the cottage the smoke went up into "
        f"the evening sky."
    )
    assert score(told, "en") > 0.5
    assert score(f"{told}”", "en") < 0.5


def test_what_something_is_compared_with_is_not_seen() -> None:
    plain = "He waited, and the silence grew, and he did not know what he had hoped for."
    compared = plain.replace(
        "silence grew", "silence grew like a black tower over a red sea of stone walls and old iron gates"
    )
    assert score(compared, "en") < 0.5
    plain = "Он ждал, и тишина росла, и он не знал, на что надеялся."
    compared = plain.replace(
        "тишина росла", "тишина росла, словно чёрная башня над красным морем каменных стен и железных ворот"
    )
    assert score(compared, "ru") < 0.5


def test_a_word_with_a_capital_is_a_name() -> None:
    people = (
        "Then Stone and Rivers spoke to Fox, and Hill agreed with Church, though Field and Brook and Marsh did not."
    )
    assert score(people, "en") < score(people.lower().replace("then", "Then"), "en")


def test_a_noun_is_told_from_a_verb_by_the_word_before_it() -> None:
    noun = "The rose lay on the stone. A rose stood in the glass. His hand held the rose."
    verb = "They rose. The men rose. We rose, and he rose. The cost rose."
    assert score(noun, "en") > score(verb, "en")


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "“Come,” said the old man in the red coat, and he lifted the lantern and opened the iron gate. “Come.”"),
     ("ru", "— Иди, — сказал старик в красном кафтане, поднял фонарь и отворил железные ворота. — Иди.")],
)  # fmt: skip
def test_what_the_author_tells_within_a_dialogue_counts(language: str, told: str) -> None:
    silent = {
        "en": "“Come,” said he. “Come, I tell you, come, and be quick.”",
        "ru": "— Иди, — сказал он. — Иди скорее.",
    }
    assert score(told, language) > 0.5 > score(silent[language], language)


def test_ё_is_е() -> None:
    assert score("Чёрный ворон сел на берёзу у зелёного озера.", "ru") == pytest.approx(
        score("Черный ворон сел на березу у зеленого озера.", "ru")
    )


def test_scores_are_probabilities_of_all_paragraphs_in_order() -> None:
    texts = ["Chapter I", SCENE["en"], "“Never,” said she.", SCENE["en"]]
    found = score_paragraphs("\n\n".join(texts), "en")
    assert [paragraph.index for paragraph in found] == [0, 1, 2, 3]
    assert [paragraph.text for paragraph in found] == texts
    assert all(0 <= paragraph.score <= 1 for paragraph in found)
    assert found[1].score == found[3].score > 0.5 > max(found[0].score, found[2].score)
