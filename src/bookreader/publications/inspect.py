"""What `bookreader inspect --json` says of a publication: plain values, the same for every format."""

from collections.abc import Iterable
from typing import Any

from bookreader.publications.model import Chapter, Publication, TocEntry


def describe_publication(publication: Publication, with_text: bool = False) -> dict[str, Any]:
    """One JSON object; `with_text` adds to each item of the reading order its text, as chapters keep it."""
    return {
        "format": publication.format,
        "metadata": publication.metadata.as_json(),
        "reading_order": [_chapter(chapter, with_text) for chapter in publication.reading_order],
        "toc": _entries(publication.toc),
        "cover": publication.cover,
        "positions": publication.positions,
        "warnings": [{"code": warning.code, "message": warning.message} for warning in publication.warnings],
    }


def _chapter(chapter: Chapter, with_text: bool) -> dict[str, Any]:
    shown = {
        "href": chapter.href,
        "title": chapter.title,
        "linear": chapter.linear,
        "characters": chapter.characters,
        "words": chapter.words,
    }
    return shown | {"text": chapter.text} if with_text else shown


def _entries(entries: Iterable[TocEntry]) -> list[dict[str, Any]]:
    return [
        {
            "title": entry.title,
            "href": entry.href,
            "chapter": entry.chapter,
            "cfi": entry.cfi,
            "children": _entries(entry.children),
        }
        for entry in entries
    ]
