"""What a result is, in closed sets of values: the words of the columns that tell one row of results from another.

Nothing here is prose. `report` alone words these values, from one catalogue; a column that holds them is never parsed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from riskset.results.columns import column


class Analysis(StrEnum):
    """The part of a study that a row is of."""

    RISK = "risk"
    PROGNOSIS = "prognosis"
    DECLINE = "decline"
    COHORT = "cohort"
    EXPOSURE = "exposure"
    DELIVERY = "delivery"


class Family(StrEnum):
    """The kind of model, or of description without one."""

    NONE = ""
    CONDITIONAL_LOGISTIC = "conditional logistic"
    COX = "cox"
    CAUSE_SPECIFIC = "cause-specific cox"
    FINE_GRAY = "fine-gray"
    STANDARDISED = "standardised cox"
    JOINT = "joint"
    MIXED = "mixed"
    KAPLAN_MEIER = "kaplan-meier"
    AALEN_JOHANSEN = "aalen-johansen"
    RATE = "rate"
    MEASURED = "measured"


class Form(StrEnum):
    """Which classes and covariates stand in a model, in the order in which forms are shown."""

    NONE = ""
    CRUDE = "crude"
    CRUDE_SAME_PATIENTS = "crude, patients of the adjusted model"
    ADJUSTED = "adjusted"
    MUTUALLY_CRUDE = "mutually adjusted, no covariates"
    MUTUALLY_ADJUSTED = "mutually adjusted"

    @property
    def is_mutual(self) -> bool:
        """Whether all classes stand in one model."""
        return self in (Form.MUTUALLY_CRUDE, Form.MUTUALLY_ADJUSTED)


class Estimator(StrEnum):
    """How coefficients were estimated."""

    NONE = ""
    MAXIMUM_LIKELIHOOD = "maximum likelihood"
    FIRTH = "firth"
    REML = "reml"


class Association(StrEnum):
    """What of the marker's course the hazard of a joint model depends on."""

    NONE = ""
    VALUE = "value"
    SLOPE = "slope"
    CUMULATIVE = "cumulative"
    RANDOM_EFFECTS = "random effects"


class Sensitivity(StrEnum):
    """What sets a sensitivity analysis apart from the main model."""

    NONE = ""
    BASELINE_SCORE = "baseline score"
    TIME_VARYING = "time-varying exposure"
    SPLINE_BASELINE = "spline baseline hazard"
    PIECEWISE_BASELINE = "piecewise baseline hazard"
    WEIBULL_BASELINE = "weibull baseline hazard"


class Role(StrEnum):
    """What a coefficient belongs to."""

    NONE = ""
    EXPOSURE = "exposure"
    COVARIATE = "covariate"
    MARKER = "marker"


class Contrast(StrEnum):
    """What an estimate compares.

    A value compares nothing: it is a level's own (a rate, a median, a mean). A test has no estimate of its own. A ratio
    of ratios is by a level of the modifier against its first, or by a step of a modifier that is a number (`unit`).
    """

    NONE = ""
    LEVEL = "level against reference"
    PER_UNIT = "per unit"
    TREND = "trend"
    RATIO_OF_RATIOS = "ratio of ratios"
    TEST = "test"
    VALUE = "value"


class Scale(StrEnum):
    """What an estimate is, on the scale of its model."""

    LOG_OR = "log_or"
    LOG_ROR = "log_ror"
    LOG_HR = "log_hr"
    LOG_SHR = "log_shr"
    LOG_CHR = "log_chr"
    SLOPE = "slope"
    SCORE = "score"
    RATE = "rate"
    MEDIAN = "median"
    RMST = "rmst"
    RMST_DIFFERENCE = "rmst_difference"
    SURVIVAL = "survival"
    SURVIVAL_DIFFERENCE = "survival_difference"

    @property
    def is_ratio(self) -> bool:
        """Whether the estimate is the logarithm of a ratio."""
        return self.value.startswith("log_")


@dataclass(frozen=True)
class Model:
    """Which model a row comes from; everything but the comparison and the exposure that tells models apart."""

    analysis: Analysis = column("part of the study", key=True)
    family: Family = column("kind of model", key=True, default=Family.NONE)
    form: Form = column("which classes and covariates stand in the model", key=True, default=Form.NONE)
    measure: str = column("key of the measure of exposure in the model", key=True, default="")
    model_name: str = column("the study's own name for the model", key=True, default="")
    estimator: Estimator = column("how coefficients were estimated", key=True, default=Estimator.NONE)
    association: Association = column(
        "what of the marker a joint model's hazard depends on", key=True, default=Association.NONE
    )
    cause: str = column("the event, of several, that the model is of", key=True, default="")
    sensitivity: Sensitivity = column("what sets a sensitivity analysis apart", key=True, default=Sensitivity.NONE)

    def but(self, **changes: object) -> Model:
        """The same model but for some of its facts."""
        return replace(self, **changes)  # type: ignore[arg-type]


class Pace(StrEnum):
    """How an invented patient declines: the level of a forecast."""

    AVERAGE = "average pace"
    DOUBLE = "twice the average pace"


class ValueOf(StrEnum):
    """By whose value people are parted into strata."""

    NOBODY = ""
    CASE = "case"
    PERSON = "person"


class CurveKind(StrEnum):
    """What a curve shows as a function of time."""

    SURVIVAL = "survival"
    INCIDENCE = "incidence"
    SCORE = "score"
    MEASURED_SCORE = "measured score"
    SCORE_WHILE_ALIVE = "score while alive"
    SCORE_AS_IF_NOBODY_DIED = "score as if nobody died"
    FORECAST_SURVIVAL = "forecast survival"
    FORECAST_SCORE = "forecast score"
    FORECAST_VISIT = "forecast visit"


class Who(StrEnum):
    """Whom a diagnostic counts."""

    NOBODY = ""
    CASES = "cases"
    CONTROLS = "controls"
    SETS = "sets"
    ROWS = "rows"
    PATIENTS = "patients"
    SCORES = "scores"
    ANCHORS = "anchors"
    ITEMS = "items"
    PERSONS = "persons"


class DiagnosticCode(StrEnum):
    """What a diagnostic found. Each is worded in `report`; a number stands in its value."""

    LOG_LIKELIHOOD = "log-likelihood"
    ITERATIONS = "iterations"

    # of the risk
    UNKNOWN_COVARIATE = "unknown covariate"
    NOT_IN_MODEL = "not in the model"
    UNKNOWN_MODIFIER = "unknown modifier"
    LEFT_OUT_AT_LEVEL = "left out at a level"
    COVARIATE_CONSTANT = "covariate constant within sets"
    COVARIATE_STANDS_ALREADY = "covariate stands already"
    SUBGROUPS_REFUSED = "subgroups refused"
    INTERACTION_REFUSED = "interaction refused"
    INTERACTION_MADE_ONCE = "interaction made once"
    DEPARTURE_FROM_TREND = "departure from trend"
    SEPARATED = "separated"
    UNINFORMATIVE = "uninformative"
    NOT_FITTED = "not fitted"
    FIRTH_NOT_FITTED = "firth not fitted"

    # Of the delivery, the cohort and what was measured.
    SILENT_TABLE = "days without a row before the end"
    START_NOT_STATED = "start not stated"
    PERSON_YEARS_AT_RISK = "person-years at risk"
    INCIDENCE = "incidence"
    INCIDENCE_LIKE_CASES = "incidence like the cases"
    QUALIFIED = "qualified before the index date"
    QUALIFIED_IN_RUN_IN = "qualified in the run-in"
    EARLY_DISPENSINGS = "dispensings before the register's start"
    UNEXPOSED_BY_CUT = "unexposed by the cut to the shortest history"
    TRUNCATED = "share with a truncated window"
    TRUNCATED_SETS = "share of sets with a truncated window"
    ITEMS_WITHOUT_DDD = "items without DDD"
    SETS_CUT = "sets cut to the shortest history"
    NOBODY_EXPOSED = "nobody exposed"
    RARE_LEVELS = "rare levels"
    CODE_NOT_DELIVERED = "code not delivered"
    NOT_MADE = "not made"
    ENTERED_LATE = "entered after diagnosis"
    DAYS_TO_ENTRY = "median days from diagnosis to entry"
    FOLLOW_UP_ENDS_WITH_PERIOD = "follow-up ends with the period"
    SCORES_DELIVERED = "scores delivered"
    SCORES_OUT_OF_RANGE = "scores out of range"
    SCORES_BEFORE_ORIGIN = "scores before the origin"
    SCORES_AFTER_DEATH = "scores after death"
    SCORES_AFTER_FOLLOW_UP = "scores after the end of follow-up"
    SCORES_USED = "scores used"
    SCORES_ON_ONE_DAY = "scores on a day that has another one"
    PATIENTS_WITHOUT_SCORE = "patients without a score"
    PATIENTS_WITH_ONE_SCORE = "patients with one score"
    # of the prognosis
    CONVERGED = "converged"
    LOG_LIKELIHOOD_APART = "log-likelihood of the submodels apart"
    DECREMENT = "newton decrement"
    QUADRATURE_NODES = "change with four more nodes"
    QUADRATURE_TIMES = "change with twice the nodes in time"
    QUADRATURE_SHIFT = "shift of the estimate by finer quadrature"
    PATIENTS = "patients"
    EVENTS = "events"
    SCORES = "scores"
    RESIDUAL_SD = "residual standard deviation"
    SLOPE_SD = "standard deviation of patients' slopes"
    SINGULAR = "singular"
    AUC = "area under the ROC curve"
    BRIER = "brier score"
    SCALED_BRIER = "scaled brier score"
    PREDICTED_RISK = "predicted risk"
    OBSERVED_RISK = "observed risk"
    PROPORTIONAL_HAZARDS = "proportional hazards, p"
    PROPORTIONAL_HAZARDS_OVERALL = "proportional hazards of all terms, p"
    LOG_RANK = "log-rank test, p"
    GRAY = "gray's test, p"
    NO_CURVE = "no curve"
    AT_RISK_FIRST_DAY = "at risk on the first day"
    NO_MODEL_OF_CAUSE = "no model of a cause"
    PERSON_YEARS_AFTER_QUALIFYING = "person-years after qualifying"
    UNKNOWN_VALUE = "unknown value of a covariate"
    PATIENTS_LEFT_OUT = "patients left out at a level"
    COVARIATE_LEFT_OUT = "covariate left out"
    SCORES_WITH_DECIMALS = "scores with decimals"
    SCORES_AT_FLOOR = "scores at the floor"


class Estimand(StrEnum):
    """What an odds ratio estimates, by the design of its sets."""

    HAZARD_RATIO = "hazard ratio"
    APPROXIMATE_HAZARD_RATIO = "approximate hazard ratio"
    WITHIN_SIBLINGS = "within siblings"
    WITHIN_COUPLES = "within couples"
    NOT_AUDITED = "not audited"
    DESIGN_BROKEN = "design broken"


class FirthReason(StrEnum):
    """Why Firth's penalised estimate is given."""

    SEPARATION = "separation"
    NOT_FITTED = "maximum likelihood fails"
    FEW_SETS = "few informative sets"


class TruthKind(StrEnum):
    """What kind of truth of a synthetic nation a number is.

    A pseudo-true value is what a model that leaves something out tends to as the nation grows; nobody planted it.
    """

    PLANTED_PUBLISHED = "planted, published"
    PLANTED_ASSUMED = "planted, assumed"
    SOLVED = "solved from what was planted"
    PSEUDO_TRUE = "pseudo-true"

    @property
    def is_planted(self) -> bool:
        """Whether it was planted, or follows from what was."""
        return self is not TruthKind.PSEUDO_TRUE
