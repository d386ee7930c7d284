"""English of the front's picture of the design: windows, brackets, and what happens on which day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import assert_never

from riskset.report import formats
from riskset.report.catalogue.english_covariates import labels_of
from riskset.report.catalogue.english_front import endpoints, listed
from riskset.report.catalogue.english_measures import report_words
from riskset.spec import words
from riskset.spec.design import (
    Controls,
    Eligibility,
    Event,
    GivenControls,
    MatchKey,
    PopulationControls,
    SiblingControls,
    SpouseControls,
)
from riskset.spec.levels import LAG_ONLY, Window
from riskset.spec.measures import Covariate, Measure
from riskset.spec.measures import DiagnosisCovariate as Diagnosis
from riskset.spec.measures import DispensingCovariate as Dispensing
from riskset.spec.models import Prognosis
from riskset.spec.study import Study
from riskset.spec.time import Duration
from riskset.spec.wording import label_of
from riskset.spec.words import capital

TITLE, FIGURE = "Design", "Study design"
PICTURE = "Study design diagram"
START, REGISTER = "Prescription register starts", "[register start"
RUN_IN, RUN_IN_ENDS, NO_INDEX_DATES = "Run-in", "Run-in ends", "no index dates"
FOLLOW_UP_ENDS = "End of follow-up"
EXPOSURE, COVARIATES, EXCLUSION, ELIGIBILITY, DAY_0 = "Exposure", "Covariates", "Exclusion", "Eligibility", "Day 0"
PATIENTS_EXPOSURE = "Exposure\nof patients"
FOLLOW_UP = "Follow-up\nof patients"
ONSET, AFTER_ONSET = "Symptom onset of the case", ("After onset", "not counted")
NOT_TO_SCALE = "Time axis not to scale. A bracket includes its day; a parenthesis does not."
HATCHED = "Hatched: not counted."
OPENS = "Arrowheads: back to the start of the register."
MINUS = "−"
NEW_LINE = "\n"

_UNITS = {"d": "d", "w": "wk", "m": "mo", "y": "y"}


def short(length: Duration) -> str:
    """``18 mo``, with a space that does not break."""
    return f"{length.count}\u00a0{_UNITS[length.unit]}"


def mark(length: Duration, *, onset: bool) -> str:
    """The name of a day before day 0, on the axis."""
    return f"{'Onset' if onset else 'Day'} {MINUS}{short(length)}"


def day_short(day: date) -> str:
    """``Jun 30, 2023``."""
    return formats.day(day).replace(f"{day:%B}", f"{day:%B}"[:3], 1)


def day_before(day: date) -> date:
    """The last day of what ends before a day."""
    return day - timedelta(days=1)


def bracket(window: Window, start: str = REGISTER) -> str:
    """``[−5 y, −1 y)``, ``[register start, day −1]``."""
    far = f"[{MINUS}{short(window.lookback)}" if window.lookback is not None else start
    return f"{far}, {f'{MINUS}{short(window.lag)})' if window.lag else f'day {MINUS}1]'}"


def to_diagnosis(lag: Duration) -> str:
    """A window of use that ends before diagnosis, whatever day the others end at."""
    return f"{REGISTER}, diagnosis{f' {MINUS}{short(lag)}' if lag else ''})"


def measure_label(measure: Measure, classes: Sequence[str]) -> str:
    """What stands before the windows of a measure; the classes that have it where not all do."""
    name = f" ({words.plain(measure.name)})" if measure.name else ""
    few = list(classes) if len(classes) <= _MOST else [*classes[: _MOST - 1], f"{len(classes) - _MOST + 1} others"]
    return f"{EXPOSURE}\n{report_words(measure).drawn}{name}{f' of {listed(few)}' if few else ''}"


_MOST = 3


def lag_words(measure: Measure) -> tuple[str, str]:
    """The stretch between a window and day 0, and what becomes of use in it."""
    alone = "level" if LAG_ONLY in measure.estimated else "exclude" if measure.excludes_lag_only else "reference"
    return "Lag", _IN_LAG[alone]


def patients_lag(asked: Prognosis) -> tuple[str, str]:
    """The same of the prognosis."""
    return "Lag", _IN_LAG[asked.lag_only]


_IN_LAG = {
    "reference": "not counted",
    "level": "use in it alone: a level",
    "exclude": "use in it alone: excluded",
}


PATIENTS_USE = "Ever use before diagnosis"


def covariate_words(covariate: Covariate) -> str:
    """``Psychiatric diagnosis (ICD-10 F)``."""
    name = label_of(covariate)
    codes = words.icd10(covariate.icd10) if isinstance(covariate, Diagnosis) else f"ATC {listed(covariate.codes.atc)}"
    times = (
        f", {covariate.at_least} dispensings" if isinstance(covariate, Dispensing) and covariate.at_least > 1 else ""
    )
    return f"{name[:1].upper()}{name[1:]} ({codes}{times})"


LAST_RECORD = "last record before the index year"


def built_in(names: Sequence[str]) -> str:
    """Built-in covariates."""
    return capital(", ".join(labels_of(names)))


def recorded(names: Sequence[str]) -> str:
    """Covariates as on day 0."""
    return f"Recorded: {', '.join(labels_of(names))}"


def eligible(rule: Eligibility) -> str:
    """Whom day 0 finds eligible."""
    low, high = rule.age
    return f"Eligible: alive, resident, aged {low}–{high} years"


_KEYS: dict[MatchKey, str] = {
    "sex": "sex",
    "birth_year": "birth year",
    "county": "county",
    "country_of_birth": "country of birth",
    "history": "length of history",
}


def matched(controls: PopulationControls | GivenControls, *, several: bool) -> str:
    """What controls share with their case, and whose where there are several kinds."""
    keys = [_KEYS[key] for key in controls.match]
    if controls.caliper is not None:
        keys.append(f"birth date within {controls.caliper.words()}")
    whose = f" ({words.plain(controls.comparison)})" if several else ""
    return f"Matched{whose}: {', '.join(keys) or 'on the date alone'}"


def register_words(study: Study, name: str) -> str:
    """A quality register: by its name, raw as it is delivered, only where the study reads several."""
    washouts = [washout.event for washout in study.eligibility.washout]
    events = (study.cases.first, *study.cases.freedom(), *washouts)
    names = {event.registry for event in events} | {study.prognosis.registry if study.prognosis else None}
    return "the quality register" if len(names - {None}) < 2 else f"the quality register {words.plain(name)}"


def event_short(event: Event, study: Study) -> str:
    """What must not have happened, in a few words."""
    if event.registry:
        of = listed(event.diagnosis, "or") if event.diagnosis else "any record"
        return f"{of} in {register_words(study, event.registry)}"
    if event.icd10:
        return words.icd10(event.icd10)
    if event.atc:
        return f"dispensing of ATC {listed(event.atc, 'or')}"
    return f"death from {words.icd10(event.cause)}" if event.cause else "death"


def earlier(outcome: str, free_of: Sequence[Event], study: Study) -> tuple[str, str]:
    """The exclusion of prevalent cases, and of controls with the disease."""
    also = f"; in controls, also {listed([event_short(event, study) for event in free_of], 'or')}" if free_of else ""
    return f"Earlier {outcome}{also}", "through day 0"


def without(event: Event, within: Duration | None, study: Study) -> tuple[str, str]:
    """A washout."""
    back = f"[{MINUS}{short(within)}, day {MINUS}1]" if within is not None else f"at any time through day {MINUS}1"
    what = event_short(event, study)
    return f"{what[:1].upper()}{what[1:]}", back


def resident(length: Duration) -> tuple[str, str]:
    """Time under observation."""
    return "Resident without a gap", f"[{MINUS}{short(length)}, day 0]"


def history(length: Duration) -> tuple[str, str]:
    """Time with dispensing history."""
    return "Dispensing history", f"[{MINUS}{short(length)}, day 0]"


def index_date(study: Study, outcome: str) -> str:
    """What happens on the index date."""
    event = study.cases.first
    what = "death" if event.death else outcome if event.atc else f"{outcome} diagnosis"
    return f"Index date: {what} of the case"


def followed(asked: Prognosis, stop: date) -> tuple[str, str]:
    """What follow-up waits for, and how it begins and ends, at the latest on the day before ``stop``."""
    text = endpoints(asked)
    entry = "registration" if asked.entry == "registration" else "diagnosis"
    ends = ["event", *([] if "death" in asked.endpoint else ["death"]), "emigration", day_short(day_before(stop))]
    return capital(text), f"[{entry}, first of {listed(ends, 'and')}]"


def entry(asked: Prognosis) -> str:
    """When patients come under follow-up, and from when time is counted."""
    if asked.entry == "registration":
        text = "Starts at the later of diagnosis and registration (delayed entry)"
    else:
        text = "Starts at diagnosis"
    return f"{text}; time counts from onset" if asked.origin == "onset" else text


def compared(controls: Sequence[Controls], event: Event) -> str:
    """Who was compared with whom, and what controls share with their case."""
    day = "the day of death" if event.death else "the index date" if event.atc else "the day of diagnosis"
    could = "who could have become a case that day but did not"
    shared = list(dict.fromkeys(_shared(one) for one in controls))
    first = f"Cases were compared, on {day}, with people {could}."
    if len(shared) < 2:
        return f"{first} Controls shared {shared[0]} with their case." if shared else first
    return f"{first} Each group of controls shares something else with the case: {listed(shared, 'or')}."


def _shared(controls: Controls) -> str:
    match controls:
        case PopulationControls() | GivenControls():
            keys = ["age" if key == "birth_year" else _KEYS[key] for key in controls.match]
            if controls.caliper is not None:
                keys.append("age")
            return listed(sorted(keys, key=lambda key: key != "age")) if keys else "nothing but the date"
        case SiblingControls(half=half):
            return "one parent" if half == "only" else "parents"
        case SpouseControls():
            return "a household"
        case _:
            assert_never(controls)


SHARED_DAY = "Windows of exposures and covariates end before the index date, which a case and its controls share."
SHARED_ONSET = (
    "Windows of exposures and covariates end before the symptom onset of the case, which its controls are given."
)
SAME_AGE = "Siblings at the same age have the day on which they were as old as the case as their own day 0."


def second_marks(at_least: int) -> str:
    """What makes a user."""
    return f"Use starts at the {words.ordinal(at_least)} dispensing on a separate date."


def described(rows: Sequence[tuple[str, Sequence[str]]], anchor: str) -> str:
    """The picture for those who do not see it."""
    rows_in_words = "; ".join(
        f"{label.replace(NEW_LINE, ' ')}: {', '.join(texts)}" if label else ", ".join(texts) for label, texts in rows
    )
    return f"Time runs from left to right; {anchor} is a heavy line. {rows_in_words}."
