"""Pictures as PNG, for programs that show no SVG."""

from __future__ import annotations

import re

import vl_convert

from riskset.report.office.contents import Illustration
from riskset.report.office.palette import palette, picture_style

SCALE = 2.0
"""Dots for each unit of a drawing: on a sheet, where 940 units are the width of the text, 270 in an inch."""


def png_of(illustration: Illustration) -> bytes:
    """The picture on white paper."""
    paper = f'<rect width="100%" height="100%" style="fill: {palette()["bg"]}; stroke: none"/>'
    style = f"<style>{picture_style()}</style>"
    png: bytes = vl_convert.svg_to_png(_opened(illustration.svg, style + paper), scale=SCALE)
    return png


def _opened(svg: str, more: str) -> str:
    """The drawing with more elements at its beginning."""
    return re.sub(r"^<svg[^>]*>", lambda opening: opening[0] + more, svg, count=1)
