"""Every documented thing exists, and every public thing is documented."""

import re

import pytest

from bookreader.errors import BookReaderError
from tests.docs import DOCS, PAGES

SOURCE = DOCS.parent / "src" / "bookreader"


@pytest.mark.parametrize("page", PAGES)
def test_pages_made_from_the_code_are_current(page: str) -> None:
    written = (DOCS / page).read_text(encoding="utf-8")
    assert written == PAGES[page](), f"docs/{page} is stale: run `python -m tests.docs`"


def test_every_error_code_is_listed() -> None:
    listed = set(re.findall(r"`([a-z_]+)`", (DOCS / "errors.md").read_text(encoding="utf-8")))
    used = {kind.code for kind in _tree(BookReaderError)}
    for path in SOURCE.rglob("*.py"):
        used |= set(re.findall(r'\bcode="([a-z_]+)"', path.read_text(encoding="utf-8")))
    assert used - listed == set()


def _tree(kind: type[BookReaderError]) -> list[type[BookReaderError]]:
    return [kind, *(sub for child in kind.__subclasses__() for sub in _tree(child))]
