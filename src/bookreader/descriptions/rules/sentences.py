"""Where sentences begin and end."""

import re
from collections.abc import Iterator

from bookreader.descriptions.rules.data import sections

LONGEST = 2000
"""Code points after which a sentence is cut at a space: what has no full stop is no sentence."""

_END = re.compile(r"""[.!?…]+["'”’»)\]]*(?=\s+["'“‘«„(\[—–-]*\s?[A-ZА-ЯЁÀ-ÞІЇЄ0-9])|\n""")
_ABBREVIATIONS = frozenset(word for _, words in sections("abbreviations.txt") for word in words)
_LAST_WORD = re.compile(r"[\w.-]+$")


def split_sentences(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of the sentences of a paragraph, without the white space between them; they cover everything else."""
    begin = 0
    for match in _END.finditer(text):
        if match[0].startswith(".") and _abbreviated(text[max(begin, match.start() - 12) : match.start()]):
            continue
        yield from _trimmed(text, begin, match.end())
        begin = match.end()
    yield from _trimmed(text, begin, len(text))


def _abbreviated(before: str) -> bool:
    word = _LAST_WORD.search(before)
    return word is not None and (word[0].lower() in _ABBREVIATIONS or (len(word[0]) == 1 and word[0].isupper()))


def _trimmed(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    while begin < end and text[begin].isspace():
        begin += 1
    while end > begin and text[end - 1].isspace():
        end -= 1
    while end - begin > LONGEST:
        cut = text.rfind(" ", begin + 1, begin + LONGEST)
        cut = cut if cut > begin else begin + LONGEST
        yield begin, cut
        begin = cut + (text[cut : cut + 1] == " ")
    if begin < end:
        yield begin, end
