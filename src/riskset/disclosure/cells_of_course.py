"""Numbers of the patients who were followed: models of the prognosis, patients of curves, and what links them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from math import isqrt
from typing import Any

from riskset.disclosure.book import Book, Spot
from riskset.disclosure.given_back import fewest_at_reference
from riskset.disclosure.people_of_rows import Row, Rows
from riskset.disclosure.populations import MAIN, Counted, Groups, Trait
from riskset.results.planted_prognosis import CASES
from riskset.results.vocabulary import Analysis, Contrast, CurveKind, Family, Form, Role

PATIENTS, EVENTS = "patients", "events"
EXPOSED = "n_exposed_cases"
OF_TIME = (CurveKind.SURVIVAL, CurveKind.INCIDENCE)
"""Curves without a model, which step with each event."""

AT_LANDMARK = "when curves begin"
FREE = "(free of events)"
BESIDE = 5
"""As many estimates a rate and a curve are worth, which stand on the patients of a level beside those of models."""
PATIENTS_OF = "patients of "
"""How the names of a model's own patients begin."""


def course_rows(estimates: Rows) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of estimates among patients, with their numbers."""
    followed = (Analysis.PROGNOSIS, Analysis.DECLINE)
    return ((i, row) for i, row in enumerate(estimates) if row["analysis"] in followed)


def gather_course(book: Book, tables: Mapping[str, Rows]) -> Groups:
    """Write down the numbers of all patients, and of those whom curves without a model begin with, and what adds up.

    Each model has patients and events of its own (a cause, a first score, every covariate, a landmark): their counts
    are not stated, nor those of scores. But its estimates are taken to tell how many are at their levels: they are
    where these numbers stand.
    """
    groups = Groups(book)
    models = _Models(groups, [row for _, row in course_rows(tables["estimates"])])
    for i, row in course_rows(tables["estimates"]):
        if is_of_level(row):
            models.put(i, row)
        if row["family"] == Family.RATE and row["contrast"] == Contrast.VALUE and not row["cause"]:
            _rate(groups, i, row)
        elif row["family"] == Family.KAPLAN_MEIER and row["contrast"] == Contrast.VALUE and not row["cause"]:
            _of_curve(groups, row, row["n_cases"], Spot("estimates", i, "n_cases"), Spot("estimates", i, EXPOSED))
    for i, row in enumerate(tables["curves"]):
        if row["curve"] in OF_TIME:
            _of_curve(groups, row, row["n_patients"], Spot("curves", i, "n_patients"))
    models.references()
    _fewest_of_causes(groups, tables["curves"])
    groups.complete()
    groups.nest([(CASES, "", (AT_LANDMARK,))], (PATIENTS,))
    models.link()
    models.weigh()
    _free_of_events(groups)
    models.link_free()
    groups.partition()
    return groups


def is_of_level(row: Row) -> bool:
    """Whether an estimate is of the patients at a level in a model, against others or their own."""
    is_asked = row["contrast"] in (Contrast.LEVEL, Contrast.VALUE) and row["role"] == Role.EXPOSURE
    return is_asked and row["family"] not in (Family.RATE, Family.KAPLAN_MEIER) and bool(row["exposure"])


def all_patients(estimates: Rows) -> int | None:
    """How many were followed, which stands beside the rate of all; None where there is none."""
    rates = (r["n_cases"] for _, r in course_rows(estimates) if r["family"] == Family.RATE and not r["exposure"])
    return next(rates, None)


def is_of_fewer(row: Row, everybody: int | None) -> bool:
    """Whether an estimate is of the patients of a model that leaves some out, so that it goes with their number."""
    is_ours = row["analysis"] in (Analysis.PROGNOSIS, Analysis.DECLINE) and is_of_level(row)
    return is_ours and None not in (everybody, row["n_cases"], row["n_exposed_cases"]) and row["n_cases"] != everybody


class _Models:
    """The patients of each model, and their events, of whom its estimates are."""

    def __init__(self, groups: Groups, rows: Rows) -> None:
        self._groups, self._everybody = groups, all_patients(rows)
        self._names: dict[int, str] = {}
        self._references: dict[tuple[Counted, tuple[str, str, str]], str] = {}
        self._fewest: defaultdict[tuple[Counted, tuple[str, str, str]], int] = defaultdict(int)
        self._estimates: defaultdict[tuple[Counted, tuple[str, str, str]], list[Spot]] = defaultdict(list)
        self._crude: defaultdict[tuple[Counted, tuple[str, str, str]], list[Spot]] = defaultdict(list)

    def put(self, i: int, row: Row) -> None:
        """Write down how many patients, and events, an estimate is of."""
        if row["n_cases"] is None or row["n_exposed_cases"] is None:
            return
        people, trait, estimate = self._people(row), _level_of(row), Spot("estimates", i, "estimate")
        counted = [(Counted(PATIENTS, CASES, people), row["n_cases"], row["n_exposed_cases"])]
        if row["n_events"] is not None and row["n_exposed_events"] is not None:
            counted.append((Counted(_events(row["cause"]), CASES, people), row["n_events"], row["n_exposed_events"]))
        for group, of_all, at_level in counted:
            self._groups.size(group, of_all)
            self._groups.level(group, trait, at_level, *([estimate] if trait.level != row["reference"] else []))
            self._references[group, trait.kind] = row["reference"]
            self._estimates[group, trait.kind].append(estimate)
            if row["form"] == Form.CRUDE_SAME_PATIENTS:
                self._crude[group, trait.kind].append(estimate)
            if group.who != PATIENTS:
                self._fewest[group, trait.kind] = max(self._fewest[group, trait.kind], fewest_at_reference(row))

    def _people(self, row: Row) -> str:
        """What the patients of a model are called: as many are taken for the same; empty for all."""
        if row["n_cases"] == self._everybody:
            return ""
        name = f"{PATIENTS_OF}{row['family']}, {row['form']}, {row['sensitivity']}"
        return self._names.setdefault(row["n_cases"], name)

    def references(self) -> None:
        """Those at no other level are at the reference; an estimate that nearly tells them is theirs."""
        book = self._groups.book
        for (group, kind), level in self._references.items():
            others = {t: key for t, key in self._groups.levels[group].items() if t.kind == kind}
            left = book.values[self._groups.totals[group]] - sum(book.values[key] for key in others.values())
            trait = Trait(*kind, level)
            if trait not in others and left > 0:
                self._groups.level(group, trait, left)
            key = self._groups.levels[group].get(trait)
            if key is None:
                continue
            if self._fewest[group, kind]:
                book.bounded[key] += self._estimates[group, kind]
            if book.values[key] - self._fewest[group, kind] < book.policy.minimum:
                book.spots[key] += self._estimates[group, kind]
        self._left_out_at_reference()

    def _left_out_at_reference(self) -> None:
        """Crude ratios of all, and of the patients of another model, have errors alike: they tell who lies between."""
        book = self._groups.book
        for (group, kind), estimates in self._crude.items():
            trait = Trait(*kind, self._references[group, kind])
            whole, part = (self._groups.levels[one].get(trait) for one in (group._replace(part=""), group))
            if whole is None or part is None or group.who == PATIENTS:
                continue
            if 0 < book.values[whole] - book.values[part] < book.policy.minimum:
                book.spots[part] += estimates

    def link(self) -> None:
        """A model's patients are some of all, its events theirs, and those of one cause some of any."""
        for group in dict.fromkeys(group for group, _ in self._references):
            of_any = group._replace(who=PATIENTS if group.who == PATIENTS else EVENTS)
            for whole in (of_any, group._replace(part=""), of_any._replace(part="")):
                if whole != group and whole in self._groups.totals:
                    self._groups.within(whole, group)
        for group in [group for group in self._groups.totals if group.who == EVENTS]:
            causes = [one for one in self._groups.totals if one.who != EVENTS and one.who.startswith(EVENTS)]
            parts = tuple(one for one in causes if one.part == group.part)
            if len(parts) > 1:
                self._groups.together(group, parts)

    def link_free(self) -> None:
        """A model's patients without an event are some of all of those."""
        book = self._groups.book
        for group in dict.fromkeys(g for g, _ in self._references if g.who == PATIENTS and g.part):
            for rest in ((), *self._groups.levels[group]):
                whole, free = ((*one, *rest, FREE) for one in (group._replace(part=""), group))
                if whole in book.values and free in book.values:
                    book.add_up(whole, [free], (*free, "(not in the model)"))

    def weigh(self) -> None:
        """What fewer, and less precise, estimates stand on is withheld first; of those of risk, later than these."""
        book = self._groups.book
        for group in dict.fromkeys(group for group, _ in self._references):
            beside = 0 if group.part else BESIDE
            for key in self._groups.levels[group].values():
                estimates = sum(spot.column == "estimate" for spot in book.spots[key]) + beside
                book.weights[key] = float(min(max(1, estimates * isqrt(book.values[key]) // 4), MAIN - 1))


def _events(cause: str) -> str:
    return f"{EVENTS}, {cause}" if cause else EVENTS


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


def _fewest_of_causes(groups: Groups, curves: Rows) -> None:
    """There are as many events of a cause at least as its curve of all patients counts; of few there is no curve."""
    book = groups.book
    for row in curves:
        key = groups.totals.get(Counted(_events(row["cause"]), CASES))
        if row["curve"] not in OF_TIME or not row["cause"] or row["exposure"] or key is None:
            continue
        if not book.policy.is_small(book.values[key]):
            book.lowest[key] = max(book.lowest.get(key, 0), row["n_events"] or 0)


def _level_of(row: Row) -> Trait:
    return Trait("exposure", row["exposure"], row["measure"], row["level"])


def _free_of_events(groups: Groups) -> None:
    """Patients are those with an event and those without."""
    for group, key in list(groups.totals.items()):
        events = groups.totals.get(group._replace(who=EVENTS))
        if group.who == PATIENTS and events is not None:
            groups.book.add_up(key, [events], (*group, FREE))
    for group, traits in list(groups.levels.items()):
        if group.who == PATIENTS:
            with_event = groups.levels.get(group._replace(who=EVENTS), {})
            for trait, key in traits.items():
                if trait in with_event:
                    groups.book.add_up(key, [with_event[trait]], (*group, *trait, FREE))
