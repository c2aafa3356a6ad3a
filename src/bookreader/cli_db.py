"""The commands `bookreader db ...`. Exit codes: 0 done or healthy, 1 findings, 2 it could not be done."""

from pathlib import Path
from typing import Annotated, Any

import typer

from bookreader.terminal import FINDINGS, Json, progress_bar, read_settings, refuse, run_or_refuse, show

db = typer.Typer(help="The database: upgrade it, look at it, check it, back it up.", no_args_is_help=True)


@db.command()
def upgrade(
    revision: Annotated[str, typer.Argument(help="Up to which revision.")] = "head",
    plan: Annotated[bool, typer.Option("--plan", help="Rehearse it, roll it back, and report.")] = False,
    repair: Annotated[str, typer.Option(help="What may be moved aside where it breaks a new rule.")] = "",
    as_json: Json = False,
) -> None:
    """Bring the database to the newest revision."""
    from bookreader.database import migrate

    chosen = [each.strip() for each in repair.split(",") if each.strip()]
    if plan:
        _rehearse(revision, chosen, as_json=as_json)
        return
    change = _on_database(lambda url: migrate.upgrade(url, revision, repair=chosen), as_json=as_json)
    _show_change(change, as_json=as_json)


def _rehearse(revision: str, repair: list[str], *, as_json: bool) -> None:
    from bookreader.database.rehearsal import rehearse

    settings = read_settings()
    found = _on_database(lambda url: rehearse(url, settings, revision, repair=repair), as_json=as_json)
    if as_json:
        show(found.as_json())
    else:
        typer.echo(found.as_text())
    if found.problem:
        raise typer.Exit(FINDINGS)


@db.command()
def downgrade(
    revision: Annotated[str, typer.Argument(help="Down to which revision; base empties the database.")] = "-1",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Take revisions back, the newest by default. What they stored may be lost: back up first."""
    import sys

    from bookreader.database import migrate

    if not yes and sys.stdin.isatty():
        typer.confirm("What the revisions stored may be lost. Did you back up?", abort=True)
    change = _on_database(lambda url: migrate.downgrade(url, revision), as_json=as_json)
    _show_change(change, as_json=as_json)


def _show_change(change: Any, *, as_json: bool) -> None:
    if as_json:
        show({"before": change.before, "after": change.after})
    elif change.before == change.after:
        typer.echo(f"The database is at {change.after or 'no revision'}; there was nothing to do.")
    else:
        typer.echo(f"The database went from {change.before or 'empty'} to {change.after or 'empty'}.")


@db.command()
def current(
    history: Annotated[bool, typer.Option("--history", help="List every revision.")] = False, as_json: Json = False
) -> None:
    """Show which revision the database is at, and which are pending."""
    from bookreader.database import status

    found = _on_database(status.current, as_json=as_json)
    if as_json:
        show(found.as_json())
        return
    typer.echo(f"at {found.revision or 'no revision'}, newest {found.head}")
    for each in found.history if history else found.pending:
        mark = "pending" if each in found.pending else "applied"
        typer.echo(f"  {mark}  {each.id}  {each.title}")


@db.command()
def ping(as_json: Json = False) -> None:
    """Try the connection: who answers, how fast, and what is in it."""
    from bookreader.database import status

    found = _on_database(status.ping, as_json=as_json)
    if as_json:
        show(found)
        return
    for name, value in found.items():
        typer.echo(f"{name:<14} {value}")


@db.command()
def doctor(
    versions: Annotated[Path | None, typer.Option(help="Any Alembic folder; ours by default.")] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Repair what can be proved on a scratch database.")] = False,
    database: Annotated[
        bool | None, typer.Option(help="Look at the database too; by default only for our own revisions.")
    ] = None,
    lock: Annotated[bool, typer.Option("--lock", help="For developers: record the revisions as they are.")] = False,
    as_json: Json = False,
) -> None:
    """Examine revisions and database; name each repair with its evidence."""
    from bookreader.database import doctor as house

    settings = read_settings()
    if lock:
        run_or_refuse(house.lock(settings), as_json=as_json)
        return
    look_inside = versions is None if database is None else database
    report = run_or_refuse(house.visit(settings, versions, database=look_inside, fix=fix), as_json=as_json)
    if as_json:
        show(report.as_json())
    else:
        typer.echo(report.as_text())
    if not report.healthy:
        raise typer.Exit(FINDINGS)


@db.command()
def backup(
    to: Annotated[Path | None, typer.Option(help="Folder, or a file name ending in .zip.")] = None,
    no_files: Annotated[bool, typer.Option("--no-files", help="Rows only, where the files are in S3.")] = False,
    as_json: Json = False,
) -> None:
    """Write one archive with the database and every stored file."""
    from bookreader.admin.backup import back_up
    from bookreader.storage import Storage

    settings = read_settings()
    with progress_bar(as_json) as tick:

        async def work(url: str) -> Any:
            return await back_up(settings, url, Storage.from_settings(settings), to=to, files=not no_files, tick=tick)

        written = _on_database(work, as_json=as_json)
    if as_json:
        show(written.as_json())
    else:
        sizes = f"{written.rows} rows, {written.files} files ({written.referred} of them in earlier backups)"
        typer.echo(f"{written.path}: {sizes}, {written.size / 1e6:.1f} MB, {written.seconds} s")
        for digest in written.damaged:
            typer.echo(f"damaged and not in the backup: {digest}", err=True)
    if written.damaged:
        raise typer.Exit(FINDINGS)


@db.command()
def restore(
    archive: Annotated[Path, typer.Argument(help="A backup.", exists=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Replace what the database holds now.")] = False,
    confirm: Annotated[str, typer.Option(help="The name of the database to replace, as a second yes.")] = "",
    as_json: Json = False,
) -> None:
    """Put a backup's database and files in place, verified before and after."""
    from bookreader.admin.backup import restore as put_back
    from bookreader.database.locks import FolderClaim
    from bookreader.database.status import database_name
    from bookreader.storage import Storage

    settings = read_settings()
    with progress_bar(as_json) as tick:

        async def work(url: str) -> Any:
            name = database_name(url)
            if replace and not _confirmed(name, confirm):
                refuse("not_confirmed", f"To replace the database {name}, add --confirm {name}.", as_json=as_json)
            with FolderClaim(settings.data_dir):
                return await put_back(url, Storage.from_settings(settings), archive, replace=replace, tick=tick)

        restored = _on_database(work, as_json=as_json)
    if as_json:
        show(restored.as_json())
        return
    counts = f"{restored.rows} rows, {restored.files} files"
    typer.echo(f"Restored at {restored.revision or 'no revision'}: {counts}, {restored.seconds} s.")


def _confirmed(name: str, given: str) -> bool:
    """Asked twice: by the option, and by the database's own name."""
    import sys

    if not given and sys.stdin.isatty():
        given = typer.prompt(f"Everything in the database {name} will be replaced. Type its name")
    return given == name


@db.command()
def drill(
    archive: Annotated[Path | None, typer.Argument(help="A backup; the newest by default.", exists=False)] = None,
    as_json: Json = False,
) -> None:
    """Restore a backup into a scratch place, compare, and say how long it took."""
    from bookreader.admin.upkeep import drill as try_out

    settings = read_settings()
    found = _on_database(lambda url: try_out(settings, url, archive), as_json=as_json)
    if as_json:
        show(found.as_json())
    else:
        typer.echo(f"{found.archive.name}: {found.rows} rows and {found.files} files back in {found.seconds} s.")
        for problem in found.problems:
            typer.echo(f"problem: {problem}")
    if found.problems:
        raise typer.Exit(FINDINGS)


@db.command()
def schema(
    out: Annotated[Path | None, typer.Option(help="File to write; printed by default.")] = None,
    head: Annotated[bool, typer.Option("--head", help="What our revisions make, without a database.")] = False,
    as_json: Json = False,
) -> None:
    """Write the database's schema as SQL."""
    from bookreader.database import snapshot

    text = snapshot.of_head() if head else _on_database(snapshot.of_database, as_json=as_json)
    if out is not None:
        out.write_text(text, encoding="utf-8")
    if as_json:
        show({"out": str(out)} if out else {"sql": text})
    elif out is None:
        typer.echo(text, nl=False)


@db.command()
def upkeep(
    tasks: Annotated[list[str] | None, typer.Argument(help="refresh, backup, schema, drill, sweep.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Do every task now.")] = False,
    as_json: Json = False,
) -> None:
    """Do upkeep now, or show when each task ran last and is due next."""
    from bookreader.admin.upkeep import TASKS, Place, do, schedule
    from bookreader.database import Database
    from bookreader.storage import Storage

    settings = read_settings()
    chosen = list(TASKS) if every else tasks or []

    async def work(url: str) -> Any:
        async with Database.from_settings(settings, url) as database:
            place = Place(settings, database, Storage.from_settings(settings))
            if chosen:
                return {name: await do(place, name) for name in chosen}
            async with database.transaction() as session:
                return {each.task: each.as_json() for each in await schedule(session)}

    done = _on_database(work, as_json=as_json)
    if as_json:
        show(done)
        return
    for name, outcome in done.items():
        typer.echo(f"{name:<8} " + ", ".join(f"{key} {value}" for key, value in outcome.items()))


def _on_database(work: Any, *, as_json: bool) -> Any:
    """Runs `work` with the address of the configured or embedded database."""
    settings = read_settings()

    async def inside() -> Any:
        from bookreader.database.embedded import running_url

        async with running_url(settings, say=_say) as url:
            return await work(url)

    return run_or_refuse(inside(), as_json=as_json)


def _say(sentence: str) -> None:
    typer.echo(sentence, err=True)
