"""The front as a Word document: the same sentences, native tables, pictures with a description, fields for numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from itertools import groupby
from typing import assert_never

import docx
from docx.document import Document
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Pt, RGBColor
from docx.text.paragraph import Paragraph

from riskset.report.catalogue import english_page as page_words
from riskset.report.front.page import Front, Numbered
from riskset.report.front.section import Section
from riskset.report.office.contents import (
    LONGEST_TITLE,
    Content,
    FlowChart,
    Illustration,
    Passage,
    PassageKind,
    TableGrid,
    TextLine,
    TextRun,
)
from riskset.report.office.exhibits import PrintedExhibit, sentences
from riskset.report.office.palette import ink
from riskset.report.office.pictures import png_of
from riskset.report.office.read_html import read_contents, read_line, read_text
from riskset.report.office.same_bytes import timeless
from riskset.report.office.word_styles import TEXT_WIDTH, set_styles, style_id
from riskset.report.office.word_tables import flow_elements, table_element
from riskset.report.office.word_xml import add_field, add_line, paragraph_element

UNITS = 960.0
"""Of a drawing, in the width of the text."""

GLANCE_WIDTH = 0.6 * TEXT_WIDTH
"""Of the table at a glance, points."""

_STYLES: Mapping[PassageKind, str] = {
    PassageKind.TEXT: "Normal",
    PassageKind.HEADING: "Heading 2",
    PassageKind.ITEM: "List Bullet",
    PassageKind.FACT: "Fact",
    PassageKind.NOTE: "Note",
}


def word_document(front: Front, exhibits: Mapping[str, PrintedExhibit], day: datetime) -> bytes:
    """The document, the same bytes for the same front.

    Parameters
    ----------
    exhibits : figures and tables of the front by name
    day : the day that stands in its properties
    """
    document = docx.Document()
    set_styles(document)
    _set_properties(document, front.title, day)
    _set_margins(document, front)
    _write_head(document, front)
    for section, numbered in front.sections:
        _write_section(document, section, numbered, exhibits)
    _write_end(document, front)
    made = BytesIO()
    document.save(made)
    return timeless(made.getvalue())


def _set_properties(document: Document, title: str, day: datetime) -> None:
    """No person, no program, no time but the day of the run; the template's thumbnail goes."""
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title, properties.language = read_text(title)[:LONGEST_TITLE], "en-US"
    properties.created = properties.modified = day
    relations = document.part.package.rels if document.part.package is not None else {}
    for key in [key for key, one in relations.items() if one.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        relations.pop(key)


def _set_margins(document: Document, front: Front) -> None:
    """Notice and stamp at the head of every sheet; what it is and its number at the foot."""
    section = document.sections[0]
    head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
    for paragraph in (head, foot):
        paragraph.paragraph_format.tab_stops.clear_all()
        paragraph.paragraph_format.tab_stops.add_tab_stop(Pt(TEXT_WIDTH), WD_TAB_ALIGNMENT.RIGHT)
    notice = head.add_run(front.head)
    notice.bold, notice.font.color.rgb = True, RGBColor.from_string(ink("warn"))
    stamp = head.add_run(f"\t{read_text(front.stamp)}")
    stamp.bold, stamp.font.color.rgb = True, RGBColor.from_string(ink("lock"))
    foot.add_run(f"{read_text(front.foot)}\t")
    add_field(foot._p, "PAGE", "1")
    foot.add_run(" / ")
    add_field(foot._p, "NUMPAGES", "1")


def _write_head(document: Document, front: Front) -> None:
    if front.notice:
        _add(document, sentences(front.notice), "Warning")
    _add(document, read_line(f"{page_words.REPORT} · {front.stamp}"), "Note")
    _add(document, read_line(front.title), "Title")
    for text, style in ((front.subtitle, "Subtitle"), (front.facts, "Note"), (front.left_out, "Warning")):
        if text:
            _add(document, read_line(text), style)
    points = front.points
    _add(document, (TextRun(page_words.KEY_POINTS),), "Heading 1")
    _add_labelled(document, page_words.QUESTION, [points.question])
    _add_labelled(document, page_words.FINDINGS, points.findings)
    _write_contents(document, read_contents(points.glance), page_words.GLANCE, GLANCE_WIDTH)
    _add_labelled(document, page_words.MEANING, points.meaning)


def _add_labelled(document: Document, label: str, texts: Sequence[str]) -> None:
    _add(document, (TextRun(f"{label} ", bold=True), *sentences(texts)), "Normal")


def _write_section(
    document: Document, section: Section, numbered: Sequence[Numbered], exhibits: Mapping[str, PrintedExhibit]
) -> None:
    _add(document, read_line(section.title), "Heading 1")
    if section.takeaway:
        _add(document, read_line(section.takeaway), "Normal")
    for one in numbered:
        _write_exhibit(document, exhibits[one.anchor])
    _write_contents(document, read_contents(section.body), section.title)
    if section.notes:
        _add(document, sentences(section.notes), "Note")


def _write_exhibit(document: Document, exhibit: PrintedExhibit) -> None:
    caption = _add(document, (TextRun(f"{exhibit.word} ", bold=True),), "Caption")
    add_field(caption, rf"SEQ {exhibit.kind} \* ARABIC", str(exhibit.number), bold=True)
    title = tuple(replace(run, bold=True) for run in read_line(f". {exhibit.title}."))
    add_line(caption, (*title, *((TextRun(" "), *read_line(exhibit.about)) if exhibit.about else ())))
    _write_contents(document, exhibit.contents, f"{exhibit.heading} {exhibit.title}.")
    if exhibit.notes:
        _add(document, exhibit.notes, "Note")


def _write_contents(document: Document, contents: Iterable[Content], name: str, width: float = TEXT_WIDTH) -> None:
    """Passages, tables, flows, and pictures, two of half the width beside each other.

    Parameters
    ----------
    name : what tables are called for those who do not see them
    width : of tables, points
    """
    for is_picture, parts in groupby(contents, lambda part: isinstance(part, Illustration)):
        if is_picture:
            _add_pictures(document, [part for part in parts if isinstance(part, Illustration)])
        else:
            for part in parts:
                _write_content(document, part, name, width)


def _write_content(document: Document, part: Content, name: str, width: float) -> None:
    match part:
        case Passage():
            _add(document, tuple(_labelled(part)), _STYLES[part.kind])
        case TableGrid():
            _put(document, table_element(part, width, name))
            _add(document, (), "Table End")
        case FlowChart():
            for made in flow_elements(part, width, name):
                _put(document, made)
            _add(document, (), "Table End")
        case Illustration():
            _add_pictures(document, [part])
        case _:
            assert_never(part)


def _labelled(passage: Passage) -> Iterator[TextRun]:
    if passage.label:
        yield TextRun(passage.label, quiet=True)
        yield TextRun("\t")
    yield from passage.line


def _add_pictures(document: Document, pictures: Sequence[Illustration]) -> None:
    paragraph = Paragraph(_add(document, (), "Table Text"), document._body)
    for picture in pictures:
        width = min(1.0, picture.width / UNITS) * TEXT_WIDTH
        shape = paragraph.add_run().add_picture(BytesIO(png_of(picture)), width=Pt(width))
        for side in ("distT", "distB", "distL", "distR"):
            shape._inline.set(side, "0")  # where it is not there, a word processor has a distance of its own
        about = shape._inline.docPr
        about.set("descr", picture.description)
        about.set("title", picture.title)


def _write_end(document: Document, front: Front) -> None:
    _add(document, (TextRun(page_words.SUPPLEMENT_HEADING),), "Heading 1")
    for i, (_, name) in enumerate(front.parts, 1):
        _add(document, (TextRun(f"S{i}", bold=True), TextRun("\t"), *read_line(name)), "Fact")
    for text in (front.since_protocol.summary if front.since_protocol else "", front.abbreviations):
        if text:
            _add(document, read_line(text), "Note")


def _add(document: Document, line: TextLine, style: str) -> BaseOxmlElement:
    """Add a paragraph to the end; python-docx would look the style up each time."""
    return _put(document, paragraph_element(line, style_id(style)))


def _put(document: Document, made: BaseOxmlElement) -> BaseOxmlElement:
    """Put an element before the properties of the sheet, which are the last one."""
    document.sections[0]._sectPr.addprevious(made)
    return made
