"""English of the front's methods to paste, and of strengths and limitations, each with its number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import assert_never

from riskset.report import formats
from riskset.report.catalogue.english_course import covariate_name
from riskset.report.catalogue.english_design import event_short
from riskset.report.catalogue.english_front import conf, first_capital, listed, period
from riskset.report.formats import AMERICAN
from riskset.spec import words
from riskset.spec.design import (
    Controls,
    Event,
    GivenControls,
    PopulationControls,
    SiblingControls,
    SpouseControls,
)
from riskset.spec.measures import AnyUse, Count, DefinedDailyDoses, Ever, Exposure, FirstUse, Measure, Recency
from riskset.spec.models import ConditionalLogistic, Prognosis
from riskset.spec.study import Study
from riskset.spec.wording import label_of, label_of_name

TITLE, PASTE = "Methods", "Ready to paste"
STRENGTHS_TITLE, STRENGTHS, LIMITATIONS = "Strengths and Limitations", "Strengths", "Limitations"


def day(value: date) -> str:
    """``June 30, 2023``."""
    return formats.day(value, AMERICAN)


def counted_word(n: int) -> str:
    """A small number as it begins a list of comparisons: ``Three``."""
    names = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
    return names[n] if n < len(names) else str(n)


def design() -> str:
    """What kind of study it is."""
    return "We conducted a nested case-control study in linked registers."


def case_sentence(study: Study, outcome: str) -> str:
    """Who was a case, when, and what the index date was."""
    low, high = study.eligibility.age
    event = study.cases.first
    when = period(study.period.start, study.period.stop)
    if event.death:
        what, index = f"who had died ({outcome}), from", "date of death"
        return f"Cases were all persons aged {low} to {high} years {what} {when}; the {index} was the index date."
    if event.atc:
        first = "first" if event.record == 1 else words.ordinal(event.record)
        what, index = f"with a {first} {event_short(event)}", "dispensing date"
    else:
        where = f" in the quality register {event.registry}" if event.registry else f" ({event_short(event)})"
        what, index = f"with a first {outcome} diagnosis{where}", "diagnosis date"
    return f"Cases were all persons aged {low} to {high} years {what} from {when}; the {index} was the index date."


def eligibility_sentence(study: Study) -> str:
    """Further rules that cases and controls met; empty without any."""
    rule = study.eligibility
    parts = []
    if rule.min_residence:
        parts.append(f"had been resident for {rule.min_residence.words()} without a gap")
    if rule.min_history:
        parts.append(f"had {rule.min_history.words()} of dispensing history")
    for washout in rule.washout:
        within = f" in the {washout.within.words()} before" if washout.within is not None else " before"
        parts.append(f"had no {event_short(washout.event)}{within}")
    return f"On that date, all {listed(parts)}." if parts else ""


def widest(events: Sequence[Event]) -> list[Event]:
    """Events without those that another one of them holds."""
    return [event for event in events if not any(event != other and other == event.wider() for other in events)]


def controls_sentences(study: Study) -> list[str]:
    """One sentence for each group of controls, and what all are free of."""
    free = listed([f"of {event_short(event)}" for event in widest(study.cases.freedom())], "and")
    return [_controls(one, free, first=i == 0) for i, one in enumerate(study.controls)]


def _controls(controls: Controls, free: str, *, first: bool) -> str:
    at_risk = f"alive, resident, and free {free} on that date" if first else "at risk on that date"
    match controls:
        case PopulationControls():
            how = "with replacement" if controls.replacement else "without replacement"
            named = f" ({words.plain(controls.name)})" if controls.name else ""
            return (
                f"For each case, up to {controls.ratio} population {_noun(controls.ratio)}{named} were drawn by "
                f"incidence-density sampling {how} from persons {at_risk}{_matched(controls)}."
            )
        case GivenControls():
            most = f", up to {controls.ratio} per case," if controls.ratio is not None else ""
            return f"Controls{most} were drawn by the data holder from persons {at_risk}{_matched(controls)}."
        case SiblingControls(half=half, at=at):
            who = {False: "full siblings", True: "full and half siblings", "only": "half siblings"}[half]
            when = "" if at == "index date" else ", on the day when they were as old as the case"
            return (
                f"A further comparison used all eligible {who}{when}, {at_risk}."
                if not first
                else (f"Controls were all {who}{when}, {at_risk}.")
            )
        case SpouseControls():
            who = "the spouse or cohabiting partner"
            return f"A further comparison used {who}, {at_risk}." if not first else f"Controls were {who}, {at_risk}."
        case _:
            assert_never(controls)


def _noun(ratio: int) -> str:
    return "control" if ratio == 1 else "controls"


def _matched(controls: PopulationControls | GivenControls) -> str:
    keys = [words.plain(key) for key in controls.match]
    keys += [f"birth date within {controls.caliper.words()}"] if controls.caliper is not None else []
    return f", matched on {listed(keys)}" if keys else ""


def use_sentences(exposures: Sequence[Exposure], start: date | None) -> list[str]:
    """What counted as use of which medicines, since when."""
    since = f" since {day(start)}" if start is not None else ""
    sentences = []
    for at_least in dict.fromkeys(e.at_least for e in exposures):
        alike = [e for e in exposures if e.at_least == at_least]
        medicines = listed([f"{label_of(e)} (ATC {_codes(e)})" for e in alike], "or")
        if at_least == 1:
            sentences.append(f"Use was a dispensing of {medicines}{since}.")
        else:
            marked = f"the {words.ordinal(at_least)} marked first use"
            sentences.append(
                f"Use was {at_least} or more dispensings on separate dates of {medicines}{since}; {marked}."
            )
    return sentences


def _codes(exposure: Exposure) -> str:
    without = f" without {listed(exposure.codes.without)}" if exposure.codes.without else ""
    return f"{listed(exposure.codes.prefixes)}{without}"


def measure_sentences(study: Study, measures: Sequence[Measure]) -> list[str]:
    """How use was measured, each measure once."""
    end = "the symptom onset of the case" if study.anchor == "onset" else "the index date"
    return [*dict.fromkeys(_measured(measure, end) for measure in measures)]


def _measured(measure: Measure, end: str) -> str:
    match measure:
        case Ever(lag=lag):
            return (
                f"Ever use excluded the {_last(lag.words())} before {end}."
                if lag
                else f"Ever use was use before {end}."
            )
        case FirstUse(cuts=cuts):
            return f"Time from first use to {end} was divided at {listed([cut.words() for cut in cuts])}."
        case Recency(cuts=cuts):
            return f"Time from last use to {end} was divided at {listed([cut.words() for cut in cuts])}."
        case AnyUse():
            return f"Any use was measured {_window(measure, end)}."
        case Count():
            return f"Dispensing dates were counted {_window(measure, end)}."
        case DefinedDailyDoses():
            return f"Defined daily doses were summed {_window(measure, end)}."
        case _:
            assert_never(measure)


def _last(length: str) -> str:
    return "year" if length == "1 year" else length


def _window(measure: AnyUse | Count | DefinedDailyDoses, end: str) -> str:
    lag, lookback = measure.lag, measure.lookback
    if lookback is None:
        return f"up to {lag.words()} before {end}" if lag else f"at any time before {end}"
    return (
        f"from {lookback.words()} to {lag.words()} before {end}" if lag else f"in the {lookback.words()} before {end}"
    )


def run_in_sentence(study: Study) -> str:
    """The run-in; empty without one."""
    length = study.eligibility.run_in
    if not length:
        return ""
    return f"No index date fell in the first {length.words()} of the dispensing register (run-in)."


def model_sentence(study: Study, models: Sequence[ConditionalLogistic], *, together: bool, adjusted: bool) -> str:
    """The model of the risk: what is in it, and in relatives' also."""
    covariates = [name for model in models for name in model.adjust] if adjusted else []
    inside = [f"all {len(study.exposures)} classes"] if together and len(study.exposures) > 1 else []
    inside += [label_of_name(study, name) for name in dict.fromkeys(covariates)]
    text = (
        f"Odds ratios (ORs) and {conf(study.conf_level)}s came from conditional logistic regression within matched sets"
    )
    text += f", including {listed(inside)}" if inside else ""
    kin = [c for c in study.controls if isinstance(c, SiblingControls | SpouseControls)]
    for always in dict.fromkeys(c.always for c in kin):
        who = " and ".join(
            dict.fromkeys(
                "siblings" if isinstance(c, SiblingControls) else "spouses" for c in kin if c.always == always
            )
        )
        timed, *rest = (words.plain(name) for name in always)
        text += f"; in {who}, also {timed} (natural spline) and {listed(rest)}"
    return f"{text}."


def estimand_sentence(controls: Sequence[Controls]) -> str:
    """What the odds ratios estimate; empty where no design says it."""
    sampled = [c for c in controls if isinstance(c, PopulationControls)]
    parts = []
    if any(c.replacement for c in sampled):
        parts.append("By this sampling, the OR against population controls estimates the time-averaged hazard ratio.")
    elif sampled:
        parts.append("Sampled without replacement, the OR approximates the hazard ratio.")
    if any(isinstance(c, SiblingControls | SpouseControls) for c in controls):
        parts.append("ORs in relatives compare kin within a set.")
    return " ".join(parts)


def followup_sentences(study: Study, asked: Prognosis, *, joint: bool) -> list[str]:
    """From when to when patients were followed, and by what models."""
    entry = "the later of diagnosis and registration" if asked.entry == "registration" else "diagnosis"
    until = asked.until or study.period.stop
    ends = [_ENDS[one] for one in asked.endpoint]
    ends += [] if "death" in asked.endpoint else ["death"]
    last = day(date.fromordinal(until.toordinal() - 1))
    text = f"Patients were followed up from {entry} to {', '.join(ends)}, emigration, or {last}"
    text += ", with time counted from symptom onset" if asked.origin == "onset" else ""
    lag = f", counting use more than {asked.lag.words()} before diagnosis" if asked.lag else ""
    covariates = [covariate_name(study, name) for name in asked.adjust]
    models = "Cox regression gave total effects"
    if joint and asked.marker:
        marker = label_of_name(study, asked.marker)
        models += f", and a joint model of {marker} and time to event gave direct effects"
    given = f", adjusted for {listed(covariates)}" if covariates else ""
    return [f"{text}.", f"{models}{lag}{given}."]


_ENDS = {"death": "death", "invasive_ventilation": "invasive ventilation"}


def analysis_sentence(models: Sequence[ConditionalLogistic]) -> str:
    """How missing values, intervals and multiplicity were dealt with."""
    missing = {model.missing for model in models}
    complete = "with a level for missing values" if missing == {"level"} else "complete case"
    extra = []
    if any(model.robust for model in models):
        extra.append("robust standard errors clustered by set")
    if any(model.interval == "profile" for model in models):
        extra.append("profile-likelihood CIs")
    more = f", used {listed(extra)}," if extra else ""
    return f"Analyses were {complete}, 2-sided{more}, and not corrected for multiplicity."


def made_with(software: Sequence[str], seed: int) -> str:
    """Software, versions and seed."""
    return f"Analyses used {listed(software)}, with random seed {seed}." if software else f"The random seed was {seed}."


def made_of(study: str, registers: str, delivered: date | None, ran: date | None) -> str:
    """Fingerprints and dates; those that are not known are left out."""
    parts = [f"The study description has fingerprint {study}"]
    if registers:
        parts.append(f"the registers {registers}")
    text = " and ".join(parts) + " (SHA-256, first 16 digits)."
    dates = []
    if delivered is not None:
        dates.append(f"Registers were delivered on {day(delivered)}")
    if ran is not None:
        dates.append(f"{'analyses' if dates else 'Analyses'} were run on {day(ran)}")
    return f"{text} {', and '.join(dates)}." if dates else text


# Strengths


def whole_population(n: int, event: Event) -> str:
    """All cases, and controls from those at risk."""
    return f"All {formats.count(n)} eligible cases of the period, with controls from those at risk on the same date"


def before_diagnosis(n: int) -> str:
    """No recall bias."""
    return f"Use of {formats.count(n)} members of sets recorded before the index date, so no recall bias"


def comparisons(n: int) -> str:
    """Several kinds of controls."""
    return f"{counted_word(n)} comparisons with different biases"


def lag(length: str) -> str:
    """A lag against early symptoms."""
    return f"A lag of {length}, so that use begun within it does not count as ever use"


def audited(checks: int) -> str:
    """No check of the matched sets failed."""
    return f"No violation in {formats.count(checks)} checks of the matched sets against the registers"


def recovered(hold: int, of: int) -> str:
    """In a synthetic nation, what was planted was found again."""
    return f"Planted truth printed beside the estimates that target it: {hold} of {of} CIs contain it"


# Limitations


def share(value: float) -> str:
    """``19.6%``."""
    return formats.percent(value, 1, AMERICAN)


def indication(name: str, cases: float, controls: float, smd: float) -> str:
    """A diagnosis that cases had more or less often, though models adjust for it."""
    return (
        f"Residual confounding: {share(cases)} of cases and {share(controls)} of controls had {_article(name)} "
        f"(SMD, {formats.number(smd)}), adjusted for as recorded"
    )


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def imbalance(name: str, who: str, smd: float) -> str:
    """A covariate in which groups differ that no model adjusts for."""
    return (
        f"{first_capital(name)} differed in the {who} comparison (SMD, {formats.number(smd)}) and was not adjusted for"
    )


def in_run_in(low: float, high: float, length: str) -> str:
    """Prevalent use."""
    return f"{_ends(low, high)} of first uses fell in the run-in of {length}, so time since first use is a minimum"


def _ends(low: float, high: float) -> str:
    ends = [formats.percent(value, 0, AMERICAN) for value in (low, high)]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def missing(name: str, value: float, who: str) -> str:
    """Missing values of a covariate."""
    return f"{first_capital(name)} missing for {share(value)} of {who}"


def few_exposed(named: Sequence[tuple[str, int]], more: int) -> str:
    """Levels with few exposed cases."""
    shown = "; ".join(f"{phrase}, {n}" for phrase, n in named)
    others = f"; and {more} more" if more else ""
    return f"Few exposed cases: {shown}{others}"


def truncated(value: float) -> str:
    """Windows that reach past the beginning of history."""
    return f"Windows reached past the start of recorded history for {share(value)} of people"


def without_doses(value: float, name: str) -> str:
    """Dispensings without an amount."""
    return f"{share(value)} of dispensings of {name} had no defined daily dose and added nothing"


def silent(table: str, days: float) -> str:
    """A register without rows at its end."""
    return f"The register of {words.plain(table)}s has no record in the last {formats.count(days)} days of the study"


def may_react(n: int) -> str:
    """Windows in which a spouse may react to the illness."""
    noun = "estimate concerns" if n == 1 else "estimates concern"
    return (
        f"{n} spouse {noun} use close to the index date, when a spouse may start treatment in response to the illness"
    )


def late_entry(n: int, of: int, days: float | None) -> str:
    """Delayed entry."""
    wait = f", a median of {formats.count(days)} days from diagnosis to entry" if days is not None else ""
    return f"Delayed entry: {formats.count(n)} of {formats.count(of)} patients entered after diagnosis{wait}"


def not_proportional(classes: Sequence[tuple[str, float]]) -> str:
    """Hazard ratios that are averages over follow-up, each class with the p of its test."""
    named = listed([f"{name} ({formats.p_phrase(p)})" for name, p in classes])
    several = len(classes) > 1
    return (
        f"Test of proportional hazards: the HR{'s' if several else ''} of {named} changed over follow-up and "
        f"{'are averages' if several else 'is an average'}"
    )


def without_score(value: float, marker: str) -> str:
    """Patients whose marker was never measured."""
    return f"No {marker} score for {share(value)} of patients"
