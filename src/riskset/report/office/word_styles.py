"""The look of the Word document: sheet, faces, sizes, colors; headings are Word's, so that they can be navigated."""

from __future__ import annotations

from dataclasses import dataclass

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from riskset.report.office.palette import ink

SERIF, SANS = "Times New Roman", "Arial"
"""Faces that every word processor has, or has one of their widths."""

SHEET, MARGIN = (210.0, 297.0), 18.0
"""A4 and its margins, millimeters."""

TEXT_WIDTH = (SHEET[0] - 2 * MARGIN) * 72 / 25.4
"""Points."""

_THEME = ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme")


@dataclass(frozen=True)
class StyleLook:
    """How a style looks; distances in points."""

    size: float
    face: str = SANS
    color: str = "ink"
    bold: bool = False
    before: float = 0.0
    after: float = 0.0
    keep_next: bool = False


LOOKS = {
    "Normal": StyleLook(10.5, SERIF, after=6),
    "Title": StyleLook(22, SERIF, bold=True, after=4),
    "Subtitle": StyleLook(12, SERIF, "mute", after=4),
    "Heading 1": StyleLook(13.5, color="head", bold=True, before=16, after=4, keep_next=True),
    "Heading 2": StyleLook(10.5, bold=True, before=8, after=2, keep_next=True),
    "Caption": StyleLook(9, before=8, after=4, keep_next=True),
    "List Bullet": StyleLook(10.5, SERIF, after=3),
    "Header": StyleLook(8),
    "Footer": StyleLook(8, color="mute"),
    "Note": StyleLook(8, color="mute", before=3, after=6),
    "Fact": StyleLook(9, after=2),
    "Warning": StyleLook(9, color="warn", bold=True, after=6),
    "Table Text": StyleLook(8.5),
    "Table End": StyleLook(2, keep_next=True),
}
"""Name of a style → its look; those that Word has not are made."""


def style_id(name: str) -> str:
    """By what a paragraph names its style: ``Heading1``."""
    return name.replace(" ", "")


FACT_INDENT = 120.0
"""Points from the label of a fact to what it says."""


def set_styles(document: Document) -> None:
    """Give the document its sheet and its styles."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(SHEET[0]), Mm(SHEET[1])
    section.left_margin = section.right_margin = Mm(MARGIN)
    section.top_margin = section.bottom_margin = Mm(20)
    there = {style.name: style for style in document.styles}
    for name, look in LOOKS.items():
        style = there.get(name) or document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        _set_look(style, look)
    for name in ("Header", "Footer"):
        there[name].paragraph_format.tab_stops.clear_all()
    fact = document.styles["Fact"]
    fact.paragraph_format.left_indent = Pt(FACT_INDENT)
    fact.paragraph_format.first_line_indent = Pt(-FACT_INDENT)
    fact.paragraph_format.tab_stops.add_tab_stop(Pt(FACT_INDENT))


def _set_look(style: ParagraphStyle, look: StyleLook) -> None:
    font, form = style.font, style.paragraph_format
    font.name, font.size, font.bold, font.italic = look.face, Pt(look.size), look.bold, False
    font.color.rgb = RGBColor.from_string(ink(look.color))
    faces = style.element.rPr.rFonts
    for name in _THEME:  # a face of the theme would go before the named one
        faces.attrib.pop(qn(f"w:{name}"), None)
    faces.set(qn("w:cs"), look.face)
    form.space_before, form.space_after = Pt(look.before), Pt(look.after)
    form.line_spacing = 1.0 if look.face == SANS else 1.1
    form.keep_with_next = look.keep_next
    for part, name in ((style.element.rPr, "spacing"), (style.element.pPr, "pBdr")):  # the template's for titles
        for given in part.findall(qn(f"w:{name}")):
            part.remove(given)
