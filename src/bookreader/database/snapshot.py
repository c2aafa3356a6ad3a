"""A database's schema as one SQL file, stamp included: what the repository keeps, and what psql can build one from."""

from collections.abc import Sequence

from bookreader.database.catalogue import KINDS, Object, read_catalogue
from bookreader.database.ddl import script
from bookreader.database.failures import MigrationFailed
from bookreader.database.manifest import read_manifest
from bookreader.database.migrate import connection_to, head, stamp_of

HEADER = """-- The schema of BookReader's database at revision {stamp}. Made by `bookreader db schema`: do not edit.
-- psql -v ON_ERROR_STOP=1 -1 -f FILE builds it in an empty database, which `bookreader db doctor` then finds healthy.

SET search_path = public;
SET check_function_bodies = off;

"""


def render(objects: Sequence[Object], stamp: str | None) -> str:
    # By name, so that the text does not depend on the order in which things were made; columns keep their order.
    ordered = sorted(objects, key=lambda each: (KINDS.index(each.kind), "" if each.kind == "column" else each.name))
    whole = script(ordered)
    statements = [*whole.before, *whole.after]
    if stamp is not None:
        statements.append(f"INSERT INTO alembic_version (version_num) VALUES ('{stamp}')")  # noqa: S608 - a revision's id
    return HEADER.format(stamp=stamp) + ";\n\n".join(statements) + ";\n"


def of_head() -> str:
    """The schema that our revisions make, without asking any database."""
    manifest = read_manifest()
    if manifest is None or head() not in manifest.by_id:
        raise MigrationFailed("The manifest of the revisions is not there or old: run `bookreader db doctor --lock`.")
    return render(manifest.catalogue(head()), head())


async def of_database(url: str) -> str:
    """The schema that a database really has. Raises DatabaseUnavailable."""
    async with connection_to(url) as connection:
        return render(await read_catalogue(connection), await stamp_of(connection))
