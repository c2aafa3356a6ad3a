"""A book on its way out of a parser process: `book.json`, and one file for each of the long fields of its chapters.

Most of a book is text: JSON would take ten times as long to write and to read it. Nothing of a book is ever unpickled.
"""

import json
from pathlib import Path
from typing import Any

LONG = ("html", "text", "search_words")
BETWEEN = "\0"
"""A character that XML does not allow, between one chapter and the next."""


def write_book(book: dict[str, Any], folder: Path) -> None:
    chapters = book["chapters"]
    for field in LONG:
        (folder / field).write_bytes(BETWEEN.join([chapter[field] for chapter in chapters]).encode())
    short = [{name: value for name, value in chapter.items() if name not in LONG} for chapter in chapters]
    (folder / "book.json").write_text(json.dumps(book | {"chapters": short}, ensure_ascii=False), encoding="utf-8")


def read_book(folder: Path) -> dict[str, Any]:
    """What `write_book` was given."""
    book: dict[str, Any] = json.loads((folder / "book.json").read_text(encoding="utf-8"))
    for field in LONG:
        values = (folder / field).read_bytes().decode().split(BETWEEN)
        for chapter, value in zip(book["chapters"], values, strict=True):
            chapter[field] = value
    return book
