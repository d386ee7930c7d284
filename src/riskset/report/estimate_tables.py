"""Tables of estimates: by level and model, beside the published figures, in subgroups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from riskset.report import formats
from riskset.report.measure_words import measure_heading, reference_label, who_is_reference
from riskset.report.tables import Column, Notes, render_table
from riskset.report.view import (
    TREND,
    Line,
    View,
    distinct,
    headline_models,
    model_words,
    models_of,
    part_model,
    places_of,
    spread,
    subgroup_label,
    subgroup_variable,
    title_of,
    unexposed,
    words_of,
)
from riskset.report.words import always_in
from riskset.results.beside import FIRTH


def effect_heading(lines: Sequence[Line]) -> str:
    """``OR (95 % CI)``."""
    levels = distinct(formats.confidence(x["conf_level"]) for x in lines if x["conf_level"])
    scale = lines[0]["scale"] if lines else "log_or"
    return f"{formats.EFFECT.get(scale, scale)} ({levels[0] if len(levels) == 1 else ''} CI)".replace("( ", "(")


def table_estimates(view: View, lines: Sequence[Line], *, name: str, caption: str, part: str) -> Markup:
    """Levels in rows, forms of a model side by side; counts are those of the first form shown.

    Models with names of their own, of which a study may fit several on one measure, have a table each: ``lines`` are
    those of one.
    """
    models = models_of(lines)
    shown = [x for x in lines if x["model"] in models]
    notes = notes_for(shown)
    notes.add(_numbers(shown, models))
    rows: list[dict[str, str]] = []
    for exposure in distinct(x["exposure"] for x in shown):
        own = [x for x in shown if x["exposure"] == exposure]
        for term in distinct(x["term"] for x in own):
            of_term = [x for x in own if x["term"] == term]
            group = {"group": measure_heading(view.study, exposure, term)}
            if reference := _reference_row(view, of_term, models):
                rows.append(group | reference)
                notes.add(who_is_reference(view.study, of_term[0]))
            for place in distinct(x.place for x in of_term):
                here = [x for x in of_term if x.place == place]
                rows.append(group | _level_row(here, models, notes))
                if term.endswith(TREND):
                    rows.append(group | _trend_test(here, models))
    spanner = effect_heading(shown)
    columns = [
        Column("label", "Use before the index date", "left"),
        Column("cases", "cases", spanner="Exposed, n (%)"),
        Column("controls", "controls", spanner="Exposed, n (%)"),
        Column("sets", "Informative sets"),
        *(Column(model, _form_heading(view, shown, model), spanner=spanner) for model in models),
    ]
    return render_table(rows, columns, name=name, caption=caption, part=part, group="group", notes=notes)


def _form_heading(view: View, lines: Sequence[Line], model: str) -> str:
    """``adjusted``; the crude model of relatives says what it holds all the same."""
    form = words_of(part_model(model)[1])
    always = always_in(view, lines[0]["comparison"]) if lines else []
    return f"{form} ({', '.join(always)})" if always and form == "crude" else form


def _numbers(lines: Sequence[Line], models: Sequence[str]) -> str:
    """How many are in each model, and whose the counts in the rows are."""
    held = {}
    for model in models:
        counted = [x for x in lines if x["model"] == model and x["n_cases"] is not None]
        if counted:
            cases, controls = spread([x["n_cases"] for x in counted]), spread([x["n_controls"] or 0 for x in counted])
            held[words_of(part_model(model)[1])] = f"{cases} cases and {controls} controls"
    if not held:
        return ""
    first, numbers = next(iter(held)), "; ".join(f"{form}, {number}" for form, number in held.items())
    said = f"In the models: {numbers}. Numbers exposed, percentages and informative sets are those of the {first} model"
    fewer = (
        " people with an unknown covariate are left out of the adjusted ones." if len(set(held.values())) > 1 else ""
    )
    return f"{said}{';' if fewer else '.'}{fewer}"


def notes_for(lines: Sequence[Line]) -> Notes:
    """Footnotes whose common clauses, such as the estimand, are those of every number shown."""
    return Notes.of(shown_note(x) for x in lines if x.shown.value is not None)


def note_of(line: Line) -> str:
    """What is to be said of an estimate, and that its fit did not converge where it did not."""
    clauses = [str(line["note"])] if line["note"] else []
    if line.value is not None and line["converged"] is False:
        clauses.append("not converged")
    if line.thin:
        clauses.append(line.thin)
    return "; ".join(clauses)


def shown_note(line: Line) -> str:
    """The note of a cell that may show Firth's estimate: why there is no ordinary one, then what Firth's is."""
    own = note_of(line)
    return own if line.shown is line else "; ".join(distinct(filter(None, f"{own}; {note_of(line.shown)}".split("; "))))


def _level_row(lines: Sequence[Line], models: Sequence[str], notes: Notes) -> dict[str, str]:
    by_model = {str(x["model"]): x for x in lines}
    first = next(by_model[m] for m in models if m in by_model)
    row = {
        "label": f"{first.label} (counts: any)" if first.is_continuous else first.label,
        "cases": formats.count_of(first["n_exposed_cases"], first["n_cases"]),
        "controls": formats.count_of(first["n_exposed_controls"], first["n_controls"]),
        "sets": formats.count(first["n_informative"]),
    }
    for model in models:
        line = by_model.get(model)
        row[model] = (line.shown_cell + notes.mark(shown_note(line))) if line else ""
    return row


def _trend_test(lines: Sequence[Line], models: Sequence[str]) -> dict[str, str]:
    p_values = {str(x["model"]): formats.p_value(x["p_value"]) for x in lines}
    return {"label": "p for trend"} | {model: p_values.get(model, "") for model in models}


def _reference_row(view: View, lines: Sequence[Line], models: Sequence[str]) -> dict[str, str]:
    """Who the levels are compared with; nothing where they have no such people."""
    first = lines[0]
    if not first["reference"] or first.is_continuous or str(first["term"]).endswith(TREND):
        return {}
    counts = unexposed([x for x in lines if x["model"] == first["model"]])
    row = {"label": f"{reference_label(view.study, first)} (reference)", "sets": ""}
    if counts is not None:
        row["cases"] = formats.count_of(counts[0], first["n_cases"])
        row["controls"] = formats.count_of(counts[1], first["n_controls"])
    one = "1" if str(first["scale"]).startswith("log") else "0"
    return row | {m: one for m in models if any(x["model"] == m for x in lines)}


def table_published(view: View, lines: Sequence[Line], *, name: str, part: str) -> Markup:
    """The published figures beside ours, in the model whose form is nearest: adjusted, each class alone."""
    models = headline_models(lines)
    there = [x for x in lines if x.published is not None and x["model"] in models]
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
        Column("label", "Use before the index date", "left"),
        Column("ours", f"This run, {_forms_words(models)}"),
        Column("published", "Published"),
        Column("source", "Source", "left"),
    ]
    caption = f"Published figures beside this run, {effect_heading(lines)}"
    return render_table(rows, columns, name=name, caption=caption, part=part, group="group", notes=notes)


def table_subgroups(view: View, lines: Sequence[Line], main: Sequence[Line], *, name: str, part: str) -> Markup:
    """Subgroups of each model's headline form, all sets first, with ratios of ratios and the interaction tests."""
    models = headline_models(lines)
    groups = [x for x in lines if x["model"] in models and not x.is_interaction]
    everyone = {(x["model"], x.place): x for x in main}
    notes = notes_for(groups)
    rows: list[dict[str, str]] = []
    for place, model in ((p, m) for p in places_of(groups) for m in models):
        here = [x for x in groups if (x["model"], x.place) == (model, place)]
        if not here:
            continue
        own = [x for x in lines if x["model"] == model]
        heading = named(f"{title_of(view.study, place[0])}: {here[0].label}", here[0])
        levels = distinct(x.place for x in groups if (x["model"], *x.place[:2]) == (model, *place[:2]))
        tested: set[str] = set()
        firsts = {subgroup_variable(x["subgroup"]): x["subgroup"] for x in reversed(here)}
        for line in ([everyone[model, place]] if (model, place) in everyone else []) + here:
            by = subgroup_variable(line["subgroup"])
            is_joint = len(levels) > 1 and interaction_test(own, (*place[:2], ""), by) is not None
            test = interaction_test(own, place, by) if by and by not in tested and not is_joint else None
            tested.add(by)
            rows.append(
                {
                    "group": heading,
                    "label": subgroup_label(line["subgroup"]) if line["subgroup"] else "All sets",
                    "cases": formats.count_of(line["n_exposed_cases"], line["n_cases"]),
                    "controls": formats.count_of(line["n_exposed_controls"], line["n_controls"]),
                    "sets": formats.count(line["n_informative"]),
                    "estimate": line.shown_cell + notes.mark(shown_note(line)),
                    "ratio": _ratio_of_ratios(own, line, firsts.get(by, "")),
                    "test": _test_cell(test, notes),
                }
            )
        rows += [{"group": heading} | row for row in _numbers_tested(own, place, notes, by_strata=firsts)]
        if place == levels[-1]:
            heading = named(measure_heading(view.study, *place[:2]), here[0])
            rows += _joint_tests(own, levels, notes, f"{heading}: all levels together")
    ratios = [x for x in lines if x["scale"] == "log_ror"]
    columns = [
        Column("label", "Subgroup", "left"),
        Column("cases", "cases", spanner="Exposed, n (%)"),
        Column("controls", "controls", spanner="Exposed, n (%)"),
        Column("sets", "Informative sets"),
        Column("estimate", effect_heading(groups)),
        *(
            [Column("ratio", effect_heading(ratios))]
            if (ratios := [x for x in lines if x["scale"] == "log_ror"])
            else []
        ),
        Column("test", "p, interaction"),
    ]
    caption = f"Subgroups, {_forms_words(models)} model"
    return render_table(rows, columns, name=name, caption=caption, part=part, group="group", notes=notes)


def _stratum(subgroup: str) -> str:
    """What a comparison of strata calls one: ``sex=female`` → ``female``; ranges of numbers keep their name."""
    return subgroup.partition("=")[2] or subgroup


def _ratio_of_ratios(lines: Sequence[Line], line: Line, first: str) -> str:
    """How many times the ratio of the first stratum the one of this line is."""
    if not line["subgroup"]:
        return ""
    by, value = subgroup_variable(line["subgroup"]), _stratum(line["subgroup"])
    of = [x for x in lines if x.is_interaction and x.interacts_with == by and x["scale"] == "log_ror"]
    of = [x for x in of if x.place[:2] == line.place[:2] and x.place[2] in ("", line.place[2])]
    against = {part for x in of if (part := x.compares.partition(" against ")[2])}
    if value in against or (line["subgroup"] == first and of):
        return "1 (reference)"
    return next((x.cell for x in of if not x.compares or x.compares.startswith(f"{value} against ")), "")


def _numbers_tested(
    lines: Sequence[Line], place: tuple[str, str, str], notes: Notes, *, by_strata: Mapping[str, str]
) -> list[dict[str, str]]:
    """Interactions with numbers, which have no strata: what a step of each multiplies the ratio by."""
    rows = []
    for line in (x for x in lines if x.is_interaction and x.place == place and x.compares.startswith("per ")):
        test = interaction_test(lines, place, line.interacts_with)
        label = f"Interaction with {words_of(line.interacts_with)}, {line.compares}"
        if line.interacts_with not in by_strata:
            rows.append({"label": label, "ratio": line.cell, "test": _test_cell(test, notes)})
    return rows


def _joint_tests(
    lines: Sequence[Line], levels: Sequence[tuple[str, str, str]], notes: Notes, heading: str
) -> list[dict[str, str]]:
    """The interaction tests of a measure of several levels as a whole, one for each parting."""
    if len(levels) < 2:
        return []
    whole = (*levels[0][:2], "")
    rows = []
    for test in (x for x in lines if x.place == whole and x.is_interaction):
        label = f"Interaction with {words_of(test.interacts_with)}"
        rows.append({"group": heading, "label": label, "test": _test_cell(test, notes)})
    return rows


def named(text: str, line: Line) -> str:
    """A label with the model's own name, where it has one."""
    return f"{text}, model {words_of(line.model_name)}" if line.model_name else text


def _forms_words(models: Sequence[str]) -> str:
    return " or ".join(distinct(words_of(part_model(model)[1]) for model in models))


def interaction_test(lines: Sequence[Line], place: tuple[str, str, str], by: str) -> Line | None:
    """The interaction test of a level, or of its whole measure where that was tested jointly."""
    for line in lines:
        same = line.place[:2] == place[:2] and line.place[2] in ("", place[2])
        if same and line.is_interaction and line.interacts_with == by and not line.compares:
            return line
    return None


def _test_cell(test: Line | None, notes: Notes) -> str:
    """The p-value of a test, or a dash and why there is none."""
    if test is None:
        return ""
    p_value = formats.finite(test["p_value"])
    return formats.p_value(p_value) + (notes.mark(note_of(test)) if p_value is None else "")


def table_firth(view: View, lines: Sequence[Line], *, name: str, part: str) -> Markup:
    """Firth's penalised estimates beside ordinary maximum likelihood, where sets are thin."""
    firth = [x for x in lines if str(x["model"]).endswith(FIRTH)]
    ordinary = {(x["model"], *x.place, x["subgroup"]): x for x in lines}
    rows = []
    for line in firth:
        model = str(line["model"]).removesuffix(FIRTH)
        other = ordinary.get((model, *line.place, line["subgroup"]))
        rows.append(
            {
                "label": f"{title_of(view.study, line['exposure'])}: {line.label}",
                "model": model_words(model),
                "subgroup": subgroup_label(line["subgroup"]) if line["subgroup"] else "All sets",
                "sets": formats.count(line["n_informative"]),
                "ordinary": other.cell if other else formats.NONE,
                "firth": line.cell,
            }
        )
    columns = [
        Column("label", "Use before the index date", "left"),
        Column("model", "Model", "left"),
        Column("subgroup", "Sets", "left"),
        Column("sets", "Informative sets"),
        Column("ordinary", "Maximum likelihood", spanner=effect_heading(firth)),
        Column("firth", "Firth", spanner=effect_heading(firth)),
    ]
    return render_table(rows, columns, name=name, caption="Thin sets: Firth beside maximum likelihood", part=part)


def table_all(view: View, *, name: str) -> Markup:
    """Every row of the estimates table."""
    notes = notes_for(view.lines)
    rows = [_full_row(view, line, notes) for line in view.lines]
    groups = distinct(row["group"] for row in rows)
    rows.sort(key=lambda row: groups.index(row["group"]))
    columns = [
        Column("exposure", "Exposure", "left"),
        Column("label", "Term", "left"),
        Column("subgroup", "Subgroup", "left"),
        Column("estimate", "Ratio (CI)"),
        Column("p", "p"),
        Column("sets", "Sets"),
        Column("informative", "Informative"),
        Column("cases", "Exposed / all cases"),
        Column("controls", "Exposed / all controls"),
    ]
    return render_table(
        rows, columns, name=name, caption="Every estimate of the run", group="group", stub=False, notes=notes
    )


def _full_row(view: View, line: Line, notes: Notes) -> dict[str, str]:
    effect = formats.EFFECT.get(line["scale"], line["scale"])
    return {
        "group": " · ".join(words_of(x) for x in (line["analysis"], line["comparison"], line["model"]))
        + f" · {effect}",
        "exposure": words_of(line["exposure"]),
        "label": line.label,
        "subgroup": words_of(line["subgroup"]) if line.is_interaction else subgroup_label(line["subgroup"]),
        "estimate": line.cell + notes.mark(note_of(line)),
        "p": formats.p_value(line["p_value"]),
        "sets": formats.count(line["n_sets"]),
        "informative": formats.count(line["n_informative"]),
        "cases": _slash(line["n_exposed_cases"], line["n_cases"]),
        "controls": _slash(line["n_exposed_controls"], line["n_controls"]),
    }


def _slash(part: int | None, whole: int | None) -> str:
    return formats.NONE if whole is None else f"{formats.count(part)} / {formats.count(whole)}"
