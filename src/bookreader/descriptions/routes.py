"""HTTP of language models. Descriptions themselves are served with their pictures, by illustrations."""

from uuid import UUID

from fastapi import APIRouter

from bookreader.api import AnyServices, InTransaction, SignedIn
from bookreader.descriptions.llm import order
from bookreader.descriptions.llm.endpoint import Endpoint
from bookreader.descriptions.queries import count_readings
from bookreader.descriptions.schemas import (
    LookThrough,
    LookThroughAccepted,
    LookThroughEstimate,
    LookThroughWanted,
)
from bookreader.library.queries import readable_book_of

router = APIRouter(prefix="/books/{book_id}/look-through", tags=["descriptions"])


@router.get("")
async def get_look_through(
    book_id: UUID, person: SignedIn, session: InTransaction, services: AnyServices
) -> LookThrough:
    """Which language model may look the book through, and how far it has come."""
    book = await readable_book_of(session, person.id, book_id)
    endpoint = Endpoint.from_settings(services.settings)
    counts = await count_readings(session, book.id, endpoint.engine) if endpoint else {}
    return LookThrough(
        model=endpoint.model if endpoint else None,
        host=endpoint.host if endpoint else None,
        read=counts.get("read", 0),
        fell_back=sum(counts.values()) - counts.get("read", 0),
        spent=(await order.standing(session, services.settings, person.id, book.id)).spent,
    )


@router.get("/estimate")
async def get_look_through_estimate(
    book_id: UUID, person: SignedIn, session: InTransaction, services: AnyServices
) -> LookThroughEstimate:
    """What it would cost to have the rest of the book looked through."""
    book = await readable_book_of(session, person.id, book_id)
    found = await order.estimate(session, services.settings, person.id, book.id)
    return LookThroughEstimate(stretches=found.stretches, about=found.about, most=found.most, obstacle=found.obstacle)


@router.post("", status_code=202)
async def post_look_through(
    book_id: UUID, wanted: LookThroughWanted, person: SignedIn, session: InTransaction, services: AnyServices
) -> LookThroughAccepted:
    """Sends the book's text to the language model, stretch by stretch, for at most the price that is agreed."""
    book = await readable_book_of(session, person.id, book_id)
    return LookThroughAccepted(job=await order.order(session, services.settings, person.id, book.id, wanted.price))
