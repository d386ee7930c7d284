"""The demo's table beside planted ratios: what is Firth's is called so, and no cell holds a number that is none."""

from __future__ import annotations

from math import inf, log, nan

import pytest

from riskset.cli.terminal import _estimated
from riskset.results.beside import Beside


@pytest.mark.parametrize(
    ("estimate", "low", "high", "estimator", "shown"),
    [
        (log(1.94), log(0.97), log(3.88), "maximum likelihood", "1.94 (0.97-3.88)"),
        (log(11.32), log(1.15), log(111.34), "maximum likelihood", "11.32 (1.15-111.34)"),
        (log(0.21), log(0.02), log(0.9), "firth", "Firth 0.21 (0.02-0.90)"),
        (nan, nan, nan, "maximum likelihood", "not estimable"),
        (inf, -inf, inf, "maximum likelihood", "not estimable"),
        (800.0, 1.0, 900.0, "maximum likelihood", "not estimable"),
        (log(2.0), -900.0, 900.0, "maximum likelihood", "2.00 (<0.01->999)"),
        (log(2.0), -inf, inf, "maximum likelihood", "2.00 (0.00->999)"),
        (log(2.0), nan, nan, "firth", "Firth 2.00"),
    ],
)
def test_a_cell_beside_a_planted_ratio(estimate: float, low: float, high: float, estimator: str, shown: str) -> None:
    row = {"estimate": estimate, "conf_low": low, "conf_high": high, "estimator": estimator}
    assert _estimated(Beside(row, row, {})) == shown
