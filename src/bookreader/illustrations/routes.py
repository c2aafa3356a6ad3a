"""HTTP of descriptions and illustrations: a passage is shown with its picture, so both are served here."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from bookreader.accounts import ledger
from bookreader.api import (
    PREFIX,
    AnyServices,
    Cursor,
    InTransaction,
    Limit,
    Page,
    SignedIn,
    conditional,
    decode_cursor,
    page,
)
from bookreader.cast.queries import cast_of, change_sheet, member_of
from bookreader.database import Session
from bookreader.descriptions import queries as descriptions
from bookreader.descriptions.add import add_passage
from bookreader.descriptions.queries import Shown
from bookreader.descriptions.schemas import (
    DescriptionChange,
    DescriptionNew,
    DescriptionShown,
    IllustrationWanted,
    Kind,
    PictureOf,
)
from bookreader.errors import Forbidden, InvalidInput, NotFound
from bookreader.illustrations import queries
from bookreader.illustrations.batches import batch
from bookreader.illustrations.batches.queries import (
    PictureBatch,
    Progress,
    ahead_of_batches,
    ahead_of_images,
    batch_of,
    batches_of,
    progress_of,
)
from bookreader.illustrations.explain import reason_of_image, reason_of_trouble
from bookreader.illustrations.order import direction_of, order_illustration, prompt_for, wish_of
from bookreader.illustrations.providers import Service
from bookreader.illustrations.queries import GeneratedImage, Trouble
from bookreader.illustrations.reference import keep_reference
from bookreader.illustrations.schemas import (
    ArtDirectionShape,
    BatchChange,
    BatchChoice,
    BatchShown,
    BatchState,
    BatchWanted,
    EstimateShown,
    IllustrationAccepted,
    IllustrationAgain,
    IllustrationFacts,
    IllustrationShown,
    Label,
    PictureRules,
    PromptShown,
    Reason,
    Services,
    ServiceShown,
)
from bookreader.illustrations.services import NAMES, Studio, open_studio, read_rules, write_rules
from bookreader.library.queries import book_of, readable_book_of
from bookreader.reading.queries import open_book
from bookreader.wire import Person

router = APIRouter(tags=["illustrations"])

IMAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
LARGEST_WIDTH = 10_000
MEDIA_TYPES = {"svg": "image/svg+xml", "png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}


@router.get("/books/{book_id}/descriptions")
async def get_descriptions(
    book_id: UUID,
    person: SignedIn,
    session: InTransaction,
    chapter: Annotated[int | None, Query(ge=1)] = None,
    type: Annotated[Kind | None, Query()] = None,  # noqa: A002 - the word of the stable interface
    cursor: Cursor = None,
    limit: Limit = 200,
) -> Page[DescriptionShown]:
    """The passages worth a picture, in the order of the book."""
    book = await readable_book_of(session, person.id, book_id)
    after = decode_cursor(cursor, int, int, UUID) if cursor else None
    rows = await descriptions.descriptions_of(
        session, person.id, book.id, chapter=chapter, kind=type, after=after, limit=limit + 1
    )
    return page(rows, limit, show_description, _order)


@router.post("/books/{book_id}/descriptions", status_code=201)
async def post_description(
    book_id: UUID, wanted: DescriptionNew, person: SignedIn, session: InTransaction
) -> DescriptionShown:
    """A passage that the person wants to have a picture of; the same passage twice is one."""
    book = await open_book(session, person.id, book_id)
    description = await add_passage(session, book, wanted)
    return show_description(await descriptions.shown(session, person.id, book.id, description.id))


@router.patch("/descriptions/{description_id}", status_code=204)
async def patch_description(
    description_id: UUID, change: DescriptionChange, person: SignedIn, session: InTransaction
) -> None:
    """Corrects a type or hides a passage."""
    description = await descriptions.description_to_change(session, person.id, description_id)
    values = change.model_dump(exclude_none=True)
    if "type" in values:
        values["type"] = values["type"].upper()
    await descriptions.change_description(session, description, values)


async def studio_of(session: InTransaction, services: AnyServices) -> Studio:
    """The picture services of this installation."""
    return await open_studio(session, services.settings)


AnyStudio = Annotated[Studio, Depends(studio_of)]


@router.get("/descriptions/{description_id}/prompt")
async def get_prompt(
    description_id: UUID,
    person: SignedIn,
    session: InTransaction,
    studio: AnyStudio,
    service: Annotated[str | None, Query(max_length=50)] = None,
    style: Annotated[str | None, Query(max_length=50)] = None,
) -> PromptShown:
    """What a service would be sent; it may be changed and sent along."""
    wish = wish_of(studio, service, style, None)
    described = await queries.described(session, person.id, [description_id])
    if not described:
        raise NotFound("There is no such description.", code="no_such_description")
    direction = direction_of(await queries.art_direction(session, described[0].book_id), wish.style)
    cast = await cast_of(session, described[0].book_id)
    prompt = prompt_for(studio, described[0], wish.service, direction, cast)
    return PromptShown(
        service=wish.service,
        prompt=prompt.text,
        negative=prompt.negative,
        style=prompt.style,
        width=prompt.width,
        height=prompt.height,
        language=prompt.language,
        handling=prompt.handling,
        people=list(prompt.people),
        limit=studio.providers[wish.service].traits.prompt_limit,
    )


@router.post("/descriptions/{description_id}/illustrations", status_code=202)
async def post_illustration(
    description_id: UUID,
    person: SignedIn,
    session: InTransaction,
    studio: AnyStudio,
    wanted: IllustrationWanted | None = None,
) -> IllustrationAccepted:
    """Asks for a picture of a passage; without a service, an offline plate."""
    wanted = wanted or IllustrationWanted()
    wish = wish_of(studio, wanted.service, wanted.style, wanted.prompt)
    ordered = await order_illustration(session, studio, person.id, description_id, wish)
    return IllustrationAccepted(id=ordered.id, status=ordered.status)


@router.get("/descriptions/{description_id}/illustrations")
async def get_variants(description_id: UUID, person: SignedIn, session: InTransaction) -> Page[IllustrationFacts]:
    """All pictures of a passage beside each other, newest first."""
    description = await descriptions.description_of(session, person.id, description_id)
    images = await queries.variants_of(session, person.id, description.id)
    ahead = await ahead_of_images(session, images)
    return Page(items=[_facts(image, ahead.get(image.id)) for image in images])


@router.get("/books/{book_id}/illustrations")
async def get_illustrations(
    book_id: UUID,
    person: SignedIn,
    session: InTransaction,
    chapter: Annotated[int | None, Query(ge=1)] = None,
    named: Annotated[str | None, Query(min_length=1, max_length=100, description="A person or place.")] = None,
    cursor: Cursor = None,
    limit: Limit = 200,
) -> Page[IllustrationShown]:
    """The book's gallery, in its order. What lies beyond the furthest place read is marked, to be veiled."""
    book = await readable_book_of(session, person.id, book_id)
    after = decode_cursor(cursor, int, int, UUID) if cursor else None
    rows = await descriptions.descriptions_of(
        session, person.id, book.id, chapter=chapter, after=after, limit=limit + 1, with_picture=True, named=named
    )
    shown = page(rows, limit, lambda row: row, _order)
    counts = await queries.count_variants(session, [row.description.id for row in shown.items])
    return Page(items=[_illustration(row, row.picture, counts) for row in shown.items if row.picture], next=shown.next)


@router.get("/illustrations/{image_id}")
async def get_illustration(image_id: UUID, person: SignedIn, session: InTransaction) -> IllustrationFacts:
    image = await queries.image_of(session, person.id, image_id)
    return _facts(image, (await ahead_of_images(session, [image])).get(image.id))


@router.delete("/illustrations/{image_id}", status_code=204)
async def delete_illustration(image_id: UUID, person: SignedIn, session: InTransaction) -> None:
    """What was reserved for a picture that was not drawn yet is given back."""
    image = await queries.image_of(session, person.id, image_id)
    await queries.delete_images(session, [image.id])
    await ledger.give_back(session, [image.id])


@router.post("/illustrations/{image_id}/choose")
async def post_choose(image_id: UUID, person: SignedIn, session: InTransaction) -> IllustrationFacts:
    """Makes this picture the one that the book shows for its passage."""
    image = await queries.image_of(session, person.id, image_id)
    if image.status != "completed":
        raise InvalidInput("Only a finished picture can be chosen.", code="not_finished")
    await queries.choose_image(session, image.id)
    return _facts(await queries.image_of(session, person.id, image_id))


@router.post("/illustrations/{image_id}/again", status_code=202)
async def post_again(
    image_id: UUID,
    person: SignedIn,
    session: InTransaction,
    studio: AnyStudio,
    change: IllustrationAgain | None = None,
) -> IllustrationAccepted:
    """Another variant with another seed; the one that there is stays."""
    change = change or IllustrationAgain()
    image = await queries.image_of(session, person.id, image_id)
    service = change.service or image.service_used
    edited = (image.generation_parameters or {}).get("handling") == "edited" and service == image.service_used
    prompt = change.prompt or (image.prompt_used if edited else None)
    wish = wish_of(studio, service, change.style or image.style, prompt)
    ordered = await order_illustration(session, studio, person.id, image.description_id, wish)
    return IllustrationAccepted(id=ordered.id, status=ordered.status)


@router.get("/illustrations/{image_id}/image")
async def get_image(
    image_id: UUID,
    person: SignedIn,
    session: InTransaction,
    services: AnyServices,
    request: Request,
    width: Annotated[int | None, Query(ge=1, le=LARGEST_WIDTH, description="A width that is enough.")] = None,
    download: bool = False,
) -> Response:
    """The picture; with a width, the smallest file that is at least so wide."""
    image = await queries.image_of(session, person.id, image_id)
    if image.content_hash is None:
        raise NotFound("This picture is not ready yet.", code="not_ready")
    digest, file_format = _file(image, width)
    media_type = MEDIA_TYPES.get(file_format, "application/octet-stream")
    response = Response(headers=IMAGE_HEADERS, media_type=media_type)
    if download:
        response.headers["Content-Disposition"] = f'attachment; filename="illustration-{image.id}.{file_format}"'
        await queries.count_download(session, image.id)
    if unchanged := conditional(request, response, digest):
        return unchanged
    body = await services.storage.get(digest)
    return Response(body, headers=dict(response.headers) | {"content-length": str(len(body))}, media_type=media_type)


def _file(image: GeneratedImage, width: int | None) -> tuple[str, str]:
    """Hash and format of the smallest file that is wide enough; an SVG is of every width."""
    enough = [one for one in image.sizes or [] if width is not None and one["width"] >= width]
    if enough:
        return min(enough, key=lambda one: int(one["width"]))["hash"], "webp"
    return image.content_hash or "", image.file_format or ""


# --- people -----------------------------------------------------------------------------------------------------------


@router.put("/sheets/{sheet_id}/reference", status_code=204)
async def put_reference(
    sheet_id: UUID, person: SignedIn, session: InTransaction, services: AnyServices, request: Request
) -> None:
    """A picture of the person or place, as the body: PNG, JPEG or WebP."""
    # The gate first, by itself: nothing is held while a slow browser sends.
    async with services.database.transaction() as gate:
        await member_of(gate, person.id, sheet_id)
    digest, file_format = await keep_reference(services.storage, request.stream())
    sheet = (await member_of(session, person.id, sheet_id)).sheet
    await change_sheet(session, sheet, {"reference_hash": digest, "reference_format": file_format})


@router.get("/sheets/{sheet_id}/reference")
async def get_reference(
    sheet_id: UUID, person: SignedIn, session: InTransaction, services: AnyServices, request: Request
) -> Response:
    """The picture that a person added to a sheet."""
    sheet = (await member_of(session, person.id, sheet_id)).sheet
    if sheet.reference_hash is None:
        raise NotFound("There is no picture on this sheet.", code="no_reference")
    response = Response(headers=IMAGE_HEADERS, media_type=MEDIA_TYPES[sheet.reference_format or "png"])
    if unchanged := conditional(request, response, sheet.reference_hash):
        return unchanged
    body = await services.storage.get(sheet.reference_hash)
    headers = dict(response.headers) | {"content-length": str(len(body))}
    return Response(body, headers=headers, media_type=response.media_type)


@router.delete("/sheets/{sheet_id}/reference", status_code=204)
async def delete_reference(sheet_id: UUID, person: SignedIn, session: InTransaction) -> None:
    sheet = (await member_of(session, person.id, sheet_id)).sheet
    await change_sheet(session, sheet, {"reference_hash": None, "reference_format": None})


# --- services ---------------------------------------------------------------------------------------------------------


@router.get("/picture-services")
async def get_picture_services(person: SignedIn, session: InTransaction, studio: AnyStudio) -> Services:
    """The services that can be chosen, and what the person has left."""
    standing = await ledger.standing(session, studio.settings, person.id, None)
    troubles = await queries.troubles(session)
    return Services(
        services=[_service(studio, service, troubles.get(service)) for service in studio.choices()],
        plan=standing.plan,
        pictures_month=standing.used.pictures_month,
        pictures_left=standing.pictures_left,
        spent_month=standing.used.spent_month,
    )


@router.get("/picture-rules")
async def get_picture_rules(person: SignedIn, session: InTransaction) -> PictureRules:
    """What the administrator decided about services, prices and budgets."""
    _administrator(person)
    return await read_rules(session)


@router.put("/picture-rules")
async def put_picture_rules(rules: PictureRules, person: SignedIn, session: InTransaction) -> PictureRules:
    """Order, enabling, prices and budgets; holds from the next picture on."""
    _administrator(person)
    await write_rules(session, rules, person.id)
    for service in Service:
        await queries.wake_service(session, service)
    return rules


def _administrator(person: Person) -> None:
    if not person.is_admin:
        raise Forbidden("Only an administrator decides about picture services.")


def _service(studio: Studio, service: Service, trouble: Trouble | None) -> ServiceShown:
    return ServiceShown(
        service=service,
        name=NAMES[service],
        price=studio.price(service),
        counts=studio.counts(studio.chain(service)),
        trouble=trouble.sentence if trouble else None,
        reason=reason_of_trouble(service, trouble) if trouble else None,
    )


# --- batches ----------------------------------------------------------------------------------------------------------


@router.post("/books/{book_id}/picture-estimate")
async def post_estimate(
    book_id: UUID, choice: BatchChoice, person: SignedIn, session: InTransaction, studio: AnyStudio
) -> EstimateShown:
    """What a batch would draw, cost and take; nothing is ordered."""
    book = await readable_book_of(session, person.id, book_id)
    wish = wish_of(studio, choice.service, choice.style, None)
    found = await batch.estimate(session, studio, person.id, _choice(book.id, choice), wish)
    obstacle = found.obstacle
    return EstimateShown(
        service=wish.service,
        pictures=found.pictures,
        price=found.price,
        chapters=found.chapters,
        seconds=found.seconds,
        obstacle=obstacle.message if obstacle else None,
        reason=Reason(code=obstacle.stable_code, values=obstacle.details) if obstacle else None,
    )


@router.post("/books/{book_id}/picture-batches", status_code=202)
async def post_batch(
    book_id: UUID, wanted: BatchWanted, person: SignedIn, session: InTransaction, studio: AnyStudio
) -> BatchShown:
    """Orders what was estimated. It can be paused, resumed and cancelled."""
    book = await readable_book_of(session, person.id, book_id)
    wish = wish_of(studio, wanted.service, wanted.style, None)
    ordered = await batch.order_batch(session, studio, person.id, _choice(book.id, wanted), wish, wanted.price)
    return (await _batches(session, [ordered]))[0]


@router.get("/books/{book_id}/picture-batches")
async def get_batches(book_id: UUID, person: SignedIn, session: InTransaction) -> Page[BatchShown]:
    """The batches of a book with their progress, newest first."""
    book = await book_of(session, person.id, book_id)
    return Page(items=await _batches(session, await batches_of(session, person.id, book.id)))


@router.get("/picture-batches/{batch_id}")
async def get_batch(batch_id: UUID, person: SignedIn, session: InTransaction) -> BatchShown:
    return (await _batches(session, [await batch_of(session, person.id, batch_id)]))[0]


@router.patch("/picture-batches/{batch_id}")
async def patch_batch(batch_id: UUID, change: BatchChange, person: SignedIn, session: InTransaction) -> BatchShown:
    """Pauses, resumes or cancels. What is being drawn is finished; what nobody has begun costs nothing."""
    return (await _batches(session, [await batch.change_batch(session, person.id, batch_id, change.state)]))[0]


def _choice(book_id: UUID, choice: BatchChoice) -> batch.Choice:
    return batch.Choice(book_id, choice.scope, choice.chapters, choice.per_chapter)


async def _batches(session: Session, batches: Sequence[PictureBatch]) -> list[BatchShown]:
    progress = await progress_of(session, [each.id for each in batches])
    going = [each.id for each in batches if each.state == BatchState.ACTIVE]
    ahead = await ahead_of_batches(session, going)
    return [_batch(each, progress.get(each.id, Progress({}, Decimal(0))), ahead.get(each.id)) for each in batches]


def _batch(each: PictureBatch, progress: Progress, ahead: int | None) -> BatchShown:
    counts = progress.statuses
    waiting = counts.get("pending", 0) + counts.get("generating", 0)
    finished = each.state == "active" and not waiting
    return BatchShown(
        id=each.id,
        scope=each.scope,
        service=each.service,
        style=each.style,
        state="done" if finished else each.state,
        pictures=each.pictures,
        completed=counts.get("completed", 0),
        failed=counts.get("failed", 0),
        moderated=counts.get("moderated", 0),
        waiting=waiting,
        ahead=ahead,
        progress=100 if finished else max(0, 100 * (each.pictures - waiting) // max(1, each.pictures)),
        price=each.price,
        spent=progress.spent,
        created_at=each.created_at,
    )


# --- art direction ----------------------------------------------------------------------------------------------------


@router.get("/books/{book_id}/art-direction")
async def get_art_direction(book_id: UUID, person: SignedIn, session: InTransaction) -> ArtDirectionShape:
    """What the book keeps the same in all its pictures."""
    book = await book_of(session, person.id, book_id)
    return ArtDirectionShape.model_validate(await queries.art_direction(session, book.id))


@router.put("/books/{book_id}/art-direction")
async def put_art_direction(
    book_id: UUID, direction: ArtDirectionShape, person: SignedIn, session: InTransaction
) -> ArtDirectionShape:
    """Holds for every picture that is ordered from now on."""
    book = await book_of(session, person.id, book_id)
    await queries.set_art_direction(session, book.id, direction.model_dump(mode="json"))
    return direction


# --- shapes -----------------------------------------------------------------------------------------------------------


def _facts(image: GeneratedImage, ahead: int | None = None) -> IllustrationFacts:
    return IllustrationFacts(
        id=image.id,
        description_id=image.description_id,
        status=image.status,
        service=image.service_used,
        label=label(image),
        current=image.is_current,
        image=address(image),
        alt=image.alt_text,
        prompt=image.prompt_used,
        style=image.style,
        parameters=image.generation_parameters,
        moderation=image.moderation_result,
        seconds=image.generation_time_seconds,
        created_at=image.created_at,
        generated_at=image.generated_at,
        ahead=ahead,
        error=image.error_message,
        reason=reason_of_image(image),
    )


def _order(row: Shown) -> tuple[int, int, UUID]:
    return row.chapter, row.description.start_offset, row.description.id


def show_description(row: Shown) -> DescriptionShown:
    found = row.description
    return DescriptionShown(
        id=found.id,
        chapter=row.chapter,
        start=found.start_offset,
        end=found.end_offset,
        text=found.content,
        type=_kind(found.type),
        second_type=_kind(found.second_type) if found.second_type else None,
        confidence=found.confidence_score,
        priority=found.priority_score,
        tone=found.emotional_tone,
        entities=found.entities or [],
        cfi=found.cfi,
        engine=found.engine,
        beyond=row.beyond,
        illustration=_picture(row.picture) if row.picture else None,
    )


def label(image: GeneratedImage) -> Label:
    return "offline_sketch" if image.service_used == Service.PLATE else "generated"


def address(image: GeneratedImage) -> str | None:
    return f"{PREFIX}/illustrations/{image.id}/image" if image.content_hash else None


def _kind(value: object) -> Kind:
    return Kind(str(getattr(value, "value", value)).lower())


def _picture(image: GeneratedImage) -> PictureOf:
    return PictureOf(
        id=image.id,
        status=image.status,
        service=image.service_used,
        label=label(image),
        image=address(image),
        alt=image.alt_text,
    )


def _illustration(row: Shown, image: GeneratedImage, counts: dict[UUID, int]) -> IllustrationShown:
    return IllustrationShown(
        id=image.id,
        description_id=row.description.id,
        chapter=row.chapter,
        start=row.description.start_offset,
        status=image.status,
        service=image.service_used,
        label=label(image),
        image=address(image),
        width=image.image_width,
        height=image.image_height,
        alt=image.alt_text,
        quote=row.description.content,
        type=_kind(row.description.type),
        entities=row.description.entities or [],
        cfi=row.description.cfi,
        beyond=row.beyond,
        variants=counts.get(row.description.id, 1),
        created_at=image.created_at,
        error=image.error_message,
        reason=reason_of_image(image),
    )
