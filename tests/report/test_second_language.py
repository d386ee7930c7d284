"""A second language is a second catalogue: on the front and the public's page no word stands anywhere else."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import pytest

from riskset.results.released import Released
from riskset.spec.study import Study
from tests.report import pseudo_language
from tests.report.course import make_course, make_course_study
from tests.report.front.studies import INCIDENCE, released_of, rows_of
from tests.report.pseudo_language import plain_words, spoken, strange
from tests.report.public.studies import cleared
from tests.report.released import make_study

OF_THE_STUDY = [
    *("anxiolytics", "hypnotics sedatives", "antidepressants", "psychiatric diagnosis", "ALS(?:FRS r)?"),
    *("calming pills", "sleeping pills", "mood pills", "the disease"),
    *("compulsory school", "upper secondary", "post-secondary", "female"),  # as delivered
]
CODES = [r"ICD-10(?: [A-Z](?:\d+(?:\.\d)?)?)?", r"[A-Z]\d\d[A-Z]", "[0-9a-f]{16}"]
SOFTWARE = ["riskset", "Python", "DuckDB", "NumPy"]
OF_THE_DESCRIPTION = [
    # Words that `spec` has, for `riskset explain` too, which speaks English alone; and keys that name themselves.
    *(r"\d+ years?", r"\d+ months?", "second", "population"),
    *("age", "sex", "education", "country of birth", "birth year"),
    *("internal, not cleared", "cleared by the rules of policy “under 5”"),  # stamps
]
OWN = [*OF_THE_STUDY, *CODES, *SOFTWARE, *OF_THE_DESCRIPTION]


def worded(study: Study) -> dict[str, str]:
    """What the study itself would say in that language."""
    return study.model_dump(mode="json", by_alias=True) | {"title": strange("Title"), "subtitle": strange("Subtitle")}


def usual() -> Released:
    """Two comparisons, with an incidence."""
    study = make_study(["anxiolytics"], comparisons=["population", "siblings"])
    rows = rows_of(["anxiolytics"], ["population", "siblings"])
    return released_of(rows, Study.model_validate(worded(study)), diagnostics=[INCIDENCE])


def course() -> Released:
    return make_course(study=Study.model_validate(worded(make_course_study())))


@pytest.mark.parametrize("made", [usual, course])
def test_the_front_takes_its_words_from_the_catalogue(made: Callable[[], Released]) -> None:
    released = made()
    with spoken():
        page, view = import_module("riskset.report.front.page"), import_module("riskset.report.view")
        front = page.read_front(released, view.read_view(released), [("summary", strange("Summary"))])
        html = str(page.render_front(front))
    assert strange("Key Points") in html
    assert plain_words(html, OWN) == {}


def test_the_public_page_takes_its_words_from_the_catalogue() -> None:
    released = cleared()
    with spoken():
        html = str(import_module("riskset.report.public").render_public(released))
    assert plain_words(html, OWN) == {}


def test_a_word_outside_the_catalogue_is_seen_and_the_report_speaks_english_again() -> None:
    html = (
        f"<p title='{strange('Use')}'>{strange('of')} anxiolytics <b>among</b> &amp; 5 years</p><style>p {{}}</style>"
    )
    assert plain_words(html, OWN) == {"among": "among"}
    assert plain_words("<svg aria-label='Forest plot'></svg>", OWN).keys() == {"Forest", "plot"}
    before = import_module("riskset.report.catalogue.english_page")
    with spoken():
        assert strange("Contents") == import_module("riskset.report.catalogue.english_page").CONTENTS
    assert import_module("riskset.report.catalogue.english_page") is before
    assert import_module("riskset").report.catalogue.english_page.CONTENTS == "Contents"
    assert pseudo_language.strange("<b>{n} of</b>&nbsp;5") == f"<b>{{n}} {strange('of')}</b>&nbsp;5"
