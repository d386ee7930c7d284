"""English of the front's methods to paste, and of strengths and limitations, each with its number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import assert_never

from riskset.report import formats
from riskset.report.catalogue.english_covariates import label_of_name
from riskset.report.catalogue.english_design import event_short, register_words
from riskset.report.catalogue.english_front import conf, event, listed, period
from riskset.report.catalogue.english_measures import INDEX_DATE, report_words
from riskset.spec import words
from riskset.spec.design import (
    Controls,
    Event,
    GivenControls,
    PopulationControls,
    SiblingControls,
    SpouseControls,
)
from riskset.spec.measures import Exposure, Measure
from riskset.spec.models import ConditionalLogistic, Prognosis
from riskset.spec.study import Study
from riskset.spec.wording import label_of

TITLE, PASTE = "Methods", "Ready to paste"


def day(value: date) -> str:
    """``June 30, 2023``."""
    return formats.day(value)


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
        what, index = f"with a {first} {event_short(event, study)}", "dispensing date"
    else:
        register = register_words(study, event.registry) if event.registry else ""
        where = f" in {register}" if register else f" ({event_short(event, study)})"
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
        parts.append(f"had no {event_short(washout.event, study)}{within}")
    return f"On that date, all {listed(parts)}." if parts else ""


def widest(events: Sequence[Event]) -> list[Event]:
    """Events without those that another one of them holds."""
    return [event for event in events if not any(event != other and other == event.wider() for other in events)]


def controls_sentences(study: Study) -> list[str]:
    """One sentence for each group of controls, and what all are free of."""
    free = listed([f"of {event_short(event, study)}" for event in widest(study.cases.freedom())], "and")
    kin = [isinstance(one, SiblingControls | SpouseControls) for one in study.controls]
    further = ["Another" if any(kin[1:i]) else "A further comparison" for i in range(len(kin))]
    return [_controls(one, free, further[i], first=i == 0) for i, one in enumerate(study.controls)]


def _controls(controls: Controls, free: str, further: str, *, first: bool) -> str:
    """A group of controls; ``further``: what uses it, where it is a further group of relatives."""
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
                f"{further} used all eligible {who}{when}, {at_risk}."
                if not first
                else (f"Controls were all {who}{when}, {at_risk}.")
            )
        case SpouseControls():
            who = "the spouse or cohabiting partner"
            return f"{further} used {who}, {at_risk}." if not first else f"Controls were {who}, {at_risk}."
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
    end = "the symptom onset of the case" if study.anchor == "onset" else INDEX_DATE
    return [*dict.fromkeys(report_words(measure, end=end).method for measure in measures)]


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
        timed, *rest = (label_of_name(study, name) for name in always)
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
    ends = [event(one) for one in asked.endpoint]
    ends += [] if "death" in asked.endpoint else ["death"]
    last = day(date.fromordinal(until.toordinal() - 1))
    text = f"Patients were followed up from {entry} to {', '.join(ends)}, emigration, or {last}"
    text += ", with time counted from symptom onset" if asked.origin == "onset" else ""
    lag = f", counting use more than {asked.lag.words()} before diagnosis" if asked.lag else ""
    covariates = [label_of_name(study, name) for name in asked.adjust]
    models = "Cox regression gave total effects"
    if joint and asked.marker:
        marker = label_of_name(study, asked.marker)
        models += f", and a joint model of {marker} and time to event gave direct effects"
    given = f", adjusted for {listed(covariates)}" if covariates else ""
    return [f"{text}.", f"{models}{lag}{given}."]


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


def made_of(study: str, registers: str, code: str, delivered: date | None, ran: date | None) -> str:
    """Fingerprints and dates; those that are not known are left out."""
    parts = [f"The study description has fingerprint {study}"]
    if registers:
        parts.append(f"the registers {registers}" + (f" imported by code {code}" if code else ""))
    text = " and ".join(parts) + " (SHA-256, first 16 digits)."
    dates = []
    if delivered is not None:
        dates.append(f"Registers were delivered on {day(delivered)}")
    if ran is not None:
        dates.append(f"{'analyses' if dates else 'Analyses'} were run on {day(ran)}")
    return f"{text} {', and '.join(dates)}." if dates else text
