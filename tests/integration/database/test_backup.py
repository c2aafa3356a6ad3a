"""Backups: everything comes back, whatever server it goes to; what is broken is refused and changes nothing."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bookreader.admin.archive import PART, Archive, BackupFailed, BackupUnusable, archives_in
from bookreader.admin.backup import NotEmpty, Restored, Written, back_up, drill, prune, restore
from bookreader.database.catalogue import fingerprint, read_catalogue
from bookreader.database.dump import dump
from bookreader.database.embedded import EmbeddedServer
from bookreader.database.failures import DiskFull, RestoreFailed
from bookreader.database.migrate import connection_to, downgrade, upgrade
from bookreader.settings import Settings
from bookreader.storage import Storage, content_hash
from tests.integration.conftest import DEBIAN, Server
from tests.integration.database.rows import HEAD, connect, counts, fill, insert

# ruff: noqa: ASYNC220, ASYNC221 - nothing else runs in the loop of a test

STRANGE = "tab\tline\nbackslash \\N \\. quote '\" Война и мир 😀 \x7f"


class Home:
    """An installation: a database, a storage, and the backups of both."""

    def __init__(self, folder: Path, url: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.url = url
        self.settings = Settings(data_dir=folder, database_url=url)
        self.storage = Storage.from_settings(self.settings)
        self.backups = folder / "backups"

    async def fill(self) -> None:
        async with connect(self.url) as connection:
            await fill(connection)
            user = await insert(connection, "users", full_name=STRANGE)
            await insert(
                connection,
                "books",
                user_id=user,
                description=STRANGE * 20_000,
                book_metadata=json.dumps({"tags": [STRANGE]}),
            )
            await connection.execute("CREATE TABLE admin_settings_retired AS SELECT 7 AS id, 'theme' AS key")
            await connection.execute("SELECT nextval('jobs.pgqueuer_id_seq') FROM generate_series(1, 41)")
            await connection.execute("REFRESH MATERIALIZED VIEW reading_sessions_daily_stats")
        for number in range(5):
            await self.storage.put(f"file {number}".encode() * 1000)

    async def back_up(self, **options: Any) -> Written:
        return await back_up(self.settings, self.url, self.storage, **options)

    async def restore(self, path: Path, **options: Any) -> Restored:
        return await restore(self.url, self.storage, path, **options)

    async def files(self) -> set[str]:
        return {blob.digest async for blob in self.storage.blobs()}

    async def content(self) -> tuple[Any, ...]:
        """Everything that must come back, by hash."""
        kept = await dump(self.url, Nowhere)
        return kept.stamp, kept.fingerprint, set(kept.tables), dict(kept.sequences), await self.files()


class Nowhere:
    def __init__(self, _table: str) -> None: ...

    async def __aenter__(self) -> Callable[[bytes], Any]:
        return self.take

    async def __aexit__(self, *_: object) -> None: ...

    async def take(self, _piece: bytes) -> None: ...


@pytest.fixture
async def old(tmp_path: Path, database_url: str) -> Home:
    """An installation at head with a few rows of everything."""
    home = Home(tmp_path / "old", database_url)
    await home.fill()
    return home


@pytest.fixture
async def new(tmp_path: Path, empty_database_url: str) -> Home:
    """An installation with nothing in it."""
    return Home(tmp_path / "new", empty_database_url)


async def test_everything_comes_back(old: Home, new: Home) -> None:
    before = await old.content()
    written = await old.back_up()
    assert (written.files, written.referred, written.damaged) == (5, 0, ())
    assert written.path.stat().st_mode & 0o777 == 0o600, "it holds everyone's books and password hashes"
    restored = await new.restore(written.path)
    assert restored.revision == HEAD
    assert await new.content() == before
    assert await old.content() == before, "backing up changes nothing"
    async with connect(new.url) as connection:
        assert await connection.fetchval("SELECT bool_and(relispopulated) FROM pg_class WHERE relkind = 'm'")
        assert await connection.fetchval("SELECT full_name FROM users WHERE full_name IS NOT NULL") == STRANGE
        assert await connection.fetchval("SELECT key FROM admin_settings_retired") == "theme"
        assert await connection.fetchval("SELECT nextval('jobs.pgqueuer_id_seq')") == 42
        await connection.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY reading_sessions_daily_stats")
        await fill(connection)


async def test_rows_are_of_one_moment(old: Home, new: Home) -> None:
    """People who come and go while a backup is written leave it consistent: constraints would refuse it otherwise."""
    writing = True

    async def come_and_go() -> None:
        async with connect(old.url) as connection:
            while writing:
                async with connection.transaction():
                    await fill(connection)
                await connection.execute("DELETE FROM users WHERE random() < 0.3")

    busy = asyncio.create_task(come_and_go())
    await asyncio.sleep(0.05)
    written = await old.back_up()
    writing = False
    await busy
    await new.restore(written.path)


async def test_files_that_an_earlier_backup_holds_are_referred_to(old: Home, new: Home) -> None:
    first = await old.back_up()
    await old.storage.put(b"one more")
    second = await old.back_up()
    third = await old.back_up()
    assert (second.files, second.referred) == (6, 5)
    assert (third.files, third.referred) == (6, 6)
    await new.restore(third.path)
    assert await new.files() == await old.files()
    first.path.unlink()
    async with connect(new.url) as connection:
        await connection.execute("DROP SCHEMA jobs CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    with pytest.raises(BackupUnusable, match=first.path.name) as caught:
        await new.restore(third.path)
    assert caught.value.stable_code == "incomplete_backup"
    async with connect(new.url) as connection:
        assert await counts(connection) == {}
    again = await old.back_up()
    assert again.referred == 1, "what is gone is written anew"
    await new.restore(again.path)


async def test_without_files_only_rows_are_written(old: Home, new: Home) -> None:
    written = await old.back_up(files=False)
    assert written.files == 0
    await new.restore(written.path)
    assert await new.files() == set()


async def test_a_damaged_file_is_named_and_the_rest_is_saved(old: Home, new: Home) -> None:
    digest = content_hash(b"file 3" * 1000)
    (old.settings.data_dir / "files" / "blobs" / digest[:2] / digest).write_bytes(b"rotten")
    written = await old.back_up()
    assert written.damaged == (digest,)
    assert written.files == 4
    await new.restore(written.path)
    assert await new.files() == await old.files() - {digest}


async def test_a_file_that_is_there_but_rotten_is_replaced(old: Home, new: Home) -> None:
    written = await old.back_up()
    digest = await new.storage.put(b"file 3" * 1000)
    (new.settings.data_dir / "files" / "blobs" / digest[:2] / digest).write_bytes(b"rotten")
    await new.restore(written.path)
    assert await new.storage.holds(digest)


async def test_an_older_revision_comes_back_as_it_was_and_can_be_upgraded(tmp_path: Path, server: Server) -> None:
    names = [await server.create(), await server.create()]
    homes = [Home(tmp_path / name, server.url_of(name)) for name in names]
    await upgrade(homes[0].url, "enum_checks_2025")
    async with connect(homes[0].url) as connection:
        await fill(connection)
    written = await homes[0].back_up()
    assert (await homes[1].restore(written.path)).revision == "enum_checks_2025"
    assert await homes[1].content() == await homes[0].content()
    await upgrade(homes[1].url)
    for name in names:
        await server.drop(name)


async def test_a_database_that_was_downgraded_to_nothing_counts_as_empty(old: Home, new: Home) -> None:
    written = await old.back_up()
    await upgrade(new.url)
    await downgrade(new.url, "base")
    await new.restore(written.path)
    assert (await new.content())[:4] == (await old.content())[:4]


# Into a place that is not empty


async def test_a_database_that_holds_something_is_left_alone_unless_asked(old: Home, tmp_path: Path) -> None:
    written = await old.back_up()
    async with connect(old.url) as connection:
        await fill(connection)
    before = await old.content()
    with pytest.raises(NotEmpty):
        await old.restore(written.path)
    assert await old.content() == before
    await old.restore(written.path, replace=True)
    assert await old.content() != before


async def test_replacing_takes_strangers_away_too(old: Home, new: Home) -> None:
    written = await old.back_up()
    async with connect(new.url) as connection:
        await connection.execute(
            "CREATE SCHEMA other; CREATE TABLE other.thing (id serial); CREATE TABLE users (id int)"
        )
        await connection.execute("CREATE TYPE mood AS ENUM ('good'); CREATE VIEW glimpse AS SELECT 1 AS x")
    await new.restore(written.path, replace=True)
    async with connection_to(new.url) as opened:
        found = fingerprint(await read_catalogue(opened))
    assert found == (await dump(old.url, Nowhere)).fingerprint


async def test_a_restore_that_would_end_otherwise_changes_nothing(old: Home, new: Home) -> None:
    written = await old.back_up()
    tampered = rewritten(
        written.path, "manifest.json", lambda text: text.replace("check_book_genre", "check_book_gender")
    )
    await fill_one(new)
    before = await new.content()
    for path in (tampered, with_orphans(written.path)):
        with pytest.raises(RestoreFailed, match="nothing was changed"):
            await new.restore(path, replace=True)
        assert (await new.content())[:4] == before[:4]


async def fill_one(home: Home) -> None:
    async with connect(home.url) as connection:
        await connection.execute("CREATE TABLE mine AS SELECT 'precious' AS row")


def rewritten(path: Path, member: str, change: Callable[[str], str]) -> Path:
    """A copy of an archive with one member changed."""
    target = path.with_name(f"changed-{uuid4().hex}.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data.decode()) if name == member else data)
    return target


def with_orphans(path: Path) -> Path:
    """An archive whose hashes are right but whose books belong to nobody: only the database finds that out."""
    with Archive(path) as archive:
        users = next(each for each in archive.manifest.database.tables if each.name == "users")
    emptied = rewritten(path, "rows/users.copy", lambda _: "")
    target = rewritten(
        emptied,
        "manifest.json",
        lambda text: text.replace(users.sha256, content_hash(b"")).replace(f'"rows": {users.rows}', '"rows": 0', 1),
    )
    content = json.loads(zipfile.ZipFile(target).read("manifest.json"))
    for table in content["database"]["tables"]:
        table["rows"] = 0 if table["name"] == "users" else table["rows"]
    return rewritten(target, "manifest.json", lambda _: json.dumps(content))


# Broken archives


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])


def flipped(path: Path) -> None:
    """One bit in the middle of a member."""
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("rows/books.copy")
    data = bytearray(path.read_bytes())
    data[info.header_offset + len(info.filename) + 60] ^= 1
    path.write_bytes(data)


def without(member: str) -> Callable[[Path], None]:
    def take_out(path: Path) -> None:
        copy = path.with_suffix(".copy")
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
            for name in old.namelist():
                if not name.startswith(member):
                    new.writestr(name, old.read(name))
        copy.rename(path)

    return take_out


BROKEN = {
    "half written": truncated,
    "one bit changed": flipped,
    "no manifest": without("manifest.json"),
    "a table missing": without("rows/users.copy"),
    "files missing": without("files/"),
    "not a zip": lambda path: path.write_bytes(b"a letter to my aunt"),
    "empty": lambda path: path.write_bytes(b""),
    "manifest of something else": lambda path: rewritten(path, "manifest.json", lambda _: '{"format": 1}').rename(path),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_archive_is_refused_in_a_sentence(name: str, old: Home, new: Home) -> None:
    written = await old.back_up()
    BROKEN[name](written.path)
    with pytest.raises(BackupUnusable) as caught:
        await new.restore(written.path)
    assert caught.value.stable_code == "broken_backup"
    assert "\n" not in caught.value.message
    async with connect(new.url) as connection:
        assert await counts(connection) == {}


async def test_an_archive_that_is_not_there(new: Home, tmp_path: Path) -> None:
    with pytest.raises(BackupUnusable) as caught:
        await new.restore(tmp_path / "nowhere.zip")
    assert caught.value.stable_code == "no_such_file"


@pytest.mark.parametrize("change", [('"format": 1', '"format": 2'), (f'"stamp": "{HEAD}"', '"stamp": "from_2031"')])
async def test_an_archive_of_a_newer_version_is_refused(old: Home, new: Home, change: tuple[str, str]) -> None:
    written = await old.back_up()
    newer = rewritten(written.path, "manifest.json", lambda text: text.replace(*change))
    with pytest.raises(BackupUnusable, match="newer version") as caught:
        await new.restore(newer)
    assert caught.value.stable_code == "newer_backup"


# Full disks, closed folders, kills


@pytest.fixture
async def small_disk(short_folder: Path) -> AsyncIterator[Path]:
    disk = short_folder / "disk"
    disk.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=False, capture_output=True)
    if made.returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


async def test_a_full_disk_ends_in_a_sentence_and_leaves_nothing(old: Home, small_disk: Path) -> None:
    await old.storage.put(os.urandom(200_000))
    with pytest.raises(DiskFull, match="full"):
        await old.back_up(to=small_disk)
    assert list(small_disk.iterdir()) == []


async def test_a_place_that_cannot_be_written_ends_in_a_sentence(old: Home, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("x", encoding="utf-8")
    with pytest.raises(BackupFailed):
        await old.back_up(to=tmp_path / "a file" / "backups")


def command(home: Home, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "bookreader", "db", *arguments]


def environment(home: Home) -> dict[str, str]:
    return os.environ | {"BOOKREADER_DATABASE_URL": home.url, "BOOKREADER_DATA_DIR": str(home.settings.data_dir)}


async def test_a_backup_that_is_killed_leaves_no_archive(old: Home) -> None:
    for _ in range(40):
        await old.storage.put(os.urandom(1_000_000))
    process = subprocess.Popen(command(old, "backup"), env=environment(old), stdout=subprocess.DEVNULL)
    async with asyncio.timeout(30):
        while not list(old.backups.glob(f"*{PART}")):  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert archives_in(old.backups) == []
    (draft,) = old.backups.glob(f"*{PART}")
    prune(old.backups, 3)
    assert draft.exists(), "it may be under way"
    os.utime(draft, (0, 0))
    prune(old.backups, 3)
    assert not draft.exists()


async def test_a_restore_that_is_killed_leaves_the_database_as_it_was(old: Home, new: Home) -> None:
    async with connect(old.url) as connection:
        await connection.execute(
            "INSERT INTO users (email, password_hash) SELECT 'u' || i, 'x' FROM generate_series(1, 100000) AS i"
        )
    written = await old.back_up()
    await fill_one(new)
    process = subprocess.Popen(
        command(new, "restore", str(written.path), "--replace", "--confirm", new.url.split("/")[3].split("?")[0]),
        env=environment(new),
    )
    async with connect(new.url) as connection, asyncio.timeout(60):
        while not await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%users%'"
        ):
            assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    async with connect(new.url) as connection, asyncio.timeout(30):
        assert await connection.fetchval("SELECT row FROM mine") == "precious"


# Trying backups out, and keeping them


async def no_examination(_url: str) -> list[str]:
    return []


async def test_a_drill_says_that_all_came_back_and_how_long_it_took(old: Home) -> None:
    written = await old.back_up()
    found = await drill(old.settings, old.url, look=no_examination)
    assert found.archive == written.path
    assert (found.rows, found.files, found.problems) == (written.rows, 5, ())
    assert found.seconds > 0


async def test_a_drill_without_a_backup_is_a_mistake(new: Home) -> None:
    with pytest.raises(BackupUnusable):
        await drill(new.settings, new.url, look=no_examination)


async def test_old_backups_go_but_for_those_that_are_needed(old: Home) -> None:
    first = await old.back_up()
    second = await old.back_up(files=False)
    third, fourth = [await old.back_up() for _ in range(2)]
    (old.backups / "bookreader-20010101T000000000000Z.zip").write_bytes(b"someone's")
    removed = prune(old.backups, 2)
    assert removed == [second.path]
    assert third.referred == fourth.referred == 5
    assert first.path in archives_in(old.backups)
    await drill(old.settings, old.url, look=no_examination)


# From one server to another


@pytest.mark.parametrize("way", ["from the embedded server to PostgreSQL 15", "back again"])
async def test_a_database_moves_between_servers(way: str, short_folder: Path, pg_bindir: Path | None) -> None:
    """The pair of commands that docs/operations/database.md names."""
    if pg_bindir is not None:
        pytest.skip("it starts both servers itself, once is enough")
    if not (DEBIAN / "postgres").is_file():
        pytest.skip("PostgreSQL 15 is not installed")
    async with (
        EmbeddedServer(short_folder / "18", durable=False) as embedded,
        EmbeddedServer(short_folder / "15", pg_bindir=DEBIAN, durable=False) as debian,
    ):
        servers = [embedded, debian] if way.startswith("from") else [debian, embedded]
        here, there = (Home(short_folder / name, server.url) for name, server in zip("ab", servers, strict=True))
        await upgrade(here.url)
        await here.fill()
        archive = short_folder / "moving.zip"
        assert run(command(here, "backup", "--to", str(archive)), environment(here)) == 0
        assert run(command(there, "restore", str(archive)), environment(there)) == 0
        assert await there.content() == await here.content()
        assert run(command(there, "doctor"), environment(there)) == 0
        async with connect(there.url) as connection:
            await fill(connection)


def run(arguments: list[str], settings: dict[str, str]) -> int:
    done = subprocess.run(arguments, env=settings, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
    return done.returncode


async def test_the_commands_answer_with_sentences_and_exit_codes(old: Home, new: Home, tmp_path: Path) -> None:
    assert run(command(old, "backup", "--json"), environment(old)) == 0
    (archive,) = archives_in(old.backups)
    for arguments in (("restore", str(archive)), ("restore", str(archive), "--replace"), ("restore", "nowhere.zip")):
        done = subprocess.run(
            command(old, *arguments, "--json"),
            env=environment(old),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 2
        assert json.loads(done.stdout)["error"]["code"] in ("not_empty", "not_confirmed", "no_such_file")
        assert done.stderr == ""
    assert run(command(new, "restore", str(archive)), environment(new)) == 0
    assert run(command(old, "drill"), environment(old)) == 0
    shutil.rmtree(old.backups)
    assert run(command(old, "drill"), environment(old)) == 2
