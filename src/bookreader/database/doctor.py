"""What is wrong with revisions and databases, the repair that the evidence speaks for, and on request that repair.

Nothing is changed that was not proved on a scratch database before.
"""

import asyncio
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bookreader.database import health, lost
from bookreader.database.catalogue import Difference, Object, differences, fingerprint, read_catalogue
from bookreader.database.chain import Chain, read_chain
from bookreader.database.cluster import prepare
from bookreader.database.ddl import destroys, mend, risk, script
from bookreader.database.diagnosis import ENOUGH, Lost, diagnose
from bookreader.database.embedded import running_url
from bookreader.database.findings import Edit, Finding, Repair
from bookreader.database.manifest import MANIFEST, Manifest, build_manifest, read_manifest, write_manifest
from bookreader.database.migrate import RETIRED, VERSIONS, connection_to, failure, upgrade
from bookreader.database.prove import Proof, project_of, prove
from bookreader.database.scratch import scratch_database, scratch_folder
from bookreader.settings import Settings

STAMP_TABLE = "alembic_version"


@dataclass(frozen=True)
class Report:
    findings: list[Finding]
    notes: list[str] = field(default_factory=list)
    fixed: list[str] = field(default_factory=list)
    proof: str | None = None

    @property
    def healthy(self) -> bool:
        return not self.findings

    def as_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"findings": [each.as_json() for each in self.findings]}
        if self.notes:
            shown["notes"] = self.notes
        if self.proof is not None:
            shown |= {"fixed": self.fixed, "proof": self.proof}
        return shown

    def as_text(self) -> str:
        lines = [line for each in self.findings for line in each.as_lines()]
        if self.proof is not None:
            lines += [*(f"done: {each}" for each in self.fixed), self.proof]
        lines += self.notes
        count = len(self.findings)
        lines.append("Healthy." if self.healthy else f"{count} finding{'s' if count > 1 else ''}.")
        return "\n".join(lines)


async def look(settings: Settings, folder: Path | None, url: str | None, *, fix: bool = False) -> Report:
    """Examines a chain (None = ours) and, where `url` is given, the database that belongs to it.

    Raises NoRevisions, DatabaseUnavailable, FileChanged.
    """
    chain = read_chain(folder or VERSIONS)
    manifest = read_manifest(_manifest_of(chain))
    remembered = await _remembered(chain, url)
    findings = [*diagnose(chain, remembered, RETIRED), *_edited(chain, manifest, remembered)]
    fixed: list[str] = []
    proof: str | None = None
    if fix and findings:
        fixed, proof, findings = await _fix_chain(chain, findings, remembered, manifest, settings)
    if url is None:
        return Report(findings, [], fixed, proof)
    ours = manifest if chain.folder.resolve() == VERSIONS.resolve() else None
    found, notes = await _examine(url, read_chain(chain.folder), ours)
    if fix and found and ours is not None:
        mended, proof = await _fix_database(url, ours, found, settings)
        fixed += mended
        found, notes = await _examine(url, chain, ours) if mended else (found, notes)
    return Report([*findings, *found], notes, fixed, proof)


def _manifest_of(chain: Chain) -> Path:
    beside, above = chain.folder / MANIFEST.name, chain.folder.parent / MANIFEST.name
    return beside if beside.is_file() else above


async def _remembered(chain: Chain, url: str | None) -> dict[str, Lost]:
    remembered = lost.from_git(chain)
    if url is not None:
        async with connection_to(url) as connection:
            remembered |= await lost.from_database(connection, lost.missing_ids(chain) - set(remembered))
    return remembered


def _edited(chain: Chain, manifest: Manifest | None, remembered: Mapping[str, Lost]) -> list[Finding]:
    """Locked revisions whose file is not what was locked."""
    found: list[Finding] = []
    for entry in manifest.entries if manifest else ():
        revision = chain.by_id.get(entry.revision)
        if not entry.locked or (revision is not None and revision.sha256 == entry.sha256):
            continue
        gone = revision is None
        name = f"revision {entry.revision}" if revision is None else revision.path.name
        message = (
            f"{name} was {'removed' if gone else 'edited'} after it had been locked: databases that ran it are not "
            "what it says now. Put it back, and change what you want in a new revision."
        )
        evidence = [f"locked with SHA-256 {entry.sha256}"]
        if revision is not None:
            evidence.append(f"the file has {revision.sha256}")
        if gone and entry.revision in remembered:
            evidence.append(remembered[entry.revision].source)
        where = chain.folder if revision is None else revision.path
        repair = Repair(commands=(f"git log --oneline -- {where}", f"git checkout <commit> -- {where}"))
        found.append(Finding("edited_revision", entry.revision, message, repair, tuple(evidence)))
    return found


# Repairing files


async def _fix_chain(
    chain: Chain,
    findings: Sequence[Finding],
    remembered: Mapping[str, Lost],
    manifest: Manifest | None,
    settings: Settings,
) -> tuple[list[str], str, list[Finding]]:
    """What was fixed, the proof, and the findings that are left. Files are written only after the proof."""
    with scratch_folder() as folder:
        copy = folder / "versions"
        shutil.copytree(chain.folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
        fixed, left = _mend_files(read_chain(copy), remembered)
        if not fixed:
            return [], "Nothing could be repaired without a decision of yours.", list(findings)
        proof = await _prove(chain, copy, manifest, settings)
        if not proof.holds:
            return [], f"{proof.message} Nothing was changed.", list(findings)
        _write_back(copy, chain.folder)
    return fixed, proof.message, [*left, *_edited(read_chain(chain.folder), manifest, remembered)]


def _mend_files(chain: Chain, remembered: Mapping[str, Lost]) -> tuple[list[str], list[Finding]]:
    """Applies repairs one after the other, since each may change what the next finding is."""
    fixed: list[str] = []
    tried = set[tuple[str, str | None, str]]()
    while True:
        findings = diagnose(chain, remembered, RETIRED)
        able = [each for each in findings if each.repair.edits and each.repair.confidence >= ENOUGH]
        if any(each.code == "missing_parent" and each not in able for each in findings):
            # Which heads there are is not known while a parent is missing.
            able = [each for each in able if each.code != "multiple_heads"]
        finding = next((each for each in able if (each.code, each.revision, each.message) not in tried), None)
        if finding is None:
            return fixed, findings
        tried.add((finding.code, finding.revision, finding.message))
        _apply(finding.repair.edits)
        fixed += [edit.diff() for edit in finding.repair.edits]
        chain = read_chain(chain.folder)


def _apply(edits: Iterable[Edit]) -> None:
    """From the last line up, so that line numbers stay good."""
    for edit in sorted(edits, key=lambda each: -each.first):
        if edit.new is None:
            edit.path.unlink()
        else:
            edit.path.write_text(edit.apply(edit.path.read_text(encoding="utf-8")), encoding="utf-8")


async def _prove(chain: Chain, copy: Path, manifest: Manifest | None, settings: Settings) -> Proof:
    async with scratch_database(settings.database_url, settings) as scratch:
        proof = await prove(copy, scratch, project_of(chain.folder))
    newest = manifest.entries[-1] if manifest else None
    if (
        proof.holds
        and newest is not None
        and newest.revision in chain.by_id
        and proof.fingerprint != newest.fingerprint
    ):
        return Proof(
            holds=False, message="The repaired chain runs, but makes another database than the committed snapshot."
        )
    return proof


def _write_back(copy: Path, folder: Path) -> None:
    for path in sorted(folder.glob("*.py")):
        mended = copy / path.name
        if not mended.exists():
            path.unlink()
        elif mended.read_bytes() != path.read_bytes():
            path.write_bytes(mended.read_bytes())


# Looking at a database


async def _examine(url: str, chain: Chain, manifest: Manifest | None) -> tuple[list[Finding], list[str]]:
    async with connection_to(url) as connection:
        objects = await read_catalogue(connection)
        stamps = await _stamps(connection, objects)
        if not _has_tables(objects):
            return [], ["The database is empty: `bookreader db upgrade` fills it."]
        stamped = stamps[0] if len(stamps) == 1 else None
        if stamped is None or stamped not in chain.by_id:
            return [_orphan(stamps, objects, manifest)], []
        if manifest is None or stamped not in manifest.by_id:
            return [], [f"The database is at {stamped}."]
        found = _drift(stamped, manifest, objects)
        pending = chain.descendants(stamped) - {stamped}
        if pending:
            return found, [f"{len(pending)} revisions are pending: `bookreader db upgrade`."]
        return [*found, *await health.examine(connection)], await health.notes(connection)


def _has_tables(objects: Sequence[Object]) -> bool:
    return any(each.kind == "table" and each.name != STAMP_TABLE for each in objects)


async def _stamps(connection: AsyncConnection, objects: Sequence[Object]) -> list[str]:
    if not any(each.kind == "table" and each.name == STAMP_TABLE for each in objects):
        return []
    rows = await connection.execute(text(f"SELECT version_num FROM {STAMP_TABLE} ORDER BY 1"))  # noqa: S608 - our constant
    return [str(row[0]) for row in rows]


def _orphan(stamps: Sequence[str], objects: Sequence[Object], manifest: Manifest | None) -> Finding:
    """A stamp that no file defines, none, or several."""
    stamped = stamps[0] if stamps else None
    said = f"is stamped {' and '.join(stamps)}" if stamps else "has tables but no stamp"
    if len(stamps) == 1 and (alias := RETIRED.get(stamps[0])):
        evidence = (f"{stamped} is a retired revision; its nearest surviving ancestor is {alias}",)
        repair = Repair(statements=_stamp(alias, there=True), commands=("bookreader db upgrade",), confidence=0.95)
        message = (
            f"The database {said}, which was retired: it continues at {alias}, and the next upgrade follows by itself."
        )
        return Finding("orphan_stamp", stamped, message, repair, evidence)
    if manifest is None:
        return Finding("orphan_stamp", stamped, f"The database {said}, which no file of the folder defines.")
    there = any(each.kind == "table" and each.name == STAMP_TABLE for each in objects)
    nearest, left = _nearest(objects, manifest)
    if not left:
        message = f"The database {said}, but it IS at {nearest}: its fingerprint is that revision's."
        repair = Repair(statements=_stamp(nearest, there=there), confidence=0.95)
        return Finding("orphan_stamp", stamped, message, repair, (f"fingerprint {fingerprint(objects)}",))
    message = (
        f"The database {said}, which this program does not know; it is nearest to {nearest}, with {len(left)} "
        "differences. A newer version of BookReader may have made it: then install that version."
    )
    repair = Repair(commands=(f"alembic stamp --purge {nearest}",))
    return Finding("orphan_stamp", stamped, message, repair, tuple(each.message for each in left[:20]))


def _nearest(objects: Sequence[Object], manifest: Manifest) -> tuple[str, list[Difference]]:
    """The revision that a database is most like, the newest of equals, and what distinguishes it from that."""
    found = _without_stamp(objects)
    compared = [
        (entry.revision, differences(_without_stamp(manifest.catalogue(entry.revision)), found))
        for entry in reversed(manifest.entries)
    ]
    return min(compared, key=lambda each: len(each[1]))


def _without_stamp(objects: Sequence[Object]) -> list[Object]:
    return [each for each in objects if STAMP_TABLE not in (each.name, each.table)]


def _stamp(revision: str, *, there: bool) -> tuple[str, ...]:
    table = f"CREATE TABLE {STAMP_TABLE} (version_num varchar(32) CONSTRAINT {STAMP_TABLE}_pkc PRIMARY KEY)"
    fill = (f"DELETE FROM {STAMP_TABLE}", f"INSERT INTO {STAMP_TABLE} VALUES ('{revision}')")  # noqa: S608 - constants
    return fill if there else (table, *fill)


def _drift(stamped: str, manifest: Manifest, objects: Sequence[Object]) -> list[Finding]:
    """By risk: first what endangers rows, then answers, then speed."""
    expected = manifest.catalogue(stamped)
    left = differences(expected, objects)
    order = ("integrity", "behaviour", "speed")
    return [
        Finding(
            "drift",
            stamped,
            f"{each.message[0].upper()}{each.message[1:]}.",
            Repair(statements=tuple(mend(each, expected)), confidence=0.0 if destroys(each) else 0.9),
            (f"risk: {risk(each)}", *(("its repair destroys: decide yourself",) if destroys(each) else ())),
        )
        for each in sorted(left, key=lambda each: order.index(risk(each)))
    ]


# Repairing a database


async def _fix_database(
    url: str, manifest: Manifest, findings: Sequence[Finding], settings: Settings
) -> tuple[list[str], str]:
    """What was done, and the proof for it. All statements hold together, or none is kept."""
    statements = [
        statement
        for each in findings
        if each.repair.confidence >= ENOUGH
        for statement in each.repair.statements
        if not statement.startswith("--")
    ]
    if not statements:
        return [], "Nothing could be repaired without a decision of yours."
    async with connection_to(url) as connection:
        objects = await read_catalogue(connection)
        stamps = await _stamps(connection, objects)
    problem = await _try(url, objects, stamps, statements, manifest, settings)
    if problem is not None:
        return [], f"{problem} Nothing was changed."
    async with connection_to(url) as connection:
        try:
            await _execute(connection, statements)
        except DBAPIError as error:
            return [], f"The rows of the database refuse the repair: {failure(error).message}"
    return statements, "The repair was tried on a scratch database, which then reached the newest revision."


async def _try(
    url: str,
    objects: Sequence[Object],
    stamps: Sequence[str],
    statements: Sequence[str],
    manifest: Manifest,
    settings: Settings,
) -> str | None:
    """Why the repair would not do, tried on a copy without rows; None when it does."""
    async with scratch_database(url, settings) as scratch:
        async with connection_to(scratch) as connection:
            await build(connection, objects)
            for stamp in stamps:
                await connection.execute(text(f"INSERT INTO {STAMP_TABLE} VALUES (:stamp)"), {"stamp": stamp})  # noqa: S608
            await connection.commit()
            try:
                await _execute(connection, statements)
            except DBAPIError as error:
                return f"The repair failed on a scratch database: {error.orig}"
        await upgrade(scratch)
        async with connection_to(scratch) as connection:
            left = differences(manifest.catalogue(manifest.entries[-1].revision), await read_catalogue(connection))
    harmful = [each for each in left if not destroys(each)]
    return f"The repair leaves a difference: {harmful[0].message}." if harmful else None


async def build(connection: AsyncConnection, objects: Sequence[Object]) -> None:
    """Makes an empty database consist of these objects, without rows."""
    await connection.execute(text("SET LOCAL check_function_bodies = off"))
    await connection.execute(text("SET LOCAL search_path = public"))
    whole = script(objects)
    for statement in (*whole.before, *whole.after):
        await connection.exec_driver_sql(statement)


async def _execute(connection: AsyncConnection, statements: Iterable[str]) -> None:
    """In one transaction, but for what PostgreSQL only does outside of one."""
    alone = [each for each in statements if "CONCURRENTLY" in each]
    for statement in statements:
        if statement not in alone:
            await connection.exec_driver_sql(statement)
    await connection.commit()
    if alone:
        outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in alone:
            await outside.exec_driver_sql(statement)


# As a command


async def visit(settings: Settings, folder: Path | None, *, database: bool, fix: bool) -> Report:
    """Looks at the configured database, or at the embedded one where there is one. Raises what `look` raises."""
    if not database or (settings.database_url is None and not await _embedded_exists(settings)):
        report = await look(settings, folder, None, fix=fix)
        no_database = ["There is no database yet: `bookreader serve` makes one."] if database else []
        return Report(report.findings, no_database, report.fixed, report.proof)
    async with running_url(settings) as url:
        return await look(settings, folder, url, fix=fix)


async def _embedded_exists(settings: Settings) -> bool:
    """Looks without making anything."""
    if not settings.data_dir.exists():
        return False
    cluster = await asyncio.to_thread(
        prepare, settings.data_dir, settings.cluster_dir, settings.pg_bindir, lambda _sentence: None
    )
    return cluster.exists


async def lock(settings: Settings) -> None:
    """Records our revisions as they are. Raises DatabaseUnavailable, MigrationFailed."""
    async with scratch_database(None, settings) as scratch:
        write_manifest(await build_manifest(scratch))
