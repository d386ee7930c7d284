"""A keyed hash that gives the same integers on every engine: the only source of chance in the sampler.

A polynomial of degree 4 over the field of 2³¹ − 1, whose five coefficients come from SHA-256 of a key. For one key the
hashes of any five distinct arguments are independent and uniform (Carter and Wegman, 1979); hashes under two
keys are unrelated. Horner's form never exceeds 2⁶², so int64 is enough and no engine rounds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

PRIME = 2**31 - 1
BITS = 31
DEGREE = 4

Ints = NDArray[np.int64]


def coefficients(seed: int, label: str, number: int) -> Ints:
    """The coefficients of one polynomial, highest power first.

    Parameters
    ----------
    seed : of the study
    label : what the polynomial is for, such as ``population probe``
    number : which one of that kind

    Returns
    -------
    int64 (5,), each uniform on ``[0, PRIME)``
    """
    words = _words(f"{seed}|{label}|{number}")
    return np.array([next(words) for _ in range(DEGREE + 1)], dtype=np.int64)


def polynomial(key: Ints, x: Ints) -> Ints:
    """Hash integers.

    Parameters
    ----------
    key : int64 (5,) or (5, n), the coefficients: one key for all arguments, or one a column
    x : int64 (n,), each in ``[0, PRIME)``

    Returns
    -------
    int64 (n,), each in ``[0, PRIME)``
    """
    value: Ints = np.zeros_like(x) + key[0]
    for coefficient in key[1:]:
        value = (value * x + coefficient) % PRIME
    return value


def scaled(value: Ints, size: Ints) -> Ints:
    """Turn hashes into integers uniform on ``[0, size)``; ``size`` is below 2³¹."""
    position: Ints = (value * size) >> BITS
    return position


def _words(text: str) -> Iterator[int]:
    # 31 bits at a time; the one value that is no element of the field is rejected, which keeps the rest uniform.
    block = 0
    while True:
        digest = hashlib.sha256(f"{text}|{block}".encode()).digest()
        for i in range(0, len(digest), 4):
            word = int.from_bytes(digest[i : i + 4], "big") & PRIME
            if word < PRIME:
                yield word
        block += 1
