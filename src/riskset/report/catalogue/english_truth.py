"""English for estimates beside what is known of a synthetic nation: planted ratios, limits, the crude model."""

from __future__ import annotations

from collections.abc import Sequence

from riskset.report.catalogue.english_lines import listed

FIRTHS = (
    "Firth: maximum likelihood has no finite estimate, and the interval judged is that of Firth's penalized likelihood"
)
PLANTED = "Planted"
HOLDS, SOURCE = "Interval holds it", "Where the truth comes from"
PLANTED_BESIDE = "Planted truth beside the estimates"
LIMIT, CRUDE_LIMIT = "Limit of this form", "Limit of the crude form"
LIMITS_BESIDE = "Limits of model forms beside the estimates"
MISSES = "Interval misses the planted ratio"
CRUDE_BESIDE = "The crude model beside the planted ratios"
THE_PLANTED_RATIO, THE_LIMIT, WHAT_WAS_PLANTED = "the planted ratio", "the limit of their form", "what was planted"
"""What intervals are judged by."""


def estimated(effect: str) -> str:
    """The column of the estimates."""
    return f"Estimated, {effect}"


def crude(effect: str) -> str:
    """The column of the crude model's estimates."""
    return f"Crude, {effect}"


def of_firth(holds: str) -> str:
    """Whether Firth's interval holds the truth."""
    return f"{holds} (Firth)"


NO_FORM_FITTED = (
    "A truth was planted, but for no model form that was fitted here; no estimate below can be judged by it."
)
NAMED_NOT_JUDGED = "Models with names of their own adjust for covariates of their own and are not judged."


def judged_by_it(forms: Sequence[str], measures: Sequence[str]) -> str:
    """Which model form aims at the planted ratios."""
    return f"The truth stands beside the {_models(forms)} of {listed(measures)}, whose form it is."


def not_judged(forms: Sequence[str]) -> str:
    """That other forms aim at something else."""
    are, they = ("is", "it aims") if len(forms) == 1 else ("are", "they aim")
    return (
        f"The {_models(forms)} {are} not judged by it: without the confounders or the other classes {they} at "
        "something else, and where confounding was planted an estimate that differs from the planted ratio is right to "
        "differ."
    )


def _models(forms: Sequence[str]) -> str:
    return f"{listed(forms)} model{'s' if len(forms) > 1 else ''}"


ABOUT_LIMITS = (
    "A model that leaves out confounders, classes or windows targets something else than a planted ratio. What it "
    "tends to as the nation grows is the limit of its form, solved from the nation's own hazards; nobody planted it."
)


def about_crude(missed: int, of: int, *, has_limits: bool) -> str:
    """How often the crude model would have misled."""
    text = (
        "The crude model leaves out the confounders and the other classes. "
        f"{missed} of {of} of its intervals miss{'es' if missed == 1 else ''} the planted ratio of the same class and "
        "window."
    )
    if has_limits:
        text += " In a larger nation they would narrow around the limit in the last column, and miss more often."
    return text


def lost(n: int) -> str:
    """How many could not be judged."""
    return f"{n} could not be estimated."


def withheld(n: int) -> str:
    """How many are not given away, so that nobody can judge them here."""
    return f"{n} {'is' if n == 1 else 'are'} withheld and not counted here."


def held(n: int, of: int, what: str, level: str, *, penalised: int) -> str:
    """How many intervals hold what they aim at, with what was to be expected; ``penalised``: of them Firth's."""
    firth = f" ({penalised} of them Firth's, where maximum likelihood has no finite estimate)" if penalised else ""
    return (
        f"{n} of {of} intervals{firth} hold {what}; about {level} are expected to, and in one run a few will miss by "
        "chance."
    )


# Of the course

THE_SCORE = "The score"
PLANTED_COURSE_BESIDE = "Planted truth of the course beside the estimates"
WHAT_WAS_PLANTED_HOW = (
    "The planted hazard is that of death from the disease: deaths from other causes and ventilation carry no ratio "
    "and pull an estimate a little toward no difference. The total effect is that of everybody's use on survival: "
    "what is solved from the direct effect, from the steeper decline where one was planted, and from the early "
    "deaths of those at highest risk. What was planted is of the latent score; the delivered "
    "one is rounded and stops at its floor"
)
SLOPE = "Difference in slope, points a month"
DIRECT = "Direct hazard ratio"


def estimated_with(conf: str) -> str:
    """The column of the estimates of the course."""
    return f"Estimated ({conf})"


def total_effect(years: float) -> str:
    """What a ratio of cumulative hazards is of."""
    return f"Total effect: ratio of cumulative hazards, first {years:g} years"


def association(marker: str) -> str:
    """What the association of score and hazard is."""
    return f"Association: hazard ratio for one point of {marker} more"
