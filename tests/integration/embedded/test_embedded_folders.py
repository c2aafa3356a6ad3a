"""Folders, users and programs that do not fit: one sentence each, and nothing made on the way."""

# ruff: noqa: ASYNC221 - nothing else runs in the loop of a test

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bookreader.database import AlreadyRunning, DatabaseUnavailable, DiskFull, cluster
from bookreader.database.locks import FolderClaim
from tests.integration.embedded.processes import MakeServer, StartApp, postgres_of

pytestmark = pytest.mark.processes

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another user")
as_user = pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")


async def refusal(make_server: MakeServer, **how: object) -> DatabaseUnavailable:
    with pytest.raises(DatabaseUnavailable) as caught:
        await make_server(**how).start()
    message = caught.value.message
    assert "\n" not in message
    assert message.endswith(".")
    return caught.value


@pytest.fixture
def system_home(short_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Instead of /var/lib/bookreader."""
    monkeypatch.setattr(cluster, "SYSTEM_HOME", short_folder / "system")
    return short_folder / "system"


@pytest.fixture
def closed_folder(tmp_path: Path) -> Iterator[Path]:
    tmp_path.chmod(0o700)
    yield tmp_path / "data"
    shutil.rmtree(tmp_path / "data", ignore_errors=True)


async def test_a_folder_without_programs(make_server: MakeServer, short_folder: Path) -> None:
    error = await refusal(make_server, pg_bindir=short_folder)
    assert error.stable_code == "wrong_binaries"
    assert str(short_folder) in error.message


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("echo 'postgres (PostgreSQL) 14.9'", "wrong_version"),
        ("echo hello", "wrong_binaries"),
        ("exit 127", "wrong_binaries"),
    ],
)
async def test_programs_that_are_no_usable_postgresql(
    make_server: MakeServer, short_folder: Path, script: str, code: str
) -> None:
    for name in ("initdb", "postgres"):
        (short_folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (short_folder / name).chmod(0o755)
    assert (await refusal(make_server, pg_bindir=short_folder)).stable_code == code


async def test_a_program_that_cannot_be_executed(make_server: MakeServer, short_folder: Path) -> None:
    for name in ("initdb", "postgres"):
        (short_folder / name).write_text("neither script nor program")
        (short_folder / name).chmod(0o755)
    assert (await refusal(make_server, pg_bindir=short_folder)).stable_code == "wrong_binaries"


async def test_a_cluster_of_another_version_is_not_passed_over_for_an_empty_one(
    make_server: MakeServer, short_folder: Path
) -> None:
    old = short_folder / "database" / "postgresql-14"
    old.mkdir(parents=True)
    (old / "PG_VERSION").write_text("14\n")
    if os.geteuid() == 0:
        os.chown(old, pwd.getpwnam("nobody").pw_uid, -1)
    error = await refusal(make_server)
    assert error.stable_code == "wrong_version"
    assert "14" in error.message
    assert {each.name for each in (short_folder / "database").iterdir()} == {"postgresql-14"}


@as_root
async def test_a_cluster_that_belongs_to_root_is_not_touched(make_server: MakeServer) -> None:
    server = make_server()
    await server.start()
    await server.stop()
    os.chown(server.cluster.data, 0, 0)
    error = await refusal(make_server)
    assert error.stable_code == "folder_closed"
    assert "chown" in error.message


async def test_a_broken_cluster_says_what_postgresql_said(make_server: MakeServer) -> None:
    server = make_server()
    await server.start()
    await server.stop()
    (server.cluster.data / "global" / "pg_control").unlink()
    error = await refusal(make_server)
    assert error.stable_code == "start_failed"
    assert str(server.cluster.log) in error.message


@as_user
async def test_a_folder_that_is_closed_to_us(make_server: MakeServer, short_folder: Path) -> None:
    short_folder.chmod(0o500)
    error = await refusal(make_server, data_dir=short_folder / "data")
    short_folder.chmod(0o755)
    assert error.stable_code == "folder_closed"


@as_root
async def test_a_closed_folder_that_was_asked_for_is_named(make_server: MakeServer, closed_folder: Path) -> None:
    error = await refusal(make_server, cluster_dir=closed_folder)
    assert error.stable_code == "folder_closed"
    assert f"chmod o+x {closed_folder.parent}" in error.message or "cannot enter" in error.message


@as_root
async def test_root_with_closed_folders_keeps_the_cluster_where_its_user_can_reach_it(
    make_server: MakeServer, closed_folder: Path, system_home: Path
) -> None:
    said: list[str] = []
    server = make_server(data_dir=closed_folder, say=said.append)
    await server.start()
    assert server.cluster.home.parent == system_home
    # A checkout that is closed as well has its programs copied, which is said too.
    copied = server.cluster.binaries.folder.is_relative_to(system_home)
    assert [str(server.cluster.home) in line for line in said] == [True] + [False] * copied
    assert closed_folder.parent.stat().st_mode & 0o777 == 0o700
    await server.stop()
    closed_folder.parent.chmod(0o755)
    opened = make_server(data_dir=closed_folder)
    await opened.start()
    assert opened.cluster.home == server.cluster.home


@as_root
async def test_root_copies_programs_that_its_user_cannot_reach(
    make_server: MakeServer, closed_folder: Path, system_home: Path, monkeypatch: pytest.MonkeyPatch, short_folder: Path
) -> None:
    package = cluster.wheel_folder().parent.parent
    hidden = closed_folder / package.name
    shutil.copytree(package / "pginstall", hidden / "pginstall", symlinks=True)
    shutil.copytree(package.with_name(f"{package.name}.libs"), hidden.with_name(f"{package.name}.libs"))
    monkeypatch.setattr(cluster, "wheel_folder", lambda: hidden / "pginstall" / "bin")
    said: list[str] = []
    server = make_server(pg_bindir=None, say=said.append)
    await server.start()
    assert server.cluster.binaries.folder.is_relative_to(system_home)
    assert len(said) == 1
    await server.stop()
    assert server.cluster.data.parent == short_folder / "database"


@as_root
async def test_root_gives_only_the_cluster_away(make_server: MakeServer, short_folder: Path) -> None:
    server = make_server()
    await server.start()
    owned = {each for each in (short_folder, *short_folder.rglob("*")) if each.lstat().st_uid != 0}
    assert owned == {server.cluster.data, *server.cluster.data.rglob("*")}


@as_root
async def test_root_runs_an_ordinary_users_cluster_as_that_user(
    start_app: StartApp, make_server: MakeServer, short_folder: Path
) -> None:
    nobody = pwd.getpwnam("nobody")
    data = short_folder / "data"
    data.mkdir()
    os.chown(data, nobody.pw_uid, nobody.pw_gid)
    if not _runs_as(nobody.pw_name):
        pytest.skip("the checkout is closed to other users")
    app = await start_app("hold", data, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[], cwd=data)
    assert (await app.line())["user"] == "nobody"
    await app.leave()
    server = make_server(data_dir=data)
    await server.start()
    assert server.cluster.account.uid == nobody.pw_uid


def _runs_as(user: str) -> bool:
    command = [sys.executable, "-c", "import bookreader.database.embedded"]
    try:
        return subprocess.run(command, user=user, extra_groups=[], cwd="/", check=False).returncode == 0
    except PermissionError:
        return False


@as_root
async def test_a_full_disk(make_server: MakeServer, short_folder: Path) -> None:
    disk = short_folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", disk], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        assert isinstance(await refusal(make_server, data_dir=disk / "data"), DiskFull)
        assert not list((disk / "data" / "database").glob("*/PG_VERSION"))
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_second_serve_is_told_where_the_first_one_is(short_folder: Path) -> None:
    with FolderClaim(short_folder) as first:
        first.announce("http://127.0.0.1:8123")
        with pytest.raises(AlreadyRunning) as caught:
            FolderClaim(short_folder)
        assert caught.value.details == {"pid": os.getpid(), "address": "http://127.0.0.1:8123"}
        assert "already running at http://127.0.0.1:8123" in caught.value.message
        assert "\n" not in caught.value.message
    FolderClaim(short_folder).close()


def test_a_killed_serve_does_not_keep_the_folder(short_folder: Path) -> None:
    script = f"""
from pathlib import Path
from bookreader.database.locks import FolderClaim
claim = FolderClaim(Path({str(short_folder)!r}))
print("claimed", flush=True)
input()
"""
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(AlreadyRunning):
            FolderClaim(short_folder)
        holder.kill()
    FolderClaim(short_folder).close()


async def test_a_refused_start_leaves_no_server(make_server: MakeServer, short_folder: Path) -> None:
    await refusal(make_server, pg_bindir=short_folder)
    assert not postgres_of(short_folder)
