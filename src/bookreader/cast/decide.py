"""What a person does with sheets: merges two, splits one, adds to one."""

from uuid import UUID

from bookreader.cast import queries
from bookreader.cast.queries import FactRow, Member
from bookreader.cast.rules import joined, part
from bookreader.database import Session
from bookreader.descriptions.sheets import Aspect, seed
from bookreader.errors import InvalidInput


async def merge(session: Session, user_id: UUID, sheet_id: UUID, other_id: UUID) -> UUID:
    """Two sheets of one book become one: the other's names, facts and evidence go over, what was chosen here stays.

    Raises NotFound, and InvalidInput for sheets of two books or one and the same sheet.
    """
    # Always in the same order, so that two merges at once wait for each other.
    found = {wanted: await queries.member_of(session, user_id, wanted) for wanted in sorted((sheet_id, other_id))}
    here, there = found[sheet_id], found[other_id]
    if sheet_id == other_id or here.sheet.book_id != there.sheet.book_id:
        raise InvalidInput("Two different people or places of one book can be merged.", code="cannot_merge")
    both = joined([queries.sheet_in(here.sheet), queries.sheet_in(there.sheet)])
    chosen = {name: getattr(here.sheet, name) or getattr(there.sheet, name) for name in _CHOSEN}
    await queries.move_facts(session, there.facts, here.sheet.id)
    await queries.remove_sheet(session, there.sheet)
    await queries.change_sheet(session, here.sheet, queries.columns(both) | chosen)
    return here.sheet.id


_CHOSEN = ("name", "label", "look")


async def split(session: Session, user_id: UUID, sheet_id: UUID, names: list[str]) -> UUID:
    """Some of the names of a sheet become one of their own, with what is told under them.

    Raises NotFound, and InvalidInput where no name or every name would go.
    """
    member = await queries.member_of(session, user_id, sheet_id)
    whole = queries.sheet_in(member.sheet)
    go = [called for called in whole.names if called.name in names]
    stay = [called for called in whole.names if called.name not in names]
    if not go or not stay:
        raise InvalidInput("Choose some of the names, and leave at least one.", code="cannot_split")
    gone = part(whole, go, is_first=False)
    values = queries.columns(gone) | {"seed": seed(go[0].name)}
    new = await queries.add_sheet(session, member.sheet, values)
    told = {called.name for called in go}
    await queries.move_facts(session, [fact for fact in member.facts if fact.called in told], new.id)
    await queries.change_sheet(session, member.sheet, queries.columns(part(whole, stay, is_first=True)))
    return new.id


async def say(session: Session, member: Member, aspect: Aspect, value: str, chapter: int | None) -> FactRow:
    """A person says how somebody looks, from the beginning of a chapter on, or from where they are named first."""
    start = member.sheet.start_offset if chapter in (None, member.sheet.chapter) else 0
    values = {"aspect": aspect.value, "value": value, "chapter": chapter or member.sheet.chapter}
    return await queries.add_fact(session, member.sheet, values | {"start_offset": start})
