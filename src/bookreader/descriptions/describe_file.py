"""Descriptions of a file on disk, without a database: what `bookreader describe` prints."""

import asyncio
import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from bookreader.descriptions.extract import DescriptionPool
from bookreader.descriptions.llm.read_file import read_chapters
from bookreader.descriptions.queries import ChapterToDescribe
from bookreader.descriptions.rules import explain, find_descriptions, score_paragraphs
from bookreader.errors import BookRefused
from bookreader.library.parse import ParserPool, unpacked_book
from bookreader.settings import Settings

BOOKS = (b"PK\x03\x04", b"<?xml", b"\xef\xbb\xbf<?xml", b"<Fict")
NO_ID = UUID(int=0)


async def describe_file(
    settings: Settings,
    path: Path,
    *,
    paragraphs: bool = False,
    reasons: bool = False,
    language: str | None = None,
    spend: Decimal | None = None,
) -> list[dict[str, Any]]:
    """Rows as `bookreader describe` prints them: descriptions, best first; or `paragraphs` in order; or the chapters,
    with `reasons` why nothing was found. Raises BookRefused for a file that cannot be read.

    `spend`: US dollars for which the language model of the settings looks it through as well; then each row says who
    found it, and it raises InvalidInput where none is set up or it cannot be used.
    """
    book = await _book(settings, path, language)
    if reasons:
        return await asyncio.to_thread(_reasons, book)
    if paragraphs:
        return await asyncio.to_thread(_paragraphs, book)
    rows = await _descriptions(settings, book)
    if spend is not None:
        rows = await read_chapters(settings, book["chapters"], rows, spend)
    return sorted(rows, key=lambda row: -row["priority"])


async def _book(settings: Settings, path: Path, language: str | None) -> dict[str, Any]:
    if _is_book(path):
        parser = ParserPool.from_settings(settings)
        try:
            book = await unpacked_book(parser, path)
        finally:
            await parser.close()
        return book | {"language": language or book["metadata"].get("language") or "en"}
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BookRefused("This is neither a book nor UTF-8 text.", code="unsupported_format") from error
    if not text.strip():
        raise BookRefused("This file is empty.", code="empty")
    chapter = {"number": 1, "text": text, "html": None, "cfi": None}
    return {"chapters": [chapter], "language": language or _guess(text)}


def _is_book(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16).lstrip().startswith(BOOKS)


def _guess(text: str) -> str:
    """English or Russian, by the letters."""
    cyrillic = sum("\u0400" <= letter <= "\u04ff" for letter in text[:20_000])
    latin = sum("a" <= letter.lower() <= "z" for letter in text[:20_000])
    return "ru" if cyrillic > latin else "en"


def _paragraphs(book: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "chapter": chapter["number"],
            "index": found.index,
            "text": found.text,
            "score": found.score,
            "type": found.type,
            "second_type": found.second_type,
        }
        for chapter in book["chapters"]
        for found in score_paragraphs(chapter["text"], book["language"])
    ]


def _reasons(book: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for chapter in book["chapters"]:
        found = len(find_descriptions(chapter["text"], book["language"]))
        reason = None if found else explain(chapter["text"], book["language"])
        row = {"chapter": chapter["number"], "found": found}
        rows.append(row | {"code": reason and reason.code, "message": reason and reason.message})
    return rows


async def _descriptions(settings: Settings, book: dict[str, Any]) -> list[dict[str, Any]]:
    if all(chapter["html"] is None for chapter in book["chapters"]):
        text = book["chapters"][0]["text"]
        found = await asyncio.to_thread(find_descriptions, text, book["language"])
        return [_shown(dataclasses.asdict(item) | {"cfi": None}, 1) for item in found]
    pool = DescriptionPool.from_settings(settings)
    rows = []
    try:
        for chapter in book["chapters"]:
            wanted = ChapterToDescribe(chapter["number"], NO_ID, chapter["text"], chapter["html"], chapter["cfi"])
            rows += [_shown(item, chapter["number"]) for item in await pool.found(wanted, book["language"])]
    finally:
        await pool.close()
    return rows


SHOWN = ("start", "end", "text", "type", "second_type", "confidence", "priority", "entities", "tone", "cfi")


def _shown(found: dict[str, Any], chapter: int) -> dict[str, Any]:
    return {"chapter": chapter} | {name: found[name] for name in SHOWN}
