"""No column of a result and no argument of a note holds prose: words stand in the catalogue of `report` alone.

Each text that the fitted examples give is held to be what it may be: a value of a closed set; a name that the study,
the canonical tables or the data have; a number, a day or a length of time; or a list or a term made of such. A sentence
is none of these.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from riskset.analysis.prognosis import fit_prognosis, joint
from riskset.analysis.risk import fit_risk
from riskset.cohort.relatives import RELATIONS
from riskset.errors import FitError, FitProblem
from riskset.registers.schema import TABLES
from riskset.report.catalogue import ENGLISH
from riskset.results import notes, quality_vocabulary, set_vocabulary, vocabulary
from riskset.results.columns import columns_of, table_of
from riskset.results.comparisons import companions
from riskset.results.rows import Failure, QualityRow
from riskset.results.tables import FAILURES, KINDS, rows_to_table
from riskset.run import run_study
from riskset.spec import levels, modification
from riskset.spec.covariates import BUILT_IN_COVARIATES, PROGNOSIS_COVARIATES
from riskset.spec.study import Study
from riskset.stages import cases_of, find_sets, follow
from tests import recognisable
from tests.analysis.cells import ESTIMAND
from tests.analysis.patients_made import simulated
from tests.analysis.patients_made import study as course
from tests.analysis.sets_by_hand import frame
from tests.analysis.sets_by_hand import study as by_hand
from tests.analysis.test_risk import model, pairs
from tests.cohort.families import HOME, START, family
from tests.cohort.families import study as kin
from tests.features import features
from tests.people import nation

SOURCE = Path(__file__).parents[2] / "src" / "riskset"

CLOSED = {
    str(value)
    for module in (vocabulary, set_vocabulary, quality_vocabulary, notes, modification)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, StrEnum)
    for value in kind
} | {str(problem) for problem in FitProblem}
"""Values of the closed sets."""

CLOSED |= {feature.partition("=")[2] for some in features().values() for feature in some if "=" in feature}
"""And of the keys of a study."""

CLOSED |= {value for name, value in vars(levels).items() if name.isupper() and isinstance(value, str)} | set(RELATIONS)
CLOSED |= {"yes", "no", "unknown", "months", "years", *BUILT_IN_COVARIATES, *PROGNOSIS_COVARIATES}
CLOSED |= {"1", "t", "first_score", "ATC", "ICD-10"}

OF_REGISTERS = set(TABLES) | {c.name for t in TABLES.values() for c in t.columns}
OF_REGISTERS |= {value for t in TABLES.values() for c in t.columns for value in c.values}

_NUMBER = r"[-+]?\d+(\.\d+)?"
_LENGTH = r"\d+[dwmy]"
_FORMS = re.compile(
    rf"{_NUMBER}|\d{{4}}(-\d\d){{1,2}}|{_LENGTH}|[<>≤≥]?{_LENGTH}|[<>≤≥]\d+|{_NUMBER}[-–]({_NUMBER})?[dwmy]?"
    rf"|{_NUMBER} DDD|spline \d of \d|[A-Z]\d\d([A-Z]{{1,2}}(\d\d)?)?|m[0-9a-f]{{12}}"
)
"""A number, a day or month, a length, a level of a measure or of numbers cut, a unit, a column of a spline, a code,
a fitted model."""


_TERM = re.compile(
    r"(?:(?:t|s\d\(t\)|score):)*([^=()]+?)(?:=([^=()]+?))?(?: \((\w+) (?:per )?(.+?)(?: against (.+?))?\))?"
)
"""Of a model: ``pills=ever``, ``t:score:age``, ``pills=ever (sex male against female)``."""


def names_in(value: Any) -> Iterator[str]:
    """Every text of a description, and every key."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from (str(key), *names_in(inner))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from names_in(inner)
    elif isinstance(value, str):
        yield value


def names_of(study: Study) -> set[str]:
    """What a study names: its classes, covariates, measures with their levels, comparisons."""
    named = set(names_in(study.model_dump(mode="json")))
    named |= {c.comparison for c in study.controls}
    named |= {label for c in study.controls for _, label in companions(study.controls, c)}
    for exposure in study.exposures:
        for measure in exposure.measures:
            named |= {measure.key, measure.step, measure.reference(exposure.at_least), measure.widened_reference or ""}
            named |= {level.label for level in measure.levels(exposure.at_least)}
    return named


def is_sound(text: str, names: set[str]) -> bool:
    """Whether a text is no prose."""
    if not text or text in CLOSED or text in names or text in OF_REGISTERS or _FORMS.fullmatch(text):
        return True
    if ", " in text:
        return all(is_sound(part, names) for part in text.split(", "))
    if term := _TERM.fullmatch(text):
        parts = [part for part in term.groups() if part]
        return parts != [text] and all(is_sound(part, names) for part in parts)
    return False


def texts_of(table: pa.Table, kind: type) -> Iterator[tuple[str, str]]:
    """Column, or column and argument, and text, of each column of open texts."""
    for column in columns_of(kind):
        if column.type != pa.string() or column.values:
            continue
        for cell in table[column.name].unique().to_pylist():
            if not column.json:
                yield column.name, cell or ""
                continue
            for name, value in _arguments(json.loads(cell)):
                yield f"{column.name}: {name}", value


def _arguments(value: Any) -> Iterator[tuple[str, str]]:
    for one in value if isinstance(value, list) else [value]:
        for name, inner in one.items() if isinstance(one, dict) else [("", one)]:
            if isinstance(inner, str):
                yield name, inner


def prose_of(tables: Mapping[str, pa.Table], names: Iterable[str]) -> list[str]:
    """What of tables, each by the name of its kind, is neither a value, nor a name, nor a form."""
    known, kinds = set(names), {**KINDS, "failures": Failure}
    return sorted(
        {
            f"{table}, {place}: {text}"
            for table, rows in tables.items()
            for place, text in texts_of(rows, kinds[table])
            if not is_sound(text, known)
        }
    )


def _risk(result: Any) -> dict[str, pa.Table]:
    return {
        "estimates": table_of(result.estimates, KINDS["estimates"]),
        "diagnostics": table_of(result.diagnostics, KINDS["diagnostics"]),
        "failures": rows_to_table(result.failures, FAILURES),
    }


def _course(result: Any) -> dict[str, pa.Table]:
    return {**result.tables(), "failures": rows_to_table(result.failures, FAILURES)}


def _dying(i: int) -> str:
    day = date(2013, 1, 1).toordinal() + 97 * i
    als, death = date.fromordinal(day), date.fromordinal(day + 200 + 90 * (i % 7))
    return family(i).replace(f"als {als}", f"als {als} dies {death}") if i % 5 else family(i)


def test_a_run_with_relatives_and_a_prognosis_holds_no_prose() -> None:
    prognosis = {"entry": "diagnosis", "origin": "diagnosis", "endpoint": ["death"]}
    study = kin(prognosis=prognosis)
    people = nation("".join(_dying(i) for i in range(12)), starts={"dispensing": START})
    released = run_study(study, people.registers).released
    assert {"estimates", "table_one", "curves", "attrition", "audit", "diagnostics"} <= set(released.tables)
    assert prose_of(released.tables, names_of(study)) == []


def test_what_a_study_has_nobody_for_holds_no_prose() -> None:
    """Nobody has a relative, nor an endpoint, a registration or an onset."""
    born = [f"{'fm'[i % 2]} 1950-0{1 + i}-01 {HOME}" for i in range(8)]
    alone = "".join(f"p{i} {person} als 2013-0{1 + i}-01\n" for i, person in enumerate(born))
    others = "".join(f"q{i} {person}\n" for i, person in enumerate(born))
    codes = set()
    for change in ({"entry": "registration"}, {"origin": "onset"}, {}):
        study = kin(prognosis={"entry": "diagnosis", "origin": "diagnosis", "endpoint": ["death"], **change})
        registers = nation(alone + others, starts={"dispensing": START}).registers
        cohort, followed = find_sets(study, registers), follow(study, registers, cases_of(registers, study))
        for part in (cohort, followed):
            tables = {"diagnostics": part.diagnostics, "failures": part.failures}
            assert prose_of(tables, names_of(study)) == []
            codes |= {one.code for cell in part.failures["notes"].to_pylist() for one in notes.read_notes(cell)}
    assert {"no relative left", "no endpoint"} <= codes


HARD: dict[str, tuple[list[list[dict[str, Any]]], dict[str, Any]]] = {
    "separated": (pairs(9, 0), {}),
    "collinear": (
        [[m | {"sex": "male" if "pills" in m else "female"} for m in s] for s in pairs(20, 8, 0, 0)],
        {"models": model(adjust=["sex"])},
    ),
    "nobody differs": (pairs(0, 0), {}),
    "by sex": (
        [[m | {"sex": "female" if i % 2 else "male"} for m in s] for i, s in enumerate(pairs(20, 1, 0, 0))],
        {"models": model(subgroups=[{"by": "sex"}], interactions=["sex"])},
    ),
    "rare level": (
        [[*s, {"education": "rare"}] for s in pairs(9, 5)],
        {"models": model(adjust=["education"], classes=["each", "together"], exposures=[])},
    ),
}


@pytest.mark.parametrize("case", HARD)
def test_models_of_sets_that_go_wrong_hold_no_prose(case: str) -> None:
    sets, changes = HARD[case]
    study = by_hand(**changes)
    result = fit_risk(study, study.models[0], frame(sets), comparison="population", estimand=ESTIMAND)
    of_data = {value for s in sets for member in s for value in (*member, *map(str, member.values()))}
    assert prose_of(_risk(result), names_of(study) | of_data) == []


MARKED = {"marker": "alsfrs_r"}


KERNELS = (
    "cox.fit_cox",
    "standardised.fit_cox",
    "decline.fit_mixed",
    "joint.fit_joint",
    "curves.log_rank_test",
    "curves.restricted_mean",
)


def test_models_of_the_prognosis_hold_no_prose_however_they_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong with a fit, its kernel's sentence stays behind."""
    study, patients = course(["anxiolytics"], **MARKED), simulated(60)
    names = names_of(study) | set(patients.covariates)
    assert prose_of(_course(fit_prognosis(study.course, patients)), names) == []
    facts = {"iterations": 9, "events": 3, "pieces": 5, "most": 1, "effects": 2, "needed": 2, "decrement": 0.5}
    for problem in FitProblem:
        error = FitError(
            "a sentence of the kernel", where="somewhere", remedy="do something else", problem=problem,
            terms=["anxiolytics=ever"], facts={**facts, "tolerance": 1e-9},
        )  # fmt: skip

        def fails(*_given: object, error: FitError = error, **_named: object) -> None:
            raise error

        for kernel in KERNELS:
            monkeypatch.setattr(f"riskset.analysis.prognosis.{kernel}", fails)
        result = fit_prognosis(study.course, patients)
        assert result.failures
        assert prose_of(_course(result), names) == []
        assert all(ENGLISH.failure(failure) for failure in result.failures)


def test_a_joint_model_that_does_not_converge_and_a_constant_score_hold_no_prose(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study, patients = course(["anxiolytics"], **MARKED), simulated(60)
    constant = fit_prognosis(study.course, replace(patients, score=np.full(len(patients.day), 30.0)))
    assert constant.failures
    true = joint.fit_joint
    vain = FitError("it ended on a ridge", problem=FitProblem.VARIANCE_VANISHES, terms=["t"])
    monkeypatch.setattr(joint, "fit_joint", lambda *a, **k: replace(true(*a, **k), converged=False, failure=vain))
    for result in (constant, fit_prognosis(study.course, patients)):
        assert prose_of(_course(result), names_of(study) | set(patients.covariates)) == []


def test_the_quality_of_a_delivery_and_remarks_on_it_hold_no_prose() -> None:
    registers = recognisable.registers()
    remarks = [row for row in map(QualityRow.read, registers.quality.to_pylist()) if row in registers.remarks]
    assert remarks
    texts = {str(cell) for table in recognisable.tables().values() for c in table.columns for cell in c.to_pylist()}
    assert prose_of({"quality": registers.quality}, texts) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "the model has no terms",
        "pills=ever: separation: no set speaks against the cases",
        "no case has siblings to compare it with",
        "Singular.",
        "birth_date missing",
        "singular, as far as can be told",
        "pills (which nobody has)",
    ],
)
def test_prose_is_found(sentence: str) -> None:
    """The check itself: each of these in a column or an argument is refused."""
    study = by_hand()
    assert not is_sound(sentence, names_of(study))
    failure = Failure(
        model=vocabulary.Model(vocabulary.Analysis.RISK),
        comparison="population",
        exposures=("pills",),
        notes=(notes.note(notes.NoteCode.NOT_FITTED, problem="separated", terms=sentence),),
    )
    assert prose_of({"failures": rows_to_table([failure], FAILURES)}, names_of(study)) == [
        f"failures, notes: terms: {sentence}"
    ]


def _notes_given(path: Path) -> Iterator[tuple[int, str, ast.expr]]:
    """Line, argument and value, of the calls that make notes, arguments or rows of quality."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("note", "note_of", "after_rule", "criterion", "counted"):
                yield from ((k.value.lineno, k.arg, k.value) for k in node.keywords if k.arg)


CODES = ("problem", "terms", "facts", "reason")
"""What of an exception a note may have."""


def test_no_note_is_given_words() -> None:
    """Nor the text of an exception: neither a text with a blank that is no value, nor ``str(error)``."""
    wrong, looked_at = [], 0
    for path in sorted(SOURCE.rglob("*.py")):
        if "report" in path.relative_to(SOURCE).parts:
            continue
        for line, name, value in _notes_given(path):
            looked_at += 1
            place = f"{path.relative_to(SOURCE)}:{line} {name}"
            of_codes = {id(p.value) for p in ast.walk(value) if isinstance(p, ast.Attribute) and p.attr in CODES}
            for part in ast.walk(value):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and " " in part.value.strip(", "):
                    wrong += [place] if part.value not in CLOSED else []
                if isinstance(part, ast.Name) and part.id in ("error", "complaint") and id(part) not in of_codes:
                    wrong.append(place)
    assert looked_at > 100
    assert wrong == []


def test_every_problem_of_a_fit_is_raised_somewhere() -> None:
    """A problem that no kernel has is none; one that is raised is in the closed set by its type."""
    texts = [p.read_text(encoding="utf-8") for p in SOURCE.rglob("*.py") if not {"report"} & set(p.parts)]
    raised = {name for text in texts for name in re.findall(r"FitProblem\.([A-Z_]+)", text)}
    assert {problem.name for problem in FitProblem} == raised
