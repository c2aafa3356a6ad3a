"""The published examples of the specification and of three readers, kept as data beside the corpus.

Where readers disagree the specification wins. epub.js counts text nodes instead of chunks of text; readium-cfi-js
counts the source of comments (vector readium-166): neither is a standard address, so no vector asks for it.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path as File
from typing import Any

import pytest
from lxml import etree

from bookreader.publications import cfi as cfis
from bookreader.publications.cfi import Cfi, CfiError, Path
from bookreader.publications.points import Point, TextNode, Tree, resolve_range, string_of

FILES = ("cfi-vectors.json", "cfi-vectors-readers.json")
Vector = dict[str, Any]


class Vectors:
    """The vectors of one file, and the documents that they name."""

    def __init__(self, file: File) -> None:
        read = json.loads(file.read_text(encoding="utf-8"))
        self.vectors: list[Vector] = read["vectors"]
        self._documents = {
            name: etree.fromstring(document["content"].encode()) for name, document in read["documents"].items()
        }

    def tree(self, vector: Vector) -> Tree:
        skip = vector.get("skip_class") or vector.get("ignore_class")
        reject = vector.get("reject_class")
        return Tree(
            self._documents[vector["doc"]],
            reject=(lambda element: element.get("class") == reject) if reject else None,
            skip=(lambda element: element.get("class") == skip) if skip else None,
        )

    def package(self, vector: Vector) -> Tree | None:
        return Tree(self._documents[vector["package"]]) if "package" in vector else None


# -- reading ---------------------------------------------------------------------------------------------------------


def _parse(vector: Vector, _: Vectors) -> None:
    expected = vector["expected"]
    read = cfis.parse if vector.get("context", "raw") == "raw" else cfis.parse_fragment
    if not expected["valid"]:
        with pytest.raises(CfiError) as raised:
            read(vector["cfi"])
        assert raised.value.malformed
        return
    cfi = read(vector["cfi"])
    found = _fields(cfi)
    assert {name: found[name] for name in expected if name != "valid"} == {
        name: value for name, value in expected.items() if name != "valid"
    }


def _fields(cfi: Cfi) -> dict[str, Any]:
    first, start, end = cfi.path.documents[0], cfi.start, cfi.end
    assertion = cfi.path.last
    ranges = cfi.range or (Path(), Path())
    return {
        "range": cfi.range is not None,
        "offset": start.offset.character if start.offset else None,
        "start_offset": start.offset.character if start.offset else None,
        "end_offset": end.offset.character if end.offset else None,
        "start_steps": len(ranges[0].documents[-1]),
        "end_steps": len(ranges[1].documents[-1]),
        "first_step_id": first[0].id,
        "spine_step": first[-1].index,
        "spine_index": first[-1].index // 2 - 1,
        "spine_id": first[-1].id,
        "assertion_text": assertion.before if assertion else None,
        "text_before": assertion.before if assertion else None,
        "text_after": assertion.after if assertion else None,
        "side": assertion.side if assertion else None,
    }


def _round_trip(vector: Vector, _: Vectors) -> None:
    assert cfis.format_cfi(cfis.parse(vector["cfi"])) == vector["expected"]


def _is_cfi_string(vector: Vector, _: Vectors) -> None:
    assert cfis.is_cfi(vector["cfi"]) is vector["expected"]


def _compare(vector: Vector, _: Vectors) -> None:
    assert cfis.compare(vector["a"], vector["b"]) == vector["expected"]
    assert cfis.compare(vector["b"], vector["a"]) == -vector["expected"]


def _compare_range(vector: Vector, _: Vectors) -> None:
    pairs = zip(cfis.sort_key(vector["a"]), cfis.sort_key(vector["b"]), strict=True)
    assert [(one > other) - (one < other) for one, other in pairs] == vector["expected"]


# -- from CFIs to nodes ----------------------------------------------------------------------------------------------


def _resolve(vector: Vector, vectors: Vectors) -> None:
    path = cfis.parse_path(vector["cfi"]).start
    tree, package = vectors.tree(vector), vectors.package(vector)
    point = tree.resolve(path, document=1 if package else 0)
    found = _described(point, tree, path) | (_item(package, path) if package else {})
    assert {name: found[name] for name in vector["expected"]} == vector["expected"]


def _described(point: Point, tree: Tree, path: Path) -> dict[str, Any]:
    whole = "element" if point.edge is None else "virtual-element"
    return {
        "kind": "text" if point.chunk else whole,
        "id": point.element.get("id"),
        "actual_id": point.element.get("id"),
        "container_id": point.element.get("id"),
        "tag": etree.QName(point.element).localname,
        "container_tag": etree.QName(point.element).localname,
        "text": tree.chunk_text(point.element, point.chunk) if point.chunk else None,
        "offset": point.units if point.chunk else None,
        "position": {None: None, 0: "before-first", 1: "after-last"}[point.edge],
        "side": point.side,
        "assertion_holds": point.holds,
        "text_before": path.last.before if path.last else None,
        "text_after": path.last.after if path.last else None,
    }


def _item(package: Tree, path: Path) -> dict[str, Any]:
    itemref = package.resolve(path).element
    items = package.root.iterfind(".//{*}item")
    href = next((item.get("href") for item in items if item.get("id") == itemref.get("idref")), None)
    return {"itemref_id": itemref.get("id"), "spine_idref": itemref.get("idref"), "href": href}


def _resolve_package(vector: Vector, vectors: Vectors) -> None:
    package = vectors.package(vector)
    assert package is not None
    found = _item(package, cfis.parse_path(vector["cfi"]).start)
    assert {name: found[name] for name in vector["expected"]} == vector["expected"]


def _resolve_range(vector: Vector, vectors: Vectors) -> None:
    tree, cfi, expected = vectors.tree(vector), cfis.parse_path(vector["cfi"]), vector["expected"]
    start, end = resolve_range(tree, cfi, document=1 if "package" in vector else 0)
    if "text" in expected:
        assert tree.string[tree.position(start) : tree.position(end)] == expected["text"]
    for name, point, path in (("start", start, cfi.start), ("end", end, cfi.end)):
        found = _described(point, tree, path)
        assert {key: found[key] for key in expected.get(name, {})} == expected.get(name, {})


def _resolve_dom(vector: Vector, vectors: Vectors) -> None:
    tree, cfi = vectors.tree(vector), cfis.parse(vector["cfi"])
    points = resolve_range(tree, cfi, document=1)
    for name, point in zip(("start", "end"), points, strict=True):
        if name in vector["expected"]:
            expected = vector["expected"][name]
            assert point == tree.point_in(_text_node(tree, expected["node"]), expected["offset"])
    assert vector["expected"].get("collapsed", points[0] == points[1]) is (points[0] == points[1])


# -- from nodes to CFIs ----------------------------------------------------------------------------------------------


def _child_nodes(element: etree._Element) -> list[etree._Element | TextNode]:
    """The childNodes of the DOM."""
    nodes: list[etree._Element | TextNode] = [(element, False)] if element.text else []
    for child in element:
        nodes.append(child)
        if child.tail:
            nodes.append((child, True))
    return nodes


def _node(tree: Tree, where: Vector) -> etree._Element | TextNode:
    if "xpath" in where:
        (text,) = tree.root.xpath(where["xpath"])
        return text.getparent(), text.is_tail
    node: etree._Element | TextNode = next(tree.root.iterfind(f".//*[@id='{where['id']}']"))
    for index in where["child_nodes"]:
        assert not isinstance(node, tuple)
        node = _child_nodes(node)[index]
    return node


def _text_node(tree: Tree, where: Vector) -> TextNode:
    node = _node(tree, where)
    assert isinstance(node, tuple)
    return node


def _path_of(tree: Tree, end: Vector) -> Path:
    node, offset = _node(tree, end.get("node", end)), end.get("offset")
    if "child_offset" in end:
        # A browser's range may end between child nodes; a place in text is meant (section 3.1.10).
        assert not isinstance(node, tuple)
        children = _child_nodes(node)
        before = end["child_offset"] > 0
        node = children[end["child_offset"] - before]
        assert isinstance(node, tuple)
        offset = len(string_of(node)) if before else 0
    if isinstance(node, tuple):
        path = tree.path_of(tree.point_in(node, offset or 0))
        return path if offset is not None else Path(path.documents)
    return tree.path_of(Point(node))


def _generated(vector: Vector, vectors: Vectors) -> Cfi:
    tree = vectors.tree(vector)
    before: tuple[tuple[cfis.Step, ...], ...] = ()
    if "base" in vector:
        before = cfis.parse_path(vector["base"]).path.documents
    elif "package_idref" in vector and (package := vectors.package(vector)):
        before = (package.steps(next(package.root.iterfind(f".//*[@idref='{vector['package_idref']}']"))),)
    start, *end = (_path_of(tree, vector[name]) for name in ("start", "end") if name in vector)
    paths = [Path((*before, *path.documents), path.offset) for path in (start, *end)]
    return cfis.between(*paths) if end else Cfi(paths[0])


def _generate(vector: Vector, vectors: Vectors) -> None:
    assert cfis.format_cfi(_generated(vector, vectors)) == vector["expected"]


def _generate_path(vector: Vector, vectors: Vectors) -> None:
    assert cfis.format_path(_generated(vector, vectors)) == vector["expected"]


def _resolve_then_generate(vector: Vector, vectors: Vectors) -> None:
    tree = vectors.tree(vector)
    point = tree.resolve(cfis.parse_path(vector["cfi"]).path)
    assert point.holds
    assert cfis.format_cfi(Cfi(tree.path_of(point))) == vector["expected"]


CHECKS: dict[str, Callable[[Vector, Vectors], None]] = {
    "parse": _parse,
    "round_trip": _round_trip,
    "is_cfi_string": _is_cfi_string,
    "compare": _compare,
    "compare_range": _compare_range,
    "resolve": _resolve,
    "resolve_package": _resolve_package,
    "resolve_range": _resolve_range,
    "resolve_dom": _resolve_dom,
    "generate": _generate,
    "generate_path": _generate_path,
    "resolve_then_generate": _resolve_then_generate,
}


def _failures(vectors: Vectors) -> Iterator[str]:
    for vector in vectors.vectors:
        try:
            CHECKS[vector["op"]](vector, vectors)
        except (AssertionError, CfiError, KeyError, pytest.fail.Exception) as failure:
            yield f"{vector['id']} {vector['op']}: {failure!r}"


@pytest.mark.parametrize("name", FILES)
def test_all_vectors_pass(corpus: File, name: str) -> None:
    vectors = Vectors(corpus / name)

    assert not list(_failures(vectors))
    assert len(vectors.vectors) > 50
