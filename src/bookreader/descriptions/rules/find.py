"""From the text of a chapter to its descriptions, best first."""

from collections.abc import Mapping, Sequence

from bookreader.descriptions.rules.blocks import Block, Role, split_blocks
from bookreader.descriptions.rules.description import Description, Entity, ScoredParagraph
from bookreader.descriptions.rules.entities import entities_of, new_people
from bookreader.descriptions.rules.features import measure
from bookreader.descriptions.rules.kinds import Kinds, kinds_of
from bookreader.descriptions.rules.languages import Language, language_of
from bookreader.descriptions.rules.lexicon import Lexicon, lexicon_of
from bookreader.descriptions.rules.model import probability, worth_weights
from bookreader.descriptions.rules.names import Names
from bookreader.descriptions.rules.paragraphs import (
    WORD,
    Paragraph,
    Sentence,
    classes_of,
    read_paragraph,
    seen_in,
    told_of,
    unquoted,
)
from bookreader.descriptions.rules.priority import priority, quota
from bookreader.descriptions.rules.spans import Passage, find_passages
from bookreader.descriptions.rules.tone import tone_of

RULES_VERSION = "rules-3"
WORTHY = 0.5
"""The probability from which on a paragraph is worth a picture."""
NEVER = 0.01
"""That of a heading, verse, a list, a note, front and back matter."""
UNSEEN = 0.3
"""The most that a paragraph gets in a language without word lists, whose words say nothing of what they show."""


def find_descriptions(text: str, language: str) -> list[Description]:
    """The passages of a chapter that are worth a picture, best first, at most its quota; none overlap.

    `language` is a tag such as en-GB. There are word lists for English and Russian; in other languages nothing is
    found, and `explain` says so.
    """
    code = language_of(language, text)
    scored = _scored(text, code)
    passages = sorted(find_passages(scored, WORTHY, lambda some: _probability(some, code)), key=lambda one: -one.score)
    chosen = sorted(passages[: quota(sum(paragraph.words for paragraph, _ in scored))], key=lambda one: one.start)
    lexicon, met = lexicon_of(code), set[str]()
    blocks = [paragraph.block for paragraph, _ in scored]
    names = Names(text, blocks, lexicon)
    found = []
    for passage in chosen:
        told = _told(blocks, passage, lexicon)
        entities = entities_of(names, told, lexicon, passage.start, passage.end)
        new = _first_met(entities, met) + new_people(told, lexicon, met)
        found.append(_described(text, passage, entities, new=new))
    return sorted(found, key=lambda description: (-description.priority, description.start))


def score_paragraphs(text: str, language: str) -> list[ScoredParagraph]:
    """Every paragraph of a chapter in order, with the probability that it is worth a picture."""
    code = language_of(language, text)
    return [_scored_paragraph(index, *one, lexicon_of(code)) for index, one in enumerate(_scored(text, code))]


def kinds_of_passage(text: str, language: str) -> Kinds | None:
    """Of what a picture of words that somebody chose would be, speech as well; None where nothing in them is known to
    be seen, and in languages without word lists."""
    sentences = unquoted(text, lexicon_of(language_of(language, text)))
    return kinds_of(sentences) if any(sentence.particulars for sentence in sentences) else None


def _scored_paragraph(index: int, paragraph: Paragraph, score: float, lexicon: Lexicon) -> ScoredParagraph:
    kinds = kinds_of(seen_in(paragraph, lexicon))
    return ScoredParagraph(index, paragraph.block.text, round(score, 4), kinds.first, kinds.second)


def _scored(text: str, language: Language) -> list[tuple[Paragraph, float]]:
    lexicon = lexicon_of(language)
    paragraphs = [read_paragraph(block, lexicon) for block in split_blocks(text)]
    return [(paragraph, _score(paragraph, language)) for paragraph in paragraphs]


def _score(paragraph: Paragraph, language: Language) -> float:
    if paragraph.block.role is not Role.PROSE:
        return NEVER
    return _probability(paragraph.sentences, language)


def _probability(sentences: Sequence[Sentence], language: Language) -> float:
    if language is not Language.OTHER:
        return probability(worth_weights(language), measure(sentences))
    told = sum(sentence.words for sentence in sentences)
    spoken = sum(sentence.spoken for sentence in sentences)
    return UNSEEN * min(1.0, told / 60) * told / max(told + spoken, 1)


def _described(text: str, passage: Passage, entities: tuple[Entity, ...], *, new: int) -> Description:
    body = text[passage.start : passage.end]
    seen = classes_of(passage.sentences)
    kinds = kinds_of(passage.sentences)
    return Description(
        start=passage.start,
        end=passage.end,
        text=body,
        type=kinds.first,
        second_type=kinds.second,
        confidence=round(passage.score, 4),
        priority=priority(passage.score, passage.words, kinds, new=new),
        entities=entities,
        tone=tone_of([word.lower() for word in WORD.findall(body)]),
        complexity=_complexity(seen),
        suitability=_suitability(seen, passage.words),
    )


def _told(blocks: Sequence[Block], passage: Passage, lexicon: Lexicon) -> str:
    """A passage without what is spoken or compared in it."""
    parts = [
        told_of(block, lexicon)[max(0, passage.start - block.start) : passage.end - block.start]
        for block in blocks
        if block.role is Role.PROSE and block.start < passage.end and block.end > passage.start
    ]
    return "\n".join(parts)


def _first_met(entities: Sequence[Entity], met: set[str]) -> int:
    """How many people and places with a name; places without one, such as a room, count once together."""
    names = {entity.name for entity in entities if entity.kind != "object"} - met
    met |= names
    proper = sum(not name.islower() for name in names)
    return proper + (len(names) > proper)


def _complexity(seen: Mapping[str, int]) -> str:
    much = seen["concrete"] + seen["acts"]
    return "simple" if much < 12 else "moderate" if much < 30 else "complex"


def _suitability(seen: Mapping[str, int], words: int) -> float:
    visible = seen["concrete"] + 0.5 * seen["looks"] + 0.5 * seen["skies"]
    unseen = seen["mind"] + seen["negation"] + seen["sound"] + 0.5 * seen["abstract"]
    return round(max(0.0, min(1.0, (visible - unseen) * 5 / max(words, 1) + 0.3)), 4)
