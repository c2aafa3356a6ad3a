"""What every command shares: settings or a sentence, running, JSON, refusals, progress."""

import asyncio
import gc
import json
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn, TypeVar

import typer
import uvloop

from bookreader.errors import BookReaderError
from bookreader.settings import Settings

MISTAKE = 2
"""Exit code of a command that could not do what it was asked."""
FINDINGS = 1

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]

Result = TypeVar("Result")


def read_settings() -> Settings:
    """Ends the command with a sentence per setting that cannot be used."""
    from pydantic import ValidationError

    try:
        return Settings()
    except ValidationError as error:
        for item in error.errors():
            name = "BOOKREADER_" + str(item["loc"][0]).upper() if item["loc"] else "settings"
            typer.echo(f"bookreader: {name}: {item['msg']}", err=True)
        raise SystemExit(MISTAKE) from error


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """On uvloop: what waits for the network and the database costs about half as much there."""
    gc.enable()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(work)
    except KeyboardInterrupt as error:
        raise SystemExit(130) from error


def run_or_refuse(work: Coroutine[Any, Any, Result], *, as_json: bool) -> Result:
    """Runs it; an error of ours ends the command with its sentence and code 2."""
    try:
        return run(work)
    except BookReaderError as error:
        refuse(error.stable_code, error.message, as_json=as_json)


def show(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=None, default=str))


def refuse(code: str, message: str, *, as_json: bool) -> NoReturn:
    if as_json:
        show({"error": {"code": code, "message": message}})
    else:
        typer.echo(f"bookreader: {message} [{code}]", err=True)
    raise typer.Exit(MISTAKE)


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Any]:
    """A bar on the terminal; nothing when piped."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal, transient=True) as progress:
        bar = progress.add_task("", total=None)
        yield lambda done, total, what: progress.update(bar, completed=done, total=total, description=what[:40])
