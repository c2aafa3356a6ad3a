"""The real command in real processes."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.folders import passing_folder

BOOKREADER = Path(sys.executable).parent / "bookreader"
READY = re.compile(rb"ready: (http://\S+)")
START_SECONDS = 60


@dataclass
class Running:
    """A started command with its output in a file."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def address(self) -> str:
        """Waits until the app says where it is."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if found := READY.search(self.log.read_bytes()):
                return found[1].decode()
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"it never became ready:\n{self.output}")

    def stop(self, number: int = signal.SIGTERM, within: float = 10) -> int:
        """The exit code after a signal. Raises TimeoutExpired when it takes longer than `within` seconds."""
        self.process.send_signal(number)
        return self.process.wait(within)


@contextmanager
def bookreader(*arguments: str, log: Path, environment: dict[str, str]) -> Iterator[Running]:
    """Starts the command; whatever happens, it is gone afterwards."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BOOKREADER_")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [BOOKREADER, *arguments], stdout=output, stderr=subprocess.STDOUT, env=clean | environment,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield Running(process, log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[tuple[Running, Path]]:
    """A `bookreader serve` on an empty data folder and a free port, and that folder."""
    with passing_folder() as folder:
        own = {"BOOKREADER_DATA_DIR": str(folder / "data"), "BOOKREADER_PORT": "0"}
        with bookreader("serve", log=folder / "serve.log", environment=own | environment) as running:
            yield running, folder / "data"


def register(address: str, email: str = "ada@example.org") -> httpx.Client:
    """A signed-in browser."""
    client = httpx.Client(base_url=f"{address}/api/v1/", timeout=30)
    answer = client.post("auth/register", json={"email": email, "password": "correct horse"})
    assert answer.status_code == 201, answer.text
    return client
