"""The tables and figures of the front on the page of who checks a release, with withheld cells marked."""

from __future__ import annotations

from markupsafe import Markup

from riskset.report.catalogue import english_course, english_participants
from riskset.report.formats import in_style
from riskset.report.front.page import Numbered, number, sections_of
from riskset.report.theme import front_style_sheet
from riskset.report.view import read_view
from riskset.results.released import Released
from riskset.results.withheld import WITHHELD

SIGNS = tuple(dict.fromkeys((WITHHELD, english_course.NOT_SHOWN, english_participants.NOT_SHOWN)))
"""What stands in a cell of the front whose number is withheld."""


def front_exhibits(released: Released) -> Markup:
    """Each table and figure of the front, numbered as there."""
    with in_style(released.study.number_style):
        sections = number(sections_of(released, read_view(released)))
    return Markup("").join(_shown(one) for _, exhibits in sections for one in exhibits)


def front_style(stamp: str) -> str:
    """The front's style sheet, with the stamp on each printed sheet."""
    return front_style_sheet(stamp=stamp, notice="", foot="")


def _shown(one: Numbered) -> Markup:
    exhibit = one.exhibit
    caption = Markup("<figcaption><b>{}</b> {}</figcaption>").format(one.heading, exhibit.about)
    notes = Markup('<p class="note">{}</p>').format(Markup(" ").join(exhibit.notes)) if exhibit.notes else Markup("")
    body = _marked(Markup("{}{}").format(exhibit.body, exhibit.aside))
    kind = exhibit.kind.lower()
    return Markup('<figure id="{}" class="{}">{}{}{}</figure>').format(one.anchor, kind, caption, body, notes)


def _marked(html: Markup) -> Markup:
    """A cell, or a text of a picture, that holds nothing but the sign."""
    marked = str(html)
    for sign in SIGNS:
        marked = marked.replace(f">{sign}</td>", f'><mark class="w">{sign}</mark></td>')
        marked = marked.replace(f">{sign}</text>", f' class="w" text-decoration="underline">{sign}</text>')
    return Markup(marked)
