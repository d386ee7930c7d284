"""ALS, whose hazard the planted ratios multiply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from riskset.calendar import years_before
from riskset.nation.arithmetic import exp, interpolate
from riskset.nation.confounders import make_education, make_psychiatric
from riskset.nation.liability import split_use
from riskset.nation.mechanism import Mechanism
from riskset.nation.people import END, MAN, START, WOMAN, People, make_people
from riskset.nation.prescribing import make_use, qualifying_days
from riskset.nation.settings import CLASSES, REGISTER_START, Effects
from riskset.nation.streams import NEVER, YEAR, Floats, Ints, as_days, day_number, spread, stream

AGE_BANDS = (0, 30, 40, 50, 60, 70, 80, 85, 120)
INCIDENCE = {  # per 100,000 and year, by AGE_BANDS
    MAN: (0.06, 0.46, 1.5, 4.6, 10.4, 16.3, 15.3, 9.7),
    WOMAN: (0.04, 0.33, 1.1, 3.3, 7.6, 11.8, 11.1, 7.0),
}


@dataclass(frozen=True)
class Risks:
    """What multiplies the hazard of ALS in n persons.

    Attributes
    ----------
    qualified : class → qualifying day of the use that acts (n)
    education, psychiatric : level, and day of the first psychiatric diagnosis (n)
    liability : log ratio (n), in mechanism mode
    """

    qualified: dict[str, Ints]
    education: Ints
    psychiatric: Ints
    liability: Floats | None = None

    def ratio(self, person: Ints, day: Ints, effects: Effects) -> Floats:
        """Ratio of the hazard of persons on given days to that without use or confounders."""
        one, five = years_before(as_days(day), 1).astype(np.int64), years_before(as_days(day), 5).astype(np.int64)
        ratio = np.array(effects.education_risk)[self.education[person]]
        ratio *= np.where(self.psychiatric[person] < one, effects.psychiatric_risk, 1.0)
        for name in CLASSES:
            recent, middle, past = effects.of(name)
            q = self.qualified[name][person]
            ratio *= np.select([q < five, q < one, q < day], [past, middle, recent], 1.0)
        return ratio if self.liability is None else ratio * exp(self.liability[person])

    def bound(self, effects: Effects) -> Floats:
        """A ratio that no day of a person exceeds; length n."""
        bound = np.array(effects.education_risk)[self.education]
        bound *= np.where(self.psychiatric < END, max(effects.psychiatric_risk, 1.0), 1.0)
        for name in CLASSES:
            bound *= np.where(self.qualified[name] < END, max(*effects.of(name), 1.0), 1.0)
        return bound if self.liability is None else bound * exp(self.liability)


def draw_als(
    people: People,
    risks: Risks,
    effects: Effects,
    incidence: float,
    key: tuple[int, int],
    mechanism: Mechanism = Mechanism(),  # noqa: B008  (frozen)
) -> Ints:
    """The day of each person's diagnosis of ALS, `NEVER` for almost all: exact, by thinning a bounding Poisson process.

    Parameters
    ----------
    people : n persons; ALS strikes while they live in the country
    incidence : multiplies the rates of `INCIDENCE`
    key : seed and block
    """
    rng = stream(key[0], "als", key[1])
    reached = np.full(len(people), NEVER)
    final = np.where(people.stop == NEVER, people.leave, people.stop)
    bound = risks.bound(effects)
    for sex in (WOMAN, MAN):
        rates = np.array(INCIDENCE[sex]) / 1e5 * incidence / mean_ratio(effects, mechanism)[sex]
        cumulative = np.concatenate([[0.0], np.cumsum(np.diff(AGE_BANDS) * rates)])
        those = np.flatnonzero(people.sex == sex)
        birth = people.birth[those]
        before = interpolate((people.enter[those] - birth) / YEAR, AGE_BANDS, cumulative)
        mass = interpolate((final[those] - birth) / YEAR, AGE_BANDS, cumulative) - before
        row, _ = spread(rng.poisson(mass * bound[those]))
        person = those[row]
        age = interpolate(before[row] + rng.random(len(row)) * mass[row], cumulative, AGE_BANDS)
        day = people.birth[person] + np.floor(age * YEAR).astype(np.int64)
        struck = rng.random(len(row)) * bound[person] < risks.ratio(person, day, effects)
        struck &= people.present(person, day)
        np.minimum.at(reached, person[struck], day[struck])
    return reached


def make_risks(
    people: People,
    effects: Effects,
    seed: int,
    block: int,
    mechanism: Mechanism = Mechanism(),  # noqa: B008  (frozen)
) -> Risks:
    """Confounders and use of persons without families; see `nation.block` for the whole of a block.

    The liability on risk is replaced by the log of the mean ratio, given the liability on use.
    """
    education = make_education(people, seed, block)
    psychiatric = make_psychiatric(people, seed, block)
    use, risk = _marginal_liability(len(people), mechanism, seed, block)
    qualified = {}
    for name in CLASSES:
        fills = make_use(
            name, people, education, psychiatric.ever, effects, (seed, block),
            liability=use, liability_variance=mechanism.use_variance,
        )  # fmt: skip
        acting, _ = split_use(name, fills, len(people), mechanism, (seed, block))
        qualified[name] = qualifying_days(acting.where(acting.day >= first_acting_day(effects)), len(people))
    return Risks(qualified, education, psychiatric.first, risk)


def _marginal_liability(
    n: int, mechanism: Mechanism, seed: int, block: int
) -> tuple[Floats | None, Floats | None]:  # fmt: skip
    """The liability on use of n unrelated persons, and the log of the mean ratio on risk of those who have it."""
    if not any(part.on_use or part.on_risk for part in mechanism.parts.values()):
        return None, None
    variance = mechanism.use_variance
    use = np.sqrt(variance) * stream(seed, "marginal liability", block).standard_normal(n)
    slope = mechanism.covariance / variance if variance else 0.0
    return use, slope * use + (mechanism.risk_variance - slope * slope * variance) / 2


def first_acting_day(effects: Effects) -> int:
    """The first day whose dispensings count towards the qualifying date that drives the hazard."""
    return START if effects.withheld_use_acts else day_number(REGISTER_START)


PILOT_DAY, PILOT_RESIDENTS = day_number(date(2018, 7, 1)), 60_000


@lru_cache(maxsize=64)
def mean_ratio(effects: Effects, mechanism: Mechanism = Mechanism()) -> dict[int, Floats]:  # noqa: B008
    """Mean of the planted ratios in mid-2018, sex → by `AGE_BANDS`.

    The hazard is divided by it, so that the incidence is that of `INCIDENCE` whatever is planted. It is taken in a
    fixed population that no seed changes, so that the truth is the same for all nations of these effects.
    """
    if effects == Effects.none() and mechanism == Mechanism():
        return {sex: np.ones(len(AGE_BANDS) - 1) for sex in (WOMAN, MAN)}
    people = make_people(0, 2**31, PILOT_RESIDENTS)
    risks = make_risks(people, effects, 0, 2**31, mechanism)
    there = np.flatnonzero(people.present(slice(None), PILOT_DAY))
    ratio = risks.ratio(there, np.full(len(there), PILOT_DAY), effects)
    band = np.searchsorted(AGE_BANDS, people.age(PILOT_DAY)[there], side="right") - 1
    means = {}
    for sex in (WOMAN, MAN):
        those = people.sex[there] == sex
        count = np.bincount(band[those], minlength=len(AGE_BANDS) - 1)
        means[sex] = np.bincount(band[those], ratio[those], len(AGE_BANDS) - 1) / np.maximum(count, 1)
    return means
