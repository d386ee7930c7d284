"""Use of the three psychiatric classes: who starts when, how long, and each dispensing.

A person starts spells of use of a class as a Poisson process, with a rate by age, sex, a frailty shared by the classes
(so that they are co-used), education and psychiatric diagnosis. About half of the spells are a single dispensing; in
the others the person fills regularly until stopping. The rate by age is solved from the 12-month prevalence.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from riskset.nation.arithmetic import exp, interpolate, log, total
from riskset.nation.confounders import PSYCHIATRIC_RATE, education_shares
from riskset.nation.people import END, MAN, START, WOMAN, People
from riskset.nation.settings import LAST_DAY, Effects
from riskset.nation.streams import NEVER, YEAR, Bools, Floats, Ints, Stream, spread, stream

AGES = np.arange(12, 106)
"""Years of age at which the rate of starting is solved; the youngest users are 12."""
BAND_MIDDLES = (14.0, 20.0, 32.0, 54.5, 69.5, 79.5, 88.0)


@dataclass(frozen=True)
class Medicine:
    """A substance: its share of the class's users and the amounts of a dispensing, in thousandths of a DDD."""

    atc: str
    share: float
    ddd: tuple[int, ...]


@dataclass(frozen=True)
class DrugClass:
    """How a class is used.

    Attributes
    ----------
    prevalence : sex → per cent with a dispensing in 12 months at ages 20-44, 45-64, 65-74, 75-84 and 85+, about 2018
    single : share of spells that are one dispensing
    years : mean years of regular use of the others, when started at 55; it grows with age at the start (`persistence`)
    gap : days between regular dispensings, median
    medicines : the substances
    """

    prevalence: dict[int, tuple[float, ...]]
    single: float
    years: float
    gap: float
    medicines: tuple[Medicine, ...]


DRUGS = {
    "anxiolytics": DrugClass(
        {MAN: (4, 5, 5, 7, 10), WOMAN: (6, 8, 9, 11, 16)},
        single=0.50, years=8.0, gap=120.0,
        medicines=(
            Medicine("N05BA01", 0.12, (12500, 25000)), Medicine("N05BA04", 0.36, (10000, 30000, 60000)),
            Medicine("N05BA12", 0.08, (10000, 50000)), Medicine("N05BB01", 0.42, (16667, 33333)),
            Medicine("N05BE01", 0.02, (16667,)),
        ),
    ),
    "hypnotics": DrugClass(
        {MAN: (4, 6, 9, 12, 19), WOMAN: (5, 9, 14, 19, 27)},
        single=0.50, years=15.0, gap=105.0,
        medicines=(
            Medicine("N05CF01", 0.48, (30000, 100000)), Medicine("N05CF02", 0.20, (28000, 100000)),
            Medicine("N05CM06", 0.16, (25000, 100000)), Medicine("N05CH01", 0.13, (30000, 50000)),
            Medicine("N05CD02", 0.03, (25000, 100000)),
        ),
    ),
    "antidepressants": DrugClass(
        {MAN: (7, 8, 8, 10, 21), WOMAN: (13, 15, 15, 19, 33)},
        single=0.20, years=50.0, gap=100.0,
        medicines=(
            Medicine("N06AB06", 0.28, (49000, 100000)), Medicine("N06AB04", 0.20, (30000, 100000)),
            Medicine("N06AB10", 0.14, (28000, 98000)), Medicine("N06AX11", 0.18, (15000, 50000, 100000)),
            Medicine("N06AX16", 0.07, (75000, 98000)), Medicine("N06AA09", 0.09, (6667, 33333)),
            Medicine("N06AX21", 0.04, (28000, 98000)),
        ),
    ),
}  # fmt: skip

SHARED, OWN = 0.9, 0.8
"""Standard deviations of the log frailty: shared by the classes, and each class's own."""
FEWEST = 0.02
"""Starts of a year are at least this share of those who use."""

PERSISTENCE_AGE, LONGEST = 55.0, 60.0


def persistence(drug: DrugClass, age: Floats | Ints) -> Floats:
    """Mean years of regular use started at an age: the young stop sooner."""
    relative = age / PERSISTENCE_AGE
    years: Floats = np.clip(drug.years * relative * relative, 0.5, LONGEST)
    return years


@dataclass(frozen=True)
class Fills:
    """Dispensings: one row each. ``medicine`` is a position in a list of ATC codes, ``ddd`` thousandths."""

    person: Ints
    day: Ints
    medicine: Ints
    ddd: Ints

    def __len__(self) -> int:
        return len(self.person)

    def where(self, keep: Bools) -> Fills:
        """Only some rows."""
        return Fills(self.person[keep], self.day[keep], self.medicine[keep], self.ddd[keep])


def make_use(
    name: str,
    people: People,
    education: Ints,
    psychiatric: Bools,
    effects: Effects,
    key: tuple[int, int],
    *,
    liability: Floats | None = None,
    liability_variance: float = 0.0,
) -> Fills:
    """All dispensings of a class from 1998 on, those before the register's start included.

    Parameters
    ----------
    name : a key of `settings.CLASSES`
    people : n persons, deaths from ALS not yet known: use does not depend on what comes after
    education : position in `settings.EDUCATION`, length n
    psychiatric : whether the person has a psychiatric diagnosis at some time, length n
    key : seed and block
    liability : log ratio on the rate of starting, length n (mechanism mode), normal with ``liability_variance``

    Returns
    -------
    Dispensings while the person lives in the country; ``medicine`` is a position in ``DRUGS[name].medicines``.
    """
    drug = DRUGS[name]
    n = len(people)
    shared = stream(key[0], "liability", key[1]).standard_normal(n)
    rng = stream(key[0], name, key[1])
    frailty = exp(SHARED * shared + OWN * rng.standard_normal(n)) * np.array(effects.education_use)[education]
    frailty *= np.where(psychiatric, effects.psychiatric_use, 1.0)
    if liability is not None:
        frailty *= exp(liability)
    who, start = [], []
    for sex in (WOMAN, MAN):
        those = np.flatnonzero(people.sex == sex)
        cumulative = cumulative_rate(name, sex, effects, liability_variance)
        until = interpolate((END - people.birth[those]) / YEAR, AGES, cumulative)
        row, _ = spread(rng.poisson(frailty[those] * until))
        age = interpolate(rng.random(len(row)) * until[row], cumulative, AGES)
        who.append(those[row])
        start.append(people.birth[those[row]] + (age * YEAR).astype(np.int64))
    usual = rng.random(n)
    return _fill(drug, people, np.concatenate(who), np.concatenate(start), usual, rng)


def _fill(drug: DrugClass, people: People, user: Ints, start: Ints, usual: Floats, rng: Stream) -> Fills:
    """The dispensings of spells of use. ``usual`` (n) picks the substance that a person gets in every spell."""
    m = len(user)
    regular = rng.random(m) >= drug.single
    gap = drug.gap * exp(0.4 * rng.standard_normal(m))
    mean = persistence(drug, (start - people.birth[user]) / YEAR)
    length = np.where(regular, np.maximum(mean * YEAR * rng.standard_exponential(m), gap), 0.0)
    last = np.minimum(start + length, END)
    user, start, last, gap = _without_overlap(user, start, last, gap)
    # fills before 1998 reach no register and touch no hazard: skip to the first that might
    skipped = np.where(start < START, np.ceil((START - start) / gap - 0.4), 0).astype(np.int64)
    count = np.maximum(np.floor((last - start) / gap).astype(np.int64) + 1 - skipped, 0)
    row, step = spread(count)
    step = step + skipped[row]
    jitter = np.where(step > 0, 0.6 * rng.random(len(row)) - 0.3, 0.0)
    day = start[row] + ((step + jitter) * gap[row]).astype(np.int64)
    person = user[row]
    keep = people.present(person, day)
    day, person = day[keep], person[keep]
    shares = np.cumsum([medicine.share for medicine in drug.medicines])
    medicine = np.searchsorted(shares, usual[person] * shares[-1], side="right")
    pack = rng.random(len(person))
    ddd = np.zeros(len(person), np.int64)
    for k, item in enumerate(drug.medicines):
        those = medicine == k
        ddd[those] = np.array(item.ddd)[(pack[those] * len(item.ddd)).astype(np.int64)]
    return Fills(person, day, medicine, ddd)


def _without_overlap(user: Ints, start: Ints, last: Floats, gap: Floats) -> tuple[Ints, Ints, Floats, Floats]:
    """Spells cut at the front where the person is still in an earlier one; those inside an earlier one are left out."""
    order = np.lexsort((start, user))
    user, start, last, gap = user[order], start[order], last[order], gap[order]
    offset = user * 1e6  # a running maximum that begins anew with each person
    reached = np.maximum.accumulate(last + offset)
    before = np.r_[-np.inf, reached[:-1]] - offset
    begin = np.where(before >= start, np.ceil(before + gap), start).astype(np.int64)
    outside = begin <= last
    return user[outside], begin[outside], last[outside], gap[outside]


def qualifying_days(fills: Fills, n: int, at_least: int = 2) -> Ints:
    """The day of each person's ``at_least``-th distinct dispensing date; `NEVER` where there is none. Length n."""
    keys = np.sort(fills.person << 20 | (fills.day + (1 << 18)))
    distinct = keys[np.r_[True, keys[1:] != keys[:-1]]] if len(keys) else keys
    person = distinct >> 20
    later = np.flatnonzero(person[at_least - 1 :] == person[: len(person) - at_least + 1])
    earliest = later[np.r_[True, person[later[1:]] != person[later[:-1]]]] if len(later) else later
    days = np.full(n, NEVER)
    days[person[earliest]] = (distinct[earliest + at_least - 1] & ((1 << 20) - 1)) - (1 << 18)
    return days


@lru_cache(maxsize=64)
def cumulative_rate(name: str, sex: int, effects: Effects, liability_variance: float = 0.0) -> Floats:
    """Expected number of starts by each of `AGES`, for frailty 1.

    With spells a Poisson process, a person of frailty ``z`` has none filled in the last 12 months with probability
    ``exp(-z m)``: the Laplace transform of the frailty turns the prevalence into ``m`` by age, and ``m``, the starts of
    earlier years that still fill, into the starts of each year (a Volterra equation).
    """
    drug = DRUGS[name]
    young = (0.2, 0.9 * drug.prevalence[sex][0])
    prevalence = interpolate(AGES + 0.5, BAND_MIDDLES, (*young, *drug.prevalence[sex])) / 100
    grid = np.concatenate([[0.0], exp(log(1e-5) + log(1e7) * np.arange(1000) / 999)])
    using = 1 - total(_mixture(sex).T[:, :, None] * _laplace(grid, effects, liability_variance)[:, None, :])
    filling = np.array([interpolate(share, row, grid) for share, row in zip(prevalence, using, strict=True)])
    since = np.maximum(AGES[:, None] - AGES[None, :], 0)
    still = (1 - drug.single) * exp(-np.maximum(since - 0.5, 0) / persistence(drug, AGES[None, :]))
    starts = np.zeros(len(AGES))
    for a in range(len(AGES)):
        starts[a] = max(filling[a] - total(starts[:a] * still[a, :a]), FEWEST * filling[a])
    cumulative: Floats = np.concatenate([[0.0], np.cumsum(starts)[:-1]])
    return cumulative


def _laplace(grid: Floats, effects: Effects, liability_variance: float) -> Floats:
    """Laplace transform of the frailty at ``grid`` (m) by psychiatric disorder and education: (6, m).

    The trapezoidal rule over the normal density, which for a function so smooth is as good as exact.
    """
    nodes = np.arange(-32, 33) / 4
    weights = exp(-nodes * nodes / 2)
    frailty = exp(np.sqrt(SHARED * SHARED + OWN * OWN + liability_variance) * nodes)
    ratios = np.multiply.outer([1.0, effects.psychiatric_use], effects.education_use).ravel()
    survival = exp(-frailty[:, None, None] * ratios[:, None] * grid)
    return total(survival * (weights / total(weights))[:, None, None])


def _mixture(sex: int) -> Floats:
    """Shares of the six groups at each of `AGES` in 2018, (ages, 6)."""
    psychiatric = 1 - exp(-PSYCHIATRIC_RATE[sex] * (AGES - 12 + LAST_DAY.year - 2018))
    education = education_shares(2018 - AGES)
    shares: Floats = np.concatenate([(1 - psychiatric)[:, None] * education, psychiatric[:, None] * education], axis=1)
    return shares
