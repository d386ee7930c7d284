"""Functions of counts to as many digits as are printed: an exact mean, share or likelihood is a fraction of counts."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from riskset.disclosure.by_code import DIAGNOSTICS
from riskset.results.columns import columns_of
from riskset.results.roles import DisclosureRole
from riskset.results.set_vocabulary import Summary
from riskset.results.tables import KINDS
from riskset.results.vocabulary import DiagnosticCode, Scale

DIGITS = 4
"""Significant digits that leave: what the report prints of a number, and one more."""
OF_A_MEDIAN = 2
"""Of a median time, which is the day of one patient's event."""
OF_DAYS = 1
"""Of a median of days, which are few, and one patient's."""


def blurred(table: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a table, each function of counts to `DIGITS` significant digits.

    The digits of a mean of whole scores are those of a fraction whose denominator is the number of patients, and those
    of a likelihood are of one set of counts alone: numbers that are withheld could be had from them.
    """
    names = [c.name for c in columns_of(KINDS[table]) if c.role is DisclosureRole.FUNCTION]
    return [_blurred(row, (*names, *_by_kind(table, row))) for row in rows]


def _blurred(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    digits = OF_A_MEDIAN if row.get("scale") == Scale.MEDIAN else DIGITS
    digits = OF_DAYS if row.get("code") == DiagnosticCode.DAYS_TO_ENTRY else digits
    return {**row, **{name: _to_digits(row[name], digits) for name in names}}


def _by_kind(table: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    """Columns that hold a function of counts in some rows."""
    if table == "table_one" and row["kind"] == Summary.MEAN:
        return ("cases_value", "controls_value")
    if table == "diagnostics" and DIAGNOSTICS[DiagnosticCode(row["code"])] is DisclosureRole.FUNCTION:
        return ("value",)
    return ()


def _to_digits(value: object, digits: int) -> Any:
    if not isinstance(value, float) or not isfinite(value):
        return value
    return float(f"{value:.{digits}g}")
