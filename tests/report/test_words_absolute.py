"""The ratio in absolute terms: the incidence parts into that of the exposed and of the others."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.report.absolute import explain_absolute, rate
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
    found = re.findall(
        r"such use of ([\w ]+) would correspond to ([\d.]+) rather than ([\d.]+) cases", summary_of(view)
    )
    assert len(found) == 3
    for name, with_use, without in found:
        line = next(
            x
            for x in view.main("risk", "population")
            if x["exposure"] == name.replace(" ", "_") and x["form"] == "mutually adjusted" and x["level"] == "ever"
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
    assert "where people of the cases' sex and age have 3.60." in summary_of(view_of(WITHOUT_LAG_ONLY))


def test_the_incidence_is_that_of_the_register_that_makes_cases() -> None:
    text = explain_absolute(make_study())
    assert "A case was recorded in the quality register with ALS" in text


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
    assert recorded in explain_absolute(Study.model_validate(described))


def test_a_second_exposed_level_leaves_no_single_unexposed_rate() -> None:
    assert "The odds ratio (OR) of such use" in summary_of(view_of(make_estimates()))
    assert "In absolute terms" not in summary_of(view_of(make_estimates()))


@pytest.mark.parametrize(("term", "level"), [("first_use", "0-1y"), ("count", "1")])
def test_bands_are_not_put_in_absolute_terms(term: str, level: str) -> None:
    """One band alone in the results is still one of several: the others would count as unexposed."""
    text = summary_of(view_of([estimate("anxiolytics", term, level, 2.6)]))
    assert "The odds ratio (OR) of such use of anxiolytics was 2.60" in text
    assert "In absolute terms" not in text


def test_without_an_incidence_nothing_is_said_in_absolute_terms() -> None:
    view = read_view(make_released(estimates=WITHOUT_LAG_ONLY))
    text = str([s.findings for s in summarise_classes(view, "risk", "population")])
    assert "In absolute terms" not in text


NUMBERS = re.compile(r"[<>]?\d[\d,.]*\d|\d")


@given(st.floats(-0.4, 0.9), st.floats(0.02, 0.6), st.sampled_from(["crude", "adjusted", "mutually adjusted"]))
def test_an_interval_that_holds_one_has_the_sentences_of_any_other(log: float, error: float, form: str) -> None:
    """What is said of an estimate is said of every other, wherever its interval lies."""

    def summary(log: float) -> str:
        row = estimate("anxiolytics", "ever", "ever", 1.3, form=form)
        ends = {"estimate": log, "conf_low": log - 1.96 * error, "conf_high": log + 1.96 * error}
        return NUMBERS.sub("#", summary_of(view_of([row | ends])))

    assert summary(log) == summary(5 * error)  # the second leaves 1 out


@pytest.mark.parametrize("primary", ["crude", "adjusted", "mutually adjusted", None])
def test_the_summary_words_the_primary_model_alone(primary: str | None) -> None:
    described = make_study().model_dump(mode="json") | {"primary": primary}
    rows = [estimate("anxiolytics", "ever", "ever", r, form=f) for f, r in FORMS.items()]
    text = summary_of(view_of(rows, Study.model_validate(described)))
    assert re.findall(r"was ([\d.]+) \(95% CI, ", text) == [f"{FORMS[primary or 'mutually adjusted']:.2f}"]


FORMS = {"crude": 1.41, "adjusted": 1.31, "mutually adjusted": 1.21}
