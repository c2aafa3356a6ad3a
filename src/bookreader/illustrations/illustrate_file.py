"""Pictures of a file on disk, without a database: with an index.html that shows them with quote and label."""

import asyncio
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from zlib import crc32

from bookreader.descriptions.describe_file import describe_file
from bookreader.errors import BookRefused, InvalidInput, Unavailable
from bookreader.illustrations.draw import SEED_RANGE, Picture, make_picture
from bookreader.illustrations.prompt import build_prompt
from bookreader.illustrations.providers import Answer, Order, Passage, Provider, Service, Task, providers_of
from bookreader.illustrations.queries import sorted_entities
from bookreader.settings import Settings

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>
body{{max-width:60rem;margin:3rem auto;padding:0 1rem;font:1rem/1.6 Georgia,serif;background:#f7f3ea;color:#241f1a}}
figure{{margin:0 0 4rem}}img{{width:100%;height:auto}}figcaption{{color:#574e44}}small{{color:#6f6558}}</style>
<h1>{title}</h1>
{figures}
</html>
"""
FIGURE = """<figure>{shown}
<figcaption><q>{quote}</q><br><small>Chapter {chapter}, {type} &#183; {label}</small>
</figcaption></figure>
"""
IMAGE = """<img src="{file}" alt="{alt}" width="{width}" height="{height}">"""
LABELS = {Service.PLATE: "offline sketch, drawn by rules"}


@dataclass(frozen=True)
class Drawn:
    """A passage with its picture, or with the answer that stands in its place."""

    row: dict[str, Any]
    picture: Picture | Answer


async def illustrate_file(settings: Settings, path: Path, out: Path, *, service: str, count: int) -> int:
    """How many pictures were drawn. Raises BookRefused, InvalidInput (service), Unavailable (folder)."""
    provider = _provider(settings, service)
    rows = (await describe_file(settings, path))[:count]
    if not rows:
        raise BookRefused("No passage worth a picture was found in this file.", code="empty")
    rows.sort(key=lambda row: (row["chapter"], row["start"]))
    most = settings.picture_megapixels * 1_000_000
    drawn = [Drawn(row, await make_picture(provider, _order(row, provider), _NO_TASK, most)) for row in rows]
    try:
        return await asyncio.to_thread(_write, drawn, path.stem, out, provider.service)
    except OSError as error:
        raise Unavailable(f"The folder {out} cannot be written: {error.strerror}.", code="folder_closed") from error


def _provider(settings: Settings, name: str) -> Provider:
    found = {service.value: provider for service, provider in providers_of(settings).items()}
    if name not in found:
        message = f"The service {name} is not set up here: choose one of {', '.join(found)}; plate draws offline."
        raise InvalidInput(message, code="service_not_configured")
    return found[name]


async def _remember(number: str) -> None:
    """A command that ends is not taken up again."""


_NO_TASK = Task(None, again=False, remember=_remember)


def _order(row: dict[str, Any], provider: Provider) -> Order:
    cyrillic = any("\u0400" <= letter <= "\u04ff" for letter in row["text"])
    language = "ru" if cyrillic else "en"
    people, things = sorted_entities(row["entities"])
    traits = provider.traits
    prompt = build_prompt(
        row["text"], row["type"], language=language, tone=row["tone"], people=people, things=things,
        reads_language=traits.reads_language, negative_field=traits.negative_field, limit=traits.prompt_limit,
    )  # fmt: skip
    seed = crc32(row["text"].encode())
    if provider.service is not Service.PLATE:
        seed %= SEED_RANGE
    passage = Passage(row["text"], row["type"], row["tone"], people, language)
    return Order(f"{seed}", prompt.text, prompt.negative, prompt.width, prompt.height, seed, passage)


def _write(drawn: list[Drawn], title: str, out: Path, service: Service) -> int:
    """The number of pictures. What could not be drawn is told in its place."""
    out.mkdir(parents=True, exist_ok=True)
    figures = []
    for number, one in enumerate(drawn, start=1):
        if isinstance(one.picture, Answer):
            shown = f"<p>{escape(one.picture.sentence)}</p>"
        else:
            file = f"{number:03}.{one.picture.format}"
            (out / file).write_bytes(one.picture.data)
            alt, width, height = escape(one.picture.alt), one.picture.width, one.picture.height
            shown = IMAGE.format(file=file, alt=alt, width=width, height=height)
        figures.append(_figure(one.row, shown, LABELS.get(service, f"made by {service}")))
    (out / "index.html").write_text(PAGE.format(title=escape(title), figures="".join(figures)), encoding="utf-8")
    return sum(isinstance(one.picture, Picture) for one in drawn)


def _figure(row: dict[str, Any], shown: str, label: str) -> str:
    return FIGURE.format(shown=shown, quote=escape(row["text"]), chapter=row["chapter"], type=row["type"], label=label)
