"""Models of risk against closed forms of matched pairs, and what is said when there is nothing to estimate.

In 1:1 pairs with one binary exposure the conditional likelihood depends on the discordant pairs alone: b pairs where
the case is exposed and c where the control is. The estimate is log(b/c) with variance 1/b + 1/c (Breslow & Day 1980,
section 5.2), and the likelihood at the estimate is bᵇcᶜ/(b+c)ᵇ⁺ᶜ.
"""

from __future__ import annotations

import math
from typing import Any

import pytest
from scipy import stats

from riskset.analysis.risk import RiskResult, fit_risk
from riskset.report.catalogue import ENGLISH
from riskset.results.notes import NoteCode
from riskset.stats import fit_clogit
from tests.analysis.cells import ESTIMAND, FIRTH, OF_ALL, cells_of, counted, find, find_test
from tests.analysis.sets_by_hand import frame, study
from tests.shown import Evidence, shows

EXPOSED, NOT = {"pills": "ever"}, dict[str, Any]()


def pairs(b: int, c: int, both: int = 3, neither: int = 5, **more: Any) -> list[list[dict[str, Any]]]:
    kinds = [(EXPOSED, NOT)] * b + [(NOT, EXPOSED)] * c + [(EXPOSED, EXPOSED)] * both + [(NOT, NOT)] * neither
    return [[case | more, control | more] for case, control in kinds]


def fit(sets: list[list[dict[str, Any]]], **changes: Any) -> RiskResult:
    described = study(**changes)
    return fit_risk(described, described.models[0], frame(sets), comparison="population", estimand=ESTIMAND)


def model(**changes: Any) -> list[dict[str, Any]]:
    return [{"kind": "conditional logistic", "measure": "ever", "classes": ["each"], "exposures": ["pills"]} | changes]


@shows(
    "conditional logistic",
    "conditional logistic.classes=each",
    "conditional logistic.interval=wald",
    "Contrast=level against reference",
    "Scale=log_or",
    "Form=crude",
    "Role=exposure",
    by=Evidence.OUTSIDE,
)
def test_pairs_give_the_ratio_of_discordant_pairs() -> None:
    row = find(fit(pairs(20, 8), models=model()), form="crude", level="ever")
    assert row["estimate"] == pytest.approx(math.log(20 / 8), abs=1e-10)
    assert row["std_error"] == pytest.approx(math.sqrt(1 / 20 + 1 / 8), abs=1e-10)
    assert row["conf_high"] == pytest.approx(row["estimate"] + 1.959963984540054 * row["std_error"], abs=1e-9)
    counts = {
        name: row[name] for name in ("n_sets", "n_informative", "n_cases", "n_exposed_cases", "n_exposed_controls")
    }
    assert counts == {"n_sets": 36, "n_informative": 28, "n_cases": 36, "n_exposed_cases": 23, "n_exposed_controls": 11}
    assert row["codes"] == [NoteCode.ESTIMAND]


@shows("conditional logistic.interval=profile", by=Evidence.OUTSIDE)
def test_profile_interval_of_pairs() -> None:
    """The profile interval solves 2(l(β̂) − l(β)) = 3.84 with l(β) = bβ − (b+c) log(1 + eᵝ)."""
    row = find(fit(pairs(20, 8), models=model(interval="profile")), form="crude", level="ever")

    def loglik(beta: float) -> float:
        return 20 * beta - 28 * math.log1p(math.exp(beta))

    drop = stats.chi2.ppf(0.95, 1)
    for end in (row["conf_low"], row["conf_high"]):
        assert 2 * (loglik(math.log(2.5)) - loglik(end)) == pytest.approx(drop, abs=1e-6)
    assert row["conf_low"] < row["estimate"] < row["conf_high"]


@shows("ever.lag_only=reference", "ever.lag_only=exclude", by=Evidence.OUTSIDE)
def test_lag_only_is_reference_level_or_excluded() -> None:
    late = {"pills": "lag only"}
    sets = pairs(20, 8) + [[EXPOSED, late]] * 6 + [[late, NOT]] * 9
    measures = {"reference": (26, 8), "exclude": (20, 8)}
    for lag_only, (b, c) in measures.items():
        result = fit(sets, models=model(), exposures=exposures(lag_only))
        row = find(result, form="crude", level="ever")
        assert row["estimate"] == pytest.approx(math.log(b / c), abs=1e-9)
    levels = {r["level"] for r in cells_of(fit(sets, models=model(), exposures=exposures("level")))}
    assert levels == {"ever", "lag only"}


@pytest.mark.parametrize(
    ("lag", "lag_only", "reference"),
    [
        ("1y", "reference", "not before the lag"),
        ("1y", "level", "never"),
        ("1y", "exclude", "never"),
        ("0d", "reference", "never"),
    ],
)
def test_the_reference_is_called_by_whom_it_holds(lag: str, lag_only: str, reference: str) -> None:
    sets = [*pairs(20, 8), [EXPOSED, {"pills": "lag only"}], [{"pills": "lag only"}, NOT]]
    asked = exposures(lag_only)
    asked[0]["measures"][0]["lag"] = lag
    rows = cells_of(fit(sets, models=model(), exposures=asked))
    assert {r["reference"] for r in rows} == {reference}


def exposures(lag_only: str) -> list[dict[str, Any]]:
    measure = {"kind": "ever", "lag": "1y", "lag_only": lag_only}
    return [{"name": "pills", "codes": {"atc": ["N05B"]}, "measures": [measure]}]


def test_excluded_members_are_counted() -> None:
    result = fit([*pairs(20, 8), [EXPOSED, {"pills": "lag only"}]], models=model(), exposures=exposures("exclude"))
    assert counted(result, "not in the model") == {"cases": 1, "controls": 1}


def test_unknown_covariates_leave_out_rows_and_are_counted() -> None:
    known = [
        [m | {"education": e} for m, e in zip(s, es, strict=True)]
        for s, es in zip(pairs(20, 8), [("low", "high"), ("high", "low")] * 18, strict=True)
    ]
    unknown = [[EXPOSED | {"education": "low"}, dict(NOT)]] * 4
    result = fit(known + unknown, models=model(adjust=["education"]))
    assert find(result, form="crude", level="ever")["n_sets"] == 40
    adjusted = find(result, form="adjusted", role="exposure")
    assert adjusted["n_sets"] == 36
    assert counted(result, "unknown covariate", form="adjusted") == {"controls": 4}
    assert counted(result, "not in the model", form="adjusted")["cases"] == 4


def test_unknown_can_be_a_level() -> None:
    sets = [[m | {"education": e} for m, e in zip(s, ("low", "high"), strict=True)] for s in pairs(20, 8)]
    sets += [[EXPOSED | {"education": "low"}, dict(NOT)], [NOT | {"education": "low"}, dict(EXPOSED)]]
    sets += [[dict(EXPOSED), NOT | {"education": "high"}], [dict(NOT), EXPOSED | {"education": "low"}]]
    sets += [[NOT | {"education": "high"}, EXPOSED | {"education": "low"}]]
    result = fit(sets, models=model(adjust=["education"], missing="level"))
    assert find(result, form="adjusted", role="exposure")["n_sets"] == len(sets)
    levels = {r["level"] for r in cells_of(result) if r["covariate"] == "education"}
    assert levels in ({"high", "unknown"}, {"low", "unknown"})


def test_what_does_not_vary_within_sets_is_left_out_and_named() -> None:
    sets = [[member | {"sex": "female" if i % 2 else "male"} for member in s] for i, s in enumerate(pairs(20, 8))]
    result = fit(sets, models=model(adjust=["sex"]))
    assert [d.covariate for d in result.diagnostics if d.code == "covariate constant within sets"] == ["sex"]
    adjusted = find(result, form="adjusted", level="ever")
    assert adjusted["estimate"] == pytest.approx(math.log(20 / 8), abs=1e-9)


@shows("conditional logistic.subgroups", "subgroup.by", "ValueOf=case", "Contrast=test", by=Evidence.OUTSIDE)
def test_subgroups_keep_whole_sets_by_the_value_of_the_case() -> None:
    women = [[m | {"sex": "female"} for m in s] for s in pairs(20, 8)]
    men = [[case | {"sex": "male"}, control | {"sex": "male"}] for case, control in pairs(6, 12)]
    result = fit(women + men, models=model(subgroups=[{"by": "sex"}]))
    for sex, (b, c) in {"female": (20, 8), "male": (6, 12)}.items():
        row = find(result, modifier="sex", stratum=sex, against="")
        assert row["estimate"] == pytest.approx(math.log(b / c), abs=1e-9)
    test = find_test(result, "sex")

    def best(b: int, c: int) -> float:
        return b * math.log(b) + c * math.log(c) - (b + c) * math.log(b + c)

    statistic = 2 * (best(20, 8) + best(6, 12) - best(26, 20))
    assert test["statistic"] == pytest.approx(statistic, abs=1e-8)
    assert test["p_value"] == pytest.approx(stats.chi2.sf(statistic, 1), abs=1e-10)


def test_subgroups_by_age_are_parted_at_the_cuts() -> None:
    sets = [[m | {"age": 64.99 if i < 18 else 65.0} for m in s] for i, s in enumerate(pairs(20, 8))]
    rows = fit(sets, models=model(subgroups=[{"by": "age", "cuts": [65]}])).estimates
    assert {(r.modifier, r.stratum, r.against) for r in rows} == {
        ("", "", ""),
        ("age", "<65", ""),
        ("age", "≥65", ""),
        ("age", "", ""),
    }


@shows("Estimator=firth", by=Evidence.OUTSIDE)
def test_separation_is_named_and_answered_by_firth() -> None:
    """No control is exposed: the maximum is at infinity; Firth's is log((b + ½)/(c + ½)) for pairs (Jeffreys)."""
    result = fit(pairs(9, 0, both=0), models=model())
    assert find(result, form="crude", level="ever")["estimate"] is None
    assert result.failures[0].exposures == ("pills",)
    firth = find(result, form="crude", **FIRTH, level="ever")
    assert firth["estimate"] == pytest.approx(math.log(9.5 / 0.5), abs=1e-6)


@pytest.mark.parametrize(("both", "where"), [(0, ""), (3, " in an informative set")])
def test_separation_does_not_deny_those_whose_whole_set_is_exposed(both: int, where: str) -> None:
    result = fit(pairs(9, 0, both=both), models=model())
    row = find(result, form="crude", level="ever")
    assert row["n_exposed_controls"] == both
    assert row["words"].startswith(f"separation: no control has this level{where}, so the ratio tends to infinity")
    assert f"no control has pills=ever{where}" in ENGLISH.failure(result.failures[0])


@shows("conditional logistic.firth_below", "Estimator=firth", by=Evidence.OUTSIDE)
def test_few_informative_sets_show_firth_beside_maximum_likelihood() -> None:
    result = fit(pairs(3, 1), models=model(firth_below=5))
    assert find(result, form="crude", level="ever")["estimate"] == pytest.approx(math.log(3), abs=1e-9)
    assert find(result, form="crude", **FIRTH, level="ever")["estimate"] == pytest.approx(math.log(3.5 / 1.5), abs=1e-6)


def test_an_exposure_without_discordant_sets_is_said_to_be_uninformative() -> None:
    row = find(fit(pairs(0, 0), models=model()), form="crude", level="ever")
    assert row["estimate"] is None
    assert "no informative set" in row["words"]


@shows(
    "conditional logistic.classes=together",
    "conditional logistic.exposures",
    "Form=mutually adjusted",
    by=Evidence.OUTSIDE,
)
def test_mutually_adjusted_holds_every_class() -> None:
    sets = pairs(20, 8) + [[{"drops": "ever"}, NOT]] * 7 + [[NOT, {"drops": "ever"}]] * 5
    changed = model(classes=["each", "together"], exposures=[])
    row = find(fit(sets, models=changed), form="mutually adjusted", exposure="drops", level="ever")
    assert row["estimate"] == pytest.approx(math.log(7 / 5), abs=1e-9)


def test_interaction_by_own_value_has_the_main_effect() -> None:
    sets = [
        [m | {"education": e} for m, e in zip(s, es, strict=True)]
        for s, es in zip(
            pairs(20, 8, neither=12),
            [("low", "high"), ("high", "low"), ("low", "low"), ("high", "high")] * 10 + [("low", "high")] * 3,
            strict=True,
        )
    ]
    result = fit(sets, models=model(interactions=["education"]))
    test = find_test(result, "education")
    assert 0 <= test["p_value"] <= 1
    assert "1 degree of freedom" in test["words"]


@shows("Form=adjusted", by=Evidence.REFERENCE)
def test_a_covariate_level_that_no_case_has_is_the_limit_of_its_coefficient() -> None:
    """With the coefficient of the level at −30 the full likelihood gives the same estimate as leaving the rows out."""
    sets = [
        [m | {"education": "low" if (i + j) % 3 else "high"} for j, m in enumerate(s)]
        for i, s in enumerate(pairs(20, 8))
    ]
    sets = [[*s, (EXPOSED if i % 2 else NOT) | {"education": "rare"}] for i, s in enumerate(sets)]
    result = fit(sets, models=model(adjust=["education"]))
    assert not result.failures
    without = fit([s[:2] for s in sets], models=model(adjust=["education"]))
    row, same = (find(r, form="adjusted", role="exposure") for r in (result, without))
    assert row["estimate"] == pytest.approx(same["estimate"], abs=1e-10)
    assert counted(result, "left out at a level") == {"rare": 36}
    assert NoteCode.LEVEL_LEFT_OUT in find(result, form="adjusted", role="exposure")["codes"]

    members = [m for s in sets for m in s]
    x = [[float("pills" in m), float(m["education"] == "high")] for m in members]
    offset = [-30.0 if m["education"] == "rare" else 0.0 for m in members]
    case = [j == 0 for s in sets for j in range(len(s))]
    limit = fit_clogit(x, case, [i for i, s in enumerate(sets) for _ in s], offset=offset)
    assert row["estimate"] == pytest.approx(limit.beta[0], abs=1e-9)


def test_a_separated_class_does_not_take_the_others_with_it() -> None:
    """No case has drops: its ratio tends to 0, and the pills' is what the other rows say."""
    sets = [[*s, {"drops": "ever"} | (EXPOSED if i % 3 else NOT)] for i, s in enumerate(pairs(20, 8))]
    result = fit(sets, models=model(classes=["together"], exposures=[]))
    pills = find(result, form="mutually adjusted", exposure="pills", level="ever")
    assert pills["estimate"] == pytest.approx(math.log(20 / 8), abs=1e-9)
    drops = find(result, form="mutually adjusted", exposure="drops", level="ever")
    assert drops["estimate"] is None
    assert drops["n_exposed_controls"] == 36
    assert "tends to 0" in drops["words"]
    firth = find(result, form="mutually adjusted", **FIRTH, exposure="drops", level="ever")
    assert firth["estimate"] < -2
    assert [ENGLISH.failure(failure) for failure in result.failures] == [
        "population, mutually adjusted model of pills, drops: separation: no case has drops=ever; "
        "Firth's estimate stands beside it"
    ]


def test_levels_stand_in_their_order_whether_they_are_estimated_or_not() -> None:
    """Nobody used pills inside the lag only, and drops only controls: both stand after ever use."""
    controls = ({"drops": "lag only"}, {"drops": "ever"}, dict(NOT))
    sets = [
        [case | ({"drops": "ever"} if i % 2 else {}), control | controls[i % 3]]
        for i, (case, control) in enumerate(pairs(20, 8))
    ]
    (pills,) = exposures("level")
    both = [pills, pills | {"name": "drops", "codes": {"atc": ["N06A"]}}]
    result = fit(sets, exposures=both, models=model(classes=["together"], exposures=[]))
    for estimator in ("maximum likelihood", "firth"):
        rows = [row for row in result.estimates if row.model.estimator == estimator]
        places = [(row.exposure, row.level) for row in rows]
        order = [("pills", "ever"), ("pills", "lag only"), ("drops", "ever"), ("drops", "lag only")]
        assert places == [place for place in order if place in places]
        if estimator == "maximum likelihood":
            assert places == order
            assert [row.estimate is None for row in rows] == [False, True, False, True]


def test_a_covariates_reference_that_no_case_has_gives_way() -> None:
    sets = [[m | {"education": e} for m, e in zip(s, es, strict=True)]
            for s, es in zip(pairs(20, 8), [("low", "high"), ("high", "low")] * 18, strict=True)]  # fmt: skip
    women = [[m | {"sex": "female"} for m in s] for s in sets]
    men = [[m | {"sex": "male", "education": "mid"} for m in s] for s in pairs(9, 9)]
    rare = [[*s, dict(NOT) | {"sex": "female", "education": "mid"}] for s in women]
    result = fit(rare + men, models=model(adjust=["education"], subgroups=[{"by": "sex"}]))
    without = fit(women, models=model(adjust=["education"]))
    row = find(result, form="adjusted", role="exposure", modifier="sex", stratum="female")
    same = find(without, form="adjusted", role="exposure", **OF_ALL)
    assert row["estimate"] == pytest.approx(same["estimate"], abs=1e-9)
    education = find(result, form="adjusted", covariate="education", **OF_ALL)
    assert {education["level"], education["reference"]} == {"low", "high"}, "not of the level that gave way"


def test_sets_whose_case_has_an_unknown_value_are_counted() -> None:
    known = [[m | {"sex": "female" if i % 2 else "male"} for m in s] for i, s in enumerate(pairs(20, 8))]
    result = fit(known + pairs(3, 3, 0, 0), models=model(subgroups=[{"by": "sex"}]))
    assert counted(result, "unknown modifier", modifier="sex") == {"sets": 6}


def test_a_model_with_a_name_bears_it() -> None:
    rows = fit(pairs(20, 8), models=model(name="main")).estimates
    assert {(r.model.model_name, r.model.form, r.model.measure) for r in rows} == {("main", "crude", "ever")}


@shows("conditional logistic.robust=true", by=Evidence.OUTSIDE)
def test_interaction_with_robust_errors_is_a_wald_test() -> None:
    """In pairs by sex, the Wald test of the difference of two log ratios with clusters of one set each.

    The score of a discordant pair is 1 − p or −p, so with p = b/(b + c) the robust variance of each log ratio is
    [b(1 − p)² + c p²]/[(b + c) p (1 − p)]² = 1/b + 1/c, the model's own.
    """
    women = [[m | {"sex": "female"} for m in s] for s in pairs(20, 8)]
    men = [[m | {"sex": "male"} for m in s] for s in pairs(6, 12)]
    test = find_test(fit(women + men, models=model(subgroups=[{"by": "sex"}], robust=True)), "sex")
    away = math.log(20 / 8) - math.log(6 / 12)
    assert test["statistic"] == pytest.approx(away**2 / (1 / 20 + 1 / 8 + 1 / 6 + 1 / 12), rel=1e-6)
    assert "Wald" in test["words"]


@shows("conditional logistic.interactions", "conditional logistic.subgroups", by=Evidence.REFUSED)
def test_what_cannot_be_tested_is_said_and_stops_nothing() -> None:
    women = [[m | {"sex": "female"} for m in s] for s in pairs(20, 8)]
    for robust in (False, True):
        result = fit(women, models=model(interactions=["sex"], robust=robust))
        test = find_test(result, "sex")
        assert "not testable" in test["words"]
    men = [[m | {"sex": "male"} for m in s] for s in pairs(0, 0)]
    for robust in (False, True):
        result = fit(women + men, models=model(subgroups=[{"by": "sex"}], robust=robust))
        assert "not testable" in find_test(result, "sex")["words"]


def test_a_set_that_shares_a_rare_level_does_not_hide_that_no_other_case_has_it() -> None:
    sets = [[m | {"education": e} for m, e in zip(s, es, strict=True)]
            for s, es in zip(pairs(20, 8), [("low", "high"), ("high", "low")] * 18, strict=True)]  # fmt: skip
    rare = [[*s, dict(NOT) | {"education": "rare"}] for s in sets]
    shared = [[m | {"education": "rare"} for m in s] for s in pairs(1, 1, 0, 0)]
    result = fit(rare + shared, models=model(adjust=["education"]))
    row = find(result, form="adjusted", role="exposure")
    same = find(fit(sets + shared, models=model(adjust=["education"])), form="adjusted", role="exposure")
    assert row["estimate"] == pytest.approx(same["estimate"], abs=1e-9)
