"""What sanitised markup must be: the same shape as before, and nothing in it that runs or fetches."""

import re
from collections.abc import Iterator

from lxml import etree

from bookreader.publications.markup import read_xhtml, serialise
from bookreader.publications.sanitise import sanitise

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, strip_cdata=True)
_NEVER = re.compile(
    "script|i?frame|frameset|object|embed|applet|form|input|button|select|textarea|noscript|base|set|"
    "animate(motion|transform|color)?|discard|handler|listener|portal|fencedframe|keygen"
)
_NO_ATTRIBUTE = re.compile(r"on.*|srcdoc|srcset|formaction|action|ping|manifest|target|autofocus")
_FETCHED = ("src", "href", "poster", "background", "data", "altimg", "longdesc", "profile", "base")
_OUTSIDE = re.compile(r"\s*(?:[a-z][a-z0-9+.\-]*:|[/\\])", re.IGNORECASE)
_CSS = re.compile(
    r"url\(\s*[\"']?\s*(?!data:)(?:[a-z][a-z0-9+.\-]*:|[/\\])|@import\s+[\"']\s*(?:[a-z]+:|//)|expression\s*\(|"
    r"-moz-binding|(?<![\w-])behavior\s*:|javascript:",
    re.IGNORECASE,
)


def parse(html: str | bytes) -> etree._Element:
    return etree.fromstring(html.encode() if isinstance(html, str) else html, _PARSER)


def cleaned(body: str, head: str = "", depth: int = 0) -> str:
    """What sanitising makes of a body, without the document around it; its shape is checked on the way."""
    whole = page(body, head)
    document = read_xhtml(whole.encode())
    assert not document.repaired
    sanitise(document.root, depth)
    served = serialise(document.root)
    assert shape(parse(served)) == shape(parse(whole))
    assert list(dangers(parse(served))) == []
    opened, closed = "<body>", "</body>"
    return served[served.index(opened) + len(opened) : served.rindex(closed)]


def page(body: str, head: str = "") -> str:
    return (
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" '
        f'xmlns:xlink="http://www.w3.org/1999/xlink"><head><title>T</title>{head}</head><body>{body}</body></html>'
    )


def shape(root: etree._Element) -> list[tuple[bool, ...]]:
    """For each element in order, which of the chunks around its child elements hold text; comments part no chunk."""
    return [_chunks(element) for element in root.iter() if isinstance(element.tag, str)]


def _chunks(element: etree._Element) -> tuple[bool, ...]:
    filled = [bool(element.text)]
    for child in element:
        if isinstance(child.tag, str):
            filled.append(bool(child.tail))
        else:
            filled[-1] = filled[-1] or bool(child.tail)
    return tuple(filled)


def text(root: etree._Element) -> str:
    """The text of the whole document but of its scripts and style sheets."""
    hidden = ("script", "style", "template", "g")
    kept = []
    for element in root.iter():
        if not isinstance(element.tag, str):
            kept.append(element.tail or "")
            continue
        if name_of(element) not in hidden:
            kept.append(element.text or "")
        kept.append(element.tail or "")
    return "".join(kept)


def name_of(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def dangers(root: etree._Element) -> Iterator[str]:
    """Whatever could run, fetch from outside or leave the page."""
    for element in root.iter():
        if not isinstance(element.tag, str):
            yield f"a note: {element}"
            continue
        name = name_of(element)
        if _NEVER.fullmatch(name) and element.tag != "{http://www.w3.org/1998/Math/MathML}set":
            yield name
        if name == "style" and _CSS.search("".join(element.itertext())):
            yield f"style: {element.text}"
        yield from _attribute_dangers(element, name)


def _attribute_dangers(element: etree._Element, name: str) -> Iterator[str]:
    for attribute, value in element.items():
        local = attribute.rpartition("}")[2].lower()
        plain = re.sub(r"[\x00-\x20]", "", value)
        if _NO_ATTRIBUTE.fullmatch(local):
            yield f"{name}/@{attribute}"
        elif local in _FETCHED and _OUTSIDE.match(plain):
            followed = name in ("a", "area") and re.match(r"(?:https?|mailto):", plain, re.IGNORECASE)
            picture = name in ("img", "image", "feimage", "source", "video") and plain.lower().startswith("data:image/")
            if not followed and not picture:
                yield f"{name}/@{attribute}={value!r}"
        elif (local == "http-equiv" and name == "meta") or (local == "style" and _CSS.search(value)):
            yield f"{name}/@{attribute}={value!r}"
        elif name == "link" and local == "href" and "stylesheet" not in (element.get("rel") or "").lower():
            yield f"link/@href={value!r}"
