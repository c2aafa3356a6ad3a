"""The paragraphs of a chapter, and which of them are no prose: headings, verse, lists, notes, front and back matter."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    PROSE = "prose"
    HEADING = "heading"
    VERSE = "verse"
    LIST = "list"
    NOTE = "note"
    MATTER = "matter"


@dataclass(frozen=True)
class Block:
    """A paragraph of the chapter text: code points, half-open, and what it is."""

    start: int
    end: int
    text: str
    role: Role


_BREAK = re.compile(r"\n[ \t\r\f\v]*\n\s*")

_STRONG_MARKS = (
    "project gutenberg", "all rights reserved", "isbn", "©", "standard ebooks", "creative commons", "http://",
    "https://", "www.", "library of congress", "все права защищены", "подписано в печать", "удк ", "ббк ",
)  # fmt: skip
"""What stands in no story. A paragraph with one of these is front or back matter."""
_WEAK_MARKS = (
    "copyright", "public domain", "first published", "printed in", "published by", "licence", "license", "edition",
    "ebook", "trademark", "издательств", "редактор", "корректор", "переводчик", "тираж", "перевод с",
)  # fmt: skip
"""What may stand in a story, but seldom in one paragraph after the other."""
_LOOKED_AT = 2000
"""Code points of a paragraph that are searched for marks."""
_FIRST = 40
"""Paragraphs by which a chapter is known to be front or back matter."""

_MATTER_TITLE = re.compile(
    r"(?:table of )?(?:contents|copyright|imprint|colophon|uncopyright|acknowledge?ments?|dedication|bibliography|"
    r"index|glossary|endnotes|footnotes|notes|about the author|also by\b.*|praise for\b.*|list of illustrations|"
    r"illustrations|transcriber.s notes?|оглавление|содержание|примечания|комментарии|об авторе|выходные данные|"
    r"благодарности|библиография|указатель|словарь|аннотация)\W*",
    re.IGNORECASE,
)
_TITLE = re.compile(r"(?:chapter|part|book|volume|canto|глава|часть|книга|том)\b.{0,80}", re.IGNORECASE)
_NOTE = re.compile(r"\[\d{1,4}\]|\{\d{1,4}\}|[*†‡]{1,3}\s?\w|\d{1,3}\s?[↑↩]")
_NUMBERED = re.compile(r"\d{1,3}\s+[A-ZА-ЯЁ]")
_ITEM = re.compile(r"[•·▪◦‣*-]\s|\(?\d{1,3}[.)]\s|\(?[a-zа-я]\)\s|[IVXLC]{2,6}[.)]\s")
_LETTER = re.compile(r"[^\W\d_]")
_OPENING = "“\"'‘«„(["
_DASHES = ("—", "–", "―", "‒", "--")
_CLOSED = (".", "!", "?", "…", "”", '"', "»", "’", ":", ")")
_LINE = 70
"""Code points: no line of verse and no entry of a list of contents is longer."""
_VERSE_RUN = 4
_EPIGRAPH = 12
"""Paragraphs of an epigraph at most."""
_SIGNED = re.compile(r"[—–]?\s*(?:[A-ZА-ЯЁ]\.\s*){0,2}[A-ZА-ЯЁ][^\W\d_]+(?: [A-ZА-ЯЁ][^\W\d_]+)?[.,]?")
"""A name by itself on a line."""
_CAPITALISED = re.compile(
    " (?:And|The|Of|On|In|With|But|To|That|For|As|Or|Where|When|Upon|From|By|So|Then|At|"
    "И|В|На|С|Но|Не|Как|Что|А|По|За|Где|Там|От|Из|То|Да|Под|Над|Чтоб|Когда|Или)(?=[ ,])"
)
"""Little words that have a capital inside a sentence only where a line of verse begins."""


def split_blocks(text: str) -> list[Block]:
    """Every paragraph of a chapter in order: what stands between blank lines."""
    spans = list(_spans(text))
    texts = [text[start:end] for start, end in spans]
    roles = [Role.MATTER] * len(texts) if _is_matter(texts) else _roles(texts)
    return [Block(start, end, body, role) for (start, end), body, role in zip(spans, texts, roles, strict=True)]


def _spans(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    for match in _BREAK.finditer(text):
        yield from _trimmed(text, begin, match.start())
        begin = match.end()
    yield from _trimmed(text, begin, len(text))


def _trimmed(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    body = text[begin:end]
    left, right = begin + len(body) - len(body.lstrip()), begin + len(body.rstrip())
    if left < right:
        yield left, right


def _is_matter(texts: Sequence[str]) -> bool:
    """Whether the whole chapter is front or back matter."""
    if any(_MATTER_TITLE.fullmatch(text) for text in texts[:2]):
        return True
    looked_at = [text[:_LOOKED_AT].lower() for text in texts[:_FIRST]]
    if not _has("\n".join(looked_at), _WEAK_MARKS + _STRONG_MARKS):
        return False
    marked = sum(_has(text, _WEAK_MARKS + _STRONG_MARKS) for text in looked_at)
    return marked >= 3 and marked * 3 >= len(looked_at)


def _has(text: str, marks: tuple[str, ...]) -> bool:
    return any(mark in text for mark in marks)


def _roles(texts: Sequence[str]) -> list[Role]:
    marked = _has("\n".join(texts).lower(), _STRONG_MARKS)
    roles = [Role.MATTER if marked and _is_marked(text) else _role(text) for text in texts]
    _mark_neighbours(texts, roles, _ITEM.match, Role.LIST)
    _mark_neighbours(texts, roles, _NUMBERED.match, Role.NOTE)
    _mark_verse(texts, roles)
    _mark_epigraph(texts, roles)
    return roles


def _is_marked(text: str) -> bool:
    return len(text) < 2 * _LOOKED_AT and _has(text[:_LOOKED_AT].lower(), _STRONG_MARKS)


def _role(text: str) -> Role:
    if _is_verse(text):
        return Role.VERSE
    if _NOTE.match(text) or text.endswith(("↩", "↩\ufe0e")):
        return Role.NOTE
    if _is_heading(text):
        return Role.HEADING
    return Role.PROSE


def _is_heading(text: str) -> bool:
    if len(text) >= 120:
        return False
    if not _LETTER.search(text) or text.isupper() or _TITLE.fullmatch(text):
        return True
    return not text.startswith((*_DASHES, *_OPENING)) and text[-1] not in '.!?…:;,"”»’)—–-' and len(text.split()) < 12


def _is_verse(text: str) -> bool:
    """By its lines; or, where they were run together, by the capitals with which lines begin."""
    if "\n" not in text:
        begun = text[:_LOOKED_AT]
        capitals = sum(_goes_on(begun[match.start() - 1 : match.start()]) for match in _CAPITALISED.finditer(begun))
        return capitals >= 2 and capitals * 15 >= len(begun.split())
    lines = [line.strip() for line in text.split("\n")[:200] if line.strip()]
    short = sum(len(line) < _LINE for line in lines)
    capital = sum(line.lstrip(_OPENING + "—–- ")[:1].isupper() for line in lines)
    return len(lines) > 1 and short >= 0.9 * len(lines) and capital >= 0.8 * len(lines)


def _goes_on(before: str) -> bool:
    return before.isalpha() or before in (",", ";")


def _mark_neighbours(texts: Sequence[str], roles: list[Role], looks: Callable[[str], object], role: Role) -> None:
    """What looks like an entry is one when the next or the last one does, too."""
    found = [looks(text) is not None for text in texts]
    for place, here in enumerate(found):
        if here and (any(found[max(place - 1, 0) : place]) or any(found[place + 1 : place + 2])):
            roles[place] = role


def _mark_verse(texts: Sequence[str], roles: list[Role]) -> None:
    """Short lines in a row, most of which end without a full stop, are verse or a list of titles."""
    begin = 0
    for place in range(len(texts) + 1):
        if place < len(texts) and roles[place] in (Role.PROSE, Role.HEADING) and _is_line(texts[place]):
            continue
        if place - begin >= _VERSE_RUN:
            unclosed = sum(not texts[at].endswith(_CLOSED) for at in range(begin, place))
            if unclosed * 2 >= place - begin:
                roles[begin:place] = [Role.VERSE] * (place - begin)
        begin = place + 1


def _mark_epigraph(texts: Sequence[str], roles: list[Role]) -> None:
    """A few lines below the headings of a chapter, and who wrote them: verse, whatever they are."""
    begin = next((place for place, role in enumerate(roles) if role is not Role.HEADING), 0)
    if not begin:
        return
    for place in range(begin + 1, min(begin + _EPIGRAPH + 1, len(texts))):
        if roles[place - 1] is not Role.VERSE and len(texts[place - 1]) >= _LINE:
            return
        if _SIGNED.fullmatch(texts[place]) and not _TITLE.fullmatch(texts[place]):
            roles[begin : place + 1] = [Role.VERSE] * (place + 1 - begin)
            return


def _is_line(text: str) -> bool:
    return len(text) < _LINE and not text.startswith(_DASHES) and text[0] not in '“«„"'
