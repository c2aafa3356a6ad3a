"""Alternative texts: what a plate shows, said plainly and without claiming more."""

from collections.abc import Sequence

from bookreader.illustrations.plates.setting import Hour

# What a scene may show: in English, in Russian.
_NAMES: dict[str, tuple[str, str]] = {
    "sun": ("the sun", "солнце"),
    "moon": ("the moon", "луна"),
    "stars": ("stars", "звёзды"),
    "clouds": ("clouds", "тучи"),
    "rain": ("rain", "дождь"),
    "snowfall": ("falling snow", "падающий снег"),
    "fog": ("fog", "туман"),
    "snow": ("snow on the ground", "снег на земле"),
    "waves": ("high waves", "высокие волны"),
    "sea": ("the sea", "море"),
    "coast": ("a coast", "берег"),
    "island": ("an island", "остров"),
    "ship": ("a ship under sail", "корабль под парусами"),
    "ship_at_anchor": ("a ship with bare masts", "корабль с голыми мачтами"),
    "boat": ("an empty boat", "пустая лодка"),
    "cliff": ("a cliff", "обрыв"),
    "headland": ("a headland", "мыс"),
    "beach": ("a beach", "отмель"),
    "hills": ("hills", "холмы"),
    "moor": ("a moor", "пустошь"),
    "plain": ("an open plain", "равнина до горизонта"),
    "desert": ("a desert", "пустыня"),
    "field": ("a field", "поле"),
    "grass": ("grass", "трава"),
    "mountains": ("mountains", "горы"),
    "lake": ("a lake", "озеро"),
    "river": ("a river", "река"),
    "road": ("a road", "дорога"),
    "trees": ("trees", "деревья"),
    "pines": ("pines", "ели"),
    "bushes": ("bushes", "кусты"),
    "reeds": ("reeds", "камыш"),
    "boulders": ("boulders", "валуны"),
    "haystack": ("haystacks", "стога"),
    "graves": ("graves", "могилы"),
    "house": ("a house", "дом"),
    "lit_windows": ("lit windows", "светящиеся окна"),
    "smoke": ("smoke from a chimney", "дым из трубы"),
    "church": ("a church", "церковь"),
    "tower": ("a tower", "башня"),
    "castle": ("a castle", "замок"),
    "mill": ("a windmill", "мельница"),
    "fence": ("a fence", "забор"),
    "forest": ("a forest", "лес"),
    "path": ("a path", "тропа"),
    "houses": ("a row of houses", "ряд домов"),
    "street": ("a street", "улица"),
    "roofs": ("roofs of a town", "крыши города"),
    "street_lamp": ("a street lamp", "уличный фонарь"),
    "harbour": ("a harbour", "гавань"),
    "masts": ("ships with bare masts", "корабли с голыми мачтами"),
    "quay": ("a quay", "набережная"),
    "window": ("a window from inside a room", "окно комнаты изнутри"),
    "hearth": ("a hearth with a fire", "очаг с огнём"),
    "candle": ("a candle", "свеча"),
    "table": ("a table", "стол"),
    "armchair": ("an armchair", "кресло"),
    "curtain": ("curtains", "занавеси"),
    "corridor": ("a corridor with doors", "коридор с дверями"),
    "stairs": ("a staircase", "лестница"),
    "door": ("a door", "дверь"),
    "sky": ("a wide sky", "широкое небо"),
    "horizon": ("a low dark horizon", "низкий тёмный горизонт"),
    "flowers": ("flowers", "цветы"),
    "garden": ("a garden with a path", "сад с дорожкой"),
    "avenue": ("an avenue of trees", "аллея"),
    "bed": ("a bed", "кровать"),
    "village": ("village houses", "деревенские дома"),
    "bridge": ("a bridge", "мост"),
    "room": ("a room", "комната"),
    "books": ("a bookshelf", "книжная полка"),
    "clock": ("a clock", "часы"),
    "lamp": ("a lamp", "лампа"),
    "cave": ("the mouth of a cave", "вход в пещеру"),
    "marsh": ("a marsh", "болото"),
    "ruins": ("ruins", "развалины"),
    "valley": ("a valley", "долина"),
}
_HOURS = {
    "en": {Hour.NIGHT: "at night", Hour.DUSK: "at dusk", Hour.DAWN: "at dawn"},
    "ru": {Hour.NIGHT: "ночью", Hour.DUSK: "вечером", Hour.DAWN: "на рассвете"},
}
_SKETCH = {"en": "Linocut sketch", "ru": "Эскиз, линогравюра"}
_WORDS = {"en": "The book's own words: {}", "ru": "Слова из книги: {}"}
_COVER = {"en": "Cover with lettering only: {}", "ru": "Шрифтовая обложка: {}"}


def scene_alt(shown: Sequence[str], hour: Hour, language: str) -> str:
    """For example: Linocut sketch: the sea, a ship under sail, at dusk."""
    tongue = _tongue(language)
    listed = ", ".join(_NAMES[name][tongue == "ru"] for name in shown)
    when = _HOURS[tongue].get(hour)
    return f"{_SKETCH[tongue]}: {listed}" + (f", {when}" if when else "")


def words_alt(phrase: str, language: str) -> str:
    return _WORDS[_tongue(language)].format(phrase)


def cover_alt(title: str, author: str, language: str) -> str:
    return _COVER[_tongue(language)].format(", ".join(part for part in (title, author) if part))


def _tongue(language: str) -> str:
    return "ru" if language.lower().startswith("ru") else "en"
