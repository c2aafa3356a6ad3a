"""The web application: routers, middleware, health, and the built web app for everything else."""

import json
import re
from functools import cache
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.responses import FileResponse, HTMLResponse, JSONResponse

from bookreader import __version__
from bookreader.accounts.passwords import PasswordPool
from bookreader.accounts.routes import router as accounts
from bookreader.accounts.sign_in import SignInMiddleware
from bookreader.admin.routes import router as administration
from bookreader.analytics.routes import router as analytics
from bookreader.api import PREFIX, Problem, Services, install_problem_details, problem, takes_gzip
from bookreader.cast.routes import router as cast
from bookreader.database.migrate import is_at_head
from bookreader.descriptions.routes import router as descriptions
from bookreader.errors import BookReaderError
from bookreader.events import Events
from bookreader.illustrations.routes import router as illustrations
from bookreader.jobs.routes import router as jobs
from bookreader.library.parse import ParserPool
from bookreader.library.routes import router as library
from bookreader.library.routes import search_router as search
from bookreader.reading.routes import router as reading

STATIC = Path(__file__).parent / "static"
PAGE, READING_PAGE = "index.html", "read.html"
"""The app's one page, and the same with the files of the reader named in its head."""
READING = re.compile(r"read/([\w-]+)/?")
ASSETS = "assets/"
PACKED = ".gz"
WORKER = "sw.js"
WORKER_POLICY = "default-src 'none'; connect-src 'self'"
"""The service worker talks to this server and runs nothing but itself."""
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{styles}; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def create_app() -> FastAPI:
    """The application, which answers requests once it is equipped."""
    app = FastAPI(
        title="BookReader AI",
        version=__version__,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses={"4XX": {"model": Problem}},
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.passwords = PasswordPool()
    for router in (
        accounts,
        library,
        search,
        reading,
        descriptions,
        cast,
        illustrations,
        analytics,
        jobs,
        administration,
    ):
        app.include_router(router, prefix=PREFIX)
    app.include_router(health)
    app.include_router(pages)
    app.add_middleware(SignInMiddleware)
    install_problem_details(app)
    return app


def equip(app: FastAPI, services: Services, parser: ParserPool, events: Events) -> FastAPI:
    """Gives it what it works with. `services.database` is at the newest revision; whoever calls closes everything."""
    app.state.services, app.state.parser, app.state.events = services, parser, events
    return app


health = APIRouter(include_in_schema=False)


@health.get("/health/live")
async def live() -> dict[str, str]:
    return {"status": "ok"}


@health.get("/health/ready")
async def ready(request: Request) -> Response:
    """Database, migrations at head, storage, queue: 503 with the first that is not ready."""
    services: Services = request.app.state.services
    checks: dict[str, str] = {}
    try:
        await services.database.ping()
        checks["database"] = "ok"
        checks["migrations"] = "ok" if await is_at_head(services.database.engine) else "behind: bookreader db upgrade"
        await services.storage.check()
        checks["storage"] = "ok"
    except BookReaderError as error:
        checks["failed"] = error.message
    fine = all(value == "ok" for value in checks.values())
    return JSONResponse({"status": "ok" if fine else "not ready", **checks}, 200 if fine else 503)


pages = APIRouter(include_in_schema=False)


@pages.api_route("/{path:path}", methods=["GET", "HEAD"])
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
    early = {"Link": _asked_first(reading[1])} if reading else {}
    return HTMLResponse(file.read_bytes(), headers=_page_headers() | early)


def _static_file(path: str) -> Path | None:
    file = (STATIC / path).resolve()
    inside = file.is_relative_to(STATIC.resolve())
    ours = file.name in (PAGE, READING_PAGE, "csp.json") or file.suffix == PACKED
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
    if whole and path.startswith(ASSETS):
        return Response(_bytes_of(file), media_type=kind, headers=headers)
    return FileResponse(file, media_type=kind, headers=headers)


@cache
def _bytes_of(asset: Path) -> bytes:
    """A file whose name changes with its content. All of them together are smaller than a photograph."""
    return asset.read_bytes()


def _file_headers(path: str) -> dict[str, str]:
    lifetime = "public, max-age=31536000, immutable" if path.startswith(ASSETS) else "no-cache"
    policy = {"Content-Security-Policy": WORKER_POLICY} if path == WORKER else {}
    return {"Cache-Control": lifetime, "X-Content-Type-Options": "nosniff"} | policy


def _page_headers() -> dict[str, str]:
    return {
        "Content-Security-Policy": PAGE_POLICY.format(styles=_styles()),
        "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


def _asked_first(book: str) -> str:
    """What the reader asks the server for as soon as it runs, as the Link header (RFC 8288) of its page."""
    asked = ("site", "me", f"books/{book}/manifest")
    return ", ".join(f"<{PREFIX}/{path}>; rel=preload; as=fetch; crossorigin" for path in asked)


def _styles() -> str:
    """Hashes of the style blocks that the reader's engine makes, as the web build found them."""
    file = STATIC / "csp.json"
    known: dict[str, Any] = json.loads(file.read_text()) if file.is_file() else {}
    return "".join(f" '{digest}'" for digest in known.get("style", []))
