"""Sanitising in place: what is dangerous loses its power, and not one element or piece of text its place.

The number and order of elements and of text chunks stays, so that a CFI of the original file holds in the served
document, and no text is lost. It works on names in any namespace: a browser is not asked what it would make of them.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from lxml import etree

from bookreader.publications.css import sanitise_css
from bookreader.publications.links import is_image_data, may_be_followed, stays_inside
from bookreader.publications.markup import MATHML, SVG, VOID, XHTML

_HARMLESS_ATTRIBUTES = frozenset(("id", "class", "title", "lang", "dir", "style"))
_DROPPED = frozenset(
    ("srcdoc", "srcset", "imagesrcset", "formaction", "action", "ping", "manifest", "target", "download", "classid",
     "codebase", "archive", "lowsrc", "dynsrc", "shadowrootmode", "attributionsrc", "integrity", "autofocus",
     "contenteditable")
)  # fmt: skip
_ADDRESSES = frozenset(
    ("src", "href", "poster", "background", "data", "base", "longdesc", "profile", "code", "icon", "altimg")
)
_PAINTS = frozenset(
    ("fill", "stroke", "filter", "mask", "clip-path", "cursor", "marker", "marker-start", "marker-mid", "marker-end")
)
_FOLLOWED = frozenset(("a", "area"))
_PICTURES = frozenset(("img", "image", "feimage", "source", "video"))
_TO_SPAN = ("iframe", "frame", "object", "embed", "applet", "input", "button", "select", "textarea", "noscript",
            "keygen", "portal", "fencedframe", "noembed", "noframes")  # fmt: skip
_TO_GROUP = ("set", "animate", "animatecolor", "animatemotion", "animatetransform", "discard", "handler", "listener")

_EMPTY = etree.XPath("descendant-or-self::*[not(node())]")


def sanitise(root: etree._Element, depth: int = 0) -> None:
    """Makes a parsed document harmless, in place. `depth` counts the folders that its file lies in.

    Comments and instructions must be gone already. Idempotent.
    """
    tag: Any
    for element in root.iter():
        tag = element.tag
        rule = _rule(tag)
        if rule is not None:
            rule(element, depth)
        if element.attrib:
            _sanitise_attributes(element, depth)
    for element in _EMPTY(root):
        tag = element.tag
        if _needs_end_tag(tag):
            element.text = ""


def _sanitise_attributes(element: etree._Element, depth: int) -> None:
    for name, value in element.items():
        kind = _kind(name)
        if kind is not None:
            _keep(element, name, value, kind(element, value, depth))


Rule = Callable[[etree._Element, int], None]
Kept = Callable[[etree._Element, str, int], str | None]


@lru_cache(maxsize=4096)
def _rule(tag: str) -> Rule | None:
    """What to do with an element, by its whole name."""
    namespace, _, name = tag.rpartition("}")
    if name == "set" and namespace[1:] == MATHML:
        return None  # a set of numbers
    return _ELEMENTS.get(name.lower())


@lru_cache(maxsize=4096)
def _kind(attribute: str) -> Kept | None:
    """What may be kept of an attribute, by its whole name."""
    name = attribute.rpartition("}")[2].lower()
    if name in _DROPPED or name.startswith("on"):
        return _nothing
    if name in _ADDRESSES:
        return _address
    if name == "style":
        return _style
    return _paint if name in _PAINTS else None


def _keep(element: etree._Element, name: str, value: str, kept: str | None) -> None:
    if kept is None:
        del element.attrib[name]
    elif kept is not value:
        element.set(name, kept)


# -- elements -----------------------------------------------------------------------------------------------------


def _rename(element: etree._Element, name: str) -> None:
    namespace = str(element.tag).rpartition("}")[0]
    element.tag = f"{namespace}}}{name}" if namespace else name
    for attribute in [str(name) for name in element.attrib]:
        if attribute.rpartition("}")[2] not in _HARMLESS_ATTRIBUTES:
            del element.attrib[attribute]


def _is_svg(element: etree._Element) -> bool:
    return str(element.tag).startswith(f"{{{SVG}}}")


def _script(element: etree._Element, _depth: int) -> None:
    """`template` is the only stand-in that table, head and select also leave alone."""
    _rename(element, "g" if _is_svg(element) else "template")


def _embedded(element: etree._Element, depth: int) -> None:
    """An object that is nothing but a picture of the book becomes one; of any other the content is left."""
    picture = element.get("data") or element.get("src") or ""
    kind = element.get("type") or ""
    is_picture = kind.startswith("image/") and len(element) == 0 and not element.text
    alternative = element.get("title") or ""
    if is_picture and stays_inside(picture, depth):
        _rename(element, "img")
        element.set("src", picture)
        element.set("alt", alternative)
    else:
        _rename(element, "span")


def _meta(element: etree._Element, _depth: int) -> None:
    """A refresh would leave the page, a referrer policy would tell others where the reader is."""
    names = {name.rpartition("}")[2].lower() for name in map(str, element.attrib)}
    if "http-equiv" in names or (element.get("name") or "").strip().lower() == "referrer":
        element.attrib.clear()


def _base(element: etree._Element, _depth: int) -> None:
    _rename(element, "meta")
    element.attrib.clear()


def _link(element: etree._Element, depth: int) -> None:
    """Only style sheets of the book are loaded; a prefetch would go out even past the resource policy."""
    relations = (element.get("rel") or "").lower().split()
    for name, address in element.items():
        is_href = name.rpartition("}")[2].lower() == "href"
        if is_href and not ("stylesheet" in relations and stays_inside(address, depth)):
            del element.attrib[name]


def _style_sheet(element: etree._Element, depth: int) -> None:
    if len(element):
        _rename(element, "template")
    elif element.text:
        # An empty sheet would be a text chunk less.
        element.text = sanitise_css(element.text, depth) or " "


_ELEMENTS: dict[str, Rule] = {
    **{name: lambda element, _depth: _rename(element, "span") for name in _TO_SPAN},
    **{name: lambda element, _depth: _rename(element, "g") for name in _TO_GROUP},
    "form": lambda element, _depth: _rename(element, "div"),
    "frameset": lambda element, _depth: _rename(element, "div"),
    "script": _script,
    "object": _embedded,
    "embed": _embedded,
    "meta": _meta,
    "base": _base,
    "link": _link,
    "style": _style_sheet,
}


@lru_cache(maxsize=4096)
def _needs_end_tag(tag: str) -> bool:
    namespace, _, name = tag.rpartition("}")
    return namespace[1:] != XHTML or name not in VOID


# -- attributes ---------------------------------------------------------------------------------------------------


def _nothing(_element: etree._Element, _value: str, _depth: int) -> None:
    return None


def _address(element: etree._Element, value: str, depth: int) -> str | None:
    name = str(element.tag).rpartition("}")[2].lower()
    if name in _FOLLOWED:
        return value if may_be_followed(value, depth) else None
    if stays_inside(value, depth) or (name in _PICTURES and is_image_data(value)):
        return value
    return None


def _style(_element: etree._Element, value: str, depth: int) -> str:
    return sanitise_css(value, depth)


def _paint(_element: etree._Element, value: str, depth: int) -> str:
    return sanitise_css(value, depth) if "(" in value or "\\" in value else value
