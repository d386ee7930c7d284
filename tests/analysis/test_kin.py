"""Relatives: age and sex in every model, what is refused and flagged, and the same cases against unrelated people."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from riskset.analysis.coding import Block
from riskset.analysis.describe import covariates_described, table_one
from riskset.analysis.kin import as_spline, reaches_index, sets_of_same_cases, without_modification
from riskset.analysis.risk import RiskResult, fit_risk
from riskset.results.comparisons import companions, is_companion
from riskset.results.notes import NoteCode
from riskset.results.set_vocabulary import Characteristic
from riskset.results.vocabulary import DiagnosticCode, Form
from riskset.spec.measures import AnyUse, Ever, FirstUse, Recency
from riskset.spec.study import Study
from riskset.stats import fit_clogit
from tests.analysis.cells import ESTIMAND, FIRTH, cells_of, counted, find
from tests.analysis.sets_by_hand import frame, study
from tests.shown import Evidence, shows

POPULATION = {"kind": "population", "ratio": 1}
MODEL = {"kind": "conditional logistic", "measure": "ever", "classes": ["each"], "exposures": ["pills"]}


def families(number: int = 150, seed: int = 5) -> list[list[dict[str, Any]]]:
    """A case and one or two relatives each, of differing age and sex; older people and women use more, cases most."""
    rng = np.random.default_rng(seed)
    sets = []
    for _ in range(number):
        base = rng.uniform(45, 80)
        members = []
        for j in range(1 + rng.integers(1, 3)):
            age = base + (rng.normal(0, 5) if j else 0.0)
            sex = "female" if rng.random() < 0.5 else "male"
            use = 0.15 + 0.008 * (age - 45) + 0.1 * (sex == "female") + 0.1 * (j == 0)
            member: dict[str, Any] = {"age": age, "sex": sex, "birth_year": int(2015 - age)}
            members.append(member | ({"pills": "ever"} if rng.random() < use else {}))
        sets.append(members)
    return sets


def fit(kind: dict[str, Any], sets: list[list[dict[str, Any]]], **changes: Any) -> RiskResult:
    described = study(controls=[POPULATION, kind], models=[MODEL | changes])
    comparison = described.controls[1].comparison
    return fit_risk(described, described.models[0], frame(sets), comparison=comparison, estimand=ESTIMAND)


def estimate(result: RiskResult, form: str = "crude", **keys: Any) -> dict[str, Any]:
    return find(result, **{"form": form, "role": "exposure", "level": "ever", "modifier": ""} | keys)


def by_hand(sets: list[list[dict[str, Any]]], timed: str) -> float:
    """The log odds ratio of pills with R's restricted cubic spline in truncated powers, knots at the quantiles."""
    members = [m for s in sets for m in s]
    t = np.array([m[timed] for m in members], dtype=float)
    k = np.quantile(t, [0.05, 0.35, 0.65, 0.95])

    def cubed(knot: float) -> np.ndarray[Any, Any]:
        return np.maximum(t - knot, 0) ** 3

    curved = [
        cubed(k[j]) - cubed(k[2]) * (k[3] - k[j]) / (k[3] - k[2]) + cubed(k[3]) * (k[2] - k[j]) / (k[3] - k[2])
        for j in range(2)
    ]
    x = np.column_stack(
        [
            ["pills" in m for m in members],
            (t - t.mean()) / 10,
            *(c / np.std(c) for c in curved),
            [m["sex"] == "male" for m in members],
        ]
    )
    case = [j == 0 for s in sets for j in range(len(s))]
    return float(fit_clogit(x, case, [i for i, s in enumerate(sets) for _ in s]).beta[0])


def test_crude_holds_age_as_a_natural_spline_and_sex() -> None:
    sets = families()
    row = estimate(fit({"kind": "siblings"}, sets))
    assert row["estimate"] == pytest.approx(by_hand(sets, "age"), abs=1e-7)
    assert row["codes"] == [NoteCode.ESTIMAND, NoteCode.ALWAYS_ADJUSTED]
    assert "age (natural spline, 4 knots) and sex in every model, crude too" in row["words"]
    without = fit_clogit(
        [float("pills" in m) for s in sets for m in s],
        [j == 0 for s in sets for j in range(len(s))],
        [i for i, s in enumerate(sets) for _ in s],
    )
    assert abs(row["estimate"] - without.beta[0]) > 0.02


def test_a_splines_columns_have_no_rows_of_their_own() -> None:
    result = fit({"kind": "siblings"}, families())
    assert {(r.role, r.covariate, r.level) for r in result.estimates} == {
        ("exposure", "", "ever"),
        ("covariate", "sex", "male"),
    }


def test_at_the_same_age_the_birth_year_takes_the_place_of_age() -> None:
    sets = families()
    result = fit({"kind": "siblings", "at": "same age"}, sets)
    assert estimate(result)["estimate"] == pytest.approx(by_hand(sets, "birth_year"), abs=1e-7)
    assert "birth year (natural spline, 4 knots) and sex in every model" in estimate(result)["words"]
    described = study(controls=[POPULATION, {"kind": "siblings", "at": "same age"}])
    assert "birth_year" in covariates_described(described.controls, described.models, described.covariates)


def test_age_and_sex_asked_for_again_change_nothing() -> None:
    sets = families()
    result = fit({"kind": "siblings"}, sets, adjust=["age", "sex"])
    assert estimate(result, "adjusted")["estimate"] == pytest.approx(estimate(result)["estimate"], abs=1e-12)
    stood = {d.covariate for d in result.diagnostics if d.code == "covariate stands already"}
    assert stood == {"age", "sex"}


def test_a_population_model_has_neither() -> None:
    described = study(models=[MODEL])
    sets = families()
    result = fit_risk(described, described.models[0], frame(sets), comparison="population", estimand=ESTIMAND)
    assert {r.role for r in result.estimates} == {"exposure"}
    assert estimate(result)["codes"] == [NoteCode.ESTIMAND]


def test_columns_that_do_not_vary_within_any_set_are_left_out_and_named() -> None:
    sets = [[m | {"sex": "female"} for m in s] for s in families()]
    result = fit({"kind": "siblings"}, sets)
    assert "sex" in {d.covariate for d in result.diagnostics if d.code == "covariate constant within sets"}
    assert estimate(result)["estimate"] is not None


def test_members_of_unknown_age_are_left_out_of_the_crude_model_and_counted() -> None:
    sets = families()
    sets[0][1].pop("age")
    result = fit({"kind": "siblings"}, sets)
    assert counted(result, "unknown covariate") == {"controls": 1}


def test_a_spline_of_too_few_values_is_a_line() -> None:
    values = np.array([40.0, 40, 40, 50, 50, 50])
    block = as_spline(Block("age", "age", ("",), values[:, None], "", numeric=True), np.ones(6, dtype=bool))
    assert (block.levels, block.unit) == (("",), "10 years")
    assert np.ptp(block.columns) == pytest.approx(1.0)


ASKED = [
    {"subgroups": [{"by": "sex"}]},
    {"interactions": ["sex"]},
    {"subgroups": [{"by": "sex"}], "interactions": ["sex"]},
]


@shows("spouses", "subgroup.by", by=Evidence.REFUSED)
@pytest.mark.parametrize("asked", ASKED)
def test_spouses_by_sex_are_refused_and_siblings_are_not(asked: dict[str, Any]) -> None:
    sets = families()
    spouses, siblings = (fit({"kind": kind}, sets, **asked) for kind in ("spouses", "siblings"))
    refused = {DiagnosticCode.SUBGROUPS_REFUSED, DiagnosticCode.INTERACTION_REFUSED}
    assert [d.modifier for d in spouses.diagnostics if d.code in refused] == ["sex"] * len(asked)
    assert {r.modifier for r in spouses.estimates} == {""}
    assert any(r.modifier == "sex" for r in siblings.estimates)


@shows(
    "NoteCode=may react",
    by=Evidence.OUTSIDE,
)
def test_the_windows_of_spouses_that_reach_the_index_date_are_flagged() -> None:
    measure = {"kind": "ever", "lag": "1y", "lag_only": "level"}
    exposures = [{"name": "pills", "codes": {"atc": ["N05B"]}, "measures": [measure]}]
    sets = families()
    sets += [[m | {"pills": "lag only"} if j == i % 2 else m for j, m in enumerate(s)] for i, s in enumerate(sets[:20])]
    notes = {}
    for kind in ("spouses", "siblings"):
        described = study(controls=[{"kind": kind}], models=[MODEL], exposures=exposures)
        result = fit_risk(described, described.models[0], frame(sets), comparison=kind, estimand=ESTIMAND)
        notes[kind] = {
            r["level"]: NoteCode.MAY_REACT in r["codes"] for r in cells_of(result) if r["role"] == "exposure"
        }
    assert notes == {"spouses": {"ever": False, "lag only": True}, "siblings": {"ever": False, "lag only": False}}


def test_levels_that_reach_the_index_date() -> None:
    first_use = FirstUse(cuts=["1y", "5y"])
    assert [reaches_index(first_use, level) for level in ("0-1y", "1-5y", ">5y")] == [True, False, False]
    assert not reaches_index(Ever(lag="1y"), "ever")
    assert reaches_index(Ever(), "ever")
    assert reaches_index(AnyUse(), "any")
    assert not reaches_index(AnyUse(lag="1y"), "any")
    assert reaches_index(Recency(cuts=["90d", "1y"]), "current (0-90d)")


def test_thin_sets_have_firth_beside_and_are_no_failure() -> None:
    sets = [[{k: v for k, v in m.items() if k != "pills" or j == 0} for j, m in enumerate(s)] for s in families(30)]
    result = fit({"kind": "siblings"}, sets)
    assert estimate(result)["estimate"] is None
    firth = estimate(result, **FIRTH)
    assert firth["converged"]
    assert firth["conf_low"] > 0
    assert not result.failures
    (found,) = [d for d in result.diagnostics if d.code == DiagnosticCode.SEPARATED]
    assert found.notes[0].code is NoteCode.SEPARATED


def both() -> tuple[Study, pa.Table]:
    """Three cases in population sets, two of them also in sibling sets, under other numbers."""
    described = study(controls=[POPULATION, {"kind": "siblings"}])
    rows = [
        *(("population", s, p, p == s) for s, p in ((1, 1), (1, 11), (2, 2), (2, 12), (3, 3), (3, 13))),
        *(("siblings", s, p, p in (1, 3)) for s, p in ((7, 1), (7, 21), (7, 22), (8, 3), (8, 2))),
    ]
    names = ("comparison", "set_id", "person_id", "case")
    return described, pa.table({name: [row[i] for row in rows] for i, name in enumerate(names)})


def test_the_same_cases_keep_their_whole_population_sets() -> None:
    """Person 2 is a case of the population and a sibling, no case of the siblings: not taken."""
    described, sets = both()
    kept = sets_of_same_cases(sets, *described.controls)
    assert kept["person_id"].to_pylist() == [1, 11, 3, 13]
    assert set(kept["comparison"].to_pylist()) == {"population"}


def test_companions_are_of_unrelated_controls_alone() -> None:
    described, _ = both()
    population, siblings = described.controls
    assert companions(described.controls, population) == []
    assert companions(described.controls, siblings) == [(population, "population, cases with siblings")]
    assert is_companion(described.controls, "population, cases with siblings")
    assert not is_companion(described.controls, "siblings")


def test_a_case_whose_only_relative_lacks_a_covariate_is_in_neither_of_the_two_models() -> None:
    """Of 150 families the first has one relative, of unknown education: crude models have it, adjusted ones do not."""
    told = [[member | {"education": "primary"} for member in members] for members in families()]
    told[0] = [told[0][0], {name: value for name, value in told[0][1].items() if name != "education"}]
    for members in told[1:]:
        members[0]["education"] = "tertiary"
    described = study(
        controls=[POPULATION, {"kind": "siblings"}],
        models=[MODEL | {"adjust": ["education"]}],
        covariates=[],
    )
    (model,) = described.models
    made = frame(told)
    kin = fit_risk(described, model, made, comparison="siblings", estimand=ESTIMAND)
    everyone = made.person_id[made.case]
    assert sorted(kin.cases[Form.CRUDE, "pills"]) == sorted(everyone)
    assert sorted(kin.cases[Form.ADJUSTED, "pills"]) == sorted(everyone[1:])

    label = "population, cases with siblings"
    beside = fit_risk(described, model, made, comparison=label, estimand=ESTIMAND, among=kin.cases)
    assert {r.model.form: r.n_sets for r in beside.estimates} == {"crude": 150, "adjusted": 149}
    fewer = {form: persons[2:] for form, persons in kin.cases.items()}
    beside = fit_risk(described, model, made, comparison=label, estimand=ESTIMAND, among=fewer)
    assert {r.model.form: r.n_sets for r in beside.estimates} == {"crude": 148, "adjusted": 147}


def test_siblings_of_either_sex_inform_the_ratio_of_each_sex_and_the_estimate_says_so() -> None:
    result = fit({"kind": "siblings"}, families(300), subgroups=[{"by": "sex"}])
    notes = [r["words"] for r in cells_of(result) if r["stratum"] == "female" and r["role"] == "exposure"]
    assert notes
    assert all("each person's own value counts" in note and "sex differs among siblings" in note for note in notes)
    assert "own value" not in estimate(result)["words"]


def test_a_companion_model_has_no_subgroups() -> None:
    described = study(models=[MODEL | {"subgroups": [{"by": "sex"}], "interactions": ["sex"]}])
    plain = without_modification(described.models[0])
    assert (plain.subgroups, plain.interactions, plain.measure) == ((), (), "ever")


@shows("Characteristic=controls in the set", "Characteristic=relation to the case", by=Evidence.OUTSIDE)
def test_table_one_counts_set_sizes_and_relations() -> None:
    sets = [[{}, {}], [{}, {}, {}], [{}, {}, {}]]
    made = frame([[m | {"age": 50.0, "sex": "female"} for m in s] for s in sets])
    relation = ["case", "full sibling", "case", "full sibling", "half sibling", "case", "full sibling", "full sibling"]
    made = type(made)(made.sets.append_column("relation", [relation]), *(made.terms, made.values, made.covariates))
    rows = table_one(
        made, "siblings", covariates_described(study().controls, study().models, study().covariates), study().exposures
    )
    sizes = {r.level: (r.cases_n, r.cases_value) for r in rows if r.about == Characteristic.SET_SIZE}
    assert sizes == {"1": (1, pytest.approx(1 / 3)), "2": (2, pytest.approx(2 / 3))}
    kinds = {r.level: (r.controls_n, r.controls_value) for r in rows if r.about == Characteristic.RELATION}
    assert kinds == {"full sibling": (4, 0.8), "half sibling": (1, 0.2)}
