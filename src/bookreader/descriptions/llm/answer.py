"""The items of a model's answer, out of whatever stands around them. Pure."""

import json
from collections.abc import Iterator
from typing import Any

_DECODER = json.JSONDecoder()


def items_of(content: str) -> list[dict[str, Any]] | None:
    """What the model lists, which may be nothing; None when there is no list.

    The JSON may stand in a code fence, after thoughts or between words; of an answer that breaks off, the items that
    are whole count.
    """
    content = content.rpartition("</think>")[2]
    named, bare = _list_at(content, content.find("{")), _list_at(content, content.find("["))
    for listed in (named, bare, list(_piecemeal(content))):
        if items := [item for item in listed or () if isinstance(item, dict)]:
            return items
    return [] if [] in (named, bare) else None


def _list_at(content: str, place: int) -> list[Any] | None:
    said = _decoded(content, place)[0] if place >= 0 else None
    found = said.get("items") if isinstance(said, dict) else said
    return found if isinstance(found, list) else None


def _piecemeal(content: str) -> Iterator[Any]:
    """Objects one after the other, until one is no JSON or does not end."""
    place = content.find("[")
    while place >= 0 and (place := content.find("{", place)) >= 0:
        found, place = _decoded(content, place)
        if found is None:
            return
        yield found


def _decoded(content: str, place: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(content, place)
    except (ValueError, RecursionError):
        return None, -1
