"""Every diagnostic and every argument of a note has a role, so that none leaves unseen."""

from __future__ import annotations

import ast
from pathlib import Path

import riskset
from riskset.disclosure.by_code import ARGUMENTS, DIAGNOSTICS
from riskset.results.vocabulary import DiagnosticCode

SOURCE = Path(riskset.__file__).parent


def test_every_diagnostic_has_a_role() -> None:
    assert set(DIAGNOSTICS) == set(DiagnosticCode)


def test_every_argument_that_the_source_writes_has_a_role() -> None:
    written = set()
    for room in ("analysis", "cohort", "exposure", "registers"):
        for path in (SOURCE / room).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "note":
                    written |= {word.arg for word in call.keywords if word.arg}
    assert written
    assert written <= set(ARGUMENTS)
