"""The sampled odds ratio estimates what the full cohort's Cox regression of the same nations does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from riskset.nation import NationSettings, make_nation
from tests.shown import Evidence, shows
from tests.simulation.sampled_vs_full import NAMES, Comparison, Sampled, compare, follow, one_nation, run

ALPHA = 0.001


@shows("population", "first_use", "conditional logistic", by=Evidence.REFERENCE)
@pytest.mark.slow
def test_forty_nations_agree_with_their_full_cohorts() -> None:
    found = run(40, 10)
    assert found.p_value > ALPHA
    # The test has power: the two agree to within a few hundredths where the full cohort itself knows little more.
    assert np.all(found.difference_error < 0.05)


@shows("population", "first_use", "conditional logistic", by=Evidence.REFERENCE)
def test_a_few_nations_agree_with_their_full_cohorts() -> None:
    """The quick version: the estimates lie within sampling error of each other, one by one."""
    pairs = [one_nation(seed, 2, persons=8_000) for seed in (31, 32, 33)]
    found = compare(pairs)
    assert len(found.full) == len(NAMES)
    assert _apart(found) < 3
    assert np.abs(found.sampled - found.full).max() > 1e-6  # two likelihoods, not one
    assert _apart(compare([(cohort, _forgetful(sampled)) for cohort, sampled in pairs])) > 3


def _apart(found: Comparison) -> float:
    """The largest difference in standard errors of the full cohort's estimate."""
    return float((np.abs(found.sampled - found.full) / found.full_error).max())


def _forgetful(sampled: Sampled) -> Sampled:
    """Sets in which half of the controls' use more than five years ago is forgotten."""
    x = sampled.x.copy()
    x[~sampled.case & (np.arange(len(x)) % 2 == 0), 2:9:3] = 0
    return replace(sampled, x=x)


def test_the_full_cohort_is_followed_as_the_study_says() -> None:
    """Rows of a person follow each other, nobody is followed outside the period, and an event ends it."""
    cohort = follow(make_nation(NationSettings(persons=3_000, seed=7, incidence=300)).tables())
    assert cohort.event.sum() > 50
    assert cohort.start.min() == 0
    assert cohort.stop.max() == (np.datetime64("2023-07-01") - np.datetime64("2015-01-01")).astype(int)
    assert np.all(cohort.stop > cohort.start)
    for k in range(3):
        assert np.all(cohort.x[:, 3 * k : 3 * k + 3].sum(axis=1) <= 1)
