"""HTTP of accounts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from bookreader import __version__
from bookreader.accounts import queries
from bookreader.accounts.passwords import PasswordPool
from bookreader.accounts.register import change_password, register
from bookreader.accounts.schemas import (
    CreatedToken,
    Credentials,
    Me,
    MeChange,
    NewPassword,
    NewToken,
    Registration,
    Site,
    Token,
)
from bookreader.accounts.sign_in import COOKIE
from bookreader.api import AnyServices, InTransaction, Page, Services, SignedIn
from bookreader.database import Session
from bookreader.errors import NotSignedIn

router = APIRouter(tags=["accounts"])


def password_pool(request: Request) -> PasswordPool:
    pool: PasswordPool = request.app.state.passwords
    return pool


Passwords = Annotated[PasswordPool, Depends(password_pool)]


@router.get("/site")
async def site(session: InTransaction, services: AnyServices) -> Site:
    return site_of(services, first=not await queries.has_accounts(session))


def site_of(services: Services, *, first: bool = False) -> Site:
    """What the installation says of itself; `first`: whether the next account is its first."""
    return Site(
        version=__version__,
        registration="first" if first else services.settings.registration,
        upload_limit=services.settings.upload_limit,
    )


@router.post("/auth/register", status_code=201)
async def post_register(
    wanted: Registration,
    request: Request,
    response: Response,
    session: InTransaction,
    services: AnyServices,
    passwords: Passwords,
) -> Me:
    """Creates an account and signs it in. The first account of an installation administers it."""
    user = await register(session, passwords, services.settings, wanted)
    await _sign_in(session, services, request, response, user)
    return await _me(session, user)


@router.post("/auth/login")
async def post_login(
    given: Credentials,
    request: Request,
    response: Response,
    session: InTransaction,
    services: AnyServices,
    passwords: Passwords,
) -> Me:
    user = await queries.user_by_email(session, given.email.strip())
    fits = await passwords.verify(given.password, user.password_hash if user else None)
    if user is None or not fits or not await queries.still_has_password(session, user):
        raise NotSignedIn("The e-mail address or the password is not right.", code="wrong_credentials")
    await _sign_in(session, services, request, response, user)
    return await _me(session, user)


@router.post("/auth/logout", status_code=204)
async def post_logout(person: SignedIn, response: Response, session: InTransaction) -> None:
    if person.sign_in is not None:
        await queries.end_sign_in(session, person.sign_in)
    response.delete_cookie(COOKIE, path="/")


@router.post("/auth/reset", status_code=204)
async def post_reset(wanted: NewPassword, session: InTransaction, passwords: Passwords) -> None:
    """Chooses a new password with the one-time link that an administrator made."""
    user_id = await queries.use_reset_link(session, wanted.token)
    await queries.set_password(session, user_id, await passwords.hash(wanted.password))


@router.get("/me")
async def get_me(person: SignedIn, session: InTransaction) -> Me:
    return await _me(session, await queries.user_by_id(session, person.id))


@router.patch("/me")
async def patch_me(
    change: MeChange,
    person: SignedIn,
    request: Request,
    response: Response,
    session: InTransaction,
    services: AnyServices,
    passwords: Passwords,
) -> Me:
    """Changes what is given. A new password ends every other sign-in."""
    values = change.model_dump(exclude_unset=True, exclude={"password", "current_password"})
    user = await queries.change_user(session, person.id, values)
    if change.password is not None:
        await change_password(session, passwords, person.id, change.current_password, change.password)
        await _sign_in(session, services, request, response, user)
    return await _me(session, user)


@router.get("/tokens")
async def get_tokens(person: SignedIn, session: InTransaction) -> Page[Token]:
    return Page(items=[Token.model_validate(token) for token in await queries.tokens_of(session, person.id)])


@router.post("/tokens", status_code=201)
async def post_token(wanted: NewToken, person: SignedIn, session: InTransaction) -> CreatedToken:
    token, secret = await queries.add_token(session, person.id, wanted.name, wanted.days)
    return CreatedToken(**Token.model_validate(token).model_dump(), secret=secret)


@router.delete("/tokens/{token_id}", status_code=204)
async def delete_token(token_id: UUID, person: SignedIn, session: InTransaction) -> None:
    await queries.remove_token(session, person.id, token_id)


async def _sign_in(
    session: Session, services: Services, request: Request, response: Response, user: queries.User
) -> None:
    days = services.settings.sign_in_days
    secret = await queries.add_sign_in(session, user.id, request.headers.get("user-agent"), days)
    https = request.url.scheme == "https" or (services.settings.public_url or "").startswith("https:")
    response.set_cookie(COOKIE, secret, max_age=days * 86_400, httponly=True, samesite="lax", secure=https, path="/")


async def _me(session: Session, user: queries.User) -> Me:
    return Me(
        id=user.id,
        email=user.email,
        full_name=user.full_name,
        is_admin=user.is_admin,
        plan=await queries.plan_of(session, user.id),
        locale=user.locale,
        time_zone=user.time_zone,
        created_at=user.created_at,
    )
