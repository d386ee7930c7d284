"""What the front holds, without HTML: what Word, spreadsheets and LaTeX are written from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


@dataclass(frozen=True)
class TextRun:
    """Text of one look.

    Attributes
    ----------
    quiet : set in a muted color
    whole : must stand on one line
    """

    text: str
    bold: bool = False
    quiet: bool = False
    whole: bool = False


TextLine = tuple[TextRun, ...]
"""What stands on one line, where it is not wrapped."""


def plain(lines: Iterable[TextLine]) -> str:
    """The words of lines, with a space between two."""
    return " ".join("".join(run.text for run in line) for line in lines)


LONGEST_TITLE = 255
"""Characters of a title in the properties of a file."""


class PassageKind(StrEnum):
    """What a passage is in its section."""

    TEXT = "text"
    HEADING = "heading"
    ITEM = "item"
    FACT = "fact"
    NOTE = "note"


@dataclass(frozen=True)
class Passage:
    """A paragraph, an item of a list, or a fact with its label."""

    kind: PassageKind
    line: TextLine
    label: str = ""


@dataclass(frozen=True)
class Illustration:
    """A picture.

    Attributes
    ----------
    svg : the drawing, a whole file without its style
    width : in its units, of which the page is 940 wide
    title, description : for those who do not see it
    """

    svg: str
    width: float
    title: str
    description: str


class Side(StrEnum):
    """Where the text of a cell stands."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True)
class TableCell:
    """A cell at its first row and column, and over how many of each it goes."""

    lines: tuple[TextLine, ...]
    row: int
    column: int
    rows: int = 1
    columns: int = 1
    is_head: bool = False

    @property
    def text(self) -> str:
        """Its words."""
        return plain(self.lines)

    def covers(self, row: int, column: int) -> bool:
        """Whether it goes over a place."""
        return self.row <= row < self.row + self.rows and self.column <= column < self.column + self.columns


@dataclass(frozen=True)
class TableGrid:
    """A table, cell by cell.

    Attributes
    ----------
    cells : by row and column; no two cover one place
    n_rows, n_head, n_columns : rows, how many of them are the head, columns
    indented : rows that belong to one above
    groups : rows that head those below
    is_prose : whether it holds sentences, not numbers
    """

    cells: tuple[TableCell, ...]
    n_rows: int
    n_head: int
    n_columns: int
    indented: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()
    is_prose: bool = False

    def cell_at(self, row: int, column: int) -> TableCell | None:
        """The cell that covers a place; None where there is none."""
        return self._places.get((row, column))

    def in_row(self, row: int) -> list[TableCell]:
        """The cells that begin in a row."""
        return [cell for cell in self.cells if cell.row == row]

    def side(self, cell: TableCell) -> Side:
        """Names and sentences stand left, numbers right, a head above several columns in their middle."""
        if cell.row < self.n_head and cell.columns > 1:
            return Side.CENTER
        return Side.LEFT if self.is_prose or cell.column in self._named else Side.RIGHT

    @cached_property
    def _places(self) -> dict[tuple[int, int], TableCell]:
        return {
            (row, column): cell
            for cell in self.cells
            for row in range(cell.row, cell.row + cell.rows)
            for column in range(cell.column, cell.column + cell.columns)
        }

    @cached_property
    def _named(self) -> set[int]:
        """The columns of names: the first, and those of heads of rows."""
        return {0} | {c.column for c in self.cells if c.is_head and c.row >= self.n_head and c.columns == 1}


class FlowStep(StrEnum):
    """What a box of a flow tells."""

    START = "start"
    LOSSES = "losses"
    END = "end"


@dataclass(frozen=True)
class FlowBox:
    """A box of a flow, line by line."""

    step: FlowStep
    lines: tuple[TextLine, ...]


@dataclass(frozen=True)
class FlowChart:
    """Boxes beside each other, and below them columns of boxes."""

    top: tuple[FlowBox, ...]
    columns: tuple[tuple[FlowBox, ...], ...]


Content = Passage | Illustration | TableGrid | FlowChart
"""What a section is made of."""
