"""What an FB2 says about itself: `description` of the FictionBook 2.1 schema."""

import re
from collections.abc import Iterator

from lxml import etree

from bookreader.publications.fb2_markup import join_lines, plain_text, target_of
from bookreader.publications.genres import genre_of
from bookreader.publications.markup import local_name, text_content
from bookreader.publications.metadata import cleaned, cleaned_lines, unique
from bookreader.publications.model import Contributor, Identifier, Metadata, Series

_NAME_PARTS = ("first-name", "middle-name", "last-name")
_UUID = re.compile(r"\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?", re.IGNORECASE)
_ISBN = re.compile(r"(97[89])?\d{9}[\dXx]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_BLOCKS = {"p", "v", "subtitle", "text-author", "date", "td", "th"}


def metadata_of(root: etree._Element) -> Metadata:
    """The metadata of a FictionBook element. What title-info leaves out, src-title-info or publish-info may say."""
    description = _child(root, "description")
    title, source, document, publish = (
        _child(description, name) for name in ("title-info", "src-title-info", "document-info", "publish-info")
    )
    language = _language(_text(title, "lang"))
    genres = [genre for element in _by_match(title) if (genre := _line(element))]
    return Metadata(
        title=_text(title, "book-title")
        or _text(publish, "book-name")
        or _text(source, "book-title")
        or _heading(root),
        authors=_people(title, "author") or _people(source, "author"),
        contributors=(
            *(Contributor(name, "trl") for name in _people(title, "translator")),
            *(Contributor(name, "bkp") for name in _people(document, "author")),
        ),
        language=language,
        languages=(language,) if language else (),
        identifiers=tuple(_identifiers(document, publish)),
        series=_series(title) or _series(publish) or _series(source),
        subjects=unique([*genres, *_keywords(title)]),
        genre=genre_of(genres or _keywords(title)),
        publisher=_text(publish, "publisher") or None,
        description=_annotation(title),
        original_title=_text(source, "book-title") or None,
        dates=_dates(title, document, publish),
    )


def cover_ids(root: etree._Element) -> list[str]:
    """The ids of the cover's pictures, as the cover page names them."""
    page = _child(_child(_child(root, "description"), "title-info"), "coverpage")
    images = (image for image in page.iter() if local_name(image) == "image") if page is not None else ()
    return [target_of(image).removeprefix("#") for image in images]


def _children(parent: etree._Element | None, name: str) -> list[etree._Element]:
    return [] if parent is None else [child for child in parent if local_name(child) == name]


def _child(parent: etree._Element | None, name: str) -> etree._Element | None:
    return next(iter(_children(parent, name)), None)


def _text(parent: etree._Element | None, name: str) -> str:
    return next((text for child in _children(parent, name) if (text := _line(child))), "")


def _line(element: etree._Element) -> str:
    return cleaned(text_content(element))


def _heading(root: etree._Element) -> str:
    """A book without a title is called as its text is."""
    titles = (element for element in root.iter() if local_name(element) == "title")
    return next((text for title in titles if (text := cleaned(join_lines(map(plain_text, title))))), "")


def _by_match(title: etree._Element | None) -> list[etree._Element]:
    """The genres, best first: `match` says by how many percent a book is of one."""

    def match(element: etree._Element) -> int:
        said = element.get("match", "")
        return int(said) if said.isdecimal() else 100

    return sorted(_children(title, "genre"), key=match, reverse=True)


def _keywords(title: etree._Element | None) -> list[str]:
    return [word for part in re.split(r"[,;]", _text(title, "keywords")) if (word := part.strip())]


def _people(parent: etree._Element | None, name: str) -> tuple[str, ...]:
    return unique(_person(element) for element in _children(parent, name))


def _person(element: etree._Element) -> str:
    names = " ".join(filter(None, (_text(element, part) for part in _NAME_PARTS)))
    return names or _text(element, "nickname") or cleaned(element.text or "")


def _language(said: str) -> str:
    tag = said.replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else ""


def _identifiers(document: etree._Element | None, publish: etree._Element | None) -> Iterator[Identifier]:
    own = _text(document, "id")
    if own:
        uuid = _UUID.fullmatch(own.removeprefix("urn:uuid:"))
        yield Identifier("uuid", uuid[1].lower()) if uuid else Identifier("", own)
    for isbn in _children(publish, "isbn"):
        value = re.sub(r"[- ]", "", text_content(isbn))
        if _ISBN.fullmatch(value):
            yield Identifier("isbn", value.upper())


def _series(parent: etree._Element | None) -> Series | None:
    """A sequence may hold others, from the large to the small: the first with a number is meant, else the first."""
    sequences = [] if parent is None else [one for one in parent.iter() if local_name(one) == "sequence"]
    named = [Series(name, _number(one)) for one in sequences if (name := cleaned(one.get("name", "")))]
    return next((series for series in named if series.index is not None), next(iter(named), None))


def _number(sequence: etree._Element) -> float | None:
    found = re.match(r"\d{1,9}([.,]\d{1,9})?", sequence.get("number", "").strip())
    return float(found[0].replace(",", ".")) if found else None


def _annotation(title: etree._Element | None) -> str | None:
    """The annotation as plain text, its paragraphs a blank line apart."""
    annotation = _child(title, "annotation")
    if annotation is None:
        return None
    blocks = [block for block in annotation.iter() if local_name(block) in _BLOCKS]
    return cleaned_lines("\n\n".join(filter(None, map(plain_text, blocks))) or plain_text(annotation)) or None


def _dates(*parts: etree._Element | None) -> dict[str, str]:
    """When the book was written, this file made, and the paper edition published."""
    title, document, publish = parts
    said = {"creation": _date(title), "modification": _date(document), "publication": _text(publish, "year")}
    return {name: value for name, value in said.items() if value}


def _date(parent: etree._Element | None) -> str:
    date = _child(parent, "date")
    return "" if date is None else cleaned(date.get("value", "")) or _line(date)
