"""Numbers of the patients who were followed: models of the prognosis, patients of curves, and what links them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from riskset.disclosure.book import Book, Spot
from riskset.disclosure.cells_of_sets import Row, Rows, trait_of
from riskset.disclosure.populations import Counted, Groups, Trait
from riskset.results.planted_prognosis import CASES
from riskset.results.vocabulary import Analysis, Contrast, CurveKind, Family, Sensitivity

PATIENTS, EVENTS, SCORES = "patients", "events", "scores"
WITHOUT_MODEL = (Family.RATE, Family.KAPLAN_MEIER, Family.AALEN_JOHANSEN)
"""Families that describe the patients at one level alone: their number of cases is of that level."""

AT_LANDMARK = "when curves begin"


class _Parts:
    """What the patients of each model are called."""

    def __init__(self, rows: Rows) -> None:
        sizes = [(row["n_cases"], row["n_events"] or 0) for row in rows if row["n_cases"] is not None]
        self._met: list[tuple[int | None, int | None]] = []
        self.whole = max(sizes, default=(0, 0))

    def of(self, row: Row) -> str:
        size = (row["n_cases"], row["n_events"])
        if size == self.whole:
            return ""
        if size not in self._met:
            self._met.append(size)
        return f"complete ({self._met.index(size) + 1})"


def course_rows(estimates: Rows) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of estimates among patients, with their numbers."""
    followed = (Analysis.PROGNOSIS, Analysis.DECLINE)
    return ((i, row) for i, row in enumerate(estimates) if row["analysis"] in followed)


def gather_course(book: Book, tables: Mapping[str, Rows]) -> None:
    """Write down all numbers of patients, and what adds up."""
    rows = [row for _, row in course_rows(tables["estimates"])]
    parts, groups = _Parts(rows), Groups(book)
    inner: dict[str, None] = {}
    for i, row in course_rows(tables["estimates"]):
        part = _estimate(groups, parts, i, row)
        if part:
            inner[part] = None
    _curves(groups, tables["curves"])
    groups.nest([(CASES, "", (part,)) for part in (*inner, AT_LANDMARK)], (PATIENTS, EVENTS))
    _free_of_events(groups)
    groups.partition()


def _estimate(groups: Groups, parts: _Parts, i: int, row: Row) -> str:
    trait = _trait(row)
    n_cases, n_events = Spot("estimates", i, "n_cases"), Spot("estimates", i, "n_events")
    exposed, exposed_events = Spot("estimates", i, "n_exposed_cases"), Spot("estimates", i, "n_exposed_events")
    of_level_alone = row["family"] in WITHOUT_MODEL and row["contrast"] == Contrast.VALUE and row["exposure"]
    if of_level_alone:
        part = "" if row["family"] == Family.RATE else AT_LANDMARK
        groups.level(Counted(PATIENTS, CASES, part), trait, row["n_cases"], n_cases, exposed)
        groups.level(Counted(EVENTS, CASES, part), trait, row["n_events"], n_events, exposed_events)
        return part
    part = AT_LANDMARK if row["family"] in WITHOUT_MODEL and not row["exposure"] and parts.of(row) else parts.of(row)
    groups.size(Counted(PATIENTS, CASES, part), row["n_cases"], n_cases)
    groups.size(Counted(EVENTS, CASES, part), row["n_events"], n_events)
    if row["n_scores"] is not None:
        groups.size(
            Counted(SCORES, CASES, f"{row['family']} {part}"), row["n_scores"], Spot("estimates", i, "n_scores")
        )
    if row["n_exposed_cases"] is not None and row["exposure"]:
        # A level that was left out of a fit is counted before.
        of = part if row["estimate"] is not None else ""
        groups.level(Counted(PATIENTS, CASES, of), trait, row["n_exposed_cases"], exposed)
        groups.level(Counted(EVENTS, CASES, of), trait, row["n_exposed_events"], exposed_events)
    return part


def _trait(row: Row) -> Trait:
    """Exposed by the end of follow-up is another trait than exposed at its beginning."""
    trait = trait_of(row)
    return trait._replace(about="exposed in time") if row["sensitivity"] == Sensitivity.TIME_VARYING else trait


def _curves(groups: Groups, curves: Rows) -> None:
    """Of the patients of a curve: all when curves without a model begin, those of the model of others."""
    for i, row in enumerate(curves):
        if row["n_patients"] is None:
            continue
        spot, is_survival = Spot("curves", i, "n_patients"), row["curve"] in (CurveKind.SURVIVAL, CurveKind.INCIDENCE)
        # A measured score has other patients in each band of time.
        band = "" if row["curve"] != CurveKind.MEASURED_SCORE else f" {row['time']:g}"
        part = AT_LANDMARK if is_survival else f"{row['family']} {row['form']} {row['curve']}{band}"
        group = Counted(PATIENTS, CASES, part)
        if row["exposure"]:
            groups.level(
                group, Trait("exposure", row["exposure"], row["measure"], row["level"]), row["n_patients"], spot
            )
        else:
            groups.size(group, row["n_patients"], spot)


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
