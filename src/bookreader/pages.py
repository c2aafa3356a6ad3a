"""The built web app: its files, and its one page for every address that the app itself understands."""

import asyncio
import json
import re
import zlib
from collections.abc import AsyncIterator
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import unquote, urlencode
from uuid import UUID

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.responses import FileResponse, HTMLResponse, StreamingResponse

from bookreader.accounts.routes import get_me, site_of
from bookreader.accounts.sign_in import person_of
from bookreader.api import PREFIX, Services, problem, takes_gzip
from bookreader.errors import BookReaderError
from bookreader.library.queries import readable_book_of
from bookreader.library.routes import manifest_of
from bookreader.reading.queries import standing
from bookreader.reading.routes import show_progress

log = structlog.get_logger()

STATIC = Path(__file__).parent / "static"
PAGE, READING_PAGE = "index.html", "read.html"
"""The app's one page, and the one that begins with the reader."""
POLICY = "csp.json"
READING = re.compile(r"read/([\w-]+)/?")
ASSETS = "assets/"
PACKED = ".gz"
WORKER = "sw.js"
WORKER_POLICY = "default-src 'none'; connect-src 'self'"
"""The service worker talks to this server and runs nothing but itself."""
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'{script}; style-src 'self'{style}; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DEVICE_COOKIE = "bookreader_device"
"""What the web app calls this browser; sent with the addresses of the reader only."""
PATIENCE = 0.5
"""Seconds that a page waits for the answers it could take along; the app asks for what did not come."""

router = APIRouter(include_in_schema=False)


@router.api_route("/{path:path}", methods=["GET", "HEAD"])
async def page(path: str, request: Request) -> Response:
    """A file of the web app, or its one page for every address that the app itself understands."""
    if path.startswith("api/"):
        return problem(404, "not_found", "There is nothing at this address.")
    asset = _static_file(path)
    if asset is not None:
        return _file_answer(asset, path, request)
    if "." in path.rsplit("/", 1)[-1]:
        return problem(404, "not_found", "There is no such file.")
    reading = READING.fullmatch(path)
    file = STATIC / (READING_PAGE if reading else PAGE)
    if not file.is_file():
        return problem(503, "not_built", "The web app is not built: run `make setup`.")
    text = file.read_bytes()
    return _reading_page(text, reading[1], request) if reading else HTMLResponse(text, headers=_page_headers(request))


def _static_file(path: str) -> Path | None:
    file = (STATIC / path).resolve()
    inside = file.is_relative_to(STATIC.resolve())
    ours = file.name in (PAGE, READING_PAGE, POLICY) or file.suffix == PACKED
    return file if path and inside and file.is_file() and not ours else None


def _file_answer(file: Path, path: str, request: Request) -> Response:
    """The file, packed where the build packed it and the browser can unpack it."""
    headers = _file_headers(path)
    whole = "Range" not in request.headers
    packed = file.with_name(file.name + PACKED)
    if packed.is_file():
        headers["Vary"] = "Accept-Encoding"
        # A range of the packed file is of no use to whoever asks for one of the file.
        if whole and takes_gzip(request):
            headers["Content-Encoding"] = "gzip"
            file = packed
    kind = guess_type(path)[0]
    if whole:
        return Response(_bytes_of(file, file.stat().st_mtime_ns), media_type=kind, headers=headers)
    return FileResponse(file, media_type=kind, headers=headers)


@lru_cache(256)
def _bytes_of(file: Path, changed: int) -> bytes:
    """A file as it is since `changed`. All of them together are smaller than a photograph."""
    return file.read_bytes()


def _file_headers(path: str) -> dict[str, str]:
    lifetime = "public, max-age=31536000, immutable" if path.startswith(ASSETS) else "no-cache"
    policy = {"Content-Security-Policy": WORKER_POLICY} if path == WORKER else {}
    return {"Cache-Control": lifetime, "X-Content-Type-Options": "nosniff"} | policy


def _page_headers(request: Request) -> dict[str, str]:
    # No page asked for an address that somebody typed or kept. To cut the tie to an opener all the same, a browser
    # throws away the process that it has ready. Only the browser can write this header (Fetch Metadata, 2.3).
    opened = request.headers.get("Sec-Fetch-Site") != "none"
    return {
        "Content-Security-Policy": PAGE_POLICY.format(**_own_blocks()),
        "Cache-Control": "no-cache",
        "Vary": "Sec-Fetch-Site",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin" if opened else "unsafe-none",
    }


def _own_blocks() -> dict[str, str]:
    """Digests of the scripts and styles that stand in no file of their own, as the web build found them."""
    file = STATIC / POLICY
    known: dict[str, list[str]] = json.loads(file.read_text()) if file.is_file() else {}
    return {kind: "".join(f" '{digest}'" for digest in known.get(kind, [])) for kind in ("script", "style")}


def _reading_page(text: bytes, book: str, request: Request) -> Response:
    """The page of the reader, which takes along what the reader would ask for first.

    Its beginning leaves at once, so that the browser asks for the files it names while the database is asked. A page
    that knows where somebody reads is kept by nobody.
    """
    headers = _page_headers(request) | {"Cache-Control": "no-store", "Vary": "Accept-Encoding, Cookie, Sec-Fetch-Site"}
    parts = _with_answers(text, book, request)
    if takes_gzip(request):
        headers["Content-Encoding"] = "gzip"
        parts = _packed(parts)
    return StreamingResponse(parts, media_type="text/html", headers=headers)


async def _with_answers(text: bytes, book: str, request: Request) -> AsyncIterator[bytes]:
    beginning, end, rest = text.partition(b"</body>")
    yield beginning
    answers = await _answers(book, request) if request.method == "GET" else "{}"
    yield f'<script type="application/json" id="answers">{answers}</script>'.encode() + end + rest


async def _packed(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The parts as one gzip stream, each of them whole when it arrives."""
    packer = zlib.compressobj(5, wbits=zlib.MAX_WBITS | 16)
    async for part in parts:
        yield packer.compress(part) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()


async def _answers(book: str, request: Request) -> str:
    """What the reader asks first, by address. Nothing where any of it is late or an error, which the app then meets."""
    try:
        async with asyncio.timeout(PATIENCE):
            return _as_data(await _asked_first(UUID(book), request))
    except (BookReaderError, ValueError, TimeoutError) as reason:
        log.debug("page_without_answers", reason=str(reason))
    except Exception:  # half of the page is sent already: the app asks again, and tells what is wrong
        log.exception("page_without_answers")
    return "{}"


async def _asked_first(book_id: UUID, request: Request) -> dict[str, BaseModel]:
    services: Services = request.app.state.services
    person = await person_of(request.scope)
    if person is None:
        return {}
    device = unquote(request.cookies.get(DEVICE_COOKIE, ""))
    async with services.database.transaction() as session:
        me = await get_me(person, session)
        manifest = manifest_of(await readable_book_of(session, person.id, book_id))
    progress = show_progress(await standing(services.database, person.id, book_id, device), device)
    book = f"{PREFIX}/books/{book_id}"
    asked = "?" + urlencode({"device": device}) if device else ""
    return {
        f"{PREFIX}/site": site_of(services),
        f"{PREFIX}/me": me,
        f"{book}/manifest": manifest,
        f"{book}/progress{asked}": progress,
    }


def _as_data(values: dict[str, BaseModel]) -> str:
    """Values for a block of data, which no browser runs. No "<" is left that could end it (HTML, 4.12.1.3)."""
    pairs = [f"{json.dumps(key)}:{value.model_dump_json(by_alias=True)}" for key, value in values.items()]
    return "{" + ",".join(pairs).replace("<", r"\u003c") + "}"
