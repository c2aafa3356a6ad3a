"""What an EPUB says about itself, in the vocabularies of EPUB 3 (refines), EPUB 2 (opf: attributes) and calibre.

EPUB 3.3 section 5.5 and appendix D (meta properties), OPF 2.0.1 section 2.2, Dublin Core.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from lxml import etree

from bookreader.errors import BookRefused
from bookreader.publications.genres import genre_of
from bookreader.publications.markup import XHTML, MarkupError, local_name, read_xhtml, text_content
from bookreader.publications.model import Contributor, Identifier, Metadata, Series
from bookreader.publications.package import Package
from bookreader.publications.text import TextMap

_MOST = 200
"""Subjects, people or identifiers of one book."""
_MOST_STATEMENTS = 10_000
_MOST_CHARACTERS = 2_000
_LONGEST_TAG = 40
_LONGEST_DESCRIPTION = 20_000

_OPF = "{http://www.idpf.org/2007/opf}"
# What could turn the words around it when shown, or hide in them: controls, overrides of direction, zero widths.
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]+")
_UNSHOWN_IN_LINES = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_ISBN = re.compile(r"(?:97[89][- ]?)?(?:\d[- ]?){9}[\dXx]")
_URN = re.compile(r"(?:urn:)?(isbn|uuid|doi|issn|asin|goodreads|calibre|oclc|amazon|google):\s*(.+)", re.IGNORECASE)
_ONIX = {"02": "isbn", "15": "isbn", "06": "doi"}
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_DATES = {"modified": "modification", "issued": "publication", "created": "creation", "available": "publication"}


@dataclass(frozen=True)
class _Said:
    """A metadata element with what EPUB 3's `refines` and EPUB 2's attributes add to it."""

    value: str
    element: etree._Element
    refined: Mapping[str, list[str]]

    def get(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> list[str]:
        attribute = (self.element.get(_OPF + name) or self.element.get(name) or "").strip()
        return self.refined.get(name, []) or ([attribute] if attribute else [])


class _Statements:
    """All statements of a package's metadata element, however deep EPUB 1 and 2 nest them."""

    def __init__(self, package: Package) -> None:
        metadata = package.part("metadata")
        self._elements = [] if metadata is None else list(metadata.iterdescendants())[:_MOST_STATEMENTS]
        self._refined: dict[str, dict[str, list[str]]] = {}
        for element in self._elements:
            if (target := element.get("refines")) and (name := _property(element)):
                of_target = self._refined.setdefault(target.strip().removeprefix("#"), {})
                of_target.setdefault(name, []).append(text_content(element))

    def dublin_core(self, name: str) -> list[_Said]:
        """The filled elements of this name (dc:title ...), in whatever case it is written."""
        found = [element for element in self._elements if local_name(element).lower() == name]
        return [self._said(element, cleaned(text_content(element))) for element in found if text_content(element)]

    def texts(self, name: str) -> list[str]:
        return [said.value for said in self.dublin_core(name)]

    def properties(self, *names: str) -> list[_Said]:
        """EPUB 3's meta elements of these properties that refine nothing, and EPUB 2's of these names."""
        found = [
            self._said(element, cleaned(element.get("content") or text_content(element)))
            for element in self._elements
            if local_name(element) == "meta" and not element.get("refines") and _property(element) in names
        ]
        return [said for said in found if said.value]

    def _said(self, element: etree._Element, value: str) -> _Said:
        return _Said(value, element, self._refined.get(element.get("id") or "", {}))


def metadata_of(package: Package) -> Metadata:
    """The metadata of a package document; what it does not say is empty."""
    said = _Statements(package)
    title, subtitle = _titles(said.dublin_core("title"))
    authors, contributors = _people(said)
    subjects = unique([*said.texts("subject"), *(one.value for one in said.properties("se:subject"))])
    languages = unique(one.replace("_", "-")[:_LONGEST_TAG] for one in said.texts("language"))
    return Metadata(
        title=title,
        subtitle=subtitle,
        authors=authors,
        contributors=contributors,
        language=languages[0] if languages else "",
        languages=languages,
        identifiers=tuple(_identifiers(said)),
        series=_series(said),
        subjects=subjects,
        genre=genre_of(subjects),
        publisher=next(iter(said.texts("publisher")), None),
        description=_description(said),
        rights=next(iter(said.texts("rights")), None),
        dates=_dates(said),
    )


def unique_identifiers(package: Package) -> list[str]:
    """The identifiers as written, the package's unique one first: fonts are obfuscated with it."""
    metadata, wanted = package.part("metadata"), package.root.get("unique-identifier")
    if metadata is None:
        return []
    found = [element for element in metadata.iterdescendants() if local_name(element).lower() == "identifier"]
    found.sort(key=lambda element: element.get("id") != wanted)
    return ["".join(element.itertext()) for element in found]


def cleaned(text: str) -> str:
    """A name as it may be shown: one line, without characters that turn or hide what stands around them."""
    return " ".join(_UNSHOWN.sub(" ", text).split())[:_MOST_CHARACTERS]


def cleaned_lines(text: str) -> str:
    """The same for what may have lines, such as a description."""
    return _UNSHOWN_IN_LINES.sub("", text)[:_LONGEST_DESCRIPTION]


def unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))[:_MOST]


def plain(markup: str) -> str:
    """Text that may hold markup, as descriptions do, with a blank line between its blocks."""
    if "<" in markup or "&" in markup:
        with suppress(MarkupError, BookRefused):
            document = read_xhtml(f'<html xmlns="{XHTML}"><body>{markup}</body></html>'.encode())
            return TextMap.from_root(document.root).text[:_LONGEST_DESCRIPTION]
    return " ".join(markup.split())[:_LONGEST_DESCRIPTION]


def _property(element: etree._Element) -> str:
    return (element.get("property") or element.get("name") or "").strip()


def _titles(said: list[_Said]) -> tuple[str, str | None]:
    """EPUB 3.3 section 5.5.3.1.2: the main title, else the first that is no other kind of title."""
    by_kind = {one.get("title-type"): one.value for one in reversed(said)}
    title = by_kind.get("main") or by_kind.get("") or (said[0].value if said else "")
    return title, by_kind.get("subtitle")


def _people(said: _Statements) -> tuple[tuple[str, ...], tuple[Contributor, ...]]:
    """Authors, and everyone else by role. A creator without a role is an author; if all have other roles, they are."""
    creators = sorted(said.dublin_core("creator"), key=lambda one: _number(one.get("display-seq")) or 0)
    authors = [one for one in creators if not one.all("role") or {"aut", "author"} & set(_roles(one))] or creators
    others = [one for one in creators if one not in authors] + said.dublin_core("contributor")
    contributors = [Contributor(one.value, role) for one in others for role in _roles(one) or ["ctb"]]
    return unique(one.value for one in authors), tuple(dict.fromkeys(contributors))[:_MOST]


def _roles(said: _Said) -> list[str]:
    return [role.lower()[:_LONGEST_TAG] for role in said.all("role")]


def _identifiers(said: _Statements) -> Iterator[Identifier]:
    for one in said.dublin_core("identifier")[:_MOST]:
        scheme = (one.get("scheme") or _ONIX.get(one.get("identifier-type"), "")).lower()
        value = one.value
        if found := _URN.fullmatch(value):
            scheme, value = found[1].lower(), found[2]
        elif not scheme and _ISBN.fullmatch(value):
            scheme = "isbn"
        elif not scheme and value.lower().startswith(("http:", "https:", "urn:")):
            scheme = "uri"
        yield Identifier(scheme[:_LONGEST_TAG], re.sub(r"[- ]", "", value) if scheme == "isbn" else value)


def _series(said: _Statements) -> Series | None:
    """EPUB 3.3 appendix D.3.3 (a collection that is a series), else calibre's."""
    for one in said.properties("belongs-to-collection"):
        if one.get("collection-type") in ("series", ""):
            return Series(one.value, _number(one.get("group-position")))
    for one in said.properties("calibre:series"):
        index = said.properties("calibre:series_index")
        return Series(one.value, _number(index[0].value) if index else None)
    return None


def _number(text: str) -> float | None:
    found = _NUMBER.match(text.strip())
    return float(found[0].replace(",", ".")) if found else None


def _description(said: _Statements) -> str | None:
    for one in said.dublin_core("description"):
        # Markup that was not escaped is markup of the package itself.
        inner = (one.element.text or "") + "".join(etree.tostring(child, encoding="unicode") for child in one.element)
        if text := plain(inner):
            return cleaned_lines(text)
    return None


def _dates(said: _Statements) -> dict[str, str]:
    dates: dict[str, str] = {}
    for one in said.dublin_core("date"):
        # Calibre writes the year 101 for a date that it does not know.
        if not one.value.startswith("0101-"):
            dates.setdefault(one.get("event").lower() or "publication", one.value)
    for name, meaning in _DATES.items():
        for one in said.properties(f"dcterms:{name}"):
            dates.setdefault(meaning, one.value)
    return dates
