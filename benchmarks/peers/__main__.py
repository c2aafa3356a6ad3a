"""`python -m benchmarks.peers`: serves the peers' pages and packages, and the books of the data folder.

It is no slower than our server: the same one underneath, without accounts or database, and texts packed once.
"""

import gzip
import os
from functools import cache
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from benchmarks.peers import FOLDER

BOOKS = Path(os.environ["BOOKREADER_DATA_DIR"])
TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".opf": "application/oebps-package+xml",
    ".xhtml": "application/xhtml+xml",
    ".xml": "application/xml",
}


async def ready(_: Request) -> Response:
    return PlainTextResponse("ok")


async def file(request: Request) -> Response:
    for folder in (FOLDER, BOOKS):
        found = (folder / request.path_params["path"]).resolve()
        if found.is_relative_to(folder.resolve()) and found.is_file():
            return _answer(found)
    return PlainTextResponse("There is no such file.", 404)


def _answer(found: Path) -> Response:
    kind = TYPES.get(found.suffix)
    if kind is None:
        return FileResponse(found)
    return Response(_packed(found), media_type=kind, headers={"Content-Encoding": "gzip"})


@cache
def _packed(found: Path) -> bytes:
    return gzip.compress(found.read_bytes())


if __name__ == "__main__":
    site = Starlette(routes=[Route("/health/ready", ready), Route("/{path:path}", file)])
    uvicorn.run(site, port=int(os.environ["BOOKREADER_PORT"]), log_level="error")
