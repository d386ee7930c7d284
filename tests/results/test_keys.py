"""The rows of a run as the demo is one, on a small nation, are told apart by their documented keys."""

from __future__ import annotations

import json
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest
from tests.simulation.replicates import START

from riskset.nation import NationSettings, make_nation
from riskset.nation.planted_truth import truth_of
from riskset.registers.engine import Engine
from riskset.registers.registers import Registers
from riskset.report.catalogue import ENGLISH
from riskset.results.columns import columns_of, key_of, refuse_repeated
from riskset.results.comparisons import controls_of, is_kin
from riskset.results.notes import read_notes
from riskset.results.planted import read_planted
from riskset.results.released import Released
from riskset.results.rows import Diagnostic, Estimate, KnownTruth, names_in
from riskset.results.vocabulary import Contrast, Form, Role, ValueOf
from riskset.run import run_study
from riskset.spec import Study

STUDY = Path(__file__).parents[2] / "examples" / "als" / "study.toml"
MORE = {"name": "wide", "classes": ["each"], "trend": True, "interactions": ["age"], "subgroups": []}
"""A second model on a measure, with what the founding study's have not."""


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Released:
    described = tomllib.loads(STUDY.read_text(encoding="utf-8"))
    described["models"].append(described["models"][-1] | MORE)
    settings = NationSettings(persons=15_000, seed=3, incidence=500)
    path = tmp_path_factory.mktemp("truth") / "truth.json"
    path.write_text(json.dumps(truth_of(settings)), encoding="utf-8")
    with Engine(threads=1) as engine:
        registers = Registers.from_tables(make_nation(settings).tables(), engine=engine, starts=START)
        study = Study.model_validate(described)
        return run_study(study, registers, planted=read_planted(path), leave_out=("prognosis",)).released


@pytest.mark.parametrize(("name", "kind"), [("estimates", Estimate), ("planted", KnownTruth)])
def test_no_two_rows_have_one_key(released: Released, name: str, kind: type) -> None:
    table = released.table(name)
    assert table.num_rows > 50
    refuse_repeated(table, key_of(kind))


def test_no_two_diagnostics_of_the_risk_have_one_key(released: Released) -> None:
    table = released.table("diagnostics")
    refuse_repeated(table.filter(pc.is_valid(table["code"])), key_of(Diagnostic))


def test_every_cell_of_a_closed_column_is_one_of_its_values(released: Released) -> None:
    table = released.table("estimates")
    for column in columns_of(Estimate):
        if column.values:
            assert set(table[column.name].unique().to_pylist()) <= set(column.values), column.name


def test_every_kind_of_comparison_is_there(released: Released) -> None:
    table = released.table("estimates")
    assert set(table["contrast"].to_pylist()) >= {"level against reference", "trend", "ratio of ratios", "test"}
    assert {"case", "person"} <= set(table["value_of"].to_pylist())
    assert "firth" in table["estimator"].to_pylist()


APART = ("form", "measure", "model_name", "estimator", "comparison", "modifier", "value_of")
COMPARING = (Contrast.RATIO_OF_RATIOS, Contrast.TEST)


def _fit_of(row: dict[str, Any]) -> tuple[Any, ...]:
    """What tells the fit of a row from others: in strata by the case's value each has one, else all have one."""
    compares = row["contrast"] in COMPARING
    what = (row["unit"] and "by a number") if compares else (row["contrast"] == Contrast.TREND)
    stratum = row["stratum"] if row["value_of"] == ValueOf.CASE and not compares else ""
    exposure = "" if Form(row["form"]).is_mutual else row["exposure"]
    return (*(row[name] for name in APART), exposure, compares, what, stratum)


def test_rows_have_one_identifier_where_they_are_of_one_fit(released: Released) -> None:
    by_id, by_fit = defaultdict(set), defaultdict(set)
    for row in released.rows("estimates"):
        by_id[row["model_id"]].add(_fit_of(row))
        by_fit[_fit_of(row)].add(row["model_id"])
    assert "" not in by_id
    assert {len(of) for of in by_id.values()} == {1}
    assert {len(of) for of in by_fit.values()} == {1}
    assert len(by_id) > 100


def test_diagnostics_of_a_fit_join_its_estimates(released: Released) -> None:
    fits = {row["model_id"]: row for row in released.rows("estimates")}
    of_fits = [row for row in released.rows("diagnostics") if row["form"]]
    joined = [(row, fits[row["model_id"]]) for row in of_fits if row["model_id"] in fits]
    assert {row["code"] for row, _ in joined} >= {"log-likelihood", "iterations", "not in the model"}
    for row, fit in joined:
        facts = ("family", "form", "measure", "model_name", "estimator", "comparison")
        assert [row[name] for name in facts] == [fit[name] for name in facts]
    missing = {row["code"] for row in of_fits if row["model_id"] not in fits}
    assert missing <= {"firth not fitted", "not in the model", "unknown covariate", "departure from trend"}
    assert {row["model_id"] for row in released.rows("diagnostics") if not row["family"]} == {""}


def test_what_an_estimate_is_adjusted_for_is_the_descriptions(released: Released) -> None:
    models = {(m.measure, m.name or ""): m for m in released.study.models}
    classes = [exposure.name for exposure in released.study.exposures]
    seen = set()
    for row in released.rows("estimates"):
        if row["role"] != Role.EXPOSURE:
            continue
        asked, form = models[row["measure"], row["model_name"]], Form(row["form"])
        kin = is_kin(controls_of(released.study.controls, row["comparison"]))
        said = list(names_in(row["adjusted_for"]))
        expected = ["age", "sex"] if kin else []
        expected += asked.adjust if form is not Form.CRUDE else ()
        expected += [name for name in classes if name != row["exposure"]] if form.is_mutual else []
        assert said == expected, row
        seen.add((form, kin))
    assert len(seen) == 6


def test_every_note_and_diagnostic_has_words(released: Released) -> None:
    for cell in released.table("estimates")["notes"].unique().to_pylist():
        assert all(ENGLISH.clauses(read_notes(cell))) or cell == "[]"
    found = [row for row in released.table("diagnostics").to_pylist() if row["code"]]
    assert found
    assert all(ENGLISH.diagnostic(row)[0] for row in found)
