"""What was planted is found, by the right model, and not by the crude one.

The tests of the population share a family-wise error of 0.001 and the seeds 1-1000, those of relatives another and the
seeds 10,001-11,000; a failure is a defect, not bad luck.
"""

from __future__ import annotations

import pytest
from scipy import stats

from tests.shown import Evidence, shows
from tests.simulation.recovery import FORMS, judge, judge_against_planted, kin_replicates
from tests.simulation.replicates import (
    Replicate,
    run_end_to_end,
    run_kin_blocks,
    run_kin_end_to_end,
    run_replicates,
)

ALPHA = 0.001


@pytest.fixture(scope="module")
def replicates() -> list[Replicate]:
    return run_replicates(range(1, 1001))


@shows(
    "conditional logistic",
    "conditional logistic.classes=together",
    "conditional logistic.adjust",
    "conditional logistic.measure",
    "first_use",
    "population",
    "Family=conditional logistic",
    "Scale=log_or",
    "study.anchor=index date",
    "population.ratio",
    by=Evidence.PLANTED,
)
@pytest.mark.slow
def test_planted_ratios_are_found_without_bias(replicates: list[Replicate]) -> None:
    assert judge(replicates, *FORMS[0]).bias_p > ALPHA / 2


@shows("conditional logistic.interval=wald", "first_use", by=Evidence.PLANTED)
@pytest.mark.slow
def test_intervals_hold_the_planted_ratios_as_often_as_they_say(replicates: list[Replicate]) -> None:
    rows = judge(replicates, *FORMS[0]).rows
    assert all(row.replicates == 1000 for row in rows)
    assert min(row.coverage_p for row in rows) > ALPHA / 2 / len(rows)


@pytest.mark.slow
def test_the_crude_model_fails_where_confounding_was_planted(replicates: list[Replicate]) -> None:
    assert judge_against_planted(replicates).bias_p < 1e-9


@shows("event.registry", "event.diagnosis", by=Evidence.PLANTED)
@pytest.mark.slow
def test_fifty_nations_end_to_end_do_not_contradict_what_was_planted() -> None:
    """Delivered, imported and run; cases are the quality register's."""
    nations = run_replicates(range(5001, 5051), run_end_to_end)
    form = judge(nations, *FORMS[0])
    assert form.bias_p > ALPHA
    covered, intervals = (sum(getattr(row, name) for row in form.rows) for name in ("covered", "replicates"))
    assert intervals >= 440  # in a few nations a window has no exposed case, and no estimate
    assert stats.binomtest(covered, intervals, 0.95).pvalue > ALPHA


@shows("siblings", "spouses", by=Evidence.PLANTED)
@pytest.mark.slow
def test_relatives_find_the_planted_ratios() -> None:
    found = kin_replicates(1000)
    rows = []
    for comparison in found[0]:
        form = judge([each[comparison] for each in found], *FORMS[0])
        assert form.bias_p > ALPHA / 4, comparison
        rows += form.rows
    assert len(rows) == 18
    assert all(row.replicates >= 990 for row in rows)  # in a few nations a thin window has no finite estimate
    assert min(row.coverage_p for row in rows) > ALPHA / 2 / len(rows)


@pytest.mark.slow
def test_fifty_nations_of_relatives_end_to_end_do_not_contradict_what_was_planted() -> None:
    found = run_replicates(range(15_001, 15_051), run_kin_end_to_end)
    for comparison in found[0]:
        form = judge([each[comparison] for each in found], *FORMS[0])
        assert form.bias_p > ALPHA / 2, comparison
        covered, intervals = (sum(getattr(row, name) for row in form.rows) for name in ("covered", "replicates"))
        assert stats.binomtest(covered, intervals, 0.95).pvalue > ALPHA / 2


@shows("siblings", "spouses", "siblings.half=false", by=Evidence.PLANTED)
def test_a_few_nations_of_relatives_do_not_contradict_what_was_planted() -> None:
    """The quick version: one block, the joint test alone."""
    few = run_kin_blocks(12_001, blocks=1)
    for comparison in ("siblings", "spouses"):
        assert judge([each[comparison] for each in few], *FORMS[0]).bias_p > ALPHA, comparison


@shows(
    "conditional logistic",
    "conditional logistic.classes=together",
    "conditional logistic.adjust",
    "conditional logistic.measure",
    "first_use",
    "population",
    "Scale=log_or",
    "study.anchor=index date",
    by=Evidence.PLANTED,
)
def test_a_few_replicates_do_not_contradict_what_was_planted() -> None:
    """The quick version: five nations, the joint test alone."""
    few = run_replicates(range(2001, 2006), workers=1)
    assert judge(few, *FORMS[0]).bias_p > ALPHA
