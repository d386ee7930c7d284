"""What changed between two runs, of rows that say which model they are of and what it is adjusted for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from tests.analysis.sets_by_hand import study

from riskset.analysis.recording import model_of
from riskset.report.two_runs import change_lines
from riskset.results.columns import table_of
from riskset.results.files import write_tables
from riskset.results.fitted_model import FittedModel
from riskset.results.rows import Diagnostic, Estimate
from riskset.results.run_changes import compare_runs
from riskset.results.run_folder import MANIFEST
from riskset.results.tables import VERSION
from riskset.results.vocabulary import DiagnosticCode, Form, Scale
from riskset.spec.difference import Change
from riskset.spec.to_toml import to_toml

IMPORTED_BEFORE = MappingProxyType({"fingerprint": "a"})
"""What a run from before the delivery had a digest of its own says of its registers."""


def finished(
    folder: Path,
    *adjust: str,
    loglik: float = -10.0,
    registers: Mapping[str, str] = MappingProxyType({"fingerprint": "a"}),
) -> Path:
    """The folder of a run whose one model is adjusted for these covariates."""
    described = study(models=[{"kind": "conditional logistic", "measure": "ever", "adjust": list(adjust)}])
    model = model_of(described.models[0]).but(form=Form.ADJUSTED)
    fitted = FittedModel(model=model, comparison="population", exposures=("pills",), covariates=adjust)
    facts = {"model_id": fitted.model_id, "model": model, "comparison": "population", "exposure": "pills"}
    of = fitted.adjusted_for("pills")
    estimate = Estimate(**facts, adjusted_for=of, level="ever", scale=Scale.LOG_OR, estimate=0.5)  # type: ignore[arg-type]
    fit = Diagnostic(**facts, code=DiagnosticCode.LOG_LIKELIHOOD, value=loglik)  # type: ignore[arg-type]
    tables = {"estimates": table_of([estimate], Estimate), "diagnostics": table_of([fit], Diagnostic)}
    write_tables(folder / "internal", tables)
    manifest = {
        "tables": VERSION, "registers": dict(registers), "digests": {}, "engine": "duckdb", "frames": {},
        "versions": {}, "rows": {name: len(table) for name, table in tables.items()},
    }  # fmt: skip
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "study.toml").write_text(to_toml(described), encoding="utf-8")
    return folder


def test_another_adjustment_is_one_change_and_its_identifier_none(tmp_path: Path) -> None:
    one, two = finished(tmp_path / "one", "education"), finished(tmp_path / "two", "education", "sex")
    changes = compare_runs(one, two)
    (row,) = changes.rows
    assert (row.table, row.change, set(row.before)) == ("estimates", Change.CHANGED, {"adjusted_for"})
    (line,) = (line for line in change_lines(changes) if line.part == "estimates")
    assert (line.before, line.after) == ("adjusted for education", "adjusted for education and sex")
    (back,) = (
        line for line in change_lines(compare_runs(one, finished(tmp_path / "none"))) if line.part == "estimates"
    )
    assert back.after == "adjusted for nothing"


def test_a_number_of_a_fit_is_a_change_of_its_own(tmp_path: Path) -> None:
    one, two = finished(tmp_path / "one", "education"), finished(tmp_path / "two", "education", loglik=-11.0)
    (row,) = compare_runs(one, two).rows
    assert (row.table, set(row.before)) == ("diagnostics", {"value"})


def imported(delivery: str, code: str) -> dict[str, str]:
    return {"fingerprint": delivery + code, "delivery": delivery, "code": code}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (imported("a", "x"), imported("a", "y"), [("software", "import of registers", "x", "y")]),
        (imported("a", "x"), imported("b", "x"), [("data", "registers", "a", "b")]),
        (imported("a", "x"), imported("a", "x"), []),
        ({"fingerprint": "old"}, imported("a", "x"), [("data", "registers", "old", "ax")]),
    ],
)
def test_other_code_on_the_same_delivery_is_software_and_no_other_data(
    before: dict[str, str], after: dict[str, str], told: list[tuple[str, ...]], tmp_path: Path
) -> None:
    runs = finished(tmp_path / "one", registers=before), finished(tmp_path / "two", registers=after)
    lines = change_lines(compare_runs(*runs))
    assert [(line.part, line.what, line.before, line.after) for line in lines] == told
