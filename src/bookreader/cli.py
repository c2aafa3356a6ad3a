"""The command line. Exit codes: 0 done, 1 findings, 2 it could not be done. Output is plain when piped."""

import asyncio
import gc
import logging
import sys
from collections.abc import Coroutine
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from bookreader import __version__
from bookreader.cli_db import db
from bookreader.errors import BookReaderError
from bookreader.settings import Settings
from bookreader.terminal import MISTAKE, Json, progress_bar, read_settings, refuse, run, run_or_refuse, show

app = typer.Typer(
    name="bookreader",
    help="Upload a novel, read it illustrated.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
user = typer.Typer(help="Accounts.", no_args_is_help=True)
app.add_typer(db, name="db")
app.add_typer(user, name="user")

BookFile = Annotated[Path, typer.Argument(help="An EPUB, FB2 or .fb2.zip file.", exists=False)]

Result = TypeVar("Result")


def main() -> None:
    # What a command loads is there to stay: looking through it for garbage would be a seventh of its start.
    gc.disable()
    try:
        app()
    except BookReaderError as error:
        typer.echo(f"bookreader: {error.message}", err=True)
        raise SystemExit(MISTAKE) from error


def _is_no_cut(record: logging.LogRecord) -> bool:
    """Requests and connections that are cut off because the process ends are no errors, as libraries think."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def _log_to_stderr(settings: Settings) -> None:
    import structlog

    level = getattr(logging, settings.log_level.upper())
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    for handler in logging.getLogger().handlers:
        handler.addFilter(_is_no_cut)
    for library in ("alembic", "pgqueuer", "pymorphy3", "uvicorn", "httpx", "httpcore"):
        logging.getLogger(library).setLevel(max(level, logging.WARNING))
    renderer: Any = structlog.processors.JSONRenderer() if settings.log_json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


@app.callback()
def _version(
    version: Annotated[bool, typer.Option("--version", help="Say which version this is.", is_eager=True)] = False,
) -> None:
    if version:
        typer.echo(f"bookreader {__version__}")
        raise typer.Exit


@app.command()
def serve() -> None:
    """Run the app: database, web and worker, until Ctrl-C."""
    settings = read_settings()
    from bookreader.serve import serve as serve_until_stopped

    _log_to_stderr(settings)
    run(
        serve_until_stopped(
            settings, ready=lambda address: typer.echo(f"BookReader is ready: {address}   (Ctrl-C stops it)")
        )
    )


@app.command()
def worker() -> None:
    """Run a worker alone, beside web processes elsewhere."""
    settings = read_settings()
    from bookreader.work import work

    _log_to_stderr(settings)
    run(work(settings))


@app.command("import")
def import_books(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    email: Annotated[str, typer.Option("--user", help="Whose shelf the books go on.")],
    as_json: Json = False,
) -> None:
    """Put books on a shelf: files, or folders with everything below them."""
    from bookreader.work import import_paths

    settings = read_settings()
    _log_to_stderr(settings)
    with progress_bar(as_json) as tick:
        summary = run(import_paths(settings, paths, email, tick))
    if as_json:
        show(summary.as_json())
    else:
        for refusal in summary.refused:
            typer.echo(f"refused  {refusal['file']}: {refusal['message']} [{refusal['code']}]")
        counts = f"{summary.imported} imported, {summary.already_there} already there, {len(summary.refused)} refused"
        typer.echo(counts)
    if summary.refused:
        raise typer.Exit(1)


@app.command()
def inspect(
    file: BookFile,
    as_json: Json = False,
    text: Annotated[bool, typer.Option("--text", help="Show the text too.")] = False,
) -> None:
    """Show what a book file holds, without a database."""
    shown = _read_book(file, as_json=as_json, text=text)
    if as_json:
        show(shown)
        return
    metadata = shown["metadata"]
    typer.echo(f"{metadata['title']}  -  {', '.join(metadata['authors']) or 'unknown author'}")
    typer.echo(f"{shown['format']}, {metadata['language'] or 'language unknown'}, {shown['positions']} pages")
    for item in shown["reading_order"]:
        typer.echo(f"  {item['words']:>7} words  {item['title'] or item['href']}")
        if text:
            typer.echo(item["text"])
    for warning in shown["warnings"]:
        typer.echo(f"warning: {warning['message']} [{warning['code']}]")


def _read_book(file: Path, *, as_json: bool, text: bool) -> dict[str, Any]:
    """Through the parser process, as an upload is; a refusal ends the command with code 2."""
    from bookreader.library.parse import ParserPool

    async def ask() -> dict[str, Any]:
        pool = ParserPool.from_settings(read_settings())
        try:
            return await pool.inspect(file.absolute(), text=text)
        finally:
            await pool.close()

    return _or_refusal(file, ask(), as_json=as_json)


def _or_refusal(file: Path, work: Coroutine[Any, Any, Result], *, as_json: bool) -> Result:
    if not file.is_file():
        work.close()
        refuse("no_such_file", f"There is no file {file}.", as_json=as_json)
    return run_or_refuse(work, as_json=as_json)


@app.command()
def describe(
    file: Annotated[Path, typer.Argument(help="An EPUB, FB2, or UTF-8 text with blank lines between paragraphs.")],
    as_json: Json = False,
    paragraphs: Annotated[bool, typer.Option("--paragraphs", help="Score every paragraph, in order.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say why nothing was found in a chapter.")] = False,
    language: Annotated[str | None, typer.Option(help="Language of a plain text, such as en or ru.")] = None,
    spend: Annotated[
        float | None,
        typer.Option(
            min=0, help="Send the text to the language model of the settings, too, for at most so many US dollars."
        ),
    ] = None,
) -> None:
    """Find the passages worth a picture, best first, without a database."""
    from bookreader.descriptions.describe_file import describe_file

    settings = read_settings()
    _log_to_stderr(settings)
    dollars = None if spend is None else Decimal(str(spend))
    work = describe_file(settings, file, paragraphs=paragraphs, reasons=explain, language=language, spend=dollars)
    rows = _or_refusal(file, work, as_json=as_json)
    for row in rows:
        if as_json:
            show(row)
        elif explain:
            typer.echo(f"ch {row['chapter']:>3}  {row['found']:>2} found  {row['message'] or ''}".rstrip())
        elif paragraphs:
            typer.echo(f"{row['score']:.2f}  {row['type']:<10} {row['text'][:100]}")
        else:
            typer.echo(f"{row['confidence']:.2f}  {row['type']:<10} ch {row['chapter']:>3}  {row['text'][:100]}")


@app.command()
def illustrate(
    file: BookFile,
    out: Annotated[Path, typer.Option("--out", help="Folder for the pictures and their index.html.")],
    service: Annotated[str, typer.Option(help="plate draws offline; others as set up in the environment.")] = "plate",
    count: Annotated[int, typer.Option(min=1, max=500, help="How many pictures.")] = 12,
) -> None:
    """Draw the best passages of a book into a folder, without a database."""
    from bookreader.illustrations.illustrate_file import illustrate_file

    drawn = _or_refusal(file, illustrate_file(read_settings(), file, out, service=service, count=count), as_json=False)
    typer.echo(f"{drawn} pictures in {out / 'index.html'}")


@user.command("add")
def user_add(
    email: str,
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    name: Annotated[str | None, typer.Option(help="Full name.")] = None,
) -> None:
    """Make an account. The first one administers."""
    from bookreader.accounts.manage import add_user

    run(add_user(read_settings(), email, password, name))
    typer.echo(f"{email} can sign in now.")


@user.command("reset")
def user_reset(email: str) -> None:
    """Print a one-time link with which a person chooses a new password."""
    from bookreader.accounts.manage import reset_link

    typer.echo(run(reset_link(read_settings(), email)))


@user.command("token")
def user_token(email: str, name: Annotated[str, typer.Option(help="What it is for.")] = "command line") -> None:
    """Print a new personal access token for programs."""
    from bookreader.accounts.manage import access_token

    typer.echo(run(access_token(read_settings(), email, name)))
