"""What became of the cases: every part of the prognosis in order, to be read aloud."""

from __future__ import annotations

from riskset.analysis.prognosis.competing import fit_competing
from riskset.analysis.prognosis.cox import fit_total
from riskset.analysis.prognosis.curves import describe_survival
from riskset.analysis.prognosis.decline import fit_decline
from riskset.analysis.prognosis.forecasts import add_example, add_performance
from riskset.analysis.prognosis.forms import forms_of, most_adjusted
from riskset.analysis.prognosis.joint import Fitted, fit_direct
from riskset.analysis.prognosis.patients import Patients
from riskset.analysis.prognosis.recording import PrognosisResult, Recorder, WatchHazards, model_of
from riskset.analysis.prognosis.standardised import fit_standardised
from riskset.cohort.not_made import NotMade
from riskset.results.notes import NoteCode, note
from riskset.results.vocabulary import Analysis, Association, DiagnosticCode, Family, Form, Who
from riskset.spec.models import CourseAsked, Prognosis


def fit_prognosis(course: CourseAsked, patients: Patients) -> PrognosisResult:
    """Rates and curves, total effects (Cox), declines (mixed models) and direct effects (joint models).

    Each exposure stands alone and all stand together, without covariates and with those of ``prognosis.adjust``.
    Direct and total effects answer different questions and stand side by side: an exposure that hastens the decline has
    part of its total effect by way of the score, which the direct effect leaves out.

    Raises
    ------
    DesignError
        No patient has an endpoint.
    """
    asked = course.asked
    if not patients.endpoint.any():
        raise NotMade(
            f"none of {len(patients)} patients under follow-up has an endpoint",
            note(NoteCode.NO_ENDPOINT, patients=len(patients)),
            where="prognosis.endpoint",
            remedy="see that deaths and procedures are delivered up to the end of the period",
        )
    record = Recorder(patients, course)
    record.result.diagnostics += patients.diagnostics
    _count_unknown(record)
    exposures = [exposure.name for exposure in course.exposures]
    for exposure in ["", *exposures]:
        describe_survival(record, asked, exposure)
    forms = forms_of(asked, exposures)
    for form in forms:
        with record.in_order_of_levels():
            fit_total(record, asked, form)
        fit_standardised(record, asked, form)
        with record.in_order_of_levels():
            fit_competing(record, asked, form)
    if asked.marker is None:
        return record.result
    _count_scores(record, asked)
    for form in forms:
        with record.in_order_of_levels():
            fit_decline(record, asked, form)
    fitted = []
    for kind in asked.association:
        for form in forms:
            with record.in_order_of_levels():
                fitted.append(fit_direct(record, asked, form, Association(kind)))
    for baseline in asked.other_baselines:
        for form in most_adjusted(forms):
            with record.in_order_of_levels():
                fit_direct(record, asked, form, Association(asked.association[0]), baseline=baseline)
    _add_forecasts(record, asked, [one for one in fitted if one is not None])
    return record.result


def show_hazards(course: CourseAsked, patients: Patients, watch: WatchHazards) -> None:
    """Let a watcher see every Cox and Fine-Gray model of the prognosis."""
    asked = course.asked
    record = Recorder(patients, course, watch)
    for form in forms_of(asked, [exposure.name for exposure in course.exposures]):
        fit_total(record, asked, form)
        fit_competing(record, asked, form)


def _add_forecasts(record: Recorder, asked: Prognosis, fitted: list[Fitted]) -> None:
    """The example and the performance of the most adjusted model of the first association that converged."""
    of_first = [one for one in fitted if one.model.association == asked.association[0]]
    if not of_first:
        return
    best = next((one for one in of_first if one.model.form == Form.MUTUALLY_ADJUSTED), of_first[-1])
    add_example(record, asked, best.made, best.fit, best.model)
    add_performance(record, best.made, best.fit, best.model)


def _count_unknown(record: Recorder) -> None:
    """Unknown covariates, each on its own, by whether the patient had an event."""
    patients = record.patients
    for name, values in patients.covariates.items():
        unknown = ~values.is_valid().to_numpy(zero_copy_only=False)
        of = note(NoteCode.OF_WITH_EVENT, of=len(patients), events=int((unknown & patients.endpoint).sum()))
        code, count = DiagnosticCode.UNKNOWN_VALUE, int(unknown.sum())
        record.diagnose(model_of(Family.NONE), code, count, of, covariate=name, who=Who.PATIENTS)


def _count_scores(record: Recorder, asked: Prognosis) -> None:
    """Of the scores used those with decimals, and those at the floor, below which the marker cannot fall."""
    score, model = record.patients.score, model_of(Family.NONE, analysis=Analysis.DECLINE)
    of = note(NoteCode.OF, of=len(score))
    for code, which in (
        (DiagnosticCode.SCORES_WITH_DECIMALS, score % 1 != 0),
        (DiagnosticCode.SCORES_AT_FLOOR, score <= asked.marker_range[0]),
    ):
        record.diagnose(model, code, int(which.sum()), of, who=Who.SCORES)
