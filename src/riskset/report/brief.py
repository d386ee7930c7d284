"""Results for a notebook: small tables with people's names, and the report's charts, of one run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import altair as alt
import pyarrow as pa

from riskset.errors import DesignError, SpecError
from riskset.given import refuse_no_flags
from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue.english_covariates import label_of_name
from riskset.report.catalogue.english_lines import of_model
from riskset.report.compared import comparison_title
from riskset.report.design_tables import level_in_words, variable_in_words
from riskset.report.figures import Figure
from riskset.report.forest import plot_estimates
from riskset.report.prognosis.curves import plot_survival
from riskset.report.prognosis.rows import read_rows
from riskset.report.theme import figure_config
from riskset.report.view import Line, View, distinct, names_of, read_view, words_of
from riskset.results.released import Released
from riskset.results.set_vocabulary import Unit, Verdict
from riskset.spec.complaints import closest, shown

_KEYS = {
    "comparison": pa.string(),
    "exposure": pa.string(),
    "measure": pa.string(),
    "level": pa.string(),
    "model": pa.string(),
}
_LOGS = ("estimate", "std_error", "conf_low", "conf_high")
_RATIOS = ("ratio", "ratio_low", "ratio_high", "estimate", "std_error")
"""Columns on the scale of the model; and ratios beside what tests are made of."""
_COUNTS = {
    "cases": "n_exposed_cases",
    "controls": "n_exposed_controls",
    "events": "n_exposed_events",
    "informative_sets": "n_informative",
}
"""Of those who have the level, by what the table of estimates calls them."""


def table_estimates(
    released: Released,
    *,
    ratio: bool,
    everything: bool,
    comparison: str | None,
    exposure: str | None,
    analysis: str | None,
) -> pa.Table:
    """Estimates as `Run.estimates` gives them."""
    refuse_no_flags(ratio=ratio, all=everything)
    view = read_view(released)
    _refuse_unknown(released, view, comparison, exposure)
    if analysis is not None:
        _refuse_other("analysis", analysis, (x["analysis"] for x in view.lines))
    lines = view.lines if everything else _main(view)
    lines = [x for x in lines if analysis in (None, x["analysis"])]
    lines = [x for x in lines if comparison in (None, x["comparison"]) and exposure in (None, x["exposure"])]
    if ratio and not everything:
        lines = [x for x in lines if x.is_ratio]
    numbers = (*(_RATIOS if ratio else _LOGS), "p_value")
    schema = pa.schema(
        [
            *_KEYS.items(),
            *((("subgroup", pa.string()), ("adjusted_for", pa.string())) if everything else ()),
            ("effect", pa.string()),
            *((name, pa.float64()) for name in numbers),
            *((name, pa.int64()) for name in _COUNTS),
            *((("model_id", pa.string()),) if everything else ()),
        ]
    )
    rows = [_cells(view, x if everything else x.shown) for x in lines]
    return pa.Table.from_pylist([{name: row[name] for name in schema.names} for row in rows], schema=schema)


def _main(view: View) -> list[Line]:
    """Exposures in all sets, then their rates, medians and the like; Firth's estimates stand in for infinite ones."""
    ratios = [x for pair in view.analyses() for x in view.main(*pair) if not x.is_firth]
    others = [x for x in view.lines if x["exposure"] and not x.modifier and not x.is_ratio]
    return [*ratios, *(x for x in others if x not in ratios)]


def _cells(view: View, line: Line) -> dict[str, str | float | None]:
    cells = {name: line[name] for name in ("comparison", "exposure", *_LOGS, "p_value")}
    cells |= {
        "model_id": line["model_id"],
        "adjusted_for": ", ".join(label_of_name(view.study, name) for name in line.adjusted_for),
    }
    cells |= {"subgroup": view.people(line), "measure": line.place.term.name}
    cells |= {"level": line.label, "model": line.model_words}
    cells |= {"effect": formats.EFFECT.get(line["scale"], line["scale"])}
    ends = zip(_RATIOS[:3], (line.value, line.low, line.high), strict=True)
    cells |= {name: value if line.is_ratio else None for name, value in ends}
    return cells | {name: line[column] for name, column in _COUNTS.items()}


def table_characteristics(released: Released, *, comparison: str | None) -> pa.Table:
    """Table 1 as `Run.table_one` gives it."""
    table = _of_comparison(released, "table_one", comparison)
    for name, word in (("variable", variable_in_words), ("level", level_in_words)):
        words = [word(released.study, row) for row in table.to_pylist()]
        table = table.set_column(table.column_names.index(name), name, pa.array(words, pa.string()))
    return table.select([*_DESCRIBED, "smd"]).rename_columns([*_DESCRIBED.values(), "smd"])


_DESCRIBED = {name: name for name in ("comparison", "variable", "exposure", "measure", "level", "kind")} | {
    f"{who}_{what}": who if what == "n" else f"{who}_{what}"
    for who in ("cases", "controls")
    for what in ("n", "value", "spread")
}
"""Columns of Table 1 by what a notebook calls them."""


def table_attrition(released: Released) -> pa.Table:
    """The attrition as `Run.attrition` gives it."""
    rows = [
        row | {"part": words_of(ENGLISH.part(row)), "rule": ENGLISH.rule(row), "unit": ENGLISH.units[Unit(row["unit"])]}
        for row in released.table("attrition").to_pylist()
    ]
    return _worded(rows, {"part": str, "comparison": str, "rule": str, "removed": int, "remaining": int, "unit": str})


def table_audit(released: Released, *, comparison: str | None, everything: bool) -> pa.Table:
    """The audit as `Run.audit` gives it."""
    refuse_no_flags(all=everything)
    table = _of_comparison(released, "audit", comparison)
    rows = []
    for row in table.to_pylist():
        if everything or row["verdict"] != Verdict.PASS:
            check, meaning = ENGLISH.check(row)
            verdict = ENGLISH.verdicts[Verdict(row["verdict"])]
            rows.append(row | {"check": check, "verdict": verdict, "meaning": meaning})
    return _worded(rows, {"comparison": str, "check": str, "verdict": str, "count": int, "of": int, "meaning": str})


def _worded(rows: Sequence[Mapping[str, object]], columns: dict[str, type]) -> pa.Table:
    schema = pa.schema([(name, pa.string() if kind is str else pa.int64()) for name, kind in columns.items()])
    return pa.Table.from_pylist([{name: row[name] for name in columns} for row in rows], schema=schema)


def chart_forest(released: Released, *, comparison: str | None, exposure: str | None) -> alt.TopLevelMixin:
    """The forest plot as `Run.forest` gives it."""
    view = read_view(released)
    _refuse_unknown(released, view, comparison, exposure)
    risk = [(a, c) for a, c in view.analyses() if comparison in (None, c) and _has_ratios(view, a, c)]
    figures: list[Figure] = []
    for pair in risk[:1]:
        lines = [x for x in view.main(*pair) if exposure in (None, x["exposure"])]
        for name in names_of(lines):
            of_model = [x for x in lines if x.model_name == name]
            figures += plot_estimates(view, of_model, name="forest", title=_title(view, pair[1], name))
    return _chart(figures, "the run has no estimate to draw")


def _title(view: View, comparison: str, model: str) -> str:
    """``Population controls``, with the model where the study names several on one measure."""
    title = comparison_title(view.study, comparison)
    return of_model(title, words_of(model)) if model else title


def _has_ratios(view: View, analysis: str, comparison: str) -> bool:
    return analysis == "risk" and any(x.is_ratio for x in view.main(analysis, comparison))


def chart_curves(released: Released, *, exposure: str | None) -> alt.TopLevelMixin:
    """The survival curves as `Run.curves` gives them."""
    view = read_view(released)
    _refuse_unknown(released, view, None, exposure)
    rows = read_rows(released, view)
    if rows is None:
        raise DesignError("the run followed nobody", where="curves", remedy="give the study a prognosis")
    asked = [name for name in rows.exposures if exposure in (None, name)]
    return _chart(plot_survival(rows, asked), "too few patients for a curve")


def _chart(figures: Sequence[Figure], nothing: str) -> alt.TopLevelMixin:
    """The charts of figures below each other, in the house style."""
    if not figures:
        raise DesignError(nothing, where="chart", remedy="see estimates(all=True) and the run's failures")
    charts = [figure.chart.properties(title=alt.Title(figure.title, anchor="start")) for figure in figures]
    whole = charts[0]
    if len(charts) > 1:
        whole = alt.vconcat(*charts, spacing=30).resolve_scale(color="independent", shape="independent")
    return whole.configure(**figure_config())


def _of_comparison(released: Released, name: str, comparison: str | None) -> pa.Table:
    table = released.table(name)
    if comparison is None:
        return table
    there = table["comparison"].to_pylist()
    _refuse_other("comparison", comparison, there)
    return table.filter(pa.array([one == comparison for one in there], pa.bool_()))


def _refuse_unknown(released: Released, view: View, comparison: str | None, exposure: str | None) -> None:
    if comparison is not None:
        _refuse_other("comparison", comparison, (x["comparison"] for x in view.lines))
    if exposure is not None:
        _refuse_other("exposure", exposure, (e.name for e in released.study.exposures))


def _refuse_other(what: str, asked: str, there: Iterable[str]) -> None:
    known = distinct(there)
    if asked not in known:
        raise SpecError(f"the run has no {what} {shown(asked)}", where=what, remedy=closest(asked, known))
