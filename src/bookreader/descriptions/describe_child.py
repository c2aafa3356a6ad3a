"""A process that finds descriptions (see `jobs.child`): reading every word of a novel would hold up the web server."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from bookreader.descriptions.rules import Description, find_descriptions
from bookreader.jobs.child import run
from bookreader.publications.cfi import complete_range
from bookreader.publications.text import TextMap


def _describe(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The descriptions of one chapter, best first, each with its range CFI."""
    chapter = json.loads(Path(request["path"]).read_text(encoding="utf-8"))
    found = find_descriptions(chapter["text"], request["language"])
    places = TextMap(chapter["html"]) if found and chapter["html"] else None
    return [_row(description, places, chapter["step"]) for description in found]


def _row(description: Description, places: TextMap | None, step: str | None) -> dict[str, Any]:
    row = dataclasses.asdict(description)
    row["cfi"] = complete_range(step, places, description.start, description.end) if places and step else None
    return row


if __name__ == "__main__":
    run({"describe": _describe})
