"""Every public function with odd input: a right answer, or a sentence of ours; never another library's error."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest

import riskset.stats as stats
from riskset.errors import FitError
from tests.stats.odd_kinds import MISSING, NO_NUMBERS, ODD, SAME
from tests.stats.public_calls import (
    CALLS,
    CHOICES,
    FUNCTIONS,
    LABELS,
    MADE_BY_HAND,
    PATIENT,
    parameters,
    public,
)

ARGUMENTS = [(name, argument) for name, call in CALLS.items() for argument in call.varied()]
ROWS = [(name, argument) for name, call in CALLS.items() for argument in call.rows()]
LEVELS = [name for name, call in CALLS.items() if "level" in call.arguments]
CHOSEN = [(name, argument) for name, call in CALLS.items() for argument in call.arguments if argument in CHOICES]


def test_every_public_function_and_argument_is_tried() -> None:
    assert set(public(inspect.isfunction)) == set(FUNCTIONS)
    for name, call in FUNCTIONS.items():
        assert set(call.arguments) == parameters(call.function), name
    by_hand = {name for name, kind in public(inspect.isclass).items() if not is_dataclass(kind)}
    assert by_hand - set(MADE_BY_HAND) == {"TimeBasis"}  # a base class; all other classes are results or made by hand
    assert set(MADE_BY_HAND) <= set(public(inspect.isclass))


@pytest.mark.parametrize("name", sorted(CALLS))
def test_what_is_good_is_answered(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        CALLS[name]()


def refusal(name: str, argument: str, value: object, kind: str = "") -> Exception | None:
    """What is said of the value, in our words; None where it is answered."""
    said = answer(name, argument, value, kind)
    return said if isinstance(said, Exception) else None


def answer(name: str, argument: str, value: object, kind: str = "") -> Any:
    """What the function gives, or the exception in our words."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return CALLS[name](**{argument: value})
        except Exception as refused:
            _require_ours(refused, f"{name}({argument}={kind or value!r})")
            return refused


_HERE = str(inspect.getfile(stats)).rsplit("/", 1)[0]


def _require_ours(refused: Exception, of: str) -> None:
    """Raised in our own code, in words; not by NumPy or a solver."""
    place = inspect.trace()[-1].filename
    ours = isinstance(refused, FitError | ValueError) and place.startswith(_HERE) and len(str(refused)) > 15
    assert ours, f"{of}: {type(refused).__name__}: {refused} from {place}"


def kinds_of(name: str, argument: str, kinds: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each kind's name and value."""
    good = np.asarray(CALLS[name].arguments[argument])
    for kind, odd in kinds.items():
        if good.ndim or not kind.startswith(("pandas", "polars", "arrow")):
            yield kind, odd(good)


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_the_same_values_in_another_dress_give_the_same(name: str, argument: str) -> None:
    plain = list(_numbers(CALLS[name]()))
    for kind, value in kinds_of(name, argument, SAME):
        said = answer(name, argument, value, kind)
        assert not isinstance(said, Exception), f"{kind}: {said}"
        other = list(_numbers(said))
        assert len(other) == len(plain)
        for ours, theirs in zip(other, plain, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9, err_msg=kind)


def _numbers(result: Any) -> Iterator[np.ndarray]:
    """The numbers of a result, whatever holds them."""
    if is_dataclass(result):
        for field in fields(result):
            if field.name == "groups":  # labels, as they were given
                continue
            yield from _numbers(getattr(result, field.name))
    elif isinstance(result, tuple | list):
        for part in result:
            yield from _numbers(part)
    elif isinstance(result, np.ndarray | float | int | np.generic) and np.asarray(result).dtype.kind in "fiub":
        yield np.asarray(result)


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_what_is_missing_is_never_taken_for_a_value(name: str, argument: str) -> None:
    for kind, value in kinds_of(name, argument, MISSING):
        assert refusal(name, argument, value, kind) is not None, f"{kind} was taken"


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_what_is_no_number_is_refused_where_one_is_needed(name: str, argument: str) -> None:
    for kind, value in kinds_of(name, argument, NO_NUMBERS):
        refused = refusal(name, argument, value, kind)
        takes_it = argument in LABELS or (kind == "three dimensions" and argument == "events")
        assert refused is not None or takes_it, f"{kind} was taken"


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_odd_input_is_answered_or_refused_in_a_sentence(name: str, argument: str) -> None:
    for kind, value in kinds_of(name, argument, ODD):
        refusal(name, argument, value, kind)


@pytest.mark.parametrize(("name", "argument"), ROWS)
def test_rows_that_do_not_match_are_refused(name: str, argument: str) -> None:
    for kind in ("empty", "a row too many", "a row too few"):
        if len(CALLS[name].rows()) > 1:
            assert refusal(name, argument, ODD[kind](np.asarray(CALLS[name].arguments[argument])), kind), kind


@pytest.mark.parametrize("name", LEVELS)
def test_a_level_lies_between_0_and_1(name: str) -> None:
    for level in (95, 1.0, 0.0, -0.5, 1.5, "95%", None):
        assert refusal(name, "level", level), level


@pytest.mark.parametrize("name", [name for name, call in CALLS.items() if "stop" in call.arguments])
def test_times_run_forwards(name: str) -> None:
    """Nobody leaves before time 0, or at entry."""
    if name.endswith("at_quantiles"):
        return
    stop = np.asarray(CALLS[name].arguments["stop"])
    assert refusal(name, "stop", -stop)
    assert refusal(name, "stop", stop * 0)
    if CALLS[name].arguments.get("start") is not None:
        assert refusal(name, "start", stop)
        assert refusal(name, "start", stop + 1)


@pytest.mark.parametrize(
    ("argument", "values"),
    [
        ("risk", [np.linspace(-0.01, 0.5, 24), np.linspace(0, 1.01, 24), np.linspace(10, 90, 24)]),
        ("landmark", [-1.0, 1e6]),
        ("horizon", [0.0, -1.0]),
        ("cause", [0, -1, 3, 1.5]),
        ("draws", [-1, 0.5, 1e9 + 0.5]),
        ("groups", [0, -3, 2.5]),
        ("seed", [-1, 0.5]),
        ("nodes", [0, -5, 2.5]),
        ("event", [np.full(24, 0.5), -np.ones(24)]),
        ("weights", [np.zeros(24), -np.ones(24)]),
        ("probability", [[1.1], [-0.1], [50]]),
        ("per", [0, -1]),
        ("until", [0, -1, np.nan]),
    ],
)
def test_what_is_out_of_range_is_refused(argument: str, values: list[Any]) -> None:
    of = [name for name, call in CALLS.items() if call.arguments.get(argument) is not None]
    assert of
    for name in of:
        for value in values:
            if (name, argument, value) == ("measure_calibration", "cause", 3):
                continue  # nobody had it, and that is what was observed
            if name.endswith("at_quantiles"):
                continue
            assert refusal(name, argument, value), f"{name}({argument}={value})"


@pytest.mark.parametrize(("name", "argument"), CHOSEN)
def test_an_unknown_choice_is_refused_with_those_there_are(name: str, argument: str) -> None:
    for value in ("nonsense", 3, ["wald", "efron", "a"], np.nan, 1.5, b"efron"):
        if argument == "transform" and callable(value):
            continue
        assert refusal(name, argument, value), value


@pytest.mark.parametrize("kind", [*MISSING, *NO_NUMBERS])
def test_terms_are_numbers_or_names(kind: str) -> None:
    odd = ({**MISSING, **NO_NUMBERS})[kind](np.array([0, 1]))
    for name, argument in (("profile_test", "terms"), ("profile_interval", "term")):
        assert refusal(name, argument, odd, kind) is not None


def test_a_stratum_or_a_covariate_that_is_not_there() -> None:
    for stratum in (1, "a", [0, 1], np.nan, None, {"a": 1}):
        refusal("predict_survival", "stratum", stratum)
    for trajectory in (stats.Trajectory(shifts=(5,)), stats.Trajectory(bends=(-1,))):
        assert refusal("fit_joint", "trajectory", trajectory)
    for groups in ({"both": [0, 5]}, {"one": [0.5]}, {"none": []}, {"a": "x"}):
        assert refusal("proportional_hazards_test", "groups", groups)


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
