"""Ratios beside the logarithms that models give, for people who read a table."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from riskset.results.vocabulary import Scale

SHOWN = {"estimate": "ratio", "conf_low": "ratio_low", "conf_high": "ratio_high", "value": "ratio"}
"""Column of a number → column of the ratio that it is the natural logarithm of, in tables with a scale."""

MEANINGS = {
    "ratio": "the ratio that the number is the natural logarithm of; empty on other scales",
    "ratio_low": "lower limit of the confidence interval, as a ratio",
    "ratio_high": "upper limit of the confidence interval, as a ratio",
}


def ratio_columns(names: list[str]) -> dict[str, str]:
    """Number → ratio, of the columns of a table; nothing where it has no scale."""
    return {name: SHOWN[name] for name in names if name in SHOWN} if "scale" in names else {}


def with_ratios(table: pa.Table) -> pa.Table:
    """The table with ratios behind its columns, where its scale is that of a logarithm."""
    columns = ratio_columns(table.column_names)
    if not columns:
        return table
    logarithms = pa.array([str(scale) for scale in Scale if scale.is_ratio])
    is_ratio = pc.is_in(table["scale"], value_set=logarithms)
    for name, ratio in columns.items():
        numbers = pc.if_else(is_ratio, pc.exp(table[name]), pa.scalar(None, pa.float64()))
        table = table.append_column(ratio, numbers)
    return table
