"""From the bytes of an FB2 to its tree: encoding, attacks, repair, and the binaries, which never enter the tree."""

import binascii
import html
import re
from dataclasses import dataclass

from lxml import etree

from bookreader.errors import BookRefused
from bookreader.publications.encodings import decode, find_encoding
from bookreader.publications.flaws import Flaws
from bookreader.publications.markup import XHTML, plain_xml

ROOT = "FictionBook"
DEEPEST = 250
"""Elements inside each other, at most: what the XML parser allows, less what a document puts around them."""
_MOST_TAGS = 600_000
_MOST_PREFIXES = 50
_MOST_TEXT = 64 << 20

# An FB2 paragraph holds none of these: where one begins inside it, the end of the paragraph was forgotten.
_PARAGRAPHS = frozenset(("p", "v", "subtitle", "text-author"))
_BLOCKS = _PARAGRAPHS | {"body", "section", "title", "epigraph", "annotation", "cite", "poem", "stanza", "table"}
_EMPTY = frozenset(("image", "empty-line", "br"))

_BEGINNING = re.compile(rb"<\0?(?:(?:[\w.-]\0?){1,40}:\0?)?F\0?i\0?c\0?t\0?i\0?o\0?n\0?B\0?o\0?o\0?k")
_WITHIN = 65_536
_BINARY = re.compile(rb"<((?:[\w.-]+:)?binary)\b([^<>]*)(?:/>|>\s*(?:<!\[CDATA\[)?([^<\]]*)(?:\]\]>\s*)?(?:</\1\s*>)?)")
_ID = re.compile(rb"""\bid\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_CONTROLS = bytes(set(range(32)) - {9, 10, 13})
_ROOT = re.compile(r"""<((?:[\w.-]+:)?FictionBook)\b(?:((?>(?:[^<>"']|"[^"<]*"|'[^'<]*')*))>|[^<>]*>?)""")
_NESTED_ENTITY = re.compile(r"""<!ENTITY\s[^<>]*&(?!#|amp;|lt;|gt;|quot;|apos;)""")
_PREFIX = re.compile(r"""\bxmlns:([\w.-]+)\s*=\s*(?:"([^"]+)"|'([^']+)')""")
_TOKEN = re.compile(r"""<!--(?>(?:(?!-->|<!--).)*)-->|<\?[^<>]*+>
    |<(/?)([A-Za-z_][\w.:-]*)((?:[^<>"']|"[^"<]*"|'[^'<]*')*?)(/?)>|<""", re.DOTALL | re.VERBOSE)  # fmt: skip
_USED_PREFIX = re.compile(r"(?:^|\s)([A-Za-z_][\w.-]*):[A-Za-z_]")


@dataclass(frozen=True)
class Source:
    """`root` has FB2's element names in the XHTML namespace; `binaries` are decoded, by id."""

    root: etree._Element
    binaries: dict[str, bytes]


def looks_like_fb2(data: bytes) -> bool:
    """Whether the root element of FB2 is near the start, in whatever encoding."""
    return _BEGINNING.search(data, 0, _WITHIN) is not None


def read_xml(data: bytes, flaws: Flaws) -> Source:
    """Parses an FB2; what was wrong with it is added to `flaws`.

    Raises BookRefused: empty, unsupported_format, too_large, invalid_publication.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise BookRefused("The file is empty: fetch it again.", code="empty")
    if not looks_like_fb2(data):
        raise BookRefused("By its content this is no FB2. Convert it to EPUB or FB2 first.", code="unsupported_format")
    text, binaries = _text_and_binaries(data, flaws)
    if len(text) > _MOST_TEXT or text.count("<") > _MOST_TAGS:
        raise BookRefused("The book holds more text than any book does.", code="too_large")
    if _NESTED_ENTITY.search(text, 0, _WITHIN):
        raise BookRefused("The book declares entities that grow without end, as no book does.", code="too_large")
    prefixes, body = _parts(plain_xml(text))
    root = _strict(_document(prefixes, body))
    if root is None:
        flaws.add("repaired", ROOT)
        root = _repaired(prefixes, body)
    return Source(root, binaries)


# -- bytes -----------------------------------------------------------------------------------------------------------


def _text_and_binaries(data: bytes, flaws: Flaws) -> tuple[str, dict[str, bytes]]:
    """Pictures go first where bytes are ASCII's, so that the most of a large file is never decoded as text."""
    binaries: dict[str, bytes] = {}
    wide = b"\0" in data[:64] or data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not wide:
        data = _take_binaries(data, binaries).translate(None, _CONTROLS)
    encoding = find_encoding(data)
    if encoding.misdeclared:
        flaws.add("wrong_encoding", f"{encoding.declared} for {encoding.name}")
    if encoding.damaged:
        flaws.add("repaired", ROOT)
    text = decode(data, encoding)
    if wide:
        text = _take_binaries(text.encode("utf-8", "replace"), binaries).decode()
    return text, binaries


def _take_binaries(data: bytes, binaries: dict[str, bytes]) -> bytes:
    """What is left of a book without its binaries."""
    rest, end = [], 0
    for found in _BINARY.finditer(data):
        rest.append(data[end : found.start()])
        end = found.end()
        identified = _ID.search(found[2])
        if identified:
            name = html.unescape((identified[1] or identified[2] or b"").decode("utf-8", "replace"))
            binaries.setdefault(name, _base64(found[3] or b""))
    return b"".join([*rest, data[end:]]) if end else data


def _base64(text: bytes) -> bytes:
    """Whatever base64 is in the text: junk between is passed over and a missing end is missing."""
    try:
        return binascii.a2b_base64(text)
    except binascii.Error:
        clean = _NOT_BASE64.sub(b"", text)
        clean = clean[: len(clean) - (len(clean) % 4 == 1)]
        return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


# -- text ------------------------------------------------------------------------------------------------------------


def _parts(text: str) -> tuple[dict[str, str], str]:
    """The prefixes that the root declares, and what follows its start tag.

    All unprefixed names are meant to be FB2's, whatever namespace a book gives them or forgets.
    """
    found = _ROOT.search(text)
    if found is None:
        raise BookRefused("The beginning of the book is damaged: fetch the file again.", code="invalid_publication")
    declared = _PREFIX.findall(found[2] or "")
    prefixes = {name: double or single for name, double, single in declared if name != "xml"}
    body = text[found.end() :]
    return prefixes, body if found[1] == ROOT else body.replace(f"</{found[1]}>", f"</{ROOT}>")


def _document(prefixes: dict[str, str], body: str) -> bytes:
    declared = "".join(f' xmlns:{name}="{value}"' for name, value in prefixes.items())
    return f'<{ROOT} xmlns="{XHTML}"{declared}>{body}'.encode()


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        recover=recover, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
        remove_pis=True, collect_ids=False, encoding="utf-8",
    )  # fmt: skip


def _strict(document: bytes) -> etree._Element | None:
    try:
        return etree.fromstring(document, _parser(recover=False))
    except etree.XMLSyntaxError:
        return None


def _repaired(prefixes: dict[str, str], body: str) -> etree._Element:
    balanced, used = _balanced(body)
    undeclared = sorted(used - prefixes.keys() - {"xml", "xmlns"})[:_MOST_PREFIXES]
    document = _document({name: f"urn:undeclared:{name}" for name in undeclared} | prefixes, balanced)
    root = _strict(document)
    if root is not None:
        return root
    try:
        return etree.fromstring(document, _parser(recover=True))
    except etree.XMLSyntaxError:
        raise BookRefused("The book is too damaged to read: fetch it again.", code="invalid_publication") from None


def _balanced(body: str) -> tuple[str, set[str]]:
    """The text with an end to every element and a start to every end, and the prefixes in it.

    An end tag closes what stands open inside its element; one without a start is dropped; a tag that is none is text.
    Left to itself the XML parser would close the wrong element and put all that follows inside the one before.
    """
    written: list[str] = []
    opened, used, end = [ROOT], set[str](), 0
    for token in _TOKEN.finditer(body):
        written.append(body[end : token.start()])
        end = token.end()
        written.append(_token(token, opened))
        if token[2]:
            used.update(_USED_PREFIX.findall(token[2] + token[3]))
        if not opened:
            break
    written.append(body[end:] if opened else "")
    written.extend(f"</{name}>" for name in reversed(opened))
    return "".join(written), used


def _token(token: re.Match[str], opened: list[str]) -> str:
    """What stands for a tag, given what is open before it; comments and instructions go, a stray `<` is text."""
    closing, name, attributes, alone = token.groups()
    if name is None:
        return "&lt;" if token[0] == "<" else ""
    if closing:
        return _closed(name, opened)
    forgotten = [_closed(one, opened) for one in _PARAGRAPHS if one in opened] if name in _BLOCKS else []
    if alone or name in _EMPTY:
        return f"{''.join(forgotten)}<{name}{attributes}/>"
    opened.append(name)
    if len(opened) > DEEPEST:
        raise BookRefused("The book's elements lie too deep inside each other to be a book.", code="too_large")
    return f"{''.join(forgotten)}<{name}{attributes}>"


def _closed(name: str, opened: list[str]) -> str:
    if name not in opened:
        return ""
    written = []
    while True:
        innermost = opened.pop()
        written.append(f"</{innermost}>")
        if innermost == name:
            return "".join(written)
