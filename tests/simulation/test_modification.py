"""Tests of interaction keep their level where people of a set differ, and what is planted is found again.

Counts of rejections and of intervals are judged by exact binomial limits, means by their Monte-Carlo error; all
judgements of a test together err in one run of a thousand where the program is right, and seeds are fixed.
"""

from __future__ import annotations

import pytest
from scipy import stats

from tests.shown import Evidence, shows
from tests.simulation.modification import (
    PARTED,
    PLANTED,
    Effect,
    Row,
    nation_rows,
    null_rows,
    planted_rows,
    rejects_by_the_case,
    run_nation,
)

ALPHA = 0.001
KINDS = tuple(PARTED)


def is_possible(count: int, of: int, share: float, judgements: int) -> bool:
    """Whether a count agrees with a binomial share."""
    limit = ALPHA / judgements / 2
    return bool(stats.binom.cdf(count, of, share) > limit and stats.binom.sf(count - 1, of, share) > limit)


def assert_found(row: Row, judgements: int, *, bias: float = 0.02) -> None:
    """The interval holds the truth as often as it says; the mean lies by it but for the bias of small samples."""
    assert is_possible(row.covered, row.replicates, 0.95, judgements), row
    away = max(0.0, abs(row.estimate - row.truth) - bias)
    assert 2 * stats.norm.sf(away / row.std_error) > ALPHA / judgements, row


@shows("conditional logistic.subgroups", "subgroup.by", "ValueOf=person", "Contrast=test", by=Evidence.PLANTED)
@pytest.mark.parametrize("kind", KINDS)
def test_a_few_draws_do_not_contradict_the_level_of_the_test(kind: str) -> None:
    """By the case's sex 87 % of these were rejected, which forty draws tell from 5 %."""
    rows = null_rows(kind, 40)
    assert [row.by for row in rows] == [parted["by"] for parted in PARTED[kind]]
    assert all(is_possible(row.rejected, row.replicates, 0.05, len(rows)) for row in rows)


def test_by_the_cases_value_it_would_reject_nearly_always() -> None:
    rejected = [rejects_by_the_case("population", "education", seed) for seed in range(20)]
    assert sum(rejected) > 15


def test_a_small_country_goes_through_the_whole_run() -> None:
    found = run_nation(7, Effect())
    assert {kind: [f.by for f in own] for kind, own in found.items()} == {
        "population": ["education", "sex"],
        "siblings": ["education", "sex"],
    }
    assert all(f.low < f.ratio < f.high and f.p_value > ALPHA / 4 for own in found.values() for f in own)


@shows(
    "conditional logistic.subgroups",
    "subgroup.by",
    "subgroup.cuts",
    "ValueOf=person",
    "Contrast=test",
    by=Evidence.PLANTED,
)
@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_has_an_effect_one_test_in_twenty_rejects(kind: str) -> None:
    rows = null_rows(kind, 4_000)
    for row in rows:
        assert is_possible(row.rejected, row.replicates, 0.05, 2 * len(rows)), row
        assert 0.04 < row.rejected / row.replicates < 0.06, row
        assert is_possible(row.covered, row.replicates, 0.95, 2 * len(rows)), row


@shows("ValueOf=person", "Scale=log_ror", "Contrast=ratio of ratios", by=Evidence.PLANTED)
@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_planted_ratio_of_ratios_is_found_again(kind: str) -> None:
    rows = planted_rows(kind, 2_000)
    for row in rows:
        assert_found(row, 2 * len(rows))
        assert row.rejected / row.replicates > 0.5, row


@pytest.mark.slow
@pytest.mark.parametrize("by", ["education", "sex"])
def test_it_is_found_again_through_the_whole_run(by: str) -> None:
    rows = nation_rows(40, by, Effect(PLANTED.use, by, PLANTED.times))
    for row in rows:
        assert_found(row, 2 * len(rows))
        assert row.rejected / row.replicates > 0.5, row
