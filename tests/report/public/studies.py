"""Cleared results for the public's page: the founding study's shape, studies at the edges, and invented ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import exp, inf, log
from typing import Any

from hypothesis import strategies as st

from riskset.report.catalogue.english_covariates import label_of_name
from riskset.report.public import render_public
from riskset.results.released import Hidden, Released
from riskset.results.tables import SCHEMAS
from riskset.results.withheld import HiddenNumber, WithheldFor
from riskset.spec.study import Study
from riskset.spec.wording import lay_of, lay_outcome_of
from tests.report.front.studies import COMPARISONS, INCIDENCE, released_of, rows_of
from tests.report.page import Page
from tests.report.released import CLASSES, LEVELS, estimate, make_study

STAMP = "cleared by the rules of policy “under 5”"
LAY = {"anxiolytics": "calming pills", "hypnotics_sedatives": "sleeping pills", "antidepressants": "mood pills"}
FORM = {"form": "mutually adjusted"}


def lay_study(
    classes: Sequence[str] = tuple(CLASSES),
    comparisons: Sequence[str] = COMPARISONS,
    *,
    first: Mapping[str, Any] | None = None,
    lay: str = "the disease ALS",
    **changed: Any,
) -> Study:
    """The founding study with lay names.

    Parameters
    ----------
    first : another event that makes a case
    changed : keys of the study to change
    """
    described = make_study(classes, comparisons=comparisons).model_dump(mode="json", by_alias=True)
    for exposure in described["exposures"]:
        exposure["lay"] = LAY.get(exposure["name"], "")
    described["cases"] = {"first": first or described["cases"]["first"], "lay": lay}
    return Study.model_validate(described | changed)


def cleared(rows: Sequence[dict[str, Any]] | None = None, study: Study | None = None, **how: Any) -> Released:
    """Released results of such a study, cleared, with an incidence of 30."""
    study = study or lay_study()
    made = released_of(rows_of() if rows is None else rows, study, **({"planted": False} | how))
    return replace(made, stamp=STAMP)


def hiding(released: Released, cells: Mapping[int, Sequence[str]]) -> Released:
    """The same with cells of estimates withheld, by their row; the table keeps the numbers, which nobody may read."""
    hidden: Hidden = {i: {name: HiddenNumber(WithheldFor.SMALL) for name in names} for i, names in cells.items()}
    return replace(released, withheld={"estimates": hidden})


def html_of(released: Released) -> str:
    return str(render_public(released))


def page_of(released: Released) -> Page:
    return Page(html_of(released))


def answers_of(page: Page) -> dict[str, list[list[str]]]:
    """Class → its rows of the table: kind of use, answer, and if there are the two frequencies."""
    groups: dict[str, list[list[str]]] = {}
    name = ""
    for row in page.tables[0].rows:
        if len(row) == 1:
            name = row[0]
            groups[name] = []
        elif name:
            groups[name].append(row)
    return groups


def names_given(study: Study) -> list[str]:
    """The words that are the study's and not the page's."""
    covariates = {name for model in study.models for name in model.adjust}
    return [
        study.name,
        lay_outcome_of(study),
        *(lay_of(exposure) for exposure in study.exposures),
        *(label_of_name(study, name) for name in covariates),
    ]


def with_ends(name: str, measure: str, level: str, ends: tuple[float, float, float], **facts: Any) -> dict[str, Any]:
    """A row of the primary model with these ratios."""
    logs = [log(end) if 0 < end < inf else (inf if end else -inf) for end in ends]
    given = dict(zip(("estimate", "conf_low", "conf_high"), logs, strict=True))
    return estimate(name, measure, level, 1.3, **FORM) | given | facts


EVENTS: Sequence[tuple[Mapping[str, Any], str]] = (
    ({"registry": "mnd", "diagnosis": ["ALS"]}, "the disease ALS"),
    ({"icd10": ["G30"]}, ""),
    ({"death": True}, ""),
    ({"death": True, "cause": ["X60"]}, "suicide"),
    ({"atc": ["N06D"]}, "medicine for memory loss"),
)


@st.composite
def ends_of(draw: st.DrawFn) -> tuple[float, float, float]:
    """A ratio with its interval, on either side of 1, on it, or infinite."""
    value = exp(draw(st.floats(-3, 3)))
    below, above = exp(draw(st.floats(0.01, 2))), exp(draw(st.floats(0.01, 2)))
    return draw(st.sampled_from([(value, value / below, value * above)] * 5 + [(inf, 2.0, inf)]))


@st.composite
def releases(draw: st.DrawFn) -> Released:
    """Cleared results of an invented study: classes, comparisons, event, ratios, what is withheld, incidence."""
    n = draw(st.integers(1, 6))
    classes = [*CLASSES, "opioids", "stimulants", "lithium"][:n]
    comparisons = draw(st.sampled_from([("population",), COMPARISONS, ("population", "spouses"), ("siblings",)]))
    first, lay = draw(st.sampled_from(EVENTS))
    study = lay_study(classes, comparisons, first=first, lay=lay)
    places = [(name, measure, level) for name in classes for measure, level in LEVELS]
    rows = [with_ends(*place, draw(ends_of()), comparison=comparisons[0]) for place in places]
    incidence = draw(st.sampled_from([None, 0.03, 2.9, 30.0, 1_400.0]))
    diagnostics = [] if incidence is None else [INCIDENCE | {"value": incidence}]
    released = cleared(rows, study, diagnostics=diagnostics, planted=draw(st.booleans()))
    columns = ["estimate", "conf_low", "conf_high", "n_exposed_cases", "n_exposed_controls"]
    hidden = draw(st.sets(st.integers(0, len(rows) - 1)))
    return hiding(released, {i: draw(st.sampled_from([columns, columns[3:], columns[:3]])) for i in sorted(hidden)})


def nothing(study: Study) -> Released:
    """A cleared run without a row."""
    return Released(study, {"estimates": SCHEMAS["estimates"].empty_table()}, {}, STAMP)
