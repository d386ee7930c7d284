"""The default baseline of the joint model moves no association; constant pieces do. Minutes: `make slow`."""

from __future__ import annotations

import csv

import pytest
from scipy import stats

from tests.shown import Evidence, shows
from tests.simulation.joint_baseline import ALPHA, SETTINGS, TABLE, Setting, fit_all, summarise

MOVED = 0.0125 * abs(ALPHA)
"""What the default may add to the bias of maximum likelihood: a sixth of a standard error in 300 patients."""
CONFIDENT = 3.5  # Monte-Carlo errors
DEFAULT, PIECES = "spline (default)", "7 pieces"

Line = dict[str, str]


def stored(setting: Setting) -> dict[str, Line]:
    """The lines of a setting in the table of the documentation, by baseline."""
    entry = "delayed" if setting.delayed else "from diagnosis"
    score = "delivered" if setting.delivered else "latent"
    key = (setting.truth, str(setting.patients), entry, score)
    with TABLE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {row["baseline"]: row for row in rows if (row["truth"], row["patients"], row["entry"], row["score"]) == key}


@shows("prognosis.baseline=spline", by=Evidence.PLANTED)
@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_the_documented_default_is_not_moved_by_the_form_of_the_hazard(setting: Setting) -> None:
    """At 300 patients and more; where events allow three knots only, it moves less than a quarter of an error."""
    lines = stored(setting)
    assert set(lines) == {"true form", DEFAULT, PIECES}
    line = lines[DEFAULT]
    assert int(line["replicates"]) == round(250 * setting.share)
    assert int(line["not_converged"]) <= 0.01 * int(line["replicates"])
    allowed = MOVED if setting.patients >= 300 else 0.25 * float(line["std_deviation"])
    assert abs(float(line["beyond"])) < allowed + CONFIDENT * float(line["beyond_std_error"])
    if not setting.delivered:
        covered = round(float(line["coverage"]) * int(line["replicates"]))
        assert stats.binomtest(covered, int(line["replicates"]), 0.95).pvalue > 0.001


@pytest.mark.parametrize("truth", ["Weibull, shape 1.5", "hump"])
def test_more_patients_free_the_default_of_bias_but_not_the_pieces(truth: str) -> None:
    lines = stored(Setting(truth, 1_500))
    default, pieces = (float(lines[name]["beyond"]) for name in (DEFAULT, PIECES))
    assert abs(default) < MOVED / 2
    assert abs(pieces) > 0.0125 * abs(ALPHA)
    assert abs(float(lines[DEFAULT]["bias"])) < 0.01 * abs(ALPHA)


@pytest.mark.slow
@pytest.mark.parametrize("truth", ["Weibull, shape 1.5", "hump"])
def test_simulated_anew(truth: str) -> None:
    """Other sets than the table's."""
    setting = Setting(truth, 600)
    rows = {row.baseline: row for row in summarise(setting, fit_all(setting, range(50_001, 50_151)))}
    default, pieces = rows[DEFAULT], rows[PIECES]
    assert default.not_converged == 0
    assert abs(default.beyond) < MOVED + CONFIDENT * default.beyond_std_error
    assert abs(pieces.beyond) > CONFIDENT * pieces.beyond_std_error
    assert stats.binomtest(round(default.coverage * 150), 150, 0.95).pvalue > 0.0005
    assert 0.8 < default.mean_std_error / default.std_deviation < 1.2
