"""What every test may use, and what none may do: no network beyond this machine, nothing of the caller's settings."""

import gc
import os
import socket
from pathlib import Path
from typing import Any

import pytest

_KEPT = ("BOOKREADER_TEST_", "BOOKREADER_CORPUS", "BOOKREADER_DEEP", "BOOKREADER_PG_BINDIR")
_LOCAL = ("127.", "::1", "localhost", "0.0.0.0")  # noqa: S104 - compared, not listened on

for _name in [name for name in os.environ if name.startswith("BOOKREADER_") and not name.startswith(_KEPT)]:
    del os.environ[_name]


def pytest_collection_finish() -> None:
    """What was loaded until now stays for good: to look through it for garbage again and again slows every test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect, connect_ex, lookup = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def check(address: Any) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith(_LOCAL):
            raise RuntimeError(f"tests reach no network, but this one wants {address}")

    def guarded(self: socket.socket, address: Any) -> None:
        check(address)
        return connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        check(address)
        return connect_ex(self, address)

    def guarded_lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host is not None:
            check((host,))
        return lookup(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_lookup)


def is_deep() -> bool:
    """Whether full counts are wanted (make check-deep)."""
    return os.environ.get("BOOKREADER_DEEP", "") not in ("", "0")


@pytest.fixture(scope="session")
def deep() -> bool:
    return is_deep()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder with real books that BOOKREADER_CORPUS names."""
    folder = os.environ.get("BOOKREADER_CORPUS")
    if not folder:
        pytest.skip("BOOKREADER_CORPUS names no folder with real books")
    return Path(folder)
