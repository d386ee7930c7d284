"""The front page: notice, title, key points, then the sections in their order, with numbered figures and tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from riskset.report import words
from riskset.report.catalogue import english_page as page_words
from riskset.report.front.absolute_terms import absolute_terms
from riskset.report.front.after_diagnosis import after_diagnosis
from riskset.report.front.design_diagram import design_diagram
from riskset.report.front.designs_together import designs_together
from riskset.report.front.key_points import key_points
from riskset.report.front.medication_and_risk import medication_and_risk
from riskset.report.front.methods import methods
from riskset.report.front.naming import outcome, subtitle, title
from riskset.report.front.participants import participants
from riskset.report.front.reproducibility import reproducibility
from riskset.report.front.section import Exhibit, Kind, Section
from riskset.report.front.strengths_limitations import strengths_limitations
from riskset.report.security import content_policy
from riskset.report.since_protocol import describe_since_protocol
from riskset.report.templating import capital, render
from riskset.report.theme import front_style_sheet
from riskset.report.view import View
from riskset.results.released import Released
from riskset.results.run_folder import SUPPLEMENT

SECTIONS: Sequence[Callable[[Released, View], Section | None]] = (
    design_diagram,
    participants,
    medication_and_risk,
    absolute_terms,
    after_diagnosis,
    designs_together,
    methods,
    strengths_limitations,
    reproducibility,
)
"""In their order; one that gives nothing leaves no trace."""

KEY = "key"
"""The anchor of the key points."""

SHORT = 8
"""Characters of a fingerprint at the foot of a printed page."""


@dataclass(frozen=True)
class Numbered:
    """A figure or table with its number on this page."""

    exhibit: Exhibit
    number: int

    @property
    def name(self) -> str:
        """``Figure 3``."""
        return f"{self.exhibit.kind} {self.number}"

    @property
    def anchor(self) -> str:
        """``figure-3``."""
        return f"{self.exhibit.kind.lower()}-{self.number}"

    @property
    def heading(self) -> str:
        """``Figure 3. Study design.``"""
        return f"{self.name}. {self.exhibit.title}."


def sections_of(released: Released, view: View) -> list[Section]:
    """The sections that the page has, in their order."""
    return [section for make in SECTIONS if (section := make(released, view)) is not None]


def render_front(released: Released, view: View, supplement: Sequence[tuple[str, str]]) -> Markup:
    """The page as HTML with its style inside.

    Parameters
    ----------
    supplement : anchor and name of each part of the supplement, in its order
    """
    study, manifest = released.study, released.manifest
    nation = _mapping(manifest.get("nation"))
    is_synthetic = released.table("planted").num_rows > 0
    sections = sections_of(released, view)
    body = render(
        "front_sections.html", sections=number(sections), parts=list(enumerate(supplement, 1)), supplement=SUPPLEMENT
    )
    points = key_points(released, view)
    style = front_style_sheet(
        stamp=capital(released.stamp),
        notice=page_words.SYNTHETIC_HEAD if is_synthetic else "",
        foot=f"{title(study)}  ·  {_version(manifest)}  ·  study {study.fingerprint[:SHORT]}",
    )
    what = outcome(study)
    return render(
        "front.html",
        policy=content_policy(style),
        style=Markup(style),
        stamp=capital(released.stamp),
        notice=page_words.synthetic_notice(nation.get("incidence") or 1, what) if is_synthetic else (),
        title=title(study),
        subtitle=subtitle(study),
        report=page_words.REPORT,
        facts=page_words.facts_line(study, nation.get("persons"), _delivered(manifest)),
        left_out=words.left_out(_mapping(manifest.get("study")).get("left_out", ())),
        points=points,
        labels=(page_words.KEY_POINTS, page_words.QUESTION, page_words.FINDINGS, page_words.MEANING),
        contents=[(section.anchor, section.contents_title) for section in sections],
        body=body,
        since_protocol=describe_since_protocol(released),
        supplement=SUPPLEMENT,
        abbreviations=page_words.abbreviations(used) if (used := _abbreviated(f"{body} {points}")) else "",
    )


def number(sections: Sequence[Section]) -> list[tuple[Section, list[Numbered]]]:
    """Each section with its figures and tables, numbered through the page, each kind by itself."""
    counted: Counter[Kind] = Counter()
    numbered = []
    for section in sections:
        exhibits = []
        for exhibit in section.exhibits:
            counted[exhibit.kind] += 1
            exhibits.append(Numbered(exhibit, counted[exhibit.kind]))
        numbered.append((section, exhibits))
    return numbered


def _abbreviated(html: str) -> list[str]:
    """The abbreviations that the page uses, outside of its tags."""
    text = re.sub(r"<[^>]*>", " ", html)
    return [short for short in page_words.ABBREVIATIONS if re.search(rf"\b{re.escape(short)}s?\b", text)]


def _version(manifest: Mapping[str, Any]) -> str:
    return f"riskset {_mapping(manifest.get('versions')).get('riskset', '')}".strip()


def _delivered(manifest: Mapping[str, Any]) -> str:
    return str(_mapping(manifest.get("registers")).get("delivered") or "")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
