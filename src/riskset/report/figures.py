"""Figures with their data: each chart is drawn from a table of numbers, and the table is written beside it.

Charts are Vega-Lite specifications made with altair and drawn by vl-convert, without a browser and offline.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import vl_convert
from markupsafe import Markup

from riskset.report.theme import FONT, SIZE, figure_config
from riskset.results.files import write_csv
from riskset.results.rounding import rounded_numbers, rounded_places
from riskset.storage.atomic import replacing, write_text

Mark = dict[str, str | float | None]
"""What a mark of a chart is drawn from: field → text or number."""


@dataclass(frozen=True)
class Figure:
    """A drawn figure.

    Attributes
    ----------
    name : file name without ending
    svg : the drawing, a whole file
    data : every number that was plotted
    title, text : heading and caption
    alt : what the figure shows, for those who do not see it
    wide : whether it needs the width of a page
    """

    name: str
    svg: str
    data: pa.Table
    title: str
    text: str
    alt: str
    wide: bool = True
    chart: Any = field(default=None, repr=False, compare=False)
    """What it was drawn from, without the house style."""

    @property
    def inline(self) -> Markup:
        """The drawing for a page: no namespace address, a name for readers of the screen."""
        start = re.search(r"<svg[^>]*>", self.svg)
        if start is None:
            raise RuntimeError("no drawing was made")
        kept = re.sub(r' (xmlns(:xlink)?|version|class|role|aria-[a-z]+)="[^"]*"', "", start[0])
        named = f'<svg class="{"wide" if self.wide else "narrow"}" role="img" aria-label="{{}}"'
        opening = Markup(kept.replace("<svg", named, 1)).format(self.alt)
        # Vega names every group for readers of the screen; the figure has one name and its data in a table.
        body = re.sub(r' (aria-[a-z]+|role|class|pointer-events)="[^"]*"', "", self.svg[start.end() :])
        return opening + Markup(_lean(body))


def draw(chart: Any, *, name: str, data: pa.Table, title: str, text: str, alt: str, wide: bool = True) -> Figure:
    """Draw an altair chart in the house style."""
    # Validating the specification again takes as long as drawing it.
    specification = rounded_numbers(chart.configure(**figure_config()).to_dict(validate=False))
    svg = rounded_places(_with_titles(_with_own_clips(vl_convert.vegalite_to_svg(specification), slug(name))))
    return Figure(slug(name), svg, data, title, text, alt, wide, chart)


_SAYS_NOTHING = re.compile(
    rf' font-family="{re.escape(FONT)}"| font-size="{SIZE}px"| font-weight="normal"| (?:[a-z]+-)?opacity="1"'
    r'|<path d="(?:M0,0h0v0h0Z)?"(?: display="none")?/>| y2="0"'
)
_WIDTH = re.compile(r'(<(?:path|text)(?![^>]* stroke="[^"]*")[^>]*?) stroke-width="[^"]*"')


def _lean(svg: str) -> str:
    """The drawing without what is so anyway: the font of the style sheet, and widths where no stroke is."""
    return _WIDTH.sub(r"\1", _SAYS_NOTHING.sub("", svg))


def _with_titles(svg: str) -> str:
    """The drawing in which what is there to be pointed at, and is not seen, has its words as a title."""
    return re.sub(r'<path aria-label="([^"]*)"([^>]* opacity="0")/>', r"<path\2><title>\1</title></path>", svg)


def _with_own_clips(svg: str, name: str) -> str:
    """The drawing with clip paths named after it: Vega counts them anew at times, and a page has many drawings."""
    clips = list(dict.fromkeys(re.findall(r'id="(clip\d+)"', svg)))
    for i, clip in enumerate(clips, 1):
        svg = re.sub(rf'(id="|url\(#){clip}(?=["\)])', rf"\g<1>{name}-c{i}", svg)
    return svg


def write_figure(figure: Figure, folder: Path, *, png: bool = False) -> None:
    """Write a figure as SVG, as PNG where that is asked for, and its numbers as CSV."""
    write_text(folder / f"{figure.name}.svg", figure.svg)
    if png:
        with replacing(folder / f"{figure.name}.png") as partial:
            partial.write_bytes(vl_convert.svg_to_png(figure.svg, scale=2))
    write_csv(folder / f"{figure.name}.csv", figure.data)


def write_figures(figures: Sequence[Figure], folder: Path, *, png: bool = False) -> None:
    """Write all figures of a report."""
    for figure in figures:
        write_figure(figure, folder, png=png)


def slug(text: str) -> str:
    """A file name from any text: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "figure"
