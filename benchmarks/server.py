"""A server of its own for benchmarks: started as a person starts it, on a free port and a folder that goes away."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent
PATIENCE = 60.0
TICK = 0.01


@contextmanager
def running(data_dir: Path, command: list[str] | None = None, **settings: str) -> Iterator[tuple[str, float]]:
    """A ready server: its address and the seconds from the start of its process until `/health/ready` said yes."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("BOOKREADER_") or name == "BOOKREADER_PG_BINDIR"
    }
    environment |= {"BOOKREADER_DATA_DIR": str(data_dir), "BOOKREADER_PORT": str(port)}
    # Outside the data folder, root's cluster would stay behind when that is removed.
    environment |= {"BOOKREADER_CLUSTER_DIR": str(data_dir / "database"), "BOOKREADER_LOG_LEVEL": "error"}
    environment |= {f"BOOKREADER_{name.upper()}": value for name, value in settings.items()}
    begun = time.perf_counter()
    process = subprocess.Popen(
        command or serve_command(), cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait_ready(address, process)
        yield address, time.perf_counter() - begun
    finally:
        _stop(process)


def serve_command() -> list[str]:
    return [sys.executable, "-m", "bookreader", "serve"]


def _wait_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    with httpx.Client() as client:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise RuntimeError(f"the server ended with code {process.returncode} before it was ready")
            try:
                if client.get(f"{address}/health/ready", timeout=1).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                time.sleep(TICK)
    raise RuntimeError(f"the server was not ready after {PATIENCE:.0f} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def person(address: str) -> Iterator[httpx.Client]:
    """A client that has registered and is signed in."""
    with httpx.Client(base_url=f"{address}/api/v1", headers={"Origin": address}, timeout=60) as client:
        wanted = {"email": "bench@example.org", "password": "a long password for benchmarks"}
        client.post("/auth/register", json=wanted).raise_for_status()
        yield client
