"""All comparisons of a study beside each other: the same cases against other controls, class by class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.compared import comparison_title
from riskset.report.estimate_tables import effect_heading, notes_for, shown_note
from riskset.report.figures import Figure, slug
from riskset.report.forest import Canvas, Look, sheets_of
from riskset.report.tables import Column, render_table
from riskset.report.theme import colour
from riskset.report.view import (
    FORMS,
    Line,
    View,
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

CUT = (
    "the windows of siblings at the same age are cut to the shortest history in the set and those of the population "
    "are not, so the two differ in more than their controls and are not judged"
)
COMPATIBLE = (
    "Intervals that hold each other's estimate are compatible, which does not show that the two are equal, least of "
    "all where few sets are informative. Both come from the same cases, so their difference is not tested here; what "
    "relatives as controls remove, and what they amplify, stands in the section of the comparison."
)


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
    labels = [name for c in asked for name in (c.comparison, *(label for _, label in companions(view.study, c)))]
    return [name for name in labels if name in there]


def _looks(view: View, named: Sequence[str]) -> dict[str, Look]:
    """Circles for unrelated controls, squares for relatives; the same cases have the same hue."""
    looks: dict[str, Look] = {}
    kin = [c for c in view.study.controls if is_kin(c)]
    for i, controls in enumerate(kin):
        hue = colour(HUES[i % len(HUES)])
        looks[controls.comparison] = hue, "square"
        looks |= {label: (hue, "circle") for _, label in companions(view.study, controls)}
    return {name: looks.get(name, (colour("adjusted"), "circle")) for name in named}


def _plot(view: View, lines: Sequence[Line], named: Sequence[str], form: Form) -> list[Figure]:
    text = (
        f"The {ENGLISH.forms[form]} model in each comparison: circles against unrelated people, squares against "
        "relatives; the same colour means the same cases. Points are estimates, lines their confidence intervals; the "
        "scale is logarithmic and 1 is no difference."
    )
    title = f"All comparisons, {ENGLISH.forms[form]}"
    ordered = sorted(lines, key=lambda x: named.index(x["comparison"]))
    sheets = sheets_of(_by_class(ordered))
    figures = []
    for i, sheet in enumerate(sheets, 1):
        canvas = Canvas()
        for exposure in distinct(x["exposure"] for x in sheet):
            canvas.head(title_of(view.study, exposure))
            for place in places_of([x for x in sheet if x["exposure"] == exposure]):
                at_place = [x for x in sheet if x.place == place]
                canvas.label(at_place[0].label)
                for line in at_place:
                    canvas.add(line, line["comparison"])
                canvas.gap()
        part = "" if len(sheets) == 1 else f", {i} of {len(sheets)}"
        name = f"comparisons {form}" + ("" if len(sheets) == 1 else f" {i}")
        figures.append(canvas.draw(name, f"{title}{part}", text, named, sheet, looks=_looks(view, named)))
    return [figure for figure in figures if figure is not None]


def _by_class(lines: Sequence[Line]) -> list[Line]:
    exposures = distinct(x["exposure"] for x in lines)
    return sorted(lines, key=lambda x: exposures.index(x["exposure"]))


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
        Column("label", "Compared with", "left"),
        Column("cases", "cases", spanner="Exposed, n (%)"),
        Column("controls", "controls", spanner="Exposed, n (%)"),
        Column("sets", "Informative sets"),
        Column("estimate", effect_heading(lines)),
    ]
    caption = f"All comparisons, {ENGLISH.forms[form]} model"
    name = f"together-{slug(form)}"
    return render_table(rows, columns, name=name, caption=caption, group="group", notes=notes)


def agreement(view: View, analysis: str, comparison: str, headlines: Sequence[Line]) -> list[str]:
    """Each headline estimate from relatives beside that from unrelated controls of the same cases, in words.

    Parameters
    ----------
    headlines : the lines of the comparison that the summary takes
    """
    controls = controls_of(view.study, comparison)
    sentences = []
    for base, label in companions(view.study, controls) if controls else ():
        theirs = {(x.variant, x.place): x for x in view.main(analysis, label) if not x.is_firth}
        for line in headlines:
            other = theirs.get((line.variant, line.place))
            if other is not None and line["level"] != LAG_ONLY:
                cut = isinstance(controls, SiblingControls) and controls.at == "same age"
                sentences.append(_agreement(line, other, comparison, base.comparison, cut=cut))
    return sentences


def _agreement(line: Line, other: Line, kin: str, base: str, *, cut: bool) -> str:
    """Windows of siblings at the same age are cut to the shortest history of the set, so that nothing is concluded."""
    what = f"{words_of(line['exposure'])}, {line.label[:1].lower()}{line.label[1:]}"
    what = what[:1].upper() + what[1:]
    if why := why_not_worded(line) or why_not_worded(other):
        return f"{what}: there is no estimate in both to set beside each other; {why}."
    numbers = (
        f"{what}: {line.cell} against {words_of(kin)}{_thin(line)}, {other.cell} against "
        f"{words_of(base)} controls of the same cases"
    )
    return f"{numbers}; {CUT if cut else _verdict(line, other)}."


def _thin(line: Line) -> str:
    return f" ({line.thin})" if line.thin else ""


def _verdict(one: Line, two: Line) -> str:
    """Whether the intervals are compatible; nothing is tested."""
    if one.low is None or one.high is None or two.low is None or two.high is None:
        return "one of them has no interval"
    assert one.value is not None
    assert two.value is not None
    held = one.low <= two.value <= one.high, two.low <= one.value <= two.high
    if all(held):
        return "each interval holds the other's estimate, so the two are compatible"
    if one.high < two.low or two.high < one.low:
        return "the intervals do not overlap, so the two are incompatible"
    return "the intervals overlap, but not each holds the other's estimate: neither agreement nor difference is shown"
