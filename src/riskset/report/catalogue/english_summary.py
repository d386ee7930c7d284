"""English for the summary in plain language: what was asked, what was found of each class, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from riskset.report import formats
from riskset.report.catalogue.english_lines import listed
from riskset.results.vocabulary import Form
from riskset.spec.design import Cases, Event
from riskset.spec.study import Study
from riskset.spec.words import capital

ODDS_RATIOS_BELOW = "the reason stands in the notes below the table of odds ratios"
EFFECT_UNKNOWN = "estimate"
"""What an estimate on a scale without a name of its own is called."""


def event_noun(event: Event) -> str:
    """What happened to the cases, as a noun."""
    if event.death:
        return "death"
    return "the event" if event.atc else "the disease"


def disease_words(cases: Cases) -> str:
    """The cases as a lay reader would name them: ``people with ALS``."""
    event = cases.first
    if cases.label:
        return f"people with {cases.label}"
    if event.registry:
        return f"people with {' or '.join(event.diagnosis) or event.registry.replace('_', ' ')}"
    if event.icd10:
        return f"people with a diagnosis of {' or '.join(event.icd10)}"
    if event.atc:
        return f"people who were dispensed {' or '.join(event.atc)}"
    return "people who died" + (f" of {' or '.join(event.cause)}" if event.cause else "")


def association(event: Event) -> str:
    """Association, not cause, and why."""
    return (
        f"These are associations. They do not show that a medicine causes {event_noun(event)}: the reason for the "
        "prescription, early signs that came before the index date, and differences between people that registers do "
        "not hold can all make use more common among cases."
    )


# What was asked


def asked(questions: Sequence[tuple[str, Sequence[str]]], *, same_age: bool, anchor: str) -> str:
    """What was measured of each class, in plain words.

    Parameters
    ----------
    questions : each question with the classes of which it was asked
    same_age : whether siblings have as their own day the one on which they were as old as the case
    anchor : which day of the case is its date
    """
    day = "on which the case became one" if anchor == "index date" else "of the case's first symptoms"
    shown = [f"{what} ({listed(names)})" if len(questions) > 1 else what for what, names in questions]
    classes = sum(len(names) for _, names in questions)
    whom = "each drug class" if classes > 1 else "the drug class"
    if same_age:
        date = f"A case has as its date the day {day}, a sibling the day on which it was as old"
    else:
        date = f"A case and its controls share one date, the day {day}"
    return f"{date}. For {whom} we asked of everyone {'; '.join(shown)}."


def fewer_in_models(cases: str, controls: str, *, lag_only: bool) -> str:
    """That the models of the summary hold fewer people than were compared, and why."""
    return (
        f"The numbers below are of {cases} of these cases and {controls} of these controls: {_left_out(lag_only)} are "
        "left out of the adjusted model, and with them sets that lose their case or all controls."
    )


def some_left_out(*, lag_only: bool) -> str:
    """That the models of the summary may hold fewer people than were compared, where it is withheld how many."""
    return (
        f"How many of these cases and controls the numbers below are of is withheld: {_left_out(lag_only)} are left "
        "out of the adjusted model, and with them sets that lose their case or all controls."
    )


def _left_out(lag_only: bool) -> str:
    return "people with an unknown covariate" + (", or with use inside the lag only," if lag_only else "")


# What was found

ANY_AMOUNT = "any amount"


def in_model(model: str) -> str:
    """Which model the sentences after it are of."""
    return f"In the model {model}:"


def exposed(number: int, of: int, who: str) -> str:
    """``182 of 1,057 cases (17.2%)``."""
    return f"{formats.count(number)} of {formats.count(of)} {who} ({formats.percent(number / of)})"


def shares(name: str, use: str, parts: Sequence[str], withheld: Sequence[str] = ()) -> str:
    """How many cases and controls had used a class.

    Parameters
    ----------
    parts : of those who were counted; none where nobody was
    withheld : of whom it is withheld
    """
    if withheld:
        of = f" of the {listed(withheld)}" if parts else ""
        given = f"Use of {name} ({use}): {' and '.join(parts)}. " if parts else ""
        return f"{given}How many{of} had used {name}{'' if parts else f' ({use})'} is withheld."
    if not parts:
        return f"How many had used {name} ({use}) was not counted."
    return f"Use of {name} ({use}): {' and '.join(parts)}."


def not_estimated(name: str, event: Event) -> str:
    """That there is no estimate."""
    noun = event_noun(event)
    return f"The association of {name} with {noun} could not be estimated in these data; {ODDS_RATIOS_BELOW}."


def withheld(name: str, event: Event) -> str:
    """That there is an estimate, and it is not given away."""
    return f"The estimate of the association of {name} with {event_noun(event)} is withheld."


def not_in_words(name: str, why: str) -> str:
    """Why a ratio is not put in words."""
    return f"How strong the association of {name} is cannot be put in words: {why}."


def firth_in_table(name: str, why: str) -> str:
    """That Firth's estimate stands in for one that is not finite; ``why``: empty where that says it all."""
    reason = f": {why}" if why else ""
    return (
        f"Maximum likelihood has no finite estimate of the association of {name} here{reason}; Firth's penalized "
        "estimate stands in the table of odds ratios."
    )


def effect_was(scale: str, shown: str, *, name: str, unit: str) -> str:
    """``The odds ratio (OR) of such use of anxiolytics was 1.34 (95% CI, 1.12–1.60).``

    Parameters
    ----------
    unit : the step of a number that the ratio is for; empty where it is for use
    """
    effect, short = formats.EFFECT_LONG.get(scale, EFFECT_UNKNOWN), formats.EFFECT.get(scale)
    more = f"for each {unit} more of {name}" if unit else f"of such use of {name}"
    return f"The {effect}{f' ({short})' if short else ''} {more} was {shown}."


def rests_on(what: str) -> str:
    """What little an estimate rests on."""
    return f"This rests on {what}."


def adjusted_for(model: str, covariates: Sequence[str], *, crude: bool) -> str:
    """What the numbers of the summary are adjusted for; ``model``: its own name, where it has one."""
    ratios = f"The ratios of the model {model}" if model else "The ratios below"
    if crude:
        return f"{ratios} take nothing but {listed(covariates) or 'the matching'} into account."
    return f"{ratios} take {listed(covariates)} into account." if covariates else ""


OTHER_CLASSES = "use of the other classes"


def form_meaning(form: Form, covariates: Sequence[str], *, several: bool) -> str:
    """What stands in a form of a model.

    Parameters
    ----------
    covariates : what it is adjusted for
    several : whether there is more than one class
    """
    adjusted = listed(covariates) if covariates else "no covariate"
    match form:
        case Form.CRUDE:
            return f"the class alone{f' with {listed(covariates)}' if covariates else ''}, within matched sets."
        case Form.ADJUSTED:
            together = " A class alone carries what often goes with it, other classes included." if several else ""
            return f"the class alone, with {adjusted}.{together}"
        case Form.MUTUALLY_ADJUSTED:
            return f"all classes in one model, with {adjusted}."
        case Form.NONE | Form.CRUDE_SAME_PATIENTS | Form.MUTUALLY_CRUDE:
            return ""
        case _:
            assert_never(form)


def models_are(models: Sequence[str], meaning: str) -> str:
    """``Crude: the class alone, within matched sets.``"""
    return f"{capital(listed(models))}: {meaning}"


def multiplicity(n: int) -> str:
    """That intervals are not widened for their number."""
    return f"The table has {formats.count(n)} estimates; no interval is widened for their number."


# What is put in words

RULE = (
    "A ratio is put in words, at a glance and in absolute terms only where maximum likelihood has a finite estimate of "
    "it, with an interval, from 0.01 to 999, and where the level and the rest have cases as well as controls (after "
    "diagnosis: where both have events). Every other ratio stands in the tables only, with the reason, and where it "
    "has Firth's estimate, marked as that."
)
"""What `why_not_worded` decides, for readers of the report."""

IS_WITHHELD = "it is withheld"
NOT_FINITE = "maximum likelihood has no finite estimate"
NO_INTERVAL = "maximum likelihood has no finite estimate with an interval"
BEYOND = "the estimate is beyond what such data can tell"
NOT_CONVERGED = "its fit has not converged"
NO_EVENT_IN_USERS = "nobody who had used it had the event"
NOBODY_USED = "nobody had used it so"
NO_EVENT_IN_OTHERS = "nobody else had the event"


def none_used(who: str) -> str:
    """That no case, or no control, had used it."""
    return f"none of the {who} had used it so"


def all_used(who: str) -> str:
    """That all cases, or all controls, had used it."""
    return f"all of the {who} had used it so"


# In absolute terms


def explain_absolute(study: Study, register: str) -> str:
    """What absolute terms are, and whom they count as a case; ``register``: the one that makes it, where one does."""
    return (
        "Matched sets tell how much more often, not how often. What a ratio means for one person depends on how rare "
        "the event is; the absolute terms come from the incidence of cases of this study, in the period, in the "
        f"population of the cases' sex and birth years. A case {_recorded(study.cases.first, register)}."
    )


def _recorded(event: Event, register: str) -> str:
    """What makes a person a case, and what of the disease it may leave out."""
    if event.registry:
        what = f" with {' or '.join(event.diagnosis)}" if event.diagnosis else ""
        return (
            f"was recorded in {register}{what}; the disease is more common where the register does not hold everyone "
            "with it"
        )
    if event.icd10:
        return f"was recorded with a diagnosis of {' or '.join(event.icd10)}"
    if event.atc:
        return f"was recorded as dispensed {' or '.join(event.atc)}"
    return "was recorded as dead" + (f" of {' or '.join(event.cause)}" if event.cause else "")


def absolute(name: str, with_use: str, without: str, everyone: str) -> str:
    """A ratio as cases a year among 100,000."""
    return (
        f"In absolute terms, if the association were causal, such use of {name} would correspond to {with_use} rather "
        f"than {without} cases per 100,000 person-years, where people of the cases' sex and age have {everyone}."
    )
