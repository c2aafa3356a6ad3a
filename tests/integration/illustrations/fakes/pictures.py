"""Pictures that the fakes send: patterns that differ by seed, and the kinds of picture that are none."""

import io
import random
from typing import Any

from PIL import Image, PngImagePlugin


def pattern(seed: int, width: int, height: int) -> Image.Image:
    """A picture that is like no other seed's, of flat squares: quick to write and to read."""
    chance = random.Random(seed)  # noqa: S311 - a pattern, not a secret
    small = Image.frombytes("RGB", (16, 16), chance.randbytes(16 * 16 * 3))
    return small.resize((width, height), Image.Resampling.NEAREST)


def encoded(picture: Image.Image, format: str, **options: Any) -> bytes:  # noqa: A002 - Pillow's word
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def png(seed: int, width: int = 512, height: int = 512) -> bytes:
    return encoded(pattern(seed, width, height), "PNG", compress_level=1)


def jpeg(seed: int, width: int = 512, height: int = 512) -> bytes:
    return encoded(pattern(seed, width, height), "JPEG", quality=80)


def png_with_metadata(seed: int, text: str) -> bytes:
    facts = PngImagePlugin.PngInfo()
    facts.add_text("parameters", text)
    return encoded(pattern(seed, 512, 512), "PNG", pnginfo=facts)


def blank(shade: int = 0) -> bytes:
    return encoded(Image.new("RGB", (512, 512), (shade, shade, shade)), "PNG")
