"""What became of the cases: every part of the prognosis in order, to be read aloud."""

from __future__ import annotations

from riskset.analysis.prognosis.competing import fit_competing
from riskset.analysis.prognosis.cox import fit_total
from riskset.analysis.prognosis.curves import describe_survival
from riskset.analysis.prognosis.decline import fit_decline
from riskset.analysis.prognosis.forecasts import add_example, add_performance
from riskset.analysis.prognosis.forms import TOGETHER, forms_of, most_adjusted
from riskset.analysis.prognosis.joint import Fitted, fit_direct
from riskset.analysis.prognosis.patients import Patients, exposures_asked
from riskset.analysis.prognosis.recording import PrognosisResult, Recorder
from riskset.analysis.prognosis.standardised import fit_standardised
from riskset.errors import DesignError
from riskset.spec.models import Prognosis
from riskset.spec.study import Study


def fit_prognosis(study: Study, patients: Patients) -> PrognosisResult:
    """Rates and curves, total effects (Cox), declines (mixed models) and direct effects (joint models).

    Each exposure stands alone and all stand together, without covariates and with those of ``prognosis.adjust``.
    Direct and total effects answer different questions and stand side by side: an exposure that hastens the decline has
    part of its total effect by way of the score, which the direct effect leaves out.

    Raises
    ------
    DesignError
        No patient has an endpoint.
    """
    asked = study.prognosis
    assert asked is not None
    if not patients.endpoint.any():
        raise DesignError(
            f"none of {len(patients)} patients under follow-up has an endpoint",
            where="prognosis.endpoint",
            remedy="see that deaths and procedures are delivered up to the end of the period",
        )
    record = Recorder(patients, study.conf_level)
    record.result.diagnostics += patients.diagnostics
    _count_unknown(record)
    exposures = [exposure.name for exposure in exposures_asked(study)]
    for exposure in ["", *exposures]:
        describe_survival(record, asked, exposure)
    forms = forms_of(asked, exposures)
    for form in forms:
        fit_total(record, asked, form)
        fit_standardised(record, asked, form)
        fit_competing(record, asked, form)
    if asked.marker is None:
        return record.result
    _count_scores(record, asked)
    for form in forms:
        fit_decline(record, asked, form)
    fitted = [fit_direct(record, asked, form, kind) for kind in asked.association for form in forms]
    for baseline in asked.other_baselines:
        for form in most_adjusted(forms):
            fit_direct(record, asked, form, asked.association[0], baseline=baseline)
    _add_forecasts(record, study, [one for one in fitted if one is not None])
    return record.result


def _add_forecasts(record: Recorder, study: Study, fitted: list[Fitted]) -> None:
    """The example and the performance of the fullest model that converged: the last of the first association."""
    asked = study.prognosis
    assert asked is not None
    own = [one for one in fitted if one.model.startswith(f"joint model, {asked.association[0]},")]
    if not own:
        return
    best = next((one for one in own if one.made.form.label == TOGETHER), own[-1])
    add_example(record, asked, best.made, best.fit, best.model)
    add_performance(record, best.made, best.fit, best.model)


def _count_unknown(record: Recorder) -> None:
    """Unknown covariates, each on its own, by whether the patient had an event."""
    patients = record.patients
    for name, values in patients.covariates.items():
        unknown = ~values.is_valid().to_numpy(zero_copy_only=False)
        with_event = int((unknown & patients.endpoint).sum())
        note = f"of {len(patients)}; {with_event} of them with an event"
        record.diagnose("prognosis", "", [], f"patients with unknown {name}", int(unknown.sum()), note)


def _count_scores(record: Recorder, asked: Prognosis) -> None:
    """Of the scores used those with decimals, and those at the floor, below which the marker cannot fall."""
    score = record.patients.score
    for what, those in (("with decimals", score % 1 != 0), ("at the floor", score <= asked.marker_range[0])):
        record.diagnose("decline", "", [], f"scores {what}", int(those.sum()), f"of {len(score)}")
