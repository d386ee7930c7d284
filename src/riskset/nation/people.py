"""Who lives in the country: births, deaths, migration and moves between counties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from riskset.nation.arithmetic import exp, interpolate, log, total
from riskset.nation.settings import LAST_DAY, POPULATION_START
from riskset.nation.streams import NEVER, YEAR, Bools, Floats, Ints, Stream, day_number, spread, stream

START, END = day_number(POPULATION_START), day_number(LAST_DAY) + 1
"""The registers cover ``[START, END)``."""

WOMAN, MAN = 0, 1

AGE_TABLE = (  # first age, thousands of persons in 2020, share of men
    (0, 1220, 0.51),
    (10, 1200, 0.51),
    (20, 1290, 0.51),
    (30, 1410, 0.51),
    (40, 1290, 0.505),
    (50, 1325, 0.505),
    (60, 569, 0.50),
    (65, 539, 0.495),
    (70, 553, 0.48),
    (75, 459, 0.48),
    (80, 282, 0.45),
    (85, 164, 0.38),
    (90, 77, 0.34),
    (95, 21, 0.30),
    (100, 3, 0.25),
)
OLD_IN_1998 = ((73, 56.0), (80, 45.0), (85, 27.0), (90, 9.0), (95, 2.0), (100, 0.2))
"""First age and thousands of persons a year of age in 1998: cohorts of which too few were left in 2020."""

GOMPERTZ = {WOMAN: (0.0108, 0.122), MAN: (0.0170, 0.113)}
"""Hazard of death at age 70 a year, and its relative growth a year of age (Swedish life tables of about 2018)."""
MAKEHAM = 0.0003
"""Hazard of death that does not depend on age, a year."""

COUNTIES = {  # code → thousands of inhabitants, 2020
    "01": 2391, "03": 388, "04": 299, "05": 467, "06": 365, "07": 202, "08": 246, "09": 60, "10": 159, "12": 1390,
    "13": 336, "14": 1734, "17": 282, "18": 306, "19": 277, "20": 288, "21": 287, "22": 245, "23": 131, "24": 273,
    "25": 250,
}  # fmt: skip
BIRTHPLACES = {"Sverige": 0.0, "Norden utom Sverige": 0.22, "Övriga Europa": 0.30, "Asien": 0.32, "Afrika": 0.10,
               "Nord- och Sydamerika": 0.06}  # fmt: skip
"""Country of birth, with shares among the foreign-born."""

FOREIGN_IN_1998 = 0.11
MOVE_RATE = ((0, 0.017), (18, 0.066), (30, 0.022), (45, 0.008))
"""Moves a year, from each age; a move within the county is not seen."""
LEAVE_RATE = ((0, 0.003), (18, 0.012), (36, 0.004), (60, 0.0005))
"""Emigrations a year, from each age."""
RETURNS = 0.35
"""Share of emigrants who come back, on average four years later."""


@dataclass
class People:
    """The persons of a block; arrays of length n. Days are numbers, spells half-open, ``NEVER`` where there is none.

    A person lives in the country in ``[enter, leave)`` and, after an emigration, in ``[back, stop)``.
    """

    sex: Ints
    birth: Ints
    enter: Ints
    leave: Ints
    back: Ints
    stop: Ints
    death: Ints
    birthplace: Ints

    def __len__(self) -> int:
        return len(self.sex)

    def present(self, person: Ints | slice, day: Ints | int) -> Bools:
        """Whether each person lives in the country on a day."""
        first = (self.enter[person] <= day) & (day < self.leave[person])
        again: Bools = first | ((self.back[person] <= day) & (day < self.stop[person]))
        return again

    def age(self, day: int | Ints) -> Floats:
        """Age in years on a day."""
        years: Floats = (day - self.birth) / YEAR
        return years

    def end_at(self, person: Ints, death: Ints) -> None:
        """Let persons die on a day that is not after their death so far."""
        self.death[person] = death
        for name in ("leave", "stop"):
            values = getattr(self, name)
            values[person] = np.where(values[person] == NEVER, NEVER, np.minimum(values[person], death + 1))
        gone = person[self.back[person] > death]
        self.back[gone] = self.stop[gone] = NEVER
        # who dies abroad or after the last day is not in the register of deaths
        self.death[person] = np.where(self.present(person, death), death, NEVER)


def residual_life(age: Floats, sex: Ints, exponential: Floats, accident: Floats) -> Floats:
    """Years left to live at an age: Gompertz-Makeham, by inversion of two unit exponentials."""
    level = np.where(sex == MAN, GOMPERTZ[MAN][0], GOMPERTZ[WOMAN][0])
    growth = np.where(sex == MAN, GOMPERTZ[MAN][1], GOMPERTZ[WOMAN][1])
    now = level * exp(growth * (age - 70))
    years: Floats = np.minimum(log(1.0 + exponential * growth / now) / growth, accident / MAKEHAM)
    return years


def _survival(from_age: Floats, to_age: Floats, sex: int) -> Floats:
    level, growth = GOMPERTZ[sex]
    cumulative = level / growth * (exp(growth * (to_age - 70)) - exp(growth * (from_age - 70)))
    survival: Floats = exp(-cumulative - MAKEHAM * (to_age - from_age))
    return survival


def _late_share(birth_year: Ints) -> Floats:
    """Share of a birth cohort's persons who came to the country after 1998."""
    years, shares = (1945, 1960, 1972, 1990, 2000, 2010, 2023), (0.02, 0.06, 0.17, 0.22, 0.14, 0.08, 0.0)
    return interpolate(birth_year, years, shares)


@dataclass(frozen=True)
class Cohorts:
    """How many persons a nation holds of each birth year and sex, for each person living there at the end of 2020."""

    birth_year: Ints
    sex: Ints
    cumulative: Floats
    persons: float


@lru_cache(maxsize=1)
def plan_cohorts() -> Cohorts:
    """Size the birth cohorts so that those left at the end of 2020 follow `AGE_TABLE`.

    A cohort's persons are the table's divided by the share that death and migration leave, deaths in closed form and
    migration by a fixed simulation.
    """
    first = np.array([row[0] for row in AGE_TABLE])
    width = np.diff(np.r_[first, 105])
    years = np.arange(1898, 2024)
    age = 2020 - years
    band = np.clip(np.searchsorted(first, age, side="right") - 1, 0, None)
    thousands = np.array([row[1] for row in AGE_TABLE])[band] / width[band]
    men = np.array([row[2] for row in AGE_TABLE])[band]
    year, sex, size = [], [], []
    for which in (WOMAN, MAN):
        survival = _survival(np.maximum(1997.5 - years, 0.0), np.maximum(age + 0.5, 0.0), which)
        left = survival * _migration_share(years)
        count = thousands * (men if which == MAN else 1 - men) / left
        old = np.array([row[0] for row in OLD_IN_1998])
        was = np.clip(np.searchsorted(old, 1998 - years, side="right") - 1, 0, None)
        share = interpolate(1998 - years, (73, 80, 90, 100), (0.44, 0.40, 0.28, 0.2))
        then = np.array([row[1] for row in OLD_IN_1998])[was] * (share if which == MAN else 1 - share)
        size.append(np.where(years <= 1925, then, np.where(years > 2020, 57.0, count)))
        year.append(years)
        sex.append(np.full(len(years), which))
    sizes = np.concatenate(size)
    everybody = total(sizes)
    cumulative = np.cumsum(sizes) / everybody
    living = sum(row[1] for row in AGE_TABLE)
    return Cohorts(np.concatenate(year), np.concatenate(sex), cumulative, float(everybody / living))


def _migration_share(years: Ints) -> Floats:
    """Share of each birth cohort, deaths aside, in the country at the end of 2020."""
    rng = stream(0, "migration", 0)
    birth = np.repeat((years - 1970) * YEAR, 1000).astype(np.int64)
    people = _migrate(birth, np.zeros(len(birth), np.int64), np.full(len(birth), NEVER), rng)
    there = people.present(slice(None), day_number(date(2020, 12, 31))).reshape(len(years), 1000)
    share: Floats = np.where(years <= 2020, there.sum(axis=1) / 1000, 1.0)
    return share


def make_people(seed: int, block: int, residents: int) -> People:
    """The persons who live in the country at some time in ``[START, END)``, dying of other causes than ALS.

    Parameters
    ----------
    seed, block : the key of the random numbers
    residents : persons expected to live in the country at the end of 2020
    """
    rng = stream(seed, "people", block)
    cohorts = plan_cohorts()
    n = round(residents * cohorts.persons)
    cell = np.searchsorted(cohorts.cumulative, rng.random(n), side="right")
    new_year = (cohorts.birth_year[cell] - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    birth = new_year + rng.integers(0, 365, n)
    sex = cohorts.sex[cell]
    people = _migrate(birth, sex, np.full(n, NEVER), rng)
    years = residual_life(people.age(people.enter), sex, rng.standard_exponential(n), rng.standard_exponential(n))
    death = people.enter + (years * YEAR).astype(np.int64)
    people.end_at(np.arange(n), death)
    return people


def _migrate(birth: Ints, sex: Ints, death: Ints, rng: Stream) -> People:
    n = len(birth)
    late = rng.random(n) < _late_share(birth // 365 + 1970)
    earliest = np.maximum(birth, START)
    enter = earliest + np.where(late, (rng.random(n) * (END - earliest)).astype(np.int64), 0)
    foreign = late | ((birth < START) & (rng.random(n) < FOREIGN_IN_1998))
    shares = np.cumsum([*BIRTHPLACES.values()])
    birthplace = np.where(foreign, np.searchsorted(shares, rng.random(n) * shares[-1], side="right"), 0)
    leaves = enter + (_first_event(LEAVE_RATE, (enter - birth) / YEAR, rng.standard_exponential(n)) * YEAR).astype(
        np.int64
    )
    leave = np.minimum(leaves + 1, END)
    home = leave + 30 + (rng.standard_exponential(n) * 4 * YEAR).astype(np.int64)
    returns = (rng.random(n) < RETURNS) & (home < END)
    back = np.where(returns, home, NEVER)
    return People(sex, birth, enter, leave, back, np.where(returns, END, NEVER), death, birthplace)


def _first_event(rates: tuple[tuple[float, float], ...], age: Floats, exponential: Floats) -> Floats:
    """Years from an age to the first event of a piecewise constant hazard by age, by inversion."""
    ages = np.array([row[0] for row in rates] + [120.0])
    cumulative = np.r_[0.0, np.cumsum(np.diff(ages) * [row[1] for row in rates])]
    target = interpolate(age, ages, cumulative) + exponential
    years: Floats = np.where(target >= cumulative[-1], 200.0, interpolate(target, cumulative, ages)) - age
    return years


def make_residence(people: People, seed: int, block: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Spells of living in one county.

    Returns
    -------
    person, start, stop (half-open), county (position in `COUNTIES`); sorted by person and start, never overlapping
    """
    rng = stream(seed, "residence", block)
    again = np.flatnonzero(people.back != NEVER)
    person = np.concatenate([np.arange(len(people)), again])
    start = np.concatenate([people.enter, people.back[again]])
    stop = np.concatenate([people.leave, people.stop[again]])
    fastest = max(rate for _, rate in MOVE_RATE)
    row, _ = spread(rng.poisson(fastest * (stop - start) / YEAR))
    day = start[row] + 1 + (rng.random(len(row)) * (stop[row] - start[row] - 1)).astype(np.int64)
    age = (day - people.birth[person[row]]) / YEAR
    rate = np.array([r for _, r in MOVE_RATE])[np.searchsorted([a for a, _ in MOVE_RATE], age, side="right") - 1]
    moves = (rng.random(len(row)) * fastest < rate) & (day > start[row]) & (day < stop[row])
    who = np.concatenate([person, person[row[moves]]])
    begins = np.concatenate([start, day[moves]])
    ends = np.concatenate([stop, stop[row[moves]]])
    order = np.lexsort((begins, who))
    who, begins, ends = who[order], begins[order], ends[order]
    distinct = np.r_[True, (who[1:] != who[:-1]) | (begins[1:] != begins[:-1])]
    who, begins, ends = who[distinct], begins[distinct], ends[distinct]
    same = np.r_[who[1:] == who[:-1], False]
    ends = np.minimum(ends, np.where(same, np.r_[begins[1:], 0], ends))
    weights = np.cumsum([*COUNTIES.values()])
    county = np.searchsorted(weights, rng.random(len(who)) * weights[-1], side="right")
    # a draw of the county that the person lives in already is no move
    touching = np.r_[False, (who[1:] == who[:-1]) & (begins[1:] == ends[:-1]) & (county[1:] == county[:-1])]
    kept = np.flatnonzero(~touching)
    ends = ends[np.r_[kept[1:], len(who)] - 1]
    return who[kept], begins[kept], ends, county[kept]
