"""What each stage of a study does, and what it gives: tables by name, in a type of its own."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import pyarrow as pa

from riskset.analysis.describe import covariates_described, table_one
from riskset.analysis.frame import AnalysisFrame
from riskset.analysis.prognosis import PrognosisResult, fit_prognosis, read_patients, show_hazards
from riskset.analysis.recording import Cases, unwatched
from riskset.analysis.risk import fit_risk
from riskset.analysis.watching import FitsSeen
from riskset.analysis.whose_sets import comparisons_in
from riskset.cohort.anchor import anchor_sets
from riskset.cohort.attrition import NobodyLeft
from riskset.cohort.audit import audit_sets
from riskset.cohort.cases import CaseList, find_cases
from riskset.cohort.incidence import describe_incidence
from riskset.cohort.not_made import NotMade
from riskset.cohort.sets import sets_for
from riskset.errors import DesignError
from riskset.exposure.at_diagnosis import describe_patients
from riskset.exposure.codes_delivered import describe_codes
from riskset.exposure.covariates import measure_covariates
from riskset.exposure.diagnostics import describe_truncated_sets
from riskset.exposure.identifying import pool_rare
from riskset.exposure.shortest import cut_to_shortest_history
from riskset.exposure.windows import anchors_of, measure_exposures
from riskset.microdata import Microdata
from riskset.registers.registers import Registers
from riskset.report.catalogue import ENGLISH
from riskset.results.columns import table_of
from riskset.results.planted_prognosis import CASES
from riskset.results.rows import Described, Diagnostic, Estimate, Failure
from riskset.results.tables import ATTRITION, FAILURES, rows_to_table
from riskset.results.vocabulary import Analysis, DiagnosticCode, Model
from riskset.spec.covariates import PROGNOSIS_COVARIATES
from riskset.spec.measures import Exposure
from riskset.spec.modification import subgroups_of
from riskset.spec.study import Study


@dataclass(frozen=True)
class Cohort(Microdata):
    """Who is compared.

    Attributes
    ----------
    cases : ``cohort.cases.Cases.table``
    sets : matched sets of all comparisons
    attrition, audit, diagnostics : of ``results.tables``
    frames : ``comparison, digest`` of what its sets were drawn from
    failures : of ``results.rows.Failure``, for each comparison that has no sets
    """

    cases: pa.Table
    sets: pa.Table
    attrition: pa.Table
    audit: pa.Table
    diagnostics: pa.Table
    frames: pa.Table
    failures: pa.Table


@dataclass(frozen=True)
class Measured(Microdata):
    """What the members of the sets had been dispensed, and what they were like; the tables of an `AnalysisFrame`."""

    terms: pa.Table
    values: pa.Table
    covariates: pa.Table
    windowed: pa.Table
    diagnostics: pa.Table


@dataclass(frozen=True)
class Estimated(Microdata):
    """What the models gave: tables of ``results.tables``, and a `Failure` for each model that failed."""

    estimates: pa.Table
    diagnostics: pa.Table
    table_one: pa.Table
    failures: pa.Table


@dataclass(frozen=True)
class Followed(Microdata):
    """What became of the cases: tables of ``results.tables``, and a `Failure` for each model that failed."""

    estimates: pa.Table
    curves: pa.Table
    attrition: pa.Table
    diagnostics: pa.Table
    failures: pa.Table


def cases_of(registers: Registers, study: Study) -> CaseList:
    """The cases of a study; where none is left, the error says after which rule, in words."""
    try:
        return find_cases(registers, study.case_definition)
    except NobodyLeft as error:
        raise error.in_words(ENGLISH.criterion) from None


def find_sets(study: Study, registers: Registers) -> Cohort:
    """Cases, then the controls of each comparison, then the audit of every set; one without sets is a failure."""
    cases = cases_of(registers, study)
    attrition, sets, audits, frames = [cases.attrition], [], [], []
    without: dict[str, NotMade] = {}
    for controls in study.controls:
        try:
            matched = sets_for(registers, study.case_definition, controls, cases, seed=study.seed)
        except NotMade as error:
            without[controls.comparison] = error
            continue
        attrition.append(matched.attrition)
        sets.append(matched.table)
        frames.append({"comparison": controls.comparison, "digest": matched.frame_digest})
        # The audit looks for the cases anew: it takes nothing from the sampling that it judges.
        audits.append(audit_sets(registers, study.case_definition, matched.table, controls))
    if not sets:
        raise next(iter(without.values())).in_words(ENGLISH.note)
    anchored, lost = anchor_sets(
        registers, pa.concat_tables(sets, promote_options="default"), study.anchor, study.quality_register
    )
    cut, cuts = cut_to_shortest_history(registers, study.controls, anchored)
    return Cohort(
        cases=cases.table,
        sets=cut,
        attrition=pa.concat_tables([*attrition, lost]),
        audit=pa.concat_tables(audits),
        diagnostics=table_of(
            [
                *describe_incidence(registers, study.at_risk, cases.table),
                *cuts,
                *(_not_made(Analysis.RISK, comparison, error) for comparison, error in without.items()),
            ],
            Diagnostic,
        ),
        frames=pa.Table.from_pylist(frames),
        failures=_failures([_failed(Analysis.RISK, comparison, error) for comparison, error in without.items()]),
    )


def measure(study: Study, registers: Registers, cohort: Cohort) -> Measured:
    """What each member of each set had been dispensed, and what they were like."""
    return measure_members(study, registers, cohort.sets, cohort.cases)


def measure_members(study: Study, registers: Registers, sets: pa.Table, cases: pa.Table) -> Measured:
    """As `measure`, of sets and cases (``person_id, index_date``) from wherever; those of the sets or more."""
    anchors = anchors_of(sets)
    measures = measure_exposures(registers, anchors, study.exposures, run_in=study.eligibility.run_in)
    truncated = describe_truncated_sets(registers, sets, study.exposures)
    with_window = {c.name for c in study.covariates}
    described = covariates_described(study.controls, study.models, study.covariates)
    at_index = [name for name in described if name not in with_window]
    windowed = [name for name in described if name in with_window]
    at = measure_covariates(registers, anchors_of(sets.select(_AT_INDEX)), at_index, (), most_levels=study.most_levels)
    pooled = pool_rare(registers, study.levels, at, at_index, analysis=Analysis.RISK)
    covariates, of_cases = _with_those_of_cases(registers, study, cases, pooled.table)
    return Measured(
        terms=measures.terms,
        values=measures.values,
        covariates=covariates,
        windowed=measure_covariates(registers, anchors, windowed, study.covariates, most_levels=study.most_levels),
        diagnostics=table_of(
            [*describe_codes(registers, study), *measures.diagnostics, *truncated, *pooled.diagnostics, *of_cases],
            Diagnostic,
        ),
    )


def _with_those_of_cases(
    registers: Registers, study: Study, cases: pa.Table, covariates: pa.Table
) -> tuple[pa.Table, Sequence[Diagnostic]]:
    """Covariates with what only a case has, as far as models part by it; null for everyone else."""
    names = [name for name in subgroups_of(study) if name in PROGNOSIS_COVARIATES]
    if not names:
        return covariates, ()
    of_cases = cases.select(_AT_INDEX)
    described = describe_patients(
        registers, of_cases, names, register=study.quality_register, most_levels=study.most_levels
    ).append_column("index_date", of_cases["index_date"])
    pooled = pool_rare(registers, study.levels, described, names, analysis=Analysis.RISK)
    joined = covariates.join(pooled.table, _AT_INDEX, join_type="left outer")
    return joined.sort_by([(name, "ascending") for name in _AT_INDEX]), pooled.diagnostics


_AT_INDEX = ["person_id", "index_date"]


def frame_of(sets: pa.Table, measured: Measured) -> AnalysisFrame:
    """The analysis table of matched sets and what was measured of their members."""
    return AnalysisFrame(sets, measured.terms, measured.values, measured.covariates, measured.windowed)


def estimate(study: Study, cohort: Cohort, measured: Measured, seen: FitsSeen | None = None) -> Estimated:
    """Every model on every comparison, and Table 1; beside relatives the population estimate of the same cases.

    Parameters
    ----------
    seen : is shown every fit
    """
    estimates: list[Estimate] = []
    diagnostics: list[Diagnostic] = []
    described: list[Described] = []
    failures: list[Failure] = []
    cases: dict[tuple[str, str], Cases] = {}
    for compared in comparisons_in(study.controls, cohort.sets, cohort.audit):
        label, frame = compared.label, frame_of(compared.sets, measured)
        watch = seen.of_sets(frame, label) if seen else unwatched
        if not compared.beside:
            described += table_one(
                frame, label, covariates_described(study.controls, study.models, study.covariates), study.exposures
            )
        for model in study.models:
            among, notes = cases.get((compared.beside, model.key)), compared.estimand
            asked = compared.asked(model)
            fitted = fit_risk(study, asked, frame, comparison=label, estimand=notes, among=among, watch=watch)
            cases[label, model.key] = fitted.cases
            estimates += fitted.estimates
            diagnostics += fitted.diagnostics
            failures += [] if compared.beside else fitted.failures
    return Estimated(
        estimates=table_of(estimates, Estimate),
        diagnostics=table_of(diagnostics, Diagnostic),
        table_one=table_of(described, Described),
        failures=_failures(failures),
    )


def _failures(failures: Sequence[Failure]) -> pa.Table:
    return rows_to_table(failures, FAILURES)


def _failed(analysis: Analysis, comparison: str, error: NotMade) -> Failure:
    """A part of the study that there is nobody for, as a run ends with it."""
    return Failure(model=Model(analysis), comparison=comparison, exposures=(), notes=(error.reason,))


def _not_made(analysis: Analysis, comparison: str, error: NotMade) -> Diagnostic:
    """A diagnostic for a part of the study that there is nobody for."""
    code = DiagnosticCode.NOT_MADE
    return Diagnostic(model=Model(analysis), comparison=comparison, code=code, notes=(error.reason,))


def follow(study: Study, registers: Registers, cases: CaseList) -> Followed:
    """What became of the cases: of all of them, whatever controls they have."""
    try:
        patients = read_patients(registers, study, cases)
        return _followed(fit_prognosis(study.course, patients), patients.attrition)
    except NotMade as error:
        missing = _not_made(Analysis.PROGNOSIS, CASES, error)
        followed = _followed(PrognosisResult(diagnostics=[missing]), ATTRITION.empty_table())
        return replace(followed, failures=_failures([_failed(Analysis.PROGNOSIS, CASES, error)]))


def see_fits(study: Study, registers: Registers, cohort: Cohort, measured: Measured) -> FitsSeen:
    """Every fit of matched sets and of hazards once more, with the data it is made on."""
    seen = FitsSeen()
    estimate(study, cohort, measured, seen)
    if study.prognosis:
        with suppress(NotMade):  # as `follow` says
            patients = read_patients(registers, study, CaseList(cohort.cases, cohort.attrition))
            show_hazards(study.course, patients, seen.of_patients(patients, CASES))
    return seen


def nobody_followed() -> Followed:
    """The output of a study that follows nobody."""
    return _followed(PrognosisResult(), ATTRITION.empty_table())


def _followed(result: PrognosisResult, attrition: pa.Table) -> Followed:
    tables = result.tables()
    return Followed(
        estimates=tables["estimates"],
        curves=tables["curves"],
        attrition=attrition,
        diagnostics=tables["diagnostics"],
        failures=_failures(result.failures),
    )


def describe_unused(exposures: Sequence[Exposure], measured: Measured) -> pa.Table:
    """A diagnostic for each exposure that nobody in the sets has; refused where nobody has any."""
    used = set(measured.values["term"].unique().to_pylist())
    having = {term["exposure"] for term in measured.terms.to_pylist() if term["term"] in used}
    unused = [exposure for exposure in exposures if exposure.name not in having]
    if unused and not having:
        names = " or ".join(f"{exposure.name} ({', '.join(exposure.codes.atc)})" for exposure in unused[:3])
        names += f" or {len(unused) - 3} more" if len(unused) > 3 else ""
        its, it = ("its", "it") if len(unused) == 1 else ("their", "them")
        raise DesignError(
            f"nobody in the matched sets qualifies as exposed to {names}",
            where="exposures[0]" if len(unused) == 1 else "exposures",
            remedy=f"check {its} codes and at_least, or leave {it} out",
        )
    model, code = Model(Analysis.RISK), DiagnosticCode.NOBODY_EXPOSED
    rows = [Diagnostic(model=model, code=code, exposure=exposure.name, value=0.0) for exposure in unused]
    return table_of(rows, Diagnostic)
