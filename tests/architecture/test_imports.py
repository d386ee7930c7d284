"""Who imports whom, and what the core must not load."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "riskset"
MODULES = sorted(SOURCE.rglob("*.py"))
HEAVY = (
    "ibis",
    "duckdb",
    "sqlglot",
    "altair",
    "vl_convert",
    "pandas",
    "scipy",
    "pyarrow",
    "docx",
    "xlsxwriter",
)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules that code imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def imported_in_functions(tree: ast.Module) -> set[str]:
    """The modules that functions import when they are called."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {name for function in functions for name in imported(function)}


def loaded_by(module: str) -> set[str]:
    """The packages that are loaded after importing a module in a new interpreter."""
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_description_loads_no_engine_and_no_figures() -> None:
    assert not loaded_by("riskset.spec") & set(HEAVY)


def test_the_package_itself_loads_nothing() -> None:
    assert not loaded_by("riskset") & {*HEAVY, "pydantic", "numpy"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_the_report_imports_pandas(path: Path) -> None:
    pandas = [name for name in imported(parsed(path)) if name.partition(".")[0] == "pandas"]
    assert not pandas or path.parent.name == "report"


def test_functions_import_nothing_further() -> None:
    """Commands do so freely, to answer ``--help`` at once."""
    rest = [path for path in MODULES if path.relative_to(SOURCE).parts[0] != "cli"]
    inside = {path.relative_to(SOURCE).as_posix(): imported_in_functions(parsed(path)) for path in rest}
    assert {path: modules for path, modules in inside.items() if modules} == {}


def test_an_import_in_a_function_is_seen() -> None:
    code = "import a\nclass C:\n    def f(self):\n        import b\n        if self:\n            from c.d import e"
    assert imported_in_functions(ast.parse(code)) == {"b", "c.d"}


def test_the_contracts_of_pyproject_hold() -> None:
    script = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([script, "--no-cache"], cwd=SOURCE.parents[1], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
