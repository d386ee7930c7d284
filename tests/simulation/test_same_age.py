"""Siblings at the same age show nothing where there is nothing."""

from __future__ import annotations

import pytest
from scipy import stats

from tests.shown import Evidence, shows
from tests.simulation.same_age import FIRST_SEED, pool, run_null

ALPHA = 0.001


@shows("siblings.at=same age", "ever", "first_use", by=Evidence.PLANTED)
def test_one_small_nation_does_not_contradict_no_effect() -> None:
    rows = pool([run_null(FIRST_SEED + 50, persons=50_000)])
    assert {row.key[0] for row in rows} == {"ever", "first_use"}
    assert all(2 * stats.norm.sf(abs(row.estimate / row.std_error)) > ALPHA / len(rows) for row in rows)


@shows("siblings.at=same age", "ever", "first_use", by=Evidence.PLANTED)
@pytest.mark.slow
def test_large_nations_show_no_effect() -> None:
    rows = pool([run_null(FIRST_SEED + i) for i in range(8)])
    assert len(rows) == 12
    assert all(2 * stats.norm.sf(abs(row.estimate / row.std_error)) > ALPHA / len(rows) for row in rows)
    assert max(row.std_error for row in rows if row.key[0] == "ever") < 0.02
