"""A digest tells content apart, and nothing else."""

from __future__ import annotations

import datetime as dt
import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.precision import NOTHING, PROMISED
from riskset.storage.digest import TOLERANCE, differences, digest

ROWS = [
    {"id": 1, "name": "a", "day": dt.date(2015, 1, 1), "value": 1.5, "yes": True},
    {"id": 2, "name": None, "day": None, "value": None, "yes": None},
    {"id": 3, "name": "", "day": dt.date(1969, 12, 31), "value": 0.0, "yes": False},
]
SCHEMA = pa.schema(
    [("id", pa.int64()), ("name", pa.string()), ("day", pa.date32()), ("value", pa.float64()), ("yes", pa.bool_())]
)


def table(rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=SCHEMA)


@given(st.permutations(ROWS), st.integers(1, 3), st.permutations(SCHEMA.names))
def test_order_and_chunks_do_not_matter(rows: list[dict[str, object]], chunk: int, names: list[str]) -> None:
    whole = table(rows)
    pieces = pa.concat_tables([whole.slice(i, chunk) for i in range(0, 3, chunk)])
    assert digest(pieces.select(names), ["id"]) == digest(table(ROWS), ["id"])


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        (0, "id", 4),
        (0, "name", "b"),
        (1, "name", ""),
        (2, "name", None),
        (1, "value", 0.0),
        (1, "yes", False),
        (1, "day", dt.date(1970, 1, 1)),
    ],
)
def test_every_value_and_every_null_matters(row: int, column: str, value: object) -> None:
    changed = [dict(r) for r in ROWS]
    changed[row][column] = value
    assert digest(table(changed), ["id"]) != digest(table(ROWS), ["id"])


def test_texts_do_not_run_into_each_other() -> None:
    assert digest(pa.table({"a": ["ab", "c"]})) != digest(pa.table({"a": ["a", "bc"]}))


def test_names_and_types_matter() -> None:
    assert digest(pa.table({"a": [1]})) != digest(pa.table({"b": [1]}))
    assert digest(pa.table({"a": pa.array([1], pa.int32())})) != digest(pa.table({"a": pa.array([1], pa.int64())}))


def reals(*values: float | None) -> pa.Table:
    return pa.table({"name": ["a", "b", "c"][: len(values)], "estimate": pa.array(values, pa.float64())})


@given(st.floats(1e-3, 1e6), st.integers(-4, 4))
def test_the_last_bits_of_an_estimate_do_not_matter(value: float, steps: int) -> None:
    """Away from the boundaries of rounding, which lie halfway between two numbers of so many digits."""
    middle = float(f"{value:.{PROMISED - 1}e}")
    noisy = middle + steps * math.ulp(middle)
    assert digest(reals(noisy, 1.0)) == digest(reals(middle, 1.0))
    assert not differences(reals(noisy), reals(middle))


@given(st.floats(1e-3, 1e6))
def test_a_digit_that_is_promised_matters(value: float) -> None:
    middle = float(f"{value:.{PROMISED - 1}e}")
    changed = middle * (1 + 2 * TOLERANCE)
    assert digest(reals(changed, 1.0)) != digest(reals(middle, 1.0))
    assert differences(reals(1.0, changed), reals(1.0, middle)) == ["estimate: 1 of 2 values differ"]


def test_noise_about_zero_and_its_sign_do_not_matter() -> None:
    zero = digest(reals(0.0, 1.0))
    assert {digest(reals(noise, 1.0)) for noise in (-0.0, NOTHING / 3, -NOTHING / 3, 1e-300)} == {zero}
    assert digest(reals(1.1 * NOTHING, 1.0)) != zero
    assert digest(reals(math.nan, 1.0)) == digest(reals(-math.nan, 1.0)) != digest(reals(None, 1.0))
    assert digest(reals(math.inf, 1.0)) != digest(reals(-math.inf, 1.0))


def test_whole_numbers_keep_all_their_digits() -> None:
    assert digest(reals(123_456_789.0)) != digest(reals(123_456_788.0))
    ids = [pa.table({"id": [2**53 + i]}) for i in (0, 1)]
    assert digest(ids[0]) != digest(ids[1])
    assert differences(*ids) == ["id: 1 of 1 values differ"]


def test_rows_that_noise_would_order_otherwise_are_the_same_rows() -> None:
    """Sorted by a number that is the same but for its last bits, they would stand beside others."""
    low, high = 0.1 + 0.2, 0.3
    one = pa.table({"a_real": [low, high], "name": ["x", "y"]})
    other = pa.table({"a_real": [high, low], "name": ["x", "y"]})
    assert digest(one) == digest(other)
    assert not differences(one, other)


def test_differences_are_told_apart() -> None:
    assert not differences(table(ROWS), table(ROWS[::-1]))
    assert differences(table(ROWS), table(ROWS[:2]))
    changed = [dict(row) for row in ROWS]
    changed[1]["value"], changed[2]["day"] = 2.0, dt.date(1970, 1, 1)
    assert differences(table(changed), table(ROWS), ["id"]) == [
        "day: 1 of 3 values differ",
        "value: 1 of 3 values differ",
    ]
    assert differences(pa.table({"a": [1]}), pa.table({"b": [1]}))
    assert differences(pa.table({"a": [1]}), pa.table({"a": ["1"]})) == ["a: int64 against string"]
