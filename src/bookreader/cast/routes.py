"""HTTP of the people and places of a book."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from bookreader.api import PREFIX, InTransaction, SignedIn
from bookreader.cast import decide, queries
from bookreader.cast.looks import look_at, name_at, names_at
from bookreader.cast.queries import FactRow, Member
from bookreader.cast.rules import EVERYTHING, Reach
from bookreader.cast.schemas import (
    CastShown,
    EvidenceShown,
    FactChange,
    FactNew,
    FactShown,
    MergeWanted,
    SheetChange,
    SheetShown,
    SplitWanted,
)
from bookreader.database import Session
from bookreader.library.queries import readable_book_of
from bookreader.wire import Person

router = APIRouter(tags=["cast"])

Ahead = Annotated[bool, Query(description="Also what lies beyond the furthest place read.")]


@router.get("/books/{book_id}/cast")
async def get_cast(book_id: UUID, person: SignedIn, session: InTransaction, ahead: Ahead = False) -> CastShown:
    """The people and places of a book, the most mentioned first, each with what the book tells of it so far."""
    book = await readable_book_of(session, person.id, book_id)
    reach = EVERYTHING if ahead else await queries.reach_of(session, person.id, book.id)
    cast = await queries.cast_of(session, book.id)
    shown = [_sheet(one, reach) for one in cast if reach.covers(one.sheet.chapter, one.sheet.start_offset)]
    return CastShown(items=shown, covered=len(cast) - len(shown))


@router.patch("/sheets/{sheet_id}")
async def patch_sheet(
    sheet_id: UUID, change: SheetChange, person: SignedIn, session: InTransaction, ahead: Ahead = False
) -> SheetShown:
    """Names, describes, confirms, rejects or locks a person or place."""
    member = await queries.member_of(session, person.id, sheet_id)
    await queries.change_sheet(session, member.sheet, _values(change))
    return await _shown(session, person, member, ahead)


def _values(change: SheetChange) -> dict[str, object]:
    """Text that is blank gives way to what the book tells."""
    given = change.model_dump(exclude_unset=True)
    texts = {name: (given[name] or "").strip() or None for name in ("name", "label", "look") if name in given}
    return {name: value for name, value in given.items() if value is not None} | texts


@router.post("/sheets/{sheet_id}/merge")
async def post_merge(
    sheet_id: UUID, wanted: MergeWanted, person: SignedIn, session: InTransaction, ahead: Ahead = False
) -> SheetShown:
    """The other one was the same person or place."""
    merged = await decide.merge(session, person.id, sheet_id, wanted.other)
    return await _shown(session, person, await queries.member_of(session, person.id, merged), ahead)


@router.post("/sheets/{sheet_id}/split", status_code=201)
async def post_split(
    sheet_id: UUID, wanted: SplitWanted, person: SignedIn, session: InTransaction, ahead: Ahead = False
) -> SheetShown:
    """Some of the names mean somebody else: the answer is their new sheet."""
    new = await decide.split(session, person.id, sheet_id, wanted.names)
    return await _shown(session, person, await queries.member_of(session, person.id, new), ahead)


@router.post("/sheets/{sheet_id}/facts", status_code=201)
async def post_fact(sheet_id: UUID, wanted: FactNew, person: SignedIn, session: InTransaction) -> FactShown:
    """Says how somebody looks, where the book does not, or not so that it was found."""
    member = await queries.member_of(session, person.id, sheet_id)
    return _fact(await decide.say(session, member, wanted.aspect, wanted.value, wanted.chapter))


@router.patch("/sheet-facts/{fact_id}")
async def patch_fact(fact_id: UUID, change: FactChange, person: SignedIn, session: InTransaction) -> FactShown:
    """Confirms, rejects or corrects what is said of somebody."""
    fact = await queries.fact_of(session, person.id, fact_id)
    values = change.model_dump(exclude_none=True)
    if "value" in values and fact.state in queries.OURS:
        values.setdefault("state", "confirmed")
    await queries.change_fact(session, fact, values)
    return _fact(fact)


@router.delete("/sheet-facts/{fact_id}", status_code=204)
async def delete_fact(fact_id: UUID, person: SignedIn, session: InTransaction) -> None:
    """Takes back what a person said. What the book says is rejected, so that it is not found again."""
    fact = await queries.fact_of(session, person.id, fact_id)
    if fact.state == "added":
        await queries.remove_fact(session, fact)
    else:
        await queries.change_fact(session, fact, {"state": "rejected"})


async def _shown(session: Session, person: Person, member: Member, ahead: bool) -> SheetShown:
    reach = EVERYTHING if ahead else await queries.reach_of(session, person.id, member.sheet.book_id)
    return _sheet(member, reach)


def _sheet(member: Member, reach: Reach) -> SheetShown:
    row = member.sheet
    return SheetShown(
        id=row.id,
        kind=row.kind,
        name=name_at(member, reach),
        names=names_at(member, reach),
        mentions=row.mentions,
        chapter=row.chapter,
        label=row.label,
        look=look_at(member, reach),
        own_look=bool(row.look),
        seed=row.seed,
        state=row.state,
        locked=row.locked,
        facts=[_fact(fact) for fact in member.facts if reach.covers(fact.chapter, fact.end_offset)],
        evidence=[
            EvidenceShown(chapter=one["chapter"], quote=one["quote"], cfi=one["cfi"])
            for one in row.evidence
            if reach.covers(one["chapter"], one["end"])
        ],
        reference=reference_address(row.id) if row.reference_hash else None,
    )


def reference_address(sheet_id: UUID) -> str:
    return f"{PREFIX}/sheets/{sheet_id}/reference"


def _fact(fact: FactRow) -> FactShown:
    return FactShown(
        id=fact.id,
        aspect=fact.aspect,
        value=fact.value,
        state=fact.state,
        chapter=fact.chapter,
        quote=fact.quote,
        cfi=fact.cfi,
    )
