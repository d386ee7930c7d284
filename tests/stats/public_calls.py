"""Every public function of `riskset.stats`, with good values of all its arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

import riskset.stats as stats
from tests.stats.joint_made import LINE, make

N = 24
_RNG = np.random.default_rng(1)
X = np.column_stack([_RNG.normal(size=N), _RNG.random(N) < 0.5]).astype(float)
STOP = np.ceil(_RNG.exponential(size=N) * 30)
START = np.zeros(N)
EVENT = (_RNG.random(N) < 0.7).astype(int)
CAUSE = EVENT * _RNG.integers(1, 3, N)
GROUP = np.arange(N) % 2
ONES = np.ones(N)
SETS = np.repeat(np.arange(8), 3)
CASE = np.tile([1, 0, 0], 8)
Y = 40 - np.tile(np.arange(4.0), 6) + _RNG.normal(size=N) + np.repeat(_RNG.normal(size=6) * 3, 4)
TIME = np.column_stack([np.ones(N), np.tile(np.arange(4.0), 6)])
PATIENT = np.repeat(np.arange(6), 4)
RISK = np.linspace(0.1, 0.9, N)
NAMES = ["first", "second"]

COX = stats.fit_cox(X, STOP, EVENT)
CLOGIT = stats.fit_clogit(X, CASE, SETS)
CURVE = stats.kaplan_meier(STOP, EVENT)
MEAN = stats.restricted_mean(CURVE, 5.0)
MADE = make(60, seed=11)
JOINT = stats.fit_joint(**MADE.arguments, trajectory=LINE, baseline=stats.Weibull())

LABELS = {"strata", "cluster", "set_id", "group"}
"""Of any type."""
CHOICES = {
    "names",
    "x_names",
    "w_names",
    "ties",
    "conf_type",
    "method",
    "structure",
    "penalty",
    "transform",
    "association",
}
"""Texts, or lists of them."""
OBJECTS = {
    "fit", "curve", "smaller", "larger", "first", "second", "data", "trajectory", "baseline", "scaled", "layout",
    "observable", "fixed", "random", "shifts", "bends",
}  # fmt: skip
"""Made by other functions, or yes and no."""
OTHERS = {"terms", "term", "stratum"}
"""Numbers or names of what there is."""


@dataclass(frozen=True)
class Call:
    """A function with good arguments; those of ``any_length`` belong to no rows."""

    function: Callable[..., Any]
    arguments: dict[str, Any]
    any_length: frozenset[str] = frozenset()

    def __call__(self, **changed: Any) -> Any:
        return self.function(**self.arguments | changed)

    def varied(self) -> list[str]:
        """The arguments that are numbers or labels."""
        left_out = CHOICES | OBJECTS | OTHERS
        return [name for name, good in self.arguments.items() if name not in left_out and good is not None]

    def rows(self) -> list[str]:
        """The arguments with a value a row."""
        return [name for name in self.varied() if np.ndim(self.arguments[name]) and name not in self.any_length]


def _call(function: Callable[..., Any], *any_length: str, **arguments: Any) -> Call:
    return Call(function, arguments, frozenset(any_length))


_SPAN = {"stop": STOP, "event": EVENT, "start": START}
_COMMON = {"weights": ONES, "offset": START, "names": NAMES}
_AHEAD = {"landmark": 1.0, "horizon": 1.5, "cause": 1}

FUNCTIONS: dict[str, Call] = {
    "fit_cox": _call(stats.fit_cox, x=X, **_SPAN, **_COMMON, strata=GROUP, ties="efron", cluster=np.arange(N)),
    "fit_fine_gray": _call(
        stats.fit_fine_gray, x=X, stop=STOP, event=CAUSE, start=None, **_COMMON, cause=1, ties="efron",
        cluster=np.arange(N), observable=None,
    ),
    "fit_clogit": _call(
        stats.fit_clogit, x=X, case=CASE, set_id=SETS, **_COMMON, ties="exact", penalty=None, cluster=None, layout=None
    ),
    "fit_mixed": _call(
        stats.fit_mixed, y=Y, x=TIME, z=ONES, group=PATIENT, method="reml", structure="diagonal", cluster=PATIENT,
        names=NAMES,
    ),
    "fit_joint": _call(
        stats.fit_joint, **MADE.arguments, trajectory=LINE, association="value", baseline=stats.Weibull(), nodes=5,
        cluster=np.arange(60), x_names=["x"], w_names=["w"],
    ),
    "forecast": _call(
        stats.forecast, "y", "time", "times", fit=JOINT, y=np.array([10.0, 9.5]), time=np.array([0.0, 0.5]),
        landmark=1.0, times=np.array([1.5, 2.0]), x=np.array([1.0]), w=np.array([1.0]), level=0.95, draws=3, seed=1,
    ),
    "mean_scores": _call(
        stats.mean_scores, "times", "x", "w", fit=JOINT, times=np.array([0.5, 2.0]), x=np.array([[1.0]]),
        w=np.array([[1.0]]), level=0.95, draws=3, seed=1,
    ),
    "landmark_risk": _call(stats.landmark_risk, fit=JOINT, **_AHEAD, data=None),
    "measure_performance": _call(
        stats.measure_performance, risk=RISK, stop=STOP, event=CAUSE, landmark=0.5, horizon=20.0, cause=1, draws=3,
        seed=0,
    ),
    "measure_calibration": _call(
        stats.measure_calibration, risk=RISK, stop=STOP, event=CAUSE, landmark=0.5, horizon=20.0, cause=1, groups=3
    ),
    "joint_residuals": _call(stats.joint_residuals, fit=JOINT),
    "kaplan_meier": _call(stats.kaplan_meier, **_SPAN, weights=ONES, conf_type="log", level=0.95),
    "nelson_aalen": _call(stats.nelson_aalen, **_SPAN, ties="together", level=0.95),
    "aalen_johansen": _call(
        stats.aalen_johansen, stop=STOP, event=CAUSE, start=START, weights=ONES, conf_type="log", level=0.95
    ),
    "gray_test": _call(
        stats.gray_test, stop=STOP, event=CAUSE, group=GROUP, cause=1, start=None, strata=np.zeros(N)
    ),
    "log_rank_test": _call(stats.log_rank_test, **_SPAN, group=GROUP, strata=np.zeros(N)),
    "rates": _call(stats.rates, **_SPAN, group=GROUP, per=1.0, level=0.95),
    "poisson_limits": _call(stats.poisson_limits, "events", events=EVENT, level=0.95),
    "restricted_mean": _call(stats.restricted_mean, curve=CURVE, until=5.0, level=0.9),
    "restricted_mean_difference": _call(
        stats.restricted_mean_difference, first=MEAN, second=MEAN, level=0.9
    ),
    "quantiles": _call(stats.quantiles, "probability", curve=CURVE, probability=np.array([0.25, 0.5])),
    "predict_survival": _call(
        stats.predict_survival, "x", "times", fit=COX, x=np.array([0.0, 1.0]), times=np.array([1.0, 2.0]),
        stratum=None, offset=0.0, conf_type="log", level=0.95,
    ),
    "proportional_hazards_test": _call(stats.proportional_hazards_test, fit=COX, transform="km", groups=None),
    "martingale_residuals": _call(stats.martingale_residuals, fit=COX),
    "deviance_residuals": _call(stats.deviance_residuals, fit=COX),
    "dfbeta_residuals": _call(stats.dfbeta_residuals, fit=COX),
    "score_residuals": _call(stats.score_residuals, fit=COX),
    "schoenfeld_residuals": _call(stats.schoenfeld_residuals, fit=COX, scaled=True),
    "wald_test": _call(stats.wald_test, "contrasts", fit=COX, contrasts=np.array([[1.0, 0.0], [0.0, 1.0]])),
    "wald_interval": _call(stats.wald_interval, fit=COX, level=0.95),
    "profile_test": _call(stats.profile_test, fit=CLOGIT, terms=np.array([0])),
    "profile_interval": _call(stats.profile_interval, fit=CLOGIT, term=0, level=0.95),
    "likelihood_ratio_test": _call(
        stats.likelihood_ratio_test, smaller=stats.fit_cox(X[:, 0], STOP, EVENT), larger=COX
    ),
}  # fmt: skip

MADE_BY_HAND: dict[str, Call] = {
    "NaturalSpline": _call(stats.NaturalSpline, "knots", knots=(0.0, 1.0, 3.0)),
    "NaturalSplineBaseline": _call(stats.NaturalSplineBaseline, "knots", knots=(0.5, 1.0, 3.0), points=4),
    "Observable": _call(stats.Observable.estimated, stop=STOP, event=CAUSE, start=START, weights=ONES),
    "PiecewiseConstant": _call(stats.PiecewiseConstant, "cuts", cuts=(1.0, 2.0), points=3),
    "Polynomial": _call(stats.Polynomial, degree=2),
    "SetLayout": _call(stats.SetLayout, case=CASE, set_id=SETS),
    "SplineBaseline": _call(stats.SplineBaseline, "knots", knots=(0.0, 1.0, 3.0), degree=3, points=5),
    "Trajectory": _call(stats.Trajectory, fixed=None, random=None, shifts=(0,), bends=()),
    "Weibull": _call(stats.Weibull, points=15, power=3),
}
"""Classes that a user makes; all others are results."""

METHODS: dict[str, Call] = {
    "Curve.at": _call(CURVE.at, "times", times=np.array([1.0, 2.0])),
    "CoxFit.interval": _call(COX.interval, level=0.95, method="wald"),
    "CoxFit.table": _call(COX.table, names=NAMES, level=0.95, method="wald"),
    "ClogitFit.interval": _call(CLOGIT.interval, level=0.95, method="profile"),
    "JointFit.interval": _call(JOINT.interval, level=0.95),
    "JointFit.table": _call(JOINT.table, names=None, level=0.95),
    "NaturalSplineBaseline.at_quantiles": _call(
        stats.NaturalSplineBaseline.at_quantiles, stop=STOP, event=CAUSE, knots=2
    ),
    "PiecewiseConstant.at_quantiles": _call(stats.PiecewiseConstant.at_quantiles, stop=STOP, event=CAUSE, pieces=3),
    "SplineBaseline.at_quantiles": _call(stats.SplineBaseline.at_quantiles, stop=STOP, event=CAUSE, inner=2),
}

CALLS = {**FUNCTIONS, **{name: call for name, call in MADE_BY_HAND.items() if name != "Trajectory"}, **METHODS}


@cache
def public(kind: Callable[[Any], bool]) -> dict[str, Any]:
    """What `riskset.stats` offers of a kind."""
    return {name: getattr(stats, name) for name in stats.__all__ if kind(getattr(stats, name))}


def parameters(function: Callable[..., Any]) -> set[str]:
    """The names of its parameters."""
    return set(inspect.signature(function).parameters)
