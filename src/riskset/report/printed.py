"""What pages print of a number of a result: a release keeps it, whatever else of the number it rounds away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from riskset.report.formats import count, exponentiated, number, p_value, percent, ratio
from riskset.results.vocabulary import DiagnosticCode, Role, Scale

Print = Callable[[float], str]
"""A number as a page writes it."""
MONTHS = 12
PER = 100
"""Months of a year, person-years that a rate is of."""


def _ratio(value: float) -> str:
    return ratio(exponentiated(value))


def _ratio_of_marker(value: float) -> str:
    return number(exponentiated(value), 3)


def _months(value: float) -> str:
    return number(MONTHS * value, 1)


def _rate(value: float) -> str:
    return number(PER * value, 1)


def _percent(value: float) -> str:
    return percent(value) if abs(value) <= 1 else ""


def _whole_percent(value: float) -> str:
    return percent(value, 0) if abs(value) <= 1 else ""


def _one_decimal(value: float) -> str:
    return number(value, 1)


_OF_SCALE: Mapping[Scale, tuple[Print, ...]] = {
    **dict.fromkeys((scale for scale in Scale if scale.is_ratio), (_ratio,)),
    Scale.SLOPE: (number,),
    Scale.SCORE: (number,),
    Scale.RATE: (_rate,),
    Scale.MEDIAN: (),  # the day of one patient's event: coarser than it is printed inside, on purpose
    Scale.RMST: (number, _months),
    Scale.RMST_DIFFERENCE: (number, _months),
    Scale.SURVIVAL: (_percent, _whole_percent),
    Scale.SURVIVAL_DIFFERENCE: (_percent, _whole_percent),
}
_OF_COLUMN: Mapping[tuple[str, str], tuple[Print, ...]] = {
    ("estimates", "p_value"): (p_value,),
    ("estimates", "statistic"): (number,),
    ("estimates", "person_years"): (count,),
    **dict.fromkeys((("table_one", f"{side}_value") for side in ("cases", "controls")), (_one_decimal,)),
    **dict.fromkeys((("table_one", f"{side}_spread") for side in ("cases", "controls")), (_one_decimal,)),
    ("table_one", "smd"): (number,),
    ("table_one", "smd_variable"): (number,),
    **dict.fromkeys(
        (("curves", name) for name in ("estimate", "conf_low", "conf_high")), (_percent, _whole_percent, _one_decimal)
    ),
}
# Of other diagnostics four digits are printed, as leave; the likelihoods of many, whole inside, leave so on purpose.
_OF_DIAGNOSTIC: Mapping[DiagnosticCode, tuple[Print, ...]] = {
    DiagnosticCode.PROPORTIONAL_HAZARDS: (p_value,),
    DiagnosticCode.PROPORTIONAL_HAZARDS_OVERALL: (p_value,),
    DiagnosticCode.LOG_RANK: (p_value,),
    DiagnosticCode.GRAY: (p_value,),
    DiagnosticCode.PREDICTED_RISK: (_percent,),
    DiagnosticCode.OBSERVED_RISK: (_percent,),
    DiagnosticCode.AUC: (number,),
    DiagnosticCode.BRIER: (number,),
    DiagnosticCode.SCALED_BRIER: (number,),
}


def prints_of(table: str, row: Mapping[str, Any], column: str) -> tuple[Print, ...]:
    """The ways in which pages write the number of a cell.

    Parameters
    ----------
    row : its other cells, of which a scale or a code decides
    """
    if table == "diagnostics" and column == "value":
        return _OF_DIAGNOSTIC.get(DiagnosticCode(row["code"]), ())
    if table == "estimates" and column in ("estimate", "conf_low", "conf_high"):
        ways = _OF_SCALE[Scale(row["scale"])] if row.get("scale") else ()
        return (*ways, _ratio_of_marker) if row.get("role") == Role.MARKER and _ratio in ways else ways
    return _OF_COLUMN.get((table, column), ())
