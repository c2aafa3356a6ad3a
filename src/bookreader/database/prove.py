"""Whether a folder of revisions really runs: base to head, down, and up again, on an empty database.

Run as a process of its own, because it imports and runs them: `python -m bookreader.database.prove FOLDER URL PROJECT`.
"""

import asyncio
import importlib
import json
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from bookreader.database.catalogue import Object, definitions, fingerprint, read_catalogue
from bookreader.database.migrate import connection_to

ENVIRONMENT = Path(__file__).parent / "proving" / "env.py"
SECONDS = 300


@dataclass(frozen=True)
class Proof:
    """`reversible`: whether the downgrade to base and a second upgrade worked as well."""

    holds: bool
    message: str
    fingerprint: str = ""
    tables: tuple[str, ...] = ()
    reversible: bool = False


async def prove(versions: Path, url: str, project: Path) -> Proof:
    """Runs the revisions in `versions` against the empty database `url`. `project`: where what they import is found."""
    command = [sys.executable, "-m", "bookreader.database.prove", str(versions), url, str(project)]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate(), SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        return Proof(holds=False, message=f"The revisions did not end within {SECONDS} s on an empty database.")
    said = [line for line in output.decode(errors="replace").splitlines() if line.startswith('{"holds": true')]
    if said:
        answer = json.loads(said[-1])
        return Proof(**answer | {"tables": tuple(answer["tables"])})
    last = errors.decode(errors="replace").strip().rsplit("\n", 1)[-1]
    return Proof(holds=False, message=f"The revisions do not run on an empty database: {last}")


def project_of(folder: Path) -> Path:
    """The folder above the revisions that their imports start from: the one with alembic.ini, else two up."""
    parents = [folder, *folder.resolve().parents]
    return next((each for each in parents[:5] if (each / "alembic.ini").is_file()), parents[min(2, len(parents) - 1)])


async def _run(versions: Path, url: str) -> None:
    alembic: Any = importlib.import_module("alembic.command")
    config: Any = importlib.import_module("alembic.config").Config()
    home = versions.parent / "home"
    home.mkdir(exist_ok=True)
    shutil.copy(ENVIRONMENT, home)
    config.set_main_option("script_location", str(home))
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "newline")
    async with connection_to(url) as connection:

        def run(command: str, revision: str) -> Any:
            def work(sync: Any) -> None:
                config.attributes["connection"] = sync
                getattr(alembic, command)(config, revision)

            return work

        await connection.run_sync(run("upgrade", "heads"))
        await connection.commit()
        objects = await read_catalogue(connection)
        await connection.commit()
        _say(_proof(objects, "The chain runs from an empty database to its head."))
        await connection.run_sync(run("downgrade", "base"))
        await connection.run_sync(run("upgrade", "heads"))
        await connection.commit()
        if definitions(await read_catalogue(connection)) == definitions(objects):
            message = "The chain runs from an empty database to its head, back and again."
            _say(_proof(objects, message, reversible=True))


def _proof(objects: list[Object], message: str, *, reversible: bool = False) -> Proof:
    tables = tuple(each.name for each in objects if each.kind == "table")
    return Proof(True, message, fingerprint(objects), tables, reversible)


def _say(proof: Proof) -> None:
    """On a line of its own; the last one counts."""
    sys.stdout.write("\n" + json.dumps(asdict(proof)) + "\n")
    sys.stdout.flush()


def _give_up(_kind: type[BaseException], error: BaseException, _at: TracebackType | None) -> None:
    """Foreign code may raise anything. What had been proved by then is said already."""
    reason = str(error).split("\n", 1)[0] or type(error).__name__
    sys.stderr.write(f"{reason}\n")


def main(versions: str, url: str, project: str) -> None:
    sys.excepthook = _give_up
    sys.path[:0] = [project, str(Path(project) / "src")]
    asyncio.run(_run(Path(versions), url))


if __name__ == "__main__":
    main(*sys.argv[1:4])
