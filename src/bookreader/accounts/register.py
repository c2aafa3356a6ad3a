"""Registration and changes of a password: what the web and the command line share."""

from uuid import UUID

from bookreader.accounts import queries
from bookreader.accounts.passwords import PasswordPool
from bookreader.accounts.schemas import Registration
from bookreader.database import Session
from bookreader.errors import InvalidInput
from bookreader.settings import Settings


async def register(
    session: Session, passwords: PasswordPool, settings: Settings, wanted: Registration, *, invited: bool = False
) -> queries.User:
    """Creates the account. Raises Conflict when the address is taken or registration is closed to the uninvited."""
    password_hash = await passwords.hash(wanted.password)
    user = await queries.add_user(
        session,
        wanted.email,
        password_hash,
        wanted.full_name,
        wanted.locale,
        plan=settings.default_plan,
        open_to_all=invited or settings.registration == "open",
    )
    user.time_zone = wanted.time_zone
    return user


async def change_password(
    session: Session, passwords: PasswordPool, user_id: UUID, current: str | None, wanted: str
) -> None:
    """Raises InvalidInput when the current password does not fit."""
    user = await queries.user_by_id(session, user_id)
    if await passwords.verify(current or "", user.password_hash):
        password_hash = await passwords.hash(wanted)
        if await queries.still_has_password(session, user):
            await queries.set_password(session, user_id, password_hash)
            return
    raise InvalidInput("The current password is not right.", code="wrong_password")
