"""The package document of an EPUB: what files there are and in which order they are read.

EPUB 3.3 section 5 (package document), OPF 2.0.1, and what their readers have learned to forgive. "Manifest" and
"spine" are the standard's words for its own lists; outside these parsers they are resources and reading order.
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree

from bookreader.errors import BookRefused
from bookreader.publications.archive import Archive
from bookreader.publications.links import resolve, scheme_of
from bookreader.publications.markup import MAX_DOCUMENT, MarkupError, local_name, read_xml

CONTAINER = "META-INF/container.xml"
MAX_ITEMS = 20_000
MAX_READING_ORDER = 10_000

NCX = "application/x-dtbncx+xml"
SVG_TYPE = "image/svg+xml"
_UNSAFE_IN_CFI = frozenset("^[](),;=:/!~@ ")
_DOCUMENT_TYPES = ("application/xhtml+xml", "text/html", "text/x-oeb1-document")
_DOCUMENT_ENDINGS = (".xhtml", ".html", ".htm", ".xht")


@dataclass(frozen=True)
class Item:
    """A file that the package lists. `name` is its name in the archive, None when it is not there.

    `written` is its address as it stands; `href` is decoded and counts from the publication's folder, empty when it
    leads elsewhere.
    """

    id: str
    href: str
    name: str | None
    media_type: str
    properties: frozenset[str]
    fallback: str | None
    written: str

    @property
    def is_document(self) -> bool:
        if self.media_type.startswith(("image/", "audio/", "video/")):
            return False
        return self.media_type in _DOCUMENT_TYPES or self.href.lower().endswith(_DOCUMENT_ENDINGS)


@dataclass(frozen=True)
class ItemRef:
    """A place in the reading order. `cfi` is its step, such as /6/4[ch1]."""

    idref: str
    cfi: str
    linear: bool
    properties: frozenset[str]


@dataclass(frozen=True)
class Package:
    """`name` is the document's own name in the archive, `folder` the one from which hrefs count."""

    root: etree._Element
    name: str
    folder: str
    items: dict[str, Item]
    reading_order: tuple[ItemRef, ...]
    direction: str | None
    ncx_id: str | None

    @property
    def version(self) -> str:
        return (self.root.get("version") or "").strip()

    def part(self, name: str) -> etree._Element | None:
        """The child of the package with this local name."""
        return _child(self.root, name)

    def metas(self, name: str) -> list[str]:
        """The values of the metadata's meta elements of this name (EPUB 2) or property (EPUB 3)."""
        metadata = self.part("metadata")
        metas = [] if metadata is None else [meta for meta in metadata.iterdescendants() if local_name(meta) == "meta"]
        said = [
            meta.get("content") or meta.text or "" for meta in metas if name in (meta.get("name"), meta.get("property"))
        ]
        return [value.strip() for value in said if value.strip()]

    def within(self, path: str) -> str | None:
        """The href of a path in the archive; None when it lies outside the publication's folder."""
        return _below(path, self.folder)


def find_package(archive: Archive) -> tuple[str, bool]:
    """The name of the package document, and whether it had to be looked for. Raises BookRefused."""
    for path in _root_files(archive):
        if scheme_of(path) or path.startswith(("/", "\\")) or ".." in path.split("/"):
            raise BookRefused(
                "This file is no usable EPUB: its container names a package document outside the book. Look for "
                "another copy.",
                code="invalid_publication",
            )
        if name := archive.find(unquote(path)) or archive.find(path):
            return name, False
    packages = [name for name in archive.names if name.lower().endswith(".opf") and not _is_rubbish(name)]
    if packages:
        return min(packages, key=lambda name: name.count("/")), True
    raise BookRefused(
        "This file is no usable EPUB: neither its container nor a package document can be found in it, so nothing "
        "says what there is to read. Look for another copy.",
        code="invalid_publication",
    )


def read_package(archive: Archive, name: str) -> Package:
    """Reads the package document. Raises BookRefused: invalid_publication or too_large."""
    try:
        root = read_xml(archive.read(name, MAX_DOCUMENT).data)
    except MarkupError as error:
        raise _unusable("its package document cannot be read") from error
    manifest, spine = _child(root, "manifest"), _child(root, "spine")
    if manifest is None or spine is None:
        raise _unusable("its package document lists no files to read")
    if len(manifest) > MAX_ITEMS or len(spine) > MAX_READING_ORDER:
        raise BookRefused(
            f"This book lists more than {MAX_READING_ORDER:,} documents, which no book needs. Look for another copy.",
            code="too_large",
        )
    found = list(_found(archive, name, manifest))
    folder = _folder(name, [path for _, path in found if path and archive.find(path)])
    return Package(
        root=root,
        name=name,
        folder=folder,
        items=_items(archive, found, folder),
        reading_order=tuple(_item_refs(root, spine)),
        direction=(spine.get("page-progression-direction") or "").strip().lower() or None,
        ncx_id=spine.get("toc"),
    )


def read_root(archive: Archive, name: str | None) -> etree._Element | None:
    """The root of any XML file of the archive; None when it is not there or no XML."""
    if name is None:
        return None
    try:
        return read_xml(archive.read(name, MAX_DOCUMENT).data)
    except MarkupError:
        return None


def _unusable(why: str) -> BookRefused:
    return BookRefused(f"This file is no usable EPUB: {why}. Look for another copy.", code="invalid_publication")


def _root_files(archive: Archive) -> Iterator[str]:
    root = read_root(archive, archive.find(CONTAINER))
    if root is not None:
        for element in root.iter("{*}rootfile"):
            if path := (element.get("full-path") or "").strip():
                yield path


def _is_rubbish(name: str) -> bool:
    """What macOS packs beside every file."""
    return name.startswith("__MACOSX/") or posixpath.basename(name).startswith("._")


def _child(parent: etree._Element, name: str) -> etree._Element | None:
    return next((child for child in parent if local_name(child) == name), None)


def _found(archive: Archive, package: str, manifest: etree._Element) -> Iterator[tuple[etree._Element, str | None]]:
    """Each item with the path of its file: as decoded, or as it is written where a packer kept the escapes."""
    for element in manifest:
        written = (element.get("href") or "").strip()
        if not written:
            continue
        path = resolve(package, written)
        path = path and path.partition("#")[0]
        if path and archive.find(path) is None:
            literal = posixpath.normpath(posixpath.join(posixpath.dirname(package), written))
            path = literal if archive.find(literal) else path
        yield element, path


def _folder(package: str, paths: list[str]) -> str:
    """The package's folder, or the nearest one above it that holds every file it lists."""
    folder = posixpath.dirname(package)
    while folder and not all(path.startswith(folder + "/") for path in paths):
        folder = posixpath.dirname(folder)
    return folder


def _items(archive: Archive, found: list[tuple[etree._Element, str | None]], folder: str) -> dict[str, Item]:
    """By id; of two of the same the first counts."""
    items: dict[str, Item] = {}
    for element, path in found:
        item = Item(
            id=(element.get("id") or "").strip(),
            href=_below(path, folder) or "",
            name=archive.find(path) if path else None,
            media_type=(element.get("media-type") or "").strip().lower(),
            properties=_words(element.get("properties")),
            fallback=element.get("fallback"),
            written=(element.get("href") or "").strip(),
        )
        items.setdefault(item.id or f"\0{len(items)}", item)
    return items


def _below(path: str | None, folder: str) -> str | None:
    if path is None or not folder:
        return path
    return path[len(folder) + 1 :] if path.startswith(folder + "/") else None


def _item_refs(root: etree._Element, spine: etree._Element) -> Iterator[ItemRef]:
    """EPUB CFI 1.1 section 2.1: a step is twice the element's number among its siblings, all of them counted."""
    place = 2 * root.index(spine) + 2
    for number, element in enumerate(spine, 1):
        if local_name(element) != "itemref":
            continue
        name = element.get("id") or ""
        assertion = f"[{name}]" if name and not _UNSAFE_IN_CFI & set(name) else ""
        yield ItemRef(
            idref=(element.get("idref") or "").strip(),
            cfi=f"/{place}/{2 * number}{assertion}",
            linear=(element.get("linear") or "").strip().lower() != "no",
            properties=_words(element.get("properties")),
        )


def _words(value: str | None) -> frozenset[str]:
    return frozenset((value or "").split())
