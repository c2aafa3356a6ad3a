"""Points of an XML tree as CFIs count them: from steps to nodes and back, for any document, the package too.

Child elements have the even indices from 2; the chunk of character data before, between and after them the odd ones
from 1. Comments, processing instructions and CDATA marks do not exist for a CFI: the text around them is one chunk
(section 3.1.1). Offsets are UTF-16 units.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from lxml import etree

from bookreader.publications.cfi import Assertion, Cfi, CfiError, Offset, Path, Step

Filter = Callable[[etree._Element], bool]
TextNode = tuple[etree._Element, bool]
"""A string of the tree: what follows a node (True), or what begins an element (False)."""

_XML_ID: Final = "{http://www.w3.org/XML/1998/namespace}id"
_ALL_EVENTS: Final = ("start", "end", "comment", "pi")


@dataclass(frozen=True, slots=True)
class Content:
    """What a CFI sees in an element. `passed` says how many of its children begin before the end of a node in it."""

    children: list[etree._Element] = field(default_factory=list)
    chunks: list[list[TextNode]] = field(default_factory=lambda: [[]])
    passed: dict[etree._Element, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Point:
    """Where a path leads.

    With `chunk`, the odd index of character data of `element`, it is `units` into that; else it is before the element
    itself or, as `edge`, at the virtual element before (0) or after (1) its content. `holds` says whether the ids and
    texts that the path asserts were found there; `side` is the side bias.
    """

    element: etree._Element
    chunk: int | None = None
    units: int = 0
    edge: int | None = None
    side: str | None = None
    holds: bool = True


def string_of(node: TextNode) -> str:
    owner, tail = node
    return (owner.tail if tail else owner.text) or ""


def utf16_length(text: str) -> int:
    """The length in UTF-16 units, in which CFIs and browsers count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def code_points(text: str, units: int) -> int:
    """How many code points the first `units` UTF-16 units are; half a surrogate pair does not count."""
    return units if text.isascii() else len(text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore"))


class Tree:
    """A document for CFIs. Elements that `reject` picks do not exist for them; those that `skip` picks are
    transparent, such as the marks of a highlight. The tree must not change while this is used."""

    def __init__(self, root: etree._Element, *, reject: Filter | None = None, skip: Filter | None = None) -> None:
        self.root = root
        self._reject = reject
        self._skip = skip
        self._contents: dict[etree._Element, Content] = {}

    # -- what a CFI sees --------------------------------------------------------------------------------------------

    def content(self, element: etree._Element) -> Content:
        """The element's children and chunks."""
        found = self._contents.get(element)
        if found is None:
            found = self._contents[element] = self._read(element)
        return found

    def _read(self, element: etree._Element) -> Content:
        content = Content()
        walker = etree.iterwalk(element, events=_ALL_EVENTS)
        for event, node in walker:
            if node is element:
                if event == "start":
                    content.chunks[-1].append((node, False))
            elif event != "start":
                content.chunks[-1].append((node, True))
                content.passed[node] = len(content.children)
            elif self._is_transparent(node):
                content.chunks[-1].append((node, False))
            else:
                walker.skip_subtree()
                if not self._is_rejected(node):
                    content.children.append(node)
                    content.chunks.append([])
        return content

    def _is_rejected(self, node: etree._Element) -> bool:
        """Whether a node is nothing to a CFI: an entity's reference, or filtered out."""
        return not isinstance(node.tag, str) or (self._reject is not None and self._reject(node))

    def _is_transparent(self, node: etree._Element) -> bool:
        return self._skip is not None and node is not self.root and not self._is_rejected(node) and self._skip(node)

    def parent(self, node: etree._Element) -> etree._Element | None:
        """The element whose content holds the node; None for the root."""
        parent = node.getparent() if node is not self.root else None
        while parent is not None and self._is_transparent(parent):
            parent = parent.getparent()
        return parent

    def chunk_of(self, node: TextNode) -> tuple[etree._Element, int, str]:
        """The element and index of the chunk that a text node lies in, and what precedes it there."""
        owner, tail = node
        own = not tail and not self._is_transparent(owner)
        parent = owner if own else self.parent(owner)
        if parent is None:
            raise ValueError("nothing follows the root")
        if own:
            return parent, 1, ""
        content = self.content(parent)
        number = content.passed[owner] if tail else _chunk_number(content, node)
        before = "".join(string_of(one) for one in content.chunks[number][: content.chunks[number].index(node)])
        return parent, 2 * number + 1, before

    # -- from nodes to paths ----------------------------------------------------------------------------------------

    def steps(self, element: etree._Element, *, ids: bool = True) -> tuple[Step, ...]:
        """The steps from the root to an element, each asserting the id that it leads to unless ids are not wanted."""
        steps: list[Step] = []
        while (parent := self.parent(element)) is not None:
            identifier = _id(element) if ids else None
            assertion = Assertion((identifier,)) if identifier else None
            steps.append(Step(2 * self.content(parent).passed[element], assertion))
            element = parent
        return tuple(reversed(steps))

    def path_of(self, point: Point) -> Path:
        """The path that leads to a point. An element that is transparent gives the one around it."""
        element = point.element
        if self._is_transparent(element):
            parent = self.parent(element)
            element = self.root if parent is None else parent
        steps = self.steps(element)
        if point.chunk is not None:
            return Path(((*steps, Step(point.chunk)),), Offset(character=point.units))
        if point.edge is not None:
            return Path(((*steps, Step(point.edge and 2 * len(self.content(element).children) + 2)),))
        return Path((steps,))

    def point_in(self, node: TextNode, units: int) -> Point:
        """The point so many UTF-16 units into a text node."""
        parent, index, before = self.chunk_of(node)
        return Point(parent, index, utf16_length(before) + units)

    # -- from paths to points ---------------------------------------------------------------------------------------

    def resolve(self, path: Path, *, document: int = 0, correct: bool = False) -> Point:
        """Where the steps of a path through one of its documents lead, from this tree's root.

        An asserted id that the steps miss is only reported or, to `correct`, followed where the document has it
        (section 3.5). Raises CfiError when there is no such point.
        """
        steps, offset = path.documents[document], path.offset if document == len(path.documents) - 1 else None
        element, holds, side = self.root, True, path.last.side if path.last else None
        for number, step in enumerate(steps, 1):
            children, final = self.content(element).children, number == len(steps)
            found = children[step.index // 2 - 1] if _is_child(step.index, len(children)) else None
            if step.id is not None and step.index % 2 == 0 and (found is None or _id(found) != step.id):
                holds = False
                found = self._by_id.get(step.id, found) if correct else found
            if found is not None:
                element = found
            elif final and step.index <= 2 * len(children) + 2:
                return self._inside(element, step.index, offset, side=side, holds=holds)
            else:
                raise unresolved()
        units = (offset and offset.character) or 0
        return Point(element, units=units, side=side, holds=holds)

    def _inside(
        self, element: etree._Element, index: int, offset: Offset | None, *, side: str | None, holds: bool
    ) -> Point:
        if index % 2 == 0:
            return Point(element, edge=int(index > 0), side=side, holds=holds)
        units = (offset and offset.character) or 0
        if units > utf16_length(self.chunk_text(element, index)):
            raise unresolved()
        point = Point(element, index, units, side=side, holds=holds)
        if offset and offset.assertion and not self._agrees(point, offset.assertion):
            return Point(element, index, units, side=side, holds=False)
        return point

    def chunk_text(self, element: etree._Element, index: int) -> str:
        """The whole character data of a chunk."""
        return "".join(string_of(node) for node in self.content(element).chunks[index // 2])

    @cached_property
    def _by_id(self) -> dict[str, etree._Element]:
        found: dict[str, etree._Element] = {}
        for element in self.root.iter("*"):
            identifier = _id(element)
            if identifier:
                found.setdefault(identifier, element)
        return found

    # -- the document's string value --------------------------------------------------------------------------------

    @cached_property
    def _string(self) -> tuple[str, tuple[dict[etree._Element, int], dict[etree._Element, int]]]:
        """All character data, and where in it each node starts, and ends."""
        strings: list[str] = []
        edges: tuple[dict[etree._Element, int], dict[etree._Element, int]] = {}, {}
        length = 0
        walker = etree.iterwalk(self.root, events=_ALL_EVENTS)
        for event, node in walker:
            ends = event != "start"
            edges[ends][node] = length
            if not ends and node is not self.root and self._is_rejected(node):
                walker.skip_subtree()
            elif not (ends and node is self.root):
                string = string_of((node, ends))
                strings.append(string)
                length += len(string)
        return "".join(strings), edges

    @property
    def string(self) -> str:
        """All character data of the document in order."""
        return self._string[0]

    def position_of(self, node: TextNode) -> int:
        """Where in `string` a text node begins, in code points."""
        owner, tail = node
        return self._string[1][tail][owner]

    def position(self, point: Point) -> int:
        """Where in `string` a point lies, in code points."""
        if point.chunk is None:
            return self.position_of((point.element, point.edge == 1))
        children = self.content(point.element).children
        before = (children[point.chunk // 2 - 1], True) if point.chunk > 1 else (point.element, False)
        text = self.chunk_text(point.element, point.chunk) if point.units else ""
        return self.position_of(before) + code_points(text, point.units)

    def _agrees(self, point: Point, assertion: Assertion) -> bool:
        """Whether the asserted text stands around the point, whatever elements and white space (section 3.1.8)."""
        at, before, after = self.position(point), assertion.before or "", assertion.after or ""
        preceding = self.string[max(0, at - len(before) - _SLACK) : at]
        following = self.string[at : at + len(after) + _SLACK]
        return _collapsed(preceding).endswith(_collapsed(before)) and _collapsed(following).startswith(
            _collapsed(after)
        )


_SLACK: Final = 1024
"""Code points by which white space may make the document's text longer than what is asserted."""


def _collapsed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _is_child(index: int, children: int) -> bool:
    return index % 2 == 0 and 0 < index <= 2 * children


def _id(element: etree._Element) -> str | None:
    return element.get("id") or element.get(_XML_ID)


def _chunk_number(content: Content, node: TextNode) -> int:
    return next(number for number, chunk in enumerate(content.chunks) if node in chunk)


def resolve_range(tree: Tree, cfi: Cfi, *, document: int = 0) -> tuple[Point, Point]:
    """Both ends of a range in one document; a point gives itself twice. Raises CfiError."""
    return tree.resolve(cfi.start, document=document), tree.resolve(cfi.end, document=document)


def unresolved() -> CfiError:
    return CfiError("The CFI leads to no place in this chapter; it was made for another document.")
