"""The followed town as kinds of people, and every number of its released tables as a sum over kinds.

Nothing here has seen a table of the run: what a row counts is read off its own names, as whoever is handed the files
and the description would read it. People are in blocks that share what they are described by: pairs of a case and a
control, and patients who were followed, of each class of medicines; that the blocks are of the same people is known.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.cli.followed import CASES, CLASSES, DEATH, UNTIL, VENTILATION, Person, Town

SCHOOLS, SEXES = ("", "primary", "secondary", "tertiary"), ("female", "male")
USES = ("never", "lag only", "ever")
DAYS_OF_YEAR = 365.25
NOT_FOLLOWED = -1.0
FIRST = next(iter(CLASSES))


class Pair(NamedTuple):
    """A case and its control, by the use of one class."""

    case: str
    control: str
    sex: str
    case_school: str
    control_school: str


class Patient(NamedTuple):
    """A case who was followed, by the use of one class; how long, and what ended it."""

    use: str
    is_known: bool
    years: float
    why: str


Kind = tuple[str, Pair | Patient]
"""Of which class, and who."""
Asked = Callable[[Kind], int]
"""How often a number counts a kind."""
Counts = NDArray[np.float64]
Row = Mapping[str, str]
"""A row of a released file."""
ALONE, REFERENCE = "case alone", "events at the reference"
"""In the place of a column: what stands in none, and a ratio with its error tells."""
Where = tuple[str, tuple[str, ...], str]
"""The table, what its row is called by, and the column."""


@dataclass(frozen=True, repr=False)
class Followed:
    """All kinds of people there may be, and how many there are of each.

    Attributes
    ----------
    times : of the points of curves; nobody who reads them tells apart who left between two
    """

    times: Sequence[float]
    many: Mapping[Kind, int] = field(default_factory=dict)
    kinds: list[Kind] = field(default_factory=list)

    def __post_init__(self) -> None:
        ends = [NOT_FOLLOWED, *self.times, np.inf]
        for name in CLASSES:
            for uses, sex, schools in itertools.product(
                itertools.product(USES, USES), SEXES, itertools.product(SCHOOLS, SCHOOLS)
            ):
                self.kinds.append((name, Pair(*uses, sex, *schools)))
            for each in itertools.product(USES, (True, False), ends, (DEATH, VENTILATION, "")):
                self.kinds.append((name, Patient(*each)))

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many there are of each kind."""
        return np.array([self.many.get(kind, 0) for kind in self.kinds])

    def sum_of(self, asked: Asked) -> Counts:
        return np.array([asked(kind) for kind in self.kinds], float)

    def known_alike(self) -> Iterator[tuple[Where, Counts]]:
        """What the blocks have in common, as sums that are nought."""
        for kind in (Pair, Patient):
            for others in dict.fromkeys(_but_use(who) for _, who in self.kinds if isinstance(who, kind)):
                yield _alike(kind.__name__, *others), self.sum_of(partial(_first_less_other, kind, others))
        for at in itertools.product(CLASSES, USES, (True, False)):
            yield _alike("case", *at), self.sum_of(partial(_case_less_patient, at))


def _alike(*of: object) -> Where:
    return "the same people", tuple(map(str, of)), ""


def _but_use(who: Pair | Patient) -> tuple[object, ...]:
    return tuple(who[2:] if isinstance(who, Pair) else who[1:])


def _first_less_other(kind: type, others: tuple[object, ...], one: Kind) -> int:
    name, who = one
    is_asked = isinstance(who, kind) and _but_use(who) == others
    return (1 if name == FIRST else -1) * is_asked


def _case_less_patient(at: tuple[str, str, bool], one: Kind) -> int:
    name, who = one
    if isinstance(who, Pair):
        return int((name, who.case, who.case_school != "") == at)
    return -int((name, who.use, who.is_known) == at)


def people_of(town: Town, controls: Mapping[int, int], times: Sequence[float], stop: date) -> Followed:
    """Who there is: the attacker does not know it, and it tells which numbers are small.

    Parameters
    ----------
    controls : the number of each case → that of its control
    stop : the day before which cases are diagnosed
    """
    many: Counter[Kind] = Counter()
    for n in range(1, CASES + 1):
        case = town.people[n]
        if case.diagnosed is None or case.diagnosed >= stop:
            continue
        control = town.people[controls[n]]
        for name in CLASSES:
            uses = (person.use(name, case.diagnosed) for person in (case, control))
            many[name, Pair(*uses, case.sex, case.school, control.school)] += 1
            many[name, _patient(case, name, times)] += 1
    return Followed(times, many)


def _patient(case: Person, name: str, times: Sequence[float]) -> Patient:
    assert case.diagnosed is not None
    use, is_known = case.use(name, case.diagnosed), case.school != ""
    if case.ended is not None and case.ended < case.diagnosed:
        return Patient(use, is_known, NOT_FOLLOWED, "")
    left = min(case.ended or UNTIL, UNTIL)
    years = (left - case.diagnosed).days / DAYS_OF_YEAR
    until = next((time for time in times if years <= time + 1e-9), np.inf)
    return Patient(use, is_known, until, case.cause if case.ended else "")


def asked_of(table: str, row: Row, column: str) -> Asked | None:
    """Whom a number of a released row counts, by its names; None of one that no kind says anything of."""
    match table:
        case "table_one":
            return _of_table_one(row, column)
        case "estimates" if row["analysis"] == "risk":
            return _of_pairs(row, column)
        case "estimates":
            return _of_patients(row, column)
        case "curves" if row["family"] in ("kaplan-meier", "aalen-johansen"):
            return _of_a_point(row, column)
        case "attrition" if row["part"] == "prognosis":
            return _of_prognosis(row, column)
        case _:
            return None


def _pair(kind: Kind, name: str = FIRST) -> Pair | None:
    return kind[1] if kind[0] == name and isinstance(kind[1], Pair) else None


def _of_table_one(row: Row, column: str) -> Asked | None:
    side = {"cases_n": "case", "controls_n": "control"}.get(column)
    if side is None or row["kind"] != "share":
        return None
    name, value = "sex" if row["variable"] == "sex" else side, row["level"]
    if row["variable"] == "education":
        name, value = f"{side}_school", "" if value == "unknown" else value
    if not row["variable"] and not row["exposure"]:  # the size of sets
        return lambda k: int(_pair(k) is not None)
    return lambda k: int((p := _pair(k, row["exposure"] or FIRST)) is not None and getattr(p, name) == value)


OF_PAIRS: Mapping[str, Callable[[Pair, str], bool]] = {
    "n_sets": lambda p, level: True,
    "n_cases": lambda p, level: True,
    "n_controls": lambda p, level: True,
    "n_exposed_cases": lambda p, level: p.case == level,
    "n_exposed_controls": lambda p, level: p.control == level,
    "n_informative": lambda p, level: (p.case == level) != (p.control == level),
    ALONE: lambda p, level: p.case == level != p.control,
}


def _of_pairs(row: Row, column: str) -> Asked | None:
    if row["contrast"] != "level against reference" or row["covariate"] or column not in OF_PAIRS:
        return None

    def counted(kind: Kind) -> int:
        pair = _pair(kind, row["exposure"])
        if pair is None or row["stratum"] not in ("", pair.sex):
            return 0
        is_there = row["form"] == "crude" or (pair.case_school and pair.control_school)
        return int(bool(is_there) and OF_PAIRS[column](pair, row["level"]))

    return counted


def _of_patients(row: Row, column: str) -> Asked | None:
    if row["covariate"] or row["family"] not in ("rate", "cox", "cause-specific cox", "kaplan-meier"):
        return None
    if row["sensitivity"] or row["contrast"] not in ("value", "level against reference"):
        return None
    is_of_level = row["family"] in ("rate", "kaplan-meier") and row["exposure"]
    level = row["level"] if column.startswith("n_exposed") or is_of_level else ""
    level = row["reference"] if column == REFERENCE else level
    of_events = column in ("n_events", "n_exposed_events", REFERENCE)
    if not of_events and column not in ("n_cases", "n_exposed_cases"):
        return None

    def counted(kind: Kind) -> int:
        patient = _patient_at(kind, row["exposure"], level)
        is_there = patient is not None and (row["form"] in ("", "crude") or patient.is_known)
        return int(patient is not None and is_there and (not of_events or _has(patient, row["cause"])))

    return counted


def _patient_at(kind: Kind, name: str, level: str) -> Patient | None:
    who = kind[1]
    if kind[0] != (name or FIRST) or not isinstance(who, Patient) or who.years == NOT_FOLLOWED:
        return None
    return who if level in ("", who.use) else None


def _of_a_point(row: Row, column: str) -> Asked | None:
    time = float(row["time"]) + 1e-9
    of: Mapping[str, Callable[[Patient], bool]] = {
        "n_risk": lambda p: p.years > time,
        "n_events": lambda p: p.years <= time and _has(p, row["cause"]),
        "n_patients": lambda p: True,
    }
    level = "" if row["level"] == "all" else row["level"]
    if column not in of:
        return None
    return lambda k: int((p := _patient_at(k, row["exposure"], level)) is not None and of[column](p))


def _of_prognosis(row: Row, column: str) -> Asked | None:
    is_last = row["rule"] == "no such event before entry"

    def counted(kind: Kind) -> int:
        who = kind[1]
        if kind[0] != FIRST or not isinstance(who, Patient):
            return 0
        is_out = is_last and who.years == NOT_FOLLOWED
        return int(is_out if column == "removed" else not is_out)

    return counted if column in ("removed", "remaining") else None


def _has(patient: Patient, cause: str) -> bool:
    return patient.why == cause if cause else patient.why != ""
