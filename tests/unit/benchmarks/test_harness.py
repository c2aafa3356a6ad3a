"""The benchmark harness: ratios, goals, the table, and names that do not exist."""

from benchmarks.__main__ import main, names, table
from benchmarks.rows import Row


def test_a_goal_is_a_most_unless_more_is_better() -> None:
    assert Row("start", 2.0, goal=5.0).met is True
    assert Row("speed", 2.0, "words/s", goal=5.0, more=True).met is False
    assert Row("size", 2.0).met is None


def test_a_ratio_needs_something_to_compare_with() -> None:
    assert Row("start", 2.0, reference="python", reference_value=0.5).ratio == 4.0
    assert Row("start", 2.0).ratio is None


def test_the_table_shows_value_reference_ratio_and_goal() -> None:
    lines = table([Row("start", 2.0, "s", "python", 0.5, goal=1.0)]).splitlines()
    assert lines[1].split() == ["start", "2", "s", "python", "(0.5", "s)", "4.00", "x", "<=", "1", "s", "NO"]


def test_an_unknown_name_is_told_and_nothing_runs(capsys) -> None:
    assert main(["no_such_benchmark"]) == 2
    assert "no_such_benchmark" in capsys.readouterr().err


def test_the_benchmarks_are_found() -> None:
    assert {"startup", "upload"} <= set(names())
