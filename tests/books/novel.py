"""Writes large novels for load tests and benchmarks: own sentences, mixed as a novel mixes them.

About one paragraph in six shows something (a place, a person, the light, an object, an act), one in three is
speech, the rest tells and thinks. The same arguments always give the same bytes.
"""

import random
from collections.abc import Callable

from tests.books.build import Book, Page, build_epub, build_fb2, paragraphs
from tests.books.phrases import PHRASES, Phrases

PARAGRAPH_KINDS = ("telling", "telling", "telling", "speech", "speech", "shown")


def novel(chapters: int, words_per_chapter: int, language: str = "en", seed: int = 1, *, form: str = "epub") -> bytes:
    """A novel of about `chapters` x `words_per_chapter` words in English or Russian, as EPUB or FB2."""
    build = build_fb2 if form == "fb2" else build_epub
    return build(novel_book(chapters, words_per_chapter, language, seed))


def novel_book(chapters: int, words_per_chapter: int, language: str = "en", seed: int = 1) -> Book:
    """The same novel before it is packed."""
    chance = random.Random(f"{language}-{seed}")  # noqa: S311 - a repeatable novel, not a secret
    phrases = PHRASES[language]
    pages = [
        Page(phrases.heading.format(number), paragraphs(*_chapter(phrases, words_per_chapter, chance)))
        for number in range(1, chapters + 1)
    ]
    return Book(
        title=f"{phrases.title} {seed}",
        pages=pages,
        authors=(phrases.author,),
        language=language,
        identifier=f"urn:uuid:00000000-0000-4000-8000-{seed:012d}",
    )


def _chapter(phrases: Phrases, words: int, chance: random.Random) -> list[str]:
    written: list[str] = []
    left = words
    while left > 0:
        paragraph = MAKERS[chance.choice(PARAGRAPH_KINDS)](phrases, chance)
        written.append(paragraph)
        left -= len(paragraph.split())
    return written


def _telling(phrases: Phrases, chance: random.Random) -> str:
    sentences = chance.sample(phrases.telling, k=chance.randint(2, 6))
    return " ".join(_filled(sentence, phrases, chance) for sentence in sentences)


def _speech(phrases: Phrases, chance: random.Random) -> str:
    return _filled(chance.choice(phrases.speech), phrases, chance)


def _shown(phrases: Phrases, chance: random.Random) -> str:
    kind = chance.choice((phrases.places, phrases.people, phrases.light, phrases.objects, phrases.acts))
    sentences = chance.sample(kind, k=min(len(kind), chance.randint(2, 4)))
    return " ".join(_filled(sentence, phrases, chance) for sentence in sentences)


def _filled(sentence: str, phrases: Phrases, chance: random.Random) -> str:
    return sentence.format(
        name=chance.choice(phrases.names),
        other=chance.choice(phrases.names),
        colour=chance.choice(phrases.colours),
        thing=chance.choice(phrases.things),
        # In Russian these all take the same form of the noun.
        number=chance.randint(5, 20),
    )


MAKERS: dict[str, Callable[[Phrases, random.Random], str]] = {
    "telling": _telling,
    "speech": _speech,
    "shown": _shown,
}
