"""Folders for servers of a test's own."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def passing_folder(parent: Path | None = None) -> Iterator[Path]:
    """A folder that the user of a dropped database server can reach, with a path short enough for its sockets."""
    folder = Path(tempfile.mkdtemp(prefix="br-", dir=parent or ("/tmp" if os.geteuid() == 0 else None)))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
