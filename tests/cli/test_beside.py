"""The demo's table beside planted ratios: what is Firth's is called so, and no cell holds a number that is none."""

from __future__ import annotations

from math import inf, log, nan

import pytest

from riskset.cli.terminal import _found


@pytest.mark.parametrize(
    ("estimate", "low", "high", "model", "shown"),
    [
        (log(1.94), log(0.97), log(3.88), "mutually adjusted", "1.94 (0.97-3.88)"),
        (log(11.32), log(1.15), log(111.34), "mutually adjusted", "11.32 (1.15-111.34)"),
        (log(0.21), log(0.02), log(0.9), "mutually adjusted, Firth", "Firth 0.21 (0.02-0.90)"),
        (nan, nan, nan, "mutually adjusted", "not estimable"),
        (inf, -inf, inf, "mutually adjusted", "not estimable"),
        (800.0, 1.0, 900.0, "mutually adjusted", "not estimable"),
        (log(2.0), -900.0, 900.0, "mutually adjusted", "2.00 (<0.01->999)"),
        (log(2.0), -inf, inf, "mutually adjusted", "2.00 (0.00->999)"),
        (log(2.0), nan, nan, "mutually adjusted, Firth", "Firth 2.00"),
    ],
)
def test_a_cell_beside_a_planted_ratio(estimate: float, low: float, high: float, model: str, shown: str) -> None:
    row = {"estimate": estimate, "conf_low": low, "conf_high": high, "model": model}
    assert _found(row) == shown
