"""A section of the front, and the figures and tables in it, which the page numbers in its order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup

NOTHING = Markup()


class Kind(StrEnum):
    """What an exhibit is called and numbered as."""

    FIGURE = "Figure"
    TABLE = "Table"


@dataclass(frozen=True)
class Exhibit:
    """A figure or a table of the front, without its number.

    Attributes
    ----------
    kind : figure or table; each kind has numbers of its own
    title : a neutral title without a full stop, set bold after the number
    body : the picture or the table; of a table no caption element, the page writes the caption
    about : what else the caption says, whole sentences; may be empty
    notes : what a reader must know to read it, whole sentences, below it
    scrolls : whether it is wide and scrolls in a region of its own on a phone; the caption stands outside
    aside : what stands beside it on a wide page and below it on a narrow one; may be empty
    """

    kind: Kind
    title: str
    body: Markup
    about: str = ""
    notes: tuple[str, ...] = ()
    scrolls: bool = True
    aside: Markup = NOTHING


@dataclass(frozen=True)
class Section:
    """A section of the front: in this order its title, takeaway, exhibits, body and notes.

    Attributes
    ----------
    anchor : the id of its heading, unique on the page
    title : the heading
    takeaway : what to take from it, in sentences that rules have made; None where no rule allows one
    exhibits : its figures and tables
    body : what it has besides; may be empty
    notes : whole sentences at its end
    short : what it is called in the list of contents; the title where empty
    starts_page : whether it begins a printed page
    """

    anchor: str
    title: str
    takeaway: str | None = None
    exhibits: tuple[Exhibit, ...] = ()
    body: Markup = NOTHING
    notes: tuple[str, ...] = ()
    short: str = ""
    starts_page: bool = False

    @property
    def contents_title(self) -> str:
        """What the list of contents calls it."""
        return self.short or self.title
