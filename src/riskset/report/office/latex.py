"""A table of the front as LaTeX, with the rules of booktabs."""

from __future__ import annotations

import re

from riskset.report.office.column_widths import fit_table
from riskset.report.office.contents import Side, TableCell, TableGrid, TextLine
from riskset.report.office.exhibits import PrintedExhibit

_COMMANDS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "−": r"\ensuremath{-}",
    "≥": r"\ensuremath{\geq}",
    "≤": r"\ensuremath{\leq}",
    "Σ": r"\ensuremath{\Sigma}",
    "\u00a0": "~",
    "-": "-{}",
    ",": ",{}",
}
ESCAPED = {**_COMMANDS, **{c: f"\\{c}" for c in "{}#$%&_"}, **{c: f"{{{c}}}" for c in "[]*"}}
"""Sign → how it is written so that it is set as itself; a hyphen or comma only before another one."""

_SPECIAL = re.compile(r"-(?=-)|,(?=,)|[" + re.escape("".join(c for c in ESCAPED if c not in "-,")) + "]")
_LETTER = {Side.LEFT: "l", Side.CENTER: "c", Side.RIGHT: "r"}
_TEXT_WIDTH = 480.0


def escape_latex(text: str) -> str:
    """A text as LaTeX sets it, in a font of encoding T1."""
    return _SPECIAL.sub(lambda sign: ESCAPED[sign[0]], text)


def write_latex(exhibit: PrintedExhibit, marks: tuple[str, ...]) -> str:
    r"""The table as an environment ``table``, which LaTeX numbers; it needs ``\usepackage[T1]{fontenc}`` and booktabs.

    Parameters
    ----------
    marks : how far it may travel, below the table
    """
    caption = escape_latex(f"{exhibit.title}. {exhibit.about}".strip())
    grids = "\n\n\\medskip\n".join(_tabular(grid) for grid in exhibit.grids)
    notes = [escape_latex(text) for text in exhibit.footnotes]
    notes += [rf"\textbf{{{escape_latex(text)}.}}" for text in marks]
    lines = [
        r"% Needs \usepackage[T1]{fontenc} and \usepackage{booktabs}.",
        r"\begin{table}",
        rf"\caption{{{caption}}}",
        rf"\label{{tab:{exhibit.name}}}",
        r"\footnotesize",
        grids,
        "",
        *(rf"\par\smallskip\raggedright {text}" for text in notes),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _tabular(grid: TableGrid) -> str:
    rows = []
    for row in range(grid.n_rows):
        if row in grid.groups and row > grid.n_head:
            rows.append(r"\addlinespace")
        rows.append(_row(grid, row))
        if row < grid.n_head - 1:
            rows += _rules(grid, row)
        elif row == grid.n_head - 1:
            rows.append(r"\midrule")
    body = "\n".join(rows)
    return f"\\begin{{tabular}}{{{_columns(grid)}}}\n\\toprule\n{body}\n\\bottomrule\n\\end{{tabular}}"


def _columns(grid: TableGrid) -> str:
    """Of numbers by the side on which they stand, of sentences by their width."""
    if grid.is_prose:
        widths = fit_table(grid, _TEXT_WIDTH).widths
        return "".join(rf"p{{{0.9 * width / sum(widths):.3f}\linewidth}}" for width in widths)
    narrow = [cell for cell in grid.cells if cell.columns == 1]
    sides = [next((grid.side(c) for c in narrow if c.column == i), Side.RIGHT) for i in range(grid.n_columns)]
    return "".join(_LETTER[side] for side in sides)


def _rules(grid: TableGrid, row: int) -> list[str]:
    """A rule below each head of several columns."""
    wide = [cell for cell in grid.in_row(row) if cell.columns > 1]
    return [rf"\cmidrule(lr){{{cell.column + 1}-{cell.column + cell.columns}}}" for cell in wide]


def _row(grid: TableGrid, row: int) -> str:
    parts, column = [], 0
    while column < grid.n_columns:
        cell = grid.cell_at(row, column)
        parts.append(_cell(grid, cell, row) if cell is not None else "")
        column += cell.columns if cell is not None else 1
    return " & ".join(parts) + r" \\"


def _cell(grid: TableGrid, cell: TableCell, row: int) -> str:
    """A cell that goes over several rows stands in the last one of a head and in the first one below it."""
    stands = cell.row + cell.rows - 1 if cell.row < grid.n_head else cell.row
    letter = _LETTER[grid.side(cell)]
    text = _lines(cell, "b" if row < grid.n_head else "t", letter, grid.is_prose) if row == stands else ""
    if cell.column == 0 and cell.row in grid.indented:
        text = rf"\hspace{{1em}}{text}"
    return text if cell.columns == 1 else rf"\multicolumn{{{cell.columns}}}{{{letter}}}{{{text}}}"


def _lines(cell: TableCell, upright: str, letter: str, is_prose: bool) -> str:
    """The lines of a cell below each other, in line with the row by the last (b) or the first (t) of them."""
    lines = [_line(line) for line in cell.lines]
    if len(lines) < 2:
        return "".join(lines)
    if is_prose:
        return r"\newline ".join(lines)
    stacked = r" \\ ".join(lines)
    return rf"\begin{{tabular}}[{upright}]{{@{{}}{letter}@{{}}}}{stacked}\end{{tabular}}"


def _line(line: TextLine) -> str:
    return "".join(rf"\textbf{{{escape_latex(run.text)}}}" if run.bold else escape_latex(run.text) for run in line)
