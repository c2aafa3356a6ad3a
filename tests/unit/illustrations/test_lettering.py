"""Text as outlines, drawn by several threads at once."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files

import pytest

from bookreader.illustrations.plates.lettering import Face

FONTS = files("bookreader.illustrations.plates").joinpath("fonts")
WORDS = "Nobody came to the mill in the evening. Никто не приходил на мельницу вечером."


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads take turns so often that each meets the others in the middle of their work."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty_threads")
def test_plates_drawn_at_once_share_a_face() -> None:
    data = FONTS.joinpath("literata-plates-regular.ttf").read_bytes()
    alone = Face(data).path(WORDS, 0, 0, 10)
    with ThreadPoolExecutor(8) as threads:
        for _ in range(5):
            face = Face(data)
            drawn = [threads.submit(face.path, WORDS, 0, 0, 10) for _ in range(8)]
            assert {one.result() for one in drawn} == {alone}
