"""Which files of an EPUB are found, read and served, whatever they are called and wherever they lie."""

import io
import unicodedata
import zipfile
import zlib
from hashlib import sha1

import pytest

from bookreader.errors import BookRefused
from bookreader.publications import open_publication
from tests.books.build import MIMETYPE, pack
from tests.books.hostile import png
from tests.unit.publications.checks import dangers, parse
from tests.unit.publications.epubs import codes, container, epub, item, opened, package, page

PNG = png(40, 60)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 40"><title>Map</title><text>Here</text></svg>'
TWO = '<itemref idref="c1"/><itemref idref="c2"/>'


def refusal(data: bytes) -> str:
    with pytest.raises(BookRefused) as refused:
        open_publication(data)
    assert refused.value.message.endswith(".")
    return refused.value.stable_code


# -- names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "stored", "href"),
    [
        ("a%20b.xhtml", "a b.xhtml", "a b.xhtml"),
        ("a b.xhtml", "a b.xhtml", "a b.xhtml"),
        ("%D0%B4%D0%BE%D0%BC.xhtml", "дом.xhtml", "дом.xhtml"),
        ("a%20b.xhtml", "a%20b.xhtml", "a%20b.xhtml"),
        ("Text/C2.xhtml", "text/c2.XHTML", "Text/C2.xhtml"),
        ("й.xhtml", unicodedata.normalize("NFD", "й.xhtml"), "й.xhtml"),
        ("./x/../c2.xhtml", "c2.xhtml", "c2.xhtml"),
        ("a+b&amp;c.xhtml", "a+b&c.xhtml", "a+b&c.xhtml"),
        ("x\\c2.xhtml", "x/c2.xhtml", "x/c2.xhtml"),
    ],
)
def test_names_are_found_however_they_are_written(written: str, stored: str, href: str) -> None:
    publication = opened(package([item("c2", written)], TWO), {stored: page("<p>Second.</p>")})
    assert [chapter.href for chapter in publication.reading_order] == ["c1.xhtml", href]
    assert codes(publication) == ["no_contents"]


def test_names_in_utf_8_that_do_not_say_so() -> None:
    data = epub(package([item("c2", "дом.xhtml")], TWO), {"дом.xhtml": page("<p>Дом.</p>")})
    silent = bytearray(data)
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = silent.find(signature)
        while at >= 0:
            silent[at + flags + 1] &= 0xF7
            at = silent.find(signature, at + 4)
    assert [chapter.text for chapter in open_publication(bytes(silent)).reading_order] == ["One\n\nFirst.", "Дом."]


def test_files_above_the_packages_folder_count_from_the_folder_that_holds_all() -> None:
    opf = package([item("c2", "../text/c2.xhtml")], TWO)
    publication = opened(opf, {"/text/c2.xhtml": page('<img src="../OPS/a.png"/><p>x</p>'), "a.png": PNG})
    assert [chapter.href for chapter in publication.reading_order] == ["OPS/c1.xhtml", "text/c2.xhtml"]
    assert 'src="../OPS/a.png"' in publication.reading_order[1].html
    assert "OPS/a.png" in publication.resources


def test_a_file_that_is_not_there_is_named() -> None:
    publication = opened(package([item("c2", "gone.xhtml"), item("i", "http://host/i.png", "image/png")], TWO))
    warnings = {warning.code: warning.message for warning in publication.warnings}
    assert "gone.xhtml" in warnings["missing_resource"]
    assert "http://host/i.png" in warnings["remote_resource"]
    assert len(publication.reading_order) == 1


# -- what is read -------------------------------------------------------------------------------------------------


def test_a_drawing_becomes_a_page_around_it() -> None:
    publication = opened(package([item("c2", "map.svg", "image/svg+xml")], TWO), {"map.svg": SVG})
    chapter = publication.reading_order[1]
    assert (chapter.href, chapter.text, chapter.media_type) == ("map.svg", "Here", "application/xhtml+xml")
    assert parse(chapter.html)[1][0].tag == "{http://www.w3.org/2000/svg}svg"
    assert "map.svg" not in publication.resources


def test_a_picture_becomes_a_page_that_shows_it() -> None:
    publication = opened(package([item("c2", "art/my map.png", "image/png")], TWO), {"art/my map.png": PNG})
    chapter = publication.reading_order[1]
    assert (chapter.href, chapter.characters, chapter.positions) == ("art/my map.png.xhtml", 0, 1)
    assert '<img src="my%20map.png" alt=""/>' in chapter.html
    assert publication.resources["art/my map.png"].data == PNG


def test_a_fallback_is_read_for_what_no_reader_shows() -> None:
    """EPUB 3.3 section 3.5.1; a chain that leads back to itself ends."""
    items = [item("c2", "a.xyz", "x/y", 'fallback="b"'), item("b", "b.xyz", "x/y", 'fallback="c3"')]
    files = {"a.xyz": "?", "b.xyz": "?", "c3.xhtml": page("<p>Third.</p>")}
    publication = opened(package([*items, item("c3", "c3.xhtml")], TWO), files)
    assert [chapter.text for chapter in publication.reading_order] == ["One\n\nFirst.", "Third."]
    circle = opened(package([*items, item("c3", "c3.xyz", "x/y", 'fallback="c2"')], TWO), files | {"c3.xyz": "?"})
    assert codes(circle) == ["unreadable_resource", "no_contents"]


@pytest.mark.parametrize("kind", ["text/html", "application/octet-stream", "", "application/xml"])
def test_documents_of_a_wrong_type_are_read_by_their_name(kind: str) -> None:
    publication = opened(package([item("c2", "c2.html", kind)], TWO), {"c2.html": page("<p>Second.</p>")})
    assert publication.reading_order[1].text == "Second."


def test_a_malformed_page_is_repaired_and_named() -> None:
    publication = opened(package([item("c2", "c2.xhtml")], TWO), {"c2.xhtml": page("<p>one<p>two<br>")})
    assert publication.reading_order[1].text == "one\n\ntwo"
    assert [one.message for one in publication.warnings if one.code == "repaired"] == [
        "“c2.xhtml” is not well-formed and was repaired."
    ]


def test_pages_without_text_and_pictures_are_no_book() -> None:
    assert refusal(epub(package(), {"c1.xhtml": page("<p> </p>")})) == "empty"
    assert opened(package(), {"c1.xhtml": page('<img src="a.png"/>')}).positions == 1


# -- what is served -----------------------------------------------------------------------------------------------


def test_resources_are_served_as_what_they_are() -> None:
    items = [
        item("css", "s.css", "text/css"),
        item("js", "s.js", "text/javascript"),
        item("lie", "lie.png", "image/png"),
        item("gif", "real.jpg", "image/jpeg"),
        item("page", "side.xhtml"),
        item("svg", "d.svg", "image/svg+xml"),
    ]
    files = {
        "s.css": "p{background:url(http://x/)}",
        "s.js": "run()",
        "lie.png": "<html><script>run()</script></html>",
        "real.jpg": b"GIF89a" + bytes(20),
        "side.xhtml": page("<script>run()</script><p>side</p>"),
        "d.svg": SVG.replace("<text>", "<script>run()</script><text>"),
        "forgotten.png": PNG,
        "notes.txt": "?",
    }
    resources = opened(package(items), files).resources
    kinds = {href: resource.media_type for href, resource in resources.items()}
    assert kinds == {
        "s.css": "text/css",
        "s.js": "application/octet-stream",
        "lie.png": "application/octet-stream",
        "real.jpg": "image/gif",
        "side.xhtml": "application/xhtml+xml",
        "d.svg": "image/svg+xml",
        "forgotten.png": "image/png",
    }
    assert b"http" not in resources["s.css"].data
    assert list(dangers(parse(resources["side.xhtml"].data))) == []
    assert list(dangers(parse(resources["d.svg"].data))) == []


def test_resources_that_cannot_be_read_are_empty_rather_than_a_danger() -> None:
    items = [item("page", "side.xhtml"), item("svg", "d.svg", "image/svg+xml")]
    resources = opened(package(items), {"side.xhtml": b"\0" * 99, "d.svg": "<html/>"}).resources
    assert parse(resources["side.xhtml"].data)[1].text is None
    assert resources["d.svg"].data == b""


def test_a_damaged_member_is_shown_as_far_as_it_goes() -> None:
    text = "".join(f"<p>Line {number} of {number * 7919}.</p>" for number in range(3000))
    data = bytearray(epub(package([item("c2", "c2.xhtml")], TWO), {"c2.xhtml": page(text)}))
    at = data.index(b"OPS/c2.xhtml") + 6000
    data[at : at + 50] = bytes(50)
    publication = open_publication(bytes(data))
    assert publication.reading_order[1].text.startswith("Line 0 of 0.\n\nLine 1 of 7919.")
    assert {"damaged_resource", "repaired"} <= set(codes(publication))


# -- containers ---------------------------------------------------------------------------------------------------


def test_a_package_that_no_container_names_is_found() -> None:
    for said in ("<container/>", container("elsewhere.opf"), "not XML"):
        publication = opened(package(), {"/META-INF/container.xml": said})
        assert codes(publication)[0] == "no_container"


def test_the_first_package_of_several_is_read() -> None:
    two = container().replace("</rootfiles>", '<rootfile full-path="OPS/other.opf"/></rootfiles>')
    assert opened(package(), {"/META-INF/container.xml": two, "other.opf": "<x/>"}).metadata.title == "T"


@pytest.mark.parametrize(
    "opf", ["", "no XML at all", "<package/>", "<html/>", package(spine=""), package().replace("c1.xhtml", "c9.xhtml")]
)
def test_packages_that_hold_nothing_to_read(opf: str) -> None:
    assert refusal(epub(opf)) == "invalid_publication"


def test_whatever_else_is_zipped() -> None:
    assert refusal(pack({"word/document.xml": "<w/>", "[Content_Types].xml": "<t/>"})) == "unsupported_format"
    assert refusal(pack({"mimetype": MIMETYPE})) == "invalid_publication"
    assert refusal(pack({"folder/": b""})) == "empty"
    assert refusal(b"PK\x03\x04" + bytes(50)) == "broken_archive"
    assert refusal(b"%PDF-1.7") == "unsupported_format"
    assert refusal(b"\0" * 100) == "unsupported_format"


def test_bytes_before_a_zip_do_no_harm() -> None:
    assert open_publication(b"HTTP/1.1 200 OK\r\n\r\n" + epub(package())).metadata.title == "T"


def test_a_member_packed_in_an_unknown_way_is_damaged() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("META-INF/container.xml", container(), zipfile.ZIP_DEFLATED)
        archive.writestr("OPS/package.opf", package(), zipfile.ZIP_DEFLATED)
        archive.writestr("OPS/c1.xhtml", page("x"))
    assert refusal(buffer.getvalue()) == "broken_archive"


# -- covers -------------------------------------------------------------------------------------------------------

COVER = item("pic", "images/front.png", "image/png")
FILES = {"images/front.png": PNG, "cover.xhtml": page('<p><img alt="" src="images/front.png"/></p>')}


@pytest.mark.parametrize(
    ("items", "metadata", "after"),
    [
        ([item("pic", "images/front.png", "image/png", 'properties="cover-image"')], "", ""),
        ([COVER], '<meta name="cover" content="pic"/>', ""),
        ([COVER], '<meta name="cover" content="images/front.png"/>', ""),
        ([COVER], "", '<guide><reference type="cover" href="images/front.png"/></guide>'),
        ([COVER, item("c0", "cover.xhtml")], "", '<guide><reference type="cover" href="cover.xhtml"/></guide>'),
        ([COVER, item("c0", "cover.xhtml")], "", ""),
        ([item("my-cover", "images/front.png", "image/png")], "", ""),
    ],
)
def test_covers_are_found_in_all_the_ways_they_were_ever_named(items: list[str], metadata: str, after: str) -> None:
    order = (
        '<itemref idref="c0"/><itemref idref="c1"/>' if any('"c0"' in one for one in items) else '<itemref idref="c1"/>'
    )
    opf = package(items, order, f"<dc:title>T</dc:title>{metadata}", after=after)
    assert opened(opf, FILES).cover == "images/front.png"


def test_a_drawn_cover_and_a_drawing_in_the_first_page() -> None:
    drawn = item("cover", "cover.svg", "image/svg+xml", 'properties="cover-image"')
    assert opened(package([drawn]), {"cover.svg": SVG}).cover == "cover.svg"
    around = page(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        '<image xlink:href="images/front.png"/></svg>'
    )
    assert opened(package([COVER]), {**FILES, "c1.xhtml": around}).cover == "images/front.png"


def test_a_picture_in_a_page_of_words_is_no_cover() -> None:
    words = page(f'<img src="images/front.png"/><p>{"Words. " * 20}</p>')
    assert opened(package([COVER]), {**FILES, "c1.xhtml": words}).cover is None


# -- fixed layouts and directions ---------------------------------------------------------------------------------

FIXED = '<dc:title>T</dc:title><meta property="rendition:layout">pre-paginated</meta>'
VIEWPORT = page("x", '<meta name="viewport" content="width=600,  height=800"/>')


def test_a_book_of_fixed_pages() -> None:
    metadata = FIXED + '<meta property="rendition:spread">landscape</meta>'
    order = (
        '<itemref idref="c1" properties="page-spread-left"/>'
        '<itemref idref="c2" properties="rendition:page-spread-center"/>'
    )
    publication = opened(
        package([item("c2", "p.png", "image/png")], order, metadata), {"c1.xhtml": VIEWPORT, "p.png": PNG}
    )
    assert (publication.layout, publication.spread) == ("pre-paginated", "landscape")
    assert publication.viewport == "width=600, height=800"
    assert [(chapter.viewport, chapter.spread) for chapter in publication.reading_order] == [
        ("width=600, height=800", "left"),
        ("width=40, height=60", "center"),
    ]


@pytest.mark.parametrize(
    ("metadata", "spine", "files", "layout"),
    [
        (FIXED, '<itemref idref="c1" properties="rendition:layout-reflowable"/>', {}, "reflowable"),
        ("", '<itemref idref="c1" properties="rendition:layout-pre-paginated"/>', {}, "pre-paginated"),
        ('<meta name="fixed-layout" content="true"/>', '<itemref idref="c1"/>', {}, "pre-paginated"),
        (
            "",
            '<itemref idref="c1"/>',
            {
                "/META-INF/com.apple.ibooks.display-options.xml": "<display_options><platform name='*'>"
                "<option name='fixed-layout'>true</option></platform></display_options>"
            },
            "pre-paginated",
        ),
    ],
)
def test_other_ways_to_say_that_pages_are_fixed(metadata: str, spine: str, files: dict[str, str], layout: str) -> None:
    assert opened(package([], spine, f"<dc:title>T</dc:title>{metadata}"), files).layout == layout


def test_reflowable_pages_have_neither_viewport_nor_side() -> None:
    order = '<itemref idref="c1" properties="page-spread-left"/>'
    chapter = opened(package([], order), {"c1.xhtml": VIEWPORT}).reading_order[0]
    assert (chapter.viewport, chapter.spread) == (None, None)


@pytest.mark.parametrize(
    ("language", "said", "direction"),
    [
        ("ar", "", "rtl"),
        ("he-IL", "", "rtl"),
        ("en", "", "ltr"),
        ("ar", "ltr", "ltr"),
        ("ja", "rtl", "rtl"),
        ("ar", "default", "rtl"),
    ],
)
def test_the_direction_of_page_turns(language: str, said: str, direction: str) -> None:
    attributes = f'page-progression-direction="{said}"' if said else ""
    opf = package([], metadata=f"<dc:title>T</dc:title><dc:language>{language}</dc:language>", attributes=attributes)
    assert opened(opf).direction == direction


# -- encryption ---------------------------------------------------------------------------------------------------

FONT = b"OTTO" + bytes(range(256)) * 8
IDENTIFIER = "urn:uuid:f47ac10b-58cc-4372-a567-0e02b2c3d479"


def obfuscated(algorithm: str, data: bytes) -> dict[str, bytes | str]:
    encryption = (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:e="http://www.w3.org/2001/04/xmlenc#">'
        f'<e:EncryptedData><e:EncryptionMethod Algorithm="{algorithm}"/><e:CipherData>'
        '<e:CipherReference URI="OPS/f%20o.otf"/></e:CipherData></e:EncryptedData></encryption>'
    )
    return {"/META-INF/encryption.xml": encryption, "f o.otf": data}


def xor(data: bytes, key: bytes, length: int) -> bytes:
    return bytes(one ^ key[place % len(key)] if place < length else one for place, one in enumerate(data))


@pytest.mark.parametrize(
    ("algorithm", "key", "length"),
    [
        # EPUB 3.3 section 4.4.2: SHA-1 of the identifier without white space. Adobe: the UUID itself.
        ("http://www.idpf.org/2008/embedding", sha1(IDENTIFIER.encode(), usedforsecurity=False).digest(), 1040),
        ("http://ns.adobe.com/pdf/enc#RC", bytes.fromhex("f47ac10b58cc4372a5670e02b2c3d479"), 1024),
    ],
    ids=["IDPF", "Adobe"],
)
def test_obfuscated_fonts_are_made_clear(algorithm: str, key: bytes, length: int) -> None:
    metadata = f'<dc:title>T</dc:title><dc:identifier id="id"> {IDENTIFIER}\n</dc:identifier>'
    opf = package([item("f", "f%20o.otf", "application/vnd.ms-opentype")], metadata=metadata)
    for stored in (xor(FONT, key, length), FONT):
        served = opened(opf, obfuscated(algorithm, stored)).resources["f o.otf"]
        assert (served.media_type, served.data) == ("font/otf", FONT)


def test_a_lock_on_anything_is_said_to_be_one() -> None:
    files = obfuscated("http://www.w3.org/2001/04/xmlenc#aes256-cbc", FONT)
    assert refusal(epub(package([item("f", "f%20o.otf", "font/otf")]), files)) == "protected"


def test_a_licence_beside_clear_pages_is_no_lock() -> None:
    assert opened(package(), {"/META-INF/rights.xml": "<rights/>"}).metadata.title == "T"


def test_a_wrong_checksum_is_told() -> None:
    data = bytearray(epub(package()))
    page_bytes = page("<h1>One</h1><p>First.</p>").encode()
    checksum = zlib.crc32(page_bytes).to_bytes(4, "little")
    data[data.rindex(checksum)] ^= 0xFF
    publication = open_publication(bytes(data))
    assert codes(publication)[0] == "damaged_resource"
    assert publication.reading_order[0].text == "One\n\nFirst."
