"""Methods to paste, strengths and limitations: any study, and every limitation with its number."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from riskset.report.front.after_diagnosis import after_diagnosis
from riskset.report.front.methods import methods
from riskset.report.front.strengths_limitations import limitations, strengths
from riskset.report.view import View, read_view
from riskset.results.notes import NoteCode, note
from riskset.results.released import Released
from riskset.results.rows import Diagnostic
from riskset.results.vocabulary import Analysis, DiagnosticCode, Model, Who
from riskset.spec.study import Study
from tests.examples import examples
from tests.report.course import make_course, make_diagnostics
from tests.report.front.studies import main_of, released_of
from tests.report.released import estimate, make_released, make_study
from tests.spec.strategies import studies

EXPOSURE = Model(Analysis.EXPOSURE)


@settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    deadline=None,
    max_examples=examples(30),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(studies())
def test_any_study_has_methods(study: Study) -> None:
    text = re.sub(r"<[^>]*>", "", str(methods(Released(study, {}, {}), View(study, ())).body))
    assert "None" not in text
    if not re.search(r"\.[.'\"]", study.to_toml()):  # no name or code that ends a sentence by itself
        assert ".." not in text
    assert f"seed {study.seed}" in text or f"seed was {study.seed}" in text
    for exposure in study.exposures:
        assert exposure.codes.prefixes[0] in text


def test_methods_of_the_founding_study() -> None:
    released = make_released(study=make_study(comparisons=("population", "siblings", "spouses")))
    text = str(methods(released, read_view(released)).body)
    assert "from January 1, 2015, through June 30, 2023; the diagnosis date was the index date." in text
    assert "up to 5 population controls were drawn by incidence-density sampling with replacement" in text
    assert "matched on sex and birth year" in text
    assert "in siblings and spouses, also age (natural spline) and sex" in text
    assert "riskset 0.1.0" in text
    assert "95% CI" in text


def qualified(in_run_in: float, total: float) -> list[Diagnostic]:
    of = note(NoteCode.OUT_OF, of=6338, who=str(Who.ANCHORS))
    within = note(NoteCode.IN_RUN_IN, length="18m", start="2005-07-01")
    rows = ((DiagnosticCode.QUALIFIED, total, of), (DiagnosticCode.QUALIFIED_IN_RUN_IN, in_run_in, within))
    return [Diagnostic(model=EXPOSURE, exposure="anxiolytics", code=c, value=v, notes=(n,)) for c, v, n in rows]


def said(released: Released) -> tuple[list[str], list[str]]:
    view = read_view(released)
    return list(strengths(released, view)), list(limitations(released, view))


@settings(deadline=None, max_examples=examples(25))
@given(st.integers(0, 100))
def test_the_run_in_is_a_limit_from_a_tenth_on(n: int) -> None:
    _, limits = said(make_released(diagnostics=qualified(float(n), 100.0), without=["estimates"]))
    assert any("run-in" in text for text in limits) == (n > 10)


def test_users_among_the_patients_are_no_part_of_the_run_in_share() -> None:
    of_patients = qualified(400.0, 40.0)
    patients = [replace(row, model=Model(Analysis.PROGNOSIS), comparison="cases") for row in of_patients]
    _, limits = said(make_released(diagnostics=[*qualified(52.0, 100.0), *patients], without=["estimates"]))
    assert "52% of first uses fell in the run-in of 18 months, so time since first use is a minimum" in limits


def test_no_limitation_is_without_its_number() -> None:
    _, limits = said(make_released(diagnostics=qualified(52.0, 100.0)))
    assert limits
    assert all(re.search(r"\d", text) for text in limits)


def test_a_covariate_that_differs_and_is_adjusted_for_is_told_as_such() -> None:
    _, limits = said(make_released())
    assert "Residual confounding: 13.0% of cases and 9.0% of controls had a psychiatric diagnosis (SMD, 0.13)" in str(
        limits
    )
    assert "not adjusted for" not in str(limits)


def test_one_that_is_not_adjusted_for_is_told_so() -> None:
    described: dict[str, Any] = make_study().model_dump(mode="json")
    described["models"] = [model | {"adjust": ["education"]} for model in described["models"]]
    _, limits = said(make_released(study=Study.model_validate(described)))
    assert "Psychiatric diagnosis differed in the population comparison (SMD, 0.13) and was not adjusted for" in limits


def test_a_run_without_tables_has_nothing_to_say() -> None:
    released = Released(make_study(), {}, {})
    assert said(released)[1] == []
    assert after_diagnosis(released, read_view(released)) is None


@pytest.mark.parametrize(("p", "is_told"), [(0.0123, True), (0.2, False)])
def test_a_hazard_ratio_that_changes_is_an_average(p: float, is_told: bool) -> None:
    code = DiagnosticCode.PROPORTIONAL_HAZARDS
    rows = [row | {"value": p} if row["code"] == code else row for row in make_diagnostics()]
    told = [text for text in said(make_course(diagnostics=rows))[1] if "proportional" in text]
    changes = "the HR of anxiolytics (p = 0.012) changed over follow-up and is an average"
    assert told == [f"Test of proportional hazards: {changes}"] * is_told


@pytest.mark.parametrize(("p", "is_told"), [(0.016, True), (0.026, False), (0.049, False)])
def test_several_tests_of_hazards_are_adjusted_for_their_number(p: float, is_told: bool) -> None:
    """Two classes are tested in the primary model; of one alone p of 0.026 would say that its hazard ratio changes."""
    (row,) = [row for row in make_diagnostics() if row["code"] == DiagnosticCode.PROPORTIONAL_HAZARDS]
    names = [exposure.name for exposure in make_course().study.exposures]
    others = [row | {"value": 0.5, "exposure": name, "covariate": name} for name in names[1:]]
    told = [text for text in said(make_course(diagnostics=[row | {"value": p}, *others]))[1] if "proportional" in text]
    assert len(told) == is_told
    assert all(f"(Holm-adjusted, {len(names)} tests)" in text for text in told)


COMPARISONS = ("population", "siblings", "spouses")


@settings(deadline=None, max_examples=examples(25))
@given(st.fixed_dictionaries({name: st.integers(0, 30) for name in COMPARISONS}))
def test_few_exposed_cases_are_named_for_each_comparison(exposed: dict[str, int]) -> None:
    rows = [
        estimate("anxiolytics", "ever", "ever", 1.3, comparison=name, n_exposed_cases=n) for name, n in exposed.items()
    ]
    _, limits = said(make_released(study=make_study(["anxiolytics"], comparisons=COMPARISONS), estimates=rows))
    few = [text for text in limits if text.startswith("Few exposed cases")]
    wanted = {"population": "population", "siblings": "sibling", "spouses": "spouse"}
    short = [(wanted[name], str(exposed[name])) for name in COMPARISONS if exposed[name] < 10]
    assert len(few) == bool(short)
    assert re.findall(r"(\w+) comparison: anxiolytics, ever \((\d+)\)", " ".join(few)) == short


@settings(deadline=None, max_examples=examples(25))
@given(st.fixed_dictionaries({name: st.tuples(st.integers(0, 40), st.integers(0, 40)) for name in COMPARISONS}))
def test_whom_complete_cases_leave_out_is_said_in_numbers_for_each_comparison(lost: dict[str, tuple[int, int]]) -> None:
    rows = []
    for name, (cases, controls) in lost.items():
        whole = estimate("anxiolytics", "ever", "ever", 1.4, comparison=name, form="crude")
        rows += [
            whole,
            estimate("anxiolytics", "ever", "ever", 1.3, comparison=name)
            | {"n_cases": whole["n_cases"] - cases, "n_controls": whole["n_controls"] - controls},
        ]
    _, limits = said(make_released(study=make_study(["anxiolytics"], comparisons=COMPARISONS), estimates=rows))
    text = " ".join(text for text in limits if text.startswith("Complete-case models left out"))
    nouns = {"population": "controls", "siblings": "siblings", "spouses": "spouses"}
    adjectives = {"population": "population", "siblings": "sibling", "spouses": "spouse"}
    for name, (cases, controls) in lost.items():
        here = re.findall(rf"[^;]*\({adjectives[name]} comparison\)", text)
        assert bool(here) == bool(cases or controls)
        assert not cases or f"{cases} of 1,057 cases" in here[0]
        assert not controls or f"{controls} of 5,281 {nouns[name]}" in here[0]


def test_patients_whom_the_model_of_the_course_leaves_out_are_counted() -> None:
    released = make_course()
    followed = next(x for x in read_view(released).lines if (x["scale"], x["level"]) == ("rate", "all"))["n_cases"]
    (text,) = [text for text in said(released)[1] if text.startswith("Complete-case")]
    n, of = (int(number) for number in re.findall(r"(\d+) of (\d+) patients followed up", text)[0])
    assert of == followed
    assert 0 < n < of


def test_the_number_of_estimates_of_the_primary_model_is_a_limitation() -> None:
    released = released_of()
    main = main_of(released)
    n = sum(x.value is not None for row in main.rows for name, x in row.lines.items() if name in main.comparisons)
    (text,) = [text for text in said(released)[1] if text.startswith("Multiplicity")]
    assert text == f"Multiplicity: {n} ORs of the primary model in 3 comparisons, no CI widened for their number"
