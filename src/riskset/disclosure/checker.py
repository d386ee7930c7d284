"""The one page on which a person reviews a release: policy, audit, what is withheld, every table as it leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from markupsafe import Markup

from riskset.disclosure.door import Cleared
from riskset.disclosure.pattern import Method
from riskset.disclosure.policy import Zero
from riskset.report.catalogue import english_checker as english
from riskset.report.formats import plain
from riskset.results.released import Released
from riskset.results.withheld import HiddenNumber

_STYLE = (
    "body{font:14px/1.4 sans-serif;margin:2em;color:#222}table{border-collapse:collapse;margin:.5em 0 2em}"
    "td,th{border:1px solid #bbb;padding:.15em .4em;text-align:left;vertical-align:top;font-size:12px}"
    "th{background:#eee;position:sticky;top:0}.w{background:#222;color:#fff}.no{background:#a00;color:#fff;padding:.2em}"
)

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def checkers_page(cleared: Cleared) -> str:
    """The page: no script, no network, nothing that does not leave in the tables too."""
    released = cleared.released
    parts = [
        Markup("<h1>{}</h1><p><strong>{}</strong></p>").format(english.heading(released.study.name), released.stamp),
        Markup("<p>{}</p>").format(english.DECIDES_NOTHING),
        _section(english.POLICY, _policy(cleared)),
        _section(english.AUDIT, _audit(cleared)),
        _section(english.WITHHELD_BY, _withheld(cleared)),
        *([_scripts()] if released.refitting.models else []),
        *(_section(english.table(name), _table(released, name)) for name in released.tables),
    ]
    head = Markup(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title>'
        '<meta http-equiv="Content-Security-Policy" content="{}"><style>{}</style></head><body>'
    ).format(english.LANGUAGE, english.TITLE, _POLICY, Markup(_STYLE))
    return str(head + Markup("").join(parts) + Markup("</body></html>\n"))


def _section(title: str, body: Markup) -> Markup:
    return Markup("<h2>{}</h2>{}").format(title, body)


def _scripts() -> Markup:
    return _section(english.SCRIPTS_TITLE, Markup("<p>{}</p>").format(english.SCRIPTS))


def _rows(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> Markup:
    first = Markup("").join(Markup("<th>{}</th>").format(each) for each in head)
    lines = [Markup("").join(Markup("<td>{}</td>").format(each) for each in row) for row in rows]
    body = Markup("").join(Markup("<tr>{}</tr>").format(line) for line in lines)
    return Markup("<table><tr>{}</tr>{}</table>").format(first, body)


def _policy(cleared: Cleared) -> Markup:
    policy = cleared.policy
    facts: list[tuple[object, ...]] = [
        (english.NAME, policy.name),
        (english.SMALLEST, policy.minimum),
        (english.NOBODY, _ZERO[policy.zero]),
        (english.MARGIN, policy.margin),
        (english.COMPLEMENTARY, english.YES if policy.complementary else english.NO),
        (english.ROUNDING, policy.rounding or english.NOT_ROUNDED),
    ]
    return _rows(english.POLICY_HEADS, facts)


def _audit(cleared: Cleared) -> Markup:
    system, pattern = cleared.system, cleared.pattern
    methods = Counter(component.method for component in pattern.components)
    facts: list[tuple[object, ...]] = [
        (english.NUMBERS, len(system.cells)),
        (english.SUMS, len(system.equations)),
        *((english.decided_by(method), methods[method]) for method in Method if methods[method]),
    ]
    if pattern.is_safe:
        verdict = Markup("<p>{}</p>").format(english.IS_SAFE)
    else:
        verdict = Markup('<p class="no">{}</p>').format(english.can_be_narrowed(len(pattern.violations)))
    missing = Markup("<p>{}</p><ul>{}</ul>").format(
        english.NOT_AUDITED, Markup("").join(Markup("<li>{}</li>").format(one) for one in english.LEFT_OUT)
    )
    return verdict + _rows(english.AUDIT_HEADS, facts) + missing


_ZERO = {Zero.SHOWN: english.SHOWN, Zero.WITHHELD: english.WITHHELD}


def _withheld(cleared: Cleared) -> Markup:
    counts = Counter((one.table, one.rule.in_public) for one in cleared.log)
    return _rows(english.WITHHELD_HEADS, [(table, rule, n) for (table, rule), n in sorted(counts.items())])


def _table(released: Released, name: str) -> Markup:
    """A table as it leaves; a column in which nothing stands is left out."""
    rows = released.rows(name)
    columns = [
        c for c in released.tables[name].column_names if any(row[c] not in (None, "", "[]", "{}") for row in rows)
    ]
    lines = (Markup("").join(_cells(row[column] for column in columns)) for row in rows)
    body = Markup("").join(Markup("<tr>{}</tr>").format(line) for line in lines)
    head = Markup("").join(Markup("<th>{}</th>").format(column) for column in columns)
    return Markup("<p>{}</p><table><tr>{}</tr>{}</table>").format(english.rows(len(rows)), head, body)


def _cells(values: Iterator[object]) -> Iterator[Markup]:
    for value in values:
        if isinstance(value, HiddenNumber):
            yield Markup('<td class="w">{}</td>').format(str(value))
        elif isinstance(value, float):
            yield Markup("<td>{}</td>").format(plain(value))
        else:
            yield Markup("<td>{}</td>").format("" if value in (None, "[]", "{}") else value)
