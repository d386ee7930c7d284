"""Who is in the study: the flow of everybody, and Table 1."""

from __future__ import annotations

from riskset.report.catalogue import english_participants as english
from riskset.report.front.characteristics import notes_of, render_characteristics
from riskset.report.front.participant_flow import has_adjusted, render_flow
from riskset.report.front.section import Exhibit, Kind, Section
from riskset.report.view import View
from riskset.results.released import Released

FEWEST: int | None = None
"""Reasons that excluded fewer are told together; None tells each by itself, as in an internal report."""


def participants(released: Released, view: View) -> Section | None:
    """The section; None where the run has neither attrition nor a Table 1."""
    exhibits = []
    if flow := render_flow(released, view, fewest=FEWEST):
        notes = [english.ADJUSTED] if has_adjusted(view) else []
        notes += [english.EVERY_RULE, *([english.HIDDEN] if _hides(str(flow)) else [])]
        exhibits.append(Exhibit(Kind.FIGURE, english.FLOW, flow, notes=tuple(notes), scrolls=False))
    if table := render_characteristics(released, view):
        notes = [*notes_of(view), *([english.HIDDEN] if _hides(str(table)) else [])]
        exhibits.append(Exhibit(Kind.TABLE, english.TABLE, table, about=english.TABLE_ABOUT, notes=tuple(notes)))
    return Section("participants", english.TITLE, exhibits=tuple(exhibits)) if exhibits else None


def _hides(html: str) -> bool:
    """Whether a number is not given."""
    return f">{english.NOT_SHOWN}" in html
