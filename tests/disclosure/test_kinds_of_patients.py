"""The same attacker on the course after diagnosis: rates, models of each cause, curves and scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from riskset.disclosure.book import Spot
from riskset.disclosure.door import clear
from riskset.disclosure.policy import Policy
from riskset.results.columns import key_of
from riskset.results.released import Released
from riskset.results.tables import KINDS as TABLES
from riskset.results.vocabulary import Scale
from tests.disclosure.attacker_of_kinds import narrowed
from tests.disclosure.kinds_of_patients import KINDS, REFERENCE, Patients, patients_of
from tests.examples import examples

POLICY = Policy("under 5")


def drawn(seed: int) -> Patients:
    """Up to a few hundred patients, of whom most are of common kinds."""
    rng = np.random.default_rng(seed)
    common = rng.dirichlet(np.full(len(KINDS), rng.choice((0.05, 0.2, 1.0))))
    return patients_of(rng.multinomial(rng.integers(10, 400), common))


def left(patients: Patients, released: Released) -> Iterator[tuple[Spot, int]]:
    """Numbers that leave, and those that whoever could invert a ratio and its error exactly would have of them.

    Nobody can, as far as is known: at risk at each event may be any who were followed. Points of curves of which
    nothing leaves have no row.
    """
    rows = {table: {_key(table, row): row for row in released.rows(table)} for table in patients.released.tables}
    before = {table: patients.released.rows(table) for table in patients.released.tables}
    for spot in (spot for spot in patients.sums if spot.table in rows):
        row = rows[spot.table].get(_key(spot.table, before[spot.table][spot.row]))
        value = row[spot.column] if row is not None else None
        if value is not None and value == value:
            yield spot, round(value)
        elif row is not None and spot.table == "estimates" and spot.column in GIVEN_BACK and _leaves(row):
            yield spot, before[spot.table][spot.row][spot.column]


GIVEN_BACK = ("n_exposed_cases", "n_exposed_events")


def _leaves(row: Mapping[str, Any]) -> bool:
    """Whether a ratio leaves with its error."""
    ratio = row["estimate"], row["std_error"]
    return row["scale"] == Scale.LOG_HR and all(n is not None and n == n for n in ratio)


def _key(table: str, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in key_of(TABLES[table]))


def points(patients: Patients) -> set[Spot]:
    """Numbers of the points of curves, which are made coarser: what is left of them bounds those between."""
    return {spot for spot in patients.sums if spot.table == "curves" and spot.column in ("n_events", "n_risk")}


def fewest(patients: Patients, released: Released) -> Iterator[tuple[NDArray[np.float64], int]]:
    """How many events there are at the reference at least, by the error of a ratio."""
    before = patients.released.rows("estimates")
    for i, row in enumerate(released.rows("estimates")):
        events = before[i]["n_exposed_events"]
        if Spot(REFERENCE, i, "n_events") in patients.sums and _leaves(row) and events:
            left = row["std_error"] ** 2 * (1 + 1e-3) - 1 / events
            if left > 0:
                yield patients.sums[Spot(REFERENCE, i, "n_events")], ceil(1 / left - 1e-6)


@pytest.mark.parametrize("seed", range(examples(20)))
def test_no_small_number_of_patients_follows_from_what_leaves(seed: int) -> None:
    patients = drawn(seed)
    released = clear(patients.released, POLICY).released
    known = dict(left(patients, released))
    at_least = list(fewest(patients, released))
    assert narrowed(patients.sums, patients.many, known, POLICY, points(patients), at_least) == []
