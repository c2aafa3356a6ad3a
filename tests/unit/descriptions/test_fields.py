"""What is said of a description: type, tone, people, places and things, complexity and suitability."""

import pytest

from bookreader.descriptions.rules import Description, find_descriptions, kinds_of_passage, score_paragraphs

TYPES = {
    "location": [
        "The street climbed between white walls and iron gates to the church on the hill. Beyond its tower "
        "lay a valley full of orchards, with a river, a stone bridge, and the roofs of three villages.",
        "Улица поднималась между белыми стенами и железными воротами к церкви на холме. За колокольней лежала "
        "долина с садами, рекой, каменным мостом и крышами трёх деревень.",
    ],
    "character": [
        "She was a tall woman with grey eyes, a thin mouth and a scar on her cheek. Her black hair was tied "
        "with a ribbon, and she wore a long green dress with lace at the collar and cuffs.",
        "Это была высокая женщина с серыми глазами, тонкими губами и шрамом на щеке. Чёрные волосы её были "
        "перевязаны лентой, на ней было длинное зелёное платье с кружевным воротником.",
    ],
    "atmosphere": [
        "Fog had come in from the sea, and the lamps glimmered through it. The moon was a pale stain behind "
        "the clouds; then lightning flickered, and the rain came down out of the darkness.",
        "С моря пришёл туман, и фонари тускло мерцали сквозь него. Луна бледным пятном светилась за облаками; "
        "потом сверкнула молния, и из темноты хлынул дождь.",
    ],
    "object": [
        "The box was of black wood with a silver lock. In it lay a pistol, a brass key and a roll of "
        "parchment tied with string, and under the parchment a glass bottle with a paper label.",
        "Шкатулка была из чёрного дерева с серебряным замком. В ней лежали пистолет, медный ключ и свиток, "
        "перевязанный бечёвкой, а под свитком стеклянная бутылка с бумажной наклейкой.",
    ],
    "action": [
        "He leapt over the table, seized the man by the throat and flung him to the floor. She snatched up "
        "the lamp and ran; he sprang after her, caught her by the arm and pulled her back.",
        "Он перепрыгнул через стол, схватил его за горло и швырнул на пол. Она подхватила лампу и побежала; "
        "он бросился за ней, поймал её за руку и потащил назад.",
    ],
}


MIXED = {
    "what a sentence brings in is what it shows": {
        "character": [
            "He opened the door and looked in. By the fire sat an old man in a green coat, an enormous man with a "
            "broken nose and one white eye.",
        ],
        "location": [
            "We climbed down and walked on until we came to a gate. Behind it lay a garden with a dry fountain, a wall "
            "of red brick and a row of black trees.",
        ],
        "object": [
            "She dragged a case from under the bed. In it was a lamp, a brass thing with a cracked glass, a rope and a "
            "tin box.",
        ],
    },
    "he and she are people to be drawn": {
        "character": [
            "His beard was grey, and he wore a patched coat; his hands lay on his knees, and the scar on his cheek was "
            "white.",
        ],
    },
    "Russian verbs say whether something happens or goes on": {
        "action": [
            "Он вскочил, схватил со стола нож и выбежал во двор. Собака бросилась за ним, и он захлопнул калитку.",
            "Конь рванул, сани подпрыгнули и повалились на бок; ямщик вылетел в снег.",
        ],
        "location": [
            "Двор спускался к реке, и по обе стороны тянулись сараи; у ворот стояла телега, за забором темнели сосны.",
        ],
        "character": [
            "Старик сидел у окна. Седая борода его лежала на груди, узкие глаза смотрели весело, на плечах висел "
            "старый тулуп.",
        ],
    },
}


def only(text: str, language: str = "") -> Description:
    (description,) = find_descriptions(text, language)
    return description


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in TYPES.items() for text in texts])
def test_types(kind: str, text: str) -> None:
    description = only(text)
    assert description.type == kind
    assert description.second_type in TYPES
    assert description.second_type != kind


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for rule in MIXED.values() for kind, texts in rule.items() for text in texts]
)
def test_types_where_kinds_of_things_are_mixed(kind: str, text: str) -> None:
    assert only(text).type == kind


@pytest.mark.parametrize(
    ("tag", "text", "kind"),
    [
        ("en", "the red gate and the tower on the hill", "location"),
        ("en", "“A tall man with a grey beard and a torn coat.”", "character"),
        ("ru", "туман над рекой, сумерки и лунный свет", "atmosphere"),
        ("ru", "— Старик! — сказал он. — В рваном тулупе, седой, с бородой до пояса!", "character"),
        ("ru", "Он схватил её за руку и потащил к двери", "action"),
    ],
)
def test_the_type_of_chosen_words_that_are_no_paragraph(tag: str, text: str, kind: str) -> None:
    kinds = kinds_of_passage(text, tag)
    assert kinds is not None
    assert kinds.first == kind
    assert kinds.second != kind


@pytest.mark.parametrize(
    ("language", "speech", "kind"),
    [
        ("en", "“A tall man with a grey beard, a scar on his cheek and a torn coat,” she said.", "character"),
        ("en", "“A red brick tower on the hill, with a gate, a bridge and a garden wall.”", "location"),
        ("ru", "— Высокий старик с седой бородой, шрамом на щеке, в рваном тулупе, — сказала она.", "character"),
        ("ru", "«Красная башня на холме, с воротами, мостом и садовой стеной».", "location"),
    ],
)
def test_the_type_of_a_paragraph_that_is_all_speech_is_told_by_the_speech(
    language: str, speech: str, kind: str
) -> None:
    (paragraph,) = score_paragraphs(speech, language)
    assert paragraph.type == kind


@pytest.mark.parametrize(
    ("tag", "text"), [("en", "and so on"), ("en", "…"), ("fr", "Le manteau rouge du vieil homme.")]
)
def test_words_that_show_nothing_have_no_type(tag: str, text: str) -> None:
    assert kinds_of_passage(text, tag) is None


@pytest.mark.parametrize(
    ("tone", "text"),
    [
        ("dread", "The dead man lay in the dark street in his torn coat, his pistol in the blood on the stones, and a"
         " ghastly shadow crept along the wall."),
        ("grief", "She wept by the grave in her black veil, lonely and pale, and her tears fell on the stone; "
        "the sad old"
         " man stood mourning at the gate."),
        ("joy", "The children danced laughing round the tree in their bright red caps, and the merry fiddler smiled and"
         " kissed the happy bride under the lamp."),
        ("wonder", "A huge golden gate rose before them, strange and glorious, and in its dazzling light stood "
        "an angel of"
         " marble with vast white wings."),
        ("calm", "The cat slept on the warm stone by the quiet pond, and a boat lay still among the reeds under "
        "the willow."),
        ("dread", "Мёртвый лежал на тёмной улице в рваном плаще, в луже крови, и страшная тень кралась по стене."),
        ("grief", "Она плакала у могилы в чёрном платке, одинокая и бледная, и слёзы падали на камень."),
        ("joy", "Дети плясали и смеялись вокруг ёлки в ярких красных шапках, и весёлый скрипач улыбался у окна."),
        ("wonder", "Огромные золотые ворота стояли перед ними, и в сиянии их был виден прекрасный мраморный ангел."),
    ],
)  # fmt: skip
def test_tone(tone: str, text: str) -> None:
    assert only(text).tone == tone


def entities(text: str, kind: str) -> set[str]:
    return {
        entity.name
        for description in find_descriptions(text, "")
        for entity in description.entities
        if entity.kind == kind
    }


CHAPTER = (
    "Yesterday Silas Crane stood at the gate in a red coat and a torn hat. Behind him Dr. Livesey lifted his "
    "lantern, and"
    " old Mrs. Hudson held the white horse by its bridle. In London the river had frozen, and snow lay on Baker "
    "Street and"
    " on the roofs. Crane looked at the bridge."
)
ГЛАВА = (
    "У ворот стоял в красном кафтане Тарас Бульба. За ним Марья Ивановна держала фонарь, и белая лошадь била копытом"
    " о камни; Савельич поднёс Пугачёву шубу. В Оренбурге замёрзла река, снег лежал на крышах. Марья Ивановна молчала."
)


def test_people() -> None:
    assert entities(CHAPTER, "person") == {"Silas Crane", "Dr. Livesey", "Mrs. Hudson"}
    assert {"Тарас Бульба", "Марья Ивановна", "Савельич", "Пугачёв"} <= entities(ГЛАВА, "person")


def test_places() -> None:
    assert {"London", "Baker Street", "gate", "river"} <= entities(CHAPTER, "place")
    assert {"Оренбург", "ворота", "река"} <= entities(ГЛАВА, "place")


def test_things() -> None:
    assert {"lantern", "bridle"} <= entities(CHAPTER, "object")
    assert "фонарь" in entities(ГЛАВА, "object")


@pytest.mark.parametrize(
    ("thing", "text"),
    [
        ("cart", "An old cart and a white horse stood at the iron gate, and under the birch lay a red coat."),
        ("birch", "An old cart and a white horse stood at the iron gate, and under the birch lay a red coat."),
        ("телега", "Старая телега стояла у железных ворот, а под берёзой лежал красный кафтан."),
        ("берёза", "Старая телега стояла у железных ворот, а под берёзой лежал красный кафтан."),
    ],
)
def test_a_cart_or_a_tree_is_no_place(thing: str, text: str) -> None:
    assert thing in entities(text, "object")
    assert thing not in entities(text, "place")


@pytest.mark.parametrize(
    ("absent", "text"),
    [
        ("ham", "The man stood at the gate in a red coat, with a face as big as a ham, and lifted his lamp."),
        ("mountain", "The old man in the red coat climbed the stairs like a man on a steep mountain, lamp in hand."),
        ("castle", "The old man in the red coat lifted his lamp at the gate and said, “Where is the castle?”"),
        ("башня", "Старик в красном кафтане стоял у ворот, словно старая башня, и держал медную лампу."),
        ("замок", "Старик в красном кафтане поднял у ворот медную лампу и сказал: «Где же замок?»"),
    ],
)
def test_what_is_compared_or_only_spoken_of_is_not_there(absent: str, text: str) -> None:
    assert absent not in entities(text, "place") | entities(text, "object")
    assert entities(text, "object") & {"lamp", "лампа"}


def test_a_surname_that_is_no_word_is_one_mans() -> None:
    text = "На крыльце в красном мундире стоял Зурин с трубкой в руке. В комнате у окна сидел рядом с Зуриным старик."
    assert entities(text, "person") == {"Зурин"}


def test_an_inscription_is_no_person() -> None:
    text = "On the red gate hung a label with the words DRINK ME, and a black jar marked ORANGE stood on the table."
    assert entities(text, "person") == set()
    text = "На красных воротах висела доска с надписью НЕ ВХОДИТЬ, а на столе стояла банка, где написано МЁД."
    assert entities(text, "person") == set()


def test_christmas_eve_is_no_person() -> None:
    text = "On Christmas Eve the lamps were lit over the red gate, and a white horse stood by the stone bridge."
    assert entities(text, "person") == set()


def test_a_word_that_begins_a_sentence_is_no_name() -> None:
    text = "Lanterns hung over the gate. Behind it stood a white horse. Snow lay on the red roof and the stone bridge."
    assert entities(text, "person") == set()


def test_a_word_that_begins_a_paragraph_below_a_heading_is_no_name() -> None:
    text = (
        "Chapter Two\n\nNothing moved on the black pond. Red leaves lay on it, and a grey heron stood by the white "
        "stone at the mill. Nothing stirred the rushes."
    )
    assert entities(text, "person") == set()


def test_days_months_and_nations_are_no_people() -> None:
    text = (
        "One January morning a French ship with red sails lay in the bay, and on Monday two English boats "
        "rowed round it."
    )
    assert entities(text, "person") == set()


def test_complexity_grows_with_what_there_is_to_draw() -> None:
    simple = only("A red lamp hung over the iron gate, and a dog lay under it in the snow.")
    complex_ = only(CHAPTER + " " + TYPES["location"][0] + " " + TYPES["object"][0])
    assert (simple.complexity, complex_.complexity) == ("simple", "complex")


def test_suitability_is_the_less_the_more_is_thought_and_denied() -> None:
    seen = only("The old man stood at the gate in a red coat and a torn hat, and the dog lay at his feet in the snow.")
    less = only(
        "The old man stood at the gate in a red coat and a torn hat, and the dog lay at his feet in the snow; but he "
        "could not know what she had hoped, nor what she thought."
    )
    assert 0 <= less.suitability < seen.suitability <= 1
