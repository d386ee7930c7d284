"""A study counted from its patients, one by one: every number of its tables is a sum over kinds of patients.

A patient's kind is the use of the medicine, when follow-up ended and why, whether the education is known, and how many
scores there are. As in ``kinds_of_sets``, the attacker needs no list of what is linked.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskset.disclosure.book import Spot
from riskset.results.columns import table_of
from riskset.results.planted_prognosis import CASES
from riskset.results.released import Released
from riskset.results.rows import CurvePoint, Estimate
from riskset.results.vocabulary import Analysis, Contrast, CurveKind, Family, Form, Model, Scale
from riskset.spec.levels import ALL
from tests.disclosure.kinds_of_sets import CLASS, USES
from tests.report.released import make_study

TIMES = (1, 2, 3, 4)
"""At which curves are drawn: a patient left before one of them, before they begin (0), or later than all (5)."""
DEATH, VENTILATION, CENSORED = "death", "invasive_ventilation", ""
ANY = ""
REFERENCE = "at the reference"
"""In the place of a table: events at the reference of a ratio, which stand in none."""
INFLATED = 1.001
"""By how much more than those events give an error is: hardly at all, which tells the most of them."""


class Patient(NamedTuple):
    """Of what kind a patient is."""

    use: str
    left: int
    why: str
    known: bool
    scores: int


Asked = Callable[[Patient], int]
"""How often a kind of patient is counted."""


@dataclass(frozen=True, repr=False)
class Patients:
    """So many patients of each kind, and the numbers of the tables as sums over kinds.

    Attributes
    ----------
    many : of each kind
    released : the tables of their study
    sums : where a number stands → how often it counts each kind
    """

    many: NDArray[np.int64]
    released: Released
    sums: Mapping[Spot, NDArray[np.float64]]


KINDS: Sequence[Patient] = [
    Patient(*each)
    for each in itertools.product(USES, (0, *TIMES, 5), (DEATH, VENTILATION, CENSORED), (True, False), (0, 2))
]


def patients_of(many: NDArray[np.int64]) -> Patients:
    """The tables of a study with so many patients of each kind."""
    counting = _Counting(many)
    tables = {
        "estimates": table_of(list(_estimates(counting)), Estimate),
        "curves": table_of(list(_curves(counting)), CurvePoint),
    }
    return Patients(many, Released(make_study(), tables, {}), counting.sums)


class _Counting:
    def __init__(self, many: NDArray[np.int64]) -> None:
        self.many = many
        self.sums: dict[Spot, NDArray[np.float64]] = {}

    def count(self, spot: Spot, asked: Asked) -> int:
        """How many are asked for, and that this number stands there."""
        self.sums[spot] = np.array([int(asked(kind)) for kind in KINDS], float)
        return int(self.sums[spot] @ self.many)


def _has_event(patient: Patient, cause: str) -> bool:
    return patient.why == cause if cause else patient.why != CENSORED


def _estimates(counting: _Counting) -> Iterator[Estimate]:
    """Rates of all and of each level, and models of each event, of all and of those with a known education."""
    row = itertools.count()

    def counts(i: int, is_there: Callable[[Patient], bool], level: str, cause: str, **more: str) -> dict[str, int]:
        def at_level(patient: Patient) -> bool:
            return is_there(patient) and patient.use == level

        asked: dict[str, Asked] = {
            "n_cases": is_there,
            "n_events": lambda patient: is_there(patient) and _has_event(patient, cause),
            "n_exposed_cases": at_level,
            "n_exposed_events": lambda patient: at_level(patient) and _has_event(patient, cause),
        }
        if more:
            asked[more["scores"]] = lambda patient: is_there(patient) * patient.scores
        return {name: counting.count(Spot("estimates", i, name), one) for name, one in asked.items()}

    for use in (ALL, *USES):
        i = next(row)
        found = counts(i, lambda patient, use=use: use in (ALL, patient.use), use, ANY)  # type: ignore[misc]
        exposed: dict[str, Any] = {} if use == ALL else {"exposure": CLASS}
        if use == ALL:
            for name in ("n_exposed_cases", "n_exposed_events"):
                del found[name], counting.sums[Spot("estimates", i, name)]
        yield Estimate(
            model=Model(Analysis.PROGNOSIS, Family.RATE, measure="ever"), comparison=CASES, level=use,
            contrast=Contrast.VALUE, scale=Scale.RATE, estimate=0.3, **exposed, **found,
        )  # fmt: skip
    people: dict[Form, Callable[[Patient], bool]] = {
        Form.CRUDE: lambda patient: True,
        Form.ADJUSTED: lambda patient: patient.known,
    }
    for form, cause, use in itertools.product(people, (ANY, DEATH, VENTILATION), USES[1:]):
        i = next(row)
        family = Family.CAUSE_SPECIFIC if cause else Family.COX
        found = counts(i, people[form], use, cause)
        is_there = people[form]
        at_reference = counting.count(
            Spot(REFERENCE, i, "n_events"),
            lambda patient, of=is_there, cause=cause: (  # type: ignore[misc]
                of(patient) and patient.use == USES[0] and _has_event(patient, cause)
            ),
        )
        events = (found["n_exposed_events"], at_reference)
        error = INFLATED * sqrt(sum(1 / n for n in events)) if min(events) else None
        yield _ratio(Model(Analysis.PROGNOSIS, family, form, "ever", cause=cause), use, found, error)
    for use in USES[1:]:
        i = next(row)
        found = counts(i, lambda patient: patient.scores > 0, use, ANY, scores="n_scores")
        yield _ratio(Model(Analysis.PROGNOSIS, Family.JOINT, Form.CRUDE, "ever"), use, found)


def _ratio(model: Model, use: str, counts: Mapping[str, int], error: float | None = 0.2) -> Estimate:
    return Estimate(
        model=model, comparison=CASES, exposure=CLASS, level=use, reference=USES[0], scale=Scale.LOG_HR,
        estimate=0.1 if error else None, std_error=error, **counts,
    )  # fmt: skip


def _curves(counting: _Counting) -> Iterator[CurvePoint]:
    """Any event and each, of all and of each level, month by month; and measured scores."""
    row = itertools.count()

    def point(
        asked: Mapping[str, Asked], use: str, time: float, family: Family, curve: CurveKind, cause: str = ANY
    ) -> CurvePoint:
        i = next(row)
        counts = {name: counting.count(Spot("curves", i, name), one) for name, one in asked.items()}
        return CurvePoint(
            model=Model(Analysis.PROGNOSIS, family, measure="ever", cause=cause), curve=curve, level=use, time=time,
            exposure="" if use == ALL else CLASS, unit="years", estimate=0.5, **counts,
        )  # fmt: skip

    for use, cause, time in itertools.product((ALL, *USES), (ANY, DEATH, VENTILATION), TIMES):

        def is_there(patient: Patient, use: str = use) -> bool:
            return use in (ALL, patient.use) and patient.left > 0

        asked: dict[str, Asked] = {
            "n_risk": lambda patient, time=time, of=is_there: of(patient) and patient.left > time,  # type: ignore[misc]
            "n_events": lambda patient, time=time, of=is_there, cause=cause: (  # type: ignore[misc]
                of(patient) and patient.left <= time and _has_event(patient, cause)
            ),
            "n_patients": is_there,
        }
        family = Family.AALEN_JOHANSEN if cause else Family.KAPLAN_MEIER
        yield point(asked, use, time, family, CurveKind.INCIDENCE if cause else CurveKind.SURVIVAL, cause)
    for use in (ALL, *USES):

        def has_scores(patient: Patient, use: str = use) -> bool:
            return use in (ALL, patient.use) and patient.scores > 0

        of_scores: dict[str, Asked] = {
            "n_patients": has_scores,
            "n_scores": lambda patient, of=has_scores: of(patient) * patient.scores,  # type: ignore[misc]
        }
        yield point(of_scores, use, 0.5, Family.MEASURED, CurveKind.MEASURED_SCORE)
