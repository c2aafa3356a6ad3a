"""SQL of the people and places of a book."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from bookreader.cast.models import FactRow as FactRow
from bookreader.cast.models import SheetRow as SheetRow
from bookreader.cast.rules import Held, Reach, share_out
from bookreader.database import Session
from bookreader.database.base import uuid7
from bookreader.descriptions.queries import PAGE_AHEAD
from bookreader.descriptions.sheets import Called, Evidence, Fact, Sheet, seed
from bookreader.errors import NotFound
from bookreader.library.models import Book, Chapter
from bookreader.reading.models import Place, ReadingProgress

OURS = ("sure", "suggested")
"""States of facts that nobody has decided on."""
LONGEST_NAME, LONGEST_VALUE = 300, 300


@dataclass(frozen=True, slots=True)
class Member:
    """A sheet with what is said on it, in the order of the book."""

    sheet: SheetRow
    facts: tuple[FactRow, ...]


# --- reading ----------------------------------------------------------------------------------------------------------


async def cast_of(session: Session, book_id: UUID) -> list[Member]:
    """The people and places of a book, the most mentioned first."""
    sheets = (
        await session.scalars(
            select(SheetRow).where(SheetRow.book_id == book_id).order_by(SheetRow.mentions.desc(), SheetRow.id)
        )
    ).all()
    facts = await session.scalars(
        select(FactRow)
        .join(SheetRow, SheetRow.id == FactRow.sheet_id)
        .where(SheetRow.book_id == book_id)
        .order_by(FactRow.chapter, FactRow.start_offset, FactRow.id)
    )
    told: dict[UUID, list[FactRow]] = {}
    for fact in facts:
        told.setdefault(fact.sheet_id, []).append(fact)
    return [Member(sheet, tuple(told.get(sheet.id, ()))) for sheet in sheets]


async def member_of(session: Session, user_id: UUID, sheet_id: UUID) -> Member:
    """The sheet, if it is of one of the person's books, locked until the transaction ends. Raises NotFound."""
    sheet = await session.scalar(
        select(SheetRow)
        .join(Book, Book.id == SheetRow.book_id)
        .where(SheetRow.id == sheet_id, Book.user_id == user_id, Book.deleted_at.is_(None))
        .with_for_update(of=SheetRow)
    )
    if sheet is None:
        raise NotFound("There is no such person or place.", code="no_such_sheet")
    facts = await session.scalars(
        select(FactRow).where(FactRow.sheet_id == sheet_id).order_by(FactRow.chapter, FactRow.start_offset, FactRow.id)
    )
    return Member(sheet, tuple(facts))


async def fact_of(session: Session, user_id: UUID, fact_id: UUID) -> FactRow:
    """The fact, if it is said of somebody in one of the person's books, locked after its sheet until the transaction
    ends. Raises NotFound."""
    query = (
        select(FactRow)
        .join(SheetRow, SheetRow.id == FactRow.sheet_id)
        .join(Book, Book.id == SheetRow.book_id)
        .where(FactRow.id == fact_id, Book.user_id == user_id, Book.deleted_at.is_(None))
        .with_for_update(of=[SheetRow, FactRow])
    )
    # Once more where its sheet was merged with another one while we waited for it.
    fact = await session.scalar(query) or await session.scalar(query)
    if fact is None:
        raise NotFound("There is no such fact.", code="no_such_fact")
    return fact


async def reach_of(session: Session, user_id: UUID, book_id: UUID) -> Reach:
    """How far into a book a person may be shown things: the furthest place read, and the page before their eyes."""
    before = func.sum(Chapter.characters).over(order_by=Chapter.chapter_number) - Chapter.characters
    chapters = (
        select(Chapter.chapter_number, before.label("before"), Book.characters, ReadingProgress.furthest_place_id)
        .join(Book, Book.id == Chapter.book_id)
        .outerjoin(ReadingProgress, (ReadingProgress.book_id == Book.id) & (ReadingProgress.user_id == user_id))
        .where(Book.id == book_id)
        .subquery()
    )
    read = func.coalesce(Place.total_progression, 0) * chapters.c.characters + PAGE_AHEAD
    query = (
        select(chapters.c.chapter_number, read - chapters.c.before)
        .outerjoin(Place, Place.id == chapters.c.furthest_place_id)
        .where(chapters.c.before <= read)
        .order_by(chapters.c.chapter_number.desc())
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    return Reach(row[0], int(row[1])) if row else Reach(0, 0)


# --- what was found ---------------------------------------------------------------------------------------------------


async def chapters_of(session: Session, book_id: UUID) -> list[UUID]:
    """The chapters of a book in its order."""
    query = select(Chapter.id).where(Chapter.book_id == book_id).order_by(Chapter.chapter_number)
    return list((await session.scalars(query)).all())


async def keep_found(session: Session, book_id: UUID, found: Sequence[Sheet]) -> None:
    """Writes the people and places of a book. What a person has changed or decided stays; the rest is made anew."""
    if await session.scalar(select(Book.id).where(Book.id == book_id).with_for_update(key_share=True)) is None:
        return
    # In the order in which a merge locks its two.
    query = select(SheetRow).where(SheetRow.book_id == book_id).order_by(SheetRow.id).with_for_update()
    rows = (await session.scalars(query)).all()
    touched = {row.id: row for row in rows if row.touched}
    held = [Held(row.id, frozenset(name["name"] for name in row.names)) for row in touched.values()]
    shares, rest = share_out(found, held)
    await session.execute(delete(SheetRow).where(SheetRow.book_id == book_id, SheetRow.touched.is_(False)))
    for sheet_id, share in shares.items():
        if not touched[sheet_id].locked:
            await _renew(session, sheet_id, share)
    await _add(session, book_id, rest)


async def _renew(session: Session, sheet_id: UUID, found: Sheet) -> None:
    """A person's sheet gets what is new in the book; facts that they decided on stay as they are."""
    await session.execute(update(SheetRow).where(SheetRow.id == sheet_id).values(**columns(found)))
    await session.execute(delete(FactRow).where(FactRow.sheet_id == sheet_id, FactRow.state.in_(OURS)))
    decided = await session.execute(select(FactRow.aspect, FactRow.value).where(FactRow.sheet_id == sheet_id))
    known = {(aspect, value.casefold()) for aspect, value in decided}
    new = [fact for fact in found.facts if (fact.aspect.value, fact.value.casefold()) not in known]
    await _add_facts(session, [_fact(sheet_id, fact) for fact in new])


async def _add(session: Session, book_id: UUID, found: Sequence[Sheet]) -> None:
    rows: list[dict[str, Any]] = [
        {"id": uuid7(), "book_id": book_id, "kind": sheet.kind, "seed": seed(sheet.name)} | columns(sheet)
        for sheet in found
    ]
    if rows:
        await session.execute(insert(SheetRow), rows)
    facts = [_fact(row["id"], fact) for row, sheet in zip(rows, found, strict=True) for fact in sheet.facts]
    await _add_facts(session, facts)


async def _add_facts(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        await session.execute(insert(FactRow), rows)


def columns(sheet: Sheet) -> dict[str, Any]:
    """What the book says of somebody, as columns of a sheet."""
    return {
        "names": [asdict(called) | {"name": called.name[:LONGEST_NAME]} for called in sheet.names],
        "mentions": sheet.mentions,
        "chapter": sheet.chapter,
        "start_offset": sheet.start,
        "evidence": [asdict(each) | {"names": list(each.names)} for each in sheet.evidence],
    }


def _fact(sheet_id: UUID, fact: Fact) -> dict[str, Any]:
    told = fact.evidence
    return {
        "id": uuid7(),
        "sheet_id": sheet_id,
        "aspect": fact.aspect.value,
        "value": fact.value[:LONGEST_VALUE],
        "state": "sure" if fact.sure else "suggested",
        "chapter": told.chapter,
        "start_offset": told.start,
        "end_offset": told.end,
        "quote": told.quote,
        "called": told.names[0][:LONGEST_NAME] if fact.sure and told.names else None,
        "cfi": told.cfi,
    }


# --- what a person decides --------------------------------------------------------------------------------------------


async def change_sheet(session: Session, row: SheetRow, values: dict[str, Any]) -> None:
    """Whatever a person changes stays when the book is looked through again."""
    for name, value in (values | {"touched": True}).items():
        setattr(row, name, value)
    await session.flush()


async def add_sheet(session: Session, row: SheetRow, values: dict[str, Any]) -> SheetRow:
    """Another sheet of the same book and kind."""
    new = SheetRow(id=uuid7(), book_id=row.book_id, kind=row.kind, touched=True, **values)
    session.add(new)
    await session.flush()
    return new


async def remove_sheet(session: Session, row: SheetRow) -> None:
    await session.delete(row)
    await session.flush()


async def move_facts(session: Session, facts: Iterable[FactRow], sheet_id: UUID) -> None:
    wanted = [fact.id for fact in facts]
    await session.execute(update(FactRow).where(FactRow.id.in_(wanted)).values(sheet_id=sheet_id))


async def add_fact(session: Session, sheet: SheetRow, values: dict[str, Any]) -> FactRow:
    """What a person says of somebody."""
    fact = FactRow(id=uuid7(), sheet_id=sheet.id, state="added", end_offset=values["start_offset"], **values)
    session.add(fact)
    await change_sheet(session, sheet, {})
    return fact


async def change_fact(session: Session, fact: FactRow, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(fact, name, value)
    await session.execute(update(SheetRow).where(SheetRow.id == fact.sheet_id).values(touched=True))
    await session.flush()


async def remove_fact(session: Session, fact: FactRow) -> None:
    await session.delete(fact)
    await session.flush()


def sheet_in(row: SheetRow) -> Sheet:
    """A stored sheet as the rules see it, without its facts."""
    called = tuple(Called(**name) for name in row.names)
    evidence = tuple(Evidence(**{**each, "names": tuple(each["names"])}) for each in row.evidence)
    return Sheet(row.name or "", row.kind, called, row.mentions, row.chapter, row.start_offset, (), evidence)
