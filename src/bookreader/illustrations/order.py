"""Ordering illustrations: prompt, seed, place in the ledger, row and job, in the caller's one transaction."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from bookreader.accounts import ledger
from bookreader.accounts.ledger import Charge
from bookreader.cast.looks import look_at, names_at, sex_of
from bookreader.cast.queries import Member, cast_of
from bookreader.cast.rules import Reach
from bookreader.database import Session
from bookreader.database.base import uuid7
from bookreader.errors import InvalidInput, NotFound
from bookreader.illustrations import queries
from bookreader.illustrations.prompt import (
    PRESETS,
    PROMPT_VERSION,
    ArtDirection,
    Look,
    Prompt,
    build_prompt,
    in_manner,
    manner_words,
)
from bookreader.illustrations.providers import Service
from bookreader.illustrations.queries import Described
from bookreader.illustrations.services import Studio
from bookreader.jobs.names import JobKind
from bookreader.jobs.queries import enqueue


@dataclass(frozen=True)
class Wish:
    """What a person chose. Without a service, an offline plate; without a prompt, ours; `style` is a preset's name."""

    service: Service = Service.PLATE
    style: str | None = None
    prompt: str | None = None
    batch_id: UUID | None = None


@dataclass(frozen=True)
class Ordered:
    id: UUID
    status: str = "pending"


def wish_of(studio: Studio, service: str | None, style: str | None, prompt: str | None) -> Wish:
    """Raises InvalidInput: a service that is not set up, a style that there is not, a prompt that is too long."""
    provider = studio.provider(service or Service.PLATE)
    if style is not None and style not in PRESETS:
        raise InvalidInput(f"There is no style {style}. Choose one of {', '.join(PRESETS)}.", code="no_such_style")
    prompt = (prompt or "").strip() or None
    if prompt is not None and len(prompt) > provider.traits.prompt_limit:
        raise InvalidInput(
            f"This prompt has {len(prompt)} characters; the service takes {provider.traits.prompt_limit}. Shorten it.",
            code="prompt_too_long",
        )
    return Wish(provider.service, style, prompt)


async def order_illustration(
    session: Session, studio: Studio, user_id: UUID, description_id: UUID, wish: Wish
) -> Ordered:
    """One illustration and its job. Raises NotFound, InvalidInput, QuotaExceeded."""
    ordered = await order_illustrations(session, studio, user_id, [description_id], wish)
    if not ordered:
        raise NotFound("There is no such description.", code="no_such_description")
    return ordered[0]


async def order_illustrations(
    session: Session, studio: Studio, user_id: UUID, description_ids: Sequence[UUID], wish: Wish
) -> list[Ordered]:
    """Illustrations of one book and their jobs, in the order of the ids. Raises InvalidInput, QuotaExceeded."""
    found = await queries.described(session, user_id, description_ids)
    found.sort(key=lambda each: description_ids.index(each.id))
    ordered = await enter_illustrations(session, studio, user_id, found, wish)
    for each in ordered:
        await begin(session, user_id, found[0].book_id, each.id)
    return ordered


async def enter_illustrations(
    session: Session, studio: Studio, user_id: UUID, wanted: Sequence[Described], wish: Wish
) -> list[Ordered]:
    """Rows and places in the ledger, all of one book, without jobs. Raises QuotaExceeded, and then enters none."""
    if not wanted:
        return []
    direction = direction_of(await queries.art_direction(session, wanted[0].book_id), wish.style)
    chain = studio.chain(wish.service)
    if any(each.earlier for each in wanted):
        # A picture that is there already is not replaced by a sketch.
        chain = [service for service in chain if service is not Service.PLATE]
    cast = await cast_of(session, wanted[0].book_id)
    rows = [_row(user_id, each, wish, studio, direction, cast, chain) for each in wanted]
    if studio.counts(chain):
        charges = [Charge(row["id"], studio.most(chain)) for row in rows]
        book_id = wanted[0].book_id
        await ledger.reserve(session, studio.settings, studio.budgets, user_id, book_id, wish.service, charges)
    await queries.add_images(session, rows)
    return [Ordered(row["id"]) for row in rows]


async def begin(session: Session, user_id: UUID, book_id: UUID, image_id: UUID) -> None:
    await enqueue(session, JobKind.ILLUSTRATE, user_id=user_id, book_id=book_id, subject_id=image_id)


def prompt_for(
    studio: Studio, described: Described, service: Service, direction: ArtDirection, cast: Sequence[Member]
) -> Prompt:
    """The prompt that the service would get; the person may change it before it runs. `cast`: that of the book."""
    traits = studio.providers[service].traits
    return build_prompt(
        described.text,
        described.type,
        language=described.language,
        tone=described.tone,
        people=described.people,
        things=described.things,
        looks=_looks(cast, described),
        direction=direction,
        reads_language=traits.reads_language,
        negative_field=traits.negative_field,
        limit=traits.prompt_limit,
    )


def _looks(cast: Sequence[Member], described: Described) -> list[Look]:
    """How the people of a passage look, as far as the book has told it by then."""
    reach = Reach(described.chapter, described.end)
    return [
        Look(
            tuple(names_at(member, reach)),
            member.sheet.label or "",
            look_at(member, reach),
            member.sheet.seed,
            sex_of(member),
        )
        for member in cast
        if member.sheet.kind == "person" and member.sheet.state != "rejected" and _is_named(member, described)
    ]


def _is_named(member: Member, described: Described) -> bool:
    """Whether the passage may name them: a batch asks it of a whole cast for each of a thousand passages."""
    names = [one["name"] for one in member.sheet.names]
    return any(name in described.text or name in described.people for name in names)


def direction_of(stored: dict[str, Any], style: str | None) -> ArtDirection:
    """The book's art direction; a chosen style takes the place of its preset and medium."""
    values = {name: value for name, value in stored.items() if name in ArtDirection.__dataclass_fields__}
    if "taboo" in values:
        values["taboo"] = tuple(values["taboo"])
    if style is not None:
        values |= {"preset": style, "medium": ""}
    return ArtDirection(**values)


def manner_of(direction: ArtDirection) -> str:
    """A short mark of an art direction, by which pictures in another one are told."""
    return f"{zlib.crc32(json.dumps(asdict(direction), sort_keys=True, ensure_ascii=False).encode()):08x}"


def _row(
    user_id: UUID,
    described: Described,
    wish: Wish,
    studio: Studio,
    direction: ArtDirection,
    cast: Sequence[Member],
    chain: list[Service],
) -> dict[str, Any]:
    drawn_offline = wish.service is Service.PLATE
    built = prompt_for(studio, described, wish.service, direction, cast)
    words = wish.prompt or _own_words(studio, described, wish.service, direction)
    return {
        "id": uuid7(),
        "user_id": user_id,
        "description_id": described.id,
        "service_used": wish.service.value,
        "prompt_used": "" if drawn_offline else words or built.text,
        "style": None if drawn_offline else built.style,
        "batch_id": wish.batch_id,
        "generation_parameters": {
            "seed": _seed(built, described),
            "size": f"{built.width}x{built.height}",
            "style": built.style,
            "manner": manner_of(direction),
            "manner_words": list(manner_words(direction)),
            "negative": built.negative,
            "language": built.language,
            "handling": "edited" if words else built.handling.value,
            "people": list(built.people),
            "prompt_version": PROMPT_VERSION,
            "chain": [service.value for service in chain],
        },
    }


def _own_words(studio: Studio, described: Described, service: Service, direction: ArtDirection) -> str:
    """What a person wrote for the picture that is drawn in another manner now; mostly nothing."""
    if described.earlier is None or not described.earlier.words:
        return ""
    limit = studio.providers[service].traits.prompt_limit
    return in_manner(described.earlier.words, direction, earlier=described.earlier.manner, limit=limit)


def _seed(built: Prompt, described: Described) -> int:
    """That of the picture whose manner alone changes; a person's own for a first picture; else the passage's."""
    earlier = described.earlier
    if earlier is not None and earlier.seed is not None:
        return earlier.seed
    if built.seed is not None and (earlier is not None or described.pictures == 0):
        return built.seed
    return seed_of(described)


def seed_of(described: Described) -> int:
    """The same for the first picture of a passage each time, another one for each further picture."""
    text = described.text if described.pictures == 0 else f"{described.text}\n{described.pictures}"
    return zlib.crc32(text.encode())
