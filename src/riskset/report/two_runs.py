"""What changed between two runs, in lines: for the terminal and for a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from riskset.report.catalogue import english_changes as english
from riskset.report.formats import exponentiated
from riskset.results.row_cells import Cell
from riskset.results.rows import names_in
from riskset.results.run_changes import IMPORT, FactChange, FactKind, RowChange, RunChanges
from riskset.results.vocabulary import Scale
from riskset.spec import words
from riskset.spec.difference import Change


@dataclass(frozen=True)
class ChangeLine:
    """One change as a line.

    Attributes
    ----------
    part : what it is of: description, data, software, size, or the name of a table
    what : a sentence on the description; else the fact, or the row by its key
    change : what became of it
    before, after : empty where there was none, or the sentence says it
    """

    part: str
    what: str
    change: Change
    before: str
    after: str


def change_lines(changes: RunChanges) -> Iterator[ChangeLine]:
    """Every change, the description first."""
    for difference in changes.description:
        yield ChangeLine("description", english.change_in_words(difference), difference.change, "", "")
    for fact in changes.facts:
        yield _of_fact(fact)
    for row in changes.rows:
        what = ", ".join(words.plain(str(value)) for value in row.key.values() if value not in ("", None))
        yield ChangeLine(row.table, what, row.change, _values(row, row.before), _values(row, row.after))


def _of_fact(fact: FactChange) -> ChangeLine:
    change = Change.ADDED if fact.before is None else Change.REMOVED if fact.after is None else Change.CHANGED
    match fact.kind:
        case FactKind.DATA:
            before, after = (_short(value) for value in (fact.before, fact.after))
        case FactKind.SOFTWARE:
            shown = _short if fact.name == IMPORT else str
            before, after = (shown(value or "") for value in (fact.before, fact.after))
        case FactKind.SIZE:
            before, after = (
                english.rows(value) if isinstance(value, int) else "" for value in (fact.before, fact.after)
            )
        case _:
            assert_never(fact.kind)
    return ChangeLine(str(fact.kind), fact.name, change, before, after)


def _short(value: object) -> str:
    """The beginning of a fingerprint; the settings of a nation in full."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {number}" for name, number in value.items())
    return str(value or "")[:12]


_INTERVAL = ("estimate", "conf_low", "conf_high")


def _values(row: RowChange, values: Mapping[str, Cell]) -> str:
    """``ratio 1.34, conf_low 1.12``: the values of a row, those of a ratio as ratios."""
    scale = row.key.get("scale", "")
    is_ratio = bool(scale) and Scale(str(scale)).is_ratio
    shown = []
    for name, value in values.items():
        if value is None or value == "" or (row.change is not Change.CHANGED and name not in _SHOWN):
            continue
        if name == "adjusted_for":
            value = words.both([words.plain(one) for one in names_in(str(value))] or [english.NOTHING])
        if is_ratio and name in _INTERVAL and isinstance(value, float):
            name, value = (english.RATIO if name == "estimate" else name), exponentiated(value)
        shown.append(f"{words.plain(name)} {f'{value:.6g}' if isinstance(value, float) else value}")
    return ", ".join(shown)


_SHOWN = (*_INTERVAL, "n_cases", "n_controls", "remaining", "removed", "count", "value", "rows")
"""Of a row that came or went, the columns that say what it is."""
