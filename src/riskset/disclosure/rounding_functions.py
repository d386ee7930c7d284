"""Functions of counts to as many digits as are printed: an exact mean, share or likelihood is a fraction of counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import copysign, floor, isfinite, log10
from typing import Any

from riskset.disclosure.by_code import DIAGNOSTICS
from riskset.report.printed import Print, prints_of
from riskset.results.columns import columns_of
from riskset.results.roles import DisclosureRole
from riskset.results.set_vocabulary import Summary
from riskset.results.tables import KINDS
from riskset.results.vocabulary import DiagnosticCode, Scale

DIGITS = 4
"""Significant digits that leave: what the report prints of most numbers, and one more."""
MOST = 10
"""Beyond these digits a number is what it is."""
OF_A_MEDIAN = 2
"""Of a median time, which is the day of one patient's event."""
OF_DAYS = 1
"""Of a median of days, which are few, and one patient's."""


def blurred(table: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a table, each function of counts to `DIGITS` significant digits, or to the few more that keep what
    pages print of it.

    The digits of a mean of whole scores are those of a fraction whose denominator is the number of patients, and those
    of a likelihood are of one set of counts alone: numbers that are withheld could be had from them.
    """
    names = [c.name for c in columns_of(KINDS[table]) if c.role is DisclosureRole.FUNCTION]
    return [_blurred(table, row, (*names, *_by_kind(table, row))) for row in rows]


def _blurred(table: str, row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    digits = OF_A_MEDIAN if row.get("scale") == Scale.MEDIAN else DIGITS
    digits = OF_DAYS if row.get("code") == DiagnosticCode.DAYS_TO_ENTRY else digits
    is_coarse = digits < DIGITS  # on purpose: what is printed of it inside is not kept
    return {
        **row,
        **{n: _to_digits(row[n], digits, () if is_coarse else prints_of(table, row, n)) for n in names},
    }


def _by_kind(table: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    """Columns that hold a function of counts in some rows."""
    if table == "table_one" and row["kind"] == Summary.MEAN:
        return ("cases_value", "controls_value")
    if table == "diagnostics" and DIAGNOSTICS[DiagnosticCode(row["code"])] is DisclosureRole.FUNCTION:
        return ("value",)
    return ()


def _to_digits(value: object, digits: int, prints: Sequence[Print]) -> Any:
    if not isinstance(value, float) or not isfinite(value):
        return value
    inside = [prints_as(value) for prints_as in prints]
    return next(one for one in _rounded(value, digits) if [prints_as(one) for prints_as in prints] == inside)


def _rounded(value: float, digits: int) -> Iterator[float]:
    """A number to so many digits; then just below or above that, on the side of the number: it leaves as little more
    open as a rounding that is rounded again needs; then to more digits; the number itself last.

    To four digits 11.748 is 11.75, of which one decimal would be 11.8: it leaves as 11.749.
    """
    short = float(f"{value:.{digits}g}")
    yield short
    if value not in (0.0, short):
        unit = 10.0 ** (floor(log10(abs(value))) - digits)
        yield float(f"{short + copysign(unit, value - short):.{digits + 1}g}")
    for more in range(digits + 1, MOST):
        yield float(f"{value:.{more}g}")
    yield value
