"""From an order to a picture, or to the answer that says why there is none; and from a picture to storage."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bookreader.illustrations.providers import Answer, Cause, Order, Outcome, Passage, Provider, Service, Task
from bookreader.illustrations.queries import ToDraw
from bookreader.illustrations.verify import NotAPicture, Scaled, verify
from bookreader.storage import Storage, StorageFull

SEED_RANGE = 2**31
LONGEST_ALT = 300


@dataclass(frozen=True)
class Picture:
    """A picture that can be shown. `format`: svg, png, jpeg or webp; `facts` are the service's own of it."""

    data: bytes
    format: str
    width: int
    height: int
    alt: str
    facts: Mapping[str, Any]
    sizes: tuple[Scaled, ...] = ()
    pixels: str | None = None


@dataclass(frozen=True)
class Kept:
    """A picture in storage: the values of its row, the service's facts of it, and the hash of what it shows."""

    values: Mapping[str, Any]
    facts: Mapping[str, Any]
    pixels: str | None


async def draw(provider: Provider, wanted: ToDraw, task: Task, storage: Storage, most_pixels: int) -> Kept | Answer:
    """Asks the service, verifies what came and stores it. Any other answer than a picture is given back."""
    picture = await make_picture(provider, order_of(wanted), task, most_pixels)
    if isinstance(picture, Answer):
        return picture
    try:
        return await _keep(picture, storage)
    except StorageFull as full:
        return Answer(Outcome.UNAVAILABLE, sentence=full.message, cause=Cause.STORAGE_FULL, code=full.stable_code)


async def make_picture(provider: Provider, order: Order, task: Task, most_pixels: int) -> Picture | Answer:
    """The service's picture, verified; or its answer, or ours to what is no picture."""
    answer = await provider.draw(order, task)
    if answer.outcome is not Outcome.OK:
        return answer
    if (plate := answer.plate) is not None:
        return Picture(plate.svg, "svg", plate.width, plate.height, plate.alt, answer.facts)
    try:
        found = await asyncio.to_thread(verify, answer.image, most_pixels=most_pixels, grid=answer.grid)
    except NotAPicture as flaw:
        outcome = Outcome.UNAVAILABLE if flaw.flaw in ("broken", "no_picture") else Outcome.BAD_REQUEST
        sentence = f"{flaw.message} Try again, change the prompt, or draw a plate instead."
        return Answer(outcome, sentence=sentence, cause=Cause(f"picture_{flaw.flaw}"), code=flaw.flaw, stage="output")
    alt = alt_of(order.passage.text)
    return Picture(found.data, found.format, found.width, found.height, alt, answer.facts, found.sizes, found.pixels)


async def _keep(picture: Picture, storage: Storage) -> Kept:
    digest = await storage.put(picture.data)
    sizes = [
        {"width": one.width, "height": one.height, "bytes": len(one.data), "hash": await storage.put(one.data)}
        for one in picture.sizes
    ]
    values = {
        "content_hash": digest,
        "local_path": f"blobs/{digest[:2]}/{digest}",
        "file_format": picture.format,
        "file_size": len(picture.data),
        "image_width": picture.width,
        "image_height": picture.height,
        "alt_text": picture.alt,
        "sizes": sizes or None,
        "pixels": picture.pixels,
    }
    return Kept(values, picture.facts, picture.pixels)


def order_of(wanted: ToDraw) -> Order:
    described, parameters = wanted.described, wanted.parameters
    width, _, height = str(parameters.get("size", "1536x1024")).partition("x")
    passage = Passage(described.text, described.type, described.tone, described.people, described.language)
    seed = int(parameters.get("seed", 0))
    return Order(
        key=str(wanted.image_id),
        prompt=wanted.prompt,
        negative=str(parameters.get("negative", "")),
        width=int(width),
        height=int(height),
        seed=seed if wanted.service == Service.PLATE else seed % SEED_RANGE,
        passage=passage,
    )


def alt_of(text: str) -> str:
    """The description itself says what is to be seen; cut at a sentence or word."""
    text = " ".join(text.split())
    if len(text) <= LONGEST_ALT:
        return text
    cut = text[:LONGEST_ALT]
    sentence = max(cut.rfind(mark) for mark in (". ", "! ", "? ", "… "))
    return cut[: sentence + 1] if sentence > LONGEST_ALT // 3 else cut.rsplit(" ", 1)[0] + "…"
