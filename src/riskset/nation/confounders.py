"""Education and psychiatric diagnosis: the confounders, which raise both use and the risk of ALS."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from riskset.nation.people import END, MAN, START, WOMAN, People
from riskset.nation.streams import NEVER, YEAR, Bools, Floats, Ints, day_number, spread, stream

EDUCATION_BY_BIRTH = ((1900, (0.60, 0.30, 0.10)), (1935, (0.42, 0.40, 0.18)), (1945, (0.25, 0.47, 0.28)),
                      (1960, (0.12, 0.52, 0.36)), (1975, (0.09, 0.46, 0.45)))  # fmt: skip
"""Birth year from which, and shares of primary, secondary and tertiary education."""

PSYCHIATRIC_RATE = {WOMAN: 0.0040, MAN: 0.0032}
"""First psychiatric diagnoses a year, from age 12."""
PSYCHIATRIC_CODES = {"F32": 0.34, "F41": 0.30, "F33": 0.12, "F43": 0.14, "F10": 0.06, "F31": 0.04}
PATIENT_REGISTER_START = day_number(date(1987, 1, 1))


@dataclass(frozen=True)
class Psychiatric:
    """Psychiatric history of a block's n persons.

    Attributes
    ----------
    ever : whether the person has a psychiatric disorder at some time, recorded or not (n)
    first : the first recorded diagnosis, `NEVER` where there is none (n)
    person, day, code : the recorded diagnoses, one row each; ``code`` is a position in `PSYCHIATRIC_CODES`
    """

    ever: Bools
    first: Ints
    person: Ints
    day: Ints
    code: Ints


def make_education(people: People, seed: int, block: int) -> Ints:
    """Highest education reached, as a position in `settings.EDUCATION`; length n."""
    shares = education_shares(np.floor(people.birth / YEAR) + 1970)
    draw = stream(seed, "education", block).random(len(people))
    level: Ints = (draw[:, None] > np.cumsum(shares, axis=1)[:, :2]).sum(axis=1)
    return level


def education_shares(birth_year: Ints | Floats) -> Floats:
    """Shares of the three levels in birth cohorts, (cohorts, 3)."""
    row = np.searchsorted([first for first, _ in EDUCATION_BY_BIRTH], birth_year, side="right") - 1
    shares: Floats = np.array([shares for _, shares in EDUCATION_BY_BIRTH])[np.clip(row, 0, None)]
    return shares


def make_psychiatric(people: People, seed: int, block: int) -> Psychiatric:
    """Psychiatric diagnoses in the patient register: a first one at a constant rate from age 12, and later ones."""
    rng = stream(seed, "psychiatric", block)
    n = len(people)
    rate = np.where(people.sex == MAN, PSYCHIATRIC_RATE[MAN], PSYCHIATRIC_RATE[WOMAN])
    onset = people.birth + ((12 + rng.standard_exponential(n) / rate) * YEAR).astype(np.int64)
    ever = onset < END
    who = np.flatnonzero(ever)
    again, _ = spread(rng.poisson(2.0, len(who)))
    later = onset[who[again]] + 1 + (rng.standard_exponential(len(again)) * 8 * YEAR).astype(np.int64)
    person = np.concatenate([who, who[again]])
    day = np.concatenate([onset[who], later])
    shares = np.cumsum([*PSYCHIATRIC_CODES.values()])
    usual = np.searchsorted(shares, rng.random(n) * shares[-1], side="right")
    # before 1998 there is no residence register: who lives there on its first day is taken to have lived there before
    was_there = (day < START) & (day >= PATIENT_REGISTER_START) & (people.enter[person] == START)
    kept = was_there | people.present(person, day)
    person, day = person[kept], day[kept]
    order = np.lexsort((day, person))
    person, day = person[order], day[order]
    first = np.full(n, NEVER)
    np.minimum.at(first, person, day)
    return Psychiatric(ever, first, person, day, usual[person])
