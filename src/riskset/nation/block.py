"""One block of a nation, from births to canonical tables; the only module here that knows the order of the steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskset.nation.confounders import Psychiatric, make_education, make_psychiatric
from riskset.nation.disease import Risks, draw_als, first_acting_day
from riskset.nation.families import Families, end_by_als, make_families
from riskset.nation.liability import Liability, make_liability, split_use
from riskset.nation.medicines import GROUPS, make_other_fills
from riskset.nation.people import People, make_people
from riskset.nation.prescribing import DRUGS, Fills, make_use, qualifying_days
from riskset.nation.progression import NationPatients, make_patients
from riskset.nation.settings import CLASSES, REGISTER_START, NationSettings
from riskset.nation.streams import NEVER, Ints, day_number

BLOCK = 50_000
"""Residents of a block. Fixed: it is part of the key of the random numbers."""
STRIDE = 4 * BLOCK
"""Distance between the identifiers of two blocks; no block holds so many persons."""
ATC = [medicine.atc for drug in DRUGS.values() for medicine in drug.medicines] + [group.atc for group in GROUPS]


@dataclass(frozen=True)
class NationBlock:
    """A block of a nation with all that happened in it.

    Persons are positions: the n of ``people`` first, then the earlier parents. ``qualified`` is of the use that acts,
    ``fills`` what the register holds; ``withheld`` counts the dispensings before its start.
    """

    number: int
    seed: int
    people: People
    families: Families
    education: Ints
    psychiatric: Psychiatric
    liability: Liability
    qualified: dict[str, Ints]
    patients: NationPatients
    fills: Fills
    withheld: int


def make_block(settings: NationSettings, number: int) -> NationBlock:
    """Generate a block, forward: nothing depends on what comes after it, and nothing on other blocks."""
    key = (settings.seed, number)
    effects, mechanism = settings.effects, settings.mechanism
    people = make_people(*key, min(BLOCK, settings.persons - number * BLOCK))
    families = make_families(people, *key)
    education = make_education(people, *key)
    psychiatric = make_psychiatric(people, *key)
    liability = make_liability(families, mechanism, *key)
    use = _make_classes(people, education, psychiatric, liability, settings, key)
    risks = Risks(use.qualified, education, psychiatric.first, liability.risk)
    als = draw_als(people, risks, effects, settings.incidence, key, mechanism)
    patients = make_patients(people, als, use.qualified, settings.course, key)
    fills = [*use.delivered, make_other_fills(people, *key)]
    people.end_at(patients.person, patients.death)
    return NationBlock(
        number,
        settings.seed,
        people,
        end_by_als(families, people),
        education,
        psychiatric,
        liability,
        use.qualified,
        patients,
        _stack(fills, people, patients),
        use.withheld,
    )


@dataclass(frozen=True)
class _Use:
    """Use of the three classes: what acts, what the register holds, and how much it holds back."""

    qualified: dict[str, Ints]
    delivered: list[Fills]
    withheld: int


def _make_classes(
    people: People,
    education: Ints,
    psychiatric: Psychiatric,
    liability: Liability,
    settings: NationSettings,
    key: tuple[int, int],
) -> _Use:
    acting_from, start = first_acting_day(settings.effects), day_number(REGISTER_START)
    mechanism, n = settings.mechanism, len(people)
    qualified, delivered, withheld = {}, [], 0
    for name in CLASSES:
        use = make_use(
            name, people, education, psychiatric.ever, settings.effects, key,
            liability=liability.use, liability_variance=mechanism.use_variance,
        )  # fmt: skip
        acting, held = split_use(name, use, n, mechanism, key)
        qualified[name] = qualifying_days(acting.where(acting.day >= acting_from), n)
        kept = held.where(held.day >= start)
        withheld += len(held) - len(kept)
        delivered.append(kept)
    return _Use(qualified, delivered, withheld)


def _stack(fills: list[Fills], people: People, patients: NationPatients) -> Fills:
    """All dispensings, ``medicine`` a position in `ATC`, none after a death."""
    offsets = np.cumsum([0] + [len(drug.medicines) for drug in DRUGS.values()])
    person = np.concatenate([part.person for part in fills])
    day = np.concatenate([part.day for part in fills])
    medicine = np.concatenate([part.medicine + offset for part, offset in zip(fills, offsets, strict=True)])
    ddd = np.concatenate([part.ddd for part in fills])
    last = np.full(len(people), NEVER)
    last[patients.person] = patients.death
    return Fills(person, day, medicine, ddd).where(day <= last[person])
