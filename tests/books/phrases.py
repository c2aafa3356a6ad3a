"""The sentences that generated novels are made of, all our own.

A form may use {name}, {other}, {colour}, {thing}, {number}; in Russian the forms are built so that each word fits.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    title: str
    author: str
    heading: str
    names: tuple[str, ...]
    colours: tuple[str, ...]
    things: tuple[str, ...]
    telling: tuple[str, ...]
    speech: tuple[str, ...]
    places: tuple[str, ...]
    people: tuple[str, ...]
    light: tuple[str, ...]
    objects: tuple[str, ...]
    acts: tuple[str, ...]


ENGLISH = Phrases(
    title="The House Above the Ferry",
    author="Test Novelist",
    heading="Chapter {}",
    names=("Agnes", "Mr Tarrant", "Colm", "Hester", "Old Veale", "Lydia", "Doctor Prout", "Ned", "Mrs Amory", "Ruth"),
    colours=("grey", "yellow", "dark red", "white", "green", "brown", "pale blue", "black"),
    things=("lantern", "letter", "kettle", "spade", "ledger", "ladder", "basket", "knife", "clock", "hymn-book"),
    telling=(
        "{name} had not meant to speak of it, and for {number} days nobody did.",
        "It was generally believed that {other} would sell in the end, whatever might be said at dinner.",
        "There are families in which nothing is ever decided, and this was one of them.",
        "She thought that he must have known, and then that he could not have known, and slept badly on both.",
        "In those years the ferry ran whenever there was someone to complain that it did not.",
        "Nothing had been promised, which made it difficult to say what exactly had been broken.",
        "{name} was of the opinion that a man should not apologise before breakfast.",
        "All that summer the matter of the {thing} was left where it was.",
        "He had intended to write, and would have written, if he had not been so sure of what he would say.",
        "By the time that {other} heard of it there were already three versions, and the worst of them was kind.",
        "It cost him {number} pounds, and he spoke of it ever after as {number} years.",
        "Perhaps it would have been wiser to wait; but waiting had been tried.",
    ),
    speech=(
        "“You might have asked me,” said {name}.",
        "“I did ask,” said {other}. “I asked in the spring. You were thinking about drains.”",
        "“And what am I to do with a {thing}?”",
        "“Nobody is obliging you,” {name} answered, “to do anything at all.”",
        "“Is he coming?” “He is always coming. That’s not the same as being here, my dear.”",
        "“I don’t believe it,” said {other}, who did.",
        "“Tell me again what she said about the {thing}, and leave out what you said.”",
        "“It will be {number} miles if we go by the church, and I am not going by the church.”",
    ),
    places=(
        "The house stood on the slope above the river, its {colour} shutters closed, with ivy to the eaves and one "
        "chimney leaning.",
        "Below it the road ran down between stone walls to the landing, where two flat boats lay bottom up in the "
        "nettles.",
        "Behind the barn a {colour} field went up to the edge of the wood, and a line of elms stood along the top of "
        "it against the sky.",
        "The kitchen was long and low, with a brick floor worn hollow at the hearth and copper pans in a row above it.",
        "On the far bank the village lay along the water: a square tower, {number} slate roofs, washing on a line.",
        "Through the arch they saw a yard paved with cobbles, a pump in the middle, and hens walking round it.",
    ),
    people=(
        "{name} was a tall stooping man with a {colour} beard cut square and hands too large for his cuffs.",
        "She wore a {colour} coat buttoned to the chin, and her wet hair was pinned up with a pencil.",
        "His face was narrow and freckled, and one eyebrow, cut through by a white scar, stood higher than the other.",
        "An old woman in a straw hat sat on the step with a {thing} in her lap and her boots unlaced.",
        "{other} had come in with mud to the knees, red in the cheeks, holding the child’s {colour} scarf.",
    ),
    light=(
        "The sun had gone down behind the wood, and a {colour} light lay flat along the water.",
        "Rain hung over the hills in long {colour} curtains, and under it the fields shone.",
        "Snow was falling past the lamp at the corner, and the whole street lay white and unmarked beneath it.",
        "Mist filled the valley to the tops of the hedges, and the trees stood out of it one behind another.",
        "Firelight moved on the ceiling; the rest of the room was dark, and the panes were black and streaming.",
    ),
    objects=(
        "On the table lay a {thing} wrapped in {colour} cloth, tied twice round with cord and sealed with wax.",
        "It was a silver watch with a cracked glass, its back engraved with a ship and a date.",
        "The box was of {colour} wood bound with brass at the corners, and its key hung from a ribbon.",
        "A {thing} of beaten iron hung from the beam, black with smoke, with a bent hook at the end.",
    ),
    acts=(
        "{name} ran down the steps, caught the rope as it slid from the post, and was dragged to the landing’s edge.",
        "He swung the {thing} over his head with both arms, and the window went out into the snow.",
        "The horse reared in the shafts; {other} flung himself at the bridle and hung there with his boots off the "
        "ground.",
        "She climbed on the wall, holding her skirts in one hand, and waved the {colour} scarf at the boat.",
        "They carried him up the slope on a door, four men at the corners, with a lantern swinging in front.",
    ),
)

RUSSIAN = Phrases(
    title="Дом над перевозом",
    author="Тестовый Романист",
    heading="Глава {}",
    names=("Агафья", "Настасья Львовна", "Варвара", "Лукерья", "Ольга Петровна", "Марфа", "Катерина", "Дуня"),
    colours=("серый", "жёлтый", "тёмно-красный", "белый", "зелёный", "бурый", "синий", "чёрный"),
    things=("фонарь", "сундук", "чайник", "заступ", "платок", "ларец", "кувшин", "нож"),
    telling=(
        "{name} не собиралась об этом говорить, и {number} дней об этом никто не говорил.",
        "Все считали, что имение в конце концов продадут, что бы там ни обещали за обедом.",
        "Есть семьи, в которых ничего никогда не решается, и эта была из таких.",
        "Она думала, что он непременно знал, потом думала, что знать он не мог, и одинаково плохо спала.",
        "В те годы перевоз ходил тогда, когда было кому жаловаться, что он не ходит.",
        "Ничего обещано не было, оттого и трудно было сказать, что именно нарушено.",
        "{name} полагала, что до завтрака извиняться не следует.",
        "Всё лето про {thing} не вспоминали.",
        "Он хотел написать и написал бы, если бы не знал так твёрдо, что именно напишет.",
        "Пока новость дошла до города, у неё было уже три вида, и худший из них был самым добрым.",
        "Это обошлось в {number} рублей, а вспоминали потом так, будто прошло {number} лет.",
        "Может быть, разумнее было подождать; но ждать уже пробовали.",
    ),
    speech=(
        "— Могли бы спросить меня, — сказала {name}.",
        "— Я спрашивала, — отвечала {other}. — Весной. Вы тогда думали о крыше.",
        "— И что мне прикажете делать? На что мне {thing}?",
        "— Никто вас не неволит, — заметила {name}, — делать что бы то ни было.",
        "— Едет он? — Он всегда едет. Это не то же самое, что приехал, голубушка.",
        "— Не верю, — сказала {other}, которая верила.",
        "— Расскажите снова, что она говорила, а что вы говорили, опустите.",
        "— Через церковь будет {number} вёрст, а через церковь я не поеду.",
    ),
    places=(
        "Дом стоял на косогоре над рекой, с заколоченными ставнями, увитый хмелем до самой крыши, и одна труба на нём "
        "накренилась.",
        "Под горой дорога спускалась меж каменных оград к причалу, где в крапиве лежали вверх дном две плоские лодки.",
        "За гумном поднималось к лесу скошенное поле, и по верху его тянулся ряд старых лип.",
        "Кухня была длинная и низкая, с кирпичным полом, стёртым у печи, и медные тазы висели над нею рядком.",
        "На том берегу вдоль воды лежало село: белая колокольня, {number} тёсовых крыш, бельё на верёвке.",
        "Сквозь ворота виден был мощёный двор, колодец посередине и куры, ходившие вокруг него.",
    ),
    people=(
        "Это был высокий сутулый старик с седой бородой, подстриженной лопатой, и руками, большими для его рукавов.",
        "На ней был {colour} платок, повязанный до самых бровей, и мокрые волосы выбивались из-под него на лоб.",
        "Лицо у него было узкое, веснушчатое, и одна бровь, рассечённая белым шрамом, стояла выше другой.",
        "На крыльце сидела старуха в соломенной шляпе и держала на коленях {thing}.",
        "{other} вошла в грязи по колено, румяная с ветра, и держала в руке детский {colour} шарф.",
    ),
    light=(
        "Солнце ушло за лес, и вдоль воды лёг низкий золотой свет.",
        "Над холмами висел дождь длинными серыми полосами, и под ним блестели поля.",
        "Мимо фонаря на углу падал снег, и вся улица лежала под ним белая, без единого следа.",
        "Туман стоял в долине вровень с плетнями, и деревья поднимались из него одно за другим.",
        "По потолку ходили отблески печи; остальная комната была темна, и по чёрным стёклам бежала вода.",
    ),
    objects=(
        "На столе лежал {thing}, завёрнутый в холстину, дважды обвязанный бечёвкой и запечатанный сургучом.",
        "То были серебряные часы с треснувшим стеклом; на крышке вырезан был корабль и под ним год.",
        "Ларец был дубовый, окованный по углам медью, и ключ от него висел на ленте.",
        "С матицы свисал {colour} железный крюк, закопчённый, с загнутым концом.",
    ),
    acts=(
        "{name} сбежала по ступеням, поймала верёвку, соскользнувшую со столба, и её потащило к краю причала.",
        "Он размахнулся обеими руками, и окно вылетело в снег.",
        "Лошадь вздыбилась в оглоблях; он бросился к узде и повис на ней, не доставая сапогами до земли.",
        "Она взобралась на ограду, подобрав одной рукой юбки, и замахала лодке платком.",
        "Его несли в гору на двери, четверо по углам, и впереди качался фонарь.",
    ),
)

PHRASES = {"en": ENGLISH, "ru": RUSSIAN}
