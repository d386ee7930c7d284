"""Controls are a simple random sample of the risk set: inclusion and pair frequencies against χ², through the engine.

200 fixed seeds in all, 5 for each design and each k from 1 to 10; every seed draws for identical cases in strata of
3 to 10,000. Under the null hypothesis the p-values are uniform; family-wise α is 0.001.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from scipy import stats

from riskset.cohort.cases import find_cases
from riskset.cohort.hashing import PRIME, coefficients, polynomial
from riskset.cohort.sampler import draw_controls
from riskset.cohort.sampling_frame import find_risk_sets
from riskset.registers.engine import Engine
from riskset.registers.registers import Registers
from riskset.spec.design import PopulationControls
from riskset.spec.study import Study
from tests.people import unchecked_registers
from tests.shown import Evidence, shows

Counts = NDArray[np.int64]

ALPHA = 0.001
SEEDS_PER_RATIO = 5
BINS = 50
ELIGIBLE = {1901: 3, 1902: 4, 1903: 6, 1904: 10, 1905: 20, 1906: 50, 1907: 300, 1908: 2_000, 1909: 10_000}
"""Birth year → members of each case's risk set."""
CASES = 60
DAY = date(2015, 6, 1)
ONE_DAY = timedelta(days=1)
DESIGNS: dict[str, dict[str, Any]] = {
    "exact": {"match": ["birth_year"]},
    "caliper": {"match": [], "caliper": "30d"},
    "history": {"match": ["birth_year", "history"]},
    "once": {"match": ["birth_year", "country_of_birth"], "replacement": False},
}
"""The last samples without replacement across sets, of which the first set of a stratum is a simple random sample."""


@dataclass(frozen=True)
class Sample:
    """Many sets drawn from one risk set: row by row the members, as numbers below ``size``."""

    size: int
    members: Counts  # (sets, k)

    @property
    def moments(self) -> list[float]:
        """The chances that 1, 2, 3, 4 given members are all in a set."""
        n, k = self.size, self.members.shape[1]
        chance, chances = 1.0, []
        for i in range(4):
            chance *= max(k - i, 0) / max(n - i, 1)
            chances.append(chance)
        return chances

    def inclusion(self) -> float | None:
        """The p-value of the inclusion frequencies, of neighbours in the frame together where the stratum is large.

        With B bins of equal size and R sets of k out of N, a bin's count has the variance
        R k (1/B) (1 − 1/B) (N − k) / (N − 1), and all bins are exchangeable.
        """
        sets, k = self.members.shape
        if k >= self.size:
            return None
        bins = min(self.size, BINS)
        count = np.bincount(self.members.ravel() * bins // self.size, minlength=bins)
        variance = sets * k / bins * (1 - 1 / bins) * (self.size - k) / (self.size - 1)
        statistic = ((count - sets * k / bins) ** 2).sum() / variance * (bins - 1) / bins
        return float(stats.chi2.sf(statistic, bins - 1))

    def pairs(self) -> float | None:
        """The p-value of what pair frequencies say beyond inclusion.

        Pair counts less their fit by members lie in the third eigenspace of the Johnson scheme J(N, 2), of dimension
        N (N − 3) / 2, in which each set adds the variance p₂ − 2 p₃ + p₄ (pairs that share 2, 1, 0 members).
        """
        sets, k = self.members.shape
        n = self.size
        if not (4 <= n <= BINS and 2 <= k <= n - 2):
            return None
        member = np.zeros((sets, n))
        np.put_along_axis(member, self.members, 1, axis=1)
        together = member.T @ member
        np.fill_diagonal(together, 0)
        margin = together.sum(axis=1) / (n - 2)
        fitted = margin[:, None] + margin[None, :] - margin.sum() / (n - 1)
        rest = (together - fitted)[np.triu_indices(n, 1)]
        _, p2, p3, p4 = self.moments
        return float(stats.chi2.sf((rest**2).sum() / (sets * (p2 - 2 * p3 + p4)), n * (n - 3) // 2))


@pytest.fixture(scope="module")
def samples(engine: Engine) -> list[Sample]:
    """Draws of all seeds, by design, k and stratum."""
    return list(drawn(engine))


def drawn(engine: Engine) -> Iterator[Sample]:
    seeds = itertools.count(1)
    for design in DESIGNS:
        registers, rank = crowd(engine, design)
        study = Study.model_validate(
            {
                "name": "uniformity",
                "period": {"start": "2015-01-01", "stop": "2016-01-01"},
                "cases": {"first": {"registry": "mnd"}},
                "controls": [{"kind": "population", **DESIGNS[design]}],
            }
        )
        cases = find_cases(registers, study.case_definition)
        (controls,) = study.controls
        assert isinstance(controls, PopulationControls)
        risk_sets = find_risk_sets(registers, study.at_risk, controls, cases)
        year_of = dict(zip(cases.table["case_id"].to_pylist(), cases.table["birth_year"].to_pylist(), strict=True))
        for k in range(1, 11):
            asked = controls.model_copy(update={"ratio": k})
            parts = [draw_controls(risk_sets, next(seeds), asked) for _ in range(SEEDS_PER_RATIO)]
            case_id, person = (np.concatenate([getattr(p, name) for p in parts]) for name in ("case_id", "person_id"))
            year = np.array([year_of[c] for c in case_id.tolist()])
            for born in np.unique(year).tolist():
                size = ELIGIBLE[born]
                members = rank[person[year == born]].reshape(CASES * SEEDS_PER_RATIO, min(k, size))
                yield Sample(size, members)
        risk_sets.drop()
    assert next(seeds) == 201


def crowd(engine: Engine, design: str) -> tuple[Registers, Counts]:
    """Cases of one day in each stratum, those eligible, and at least as many who are not.

    These left in that year before the day or came after it, were born a day beyond the caliper, or have a year more
    or less of history than the case. Without replacement each case has a country and candidates of its own.
    """
    rows: list[tuple[date, date, date, str, bool, int]] = []  # born, from, until, country, ill, rank
    for year, size in ELIGIBLE.items():
        case = (date(year, 7, 1), date(2012, 3, 1), date(2030, 1, 1))
        for i in range(CASES):
            rows.append((*case, f"C{i}", True, 0))
        for country in range(CASES if design == "once" and size <= BINS else design != "once"):
            for i in range(size):
                born = case[0] + timedelta(days=i % 61 - 30 if design == "caliper" else 0)
                since = date(2011, 6, 2) + timedelta(days=i % 366 if design == "history" else 0)
                rows.append((born, since, case[2], f"C{country}", False, i))
            for _ in range(size // 2 + 1):
                rows.append((case[0], case[1], DAY, f"C{country}", False, 0))
                rows.append((case[0], DAY + ONE_DAY, case[2], f"C{country}", False, 0))
                if design == "caliper":
                    rows += [(case[0] + timedelta(days=d), *case[1:], "C0", False, 0) for d in (-31, 31)]
                if design == "history":
                    rows += [(case[0], d, case[2], "C0", False, 0) for d in (date(2011, 6, 1), date(2012, 6, 2))]
    if design == "once":
        rows = [row for row in rows if ELIGIBLE[row[0].year] <= BINS]
    shuffled = [rows[i] for i in np.random.default_rng(1).permutation(len(rows))]
    born, since, until, country, ill, rank = zip(*shuffled, strict=True)
    person_id = np.arange(1, len(rows) + 1)
    sick = person_id[np.array(ill)]
    found = {"registry": "mnd", "name": "diagnosis", "date": DAY, "text": "ALS"}
    tables = {
        "person": pa.table(
            {"person_id": person_id, "sex": ["female"] * len(rows), "birth_date": born, "country_of_birth": country}
        ),
        "residence": pa.table({"person_id": person_id, "start": since, "stop": until}),
        "registry_item": pa.table({"person_id": sick, **{name: [v] * len(sick) for name, v in found.items()}}),
    }
    return unchecked_registers(tables, engine=engine), np.array([0, *rank])


@shows(
    "population",
    "population.ratio",
    "population.replacement=false",
    "population.caliper",
    "population.match=history",
    by=Evidence.PLANTED,
)
@pytest.mark.parametrize("frequencies", ["inclusion", "pairs"])
def test_frequencies_are_those_of_simple_random_samples(samples: list[Sample], frequencies: str) -> None:
    p_values = [p for p in (getattr(sample, frequencies)() for sample in samples) if p is not None]
    # Four looks in all: the distribution and the smallest p-value, for inclusion and for pairs.
    assert stats.kstest(p_values, "uniform").pvalue > ALPHA / 4
    assert min(p_values) > ALPHA / 4 / len(p_values)


def test_no_set_holds_a_person_twice(samples: list[Sample]) -> None:
    for sample in samples:
        assert (np.diff(np.sort(sample.members, axis=1), axis=1) > 0).all()


@pytest.mark.parametrize(("size", "k"), [(20, 4), (50, 5)])
def test_a_biased_sampler_is_found_out(size: int, k: int) -> None:
    """Members in hash order, taken from a random offset on: the textbook mistake."""
    sets = CASES * SEEDS_PER_RATIO
    place = np.sort(polynomial(coefficients(1, "biased", 0), np.arange(size, dtype=np.int64)))
    offset = np.random.default_rng(1).integers(0, PRIME, sets)
    first = np.searchsorted(place, offset)
    sample = Sample(size, (first[:, None] + np.arange(k)) % size)
    assert (sample.inclusion() or 0) < 1e-9
    assert (sample.pairs() or 0) < 1e-9


def test_the_statistics_themselves_are_uniform_for_true_random_samples() -> None:
    random = np.random.default_rng(2)
    for frequencies in ("inclusion", "pairs"):
        p_values = []
        for _ in range(200):
            order = random.random((400, 20)).argsort(axis=1)
            p_values.append(getattr(Sample(20, order[:, :4]), frequencies)())
        assert stats.kstest(p_values, "uniform").pvalue > ALPHA / 4
