"""A process that finds descriptions, people and places (see `jobs.child`): reading every word of a novel would hold up
the web server."""

import dataclasses
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bookreader.descriptions.rules import Description, find_descriptions
from bookreader.descriptions.sheets import Evidence, Sheet, make_sheets
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


def _sheets(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The sheets of a book whose chapters are the lines of a file, each sentence on them with its range CFI."""
    path = Path(request["path"])
    sheets = make_sheets([(line["number"], line["text"]) for line in _lines(path)], request["language"])
    told = {each for sheet in sheets for each in _told(sheet)}
    addressed = dict(_addressed(told, path))
    return [dataclasses.asdict(_with_addresses(sheet, addressed)) for sheet in sheets]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _told(sheet: Sheet) -> Sequence[Evidence]:
    return (*sheet.evidence, *(fact.evidence for fact in sheet.facts))


def _addressed(told: set[Evidence], path: Path) -> Iterator[tuple[Evidence, Evidence]]:
    """Every sentence with its twin that knows its address; one document is open at a time."""
    for line in _lines(path):
        here = [each for each in told if each.chapter == line["number"]]
        places = TextMap(line["html"]) if here and line["html"] and line["step"] else None
        for each in here:
            cfi = complete_range(line["step"], places, each.start, each.end) if places else None
            yield each, dataclasses.replace(each, cfi=cfi)


def _with_addresses(sheet: Sheet, addressed: dict[Evidence, Evidence]) -> Sheet:
    return dataclasses.replace(
        sheet,
        evidence=tuple(addressed[each] for each in sheet.evidence),
        facts=tuple(dataclasses.replace(fact, evidence=addressed[fact.evidence]) for fact in sheet.facts),
    )


if __name__ == "__main__":
    run({"describe": _describe, "sheets": _sheets})
