"""The keyed hash against arithmetic without limits."""

from __future__ import annotations

import hashlib

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from riskset.cohort.hashing import DEGREE, PRIME, coefficients, polynomial, scaled
from tests.shown import Evidence, shows

FIELD = st.integers(0, PRIME - 1)


def by_powers(key: list[int], x: int) -> int:
    """The polynomial as it is written in a book, in Python's unbounded integers."""
    return sum(a * x ** (DEGREE - i) for i, a in enumerate(key)) % PRIME


@shows("study.seed", by=Evidence.REFERENCE)
@given(key=st.lists(FIELD, min_size=5, max_size=5), xs=st.lists(FIELD, min_size=1, max_size=20))
def test_it_is_the_polynomial_of_unbounded_integers(key: list[int], xs: list[int]) -> None:
    value = polynomial(np.array(key, np.int64), np.array(xs, np.int64))
    assert value.dtype == np.int64
    assert value.tolist() == [by_powers(key, x) for x in xs]


def test_the_largest_arguments_stay_below_two_to_the_62() -> None:
    top = PRIME - 1
    assert top * top + top < 2**62
    key, x = np.full(5, top, np.int64), np.array([top], np.int64)
    assert polynomial(key, x).tolist() == [by_powers([top] * 5, top)]
    assert scaled(np.array([top]), np.array([PRIME])).tolist() == [(top * PRIME) >> 31]


@given(value=FIELD, size=st.integers(1, PRIME))
def test_scaled_lies_in_the_range(value: int, size: int) -> None:
    (found,) = scaled(np.array([value]), np.array([size])).tolist()
    assert found == value * size // 2**31
    assert 0 <= found < size


def test_one_key_a_column_gives_each_argument_its_own_polynomial() -> None:
    keys = np.stack([coefficients(1, "a", j) for j in range(3)])
    x = np.array([5, 6, 7])
    assert polynomial(keys.T, x).tolist() == [
        by_powers(key.tolist(), v) for key, v in zip(keys, x.tolist(), strict=True)
    ]


@shows("study.seed", by=Evidence.OUTSIDE)
def test_coefficients_are_sha256_words_and_depend_on_seed_label_and_number() -> None:
    digest = hashlib.sha256(b"20|population probe|3|0").digest()
    words = [int.from_bytes(digest[i : i + 4], "big") % 2**31 for i in range(0, 20, 4)]
    assert coefficients(20, "population probe", 3).tolist() == words
    others = [(21, "population probe", 3), (20, "population order", 3), (20, "population probe", 4)]
    assert all(coefficients(*other).tolist() != words for other in others)


def test_hashes_of_neighbours_are_uniform_and_independent() -> None:
    """Five-wise independence shows over keys, so many keys and few arguments."""
    pairs = np.zeros((8, 8))
    for j in range(4_000):
        first, second = scaled(polynomial(coefficients(7, "test", j), np.array([1, 2])), np.array([8, 8]))
        pairs[first, second] += 1
    statistic = ((pairs - 62.5) ** 2 / 62.5).sum()
    assert 20 < statistic < 120  # χ² with 63 degrees of freedom: outside with probability below 1e-5
