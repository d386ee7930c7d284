"""Every public function with odd input: an answer, or a sentence of ours; never another library's error or warning."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import riskset.stats as stats
from riskset.errors import FitError
from riskset.stats.joint.data import check_data
from tests.stats.joint_made import LINE


class NAType:
    """As pandas' NA: nothing is true of it, and it is no number."""

    def __eq__(self, other: object) -> Any:
        return self

    def __ne__(self, other: object) -> Any:
        return self

    def __hash__(self) -> int:
        return 1

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")

    def __float__(self) -> float:
        raise TypeError("float() argument must be a string or a real number")


N = 24
RNG = np.random.default_rng(1)
X = np.column_stack([RNG.normal(size=N), RNG.random(N) < 0.5]).astype(float)
STOP = np.ceil(RNG.exponential(size=N) * 30)
START = np.zeros(N)
EVENT = (RNG.random(N) < 0.7).astype(int)
CAUSE = EVENT * RNG.integers(1, 3, N)
GROUP = np.arange(N) % 2
ONES = np.ones(N)
SETS = np.repeat(np.arange(8), 3)
CASE = np.tile([1, 0, 0], 8)
Y = 40 - np.tile(np.arange(4.0), 6) + RNG.normal(size=N) + np.repeat(RNG.normal(size=6) * 3, 4)
TIME = np.column_stack([np.ones(N), np.tile(np.arange(4.0), 6)])
PATIENT = np.repeat(np.arange(6), 4)

COX = stats.fit_cox(X, STOP, EVENT)
CLOGIT = stats.fit_clogit(X, CASE, SETS)
CURVE = stats.kaplan_meier(STOP, EVENT)
SURVIVAL = {"stop": STOP, "event": EVENT, "start": START}
COMMON = {"weights": ONES, "offset": START, "cluster": np.arange(N)}

GOOD: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "fit_cox": (stats.fit_cox, {"x": X, **SURVIVAL, **COMMON, "strata": GROUP}),
    "fit_fine_gray": (stats.fit_fine_gray, {"x": X, "stop": STOP, "event": CAUSE, **COMMON, "cause": 1}),
    "fit_clogit": (stats.fit_clogit, {"x": X, "case": CASE, "set_id": SETS, **COMMON}),
    "SetLayout": (stats.SetLayout, {"case": CASE, "set_id": SETS}),
    "fit_mixed": (stats.fit_mixed, {"y": Y, "x": TIME, "z": ONES, "group": PATIENT, "cluster": PATIENT}),
    "kaplan_meier": (stats.kaplan_meier, {**SURVIVAL, "weights": ONES, "level": 0.95}),
    "nelson_aalen": (stats.nelson_aalen, {**SURVIVAL, "level": 0.95}),
    "aalen_johansen": (stats.aalen_johansen, {"stop": STOP, "event": CAUSE, "start": START, "weights": ONES}),
    "gray_test": (stats.gray_test, {"stop": STOP, "event": CAUSE, "group": GROUP, "strata": np.zeros(N)}),
    "log_rank_test": (stats.log_rank_test, {**SURVIVAL, "group": GROUP, "strata": np.zeros(N)}),
    "rates": (stats.rates, {**SURVIVAL, "group": GROUP, "per": 1.0, "level": 0.95}),
    "poisson_limits": (stats.poisson_limits, {"events": EVENT, "level": 0.95}),
    "observable": (stats.Observable.estimated, {"stop": STOP, "event": CAUSE, "start": START, "weights": ONES}),
    "restricted_mean": (
        lambda until, level: stats.restricted_mean(CURVE, until, level=level),
        {"until": 5.0, "level": 0.9},
    ),
    "quantiles": (lambda probability: stats.quantiles(CURVE, probability), {"probability": [0.25, 0.5]}),
    "at": (CURVE.at, {"times": [1.0, 2.0]}),
    "predict_survival": (
        lambda x, times, offset, level: stats.predict_survival(COX, x, times=times, offset=offset, level=level),
        {"x": [0.0, 1.0], "times": [1.0, 2.0], "offset": 0.0, "level": 0.95},
    ),
    "wald_test": (lambda contrasts: stats.wald_test(COX, contrasts), {"contrasts": [0, 1]}),
    "profile_test": (lambda terms: stats.profile_test(CLOGIT, terms), {"terms": [0]}),
    "profile_interval": (
        lambda term, level: stats.profile_interval(CLOGIT, term, level),
        {"term": 0, "level": 0.95},
    ),
    "wald_interval": (lambda level: stats.wald_interval(COX, level), {"level": 0.95}),
}

ODD: dict[str, Callable[[np.ndarray], Any]] = {
    "masked": lambda v: np.ma.MaskedArray(v, mask=np.arange(v.size).reshape(v.shape) == 1),
    "masked integers": lambda v: np.ma.MaskedArray(v.astype(int), mask=np.arange(v.size).reshape(v.shape) == 1),
    "masked nowhere": lambda v: np.ma.MaskedArray(v, mask=False),
    "NA": lambda v: _with(v, NAType()),
    "None": lambda v: _with(v, None),
    "NA among booleans": lambda v: _with(v.astype(bool), NAType()),
    "arrow with null": lambda v: pa.array([None, *(v.ravel() > 0).tolist()[1:]]),
    "texts": lambda v: v.astype(str),
    "bytes": lambda v: v.astype("S8"),
    "a text": lambda v: "stop",
    "a text among numbers": lambda v: _with(v, "12"),
    "objects": lambda v: v.astype(object),
    "decimals": lambda v: np.array([Decimal(str(number)) for number in v.ravel()]).reshape(v.shape),
    "any object": lambda v: _with(v, object()),
    "lists": lambda v: _with(v, [1]),
    "NaN": lambda v: _with(v.astype(float), np.nan),
    "infinite": lambda v: _with(v.astype(float), np.inf),
    "minus infinite": lambda v: _with(v.astype(float), -np.inf),
    "all NaN": lambda v: v * np.nan,
    "empty": lambda v: v[:0] if v.ndim else np.zeros(0),
    "one row": lambda v: v[:1] if v.ndim else np.zeros(1),
    "no dimension": lambda v: np.float64(1),
    "a row too many": lambda v: np.concatenate([np.atleast_1d(v), np.atleast_1d(v)[:1]]),
    "three dimensions": lambda v: np.zeros((2, 3, 4)),
    "no columns": lambda v: np.zeros((N, 0)),
    "ragged": lambda v: [[1], [1, 2], 3],
    "negative": lambda v: -1.0 - np.abs(v),
    "zeros": lambda v: v * 0,
    "constant": lambda v: v * 0 + 1,
    "halves": lambda v: v + 0.5,
    "complex": lambda v: v + 1j,
    "huge": lambda v: _with(v, 10**400),
    "large": lambda v: v * 1e12,
    "very large": lambda v: v * 1e200,
    "tiny": lambda v: v * 1e-200,
    "unsigned": lambda v: np.abs(v).astype(np.uint64) + np.uint64(2**63),
    "dates": lambda v: np.full(v.shape, np.datetime64("2020-01-01")),
    "days": lambda v: np.full(v.shape, date(2020, 1, 1), object),
    "no day": lambda v: np.full(v.shape, np.datetime64("NaT")),
    "lengths of time": lambda v: np.full(v.shape, np.timedelta64(3, "D")),
    "fields": lambda v: np.zeros(v.shape, [("a", float)]),
    "a dictionary": lambda v: {"a": 1},
    "a set": lambda v: {1, 2},
    "a number": lambda v: 7,
    "a list": lambda v: v.tolist(),
    "booleans": lambda v: v > 0,
    "float16": lambda v: v.astype(np.float16),
}


def _with(values: np.ndarray, odd: object) -> Any:
    """The values with an odd one in the first place."""
    kind = object if not isinstance(odd, float) else float
    changed = np.array(values, kind)
    if changed.ndim == 0:
        return odd
    changed[(0,) * changed.ndim] = odd
    return changed


CASES = [(name, argument) for name, (_, good) in GOOD.items() for argument in good]


def test_what_is_good_is_answered() -> None:
    for function, good in GOOD.values():
        function(**good)


@pytest.mark.parametrize(("name", "argument"), CASES)
def test_odd_input_is_answered_or_refused_in_a_sentence(name: str, argument: str) -> None:
    function, good = GOOD[name]
    for kind, odd in ODD.items():
        value = odd(np.asarray(good[argument]))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                function(**good | {argument: value})
            except Exception as refused:
                _require_ours(refused, f"{name}({argument}={kind})")


_HERE = str(inspect.getfile(stats)).rsplit("/", 1)[0]


def _require_ours(refused: Exception, of: str) -> None:
    """Raised in our own code, in words; not by NumPy or a solver."""
    place = inspect.trace()[-1].filename
    ours = isinstance(refused, FitError | ValueError) and place.startswith(_HERE) and len(str(refused)) > 15
    assert ours, f"{of}: {type(refused).__name__}: {refused} from {place}"


@pytest.mark.parametrize("kind", ["masked", "masked integers", "NA", "None", "NaN", "arrow with null"])
@pytest.mark.parametrize("name", ["fit_cox", "fit_fine_gray", "fit_clogit", "kaplan_meier", "aalen_johansen", "rates"])
def test_what_is_missing_is_never_taken_for_a_value(name: str, kind: str) -> None:
    function, good = GOOD[name]
    for argument in set(good) & {"x", "stop", "event", "case", "weights", "set_id", "group"}:
        if kind == "arrow with null" and argument == "x":
            continue
        with pytest.raises(FitError):
            function(**good | {argument: ODD[kind](np.asarray(good[argument]))})


JOINT = {
    "y": Y,
    "time": np.tile(np.arange(4.0), 6),
    "patient": PATIENT,
    "stop": np.array([4, 5, 6, 7, 8, 9.0]),
    "event": np.array([1, 0, 1, 0, 1, 0]),
    "start": np.zeros(6),
    "x": np.arange(6.0),
    "w": np.array([0, 1, 1, 0, 1, 0.0]),
}


@pytest.mark.parametrize("argument", sorted(JOINT))
def test_odd_input_of_a_joint_model(argument: str) -> None:
    for kind, odd in ODD.items():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                check_data(LINE, **JOINT | {argument: odd(np.asarray(JOINT[argument]))}, x_names=None, w_names=None)
            except Exception as refused:
                _require_ours(refused, f"fit_joint({argument}={kind})")


def test_a_mixed_model_without_error_says_so() -> None:
    time = np.tile(np.arange(4.0), 6)
    x = np.column_stack([np.ones(24), time])
    for y in (3 + 2 * time, 3 + 2 * time + np.repeat(np.arange(6.0), 4)):
        with pytest.raises(FitError, match="describe every score exactly"):
            stats.fit_mixed(y, x, np.ones(24), PATIENT)


def test_a_fit_with_few_clusters_is_not_refused_for_a_test_nobody_asked_for() -> None:
    """The robust score test may be singular where the sandwich is not asked to be tested."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(60, 3))
    fit = stats.fit_cox(x, np.arange(1.0, 61), np.ones(60), cluster=np.arange(60) % 4)
    assert np.all(np.isfinite(fit.std_error))
