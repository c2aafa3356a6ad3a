"""FB2's bodies as XHTML documents: one per top-level section, changed in place, so that no text is lost or moved.

Elements of the FictionBook 2.1 schema become those of XHTML; what the schema does not know becomes `div` or `span`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from itertools import count
from urllib.parse import quote, unquote

from lxml import etree

from bookreader.errors import BookRefused
from bookreader.publications.fb2_xml import DEEPEST
from bookreader.publications.markup import XHTML, local_name
from bookreader.publications.metadata import cleaned
from bookreader.publications.package import MAX_READING_ORDER

LONGEST = 200_000
"""Characters of a section that is not split at its child sections."""
STYLESHEET = "style.css"

_X = f"{{{XHTML}}}"
_EPUB = "http://www.idpf.org/2007/ops"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_LENGTH = etree.XPath("string-length(normalize-space(.))")
_RECORDS = {"description", "stylesheet", "binary"}

# FB2's element: XHTML's and its class.
_NAMES = {
    "p": ("p", ""), "strong": ("strong", ""), "emphasis": ("em", ""), "strikethrough": ("s", ""), "sub": ("sub", ""),
    "sup": ("sup", ""), "code": ("code", ""), "style": ("span", ""), "section": ("section", ""),
    "subtitle": ("p", "subtitle"), "epigraph": ("blockquote", "epigraph"), "cite": ("blockquote", "cite"),
    "annotation": ("div", "annotation"), "poem": ("div", "poem"), "stanza": ("div", "stanza"), "v": ("p", "verse"),
    "text-author": ("p", "text-author"), "date": ("p", "date"), "empty-line": ("div", "empty-line"),
    "table": ("table", ""), "tr": ("tr", ""), "th": ("th", ""), "td": ("td", ""),
    # Not FB2's, but met in it.
    "b": ("b", ""), "i": ("i", ""), "u": ("u", ""), "em": ("em", ""), "br": ("br", ""),
}  # fmt: skip
_PARAGRAPH = f"{_X}p"
_HOLD_BLOCKS = {f"{_X}{name}" for name in ("body", "section", "aside", "blockquote", "div")}
_CELLS = {f"{_X}{name}" for name in ("tr", "th", "td")}
_ALIGNED = {"left", "right", "center", "justify", "top", "middle", "bottom"}


@dataclass(frozen=True)
class Document:
    """A document of the reading order, not sanitised yet. `root` is its html element."""

    href: str
    root: etree._Element
    title: str | None
    linear: bool


@dataclass(frozen=True)
class Heading:
    """A line of the contents."""

    title: str
    href: str
    children: tuple["Heading", ...]


@dataclass(frozen=True)
class Converted:
    """`missing` are the ids of pictures that the book shows and does not hold."""

    documents: tuple[Document, ...]
    contents: tuple[Heading, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class _Draft:
    """What one document will hold. `depth` is the number of sections that were around it."""

    parts: list[etree._Element]
    title: str | None
    linear: bool = True
    depth: int = 0


@dataclass(frozen=True)
class _Outline:
    title: str
    element: etree._Element
    children: list["_Outline"]


@dataclass(frozen=True)
class _Link:
    """A link inside the book: in which document it stands, the id it names, and whether it says that it is a note."""

    element: etree._Element
    home: str
    target: str
    note: bool


def convert(root: etree._Element, pictures: Mapping[str, str], title: str, language: str) -> Converted:
    """`pictures` are the hrefs of images by their FB2 id. The tree is used up. Raises BookRefused (too_large)."""
    bodies = _bodies(root)
    side = _side_bodies(bodies)
    outlines = [outline for body in bodies for outline in _outlines(body, body in side, body is bodies[0])]
    drafts = [draft for body in bodies for draft in (_side_drafts(body) if body in side else _drafts(body))]
    if len(drafts) > MAX_READING_ORDER:
        raise BookRefused(f"This book has more than {MAX_READING_ORDER:,} chapters, as no book has.", code="too_large")
    writer = _Writer(pictures, title, language)
    documents = tuple(writer.write(draft) for draft in drafts)
    writer.link()
    return Converted(documents, tuple(writer.headings(outlines)), tuple(writer.missing))


def title_of(elements: Iterable[etree._Element]) -> str | None:
    """The lines of the title among a section's children as one, without the marks of notes."""
    title = next((element for element in elements if local_name(element) == "title"), None)
    if title is None:
        return None
    return cleaned(join_lines(map(plain_text, title))) or None


def join_lines(lines: Iterable[str]) -> str:
    """Lines as one sentence after the other: a full stop goes where a line has no end mark."""
    joined = ""
    for line in filter(None, lines):
        separator = "" if not joined else " " if joined[-1] in ".!?…:;,—-" else ". "
        joined += separator + line
    return joined


def target_of(element: etree._Element) -> str:
    """The address that a link or an image names, in whatever namespace a book puts it."""
    for name, value in element.attrib.items():
        if str(name).rpartition("}")[2].rpartition(":")[2] == "href":
            return str(value).strip()
    return ""


def plain_text(element: etree._Element) -> str:
    """The text of an element, white space collapsed, without the marks of notes."""
    return " ".join("".join(_shown(element)).split())


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return (child for child in element if local_name(child) == name)


def _shown(element: etree._Element) -> Iterator[str]:
    if local_name(element) == "a" and element.get("type") == "note":
        return
    yield element.text or ""
    for child in element:
        yield from _shown(child)
        yield child.tail or ""


# -- which documents there are ---------------------------------------------------------------------------------------


def _bodies(root: etree._Element) -> list[etree._Element]:
    """All bodies. What a damaged book has beside them belongs to the one before."""
    bodies: list[etree._Element] = []
    for child in list(root):
        if local_name(child) in _RECORDS:
            continue
        if local_name(child) == "body":
            bodies.append(child)
            _wrap_text(child)
            continue
        if not bodies:
            bodies.append(etree.SubElement(root, f"{_X}body"))
        bodies[-1].append(child)
    return bodies


def _wrap_text(body: etree._Element) -> None:
    """Text before a body's first element and after its end becomes paragraphs, which are not forgotten."""
    for text, at in ((body.text, 0), (body.tail, len(body) + 1)):
        if text and not text.isspace():
            paragraph = etree.Element(_PARAGRAPH)
            paragraph.text = text
            body.insert(at, paragraph)
    body.text = body.tail = None


def _side_bodies(bodies: list[etree._Element]) -> set[etree._Element]:
    """The bodies beside the text: those with a name, and those whose sections are the notes of others."""
    main = next((body for body in bodies if not body.get("name")), bodies[0] if bodies else None)
    links = (link for body in bodies for link in body.iter(f"{_X}a") if link.get("type") == "note")
    noted = {target_of(link).removeprefix("#") for link in links}
    return {
        body
        for body in bodies
        if body is not main and (body.get("name") or any(section.get("id") in noted for section in body))
    }


def _drafts(body: etree._Element) -> Iterator[_Draft]:
    for group in _grouped(body):
        yield from _carved(group, 0)


def _side_drafts(body: etree._Element) -> Iterator[_Draft]:
    """Notes stay together, as many as make a document of ordinary length."""
    title = title_of(body)
    parts: list[etree._Element] = []
    size = 0.0
    for group in _grouped(body):
        length = sum(map(_LENGTH, group))
        if parts and size + length > LONGEST:
            yield _Draft(parts, title, linear=False)
            parts, size = [], 0
        parts += group
        size += length
    if parts:
        yield _Draft(parts, title, linear=False)


def _grouped(parent: etree._Element) -> list[list[etree._Element]]:
    """The child sections, each with what follows it up to the next; the first also with what comes before it."""
    groups: list[list[etree._Element]] = []
    begun = False
    for child in parent:
        section = local_name(child) == "section"
        if not groups or (section and begun):
            groups.append([])
        begun = begun or section
        groups[-1].append(child)
    return groups


def _carved(group: list[etree._Element], depth: int) -> Iterator[_Draft]:
    """A group as one document or, when its section is too long, that section's head with its first child, and a
    document for each further child."""
    section = _section(group)
    title = (title_of(section) if section is not None else None) or title_of(group)
    taken: list[list[etree._Element]] = []
    inner = None
    if section is not None and _LENGTH(section) > LONGEST:
        first, *taken = _grouped(section)
        inner = _section(first)
        for element in (element for others in taken for element in others):
            section.remove(element)
    yield _Draft(group, title, depth=depth)
    if inner is not None:
        _, *rest = _carved([inner], depth + 1)
        yield from rest
    for others in taken:
        yield from _carved(others, depth + 1)


def _section(elements: Iterable[etree._Element]) -> etree._Element | None:
    return next((element for element in elements if local_name(element) == "section"), None)


def _outlines(body: etree._Element, side: bool, first: bool) -> list[_Outline]:
    """The titles of a body. Its own stands above them, but for the first body's, which is that of the book; single
    notes are no contents."""
    inner = [] if side else _titled(body)
    title, element = title_of(body), next(_children(body, "title"), None)
    return inner if first or title is None or element is None else [_Outline(title, element, inner)]


def _titled(parent: etree._Element) -> list[_Outline]:
    found: list[_Outline] = []
    for section in _children(parent, "section"):
        title, inner = title_of(section), _titled(section)
        found += [_Outline(title, section, inner)] if title else inner
    return found


# -- from FB2 to XHTML -----------------------------------------------------------------------------------------------


class _Writer:
    """Makes the documents of a book. It knows where every id went, so that links find their ends at last."""

    def __init__(self, pictures: Mapping[str, str], title: str, language: str) -> None:
        self.missing: dict[str, None] = {}
        self._pictures = pictures
        self._title = title
        self._language = escape(language)
        self._written = 0
        self._asides = 0
        self._numbers = count(1)
        self._homes: dict[etree._Element, str] = {}
        self._ids: dict[str, str] = {}
        self._notes: set[str] = set()
        self._links: list[_Link] = []

    def write(self, draft: _Draft) -> Document:
        href = self._next_href(draft.linear)
        root = self._page(draft.title or self._title)
        body = root[1]
        body.extend(draft.parts)
        if not draft.linear:
            body.set(f"{{{_EPUB}}}type", "footnotes")
        for element in list(body.iterdescendants()):
            self._convert(element, draft, href)
        etree.cleanup_namespaces(root, keep_ns_prefixes=["epub"])
        return Document(href, root, draft.title, draft.linear)

    def link(self) -> None:
        """Points the links inside the book to where their ends are now."""
        for link in self._links:
            name = link.target if link.target in self._ids else unquote(link.target)
            place = self._ids.get(name)
            if place is None:
                continue
            link.element.set("href", ("" if place == link.home else place) + "#" + quote(name, safe="/:@!$&'()*+,;=~"))
            if link.note or name in self._notes:
                link.element.set("class", "noteref")
                link.element.set(f"{{{_EPUB}}}type", "noteref")

    def headings(self, outlines: Iterable[_Outline]) -> Iterator[Heading]:
        for outline in outlines:
            href = self._homes[outline.element]
            begins = _parent_tag(outline.element) == f"{_X}body" and outline.element.getprevious() is None
            if not begins:
                href += "#" + self._id(outline.element)
            yield Heading(outline.title, href, tuple(self.headings(outline.children)))

    def _next_href(self, linear: bool) -> str:
        if linear:
            self._written += 1
            return f"section-{self._written:03}.xhtml"
        self._asides += 1
        return f"notes-{self._asides:03}.xhtml"

    def _page(self, title: str) -> etree._Element:
        language = f' lang="{self._language}" xml:lang="{self._language}"' if self._language else ""
        return etree.fromstring(
            f'<html xmlns="{XHTML}" xmlns:epub="{_EPUB}"{language}><head><title>{escape(title)}</title>'
            f'<link rel="stylesheet" type="text/css" href="{STYLESHEET}"/></head><body></body></html>'
        )

    def _id(self, element: etree._Element) -> str:
        name = element.get("id")
        if name is None:
            name = next(made for number in self._numbers if (made := f"toc-{number}") not in self._ids)
            element.set("id", name)
        return name

    def _convert(self, element: etree._Element, draft: _Draft, href: str) -> None:
        if element.tag == _PARAGRAPH and not element.attrib:
            return
        name = local_name(element)
        old = {str(key): str(value) for key, value in element.attrib.items()}
        target = target_of(element) if old else ""
        self._keep_id_and_language(element, old, href)
        if name == "image":
            self._image(element, old, target)
        elif name == "a":
            self._link(element, target, href, old.get("type") == "note")
        elif name == "title":
            self._homes[element] = href
            _set_title(element, draft)
        elif name == "section":
            self._homes[element] = href
            self._section(element, draft)
        else:
            _rename(element, name)
            _align(element, old)

    def _keep_id_and_language(self, element: etree._Element, old: Mapping[str, str], href: str) -> None:
        """Of equal ids the first counts. FB2's `style` is the name of a style and means nothing here."""
        if not old:
            return
        element.attrib.clear()
        name, language = old.get("id"), old.get(_XML_LANG)
        if name and name not in self._ids:
            self._ids[name] = href
            element.set("id", name)
        if language:
            element.set("lang", language)
            element.set(_XML_LANG, language)

    def _section(self, element: etree._Element, draft: _Draft) -> None:
        """A section among the notes that holds no further ones is a note."""
        if draft.linear or _section(element) is not None:
            element.tag = f"{_X}section"
            return
        element.tag = f"{_X}aside"
        element.set(f"{{{_EPUB}}}type", "footnote")
        self._notes.add(element.get("id", ""))

    def _image(self, element: etree._Element, old: Mapping[str, str], target: str) -> None:
        """A picture between paragraphs stands in a `div`, and one that wrongly has content beside it."""
        block = _parent_tag(element) in _HOLD_BLOCKS
        picture = element
        if len(element) or element.text or (block and sum(1 for _ in element.iterancestors()) < DEEPEST):
            element.tag = f"{_X}div" if block else f"{_X}span"
            element.set("class", "image")
            picture = etree.Element(f"{_X}img")
            element.insert(0, picture)
        picture.tag = f"{_X}img"
        picture.set("alt", old.get("alt") or old.get("title") or "")
        if "title" in old:
            picture.set("title", old["title"])
        name = target.removeprefix("#")
        href = self._pictures.get(name) or self._pictures.get(unquote(name))
        if href is not None:
            picture.set("src", quote(href))
        else:
            self.missing.setdefault(name)

    def _link(self, element: etree._Element, target: str, href: str, note: bool) -> None:
        element.tag = f"{_X}a"
        if target.startswith("#"):
            self._links.append(_Link(element, href, target[1:], note))
        elif target.lower().startswith(("http:", "https:", "mailto:")):
            element.set("href", target)


def _parent_tag(element: etree._Element) -> str:
    parent = element.getparent()
    return "" if parent is None else str(parent.tag)


def _set_title(element: etree._Element, draft: _Draft) -> None:
    """The title of a section or body is a heading with its lines below each other; any other is a block of its own."""
    if _parent_tag(element) not in (f"{_X}section", f"{_X}body"):
        element.tag = f"{_X}div"
        element.set("class", "title")
        return
    level = 1 + draft.depth + sum(1 for _ in element.iterancestors(f"{_X}section"))
    element.tag = f"{_X}h{min(level, 6)}"
    lines = 0
    for child in list(element):
        if local_name(child) == "empty-line":
            child.tag = f"{_X}br"
        elif local_name(child) == "p":
            child.tag = f"{_X}span"
            if lines:
                child.addprevious(etree.Element(f"{_X}br"))
            lines += 1


def _rename(element: etree._Element, name: str) -> None:
    known = _NAMES.get(name)
    if known is None or (name == "br" and (len(element) or element.text)):
        known = ("div" if _parent_tag(element) in _HOLD_BLOCKS else "span", "")
    if name != known[0] or not str(element.tag).startswith(_X):
        element.tag = f"{_X}{known[0]}"
    if known[1]:
        element.set("class", known[1])


def _align(element: etree._Element, old: Mapping[str, str]) -> None:
    """What table cells and rows keep. FB2 has HTML's old words for how they are aligned."""
    if element.tag not in _CELLS:
        return
    aligned = [f"align-{old[name]}" for name in ("align", "valign") if old.get(name) in _ALIGNED]
    if aligned:
        element.set("class", " ".join(aligned))
    for name in ("colspan", "rowspan"):
        if old.get(name, "").isdigit():
            element.set(name, old[name])
