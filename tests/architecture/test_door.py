"""Results that are not internal are made in one place."""

from __future__ import annotations

import ast
from pathlib import Path

import riskset

SOURCE = Path(riskset.__file__).parent


def test_only_the_door_makes_results_that_are_not_internal() -> None:
    makers = set()
    for path in SOURCE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Released":
                stamped = len(call.args) > 3 or any(word.arg in ("stamp", "withheld") for word in call.keywords)
                makers |= {path.relative_to(SOURCE).as_posix()} if stamped else set()
    assert makers == {"disclosure/door.py"}
