"""What the number of a diagnostic, and the arguments of a note, tell of persons: their roles, by their codes."""

from __future__ import annotations

from collections.abc import Mapping

from riskset.results.notes import NoteCode
from riskset.results.roles import DisclosureRole
from riskset.results.vocabulary import DiagnosticCode as D

_COUNTS = (
    *(D.UNKNOWN_COVARIATE, D.NOT_IN_MODEL, D.UNKNOWN_MODIFIER, D.LEFT_OUT_AT_LEVEL, D.QUALIFIED, D.QUALIFIED_IN_RUN_IN),
    *(D.EARLY_DISPENSINGS, D.UNEXPOSED_BY_CUT, D.ITEMS_WITHOUT_DDD, D.SETS_CUT, D.ENTERED_LATE, D.SCORES_DELIVERED),
    *(D.SCORES_OUT_OF_RANGE, D.SCORES_BEFORE_ORIGIN, D.SCORES_AFTER_DEATH, D.SCORES_AFTER_FOLLOW_UP, D.SCORES_USED),
    *(D.SCORES_ON_ONE_DAY, D.PATIENTS_WITHOUT_SCORE, D.PATIENTS_WITH_ONE_SCORE, D.PATIENTS, D.EVENTS, D.SCORES),
    *(D.AT_RISK_FIRST_DAY, D.UNKNOWN_VALUE, D.PATIENTS_LEFT_OUT, D.COVARIATE_LEFT_OUT, D.SCORES_WITH_DECIMALS),
    *(D.SCORES_AT_FLOOR, D.NOBODY_EXPOSED, D.NOT_MADE, D.CODE_NOT_DELIVERED),
    D.RARE_LEVELS,  # of one level, that few have it would be known of the withheld count of the level made
)
_SHARES = (D.TRUNCATED, D.TRUNCATED_SETS)
_FUNCTIONS = (
    *(D.LOG_LIKELIHOOD, D.LOG_LIKELIHOOD_APART, D.PERSON_YEARS_AT_RISK, D.INCIDENCE, D.INCIDENCE_LIKE_CASES),
    *(D.PERSON_YEARS_AFTER_QUALIFYING, D.RESIDUAL_SD, D.SLOPE_SD, D.AUC, D.BRIER, D.SCALED_BRIER, D.PREDICTED_RISK),
    *(D.OBSERVED_RISK, D.PROPORTIONAL_HAZARDS, D.PROPORTIONAL_HAZARDS_OVERALL, D.LOG_RANK, D.GRAY, D.DAYS_TO_ENTRY),
    *(D.QUADRATURE_SHIFT, D.DEPARTURE_FROM_TREND),
    *(D.DECREMENT, D.QUADRATURE_NODES, D.QUADRATURE_TIMES),  # nearly nought, but their last digits are of one data set
)
_FREE = (
    *(D.ITERATIONS, D.CONVERGED, D.SINGULAR, D.NOT_FITTED),
    *(D.FIRTH_NOT_FITTED, D.SEPARATED, D.UNINFORMATIVE, D.COVARIATE_CONSTANT, D.COVARIATE_STANDS_ALREADY),
    *(D.SUBGROUPS_REFUSED, D.INTERACTION_REFUSED, D.INTERACTION_MADE_ONCE, D.START_NOT_STATED, D.NO_CURVE),
    *(D.FOLLOW_UP_ENDS_WITH_PERIOD, D.NO_MODEL_OF_CAUSE),
)

DIAGNOSTICS: Mapping[D, DisclosureRole] = {
    **dict.fromkeys(_COUNTS, DisclosureRole.COUNT),
    **dict.fromkeys(_SHARES, DisclosureRole.SHARE),
    **dict.fromkeys(_FUNCTIONS, DisclosureRole.FUNCTION),
    **dict.fromkeys(_FREE, DisclosureRole.FREE),
    D.SILENT_TABLE: DisclosureRole.EXTREME,  # the day of a table's last row
}
"""The number of a diagnostic, by its code."""

OF_NOBODY = frozenset(
    {
        *(D.SEPARATED, D.UNINFORMATIVE, D.COVARIATE_CONSTANT, D.COVARIATE_LEFT_OUT, D.NO_MODEL_OF_CAUSE, D.NO_CURVE),
        *(D.NOBODY_EXPOSED, D.NOT_MADE, D.CODE_NOT_DELIVERED),
    }
)
"""Diagnostics that stand there because nobody does."""


def tells_of_nobody(code: D, *, is_withheld: bool) -> bool:
    """Whether it is told by a diagnostic's being there, or by its being missing elsewhere, that a count is nought.

    Most counts of people left out, or without something, are made only where there are some.
    """
    return code in OF_NOBODY or (DIAGNOSTICS[code] is DisclosureRole.COUNT and is_withheld)


ARGUMENTS: Mapping[str, DisclosureRole | None] = {
    **dict.fromkeys(("rows", "shared", "of", "events", "patients", "members", "at_risk", "days"), DisclosureRole.COUNT),
    **dict.fromkeys(("median", "longest"), DisclosureRole.EXTREME),
    "month": DisclosureRole.DATE,
    "statistic": DisclosureRole.FUNCTION,
    **dict.fromkeys(
        ("df", "iterations", "knots", "years", "low", "high", "coefficients", "dates", "over", "ahead", "landmark"),
        DisclosureRole.FREE,
    ),
    # Sentences of an error, which may hold any number.
    **dict.fromkeys(("error", "sentence", "reason"), DisclosureRole.BY_CODE),
    # Names and lengths of the description, and closed values.
    **dict.fromkeys(
        (
            *(
                "what",
                "comparison",
                "at",
                "check",
                "caliper",
                "by",
                "only",
                "exposure",
                "covariate",
                "level",
                "stratum",
            ),
            *("problem", "terms", "who", "day", "origin", "codes", "without", "length", "start", "key", "stop", "time"),
            *("reference", "association", "baseline", "spline", "entry", "name", "modifier"),
            *("keys", "known", "rule", "first", "marker", "registers", "item"),
        )
    ),
}
"""The argument of a note, by its name; None of a text of the description."""

TELLING = frozenset(
    {
        *(NoteCode.NOBODY_AT_LEVEL, NoteCode.NOBODY_DIFFERS_AT_LEVEL, NoteCode.NOBODY_DIFFERS, NoteCode.SEPARATED),
        *(NoteCode.LEVEL_LEFT_OUT, NoteCode.NO_PATIENT_AT_LEVEL, NoteCode.NOBODY_LEFT_AT_LEVEL, NoteCode.NOBODY_LEFT),
        *(NoteCode.NOBODY_UNEXPOSED, NoteCode.NO_EVENT_AT_LEVEL, NoteCode.NO_EVENT_IN_REFERENCE, NoteCode.NO_WHOLE_SET),
        NoteCode.NO_SET_LEFT,
        *(NoteCode.NO_EVENT_BEFORE_HORIZON, NoteCode.NO_EVENT_BEFORE_TIME, NoteCode.NOBODY_AT_RISK),
        NoteCode.ALL_ON_ONE_DAY,
        *(NoteCode.NOBODY_AT_RISK_AT_TIME, NoteCode.NO_EVENT_AFTER_QUALIFYING, NoteCode.CURVE_BEGINS_THIN),
        *(NoteCode.CURVE_COLLAPSED, NoteCode.FEWER_THAN_HALF, NoteCode.TEST_SEPARATED, NoteCode.ONE_RATIO_MISSING),
    }
)
"""Notes that say that somebody is not there, or how few are: withheld with the numbers that they are about."""
