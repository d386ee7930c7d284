"""The ratio in absolute terms: the incidence parts into that of the exposed and of the others."""

from __future__ import annotations

import re
from typing import Any

import pytest

from riskset.report.absolute import rate
from riskset.report.view import View, read_view
from riskset.report.words import summarise_classes
from riskset.results.vocabulary import DiagnosticCode
from riskset.spec.study import Study
from tests.report.released import estimate, make_estimates, make_released, make_study

INCIDENCE = 3.6
WITHOUT_LAG_ONLY = [row for row in make_estimates() if row["level"] != "lag only"]


def view_of(rows: list[dict[str, Any]], study: Study | None = None) -> View:
    row = {"analysis": "cohort", "code": DiagnosticCode.INCIDENCE_LIKE_CASES, "value": INCIDENCE}
    return read_view(make_released(study=study, estimates=rows, diagnostics=[row]))


def summary_of(view: View) -> str:
    found = [finding for summary in summarise_classes(view, "risk", "population") for finding in summary.findings]
    return " ".join(sentence for finding in found for sentence in finding)


def test_the_parts_give_the_whole_back() -> None:
    """With p exposed among controls, (1 − p) without + p with = the incidence, and with / without = the ratio."""
    view = view_of(WITHOUT_LAG_ONLY)
    found = re.findall(r"about ([\d.]+) without such use of (\w+) and ([\d.]+) with it", summary_of(view))
    assert found
    for without, name, with_use in found:
        line = next(
            x
            for x in view.main("risk", "population")
            if x["exposure"] == name and x["form"] == "adjusted" and x["level"] == "ever"
        )
        share = line["n_exposed_controls"] / line["n_controls"]
        assert (1 - share) * float(without) + share * float(with_use) == pytest.approx(INCIDENCE, abs=0.06)
        assert float(with_use) / float(without) == pytest.approx(line.value, abs=0.05)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1389.6, "1,390"), (15.24, "15.2"), (3.6, "3.60"), (0.36, "0.360"), (123456, "123,000"), (0.0, "0")],
)
def test_rates_have_three_significant_digits(value: float, shown: str) -> None:
    assert rate(value) == shown


def test_the_incidence_is_that_of_people_like_the_cases() -> None:
    whole = {"analysis": "cohort", "code": DiagnosticCode.INCIDENCE, "value": INCIDENCE}
    assert "In absolute terms" not in summary_of(
        read_view(make_released(estimates=WITHOUT_LAG_ONLY, diagnostics=[whole]))
    )
    assert "among people of the cases' sex and age, about 3.60 in 100,000 a year became" in summary_of(
        view_of(WITHOUT_LAG_ONLY)
    )


def test_the_incidence_is_that_of_the_register_that_makes_cases() -> None:
    text = summary_of(view_of(WITHOUT_LAG_ONLY))
    assert "became a case of this study, that is, was recorded in the register mnd with ALS" in text


@pytest.mark.parametrize(
    ("first", "recorded"),
    [
        ({"icd10": ["G122"]}, "was recorded with a diagnosis of G122."),
        ({"death": True}, "was recorded as dead."),
        ({"atc": ["N07XX02"]}, "was recorded as dispensed N07XX02."),
    ],
)
def test_what_makes_a_case_is_named(first: dict[str, Any], recorded: str) -> None:
    described = make_study().model_dump(mode="json") | {"cases": {"first": first}}
    assert recorded in summary_of(view_of(WITHOUT_LAG_ONLY, Study.model_validate(described)))


def test_a_second_exposed_level_leaves_no_single_unexposed_rate() -> None:
    assert "times as high" in summary_of(view_of(make_estimates()))
    assert "In absolute terms" not in summary_of(view_of(make_estimates()))


@pytest.mark.parametrize(("term", "level"), [("first_use", "0-1y"), ("count", "1")])
def test_bands_are_not_put_in_absolute_terms(term: str, level: str) -> None:
    """One band alone in the results is still one of several: the others would count as unexposed."""
    text = summary_of(view_of([estimate("anxiolytics", term, level, 2.6)]))
    assert "times as high" in text
    assert "In absolute terms" not in text


def test_without_an_incidence_nothing_is_said_in_absolute_terms() -> None:
    view = read_view(make_released(estimates=WITHOUT_LAG_ONLY))
    text = str([s.findings for s in summarise_classes(view, "risk", "population")])
    assert "In absolute terms" not in text
