"""Functions of counts leave with four digits, from which their denominators cannot be had."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.disclosure.rounding_functions import DIGITS, blurred
from riskset.results.columns import columns_of
from riskset.results.roles import COUNTS, DisclosureRole
from riskset.results.tables import KINDS
from riskset.results.vocabulary import DiagnosticCode
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
        assert left[name] == float(f"{total / n:.{DIGITS}g}")
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
