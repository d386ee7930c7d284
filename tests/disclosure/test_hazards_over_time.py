"""Ratios of hazards of two nested cohorts: what their errors tell together that neither tells alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import sqrt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from riskset.disclosure.door import clear
from riskset.disclosure.given_back import fewest_at_reference
from riskset.disclosure.ledger import earlier_of, line_of
from riskset.disclosure.policy import Policy
from riskset.results.columns import table_of
from riskset.results.planted_prognosis import CASES
from riskset.results.released import Released
from riskset.results.rows import Estimate
from riskset.results.vocabulary import Analysis, Contrast, Family, Form, Model, Scale
from tests.disclosure import kinds_of_patients
from tests.disclosure.kinds_of_patients import CENSORED, DEATH, KINDS, USES, Patients, patients_of
from tests.disclosure.kinds_of_sets import CLASS
from tests.disclosure.releases_over_time import Release
from tests.examples import examples
from tests.report.released import make_study

POLICY = Policy("under 5")
INFLATED = 1.2
"""As much more than the events give is an error that is adjusted: alone it tells too little of them to be withheld."""


@pytest.fixture(autouse=True)
def _inflated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds_of_patients, "INFLATED", INFLATED)


def drawn(seed: int) -> NDArray[np.int64]:
    """Some four hundred patients, nearly as many at each level, of whom most have had an event."""
    rng = np.random.default_rng(seed)
    likely = np.array([0.2 if kind.why == CENSORED else 1.0 for kind in KINDS]) * rng.uniform(0.5, 1.5, len(KINDS))
    return np.asarray(rng.multinomial(400, likely / likely.sum()))


def came(seed: int, n: int) -> NDArray[np.int64]:
    """So many more, who died and had never used the medicine."""
    rng = np.random.default_rng(seed)
    of = [i for i, k in enumerate(KINDS) if k.use == USES[0] and k.why == DEATH and k.left and k.known]
    return np.bincount(rng.choice(of, n), minlength=len(KINDS))


def ratios(released: Released) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    """Ratios of hazards that leave with their errors."""
    rows = [row for row in released.rows("estimates") if row["scale"] == Scale.LOG_HR and row["std_error"]]
    shown = [row for row in rows if row["std_error"] == row["std_error"]]
    return {(row["family"], row["form"], row["cause"], row["level"]): row for row in shown}


def at_reference(patients: Patients) -> dict[tuple[Any, ...], int]:
    """Events at the reference of each ratio, in truth."""
    rows = patients.released.rows("estimates")
    return {
        (row["family"], row["form"], row["cause"], row["level"]): round(patients.sums[spot] @ patients.many)
        for i, row in enumerate(rows)
        for spot in patients.sums
        if (spot.table, spot.row) == (kinds_of_patients.REFERENCE, i)
    }


def leave(*studies: Patients) -> Iterator[Released]:
    """What leaves of each, with the ledger of those before."""
    lines: list[Any] = []
    for n, patients in enumerate(studies):
        released = Release(frozenset(), patients.released, {}).of_study(0, n).released
        cleared = clear(released, POLICY, earlier_of(lines, released))
        lines.append(line_of(lines, cleared, f"export {n}", {}))
        yield cleared.released


def guessed(row: Mapping[str, Any], events: int) -> float:
    """Events at the reference, for whoever takes the error for so much more than the events give."""
    return 1 / ((row["std_error"] / INFLATED) ** 2 - 1 / events)


def exposed_events(patients: Patients) -> dict[tuple[Any, ...], int]:
    rows = patients.released.rows("estimates")
    return {(r["family"], r["form"], r["cause"], r["level"]): r["n_exposed_events"] for r in rows}


def test_two_errors_of_nested_cohorts_tell_how_many_came_and_one_alone_does_not() -> None:
    """Releases that do not know of each other: the bound is far from the number, and the difference is not."""
    before, after = (patients_of(many) for many in (drawn(1), drawn(1) + came(1, 3)))
    first, second = (ratios(clear(patients.released, POLICY).released) for patients in (before, after))
    events, later = at_reference(before), at_reference(after)
    told = 0
    for name in first.keys() & second.keys() & events.keys():
        row, n = second[name], exposed_events(after)[name]
        if later[name] == events[name] + 3:
            assert later[name] - fewest_at_reference({**row, "n_exposed_events": n}) >= POLICY.minimum
            difference = guessed(row, n) - guessed(first[name], exposed_events(before)[name])
            told += round(difference) == 3
    assert told


@pytest.mark.parametrize("seed", range(examples(6)))
@pytest.mark.parametrize("n", [1, 4, 5, 40])
def test_no_ratio_leaves_against_a_few_more_events_than_an_earlier_one(seed: int, n: int) -> None:
    before, after = (patients_of(many) for many in (drawn(seed), drawn(seed) + came(seed, n)))
    first, second = map(ratios, leave(before, after))
    assert first
    events, later = at_reference(before), at_reference(after)
    assert not [name for name in second if name in events and 0 < later[name] - events[name] < POLICY.minimum]
    assert second or n < POLICY.minimum


def of_one_release(left_out: int) -> Released:
    """Rates and crude ratios of all, and of those with a known covariate, which some at the reference lack."""
    events, n = {"never": 80, "ever": 90}, {"never": 140, "ever": 150}
    rate = Model(Analysis.PROGNOSIS, Family.RATE, measure="ever")
    rows = [
        Estimate(
            model=rate, comparison=CASES, level=level, contrast=Contrast.VALUE, scale=Scale.RATE, estimate=0.3,
            exposure="" if level == "all" else CLASS, n_cases=n.get(level, 290), n_events=events.get(level, 170),
        )
        for level in ("all", "never", "ever")
    ]  # fmt: skip
    for form, less in ((Form.CRUDE, 0), (Form.CRUDE_SAME_PATIENTS, left_out)):
        error = INFLATED * sqrt(1 / events["ever"] + 1 / (events["never"] - less))
        rows.append(
            Estimate(
                model=Model(Analysis.PROGNOSIS, Family.COX, form, "ever"), comparison=CASES,
                exposure=CLASS, level="ever", reference="never",
                scale=Scale.LOG_HR, estimate=0.1, std_error=error, n_cases=290 - less, n_events=170 - less,
                n_exposed_cases=n["ever"], n_exposed_events=events["ever"],
            )
        )  # fmt: skip
    return Released(make_study(), {"estimates": table_of(rows, Estimate)}, {})


@pytest.mark.parametrize(("left_out", "forms"), [(1, 1), (4, 1), (5, 2), (30, 2)])
def test_nor_two_crude_ratios_of_one_release_between_which_a_few_events_lie(left_out: int, forms: int) -> None:
    assert len(ratios(clear(of_one_release(left_out), POLICY).released)) == forms
