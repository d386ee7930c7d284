"""Numbers of the patients who were followed: models of the prognosis, patients of curves, and what links them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from riskset.disclosure.book import Book, Spot
from riskset.disclosure.people_of_rows import Row, Rows
from riskset.disclosure.populations import Counted, Groups, Trait
from riskset.results.planted_prognosis import CASES
from riskset.results.vocabulary import Analysis, Contrast, CurveKind, Family

PATIENTS, EVENTS = "patients", "events"
EXPOSED = "n_exposed_cases"
OF_TIME = (CurveKind.SURVIVAL, CurveKind.INCIDENCE)
"""Curves without a model, which step with each event."""

AT_LANDMARK = "when curves begin"


def course_rows(estimates: Rows) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of estimates among patients, with their numbers."""
    followed = (Analysis.PROGNOSIS, Analysis.DECLINE)
    return ((i, row) for i, row in enumerate(estimates) if row["analysis"] in followed)


def gather_course(book: Book, tables: Mapping[str, Rows]) -> Groups:
    """Write down the numbers of all patients, and of those whom curves without a model begin with, and what adds up.

    Each model has patients and events of its own (a cause, a first score, every covariate, a landmark): their counts
    are not stated, nor those of scores.
    """
    groups = Groups(book)
    for i, row in course_rows(tables["estimates"]):
        if row["family"] == Family.RATE and row["contrast"] == Contrast.VALUE and not row["cause"]:
            _rate(groups, i, row)
        elif row["family"] == Family.KAPLAN_MEIER and row["contrast"] == Contrast.VALUE and not row["cause"]:
            _of_curve(groups, row, row["n_cases"], Spot("estimates", i, "n_cases"), Spot("estimates", i, EXPOSED))
    for i, row in enumerate(tables["curves"]):
        if row["curve"] in OF_TIME:
            _of_curve(groups, row, row["n_patients"], Spot("curves", i, "n_patients"))
    groups.complete()
    groups.nest([(CASES, "", (AT_LANDMARK,))], (PATIENTS,))
    _free_of_events(groups)
    groups.partition()
    return groups


def _rate(groups: Groups, i: int, row: Row) -> None:
    n_cases, n_events = Spot("estimates", i, "n_cases"), Spot("estimates", i, "n_events")
    patients, events = Counted(PATIENTS, CASES), Counted(EVENTS, CASES)
    if row["exposure"]:
        groups.level(patients, _level_of(row), row["n_cases"], n_cases, Spot("estimates", i, EXPOSED))
        groups.level(events, _level_of(row), row["n_events"], n_events, Spot("estimates", i, "n_exposed_events"))
    else:
        groups.size(patients, row["n_cases"], n_cases)
        groups.size(events, row["n_events"], n_events)


def _of_curve(groups: Groups, row: Row, n: int | None, *spots: Spot) -> None:
    group = Counted(PATIENTS, CASES, AT_LANDMARK)
    if row["exposure"]:
        groups.level(group, _level_of(row), n, *spots)
    else:
        groups.size(group, n, *spots)


def _level_of(row: Row) -> Trait:
    return Trait("exposure", row["exposure"], row["measure"], row["level"])


def _free_of_events(groups: Groups) -> None:
    """Patients are those with an event and those without."""
    for group, key in list(groups.totals.items()):
        events = groups.totals.get(group._replace(who=EVENTS))
        if group.who == PATIENTS and events is not None:
            groups.book.add_up(key, [events], (*group, "(free of events)"))
    for group, traits in list(groups.levels.items()):
        if group.who == PATIENTS:
            with_event = groups.levels.get(group._replace(who=EVENTS), {})
            for trait, key in traits.items():
                if trait in with_event:
                    groups.book.add_up(key, [with_event[trait]], (*group, *trait, "(free of events)"))
