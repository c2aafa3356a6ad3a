"""The readers that ours is measured beside: epub.js and foliate-js as their packages come, on small pages of our own.

The app uses none of this, so it is fetched when the benchmark runs for the first time, and only what was pinned here.
"""

import base64
import hashlib
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

from tests.browser.install import node

FOLDER = Path(__file__).parent
PACKAGES = FOLDER / "node_modules"
PINNED = {
    "epubjs-0.3.93": "c06pNSdBxcXv3dZSbXAVLE1/pmleRhOT6mXNZo6INKmvuKpYB65MwU/lO7830czCtjIiK9i+KR+3S+p0wtljrw==",
    "foliate-js-1.0.1": "Cj4h2ub5aVA+yUgbhvVhCyxwi0GPF4pyNBa6Lw9+6WKY1ReBxipItn2kEBO6u7Vu/xYXjK711R74+t+yW/0u5w==",
    "jszip-3.10.1": "xXDvecyTpGLrqFrvkrUSoxxfJI5AH7U8zxxtVclpsUtMCq4JQ290LY8AW5c7Ggnr/Y/oK+bQMbqK2qmtk3pN4g==",
}
"""Packages and the SHA-512 of their archives. epub.js comes with all that it needs but its reader of archives."""
PATIENCE = 240.0


def install() -> bool:
    """Fetches the packages that are not here yet. Whether all are here, then."""
    missing = [package for package in PINNED if not (PACKAGES / package).is_dir()]
    if not missing:
        return True
    with tempfile.TemporaryDirectory() as folder:
        if not _fetched(missing, Path(folder)):
            return False
        for package in missing:
            _unpack(Path(folder) / f"{package}.tgz", package)
    return True


def _fetched(packages: list[str], folder: Path) -> bool:
    executable = Path(node())
    # The wheel's own `npm` link is broken on Linux, so npm is called by its script.
    npm = executable.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    wanted = ["@".join(package.rsplit("-", 1)) for package in packages]
    command = [str(executable), str(npm), "pack", "--ignore-scripts", "--silent", "--pack-destination", str(folder)]
    path = f"{executable.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    try:
        done = subprocess.run(
            [*command, *wanted],
            env=os.environ | {"PATH": path},
            stdout=subprocess.DEVNULL,
            check=False,
            timeout=PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _unpack(archive: Path, package: str) -> None:
    """Takes the scripts out of an archive. Raises RuntimeError if it is not the pinned one."""
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != PINNED[package]:
        raise RuntimeError(f"{package} is not what was pinned: {digest}")
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder, tarfile.open(archive) as packed:
        for member in packed.getmembers():
            inside = Path(member.name).relative_to("package")
            file = packed.extractfile(member) if inside.suffix == ".js" and ".." not in inside.parts else None
            if file is not None:
                (Path(folder) / inside).parent.mkdir(parents=True, exist_ok=True)
                (Path(folder) / inside).write_bytes(file.read())
        PACKAGES.mkdir(exist_ok=True)
        Path(folder).rename(PACKAGES / package)
        Path(folder).mkdir()
