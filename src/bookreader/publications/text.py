"""The plain text of a served chapter, and where each of its characters stands in the document.

One algorithm makes what search, descriptions, positions and CFIs count in: a document falls into blocks at the edges
of block elements; within a block white space is collapsed to single spaces; blocks are joined by one blank line.
Every kind of white space counts, a no-break space too: who searches or quotes does not know how a space was set.
Not text: what is not shown (`head`, `script`, `style`, `template`, `hidden`, `display: none` on the element itself,
the fall-backs of media), images, and the readings of ruby, which would tear apart the words that they explain.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from lxml import etree

from bookreader.errors import InvalidInput
from bookreader.publications.cfi import CfiError, Path, Side, Step, parse_path
from bookreader.publications.points import TextNode, Tree, string_of, unresolved, utf16_length

_INLINE, _BLOCK, _HIDDEN, _NO_ELEMENT, _BREAK = range(5)
_BLOCKS: Final = (
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p pre search "
    "section summary table tbody td text tfoot th thead tr ul"
)
_NOT_SHOWN: Final = (
    "annotation annotation-xml audio canvas datalist defs desc head metadata rp rt rtc script style template title "
    "video"
)
_KINDS: Final = {
    **dict.fromkeys(_BLOCKS.split(), _BLOCK),
    **dict.fromkeys(_NOT_SHOWN.split(), _HIDDEN),
    "br": _BREAK,
}
_BLANK_LINE: Final = "\n\n"
_DISPLAY_NONE: Final = re.compile(r"(?:^|;)\s*display\s*:\s*none\b", re.IGNORECASE)
_WORD: Final = re.compile(r"\S+")
_EVENLY_SPACED: Final = re.compile(r"\S+(?:\s\S+)*")
_SPACES: Final = re.compile(" {2,}")
_SEPARATOR: Final = "\x1f"
"""A character that XML does not allow."""
_OTHER_SPACES: Final = tuple(chr(n) for n in (*b"\t\n\r", *range(0x80, 0x3001)) if chr(n).isspace())


class _Kinds(dict[object, int]):
    """What a tag does to the text, by its name in whatever namespace; made anew for each document."""

    def __missing__(self, tag: object) -> int:
        kind = _KINDS.get(tag.rpartition("}")[2], _INLINE) if isinstance(tag, str) else _NO_ELEMENT
        self[tag] = kind
        return kind


class _Walked(NamedTuple):
    """The shown strings in document order with the node of each, and where blocks end. A `br` counts as a line feed,
    so that it is white space."""

    strings: list[str]
    nodes: list[TextNode]
    breaks: list[int]


class _Segment(NamedTuple):
    """A stretch that runs alike in the document and in the text: `at` and `offset` are its beginnings there."""

    at: int
    offset: int
    length: int
    node: TextNode
    within: int


class TextMap:
    """A chapter's text and the way between its code points and the CFIs of the document.

    A place is a character: a point in white space belongs to the next character, the end of a range to the one before.
    """

    def __init__(self, html: str) -> None:
        """Reads a served document. Raises InvalidInput when it is no well-formed XML."""
        self._tree = Tree(_parsed(html))

    @classmethod
    def from_root(cls, root: etree._Element) -> "TextMap":
        """The text of a parsed document, which must not change while this is used."""
        places = cls.__new__(cls)
        places._tree = Tree(root)
        return places

    @cached_property
    def text(self) -> str:
        """The blocks of the chapter, joined by a blank line."""
        strings, _, breaks = self._walked
        return _collapsed(["".join(strings[a:b]) for a, b in pairwise(breaks)])

    def cfi(self, offset: int, side: Side = "start") -> str:
        """The local path of a code point offset (0 to the text's length): before the character at or after it or, with
        side "end", after the character before it. A document without text gives the path of its body."""
        if not 0 <= offset <= len(self.text):
            raise ValueError(f"offset {offset} is not within a text of {len(self.text)} characters")
        if not self.text:
            return self._path(next(self._tree.root.iterchildren("{*}body"), self._tree.root))
        character = self._forward(offset) if side == "start" else offset
        if character and (side == "end" or character == len(self.text)):
            return self._local(self._back(character) - 1, 1)
        return self._local(character, 0)

    def offset(self, cfi: str, quote: str | None = None) -> int:
        """The code point offset of a CFI's point, or of a range's start. Raises as `locate` does."""
        return self.locate(cfi, quote)[0]

    def locate(self, cfi: str, quote: str | None = None) -> tuple[int, bool]:
        """The code point offset of a whole CFI or a local path, and whether the address had to be repaired.

        The text that should follow, `quote` or what the CFI itself asserts, decides where it is found: between the
        standard's count of text and that of epub.js, else at the place nearest to the address. Raises CfiError when
        the CFI is none, or when neither it nor the quote leads anywhere.
        """
        path = _local_path(cfi)
        offsets = [self._forward(offset) for offset in self._offsets(path)]
        before, after = ("", _squeezed(quote)) if quote else _asserted(path)
        if before or after:
            found = self._squeeze.find(before, after, offsets)
            if found is not None:
                return found, not offsets or found != offsets[0]
        if not offsets:
            raise unresolved()
        likeliest = self._squeeze.likeliest_start(offsets, after)
        return likeliest, likeliest != offsets[0]

    def range(self, cfi: str, quote: str | None = None) -> tuple[int, int]:
        """The half-open code point offsets of a range CFI; a point gives an empty range. When the range's text is
        known as `quote` it decides, as in `locate`. Raises as `locate` does."""
        start, sought = self.offset(cfi, quote), _squeezed(quote or "")
        end = self._squeeze.end(start, sought)
        if end is None:
            ends = [self._back(offset) for offset in self._offsets(_local_path(cfi, end=True))]
            end = self._squeeze.likeliest_end(ends or [start], sought)
        return start, max(start, end)

    # -- the text ---------------------------------------------------------------------------------------------------

    @cached_property
    def _walked(self) -> _Walked:
        strings, nodes, breaks = walked = _Walked([], [], [0])
        kinds = _Kinds()
        walker = etree.iterwalk(self._tree.root, events=("start", "end", "comment", "pi"))
        for event, element in walker:
            kind = kinds[element.tag]
            if kind == _BLOCK and len(strings) != breaks[-1]:
                breaks.append(len(strings))
            if event != "start":
                if string := element.tail:
                    strings.append(string)
                    nodes.append((element, True))
                continue
            if kind >= _HIDDEN or _is_hidden(element):
                walker.skip_subtree()
                if kind == _BREAK:
                    strings.append("\n")
                    nodes.append((element, False))
            elif string := element.text:
                strings.append(string)
                nodes.append((element, False))
        breaks.append(len(strings))
        return walked

    def _forward(self, offset: int) -> int:
        while offset < len(self.text) and self.text[offset].isspace():
            offset += 1
        return offset

    def _back(self, offset: int) -> int:
        while offset > 0 and self.text[offset - 1].isspace():
            offset -= 1
        return offset

    @cached_property
    def _squeeze(self) -> "_Squeezed":
        return _Squeezed(self.text)

    # -- between text and document ----------------------------------------------------------------------------------

    @cached_property
    def _segments(self) -> tuple[list[_Segment], list[int], list[int]]:
        """The segments in order, with their beginnings in the document's string and in the text."""
        segments: list[_Segment] = []
        offset = 0
        for a, b in pairwise(self._walked.breaks):
            if block := self._block(a, b, offset):
                offset = block[-1].offset + block[-1].length + len(_BLANK_LINE)
                segments += block
        return segments, [segment.at for segment in segments], [segment.offset for segment in segments]

    def _block(self, a: int, b: int, offset: int) -> list[_Segment]:
        """The segments of the block that the shown strings from `a` to `b` make, which begins at `offset`."""
        segments: list[_Segment] = []
        gap = False
        for string, node in zip(self._walked.strings[a:b], self._walked.nodes[a:b], strict=True):
            done = 0
            for run in _EVENLY_SPACED.finditer(string):
                gap = gap or run.start() > done
                offset += 1 if gap and segments else 0
                gap, done = False, run.end()
                at = self._tree.position_of(node) + run.start()
                segments.append(_Segment(at, offset, done - run.start(), node, run.start()))
                offset += done - run.start()
            gap = gap or done < len(string)
        return segments

    def _near(self, position: int) -> int:
        """The offset of a position in the document's string; in white space or what is not shown, where that is."""
        segments, begins, _ = self._segments
        number = bisect_right(begins, position) - 1
        if number < 0:
            return 0
        return segments[number].offset + min(position - begins[number], segments[number].length)

    def _local(self, character: int, after: int) -> str:
        """The local path of the point before (0) or after (1) a character that is no white space."""
        segments, _, offsets = self._segments
        segment = segments[bisect_right(offsets, character) - 1]
        parent, index, before = self._tree.chunk_of(segment.node)
        inside = string_of(segment.node)[: segment.within + character - segment.offset + after]
        return f"{self._path(parent)}/{index}:{utf16_length(before + inside)}"

    def _path(self, element: etree._Element) -> str:
        return "".join(f"/{step.index}" for step in self._tree.steps(element, ids=False))

    def _offsets(self, path: Path) -> Iterator[int]:
        """Where a path leads by the standard's count and, if that differs, by that of epub.js."""
        for counted in (path, self._counted_by_nodes(path)):
            if counted is not None:
                with suppress(CfiError):
                    yield self._near(self._tree.position(self._tree.resolve(counted, correct=True)))

    def _counted_by_nodes(self, path: Path) -> Path | None:
        """What a path of epub.js says in the standard's count: there `/1`, `/3` ... count the text nodes there are, and
        not the chunks of text around elements, of which some are empty."""
        *steps, last = path.documents[0] or (Step(0),)
        if last.index % 2 == 0:
            return None
        try:
            parent = self._tree.resolve(Path((tuple(steps),)), correct=True)
        except CfiError:
            return None
        chunks = range(1, 2 * len(self._tree.content(parent.element).chunks), 2)
        filled = [index for index in chunks if self._tree.chunk_text(parent.element, index)]
        if last.index // 2 >= len(filled) or filled[last.index // 2] == last.index:
            return None
        return Path(((*steps, Step(filled[last.index // 2])),), path.offset)


class _Squeezed:
    """A text without its white space, in which quotes are found however their spaces and lines were set."""

    def __init__(self, text: str) -> None:
        words = [(word.start(), word.end() - word.start()) for word in _WORD.finditer(text)]
        self._begins = [begin for begin, _ in words]
        self._before = list(accumulate((length for _, length in words), initial=0))
        self._text = _squeezed(text)

    def find(self, before: str, after: str, offsets: list[int]) -> int | None:
        """The offset of `after` following on `before`, both squeezed: one of `offsets`, else nearest to the first."""
        sought, places = before + after, [self._place(offset) - len(before) for offset in offsets or [0]]
        for place in places:
            if place >= 0 and self._text.startswith(sought, place):
                return self._offset(place + len(before))
        near = max(places[0], 0)
        found = [self._text.rfind(sought, 0, near + len(sought)), self._text.find(sought, near)]
        place = min((one for one in found if one >= 0), key=lambda one: abs(one - near), default=-1)
        return None if place < 0 else self._offset(place + len(before))

    def end(self, offset: int, quote: str) -> int | None:
        """Where a squeezed quote that begins at `offset` ends; None when it does not stand there."""
        place = self._place(offset)
        if not quote or not self._text.startswith(quote, place):
            return None
        return self._offset(place + len(quote) - 1) + 1

    def likeliest_start(self, offsets: list[int], quote: str) -> int:
        """The offset whose text begins most like a squeezed quote that stands nowhere as a whole: browsers put the
        readings of ruby into it."""
        return max(offsets, key=lambda offset: _alike(self._text[self._place(offset) :][: len(quote)], quote))

    def likeliest_end(self, offsets: list[int], quote: str) -> int:
        """The offset before which the text ends most like a squeezed quote."""
        return max(
            offsets, key=lambda offset: _alike(self._text[: self._place(offset)][-len(quote) :][::-1], quote[::-1])
        )

    def _place(self, offset: int) -> int:
        """How many characters but white space come before an offset of the text."""
        word = bisect_right(self._begins, offset) - 1
        if word < 0:
            return 0
        return min(self._before[word] + offset - self._begins[word], self._before[word + 1])

    def _offset(self, place: int) -> int:
        """Where in the text a character is that so many come before; after the last, the text's end."""
        word = min(bisect_right(self._before, place), len(self._begins)) - 1
        return self._begins[word] + place - self._before[word] if word >= 0 else 0


def _parsed(html: str) -> etree._Element:
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(html.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise InvalidInput(f"The chapter is no well-formed XML: {error}.") from error


def _is_hidden(element: etree._Element) -> bool:
    if element.get("hidden") is not None:
        return True
    style = element.get("style")
    return style is not None and _DISPLAY_NONE.search(style) is not None


def _collapsed(blocks: list[str]) -> str:
    """The blocks that are not blank, their white space collapsed, joined by a blank line. All at once, because that
    takes half the time of splitting every block into words."""
    text = _SEPARATOR.join(filled for block in blocks if (filled := block.strip()))
    for space in _OTHER_SPACES:
        if space in text:
            text = text.replace(space, " ")
    if "  " in text:
        text = _SPACES.sub(" ", text)
    return text.replace(_SEPARATOR, _BLANK_LINE)


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _asserted(path: Path) -> tuple[str, str]:
    """The text that a CFI says stands before and after its point, squeezed."""
    assertion = path.offset.assertion if path.offset else None
    return (_squeezed(assertion.before or ""), _squeezed(assertion.after or "")) if assertion else ("", "")


def _local_path(cfi: str, *, end: bool = False) -> Path:
    """The part of a CFI that leads through the chapter's own document; a bare chapter step leads to its start."""
    read = parse_path(cfi)
    path = read.end if end else read.start
    first, *documents = path.documents
    if not (_is_chapter_step(first) or (documents and cfi.startswith("epubcfi("))):
        documents = [first, *documents]
    local = documents[0] if documents else ()
    return Path((local,), path.offset if len(documents) == 1 else None)


def _is_chapter_step(steps: tuple[Step, ...]) -> bool:
    """Whether steps lead through a package: its reading order is never so early a child as head and body are."""
    return len(steps) == 2 and steps[0].index > 4
