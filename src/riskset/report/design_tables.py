"""Tables about how the comparison came about: audit, characteristics, diagnostics, quality of the delivery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue import english_lines as line_words
from riskset.report.catalogue import english_tables as english
from riskset.report.catalogue.english_covariates import label_of_name
from riskset.report.catalogue.english_quality import table_name
from riskset.report.compared import comparison_words
from riskset.report.measure_words import measure_heading
from riskset.report.tables import Column, render_table, sentence
from riskset.report.values_in_words import diagnosed_in_words
from riskset.report.view import Term, distinct, measure_of, spaced, title_of, words_of
from riskset.results.planted_prognosis import CASES
from riskset.results.released import Released
from riskset.results.row_cells import AuditCells, DescribedCells, DiagnosticCells
from riskset.results.rows import QualityRow, model_of
from riskset.results.set_vocabulary import Characteristic, Summary, Verdict
from riskset.results.vocabulary import DiagnosticCode, Estimator, Form
from riskset.spec.measure_words import measure_words
from riskset.spec.measures import Measure
from riskset.spec.study import Study
from riskset.spec.wording import in_order_of_values, value_in_words
from riskset.spec.words import capital

IMBALANCE = 0.1
"""A standardised mean difference beyond this in size is marked."""


def table_audit(rows: Sequence[AuditCells], *, name: str, part: str) -> Markup:
    """What was checked of the matched sets, and what it means."""
    cells = []
    for row in rows:
        check, meaning = ENGLISH.check(row)
        cells.append(
            {
                "check": check,
                "verdict": ENGLISH.verdicts[Verdict(row["verdict"])],
                "count": formats.count(row["count"]),
                "of": formats.count(row["of"]),
                "meaning": sentence(meaning),
            }
        )
    columns = [
        Column("check", english.CHECK, "left"),
        Column("verdict", english.VERDICT, "left"),
        Column("count", english.COUNT),
        Column("of", english.OF),
        Column("meaning", english.MEANING, "left"),
    ]
    return render_table(cells, columns, name=name, caption=english.AUDIT, part=part)


def table_characteristics(study: Study, rows: Sequence[DescribedCells], *, name: str, part: str) -> Markup:
    """Cases and controls on the index date, with the standardised mean difference."""
    cells: list[dict[str, str]] = []
    for variable in distinct(_variable(row) for row in rows):
        levels = _ordered(study, [row for row in rows if _variable(row) == variable])
        title, labels = _named(study, levels)
        units = [english.MEAN_SD if row["kind"] == Summary.MEAN else english.NUMBER_PER_CENT for row in levels]
        shared = f", {units[0]}" if len(set(units)) == 1 else ""
        if len(levels) > 1:
            cells.append({"label": f"{title}{shared}"})
        for row, label, unit in zip(levels, labels, units, strict=True):
            shown = f"\u2003{label or english.KNOWN}" if len(levels) > 1 else ": ".join(x for x in (title, label) if x)
            ending = "" if shared and len(levels) > 1 else f", {unit}"
            cells.append({"label": f"{shown}{ending}"} | _values(row))
    columns = [
        Column("label", english.CHARACTERISTIC, "left"),
        Column("cases", english.CASES),
        Column("controls", english.CONTROLS),
        Column("smd", english.SMD),
    ]
    return render_table(cells, columns, name=name, caption=english.CHARACTERISTICS, part=part)


def _ordered(study: Study, rows: Sequence[DescribedCells]) -> list[DescribedCells]:
    """The rows of a variable in the order in which the study words its values."""
    order = in_order_of_values(study, rows[0]["variable"], [row["level"] for row in rows])
    return sorted(rows, key=lambda row: order.index(row["level"]))


def _variable(row: DescribedCells) -> tuple[str, str, str]:
    return row["variable"], row["exposure"], row["measure"]


def variable_in_words(study: Study, row: DescribedCells) -> str:
    """What a row of Table 1 describes: ``birth year``, a measure under its heading, ``controls in the set``."""
    if row["about"] in _OF_SETS:
        return _OF_SETS[row["about"]]
    if measure_of(study, row["exposure"], row["measure"]) is None:
        return label_of_name(study, row["variable"] or row["exposure"])
    return measure_heading(study, Term(row["exposure"], row["measure"]))


_OF_SETS: Mapping[str, str] = {Characteristic.SET_SIZE: english.SET_SIZE, Characteristic.RELATION: english.RELATION}


def level_in_words(study: Study, row: DescribedCells) -> str:
    """What level a row of Table 1 is of: ``Ever`` under the heading of its measure, a covariate's in words."""
    measure = measure_of(study, row["exposure"], row["measure"])
    return _worded(study, row) if measure is None else _level(measure, str(row["level"]))


def _worded(study: Study, row: DescribedCells) -> str:
    """A level of a covariate in the study's words, or in ours, or as it is delivered."""
    return line_words.level(value_in_words(study, row["variable"], row["level"]))


def _named(study: Study, levels: Sequence[DescribedCells]) -> tuple[str, list[str]]:
    """A variable and its levels in words; a measure of an exposure is named as elsewhere on the page."""
    variable, exposure, key = _variable(levels[0])
    measure = measure_of(study, exposure, key)
    if measure is None:
        return capital(label_of_name(study, variable)), [_worded(study, row) for row in levels]
    labels = [_level(measure, str(row["level"])) for row in levels]
    return measure_heading(study, Term(exposure, key)), [label[:1].lower() + label[1:] for label in labels]


def _level(measure: Measure, level: str) -> str:
    """A level under the heading of its measure; of a number, such as DDD, it is counted who has any."""
    labels = zip(measure.level_names, measure_words(measure).under_heading, strict=True)
    return spaced(dict(labels).get(level) or line_words.level(level))


def _values(row: DescribedCells) -> dict[str, str]:
    return {
        "cases": _value(row["kind"], row["cases_n"], row["cases_value"], row["cases_spread"]),
        "controls": _value(row["kind"], row["controls_n"], row["controls_value"], row["controls_spread"]),
        "smd": _difference(row["smd"]),
    }


def _value(kind: str, n: int | None, value: float | None, spread: float | None) -> str:
    if formats.finite(value) is None:
        return formats.blank(value)
    if kind == Summary.MEAN:
        known = formats.finite(spread) is not None or formats.is_withheld(spread)
        return formats.number(value, 1) + (f" ({formats.number(spread, 1)})" if known else "")
    return f"{formats.count(n)} ({formats.percent(value)})" if n is not None else formats.percent(value)


def _difference(smd: float | None) -> str:
    shown = formats.number(smd)
    return f"† {shown}" if smd is not None and abs(smd) > IMBALANCE else shown


def table_diagnostics(released: Released, *, name: str, fits: bool = False) -> Markup:
    """What a reader must know to judge the estimates; or, with ``fits``, how each fit went."""
    rows = [row for row in released.rows("diagnostics") if _is_of_fit(row) == fits]
    rows = [diagnosed_in_words(released.study, row) for row in rows]
    classes: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        of = comparison_words(released.study, row["comparison"]) if row["comparison"] else ""
        parts = line_words.ANALYSES[row["analysis"]], of, words_of(_model(row))
        group = capital(" · ".join(filter(None, parts)))
        named = title_of(released.study, row["exposure"]) if row["exposure"] else english.ALL
        classes.setdefault((group, *_diagnostic(released.study, row)), []).append(named)
    cells = [
        {"group": group, "exposure": ", ".join(distinct(names)), "name": name, "value": value, "note": note}
        for (group, name, value, note), names in classes.items()
    ]
    groups = distinct(cell["group"] for cell in cells)
    cells.sort(key=lambda cell: groups.index(cell["group"]))
    columns = [
        Column("exposure", english.EXPOSURE, "left"),
        Column("name", english.WHAT, "left"),
        Column("value", english.VALUE),
        Column("note", english.NOTE, "left"),
    ]
    return render_table(cells, columns, name=name, caption=english.FITS if fits else english.TO_KNOW, group="group")


def _is_of_fit(row: DiagnosticCells) -> bool:
    """Whether a diagnostic says how a fit went."""
    return ENGLISH.diagnostics[DiagnosticCode(row["code"])].of_fit


def _model(row: DiagnosticCells) -> str:
    """The model that a diagnostic is of: ``ever: adjusted``; nothing of what no model is fitted for."""
    if row["comparison"] == CASES:
        return ENGLISH.model(model_of(row))
    if not row["form"]:
        return ""
    penalised = line_words.FIRTH if row["estimator"] == Estimator.FIRTH else ""
    form = ", ".join(filter(None, (ENGLISH.forms[Form(row["form"])], penalised)))
    return ": ".join(filter(None, (row["model_name"] or row["measure"], form)))


def _diagnostic(study: Study, row: DiagnosticCells) -> tuple[str, str, str]:
    """Name, number and note of a diagnostic."""
    name, note = ENGLISH.diagnostic(row, study)
    is_share = ENGLISH.diagnostics[DiagnosticCode(row["code"])].is_share
    return words_of(name), (formats.percent if is_share else formats.plain)(row["value"]), sentence(note)


def table_quality(released: Released, *, name: str) -> Markup:
    """Rules that delivered rows break, and what was done with them."""
    cells = [
        {
            "group": table_name(row.table),
            "rule": ENGLISH.quality(row),
            "rows": formats.count(row.rows),
            "of": formats.count(row.of),
            "share": small_share(row.share),
            "action": ENGLISH.quality_actions[row.action],
        }
        for row in map(QualityRow.read, released.rows("quality"))
        if row.rows
    ]
    groups = distinct(cell["group"] for cell in cells)
    cells.sort(key=lambda cell: groups.index(cell["group"]))
    columns = [
        Column("rule", english.RULE_BROKEN, "left"),
        Column("rows", english.ROWS),
        Column("of", english.OF),
        Column("share", english.SHARE),
        Column("action", english.WHAT_WAS_DONE, "left"),
    ]
    return render_table(cells, columns, name=name, caption=english.QUALITY, group="group")


def name_unbroken_rules(released: Released) -> str:
    """The rules that no delivered row breaks, on one line."""
    unbroken = [row for row in map(QualityRow.read, released.rows("quality")) if not row.rows]
    if not unbroken:
        return ""
    tables = distinct(row.table for row in unbroken)
    named = [(table_name(t), distinct(ENGLISH.quality(r) for r in unbroken if r.table == t)) for t in tables]
    return english.unbroken_rules(len(unbroken), named)


def small_share(share: float | None) -> str:
    """A share whose size matters when it is tiny, with three decimals: ``0.004%``."""
    if share is None or formats.finite(share) is None:
        return formats.blank(share)
    if 0 < share < 0.00001:
        return formats.per_cent("<0.001")
    return formats.per_cent(f"{100 * share:.3f}") if 0 < share < 0.01 else formats.percent(share)
