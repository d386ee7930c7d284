"""The part of the page on what became of the patients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from riskset.report.catalogue import english_course_figures as figure_words
from riskset.report.catalogue import english_course_summary as summary_words
from riskset.report.catalogue import english_course_tables as table_words
from riskset.report.figures import Figure
from riskset.report.flow import plot_flows
from riskset.report.prognosis import followed, summary
from riskset.report.prognosis.competing import table_competing
from riskset.report.prognosis.curves import plot_incidence, plot_survival
from riskset.report.prognosis.decline import floor_words, plot_courses, table_slopes
from riskset.report.prognosis.example import plot_example
from riskset.report.prognosis.fits import performance, table_joint, table_numbers, table_tests
from riskset.report.prognosis.ratios import plot_ratios, table_ratios, table_sensitivities
from riskset.report.prognosis.rows import Rows, read_rows
from riskset.report.prognosis.survival import table_standardised, table_survival
from riskset.report.prognosis.truth import count_planted, table_planted
from riskset.report.view import Line, View
from riskset.report.words import ClassSummary
from riskset.results.planted_prognosis import CASES
from riskset.results.released import Released
from riskset.results.vocabulary import Association

PART = "prognosis"
"""The part of the attrition that is about follow-up."""

__all__ = ["CASES", "PART", "Course", "describe_course"]


@dataclass(frozen=True)
class Course:
    """What became of the patients, ready for the page; parts that there are not are empty."""

    general: str
    association: str
    classes: Sequence[ClassSummary]
    headlines: Mapping[str, tuple[Line | None, Line | None]]
    followed: Sequence[str]
    flows: Sequence[Figure]
    numbers: Markup
    events: str
    times: Markup
    survival: Sequence[Figure]
    incidence: Sequence[Figure]
    ratios: Markup
    total_and_direct: str
    forest: Figure | None
    adjusted: Markup
    about_adjusted: str
    competing: Markup
    about_competing: str
    sensitivities: Markup
    baseline: str
    tests: Markup
    slopes: Markup
    survivors: str
    courses: Sequence[Figure]
    joint: Markup
    floor: str
    example: Figure | None
    nobody: str
    performance: str
    planted: Markup
    about_planted: str
    has_published: bool

    @property
    def figures(self) -> list[Figure]:
        single = [figure for figure in (self.forest, self.example) if figure is not None]
        return [*self.flows, *self.survival, *self.incidence, *self.courses, *single]


def describe_course(released: Released, view: View) -> Course | None:
    """Everything the page shows of the prognosis; None where the run has none."""
    rows = read_rows(released, view)
    if rows is None:
        return None
    attrition = [row for row in released.rows("attrition") if row["part"] == PART]
    example = plot_example(rows, name="forecast")
    joint = table_joint(rows, name="course-joint")
    return Course(
        general=summary.in_general(rows),
        association=summary_words.ASSOCIATION,
        classes=summary.by_class(rows),
        headlines={name: summary.headlines(rows, name) for name in rows.exposures},
        followed=followed.who_was_followed(rows),
        flows=plot_flows(attrition),
        numbers=table_numbers(rows, name="course-numbers"),
        events=followed.compare_events(rows),
        times=table_survival(rows, name="course-times"),
        survival=plot_survival(rows),
        incidence=plot_incidence(rows),
        ratios=_ratios(rows),
        total_and_direct=table_words.TOTAL_AND_DIRECT if joint else "",
        forest=plot_ratios(rows, name="hazard ratios"),
        adjusted=table_standardised(rows, name="course-standardised"),
        about_adjusted=table_words.ABOUT_ADJUSTED,
        competing=table_competing(rows, name="course-competing"),
        about_competing=table_words.ABOUT_COMPETING,
        sensitivities=table_sensitivities(rows, name="course-sensitivities"),
        baseline=table_words.BASELINE if rows.asked.marker else "",
        tests=table_tests(rows, name="course-tests"),
        slopes=table_slopes(rows, name="course-slopes"),
        survivors=figure_words.SURVIVORS,
        courses=plot_courses(rows),
        joint=joint,
        floor=floor_words(rows),
        example=example,
        nobody=figure_words.NOBODY,
        performance=performance(rows),
        planted=table_planted(rows, name="course-planted"),
        about_planted=count_planted(rows),
        has_published=any(figure.analysis == "prognosis" for figure in released.study.published),
    )


def _ratios(rows: Rows) -> Markup:
    """A table for each association; one with Cox alone where there is no joint model."""
    named = rows.associations() or [Association.NONE]
    return Markup("").join(table_ratios(rows, a, name=f"course-ratios-{i}") for i, a in enumerate(named, 1))
