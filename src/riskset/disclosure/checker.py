"""The one page on which a person reviews a release.

What readers see, what is close to the threshold, policy, audit, what is withheld, earlier releases, files, a place to
sign, and every table as it leaves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from markupsafe import Markup

from riskset.disclosure.checked_front import front_exhibits, front_style
from riskset.disclosure.door import Cleared, in_words
from riskset.disclosure.ledger import PastRelease
from riskset.disclosure.pattern import Method
from riskset.disclosure.policy import Zero
from riskset.report.catalogue import english_checker as english
from riskset.report.formats import plain
from riskset.results.columns import columns_of
from riskset.results.released import Released
from riskset.results.roles import COUNTS
from riskset.results.tables import KINDS
from riskset.results.withheld import HiddenNumber

_STYLE = (
    "body{max-width:none;margin:2em}.check table{border-collapse:collapse;margin:.5em 0 2em}"
    ".check td,.check th{border:1px solid #bbb;padding:.15em .4em;text-align:left;vertical-align:top;font-size:12px}"
    ".check td.w,mark.w{background:#222;color:#fff}.no{background:#a00;color:#fff;padding:.2em}"
    ".sign td{height:2.5em;min-width:18em}.digest{font-family:monospace}"
    "@media print{body{margin:0}h2,figcaption{break-after:avoid}figure,tr{break-inside:avoid}"
    "details:not([open]){display:none}td.w,mark.w{background:none;color:inherit;text-decoration:underline}}"
)
"""Printed, a withheld cell is underlined, and what is folded stays away."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

HERE = ("checker.html", "release.json")
"""Files that cannot have their own digest in them."""


def checkers_page(
    cleared: Cleared, files: Mapping[str, str] = MappingProxyType({}), earlier: Sequence[PastRelease] = ()
) -> str:
    """The page: no script, no network, nothing that does not leave in the tables too.

    First what readers see, then what a checker asks of it, with whole tables folded behind.

    Parameters
    ----------
    files : what leaves beside the page, each with its SHA-256
    earlier : the releases of the ledger
    """
    released = cleared.released
    sections = [
        ("front", english.FRONT, Markup("<p>{}</p>{}").format(english.MARKED, front_exhibits(released))),
        ("close", english.CLOSE, _close(cleared)),
        ("policy", english.POLICY, _policy(cleared)),
        ("audit", english.AUDIT, _audit(cleared)),
        ("by-rule", english.WITHHELD_BY, _withheld(cleared)),
        ("earlier", english.EARLIER, _earlier(earlier)),
        ("files", english.FILES, _files(files)),
        *([("scripts", english.SCRIPTS_TITLE, _scripts())] if released.refitting.models else []),
        ("decision", english.DECISION, _decision()),
        ("tables", english.TABLES, Markup("").join(_folded(released, name) for name in released.tables)),
    ]
    parts = [
        Markup("<h1>{}</h1><p><strong>{}</strong></p>").format(english.heading(released.study.name), released.stamp),
        Markup("<p>{}</p>").format(english.DECIDES_NOTHING),
        _contents([(anchor, title) for anchor, title, _ in sections]),
        *(_section(*section) for section in sections),
    ]
    head = Markup(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title>'
        '<meta http-equiv="Content-Security-Policy" content="{}"><style>{}</style></head><body>'
    ).format(english.LANGUAGE, english.TITLE, _POLICY, Markup(front_style(released.stamp) + _STYLE))
    return str(head + Markup("").join(parts) + Markup("</body></html>\n"))


def _contents(sections: Sequence[tuple[str, str]]) -> Markup:
    links = (Markup('<li><a href="#check-{}">{}</a></li>').format(*section) for section in sections)
    return Markup('<nav aria-label="{}"><ol>{}</ol></nav>').format(english.CONTENTS, Markup("").join(links))


def _section(anchor: str, title: str, body: Markup) -> Markup:
    kind = Markup("") if anchor == "front" else Markup(' class="check"')
    return Markup('<section{}><h2 id="check-{}">{}</h2>{}</section>').format(kind, anchor, title, body)


def _scripts() -> Markup:
    return Markup("<p>{}</p>").format(english.SCRIPTS)


def _close(cleared: Cleared) -> Markup:
    """Counts that leave and are less than twice the smallest that may."""
    smallest = cleared.policy.minimum
    found: list[tuple[object, ...]] = []
    for name in cleared.released.tables:
        counts = [column.name for column in columns_of(KINDS[name]) if column.role in COUNTS]
        for row in cleared.released.rows(name):
            near = [(c, row[c]) for c in counts if _is_close(row[c], smallest)]
            found += [(count, name, in_words(name, row), column) for column, count in near]
    found.sort(key=lambda line: str(line[1:]))
    found.sort(key=lambda line: line[0])  # type: ignore[arg-type,return-value]
    about = Markup("<p>{}</p>").format(english.about_close(len(found), smallest))
    return about + (_rows(english.CLOSE_HEADS, found) if found else Markup(""))


def _is_close(count: object, smallest: int) -> bool:
    return isinstance(count, int) and smallest <= count < 2 * smallest


def _earlier(lines: Sequence[PastRelease]) -> Markup:
    if not lines:
        return Markup("<p>{}</p>").format(english.NO_EARLIER)
    shown: list[tuple[object, ...]] = [
        (line.number, line.folder, line.policy, line.study[:SHORT], line.data[:SHORT], len(line.files))
        for line in lines
    ]
    return _rows(english.EARLIER_HEADS, shown)


SHORT = 12
"""Characters of a fingerprint."""


def _files(files: Mapping[str, str]) -> Markup:
    about = Markup("<p>{}</p>").format(english.about_files(len(files), HERE))
    digests: list[tuple[object, ...]] = [
        (name, Markup('<span class="digest">{}</span>').format(digest)) for name, digest in sorted(files.items())
    ]
    return about + (_rows(english.FILES_HEADS, digests) if files else Markup(""))


def _decision() -> Markup:
    lines = Markup("").join(Markup("<tr><th>{}</th><td></td></tr>").format(each) for each in english.TO_SIGN)
    return Markup('<table class="sign">{}</table>').format(lines)


def _folded(released: Released, name: str) -> Markup:
    summary = Markup('<summary id="check-table-{}">{}</summary>').format(name, english.table(name))
    return Markup("<details>{}{}</details>").format(summary, _table(released, name))


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
