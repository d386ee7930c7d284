"""What a model of the risk says of its numbers: each note on the rows that it is true of, and on no other.

Every test compares all notes of a result, so that what it does not name is not said.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from riskset.analysis import recording
from riskset.analysis.recording import RiskResult
from riskset.errors import FitError
from riskset.results.notes import NoteCode as N
from riskset.results.vocabulary import DiagnosticCode as D
from tests.analysis.test_kin import families
from tests.analysis.test_kin import fit as fit_kin
from tests.analysis.test_risk import EXPOSED, NOT, fit, model, pairs
from tests.analysis.test_risk_asked import BANDS, COUNTED
from tests.analysis.test_risk_asked import fit as fit_asked
from tests.analysis.test_risk_asked import pairs as pairs_at
from tests.said import Said, arguments, diagnosed, said
from tests.shown import Evidence, shows

Sets = list[list[dict[str, Any]]]
BOTH = [{"pills": "ever", "drops": "ever"}, NOT]


def notes(result: RiskResult) -> Said:
    return said(result.estimates, result.diagnostics, result.failures)


def educated(sets: Sets, *levels: tuple[str, str]) -> Sets:
    """The pairs with educations, in turn."""
    turns = (levels * len(sets))[: len(sets)]
    return [
        [m | {"education": e} for m, e in zip(members, turn, strict=True)]
        for members, turn in zip(sets, turns, strict=True)
    ]


TURNS = (("low", "high"), ("high", "low"))


@shows(
    "NoteCode=estimand",
    "NoteCode=profile",
    "NoteCode=robust errors",
    "NoteCode=firth",
    "NoteCode=no whole set",
    "NoteCode=nobody at the level",
    "NoteCode=nobody differs at the level",
    "NoteCode=nobody differs",
    "NoteCode=separated",
    "NoteCode=firth beside",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(
    ("sets", "asked", "expected"),
    [
        pytest.param(pairs(20, 8), {}, {N.ESTIMAND: {"crude pills=ever"}}, id="an estimate"),
        pytest.param(
            pairs(20, 8),
            {"interval": "profile"},
            {N.ESTIMAND: {"crude pills=ever"}, N.PROFILE: {"crude pills=ever"}},
            id="by profile",
        ),
        pytest.param(
            pairs(20, 8),
            {"robust": True},
            {N.ESTIMAND: {"crude pills=ever"}, N.ROBUST_ERRORS: {"crude pills=ever"}},
            id="robust",
        ),
        pytest.param(
            pairs(3, 1),
            {"firth_below": 5},
            {
                N.ESTIMAND: {"crude pills=ever", "crude firth pills=ever"},
                N.FIRTH: {"crude firth pills=ever"},
                N.PROFILE: {"crude firth pills=ever"},
            },
            id="few informative sets",
        ),
        pytest.param(
            pairs(3, 1), {"firth_below": 4}, {N.ESTIMAND: {"crude pills=ever"}}, id="as many as are asked for"
        ),
        pytest.param([[EXPOSED], [NOT]], {}, {N.NO_WHOLE_SET: {"crude pills=ever"}}, id="no whole set"),
        pytest.param(pairs(0, 0, both=0), {}, {N.NOBODY_AT_LEVEL: {"crude pills=ever"}}, id="nobody exposed"),
        pytest.param(
            pairs(0, 0, both=1),
            {},
            {N.NOBODY_DIFFERS_AT_LEVEL: {"crude pills=ever"}, N.NOBODY_DIFFERS: {"failure: crude pills"}},
            id="whole sets exposed",
        ),
        pytest.param(
            pairs(9, 0),
            {},
            {
                N.SEPARATED: {"crude pills=ever", "failure: crude pills"},
                N.FIRTH_BESIDE: {"failure: crude pills"},
                N.ESTIMAND: {"crude firth pills=ever"},
                N.FIRTH: {"crude firth pills=ever"},
                N.PROFILE: {"crude firth pills=ever"},
            },
            id="no control exposed",
        ),
    ],
)
def test_each_note_stands_on_the_rows_that_it_is_true_of(sets: Sets, asked: dict[str, Any], expected: Said) -> None:
    assert notes(fit(sets, models=model(**asked))) == expected


@shows("NoteCode=separated", "NoteCode=firth", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("sets", "only", "shared"),
    [
        (pairs(9, 0, both=0), "cases", 0),
        (pairs(9, 0, both=1), "cases", 1),
        (pairs(0, 9, both=0), "controls", 0),
        (pairs(0, 9, both=1), "controls", 1),
    ],
)
def test_separation_says_who_alone_has_the_level_and_whether_whole_sets_share_it(
    sets: Sets, only: str, shared: int
) -> None:
    result = fit(sets, models=model())
    facts = {"only": only, "shared": shared}
    assert arguments(N.SEPARATED, result.estimates) == {"crude pills=ever": facts}
    named = facts | {"exposure": "pills", "level": "ever", "stratum": ""}
    assert arguments(N.SEPARATED, result.failures) == {"failure: crude pills": named}
    assert arguments(N.FIRTH, result.estimates) == {"crude firth pills=ever": {"reason": "separation"}}


@shows("NoteCode=no set left", "NoteCode=firth beside", "DiagnosticCode=firth not fitted", by=Evidence.OUTSIDE)
def test_of_two_classes_that_are_one_firths_estimate_is_not_said_to_stand_beside() -> None:
    """Only cases use both, and always together: neither likelihood has a maximum, and no set is left for drops."""
    result = fit([BOTH] * 9 + [[NOT, NOT]] * 5, models=model(classes=["together"], exposures=[]))
    assert notes(result) == {
        N.SEPARATED: {"mutually adjusted pills=ever", "failure: mutually adjusted pills drops"},
        N.NO_SET_LEFT: {"mutually adjusted drops=ever"},
        N.NOT_FITTED: {"firth not fitted: mutually adjusted firth"},
    }
    assert diagnosed(result.diagnostics) == {D.FIRTH_NOT_FITTED: {"mutually adjusted firth": None}}


@shows("NoteCode=no set left", "NoteCode=level left out", "DiagnosticCode=left out at a level", by=Evidence.OUTSIDE)
def test_sets_that_go_with_a_covariates_level_are_not_said_to_be_alike_in_exposure() -> None:
    """Each case that differs in use has the education that no control has, so that its set says nothing."""
    sets = educated(pairs(9, 5, both=0, neither=0), ("rare", "low")) + educated(pairs(0, 0, both=0), *TURNS)
    result = fit(sets, models=model(adjust=["education"]))
    told = notes(result)
    assert told == {
        N.ESTIMAND: {"crude pills=ever"},
        N.NO_SET_LEFT: {"adjusted pills=ever", "failure: adjusted pills"},
    }
    (row,) = [row for row in result.estimates if row.model.form == "adjusted"]
    assert row.n_informative == 14
    assert diagnosed(result.diagnostics)[D.LEFT_OUT_AT_LEVEL] == {"adjusted education=rare rows": 14}


@shows("NoteCode=level left out", "DiagnosticCode=left out at a level", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(("among", "shown"), [("controls", "low"), ("cases", "high")])
def test_a_covariates_level_that_only_some_have_is_told_on_what_is_left(among: str, shown: str) -> None:
    sets = educated(pairs(20, 8), *TURNS)
    rare = [EXPOSED | {"education": "rare"}, {"education": "low"}]
    sets += [rare if among == "cases" else rare[::-1]] * 4
    result = fit(sets, models=model(adjust=["education"]))
    facts = {"covariate": "education", "level": "rare", "rows": 4, "only": among}
    rows = ("adjusted pills=ever", f"adjusted education={shown}")
    assert arguments(N.LEVEL_LEFT_OUT, result.estimates) == dict.fromkeys(rows, facts)
    assert diagnosed(result.diagnostics)[D.LEFT_OUT_AT_LEVEL] == {"adjusted education=rare rows": 4}
    assert N.LEVEL_LEFT_OUT not in notes(fit(educated(pairs(20, 8), *TURNS), models=model(adjust=["education"])))


@shows("NoteCode=not fitted", "NoteCode=firth beside", "DiagnosticCode=not fitted", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("kin", [False, True])
def test_two_classes_that_are_one_are_not_fitted_and_nothing_stands_beside(kin: bool) -> None:
    sets = [[m | ({"drops": "ever"} if "pills" in m else {}) for m in members] for members in families(60)]
    asked = {"classes": ["together"], "exposures": ["pills", "drops"]}
    result = fit_kin({"kind": "siblings"}, sets, **asked) if kin else fit(sets, models=model(**asked))
    main = "not fitted: mutually adjusted" if kin else "failure: mutually adjusted pills drops"
    firth = "firth not fitted: mutually adjusted firth"
    rows = {"mutually adjusted pills=ever", "mutually adjusted drops=ever"}
    assert notes(result) == {N.NOT_FITTED: {*rows, main, firth}}
    assert {one["problem"] for one in arguments(N.NOT_FITTED, result.estimates).values()} == {"collinear"}
    assert (D.NOT_FITTED in diagnosed(result.diagnostics)) == kin


@shows(
    "DiagnosticCode=separated",
    "DiagnosticCode=uninformative",
    "NoteCode=always adjusted",
    "NoteCode=firth beside",
    by=Evidence.OUTSIDE,
)
def test_of_relatives_an_empty_level_is_a_finding_with_firth_beside() -> None:
    """No relative uses; then all of every second family do: two findings of which neither is a failure."""
    thin = [[{k: v for k, v in m.items() if k != "pills" or j == 0} for j, m in enumerate(s)] for s in families(30)]
    result = fit_kin({"kind": "siblings"}, thin)
    assert notes(result) == {
        N.SEPARATED: {"crude pills=ever", "separated: crude pills"},
        N.FIRTH_BESIDE: {"separated: crude pills"},
        N.ESTIMAND: {"crude firth pills=ever"},
        N.ALWAYS_ADJUSTED: {"crude firth pills=ever"},
        N.FIRTH: {"crude firth pills=ever", "crude firth sex=male"},
        N.PROFILE: {"crude firth pills=ever"},
    }
    same = [[m | ({"pills": "ever"} if i % 2 else {}) for m in s] for i, s in enumerate(thin)]
    same = [[m if i % 2 else {k: v for k, v in m.items() if k != "pills"} for m in s] for i, s in enumerate(same)]
    result = fit_kin({"kind": "siblings"}, same)
    assert notes(result) == {
        N.NOBODY_DIFFERS_AT_LEVEL: {"crude pills=ever"},
        N.NOBODY_DIFFERS: {"uninformative: crude pills"},
    }
    assert D.UNINFORMATIVE in diagnosed(result.diagnostics)
    assert D.SEPARATED not in diagnosed(result.diagnostics)
    assert not result.failures


@shows("NoteCode=always adjusted", "DiagnosticCode=covariate stands already", by=Evidence.OUTSIDE)
def test_what_stands_in_every_model_of_relatives_is_told_of_the_exposure() -> None:
    asked = {"adjust": ["age", "sex", "education"]}
    sets = [[m | {"education": "low" if (i + j) % 2 else "high"} for j, m in enumerate(s)]
            for i, s in enumerate(families(60))]  # fmt: skip
    result = fit_kin({"kind": "siblings"}, sets, **asked)
    facts = {"spline": "age", "knots": 4, "covariate": "sex"}
    assert arguments(N.ALWAYS_ADJUSTED, result.estimates) == {
        "crude pills=ever": facts, "adjusted pills=ever": facts,
    }  # fmt: skip
    assert diagnosed(result.diagnostics)[D.COVARIATE_STANDS_ALREADY] == {"age": None, "sex": None}
    unrelated = fit(sets, models=model(**asked))
    assert N.ALWAYS_ADJUSTED not in notes(unrelated)
    assert D.COVARIATE_STANDS_ALREADY not in diagnosed(unrelated.diagnostics)


@shows(
    "NoteCode=levels against one slope",
    "NoteCode=test not fitted",
    "DiagnosticCode=departure from trend",
    by=Evidence.OUTSIDE,
)
def test_the_departure_from_a_slope_is_tested_where_sets_differ_in_two_levels() -> None:
    """Pairs that hold no two levels: the likelihood is that of two binomials, with one slope of equal steps or without.

    With 9 of 12 pairs at the first step and 12 of 16 at the second, ratios of 3 and 3, one slope fits them badly.
    """
    sets = pairs_at("1", 9, 3) + pairs_at("2-3", 12, 4)
    result = fit_asked(sets, COUNTED, levels=BANDS, trend=True)
    (value,) = diagnosed(result.diagnostics)[D.DEPARTURE_FROM_TREND].values()
    slopes = np.linspace(0, 2, 200001)
    one = 9 * slopes - 12 * np.log1p(np.exp(slopes)) + 24 * slopes - 16 * np.log1p(np.exp(2 * slopes))
    best = sum(b * np.log(b) + c * np.log(c) - (b + c) * np.log(b + c) for b, c in ((9, 3), (12, 4)))
    statistic = 2 * (best - one.max())
    (facts,) = arguments(N.SCORED_LEVELS, result.diagnostics).values()
    assert (facts["statistic"], facts["df"]) == (pytest.approx(statistic, abs=1e-6), 1)
    assert value is not None
    assert 0 < value < 1
    assert N.TEST_NOT_FITTED not in notes(result)

    alone = fit_asked(pairs_at("2-3", 20, 8), COUNTED, levels=BANDS, trend=True)
    assert list(diagnosed(alone.diagnostics)[D.DEPARTURE_FROM_TREND].values()) == [None]
    (facts,) = arguments(N.TEST_NOT_FITTED, alone.diagnostics).values()
    assert facts["problem"] == "uninformative"
    assert N.SCORED_LEVELS not in notes(alone)


@shows(
    "DiagnosticCode=log-likelihood",
    "DiagnosticCode=iterations",
    "DiagnosticCode=unknown covariate",
    "DiagnosticCode=not in the model",
    "DiagnosticCode=covariate constant within sets",
    by=Evidence.OUTSIDE,
)
def test_who_is_left_out_and_how_a_fit_went() -> None:
    """Of four pairs the control's education is unknown, of two the case's; women stand with women.

    A pair adds log b/(b + c) or log c/(b + c), by which of the two is exposed, and log ½ where both are alike.
    """
    sets = educated(pairs(20, 8), *TURNS)
    sets += [[EXPOSED | {"education": "low"}, NOT]] * 4 + [[NOT, EXPOSED | {"education": "low"}]] * 2
    sets = [[m | {"sex": "female"} for m in members] for members in sets]
    found = diagnosed(fit(sets, models=model(adjust=["education", "sex"])).diagnostics)
    assert found[D.UNKNOWN_COVARIATE] == {"adjusted pills cases": 2, "adjusted pills controls": 4}
    assert found[D.NOT_IN_MODEL] == {"adjusted pills cases": 6, "adjusted pills controls": 6}
    assert found[D.COVARIATE_CONSTANT] == {"sex": None}
    b, c, alike = 24, 10, 8
    best = b * np.log(b / (b + c)) + c * np.log(c / (b + c)) + alike * np.log(0.5)
    assert found[D.LOG_LIKELIHOOD]["crude pills"] == pytest.approx(best, abs=1e-9)
    assert all(1 <= (steps or 0) < 20 for steps in found[D.ITERATIONS].values())
    assert found[D.ITERATIONS].keys() == found[D.LOG_LIKELIHOOD].keys() == {"crude pills", "adjusted pills"}

    whole = diagnosed(fit(educated(pairs(20, 8), *TURNS), models=model(adjust=["education"])).diagnostics)
    assert whole.keys() == {D.LOG_LIKELIHOOD, D.ITERATIONS}


THIN = ("", "e", "c", "e", "ec", "cs", "pc", "e", "p", "", "ps")
"""Of five sets of 2, 3, 2, 2 and 2: who uses pills (p), has the second education (e) or county (c), is a man (s)."""


def thin_sets() -> Sets:
    made = iter(THIN)
    return [[member(next(made)) for _ in range(number)] for number in (2, 3, 2, 2, 2)]


def member(what: str) -> dict[str, Any]:
    named = {"education": "b" if "e" in what else "a", "county": "b" if "c" in what else "a"}
    return named | {"sex": "male" if "s" in what else "female"} | (EXPOSED if "p" in what else {})


def is_wald(row: Any) -> bool:
    reach = 1.959963984540054 * row.std_error
    return bool(
        row.conf_low == pytest.approx(row.estimate - reach) and row.conf_high == pytest.approx(row.estimate + reach)
    )


@shows("NoteCode=profile not found", "NoteCode=profile", by=Evidence.OUTSIDE)
def test_an_interval_whose_profile_has_no_end_is_walds_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """With four terms for five sets the profile of one may not be found; here it is made to fail, too."""
    result = fit(thin_sets(), models=model(adjust=["education", "county", "sex"]))
    told = [{one.code for one in row.notes} & {N.PROFILE, N.PROFILE_NOT_FOUND} for row in result.estimates]
    rows = [row for row in result.estimates if row.estimate is not None and row.role == "exposure"]
    assert [is_wald(row) for row in rows] == [codes == {N.PROFILE_NOT_FOUND} for codes in told if codes]

    def fails(*_: Any) -> None:
        raise FitError("no end", where="profile interval")

    monkeypatch.setattr(recording, "profile_interval", fails)
    result = fit(pairs(20, 8), models=model(interval="profile"))
    assert notes(result) == {N.ESTIMAND: {"crude pills=ever"}, N.PROFILE_NOT_FOUND: {"crude pills=ever"}}
    assert all(is_wald(row) for row in result.estimates)


def why_by_hand(sets: Sets) -> N | None:
    """Why one class has no ratio of its own, by looking at each set; None where it has one."""
    users = [["pills" in m for m in members] for members in sets if len(members) > 1]
    differing = [used for used in users if 0 < sum(used) < len(used)]
    cases, controls = sum(used[0] for used in differing), sum(sum(used[1:]) for used in differing)
    if not users:
        return N.NO_WHOLE_SET
    if not any(map(any, users)):
        return N.NOBODY_AT_LEVEL
    if not differing:
        return N.NOBODY_DIFFERS_AT_LEVEL
    if not cases or not controls:
        return N.SEPARATED
    return N.NOT_FITTED if cases == len(differing) else None


@shows(
    "NoteCode=no whole set",
    "NoteCode=nobody at the level",
    "NoteCode=nobody differs at the level",
    "NoteCode=separated",
    "NoteCode=not fitted",
    by=Evidence.REFERENCE,
)
def test_why_there_is_no_ratio_is_what_a_look_at_each_set_says() -> None:
    """A ratio is infinite, too, where each case of a set that differs uses, beside some of its controls."""
    rng, seen = np.random.default_rng(4), set()
    reasons = {N.NO_WHOLE_SET, N.NOBODY_AT_LEVEL, N.NOBODY_DIFFERS_AT_LEVEL, N.SEPARATED, N.NOT_FITTED}
    for _ in range(120):
        share = rng.choice([0.0, 0.15, 0.5, 1.0])
        sizes = rng.integers(1, 4, rng.integers(1, 5))
        sets = [[EXPOSED if rng.random() < share else NOT for _ in range(size)] for size in sizes]
        (row,) = [row for row in fit(sets, models=model()).estimates if row.model.estimator != "firth"]
        expected = why_by_hand(sets)
        assert {one.code for one in row.notes} & {*reasons, N.NO_SET_LEFT} == ({expected} if expected else set())
        assert (row.estimate is None) == (expected is not None)
        seen.add(expected)
    assert seen == {None, *reasons}
