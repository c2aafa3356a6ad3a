"""A parser process (see `jobs.child`): it has no network, no database and no secrets.

A book is written out as `unpacked` says, with one numbered file per resource.
"""

from pathlib import Path
from typing import Any

from bookreader.jobs.child import run
from bookreader.library.search import index_words
from bookreader.library.unpacked import write_book
from bookreader.publications import Publication, look_at, open_publication
from bookreader.publications.inspect import describe_publication


def _open(request: dict[str, Any]) -> Publication:
    return open_publication(Path(request["path"]).read_bytes())


def _look(request: dict[str, Any]) -> str:
    return look_at(Path(request["path"]).read_bytes())


def _inspect(request: dict[str, Any]) -> dict[str, Any]:
    return describe_publication(_open(request), with_text=bool(request.get("text")))


def _unpack(request: dict[str, Any]) -> dict[str, Any]:
    publication = _open(request)
    folder = Path(request["folder"])
    write_book(_book(publication, folder), folder)
    return {"chapters": len(publication.reading_order)}


def _book(publication: Publication, folder: Path) -> dict[str, Any]:
    chapters = {chapter.href for chapter in publication.reading_order}
    files = []
    for number, (href, item) in enumerate(publication.resources.items()):
        if href in chapters:
            continue
        (folder / str(number)).write_bytes(item.data)
        files.append({"href": href, "media_type": item.media_type, "file": str(number)})
    return publication_json(publication) | {"resources": files}


def publication_json(publication: Publication) -> dict[str, Any]:
    """Everything of a publication but the bytes of its resources."""
    return {
        "format": publication.format,
        "metadata": publication.metadata.as_json(),
        "direction": publication.direction,
        "layout": publication.layout,
        "spread": publication.spread,
        "viewport": publication.viewport,
        "cover": publication.cover,
        "positions": publication.positions,
        "toc": [_entry(entry) for entry in publication.toc],
        "warnings": [{"code": warning.code, "message": warning.message} for warning in publication.warnings],
        "chapters": [_chapter(chapter) for chapter in publication.reading_order],
    }


def _entry(entry: Any) -> dict[str, Any]:
    return {
        "title": entry.title,
        "href": entry.href,
        "chapter": entry.chapter,
        "cfi": entry.cfi,
        "offset": entry.offset,
        "children": [_entry(child) for child in entry.children],
    }


CHAPTER_FIELDS = (
    "number", "href", "title", "linear", "media_type", "html", "text", "characters", "words", "cfi", "first_position",
    "positions", "size", "viewport", "spread",
)  # fmt: skip


def _chapter(chapter: Any) -> dict[str, Any]:
    return {name: getattr(chapter, name) for name in CHAPTER_FIELDS} | {"search_words": index_words(chapter.text)}


if __name__ == "__main__":
    run({"look": _look, "inspect": _inspect, "unpack": _unpack})
