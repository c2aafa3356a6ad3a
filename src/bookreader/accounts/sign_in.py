"""Finds out who sends a request: a browser by its cookie, a program by its token. A plain ASGI middleware."""

from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from bookreader import errors
from bookreader.accounts.queries import person_of_sign_in, person_of_token
from bookreader.api import PREFIX, Services, problem_of
from bookreader.settings import Settings
from bookreader.wire import Person

COOKIE = "bookreader_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class SignInMiddleware:
    """Puts the `Person` on the request of every API call, and refuses unsafe calls that another site makes."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        try:
            scope.setdefault("state", {})["person"] = await person_of(scope)
        except errors.BookReaderError as error:
            await problem_of(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)


async def person_of(scope: Any) -> Person | None:
    """Who sends a request, None without a sign-in. Raises NotSignedIn for a bad token, Forbidden for another site."""
    services: Services = scope["app"].state.services
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and token:
        async with services.database.statements() as session:
            person = await person_of_token(session, token.strip())
        if person is None:
            raise errors.NotSignedIn("This access token is not valid (any more).", code="bad_token")
        return person
    if scope["method"] not in SAFE:
        _refuse_other_sites(headers, services.settings)
    secret = _cookie(headers.get("cookie", ""))
    if secret is None:
        return None
    return await person_of_sign_in(services.database, secret, services.settings.sign_in_days)


def _refuse_other_sites(headers: dict[str, str], settings: Settings) -> None:
    """The Origin check: a browser names the page that sends the request."""
    origin = headers.get("origin")
    if origin is None:
        foreign = headers.get("sec-fetch-site") in ("cross-site", "same-site")
    else:
        public = settings.public_url
        own = {headers.get("host"), urlsplit(public).netloc if public else None}
        foreign = (urlsplit(origin).netloc or origin) not in own
    if foreign:
        raise errors.Forbidden("This request came from another site and was refused.", code="bad_origin")


def _cookie(header: str) -> str | None:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    return found.value if found else None
