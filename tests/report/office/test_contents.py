"""What is read out of the HTML of the front: nothing is lost but the plot, cells keep their places, columns fit."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from riskset.report.office.column_widths import LARGEST, SMALLEST, fit_table
from riskset.report.office.contents import (
    FlowChart,
    FlowStep,
    Illustration,
    Passage,
    PassageKind,
    Side,
    TableCell,
    TableGrid,
    TextRun,
    plain,
)
from riskset.report.office.palette import palette, picture_style
from riskset.report.office.read_html import read_contents, read_line

WORDS = st.lists(st.text("ab &<>\"'é−", min_size=1, max_size=6).filter(str.strip), min_size=1, max_size=4)


def grid_of(html: str) -> TableGrid:
    (grid,) = read_contents(Markup(html))
    assert isinstance(grid, TableGrid)
    return grid


def texts(grid: TableGrid) -> list[list[str]]:
    """Row by row the text at each column."""
    cells = [[grid.cell_at(r, c) for c in range(grid.n_columns)] for r in range(grid.n_rows)]
    return [[cell.text if cell is not None else "" for cell in row] for row in cells]


def test_a_cell_over_the_plot_goes_over_one_less() -> None:
    grid = grid_of(
        "<table><thead><tr><th>a</th><th class='plot'>p</th><th>b</th></tr></thead><tbody>"
        "<tr class='g'><th colspan='3'>group</th></tr>"
        "<tr class='in'><th rowspan='2'>x</th><td class='plot'>p</td><td>1</td></tr>"
        "<tr><td class='plot'>p</td><td>2</td></tr>"
        "<tr><td></td><td class='plot'>axis</td><td></td></tr></tbody></table>"
    )
    assert texts(grid) == [["a", "b"], ["group", "group"], ["x", "1"], ["x", "2"]]
    assert (grid.n_head, grid.groups, grid.indented) == (1, {1}, {2})
    assert grid.cell_at(3, 0) == TableCell(((TextRun("x"),),), 2, 0, 2, 1, True)


SHAPES = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.lists(st.integers(1, n), min_size=n, max_size=n), min_size=1, max_size=6)
)


@given(SHAPES, st.sets(st.integers(0, 4)))
def test_each_cell_that_is_not_of_the_plot_keeps_its_place(spans: list[list[int]], plots: set[int]) -> None:
    """Rows of cells that go over several columns, as many as there is room for."""
    n = len(spans[0])
    rows, expected = [], []
    for r, wanted in enumerate(spans):
        cells, texts_of_row, column = [], [], 0
        while column < n:
            over = min(wanted[column], n - column) if column not in plots else 1
            over = next((k for k in range(1, over) if column + k in plots), over)
            kind = " class='plot'" if column in plots else ""
            cells.append(f"<td colspan='{over}'{kind}>{r}-{column}</td>")
            texts_of_row += [] if column in plots else [f"{r}-{column}"] * over
            column += over
        rows.append(f"<tr>{''.join(cells)}</tr>")
        expected.append(texts_of_row)
    grid = grid_of(f"<table><tbody>{''.join(rows)}</tbody></table>")
    assert texts(grid) == [row for row in expected if row]


@given(WORDS)
def test_no_word_is_lost_and_none_is_made(words: list[str]) -> None:
    html = Markup("<div><p>{}</p>{}<ul><li>{}</li></ul><blink>{}</blink></div>")
    each = [words[i % len(words)] for i in range(4)]
    passages = [part for part in read_contents(html.format(*each)) if isinstance(part, Passage)]
    assert [plain([part.line]) for part in passages] == [" ".join(text.split()) for text in each]


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    """What XML has no sign for is left out, spaces are as in a browser."""
    read = plain([read_line(text)])
    allowed = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", text)
    assert read == re.sub("[ \t\n\r]+", " ", allowed).strip(" ")


def test_lines_looks_and_kinds() -> None:
    contents = read_contents(
        Markup(
            "<h3>Head</h3><p class='note'>small</p><p>a <b>b</b><span class='pl'>c</span></p>"
            "<dl><dt>Seed</dt><dd>20</dd></dl><span class='vh'>unseen</span><div aria-hidden='true'>bus</div>"
        )
    )
    assert [(part.kind, part.label) for part in contents if isinstance(part, Passage)] == [
        (PassageKind.HEADING, ""),
        (PassageKind.NOTE, ""),
        (PassageKind.TEXT, ""),
        (PassageKind.FACT, "Seed"),
    ]
    paragraph = contents[2]
    assert isinstance(paragraph, Passage)
    assert paragraph.line == (TextRun("a "), TextRun("b", bold=True), TextRun(" "), TextRun("c", quiet=True))


def test_a_legend_loses_the_marks_of_the_plot() -> None:
    html = "<div class='legend'><span>Siblings</span><span><svg class='key-bar'/>Planted value</span></div>"
    (legend,) = read_contents(Markup(html))
    assert isinstance(legend, Passage)
    assert plain([legend.line]) == "Siblings"


def test_a_flow_has_its_boxes_in_their_order() -> None:
    html = (
        "<div class='flow'><div class='top'><div class='box'>9 people</div><div class='out'><b>1</b> gone"
        "<ul><li>1 away</li></ul></div><div class='box end'>8</div></div>"
        "<div class='cols'><div class='col'><div class='box'><h3>A</h3>8</div><div class='box end'>8</div>"
        "</div></div></div>"
    )
    (flow,) = read_contents(Markup(html))
    assert isinstance(flow, FlowChart)
    assert [(box.step, [plain([line]) for line in box.lines]) for box in flow.top] == [
        (FlowStep.START, ["9 people"]),
        (FlowStep.LOSSES, ["1 gone", "1 away"]),
        (FlowStep.END, ["8"]),
    ]
    assert [[plain(box.lines) for box in column] for column in flow.columns] == [["A 8", "8"]]


def test_a_picture_keeps_its_drawing_and_its_description() -> None:
    html = '<svg viewBox="0 0 940 10" role="img"><title>T</title><desc>D</desc><path d="M0 0"/></svg>'
    (picture,) = read_contents(Markup(html))
    assert isinstance(picture, Illustration)
    assert (picture.width, picture.title, picture.description) == (940.0, "T", "D")
    assert 'xmlns="http://www.w3.org/2000/svg"' in picture.svg
    assert 'viewBox="0 0 940 10"' in picture.svg


def test_the_style_of_pictures_names_no_variable_and_no_unknown_color() -> None:
    assert "var(" not in picture_style()
    assert ".drawing .curve" in picture_style()
    assert all(
        re.fullmatch("#[0-9a-f]{6}", value) for name, value in palette().items() if name not in ("serif", "sans")
    )


CELLS = st.lists(st.lists(st.text("a1 (.", max_size=20), min_size=3, max_size=3), min_size=1, max_size=5)


@given(CELLS, st.floats(60, 600))
def test_columns_take_the_whole_width_and_none_is_of_no_width(rows: list[list[str]], width: float) -> None:
    cells = tuple(
        TableCell(((TextRun(text),),) if text else (), r, c) for r, row in enumerate(rows) for c, text in enumerate(row)
    )
    size = fit_table(TableGrid(cells, len(rows), 0, 3), width)
    assert sum(size.widths) == pytest.approx(width)
    assert min(size.widths) > 0
    assert SMALLEST <= size.type_size <= LARGEST


def test_sides() -> None:
    html = (
        "<table><thead><tr><th colspan='2'>both</th><th>n</th></tr></thead>"
        "<tbody><tr><th>a</th><th>b</th><td>1</td></tr></tbody></table>"
    )
    grid = grid_of(html)
    assert [grid.side(cell) for cell in grid.cells] == [Side.CENTER, Side.RIGHT, Side.LEFT, Side.LEFT, Side.RIGHT]


def test_markup_is_read_and_other_text_is_not() -> None:
    assert plain([read_line("<b>&")]) == "<b>&"
    assert read_line(Markup("<b>x</b>")) == (TextRun("x", bold=True),)
    assert plain([read_line(escape("a & b"))]) == "a & b"
