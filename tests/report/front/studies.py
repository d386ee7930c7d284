"""Front pages of many studies: the usual one, and those at the edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from riskset.report.front.main_results import MainResults, read_main
from riskset.report.front.page import Front, read_front, render_front
from riskset.report.view import View, read_view
from riskset.results.released import Released
from riskset.results.tables import SCHEMAS, rows_to_table
from riskset.results.vocabulary import DiagnosticCode
from riskset.spec.study import Study
from tests.report.page import Page, Table
from tests.report.released import CLASSES, LEVELS, RATIOS, estimate, make_released, make_study

COMPARISONS = ("population", "siblings", "spouses")
INCIDENCE = {"analysis": "cohort", "code": DiagnosticCode.INCIDENCE_LIKE_CASES, "value": 30.0}
PARTS = [("summary", "Summary"), ("everything", "Every estimate")]
SCALES = {"population": 1.0, "siblings": 0.6, "spouses": 0.8}


def rows_of(
    classes: Sequence[str] = tuple(CLASSES), comparisons: Sequence[str] = COMPARISONS, **other: Any
) -> list[dict[str, Any]]:
    """The main estimates of every comparison, and of the same cases against unrelated controls."""
    rows = []
    for comparison in comparisons:
        kin = comparison != "population" and "population" in comparisons
        labels = [comparison, f"population, cases with {comparison}"] if kin else [comparison]
        for label in labels:
            for name in classes:
                ratios = RATIOS.get(name, RATIOS["antidepressants"])
                for form, times in (("crude", 1.12), ("adjusted", 1.04), ("mutually adjusted", 0.99)):
                    for measure, level in LEVELS:
                        facts = {"comparison": label, "form": form, "scale_sets": SCALES[comparison]} | other
                        rows.append(estimate(name, measure, level, ratios[level] * times, **facts))
    return rows


def released_of(rows: Sequence[dict[str, Any]] | None = None, study: Study | None = None, **how: Any) -> Released:
    """Results of the founding study's shape, with an incidence."""
    study = study or make_study(comparisons=COMPARISONS)
    how = {"diagnostics": [INCIDENCE]} | how
    return make_released(study=study, estimates=rows_of() if rows is None else rows, **how)


def front_of(released: Released) -> Page:
    """The page, read back."""
    return Page(html_of(released))


def table_headed(page: Page, *cells: str) -> Table:
    """The first table whose first row has these cells."""
    return next(t for t in page.tables if t.rows and set(cells) <= {c for row in t.rows[:2] for c in row})


def html_of(released: Released) -> str:
    return str(render_front(read_of(released)))


def read_of(released: Released) -> Front:
    """What the page says, before it is one."""
    return read_front(released, read_view(released), PARTS)


def main_of(released: Released) -> MainResults:
    main = read_main(read_view(released))
    assert main is not None
    return main


def view_of(released: Released) -> View:
    return read_view(released)


def one_measure(name: str = "anxiolytics", **changed: Any) -> Study:
    """A study of one class with one measure and one comparison."""
    described = make_study([name]).model_dump(mode="json", by_alias=True)
    described["exposures"][0]["measures"] = [{"kind": "ever", "lag": "1y"}]
    described["models"] = [{"kind": "conditional logistic", "measure": "ever", "adjust": ["education"]}]
    described["published"] = []
    return Study.model_validate(described | changed)


def many(labels: Sequence[str]) -> Study:
    """A study of as many classes, named ``class_0`` and on, with their labels."""
    described = make_study().model_dump(mode="json")
    first = described["exposures"][0]
    described["exposures"] = [first | {"name": f"class_{i}", "label": label} for i, label in enumerate(labels)]
    described["published"] = []
    return Study.model_validate(described)


def without_anything(study: Study) -> Released:
    """A run that found nothing."""
    tables = {"estimates": rows_to_table([], SCHEMAS["estimates"])}
    return Released(study, tables, {})
