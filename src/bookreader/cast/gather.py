"""The people and places of a book are gathered from all of its chapters at once."""

import asyncio
import json
import tempfile
from pathlib import Path
from uuid import UUID

from bookreader.cast import queries
from bookreader.database import Database
from bookreader.descriptions.extract import DescriptionPool
from bookreader.descriptions.queries import chapter_to_describe, language_of
from bookreader.descriptions.sheets import Sheet


async def gather(database: Database, pool: DescriptionPool, book_id: UUID) -> list[Sheet]:
    """What the book says of its people and places; nothing when it is gone. Raises BookRefused past the limits."""
    async with database.statements() as session:
        language = await language_of(session, book_id)
    if language is None:
        return []
    with tempfile.TemporaryDirectory(prefix="bookreader-") as folder:
        path = Path(folder) / "chapters.jsonl"
        await _write(database, book_id, path)
        return await pool.sheets(path, language)


async def _write(database: Database, book_id: UUID, path: Path) -> None:
    """One chapter at a time, so that no book is in memory as a whole."""
    async with database.statements() as session:
        chapters = await queries.chapters_of(session, book_id)
    with path.open("w", encoding="utf-8") as file:
        for chapter_id in chapters:
            async with database.statements() as session:
                chapter = await chapter_to_describe(session, chapter_id)
            if chapter is not None:
                line = {"number": chapter.number, "text": chapter.text, "html": chapter.html, "step": chapter.step}
                await asyncio.to_thread(file.write, json.dumps(line, ensure_ascii=False) + "\n")
