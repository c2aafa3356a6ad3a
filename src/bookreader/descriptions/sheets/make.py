"""From the chapters of a book to its sheets."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bookreader.descriptions.rules.blocks import Role, split_blocks
from bookreader.descriptions.rules.classes import counts
from bookreader.descriptions.rules.data import listed
from bookreader.descriptions.rules.languages import Language, language_of
from bookreader.descriptions.rules.lexicon import Lexicon, lexicon_of
from bookreader.descriptions.rules.names import Mention, Names
from bookreader.descriptions.rules.paragraphs import WORD, read_paragraph, told_of
from bookreader.descriptions.sheets.clusters import Cluster, cluster, sex_of
from bookreader.descriptions.sheets.facts import Token, Trait, offers, tokens_of, traits
from bookreader.descriptions.sheets.sheet import Aspect, Called, Evidence, Fact, Sheet

LEAST = 3
"""Mentions from which on a name gets a sheet."""
MOST = 150
"""Sheets of a book: who is named less often than these is hardly in a picture twice."""
OFFERS = 16
"""Looks that a sheet offers at most, the first ones of the book."""
NEAR = 2
"""Paragraphs after the one that names somebody in which `he` or `she` may still mean them."""
EVIDENCE = 12
"""Sentences that a sheet keeps at most."""


@dataclass(frozen=True)
class _Sentence:
    """A sentence with what is told of it at its place (`told` has the length of the paragraph) and the names in it."""

    chapter: int
    start: int
    end: int
    text: str
    told: str
    within: tuple[int, int]
    offset: int
    mentions: tuple[Mention, ...]
    shows: float
    begins_paragraph: bool


@dataclass
class _Draft:
    first: tuple[int, int]
    called: dict[str, tuple[int, int]] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    sentences: list[_Sentence] = field(default_factory=list)


def make_sheets(chapters: Sequence[tuple[int, str]], language: str) -> list[Sheet]:
    """The people and places of a book, the most mentioned first; `chapters` are numbers with their texts.

    Nothing is found in languages without word lists.
    """
    sample = max((text for _, text in chapters), key=len, default="")
    code = language_of(language, sample)
    if code is Language.OTHER:
        return []
    lexicon = lexicon_of(code)
    sentences = [sentence for number, text in chapters for sentence in _sentences(number, text, lexicon)]
    clusters = [one for one in cluster(_counted(sentences)) if one.mentions >= LEAST]
    whose = {name: one for one in clusters for name in one.names}
    drafts = _drafts(sentences, whose, lexicon)
    return [_sheet(one, drafts[one.name]) for one in clusters if one.name in drafts][:MOST]


def _sentences(number: int, text: str, lexicon: Lexicon) -> Iterator[_Sentence]:
    blocks = split_blocks(text)
    names = Names(text, blocks, lexicon)
    for block in blocks:
        if block.role is not Role.PROSE:
            continue
        told = told_of(block, lexicon)
        for place, one in enumerate(read_paragraph(block, lexicon).sentences):
            seen = counts(one.total)
            within = (one.start - block.start, one.end - block.start)
            yield _Sentence(
                number, one.start, one.end, text[one.start : one.end], told, within, block.start,
                tuple(names.mentions(one.start, one.end)), seen["body"] + seen["dress"] + seen["looks"], place == 0,
            )  # fmt: skip


def _counted(sentences: Iterable[_Sentence]) -> Mapping[tuple[str, str], int]:
    """How often each name occurs, as what it is taken for most often."""
    kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for sentence in sentences:
        for mention in sentence.mentions:
            kinds[mention.name][mention.kind] += 1
    return {(name, found.most_common(1)[0][0]): found.total() for name, found in kinds.items()}


def _drafts(sentences: Sequence[_Sentence], whose: Mapping[str, Cluster], lexicon: Lexicon) -> dict[str, _Draft]:
    drafts: dict[str, _Draft] = {}
    last: Cluster | None = None
    since = 0
    for sentence in sentences:
        named = {id(whose[one.name]): whose[one.name] for one in sentence.mentions if one.name in whose}
        _note(sentence, named.values(), whose, drafts)
        since += sentence.begins_paragraph
        people = [one for one in named.values() if one.kind == "person"]
        strangers = any(one.kind == "person" and one.name not in whose for one in sentence.mentions)
        if sentence.mentions:
            last, since = (people[0] if len(people) == 1 and not strangers else None), 0
        if last is None or since > NEAR:
            continue
        draft = drafts[last.name]
        if len({mention.name for mention in sentence.mentions if mention.kind == "person"}) == 1:
            draft.facts += _facts_of(sentence, last, lexicon)
        if _may_be_of(sentence, last):
            draft.facts += _offered(sentence, lexicon)
    return drafts


def _note(
    sentence: _Sentence, named: Iterable[Cluster], whose: Mapping[str, Cluster], drafts: dict[str, _Draft]
) -> None:
    """Whom a sentence names, and by which of their names."""
    for one in named:
        drafts.setdefault(one.name, _Draft((sentence.chapter, sentence.start))).sentences.append(sentence)
    for mention in sentence.mentions:
        if mention.name in whose:
            called = drafts[whose[mention.name].name].called
            called.setdefault(mention.name, (sentence.chapter, mention.start))


def _facts_of(sentence: _Sentence, person: Cluster, lexicon: Lexicon) -> Iterator[Fact]:
    """What the sentence says of the only person whom it names."""
    tokens = tokens_of(sentence.told, *sentence.within, lexicon)
    for mention in sentence.mentions:
        if mention.kind == "person" and mention.name in person.names:
            places = _covered(tokens, mention.start - sentence.offset, mention.end - sentence.offset)
            if places:
                found = traits(sentence.told, tokens, places[0], places[-1] + 1, lexicon)
                yield from _facts(sentence, found, sure=True)


def _covered(tokens: Sequence[Token], start: int, end: int) -> list[int]:
    return [place for place, token in enumerate(tokens) if token.start < end and token.end > start]


def _may_be_of(sentence: _Sentence, person: Cluster) -> bool:
    """Whether the sentence names the person, or says `he` or `she` as it fits them, and nobody else is named in it."""
    if sentence.mentions:
        return len({mention.name for mention in sentence.mentions}) == 1
    he, she = listed("looks.txt", "he"), listed("looks.txt", "she")
    fitting = {"man": he, "woman": she}.get(sex_of(person.name), he | she)
    start, end = sentence.within
    return any(match[0].lower() in fitting for match in WORD.finditer(sentence.told, start, end))


def _offered(sentence: _Sentence, lexicon: Lexicon) -> Iterator[Fact]:
    tokens = tokens_of(sentence.told, *sentence.within, lexicon)
    return _facts(sentence, offers(sentence.told, tokens, lexicon), sure=False)


def _facts(sentence: _Sentence, found: Iterable[Trait], *, sure: bool) -> Iterator[Fact]:
    evidence = _evidence(sentence)
    for trait in found:
        yield Fact(trait.aspect, trait.value, sure, evidence)


def _distinct(facts: Sequence[Fact]) -> Iterator[Fact]:
    """What is sure, and what is offered besides: each look once."""
    known: set[tuple[Aspect, str]] = set()
    offered = 0
    for fact in sorted(facts, key=lambda fact: not fact.sure):
        if (fact.aspect, fact.value) not in known and (fact.sure or offered < OFFERS):
            known.add((fact.aspect, fact.value))
            offered += not fact.sure
            yield fact


def _sheet(one: Cluster, draft: _Draft) -> Sheet:
    best = sorted(draft.sentences, key=lambda sentence: -sentence.shows)[:EVIDENCE]
    shown = sorted((sentence for sentence in best if sentence.shows), key=lambda one: (one.chapter, one.start))
    return Sheet(
        name=one.name,
        kind=one.kind,
        names=tuple(Called(name, count, *draft.called[name]) for name, count in one.names.most_common()),
        mentions=one.mentions,
        chapter=draft.first[0],
        start=draft.first[1],
        facts=tuple(sorted(_distinct(draft.facts), key=lambda fact: (fact.evidence.chapter, fact.evidence.start))),
        evidence=tuple(_evidence(each) for each in shown),
    )


def _evidence(sentence: _Sentence) -> Evidence:
    names = tuple(dict.fromkeys(mention.name for mention in sentence.mentions))
    return Evidence(sentence.chapter, sentence.start, sentence.end, sentence.text, names)
