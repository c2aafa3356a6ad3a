"""The word lists and weights, as files."""

from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import NamedTuple


class Entry(NamedTuple):
    """A word of a list with its class, its part of speech and its irregular forms."""

    word: str
    name: str
    part: str
    forms: tuple[str, ...]


def read(name: str) -> str:
    """The text of a data file."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def sections(name: str) -> Iterator[tuple[str, list[str]]]:
    """The words of a list, line by line, each with the heading above it."""
    heading = ""
    for line in read(name).splitlines():
        if line.startswith("["):
            heading = line.strip("[]")
        elif line and not line.startswith("#"):
            yield heading, line.split()


def entries(name: str) -> Iterator[Entry]:
    """The words of a list whose headings are `[class part]`; `base=form,form` gives irregular forms."""
    for heading, items in sections(name):
        label, part = heading.split()
        for item in items:
            word, _, forms = item.partition("=")
            yield Entry(word, label, part, tuple(forms.split(",")) if forms else ())


@cache
def listed(name: str, heading: str) -> frozenset[str]:
    """The words of a list under one of its headings."""
    return frozenset(word for found, words in sections(name) if found == heading for word in words)
