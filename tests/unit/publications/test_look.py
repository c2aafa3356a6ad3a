"""A look at a file tells its format without reading its chapters, and refuses what cannot be opened by any means."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bookreader.errors import BookRefused
from bookreader.publications import look_at, open_publication
from tests.books.build import build_fb2
from tests.books.cases import Case, cases
from tests.books.novel import novel_book


@pytest.mark.parametrize("zipped", [False, True])
def test_fb2_is_known_also_when_zipped(zipped: bool) -> None:
    assert look_at(build_fb2(novel_book(1, 50), zipped=zipped)) == "fb2"


def _answer(look: Callable[[bytes], str], data: bytes) -> str:
    try:
        return look(data)
    except BookRefused as refusal:
        return refusal.stable_code


def _opened(data: bytes) -> str:
    return open_publication(data).format


@pytest.mark.parametrize("case", cases(), ids=str)
def test_a_look_says_what_opening_says(case: Case) -> None:
    assert _answer(look_at, case.data()) == _answer(_opened, case.data())


def test_a_look_never_refuses_what_opens(corpus: Path) -> None:
    for path in sorted((corpus / "books").iterdir()):
        opened = _answer(_opened, path.read_bytes())
        if opened in ("epub", "fb2"):
            assert _answer(look_at, path.read_bytes()) == opened, path.name
