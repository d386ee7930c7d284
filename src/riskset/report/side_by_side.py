"""All comparisons of a study beside each other: the same cases against other controls, class by class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue import english_compared as english
from riskset.report.catalogue import english_lines as line_words
from riskset.report.catalogue import english_tables as table_words
from riskset.report.compared import comparison_title, comparison_words
from riskset.report.estimate_tables import effect_heading, notes_for, shown_note
from riskset.report.figures import Figure, slug
from riskset.report.forest import Canvas, Look, sheets_of
from riskset.report.tables import Column, render_table
from riskset.report.theme import colour
from riskset.report.view import (
    FORMS,
    Line,
    View,
    by_class,
    distinct,
    places_of,
    title_of,
    words_of,
)
from riskset.report.worded import why_not_worded
from riskset.results.comparisons import companions, controls_of, is_kin
from riskset.results.vocabulary import Form
from riskset.spec.design import SiblingControls
from riskset.spec.levels import LAG_ONLY

HUES = ("mutual", "other", "published", "planted")
"""Of the kinds of relatives, in the study's order; population controls of the same cases share their hue."""


@dataclass(frozen=True)
class Together:
    """The comparisons beside each other, ready for the page; empty where there is one alone.

    Attributes
    ----------
    figures : a forest plot for each form of the models, parted over sheets
    tables : the same numbers with the informative sets
    """

    figures: Sequence[Figure]
    tables: Markup


def put_together(view: View, analysis: str) -> Together:
    """Forest plots and tables of the estimates of all comparisons, companions after their relatives.

    Shown are the adjusted and the mutually adjusted form, or the crude one where there is no other.
    """
    named = comparisons_of(view, analysis)
    if len(named) < 2:
        return Together((), Markup())
    lines = [x for name in named for x in view.main(analysis, name) if not x.model_name and not x.is_firth]
    lines = [x for x in lines if not x.is_trend and x["level"] != LAG_ONLY]
    forms = [form for form in FORMS if any(x.form is form for x in lines)]
    forms = [form for form in forms if form is not Form.CRUDE] or forms
    figures: list[Figure] = []
    tables = []
    for form in forms:
        of_form = [x for x in lines if x.form is form]
        figures += _plot(view, of_form, named, form)
        tables.append(_table(view, of_form, named, form))
    return Together(figures, Markup("").join(tables))


def comparisons_of(view: View, analysis: str) -> list[str]:
    """The comparisons that were estimated, each companion after its relatives."""
    there = [c for a, c in view.analyses() if a == analysis]
    asked = [c for c in view.study.controls if c.comparison in there]
    labels = [
        name for c in asked for name in (c.comparison, *(label for _, label in companions(view.study.controls, c)))
    ]
    return [name for name in labels if name in there]


def _looks(view: View, named: Sequence[str]) -> dict[str, Look]:
    """Circles for unrelated controls, squares for relatives; the same cases have the same hue."""
    looks: dict[str, Look] = {}
    kin = [c for c in view.study.controls if is_kin(c)]
    for i, controls in enumerate(kin):
        hue = colour(HUES[i % len(HUES)])
        looks[controls.comparison] = hue, "square"
        looks |= {label: (hue, "circle") for _, label in companions(view.study.controls, controls)}
    return {name: looks.get(name, (colour("adjusted"), "circle")) for name in named}


def _plot(view: View, lines: Sequence[Line], named: Sequence[str], form: Form) -> list[Figure]:
    words = ENGLISH.forms[form]
    text = english.about_all_comparisons(words)
    series = {name: comparison_words(view.study, name) for name in named}
    looks = {series[name]: look for name, look in _looks(view, named).items()}
    ordered = sorted(lines, key=lambda x: named.index(x["comparison"]))
    sheets = sheets_of(by_class(ordered))
    figures = []
    for i, sheet in enumerate(sheets, 1):
        canvas = Canvas()
        for exposure in distinct(x["exposure"] for x in sheet):
            canvas.head(title_of(view.study, exposure))
            for place in places_of([x for x in sheet if x["exposure"] == exposure]):
                at_place = [x for x in sheet if x.place == place]
                canvas.label(at_place[0].label)
                for line in at_place:
                    canvas.add(line, series[line["comparison"]])
                canvas.gap()
        part = (i, len(sheets)) if len(sheets) > 1 else None
        name = f"comparisons {form}" + ("" if len(sheets) == 1 else f" {i}")
        title = english.all_comparisons(words, part)
        figures.append(canvas.draw(name, title, text, [*series.values()], sheet, looks=looks))
    return [figure for figure in figures if figure is not None]


def _table(view: View, lines: Sequence[Line], named: Sequence[str], form: Form) -> Markup:
    notes = notes_for(lines)
    rows = []
    for place in places_of(lines):
        at_place = sorted((x for x in lines if x.place == place), key=lambda x: named.index(x["comparison"]))
        rows += [
            {
                "group": f"{title_of(view.study, place.term.exposure)}: {line.label}",
                "label": comparison_title(view.study, line["comparison"]),
                "cases": formats.count_of(line["n_exposed_cases"], line["n_cases"]),
                "controls": formats.count_of(line["n_exposed_controls"], line["n_controls"]),
                "sets": formats.count(line["n_informative"]),
                "estimate": line.shown_cell + notes.mark(*shown_note(line)),
            }
            for line in at_place
        ]
    columns = [
        Column("label", english.COMPARED_WITH, "left"),
        Column("cases", line_words.CASES, spanner=table_words.EXPOSED),
        Column("controls", line_words.CONTROLS, spanner=table_words.EXPOSED),
        Column("sets", table_words.INFORMATIVE_SETS),
        Column("estimate", effect_heading(lines)),
    ]
    caption = english.all_comparisons_table(ENGLISH.forms[form])
    name = f"together-{slug(form)}"
    return render_table(rows, columns, name=name, caption=caption, group="group", notes=notes)


def agreement(view: View, analysis: str, comparison: str, headlines: Sequence[Line]) -> list[str]:
    """Each headline estimate from relatives beside that from unrelated controls of the same cases, in words.

    Parameters
    ----------
    headlines : the lines of the comparison that the summary takes
    """
    controls = controls_of(view.study.controls, comparison)
    sentences = []
    for base, label in companions(view.study.controls, controls) if controls else ():
        theirs = {(x.variant, x.place): x for x in view.main(analysis, label) if not x.is_firth}
        for line in headlines:
            other = theirs.get((line.variant, line.place))
            if other is not None and line["level"] != LAG_ONLY:
                cut = isinstance(controls, SiblingControls) and controls.at == "same age"
                named = (comparison_words(view.study, one) for one in (comparison, base.comparison))
                sentences.append(_agreement(line, other, *named, cut=cut))
    return sentences


def _agreement(line: Line, other: Line, kin: str, base: str, *, cut: bool) -> str:
    """Windows of siblings at the same age are cut to the shortest history of the set, so that nothing is concluded."""
    what = f"{words_of(line['exposure'])}, {line.label[:1].lower()}{line.label[1:]}"
    if line.is_withheld or other.is_withheld:
        return english.withheld_beside(what)
    if why := why_not_worded(line) or why_not_worded(other):
        return english.not_beside(what, why)
    verdict = english.CUT if cut else _verdict(line, other)
    return english.beside(what, line.cell, kin, line.thin, other.cell, base, verdict)


def _verdict(one: Line, two: Line) -> str:
    """Whether the intervals are compatible; nothing is tested."""
    if one.low is None or one.high is None or two.low is None or two.high is None:
        return english.NO_INTERVAL
    assert one.value is not None
    assert two.value is not None
    held = one.low <= two.value <= one.high, two.low <= one.value <= two.high
    if all(held):
        return english.EACH_HOLDS_THE_OTHER
    if one.high < two.low or two.high < one.low:
        return english.APART
    return english.OVERLAP
