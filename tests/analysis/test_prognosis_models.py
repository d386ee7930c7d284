"""Models beside the main ones: each cause, survival at a time, other baselines, exposure that changes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from riskset.analysis.prognosis import Patients, fit_prognosis
from riskset.analysis.prognosis.standardised import standardise
from riskset.calendar import YEAR
from riskset.results.notes import NoteCode
from riskset.results.vocabulary import DiagnosticCode
from riskset.stats import Trajectory, Weibull, aalen_johansen, fit_cox, fit_fine_gray, fit_joint, kaplan_meier
from tests.analysis.patients_made import RATIO, diagnosed, joint, noted, of, one, points, rows, simulated, study
from tests.shown import Evidence, shows

CAUSES = ("death", "invasive_ventilation")


def two_causes(n: int = 300, *, delayed: bool = True) -> Patients:
    """Every fifth event is ventilation."""
    patients = simulated(n, delayed=delayed)
    event = np.where((patients.event == 1) & (np.arange(n) % 5 == 0), 2, patients.event)
    return replace(patients, event=event, causes=CAUSES, n_endpoints=2)


@shows(
    "Family=cause-specific cox",
    "Family=fine-gray",
    "Scale=log_hr",
    "Scale=log_shr",
    "prognosis.endpoint=death",
    "prognosis.endpoint=invasive_ventilation",
    by=Evidence.REFERENCE,
)
@pytest.mark.parametrize("delayed", [True, False])
def test_each_cause_has_its_own_models(delayed: bool) -> None:
    patients = two_causes(delayed=delayed)
    result = fit_prognosis(study(["anxiolytics"], endpoint=CAUSES).course, patients)
    users = (patients.level["anxiolytics"] == "ever").astype(float)
    start = patients.start / YEAR
    for number, cause in enumerate(CAUSES, start=1):
        of_cause = patients.event == number
        specific = one(result, **of("cause-specific cox", "crude", cause=cause), level="ever")
        fit = fit_cox(users, patients.stop / YEAR, of_cause, start=start)
        assert specific["estimate"] == pytest.approx(float(fit.beta[0]), abs=1e-9)
        assert specific["scale"] == "log_hr"
        assert specific["n_events"] == of_cause.sum()
        assert specific["n_exposed_events"] == (of_cause & (users == 1)).sum()
        gray = one(result, **of("fine-gray", "crude", cause=cause), level="ever")
        weighted = fit_fine_gray(
            users, patients.stop / YEAR, patients.event, cause=number, start=start if delayed else None
        )
        assert gray["estimate"] == pytest.approx(float(weighted.beta[0]), abs=1e-9)
        assert gray["std_error"] == pytest.approx(float(weighted.std_error[0]), abs=1e-9)
        assert gray["scale"] == "log_shr"
        assert (NoteCode.WEIGHTED_FOR_LATE_ENTRY in noted(gray)) == delayed
    of_death = of("cause-specific cox", "crude", cause="death", covariate="anxiolytics")
    (tested,) = diagnosed(result, DiagnosticCode.PROPORTIONAL_HAZARDS, **of_death)
    assert 0 < tested["value"] < 1


def test_an_endpoint_among_competing_deaths_has_no_model_twice() -> None:
    patients = two_causes()
    event = np.array([0, 2, 1])[patients.event]
    iv_first = replace(patients, event=event, causes=CAUSES[::-1], n_endpoints=1)
    result = fit_prognosis(study(["anxiolytics"], endpoint=["invasive_ventilation"]).course, iv_first)
    ratios = [row for scale in ("log_hr", "log_shr") for row in rows(result, scale=scale)]
    models = {(row["family"], row["form"], row["cause"]) for row in ratios}
    assert models == {
        ("cox", "crude", ""),
        ("fine-gray", "crude", "invasive_ventilation"),
        ("cause-specific cox", "crude", "death"),
        ("fine-gray", "crude", "death"),
    }
    total = one(result, **of("cox", "crude"))
    assert total["n_events"] == (event == 1).sum()


def test_one_cause_has_no_competing_models() -> None:
    result = fit_prognosis(study(["anxiolytics"]).course, simulated(120))
    assert not [row for family in ("fine-gray", "cause-specific cox") for row in rows(result, family=family)]


def test_a_rare_cause_has_reasons_and_fails_no_run() -> None:
    patients = two_causes()
    users = patients.level["anxiolytics"] == "ever"
    event = np.where((patients.event == 2) & users, 1, patients.event)
    result = fit_prognosis(study(["anxiolytics"], endpoint=CAUSES).course, replace(patients, event=event))
    for family in ("cause-specific cox", "fine-gray"):
        row = one(result, **of(family, "crude", cause="invasive_ventilation"), level="ever")
        assert row["estimate"] is None
        assert list(noted(row)) == [NoteCode.NO_EVENT_AT_LEVEL]
    never = np.where(patients.event == 2, 1, patients.event)
    result = fit_prognosis(study(["anxiolytics"], endpoint=CAUSES).course, replace(patients, event=never))
    assert diagnosed(result, DiagnosticCode.NO_MODEL_OF_CAUSE, cause="invasive_ventilation")[0]["value"] == 0
    assert result.failures == []


def by_loops(
    x: np.ndarray, beta: np.ndarray, start: np.ndarray, stop: np.ndarray, event: np.ndarray, own: np.ndarray
) -> float:
    """The mean of exp(−Λ₀ exp(xᵀβ)), Λ₀ by Breslow, one event time after another."""
    hazard = 0.0
    for t in sorted(set(stop[own & event])):
        at_risk = own & (start < t) & (t <= stop)
        hazard += (own & event & (stop == t)).sum() / sum(np.exp(x[i] @ beta) for i in np.flatnonzero(at_risk))
    return float(np.mean([np.exp(-hazard * np.exp(row @ beta)) for row in x]))


@shows("Family=standardised cox", "Scale=survival", by=Evidence.REFERENCE)
def test_standardised_survival_is_the_mean_of_everyones() -> None:
    patients = simulated(200)
    rng = np.random.default_rng(1)
    x, beta = rng.standard_normal((200, 2)), np.array([0.4, -0.2])
    own, event = np.arange(200) % 3 == 0, (patients.event == 1) & (patients.stop <= 700)
    given = patients.start, patients.stop, event, own
    found = standardise(x, beta, *given)
    assert found.survival == pytest.approx(by_loops(x, beta, *given), abs=1e-12)
    step = 1e-6
    for j in range(2):
        moved = beta + step * (np.arange(2) == j)
        numeric = (by_loops(x, moved, *given) - by_loops(x, beta - (moved - beta), *given)) / (2 * step)
        assert found.of_beta[j] == pytest.approx(numeric, rel=1e-5)


def test_without_effects_of_the_covariates_it_is_nearly_the_survival_curve() -> None:
    """Breslow's exp(−Λ) and Kaplan-Meier's product differ by terms of 1 / at risk; so do their errors."""
    patients = simulated(500, delayed=False)
    own, limit = patients.level["anxiolytics"] == "never", 730
    event = (patients.event == 1) & (patients.stop <= limit)
    found = standardise(np.zeros((500, 1)), np.zeros(1), patients.start, patients.stop, event, own)
    curve = kaplan_meier(patients.stop[own], patients.event[own]).at([limit])
    assert found.survival == pytest.approx(float(curve.estimate[0]), abs=2e-3)
    assert np.sqrt(found.of_hazard) == pytest.approx(float(curve.std_error[0]), rel=0.02)


def test_survival_at_a_time_has_its_contrasts() -> None:
    result = fit_prognosis(study(adjust=["age"], survival_at="18m").course, simulated(500))
    model = of("standardised cox", "mutually adjusted")
    found = {
        (row["level"], row["scale"]): row for row in rows(result, **model, exposure="antidepressants", horizon=1.5)
    }
    never, ever = (found[level, "survival"] for level in ("never", "ever"))
    for row in (never, ever):
        assert 0 < row["conf_low"] < row["estimate"] < row["conf_high"] < 1
    difference = found["ever", "survival_difference"]
    assert difference["estimate"] == pytest.approx(ever["estimate"] - never["estimate"])
    assert difference["reference"] == "never"
    ratio = found["ever", "log_chr"]
    logs = [np.log(row["estimate"]) for row in (ever, never)]
    assert ratio["estimate"] == pytest.approx(np.log(logs[0] / logs[1]))
    spread = np.hypot(*(row["std_error"] for row in (never, ever)))
    assert difference["std_error"] == pytest.approx(spread, rel=0.1)  # both share the coefficients alone
    assert not rows(result, **of("standardised cox", "crude"))  # without other columns it is the survival curve


def test_survival_beyond_the_follow_up_has_no_estimate() -> None:
    patients = simulated(200)
    short = np.minimum(patients.stop, 500)
    start = np.minimum(patients.start, short - 1)
    ended = replace(patients, start=start, stop=short, event=np.where(patients.stop > 500, 0, patients.event))
    result = fit_prognosis(study(["anxiolytics"], adjust=["age"]).course, ended)
    found = rows(result, **of("standardised cox", "adjusted"))
    assert found
    for row in found:
        ((code, arguments),) = noted(row).items()
        assert (code, arguments["time"]) == (NoteCode.NOBODY_AT_RISK_AT_TIME, "2y")


@shows("prognosis.other_baselines=weibull", "Sensitivity=weibull baseline hazard", by=Evidence.REFERENCE)
def test_another_baseline_is_a_sensitivity_of_the_fullest_model() -> None:
    patients = simulated(300)
    asked = study(["antidepressants"], marker="alsfrs_r", other_baselines=["weibull"])
    result = fit_prognosis(asked.course, patients)
    model = joint("crude", sensitivity="weibull baseline hazard")
    users = (patients.level["antidepressants"] == "ever").astype(float)
    months = YEAR / 12
    fit = fit_joint(
        patients.score, patients.month, patients.patient, patients.stop / months, patients.event,
        start=patients.start / months, x=users, w=users, trajectory=Trajectory(shifts=(0,), bends=(0,)),
        baseline=Weibull(),
    )  # fmt: skip
    row = one(result, **model, **RATIO)
    assert row["estimate"] == pytest.approx(float(fit.gamma[0, 0]), abs=1e-6)
    main = one(result, **joint("crude"), **RATIO)
    assert abs(row["estimate"] - main["estimate"]) < main["std_error"]
    assert not points(result, **model)


def test_classes_together_alone() -> None:
    result = fit_prognosis(study(classes=["together"], adjust=["age"]).course, simulated(200))
    forms = {row["form"] for row in rows(result, family="cox")}
    assert forms == {"mutually adjusted, no covariates", "mutually adjusted"}


@shows(
    "prognosis.time_varying=true",
    "prognosis.classes=together",
    "Sensitivity=time-varying exposure",
    by=Evidence.REFERENCE,
)
def test_several_exposures_change_level_in_one_model() -> None:
    """Each exposure's person-time after its own date is a column; a loop over days gives the same fit."""
    patients = simulated(300)
    number = np.arange(300)
    changes = {
        name: np.where((number % every == 0) & (patients.level[name] == "never"), day, np.nan)
        for name, every, day in (("anxiolytics", 3, 150.0), ("hypnotics", 4, 300.0))
    }
    level = {name: patients.level[name] for name in changes}
    result = fit_prognosis(
        study(list(changes), time_varying=True, classes=["together"]).course,
        replace(patients, level=level, changes=changes),
    )
    x, start, stop, event = [], [], [], []
    for i in range(300):
        own = [changes[name][i] for name in changes]
        cuts = sorted(
            {patients.start[i], patients.stop[i], *(c for c in own if patients.start[i] < c < patients.stop[i])}
        )
        for a, b in pairwise(cuts):
            x.append([v for name, c in zip(changes, own, strict=True) for v in (level[name][i] == "ever", c <= a)])
            start.append(a)
            stop.append(b)
            event.append(patients.event[i] if b == patients.stop[i] else 0)
    fit = fit_cox(np.array(x, float), stop, event, start=start)
    model = of("cox", "mutually adjusted", sensitivity="time-varying exposure")
    for at, (name, wanted) in enumerate((n, lev) for n in changes for lev in ("ever", "after diagnosis")):
        assert one(result, **model, exposure=name, level=wanted)["estimate"] == pytest.approx(
            float(fit.beta[at]), abs=1e-8
        )


@shows("Family=aalen-johansen", "CurveKind=incidence", by=Evidence.REFERENCE)
def test_incidences_of_all_causes_and_survival_add_up() -> None:
    """What Fine-Gray is about and what the curves show are of the same events."""
    patients = two_causes(delayed=False)
    curve = aalen_johansen(patients.stop, patients.event).at([365.0])
    alive = kaplan_meier(patients.stop, patients.event > 0).at([365.0])
    assert float(curve.estimate[0].sum() + alive.estimate[0]) == pytest.approx(1.0)
    result = fit_prognosis(study(["anxiolytics"], endpoint=CAUSES).course, patients)
    of_all = points(result, curve="incidence", exposure="", time=1.0)
    days = YEAR
    same = aalen_johansen(patients.stop, patients.event).at([days])
    assert [p["estimate"] for p in of_all] == pytest.approx([float(v) for v in same.estimate[0]])
