"""Pictures of lines, boxes and text in units of their own, in which every text knows the room that it takes.

Colors are classes of the style sheet, as in all pictures of the front. Widths are those of Helvetica, wider than the
faces of the page, so that a text takes at most the room that is kept for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from markupsafe import Markup

_WIDTHS = {
    **dict.fromkeys("ijl'|", 222),
    **dict.fromkeys("ftI.,:;/!-()[] \u00a0r·", 333),
    **dict.fromkeys("Jckszvxy", 500),
    **dict.fromkeys("abdeghnopqu0123456789LT?_$–", 556),
    **dict.fromkeys("FZ+−<>=≥~×", 611),
    **dict.fromkeys("ABEKPSVXYw&CDHNRU", 722),
    **dict.fromkeys("GOQM", 833),
    **dict.fromkeys("mW%@…—", 1000),
}
"""Thousandths of the size of the type, at least as wide as Helvetica (Adobe font metrics)."""

_WORD = re.compile("[^ ]+")
_OTHER, _BOLD = 1000, 1.06


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is at most, in the units of its size."""
    return sum(_WIDTHS.get(c, _OTHER) for c in text) / 1000 * size * (_BOLD if bold else 1)


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """The text in lines no wider than ``width``; a word that is wider by itself is broken."""
    lines: list[str] = []
    for word in _words(text):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
            continue
        *broken, rest = _broken(word, width, size, bold)
        lines += [*broken, rest]
    return lines


def _words(text: str) -> list[str]:
    """What may stand on lines of its own; a space that does not break keeps two together."""
    return _WORD.findall(text) or [""]


def _broken(word: str, width: float, size: float, bold: bool) -> list[str]:
    parts = [""]
    for c in word:
        if parts[-1] and text_width(parts[-1] + c, size, bold=bold) > width:
            parts.append("")
        parts[-1] += c
    return parts


def widest_word(text: str, size: float, *, bold: bool = False) -> float:
    """The width of the longest word, below which a text cannot be set without breaking one."""
    return max((text_width(word, size, bold=bold) for word in _words(text)), default=0.0)


class Extent(NamedTuple):
    """The room that something takes."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Extent) -> bool:
        """Whether the two have an area in common."""
        return (
            self.left < other.right - _TOUCH
            and other.left < self.right - _TOUCH
            and self.top < other.bottom - _TOUCH
            and other.top < self.bottom - _TOUCH
        )


_TOUCH = 0.01

Align = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Text:
    """A line of text.

    Attributes
    ----------
    x, y : its place, y that of the baseline
    look : classes of the style sheet, ``b`` first: it is bold; ``m`` muted, ``h`` in the color of headings, ``on``
        with the paper
        behind it
    """

    x: float
    y: float
    text: str
    size: float = 12.5
    align: Align = "start"
    look: str = ""

    @property
    def bold(self) -> bool:
        return self.look[:1] == "b"

    @property
    def extent(self) -> Extent:
        """The room it takes, with what goes below the baseline."""
        width = text_width(self.text, self.size, bold=self.bold)
        left = {"start": self.x, "middle": self.x - width / 2, "end": self.x - width}[self.align]
        return Extent(left, self.y - 0.8 * self.size, left + width, self.y + 0.25 * self.size)

    def render(self) -> Markup:
        """The element."""
        anchor = "" if self.align == "start" else Markup(' text-anchor="{}"').format(self.align)
        shape = Markup('<text class="{}" x="{}" y="{}"{}>{}</text>')
        return shape.format(f"{size_class(self.size)} {self.look}".strip(), at(self.x), at(self.y), anchor, self.text)


def size_class(size: float) -> str:
    """The class of the style sheet for a size of type, by its doubled size: ``s25`` of 12.5."""
    return f"s{2 * size:.0f}"


HATCHED = "hatched"
"""The look of a box that is filled with slanting lines."""

_HATCH = Markup(
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path class="hatch-line" d="M0 0V6"/></pattern></defs>'
)


@dataclass(frozen=True)
class Box:
    """A rectangle; one that opens to the left ends there in an arrowhead.

    Attributes
    ----------
    look : the class that has its colors
    """

    left: float
    top: float
    right: float
    bottom: float
    look: str
    opens: bool = False

    def render(self) -> Markup:
        """The element or elements."""
        shape = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
            self.look, at(self.left), at(self.top), at(self.right - self.left), at(self.bottom - self.top)
        )
        if not self.opens:
            return shape
        middle = (self.top + self.bottom) / 2
        tip = Markup('<path class="tip" d="M{} {}l-11 12l11 12z"/>').format(at(self.left), at(middle - 12))
        return shape + tip


@dataclass(frozen=True)
class Stroke:
    """A line along a way of SVG's, in the look of a class."""

    way: str
    look: str

    def render(self) -> Markup:
        """The element."""
        return Markup('<path class="{}" d="{}"/>').format(self.look, self.way)


Element = Text | Box | Stroke


@dataclass(frozen=True)
class Picture:
    """A picture with a name and a description for those who do not see it."""

    name: str
    width: float
    height: float
    title: str
    description: str
    shapes: Sequence[Element]

    @property
    def texts(self) -> list[Text]:
        """Its texts."""
        return [shape for shape in self.shapes if isinstance(shape, Text)]

    def render(self) -> Markup:
        """The inline SVG."""
        frame = Markup(
            '<svg class="drawing {name}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}-t {name}-d">'
            '<title id="{name}-t">{title}</title><desc id="{name}-d">{description}</desc>{hatch}{body}</svg>'
        )
        return frame.format(
            name=self.name,
            width=at(self.width),
            height=at(self.height),
            title=self.title,
            description=self.description,
            hatch=_HATCH if any(isinstance(s, Box) and s.look == HATCHED for s in self.shapes) else "",
            body=Markup("").join(shape.render() for shape in self.shapes),
        )


def at(number: float) -> str:
    """A coordinate with one decimal at most."""
    return f"{round(number, 1):.10g}"
