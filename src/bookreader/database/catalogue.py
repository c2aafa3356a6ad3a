"""Everything that a database consists of, read from its catalogues: one definition per object, the same on every
supported server version. Doctor, schema snapshot, backups and the tests compare and build databases with it.

What does not count: names of NOT NULL constraints, uuid-ossp (nothing depends on it), the order of columns, comments,
owners, privileges and rows; and the side tables in which migrations keep what they set aside.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

SET_ASIDE = (
    "admin_settings_retired",
    "json_to_jsonb_originals",
    "enum_checks_originals",
    "reconcile_set_aside",
    "generated_images_plates_retired",
)
"""Tables in which revisions keep rows and values that they could not take along."""

QUERIES = (Path(__file__).parent / "catalogue.sql").read_text(encoding="utf-8").split("-- next\n")

KINDS = (
    "schema", "extension", "type", "function", "sequence", "table", "column", "constraint", "index", "foreign key",
    "view", "materialized view", "view index", "trigger", "rule", "policy",
)  # fmt: skip
"""In the order in which they can be created."""


@dataclass(frozen=True, order=True)
class Object:
    """`name` is qualified (`table.column` within a table); `table` names the relation that it belongs to, if any.

    `definition` is what is compared: for most kinds the statement's tail that creates it.
    """

    kind: str
    name: str
    definition: str
    table: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Difference:
    """One object that is not as expected. `expected` None = it should not be there; `found` None = it is missing."""

    expected: Object | None
    found: Object | None

    @property
    def object(self) -> Object:
        found = self.expected or self.found
        assert found is not None  # noqa: S101 - one of the two is there by construction
        return found

    @property
    def message(self) -> str:
        name = self.object.key
        if self.found is None:
            return f"{name} is missing"
        if self.expected is None:
            return f"{name} is not ours: {self.found.definition}"
        return f"{name} is {self.found.definition!r} instead of {self.expected.definition!r}"


async def read_catalogue(connection: AsyncConnection, *, aside: bool = False) -> list[Object]:
    """Every object of every schema but the system's and the extensions', in an order in which they can be created.

    `aside` = with the tables of SET_ASIDE, as a backup wants them.
    """
    # Other schemas than public are written out, whatever the connection's own search path.
    await connection.execute(text("SET LOCAL search_path = public"))
    found: list[Object] = []
    for query in QUERIES:
        rows = await connection.execute(text(query))
        found += [Object(kind, name, _normal(kind, definition), table) for kind, name, definition, table in rows]
    return sorted(found if aside else without_aside(found), key=lambda each: KINDS.index(each.kind))


def without_aside(objects: Iterable[Object]) -> list[Object]:
    return [each for each in objects if not {each.table, each.name} & set(SET_ASIDE)]


def fingerprint(objects: Iterable[Object]) -> str:
    """SHA-256 over all definitions, as 64 hexadecimal digits; equal for equal databases on every server version."""
    lines = sorted(f"{each.key}\t{each.definition}\n" for each in objects)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def definitions(objects: Iterable[Object]) -> dict[str, str]:
    return {each.key: each.definition for each in objects}


def differences(expected: Sequence[Object], found: Sequence[Object]) -> list[Difference]:
    """What distinguishes two databases, in order of creation. Parts of a missing or foreign table go with it."""
    wanted, there = _by_key(expected), _by_key(found)
    changed = [
        Difference(wanted.get(key), there.get(key))
        for key in {**wanted, **there}
        if _definition(wanted.get(key)) != _definition(there.get(key))
    ]
    whole = {each.object.name for each in changed if _whole(each)}
    changed = [each for each in changed if each.object.table not in whole]
    return sorted(changed, key=lambda each: (KINDS.index(each.object.kind), each.object.name))


def _definition(item: Object | None) -> str | None:
    return None if item is None else item.definition


def _whole(difference: Difference) -> bool:
    """Whether its parts come and go with the object: views are always made anew."""
    one_sided = difference.expected is None or difference.found is None
    return difference.object.kind == "materialized view" or (one_sided and difference.object.kind == "table")


def _by_key(objects: Iterable[Object]) -> Mapping[str, Object]:
    return {each.key: each for each in objects}


def _normal(kind: str, definition: str) -> str:
    if kind not in ("view", "materialized view"):
        return definition
    return _without_qualifiers(definition)


def _without_qualifiers(definition: str) -> str:
    """Up to version 15 a server writes `table.column` in every view, from 16 on only where it says something."""
    relations = re.findall(r"^ +(?:FROM|(?:[A-Z]+ )*JOIN) (.+?)$", definition, re.MULTILINE)
    spaced = " ".join(definition.split()).rstrip(";")
    if len(relations) != 1 or "," in relations[0]:
        return spaced
    name = relations[0].rstrip(";").split()[-1]
    return re.sub(rf"\b{re.escape(name)}\.", "", spaced)
