"""Tables as HTML fragments, through great-tables: heads tied to their cells by scope, numbers to the right.

great-tables escapes what it is given, so cells are plain text. Its style sheet, one for each table, is left out for the
page's own, and of its markup what the page does not use: three quarters of it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape

import great_tables as gt
import pyarrow as pa
from markupsafe import Markup, escape

from riskset.report.catalogue import english_tables as english
from riskset.report.formats import superscript
from riskset.results.run_folder import SUPPLEMENT_TABLES


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
    rows : plain text by column key; the rows of a group follow each other
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
    keys = ([group] if group else []) + [c.key for c in columns]
    data = pa.table({key: pa.array([row.get(key, "") for row in rows], pa.string()) for key in keys})
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="PyArrow Table support is currently experimental")
        html = _great_table(data, columns, name=name, group=group, stub=stub)
    of_part = Markup(' <span class="part">{}</span>').format(part) if part else ""
    opening = Markup('<table id="{}"><caption>{}{} {}</caption>').format(name, caption, of_part, file_link(name))
    html = re.sub(rf"<tr>(<th [^>]*>[^<]*{_REFERENCE}</th>)", r'<tr class="reference">\1', html)
    if of_group:
        html = re.sub(
            r'<tbody>(<tr class="group"><th[^>]*>([^<]*))',
            lambda match: f'<tbody data-of="{escape(of_group[unescape(match[2])])}">{match[1]}',
            html,
        )
    body = re.sub("<table[^>]*>", lambda match: str(opening), html, count=1)
    box = Markup('<div class="scroll" tabindex="0" role="group" aria-label="{}">{}</div>{}')
    return box.format(" ".join((caption, part)).strip(), Markup(body), notes.render() if notes else "")


_REFERENCE = re.escape(escape(english.reference("")))
"""How the head of a row ends whose people the others are compared with."""


def _great_table(data: pa.Table, columns: Sequence[Column], *, name: str, group: str, stub: bool) -> str:
    first = columns[0]
    table = gt.GT(data, id=name, rowname_col=first.key if stub else None, groupname_col=group or None)
    rest = columns[1:] if stub else columns
    table = table.cols_label({c.key: c.label for c in rest})
    for align in dict.fromkeys(c.align for c in columns):
        table = table.cols_align(align, [c.key for c in columns if c.align == align])
    if stub:
        table = table.tab_stubhead(first.label)
    for spanner in dict.fromkeys(c.spanner for c in rest if c.spanner):
        table = table.tab_spanner(spanner, [c.key for c in rest if c.spanner == spanner])
    match = re.search(r"<table.*</table>", table.as_raw_html(), flags=re.DOTALL)
    if match is None:
        raise RuntimeError("great-tables gave no table")
    return _lean(match[0])


def file_link(name: str) -> Markup:
    """The link to a table's file, for its caption."""
    return Markup('<a class="file" href="{}/{}.csv">{}</a>').format(SUPPLEMENT_TABLES, name, english.FILE)


_UNUSED = re.compile(r' (?:data-quarto-[a-z-]+|headers|id)="[^"]*"| (?:row|col)span="1"')
_CLASSES = {
    "gt_left": "left",
    "gt_center": "center",
    "gt_stub": "stub",
    "gt_column_spanner": "spanner",
    "gt_group_heading_row": "group",
}
"""The classes of great-tables that the style sheet knows, and what they are called there; numbers need none."""


def _lean(html: str) -> str:
    """The table with what the page uses of it; each group of rows is a body of its own, headed by its first row."""
    html = re.sub(r">\s+<", "><", _UNUSED.sub("", html))
    html = re.sub(r' class="([^"]*)"', _known_classes, html)
    html = re.sub(r'<tr class="group"><th colspan="(\d+)" scope="colgroup">', _GROUP, html)
    return html.replace("<tbody></tbody>", "").replace("</tr>", "</tr>\n")


_GROUP = r'</tbody><tbody><tr class="group"><th colspan="\1" scope="rowgroup">'


def _known_classes(match: re.Match[str]) -> str:
    known = [_CLASSES[name] for name in re.findall(r"\S+", match[1]) if name in _CLASSES]
    return f' class="{" ".join(known)}"' if known else ""
