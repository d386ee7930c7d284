"""English for why a model cannot be fitted."""

from __future__ import annotations

from riskset.errors import FitProblem
from riskset.report.catalogue.clause import Clause, worded
from riskset.results.notes import Arguments

_ENDLESS = "no set speaks against the cases, so the likelihood has no finite maximum"
_ENDLESS_AT_RISK = (
    "at no event time does anyone at risk speak against those with the event, so the likelihood has no finite "
    "maximum; leave the term out or merge levels"
)


def _not_converged(facts: Arguments) -> str:
    return f"no convergence in {facts['iterations']} iterations" if "iterations" in facts else "no convergence"


def _few_scores(facts: Arguments) -> str:
    most = {0: "no patient has a score", 1: "no patient has two scores"}.get(
        int(facts["most"]), f"no patient has more than {facts['most']} scores"
    )
    return (
        f"{most}, so that patients' own courses cannot be told from error: {facts['effects']} random effects need "
        f"patients with {facts['needed']} scores or more; leave out marker, or see which scores were left out"
    )


def _all_events(end: str) -> Clause:
    return lambda facts: (
        f"separation: all {facts['events']} events have its {end} level, so its hazard ratio has no finite estimate; "
        "merge levels or leave it out"
    )


def _gradient(facts: Arguments) -> str:
    return f"the gradient did not vanish: gᵀH⁻¹g is {facts['decrement']:.2g}, above {facts['tolerance']:g}"


PROBLEMS: dict[FitProblem, Clause] = {
    FitProblem.INPUT: "the model is not defined in these data",
    FitProblem.NOT_CONVERGED: _not_converged,
    FitProblem.FEW_CLUSTERS: "too few sets for robust errors",
    FitProblem.SINGULAR: "the covariance of what is tested is singular",
    FitProblem.NO_EVENT: "nobody has an event",
    FitProblem.NO_EVENT_OF_CAUSE: "nobody has an event of this cause",
    FitProblem.COLLINEAR_BEFORE: "collinear with the columns before it; leave one of them out",
    FitProblem.ZERO_COLUMN: "zero in every row; leave it out",
    FitProblem.UNINFORMATIVE: "no set has a case and a control who differ",
    FitProblem.COLLINEAR: "collinear within sets, leave one of them out",
    FitProblem.SEPARATED: f"separation: {_ENDLESS}",
    FitProblem.SEPARATED_TOGETHER: f"separation by these terms together: {_ENDLESS}",
    FitProblem.NEVER_VARIES: "varies among those at risk at no event time; leave it out",
    FitProblem.COLLINEAR_AT_RISK: "collinear within the risk sets; leave one of them out",
    FitProblem.SEPARATED_AT_RISK: f"separation: {_ENDLESS_AT_RISK}",
    FitProblem.SEPARATED_AT_RISK_TOGETHER: f"separation by these terms together: {_ENDLESS_AT_RISK}",
    FitProblem.WEIGHTS_UNDEFINED: (
        "at some time everyone under observation had just entered, or was censored, so that the weights of competing "
        "events are not defined; choose a later origin"
    ),
    FitProblem.NO_EVENT_IN_PIECE: (
        "a piece of the baseline hazard or a level has no events; use fewer pieces or merge levels"
    ),
    FitProblem.FEW_EVENTS: lambda facts: (
        f"{facts['events']} events cannot be cut into {facts['pieces']} pieces; ask for fewer pieces"
    ),
    FitProblem.ALL_EVENTS_LOWEST: _all_events("lowest"),
    FitProblem.ALL_EVENTS_HIGHEST: _all_events("highest"),
    FitProblem.ONE_GROUP: "there is one group only",
    FitProblem.NEVER_TOGETHER: "no two groups are ever at risk together",
    FitProblem.DELAYED_ENTRY: "not defined under delayed entry",
    FitProblem.BEYOND_LAST: "the time lies beyond the last time at risk; choose an earlier one",
    FitProblem.NOBODY_AT_RISK: "nobody is at risk then",
    FitProblem.ALL_OR_NONE: "all or none of the patients have the event",
    FitProblem.FEW_SCORES: _few_scores,
    FitProblem.FEW_TIMES: "the scores have too few different times for a spline; use linear",
    FitProblem.CONSTANT_SCORE: "the score is constant; choose another marker",
    FitProblem.NO_ERROR: (
        "the terms describe every score exactly, so that there is no error to estimate; leave out terms, or look for "
        "scores that were copied or computed"
    ),
    FitProblem.NOT_TOLD_APART: (
        "the variances of the random effects cannot be told from one another, or from the error's; leave out a random "
        "effect, or look for more times of scores"
    ),
    FitProblem.VARIANCE_VANISHES: "the variance of this random effect vanishes; drop that random effect",
    FitProblem.ASSOCIATION_UNBOUNDED: (
        "the variance of this random effect vanishes while an association grows without bound; drop that random effect"
    ),
    FitProblem.NOT_CONCAVE: "the log-likelihood is not concave where the climb ended",
    FitProblem.GRADIENT_LEFT: _gradient,
    FitProblem.SEPARATED_IN_HAZARD: (
        "separation by these together: the likelihood has no finite maximum; merge levels or leave one out"
    ),
}


def problem(facts: Arguments) -> str:
    """Why there is no fit, after the names of the terms concerned."""
    clause = worded(PROBLEMS[FitProblem(str(facts["problem"]))], facts)
    return f"{facts['terms']}: {clause}" if "terms" in facts else clause
