"""Bytes of a service: pictures are written anew without anything but pixels, everything else is refused by name."""

import io
import struct
import zlib

import pytest
from PIL import Image

from bookreader.illustrations.verify import WIDTHS, NotAPicture, verify
from tests.integration.illustrations.fakes.pictures import blank, encoded, jpeg, pattern, png, png_with_metadata

MOST = 40_000_000


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


@pytest.mark.parametrize(
    ("data", "format_"),
    [
        (png(1), "png"),
        (jpeg(1), "jpeg"),
        (encoded(pattern(1, 512, 512), "WEBP"), "webp"),
        (encoded(pattern(1, 512, 512).convert("P"), "PNG"), "png"),
        (encoded(pattern(1, 512, 512).convert("L"), "JPEG"), "jpeg"),
        (encoded(pattern(1, 512, 512).convert("CMYK"), "JPEG"), "jpeg"),
    ],
)
def test_a_picture_keeps_its_kind_and_size(data: bytes, format_: str) -> None:
    found = verify(data, most_pixels=MOST)
    again = opened(found.data)
    assert (found.format, found.width, found.height) == (format_, 512, 512)
    assert (again.format or "").lower() == format_
    assert (again.size, again.mode) == ((512, 512), "RGB")


def test_png_pixels_do_not_change() -> None:
    assert opened(verify(png(5), most_pixels=MOST).data).tobytes() == pattern(5, 512, 512).tobytes()


def test_nothing_but_pixels_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret prompt"
    exif[0x9286] = b"more"
    sources = [
        png_with_metadata(3, "a secret prompt"),
        encoded(pattern(3, 512, 512), "JPEG", exif=exif, comment=b"a secret prompt"),
        encoded(pattern(3, 512, 512), "WEBP", exif=exif, xmp=b"<x>a secret prompt</x>"),
        png(3) + b"a secret prompt",
    ]
    for source in sources:
        assert b"secret" in source
        found = verify(source, most_pixels=MOST)
        for data in (found.data, *(one.data for one in found.sizes)):
            assert b"secret" not in data
            assert not opened(data).getexif()


def test_a_turned_photograph_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = verify(encoded(pattern(3, 600, 300), "JPEG", exif=exif), most_pixels=MOST)
    assert (found.width, found.height) == (300, 600)


def test_what_is_transparent_becomes_white() -> None:
    picture = pattern(4, 512, 512).convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 256, 512))
    found = opened(verify(encoded(picture, "PNG"), most_pixels=MOST).data)
    assert found.getpixel((10, 10)) == (255, 255, 255)


def test_smaller_sizes_are_webp_of_the_same_shape() -> None:
    found = verify(png(6, 1536, 1024), most_pixels=MOST)
    assert [one.width for one in found.sizes] == list(WIDTHS)
    for one in found.sizes:
        picture = opened(one.data)
        assert picture.format == "WEBP"
        assert picture.size == (one.width, one.height)
        assert abs(one.width / one.height - 1.5) < 0.01
    assert [one.width for one in verify(png(6, 640, 640), most_pixels=MOST).sizes] == [320]


def test_of_a_grid_the_first_picture_is_kept_and_the_hash_is_of_all() -> None:
    grid = Image.new("RGB", (1024, 1024))
    for number, place in enumerate(((0, 0), (512, 0), (0, 512), (512, 512))):
        grid.paste(pattern(number, 512, 512), place)
    data = encoded(grid, "PNG")
    found = verify(data, most_pixels=MOST, grid=2)
    assert opened(found.data).tobytes() == pattern(0, 512, 512).tobytes()
    assert found.pixels == verify(data, most_pixels=MOST).pixels


def test_the_same_pixels_have_the_same_hash_whatever_the_file_says_beside() -> None:
    hashes = {verify(data, most_pixels=MOST).pixels for data in (png(7), png_with_metadata(7, "a"), png(7) + b"x")}
    assert len(hashes) == 1
    assert verify(png(8), most_pixels=MOST).pixels not in hashes


def _bomb() -> bytes:
    """A PNG of a few hundred bytes that claims 50,000 by 50,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 9999))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "flaw"),
    [
        (b"", "no_picture"),
        (b"<!doctype html><html>Sorry</html>", "no_picture"),
        (b'{"error": "no"}', "no_picture"),
        (b"GIF89a" + b"\0" * 100, "no_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no_picture"),
        (b"RIFF\0\0\0\0WAVEfmt ", "no_picture"),
        (b"\x89PNG\r\n\x1a\n", "broken"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 100, "broken"),
        (png(1)[: len(png(1)) // 2], "broken"),
        (jpeg(1)[: len(jpeg(1)) // 2], "broken"),
        (encoded(pattern(1, 512, 512), "WEBP")[:2000], "broken"),
        (_bomb(), "too_large"),
        (png(1, 7000, 7000), "too_large"),
        (png(1, 100, 100), "too_small"),
        (png(1, 1, 1), "too_small"),
        (png(1, 2000, 200), "wrong_shape"),
        (blank(0), "blank"),
        (blank(255), "blank"),
        (blank(128), "blank"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)}B",
)
def test_what_is_no_picture_is_refused_by_name(data: bytes, flaw: str) -> None:
    with pytest.raises(NotAPicture) as refused:
        verify(data, most_pixels=MOST)
    assert refused.value.flaw == flaw
    assert refused.value.message.endswith(".")


def test_a_nearly_blank_picture_is_blank_and_a_dark_one_is_not() -> None:
    noise = Image.effect_noise((512, 512), 3)
    with pytest.raises(NotAPicture):
        verify(encoded(noise, "PNG"), most_pixels=MOST)
    dark = pattern(9, 512, 512).point(lambda value: value // 8)
    assert verify(encoded(dark, "PNG"), most_pixels=MOST).width == 512


def test_damage_anywhere_is_refused_or_gives_a_picture_and_nothing_else(deep: bool) -> None:
    sources = [png(2, 200, 200), jpeg(2, 200, 200), encoded(pattern(2, 200, 200), "WEBP")]
    outcomes = {_outcome(_damaged(source, step)) for source in sources for step in range(400 if deep else 60)}
    assert (
        {"picture", "broken"}
        <= outcomes
        <= {"picture", "broken", "no_picture", "blank", "too_large", "too_small", "wrong_shape"}
    )


def _damaged(source: bytes, step: int) -> bytes:
    damaged = bytearray(source)
    damaged[step * 7919 % len(damaged)] ^= 1 + step % 255
    return bytes(damaged)


def _outcome(data: bytes) -> str:
    try:
        verify(data, most_pixels=MOST)
    except NotAPicture as refused:
        return refused.flaw
    return "picture"
