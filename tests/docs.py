"""Documents that are made from the code: `python -m tests.docs` writes them, a test compares them."""

import sys
from pathlib import Path

import typer

from bookreader.cli import app
from bookreader.settings import Settings

DOCS = Path(__file__).parent.parent / "docs"


def settings_page() -> str:
    """docs/settings.md: every setting with its default and meaning."""
    lines = [
        "# Settings",
        "",
        "Each is an environment variable; none is needed to run the app at home.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "the XDG data folder" if field.default_factory else field.default
        shown = "" if default is None else f"`{default}`" if not field.default_factory else default
        lines.append(f"| `BOOKREADER_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """docs/commands.md: every command with its help."""
    lines = ["# Commands", "", "`bookreader COMMAND --help` says more of each.", "", "| command | does |", "|---|---|"]
    root = typer.main.get_command(app)
    lines += [f"| `bookreader {name}` | {help_} |" for name, help_ in _commands(root)]
    return "\n".join(lines) + "\n"


def _commands(command: object, prefix: str = "") -> list[tuple[str, str]]:
    found = []
    for name, sub in sorted(getattr(command, "commands", {}).items()):
        if getattr(sub, "commands", None):
            found += _commands(sub, f"{prefix}{name} ")
        else:
            found.append((f"{prefix}{name}", (sub.help or "").split("\n")[0]))
    return found


PAGES = {"settings.md": settings_page, "commands.md": commands_page}

if __name__ == "__main__":
    for page, make in PAGES.items():
        (DOCS / page).write_text(make(), encoding="utf-8")
    sys.exit(0)
