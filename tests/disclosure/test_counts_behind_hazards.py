"""What a ratio of hazards and its error tell of counts: events at the reference from below, and nothing of patients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from riskset.disclosure.given_back import fewest_at_reference
from riskset.errors import FitError
from riskset.results.vocabulary import Contrast, Family
from riskset.stats import CoxFit, fit_cox
from tests.examples import examples

LEVELS = 3
"""The reference and two others."""


class Followed:
    """Patients who come and leave when they like, at a level, with a covariate that goes with it."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        n = int(rng.integers(30, 300))
        self.level = rng.choice(LEVELS, n, p=rng.dirichlet((4.0, 2.0, 2.0)))
        self.covariate = rng.normal(size=n) + rng.choice((0.0, 1.0)) * self.level
        self.start = rng.exponential(rng.choice((0.01, 1.0)), n)
        hazard = np.exp(rng.normal() * (self.level == 1) + rng.normal() * (self.level == 2) + 0.5 * self.covariate)
        length = rng.exponential(1 / hazard)
        end = rng.exponential(rng.choice((0.5, 4.0)), n)
        self.stop = self.start + np.maximum(np.minimum(length, end), 1e-3)
        self.event = length <= end
        if rng.random() < 0.5:  # whole days, with ties
            self.start, self.stop = np.floor(self.start * 100), np.floor(self.stop * 100) + 1

    def fitted(self, *, adjusted: bool) -> CoxFit:
        columns = [self.level == 1, self.level == 2, *([self.covariate] if adjusted else [])]
        x = np.column_stack(columns).astype(float)
        return fit_cox(x, self.stop, self.event, start=self.start)

    def events_at(self, level: int) -> int:
        return int((self.event & (self.level == level)).sum())

    def with_another(self, seed: int) -> Followed:
        """The same with a patient who came after an event and left before the next."""
        rng, one = np.random.default_rng(seed), Followed.__new__(Followed)
        after = np.unique(self.stop[self.event])
        at = rng.integers(len(after))
        end = after[at + 1] if at + 1 < len(after) else after[at] + 3.0
        came, left = after[at] + (end - after[at]) / 3, after[at] + (end - after[at]) / 1.5
        values: tuple[NDArray[Any], ...] = (self.level, self.covariate, self.start, self.stop, self.event)
        one.level, one.covariate, one.start, one.stop, one.event = (
            np.append(old, new) for old, new in zip(values, (rng.integers(LEVELS), 9.9, came, left, False), strict=True)
        )
        return one


def fitted(patients: Followed, *, adjusted: bool) -> CoxFit:
    try:
        return patients.fitted(adjusted=adjusted)
    except FitError:
        assume(False)
        raise


@settings(max_examples=examples(150), deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_an_error_tells_no_more_events_at_the_reference_than_there_are(seed: int, adjusted: bool) -> None:
    patients = Followed(seed)
    errors = np.sqrt(np.diag(fitted(patients, adjusted=adjusted).covariance))
    for level in (1, 2):
        row = {
            "family": Family.COX, "contrast": Contrast.LEVEL, "std_error": errors[level - 1],
            "n_exposed_events": patients.events_at(level),
        }  # fmt: skip
        assert fewest_at_reference(row) <= patients.events_at(0)


def test_it_tells_nearly_as_many_where_everybody_is_at_risk_alike() -> None:
    rng = np.random.default_rng(1)
    patients = Followed(1)
    patients.level, patients.start = np.repeat(np.arange(LEVELS), 400), np.zeros(1200)
    patients.covariate, patients.stop, patients.event = (
        np.zeros(1200),
        rng.permutation(1200) + 1.0,
        rng.random(1200) < 0.3,
    )
    error = float(np.sqrt(patients.fitted(adjusted=False).covariance[0, 0]))
    row = {
        "family": Family.COX,
        "contrast": Contrast.LEVEL,
        "std_error": error,
        "n_exposed_events": patients.events_at(1),
    }
    assert 0.9 * patients.events_at(0) < fewest_at_reference(row) <= patients.events_at(0)


@pytest.mark.parametrize(
    "other", [{"family": Family.JOINT}, {"contrast": Contrast.TEST}, {"std_error": None}, {"n_exposed_events": 0}]
)
def test_what_is_no_ratio_of_hazards_tells_nothing(other: dict[str, Any]) -> None:
    row = {"family": Family.COX, "contrast": Contrast.LEVEL, "std_error": 0.2, "n_exposed_events": 60}
    assert fewest_at_reference(row) > 0
    assert fewest_at_reference(row | other) == 0


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_no_ratio_tells_how_many_were_followed(seed: int, adjusted: bool) -> None:
    """Whoever was at risk at no event is in no ratio: of as many patients more the same is printed."""
    patients = Followed(seed)
    assume(patients.event.any())
    more = patients.with_another(seed)
    one, other = fitted(patients, adjusted=adjusted), fitted(more, adjusted=adjusted)
    np.testing.assert_allclose(other.beta, one.beta, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(other.covariance, one.covariance, rtol=1e-6, atol=1e-9)
