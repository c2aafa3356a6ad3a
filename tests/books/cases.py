"""The case folders: text sources of a book and, beside them, what opening it must give.

`expected.json` holds `about`, `expect` (a part of what `bookreader inspect --text --json` answers, `contains` for
phrases of the text, or `error`, one code or several that are right) and, if the book is not built as it lies there,
`build`: `source` (another case), `keep` (the share of the bytes that is left), `encoding`, `zipped`.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.books.build import build_epub, build_fb2

FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    name: str
    about: str
    build: dict[str, Any]
    expect: dict[str, Any]

    def __str__(self) -> str:
        return self.name

    def data(self) -> bytes:
        """The bytes of the book."""
        folder = FOLDER / self.build.get("source", self.name)
        data = _built(folder, self.build)
        return data[: int(len(data) * self.build.get("keep", 1))]


def _built(folder: Path, build: dict[str, Any]) -> bytes:
    if (folder / "book.fb2").is_file():
        return build_fb2(
            folder / "book.fb2", encoding=build.get("encoding", "utf-8"), zipped=build.get("zipped", False)
        )
    if (folder / "book").is_dir():
        return build_epub(folder / "book")
    return (folder / "book.txt").read_bytes()


def cases() -> list[Case]:
    """Every case folder, by name."""
    found = []
    for path in sorted(FOLDER.glob("*/expected.json")):
        said = json.loads(path.read_text("utf-8"))
        found.append(Case(path.parent.name, said["about"], said.get("build", {}), said["expect"]))
    return found


def differences(expected: Any, actual: Any, at: str = "") -> list[str]:
    """Where `actual` lacks something of `expected`: objects may have more members, lists must be as long."""
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return [f"{at}: expected an object, found {actual!r}"]
        return [line for key, value in expected.items() for line in differences(value, actual.get(key), f"{at}/{key}")]
    if isinstance(expected, list):
        if not isinstance(actual, list) or len(actual) != len(expected):
            return [f"{at}: expected {expected!r}, found {actual!r}"]
        pairs = enumerate(zip(expected, actual, strict=True))
        return [line for index, (one, other) in pairs for line in differences(one, other, f"{at}/{index}")]
    return [] if expected == actual else [f"{at}: expected {expected!r}, found {actual!r}"]
