"""From the bytes of a document to one well-formed XHTML tree, and back.

A document is parsed as XML, never as HTML soup, so that a CFI counts the same nodes everywhere. What is not
well-formed is repaired once and says so. EPUB 3.3 section 5 (XHTML documents), XML 1.0 section 4.6 (entities).
"""

import re
from collections import Counter
from dataclasses import dataclass
from html import escape
from html.entities import html5

from lxml import etree

from bookreader.errors import BookRefused
from bookreader.publications.encodings import decode, find_encoding

XHTML = "http://www.w3.org/1999/xhtml"
SVG = "http://www.w3.org/2000/svg"
MATHML = "http://www.w3.org/1998/Math/MathML"
HTML = f"{{{XHTML}}}html"
BODY = f"{{{XHTML}}}body"
MAX_DOCUMENT = 16 * 1024 * 1024
"""Bytes of one document, style sheet or package document."""

VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
"""The elements of HTML that hold nothing and have no end tag."""


def _xml_parser(*, recover: bool) -> etree.XMLParser[etree._Element]:
    return etree.XMLParser(
        recover=recover,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        collect_ids=False,
    )


_STRICT = _xml_parser(recover=False)
_RECOVERING = _xml_parser(recover=True)
_SOUP = etree.HTMLParser(no_network=True, huge_tree=False, encoding="utf-8")

_NAMESPACES = {"epub": "http://www.idpf.org/2007/ops", "xlink": "http://www.w3.org/1999/xlink", "svg": SVG,
               "m": MATHML, "opf": "http://www.idpf.org/2007/opf",
               "dc": "http://purl.org/dc/elements/1.1/"}  # fmt: skip
_XML_ENTITIES = {name: f"&{name};" for name in ("amp", "lt", "gt", "quot", "apos")}
_MOST_FORBIDDEN = 0.05
_MAX_REFERENCES = 1_000_000
_MAX_PREFIXES = 50
_NAMED = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);|#)")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_NAME = re.compile(r"&([A-Za-z][\w.:-]*);")
_NUMBER = re.compile(r"&#\w*;?")
_LONELY = re.compile(r"&(?!#?\w[\w.:-]*;)")
_NEEDS_MORE = re.compile(r"&(?!#|(?:amp|lt|gt|quot|apos);)|[<%]")
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*>")
_DOCTYPE = re.compile(
    r"""<!DOCTYPE(?>(?:[^\[>"']|"[^"]*"|'[^']*')*)(?>(?:\[(?>(?:[^\]"']|"[^"]*"|'[^']*')*)\]\s*)?)>""", re.IGNORECASE
)
_ENTITY = re.compile(r"""<!ENTITY\s+([\w.:-]+)\s+(?:"([^"]*)"|'([^']*)'|[^>]*)""")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ROOT = re.compile(r"<([A-Za-z][\w.:-]*)((?>(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*))>")
_DEFAULT_NAMESPACE = re.compile(r"""\sxmlns\s*=\s*(?:"[^"]*"|'[^']*')""")
_PREFIX = re.compile(r"[<\s]([A-Za-z][\w.-]*):[A-Za-z]")
_DECLARED = re.compile(r"\sxmlns:([\w.-]+)")
_FOREIGN = re.compile(r"<(?:\w+:)?(?:svg|math)\b")
_EMPTY_TAG = re.compile(r"""<([A-Za-z][\w:.-]*)((?>(?:[^<>"'/]|/(?!>)|"[^"<]*"|'[^'<]*')*))/>""")


class MarkupError(ValueError):
    """The bytes hold no markup that could be read, not even with repair."""


@dataclass(frozen=True)
class Document:
    """`root` is an html element in the XHTML namespace, free of comments, instructions, CDATA and entities.

    `repaired` says that the file itself is not well-formed, so that no CFI can be promised in the original.
    """

    root: etree._Element
    repaired: bool = False


def read_xhtml(data: bytes) -> Document:
    """Parses a document; one that is not well-formed is repaired. It is not sanitised yet.

    Raises BookRefused (too_large) for a document that nests too deeply, MarkupError for one that holds no markup.
    """
    _refuse_large(data)
    root = _parsed(_STRICT, data) if _may_be_plain(data) else None
    if root is not None and root.tag == HTML and _has_body(root):
        return Document(_without_notes(root))
    text, damaged = _text_of(data)
    if len(_FORBIDDEN.findall(text)) > len(text) * _MOST_FORBIDDEN:
        raise MarkupError("bytes that are no text")
    text = _in_namespace(plain_xml(text), XHTML)
    root = _parsed(_STRICT, text.encode())
    if root is not None and root.tag == HTML and _has_body(root):
        return Document(_without_notes(root), damaged)
    return Document(_without_notes(_repaired(text)), repaired=True)


def read_xml(data: bytes) -> etree._Element:
    """Parses a package document, NCX, SVG or the like as leniently as can be.

    Entities are replaced once, never fetched or expanded in turn. Raises MarkupError, or BookRefused (too_large).
    """
    _refuse_large(data)
    root = _parsed(_STRICT, data) if _may_be_plain(data) else None
    if root is None:
        text = _in_namespace(plain_xml(_text_of(data)[0])).encode()
        root = _parsed(_STRICT, text)
        if root is None:
            root = _parsed(_RECOVERING, text)
    if root is None:
        raise MarkupError("no XML")
    return _without_notes(root)


def plain_xml(text: str) -> str:
    """A text without XML declaration, document type, CDATA and named entities: every XML parser takes it as it is.

    Entities that the document type declares are replaced once; one that would need a second round vanishes.
    """
    text = _FORBIDDEN.sub("\ufffd", text)
    if declaration := _DECLARATION.match(text):
        text = text[declaration.end() :]
    own: dict[str, str] = {}
    if doctype := _DOCTYPE.search(text):
        own = {name: double or single for name, double, single in _ENTITY.findall(doctype[0])}
        text = text[: doctype.start()] + text[doctype.end() :]
    if "<![CDATA[" in text:
        text = _CDATA.sub(lambda found: escape(found[1], quote=False), text)
    return _with_plain_references(text, own) if "&" in text else text


def serialise(root: etree._Element) -> str:
    """The document as it is served, without document type."""
    html: str = etree.tostring(root, encoding="unicode", with_tail=False)
    return html


def text_content(element: etree._Element) -> str:
    """All text in an element, white space collapsed."""
    return " ".join("".join(element.itertext()).split())


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _has_body(root: etree._Element) -> bool:
    return next(root.iterchildren(BODY), None) is not None


def _refuse_large(data: bytes) -> None:
    if len(data) > MAX_DOCUMENT:
        raise BookRefused(
            f"A document in this book is larger than {MAX_DOCUMENT >> 20} MB. Split it into chapters, or look for "
            "another copy.",
            code="too_large",
        )


def _may_be_plain(data: bytes) -> bool:
    """Whether a parser can take the bytes as they are: no entity but the five of XML, none declared."""
    return _NAMED.search(data) is None and b"<!ENTITY" not in data


def _parsed(
    parser: etree.XMLParser[etree._Element] | etree.HTMLParser[etree._Element], data: bytes
) -> etree._Element | None:
    try:
        root: etree._Element | None = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if "Excessive depth" in str(error):
            raise BookRefused(
                "A document in this book nests its elements more than 256 levels deep, as only damaged or hostile "
                "files do. Look for another copy.",
                code="too_large",
            ) from error
        return None
    return root


def _text_of(data: bytes) -> tuple[str, bool]:
    """The text, and whether some of it has no meaning."""
    encoding = find_encoding(data)
    text = decode(data, encoding)
    return text, encoding.damaged or _FORBIDDEN.search(text) is not None


def _with_plain_references(text: str, own: dict[str, str]) -> str:
    """Only the references that every XML parser knows are left. The entities found are few, their uses many."""
    if text.count("&") > _MAX_REFERENCES:
        raise BookRefused(
            "A document in this book holds more than a million entity references, as only damaged or hostile files do. "
            "Look for another copy.",
            code="too_large",
        )
    text = _LONELY.sub("&amp;", text)
    used = Counter(_NAME.findall(text))
    meant = {name: _meaning(name, own) for name in used}
    if sum(len(meant[name]) * times for name, times in used.items()) > MAX_DOCUMENT:
        raise BookRefused("A document in this book grows beyond measure by its entities.", code="too_large")
    if meant.keys() - _XML_ENTITIES.keys():
        text = _NAME.sub(lambda found: meant[found[1]], text)
    wrong = {reference for reference in set(_NUMBER.findall(text)) if not _is_character(reference)}
    return _NUMBER.sub(lambda found: "\ufffd" if found[0] in wrong else found[0], text) if wrong else text


def _meaning(name: str, own: dict[str, str]) -> str:
    if name in _XML_ENTITIES:
        return _XML_ENTITIES[name]
    if name in own:
        return "" if _NEEDS_MORE.search(own[name]) else own[name]
    known = html5.get(name + ";")
    return f"&amp;{name};" if known is None else escape(known)


def _is_character(reference: str) -> bool:
    """Whether a numeric reference stands for a character of XML 1.0 (section 2.2)."""
    digits = reference[2:-1][:10]
    try:
        code = int(digits[1:], 16) if digits[:1] == "x" else int(digits)
    except ValueError:
        return False
    return code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF


def _in_namespace(text: str, namespace: str | None = None) -> str:
    """Declares on the root what was left undeclared: `namespace` and every prefix in use. No node moves by it."""
    root = _ROOT.search(text)
    if root is None:
        return text
    name, attributes = root[1], root[2]
    if namespace is not None and name.lower() == "html":
        name = "html"
        attributes = f' xmlns="{namespace}"{_DEFAULT_NAMESPACE.sub("", attributes)}'
    undeclared = set(_PREFIX.findall(text)) - set(_DECLARED.findall(text)) - {"xml", "xmlns"}
    for prefix in sorted(undeclared)[:_MAX_PREFIXES]:
        attributes = f' xmlns:{prefix}="{_NAMESPACES.get(prefix, "urn:undeclared:" + prefix)}"{attributes}'
    return f"{text[: root.start()]}<{name}{attributes}>{text[root.end() :]}"


def _repaired(text: str) -> etree._Element:
    """HTML's repair knows which elements end by themselves; where there are drawings or formulas, XML's is better if
    it loses nothing, because it keeps their names and namespaces."""
    by_html = _repaired_as_html(text)
    if by_html is not None and _FOREIGN.search(text) is None:
        return by_html
    by_xml = _repaired_as_xml(text)
    if by_xml is not None and (by_html is None or _is_faithful(by_xml, by_html)):
        return by_xml
    if by_html is None:
        raise MarkupError("no markup")
    return by_html


def _repaired_as_xml(text: str) -> etree._Element | None:
    """What recovery leaves is read once more: it can leave an attribute twice, which no parser would take."""
    root = _parsed(_RECOVERING, text.encode())
    if root is not None:
        root = _parsed(_STRICT, etree.tostring(root, encoding="utf-8", with_tail=False))
    return root if root is not None and root.tag == HTML and _has_body(root) else None


def _repaired_as_html(text: str) -> etree._Element | None:
    """HTML knows no empty-element tags: those get end tags first, else a title would swallow the rest."""
    opened = _EMPTY_TAG.sub(lambda tag: tag[0] if tag[1] in VOID else f"<{tag[1]}{tag[2]}></{tag[1]}>", text)
    soup = _parsed(_SOUP, opened.encode())
    if soup is None or soup.find("body") is None:
        return None
    etree.strip_tags(soup, etree.Comment, etree.ProcessingInstruction)
    again = _in_namespace(etree.tostring(soup, encoding="unicode"), XHTML)
    return _repaired_as_xml(_FORBIDDEN.sub("\ufffd", again))


def _is_faithful(by_xml: etree._Element, by_html: etree._Element) -> bool:
    """Whether XML's repair lost no text and put nothing into elements that hold nothing."""
    if any(len(element) or element.text for name in VOID for element in by_xml.iter(f"{{{XHTML}}}{name}")):
        return False
    return len("".join(by_xml.itertext())) >= 0.99 * len("".join(by_html.itertext()))


def _without_notes(root: etree._Element) -> etree._Element:
    """Comments, instructions and the document type go; the text around them becomes one chunk again."""
    etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
    document = root.getroottree().docinfo
    if document.internalDTD is not None:
        document.clear()
    return root
