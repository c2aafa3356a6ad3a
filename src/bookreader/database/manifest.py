"""The record of every revision of ours: the hash of its file, and what the database consists of after it.

The doctor knows from it which revision an unstamped database is at, and which files were edited after they had been
applied somewhere. `bookreader db doctor --lock` writes it anew; a test compares it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bookreader.database.catalogue import KINDS, Object, fingerprint, read_catalogue
from bookreader.database.chain import Chain, Revision, read_chain
from bookreader.database.migrate import MIGRATIONS, VERSIONS, connection_to, upgrade

MANIFEST = MIGRATIONS / "manifest.json"
LAST_LOCKED = "enum_checks_2025"
"""Until the first release, revisions after this one may still be edited."""

Catalogue = Mapping[str, Object]


@dataclass(frozen=True)
class Entry:
    """`changed` and `gone`: the difference to the parent, by key, with definition and table."""

    revision: str
    parent: str | None
    sha256: str
    locked: bool
    fingerprint: str
    changed: dict[str, list[str]] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Manifest:
    entries: tuple[Entry, ...]

    @property
    def by_id(self) -> dict[str, Entry]:
        return {entry.revision: entry for entry in self.entries}

    def catalogue(self, revision: str) -> list[Object]:
        """What a database at this revision consists of, in an order in which it can be created."""
        objects: dict[str, Object] = {}
        for entry in self._path(revision):
            for key in entry.gone:
                del objects[key]
            for key, (definition, table) in entry.changed.items():
                kind = next(each for each in sorted(KINDS, key=len, reverse=True) if key.startswith(f"{each} "))
                objects[key] = Object(kind, key.removeprefix(f"{kind} "), definition, table)
        return sorted(objects.values(), key=lambda each: KINDS.index(each.kind))

    def at(self, print_of_database: str) -> str | None:
        """The revision with this fingerprint; the oldest, where one changes nothing."""
        return next((entry.revision for entry in self.entries if entry.fingerprint == print_of_database), None)

    def _path(self, revision: str) -> list[Entry]:
        path: list[Entry] = []
        current: str | None = revision
        while current is not None:
            path.append(self.by_id[current])
            current = path[-1].parent
        return path[::-1]


def read_manifest(path: Path = MANIFEST) -> Manifest | None:
    """None where there is no such file."""
    try:
        entries: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["revisions"]
    except FileNotFoundError:
        return None
    return Manifest(tuple(Entry(**entry) for entry in entries))


def write_manifest(manifest: Manifest, path: Path = MANIFEST) -> None:
    content = {"revisions": [asdict(entry) for entry in manifest.entries]}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


async def build_manifest(url: str) -> Manifest:
    """Takes an empty database through every revision of ours."""
    entries: list[Entry] = []
    objects: list[Object] = []
    locked = locked_ids(read_chain(VERSIONS))
    for revision in read_chain(VERSIONS).ordered():
        await upgrade(url, revision.id)
        async with connection_to(url) as connection:
            after = await read_catalogue(connection)
        entries.append(_entry(revision, objects, after, locked=revision.id in locked))
        objects = after
    return Manifest(tuple(entries))


def locked_ids(chain: Chain) -> set[str]:
    return chain.ancestors(LAST_LOCKED)


def _entry(revision: Revision, before: Sequence[Object], after: Sequence[Object], *, locked: bool) -> Entry:
    old = _by_key(before)
    changed = {each.key: [each.definition, each.table] for each in after if old.get(each.key) != each}
    gone = sorted(set(old) - {each.key for each in after})
    parent = revision.parents[0] if revision.parents else None
    return Entry(revision.id, parent, revision.sha256, locked, fingerprint(after), changed, gone)


def _by_key(objects: Iterable[Object]) -> Catalogue:
    return {each.key: each for each in objects}
