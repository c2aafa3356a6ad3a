"""Reading books in parser processes: hostile books meet their limits there, never here."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any, Self

from bookreader.jobs.children import ChildPool
from bookreader.library.unpacked import read_book
from bookreader.settings import Settings


class ParserPool:
    def __init__(self, children: ChildPool) -> None:
        self._children = children

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        return cls(
            ChildPool(
                "bookreader.library.parse_child", memory_mb=settings.parser_memory_mb, seconds=settings.parser_seconds
            )
        )

    async def inspect(self, path: Path, *, text: bool = False) -> dict[str, Any]:
        """What `bookreader inspect --json` shows of a file. Raises BookRefused."""
        shown: dict[str, Any] = await self._children.ask("inspect", path=str(path), text=text)
        return shown

    async def look(self, path: Path) -> str:
        """The format of a file by its package alone, without reading its chapters. Raises BookRefused."""
        return str(await self._children.ask("look", path=str(path)))

    async def unpack(self, path: Path, folder: Path) -> dict[str, Any]:
        """Reads a book into `folder` (see unpacked). Raises BookRefused; the folder is then to be thrown away."""
        await self._children.ask("unpack", path=str(path), folder=str(folder))
        return await asyncio.to_thread(read_book, folder)

    async def warm(self) -> None:
        await self._children.warm()

    async def close(self) -> None:
        await self._children.close()


async def unpacked_book(parser: ParserPool, path: Path) -> dict[str, Any]:
    """A whole book but the bytes of its resources, for commands that need no database. Raises BookRefused."""
    with tempfile.TemporaryDirectory(prefix="bookreader-") as folder:
        return await parser.unpack(path.absolute(), Path(folder))
