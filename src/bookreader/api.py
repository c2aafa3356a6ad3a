"""Shared HTTP pieces: problem details (RFC 9457), the signed-in person, keyset pages, conditional requests."""

import base64
import binascii
import gzip
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Generic, TypeVar

import structlog
from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from bookreader import errors
from bookreader.database import Database, Session
from bookreader.settings import Settings
from bookreader.storage import Storage
from bookreader.wire import Person

log = structlog.get_logger()

PREFIX = "/api/v1"
PROBLEM = "application/problem+json"
REFUSED = re.compile(r"q=0(\.0*)?")

STATUS_OF: tuple[tuple[type[errors.BookReaderError], int], ...] = (
    (errors.NotSignedIn, 401),
    (errors.Forbidden, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.InvalidInput, 422),
    (errors.TooManyRequests, 429),
    (errors.Unavailable, 503),
    (errors.BookReaderError, 500),
)
STATUS_OF_CODE = {"too_large": 413, "unsupported_format": 415, "storage_full": 507}


class Problem(BaseModel):
    """An error answer. `code` is stable; `detail` says what happened and what to do."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str


Item = TypeVar("Item")
Row = TypeVar("Row")


class Page(BaseModel, Generic[Item]):
    """A page of a list. `next` is the cursor of the following page, null on the last."""

    items: list[Item]
    next: str | None = None


@dataclass(frozen=True)
class Services:
    """What every route may need."""

    settings: Settings
    database: Database
    storage: Storage


async def services(request: Request) -> Services:
    """Async like every dependency that only looks something up: a plain function would run in a thread each time."""
    found: Services = request.app.state.services
    return found


async def signed_in(request: Request) -> Person:
    """The person of this request. Raises NotSignedIn."""
    person: Person | None = getattr(request.state, "person", None)
    if person is None:
        raise errors.NotSignedIn("Sign in first.")
    return person


async def open_session(request: Request) -> AsyncIterator[Session]:
    """One transaction per request: committed when the route has returned, before the answer leaves."""
    async with (await services(request)).database.transaction() as session:
        yield session


AnyServices = Annotated[Services, Depends(services)]
SignedIn = Annotated[Person, Depends(signed_in)]
InTransaction = Annotated[Session, Depends(open_session, scope="function")]
Limit = Annotated[int, Query(ge=1, le=200, description="Most items in one answer.")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before.")]


def encode_cursor(*values: Any) -> str:
    text = json.dumps([value.isoformat() if isinstance(value, datetime) else str(value) for value in values])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: Callable[[str], Any]) -> tuple[Any, ...]:
    """The values of a cursor, each read by its kind. Raises InvalidInput."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(kinds):
            raise ValueError
        return tuple(kind(str(value)) for kind, value in zip(kinds, values, strict=True))
    except (ValueError, binascii.Error) as error:
        message = "This cursor is not one of ours: begin again at the first page."
        raise errors.InvalidInput(message, code="bad_cursor") from error


def page(
    rows: Sequence[Row], limit: int, show: Callable[[Row], Item], key: Callable[[Row], tuple[Any, ...]]
) -> Page[Item]:
    """A page of at most `limit` items from limit + 1 rows; `key` gives the cursor's values."""
    kept = rows[:limit]
    following = encode_cursor(*key(kept[-1])) if len(rows) > limit else None
    return Page(items=[show(row) for row in kept], next=following)


def not_modified(request: Request, etag: str) -> bool:
    """Whether the client already has this version (If-None-Match)."""
    known = request.headers.get("if-none-match", "")
    return known == "*" or etag in [part.strip().removeprefix("W/") for part in known.split(",")]


def conditional(request: Request, response: Response, etag: str) -> Response | None:
    """Sets the ETag; answers a finished 304 when the client's copy is current."""
    quoted = f'"{etag}"'
    headers = {"ETag": quoted, "Cache-Control": "private, no-cache"}
    if not_modified(request, quoted):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    response.headers.update(headers)
    return None


def takes_gzip(request: Request) -> bool:
    """Whether Accept-Encoding names gzip with a weight above zero (RFC 9110, 12.5.3)."""
    accepted = request.headers.get("Accept-Encoding", "")
    codings = dict(coding.replace(" ", "").lower().partition(";")[::2] for coding in accepted.split(","))
    return "gzip" in codings and not REFUSED.fullmatch(codings["gzip"])


def packed(request: Request, response: Response, answer: BaseModel) -> Response:
    """A large answer as gzip for whoever can unpack it, with the headers that `response` has got so far."""
    body = answer.model_dump_json(by_alias=True).encode()
    headers = {**response.headers, "Vary": "Accept-Encoding"}
    if takes_gzip(request):
        body = gzip.compress(body, compresslevel=5, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type="application/json", headers=headers)


def problem(status: int, code: str, detail: str, **more: Any) -> JSONResponse:
    body = Problem(title=HTTPStatus(status).phrase, status=status, code=code, detail=detail, **more)
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    return JSONResponse(body.model_dump(mode="json"), status, headers=headers, media_type=PROBLEM)


def problem_of(error: errors.BookReaderError) -> JSONResponse:
    status = next(status for kind, status in STATUS_OF if isinstance(error, kind))
    details = {name: value for name, value in error.details.items() if name not in Problem.model_fields}
    return problem(STATUS_OF_CODE.get(error.stable_code, status), error.stable_code, error.message, **details)


def install_problem_details(app: FastAPI) -> None:
    """Every error of the app answers as problem details, never as a stack trace."""

    @app.exception_handler(errors.BookReaderError)
    async def on_error(request: Request, error: errors.BookReaderError) -> Response:
        return problem_of(error)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        return problem(422, "invalid_input", _sentence(error), errors=_places(error))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
        return problem(error.status_code, code, str(error.detail))

    @app.exception_handler(Exception)
    async def on_unexpected(request: Request, error: Exception) -> Response:
        log.error("request_failed", path=request.url.path, method=request.method, exc_info=error)
        return problem(500, "internal_error", "Something went wrong on the server. It was logged; try again.")


def _places(error: RequestValidationError) -> list[dict[str, str]]:
    return [
        {"field": ".".join(str(part) for part in item["loc"][1:]), "message": str(item["msg"])}
        for item in error.errors()
    ]


def _sentence(error: RequestValidationError) -> str:
    first = _places(error)[0]
    return f"{first['field']}: {first['message']}." if first["field"] else f"{first['message']}."
