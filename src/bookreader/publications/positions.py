"""Numbered positions: stretches of 1,024 code points of chapter text, at least one a chapter.

They are what people see as pages, and are known as soon as a book is parsed.
"""

import re

from bookreader.publications.model import POSITION

# Scripts written without spaces between words: kana, ideographs, Thai, Lao, Khmer.
_UNSPACED = re.compile(r"[\u0e01-\u0eff\u1780-\u17b3\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_CHARACTERS_PER_WORD = 2
_SAMPLE = 500


def positions_of(characters: int) -> int:
    """How many positions a chapter of so many code points has: one at least."""
    return max(1, -(-characters // POSITION))


def words_of(text: str) -> int:
    """The words of a chapter's text, whose white space is collapsed already: blocks apart by a blank line, words by a
    space. Where a script has no spaces, two characters count as one word."""
    if not text:
        return 0
    words = text.count(" ") + text.count("\n\n") + 1
    if _UNSPACED.search(text, 0, _SAMPLE) is None:
        return words
    unspaced = len(_UNSPACED.findall(text))
    return len(_UNSPACED.sub(" ", text).split()) + unspaced // _CHARACTERS_PER_WORD
