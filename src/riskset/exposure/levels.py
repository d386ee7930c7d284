"""Every column that the measures of a study can give, before anything is measured."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

import pyarrow as pa

from riskset.spec.measures import AtcCodes, Exposure


class TermCells(TypedDict):
    """A row of `TERMS`."""

    term: str
    exposure: str
    measure: str
    kind: str
    level: str
    order: int
    reference: str
    unit: int
    codes: str
    lag: str
    lookback: str


TERMS = pa.schema(
    [
        ("term", pa.string()),  # f"{exposure}|{measure}|{level}", unique
        ("exposure", pa.string()),
        ("measure", pa.string()),  # the measure's key
        ("kind", pa.string()),  # "ever", "first_use", …
        ("level", pa.string()),
        ("order", pa.int64()),  # 1, 2, …; the reference would be 0 and has no row
        ("reference", pa.string()),  # what an anchor without any value of the measure is
        ("unit", pa.int64()),  # `value` is this many units of the model: 1, or 100_000 thousandths for "per 100 DDD"
        ("codes", pa.string()),
        ("lag", pa.string()),
        ("lookback", pa.string()),  # "" where the window is open
    ]
)
"""A column that a measure can give."""


def term_of(exposure: str, measure: str, level: str) -> str:
    """The name of a term from the exposure's name, the measure's key and the level's label."""
    return f"{exposure}|{measure}|{level}"


def terms_of(exposures: Iterable[Exposure]) -> pa.Table:
    """Every term that the exposures can give, whether anybody has it or not, in the order of the description."""
    rows = [
        {
            "term": term_of(exposure.name, measure.key, level.label),
            "exposure": exposure.name,
            "measure": measure.key,
            "kind": measure.kind,
            "level": level.label,
            "order": order,
            "reference": measure.reference(exposure.at_least),
            "unit": measure.unit,
            "codes": codes_in_words(exposure.codes),
            "lag": str(level.lag),
            "lookback": "" if level.lookback is None else str(level.lookback),
        }
        for exposure in exposures
        for measure in exposure.measures
        for order, level in enumerate(measure.levels(exposure.at_least), start=1)
    ]
    return pa.Table.from_pylist(rows, schema=TERMS)


def codes_in_words(codes: AtcCodes) -> str:
    """``N05B, N05C without N05CM``."""
    left_out = f" without {', '.join(codes.without)}" if codes.without else ""
    return ", ".join(codes.prefixes) + left_out
