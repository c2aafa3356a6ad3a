"""Every case folder of tests/books opens, or is refused, as the file beside it says."""

from typing import Any

import pytest

from bookreader.errors import BookRefused
from bookreader.publications import open_publication
from tests.books.cases import Case, cases, differences


def opened(case: Case) -> dict[str, Any]:
    """What opening gives, in the shape of `expected.json`."""
    try:
        publication = open_publication(case.data())
    except BookRefused as refused:
        return {"error": refused.stable_code}
    return {
        "format": publication.format,
        "metadata": publication.metadata.as_json(),
        "reading_order": [
            {"href": one.href, "linear": one.linear, "characters": one.characters, "text": one.text}
            for one in publication.reading_order
        ],
        "toc": [contents(entry) for entry in publication.toc],
        "cover": publication.cover,
        "positions": publication.positions,
        "direction": publication.direction,
        "layout": publication.layout,
        "warnings": [{"code": warning.code} for warning in publication.warnings],
    }


def contents(entry: Any) -> dict[str, Any]:
    children = [contents(child) for child in entry.children]
    return {"title": entry.title, "href": entry.href, "chapter": entry.chapter, "children": children}


@pytest.mark.parametrize("case", cases(), ids=str)
def test_case(case: Case) -> None:
    expect = dict(case.expect)
    phrases = expect.pop("contains", [])
    codes = expect.pop("error", None)
    found = opened(case)
    if codes is not None:
        assert found.get("error") in ([codes] if isinstance(codes, str) else codes), case.about
        return
    assert differences(expect, found) == [], case.about
    text = "\n\n".join(item["text"] for item in found["reading_order"])
    assert [phrase for phrase in phrases if phrase not in text] == []
