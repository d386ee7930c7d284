"""Properties of ``fit_clogit``: what must not change it, what it needs, what it refuses."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy.optimize import minimize

from riskset.errors import FitError
from riskset.stats import SetLayout, fit_clogit
from tests.shown import Evidence, shows
from tests.stats.by_enumeration import loglik
from tests.stats.sets_made import draw_sets

BETA = [0.6, -0.4, 0.2]
SHAPES = [(1, "exact"), (2, "exact"), (3, "exact"), (2, "efron"), (2, "breslow")]


def ragged(n_cases: int) -> dict[str, np.ndarray]:
    """Sets of 3 to 5 rows, those of 3 with one case."""
    data = draw_sets(150, 5, BETA, n_cases=n_cases)
    place = np.tile(np.arange(5), 150)
    keep = (place < 3) | (data["set_id"] % 3 == 0) | data["case"]
    return {name: values[keep] for name, values in data.items()}


@pytest.mark.parametrize(("n_cases", "ties"), SHAPES)
@pytest.mark.parametrize("penalty", [None, "firth"])
def test_order_of_rows_and_labels_of_sets_do_not_matter(n_cases: int, ties: str, penalty: str | None) -> None:
    data = ragged(n_cases)
    fit = fit_clogit(**data, ties=ties, penalty=penalty)
    order = np.random.default_rng(5).permutation(len(data["x"]))
    labels = np.array([f"set {(97 * s) % 1009}" for s in data["set_id"]], dtype=object)
    moved = fit_clogit(data["x"][order], data["case"][order], labels[order], ties=ties, penalty=penalty)
    np.testing.assert_allclose(moved.beta, fit.beta, atol=1e-9)
    np.testing.assert_allclose(moved.covariance, fit.covariance, atol=1e-9)
    np.testing.assert_allclose([moved.loglik, moved.loglik_null], [fit.loglik, fit.loglik_null], atol=1e-8)
    assert list(moved.n_discordant) == list(fit.n_discordant)


@pytest.mark.parametrize(("n_cases", "ties"), SHAPES)
def test_scaling_and_shifting_columns(n_cases: int, ties: str) -> None:
    """Units are the user's affair: β scales inversely, a constant added to a column changes nothing."""
    data = ragged(n_cases)
    fit = fit_clogit(**data, ties=ties)
    unit = np.array([1e6, 1e-5, 3.0])
    scaled = fit_clogit(data["x"] * unit + [5, 1, -2], data["case"], data["set_id"], ties=ties)
    np.testing.assert_allclose(scaled.beta * unit, fit.beta, atol=1e-7)
    np.testing.assert_allclose(scaled.covariance * np.outer(unit, unit), fit.covariance, rtol=1e-6)
    np.testing.assert_allclose(scaled.loglik, fit.loglik, atol=1e-8)
    assert scaled.iterations == fit.iterations


@shows(
    "conditional logistic",
    "conditional logistic.ties=exact",
    "conditional logistic.ties=efron",
    "conditional logistic.ties=breslow",
    "Family=conditional logistic",
    "Estimator=maximum likelihood",
    by=Evidence.REFERENCE,
)
@pytest.mark.parametrize(("n_cases", "ties"), SHAPES)
def test_the_estimate_is_the_maximum_of_the_enumerated_likelihood(n_cases: int, ties: str) -> None:
    data = draw_sets(25, 5, BETA, n_cases=n_cases, seed=3)
    fit = fit_clogit(**data, ties=ties)
    found = minimize(lambda b: -loglik(b, **data, ties=ties), np.zeros(3), method="BFGS", options={"gtol": 1e-6})
    np.testing.assert_allclose(fit.beta, found.x, atol=1e-5)
    assert fit.loglik == pytest.approx(-found.fun, abs=1e-9)


def test_sets_without_information_move_only_the_constant() -> None:
    """A concordant 1:2 set adds −log 3; sets without cases, with cases only, or of one row add nothing."""
    data = draw_sets(60, 3, BETA)
    fit = fit_clogit(**data)
    extra_x = np.vstack([np.ones((3, 3)), np.random.default_rng(2).normal(size=(6, 3))])
    more = fit_clogit(
        np.vstack([data["x"], extra_x]),
        np.r_[data["case"], [1, 0, 0, 0, 0, 1, 1, 1, 0]],
        np.r_[data["set_id"], [100, 100, 100, 101, 101, 102, 102, 103, 104]],
    )
    np.testing.assert_allclose(more.beta, fit.beta, atol=1e-12)
    assert more.loglik == pytest.approx(fit.loglik - np.log(3), abs=1e-10)
    assert (more.n_sets, more.n_informative) == (fit.n_sets + 5, fit.n_informative)


def test_discordant_sets_are_counted_for_each_term() -> None:
    x = np.array([[1, 5.0], [0, 5.0], [1, 5.0], [1, 5.5], [0, 2.0], [1, 2.5], [0, 2.0], [0, 2.0]])
    x = np.vstack([x, x[::-1]])
    fit = fit_clogit(x, np.tile([1, 0], 8), np.repeat(np.arange(8), 2))
    assert list(fit.n_discordant) == [4, 4]
    assert fit.n_informative == 6


def test_layout_is_reused() -> None:
    data = draw_sets(80, 4, BETA)
    layout = SetLayout(data["case"], data["set_id"])
    fit, again = fit_clogit(**data), fit_clogit(data["x"], None, None, layout=layout)
    np.testing.assert_array_equal(fit.beta, again.beta)
    assert (layout.n_sets, layout.n_cases, layout.n_rows) == (80, 80, 320)


def test_cluster_labels_of_any_type() -> None:
    data = draw_sets(200, 3, BETA)
    number = data["set_id"] // 2
    labels = [number, number.astype(str), number.astype(object), number + 0.5, np.datetime64("2020-01-01") + number]
    labels.append(np.array([(int(k), "x") if k % 2 else int(k) for k in number], dtype=object))
    covariances = [fit_clogit(**data, cluster=label).covariance for label in labels]
    for covariance in covariances[1:]:
        np.testing.assert_allclose(covariance, covariances[0], rtol=1e-10)


def test_memory_beyond_a_copy_of_the_data_does_not_grow_with_the_number_of_sets() -> None:
    """The likelihood keeps one copy of x; what a fit needs besides is one block and a few numbers a row."""
    beyond = []
    for n_sets in (5_000, 40_000):
        data = draw_sets(n_sets, 6, [0.3, -0.2] * 5)
        layout = SetLayout(data["case"], data["set_id"])
        fit_clogit(data["x"], None, None, layout=layout)
        tracemalloc.start()
        fit = fit_clogit(data["x"], None, None, layout=layout)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        beyond.append(peak - sum(block.z.nbytes for block in fit.likelihood.blocks))
    assert max(beyond) < 12 * 2**20


def test_set_labels_of_any_integer_type() -> None:
    data = draw_sets(100, 3, BETA)
    fit = fit_clogit(**data)
    small = (data["set_id"] * 2 - 100).astype(np.int8)
    large = data["set_id"].astype(np.uint64) + np.uint64(2**63)
    far_apart = np.where(data["set_id"] > 50, 2**62, -(2**62)) + data["set_id"]
    for labels in (small, large, far_apart, data["set_id"] > -1):
        layout = SetLayout(data["case"], labels)
        assert layout.n_sets == (1 if labels.dtype == bool else 100)
        if layout.n_sets > 1:
            np.testing.assert_allclose(fit_clogit(data["x"], data["case"], labels).beta, fit.beta, atol=1e-9)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"x": np.empty((6, 0))}, "the model has no terms"),
        ({"x": np.full((6, 1), np.nan)}, "x\\[0\\]: some values are missing"),
        ({"case": [1, 0, 2, 0, 1, 0]}, "other than 0 and 1"),
        ({"case": [0] * 6}, "no informative sets"),
        ({"set_id": [1.0, 1.0, np.nan, 2.0, 3.0, 3.0]}, "set_id: some rows have no label"),
        ({"weights": [1, 1, 1, 0, 1, 1]}, "weights are not positive"),
        ({"offset": [0, 0, 0, np.inf, 0, 0]}, "offset: some values are missing"),
        ({"case": [1, 1, 0, 0, 0, 0], "set_id": [1] * 6, "weights": np.ones(6)}, "weights are not defined"),
        ({"case": [1, 1, 0, 0, 0, 0], "set_id": [1] * 6, "cluster": np.arange(6)}, "several clusters"),
        ({"cluster": [1] * 6}, "too few clusters"),
        ({"cluster": [1, 1, None, 2, 3, 3]}, "cluster: some rows have no label"),
    ],
)
def test_data_it_refuses(changed: dict[str, object], message: str) -> None:
    data = {"x": [[1.0], [0.0], [0.0], [1.0], [2.0], [0.0]], "case": [1, 0, 1, 0, 1, 0], "set_id": [1, 1, 2, 2, 3, 3]}
    with pytest.raises(FitError, match=message):
        fit_clogit(**(data | changed))


def test_calls_it_refuses() -> None:
    data = draw_sets(20, 3, BETA)
    for wrong in ({"ties": "exakt"}, {"penalty": "ridge"}, {"names": ["a"]}, {"weights": [1.0]}, {"cluster": [1]}):
        with pytest.raises(ValueError, match=r"it should be|names for"):
            fit_clogit(**data, **wrong)
    with pytest.raises(FitError, match="Firth"):
        fit_clogit(**data, penalty="firth", cluster=data["set_id"])
