"""Elements of WordprocessingML that python-docx has no method for: paragraphs of runs, cells, fields."""

from __future__ import annotations

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from riskset.report.office.contents import Side, TextLine, TextRun
from riskset.report.office.palette import ink

_ALIGNED = {Side.LEFT: "left", Side.CENTER: "center", Side.RIGHT: "right"}
TWENTIETHS = 20
"""Of a point, in which Word measures."""


def element(name: str, *inside: BaseOxmlElement, **attributes: str | int) -> BaseOxmlElement:
    """An element of Word's with its attributes and what is inside: ``element("jc", val="left")``."""
    made = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), str(value))
    for part in inside:
        made.append(part)
    return made


def run_element(run: TextRun) -> BaseOxmlElement:
    """A run of text in its look; a tab is one by itself."""
    look = [element("b")] if run.bold else []
    look += [element("color", val=ink("mute"))] if run.quiet else []
    if run.text == "\t":
        inside = element("tab")
    else:
        inside = element("t")
        inside.text = run.text
        inside.set(qn("xml:space"), "preserve")
    return element("r", *([element("rPr", *look)] if look else []), inside)


def paragraph_element(
    line: TextLine, style: str, *, side: Side = Side.LEFT, indent: float = 0.0, keep_next: bool = False
) -> BaseOxmlElement:
    """A paragraph of a style, by its id.

    Parameters
    ----------
    indent : points from the left
    keep_next : whether it stands on the sheet of what follows
    """
    about = [element("pStyle", val=style)]
    about += [element("keepNext")] if keep_next else []
    about += [element("ind", left=round(indent * TWENTIETHS))] if indent else []
    about += [element("jc", val=_ALIGNED[side])] if side is not Side.LEFT else []
    return element("p", element("pPr", *about), *(run_element(run) for run in line))


def add_line(paragraph: BaseOxmlElement, line: TextLine) -> None:
    """Add a line of text to a paragraph."""
    for run in line:
        paragraph.append(run_element(run))


def add_field(paragraph: BaseOxmlElement, instruction: str, shown: str, *, bold: bool = False) -> None:
    """Add a number that Word computes, such as ``PAGE``.

    Parameters
    ----------
    shown : what stands there until it does
    """
    instructed = element("instrText")
    instructed.text = f" {instruction} "
    instructed.set(qn("xml:space"), "preserve")
    begin, separate, end = (element("fldChar", fldCharType=step) for step in ("begin", "separate", "end"))
    for part in (begin, instructed, separate):
        paragraph.append(_run(part, bold=bold))
    paragraph.append(run_element(TextRun(shown, bold)))
    paragraph.append(_run(end, bold=bold))


def _run(part: BaseOxmlElement, *, bold: bool) -> BaseOxmlElement:
    """A run of a field, in the look of what it shows."""
    return element("r", *([element("rPr", element("b"))] if bold else []), part)
