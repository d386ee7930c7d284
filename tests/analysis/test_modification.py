"""Effect modification: by whose value, with which columns, and what stands beside the test.

By hand a model is `fit_clogit` on columns written out here: use in each stratum, the stratum's own effect, covariates.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from riskset.analysis.risk import RiskResult, fit_risk
from riskset.stats import ClogitFit, fit_clogit, likelihood_ratio_test
from tests.analysis.cells import ESTIMAND, FIRTH, OF_ALL, cells_of, counted, find, find_test
from tests.analysis.sets_by_hand import frame, study
from tests.shown import Evidence, shows

MODEL = {"kind": "conditional logistic", "measure": "ever", "classes": ["each"], "exposures": ["pills"]}
Sets = list[list[dict[str, Any]]]


def drawn(number: int = 400, seed: int = 3, **same: bool) -> Sets:
    """Sets of one case and one to three controls; ``same`` names what a whole set shares."""
    rng = np.random.default_rng(seed)
    sets: Sets = []
    for _ in range(number):
        shared = {"sex": rng.choice(["female", "male"]), "education": rng.choice(["a", "b", "c"])}
        base, members = rng.uniform(50, 75), []
        for j in range(rng.integers(2, 5)):
            own = {"sex": rng.choice(["female", "male"]), "education": rng.choice(["a", "b", "c"])}
            member: dict[str, Any] = {k: str(shared[k] if same.get(k) else own[k]) for k in own}
            member["age"] = base if same.get("age") else base + rng.normal(0, 6)
            use = 0.2 + 0.15 * (member["sex"] == "female") + 0.1 * (j == 0) + 0.1 * (member["education"] == "a")
            members.append(member | ({"pills": "ever"} if rng.random() < use else {}))
        sets.append(members)
    return sets


def fit(sets: Sets, controls: dict[str, Any] | None = None, **changes: Any) -> RiskResult:
    described = study(controls=[controls or {"kind": "population"}], models=[MODEL | changes])
    comparison = described.controls[0].comparison
    return fit_risk(described, described.models[0], frame(sets), comparison=comparison, estimand=ESTIMAND)


def stratum_of(result: RiskResult, modifier: str, stratum: str, **keys: Any) -> dict[str, Any]:
    """The ratio in a stratum."""
    of_level = {"modifier": modifier, "stratum": stratum, "against": "", "role": "exposure"}
    return find(result, **{"exposure": "pills"} | of_level | keys)


def ratio_of(result: RiskResult, modifier: str, stratum: str, against: str) -> dict[str, Any]:
    """The ratio of a stratum's ratio to another's."""
    return find(result, modifier=modifier, stratum=stratum, against=against, exposure="pills")


def test_of(result: RiskResult, modifier: str, **keys: Any) -> dict[str, Any]:
    """The row of an interaction's test."""
    return find_test(result, modifier, **{"exposure": "pills"} | keys)


test_of.__test__ = False  # type: ignore[attr-defined]


def array(sets: Sets, key: str, *values: str) -> NDArray[np.float64]:
    """A column for each value, or the numbers."""
    members = [m for s in sets for m in s]
    if not values:
        return np.array([[float(m[key])] for m in members])
    return np.array([[float(m.get(key) == value) for value in values] for m in members])


def by_hand(sets: Sets, *columns: NDArray[np.float64]) -> ClogitFit:
    case = [j == 0 for s in sets for j in range(len(s))]
    return fit_clogit(np.hstack(columns), case, [i for i, s in enumerate(sets) for _ in s])


@shows(
    "conditional logistic.subgroups",
    "subgroup.by",
    "ValueOf=person",
    "Scale=log_ror",
    "Contrast=ratio of ratios",
    "Contrast=test",
    by=Evidence.REFERENCE,
)
def test_what_differs_within_sets_is_taken_by_each_persons_own_value_with_its_main_effect() -> None:
    sets = drawn()
    result = fit(sets, {"kind": "population", "match": ["birth_year"]}, subgroups=[{"by": "sex"}])
    pills, sex = array(sets, "pills", "ever"), array(sets, "sex", "female", "male")
    same = by_hand(sets, pills * sex, sex[:, [1]])
    for i, label in enumerate(("female", "male")):
        row = stratum_of(result, "sex", label)
        assert row["estimate"] == pytest.approx(same.beta[i], abs=1e-9)
        assert row["std_error"] == pytest.approx(same.std_error[i], abs=1e-9)
    test = test_of(result, "sex")
    covariance = same.covariance
    error = math.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    assert test["scale"] == "log_ror"
    assert test["estimate"] == pytest.approx(same.beta[1] - same.beta[0], abs=1e-9)
    assert test["conf_low"] == pytest.approx(test["estimate"] - 1.959963984540054 * error, abs=1e-8)
    expected = likelihood_ratio_test(by_hand(sets, pills, sex[:, [1]]), same)
    assert test["p_value"] == pytest.approx(expected.p_value, abs=1e-10)
    assert (test["stratum"], test["against"], test["value_of"]) == ("male", "female", "person")
    assert "each person's own value counts" in test["words"]


def test_members_who_differ_from_the_case_are_not_dropped() -> None:
    sets = drawn()
    result = fit(sets, {"kind": "siblings"}, subgroups=[{"by": "sex"}])
    rows = [stratum_of(result, "sex", label) for label in ("female", "male")]
    assert sum(r["n_cases"] for r in rows) == len(sets)
    assert sum(r["n_controls"] for r in rows) == sum(len(s) - 1 for s in sets)
    exposed = [m for s in sets for m in s[1:] if "pills" in m]
    assert [r["n_exposed_controls"] for r in rows] == [
        sum(m["sex"] == sex for m in exposed) for sex in ("female", "male")
    ]
    assert find(result, role="exposure", **OF_ALL)["n_cases"] == len(sets)


@shows(
    "conditional logistic.subgroups",
    "conditional logistic.adjust",
    "subgroup.by",
    "ValueOf=case",
    "Scale=log_ror",
    "Contrast=ratio of ratios",
    by=Evidence.REFERENCE,
)
def test_what_a_whole_set_shares_parts_the_sets_and_each_part_has_its_own_covariates() -> None:
    sets = drawn(sex=True)
    result = fit(sets, adjust=["education"], subgroups=[{"by": "sex"}])
    parts = {sex: [s for s in sets if s[0]["sex"] == sex] for sex in ("female", "male")}
    fits = {k: by_hand(s, array(s, "pills", "ever"), array(s, "education", "b", "c")) for k, s in parts.items()}
    for sex, alone in fits.items():
        row = stratum_of(result, "sex", sex, form="adjusted")
        assert row["estimate"] == pytest.approx(alone.beta[0], abs=1e-8)
        assert row["n_sets"] == len(parts[sex])
    test = test_of(result, "sex", form="adjusted")
    assert test["estimate"] == pytest.approx(fits["male"].beta[0] - fits["female"].beta[0], abs=1e-8)
    error = math.hypot(*(float(f.std_error[0]) for f in fits.values()))
    assert test["std_error"] == pytest.approx(error, abs=1e-8)
    sex = array(sets, "sex", "female", "male")
    levels = array(sets, "education", "b", "c")
    smaller = by_hand(sets, array(sets, "pills", "ever"), levels * sex[:, [0]], levels * sex[:, [1]])
    gain = 2 * (sum(f.loglik for f in fits.values()) - smaller.loglik)
    assert test["statistic"] == pytest.approx(gain, abs=1e-8)
    assert test["p_value"] == pytest.approx(stats.chi2.sf(gain, 1), abs=1e-10)
    assert "sets are parted by the case's value" in test["words"]


@shows("Contrast=ratio of ratios", "Contrast=test", by=Evidence.REFERENCE)
def test_several_strata_are_each_compared_with_the_first_and_tested_together() -> None:
    sets = drawn()
    result = fit(sets, subgroups=[{"by": "education"}])
    pills, education = array(sets, "pills", "ever"), array(sets, "education", "a", "b", "c")
    same = by_hand(sets, pills * education, education[:, 1:])
    for i, value in ((1, "b"), (2, "c")):
        row = ratio_of(result, "education", value, "a")
        assert row["estimate"] == pytest.approx(same.beta[i] - same.beta[0], abs=1e-9)
        assert (row["scale"], row["level"]) == ("log_ror", "ever")
    test = test_of(result, "education")
    assert "2 degrees of freedom" in test["words"]
    smaller = by_hand(sets, pills, education[:, 1:])
    assert test["p_value"] == pytest.approx(likelihood_ratio_test(smaller, same).p_value, abs=1e-10)
    assert test["estimate"] is None


def test_the_profile_interval_of_a_ratio_of_ratios() -> None:
    sets = drawn()
    made = [fit(sets, subgroups=[{"by": "education"}], interval=kind) for kind in ("wald", "profile")]
    wald, profile = (ratio_of(r, "education", "b", "a") for r in made)
    assert profile["estimate"] == pytest.approx(wald["estimate"], abs=1e-9)
    assert profile["conf_low"] != pytest.approx(wald["conf_low"], abs=1e-6)
    assert profile["conf_low"] == pytest.approx(wald["conf_low"], abs=0.1)


def test_names_of_strata_turn_the_ratio_round_and_change_nothing_else() -> None:
    sets = drawn()
    renamed = [[m | {"sex": {"female": "z", "male": "a"}[m["sex"]]} for m in s] for s in sets]
    one, other = (test_of(fit(s, {"kind": "siblings"}, subgroups=[{"by": "sex"}]), "sex") for s in (sets, renamed))
    assert one["estimate"] == pytest.approx(-other["estimate"], abs=1e-9)
    assert one["p_value"] == pytest.approx(other["p_value"], abs=1e-9)


def test_what_sets_were_to_share_and_do_not_is_taken_by_each_persons_own_value() -> None:
    sets = drawn()
    stated = fit(sets, subgroups=[{"by": "sex"}])
    assert "it differs within" in test_of(stated, "sex")["words"]
    unmatched = fit(sets, {"kind": "population", "match": ["birth_year"]}, subgroups=[{"by": "sex"}])
    one, other = (stratum_of(r, "sex", "female")["estimate"] for r in (stated, unmatched))
    assert one == pytest.approx(other, abs=1e-12)


@shows("subgroup.cuts", "ValueOf=case", by=Evidence.REFERENCE)
def test_ages_within_the_year_of_birth_are_the_cases() -> None:
    """Sets of one birth year, some on either side of the cut: all members go with their case."""
    sets = [[m | {"age": 64.9 + 0.2 * ((i + j) % 2)} for j, m in enumerate(s)] for i, s in enumerate(drawn())]
    result = fit(sets, subgroups=[{"by": "age", "cuts": [65]}])
    below = [s for s in sets if s[0]["age"] < 65]
    row = stratum_of(result, "age", "<65")
    assert row["n_controls"] == sum(len(s) - 1 for s in below)
    assert row["estimate"] == pytest.approx(by_hand(below, array(below, "pills", "ever")).beta[0], abs=1e-9)
    wide = fit(sets, {"kind": "population", "match": ["sex"], "caliper": "5y"}, subgroups=[{"by": "age", "cuts": [65]}])
    assert "more than a year" in stratum_of(wide, "age", "<65")["words"]


@shows("subgroup.cuts", "ValueOf=person", by=Evidence.REFERENCE)
def test_ages_among_siblings_have_the_spline_and_the_effect_of_the_group() -> None:
    sets = drawn()
    result = fit(sets, {"kind": "siblings"}, subgroups=[{"by": "age", "cuts": [60]}])
    age = array(sets, "age")
    old = np.hstack([age < 60, age >= 60]).astype(float)
    knots = np.quantile(age, [0.05, 0.35, 0.65, 0.95])

    def cubed(knot: float) -> NDArray[np.float64]:
        return np.asarray(np.maximum(age - knot, 0) ** 3 / 1000)

    width = knots[3] - knots[2]
    curved = [
        cubed(knots[j])
        - cubed(knots[2]) * (knots[3] - knots[j]) / width
        + cubed(knots[3]) * (knots[2] - knots[j]) / width
        for j in range(2)
    ]
    male = array(sets, "sex", "male")
    same = by_hand(sets, array(sets, "pills", "ever") * old, old[:, [1]], (age - 60) / 10, *curved, male)
    assert stratum_of(result, "age", "<60")["estimate"] == pytest.approx(same.beta[0], abs=1e-6)
    assert stratum_of(result, "age", "≥60")["estimate"] == pytest.approx(same.beta[1], abs=1e-6)


def test_an_unknown_own_value_is_in_no_stratum_and_counted() -> None:
    sets = drawn()
    for s in sets[:5]:
        s[0].pop("education")
    for s in sets[5:12]:
        s[1].pop("education")
    result = fit(sets, subgroups=[{"by": "education"}])
    assert counted(result, "unknown modifier", modifier="education") == {"cases": 5, "controls": 7}
    known = [[m for m in s if "education" in m] for s in sets]
    known = [s for s, given in zip(known, sets, strict=True) if "education" in given[0] and len(s) > 1]
    education = array(known, "education", "a", "b", "c")
    same = by_hand(known, array(known, "pills", "ever") * education, education[:, 1:])
    assert stratum_of(result, "education", "a")["estimate"] == pytest.approx(same.beta[0], abs=1e-9)


def test_a_stratum_without_exposed_cases_takes_no_other_with_it() -> None:
    sets = drawn()
    for s in sets:
        if s[0]["education"] == "c":
            s[0].pop("pills", None)
    result = fit(sets, subgroups=[{"by": "education"}])
    assert stratum_of(result, "education", "c", form="crude")["estimate"] is None
    assert stratum_of(result, "education", "c", form="crude", **FIRTH)["estimate"] < 0
    assert stratum_of(result, "education", "a")["estimate"] is not None
    assert ratio_of(result, "education", "b", "a")["estimate"] is not None
    assert "not estimable" in ratio_of(result, "education", "c", "a")["words"]
    assert "not testable: separation" in test_of(result, "education")["words"]
    assert not result.failures


def test_notes_do_not_ask_for_what_stands_beside() -> None:
    """No set speaks against the use of women: Firth's estimate is there, and no function to be called."""
    sets = drawn(120, sex=True)
    for members in sets:
        for j, m in enumerate(members):
            if members[0]["sex"] == "female" and j:
                m.pop("pills", None)
                if j == 1 and members[0].get("pills"):
                    m["pills"] = "ever"
    result = fit(sets, subgroups=[{"by": "sex"}])
    notes = [r["words"] for r in cells_of(result)]
    assert any(note.startswith("not estimable") and "separation" in note for note in notes)
    assert any("not testable" in note for note in notes)
    assert not any("penalty=" in note or ".;" in note for note in notes)


@shows("conditional logistic.interactions", "Contrast=per unit", "Scale=log_ror", by=Evidence.REFERENCE)
def test_an_interaction_with_a_number_is_per_unit() -> None:
    sets = drawn()
    result = fit(sets, {"kind": "population", "match": ["sex"]}, interactions=["age"])
    pills, decades = array(sets, "pills", "ever"), (array(sets, "age") - array(sets, "age").mean()) / 10
    same = by_hand(sets, pills, pills * decades, decades)
    row = find(result, modifier="age", unit="10 years", contrast="ratio of ratios")
    assert row["estimate"] == pytest.approx(same.beta[1], abs=1e-9)
    assert row["scale"] == "log_ror"
    row = test_of(result, "age")
    assert row["p_value"] == pytest.approx(likelihood_ratio_test(by_hand(sets, pills, decades), same).p_value, abs=1e-9)


@shows("conditional logistic.interactions", by=Evidence.REFERENCE)
def test_an_interaction_with_a_text_has_ratios_too() -> None:
    sets = drawn()
    asked, parted = fit(sets, interactions=["education"]), fit(sets, subgroups=[{"by": "education"}])
    for value in "abc":
        one, other = (stratum_of(r, "education", value)["estimate"] for r in (asked, parted))
        assert one == pytest.approx(other, abs=1e-12)
    both = fit(sets, interactions=["education"], subgroups=[{"by": "education"}])
    assert {(r.stratum, r.against) for r in both.estimates} == {(r.stratum, r.against) for r in parted.estimates}


@shows("conditional logistic.classes=together", by=Evidence.REFERENCE)
@pytest.mark.parametrize("robust", [False, True])
def test_classes_together_are_each_tested(robust: bool) -> None:
    sets = drawn()
    rng = np.random.default_rng(8)
    for s in sets:
        for m in s:
            if rng.random() < 0.3:
                m["drops"] = "ever"
    described = study(
        models=[
            MODEL | {"classes": ["together"], "exposures": [], "robust": robust, "subgroups": [{"by": "education"}]}
        ]
    )
    result = fit_risk(described, described.models[0], frame(sets), comparison="population", estimand=ESTIMAND)
    pills, drops = array(sets, "pills", "ever"), array(sets, "drops", "ever")
    education = array(sets, "education", "a", "b", "c")
    same = by_hand(sets, pills * education, drops * education, education[:, 1:])
    for i, name in enumerate(("pills", "drops")):
        row = stratum_of(result, "education", "b", exposure=name)
        assert row["estimate"] == pytest.approx(same.beta[3 * i + 1], abs=1e-9)
        test = test_of(result, "education", exposure=name)
        assert ("Wald" if robust else "likelihood-ratio") in test["words"]
        smaller = by_hand(sets, *((pills, drops * education), (pills * education, drops))[i], education[:, 1:])
        if not robust:
            assert test["p_value"] == pytest.approx(likelihood_ratio_test(smaller, same).p_value, abs=1e-9)
