"""What changed between two runs, of rows that say which model they are of and what it is adjusted for."""

from __future__ import annotations

import json
from pathlib import Path

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


def finished(folder: Path, *adjust: str, loglik: float = -10.0) -> Path:
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
        "tables": VERSION, "registers": {"fingerprint": "a"}, "digests": {}, "engine": "duckdb", "frames": {},
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
