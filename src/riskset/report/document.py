"""The report and its supplement, two pages without script or network: the front to be read, behind it everything."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from markupsafe import Markup

from riskset.report import absolute, words
from riskset.report.catalogue import english_compared as compared_words
from riskset.report.catalogue import english_page as page_words
from riskset.report.catalogue import english_summary as summary_words
from riskset.report.catalogue import english_supplement as supplement_words
from riskset.report.comparison import Comparison, describe_comparison
from riskset.report.design_tables import name_unbroken_rules, table_diagnostics, table_quality
from riskset.report.estimate_tables import table_all
from riskset.report.explained import render_explanation
from riskset.report.figures import Figure, slug, write_figures
from riskset.report.flow import plot_flows
from riskset.report.formats import in_style
from riskset.report.front.page import KEY, read_front, render_front, sections_of
from riskset.report.glance import table_glance
from riskset.report.office.writing import write_office
from riskset.report.prognosis import CASES, PART, Course, describe_course
from riskset.report.record_pe import render_record_pe
from riskset.report.run_facts import fingerprint_of, times_as_common
from riskset.report.security import content_policy
from riskset.report.side_by_side import Together, put_together
from riskset.report.since_protocol import describe_since_protocol
from riskset.report.supplement_part import SupplementPart
from riskset.report.supplement_tables import write_supplement_tables
from riskset.report.templating import render
from riskset.report.theme import script, style_sheet
from riskset.report.view import View, distinct, read_view
from riskset.report.windows import plot_windows
from riskset.results.comparisons import is_companion
from riskset.results.released import Released
from riskset.results.run_folder import FIGURES, FRONT, SUPPLEMENT
from riskset.results.vocabulary import TruthKind
from riskset.storage.atomic import write_text

ALL = "all-table"
"""The table of every estimate, which the page's script searches."""


@dataclass(frozen=True)
class _Content:
    """What the template is given."""

    released: Released
    view: View
    glance: Markup
    comparisons: Sequence[Comparison]
    together: Together
    flows: Sequence[Figure]
    windows: Figure | None
    course: Course | None
    in_front: Sequence[str]
    """Anchors of the front."""

    @property
    def figures(self) -> list[Figure]:
        compared = [f for c in self.comparisons for f in c.figures]
        course = self.course.figures if self.course else []
        return [*self.flows, *([self.windows] if self.windows else []), *self.together.figures, *compared, *course]


def write_report(released: Released, folder: str | Path, *, png: bool = False) -> Path:
    """Write ``report.html`` and ``supplement.html``, the front as ``report.docx``, its tables and all figures.

    The tables of the front are in ``tables/`` as XLSX and LaTeX, those of the supplement in ``supplement/`` as CSV,
    each figure in ``figures/`` as SVG and CSV.

    Parameters
    ----------
    released : the results that may be shown; its stamp stands on every page
    folder : the run's folder; made when it is not there
    png : whether each figure is written as PNG, too; no page shows one

    Returns
    -------
    The path of the report. Each page is one file that opens without network: style and figures are inside.
    """
    with in_style(released.study.number_style):
        return _write(released, Path(folder), png)


def render_supplement(released: Released) -> str:
    """The supplement as a page."""
    with in_style(released.study.number_style):
        return _render("supplement.html", _content(released))


def _write(released: Released, folder: Path, png: bool) -> Path:
    content = _content(released)
    write_figures(content.figures, folder / FIGURES, png=png)
    supplement = _render("supplement.html", content)
    write_text(folder / SUPPLEMENT, supplement)
    write_supplement_tables(supplement, folder)
    path = folder / FRONT
    front = read_front(released, content.view, supplement_parts(content, supplement))
    write_text(path, render_front(front))
    write_office(front, folder)
    return path


def _content(released: Released) -> _Content:
    view = read_view(released)
    flows = plot_flows([row for row in released.rows("attrition") if row["part"] != PART])
    elsewhere = (released.table(name)["comparison"].to_pylist() for name in ("audit", "table_one"))
    named = distinct([*(c for _, c in view.analyses()), *(c for names in elsewhere for c in names)])
    analyses = view.analyses()
    compared = [c for c in named if c != CASES and not is_companion(released.study.controls, c)]
    comparisons = [
        describe_comparison(released, view, comparison, [a for a, c in analyses if c == comparison])
        for comparison in compared
    ]
    risk = analyses[0][0] if analyses else ""
    together = put_together(view, risk)
    course = describe_course(released, view)
    glance = table_glance(view, risk, compared, course.headlines if course else {})
    in_front = [KEY, *(section.anchor for section in sections_of(released, view))]
    windows = plot_windows(released.study)
    return _Content(released, view, glance, comparisons, together, flows, windows, course, in_front)


def _with_anchors(html: str) -> str:
    """The page whose headings of sections and their parts are links to themselves, for whoever points to one."""
    taken = set(re.findall(r' id="([^"]+)"', html))
    section = ""

    def anchored(match: re.Match[str]) -> str:
        nonlocal section
        tag, anchor, other, text = match.groups()
        if anchor:
            section = anchor
        else:
            base = f"{section}-{slug(re.sub('<[^>]*>', '', text))}"
            names = chain([base], (f"{base}-{i}" for i in count(2)))
            anchor = next(name for name in names if name not in taken)
            taken.add(anchor)
        return f'<{tag} id="{anchor}"{other or ""}><a href="#{anchor}">{text}</a></{tag}>'

    return re.sub(r'<(h[23])(?: id="([^"]+)")?( class="[^"]+")?>(.*?)</\1>', anchored, html)


def supplement_parts(content: _Content, html: str) -> list[tuple[str, str]]:
    """Anchor and name of each part that the supplement has, in its order, which numbers them.

    Parameters
    ----------
    html : the supplement
    """
    compared = {c.key: page_words.comparison_part(c.title) for c in content.comparisons}
    anchors = re.findall(r'<h2 id="([^"]+)">', html)
    return [(a, compared[a] if a in compared else page_words.PARTS[SupplementPart(a)].holds) for a in anchors]


def _contents(there: Sequence[SupplementPart], comparisons: Sequence[Comparison]) -> list[tuple[str, str]]:
    """Anchor and name of each part in the supplement's contents; comparisons follow what puts them together."""
    order = list(SupplementPart)
    split = sum(order.index(part) <= order.index(SupplementPart.TOGETHER) for part in there)
    named = [(str(part), page_words.PARTS[part].name) for part in there]
    return [*named[:split], *((c.key, c.title) for c in comparisons), *named[split:]]


def _render(template: str, content: _Content) -> str:
    released = content.released
    style, closer = style_sheet(released.stamp), script()
    since_protocol = describe_since_protocol(released)
    diagnostics = table_diagnostics(released, name="diagnostics-table")
    fits = table_diagnostics(released, name="fits-table", fits=True)
    quality, unbroken = table_quality(released, name="quality-table"), name_unbroken_rules(released)
    everything = table_all(content.view, name=ALL)
    has = {
        SupplementPart.SUMMARY: True,
        SupplementPart.ASKED: True,
        SupplementPart.ATTRITION: content.flows,
        SupplementPart.TOGETHER: content.together.tables,
        SupplementPart.COURSE: content.course,
        SupplementPart.DIAGNOSTICS: diagnostics or fits,
        SupplementPart.QUALITY: quality or unbroken,
        SupplementPart.EVERYTHING: everything,
        SupplementPart.PROTOCOL: since_protocol,
        SupplementPart.RECORD_PE: True,
        SupplementPart.MANIFEST: True,
    }
    there = [part for part in SupplementPart if has[part]]
    page = render(
        template,
        words=supplement_words,
        parts=page_words.PARTS,
        contents=_contents(there, content.comparisons),
        study=released.study,
        stamp=released.stamp,
        style=Markup(style),
        script=Markup(closer),
        policy=content_policy(style, closer),
        manifest=released.manifest,
        facts=_facts(released),
        since_protocol=since_protocol,
        left_out=words.left_out(released.manifest.get("study", {}).get("left_out", ())),
        synthetic=supplement_words.synthetic(times_as_common(released.manifest)),
        is_synthetic=released.table("planted").num_rows > 0,
        has_planted=any(TruthKind(row["truth"]).is_planted for row in released.rows("planted")),
        explanation=render_explanation(released.study),
        association=summary_words.association(released.study.cases.first),
        absolute=absolute.explain_absolute(released.study),
        rule=summary_words.RULE,
        glance=content.glance,
        comparisons=content.comparisons,
        together=content.together,
        compatible=compared_words.COMPATIBLE,
        flows=content.flows,
        windows=content.windows,
        course=content.course,
        diagnostics=diagnostics,
        fits=fits,
        quality=quality,
        unbroken=unbroken,
        everything=everything,
        all_table=ALL,
        record_pe=render_record_pe(released, content.view, content.in_front, there),
        supplement=SUPPLEMENT,
        front=FRONT,
        is_mapping=lambda value: isinstance(value, Mapping),
    )
    return _with_anchors(page)


def _facts(released: Released) -> list[str]:
    """The line below the title: what is needed to tell this run from another."""
    versions = released.manifest.get("versions", {})
    facts = [
        supplement_words.study_fact(fingerprint_of(released)[:12]),
        supplement_words.seed_fact(released.study.seed),
    ]
    if "riskset" in versions:
        facts.append(f"riskset {versions['riskset']}")
    return facts
