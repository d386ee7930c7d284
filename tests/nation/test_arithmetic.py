"""Elementary functions with the same bits everywhere, held to arithmetic of fifty digits and to stored bits."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from riskset.nation.arithmetic import exp, interpolate, log, normal_quantile, power, total
from riskset.nation.streams import Stream

getcontext().prec = 50
ULPS = 2
"""Units in the last place that the docstring promises."""

BITS = {
    "exp": "27f036fb2bb43872a9123ace85fbf11111d2f1d968a05a89c26960cadd486eeb",
    "log": "0464fe14929adbab4f783d504e443347b4514ee322497153fecc23b07cd960fd",
    "power": "c1fe722978f7656e0b52d82984fdc6d6a56d057c94caea07e08a113ff8803c7f",
    "normal_quantile": "f9e064883ac6d2a2a9ef72db3e5c4796157d55f3b413390fa67fbde8cfe6c67e",
    "random": "83dd0c88f8d80f10799464e65099d9323592d6d83e2432a136e4609ba974e0d8",
    "integers": "c63ea4608ab9a8c9ccf2dbcba798b7a54ccbefa823f647ad413ea8a478c08f45",
    "permutation": "57de49a14b65deea1142b147ec85fc8d3dc41a157abb613f7c3ba5dec115b8c7",
    "standard_normal": "d2997c16ea6da261b39b9dff4282466c4a084c83bdfc10439c17d5b5dc9b2692",
    "standard_exponential": "09d490ba28a734c6cf145652f46f89b1f5010458d48bcb91a46d31d079b79e26",
    "geometric": "078a78a7647e0b9a52157966c8ee40cbcf3c0361ceed00a674dbba2513cf3787",
    "poisson": "04d4219b96f473199f12fc7b160d75997ea3c45b05fece7f97ae49f32d7bcc40",
}
"""SHA-256 of 400 values of each function and of each kind of random number, little-endian."""


def ulps(found: float, right: Decimal) -> float:
    """How many units in the last place a number is away from the right one."""
    return float(abs(Decimal(found) - right) / Decimal(float(np.spacing(abs(float(right))))))


@given(st.floats(-700, 700))
def test_the_exponential_is_right_to_the_last_places(x: float) -> None:
    assert ulps(float(exp(x)), Decimal(x).exp()) <= ULPS


@given(st.floats(1e-300, 1e300) | st.floats(0.5, 2.0))
def test_the_logarithm_is_right_to_the_last_places(x: float) -> None:
    if x != 1:
        assert ulps(float(log(x)), Decimal(x).ln()) <= ULPS


@given(st.floats(1e-6, 1e6), st.floats(-20, 20))
def test_a_power_is_right_to_the_places_that_are_promised(base: float, exponent: float) -> None:
    right = Decimal(base) ** Decimal(exponent)
    assert ulps(float(power(base, exponent)), right) <= 2 + 2 * abs(exponent * float(np.log(base)))


def normal_tail(x: Decimal) -> Decimal:
    """P(Z < −x) for x of at least 0, to forty digits: a series near 0 and a continued fraction further out."""
    density = (-x * x / 2).exp() / (2 * Decimal("3.14159265358979323846264338327950288419716939937511")).sqrt()
    if x < 3:
        term, series, k = x, x, 1
        while abs(term) > Decimal(10) ** -45:
            term = term * x * x / (2 * k + 1)
            series, k = series + term, k + 1
        return Decimal("0.5") - density * series
    fraction = x
    for k in range(400, 0, -1):
        fraction = x + k / fraction
    return density / fraction


@given(st.floats(1e-300, 0.5) | st.floats(1e-16, 1e-3) | st.floats(0.05, 0.1))
def test_the_normal_quantile_has_the_probability(p: float) -> None:
    z = float(normal_quantile(p))
    assert z <= 0
    # the error of z that the error of its probability stands for, by the hazard, which is above z and 0.79
    relative = float(normal_tail(Decimal(-z)) / Decimal(p) - 1)
    assert abs(relative) / max(-z, 0.79) <= 1e-15 * max(-z, 1)
    upper = 1 - p
    if 1 - upper == p:
        assert float(normal_quantile(upper)) == -z


def test_ends_and_middles() -> None:
    assert exp([0.0, -np.inf, -1e4, 1e4]).tolist() == [1.0, 0.0, 0.0, np.inf]
    assert exp(-745.0) == 5e-324
    assert log([1.0, 0.0]).tolist() == [0.0, -np.inf]
    assert np.isnan(log([-1.0, np.nan])).all()
    assert log(5e-324) == pytest.approx(-744.4400719213812, rel=1e-15)
    assert power([0.0, 4.0], 0.5).tolist() == [0.0, 2.0]
    assert normal_quantile(0.5) == 0
    assert exp(np.zeros((2, 3))).shape == (2, 3)
    assert exp([]).shape == log([]).shape == (0,)


@given(st.lists(st.floats(-1e6, 1e6), max_size=30))
def test_a_sum_is_taken_one_after_the_other(values: list[float]) -> None:
    right = 0.0
    for value in values:
        right = right + value
    assert float(total(values)) == right
    assert total(np.zeros((0, 2))).tolist() == [0.0, 0.0]


@given(
    st.lists(st.tuples(st.floats(0.01, 10), st.floats(-5, 5)), min_size=2, max_size=8),
    st.lists(st.floats(-10, 90), max_size=10),
)
def test_interpolation_is_linear_between_points_and_constant_outside(
    steps: list[tuple[float, float]], x: list[float]
) -> None:
    points, values = np.cumsum([step for step, _ in steps]), np.array([value for _, value in steps])
    np.testing.assert_allclose(interpolate(x, points, values), np.interp(x, points, values), rtol=1e-9, atol=1e-9)
    assert interpolate(points, points, values).tolist() == values.tolist()
    assert interpolate([points[0] - 1, points[-1] + 1], points, values).tolist() == [values[0], values[-1]]


def drawn() -> dict[str, np.ndarray]:
    """What `BITS` is of."""
    words = Stream(20, 7)
    spread = np.random.PCG64(1).random_raw(400).astype(np.float64) * 2.0**-64
    functions: dict[str, Callable[[], np.ndarray]] = {
        "exp": lambda: exp(1400 * spread - 700),
        "log": lambda: log(exp(1400 * spread - 700)),
        "power": lambda: power(10 * spread, 0.7),
        "normal_quantile": lambda: normal_quantile(np.r_[spread[:200], exp(-600 * spread[200:])]),
        "random": lambda: words.random(400),
        "integers": lambda: words.integers(-5, 100_000, 400),
        "permutation": lambda: words.permutation(400),
        "standard_normal": lambda: words.standard_normal(400),
        "standard_exponential": lambda: words.standard_exponential(400),
        "geometric": lambda: words.geometric(0.1, 400),
        "poisson": lambda: words.poisson(60 * spread),
    }
    return {name: make() for name, make in functions.items()}


def little_endian(values: np.ndarray) -> bytes:
    return values.astype(values.dtype.newbyteorder("<")).tobytes()


def test_every_bit_is_the_stored_one() -> None:
    found = drawn()
    stored = {name: hashlib.sha256(little_endian(values)) for name, values in found.items()}
    assert {name: sha.hexdigest() for name, sha in stored.items()} == BITS


N = 200_000
LAWS = {
    "random": (lambda s: s.random(N), stats.uniform()),
    "standard_normal": (lambda s: s.standard_normal(N), stats.norm()),
    "standard_exponential": (lambda s: s.standard_exponential(N), stats.expon()),
}
COUNTS = {
    "integers": (lambda s: s.integers(-3, 9, N), stats.randint(-3, 9)),
    "geometric": (lambda s: s.geometric(0.1, N), stats.geom(0.1)),
    "poisson, small": (lambda s: s.poisson(0.3, N), stats.poisson(0.3)),
    "poisson, at once": (lambda s: s.poisson(31.0, N), stats.poisson(31.0)),
    "poisson, in pieces": (lambda s: s.poisson(100.0, N), stats.poisson(100.0)),
}
LEVEL = 1e-4
"""Of each test; the seeds are fixed."""


@pytest.mark.parametrize("name", LAWS)
def test_continuous_numbers_have_their_law(name: str) -> None:
    draw, law = LAWS[name]
    assert stats.kstest(draw(Stream(1, 2, 3)), law.cdf).pvalue > LEVEL


@pytest.mark.parametrize("name", COUNTS)
def test_counts_have_their_law(name: str) -> None:
    draw, law = COUNTS[name]
    values, observed = np.unique(draw(Stream(1, 2, 3)), return_counts=True)
    expected = N * law.pmf(values)
    often = expected > 20
    rest = [observed[~often].sum()], [N - expected[often].sum()]
    assert stats.chisquare(np.r_[observed[often], rest[0]], np.r_[expected[often], rest[1]]).pvalue > LEVEL
    assert law.pmf(values).min() > 0


def test_counts_of_no_expectation_are_none_and_a_permutation_holds_everybody() -> None:
    assert not Stream(1).poisson(np.zeros(1000)).any()
    assert Stream(1).poisson(np.zeros(0)).shape == (0,)
    assert sorted(Stream(1).permutation(1000).tolist()) == list(range(1000))
    large = Stream(1).poisson(250_000.0, 20)
    assert abs(large - 250_000).max() < 5 * 500
