"""The web application: routers, middleware, health, and the built web app for everything else."""

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.responses import JSONResponse

from bookreader import __version__
from bookreader.accounts.passwords import PasswordPool
from bookreader.accounts.routes import router as accounts
from bookreader.accounts.sign_in import SignInMiddleware
from bookreader.admin.routes import router as administration
from bookreader.analytics.routes import router as analytics
from bookreader.api import PREFIX, Problem, Services, install_problem_details
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
from bookreader.pages import router as pages
from bookreader.reading.routes import router as reading


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
