"""Warnings: one of a kind, with the files that it is about, and every code in the documents."""

import re
from pathlib import Path

from bookreader.publications.flaws import CODES, Flaws

ERRORS = Path(__file__).parents[3] / "docs" / "errors.md"


def test_every_warning_is_in_the_documents() -> None:
    section = ERRORS.read_text("utf-8").partition("## Warnings")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE)) == CODES


def test_a_warning_names_what_it_is_about() -> None:
    flaws = Flaws()
    flaws.add("repaired", "a\u202eb\n.xhtml")
    for number in range(5):
        flaws.add("missing_resource", f"{number}.png")
    flaws.add("missing_resource", "0.png")
    first, second = flaws.warnings()
    assert first.message == "“a?b?.xhtml” is not well-formed and was repaired."
    assert second.message == "5 files are listed in the book but not in it: “0.png”, “1.png”, “2.png” and 2 more."
    assert "repaired" in flaws
    assert "no_contents" not in flaws
