"""What a model of the risk is asked for beside its ratio, in closed forms of pairs and on columns written out.

In pairs that differ by one level the likelihood depends on the b pairs whose case is at it and the c pairs whose
control is: the estimate is log(b/c), its variance 1/b + 1/c (Breslow & Day 1980, section 5.2).
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from riskset.analysis.risk import RiskResult, fit_risk
from riskset.stats import fit_clogit, likelihood_ratio_test
from tests.analysis.cells import ESTIMAND, cells_of, find
from tests.analysis.sets_by_hand import frame, study
from tests.analysis.test_modification import array, by_hand
from tests.shown import Evidence, shows

MODEL = {"kind": "conditional logistic", "measure": "ever", "classes": ["each"], "exposures": ["pills"]}
Sets = list[list[dict[str, Any]]]
NOT: dict[str, Any] = {}


def pairs(level: str, b: int, c: int) -> Sets:
    """Pairs of which the case, or the control, alone is at a level."""
    return [[{"pills": level}, NOT]] * b + [[NOT, {"pills": level}]] * c


def fit(sets: Sets, measure: dict[str, Any] | None = None, *, levels: Any = (), **changes: Any) -> RiskResult:
    changed = {name: changes.pop(name) for name in ("conf_level",) if name in changes}
    asked = measure or {"kind": "ever", "lag": "1y"}
    exposures = [{"name": "pills", "codes": {"atc": ["N05B"]}, "measures": [asked]}]
    name = asked.get("name", "ever")
    described = study(exposures=exposures, models=[MODEL | {"measure": name} | changes], **changed)
    made = frame(sets, levels=levels or ("ever", "lag only"), measure=name)
    return fit_risk(described, described.models[0], made, comparison="population", estimand=ESTIMAND)


@shows("study.conf_level", "conditional logistic.interval=wald", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(("conf_level", "normal"), [(0.9, 1.6448536269514722), (0.99, 2.5758293035489004)])
def test_intervals_have_the_coverage_asked_for(conf_level: float, normal: float) -> None:
    row = find(fit(pairs("ever", 20, 8), conf_level=conf_level), form="crude", level="ever")
    reach = normal * math.sqrt(1 / 20 + 1 / 8)
    assert row["conf_low"] == pytest.approx(math.log(2.5) - reach, abs=1e-9)
    assert row["conf_high"] == pytest.approx(math.log(2.5) + reach, abs=1e-9)
    assert row["conf_level"] == conf_level


@shows("study.conf_level", "conditional logistic.interval=profile", by=Evidence.OUTSIDE)
def test_profile_intervals_have_the_coverage_asked_for() -> None:
    """Where 2(l(β̂) − l(β)) is the 90 % quantile of χ² with 1 degree of freedom, l(β) = bβ − (b+c) log(1 + eᵝ)."""
    row = find(fit(pairs("ever", 20, 8), conf_level=0.9, interval="profile"), form="crude", level="ever")
    top = 20 * math.log(2.5) - 28 * math.log1p(2.5)
    for end in (row["conf_low"], row["conf_high"]):
        assert 2 * (top - 20 * end + 28 * math.log1p(math.exp(end))) == pytest.approx(2.705543454095404, abs=1e-6)


@shows("ever.lag_only=level", by=Evidence.OUTSIDE)
def test_who_qualified_inside_the_lag_only_has_a_ratio_of_its_own() -> None:
    """No pair holds both levels, so that each ratio is that of its own discordant pairs."""
    asked = {"kind": "ever", "lag": "1y", "lag_only": "level"}
    result = fit(pairs("ever", 20, 8) + pairs("lag only", 9, 3), asked)
    for level, b, c in (("ever", 20, 8), ("lag only", 9, 3)):
        row = find(result, form="crude", level=level)
        assert row["estimate"] == pytest.approx(math.log(b / c), abs=1e-9)
        assert row["std_error"] == pytest.approx(math.sqrt(1 / b + 1 / c), abs=1e-9)


COUNTED = {"kind": "count", "name": "doses", "bands": [1, 2, 4]}
BANDS = ("1", "2-3", "≥4")


@shows("conditional logistic.trend=true", "Contrast=trend", by=Evidence.OUTSIDE)
def test_the_trend_over_two_steps_is_half_their_log_ratio() -> None:
    """All discordant pairs are two steps apart: (b/c) is the ratio of two steps, its root that of one."""
    result = fit(pairs("2-3", 20, 8), COUNTED, levels=BANDS, trend=True)
    row = find(result, contrast="trend", level="")
    assert row["estimate"] == pytest.approx(math.log(20 / 8) / 2, abs=1e-9)
    assert row["std_error"] == pytest.approx(math.sqrt(1 / 20 + 1 / 8) / 2, abs=1e-9)


def drawn(number: int = 300) -> Sets:
    """Sets of one case and two controls, by level of use and education; some educations are unknown."""
    rng = np.random.default_rng(5)
    sets: Sets = []
    for _ in range(number):
        members = []
        for j in range(3):
            weight = np.array([6, 2 + j % 2, 2, 1 + 2 * (j == 0)], float)
            level = rng.choice(["", *BANDS], p=weight / weight.sum())
            member = {"education": str(rng.choice(["a", "b", "c"]))} if rng.random() < 0.85 else {}
            members.append(member | ({"pills": str(level)} if level else {}))
        sets.append(members)
    return sets


@shows("conditional logistic.trend=true", "Contrast=trend", "Contrast=test", by=Evidence.REFERENCE)
def test_trend_and_departure_are_those_of_scores_written_out() -> None:
    sets = drawn()
    result = fit(sets, COUNTED, levels=BANDS, trend=True)
    levels = array(sets, "pills", *BANDS)
    slope, whole = by_hand(sets, levels @ np.array([[1.0], [2.0], [3.0]])), by_hand(sets, levels)
    row = find(result, contrast="trend")
    assert row["estimate"] == pytest.approx(float(slope.beta[0]), abs=1e-9)
    assert row["p_value"] == pytest.approx(2 * stats.norm.sf(abs(slope.beta[0] / slope.std_error[0])), abs=1e-9)
    (departure,) = [d for d in result.diagnostics if d.code == "departure from trend"]
    expected = likelihood_ratio_test(slope, whole)
    assert departure.value == pytest.approx(expected.p_value, abs=1e-8)
    assert departure.notes[0].arguments["df"] == 2


@shows(
    "conditional logistic.missing=complete case", "conditional logistic.adjust", "Role=covariate", by=Evidence.REFERENCE
)
def test_unknown_values_leave_out_the_row_and_no_more() -> None:
    sets = drawn()
    result = fit(sets, COUNTED, levels=BANDS, adjust=["education"])
    known = [[m for m in members if "education" in m] for members in sets if "education" in members[0]]
    known = [members for members in known if len(members) > 1]
    require_levels(result, known, ("a", "b", "c"))


@shows("conditional logistic.missing=level", by=Evidence.REFERENCE)
def test_unknown_is_a_level_of_its_own() -> None:
    sets = drawn()
    result = fit(sets, COUNTED, levels=BANDS, adjust=["education"], missing="level")
    named = [[{"education": "unknown"} | m for m in members] for members in sets]
    require_levels(result, named, ("a", "b", "c", "unknown"))


@shows(
    "conditional logistic.ties=exact",
    "conditional logistic.ties=efron",
    "conditional logistic.ties=breslow",
    by=Evidence.REFERENCE,
)
def test_sets_of_two_cases_are_fitted_as_asked() -> None:
    sets = drawn(120)
    case = [j < 2 for members in sets for j in range(len(members))]
    levels, set_id = array(sets, "pills", *BANDS), [i for i, members in enumerate(sets) for _ in members]
    made = frame(sets, levels=BANDS, measure="doses")
    column = made.sets.column_names.index("case")
    two = replace(made, sets=made.sets.set_column(column, "case", pa.array(case)))
    found = set()
    for ties in ("exact", "efron", "breslow"):
        described = study(
            exposures=[{"name": "pills", "codes": {"atc": ["N05B"]}, "measures": [COUNTED]}],
            models=[MODEL | {"measure": "doses", "ties": ties}],
        )
        result = fit_risk(described, described.models[0], two, comparison="population", estimand=ESTIMAND)
        same = fit_clogit(levels, case, set_id, ties=ties)
        rows = [find(result, form="crude", level=level) for level in BANDS]
        assert [row["estimate"] for row in rows] == pytest.approx(same.beta.tolist(), abs=1e-8)
        found.add(round(rows[0]["estimate"], 4))
    assert len(found) == 3


def require_levels(result: RiskResult, sets: Sets, values: tuple[str, ...]) -> None:
    """The adjusted ratios are those of use and of all values of education but the reference."""
    rows = [row for row in cells_of(result) if row["covariate"] == "education"]
    (reference,) = set(values) - {row["level"] for row in rows}
    others = [value for value in values if value != reference]
    same = by_hand(sets, array(sets, "pills", *BANDS), array(sets, "education", *others))
    for i, level in enumerate(BANDS):
        row = find(result, form="adjusted", role="exposure", level=level)
        assert row["estimate"] == pytest.approx(float(same.beta[i]), abs=1e-8)
        assert row["std_error"] == pytest.approx(float(same.std_error[i]), abs=1e-8)
        assert row["n_sets"] == len(sets)
    for i, level in enumerate(others):
        assert find(result, form="adjusted", role="covariate", level=level)["estimate"] == pytest.approx(
            float(same.beta[3 + i])
        )
