"""Sheets that a person has changed keep what is theirs when the book is looked through again."""

from uuid import UUID

import pytest

from bookreader.cast.rules import EVERYTHING, Held, Reach, joined, share_out
from bookreader.descriptions.sheets import Aspect, Called, Evidence, Fact, Sheet

A, B = UUID(int=1), UUID(int=2)


def told(name: str, chapter: int) -> Evidence:
    return Evidence(chapter, 10, 40, f"{name} wore a red coat.", (name,))


def sheet(*names: str, chapter: int = 1) -> Sheet:
    """The more to the left a name stands, the more often it occurs; each has a fact of its own."""
    called = tuple(Called(name, 9 - place, chapter + place, place) for place, name in enumerate(names))
    evidence = tuple(told(one.name, one.chapter) for one in called)
    facts = tuple(Fact(Aspect.DRESS, f"coat of {each.names[0]}", True, each) for each in evidence)
    return Sheet(names[0], "person", called, sum(one.mentions for one in called), chapter, 0, facts, evidence)


def held(owner: UUID, *names: str) -> Held:
    return Held(owner, frozenset(names))


def names(found: Sheet) -> list[str]:
    return [called.name for called in found.names]


def test_what_nobody_holds_is_new() -> None:
    found = [sheet("Crane"), sheet("Grey")]
    assert share_out(found, []) == ({}, found)


def test_what_is_found_under_one_of_its_names_belongs_to_a_sheet() -> None:
    shares, rest = share_out([sheet("Crane", "Silas Crane"), sheet("Grey")], [held(A, "Silas Crane")])
    assert names(shares[A]) == ["Crane", "Silas Crane"]
    assert [one.name for one in rest] == ["Grey"]


def test_merged_sheets_get_what_was_found_apart() -> None:
    shares, rest = share_out(
        [sheet("Crane", chapter=4), sheet("The Miller", chapter=2)], [held(A, "Crane", "The Miller")]
    )
    assert rest == []
    assert sorted(names(shares[A])) == ["Crane", "The Miller"]
    assert (shares[A].mentions, shares[A].chapter) == (18, 2)
    assert [fact.evidence.chapter for fact in shares[A].facts] == [2, 4]


def test_split_sheets_part_what_was_found_as_one() -> None:
    shares, rest = share_out(
        [sheet("Crane", "Silas Crane", "Mary Crane")], [held(A, "Silas Crane"), held(B, "Mary Crane")]
    )
    assert rest == []
    assert names(shares[B]) == ["Mary Crane"]
    assert [fact.value for fact in shares[B].facts] == ["coat of Mary Crane"]
    assert names(shares[A]) == ["Crane", "Silas Crane"]
    assert [each.names for each in shares[A].evidence] == [("Crane",), ("Silas Crane",)]
    assert (shares[B].chapter, shares[B].mentions) == (3, 7)


def test_a_sentence_under_no_name_stays_with_the_one_who_is_named_most() -> None:
    pronoun = Evidence(5, 0, 9, "He slept.")
    whole = sheet("Crane", "Mary Crane")
    whole = Sheet(whole.name, "person", whole.names, whole.mentions, 1, 0, (), (*whole.evidence, pronoun))
    shares, _ = share_out([whole], [held(A, "Crane"), held(B, "Mary Crane")])
    assert pronoun in shares[A].evidence
    assert pronoun not in shares[B].evidence


def test_a_joined_sheet_counts_a_name_that_both_had_once() -> None:
    both = joined([sheet("Crane", "Silas"), sheet("Crane", chapter=7)])
    assert [(called.name, called.mentions, called.chapter) for called in both.names] == [
        ("Crane", 18, 1),
        ("Silas", 8, 2),
    ]


@pytest.mark.parametrize(
    ("chapter", "offset", "covered"), [(1, 9_999, True), (2, 0, True), (2, 100, True), (2, 101, False), (3, 0, False)]
)
def test_how_far_things_may_be_shown(chapter: int, offset: int, covered: bool) -> None:
    assert Reach(2, 100).covers(chapter, offset) is covered
    assert EVERYTHING.covers(chapter, offset)
