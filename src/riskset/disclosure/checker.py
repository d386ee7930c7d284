"""The one page on which a person reviews a release: policy, audit, what is withheld, every table as it leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from markupsafe import Markup

from riskset.disclosure.door import Cleared
from riskset.disclosure.pattern import Method
from riskset.report.formats import plain
from riskset.results.refitting import R_SCRIPT, STATA_SCRIPT
from riskset.results.released import Released
from riskset.results.withheld import HiddenNumber

_STYLE = (
    "body{font:14px/1.4 sans-serif;margin:2em;color:#222}table{border-collapse:collapse;margin:.5em 0 2em}"
    "td,th{border:1px solid #bbb;padding:.15em .4em;text-align:left;vertical-align:top;font-size:12px}"
    "th{background:#eee;position:sticky;top:0}.w{background:#222;color:#fff}.no{background:#a00;color:#fff;padding:.2em}"
)

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


LEFT_OUT = (
    "what a ratio of matched sets with covariates tells of its counts; that of patients is taken to state them",
    "scores, and events by cause among a subgroup: their estimates leave, their counts do not",
    "dominance of one clinic or region, since no table is by place",
    "what other studies, lists or readers know",
)
"""What the audit is not about: of the second no number leaves, of the others a person must think."""


SCRIPTS = (
    f"{R_SCRIPT} and {STATA_SCRIPT} fit models again. They hold code, names of the study, and of numbers the ratios of "
    "the table of estimates as it leaves."
)


def checkers_page(cleared: Cleared) -> str:
    """The page: no script, no network, nothing that does not leave in the tables too."""
    released = cleared.released
    parts = [
        Markup("<h1>Output check: {}</h1><p><strong>{}</strong></p>").format(released.study.name, released.stamp),
        Markup(
            "<p>An automatic clearance decides nothing. It does not know what is sensitive, nor what readers know.</p>"
        ),
        _section("Policy", _policy(cleared)),
        _section("Audit", _audit(cleared)),
        _section("Withheld, by table and rule", _withheld(cleared)),
        *([_section("Scripts", Markup("<p>{}</p>").format(SCRIPTS))] if released.refitting.models else []),
        *(_section(f"Table {name}", _table(released, name)) for name in released.tables),
    ]
    head = Markup(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Output check</title>'
        '<meta http-equiv="Content-Security-Policy" content="{}"><style>{}</style></head><body>'
    ).format(_POLICY, Markup(_STYLE))
    return str(head + Markup("").join(parts) + Markup("</body></html>\n"))


def _section(title: str, body: Markup) -> Markup:
    return Markup("<h2>{}</h2>{}").format(title, body)


def _rows(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> Markup:
    first = Markup("").join(Markup("<th>{}</th>").format(each) for each in head)
    lines = [Markup("").join(Markup("<td>{}</td>").format(each) for each in row) for row in rows]
    body = Markup("").join(Markup("<tr>{}</tr>").format(line) for line in lines)
    return Markup("<table><tr>{}</tr>{}</table>").format(first, body)


def _policy(cleared: Cleared) -> Markup:
    policy = cleared.policy
    facts: list[tuple[object, ...]] = [
        ("name", policy.name),
        ("smallest count that may be known", policy.minimum),
        ("counts of nobody", policy.zero),
        ("values beyond the small ones that must stay possible", policy.margin),
        ("further numbers withheld to protect small ones", "yes" if policy.complementary else "no"),
        ("counts rounded to multiples of", policy.rounding or "not rounded"),
    ]
    return _rows(("rule", "as set"), facts)


def _audit(cleared: Cleared) -> Markup:
    system, pattern = cleared.system, cleared.pattern
    methods = Counter(component.method for component in pattern.components)
    facts: list[tuple[object, ...]] = [
        ("different numbers of persons, sets and events", len(system.cells)),
        ("sums between them", len(system.equations)),
        *((f"parts decided by the method “{method}”", methods[method]) for method in Method if methods[method]),
    ]
    if pattern.is_safe:
        verdict = Markup(
            "<p>Whoever knows every number of the draft and these sums can narrow no small number below the policy.</p>"
        )
    else:
        verdict = Markup('<p class="no">{} numbers can be narrowed below the policy.</p>').format(
            len(pattern.violations)
        )
    missing = Markup("<p>Not part of the audit:</p><ul>{}</ul>").format(
        Markup("").join(Markup("<li>{}</li>").format(one) for one in LEFT_OUT)
    )
    return verdict + _rows(("", "number"), facts) + missing


def _withheld(cleared: Cleared) -> Markup:
    counts = Counter((one.table, one.rule.in_public) for one in cleared.log)
    return _rows(("table", "rule", "cells"), [(table, rule, n) for (table, rule), n in sorted(counts.items())])


def _table(released: Released, name: str) -> Markup:
    """A table as it leaves; a column in which nothing stands is left out."""
    rows = released.rows(name)
    columns = [
        c for c in released.tables[name].column_names if any(row[c] not in (None, "", "[]", "{}") for row in rows)
    ]
    lines = (Markup("").join(_cells(row[column] for column in columns)) for row in rows)
    body = Markup("").join(Markup("<tr>{}</tr>").format(line) for line in lines)
    head = Markup("").join(Markup("<th>{}</th>").format(column) for column in columns)
    return Markup("<p>{} rows</p><table><tr>{}</tr>{}</table>").format(len(rows), head, body)


def _cells(values: Iterator[object]) -> Iterator[Markup]:
    for value in values:
        if isinstance(value, HiddenNumber):
            yield Markup('<td class="w">{}</td>').format(str(value))
        elif isinstance(value, float):
            yield Markup("<td>{}</td>").format(plain(value))
        else:
            yield Markup("<td>{}</td>").format("" if value in (None, "[]", "{}") else value)
