"""House rules that neither ruff nor the import contracts can say, each with its reason."""

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

from bookreader.jobs.names import JobKind
from bookreader.pipeline import Pipeline

SOURCE = Path(__file__).parents[2] / "src" / "bookreader"
WEB = Path(__file__).parents[2] / "web" / "src"
REGISTRY_HOSTS = ("pypi." + "org", "pythonhosted." + "org", "registry.npmjs." + "org")


def _modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_migrations_import_nothing_of_the_app_because_the_app_moves_on_and_they_must_still_run() -> None:
    for path in (SOURCE / "database" / "migrations" / "versions").glob("*.py"):
        imported = {
            name.split(".")[0]
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            for name in (
                [node.module or ""] if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names] if isinstance(node, ast.Import)
                else []
            )
        }  # fmt: skip
        assert "bookreader" not in imported, path.name


def test_every_job_name_has_exactly_one_handler() -> None:
    handlers = Pipeline.__new__(Pipeline).handlers()
    assert set(handlers) == set(JobKind)
    assert len({handler.__name__ for handler in handlers.values()}) == len(JobKind)


def test_domain_code_never_commits_because_one_transaction_per_request_or_job_leaves_nothing_half_saved() -> None:
    for path in _modules():
        if path.parent.name == "database" or "migrations" in path.parts:
            continue
        calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        names = {call.func.attr for call in calls if isinstance(call.func, ast.Attribute)}
        assert not names & {"commit", "rollback"}, path


def test_functions_are_short_and_modules_too() -> None:
    lengths = sorted(_length(function) for path in _modules() for function in _functions(path))
    assert statistics.median(lengths) <= 12
    assert lengths[int(len(lengths) * 0.9)] <= 40
    assert sum(length > 60 for length in lengths) <= 0.03 * len(lengths)
    for path in _modules():
        if "migrations" not in path.parts:
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 700, path


def test_web_files_are_short() -> None:
    for path in [*WEB.rglob("*.ts"), *WEB.rglob("*.svelte")]:
        if "types" not in path.name:
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 500, path


def test_lock_files_name_no_registry_because_everyone_has_their_own() -> None:
    root = SOURCE.parents[1]
    for path in [*root.glob("requirements*.txt"), root / "web" / "package-lock.json"]:
        text = path.read_text(encoding="utf-8")
        for host in REGISTRY_HOSTS:
            assert host not in text, f"{path.name} names {host}"


def test_no_group_is_repeated_possessively_because_python_3_11_2_matches_it_wrongly() -> None:
    """`(?>(?:...)*)` says the same as `(?:...)*+`, and every Python from 3.11 on understands it."""
    for path in _modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile":
                assert not re.search(r"\)[*+?}]\+", ast.unparse(node.args[0])), f"{path}:{node.lineno}"


def test_blind_excepts_are_rare() -> None:
    blind = functions = 0
    for path in _modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions += sum(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler):
                caught = node.type.id if isinstance(node.type, ast.Name) else ""
                blind += node.type is None or caught in ("Exception", "BaseException")
    assert blind <= functions / 100
