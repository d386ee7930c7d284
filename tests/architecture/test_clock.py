"""The clock is read where it is meant to be: a test or a table that reads it by the way says another thing after
midnight."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLOCK = {"today", "now", "utcnow", "localtime", "gmtime"}
READERS = {
    "src/riskset/registers/tables.py": "the day of a delivery that states none",
    "src/riskset/registers/delivered/source.py": "the day of a delivery that states none",
    "src/riskset/registers/engines/postgres.py": "how long a table on the server has not been asked for",
    "src/riskset/results/manifest.py": "the day of the run",
}


def test_only_these_modules_read_the_clock() -> None:
    found = set()
    for folder in ("src", "tests", "benchmarks"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK:
                    found.add(path.relative_to(ROOT).as_posix())
    assert found == set(READERS)
