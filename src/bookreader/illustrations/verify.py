"""Is it a picture? Bytes of a service are decoded, looked at and written anew, so that nothing but pixels is kept."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageOps, ImageStat, UnidentifiedImageError

from bookreader.errors import Unavailable

MAGIC: dict[str, bytes] = {"PNG": b"\x89PNG\r\n\x1a\n", "JPEG": b"\xff\xd8\xff", "WEBP": b"RIFF"}
SMALLEST_SIDE = 128
LONGEST_SHAPE = 4.0
"""Times that one side may be longer than the other."""
FLATTEST = 2.0
"""Standard deviation of grey, of 255, below which nothing is to be seen."""
WIDTHS = (320, 640, 1280)
WEBP_QUALITY, JPEG_QUALITY = 82, 95

Flaw = Literal["no_picture", "broken", "too_large", "too_small", "wrong_shape", "blank"]


class NotAPicture(Unavailable):
    """`flaw` says what is wrong with the bytes; `broken` ones may have lost something on the way."""

    code = "not_a_picture"
    retryable = False

    def __init__(self, flaw: Flaw, message: str) -> None:
        super().__init__(message, flaw=flaw)
        self.flaw = flaw


@dataclass(frozen=True)
class Scaled:
    """The picture at another width, as WebP."""

    width: int
    height: int
    data: bytes


@dataclass(frozen=True)
class Verified:
    """A picture written anew. `pixels` is the hash of what is to be seen, whatever file it came in."""

    data: bytes
    format: Literal["png", "jpeg", "webp"]
    width: int
    height: int
    pixels: str
    sizes: tuple[Scaled, ...]


def verify(data: bytes, *, most_pixels: int, grid: int = 1) -> Verified:
    """Decodes the bytes and writes them anew. Of a `grid` of pictures, the first is kept. Raises NotAPicture."""
    kind = _kind(data)
    picture = _decode(data, kind, most_pixels)
    pixels = hashlib.sha256(repr(picture.size).encode() + picture.tobytes()).hexdigest()
    if grid > 1:
        picture = picture.crop((0, 0, picture.width // grid, picture.height // grid))
    _look(picture)
    sizes = tuple(_scaled(picture, width) for width in WIDTHS if width < picture.width)
    written = _encoded(picture, kind)
    return Verified(written, _NAMES[kind], picture.width, picture.height, pixels, sizes)


_NAMES: dict[str, Literal["png", "jpeg", "webp"]] = {"PNG": "png", "JPEG": "jpeg", "WEBP": "webp"}


def _kind(data: bytes) -> str:
    for kind, magic in MAGIC.items():
        if data.startswith(magic) and (kind != "WEBP" or data[8:12] == b"WEBP"):
            return kind
    raise NotAPicture("no_picture", "The service sent something that is no PNG, JPEG or WebP picture.")


def _decode(data: bytes, kind: str, most_pixels: int) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=[kind])
            _check_size(picture.width, picture.height, most_pixels)
            picture.load()
            return _plain(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotAPicture("too_large", "The picture has more pixels than are accepted.") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise NotAPicture("broken", "The picture arrived incomplete or broken.") from error


def _check_size(width: int, height: int, most_pixels: int) -> None:
    if width * height > most_pixels:
        raise NotAPicture("too_large", f"The picture has {width} by {height} pixels, more than are accepted.")
    if min(width, height) < SMALLEST_SIDE:
        raise NotAPicture("too_small", f"The picture has only {width} by {height} pixels.")
    if max(width, height) > LONGEST_SHAPE * min(width, height):
        raise NotAPicture("wrong_shape", f"The picture is a strip of {width} by {height} pixels.")


def _plain(picture: Image.Image) -> Image.Image:
    """Upright, in three colours; what is transparent becomes white."""
    upright = ImageOps.exif_transpose(picture)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        white = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(white, upright.convert("RGBA"))
    return upright.convert("RGB")


def _look(picture: Image.Image) -> None:
    """Raises NotAPicture where all is of one shade, as services send when they hide what they drew."""
    small = picture.convert("L").resize((64, 64), Image.Resampling.BOX)
    if ImageStat.Stat(small).stddev[0] < FLATTEST:
        raise NotAPicture("blank", "The service sent an empty picture, as it may do when it hides what it drew.")


def _scaled(picture: Image.Image, width: int) -> Scaled:
    height = max(1, round(picture.height * width / picture.width))
    small = picture.resize((width, height), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "WEBP", quality=WEBP_QUALITY, method=4)
    return Scaled(width, height, out.getvalue())


def _encoded(picture: Image.Image, kind: str) -> bytes:
    """The pixels alone: a new image carries neither EXIF nor text nor profile."""
    bare = Image.frombytes("RGB", picture.size, picture.tobytes())
    out = io.BytesIO()
    match kind:
        case "PNG":
            bare.save(out, "PNG", compress_level=6)
        case "JPEG":
            bare.save(out, "JPEG", quality=JPEG_QUALITY, subsampling=0, optimize=True)
        case _:
            bare.save(out, "WEBP", quality=JPEG_QUALITY, method=4)
    return out.getvalue()
