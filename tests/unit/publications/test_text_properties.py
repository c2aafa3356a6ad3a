"""What holds of every document: text and CFIs are two names for the same characters."""

from collections.abc import Callable

import pytest
from hypothesis import strategies as st
from lxml import etree

from bookreader.publications import cfi as cfis
from bookreader.publications.cfi import CfiError
from bookreader.publications.text import TextMap
from tests.unit.publications.documents import chapters, character_at, check, dom, plain_text

STEP = "/6/4[ch1]"


def characters(text: str) -> list[int]:
    return [offset for offset, character in enumerate(text) if not character.isspace()]


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_the_text_is_what_plain_recursion_finds(deep: bool) -> None:
    def holds(html: str) -> None:
        assert TextMap(html).text == plain_text(dom(html))

    check(chapters, holds, deep=deep)


def test_every_character_has_a_cfi_that_leads_to_it_and_back(deep: bool) -> None:
    def holds(html: str) -> None:
        places, tree = TextMap(html), dom(html)
        for offset in characters(places.text):
            start, end = places.cfi(offset), places.cfi(offset + 1, "end")
            assert character_at(tree, start)[1] == places.text[offset]
            assert character_at(tree, end)[0] == places.text[offset]
            assert places.offset(start) == places.offset(cfis.complete(STEP, start)) == offset
            whole = cfis.complete_range(STEP, places, offset, offset + 1)
            assert places.range(whole) == (offset, offset + 1)

    check(chapters, holds, deep=deep)


def test_white_space_belongs_to_the_next_character_and_at_an_end_to_the_one_before(deep: bool) -> None:
    def holds(html: str) -> None:
        places = TextMap(html)
        text = places.text
        for offset in range(len(text) + 1):
            following = next((at for at in range(offset, len(text)) if not text[at].isspace()), len(text))
            preceding = len(text[:offset].rstrip())
            assert places.offset(places.cfi(offset)) == following
            assert places.cfi(offset, "end") == places.cfi(preceding, "end")

    check(chapters, holds, deep=deep)


def test_ranges_come_back_whole(deep: bool) -> None:
    def holds(case: tuple[str, float, float]) -> None:
        html, one, other = case
        places = TextMap(html)
        shown = characters(places.text)
        if shown:
            start, last = sorted((shown[int(one * len(shown))], shown[int(other * len(shown))]))
            whole = cfis.complete_range(STEP, places, start, last + 1)
            assert places.range(whole) == (start, last + 1)
            assert places.range(whole, places.text[start : last + 1])[1] - start == last + 1 - start

    unit = st.floats(0, 1, exclude_max=True)
    check(st.tuples(chapters, unit, unit), holds, deep=deep)


def test_cfis_are_in_the_order_of_the_document(deep: bool) -> None:
    def holds(html: str) -> None:
        places = TextMap(html)
        paths = [places.cfi(offset) for offset in characters(places.text)]
        ordered = sorted(set(paths), key=cfis.sort_key)
        assert ordered == paths

    check(chapters, holds, deep=deep)


def test_a_parsed_tree_and_its_merged_twin_have_the_same_places(deep: bool) -> None:
    def holds(html: str) -> None:
        served, marked, merged = TextMap(html), TextMap.from_root(etree.fromstring(html)), TextMap.from_root(dom(html))
        assert served.text == marked.text == merged.text
        for offset in characters(served.text):
            assert served.cfi(offset) == marked.cfi(offset) == merged.cfi(offset)

    check(chapters, holds, deep=deep)


def counted_by_nodes(root: etree._Element, local: str) -> str:
    """A local path as epub.js writes it: the last step counts the text nodes of the element."""
    steps, _, units = local.partition(":")
    *elements, chunk = map(int, steps.split("/")[1:])
    for index in elements:
        root = root[index // 2 - 1]
    data = [root.text, *(child.tail for child in root)]
    number = sum(1 for string in data[: chunk // 2] if string)
    return "".join(f"/{index}" for index in elements) + f"/{2 * number + 1}:{units}"


def test_with_a_quote_epub_js_leads_to_the_same_sentence(deep: bool) -> None:
    def holds(html: str) -> None:
        places, tree = TextMap(html), dom(html)
        for offset in characters(places.text):
            theirs = cfis.complete(STEP, counted_by_nodes(tree, places.cfi(offset)))
            quote = places.text[offset:]
            found = places.offset(theirs, quote)
            assert found == offset or squeezed(places.text[found:]).startswith(squeezed(quote))

    check(chapters, holds, deep=deep)


def test_a_quote_is_found_from_anywhere_however_its_spaces_are_set(deep: bool) -> None:
    def holds(html: str) -> None:
        places = TextMap(html)
        quotes = [places.text[offset:] for offset in characters(places.text)]
        for quote in quotes:
            for cfi in (places.cfi(0), "epubcfi(/6/4!/4/2000/1:7)"):
                found, _ = places.locate(cfi, squeezed(quote) if cfi.startswith("/") else f"\n{quote} ")
                assert squeezed(places.text[found:]).startswith(squeezed(quote))

    check(chapters, holds, deep=deep)


_MUTATED = st.builds(
    lambda cfi, at, new: cfi[:at] + new + cfi[at + 1 :],
    st.sampled_from(["epubcfi(/6/4[ch1]!/4/2/1:3)", "epubcfi(/6/4!/4,/2/1:0[a,b;s=b],/4/3:2)", "/4/2/1:3"]),
    st.integers(0, 40),
    st.text(st.sampled_from("/!:~@[]^(),;=0123456789 aé𝒳\ud800\n"), max_size=4),
)


def failure(read: Callable[[str, str | None], object], cfi: str, quote: str | None) -> bool | None:
    """Whether the CFI is refused as malformed (True), as leading nowhere (False), or not at all (None)."""
    try:
        read(cfi, quote)
    except CfiError as error:
        return error.malformed
    return None


def test_garbage_is_answered_by_the_one_error(deep: bool) -> None:
    def holds(case: tuple[str, str, str | None]) -> None:
        html, cfi, quote = case
        places = TextMap(html)
        malformed = not cfis.is_cfi(cfi if cfi.startswith("epubcfi(") else f"epubcfi({cfi})")
        for read in (places.offset, places.range):
            assert failure(read, cfi, quote) in ((True,) if malformed else (None, False))

    quotes = st.one_of(st.none(), st.text(max_size=5), st.sampled_from(["a", "漢字", "\ud800"]))
    check(st.tuples(chapters, st.one_of(_MUTATED, st.text(max_size=40)), quotes), holds, deep=deep)


@pytest.mark.parametrize("side", ["start", "end"])
def test_a_document_without_text_is_at_its_body(side: cfis.Side) -> None:
    places = TextMap("<html><head><title>no</title></head><body><img src='x'/></body></html>")

    assert places.text == ""
    assert places.cfi(0, side) == "/4"
    assert places.offset("epubcfi(/6/4!/4)") == places.offset("epubcfi(/6/4!/4/2)") == 0
    assert places.range("epubcfi(/6/4!/4,/2,/2)") == (0, 0)
