"""The front page: notice, title, key points, then the sections in their order, with numbered figures and tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from markupsafe import Markup

from riskset.report import words
from riskset.report.catalogue import english_page as page_words
from riskset.report.catalogue.english_front import NOT_REPORTED
from riskset.report.catalogue.english_results import NR
from riskset.report.front.absolute_terms import absolute_terms
from riskset.report.front.after_diagnosis import after_diagnosis
from riskset.report.front.design_diagram import design_diagram
from riskset.report.front.designs_together import designs_together
from riskset.report.front.key_points import KeyPoints, key_points
from riskset.report.front.medication_and_risk import medication_and_risk
from riskset.report.front.methods import methods
from riskset.report.front.naming import outcome, subtitle, title
from riskset.report.front.participants import participants
from riskset.report.front.reproducibility import reproducibility
from riskset.report.front.section import Exhibit, Kind, Section
from riskset.report.front.strengths_limitations import strengths_limitations
from riskset.report.run_facts import times_as_common
from riskset.report.security import content_policy
from riskset.report.since_protocol import SinceProtocol, describe_since_protocol
from riskset.report.templating import render
from riskset.report.theme import front_style_sheet
from riskset.report.view import View
from riskset.results.released import Released
from riskset.results.run_folder import SUPPLEMENT
from riskset.spec.words import capital

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
        return f"{page_words.EXHIBITS[self.exhibit.kind]} {self.number}"

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


@dataclass(frozen=True)
class Front:
    """What the front says, before it is a page for browsers or a document for Word.

    Attributes
    ----------
    stamp : how far it may travel, for every sheet
    notice : of a synthetic nation that nobody is real: what must be read first, and the rest; else empty
    head, foot : right of the stamp and below on every sheet; the head is empty without a notice
    title, subtitle, facts, left_out : above the key points; all but the title may be empty
    points : the key points
    sections : each with its numbered figures and tables
    since_protocol : what is said of the study's protocol; None where the run was given none
    parts : anchor and name of each part of the supplement, in its order
    day : the day of the run, ISO; empty where the manifest has none
    """

    stamp: str
    notice: tuple[str, ...]
    head: str
    foot: str
    title: str
    subtitle: str
    facts: str
    left_out: str
    points: KeyPoints
    sections: tuple[tuple[Section, tuple[Numbered, ...]], ...]
    since_protocol: SinceProtocol | None
    parts: tuple[tuple[str, str], ...]
    day: str

    @cached_property
    def body(self) -> Markup:
        """The sections as HTML."""
        parts = list(enumerate(self.parts, 1))
        return render(
            "front_sections.html", words=page_words, sections=self.sections, parts=parts, supplement=SUPPLEMENT
        )

    @property
    def abbreviations(self) -> str:
        """What the abbreviations stand for that are used; may be empty."""
        used = _abbreviated(f"{self.body} {self.points}")
        return page_words.abbreviations(used) if used else ""


def read_front(released: Released, view: View, supplement: Sequence[tuple[str, str]]) -> Front:
    """What the front says of a run.

    Parameters
    ----------
    supplement : anchor and name of each part of the supplement, in its order
    """
    study, manifest = released.study, released.manifest
    is_synthetic = released.table("planted").num_rows > 0
    notice = page_words.synthetic_notice(times_as_common(manifest), outcome(study)) if is_synthetic else ()
    return Front(
        stamp=capital(released.stamp),
        notice=notice,
        head=page_words.SYNTHETIC_HEAD if is_synthetic else "",
        foot=page_words.foot(
            title(study),
            f"riskset {manifest.get('versions', {}).get('riskset', '')}".strip(),
            study.fingerprint[:SHORT],
        ),
        title=title(study),
        subtitle=subtitle(study),
        facts=page_words.facts_line(
            study, manifest.get("nation", {}).get("persons"), manifest.get("registers", {}).get("delivered") or ""
        ),
        left_out=words.left_out(manifest.get("study", {}).get("left_out", ())),
        points=key_points(released, view),
        sections=number(sections_of(released, view)),
        since_protocol=describe_since_protocol(released),
        parts=tuple(supplement),
        day=manifest.get("date", ""),
    )


def render_front(front: Front) -> Markup:
    """The page as HTML with its style inside."""
    style = front_style_sheet(stamp=front.stamp, notice=front.head, foot=front.foot)
    return render(
        "front.html",
        words=page_words,
        policy=content_policy(style),
        style=Markup(style),
        stamp=front.stamp,
        notice=front.notice,
        title=front.title,
        subtitle=front.subtitle,
        report=page_words.REPORT,
        facts=front.facts,
        left_out=front.left_out,
        points=front.points,
        labels=(page_words.KEY_POINTS, page_words.QUESTION, page_words.FINDINGS, page_words.MEANING),
        contents=[(section.anchor, section.contents_title) for section, _ in front.sections],
        body=front.body,
        since_protocol=front.since_protocol,
        supplement=SUPPLEMENT,
        abbreviations=front.abbreviations,
    )


def number(sections: Sequence[Section]) -> tuple[tuple[Section, tuple[Numbered, ...]], ...]:
    """Each section with its figures and tables, numbered through the page, each kind by itself."""
    counted: Counter[Kind] = Counter()
    numbered = []
    for section in sections:
        exhibits = []
        for exhibit in section.exhibits:
            counted[exhibit.kind] += 1
            exhibits.append(Numbered(_explained(exhibit), counted[exhibit.kind]))
        numbered.append((section, tuple(exhibits)))
    return tuple(numbered)


def _explained(exhibit: Exhibit) -> Exhibit:
    """A figure or table with a note on what NR stands for, where it stands there."""
    shown = re.sub(r"<[^>]*>", " ", f"{exhibit.body} {exhibit.aside}")
    if not re.search(rf"(?<!\(){NOT_REPORTED}\b", shown) or any(NOT_REPORTED in note for note in exhibit.notes):
        return exhibit
    return replace(exhibit, notes=(*exhibit.notes, NR))


def _abbreviated(html: str) -> list[str]:
    """The abbreviations that the page uses, outside of its tags."""
    text = re.sub(r"<[^>]*>", " ", html)
    return [short for short in page_words.ABBREVIATIONS if re.search(rf"\b{re.escape(short)}s?\b", text)]
