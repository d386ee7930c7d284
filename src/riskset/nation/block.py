"""One block of a nation, from births to canonical tables; the only module here that knows the order of the steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskset.nation.confounders import Psychiatric, make_education, make_psychiatric
from riskset.nation.disease import Risks, draw_als, first_acting_day
from riskset.nation.families import Families, make_families
from riskset.nation.medicines import GROUPS, make_other_fills
from riskset.nation.people import People, make_people
from riskset.nation.prescribing import DRUGS, Fills, make_use, qualifying_days
from riskset.nation.progression import Patients, make_patients
from riskset.nation.settings import CLASSES, REGISTER_START, NationSettings
from riskset.nation.streams import NEVER, Ints, day_number

BLOCK = 50_000
"""Residents of a block. Fixed: it is part of the key of the random numbers."""
STRIDE = 4 * BLOCK
"""Distance between the identifiers of two blocks; no block holds so many persons."""
ATC = [medicine.atc for drug in DRUGS.values() for medicine in drug.medicines] + [group.atc for group in GROUPS]


@dataclass(frozen=True)
class Block:
    """A block of a nation with all that happened in it.

    Persons are positions: the n of ``people`` first, then the earlier parents. ``withheld`` counts the dispensings
    before the register's start.
    """

    number: int
    seed: int
    people: People
    families: Families
    education: Ints
    psychiatric: Psychiatric
    qualified: dict[str, Ints]
    patients: Patients
    fills: Fills
    withheld: int


def make_block(settings: NationSettings, number: int) -> Block:
    """Generate a block, forward: nothing depends on what comes after it, and nothing on other blocks."""
    key = (settings.seed, number)
    residents = min(BLOCK, settings.persons - number * BLOCK)
    people = make_people(*key, residents)
    n = len(people)
    education = make_education(people, *key)
    psychiatric = make_psychiatric(people, *key)
    acting, start = first_acting_day(settings.effects), day_number(REGISTER_START)
    qualified, fills, withheld = {}, [], 0
    for name in CLASSES:
        use = make_use(name, people, education, psychiatric.ever, settings.effects, key)
        qualified[name] = qualifying_days(use.where(use.day >= acting), n)
        delivered = use.where(use.day >= start)
        withheld += len(use) - len(delivered)
        fills.append(delivered)
    als = draw_als(people, Risks(qualified, education, psychiatric.first), settings.effects, settings.incidence, key)
    patients = make_patients(people, als, qualified, settings.course, key)
    fills.append(make_other_fills(people, *key))
    people.end_at(patients.person, patients.death)
    families = make_families(people, *key)
    return Block(
        number,
        settings.seed,
        people,
        families,
        education,
        psychiatric,
        qualified,
        patients,
        _stack(fills, people, patients),
        withheld,
    )


def _stack(fills: list[Fills], people: People, patients: Patients) -> Fills:
    """All dispensings, ``medicine`` a position in `ATC`, none after a death."""
    offsets = np.cumsum([0] + [len(drug.medicines) for drug in DRUGS.values()])
    person = np.concatenate([part.person for part in fills])
    day = np.concatenate([part.day for part in fills])
    medicine = np.concatenate([part.medicine + offset for part, offset in zip(fills, offsets, strict=True)])
    ddd = np.concatenate([part.ddd for part in fills])
    last = np.full(len(people), NEVER)
    last[patients.person] = patients.death
    return Fills(person, day, medicine, ddd).where(day <= last[person])
