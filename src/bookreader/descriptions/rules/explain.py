"""Why little or nothing was found in a chapter."""

from collections import Counter
from dataclasses import dataclass

from bookreader.descriptions.rules.blocks import Block, Role, split_blocks
from bookreader.descriptions.rules.languages import Language, language_of

_ENDLESS = 3000
"""Words after which a paragraph is none."""


@dataclass(frozen=True)
class Reason:
    """`code` stays the same; `message` is for people."""

    code: str
    message: str


_NO_TEXT = Reason("no_text", "There are no words in this chapter.")
_LANGUAGE = Reason(
    "language_not_read", "Descriptions are found in English and Russian books; this one is in another language."
)
_ROLES = {
    Role.MATTER: Reason("front_or_back_matter", "This chapter tells about the book, not its story."),
    Role.VERSE: Reason("verse", "This chapter is verse; descriptions are looked for in prose."),
    Role.LIST: Reason("list", "This chapter is a list."),
    Role.NOTE: Reason("notes", "This chapter holds notes."),
    Role.HEADING: Reason("headings", "There is nothing but headings in this chapter."),
}
_NO_PARAGRAPHS = Reason(
    "no_paragraphs", "This chapter is not divided into paragraphs; only its best sentences were taken."
)
_NOTHING_SEEN = Reason("little_to_see", "People talk and think in this chapter; there is little in it to see.")


def explain(text: str, language: str) -> Reason:
    """Why `find_descriptions` found nothing, or little. Worth asking only then."""
    blocks = split_blocks(text)
    if not any(letter.isalpha() for letter in text):
        return _NO_TEXT
    if language_of(language, text) is Language.OTHER:
        return _LANGUAGE
    role = _main_role(blocks)
    if role is not Role.PROSE:
        return _ROLES[role]
    longest = max(blocks, key=lambda block: block.end - block.start)
    return _NO_PARAGRAPHS if len(longest.text.split()) > _ENDLESS else _NOTHING_SEEN


def _main_role(blocks: list[Block]) -> Role:
    """The role of most of the text."""
    lengths: Counter[Role] = Counter()
    for block in blocks:
        lengths[block.role] += block.end - block.start
    return lengths.most_common(1)[0][0]
