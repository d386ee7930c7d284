"""How the designs fit together: what each accounts for and assumes, and what it found of the same cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from riskset.report import formats
from riskset.report.catalogue import english_front as english
from riskset.report.catalogue import english_results as result_words
from riskset.report.catalogue.english_results import Among
from riskset.report.front.behind import behind_estimate
from riskset.report.front.claims import FiniteRatio, overlap
from riskset.report.front.main_results import MainResults, UseRow, hidden, read_main
from riskset.report.front.section import Exhibit, Kind, Section
from riskset.report.lines import Line
from riskset.report.templating import render
from riskset.report.view import View, distinct
from riskset.results.comparisons import controls_of, is_kin
from riskset.results.released import Released
from riskset.results.vocabulary import Form
from riskset.spec.measures import Exposure
from riskset.spec.words import capital

MOST_COLUMNS = 4
"""With more classes than these, the classes are rows and the designs columns."""


@dataclass(frozen=True)
class Pair:
    """An estimate from relatives and that of the same cases against unrelated controls.

    Attributes
    ----------
    row, comparison : of which level, with which relatives
    kin, unrelated : the two
    """

    row: UseRow
    comparison: str
    kin: FiniteRatio
    unrelated: FiniteRatio

    @property
    def words(self) -> str:
        """``anxiolytics among spouses``."""
        return result_words.among(self.row.name, self.comparison)


@dataclass(frozen=True)
class _Design:
    """A design: cells hold lines, each a number and whether it is of the same cases."""

    name: str
    accounts_for: str
    assumes: str
    cells: tuple[tuple[tuple[str, bool], ...], ...]


def designs_together(released: Released, view: View) -> Section | None:
    """The section; None where there is one design only."""
    main = read_main(view)
    if main is None:
        return None
    designs = [_design(main, name) for name in main.comparisons]
    if windows := _windows(main):
        designs.append(windows)
    if len(designs) < 2:
        return None
    rows = [row for of_class in main.headlines for row in of_class]
    uses = distinct(row.words.of_any for row in rows)
    same_cases = any(is_same for design in designs for cell in design.cells for _, is_same in cell)
    about = result_words.designs_about(
        uses[0] if len(uses) == 1 else "",
        main.study.conf_level,
        same_cases=same_cases,
        windows=windows is not None,
    )
    names = [capital(rows[0].name) for exposure in main.classes if (rows := main.of_class(exposure))]
    body = render(
        "front_designs.html",
        words=result_words,
        designs=designs,
        names=names,
        wide=len(names) > MOST_COLUMNS,
    )
    exhibit = Exhibit(Kind.TABLE, result_words.DESIGNS_TITLE, body, about=about)
    pairs = pairs_of(main)
    takeaway = result_words.AGREEMENT
    if pairs:
        use = uses[0] if len(uses) == 1 else ""
        missed = [p.words for p in pairs if not overlap(p.kin, p.unrelated)]
        takeaway += f" {result_words.overlaps(use, missed, among(main))}"
    return Section("designs", result_words.DESIGNS, takeaway, (exhibit,), short=result_words.DESIGNS_IN_CONTENTS)


def pairs_of(main: MainResults) -> list[Pair]:
    """The headlines of every class in each comparison with relatives, beside the same cases' unrelated controls."""
    pairs = []
    for comparison in main.comparisons:
        companion = main.companion(comparison)
        for row in (row for of_class in main.headlines for row in of_class):
            kin = row.sayable(comparison)
            unrelated = row.sayable(companion) if companion else None
            if kin is not None and unrelated is not None:
                pairs.append(Pair(row, comparison, kin, unrelated))
    return pairs


def among(main: MainResults) -> Among:
    """Which of the pairs that are asked for could be compared: all, those shown, or those that can be judged."""
    asked = [
        (line, other)
        for comparison in main.comparisons
        if (companion := main.companion(comparison))
        for row in (row for of_class in main.headlines for row in of_class)
        if (line := row.lines.get(comparison)) is not None and (other := row.lines.get(companion)) is not None
    ]
    if len(pairs_of(main)) == len(asked):
        return Among.ALL
    return Among.SHOWN if any(hidden(x) for pair in asked for x in pair) else Among.JUDGED


def _design(main: MainResults, comparison: str) -> _Design:
    controls = controls_of(main.study.controls, comparison)
    if controls is None:
        raise ValueError(f"{comparison} is no comparison of the study")
    cells = []
    for rows in main.headlines:
        lines: list[tuple[str, bool]] = []
        for row in rows:
            lead = "" if len(rows) == 1 else f"{row.words.label}: "
            lines.append((lead + _ratio(row.lines.get(comparison)), False))
            companion = main.companion(comparison)
            if companion and companion in row.lines:
                lines.append((_ratio(row.lines[companion]), True))
        cells.append(tuple(lines))
    follows = is_kin(controls) and main.has_unrelated
    adjusted = main.form is not Form.CRUDE
    accounts_for = english.accounts_for(controls, adjusted=adjusted, follows=follows)
    return _Design(english.controls_name(controls), accounts_for, english.assumes(controls), tuple(cells))


def _windows(main: MainResults) -> _Design | None:
    """The windows of time as a design: against the reference controls."""
    parted = [_in_time(main, exposure) for exposure in main.classes]
    if not any(parted):
        return None
    cells = tuple(
        tuple((f"{english.short_span(row.level)}: " + _ratio(row.lines.get(main.reference)), False) for row in rows)
        for rows in parted
    )
    name, accounts_for, assumed = english.TIME_WINDOWS
    return _Design(name, accounts_for, f"{assumed} {english.day_noun(main.study)}", cells)


def _in_time(main: MainResults, exposure: Exposure) -> Sequence[UseRow]:
    rows = main.windows(exposure)
    return [row for row in rows if row.measure.parts_time]


def _ratio(line: Line | None) -> str:
    if line is None:
        return formats.NONE
    if hidden(line):
        return english.NOT_REPORTED
    shown = line.shown
    return behind_estimate(formats.ratio_with_interval(shown.value, shown.low, shown.high), line)
