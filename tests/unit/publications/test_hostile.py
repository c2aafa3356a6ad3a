"""Every hostile book gets what its list says: refused with the right code, or accepted with nothing of it left."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from bookreader.errors import BookRefused
from bookreader.publications import open_publication
from bookreader.publications.model import Publication, Resource
from tests.books.hostile import BOOKS, Hostile
from tests.unit.publications.checks import dangers, parse

SECONDS = 1.0
MEGABYTES = 200
SECRETS = ("root:", "/bin/", "owned", "lollollol")


@cache
def built(name: str) -> bytes:
    return next(book for book in BOOKS if book.name == name).build()


@cache
def opened(name: str) -> Publication | BookRefused:
    try:
        return open_publication(built(name))
    except BookRefused as refused:
        return refused


@pytest.mark.parametrize("book", BOOKS, ids=str)
def test_it_is_accepted_or_refused_as_it_deserves(book: Hostile) -> None:
    outcome = opened(book.name)
    if isinstance(outcome, BookRefused):
        assert book.expect != "accept", outcome.message
        assert outcome.stable_code in book.codes
        assert outcome.message[0].isupper()
        assert outcome.message.endswith(".")
    else:
        assert book.expect != "reject"


@pytest.mark.parametrize("book", [book for book in BOOKS if book.expect != "reject"], ids=str)
def test_what_is_accepted_can_be_read_and_harms_nobody(book: Hostile) -> None:
    publication = opened(book.name)
    if isinstance(publication, BookRefused):
        assert book.codes, "only what says how it may be refused may be refused"
        return
    text = " ".join(" ".join(chapter.text.split()) for chapter in publication.reading_order)
    assert book.sentence in text
    for chapter in publication.reading_order:
        assert list(dangers(parse(chapter.html))) == []
        assert not any(secret in chapter.html for secret in SECRETS)
    for href, resource in publication.resources.items():
        assert not href.startswith(("/", "..")), href
        assert list(resource_dangers(resource)) == []
    assert not any(secret in str(publication.metadata) + str(publication.toc) for secret in SECRETS)


def resource_dangers(resource: Resource) -> list[str]:
    """What could run or fetch in a resource as it would be served."""
    found = [resource.media_type] if "script" in resource.media_type or resource.media_type == "text/html" else []
    if resource.media_type in ("application/xhtml+xml", "image/svg+xml"):
        found += dangers(parse(resource.data))
    if resource.media_type == "text/css" and b"beacon.invalid" in resource.data:
        found.append(resource.data.decode())
    return found


def test_beacons_are_in_nothing_that_is_served() -> None:
    publication = opened("beacons.epub")
    assert isinstance(publication, Publication)
    served = [chapter.html for chapter in publication.reading_order]
    served += [resource.data.decode("utf-8", "replace") for resource in publication.resources.values()]
    assert not any("beacon.invalid" in one for one in served)


def test_a_title_is_one_plain_line() -> None:
    publication = opened("names-with-controls.epub")
    assert isinstance(publication, Publication)
    assert publication.metadata.title == 'A B gnp.exe <b>"; filename=x'
    assert all(href.isprintable() for href in publication.resources)


@pytest.mark.parametrize("name", ["page-as-a-cover.epub", "cover-of-a-gigapixel.epub"])
def test_a_cover_that_cannot_be_shown_is_none(name: str) -> None:
    publication = opened(name)
    assert isinstance(publication, Publication)
    assert publication.cover is None
    assert [warning.code for warning in publication.warnings] == ["unusable_cover"]


def test_one_of_two_members_of_a_name_is_checked_and_served() -> None:
    publication = opened("the-same-name-twice.epub")
    assert isinstance(publication, Publication)
    assert "second" not in publication.reading_order[0].html


def test_a_warm_parser_answers_within_its_second_and_its_memory(tmp_path: Path) -> None:
    files = []
    for number, book in enumerate(BOOKS):
        files.append(tmp_path / f"{number:02}-{book.name}")
        files[-1].write_bytes(built(book.name))
    first = tmp_path / "00-first.epub"
    first.write_bytes(built("utf-16.epub"))
    command = [sys.executable, "-m", "tests.unit.publications.parser", str(first), *map(str, files)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    took = [json.loads(line) for line in ran.stdout.splitlines()][1:]
    assert len(took) == len(BOOKS)
    assert [one for one in took if one["seconds"] > SECONDS or one["megabytes"] > MEGABYTES] == []
