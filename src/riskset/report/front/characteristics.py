"""Table 1: cases and controls of all comparisons side by side, one standardized mean difference a variable."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import english_front as english_names
from riskset.report.catalogue import english_participants as english
from riskset.report.catalogue.english_covariates import label_of_name
from riskset.report.front.behind import behind_characteristic
from riskset.report.front.participant_flow import members_of
from riskset.report.templating import render
from riskset.report.view import View, distinct
from riskset.results.comparisons import controls_of
from riskset.results.released import Released
from riskset.results.row_cells import DescribedCells
from riskset.results.set_vocabulary import Characteristic, Summary
from riskset.results.withheld import HiddenNumber
from riskset.spec.covariates import BUILT_IN
from riskset.spec.levels import RARE, UNKNOWN
from riskset.spec.wording import in_order_of_values, value_in_words
from riskset.spec.words import capital

IMBALANCE = 0.1
"""A standardized mean difference of this size or more is set in bold."""

SIDE_BY_SIDE = 3
"""Comparisons in one table; more stand in further tables below it."""

Cells = Mapping[tuple[str, str], DescribedCells]
"""Comparison and level → row of Table 1."""


@dataclass(frozen=True)
class ComparisonHead:
    """A comparison above its columns: its name, and its groups with their sizes."""

    name: str
    cases: str
    controls: str
    n_cases: str
    n_controls: str


@dataclass(frozen=True)
class ComparisonCell:
    """Cases, controls and the difference of a comparison; whether it is set in bold."""

    cases: str
    controls: str
    smd: str
    bold: bool


@dataclass(frozen=True)
class CharacteristicRow:
    """A variable, or a level of one."""

    label: str
    is_level: bool
    cells: tuple[ComparisonCell, ...]


def render_characteristics(released: Released, view: View) -> Markup:
    """Table 1 as HTML; empty where the run has none."""
    rows = [r for r in released.rows("table_one") if r["about"] == Characteristic.COVARIATE]
    there = {row["comparison"] for row in rows}
    comparisons = [c.comparison for c in view.study.controls if c.comparison in there]
    parts = [comparisons[i : i + SIDE_BY_SIDE] for i in range(0, len(comparisons), SIDE_BY_SIDE)]
    tables = [
        render(
            "front_characteristics.html",
            heads=[_head(released, view, name) for name in part],
            rows=_rows(view, [row for row in rows if row["comparison"] in part], part),
            words=english,
        )
        for part in parts
    ]
    return Markup("").join(tables)


def notes_of(view: View) -> tuple[str, ...]:
    """What is said below it."""
    constant: dict[str, list[str]] = {}
    for controls in view.study.controls:
        for comparison, covariate in sorted(view.constant):
            if comparison == controls.comparison:
                constant.setdefault(covariate, []).append(english_names.controls_adjective(controls))
    same = [english.constant_note(label_of_name(view.study, name), who) for name, who in constant.items()]
    return tuple(filter(None, (english.smd_note(IMBALANCE), english.matched_note(view.study.controls), *same)))


def _head(released: Released, view: View, comparison: str) -> ComparisonHead:
    controls = controls_of(view.study.controls, comparison)
    assert controls is not None  # a comparison of the study's own controls
    n_cases, n_controls = members_of(released, view, comparison)
    return ComparisonHead(
        english.comparison_head(english_names.controls_adjective(controls)),
        english.CASES,
        english.controls_head(controls),
        english.number(n_cases),
        english.number(n_controls),
    )


def _rows(view: View, rows: Sequence[DescribedCells], comparisons: Sequence[str]) -> list[CharacteristicRow]:
    shown: list[CharacteristicRow] = []
    for variable in _ordered(distinct(row["variable"] for row in rows)):
        of_variable = [row for row in rows if row["variable"] == variable]
        cells = {(row["comparison"], row["level"] or ""): row for row in of_variable}
        levels = in_order_of_values(view.study, variable, distinct(row["level"] or "" for row in of_variable))
        shown += _variable(view, variable, levels, cells, comparisons)
    return shown


def _ordered(variables: Sequence[str]) -> list[str]:
    """Age first, then sex, then as they come."""
    first = ("age", "sex")
    return [*(v for v in first if v in variables), *(v for v in variables if v not in first)]


def _variable(
    view: View, variable: str, levels: Sequence[str], cells: Cells, comparisons: Sequence[str]
) -> list[CharacteristicRow]:
    name = label_of_name(view.study, variable)
    whole = {c: next((row["smd_variable"] for (of, _), row in cells.items() if of == c), None) for c in comparisons}
    known = [level for level in levels if level != UNKNOWN]
    if _is_mean(cells, known):
        top = CharacteristicRow(english.mean_label(name, variable), False, _cells(cells, known[0], comparisons, whole))
    elif variable == "sex" and len(known) == 2:
        shown = known[0]
        top = CharacteristicRow(
            english.female(value_in_words(view.study, variable, shown)), False, _cells(cells, shown, comparisons, whole)
        )
        levels = [level for level in levels if level == UNKNOWN]
    elif variable not in BUILT_IN and len(known) == 1:
        defined = next((one for one in view.study.covariates if one.name == variable), None)
        label = capital(english.before(name, defined))
        top = CharacteristicRow(label, False, _cells(cells, known[0], comparisons, whole))
    else:
        heads = tuple(ComparisonCell("", "", *_difference(whole[c])) for c in comparisons)
        below = [_level(view, variable, level, cells, comparisons) for level in [*known, *_missing(levels)]]
        return [CharacteristicRow(capital(name), False, heads), *below]
    return [top, *(_level(view, variable, level, cells, comparisons) for level in _missing(levels))]


def _missing(levels: Sequence[str]) -> list[str]:
    return [level for level in levels if level == UNKNOWN]


def _is_mean(cells: Cells, known: Sequence[str]) -> bool:
    return bool(known) and any(row["kind"] == Summary.MEAN for (_, level), row in cells.items() if level == known[0])


def _level(view: View, variable: str, level: str, cells: Cells, comparisons: Sequence[str]) -> CharacteristicRow:
    ours = {UNKNOWN: english.MISSING, RARE: english.RARE}
    words = ours.get(level) or value_in_words(view.study, variable, level)
    return CharacteristicRow(capital(words), True, _cells(cells, level, comparisons, {}))


def _cells(
    cells: Cells, level: str, comparisons: Sequence[str], whole: Mapping[str, float | None]
) -> tuple[ComparisonCell, ...]:
    shown = []
    for comparison in comparisons:
        row = cells.get((comparison, level))
        smd = _difference(whole[comparison]) if comparison in whole else ("", False)
        cases, controls = (behind_characteristic(text, comparison) for text in _values(row))
        shown.append(ComparisonCell(cases, controls, *smd))
    return tuple(shown)


def _values(row: DescribedCells | None) -> tuple[str, str]:
    """What is shown of cases and of controls; 0 of a level that nobody has."""
    if row is None:
        return "0", "0"
    kind = row["kind"]
    cases = _value(kind, row["cases_n"], row["cases_value"], row["cases_spread"])
    return cases, _value(kind, row["controls_n"], row["controls_value"], row["controls_spread"])


def _value(kind: str, n: int | None, value: float | None, spread: float | None) -> str:
    """A share as number and percentage, a mean with its standard deviation."""
    if kind == Summary.MEAN:
        if formats.finite(value) is None:
            return english.NOT_SHOWN
        return formats.number(value, 1) + _in_brackets(spread)
    if formats.finite(n) is None:
        return english.NOT_SHOWN
    return formats.count(n) + (_in_brackets(None if value is None else 100 * value) if n else "")


def _in_brackets(number: float | None) -> str:
    """A number behind another one; nothing where there is none, and that it is not reported where it is withheld."""
    if formats.is_withheld(number):
        return f" ({english.NOT_SHOWN})"
    return "" if formats.finite(number) is None else f" ({formats.number(number, 1)})"


def _difference(smd: float | None) -> tuple[str, bool]:
    """The size of a difference, and whether it is set in bold."""
    if isinstance(smd, HiddenNumber):
        return english.NOT_SHOWN, False
    if smd is None or math.isnan(smd):
        return formats.NONE, False
    return formats.number(abs(smd)), round(abs(smd), 2) >= IMBALANCE if math.isfinite(smd) else True
