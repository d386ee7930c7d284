"""Tables as HTML fragments: heads tied to their cells by scope, numbers to the right, cells plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from markupsafe import Markup

from riskset.report.catalogue import english_tables as english
from riskset.report.formats import superscript
from riskset.report.templating import render
from riskset.results.run_folder import SUPPLEMENT_TABLES
from riskset.results.withheld import WITHHELD

REFERENCE = "reference"
"""The key of a row of those whom others are compared with; no column, and empty of the others."""


@dataclass(frozen=True)
class Column:
    """A column of a table: its key in the rows, its heading, and the heading above it that it shares."""

    key: str
    label: str
    align: str = "right"
    spanner: str = ""


@dataclass
class Notes:
    """Footnotes of a table, numbered as they come; what every row's note says is said once, without a mark.

    A note is clauses, each kept whole.
    """

    common: tuple[str, ...] = ()
    texts: list[str] = field(default_factory=list)
    unmarked: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, notes: Iterable[list[str] | tuple[str, ...]]) -> Notes:
        """Notes of a table, given those of the rows that must share a clause for it to be common."""
        first, *others = [*notes] or [()]
        return cls(tuple(clause for clause in first if clause and all(clause in other for other in others)))

    def mark(self, *clauses: str) -> str:
        """The mark of what a note says beyond the common clauses, or nothing."""
        rest = "; ".join(clause for clause in clauses if clause and clause not in self.common)
        if not rest:
            return ""
        if rest not in self.texts:
            self.texts.append(rest)
        return superscript(self.texts.index(rest) + 1)

    def add(self, text: str) -> None:
        """A sentence on the whole table."""
        if text:
            self.unmarked.append(text)

    def render(self) -> Markup:
        """The list below the table."""
        items = [Markup("<li>{}</li>").format(sentence(text)) for text in (*self.common, *self.unmarked)]
        items += [Markup("<li>{} {}</li>").format(superscript(i), sentence(t)) for i, t in enumerate(self.texts, 1)]
        return Markup('<ul class="notes">{}</ul>').format(Markup("").join(items)) if items else Markup("")


def sentence(text: str) -> str:
    """The text with a capital and a full stop; nothing of nothing."""
    text = text.strip()
    return text and text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", ":")) else ".")


def render_table(
    rows: Sequence[Mapping[str, str]],
    columns: Sequence[Column],
    *,
    name: str,
    caption: str,
    part: str = "",
    group: str = "",
    stub: bool = True,
    notes: Notes | None = None,
    of_group: Mapping[str, str] | None = None,
) -> Markup:
    """An accessible table in a box that scrolls by itself, with a link to its file.

    Parameters
    ----------
    rows : plain text by column key; `REFERENCE` marks who is compared with
    columns : the first one heads its rows unless ``stub`` is false
    name : identifier in the page, and name of its file in `SUPPLEMENT_TABLES`
    caption, part : what is shown, and of which part of the data
    group : key of the text that heads a run of rows; no column of its own
    notes : footnotes, set below
    of_group : group → what the page's script finds its rows by

    Returns
    -------
    Markup, empty where there are no rows.
    """
    if not rows:
        return Markup("")
    if _hides(rows, columns):
        notes = notes or Notes()
        notes.add(english.WITHHELD)
    spanners = [(title, list(under)) for title, under in groupby(columns, key=lambda column: column.spanner)]
    return render(
        "table.html",
        name=name,
        caption=caption,
        part=part,
        label=" ".join((caption, part)).strip(),
        file=file_link(name),
        columns=columns,
        stub=stub,
        spanners=spanners,
        spanned=any(title for title, _ in spanners),
        groups=_grouped(rows, group, of_group or {}),
        reference=REFERENCE,
        notes=notes.render() if notes else "",
    )


def _hides(rows: Sequence[Mapping[str, str]], columns: Sequence[Column]) -> bool:
    """Whether a number of a table is withheld."""
    texts = (*(column.label for column in columns), *(row.get(column.key, "") for row in rows for column in columns))
    return any(re.search(rf"\b{WITHHELD}\b", text) for text in texts)


@dataclass(frozen=True)
class _Group:
    """Rows with what heads them, and what the page's script finds them by."""

    title: str
    place: str
    rows: Sequence[Mapping[str, str]]


def _grouped(rows: Sequence[Mapping[str, str]], group: str, places: Mapping[str, str]) -> list[_Group]:
    """The rows of each group, in the order in which the groups come."""
    of_title: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        of_title.setdefault(row.get(group, ""), []).append(row)
    return [_Group(title, places.get(title, ""), grouped) for title, grouped in of_title.items()]


def file_link(name: str) -> Markup:
    """The link to a table's file, for its caption."""
    return Markup('<a class="file" href="{}/{}.csv">{}</a>').format(SUPPLEMENT_TABLES, name, english.FILE)
