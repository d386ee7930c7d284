"""The same attacker on the course after diagnosis: rates, models of each cause, curves and scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from riskset.disclosure.book import Spot
from riskset.disclosure.door import clear
from riskset.disclosure.policy import Policy
from riskset.results.columns import key_of
from riskset.results.released import Released
from riskset.results.tables import KINDS as TABLES
from tests.disclosure.attacker_of_kinds import narrowed
from tests.disclosure.kinds_of_patients import KINDS, Patients, patients_of
from tests.examples import examples

POLICY = Policy("under 5")


def drawn(seed: int) -> Patients:
    """Up to a few hundred patients, of whom most are of common kinds."""
    rng = np.random.default_rng(seed)
    common = rng.dirichlet(np.full(len(KINDS), rng.choice((0.05, 0.2, 1.0))))
    return patients_of(rng.multinomial(rng.integers(10, 400), common))


def left(patients: Patients, released: Released) -> Iterator[tuple[Spot, int]]:
    """Numbers that leave; points of curves of which nothing does have no row."""
    rows = {table: {_key(table, row): row for row in released.rows(table)} for table in patients.released.tables}
    before = {table: patients.released.rows(table) for table in patients.released.tables}
    for spot in patients.sums:
        row = rows[spot.table].get(_key(spot.table, before[spot.table][spot.row]))
        value = row[spot.column] if row is not None else None
        if value is not None and value == value:
            yield spot, round(value)


def _key(table: str, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in key_of(TABLES[table]))


def points(patients: Patients) -> set[Spot]:
    """Numbers of the points of curves, which are made coarser: what is left of them bounds those between."""
    return {spot for spot in patients.sums if spot.table == "curves" and spot.column in ("n_events", "n_risk")}


@pytest.mark.parametrize("seed", range(examples(20)))
def test_no_small_number_of_patients_follows_from_what_leaves(seed: int) -> None:
    patients = drawn(seed)
    released = clear(patients.released, POLICY).released
    known = dict(left(patients, released))
    assert narrowed(patients.sums, patients.many, known, POLICY, points(patients)) == []
