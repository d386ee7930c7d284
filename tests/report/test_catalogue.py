"""Every code has words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from riskset.errors import FitProblem
from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue.english_covariates import WORDS as COVARIATE_WORDS
from riskset.report.catalogue.english_fits import PROBLEMS
from riskset.report.catalogue.english_page import supplement_part
from riskset.report.supplement_part import SupplementPart
from riskset.results.notes import NoteCode
from riskset.results.quality_vocabulary import QualityAction, QualityRule
from riskset.results.set_vocabulary import AttritionPart, AttritionRule, AuditCheck, Unit, Verdict
from riskset.results.vocabulary import (
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


def test_every_part_of_the_supplement_has_words_and_every_heading_is_a_part() -> None:
    assert all(map(supplement_part, SupplementPart))
    templates = [PARTS / name for name in ("supplement.html", "course.html")]
    headings = {a for path in templates for a in re.findall(r'<h2 id="([^"{]+)">', path.read_text(encoding="utf-8"))}
    assert headings == set(SupplementPart)
    with pytest.raises(ValueError, match="set-sizes is no SupplementPart"):
        SupplementPart("set-sizes")
