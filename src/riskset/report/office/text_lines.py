"""Lines of text out of HTML: spaces as a browser has them, what is bold and what is quiet, what is not seen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element

from riskset.report.office.contents import TextLine, TextRun

_SPACE = re.compile("[ \t\n\r\f]+")
_OWN_LINE = {"h3", "li", "p", "div", "small"}
_OWN_LINE_CLASSES = {"n", "ln", "pl"}
_BOLD, _BOLD_CLASSES = {"b", "strong", "h3"}, {"gt"}
_QUIET, _QUIET_CLASSES = {"small"}, {"n", "m", "pl"}
_WHOLE = "num"


def classes(node: Element) -> set[str]:
    """The classes of an element."""
    return set(node.get("class", "").split())


def is_unseen(node: Element) -> bool:
    """Whether nobody, or nobody who listens, is shown it: its sense stands elsewhere."""
    return "vh" in classes(node) or node.get("aria-hidden") == "true"


def read_lines(node: Element, *, bold: bool = False) -> tuple[TextLine, ...]:
    """The lines of an element, empty ones left out.

    Parameters
    ----------
    bold : whether all of it is bold, but for what is quiet
    """
    lines: list[list[TextRun]] = [[]]
    _collect(node, _look(node, TextRun("", bold)), lines)
    return tuple(tidy for line in lines if (tidy := tidied(line)))


def _collect(node: Element, look: TextRun, lines: list[list[TextRun]]) -> None:
    lines[-1].append(_run(look, node.text))
    for child in node:
        if not is_unseen(child) and child.tag != "svg":
            breaks = child.tag in _OWN_LINE or bool(classes(child) & _OWN_LINE_CLASSES)
            if breaks or child.tag == "br":
                lines.append([])
            _collect(child, _look(child, look), lines)
            if breaks:
                lines.append([])
        lines[-1].append(_run(look, child.tail))


def _run(look: TextRun, text: str | None) -> TextRun:
    """A text of that look."""
    return TextRun(text or "", look.bold, look.quiet, look.whole)


def _look(node: Element, around: TextRun) -> TextRun:
    of = classes(node)
    is_quiet = node.tag in _QUIET or bool(of & _QUIET_CLASSES)
    bold = not is_quiet and (around.bold or node.tag in _BOLD or bool(of & _BOLD_CLASSES))
    return TextRun(around.text, bold, around.quiet or is_quiet, around.whole or _WHOLE in of)


def tidied(runs: Iterable[TextRun]) -> TextLine:
    """The runs with single spaces between words and none at the ends; runs of one look are one."""
    joined: list[TextRun] = []
    for run in runs:
        text = _SPACE.sub(" ", run.text)
        if not joined or joined[-1].text[-1:] == " ":
            text = text.lstrip(" ")
        if not text:
            continue
        if joined and _run(joined[-1], "") == _run(run, ""):
            text = joined.pop().text + text
        joined.append(_run(run, text))
    if joined:
        joined[-1] = _run(joined[-1], joined[-1].text.rstrip(" "))
    return tuple(run for run in joined if run.text)
