"""Opens EPUBs of version 2 and 3, and what calls itself so: lenient where nothing is lost, strict where harm could be.

EPUB 3.3, OPF 2.0.1, OCF 2.0.1.
"""

import re
from collections.abc import Callable, Mapping
from functools import cached_property

from bookreader.errors import BookRefused
from bookreader.publications.archive import Archive
from bookreader.publications.chapters import Assembled, addresses, assemble, flat, resolve, titles
from bookreader.publications.contents import Hrefs, Navigation, from_guide, from_nav, from_ncx
from bookreader.publications.cover import cover_of
from bookreader.publications.flaws import Flaws
from bookreader.publications.fonts import clear_font, encryption_of
from bookreader.publications.links import resolve as resolve_address
from bookreader.publications.links import scheme_of
from bookreader.publications.markup import MAX_DOCUMENT, MarkupError, read_xhtml
from bookreader.publications.metadata import metadata_of, unique_identifiers
from bookreader.publications.model import Chapter, Layout, Publication, TocEntry
from bookreader.publications.package import NCX, find_package, read_package, read_root
from bookreader.publications.reading_order import Reading, pages, reading_order
from bookreader.publications.resources import UNKNOWN, Resources, Source, expected_type

_RIGHT_TO_LEFT = frozenset(("ar", "fa", "he", "iw", "ur", "yi", "ps", "sd", "ug", "dv", "ckb", "syr"))
_SHOWN = re.compile(r"<(?:\w+:)?(?:img|image|svg|math|audio|video)\b")
_LOCKS = ("META-INF/rights.xml", "META-INF/sinf.xml", "META-INF/license.lcpl")


def open_epub(archive: Archive) -> Publication:
    """The publication in an EPUB's archive. Raises BookRefused with every code but unsupported_format."""
    return _Epub(archive).publication()


def look_at_epub(archive: Archive) -> None:
    """Reads the package alone. Raises BookRefused when there is none, nothing to read in it, or a lock on it."""
    epub = _Epub(archive)
    if not reading_order(epub.package, epub.flaws, fixed=False):
        raise epub.nothing_readable()


class _Epub:
    """An EPUB while it is being opened."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.flaws = Flaws()
        name, searched = find_package(archive)
        if searched:
            self.flaws.add("no_container", name)
        self.package = read_package(archive, name)
        self.encryption = encryption_of(read_root(archive, archive.find("META-INF/encryption.xml")))
        if any(archive.find(path) for path in self.encryption.locked):
            raise _locked()
        self._note_files()

    def publication(self) -> Publication:
        fixed = self._is_fixed()
        readings = reading_order(self.package, self.flaws, fixed=fixed)
        navigation = self._navigation({reading.item.name or "": reading.href for reading in readings})
        wanted = addresses([*navigation.toc, *navigation.landmarks, *navigation.pages])
        assembled = assemble(pages(self.archive, readings, titles(navigation.toc), self.flaws), wanted)
        self._refuse_unreadable(assembled.chapters)
        metadata = metadata_of(self.package)
        resources = self._resources({chapter.href for chapter in assembled.chapters})
        landmarks = resolve(navigation.landmarks, assembled)
        return Publication(
            format="epub",
            metadata=metadata,
            reading_order=assembled.chapters,
            toc=self._toc(navigation, assembled),
            resources=resources,
            positions=sum(chapter.positions for chapter in assembled.chapters),
            cover=cover_of(self.package, assembled.chapters, landmarks, resources, self.flaws),
            direction=self._direction(metadata.language),
            layout=_layout(readings),
            spread=next(iter(self.package.metas("rendition:spread")), None),
            viewport=self._viewport(assembled.chapters),
            landmarks=landmarks,
            pages=resolve(navigation.pages, assembled),
            warnings=self.flaws.warnings(),
        )

    # -- what is wrong with it ----------------------------------------------------------------------------------------

    def _note_files(self) -> None:
        for item in self.package.items.values():
            if scheme_of(item.written) or item.written.startswith("//"):
                self.flaws.add("remote_resource", item.written)
            elif item.name is None:
                self.flaws.add("missing_resource", item.href or item.written)
        for name in self.archive.repeated:
            self.flaws.add("repeated_file", name)
        for name in self.archive.unsafe:
            self.flaws.add("unsafe_file", name)

    def _refuse_unreadable(self, chapters: tuple[Chapter, ...]) -> None:
        if not chapters:
            raise self.nothing_readable()
        if not any(chapter.characters or _SHOWN.search(chapter.html) for chapter in chapters):
            raise BookRefused(
                "There is nothing to read in this book: its pages hold neither text nor pictures. Look for another "
                "copy.",
                code="empty",
            )

    def nothing_readable(self) -> BookRefused:
        if any(self.archive.find(name) for name in _LOCKS):
            return _locked()
        if "damaged_resource" in self.flaws:
            return BookRefused(
                "This file is a damaged archive: no page in it can be unpacked. Fetch the file again.",
                code="broken_archive",
            )
        return BookRefused(
            "This file is no usable EPUB: its reading order holds no page that can be shown. Look for another copy.",
            code="invalid_publication",
        )

    # -- contents -----------------------------------------------------------------------------------------------------

    def _navigation(self, chapters: Mapping[str, str]) -> Navigation:
        """Contents of the navigation document, else of the NCX; `chapters` are the hrefs of chapters by file."""
        nav = self._from_nav(chapters)
        ncx = Navigation() if nav.toc and nav.pages else self._from_ncx(chapters)
        guide = from_guide(self.package.part("guide"), self._hrefs(self.package.name, chapters))
        return Navigation(nav.toc or ncx.toc, nav.landmarks or guide, nav.pages or ncx.pages)

    def _from_nav(self, chapters: Mapping[str, str]) -> Navigation:
        item = next((one for one in self.package.items.values() if "nav" in one.properties and one.is_document), None)
        if item is None or item.name is None or item.name == self.package.name:
            return Navigation()
        try:
            document = read_xhtml(self.archive.read(item.name, MAX_DOCUMENT).data)
        except MarkupError:
            return Navigation()
        return from_nav(document.root, self._hrefs(item.name, chapters))

    def _from_ncx(self, chapters: Mapping[str, str]) -> Navigation:
        items = self.package.items
        named = items.get(self.package.ncx_id or "")
        found = [named] if named else [item for item in items.values() if item.media_type == NCX]
        name = found[0].name if found else None
        root = read_root(self.archive, name)
        return Navigation() if root is None or name is None else from_ncx(root, self._hrefs(name, chapters))

    def _hrefs(self, base: str, chapters: Mapping[str, str]) -> Hrefs:
        """How addresses written in the file `base` are to be understood."""

        def href(address: str) -> str | None:
            path, _, fragment = (resolve_address(base, address) or "").partition("#")
            found = chapters.get(self.archive.find(path) or "") or self.package.within(path)
            return f"{found}#{fragment}" if found and fragment else found or None

        return href

    def _toc(self, navigation: Navigation, assembled: Assembled) -> tuple[TocEntry, ...]:
        """The book's own contents; if it has none that lead anywhere, its chapters by their headings."""
        toc = resolve(navigation.toc, assembled)
        if any(entry.chapter for entry in flat(toc)):
            return toc
        self.flaws.add("no_contents")
        titled = [chapter for chapter in assembled.chapters if chapter.title]
        return resolve([TocEntry(chapter.title or "", chapter.href, None, None) for chapter in titled], assembled)

    # -- files --------------------------------------------------------------------------------------------------------

    def _resources(self, chapters: set[str]) -> Resources:
        """What the package lists, and what it forgot to list but a page may show."""
        items = {item.href: item for item in self.package.items.values() if item.name and item.href}
        sources = {
            href: Source(expected_type(href, item.media_type), self._reader(item.name or ""))
            for href, item in items.items()
            if item.name != self.package.name and item.media_type != NCX
        }
        listed = {item.name for item in items.values()}
        for name in self.archive.names:
            href = self.package.within(name)
            if href and name not in listed and not name.startswith("META-INF/"):
                media_type = expected_type(href, "")
                if media_type != UNKNOWN:
                    sources.setdefault(href, Source(media_type, self._reader(name)))
        return Resources({href: source for href, source in sources.items() if href not in chapters})

    def _reader(self, name: str) -> Callable[[], bytes]:
        def read() -> bytes:
            data = self.archive.read(name).data
            algorithm = self._obfuscated.get(name)
            return clear_font(data, algorithm, self._keys) if algorithm else data

        return read

    @cached_property
    def _obfuscated(self) -> dict[str, str]:
        found = {self.archive.find(path): algorithm for path, algorithm in self.encryption.obfuscated.items()}
        return {name: algorithm for name, algorithm in found.items() if name}

    @cached_property
    def _keys(self) -> list[str]:
        return unique_identifiers(self.package)

    # -- layout -------------------------------------------------------------------------------------------------------

    def _is_fixed(self) -> bool:
        """EPUB 3.3 section 8.2.2.1; before it, vendors had their own ways to say so."""
        said = self.package.metas("rendition:layout")
        if said or "true" in self.package.metas("fixed-layout"):
            return not said or said[0] == "pre-paginated"
        options = read_root(self.archive, self.archive.find("META-INF/com.apple.ibooks.display-options.xml"))
        found = [] if options is None else list(options.iter("{*}option"))
        return any(one.get("name") == "fixed-layout" and (one.text or "").strip() == "true" for one in found)

    def _direction(self, language: str) -> str:
        if self.package.direction in ("ltr", "rtl"):
            return str(self.package.direction)
        return "rtl" if language.lower().partition("-")[0] in _RIGHT_TO_LEFT else "ltr"

    def _viewport(self, chapters: tuple[Chapter, ...]) -> str | None:
        said = self.package.metas("rendition:viewport")
        return next(iter(said), None) or next((chapter.viewport for chapter in chapters if chapter.viewport), None)


def _layout(readings: list[Reading]) -> Layout:
    """Pages are fixed only if all that page turning shows are."""
    shown = [reading for reading in readings if reading.ref.linear] or readings
    return Layout.PRE_PAGINATED if all(reading.fixed for reading in shown) else Layout.REFLOWABLE


def _locked() -> BookRefused:
    return BookRefused(
        "This book is locked by its seller (DRM), so only the seller's own apps can open it. Use a copy without "
        "the lock.",
        code="protected",
    )
