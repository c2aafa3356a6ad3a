"""What holds of every CFI: it is written as it is read, and all of them stand in one order."""

from collections.abc import Callable
from decimal import Decimal
from itertools import combinations

from hypothesis import strategies as st

from bookreader.publications.cfi import (
    Assertion,
    Cfi,
    CfiError,
    Offset,
    Path,
    Step,
    between,
    compare,
    format_cfi,
    is_cfi,
    parse,
    parse_path,
    sort_key,
)
from tests.unit.publications.documents import check

_values = st.text(st.sampled_from("ab Ф𝒳^[](),;=/!:~@%\n"), min_size=1, max_size=6)
_parameters = st.tuples(st.text(st.sampled_from("sv.^=;"), min_size=1, max_size=3), st.tuples(_values))
_ids = st.builds(Assertion, st.tuples(_values), st.just(()))
_texts = st.builds(
    Assertion,
    st.one_of(st.tuples(_values), st.tuples(_values, _values), st.tuples(st.just(""), _values)),
    st.lists(_parameters, max_size=2).map(tuple),
)
_steps = st.builds(Step, st.integers(0, 999), st.one_of(st.none(), _ids))
_numbers = st.decimals(0, 100, places=2).map(lambda number: Decimal(str(float(number)).removesuffix(".0")))
_assertions = st.one_of(st.none(), _texts)
_offsets = st.one_of(
    st.builds(Offset, character=st.integers(0, 10**9), assertion=_assertions),
    st.builds(Offset, seconds=_numbers, assertion=_assertions),
    st.builds(Offset, spot=st.tuples(_numbers, _numbers), assertion=_assertions),
    st.builds(Offset, seconds=_numbers, spot=st.tuples(_numbers, _numbers)),
)
_document = st.lists(_steps, min_size=1, max_size=4).map(tuple)
_documents = st.lists(_document, min_size=1, max_size=3).map(tuple)
_paths = st.builds(Path, _documents, st.one_of(st.none(), _offsets))
_parents = st.builds(Path, _documents)
cfis = st.one_of(st.builds(Cfi, _paths), st.builds(Cfi, _parents, st.tuples(_paths, _paths)))


def test_what_is_written_is_read_alike(deep: bool) -> None:
    def holds(cfi: Cfi) -> None:
        text = format_cfi(cfi)
        assert parse(text) == cfi
        assert format_cfi(parse(text)) == text

    check(cfis, holds, deep=deep)


def test_the_order_is_total_and_knows_no_assertions(deep: bool) -> None:
    def bare(cfi: Cfi) -> Cfi:
        paths = [
            Path(
                tuple(tuple(Step(step.index) for step in steps) for steps in path.documents),
                path.offset and Offset(path.offset.character, path.offset.seconds, path.offset.spot),
            )
            for path in (cfi.path, *(cfi.range or ()))
        ]
        return Cfi(paths[0], (paths[1], paths[2]) if cfi.range else None)

    def holds(some: list[Cfi]) -> None:
        ordered = sorted(some, key=sort_key)
        for before, after in combinations(ordered, 2):
            assert compare(before, after) in (-1, 0)
            assert compare(after, before) == -compare(before, after)
            assert compare(bare(before), after) == compare(before, after)
        for cfi in some:
            assert compare(cfi, cfi) == compare(cfi, bare(cfi)) == 0

    check(st.lists(cfis, max_size=5), holds, deep=deep)


def test_a_range_between_two_points_has_them_as_its_ends(deep: bool) -> None:
    def holds(case: tuple[tuple[Step, ...], Path, Path]) -> None:
        package, start, end = case
        first, last = (Path((package, path.documents[-1]), path.offset) for path in (start, end))
        cfi = between(first, last)
        assert compare(Cfi(cfi.start), Cfi(first)) == compare(Cfi(cfi.end), Cfi(last)) == 0
        assert parse(format_cfi(cfi)) == cfi

    check(st.tuples(_document, _paths, _paths), holds, deep=deep)


def _read(read: Callable[[str], Cfi], text: str) -> tuple[Cfi | None, CfiError | None]:
    try:
        return read(text), None
    except CfiError as error:
        return None, error


def test_garbage_is_refused_by_the_one_error(deep: bool) -> None:
    def holds(text: str) -> None:
        for read in (parse, parse_path):
            cfi, refused = _read(read, text)
            if refused is not None:
                assert refused.malformed
            if cfi is not None:
                assert compare(cfi, cfi) == 0
                assert is_cfi(format_cfi(cfi))
        assert is_cfi(text) is (_read(parse, text)[0] is not None)

    pieces = st.sampled_from(
        ["/", "!", ":", "~", "@", "[", "]", "^", ",", ";", "=", "(", ")", "0", "1", "24", ".", "s", "Ф", "\ud800"]
    )
    inside = st.lists(pieces, max_size=12).map("".join)
    check(st.one_of(st.text(max_size=30), inside, inside.map("epubcfi(/6/4{})".format)), holds, deep=deep)
