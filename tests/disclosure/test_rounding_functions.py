"""Functions of counts leave with four digits, from which their denominators cannot be had."""

from __future__ import annotations

from fractions import Fraction
from math import floor, log, log10
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.disclosure.by_code import DIAGNOSTICS
from riskset.disclosure.rounding_functions import DIGITS, blurred
from riskset.report.printed import prints_of
from riskset.results.columns import columns_of
from riskset.results.roles import COUNTS, DisclosureRole
from riskset.results.set_vocabulary import Summary
from riskset.results.tables import KINDS
from riskset.results.vocabulary import DiagnosticCode, Role, Scale
from tests.examples import examples


def of_role(table: str, *roles: DisclosureRole) -> list[str]:
    return [c.name for c in columns_of(KINDS[table]) if c.role in roles]


@settings(max_examples=examples(200))
@given(st.sampled_from(["estimates", "curves"]), st.integers(1, 10**6), st.integers(7, 10**4))
def test_no_function_has_more_digits_and_no_count_changes(table: str, total: int, n: int) -> None:
    row: dict[str, Any] = dict.fromkeys(of_role(table, DisclosureRole.FUNCTION), total / n)
    row |= dict.fromkeys(of_role(table, *COUNTS), n)
    (left,) = blurred(table, [row])
    for name in of_role(table, DisclosureRole.FUNCTION):
        short = float(f"{total / n:.{DIGITS}g}")
        is_kept = all(prints(short) == prints(total / n) for prints in prints_of(table, row, name))
        assert (left[name] == short) == is_kept
    assert all(left[name] == n for name in of_role(table, *COUNTS))


def test_the_number_of_patients_cannot_be_had_from_a_mean_of_whole_scores() -> None:
    mean = 3331 / 83
    row: dict[str, Any] = dict.fromkeys(of_role("curves", DisclosureRole.FUNCTION), mean)
    (left,) = blurred("curves", [row])
    assert Fraction(mean).limit_denominator(500).denominator == 83
    denominators = {n for n in range(1, 200) for k in [round(left["estimate"] * n)] if f"{k / n:.4g}" == f"{mean:.4g}"}
    assert len(denominators) > 50


def test_a_count_among_the_diagnostics_stays_and_a_likelihood_does_not() -> None:
    rows = [
        {"code": DiagnosticCode.UNKNOWN_COVARIATE, "value": 12345.0},
        {"code": DiagnosticCode.LOG_LIKELIHOOD, "value": -1234.567},
    ]
    assert [row["value"] for row in blurred("diagnostics", rows)] == [12345.0, -1235.0]


def cells_of_functions() -> list[tuple[str, dict[str, Any], str]]:
    """A cell of each column and kind of row whose digits are taken."""
    estimates: list[tuple[str, dict[str, Any], str]] = [
        ("estimates", {"scale": scale, "role": role}, name)
        for scale in Scale
        for role in (Role.EXPOSURE, Role.MARKER)
        for name in of_role("estimates", DisclosureRole.FUNCTION)
        if name != "converged" and scale is not Scale.MEDIAN
    ]
    ages = [
        ("table_one", {"kind": Summary.MEAN}, name)
        for name in (
            *("cases_value", "controls_value"),
            *(name for name in of_role("table_one", DisclosureRole.FUNCTION)),
        )
    ]
    curves = [("curves", {}, name) for name in of_role("curves", DisclosureRole.FUNCTION)]
    found = [("diagnostics", {"code": code}, "value") for code, role in DIAGNOSTICS.items() if role is FUNCTION]
    return [*estimates, *ages, *curves, *(each for each in found if each[1]["code"] != DiagnosticCode.DAYS_TO_ENTRY)]


def empty(table: str) -> dict[str, Any]:
    return dict.fromkeys(c.name for c in columns_of(KINDS[table]))


FUNCTION = DisclosureRole.FUNCTION
NUMBERS = st.integers(-60_000, 60_000).map(lambda n: n / 10_000) | st.floats(1e-4, 80) | st.floats(-80, -1e-4)


@settings(max_examples=examples(400))
@given(st.sampled_from(cells_of_functions()), NUMBERS)
def test_what_is_printed_inside_is_printed_outside(cell: tuple[str, dict[str, Any], str], value: float) -> None:
    """A number that is rounded to leave and rounded again to be printed may not come out as another."""
    table, row, name = cell
    row = {**empty(table), **row, name: value}
    (left,) = blurred(table, [row])
    for prints in prints_of(table, row, name):
        assert prints(left[name]) == prints(value)
    assert abs(left[name] - value) <= 0.5000001 * 10.0 ** (floor(log10(abs(value))) + 1 - DIGITS) if value else True


@pytest.mark.parametrize(
    ("table", "row", "name", "value", "leaves"),
    [
        ("table_one", {"kind": Summary.MEAN}, "cases_value", 11.748, 11.749),
        ("table_one", {"kind": Summary.MEAN}, "cases_value", 11.742, 11.74),
        ("estimates", {"scale": Scale.LOG_OR, "role": Role.EXPOSURE}, "conf_high", log(11.3789), 2.432),
        ("estimates", {"scale": Scale.LOG_OR, "role": Role.EXPOSURE}, "conf_high", log(1.44503), 0.36811),
        ("estimates", {"scale": Scale.LOG_OR, "role": Role.EXPOSURE}, "conf_high", log(127.534), 4.84838),
    ],
)
def test_a_digit_more_leaves_only_where_what_is_printed_asks_for_it(
    table: str, row: dict[str, Any], name: str, value: float, leaves: float
) -> None:
    full = {**empty(table), **row, name: value}
    assert blurred(table, [full])[0][name] == leaves


def test_a_median_leaves_coarser_than_it_is_printed() -> None:
    row = {**empty("estimates"), "scale": Scale.MEDIAN, "estimate": 1.7345}
    assert blurred("estimates", [row])[0]["estimate"] == 1.7
