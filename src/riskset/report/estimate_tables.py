"""Tables of estimates: by level and model, beside the published figures, in subgroups."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue import english_lines as line_words
from riskset.report.catalogue import english_tables as english
from riskset.report.compared import comparison_words
from riskset.report.figures import slug
from riskset.report.measure_words import measure_heading, reference_label, who_is_reference
from riskset.report.tables import REFERENCE, Column, Notes, render_table
from riskset.report.view import (
    Line,
    Place,
    Variant,
    View,
    distinct,
    headline_variants,
    places_of,
    spread,
    title_of,
    unexposed,
    variants_of,
    words_of,
)
from riskset.report.words import covariates_in_words
from riskset.results.vocabulary import Contrast, Form, Scale


def effect_heading(lines: Sequence[Line]) -> str:
    """``OR (95% CI)``."""
    levels = distinct(formats.confidence(x["conf_level"]) for x in lines if x["conf_level"])
    scale = lines[0]["scale"] if lines else "log_or"
    return english.effect_heading(formats.EFFECT.get(scale, scale), levels[0] if len(levels) == 1 else "")


def estimates_name(analysis: str, comparison: str, model_name: str = "") -> str:
    """The identifier of the table of a comparison's estimates, by the models of a name."""
    return f"estimates-{slug(f'{analysis} {comparison}')}{f'-{slug(model_name)}' if model_name else ''}"


def table_estimates(view: View, lines: Sequence[Line], *, name: str, caption: str, part: str) -> Markup:
    """Levels in rows, forms of a model side by side; counts are those of the first form shown.

    Models with names of their own, of which a study may fit several on one measure, have a table each: ``lines`` are
    those of one.
    """
    variants = variants_of(lines)
    shown = [x for x in lines if not x.is_firth]
    notes = notes_for(shown)
    notes.add(_numbers(shown, variants))
    rows: list[dict[str, str]] = []
    for exposure in distinct(x["exposure"] for x in shown):
        of_class = [x for x in shown if x["exposure"] == exposure]
        for term in distinct(x.place.term for x in of_class):
            of_term = [x for x in of_class if x.place.term == term]
            group = {"group": measure_heading(view.study, term)}
            if reference := _reference_row(view, of_term, variants):
                rows.append(group | reference)
                notes.add(who_is_reference(view.study, of_term[0]))
            for place in distinct(x.place for x in of_term):
                at_place = [x for x in of_term if x.place == place]
                rows.append(group | _level_row(at_place, variants, notes))
                if term.is_trend:
                    rows.append(group | _trend_test(at_place))
    spanner = effect_heading(shown)
    columns = [
        Column("label", line_words.NOT_BEFORE_DAY, "left"),
        Column("cases", line_words.CASES, spanner=english.EXPOSED),
        Column("controls", line_words.CONTROLS, spanner=english.EXPOSED),
        Column("sets", english.INFORMATIVE_SETS),
        *(Column(v.label, _form_heading(view, shown, v.form), spanner=spanner) for v in variants),
    ]
    return render_table(rows, columns, name=name, caption=caption, part=part, group="group", notes=notes)


def _form_heading(view: View, lines: Sequence[Line], form: Form) -> str:
    """``adjusted``; the crude model of relatives says what it holds all the same."""
    always = covariates_in_words(view, [x for x in lines if x.form is Form.CRUDE])
    return english.form_heading(ENGLISH.forms[form], always if form is Form.CRUDE else [])


def _numbers(lines: Sequence[Line], variants: Sequence[Variant]) -> str:
    """How many are in each model, and whose the counts in the rows are."""
    held = {}
    for variant in variants:
        counted = [x for x in lines if x.variant == variant and x["n_cases"] is not None]
        if counted:
            cases, controls = spread([x["n_cases"] for x in counted]), spread([x["n_controls"] or 0 for x in counted])
            held[ENGLISH.forms[variant.form]] = english.model_size(cases, controls)
    if not held:
        return ""
    return english.sizes(held)


def notes_for(lines: Sequence[Line]) -> Notes:
    """Footnotes whose common clauses, such as the estimand, are those of every number shown."""
    return Notes.of(shown_note(x) for x in lines if x.shown.value is not None)


def note_of(line: Line) -> list[str]:
    """What is to be said of an estimate, each a clause, and that its fit did not converge where it did not."""
    clauses = [*line.clauses]
    if line.value is not None and line["converged"] is False:
        clauses.append(line_words.NOT_CONVERGED)
    return [*clauses, *filter(None, [line.thin])]


def shown_note(line: Line) -> list[str]:
    """The note of a cell that may show Firth's estimate: why there is no ordinary one, then what Firth's is."""
    clauses = note_of(line)
    return clauses if line.shown is line else distinct([*clauses, *note_of(line.shown)])


def _level_row(lines: Sequence[Line], variants: Sequence[Variant], notes: Notes) -> dict[str, str]:
    by_variant = {x.variant: x for x in lines}
    first = next(by_variant[v] for v in variants if v in by_variant)
    row = {
        "label": english.counts_any(first.label) if first.is_continuous else first.label,
        "cases": formats.count_of(first["n_exposed_cases"], first["n_cases"]),
        "controls": formats.count_of(first["n_exposed_controls"], first["n_controls"]),
        "sets": formats.count(first["n_informative"]),
    }
    for variant in variants:
        line = by_variant.get(variant)
        row[variant.label] = (line.shown_cell + notes.mark(*shown_note(line))) if line else ""
    return row


def _trend_test(lines: Sequence[Line]) -> dict[str, str]:
    return {"label": english.P_FOR_TREND} | {x.variant.label: formats.p_value(x["p_value"]) for x in lines}


def _reference_row(view: View, lines: Sequence[Line], variants: Sequence[Variant]) -> dict[str, str]:
    """Who the levels are compared with; nothing where they have no such people."""
    first = lines[0]
    if not first["reference"] or first.is_continuous or first.is_trend:
        return {}
    counts = unexposed([x for x in lines if x.variant == first.variant])
    row = {"label": english.reference(reference_label(view.study, first)), "sets": "", REFERENCE: "yes"}
    if counts is not None:
        row["cases"] = formats.count_of(counts[0], first["n_cases"])
        row["controls"] = formats.count_of(counts[1], first["n_controls"])
    one = "1" if first.is_ratio else "0"
    return row | {v.label: one for v in variants if any(x.variant == v for x in lines)}


def table_published(view: View, lines: Sequence[Line], *, name: str, part: str) -> Markup:
    """The published figures beside ours, in the model whose form is nearest: adjusted, each class alone."""
    variants = [v for v in variants_of(lines) if v == _nearest_to_published(lines, v.name)]
    there = [x for x in lines if x.published is not None and x.variant in variants and not x.is_firth]
    notes = Notes()
    rows = []
    for line in there:
        figure = line.published
        assert figure is not None
        rows.append(
            {
                "group": title_of(view.study, line["exposure"]),
                "label": named(line.label, line),
                "ours": line.shown_cell + notes.mark(line.thin),
                "published": formats.ratio_with_interval(figure.estimate, figure.low, figure.high),
                "source": figure.source,
            }
        )
    groups = distinct(row["group"] for row in rows)
    rows.sort(key=lambda row: groups.index(row["group"]))
    columns = [
        Column("label", line_words.NOT_BEFORE_DAY, "left"),
        Column("ours", english.this_run(_forms_words(variants))),
        Column("published", english.PUBLISHED),
        Column("source", english.SOURCE, "left"),
    ]
    caption = english.published_beside(effect_heading(lines))
    return render_table(rows, columns, name=name, caption=caption, part=part, group="group", notes=notes)


def _nearest_to_published(lines: Sequence[Line], name: str) -> Variant:
    """The model of a name whose form published figures mostly have, whatever is primary here."""
    forms = (Form.ADJUSTED, Form.MUTUALLY_ADJUSTED, Form.CRUDE)
    return min((v for v in variants_of(lines) if v.name == name), key=lambda v: forms.index(v.form))


def table_subgroups(view: View, lines: Sequence[Line], main: Sequence[Line], *, name: str, part: str) -> Markup:
    """Subgroups of each model's primary form, all sets first, with ratios of ratios and the interaction tests."""
    lines = [x for x in lines if not x.is_firth]
    variants = headline_variants(view.study, lines)
    groups = [x for x in lines if x.variant in variants and not x.is_interaction]
    everyone = {(x.variant, x.place): x for x in main if not x.is_firth}
    notes = notes_for(groups)
    rows: list[dict[str, str]] = []
    for place, variant in ((p, v) for p in places_of(groups) for v in variants):
        strata = [x for x in groups if (x.variant, x.place) == (variant, place)]
        if not strata:
            continue
        of_variant = [x for x in lines if x.variant == variant]
        heading = named(f"{title_of(view.study, place.term.exposure)}: {strata[0].label}", strata[0])
        levels = distinct(x.place for x in groups if (x.variant, x.place.term) == (variant, place.term))
        tested: set[str] = set()
        firsts = {x.modifier: x for x in reversed(strata)}
        for line in ([everyone[variant, place]] if (variant, place) in everyone else []) + strata:
            by = line.modifier
            is_joint = len(levels) > 1 and _joint_test(of_variant, place, by) is not None
            test = interaction_test(of_variant, place, by) if by and by not in tested and not is_joint else None
            tested.add(by)
            rows.append(
                {
                    "group": heading,
                    "label": view.stratum_label(*line.stratum) if by else line_words.ALL_SETS,
                    "cases": formats.count_of(line["n_exposed_cases"], line["n_cases"]),
                    "controls": formats.count_of(line["n_exposed_controls"], line["n_controls"]),
                    "sets": formats.count(line["n_informative"]),
                    "estimate": line.shown_cell + notes.mark(*shown_note(line)),
                    "ratio": _ratio_of_ratios(of_variant, line, firsts.get(by)),
                    "test": _test_cell(test, notes),
                }
            )
        rows += [{"group": heading} | row for row in _numbers_tested(of_variant, place, notes)]
        if place == levels[-1]:
            heading = named(measure_heading(view.study, place.term), strata[0])
            rows += _joint_tests(of_variant, levels, notes, english.all_levels(heading))
    ratios = [x for x in lines if x["scale"] == Scale.LOG_ROR]
    columns = [
        Column("label", english.SUBGROUP, "left"),
        Column("cases", line_words.CASES, spanner=english.EXPOSED),
        Column("controls", line_words.CONTROLS, spanner=english.EXPOSED),
        Column("sets", english.INFORMATIVE_SETS),
        Column("estimate", effect_heading(groups)),
        *([Column("ratio", effect_heading(ratios))] if ratios else []),
        Column("test", english.P_INTERACTION),
    ]
    caption = english.subgroups(_forms_words(variants))
    return render_table(rows, columns, name=name, caption=caption, part=part, group="group", notes=notes)


def _ratio_of_ratios(lines: Sequence[Line], line: Line, first: Line | None) -> str:
    """How many times the ratio of the first stratum the one of this line is."""
    if not line.modifier:
        return ""
    ratios = [
        x
        for x in lines
        if x["contrast"] == Contrast.RATIO_OF_RATIOS and (x.modifier, x.place) == (line.modifier, line.place)
    ]
    stratum = line["stratum"]
    if stratum in {x["against"] for x in ratios} or (ratios and first is not None and first.stratum == line.stratum):
        return english.ONE_REFERENCE
    return next((x.cell for x in ratios if x["stratum"] == stratum), "")


def _numbers_tested(lines: Sequence[Line], place: Place, notes: Notes) -> list[dict[str, str]]:
    """Interactions with numbers, which have no strata: what a step of each multiplies the ratio by."""
    rows = []
    for line in (x for x in lines if x["contrast"] == Contrast.RATIO_OF_RATIOS and x.place == place):
        if line["unit"] and not line["stratum"]:
            test = _joint_test(lines, place, line.modifier, step=line["unit"])
            label = english.interaction_with(line.modifier_words, line["unit"])
            rows.append({"label": label, "ratio": line.cell, "test": _test_cell(test, notes)})
    return rows


def _joint_tests(lines: Sequence[Line], levels: Sequence[Place], notes: Notes, heading: str) -> list[dict[str, str]]:
    """The interaction tests of a measure of several levels as a whole, one for each parting."""
    if len(levels) < 2:
        return []
    tests = [x for x in lines if x["contrast"] == Contrast.TEST and x.place == levels[0].whole]
    return [
        {"group": heading, "label": english.interaction_with(test.modifier_words), "test": _test_cell(test, notes)}
        for test in tests
    ]


def named(text: str, line: Line) -> str:
    """A label with the model's own name, where it has one."""
    return line_words.of_model(text, words_of(line.model_name)) if line.model_name else text


def _forms_words(variants: Sequence[Variant]) -> str:
    return english.either_form(distinct(ENGLISH.forms[v.form] for v in variants))


def _joint_test(lines: Sequence[Line], place: Place, by: str, *, step: str = "") -> Line | None:
    """The test of all ratios of ratios of a measure by a modifier's strata, or by steps of a number."""
    tests = (x for x in lines if x["contrast"] == Contrast.TEST and (x.modifier, x["unit"]) == (by, step))
    return next((x for x in tests if x.place == place.whole), None)


def interaction_test(lines: Sequence[Line], place: Place, by: str) -> Line | None:
    """The interaction test of a level's measure: a joint one, or that of the one ratio of ratios."""
    ratios = (x for x in lines if x["contrast"] == Contrast.RATIO_OF_RATIOS and x.modifier == by)
    return _joint_test(lines, place, by) or next((x for x in ratios if x.place == place), None)


def _test_cell(test: Line | None, notes: Notes) -> str:
    """The p-value of a test, or a dash and why there is none."""
    if test is None:
        return ""
    p_value = test["p_value"]
    is_missing = formats.finite(p_value) is None and not formats.is_withheld(p_value)
    return formats.p_value(p_value) + (notes.mark(*note_of(test)) if is_missing else "")


def table_firth(view: View, lines: Sequence[Line], *, name: str, part: str) -> Markup:
    """Firth's penalised estimates beside ordinary maximum likelihood, where sets are thin."""
    ordinary = {(x.variant, x.place, x.stratum): x for x in lines if not x.is_firth}
    firth = [x for x in lines if x.is_firth]
    rows = []
    for line in firth:
        other = ordinary.get((line.variant, line.place, line.stratum))
        rows.append(
            {
                "label": f"{title_of(view.study, line['exposure'])}: {line.label}",
                "model": line.variant.words,
                "subgroup": view.stratum_label(*line.stratum) if line.modifier else line_words.ALL_SETS,
                "sets": formats.count(line["n_informative"]),
                "ordinary": other.cell if other else formats.NONE,
                "firth": line.cell,
            }
        )
    columns = [
        Column("label", line_words.NOT_BEFORE_DAY, "left"),
        Column("model", english.MODEL, "left"),
        Column("subgroup", english.SETS, "left"),
        Column("sets", english.INFORMATIVE_SETS),
        Column("ordinary", english.MAXIMUM_LIKELIHOOD, spanner=effect_heading(firth)),
        Column("firth", line_words.FIRTH, spanner=effect_heading(firth)),
    ]
    return render_table(rows, columns, name=name, caption=english.FIRTH_BESIDE, part=part)


def table_all(view: View, *, name: str) -> Markup:
    """Every row of the estimates table."""
    notes = notes_for(view.lines)
    rows = [_full_row(view, line, notes) for line in view.lines]
    groups = distinct(row["group"] for row in rows)
    pairs = zip(rows, view.lines, strict=True)
    compared = {row["group"]: comparison_words(view.study, line["comparison"]) for row, line in pairs}
    rows.sort(key=lambda row: groups.index(row["group"]))
    columns = [
        Column("exposure", english.EXPOSURE, "left"),
        Column("label", english.TERM, "left"),
        Column("subgroup", english.SUBGROUP, "left"),
        Column("estimate", english.RATIO),
        Column("p", english.P),
        Column("sets", english.SETS),
        Column("informative", english.INFORMATIVE),
        Column("cases", english.EXPOSED_OF_CASES),
        Column("controls", english.EXPOSED_OF_CONTROLS),
    ]
    return render_table(
        rows,
        columns,
        name=name,
        caption=english.EVERY_ESTIMATE,
        group="group",
        stub=False,
        notes=notes,
        of_group=compared,
    )


def _full_row(view: View, line: Line, notes: Notes) -> dict[str, str]:
    effect = formats.EFFECT.get(line["scale"], line["scale"])
    of = comparison_words(view.study, line["comparison"])
    of_model = f" ({words_of(line['measure'])})" if line["measure"] and not line.is_exposure else ""
    return {
        "group": " · ".join((line_words.ANALYSES[line["analysis"]], of, line.model_words, effect)),
        "exposure": words_of(line["exposure"]),
        "label": f"{line.label}{of_model}",
        "subgroup": view.people(line),
        "estimate": line.cell + notes.mark(*note_of(line)),
        "p": formats.p_value(line["p_value"]),
        "sets": formats.count(line["n_sets"]),
        "informative": formats.count(line["n_informative"]),
        "cases": _slash(line["n_exposed_cases"], line["n_cases"]),
        "controls": _slash(line["n_exposed_controls"], line["n_controls"]),
    }


def _slash(part: int | None, whole: int | None) -> str:
    return formats.NONE if whole is None else f"{formats.count(part)} / {formats.count(whole)}"
