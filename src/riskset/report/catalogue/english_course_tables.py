"""English for the tables of the course: time without an event, hazard ratios, each event, the score, the fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from riskset.report import formats
from riskset.report.catalogue.english_course_levels import origin, unexposed
from riskset.results.vocabulary import Family
from riskset.spec.models import Prognosis

USE, MODEL, EVENT = "Use before diagnosis", "Model", "Event"
PATIENTS, EVENTS, SCORES, PERSON_YEARS = "Patients", "Events", "Scores", "Person-years"
EVENTS_OF_PATIENTS, EVENTS_OF_USERS = "Events / patients", "Events / patients, ever"
PUBLISHED = "Published"


def hazard_ratio(conf: str) -> str:
    """A column of hazard ratios."""
    return f"HR ({conf})"


# Time without an event

TIMES = "Time without an event, by use before diagnosis"


def rate(per: int, conf: str) -> str:
    """The column of rates."""
    return f"Events per {per} person-years ({conf})"


def median(conf: str) -> str:
    """The column of medians."""
    return f"Median, years ({conf})"


def mean(until: str, conf: str) -> str:
    """The column of restricted means."""
    return f"Mean within {until}, years ({conf})"


def difference(never: str, conf: str) -> str:
    """The column of differences of means."""
    return f"Difference from {unexposed(never)}, months ({conf})"


def about_times(asked: Prognosis) -> str:
    """What medians and means are, and of whom."""
    day, begin = origin(asked), asked.curves_from
    text = (
        "Not adjusted for anything. Rates have exact Poisson limits. Medians and restricted means (Kaplan-Meier) are "
        f"in years from {day}; a restricted mean is the time without an event within {asked.horizon.words()}, and its "
        "difference is in months"
    )
    if not begin:
        return text
    return (
        f"{text}. They are of those free of events {begin.words()} after {day}, {begin.words()} included; patients, "
        "events, person-years and rates are of all"
    )


ABOUT_ADJUSTED = (
    "A hazard ratio of Cox regression is an average over follow-up where hazards are not proportional, and hazards "
    "that depend on a patient's own course are not: those at highest risk die first in either group. The shares below "
    "assume nothing of how the hazards of users and others go. They are adjusted by standardizing: the mean over all "
    "patients of what the model predicts for each, had all used the class, and had none."
)


def none_used(conf: str) -> str:
    """The column of shares without use."""
    return f"Had none used it, % ({conf})"


def all_used(conf: str) -> str:
    """The column of shares with use."""
    return f"Had all used it, % ({conf})"


def points_of_per_cent(conf: str) -> str:
    """The column of their difference."""
    return f"Difference, percentage points ({conf})"


def cumulative_ratio(conf: str) -> str:
    """The column of the ratio of cumulative hazards."""
    return f"Ratio of cumulative hazards ({conf})"


def of_all_patients(asked: Prognosis, when: str) -> str:
    """Of whom the shares are."""
    return f"Of all patients of the model, from {origin(asked)}; the ratio is that of the first {when}"


def adjusted_share(asked: Prognosis, when: str) -> str:
    """The caption of the table of adjusted survival."""
    return f"Share without an event {when} after {origin(asked)}, adjusted"


# Hazard ratios

TOTAL_AND_DIRECT = (
    "The total effect (Cox regression without the score) is how much more often patients who had used a class had an "
    "event at any time than patients who had not, by whatever way, a faster decline included. The direct effect (joint "
    "model) is that ratio between patients who have the same score at that moment: what goes by way of the score is "
    "left out of it. The two answer different questions and need not agree."
)
BASELINE = (
    "The score at the beginning is itself an outcome, since use came before it, and a step on the way to the event. "
    "Adjusting for it takes part of the effect away and can bring in confounding that was not there, so no model above "
    "does; below, that model stands as a sensitivity only, followed from the day of the first score."
)
CRUDE_AND_ADJUSTED = (
    "Crude and adjusted models differ in patients: the adjusted ones leave out who has an unknown covariate. The crude "
    "model of the adjusted model's patients differs from the adjusted one by adjustment alone"
)


def effect_columns(conf: str) -> Mapping[str, str]:
    """What stands above the columns of each kind of model."""
    return {
        Family.COX: f"Total effect, Cox: HR ({conf})",
        Family.JOINT: f"Direct effect, joint model: HR ({conf})",
    }


def form_of(form: str, patients: str) -> str:
    """A column by the form of its models, with their patients."""
    return f"{form} (n {patients})"


def counted_in(form: str, family: str) -> str:
    """Whose the counts are."""
    return f"Events and patients at a level are those of the {form} {family} model"


def ratios_against(never: str, feature: str) -> str:
    """The caption of the table of hazard ratios; ``feature``: of the score in the joint model, where there is one."""
    joint = f"; joint model by the {feature}" if feature else ""
    return f"Hazard ratios against {unexposed(never)}{joint}"


SENSITIVITIES, SENSITIVITY, FORM = "Sensitivities", "Sensitivity", "Form"
FROM_THE_DAY_AFTER, EVER = "from the day after qualifying", "ever"
COMPLETE_CASE = "Complete case, as the main models are"


def sensitivity(family: str, varies: str, what: str) -> str:
    """A row: which model, how it differs, and of which level."""
    return f"{family}, {varies}: {what}"


def in_main_model(conf: str) -> str:
    """The column of the model that is varied."""
    return f"In the main model: HR ({conf})"


# Each event

EACH_EVENT = "Hazard ratios of each event"
ABOUT_COMPETING = (
    "A cause-specific hazard ratio is about how often the event comes to those who have had none so far; a "
    "subdistribution hazard ratio (Fine and Gray) is about the share of all patients to whom it has come, which the "
    "other event lowers by coming first. The two part the more, the more frequent the other event is and the more it "
    "depends on use itself. Where patients enter late the second is weighted for it."
)


def cause_specific(conf: str) -> str:
    """A column."""
    return f"Cause-specific HR ({conf})"


def subdistribution(conf: str) -> str:
    """A column."""
    return f"Subdistribution HR ({conf})"


def ever_against(never: str, form: str) -> str:
    """Of which level and model the ratios are."""
    return f"Ever use against {unexposed(never)}, {form}; complete case. Other forms are among all estimates"


# The score

DECLINE = "Decline of the score"


def points(marker: str) -> str:
    """What the score is counted in."""
    return f"{marker}, points"


def decline_columns(conf: str) -> Mapping[str, str]:
    """What stands above the columns of each kind of model."""
    return {Family.MIXED: f"Mixed model ({conf})", Family.JOINT: f"Joint model ({conf})"}


def own_points(level: str, asked: Prognosis, *, slope: bool) -> str:
    """A row: the reference's own slope, or score at the beginning."""
    return f"{level}: points {_of_slope(asked, slope=slope)}"


def difference_in(level: str, asked: Prognosis, *, slope: bool) -> str:
    """A row: the difference of a level from the reference."""
    return f"{level}: difference {_of_slope(asked, slope=slope)}"


def _of_slope(asked: Prognosis, *, slope: bool) -> str:
    return "a month" if slope else f"at {origin(asked)}"


def about_decline(never: str, ever: str, only: str) -> str:
    """Of whom the two models are, and what the levels mean."""
    return (
        "The mixed model is of the scores that were measured; the joint model is of all patients, as if nobody died. A "
        f"negative difference is a steeper decline, or a lower score. {never}: from the crude models. Other forms are "
        f"among all estimates. {ever}; {only}: before diagnosis"
    )


def at_floor(n: float | None, share: str, floor: float) -> str:
    """How many scores are at the floor, and what that does to the association."""
    return (
        f"Of the scores used {formats.count(n)} ({share}) are at the floor, {formats.plain(floor)}. There they stop "
        "while patients go on declining, which a straight line takes for noise. Where many scores lie near the floor, "
        "read the association with that in mind."
    )


def floor_withheld(floor: float) -> str:
    """That it is withheld how many scores are at the floor, and what those do to the association."""
    return (
        f"How many of the scores used are at the floor, {formats.plain(floor)}, is withheld. There they stop while "
        "patients go on declining, which a straight line takes for noise."
    )


def whole_numbers(low: float, high: float) -> str:
    """What rounding and floor of delivered scores do to the association."""
    return (
        f"Delivered scores are whole numbers from {formats.plain(low)} to {formats.plain(high)}. At the floor they "
        "stop while patients go on declining, which a straight line takes for noise: in simulated patients with a "
        "course like that of ALS the joint model on delivered scores overstates the association of score and hazard "
        "by about a tenth, while the direct hazard ratios hardly move; without rounding and floor there is no such "
        "error. Where many scores lie near the floor, read the association with that in mind."
    )


# The fits

TOGETHER = "All classes together"
NUMBERS, LEFT_OUT = "Patients, events and scores of each model", "Left out (how many)"
WHO_IS_LEFT_OUT = "Complete case: who has an unknown covariate is left out of the adjusted models"
JOINT_FITS = "Joint models: association and convergence"
JOINT_MODEL, CONVERGENCE, ITERATIONS, RESIDUAL_SD = "Joint model", "Convergence", "Iterations", "Residual SD, points"
CONVERGED = "converged"
ABOUT_JOINT = (
    "Association: the ratio of hazards between patients one point of the score apart, the higher to the lower. A "
    "fit has converged when the log-likelihood can rise by less than 10⁻⁹ still (gᵀH⁻¹g)"
)


def association(conf: str) -> str:
    """The column of the association."""
    return f"Association, HR ({conf})"


def accuracy(nodes: str, times: str, shift: str) -> str:
    """What finer quadrature changes."""
    return (
        "Integrals over each patient's own course are sums over nodes. With four more nodes an axis (k to k + 4) no "
        f"log-likelihood changed by more than {nodes}, with twice the nodes in time by more than {times}; both "
        f"together move no estimate by more than {shift} standard errors"
    )


TESTS = "Tests between levels, and of proportional hazards"
TEST, P, STATISTIC = "Test", "p", "Statistic"
NO_GRAY = (
    "Gray's test between cumulative incidences is not made: it is not defined where patients come under follow-up "
    "late. The Fine-Gray models, which weigh for late entry, stand in its place"
)
NOT_PROPORTIONAL = (
    "Where hazards are not proportional a hazard ratio is an average over follow-up, and the difference in restricted "
    "means tells more. The tests of covariates are among the diagnostics"
)


def performance(numbers: Sequence[tuple[str, float]], note: str, calibration: str) -> str:
    """How well forecasts tell patients apart."""
    shown = ", ".join(f"{name} {formats.number(value)}" for name, value in numbers)
    text = f"How well such forecasts tell patients apart: {shown} ({note})."
    return " ".join(filter(None, (text, calibration, "That is in the patients of the fit, which flatters it.")))


def calibration(groups: Sequence[tuple[float | None, float | None]]) -> str:
    """Predicted beside observed risks, in groups of rising risk."""
    shown = "; ".join(
        f"{formats.percent(predicted)} predicted, {formats.percent(observed)} observed"
        for predicted, observed in groups
    )
    return f"From the lowest to the highest fifth of the predicted risks, {shown}."
