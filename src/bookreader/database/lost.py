"""Revisions whose files are gone, as git or a database still knows them."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bookreader.database.chain import Chain, Revision, parse
from bookreader.database.diagnosis import Lost

SECONDS = 30


def missing_ids(chain: Chain) -> set[str]:
    """Parents that no file defines."""
    return {parent for each in chain.by_id.values() for parent in each.parents} - set(chain.by_id)


def from_git(chain: Chain) -> dict[str, Lost]:
    """What the repository around the folder, if there is one, remembers of missing revisions and their ancestors."""
    found: dict[str, Lost] = {}
    waiting = missing_ids(chain)
    while waiting:
        wanted = waiting.pop()
        lost = _deleted(chain.folder, wanted)
        if lost is not None:
            found[wanted] = lost
            waiting |= set(lost.parents) - set(found) - set(chain.by_id)
    return found


def _deleted(folder: Path, wanted: str) -> Lost | None:
    search = ["log", "--all", "--no-renames", "--diff-filter=D", f"-S{wanted}", "--name-only"]
    listed = _git(folder, *search, "--format=%x01%H%x02%cs%x02%s", "--", ".")
    for entry in listed.split("\x01")[1:]:
        header, *names = [line for line in entry.splitlines() if line]
        commit, day, subject = header.split("\x02", 2)
        for name in names:
            revision = parse(Path(name), _git(folder, "show", f"{commit}^:{name}"))
            if isinstance(revision, Revision) and revision.id == wanted:
                source = f"git commit {commit[:12]} of {day} ({subject}) deleted {wanted} ({Path(name).name})"
                return Lost(wanted, revision.parents, revision.text, source)
    return None


def _git(folder: Path, *arguments: str) -> str:
    """What git says; nothing where there is no git or no repository. Only ever reads."""
    # Another user's checkout may be read too, which git refuses by itself.
    command = ["git", "-c", "safe.directory=*", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


async def from_database(connection: AsyncConnection, wanted: Iterable[str]) -> dict[str, Lost]:
    """What a database that they once made remembers: the very text that was applied."""
    if (await connection.execute(text("SELECT to_regclass('public.schema_revisions')"))).scalar() is None:
        return {}
    query = text("SELECT revision, parent, file_name, source FROM schema_revisions WHERE revision = ANY(:wanted)")
    rows = await connection.execute(query, {"wanted": list(wanted)})
    return {
        row.revision: Lost(
            row.revision,
            (row.parent,) if row.parent else (),
            row.source,
            f"the database keeps the text of {row.revision} ({row.file_name})",
        )
        for row in rows
    }
