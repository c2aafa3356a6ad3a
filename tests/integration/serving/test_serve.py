"""`bookreader serve` as a person runs it: starts, says where, stops in order, recovers after a kill."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.integration.serving.processes import Running, bookreader, register
from tests.integration.serving.proxy import proxy_to

pytestmark = pytest.mark.processes


@pytest.fixture
def environment(short_folder: Path, pg_bindir: Path | None) -> dict[str, str]:
    found = {
        "BOOKREADER_DATA_DIR": str(short_folder / "data"),
        "BOOKREADER_PORT": "0",
        "BOOKREADER_PLATES_PER_BOOK": "2",
        "BOOKREADER_LEASE_SECONDS": "5",
    }
    return found | ({"BOOKREADER_PG_BINDIR": str(pg_bindir)} if pg_bindir else {})


@pytest.fixture
def app(environment: dict[str, str], tmp_path: Path) -> Iterator[Running]:
    with bookreader("serve", log=tmp_path / "serve.log", environment=environment) as running:
        running.address()
        yield running


def test_it_is_ready_when_it_says_so(app: Running) -> None:
    answer = httpx.get(f"{app.address()}/health/ready")
    assert answer.json() == {"status": "ok", "database": "ok", "migrations": "ok", "storage": "ok"}
    assert httpx.get(f"{app.address()}/health/live").status_code == 200


def test_a_second_one_on_the_same_folder_says_so(app: Running, environment: dict[str, str], tmp_path: Path) -> None:
    with bookreader("serve", log=tmp_path / "second.log", environment=environment) as second:
        assert second.process.wait(30) == 2
        assert f"already running at {app.address()}" in second.output
        assert "Traceback" not in second.output
    assert httpx.get(f"{app.address()}/health/ready").status_code == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_in_order(app: Running, number: int) -> None:
    children = _descendants(app.process.pid)
    assert children
    with httpx.stream("GET", f"{app.address()}/api/v1/site"):
        pass
    assert app.stop(number) == 0
    assert "Traceback" not in app.output
    assert not [pid for pid in children if _alive(pid)]


def test_an_open_stream_of_events_does_not_hold_up_the_stop(app: Running) -> None:
    with closing(register(app.address())) as client, client.stream("GET", "events") as stream:
        next(stream.iter_lines())
        assert app.stop() == 0
    assert "Traceback" not in app.output


def test_after_a_kill_of_the_app_nothing_that_was_saved_is_lost(
    app: Running, environment: dict[str, str], tmp_path: Path
) -> None:
    with closing(register(app.address())) as client:
        assert client.post("books/sample").status_code == 202
    app.process.kill()
    app.process.wait()
    with bookreader("serve", log=tmp_path / "again.log", environment=environment) as again:
        with httpx.Client(base_url=f"{again.address()}/api/v1/", cookies=client.cookies, timeout=30) as back:
            assert back.get("me").json()["email"] == "ada@example.org"
            book = back.get("books").json()["items"][0]
            _until(lambda: back.get(f"books/{book['id']}").json()["is_parsed"], 60)
        assert again.stop() == 0


def test_a_taken_port_is_named_in_one_sentence(environment: dict[str, str], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with bookreader("serve", log=tmp_path / "log", environment=environment | {"BOOKREADER_PORT": port}) as running:
            assert running.process.wait(60) == 2
            assert f"port {port} on 127.0.0.1 is taken" in running.output
            assert "Traceback" not in running.output


def test_a_database_that_is_not_there_is_named_in_one_sentence(environment: dict[str, str], tmp_path: Path) -> None:
    nowhere = {"BOOKREADER_DATABASE_URL": "postgresql://me@127.0.0.1:9/none"}
    with bookreader("serve", log=tmp_path / "log", environment=environment | nowhere) as running:
        assert running.process.wait(60) == 2
        assert "database does not answer" in running.output
        assert "Traceback" not in running.output


def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    with bookreader("serve", log=tmp_path / "log", environment={"BOOKREADER_PORT": "many"}) as running:
        assert running.process.wait(60) == 2
        assert "BOOKREADER_PORT" in running.output
        assert "Traceback" not in running.output


async def test_a_database_that_hangs_does_not_hold_up_the_stop(
    database_url: str, short_folder: Path, tmp_path: Path
) -> None:
    async with proxy_to(database_url) as proxy:
        environment = {
            "BOOKREADER_DATA_DIR": str(short_folder / "data"),
            "BOOKREADER_DATABASE_URL": proxy.url,
            "BOOKREADER_PORT": "0",
        }
        with bookreader("serve", log=tmp_path / "serve.log", environment=environment) as running:
            address = await asyncio.to_thread(running.address)
            with closing(await asyncio.to_thread(register, address)) as client:
                proxy.silent = True
                waiting = asyncio.create_task(asyncio.to_thread(client.get, "books"))
                await asyncio.sleep(0.3)
                assert await asyncio.to_thread(running.stop) == 0
                await asyncio.gather(waiting, return_exceptions=True)
    assert "Traceback" not in running.output


def _descendants(pid: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        if parent == pid:
            found += [int(folder.name), *_descendants(int(folder.name))]
    return found


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _until(happened: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
