"""Whole runs find the planted course. The tests share a family-wise error of 0.001 and the seeds 1-20."""

from __future__ import annotations

from functools import partial

import numpy as np
import pyarrow.compute as pc
import pytest

from riskset.results.columns import key_of, refuse_repeated
from riskset.results.planted_prognosis import CASES
from riskset.results.rows import CurvePoint, Diagnostic, Estimate, KnownTruth
from riskset.spec import Study
from tests.shown import Evidence, shows
from tests.simulation.prognosis import FLOOR, Replicate, judge, prognosis_study, run_nation, run_replicate
from tests.simulation.replicates import STUDY, run_replicates

ALPHA = 0.001 / 4  # bias and coverage, of two courses
KEYS = 10
"""Three direct and three total effects, three slopes, one association."""


@pytest.fixture(scope="module", params=[True, False], ids=["wide points", "own course"])
def replicates(request: pytest.FixtureRequest) -> tuple[bool, list[Replicate]]:
    wide: bool = request.param
    return wide, run_replicates(range(1, 21), partial(run_replicate, wide=wide), chunk=2)


@shows(
    "Family=joint",
    "Family=standardised cox",
    "Scale=log_chr",
    "Scale=log_hr",
    "Scale=slope",
    "prognosis.association=value",
    "prognosis.marker",
    "prognosis.endpoint=death",
    "prognosis.adjust",
    "prognosis.survival_at",
    "prognosis.lag_only=reference",
    by=Evidence.PLANTED,
)
@pytest.mark.slow
def test_whole_runs_find_what_was_planted(replicates: tuple[bool, list[Replicate]]) -> None:
    """Every model converges; no bias; intervals hold the truth as often as they say."""
    wide, found = replicates
    assert all(len(r.truth) == len(r.found) == KEYS for r in found)
    without = () if wide else FLOOR
    judged = judge(found, without=without)
    assert judged.bias_p > ALPHA
    rows = [row for row in judged.rows if row.key[0] not in without]
    assert min(row.coverage_p for row in rows) > ALPHA / len(rows)


@pytest.mark.slow
def test_the_floor_of_a_delivered_score_is_told_from_the_course(replicates: tuple[bool, list[Replicate]]) -> None:
    wide, found = replicates
    (association,) = [row for row in judge(found, without=FLOOR).rows if row.key[0] == "association"]
    assert (association.z < -4) == (not wide)


@pytest.mark.slow
def test_a_total_effect_is_no_direct_one(replicates: tuple[bool, list[Replicate]]) -> None:
    """Cox without the score lies far from the direct effects, as methods foretell."""
    _, found = replicates
    direct = [key for key in found[0].truth if key[0] == "direct effect"]
    away = np.array([np.mean([r.plain[key][0] - r.truth[key] for key in direct]) for r in found])
    assert away.mean() / (away.std(ddof=1) / np.sqrt(len(away))) < -4


@shows(
    "Family=joint",
    "Family=standardised cox",
    "Scale=log_chr",
    "Scale=log_hr",
    "Scale=slope",
    "prognosis.association=value",
    "prognosis.marker",
    "prognosis.classes=together",
    by=Evidence.PLANTED,
)
def test_one_run_has_a_truth_beside_each_of_its_estimates() -> None:
    """The quick version: one nation, within 4.4 standard errors, one in 100,000 each."""
    one = run_replicate(3, wide=False)
    assert len(one.truth) == len(one.found) == KEYS
    assert {key for key, _ in one.found.items() if key[0] == "association"} == {("association", "", "log_hr")}
    for key, (estimate, error) in one.found.items():
        assert abs(estimate - one.truth[key]) < 4.4 * error, key


@pytest.mark.parametrize(
    ("name", "kind"),
    [("estimates", Estimate), ("curves", CurvePoint), ("diagnostics", Diagnostic), ("planted", KnownTruth)],
)
def test_the_rows_of_a_run_have_a_key_each(name: str, kind: type) -> None:
    """Of the prognosis, in a whole run's tables; what the rooms below the analysis count has no code yet."""
    table = run_nation(3, wide=False).table(name)
    typed = table.filter(pc.field("code").is_valid() if name == "diagnostics" else pc.field("family").is_valid())
    if name != "curves":
        typed = typed.filter(pc.field("comparison") == CASES)
    assert len(typed) > 0
    refuse_repeated(typed, key_of(kind))


def test_the_study_is_the_founding_one_of_deaths_alone() -> None:
    """What is held to the truth is what the founding study asks, but for what the nation plants nothing of."""
    stated, asked = Study.load(STUDY).prognosis, prognosis_study().prognosis
    assert stated is not None
    assert asked is not None
    changed = {name for name, value in stated if getattr(asked, name) != value}
    assert changed == {"endpoint", "adjust", "classes", "lag_only", "marker_label"}
