"""Finding the descriptions of a book, chapter by chapter, the chapters nearest to the reader first."""

import asyncio
import json
import tempfile
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from pydantic import TypeAdapter

from bookreader.database import Database, Session
from bookreader.descriptions import queries
from bookreader.descriptions.queries import ChapterToDescribe
from bookreader.descriptions.rules import RULES_VERSION
from bookreader.descriptions.sheets import Sheet
from bookreader.jobs.children import ChildPool
from bookreader.settings import Settings

MEMORY_MB = 1024
SHEETS = TypeAdapter(list[Sheet])


class DescriptionPool:
    """The process that looks for descriptions."""

    def __init__(self, children: ChildPool) -> None:
        self._children = children

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        seconds = settings.parser_seconds
        return cls(ChildPool("bookreader.descriptions.describe_child", memory_mb=MEMORY_MB, seconds=seconds, size=1))

    async def describe(self, chapter: ChapterToDescribe, language: str) -> list[dict[str, Any]]:
        """Rows of the table `descriptions`, best first."""
        return [row_of(item, RULES_VERSION) for item in await self.found(chapter, language)]

    async def found(self, chapter: ChapterToDescribe, language: str) -> list[dict[str, Any]]:
        """The descriptions of a chapter as plain dictionaries, best first, each with its range CFI."""
        with tempfile.TemporaryDirectory(prefix="bookreader-") as folder:
            path = Path(folder) / "chapter.json"
            text = json.dumps({"text": chapter.text, "html": chapter.html, "step": chapter.step}, ensure_ascii=False)
            await asyncio.to_thread(path.write_text, text, encoding="utf-8")
            found: list[dict[str, Any]] = await self._children.ask("describe", path=str(path), language=language)
        return found

    async def sheets(self, path: Path, language: str) -> list[Sheet]:
        """The people and places of a book. `path`: a file with a chapter as JSON on each line (see `gather`)."""
        found = await self._children.ask("sheets", path=str(path), language=language)
        return SHEETS.validate_python(found)

    async def close(self) -> None:
        await self._children.close()


async def extract(
    database: Database,
    pool: DescriptionPool,
    book_id: UUID,
    user_id: UUID,
    keeping: Callable[[int], AbstractAsyncContextManager[Session]],
) -> None:
    """Looks through every chapter that was not yet; each is kept by itself, so that a stop loses one at most.

    `keeping`: a transaction that also says how far the work is (0-100).
    """
    async with database.transaction() as session:
        await queries.begin_describing(session, book_id, RULES_VERSION)
        language = await queries.language_of(session, book_id)
        waiting = await queries.chapters_to_describe(session, book_id, user_id)
    if language is None:
        return
    for done, chapter_id in enumerate(waiting, 1):
        async with database.statements() as session:
            chapter = await queries.chapter_to_describe(session, chapter_id)
        if chapter is None:
            continue
        rows = await pool.describe(chapter, language)
        async with keeping(100 * done // len(waiting)) as session:
            await queries.replace_descriptions(session, chapter_id, rows)


def row_of(found: dict[str, Any], engine: str) -> dict[str, Any]:
    """A passage as a row of the table `descriptions`."""
    return decided_by(found, engine) | {
        "content": found["text"],
        "position_in_chapter": found["start"],
        "start_offset": found["start"],
        "end_offset": found["end"],
        "word_count": len(found["text"].split()),
        "complexity_level": str(found["complexity"])[:20] if found["complexity"] is not None else None,
        "cfi": found["cfi"],
    }


def decided_by(found: dict[str, Any], engine: str) -> dict[str, Any]:
    """The columns in which two engines may differ about the same passage."""
    names = [entity["name"] if isinstance(entity, dict) else str(entity) for entity in found["entities"]]
    return {
        "type": found["type"].upper(),
        "second_type": found["second_type"].upper() if found["second_type"] else None,
        "confidence_score": found["confidence"],
        "priority_score": found["priority"],
        "entities": found["entities"],
        "entities_mentioned": ", ".join(names) or None,
        "emotional_tone": found["tone"],
        "is_suitable_for_generation": bool(found["suitability"]),
        "engine": engine,
    }
