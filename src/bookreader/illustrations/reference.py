"""A picture that a person adds to a sheet, to see whom they mean."""

import asyncio
from collections.abc import AsyncIterator

from bookreader.errors import InvalidInput
from bookreader.illustrations.verify import NotAPicture, Verified, verify
from bookreader.storage import Storage

LARGEST = 12 * 1024 * 1024
MOST_PIXELS = 40_000_000
SENTENCES = {
    "no_picture": "This is no PNG, JPEG or WebP picture: choose another file.",
    "broken": "This picture is broken or incomplete: choose another file.",
    "too_large": f"This picture has more than {MOST_PIXELS // 1_000_000} million pixels: make it smaller first.",
    "too_small": "This picture is too small to show anybody: choose a larger one.",
    "wrong_shape": "This picture is a strip: cut it to the person first.",
    "blank": "This picture is of one colour: choose another file.",
}


async def keep_reference(storage: Storage, pieces: AsyncIterator[bytes]) -> tuple[str, str]:
    """Hash and format of the picture, written anew without metadata. Raises InvalidInput, StorageFull."""
    data = await _read(pieces)
    try:
        verified: Verified = await asyncio.to_thread(verify, data, most_pixels=MOST_PIXELS)
    except NotAPicture as error:
        raise InvalidInput(SENTENCES[error.flaw], code="not_a_picture", flaw=error.flaw) from error
    return await storage.put(verified.data), verified.format


async def _read(pieces: AsyncIterator[bytes]) -> bytes:
    data = bytearray()
    async for piece in pieces:
        data += piece
        if len(data) > LARGEST:
            raise InvalidInput(
                f"This file is larger than {LARGEST // 1024 // 1024} MB: make it smaller first.", code="too_large"
            )
    return bytes(data)
