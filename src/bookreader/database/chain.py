"""A folder of Alembic revisions read as text. Nothing is imported, so that one which Alembic cannot load can be read.

`read_chain` works on any Alembic project: the folder of the revisions itself, the one with env.py, or the one with
alembic.ini.
"""

import ast
import configparser
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from bookreader.errors import NotFound

LONGEST_ID = 32
"""Characters that alembic_version.version_num holds."""
NAMES = ("revision", "down_revision", "branch_labels", "depends_on")


class NoRevisions(NotFound):
    code = "no_revisions"


@dataclass(frozen=True)
class Revision:
    """One file. `parents` is empty for a base; `documented` is what the docstring says of the parents, if it does."""

    id: str
    parents: tuple[str, ...]
    labels: tuple[str, ...]
    needs: tuple[str, ...]
    path: Path
    text: str
    documented_id: str | None
    documented: tuple[str, ...] | None
    moment: str
    """When it was made, as far as file name or docstring say, in a form that sorts; else ''."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Unreadable:
    """A file that Alembic would try to load and that is no revision."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Chain:
    folder: Path
    revisions: tuple[Revision, ...]
    unreadable: tuple[Unreadable, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Revision]:
        """The first file of each id."""
        found: dict[str, Revision] = {}
        for revision in self.revisions:
            found.setdefault(revision.id, revision)
        return found

    @cached_property
    def children(self) -> dict[str, list[Revision]]:
        """By the id that they name as a parent, whether or not it exists."""
        found: dict[str, list[Revision]] = {}
        for revision in self.by_id.values():
            for parent in revision.parents:
                found.setdefault(parent, []).append(revision)
        return found

    @property
    def heads(self) -> list[Revision]:
        return [each for each in self.by_id.values() if not self.children.get(each.id)]

    @property
    def bases(self) -> list[Revision]:
        return [each for each in self.by_id.values() if not each.parents]

    def descendants(self, revision_id: str) -> set[str]:
        """Ids of the revision and of everything after it."""
        return _reach(revision_id, lambda each: [child.id for child in self.children.get(each, [])])

    def ancestors(self, revision_id: str) -> set[str]:
        """Ids of the revision and of everything before it that exists."""
        return _reach(revision_id, lambda each: list(self.by_id[each].parents) if each in self.by_id else [])

    def ordered(self) -> list[Revision]:
        """Parents before children. What stands in a cycle or behind a missing parent is left out."""
        done: list[Revision] = []
        ready = set[str]()
        waiting = list(self.by_id.values())
        while waiting:
            free = [each for each in waiting if set(each.parents) <= ready]
            if not free:
                return done
            done += free
            ready |= {each.id for each in free}
            waiting = [each for each in waiting if each.id not in ready]
        return done

    def relinked(self, revision_id: str, parent: str | None) -> "Chain":
        """The chain as it would be with another parent for one revision."""
        parents = () if parent is None else (parent,)
        changed = tuple(replace(each, parents=parents) if each.id == revision_id else each for each in self.revisions)
        return Chain(self.folder, changed, self.unreadable)


def _reach(start: str, following: Any) -> set[str]:
    seen, waiting = set[str](), [start]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting += following(current)
    return seen


def read_chain(folder: Path) -> Chain:
    """Raises NoRevisions when there is no such folder, or nothing in it."""
    versions = _versions(folder)
    revisions: list[Revision] = []
    unreadable: list[Unreadable] = []
    for path in sorted(versions.glob("*.py")):
        if path.name == "__init__.py" or path.name.startswith(".#"):
            continue
        read = _read(path)
        if isinstance(read, Revision):
            revisions.append(read)
        else:
            unreadable.append(read)
    if not revisions and not unreadable:
        raise NoRevisions(f"There are no revisions in {folder}: name the folder with Alembic's version files.")
    return Chain(versions, tuple(revisions), tuple(unreadable))


def _versions(folder: Path) -> Path:
    """The folder of the version files, from any folder of the project that leads to it."""
    if not folder.is_dir():
        raise NoRevisions(f"There is no folder {folder}.")
    if (folder / "alembic.ini").is_file():
        folder = _script_location(folder / "alembic.ini") or folder
    return folder / "versions" if (folder / "versions").is_dir() else folder


def _script_location(ini: Path) -> Path | None:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(ini, encoding="utf-8")
    except configparser.Error:
        return None
    location = parser.get("alembic", "script_location", fallback="").replace("%(here)s", str(ini.parent))
    folder = ini.parent / location
    return folder if location and folder.is_dir() else None


def _read(path: Path) -> Revision | Unreadable:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        return Unreadable(path, f"it cannot be read as text ({error})")
    return parse(path, text)


def parse(path: Path, text: str) -> Revision | Unreadable:
    """One file, wherever its text comes from."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        return Unreadable(path, f"it cannot be read as Python ({error})")
    try:
        values = _assigned(tree)
    except ValueError as error:
        return Unreadable(path, f"{error} is computed, not written out")
    revision = values.get("revision")
    if not isinstance(revision, str):
        return Unreadable(path, "it names no revision")
    doc = ast.get_docstring(tree) or ""
    return Revision(
        id=revision,
        parents=_tuple(values.get("down_revision")),
        labels=_tuple(values.get("branch_labels")),
        needs=_tuple(values.get("depends_on")),
        path=path,
        text=text,
        documented_id=_documented_id(doc),
        documented=_documented_parents(doc),
        moment=_moment(path.stem, doc),
    )


def _assigned(tree: ast.Module) -> dict[str, Any]:
    """The module's own values of Alembic's names. Raises ValueError for one that only running the file would tell."""
    known: dict[str, Any] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, value = [statement.target], statement.value
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name):
                _assign(known, target.id, value)
    return {name: known[name] for name in NAMES if name in known}


def _assign(known: dict[str, Any], name: str, value: ast.expr) -> None:
    try:
        known[name] = known[value.id] if isinstance(value, ast.Name) else ast.literal_eval(value)
    except (ValueError, KeyError, TypeError) as error:
        if name in NAMES:
            raise ValueError(name) from error


def _tuple(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(each) for each in value)


def _documented_id(doc: str) -> str | None:
    found = re.search(r"^Revision ID: *(\S+) *$", doc, re.MULTILINE)
    return found[1] if found else None


def _documented_parents(doc: str) -> tuple[str, ...] | None:
    found = re.search(r"^Revises:(.*)$", doc, re.MULTILINE)
    if found is None:
        return None
    names = [each.strip() for each in found[1].split(",")]
    return tuple(name for name in names if name and name not in ("None", "<base>", "base", "-"))


def _moment(stem: str, doc: str) -> str:
    """Digits of year, month, day, hour, minute, second, as far as they are known."""
    found = re.search(r"^Create Date: *(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?", doc, re.MULTILINE)
    if found is None:
        found = re.match(r"(\d{4})[-_]?(\d\d)[-_]?(\d\d)(?:[-_T]?(\d\d)[-_]?(\d\d)(?:[-_]?(\d\d))?)?(?!\d)", stem)
    if found is None or not _is_date(found[1], found[2], found[3]):
        return ""
    return "".join(part or "00" for part in found.groups())


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        datetime(int(year), int(month), int(day))  # noqa: DTZ001 - only whether there is such a day
    except ValueError:
        return False
    return 1990 <= int(year) <= 2100


def walk_calls(text: str, function: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The calls `op.<name>(...)` of a revision's function, with the arguments that are written out."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
                    yield call.func.attr, tuple(each.value for each in call.args if isinstance(each, ast.Constant))
