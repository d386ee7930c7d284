"""The planted course is found again by the joint model, and not by plainer ones. Minutes: `make slow`."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from scipy import stats

from riskset.nation.settings import DiseaseCourse
from tests.shown import Evidence, shows
from tests.simulation.joint import TABLE, TERMS, Fitted, fit_all
from tests.simulation.patients import truth

REPLICATES = 500
ALPHA = 0.001 / 4  # family-wise 0.001: with and without delayed entry, in the stored table and simulated anew
SMALL = 0.3
"""Of an estimate's standard deviation: the bias of maximum likelihood in 1,000 patients that is let pass."""


@pytest.fixture(scope="module", params=[False, True], ids=["from diagnosis", "delayed entry"])
def fits(request: pytest.FixtureRequest) -> list[Fitted]:
    return [fit for seed in range(1, 1 + REPLICATES) for fit in fit_all(seed, delayed=request.param)]


def chosen(fits: list[Fitted], model: str, score: str = "latent") -> list[Fitted]:
    return [fit for fit in fits if fit.model == model and fit.score == score]


def away(fits: list[Fitted], terms: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Estimates less what was planted, and standard errors: (replicates, terms)."""
    planted = truth(DiseaseCourse())
    both = np.array([[fit.found[term] for term in terms] for fit in fits])
    return both[..., 0] - [planted[term] for term in terms], both[..., 1]


@pytest.mark.slow
def test_small_bias_and_right_coverage_on_the_latent_score(fits: list[Fitted]) -> None:
    joint = chosen(fits, "joint model")
    assert all(fit.converged for fit in joint)
    difference, error = away(joint, TERMS)
    assert (np.abs(difference.mean(axis=0)) < SMALL * difference.std(axis=0, ddof=1)).all()
    covered = np.abs(difference) < 1.959964 * error
    for term, count in zip(TERMS, covered.sum(axis=0), strict=True):
        assert stats.binomtest(int(count), len(joint), 0.95).pvalue > ALPHA / len(TERMS), term


@shows("Family=joint", "prognosis.association=value", "prognosis.baseline=weibull", by=Evidence.PLANTED)
@pytest.mark.parametrize("entry", ["from diagnosis", "delayed"])
def test_the_documented_table_shows_small_bias_and_right_coverage(entry: str) -> None:
    """At least 500 sets stand behind each line of it."""
    with TABLE.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["entry"] == entry and row["score"] == "latent"]
    rows = [row for row in rows if row["model"] == "joint model"]
    assert {row["term"] for row in rows} == set(TERMS)
    for row in rows:
        replicates = int(row["replicates"])
        assert replicates >= REPLICATES
        assert row["not_converged"] == "0"
        assert abs(float(row["bias"])) < SMALL * float(row["std_deviation"]), row["term"]
        covered = round(float(row["coverage"]) * replicates)
        assert stats.binomtest(covered, replicates, 0.95).pvalue > ALPHA / len(TERMS), row["term"]


@pytest.mark.slow
def test_plainer_models_are_biased(fits: list[Fitted]) -> None:
    """Survivors look gentler to a mixed model; an old score, measured with error, tells less of the hazard."""
    for model, term in (("mixed model alone", "t"), ("Cox, last score", "alpha[value]")):
        difference, _ = away(chosen(fits, model), (term,))
        t = difference.mean() / (difference.std(ddof=1) / np.sqrt(len(difference)))
        assert t > 4, model


@pytest.mark.slow
def test_the_delivered_score_is_biased_in_its_variance(fits: list[Fitted]) -> None:
    """Rounding and the floor of 0 add to the residual variance."""
    difference, _ = away(chosen(fits, "joint model", "delivered"), ("log sigma",))
    assert difference.mean() > 0
