"""The HTML of the front's parts as contents, so that Word says what the page says, once.

The templates write well-formed elements. What only a browser can use is left out: what is hidden from sight or from
readers of the screen, and the plot in a column of a table. An element that has no meaning of its own is gone through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from xml.etree.ElementTree import Element, fromstring, tostring

from markupsafe import escape

from riskset.report.office.contents import (
    Content,
    FlowBox,
    FlowChart,
    FlowStep,
    Illustration,
    Passage,
    PassageKind,
    TextLine,
    TextRun,
    plain,
)
from riskset.report.office.read_table import read_grid
from riskset.report.office.text_lines import classes, is_unseen, read_lines, tidied

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WIDTH = re.compile(r"[-\d.]+")
_MARK = "key-bar"
"""The class of a mark that stands in the plot alone."""

_INLINE = {"b", "span", "a", "small", "br", "i", "em", "strong", "sub", "sup"}


def read_contents(html: str) -> tuple[Content, ...]:
    """What stands in a part of the page, in its order.

    Parameters
    ----------
    html : markup as the templates make it; a text that is no markup is escaped
    """
    return tuple(_read(_tree(html)))


def read_line(html: str) -> TextLine:
    """A sentence or several, as one line."""
    lines = read_lines(_tree(html))
    return tuple(run for line in lines for run in line)


def read_text(html: str) -> str:
    """The words of a text without their look, in signs that files may hold."""
    return plain([read_line(html)])


def _tree(html: str) -> Element:
    xml = re.sub("<br>", "<br/>", _NO_XML.sub("", str(escape(html))))
    return fromstring(f"<body>{xml}</body>")


def _read(node: Element) -> Iterator[Content]:
    if is_unseen(node):
        return
    reader = _BY_TAG.get(node.tag) or next((_BY_CLASS[name] for name in classes(node) if name in _BY_CLASS), None)
    if reader is not None:
        yield from reader(node)
    elif all(child.tag in _INLINE for child in node):
        yield from _passage(node)
    else:
        yield from _loose(node.text)
        for child in node:
            yield from _read(child)
            yield from _loose(child.tail)


def _loose(text: str | None) -> Iterator[Content]:
    """Text that stands between elements."""
    if line := tidied([TextRun(text or "")]):
        yield Passage(PassageKind.TEXT, line)


def _passage(node: Element, kind: PassageKind | None = None) -> Iterator[Content]:
    kind = kind or (PassageKind.NOTE if "note" in classes(node) else PassageKind.TEXT)
    line = [run for line in read_lines(node) for run in (*line, TextRun(" "))]
    if line:
        yield Passage(kind, tuple(line[:-1]))


def _heading(node: Element) -> Iterator[Content]:
    yield from _passage(node, PassageKind.HEADING)


def _items(node: Element) -> Iterator[Content]:
    for item in node:
        yield from _passage(item, PassageKind.ITEM)


def _facts(node: Element) -> Iterator[Content]:
    label = ""
    for part in node:
        if part.tag == "dt":
            label = plain(read_lines(part))
        else:
            yield Passage(PassageKind.FACT, tuple(run for line in read_lines(part) for run in line), label)


def _table(node: Element) -> Iterator[Content]:
    yield read_grid(node)


def _illustration(node: Element) -> Iterator[Content]:
    drawing = tostring(_alone(node), encoding="unicode")
    svg = re.sub("^<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', drawing, count=1)
    title, description = node.findtext("title", ""), node.findtext("desc", "")
    yield Illustration(svg, float(_WIDTH.findall(node.get("viewBox", ""))[2]), title, description or title)


def _alone(node: Element) -> Element:
    """The element without the text that follows it."""
    alone = Element(node.tag, node.attrib)
    alone.text = node.text
    alone.extend(list(node))
    return alone


def _legend(node: Element) -> Iterator[Content]:
    """The names of a legend in one line; what explains a mark of the plot goes with the plot."""
    items = [item for item in node if not any(_MARK in classes(part) for part in item)]
    runs = [run for item in items for line in read_lines(item) for run in (*line, TextRun("; "))]
    if runs:
        yield Passage(PassageKind.NOTE, tuple(runs[:-1]))


def _flow(node: Element) -> Iterator[Content]:
    columns = [column for column in node.iter() if "col" in classes(column)]
    inside = {id(part) for column in columns for part in column.iter()}
    top = tuple(box for part in node.iter() if id(part) not in inside for box in _box(part))
    yield FlowChart(top, tuple(tuple(box for part in column for box in _box(part)) for column in columns))


def _box(node: Element) -> Iterator[FlowBox]:
    of = classes(node)
    if "out" in of or "box" in of:
        step = FlowStep.LOSSES if "out" in of else FlowStep.END if "end" in of else FlowStep.START
        yield FlowBox(step, read_lines(node))


_Reader = Callable[[Element], Iterator[Content]]
_BY_TAG: Mapping[str, _Reader] = {
    "p": _passage,
    "h3": _heading,
    "ul": _items,
    "dl": _facts,
    "table": _table,
    "svg": _illustration,
}
_BY_CLASS: Mapping[str, _Reader] = {"flow": _flow, "legend": _legend}
