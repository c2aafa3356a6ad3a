"""From a book that the parser unpacked to rows and stored files."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID

from bookreader.database import Session
from bookreader.library import queries
from bookreader.library.search import configuration
from bookreader.storage import Storage

SANITISER_VERSION = "1"
"""Part of every resource's address: raise it whenever served documents change, so that no old copy is used."""


async def store_resources(book: dict[str, Any], folder: Path, storage: Storage) -> list[dict[str, Any]]:
    """Stores the unpacked files and returns the rows of the table `resources`. Raises StorageFull."""
    rows = []
    for item in book["resources"]:
        data = await asyncio.to_thread((folder / item["file"]).read_bytes)
        digest = await storage.put(data)
        rows.append({"href": item["href"], "media_type": item["media_type"], "content_hash": digest, "size": len(data)})
    return rows


async def ingest(session: Session, book_id: UUID, book: dict[str, Any], resources: list[dict[str, Any]]) -> None:
    """Writes metadata, chapters and resources in the caller's transaction. Doing it again changes nothing."""
    search_configuration = configuration(book["metadata"].get("language"))
    chapters = [_chapter_row(chapter) | {"search_configuration": search_configuration} for chapter in book["chapters"]]
    await queries.replace_content(session, book_id, _book_row(book), chapters, resources)


def _book_row(book: dict[str, Any]) -> dict[str, Any]:
    metadata, chapters = book["metadata"], book["chapters"]
    words = sum(chapter["words"] for chapter in chapters)
    authors: list[str] = metadata.get("authors") or []
    return {
        "title": (metadata.get("title") or "Untitled")[:500],
        "author": ", ".join(authors)[:255] or None,
        "genre": metadata.get("genre") or "other",
        "language": (metadata.get("language") or "")[:10],
        "description": metadata.get("description"),
        "file_format": book["format"],
        "cover_image": book["cover"],
        "book_metadata": book_metadata(metadata),
        "total_pages": book["positions"],
        "characters": sum(chapter["characters"] for chapter in chapters),
        "estimated_reading_time": round(words / queries.WORDS_PER_MINUTE),
        "resource_version": resource_version(book),
        "manifest": _manifest(book),
        "contents": book["toc"],
        "source_cfi_valid": not any(warning["code"] == "repaired" for warning in book["warnings"]),
        "is_parsed": True,
        "parsing_progress": 100,
        "parsing_error": None,
    }


def book_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    """All publication metadata that has no column of its own, and what the shelf filters by containment."""
    kept = {name: value for name, value in metadata.items() if name not in ("title", "description", "genre") and value}
    kept["tags"] = kept.pop("subjects", [])
    return kept


def resource_version(book: dict[str, Any]) -> str:
    """Changes when the served content changes; part of every resource's address."""
    digest = hashlib.sha256(SANITISER_VERSION.encode())
    for chapter in book["chapters"]:
        digest.update(chapter["href"].encode() + b"\0" + chapter["html"].encode() + b"\0")
    return digest.hexdigest()[:16]


def _manifest(book: dict[str, Any]) -> dict[str, Any]:
    return {
        "dir": book["direction"],
        "layout": book["layout"],
        "spread": book["spread"],
        "viewport": book["viewport"],
        "warnings": book["warnings"],
        "sections": [_section(chapter) for chapter in book["chapters"]],
    }


def _section(chapter: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": chapter["number"],
        "href": chapter["href"],
        "type": chapter["media_type"],
        "title": chapter["title"],
        "linear": chapter["linear"],
        "size": len(chapter["html"]),
        "cfi": chapter["cfi"],
        "spread": chapter["spread"],
        "viewport": chapter["viewport"],
        "first_position": chapter["first_position"],
        "positions": chapter["positions"],
        "characters": chapter["characters"],
        "words": chapter["words"],
    }


def _chapter_row(chapter: dict[str, Any]) -> dict[str, Any]:
    return {
        "chapter_number": chapter["number"],
        "title": (chapter["title"] or "")[:500] or None,
        "content": chapter["text"],
        "html_content": chapter["html"],
        "word_count": chapter["words"],
        "estimated_reading_time": round(chapter["words"] / queries.WORDS_PER_MINUTE),
        "href": chapter["href"],
        "linear": chapter["linear"],
        "media_type": chapter["media_type"],
        "cfi": chapter["cfi"],
        "characters": chapter["characters"],
        "first_position": chapter["first_position"],
        "positions": chapter["positions"],
        "search_words": chapter["search_words"],
    }
