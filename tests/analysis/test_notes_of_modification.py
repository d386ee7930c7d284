"""What is said of ratios in strata, of the ratios of these and of their test: by whose value, and why there is none."""

from __future__ import annotations

from typing import Any

import pytest

from riskset.analysis.recording import RiskResult
from riskset.results.notes import NoteCode as N
from riskset.results.vocabulary import DiagnosticCode as D
from tests.analysis import test_modification as own
from tests.analysis.test_kin import families
from tests.analysis.test_kin import fit as fit_kin
from tests.analysis.test_risk import NOT, fit, model, pairs
from tests.said import Said, arguments, diagnosed, said
from tests.shown import Evidence, shows

Sets = list[list[dict[str, Any]]]
BY_SEX = {"subgroups": [{"by": "sex"}]}


def of_sex(sex: str, sets: Sets) -> Sets:
    return [[m | {"sex": sex} for m in members] for members in sets]


WOMEN, MEN = of_sex("female", pairs(20, 8)), of_sex("male", pairs(6, 12))
UNMATCHED = {"kind": "population", "match": ["birth_year"]}
ALL, F, M = "crude pills=ever", "crude pills=ever sex female", "crude pills=ever sex male"
RATIO, TEST = "crude pills=ever sex male female ratio of ratios", "crude pills sex test"


def notes(result: RiskResult) -> Said:
    return said(result.estimates, result.diagnostics, result.failures)


@shows(
    "NoteCode=parted by the case",
    "NoteCode=likelihood-ratio test",
    "NoteCode=wald test",
    "NoteCode=robust errors",
    "NoteCode=test uninformative",
    "NoteCode=test separated",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(
    ("sets", "asked", "expected"),
    [
        pytest.param(
            WOMEN + MEN,
            {},
            {N.ESTIMAND: {ALL, F, M}, N.PARTED_BY_CASE: {F, M, RATIO}, N.LIKELIHOOD_RATIO_TEST: {RATIO}},
            id="tested by likelihoods",
        ),
        pytest.param(
            WOMEN + MEN,
            {"robust": True},
            {
                N.ESTIMAND: {ALL, F, M},
                N.PARTED_BY_CASE: {F, M, RATIO},
                N.WALD_TEST: {RATIO},
                N.ROBUST_ERRORS: {ALL, F, M, RATIO},
            },
            id="tested with robust errors",
        ),
        pytest.param(
            WOMEN + of_sex("male", pairs(0, 0, both=2)),
            {},
            {
                N.ESTIMAND: {ALL, F},
                N.PARTED_BY_CASE: {F, M, TEST},
                N.NOBODY_DIFFERS_AT_LEVEL: {M},
                N.TEST_UNINFORMATIVE: {TEST},
            },
            id="men are alike",
        ),
        pytest.param(
            WOMEN + of_sex("male", pairs(9, 0)),
            {},
            {
                N.ESTIMAND: {ALL, F, "crude firth pills=ever sex male"},
                N.PARTED_BY_CASE: {F, M, TEST, "crude firth pills=ever sex male"},
                N.SEPARATED: {M},
                N.FIRTH: {"crude firth pills=ever sex male"},
                N.PROFILE: {"crude firth pills=ever sex male"},
                N.TEST_SEPARATED: {TEST},
            },
            id="no man among controls is exposed",
        ),
    ],
)
def test_strata_by_the_cases_value(sets: Sets, asked: dict[str, Any], expected: Said) -> None:
    assert notes(fit(sets, models=model(**BY_SEX, **asked))) == expected


@shows("NoteCode=test separated", "NoteCode=likelihood-ratio test", "NoteCode=wald test", by=Evidence.OUTSIDE)
def test_a_test_names_its_degrees_and_what_separates() -> None:
    plain, robust = (fit(WOMEN + MEN, models=model(**BY_SEX, robust=robust)) for robust in (False, True))
    assert arguments(N.LIKELIHOOD_RATIO_TEST, plain.estimates) == {RATIO: {"df": 1}}
    assert arguments(N.WALD_TEST, robust.estimates) == {RATIO: {"df": 1}}
    result = fit(WOMEN + of_sex("male", pairs(0, 9)), models=model(**BY_SEX))
    facts = {"exposure": "pills", "level": "ever", "modifier": "sex", "stratum": "male"}
    assert arguments(N.TEST_SEPARATED, result.estimates) == {TEST: facts}


@shows("NoteCode=parted by each person", "NoteCode=one ratio missing", by=Evidence.OUTSIDE)
def test_strata_by_each_persons_own_value() -> None:
    """Three educations: whoever has the third does not use, then all three do."""
    sets = own.drawn(60)
    none = [[{k: v for k, v in m.items() if k != "pills" or m["education"] != "c"} for m in s] for s in sets]
    everywhere, without = (own.fit(s, subgroups=[{"by": "education"}]) for s in (sets, none))
    strata = {f"crude pills=ever education {value}" for value in "abc"}
    ratios = {f"crude pills=ever education {value} a ratio of ratios" for value in "bc"}
    test = "crude pills education test"
    for result in (everywhere, without):
        assert notes(result)[N.PARTED_BY_OWN] == {*strata, *ratios, test}
        assert N.PARTED_BY_CASE not in notes(result)
        assert notes(result)[N.LIKELIHOOD_RATIO_TEST] == {test}
    assert N.ONE_RATIO_MISSING not in notes(everywhere)
    assert notes(without)[N.ONE_RATIO_MISSING] == {"crude pills=ever education c a ratio of ratios"}
    assert notes(without)[N.NOBODY_AT_LEVEL] == {"crude pills=ever education c"}
    degrees = [arguments(N.LIKELIHOOD_RATIO_TEST, one.estimates)[test]["df"] for one in (everywhere, without)]
    assert degrees == [2, 1]


@shows("NoteCode=parted by the case", "NoteCode=parted by each person", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("controls", "shared", "asked", "code", "facts"),
    [
        ({"kind": "population"}, True, BY_SEX, N.PARTED_BY_CASE, {"reason": "matched on"}),
        ({"kind": "population"}, False, BY_SEX, N.PARTED_BY_OWN, {"reason": "matched on", "differing": True}),
        (UNMATCHED, True, BY_SEX, N.PARTED_BY_OWN, {"reason": "not matched on"}),
        (
            {"kind": "siblings"},
            False,
            BY_SEX,
            N.PARTED_BY_OWN,
            {"reason": "differs among relatives", "about": "siblings"},
        ),
        (
            {"kind": "population"},
            True,
            {"interactions": ["sex"]},
            N.PARTED_BY_OWN,
            {"reason": "an interaction is a product"},
        ),
    ],
)
def test_by_whose_value_and_why(
    controls: dict[str, Any], shared: bool, asked: dict[str, Any], code: N, facts: dict[str, Any]
) -> None:
    sets = own.drawn(60, sex=shared)
    result = own.fit(sets, controls, **asked)
    differing = sum(len({m["sex"] for m in members}) > 1 for members in sets)
    expected = {"by": "sex"} | facts | ({"differing": differing} if "differing" in facts else {})
    told = list(arguments(code, result.estimates).values())
    assert told
    assert all(one == expected for one in told)
    assert (N.PARTED_BY_CASE in notes(result)) != (N.PARTED_BY_OWN in notes(result))


@shows("NoteCode=test not fitted", "NoteCode=not fitted", by=Evidence.OUTSIDE)
def test_classes_that_are_one_have_no_test_and_the_reason() -> None:
    sets = [[m | ({"drops": "ever"} if "pills" in m else {}) for m in members] for members in WOMEN + MEN]
    result = fit(sets, models=model(classes=["together"], exposures=[], **BY_SEX))
    tests = {f"mutually adjusted {name} sex test" for name in ("pills", "drops")}
    assert notes(result)[N.TEST_NOT_FITTED] == tests
    assert {one["problem"] for one in arguments(N.TEST_NOT_FITTED, result.estimates).values()} == {"collinear"}
    assert N.TEST_UNINFORMATIVE not in notes(result)


@shows(
    "DiagnosticCode=unknown modifier",
    "DiagnosticCode=interaction made once",
    "DiagnosticCode=subgroups refused",
    "DiagnosticCode=interaction refused",
    by=Evidence.OUTSIDE,
)
def test_who_is_in_no_stratum_and_what_is_not_made() -> None:
    """Three pairs of unknown sex; an interaction with what is a subgroup, too; spouses by sex, and by age."""
    sets = WOMEN + MEN + pairs(2, 1, both=0, neither=0)
    found = diagnosed(fit(sets, models=model(**BY_SEX)).diagnostics)
    assert found[D.UNKNOWN_MODIFIER] == {"crude pills sex sets": 3}
    known = diagnosed(fit(WOMEN + MEN, models=model(**BY_SEX)).diagnostics)
    assert D.UNKNOWN_MODIFIER not in known
    assert D.INTERACTION_MADE_ONCE not in known
    once = diagnosed(fit(WOMEN + MEN, models=model(**BY_SEX, interactions=["sex"])).diagnostics)
    assert once[D.INTERACTION_MADE_ONCE] == {"sex": None}
    alone = diagnosed(fit(WOMEN + MEN, models=model(interactions=["sex"])).diagnostics)
    assert not {D.INTERACTION_MADE_ONCE, D.INTERACTION_REFUSED, D.SUBGROUPS_REFUSED} & alone.keys()
    asked = {"subgroups": [{"by": "sex"}, {"by": "age", "cuts": [60]}], "interactions": ["sex", "age"]}
    spouses, siblings = (
        diagnosed(fit_kin({"kind": kind}, families(40), **asked).diagnostics) for kind in ("spouses", "siblings")
    )
    assert spouses[D.SUBGROUPS_REFUSED] == spouses[D.INTERACTION_REFUSED] == {"sex": None}
    assert not {D.SUBGROUPS_REFUSED, D.INTERACTION_REFUSED} & siblings.keys()


@shows("DiagnosticCode=unknown modifier", by=Evidence.OUTSIDE)
def test_of_each_persons_own_value_persons_are_counted() -> None:
    sets = own.drawn(40)
    for members in sets[:3]:
        members[0].pop("education")
    for members in sets[3:8]:
        members[1].pop("education")
    found = diagnosed(own.fit(sets, subgroups=[{"by": "education"}]).diagnostics)
    assert found[D.UNKNOWN_MODIFIER] == {"crude pills education cases": 3, "crude pills education controls": 5}


@shows("NoteCode=test uninformative", "NoteCode=no set left", by=Evidence.OUTSIDE)
def test_sets_that_go_with_another_class_leave_nothing_to_test() -> None:
    """Of men, only cases use both, always together: the sets in which drops differ go with those of the pills."""
    both = [[{"pills": "ever", "drops": "ever"}, NOT]]
    women = [*WOMEN, *of_sex("female", [[{"drops": "ever"}, NOT]] * 7 + [[NOT, {"drops": "ever"}]] * 5)]
    asked = {"classes": ["together"], "exposures": []}
    result = fit(women + of_sex("male", both * 9), models=model(**asked, **BY_SEX))
    told = notes(result)
    assert told[N.NO_SET_LEFT] == {"mutually adjusted drops=ever sex male"}
    assert told[N.TEST_SEPARATED] == {"mutually adjusted pills sex test"}
    assert told[N.TEST_UNINFORMATIVE] == {"mutually adjusted drops sex test"}
    assert N.NOBODY_DIFFERS_AT_LEVEL not in told
