"""Builds the sample book from its text sources into an EPUB 3; the same sources always give the same bytes.

A source is `title:` and `language:` lines, a blank line, then paragraphs between blank lines. `***` is a break,
`*words*` are emphasis, `[ru-Latn:words]` are words of another language.
"""

import io
import re
import zipfile
from dataclasses import dataclass
from html import escape
from pathlib import Path

SOURCES = Path(__file__).parent
BUILT = SOURCES / "sample.epub"

TITLE = "Good Measure"
AUTHOR = "BookReader AI"
IDENTIFIER = "urn:uuid:5b0f6f4e-9d0c-5e1a-8f57-2b1d3c7a9e11"
MODIFIED = "2026-11-24T00:00:00Z"
DESCRIPTION = (
    "An adjuster of weights can no longer walk his autumn round, and his daughter carries the box of brass for him: "
    "through snow, pine forest and moor to the harbour where one iron weight has never had a figure beside it. "
    "A story in six English chapters and one Russian."
)
# What zip can say at the earliest: a fixed date keeps the bytes the same.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)

_EMPHASIS = re.compile(r"\*([^*]+)\*")
_FOREIGN = re.compile(r"\[([A-Za-z]{2,3}(?:-[A-Za-z]+)?):([^\]]+)\]")


@dataclass(frozen=True)
class Source:
    """One chapter as written. `name` is the file's name without its ending."""

    name: str
    title: str
    language: str
    paragraphs: tuple[str, ...]


def sample_epub() -> bytes:
    """The sample book: as built with the package, or built now in memory."""
    return BUILT.read_bytes() if BUILT.is_file() else build_sample()


def build_sample() -> bytes:
    """The sample book built anew from its sources."""
    sources = read_sources()
    files = {
        "META-INF/container.xml": _CONTAINER,
        "EPUB/package.opf": _package(sources),
        "EPUB/nav.xhtml": _navigation(sources),
        "EPUB/style.css": (SOURCES / "style.css").read_text("utf-8"),
        **{f"EPUB/images/{path.name}": path.read_text("utf-8") for path in sorted((SOURCES / "images").glob("*.svg"))},
        **{f"EPUB/text/{source.name}.xhtml": _document(source) for source in sources},
    }
    return _pack(files)


def read_sources() -> tuple[Source, ...]:
    """The chapters in reading order, which is the order of their file names."""
    return tuple(_read(path) for path in sorted((SOURCES / "chapters").glob("*.txt")))


def _read(path: Path) -> Source:
    head, *paragraphs = re.split(r"\n\s*\n", path.read_text("utf-8").strip())
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    return Source(path.stem, fields["title"], fields["language"], tuple(paragraphs))


def _inline(text: str) -> str:
    marked = _EMPHASIS.sub(r"<em>\1</em>", escape(text, quote=False))
    return _FOREIGN.sub(r'<i lang="\1" xml:lang="\1">\2</i>', marked)


def _blocks(source: Source) -> str:
    lines = []
    opening = True
    for paragraph in source.paragraphs:
        if paragraph == "***":
            lines.append(_BREAK)
        else:
            lines.append(f"{_OPENING if opening else '<p>'}{_inline(paragraph)}</p>")
        opening = paragraph == "***"
    return "\n".join(lines)


def _document(source: Source) -> str:
    return _CHAPTER.format(language=source.language, title=escape(source.title), blocks=_blocks(source))


def _navigation(sources: tuple[Source, ...]) -> str:
    entries = "\n".join(
        f'<li><a href="text/{source.name}.xhtml" lang="{source.language}">{escape(source.title)}</a></li>'
        for source in sources
    )
    return _NAVIGATION.format(title=TITLE, entries=entries, first=sources[0].name)


def _package(sources: tuple[Source, ...]) -> str:
    names = [source.name for source in sources]
    items = "\n".join(
        f'<item id="c{name[:2]}" href="text/{name}.xhtml" media-type="application/xhtml+xml"/>' for name in names
    )
    pictures = "\n".join(_picture(path) for path in sorted((SOURCES / "images").glob("*.svg")))
    spine = "\n".join(f'<itemref id="s{name[:2]}" idref="c{name[:2]}"/>' for name in names)
    return _PACKAGE.format(
        identifier=IDENTIFIER,
        title=TITLE,
        author=AUTHOR,
        description=escape(DESCRIPTION),
        modified=MODIFIED,
        items=items,
        pictures=pictures,
        spine=spine,
    )


def _picture(path: Path) -> str:
    properties = ' properties="cover-image"' if path.stem == "cover" else ""
    return f'<item id="{path.stem}" href="images/{path.name}" media-type="image/svg+xml"{properties}/>'


def _pack(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(_entry("mimetype", zipfile.ZIP_STORED), "application/epub+zip")
        for name, text in files.items():
            archive.writestr(_entry(name, zipfile.ZIP_DEFLATED), text.encode("utf-8"))
    return buffer.getvalue()


def _entry(name: str, compression: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, ZIP_DATE)
    entry.compress_type = compression
    # The system that packs is written into the file otherwise.
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


_OPENING = '<p class="opening">'
_BREAK = '<div class="break" role="separator"><img src="../images/spoon.svg" alt=""/></div>'

_CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""

_CHAPTER = """<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="{language}" \
xml:lang="{language}">
<head>
<title>{title}</title>
<link rel="stylesheet" type="text/css" href="../style.css"/>
</head>
<body>
<section epub:type="chapter">
<header><img class="head" src="../images/weights.svg" alt=""/>
<h1>{title}</h1></header>
{blocks}
</section>
</body>
</html>
"""

_NAVIGATION = """<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head>
<title>{title}</title>
</head>
<body>
<nav epub:type="toc" id="toc">
<h1>{title}</h1>
<ol>
{entries}
</ol>
</nav>
<nav epub:type="landmarks" id="landmarks" hidden="hidden">
<ol>
<li><a epub:type="bodymatter" href="text/{first}.xhtml">Start of the story</a></li>
</ol>
</nav>
</body>
</html>
"""

_PACKAGE = """<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="book-id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="book-id">{identifier}</dc:identifier>
<dc:title>{title}</dc:title>
<dc:creator id="author">{author}</dc:creator>
<meta refines="#author" property="role" scheme="marc:relators">aut</meta>
<dc:language>en</dc:language>
<dc:language>ru</dc:language>
<dc:description>{description}</dc:description>
<dc:subject>Historical fiction</dc:subject>
<dc:subject>Short stories</dc:subject>
<dc:publisher>{author}</dc:publisher>
<dc:rights>MIT licence, as the program it comes with.</dc:rights>
<dc:date>2026-11-24</dc:date>
<meta property="dcterms:modified">{modified}</meta>
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="style" href="style.css" media-type="text/css"/>
{pictures}
{items}
</manifest>
<spine>
{spine}
</spine>
</package>
"""
