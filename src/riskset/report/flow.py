"""The attrition drawn as a flow: who remains in a box, who is lost beside the arrow."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import pyarrow as pa
from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue import english_figures as english
from riskset.report.figures import Figure, slug
from riskset.report.theme import SANS, colour
from riskset.report.view import words_of
from riskset.results.row_cells import AttritionCells
from riskset.results.set_vocabulary import Unit
from riskset.results.tables import ATTRITION
from riskset.results.withheld import unmarked
from riskset.spec.words import capital

_WIDTH = 440
_BOX, _SIDE = 190, 206
_LINE, _PAD, _BETWEEN = 16, 9, 14
_CHARACTERS = 29


def plot_flows(rows: Sequence[AttritionCells]) -> list[Figure]:
    """A flow for each part of the attrition; a part starts where its steps start.

    Parameters
    ----------
    rows : rows of ``results.tables.ATTRITION``, in order
    """
    flows: dict[tuple[str, str], list[AttritionCells]] = {}
    for row in rows:
        flows.setdefault((row["part"], row["comparison"]), []).append(row)
    names = [slug(f"flow {ENGLISH.part(flow[0])}") for flow in flows.values()]
    repeated = [f"{name}-{names[:i].count(name) + 1}" if name in names[:i] else name for i, name in enumerate(names)]
    return [_plot_flow(flow, name) for flow, name in zip(flows.values(), repeated, strict=True)]


def _plot_flow(rows: Sequence[AttritionCells], name: str) -> Figure:
    """From top to bottom; the first row says who was there at first."""
    first, end, part = rows[0], rows[-1], words_of(ENGLISH.part(rows[0]))
    losses = [row for row in rows[1:] if row["removed"]]
    drawing: list[Markup] = []
    y = _draw_box(drawing, 1.0, capital(_rule(first)), first)
    for row in losses:
        y = _draw_loss(drawing, y, row)
        y = _draw_box(drawing, y, _final(row, part) if row is losses[-1] else english.REMAINING, row)
    kept = [_rule(row) for row in rows[1:] if not row["removed"]]
    title = english.attrition(part)
    begun, ended = (formats.count(row["remaining"]) for row in (first, end))
    alt = english.flow_alt(title, begun, _unit(first), _rule(first), ended)
    text = english.removed_nobody(kept)
    data = pa.Table.from_pylist(unmarked(rows), schema=ATTRITION)
    return Figure(name, _document(y + 1, Markup("").join(drawing)), data, title, text, alt, wide=False)


def _final(row: AttritionCells, part: str) -> str:
    return english.analysed(part if row["unit"] == Unit.PERSONS else _unit(row))


def _rule(row: AttritionCells) -> str:
    return words_of(ENGLISH.rule(row))


def _unit(row: AttritionCells) -> str:
    return ENGLISH.units[Unit(row["unit"])]


def _draw_box(drawing: list[Markup], y: float, heading: str, row: AttritionCells) -> float:
    lines = textwrap.wrap(heading, 28) or [""]
    height = 2 * _PAD + _LINE * (len(lines) + 1)
    drawing.append(_rectangle(1, y, _BOX, height, colour("raised"), colour("quiet")))
    for i, line in enumerate(lines):
        drawing.append(_text(1 + _BOX / 2, y + _PAD + 12 + i * _LINE, line, anchor="middle"))
    number = f"{formats.count(row['remaining'])} {_unit(row)}"
    drawing.append(_text(1 + _BOX / 2, y + _PAD + 12 + len(lines) * _LINE, number, anchor="middle", bold=True))
    return y + height


def _draw_loss(drawing: list[Markup], y: float, row: AttritionCells) -> float:
    """An arrow down with a branch to those who are lost."""
    lines = textwrap.wrap(english.by_rule(_rule(row)), _CHARACTERS) or [""]
    height = 2 * _PAD + _LINE * (len(lines) + 1)
    x, ink = 1 + _BOX / 2, colour("quiet")
    middle, end = y + _BETWEEN / 2 + height / 2, y + _BETWEEN + height
    left = _WIDTH - _SIDE - 1
    drawing.append(_path(f"M{x},{y}V{end - 5}", ink) + _arrow(x, end, down=True))
    drawing.append(_path(f"M{x},{middle}H{left - 5}", ink) + _arrow(left, middle, down=False))
    drawing.append(_rectangle(left, middle - height / 2, _SIDE, height, colour("paper"), colour("line")))
    top = middle - height / 2 + _PAD + 12
    drawing.append(_text(left + 10, top, english.removed(row["removed"]), bold=True))
    for i, line in enumerate(lines, 1):
        drawing.append(_text(left + 10, top + i * _LINE, line))
    return end


def _document(height: float, body: Markup) -> str:
    frame = '<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h:.0f}" viewBox="0 0 {w} {h:.0f}" {font}>'
    font = f'font-family="{SANS.replace(chr(39), "")}" font-size="12.5"'
    frame = frame.format(w=_WIDTH, h=height, font=font)
    paper = _rectangle(0, 0, _WIDTH, height, colour("paper"), "none")
    return f"{frame}{paper}{body}</svg>"


def _rectangle(x: float, y: float, width: float, height: float, fill: str, stroke: str) -> Markup:
    shape = '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}" stroke="{}"/>'
    return Markup(shape).format(x, y, width, height, fill, stroke)


def _path(d: str, stroke: str) -> Markup:
    return Markup('<path d="{}" fill="none" stroke="{}"/>').format(d, stroke)


def _arrow(x: float, y: float, *, down: bool) -> Markup:
    d = f"M{x},{y}l-4,-7h8z" if down else f"M{x},{y}l-7,-4v8z"
    return Markup('<path d="{}" fill="{}"/>').format(d, colour("quiet"))


def _text(x: float, y: float, text: str, *, anchor: str = "start", bold: bool = False) -> Markup:
    weight = Markup(' font-weight="bold"') if bold else Markup("")
    shape = '<text x="{:.1f}" y="{:.1f}" text-anchor="{}" fill="{}"{}>{}</text>'
    return Markup(shape).format(x, y, anchor, colour("ink"), weight, text)
