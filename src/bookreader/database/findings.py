"""What a doctor says: findings with a repair and the evidence for it, and the edits of files that repairs make."""

import ast
import difflib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bookreader.database.chain import Revision
from bookreader.errors import Conflict


class FileChanged(Conflict):
    code = "file_changed"


@dataclass(frozen=True)
class Edit:
    """Lines `first` to `last` of a file (from 1) as they are and as they become; `new` None = the file goes away."""

    path: Path
    first: int
    last: int
    old: str
    new: str | None

    def apply(self, text: str) -> str:
        lines = text.splitlines()
        if "\n".join(lines[self.first - 1 : self.last]) != self.old:
            raise FileChanged(f"{self.path.name} was changed meanwhile: run the doctor again.")
        lines[self.first - 1 : self.last] = (self.new or "").splitlines()
        return "\n".join(lines) + "\n"

    def diff(self) -> str:
        """As a patch shows it."""
        name = self.path.name
        if self.new is None:
            return f"delete {name}"
        lines = difflib.unified_diff(self.old.splitlines(), self.new.splitlines(), name, name, lineterm="", n=0)
        return "\n".join(line for line in lines if not line.startswith("@@"))


@dataclass(frozen=True)
class Repair:
    """`relink` says that `down_revision` (None = a base) is the parent that the finding's revision should have."""

    relink: bool = False
    down_revision: str | None = None
    commands: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    statements: tuple[str, ...] = ()
    """SQL for the database, in order."""
    confidence: float = 0.0
    """0 to 1."""

    def as_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        if self.relink:
            shown["down_revision"] = self.down_revision
        commands = [*self.commands, *self.statements]
        if commands:
            shown["commands"] = commands
        if self.edits:
            shown["patch"] = "\n".join(edit.diff() for edit in self.edits)
        if self.confidence:
            shown["confidence"] = round(self.confidence, 2)
        return shown


@dataclass(frozen=True)
class Finding:
    code: str
    revision: str | None
    message: str
    repair: Repair = field(default_factory=Repair)
    evidence: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "revision": self.revision,
            "message": self.message,
            "repair": self.repair.as_json(),
            "evidence": list(self.evidence),
        }

    def as_lines(self) -> list[str]:
        """For a person: what, why, and how to end it."""
        lines = [f"{self.code}: {self.message}"]
        lines += [f"    because {each}" for each in self.evidence]
        patch = "\n".join(edit.diff() for edit in self.repair.edits).splitlines()
        lines += [f"    {each}" for each in patch]
        lines += [f"    $ {each}" for each in self.repair.commands]
        lines += [f"    sql: {each}" for each in self.repair.statements]
        return lines


def relinking(revision: Revision, parents: tuple[str, ...]) -> tuple[Edit, ...]:
    """The edits that give a revision other parents: the assignment, and the docstring where it says so too."""
    value = parents[0] if len(parents) == 1 else parents or None
    edits = [assignment(revision, "down_revision", value)]
    if revision.documented is not None and set(revision.documented) != set(parents):
        edits.append(documentation(revision, "Revises", ", ".join(parents)))
    return tuple(edits)


def assignment(revision: Revision, name: str, value: Any) -> Edit:
    """Changes the literal that a module-level name has, and nothing else on the line."""
    for node in ast.parse(revision.text).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and name in _targets(node):
            old = "\n".join(revision.text.splitlines()[node.lineno - 1 : node.end_lineno])
            start = node.value.col_offset if node.value.lineno == node.lineno else len(old.split("\n")[0])
            quote = "'" if "'" in old else '"'
            return Edit(
                revision.path, node.lineno, node.end_lineno or node.lineno, old, old[:start] + _literal(value, quote)
            )
    raise FileChanged(f"{revision.path.name} does not assign {name}.")


def _targets(node: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _literal(value: Any, quote: str) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(_literal(each, quote) for each in value) + ")"
    return repr(value) if value is None else json.dumps(value, ensure_ascii=False).replace('"', quote)


def documentation(revision: Revision, label: str, value: str) -> Edit:
    """Changes a line such as `Revises: ...` of the docstring."""
    for number, line in enumerate(revision.text.splitlines(), 1):
        if found := re.match(rf"(\s*(?:\"\"\"|''')?{label}:) *.*?(\"\"\"|''')?$", line):
            return Edit(revision.path, number, number, line, f"{found[1]} {value}".rstrip() + (found[2] or ""))
    raise FileChanged(f"{revision.path.name} does not say {label}.")
