"""What is written as text or drawn has the digits that are promised, and no more."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.precision import rounded, rounded_table, significant
from riskset.results.files import write_tables
from riskset.results.rounding import rounded_numbers, rounded_places


@given(st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: abs(x) > 1e-300))
def test_a_number_keeps_its_significant_digits(value: float) -> None:
    short = significant(value, 6)
    assert short == pytest.approx(value, rel=5.1e-6)
    assert significant(short, 6) == short
    assert value.is_integer() or len(f"{short:e}".split("e")[0].replace("-", "").replace(".", "").rstrip("0")) <= 6


@given(st.integers(-(2**53), 2**53))
def test_whole_numbers_stay(number: int) -> None:
    assert significant(float(number)) == number


def test_what_is_no_number_stays() -> None:
    assert significant(math.inf) == math.inf
    assert math.isnan(significant(math.nan))
    assert rounded(np.array([[np.nan, 0.1 + 0.2], [-np.inf, 0.0]])).tolist()[1] == [-np.inf, 0.0]
    assert rounded(np.zeros(0)).shape == (0,)


def test_a_table_keeps_types_nulls_and_all_that_is_no_real() -> None:
    table = pa.table(
        {
            "id": [2**60 + 1, 2],
            "name": ["0.123456789", None],
            "value": [0.123456789, None],
            "few": pa.array([1 / 3, None], pa.float32()),
        }
    )
    short = rounded_table(table, 4)
    assert short.schema == table.schema
    assert short.select(["id", "name"]) == table.select(["id", "name"])
    assert short["value"].to_pylist() == [0.1235, None]
    assert short["few"].null_count == 1
    assert rounded_table(table.slice(0, 0)).num_rows == 0


@given(st.floats(1e-6, 1e6), st.integers(-3, 3))
def test_a_csv_does_not_hold_the_last_bits(tmp_path_factory: pytest.TempPathFactory, value: float, steps: int) -> None:
    middle = significant(value, 8)
    written = []
    for number in (middle, middle + steps * math.ulp(middle)):
        folder = tmp_path_factory.mktemp("written")
        write_tables(folder, {"estimates": pa.table({"estimate": [number]})})
        written.append((folder / "estimates.csv").read_text(encoding="utf-8"))
        assert pa.parquet.read_table(folder / "estimates.parquet")["estimate"].to_pylist() == [number]
    assert written[0] == written[1]


def test_a_drawing_is_made_from_short_numbers() -> None:
    drawn = {"data": {"values": [{"ratio": 0.1 + 0.2, "n": 3, "name": "0.30000000000000004"}]}, "on": True, "by": None}
    assert rounded_numbers(drawn) == {
        "data": {"values": [{"ratio": 0.3, "n": 3, "name": "0.30000000000000004"}]},
        "on": True,
        "by": None,
    }


@pytest.mark.parametrize(
    ("svg", "short"),
    [
        ('<line x2="56.69563692509"/>', '<line x2="56.696"/>'),
        ('<path d="M4.7238465,-0.00001A1e-7,12.5"/>', '<path d="M4.724,0A1e-7,12.5"/>'),
        ('<g transform="translate(0.5,-230.49951)"/>', '<g transform="translate(0.5,-230.5)"/>'),
        ("<text>p = 0.00012345</text>", "<text>p = 0.00012345</text>"),
        ('<path aria-label="0.00012345" id="x-1.23456"/>', '<path aria-label="0.00012345" id="x-1.23456"/>'),
    ],
)
def test_places_are_short_and_words_stay(svg: str, short: str) -> None:
    assert rounded_places(svg) == short


def test_a_drawing_is_the_same_whatever_the_last_bits_of_its_numbers() -> None:
    from tests.simulation.family import COMPARISONS, SCENARIOS, Row, draw_figure

    def drawing(step: float) -> str:
        rows = [
            Row(name, comparison, 0.6931471 + 0.01 * i + step, 0.0123456, 10, 2)
            for i, name in enumerate(SCENARIOS)
            for comparison in COMPARISONS
        ]
        return draw_figure(rows)

    assert drawing(0.0) == drawing(3e-16) != drawing(0.01)
