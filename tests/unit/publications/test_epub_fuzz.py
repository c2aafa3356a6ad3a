"""Bounded fuzzing: whatever happens to the bytes of a book, it opens harmlessly or is refused with a reason."""

import io
import random
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bookreader.errors import BookRefused
from bookreader.publications import open_publication
from tests.books.build import Book, Page, build_epub, build_epub2, paragraphs
from tests.books.hostile import ACTIVE, DRAWING, FETCHING, png
from tests.unit.publications.checks import dangers, parse

Mutation = Callable[[bytearray, random.Random], None]

MARKUP = (b"<", b">", b"</p>", b"<br>", b"&", b"&nbsp;", b'"', b"<!--", b"]]>", b"<script>", b"\0", b"\xff", b"<svg",
          b"/../", b"http://x/", b" id=", b"</body>", b"<![CDATA[", b"<?x", b"xmlns=")  # fmt: skip


def flip(data: bytearray, chance: random.Random) -> None:
    data[chance.randrange(len(data))] = chance.randrange(256)


def cut(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    del data[start : start + chance.randrange(1, 200)]


def double(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    data[start:start] = data[start : start + chance.randrange(1, 200)]


def insert(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    data[start:start] = chance.choice(MARKUP)


def break_off(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


MUTATIONS: tuple[Mutation, ...] = (flip, flip, flip, cut, double, insert, insert, insert, break_off)


def mutated(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        if changed:
            chance.choice(MUTATIONS)(changed, chance)
    return bytes(changed)


def with_mutated_members(data: bytes, chance: random.Random) -> bytes:
    """The same archive with sound headers, but some of its files changed."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        warnings.simplefilter("ignore")
        names = old.namelist()
        hit = set(chance.sample(names, k=min(len(names), chance.randint(1, 3))))
        for name in names:
            content = old.read(name)
            new.writestr(name, mutated(content, chance) if name in hit and content else content)
    return buffer.getvalue()


def check(data: bytes) -> bool:
    """Whether it opened; then all of it can be served."""
    try:
        publication = open_publication(data)
    except BookRefused:
        return False
    for chapter in publication.reading_order:
        assert list(dangers(parse(chapter.html))) == []
    for resource in publication.resources.values():
        if resource.media_type in ("application/xhtml+xml", "image/svg+xml") and resource.data:
            assert list(dangers(parse(resource.data))) == []
    return True


def fuzz(data: bytes, rounds: int, seed: str) -> int:
    """How many of the mutated books opened."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    opened, sound = 0, zipfile.is_zipfile(io.BytesIO(data))
    for number in range(rounds):
        changed = mutated(data, chance) if number % 3 == 0 or not sound else with_mutated_members(data, chance)
        opened += check(changed)
    return opened


SMALL = Book(
    pages=(
        Page("One", paragraphs("A lamp.", "A door & a step.") + ACTIVE),
        Page("Two", f"<ul><li>a</li></ul>{DRAWING}", linear=False),
        Page("Three", FETCHING),
    ),
    cover=png(8, 8),
    series=("Wall", "2"),
    files={"style.css": b"@import 'http://x/'; p{background:url(a.png)}"},
)


@pytest.mark.parametrize("build", [build_epub, build_epub2])
def test_mutated_small_books(build: Callable[[Book], bytes], deep: bool) -> None:
    rounds = 2000 if deep else 150
    opened = fuzz(build(SMALL), rounds, build.__name__)
    assert rounds / 10 < opened < rounds


def test_mutated_books_of_the_corpus(corpus: Path, deep: bool) -> None:
    limit, rounds = (4_000_000, 60) if deep else (250_000, 6)
    books = [path for path in sorted((corpus / "books").glob("*.epub")) if path.stat().st_size < limit]
    assert len(books) > 5
    for path in books:
        fuzz(path.read_bytes(), rounds, path.name)
