"""English of the prognosis: what its numbers are, why there is none, and what was diagnosed."""

from __future__ import annotations

from riskset.report.catalogue.clause import Clause, DiagnosticWords, worded
from riskset.report.catalogue.english_cohort import DAYS
from riskset.report.catalogue.english_fits import problem
from riskset.report.catalogue.english_front import event
from riskset.report.catalogue.english_lines import level
from riskset.results.notes import Arguments, NoteCode
from riskset.results.vocabulary import Association, DiagnosticCode, Pace
from riskset.spec.levels import NEVER
from riskset.spec.time import Duration

ASSOCIATIONS = {
    Association.NONE: "",
    Association.VALUE: "value",
    Association.SLOPE: "slope",
    Association.CUMULATIVE: "cumulative",
    Association.RANDOM_EFFECTS: "random effects",
}

PACES = {
    Pace.AVERAGE: "declines as on average",
    Pace.DOUBLE: "declines twice as fast",
}

FEATURES = {
    Association.VALUE: "current score",
    Association.SLOPE: "current slope of the score",
    Association.CUMULATIVE: "area under the score so far",
    Association.RANDOM_EFFECTS: "patient's random effects",
}

_GIVEN = {
    Association.VALUE: "current value",
    Association.SLOPE: "current slope",
    Association.CUMULATIVE: "area so far",
    Association.RANDOM_EFFECTS: "random effects",
}
"""What of the marker is the same between patients whose hazards a direct effect compares."""


BASELINES = {"spline": "spline", "piecewise": "piecewise", "weibull": "weibull"}


def _time(arguments: Arguments) -> str:
    """``2 years``."""
    return Duration.parse(str(arguments["time"])).words()


def _when(arguments: Arguments) -> str:
    """``2 years after diagnosis``."""
    return f"{_time(arguments)} after {DAYS[str(arguments['origin'])]}"


def _unexposed(arguments: Arguments) -> str:
    return "never exposed" if arguments["reference"] == NEVER else "unexposed"


def _not_converged(arguments: Arguments) -> str:
    if "iterations" in arguments:
        return f"not converged in {arguments['iterations']} iterations"
    return f"not converged: {problem(arguments)}"


def _nodes(arguments: Arguments) -> str:
    low, high = arguments["low"], arguments["high"]
    return f"change of the log-likelihood; {low if low == high else f'{low} to {high}'} nodes an axis"


NOTES: dict[NoteCode, Clause] = {
    NoteCode.TOTAL_EFFECT: "total effect: the score is not held fixed",
    NoteCode.DIRECT_EFFECT: lambda a: (
        f"direct effect, given the {_GIVEN[Association(str(a['association']))]} of the score"
    ),
    NoteCode.COMPLETE_CASE: "complete case",
    NoteCode.FROM_FIRST_SCORE: (
        "sensitivity, no total effect: the first score is an outcome and a mediator; followed from that score"
    ),
    NoteCode.EXPOSURE_CHANGES: (
        "sensitivity: exposure changes the day after who had not qualified by diagnosis does; early signs of decline "
        "may lead to treatment"
    ),
    NoteCode.CAUSE_SPECIFIC: "cause-specific hazard ratio: the other causes end follow-up",
    NoteCode.SUBDISTRIBUTION: ("subdistribution hazard ratio, of the cumulative incidence, the other causes competing"),
    NoteCode.WEIGHTED_FOR_CENSORING: "weighted for censoring",
    NoteCode.WEIGHTED_FOR_LATE_ENTRY: "weighted for censoring and delayed entry",
    NoteCode.STANDARDISED: "total effect, standardized to all patients of the model; no hazards assumed proportional",
    NoteCode.EXACT_POISSON: "events a person-year, exact Poisson limits",
    NoteCode.YEARS_FROM: lambda a: f"years from {DAYS[str(a['origin'])]}",
    NoteCode.FREE_OF_EVENTS_AT: lambda a: f"of those free of events {_when(a)}",
    NoteCode.LANDMARK_INCLUDED: lambda a: f"{a['years']:.2f} years for each included",
    NoteCode.AS_IF_NOBODY_DIED: (
        "as if nobody died, for death ends follow-up: what happens is the cumulative incidence"
    ),
    NoteCode.RESTRICTED_MEAN: lambda a: f"years without an event up to {_when(a)}",
    NoteCode.RESTRICTED_MEAN_DIFFERENCE: lambda a: f"years, up to {_when(a)}; total effect, unadjusted",
    NoteCode.SURVIVAL_AT: lambda a: f"share without an event {_when(a)}",
    NoteCode.SURVIVAL_DIFFERENCE_AT: lambda a: f"difference in the share without an event {_when(a)}",
    NoteCode.CUMULATIVE_HAZARDS_AT: lambda a: f"ratio of cumulative hazards {_when(a)}",
    NoteCode.OF_MEASURED_SCORES: "of the scores that were measured",
    NoteCode.OF_ALL_AS_IF_NOBODY_DIED: "of all patients, as if nobody died",
    NoteCode.OF_THE_LIVING: "mean of those who live to that time: those who decline fast have died",
    NoteCode.OVER_FIRST_YEAR: "mean over the first year",
    NoteCode.BAND_MEAN: lambda a: (
        f"plain mean of the scores of {a['low']} to {a['high']} months: of those who lived and came"
    ),
    NoteCode.INVENTED_PATIENT: "an invented patient",
    NoteCode.LIMITS_OF_THE_PATIENT: "limits of this patient's own",
    NoteCode.NOT_ESTIMABLE: lambda a: f"not estimable: {problem(a)}",
    NoteCode.NOT_CONVERGED: _not_converged,
    NoteCode.NO_LEVEL_TO_COMPARE: "no level of exposure can be compared; see the reasons in its rows",
    NoteCode.NO_PATIENT_AT_LEVEL: "nobody under follow-up has this level",
    NoteCode.NOBODY_LEFT_AT_LEVEL: "nobody at this level is left among the patients of this model",
    NoteCode.NOBODY_LEFT: "nobody is left among the patients of this model",
    NoteCode.NOBODY_UNEXPOSED: lambda a: f"nobody was {_unexposed(a)}: nothing to compare with",
    NoteCode.NO_EVENT_AT_LEVEL: ("no event at this level: the hazard ratio tends to 0 and has no finite estimate"),
    NoteCode.NO_EVENT_IN_REFERENCE: lambda a: f"no event among the {_unexposed(a)}: nothing to compare with",
    NoteCode.FEW_SCORE_DAYS_AT_LEVEL: lambda a: (
        f"scores on fewer than {a['days']} different days at this level: its course has no estimate"
    ),
    NoteCode.FEW_SCORE_DAYS_IN_REFERENCE: lambda a: (
        f"scores on fewer than {a['days']} different days among the {_unexposed(a)}: nothing to compare with"
    ),
    NoteCode.CURVE_COLLAPSED: (
        "all who were at risk early had the event before others entered: let curves_from begin later"
    ),
    NoteCode.NOBODY_AT_RISK: "nobody at risk",
    NoteCode.FEWER_THAN_HALF: "fewer than half have had an event by the end of the curve",
    NoteCode.NOT_UP_TO_HORIZON: lambda a: f"not estimable up to {_time(a)}: {problem(a)}",
    NoteCode.NO_EVENT_BEFORE_HORIZON: "no event before the horizon",
    NoteCode.ALL_ON_ONE_DAY: "all who were at risk had the event on one day: nothing to tell its spread from",
    NoteCode.NO_EVENT_BEFORE_TIME: lambda a: f"not estimable {_when(a)}: no event before then",
    NoteCode.NOBODY_AT_RISK_AT_TIME: lambda a: f"not estimable {_when(a)}: nobody is at risk then",
    NoteCode.EXCLUDED_BY_STUDY: "excluded, as the study says",
    NoteCode.DOES_NOT_VARY: "it does not vary among these patients",
    NoteCode.OF_WITH_EVENT: lambda a: f"of {a['of']}; {a['events']} of them with an event",
    NoteCode.OF: lambda a: f"of {a['of']}",
    NoteCode.OF_PATIENTS: lambda a: f"of {a['patients']} patients",
    NoteCode.WITHOUT_SCORE: lambda a: f"{a['patients']} of them without a score, by their survival alone",
    NoteCode.BASELINE_HAZARD: lambda a: (
        f"{BASELINES[str(a['baseline'])]} baseline hazard, {a['coefficients']} coefficients"
    ),
    NoteCode.QUADRATURE_OF: _nodes,
    NoteCode.CHI_SQUARED: lambda a: f"χ² = {a['statistic']:.2f}, {a['df']} df",
    NoteCode.SCORE_TEST: "score test against 1 − Kaplan-Meier",
    NoteCode.LATE_ENTRY_FORBIDS: (
        "not made: the test is not defined where patients come under follow-up late; Fine-Gray models, weighted for "
        "late entry, compare cumulative incidences instead"
    ),
    NoteCode.NOT_TESTED: lambda a: f"not tested: {problem(a)}",
    NoteCode.NOT_MEASURED: lambda a: f"not measured: {problem(a)}",
    NoteCode.AT_LANDMARK: lambda a: (
        f"of {a['at_risk']} at risk at {a['landmark']:g} months, {a['events']} with an event in the next {a['ahead']:g}"
    ),
    NoteCode.CURVE_BEGINS_THIN: lambda a: f"the curve begins with {a['at_risk']} at risk; curves_from starts it later",
    NoteCode.NO_EVENT_AFTER_QUALIFYING: (
        "no estimate, and this person-time left out: nobody who qualified after diagnosis has an event"
    ),
}


TESTS: dict[DiagnosticCode, Clause] = {
    DiagnosticCode.PROPORTIONAL_HAZARDS: lambda facts: f"proportional hazards, {facts['covariate']}",
    DiagnosticCode.PROPORTIONAL_HAZARDS_OVERALL: "proportional hazards, all terms",
    DiagnosticCode.LOG_RANK: "log-rank test",
    DiagnosticCode.GRAY: lambda facts: f"Gray's test, {event(str(facts['cause']))}",
}
"""What was tested, where the value is a p-value."""


def _p_of(code: DiagnosticCode) -> Clause:
    return lambda facts: f"{worded(TESTS[code], facts)}, p"


DIAGNOSTICS: dict[DiagnosticCode, DiagnosticWords] = {
    DiagnosticCode.CONVERGED: DiagnosticWords("converged", of_fit=True),
    DiagnosticCode.LOG_LIKELIHOOD_APART: DiagnosticWords("log-likelihood, submodels apart", of_fit=True),
    DiagnosticCode.DECREMENT: DiagnosticWords("gᵀH⁻¹g at the end", of_fit=True),
    DiagnosticCode.QUADRATURE_NODES: DiagnosticWords("quadrature, k to k + 4", of_fit=True),
    DiagnosticCode.QUADRATURE_TIMES: DiagnosticWords("quadrature in time, twice the nodes", of_fit=True),
    DiagnosticCode.QUADRATURE_SHIFT: DiagnosticWords(
        "quadrature, shift of the estimate in standard errors", of_fit=True
    ),
    DiagnosticCode.PATIENTS: DiagnosticWords("patients"),
    DiagnosticCode.EVENTS: DiagnosticWords("events"),
    DiagnosticCode.SCORES: DiagnosticWords("scores"),
    DiagnosticCode.RESIDUAL_SD: DiagnosticWords("residual SD, points", of_fit=True),
    DiagnosticCode.SLOPE_SD: DiagnosticWords("SD of patients' slopes, points a month", of_fit=True),
    DiagnosticCode.SINGULAR: DiagnosticWords("singular: a random effect has no variance"),
    DiagnosticCode.AUC: DiagnosticWords("AUC", of_fit=True),
    DiagnosticCode.BRIER: DiagnosticWords("Brier score", of_fit=True),
    DiagnosticCode.SCALED_BRIER: DiagnosticWords("Brier score, scaled", of_fit=True),
    DiagnosticCode.PREDICTED_RISK: DiagnosticWords(
        lambda facts: f"predicted risk, fifth {facts['level']}", of_fit=True
    ),
    DiagnosticCode.OBSERVED_RISK: DiagnosticWords(lambda facts: f"observed risk, fifth {facts['level']}", of_fit=True),
    DiagnosticCode.NO_CURVE: DiagnosticWords(lambda facts: f"no curve of {level(str(facts['level']))}"),
    DiagnosticCode.AT_RISK_FIRST_DAY: DiagnosticWords(
        lambda facts: f"at risk on the first day, {level(str(facts['level']))}"
    ),
    DiagnosticCode.NO_MODEL_OF_CAUSE: DiagnosticWords(
        lambda facts: f"{event(str(facts['cause']))}: no models, for nobody has it"
    ),
    DiagnosticCode.PERSON_YEARS_AFTER_QUALIFYING: DiagnosticWords("person-years after qualifying"),
    DiagnosticCode.UNKNOWN_VALUE: DiagnosticWords(lambda facts: f"patients with unknown {facts['covariate']}"),
    DiagnosticCode.PATIENTS_LEFT_OUT: DiagnosticWords(
        lambda facts: f"patients at {facts['covariate']} = {level(str(facts['level']))}"
    ),
    DiagnosticCode.COVARIATE_LEFT_OUT: DiagnosticWords(lambda facts: f"{facts['covariate']} left out of the model"),
    DiagnosticCode.SCORES_WITH_DECIMALS: DiagnosticWords("scores with decimals"),
    DiagnosticCode.SCORES_AT_FLOOR: DiagnosticWords("scores at the floor"),
    **{code: DiagnosticWords(_p_of(code), of_fit=True) for code in TESTS},
}
