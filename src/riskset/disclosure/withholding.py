"""From the numbers that may not be known to the cells of tables that are emptied: what tells a number goes with it."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from riskset.disclosure.book import Spot
from riskset.disclosure.by_code import ARGUMENTS, DIAGNOSTICS, TELLING
from riskset.disclosure.cells_of_course import all_patients, is_of_fewer
from riskset.disclosure.given_back import given_back
from riskset.disclosure.policy import Policy
from riskset.microdata import Microdata
from riskset.results.columns import columns_of
from riskset.results.notes import Note, NoteCode, note, read_notes
from riskset.results.planted_prognosis import CASES
from riskset.results.roles import COUNTS, DisclosureRole
from riskset.results.rows import Described, Estimate, QualityRow
from riskset.results.set_vocabulary import AttritionPart
from riskset.results.vocabulary import Contrast, DiagnosticCode, Family
from riskset.results.withheld import WithheldFor

Row = Mapping[str, Any]
Rows = list[dict[str, Any]]

LEVEL_COUNTS = ("n_exposed_cases", "n_exposed_controls", "n_informative", "n_exposed_events")
"""Counts at the level of an estimate."""

Level = tuple[str, str, str, str]
"""Comparison, class or covariate, measure, and level."""

_COUNTS_OF_ESTIMATES = tuple(c.name for c in columns_of(Estimate) if c.role in COUNTS)

OF_ALL_CASES = (DiagnosticCode.INCIDENCE, DiagnosticCode.INCIDENCE_LIKE_CASES)
"""Diagnostics that give the number of all cases back, with the person-years beside them."""

OUTRIGHT = (WithheldFor.SMALL, WithheldFor.RELEASED_BEFORE, WithheldFor.TOO_CLOSE)
"""Rules by which a number is withheld for what it is, not to protect another."""

ITSELF = frozenset(WithheldFor) - {WithheldFor.UNSTATED}
"""Rules by which a number is withheld for more than that no other is linked to it."""


@dataclass(repr=False)
class Withholding(Microdata):
    """The rows of a run, and which of their cells are emptied.

    Attributes
    ----------
    policy : whose rules they are
    rows : name of a table → its rows, of which notes are changed in place
    cells : what is emptied, and by which rule
    notes : the rows of which a note was taken, and by which rule
    """

    policy: Policy
    rows: dict[str, Rows]
    cells: dict[Spot, WithheldFor] = field(default_factory=dict)
    notes: dict[Spot, WithheldFor] = field(default_factory=dict)

    def withhold(self, spot: Spot, rule: WithheldFor) -> None:
        """Empty a cell, if a number stands there."""
        if self.rows[spot.table][spot.row][spot.column] is not None:
            self.cells.setdefault(spot, rule)

    def is_withheld(self, table: str, row: int, columns: tuple[str, ...]) -> bool:
        """Whether one of some cells of a row is emptied."""
        return any(Spot(table, row, column) in self.cells for column in columns)

    def follow(self) -> None:
        """Empty what follows from the counts that are withheld."""
        self._dependents("table_one", Described)
        self._whole_covariates()
        self._dependents("quality", QualityRow)
        self._estimates()
        self._diagnostics()
        self._notes()

    def _dependents(self, table: str, kind: type) -> None:
        for column in columns_of(kind):
            for i in range(len(self.rows[table])):
                if column.of and self.is_withheld(table, i, column.of):
                    self.withhold(Spot(table, i, column.name), WithheldFor.FOLLOWS)

    def _whole_covariates(self) -> None:
        """A difference of a covariate as a whole is a function of the counts at all of its levels."""
        rows = self.rows["table_one"]
        levels = [(row["comparison"], row["about"], row["variable"]) for row in rows]
        gone = {of for i, of in enumerate(levels) if self.is_withheld("table_one", i, ("smd_variable",))}
        for i, of in enumerate(levels):
            if of in gone:
                self.withhold(Spot("table_one", i, "smd_variable"), WithheldFor.FOLLOWS)

    def _estimates(self) -> None:
        """An estimate goes with a small count of its own, with a withheld count of its level, or if it gives one back.

        Where a count is not stated for nothing but that others are not linked to it (``WithheldFor.UNSTATED``), the
        estimate stands: it does not tell the count.
        """
        rows = self.rows["estimates"]
        levels, strata = self._levels_withheld(), self._strata_withheld()
        everybody = all_patients(rows)
        for i, row in enumerate(rows):
            small = any(self.cells.get(Spot("estimates", i, name)) in OUTRIGHT for name in _COUNTS_OF_ESTIMATES)
            is_gone = _level_of(row) in levels and not is_of_fewer(row, everybody)
            if small or is_gone or (*_level_of(row), row["modifier"]) in strata:
                self.without_estimate(i, WithheldFor.FOLLOWS)
            elif Spot("estimates", i, "estimate") in self.cells:
                self.without_estimate(i, self.cells[Spot("estimates", i, "estimate")])
            elif (pairs := given_back(row)) is not None and min(pairs) < self.policy.minimum:
                self.without_estimate(i, WithheldFor.GIVEN_BACK)
        self._without_compared(rows)
        for i in range(len(rows)):
            if self.is_withheld("estimates", i, ("n_cases", "n_events")):
                self.withhold(Spot("estimates", i, "person_years"), WithheldFor.FOLLOWS)

    def _strata_withheld(self) -> set[tuple[str, ...]]:
        """Levels and modifiers of which a stratum has a small count: the others and the whole would nearly tell it."""
        return {
            (*_level_of(row), row["modifier"])
            for i, row in enumerate(self.rows["estimates"])
            if row["modifier"] and self._is_withheld_by(OUTRIGHT, "estimates", i, LEVEL_COUNTS)
        }

    def _levels_withheld(self) -> set[Level]:
        """Levels of which a count in Table 1, or of all people, is withheld."""
        levels = set()
        for i, row in enumerate(self.rows["table_one"]):
            name = row["variable"] or row["exposure"]
            if self._is_withheld_itself("table_one", i, ("cases_n", "controls_n")):
                levels.add((row["comparison"], name, row["measure"], row["level"]))
        rows = self.rows["estimates"]
        fullest: defaultdict[str, int] = defaultdict(int)
        for row in rows:
            fullest[row["comparison"]] = max(fullest[row["comparison"]], row["n_cases"] or 0)
        for i, row in enumerate(rows):
            is_of_all = (
                row["n_sets"] is not None and not row["modifier"] and row["n_cases"] == fullest[row["comparison"]]
            )
            counts = (*LEVEL_COUNTS, "n_cases", "n_events") if row["family"] == Family.RATE else LEVEL_COUNTS
            if (is_of_all or row["family"] == Family.RATE) and self._is_withheld_itself("estimates", i, counts):
                levels.add(_level_of(row))
        return {level for level in levels if level[1]}

    def _is_withheld_itself(self, table: str, i: int, columns: tuple[str, ...]) -> bool:
        return self._is_withheld_by(ITSELF, table, i, columns)

    def _is_withheld_by(self, rules: Collection[WithheldFor], table: str, i: int, columns: tuple[str, ...]) -> bool:
        return any(self.cells.get(Spot(table, i, name)) in rules for name in columns)

    def without_estimate(self, i: int, rule: WithheldFor = WithheldFor.FOLLOWS) -> None:
        """Empty all that is a function of the counts of an estimate."""
        for column in columns_of(Estimate):
            if column.role is DisclosureRole.FUNCTION:
                self.withhold(Spot("estimates", i, column.name), rule)

    def _without_compared(self, rows: Rows) -> None:
        """A ratio of two strata's ratios, and their test, with a stratum's that is withheld."""
        gone = {
            (_model(row), row["modifier"], row["level"], row["stratum"])
            for i, row in enumerate(rows)
            if row["modifier"] and row["contrast"] == Contrast.LEVEL and self.is_withheld("estimates", i, ("estimate",))
        }
        for i, row in enumerate(rows):
            if row["contrast"] == Contrast.RATIO_OF_RATIOS:
                sides = (row["stratum"], row["against"])
                if any((_model(row), row["modifier"], row["level"], side) in gone for side in sides):
                    self.without_estimate(i)
            elif row["contrast"] == Contrast.TEST and any(one[:2] == (_model(row), row["modifier"]) for one in gone):
                self.without_estimate(i)

    def _diagnostics(self) -> None:
        gone_of_fit, repeated = self._fits_withheld(), self._withheld_numbers()
        everybody, are_cases_gone = self._everybody(), self._are_cases_withheld()
        sizes = {
            comparison: max(row["n_sets"] or 0 for row in self.rows["estimates"] if row["comparison"] == comparison)
            for comparison in {row["comparison"] for row in self.rows["estimates"]}
        }
        for i, row in enumerate(self.rows["diagnostics"]):
            role, value = DIAGNOSTICS[DiagnosticCode(row["code"])], row["value"]
            spot = Spot("diagnostics", i, "value")
            if value is None or role is DisclosureRole.FREE:
                continue
            if role is DisclosureRole.EXTREME:
                self.withhold(spot, WithheldFor.EXTREME)
            elif role is DisclosureRole.COUNT:
                rule = self._rule_of_count(round(value), repeated[row["comparison"]], everybody.get(row["code"]))
                if rule is not None:
                    self.withhold(spot, rule)
            elif role is DisclosureRole.SHARE:
                of = sizes.get(row["comparison"], 0) or next(iter(_numbers(row, "of")), 0)
                self._share(spot, of)
            elif (row["comparison"], row["exposure"], row["modifier"], row["stratum"]) in gone_of_fit or (
                row["code"] in OF_ALL_CASES and are_cases_gone
            ):
                self.withhold(spot, WithheldFor.FOLLOWS)

    def _share(self, spot: Spot, of: int) -> None:
        """A share of sets that no count stands beside: to a step of as many sets as may be known, or not at all."""
        row = self.rows[spot.table][spot.row]
        step = next((step for step in (0.01, 0.05, 0.1) if step * of >= self.policy.minimum), None)
        if row["value"] and step is None:
            self.withhold(spot, WithheldFor.SMALL)
        elif row["value"] and step is not None:
            row["value"] = min(max(round(row["value"] / step), 1) * step, 1.0)

    def _rule_of_count(self, count: int, repeated: set[int], everybody: int | None) -> WithheldFor | None:
        """Of a count in a diagnostic or a note: it leaves where it is nought, or of everybody of whom a table says so.

        That a table states the same number of others is chance, and no reason: how many a model leaves out tells how
        many are in it, and two such numbers how many are left out for another reason.
        """
        if self.policy.is_small(count):
            return WithheldFor.SMALL
        if count in repeated:
            return WithheldFor.REPEATS
        return None if count in (0, everybody) else WithheldFor.UNSTATED

    def _everybody(self) -> dict[str, int]:
        """Code of a diagnostic of a model → all patients who were followed, or their events, if that is shown."""
        columns = {DiagnosticCode.PATIENTS: "n_cases", DiagnosticCode.EVENTS: "n_events"}
        rows = list(enumerate(self.rows["estimates"]))
        of_all = [(i, r) for i, r in rows if r["family"] == Family.RATE and not r["exposure"] and not r["cause"]]
        return {
            code: row[name]
            for i, row in of_all
            for code, name in columns.items()
            if row[name] is not None and Spot("estimates", i, name) not in self.cells
        }

    def _are_cases_withheld(self) -> bool:
        """Whether it is withheld how many cases there are."""
        chain = [(row["step"], i) for i, row in enumerate(self.rows["attrition"]) if row["part"] == AttritionPart.CASES]
        return bool(chain) and self.is_withheld("attrition", max(chain)[1], ("remaining",))

    def _fits_withheld(self) -> set[tuple[str, str, str, str]]:
        """Comparison, class, modifier and stratum of withheld estimates; of mutual models for every class."""
        gone = set()
        for i, row in enumerate(self.rows["estimates"]):
            if self._is_withheld_itself("estimates", i, (*LEVEL_COUNTS, "estimate", "n_cases", "n_events")):
                where = row["comparison"], row["modifier"], row["stratum"]
                gone |= {
                    (where[0], row["exposure"], *where[1:]),
                    (where[0], "", *where[1:]),
                    (where[0], "", where[1], ""),
                }
        return gone

    def _stated_totals(self) -> defaultdict[str, set[int]]:
        """Comparison → numbers that tables state of everybody in it; of the whole study those of every comparison."""
        numbers: defaultdict[str, set[int]] = defaultdict(set)
        for table, names in (("estimates", ("n_sets", "n_cases", "n_controls")), ("audit", ("of",))):
            for i, row in enumerate(self.rows[table]):
                if table == "estimates" and (row["modifier"] or (row["exposure"] and row["n_sets"] is None)):
                    continue  # of a stratum, or of patients at a level
                shown = {row[name] for name in names if row[name] and Spot(table, i, name) not in self.cells}
                numbers[_comparison(row)] |= shown
                numbers[""] |= shown
        return numbers

    def _withheld_numbers(self) -> defaultdict[str, set[int]]:
        """Comparison → numbers that are withheld in it; of the whole study those of every comparison."""
        numbers: defaultdict[str, set[int]] = defaultdict(set)
        for spot in self.cells:
            row = self.rows[spot.table][spot.row]
            value = row[spot.column]
            if isinstance(value, int) and not isinstance(value, bool) and value:
                numbers[_comparison(row)].add(value)
                numbers[""].add(value)
        return numbers

    def _notes(self) -> None:
        """Take notes that hold a small, a withheld or one person's number, or only tell that few are there."""
        repeated, stated = self._withheld_numbers(), self._stated_totals()
        traits = self._traits_withheld()
        for table in ("estimates", "curves", "diagnostics"):
            for i, row in enumerate(self.rows[table]):
                notes = read_notes(row["notes"])
                if not notes:
                    continue
                is_gone = any(
                    spot.column != "notes" and self.cells[spot] is not WithheldFor.UNSTATED
                    for spot in self._of_row(table, i)
                )
                place = _comparison(row)
                kept: list[Note] = []
                for one in notes:
                    rule = self._rule_of(one, row, repeated[place], stated[place], is_gone=is_gone, traits=traits)
                    if rule is None:
                        kept.append(_without_numbers(one))
                        continue
                    self.notes.setdefault(Spot(table, i, "notes"), rule)
                if len(kept) < len(notes):
                    kept.append(note(NoteCode.WITHHELD))
                row["notes"] = json.dumps([one.as_json() for one in kept], ensure_ascii=False)

    def _of_row(self, table: str, i: int) -> Iterator[Spot]:
        for column in self.rows[table][i]:
            spot = Spot(table, i, column)
            if spot in self.cells:
                yield spot

    def _traits_withheld(self) -> set[tuple[str, str, str]]:
        """Comparison, class or covariate, and level of the counts that are withheld."""
        rows = self.rows["estimates"]
        return {
            (row["comparison"], row["covariate"] or row["exposure"], row["level"])
            for i, row in enumerate(rows)
            if self._is_withheld_itself("estimates", i, LEVEL_COUNTS)
        }

    def _rule_of(
        self,
        one: Note,
        row: Row,
        repeated: set[int],
        stated: set[int],
        *,
        is_gone: bool,
        traits: set[tuple[str, str, str]],
    ) -> WithheldFor | None:
        about = one.arguments.get("covariate", "") or one.arguments.get("exposure", "") or row["exposure"]
        of_withheld = (_comparison(row), about, one.arguments.get("level", row["level"])) in traits
        if one.code in TELLING and (is_gone or of_withheld):
            return WithheldFor.FOLLOWS
        for name, value in one.arguments.pairs:
            role = ARGUMENTS.get(name, DisclosureRole.COUNT)
            if isinstance(value, str | tuple) and role is not DisclosureRole.DATE:
                continue
            if role in (DisclosureRole.EXTREME, DisclosureRole.DATE):
                return WithheldFor.EXTREME
            if role is DisclosureRole.FUNCTION and is_gone:
                return WithheldFor.FOLLOWS
            if role is DisclosureRole.COUNT and isinstance(value, int | float):
                count = round(value)
                rule = self._rule_of_count(count, repeated, count if name == "of" and count in stated else None)
                if rule is not None:
                    return rule
        return None


_DIGITS = re.compile(r"\d[\d.,]*")


def _without_numbers(one: Note) -> Note:
    """A note whose sentences, which an error wrote, hold no number."""
    free = {
        name: _DIGITS.sub("…", value)
        if ARGUMENTS.get(name) is DisclosureRole.BY_CODE and isinstance(value, str)
        else value
        for name, value in one.arguments.pairs
    }
    return note(one.code, **free)


def _numbers(row: Row, name: str) -> Iterator[int]:
    for one in read_notes(row["notes"]):
        value = one.arguments.get(name, "")
        if isinstance(value, int):
            yield value


def _comparison(row: Row) -> str:
    """The comparison of a row; patients' where a table has no such column but their curves."""
    if "comparison" in row:
        return str(row["comparison"])
    return CASES if "curve" in row else ""


def _level_of(row: Row) -> Level:
    """Comparison, class or covariate, measure and level that an estimate is of."""
    measure = "" if row["covariate"] else row["measure"]
    return row["comparison"], row["covariate"] or row["exposure"], measure, row["level"]


def _place(row: Row) -> tuple[str, ...]:
    """What an estimate is of, in whatever form of a model."""
    names = ("analysis", "comparison", "exposure", "covariate", "level", "modifier", "stratum", "against")
    measure = "" if row["covariate"] else row["measure"]
    return (*(str(row[name]) for name in names), measure, str(row["contrast"]))


def _model(row: Row) -> tuple[str, ...]:
    names = ("comparison", "form", "measure", "model_name", "exposure", "estimator")
    return tuple(str(row[name]) for name in names)
