"""Every code has words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from riskset.cohort.relatives import RELATIONS
from riskset.errors import FitProblem
from riskset.registers.schema import TABLES
from riskset.report.catalogue import (
    ENGLISH,
    english_cohort,
    english_course_levels,
    english_front,
    english_lines,
    english_prognosis,
    english_protocol,
    english_quality,
)
from riskset.report.catalogue.english_covariates import WORDS as COVARIATE_WORDS
from riskset.report.catalogue.english_fits import PROBLEMS
from riskset.report.catalogue.english_page import PARTS as SUPPLEMENT_PARTS
from riskset.report.supplement_part import SupplementPart
from riskset.results.notes import NoteCode
from riskset.results.quality_vocabulary import QualityAction, QualityRule
from riskset.results.set_vocabulary import AttritionPart, AttritionRule, AuditCheck, Relation, Unit, Verdict
from riskset.results.vocabulary import (
    Analysis,
    Contrast,
    DiagnosticCode,
    Estimand,
    Family,
    FirthReason,
    Form,
    Pace,
    Sensitivity,
    TruthKind,
    Who,
)
from riskset.spec.covariates import COVARIATES
from riskset.spec.models import Prognosis

PARTS = Path(__file__).parents[2] / "src/riskset/report/templates"


def test_every_value_of_the_vocabulary_has_words() -> None:
    assert set(ENGLISH.families) == set(Family)
    assert set(ENGLISH.forms) == set(Form)
    assert set(ENGLISH.notes) == set(NoteCode)
    assert set(ENGLISH.diagnostics) == set(DiagnosticCode)
    assert set(ENGLISH.contrasts) == set(Contrast)
    assert set(ENGLISH.estimands) == set(Estimand)
    assert set(ENGLISH.firth_reasons) == set(FirthReason)
    assert set(ENGLISH.truths) == set(TruthKind)
    assert set(PROBLEMS) == set(FitProblem)
    assert set(ENGLISH.parts) == set(AttritionPart)
    assert set(ENGLISH.rules) == set(AttritionRule)
    assert set(ENGLISH.units) == set(Unit)
    assert set(ENGLISH.checks) == set(AuditCheck)
    assert set(ENGLISH.verdicts) == set(Verdict)
    assert set(ENGLISH.quality_rules) == set(QualityRule)
    assert set(ENGLISH.quality_actions) == set(QualityAction)
    assert set(ENGLISH.people) == set(Who)
    assert set(ENGLISH.sensitivities) == set(Sensitivity)
    assert set(ENGLISH.paces) == set(Pace)
    assert set(ENGLISH.associations) == {"", *get_args(get_args(Prognosis.model_fields["association"].annotation)[0])}
    assert set(ENGLISH.features) == set(ENGLISH.associations) - {""}
    assert set(ENGLISH.tests) < set(ENGLISH.diagnostics)


def test_every_covariate_that_needs_no_definition_has_words() -> None:
    assert list(COVARIATE_WORDS) == [covariate.name for covariate in COVARIATES]
    assert all(words.name for words in COVARIATE_WORDS.values())


def test_every_name_that_a_page_shows_has_words() -> None:
    assert set(english_lines.ANALYSES) == set(Analysis)
    assert set(english_quality.TABLES) == set(TABLES)
    assert set(english_cohort.RELATIONS) == set(Relation)
    assert set(english_cohort.KIN_IN_SETS) == set(RELATIONS)
    assert set(english_cohort.DAYS) == {*_values("entry"), *_values("origin")}
    assert set(english_course_levels.ORIGINS) == _values("origin")
    assert set(english_prognosis.BASELINES) == _values("baseline")
    assert set(english_front.EVENTS) == set(get_args(_literals("endpoint")[0]))
    assert set(english_protocol.TO_WRITE) < set(english_protocol.TITLES)


def _values(field: str) -> set[str]:
    """The values of a choice of the prognosis."""
    return set(get_args(Prognosis.model_fields[field].annotation))


def _literals(field: str) -> tuple[Any, ...]:
    return get_args(Prognosis.model_fields[field].annotation)


def test_every_part_of_the_supplement_has_words_and_every_heading_is_a_part() -> None:
    assert list(SUPPLEMENT_PARTS) == list(SupplementPart)
    templates = [PARTS / name for name in ("supplement.html", "course.html")]
    headings = {a for path in templates for a in re.findall(r'<h2 id="([^"{]+)">', path.read_text(encoding="utf-8"))}
    assert headings == set(SupplementPart)
    with pytest.raises(ValueError, match="set-sizes is no SupplementPart"):
        SupplementPart("set-sizes")
