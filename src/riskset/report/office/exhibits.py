"""The numbered figures and tables of the front, read for print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from riskset.report.catalogue.english_page import EXHIBITS
from riskset.report.catalogue.english_results import OF_THE_PLOT
from riskset.report.front.page import Front, Numbered
from riskset.report.front.section import Kind
from riskset.report.office.contents import Content, Passage, TableGrid, TextLine, plain
from riskset.report.office.read_html import read_contents, read_line, read_text


@dataclass(frozen=True)
class PrintedExhibit:
    """A figure or table with its number, as contents.

    Attributes
    ----------
    kind, number : ``Table`` and 1
    title : without a full stop
    about : what else the caption says
    contents : the pictures, the tables and what stands among them
    notes : what stands below; of a figure with a table nothing about the plot, which is not printed
    """

    kind: Kind
    number: int
    title: str
    about: str
    contents: tuple[Content, ...]
    notes: TextLine

    @property
    def name(self) -> str:
        """``table-1``, of its file."""
        return f"{self.kind.lower()}-{self.number}"

    @property
    def word(self) -> str:
        """What stands before its number."""
        return EXHIBITS[self.kind]

    @property
    def heading(self) -> str:
        """``Table 1.``"""
        return f"{self.word} {self.number}."

    @property
    def grids(self) -> list[TableGrid]:
        """Its tables; there are several where one would be too wide."""
        return [part for part in self.contents if isinstance(part, TableGrid)]

    @property
    def footnotes(self) -> list[str]:
        """What stands among the tables and below them, each by itself."""
        among = [plain([part.line]) for part in self.contents if isinstance(part, Passage)]
        return [text for text in (*among, plain([self.notes])) if text]


def read_exhibit(numbered: Numbered) -> PrintedExhibit:
    """A figure or table of the page, for print."""
    exhibit = numbered.exhibit
    contents = (*read_contents(exhibit.body), *read_contents(exhibit.aside))
    has_grid = any(isinstance(part, TableGrid) for part in contents)
    notes = [note for note in exhibit.notes if not (has_grid and note in OF_THE_PLOT)]
    title, about = read_text(exhibit.title), read_text(exhibit.about)
    return PrintedExhibit(exhibit.kind, numbered.number, title, about, contents, sentences(notes))


def read_exhibits(front: Front) -> dict[str, PrintedExhibit]:
    """All figures and tables of the front by their name, in its order."""
    every = [read_exhibit(one) for _, exhibits in front.sections for one in exhibits]
    return {one.name: one for one in every}


def sentences(texts: Sequence[str]) -> TextLine:
    """Sentences one after another."""
    return read_line(Markup(" ").join(escape(text) for text in texts)) if texts else ()
