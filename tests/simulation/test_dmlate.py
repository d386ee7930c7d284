"""Sampled sets of real people estimate what the full cohort does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tests.shown import Evidence, shows
from tests.simulation import dmlate


@pytest.fixture(scope="module")
def sampling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dmlate.Sampling]:
    with dmlate.open_sampling(tmp_path_factory.mktemp("dmlate")) as opened:
        yield opened


@shows("population", "Scale=log_or", by=Evidence.OUTSIDE)
def test_whole_risk_sets_equal_stratified_cox(sampling: dmlate.Sampling) -> None:
    """With every member of every risk set the conditional likelihood is Cox's, but for people who die on the same day.

    Cox with Breslow ties keeps each of them in the other's risk set, a matched set does not: hence the tolerance.
    """
    fit = sampling.fit([sampling.everyone()])
    assert len(sampling.cases) == 2503
    assert fit.beta[0] == pytest.approx(dmlate.COX_OF_EVERYONE, abs=2e-4)
    assert fit.std_error[0] == pytest.approx(0.05482, abs=1e-4)


@shows("population", "population.ratio", by=Evidence.OUTSIDE)
@pytest.mark.slow
def test_a_hundred_draws_stacked_equal_the_full_cohort(sampling: dmlate.Sampling) -> None:
    """Stacked, because the mean of maximum-likelihood estimates carries their small-sample bias."""
    drawn = [sampling.draw(seed) for seed in range(1, 101)]
    each = [float(sampling.fit([sets]).beta[0]) for sets in drawn]
    stacked = float(sampling.fit(drawn).beta[0])
    monte_carlo = float(np.std(each, ddof=1)) / np.sqrt(len(each))
    assert 0.0015 < monte_carlo < 0.005
    assert abs(stacked - dmlate.COX_OF_EVERYONE) < 3 * monte_carlo
    assert abs(stacked - dmlate.COX_WITHOUT_THE_FOUR) < 3 * monte_carlo
    assert abs(stacked - dmlate.WHOLE_RISK_SET_WITHOUT_THE_FOUR) < 3 * monte_carlo
