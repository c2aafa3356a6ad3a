"""CFIs as strings and values. The names of tests that quote the specification begin with its section (1.1)."""

import time
from decimal import Decimal

import pytest

from bookreader.errors import InvalidInput
from bookreader.publications.cfi import (
    LONGEST,
    Assertion,
    Cfi,
    CfiError,
    Offset,
    Path,
    Step,
    between,
    compare,
    complete,
    complete_range,
    escape,
    format_cfi,
    format_path,
    is_cfi,
    parse,
    parse_fragment,
    parse_path,
)
from bookreader.publications.text import TextMap

SAMPLE = "epubcfi(/6/4[chap01ref]!/4[body01]/10[para05]/3:10)"


def indices(path: Path) -> list[list[int]]:
    return [[step.index for step in steps] for steps in path.documents]


# -- reading -----------------------------------------------------------------------------------------------------------


def test_2_1_the_first_example_is_read() -> None:
    cfi = parse(SAMPLE)

    assert indices(cfi.path) == [[6, 4], [4, 10, 3]]
    assert [step.id for step in cfi.path.documents[1]] == ["body01", "para05", None]
    assert cfi.path.offset == Offset(character=10)
    assert cfi.range is None
    assert cfi.start == cfi.end == cfi.path


@pytest.mark.parametrize(
    "text",
    [
        SAMPLE,
        "epubcfi(/6/4[chap01ref]!/4[body01]/16[svgimg])",
        "epubcfi(/6/4[chap01ref]!/4[body01]/10[para05]/2/1:3[yyy;s=b])",
        "epubcfi(/6/4[chap01ref]!/4[body01]/10[para05]/1:3[xx,y])",
        "epubcfi(/6/4[chap01ref]!/4[body01]/10[para05]/2/1:3[,y])",
        "epubcfi(/6/4[chap01ref]!/4[body01]/10[para05]/2[;s=b])",
        "epubcfi(/6/4[chap01ref]!/4[body01]/10[para05],/2/1:1,/3:4)",
        "epubcfi(/6/14[chap05ref]!/4[body01]/10/2/1:3[2^[1^]])",
        'epubcfi(/6/4!/4/10/2/1:3[Ф-"spa ce"-99%-aa^[bb^]^^])',
        "epubcfi(/6/4!/4/2~23.5@5.75:97.6)",
        "epubcfi(/6/4!/4/2@0:100)",
        "epubcfi(/6/4!/4/2~0)",
        "epubcfi(/6/4!/4/2!/4/6:1)",
        "epubcfi(/6/4!:7)",
        "epubcfi(/6/4!/4/2,,/1:3)",
        "epubcfi(/6/4,!/4/2/1:0,!/4/4/1:3)",
        "epubcfi(/6/4!/4/2/1:3[;vnd.acme.note=a,b;s=a])",
        "epubcfi(/6/4!/4/2/1,:3,:9)",
    ],
)
def test_what_is_read_is_written_alike(text: str) -> None:
    assert format_cfi(parse(text)) == text
    assert format_path(parse_path(text[len("epubcfi(") : -1])) == text[len("epubcfi(") : -1]
    assert is_cfi(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "epubcfi",
        "epubcfi(",
        "epubcfi()",
        "epubcfi(!/4)",
        "epubcfi(:3)",
        "epubcfi(6/4)",
        "epubcfi(/6/4",
        "/6/4!/4",
        " epubcfi(/6/4)",
        "epubcfi(/6/4) ",
        "epubcfi(/6/4))",
        "epubcfi(/6//4)",
        "epubcfi(/6/-4)",
        "epubcfi(/6/4.5)",
        "epubcfi(/6/four)",
        "epubcfi(/6/4!)",
        "epubcfi(/6/4!!/4)",
        "epubcfi(/6/4!/4/1:)",
        "epubcfi(/6/4!/4/1:3:4)",
        "epubcfi(/6/4!/4/1:3/2)",
        "epubcfi(/6/4!/4/2~1.50)",
        "epubcfi(/6/4!/4/2~.5)",
        "epubcfi(/6/4!/4/2~2.)",
        "epubcfi(/6/4!/4/2~01)",
        "epubcfi(/6/4!/4/2@5)",
        "epubcfi(/6/4!/4/2@5:6~1)",
        "epubcfi(/6/4!/4[a)",
        "epubcfi(/6/4!/4[a]])",
        "epubcfi(/6/4!/4[[a])",
        "epubcfi(/6/4!/4[a^])",
        "epubcfi(/6/4!/4,/2)",
        "epubcfi(/6/4!/4,/2,/4,/6)",
        "epubcfi(,/2,/4)",
        "epubcfi(/6/4!/4/1:3,/2,/4)",
        "epubcfi(/６/４)",
        "EPUBCFI(/6/4)",
    ],
)
def test_2_2_what_the_grammar_does_not_know_is_malformed(text: str) -> None:
    with pytest.raises(CfiError) as raised:
        parse(text)

    assert raised.value.malformed
    assert not is_cfi(text)


def test_2_2_every_special_character_can_be_escaped_in_an_assertion() -> None:
    cfi = parse("epubcfi(/4[4^^^[^]^(^)^,^;^=]/6)")

    assert cfi.path.documents[0][0].id == "4^[](),;="
    assert escape("4^[](),;=") == "4^^^[^]^(^)^,^;^="


def test_unescaped_parentheses_and_equals_signs_in_a_bracket_cannot_be_misread() -> None:
    assert parse("epubcfi(/4[a(b)=c]/6)").path.documents[0][0].id == "a(b)=c"


def test_2_3_a_fragment_is_decoded_once_before_it_is_read() -> None:
    written = "#epubcfi(/6/4!/4/10/2/1:3%5B%D0%A4-%22spa%20ce%22-99%25-aa%5E%5Bbb%5E%5D%5E%5E%5D)"

    assertion = parse_fragment(written).path.last

    assert assertion is not None
    assert assertion.before == 'Ф-"spa ce"-99%-aa[bb]^'


def test_3_1_7_a_point_in_a_film_has_a_time_and_a_spot() -> None:
    offset = parse("epubcfi(/6/4!/4/2~23.5@5.75:97.6)").path.offset

    assert offset == Offset(seconds=Decimal("23.5"), spot=(Decimal("5.75"), Decimal("97.6")))


def test_3_1_9_the_side_is_read_after_offsets_and_after_steps() -> None:
    for text, side in (("/2/1:3[;s=b]", "b"), ("/2/1:3[yyy;s=a]", "a"), ("/2[;s=b]", "b"), ("/2[;s=x]", None)):
        last = parse_path(text).path.last
        assert last is not None
        assert last.side == side


def test_4_parameters_that_cannot_be_understood_are_ignored() -> None:
    last = parse("epubcfi(/6/4!/4/2/1:3[yyy;what;s=b])").path.last

    assert last == Assertion(("yyy",), (("s", ("b",)),))


def test_3_4_a_range_has_a_parent_and_two_ends() -> None:
    cfi = parse("epubcfi(/6/4[chap01ref]!/4[body01]/10[para05],/2/1:1,/3:4)")

    assert format_cfi(Cfi(cfi.start)) == "epubcfi(/6/4[chap01ref]!/4[body01]/10[para05]/2/1:1)"
    assert format_cfi(Cfi(cfi.end)) == "epubcfi(/6/4[chap01ref]!/4[body01]/10[para05]/3:4)"


def test_an_assertion_of_nothing_is_not_written() -> None:
    assert format_cfi(Cfi(Path(((Step(6, Assertion()), Step(4)),)))) == "epubcfi(/6/4)"


def test_the_error_belongs_to_the_tree_and_says_what_is_wrong() -> None:
    with pytest.raises(InvalidInput, match=r"cannot be read from '\*' on") as raised:
        parse("epubcfi(/6/4*)")

    assert raised.value.stable_code == "bad_cfi"


@pytest.mark.parametrize(
    "text",
    [
        "epubcfi(" + "/4" * 50_000 + ")",
        "epubcfi(/6/4!/4/2/1:" + "9" * 100_000 + ")",
        "epubcfi(/6/4!/4/2~1." + "9" * 2_000 + ")",
        "epubcfi(/6/" + "4" * 2_000 + ")",
        "epubcfi(/6/4" + "!/4" * 40_000 + ")",
        "epubcfi(/6/4" + "[" * 100_000 + ")",
        "epubcfi(/6/4[" + "^" * 4_001 + "])",
        "epubcfi(/6/4[" + "^]" * 50_000 + "])",
        "(" * 100_000,
    ],
)
def test_huge_ones_are_refused_at_once(text: str) -> None:
    began = time.process_time()

    for read in (parse, parse_path, parse_fragment):
        with pytest.raises(CfiError) as raised:
            read(text)
        assert raised.value.malformed

    assert time.process_time() - began < 0.5


def test_the_longest_is_read_without_recursion() -> None:
    text = "epubcfi(/6/4!" + "/4" * ((LONGEST - 20) // 2) + ")"

    assert format_cfi(parse(text)) == text


# -- order -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/6/4!/4/9", "/6/4!/4/10"),
        ("/6/4!/4/2/1:3", "/6/4!/4/2/1:10"),
        ("/6/4!/4/2/1:3", "/6/4!/4/2/2"),
        ("/6/4!/4/2", "/6/4!/4/2/1:0"),
        ("/6/4!/4/2", "/6/4!/4/2@0:0"),
        ("/6/4!/4/2@90:10", "/6/4!/4/2@10:90"),
        ("/6/4!/4/2@9:10", "/6/4!/4/2@10:10"),
        ("/6/4!/4/2@90:90", "/6/4!/4/2~0"),
        ("/6/4!/4/2~1", "/6/4!/4/2~1@0:0"),
        ("/6/4!/4/2~1@90:90", "/6/4!/4/2~2@1:1"),
        ("/6/4!/4/2~2.5", "/6/4!/4/2~10"),
        ("/6/4", "/6/4!/2"),
        ("/6/4:3", "/6/4/2"),
        ("/6/4/2", "/6/4@1:1"),
        ("/6/4~5", "/6/4!/2"),
        ("/6/4!/4,/2/1:1,/4", "/6/4!/4,/2/1:1,/6"),
        ("/6/4!/4,/2/1:1,/6", "/6/4!/4,/2/1:2,/4"),
    ],
)
def test_3_2_sorting_rules(before: str, after: str) -> None:
    assert compare(before, after) == -1
    assert compare(after, before) == 1
    assert compare(before, before) == 0


def test_3_2_assertions_do_not_count() -> None:
    assert compare("epubcfi(/6/4[chap01ref]!/4[body01]/10/1:3[xx,y;s=b])", "epubcfi(/6/4!/4/10/1:3)") == 0


# -- making ------------------------------------------------------------------------------------------------------------


def test_a_chapter_step_and_a_local_path_make_a_whole_cfi() -> None:
    assert complete("/6/4[ch1]", "/4/2/1:13") == "epubcfi(/6/4[ch1]!/4/2/1:13)"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 3, "epubcfi(/6/4[ch1]!/4/2,/1:0,/1:3)"),
        (0, 6, "epubcfi(/6/4[ch1]!/4/2,/1:0,/2/1:3)"),
        (4, 12, "epubcfi(/6/4[ch1]!/4,/2/2/1:1,/4/1:3)"),
        (3, 9, "epubcfi(/6/4[ch1]!/4/2,/2/1:0,/3:1)"),
    ],
)
def test_a_range_stands_below_its_deepest_common_parent(start: int, end: int, expected: str) -> None:
    places = TextMap("<html><head/><body><p>one<b>two</b>3</p><p>four</p></body></html>")

    assert complete_range("/6/4[ch1]", places, start, end) == expected


def test_a_range_with_nothing_in_common_but_the_document_begins_at_the_document() -> None:
    start, end = (parse_path(path).path for path in ("/6/4!/2/1:0", "/6/4!/4/1:3"))

    assert format_cfi(between(start, end)) == "epubcfi(/6/4,!/2/1:0,!/4/1:3)"
    assert indices(between(start, end).end) == [[6, 4], [4, 1]]


@pytest.mark.parametrize(("start", "end"), [("/6/4!/4/2", "/6/6!/4/2"), ("/2/1:0", "/4/1:0"), ("/6/4", "/6/4!/4")])
def test_no_range_goes_from_one_document_to_another(start: str, end: str) -> None:
    with pytest.raises(ValueError, match=r"range|common"):
        between(parse_path(start).path, parse_path(end).path)
