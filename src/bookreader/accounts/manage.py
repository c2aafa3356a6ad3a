"""Accounts from the command line."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import ValidationError

from bookreader.accounts import queries
from bookreader.accounts.passwords import PasswordPool
from bookreader.accounts.register import register
from bookreader.accounts.schemas import Registration
from bookreader.database import Database, Session
from bookreader.database.embedded import running_url
from bookreader.database.migrate import upgrade
from bookreader.errors import InvalidInput
from bookreader.settings import Settings


async def add_user(settings: Settings, email: str, password: str, name: str | None) -> None:
    """Raises InvalidInput, Conflict."""
    try:
        wanted = Registration(email=email, password=password, full_name=name)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInput(f"{first['loc'][0]}: {first['msg']}") from error
    async with _transaction(settings) as session:
        await register(session, PasswordPool(), settings, wanted, invited=True)


async def reset_link(settings: Settings, email: str) -> str:
    """An address with a one-time secret that lives a day. Raises NotFound."""
    async with _transaction(settings) as session:
        user = await queries.user_with_email(session, email)
        secret = await queries.add_reset_link(session, user.id)
    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    return f"{base.rstrip('/')}/reset#{secret}"


async def access_token(settings: Settings, email: str, name: str) -> str:
    """A new personal access token. Raises NotFound."""
    async with _transaction(settings) as session:
        user = await queries.user_with_email(session, email)
        _, secret = await queries.add_token(session, user.id, name, None)
    return secret


@asynccontextmanager
async def _transaction(settings: Settings) -> AsyncIterator[Session]:
    async with running_url(settings) as url:
        await upgrade(url)
        async with Database.from_settings(settings, url) as database, database.transaction() as session:
            yield session
