"""From objects of the catalogue to the statements that create them, and from differences to those that end them.

Names are written as the catalogue gives them, for `search_path = public`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bookreader.database.catalogue import Difference, Object

INTEGRITY, BEHAVIOUR, SPEED = "integrity", "behaviour", "speed"
"""What a difference puts at risk: which rows can exist, what is answered, or how long that takes."""


@dataclass(frozen=True)
class Script:
    """How to build a database: `before` the rows, then they, then `after`, which checks them and fills the views."""

    before: list[str]
    after: list[str]


def script(objects: Sequence[Object]) -> Script:
    columns: dict[str, list[str]] = {}
    for each in objects:
        if each.kind == "column":
            columns.setdefault(each.table, []).append(f"{_last(each)} {each.definition}")
    before = [statement for each in objects for statement in _before(each, columns)]
    after = [statement for each in objects if each.kind not in BEFORE for statement in create(each)]
    return Script(before, [*after, *(_owner(each) for each in objects if _is_owned(each))])


BEFORE = ("schema", "extension", "type", "function", "sequence", "table", "column")


def _before(item: Object, columns: dict[str, list[str]]) -> Iterator[str]:
    if item.kind == "table":
        listed = ",\n    ".join(columns.get(item.name, []))
        yield _create_table(item, f"(\n    {listed}\n)" if listed else "()")
    elif item.kind == "sequence":
        yield f"CREATE SEQUENCE {item.name} {item.definition.split(' OWNED BY ')[0]}"
    elif item.kind in BEFORE and item.kind != "column":
        yield from create(item)


def _is_owned(item: Object) -> bool:
    return item.kind == "sequence" and " OWNED BY " in item.definition


def _owner(item: Object) -> str:
    return f"ALTER SEQUENCE {item.name} OWNED BY {item.definition.split(' OWNED BY ')[1]}"


def _create_table(item: Object, columns: str) -> str:
    unlogged = "UNLOGGED " if "UNLOGGED" in item.definition else ""
    partition = re.search(r"PARTITION BY .*", item.definition)
    return f"CREATE {unlogged}TABLE {item.name} {columns}" + (f" {partition[0]}" if partition else "")


_CREATE = {
    "schema": "CREATE SCHEMA {name}",
    "extension": "CREATE EXTENSION IF NOT EXISTS {name}",
    "type": "CREATE TYPE {name} AS {definition}",
    "sequence": "CREATE SEQUENCE {name} {definition}",
    "column": "ALTER TABLE {table} ADD COLUMN {last} {definition}",
    "constraint": "ALTER TABLE {table} ADD CONSTRAINT {last} {definition}",
    "foreign key": "ALTER TABLE {table} ADD CONSTRAINT {last} {definition}",
    "view": "CREATE VIEW {name} AS {definition}",
    "materialized view": "CREATE MATERIALIZED VIEW {name} AS {definition}",
    "policy": "-- policy {name}: {definition}",
}


def create(item: Object) -> list[str]:
    """The statements that create one object where everything that it needs is there."""
    if item.kind == "table":
        return [_create_table(item, "()")]
    if pattern := _CREATE.get(item.kind):
        parts = {"name": item.name, "table": item.table, "last": _last(item), "definition": item.definition}
        return [pattern.format(**parts)]
    whole = item.definition.removesuffix(" INVALID").removesuffix(" DISABLED").rstrip().rstrip(";")
    disable = item.kind == "trigger" and item.definition.endswith(" DISABLED")
    return [whole, *([f"ALTER TABLE {item.table} DISABLE TRIGGER {_last(item)}"] if disable else [])]


def drop(item: Object) -> str:
    name = item.name
    match item.kind:
        case "column":
            return f"ALTER TABLE {item.table} DROP COLUMN {_last(item)}"
        case "constraint" | "foreign key":
            return f"ALTER TABLE {item.table} DROP CONSTRAINT {_last(item)}"
        case "trigger" | "policy" | "rule":
            return f"DROP {item.kind.upper()} {_last(item)} ON {item.table}"
        case "view index":
            return f"DROP INDEX {name}"
    return f"DROP {item.kind.upper()} {name}"


def risk(difference: Difference) -> str:
    item = difference.object
    if item.kind in ("index", "view index"):
        unique = any(each and "UNIQUE" in each.definition for each in (difference.expected, difference.found))
        return INTEGRITY if unique and item.kind == "index" else SPEED
    return INTEGRITY if item.kind in ("table", "column", "constraint", "foreign key", "type", "sequence") else BEHAVIOUR


def destroys(difference: Difference) -> bool:
    """Whether ending the difference could take rows or values away: never done unattended."""
    return difference.expected is None and difference.object.kind in ("schema", "table", "column", "type", "sequence")


def mend(difference: Difference, expected: Iterable[Object] = ()) -> list[str]:
    """The statements that make the object as expected. `expected`: all objects, for the parts of a missing table."""
    wanted, found = difference.expected, difference.found
    if wanted is None:
        assert found is not None  # noqa: S101 - one of the two is there by construction
        return [drop(found)]
    if found is None:
        parts = [each for each in expected if each.table == wanted.name]
        return [statement for each in (wanted, *parts) for statement in create(each)]
    if wanted.kind == "column":
        return _mend_column(wanted, found)
    if wanted.kind == "type":
        return _mend_labels(wanted, found)
    if found.definition == f"{wanted.definition} NOT VALID":
        return [f"ALTER TABLE {wanted.table} VALIDATE CONSTRAINT {_last(wanted)}"]
    if wanted.kind == "function":
        return create(wanted)
    parts = [each for each in expected if each.table == wanted.name and wanted.kind == "materialized view"]
    return [drop(found), *(statement for each in (wanted, *parts) for statement in create(each))]


_COLUMN = re.compile(
    r"(?P<type>.+?)(?: (?P<made>GENERATED .+?))?(?: DEFAULT (?P<default>.+?))?(?P<required> NOT NULL)?$"
)


def _mend_column(wanted: Object, found: Object) -> list[str]:
    want, have = _COLUMN.match(wanted.definition), _COLUMN.match(found.definition)
    assert want is not None and have is not None  # noqa: S101, PT018 - every definition has a type
    column = f"ALTER TABLE {wanted.table} ALTER COLUMN {_last(wanted)}"
    statements: list[str] = []
    if want["type"] != have["type"]:
        statements.append(f"{column} TYPE {want['type']} USING {_last(wanted)}::{want['type']}")
    if want["default"] != have["default"]:
        statements.append(f"{column} SET DEFAULT {want['default']}" if want["default"] else f"{column} DROP DEFAULT")
    if want["required"] != have["required"]:
        statements.append(f"{column} {'SET' if want['required'] else 'DROP'} NOT NULL")
    return statements or [f"-- {wanted.key}: {found.definition} should become {wanted.definition}"]


def _mend_labels(wanted: Object, found: Object) -> list[str]:
    want, have = (re.findall(r"'((?:[^']|'')*)'", each.definition) for each in (wanted, found))
    missing = [f"ALTER TYPE {wanted.name} ADD VALUE '{label}'" for label in want if label not in have]
    surplus = [label for label in have if label not in want]
    note = f"-- {wanted.name} has labels that are not ours ({', '.join(surplus)}): a label can only go with its type"
    return [*missing, *([note] if surplus else [])]


def _last(item: Object) -> str:
    """The name within its table, quoted where it needs to be."""
    return item.name[len(item.table) + 1 :]
