"""English for the figures of the course: survival, incidence, hazard ratios, the score, a forecast."""

from __future__ import annotations

from collections.abc import Sequence

from riskset.report import formats
from riskset.report.catalogue.english_course_levels import endpoints, origin, unexposed
from riskset.report.catalogue.english_front import event
from riskset.spec.models import Prognosis
from riskset.spec.words import capital

FREE_OF_EVENTS = "Free of events"
AT_RISK, EVENTS_SO_FAR = "At risk", "Events so far"
NUMBERS_IN_FILE = "The numbers are in the figure's file of data."


def years_from(asked: Prognosis) -> str:
    """An axis of time."""
    return f"Years from {origin(asked)}"


def months_from(asked: Prognosis) -> str:
    """An axis of time, in months."""
    return f"Months from {origin(asked)}"


def described(title: str, ends: str) -> str:
    """A figure for who does not see it."""
    return f"{title}: {ends}. {NUMBERS_IN_FILE}"


def ends_at(level: str, share: float, years: float) -> str:
    """Where a curve ends."""
    return f"{level} {formats.percent(share)} at {formats.number(years, 1)} years"


# Survival and incidence


def survival(title: str) -> str:
    """The title of a figure of survival."""
    return f"Survival, {title}"


def incidence(title: str) -> str:
    """The title of a figure of cumulative incidence."""
    return f"Cumulative incidence, {title}"


def share_with(cause: str) -> str:
    """An axis of shares."""
    return f"Share with {event(cause)}"


def cause_title(cause: str) -> str:
    """The heading of a panel."""
    return capital(event(cause))


def survival_is(asked: Prognosis, conf: str) -> str:
    """What curves of survival show."""
    return f"Share free of {endpoints(asked.endpoint)}, by use before diagnosis (Kaplan-Meier; bands: {conf}, log-log)."


NUMBERS_BELOW = "Below: patients at risk, and events so far."


def incidence_is(conf: str) -> str:
    """What curves of incidence show."""
    return f"Share with each event as the first (Aalen-Johansen: who has had the other is not censored; bands: {conf})."


def since(asked: Prognosis) -> str:
    """From whom curves are, where they begin late."""
    begin = asked.curves_from
    if not begin:
        return ""
    return f"Of those free of events {begin.words()} after {origin(asked)}, when the curves begin."


def until(few: int, years: float, one_in: int) -> str:
    """Where lines end."""
    return (
        f"Each line ends before the first time with fewer than {few} of its group at risk, and all by {years:.1f} "
        f"years, beyond which fewer than one in {one_in} are."
    )


def entering(later: float) -> str:
    """How many patients come under observation after the curves' beginning."""
    if not later:
        return ""
    return f"At the beginning those count who are under observation then; {formats.count(later)} more come later."


AXES_DIFFER = "The axes differ."


def nobody_had(without: Sequence[tuple[str, str]]) -> str:
    """Levels, each with an event that nobody of it had."""
    named = "; ".join(f"{level}: {event(cause)}" for level, cause in without)
    return f"Nobody had this event: {named}." if named else ""


def no_curve(few: int, levels: Sequence[tuple[str, int]]) -> str:
    """Levels without a curve, and their patients."""
    named = "; ".join(f"{level} ({_patients(n)})" for level, n in levels)
    return f"No curve, since never {few} at risk: {named}." if named else ""


def _patients(n: int) -> str:
    return "1 patient" if n == 1 else f"{formats.count(n)} patients"


# Hazard ratios

EFFECTS = "Total and direct effects"
TOTAL, DIRECT, PUBLISHED = "Total effect", "Direct effect", "Published"


def ratios_are(never: str, confidence: str) -> str:
    """What the figure of hazard ratios shows."""
    return (
        f"Hazard ratios of ever use against {unexposed(never)}. Points are estimates, lines their {confidence} "
        "confidence intervals; the scale is logarithmic and 1 is no difference."
    )


# The score

SURVIVORS = (
    "Scores exist only of those who live and come. Patients who decline fast die early, so at each later time those "
    "who are left are the ones who decline slowly: the mean of the scores measured falls less than patients do. That "
    "is survivors' bias. The mixed model allows for it in part, by each patient's own line; the joint model takes "
    "deaths into the account too. The mean while alive is of those who live to that time; the mean as if nobody died "
    "is of all patients at the beginning: nobody can observe it, but its slope is that of a patient's own decline. "
    "Where use goes along with earlier death the two groups lose their fast decliners at different rates, so that even "
    "a difference between means of survivors can be survivors' bias; as far as the joint model holds, the difference "
    "as if nobody died is free of it."
)
MEASURED, JOINT_MODEL = "Measured", "Joint model"
FLOOR_NOT_SHOWN = "The axis of the score does not begin at its floor."


def mean_score(marker: str, title: str) -> str:
    """The title of a figure of the score."""
    return f"Mean {marker}, {title}"


def scores_are(conf: str) -> str:
    """What the figure of the score shows."""
    return (
        f"Left: plain means of three months of scores (points) and the mixed model of what was measured (lines, {conf}"
        "). Right: the joint model, mean while alive (solid) and as if nobody died (broken), both with limits. Not "
        "adjusted for anything."
    )


def scores_described(title: str, at_a_year: Sequence[tuple[str, float]]) -> str:
    """A figure of the score for who does not see it; the mean of each level at a year."""
    means = "; ".join(f"{level} {formats.number(mean, 1)}" for level, mean in at_a_year)
    return f"{title} in points. The mixed model at 12 months: {means}. {NUMBERS_IN_FILE}"


# A forecast

NOBODY = (
    "These patients are nobody: they are made up, never exposed, of mean age and at the reference of every other "
    "covariate, with scores that the model expects and with scores that fall faster. A forecast is updated with each "
    "visit; its limits hold the uncertainty of the model and of the one patient's own course. No advice to anyone."
)


def forecast(patients: int) -> str:
    """The title of the forecast."""
    return f"A forecast for {'two ' if patients == 2 else ''}invented patients"


def outlook(
    name: str, scores: Sequence[float], ahead: float, share: float, low: float | None, high: float | None
) -> str:
    """What is expected of an invented patient."""
    so_far = ", ".join(map(formats.plain, scores))
    return (
        f"{capital(name)}, scores {so_far}: free of events {formats.plain(ahead)} months later "
        f"{formats.percent(share)} ({formats.percent(low)} to {formats.percent(high)})"
    )


def forecast_is(outlook: str, confidence: str) -> str:
    """What the figure of the forecast shows."""
    return (
        f"{outlook}. Points are their visits, lines what the joint model expects after the last one, bands "
        f"{confidence} limits. The expected score is the line's, and not held to the score's range."
    )
