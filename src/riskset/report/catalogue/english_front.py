"""English for the report's front, in the style of American medical journals.

Sentences of the front and the names in it, made of typed facts: what may be said is decided by `report.front.claims`
before anything is worded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import assert_never

from riskset.report import formats
from riskset.report.formats import AMERICAN
from riskset.results.vocabulary import Form
from riskset.spec.design import (
    Controls,
    Event,
    GivenControls,
    MatchKey,
    PopulationControls,
    SiblingControls,
    SpouseControls,
)
from riskset.spec.levels import LAG_ONLY, Level
from riskset.spec.measures import AnyUse, Count, DefinedDailyDoses, Ever, FirstUse, Measure, Recency
from riskset.spec.models import Prognosis
from riskset.spec.study import Study
from riskset.spec.time import Duration

MOST_NAMED = 4
"""Of more classes than these a sentence gives the ends, and the tables each."""

NOT_REPORTED = "NR"
NOT_ESTIMABLE = "Not estimable"


def listed(names: Sequence[str], word: str = "and") -> str:
    """``a, b, and c``."""
    return formats.series(names, word, AMERICAN)


def conf(level: float | None) -> str:
    """``95% CI``."""
    return formats.confidence_interval(level, AMERICAN)


# Who was compared


def controls_name(controls: Controls) -> str:
    """A group of controls on a row: ``Full siblings``."""
    match controls:
        case PopulationControls(name=name):
            return f"Population controls, {name.replace('_', ' ')}" if name else "Population controls"
        case GivenControls():
            return "Delivered controls"
        case SiblingControls(half=half, at=at):
            who = {False: "Full siblings", True: "Full and half siblings", "only": "Half siblings"}[half]
            return who if at == "index date" else f"{who} at the same age"
        case SpouseControls():
            return "Spouses"
        case _:
            assert_never(controls)


def controls_adjective(controls: Controls) -> str:
    """What its estimates are called: ``sibling``."""
    match controls:
        case PopulationControls(name=name):
            return f"population ({name.replace('_', ' ')})" if name else "population"
        case GivenControls():
            return "delivered-control"
        case SiblingControls(half=half):
            return {False: "sibling", True: "sibling", "only": "half-sibling"}[half]
        case SpouseControls():
            return "spouse"
        case _:
            assert_never(controls)


_KEYS: Mapping[MatchKey, str] = {
    "sex": "sex",
    "birth_year": "age",
    "county": "county",
    "country_of_birth": "country of birth",
    "history": "length of history",
}


def accounts_for(controls: Controls, *, adjusted: bool, follows: bool) -> str:
    """What a comparison accounts for.

    Parameters
    ----------
    adjusted : whether its model has covariates
    follows : whether unrelated controls stand above it, so that only what it adds is named
    """
    covariates = ["recorded covariates"] if adjusted else []
    match controls:
        case PopulationControls() | GivenControls():
            keys = [_KEYS[key] for key in controls.match] + (["age"] if controls.caliper is not None else [])
            return first_capital(", ".join([*dict.fromkeys(keys), "calendar time", *covariates]))
        case SiblingControls(half=half):
            shared = {
                False: ["parents", "childhood", "part of the genome"],
                True: ["a parent or both", "much of childhood", "part of the genome"],
                "only": ["one parent", "part of childhood and of the genome"],
            }[half]
        case SpouseControls():
            shared = ["household", "adult environment"]
        case _:
            assert_never(controls)
    shared = shared if follows else [*shared, "age", "sex", *covariates]
    return f"{'Also ' if follows else ''}{', '.join(shared)}" if follows else first_capital(", ".join(shared))


def assumes(controls: Controls) -> str:
    """What a comparison takes for granted."""
    match controls:
        case PopulationControls() | GivenControls():
            return "No confounding by unrecorded illness or indication"
        case SiblingControls():
            return "No confounding by what siblings do not share, which this design can amplify"
        case SpouseControls():
            return "The spouse’s use does not respond to the illness"
        case _:
            assert_never(controls)


TIME_WINDOWS = ("Time windows", "Use that follows early symptoms", "Early symptoms begin within the window nearest to")
"""The design of looking at windows of time: its name, what it accounts for, and what it assumes, before the day."""


def first_capital(text: str) -> str:
    """The text with a capital at its head."""
    return text[:1].upper() + text[1:]


# What was measured


@dataclass(frozen=True)
class UseWords:
    """A level of use.

    Attributes
    ----------
    label, detail : on its row, and in small letters beside it
    use, when : around the name of a class: ``first use`` of anxiolytics ``1 to 5 years before diagnosis``
    """

    label: str
    detail: str
    use: str
    when: str

    def of(self, name: str) -> str:
        """``first use of anxiolytics 1 to 5 years before diagnosis``."""
        return f"{self.use} of {name} {self.when}"

    @property
    def of_any(self) -> str:
        """``first use 1 to 5 years before diagnosis``."""
        return f"{self.use} {self.when}"


def day_noun(study: Study) -> str:
    """The day before which use counts: ``diagnosis``, ``death``, ``symptom onset``."""
    if study.anchor == "onset":
        return "symptom onset"
    event = study.cases.first
    return "death" if event.death else "the index date" if event.atc else "diagnosis"


def use_words(measure: Measure, level: Level, day: str) -> UseWords:
    """A level of a measure in words.

    Parameters
    ----------
    day : the day before which use counts
    """
    span, before = _span(level), f"before {day}"
    match measure:
        case Ever() if level.label == LAG_ONLY:
            last = "year" if level.lookback == Duration(1, "y") else _length(level.lookback)
            return UseWords(f"Only within the last {last}", before, "use", f"only within the last {last} {before}")
        case Ever():
            detail = f"first use {span} before" if level.lag else before
            return UseWords("Ever", detail, "ever use", f"{span} {before}" if level.lag else before)
        case FirstUse():
            return UseWords(first_capital(span), "", "first use", f"{span} {before}")
        case Recency():
            return UseWords(f"Last use {span}", before, "last use", f"{span} {before}")
        case AnyUse():
            return UseWords("Any use", f"{span} {before}", "any use", f"{span} {before}")
        case Count():
            band = _band(level)
            noun = "dispensing" if (level.low, level.high) == (1, 2) else "dispensings"
            return UseWords(f"{first_capital(band)} {noun}", f"{span} {before}", f"{band} {noun}", f"{span} {before}")
        case DefinedDailyDoses(per=per):
            amount = f"{per} DDD" if per is not None else f"{_band(level)} DDD"
            each = "per" if per is not None else ""
            label = first_capital(f"{each} {amount}".strip())
            return UseWords(label, f"{span} {before}", f"{'each ' if each else ''}{amount}", f"{span} {before}")
        case _:
            assert_never(measure)


def _span(level: Level) -> str:
    """``less than 1 year``, ``1 to 5 years``, ``more than 5 years``, ``at any time``."""
    near, far = level.lag, level.lookback
    if far is None:
        return f"more than {near.words()}" if near else "at any time"
    if not near:
        return f"less than {far.words()}"
    return f"{near.count} to {far.words()}" if near.unit == far.unit else f"{near.words()} to {far.words()}"


def _length(length: Duration | None) -> str:
    return length.words() if length is not None else ""


def _band(level: Level) -> str:
    """``1``, ``2 to 3``, ``4 or more``: whole numbers in ``[low, high)``."""
    if level.high is None:
        return f"{level.low} or more"
    return str(level.low) if level.high == level.low + 1 else f"{level.low} to {level.high - 1}"


def short_span(level: Level) -> str:
    """``<1 y``, ``1–5 y``, ``>5 y``."""
    near, far = level.lag, level.lookback
    if far is None:
        return f">{_short(near)}" if near else "any time"
    if not near:
        return f"<{_short(far)}"
    return f"{near.count}–{_short(far)}" if near.unit == far.unit else f"{_short(near)}–{_short(far)}"


def _short(length: Duration) -> str:
    unit = {"d": "d", "w": "wk", "m": "mo", "y": "y"}[length.unit]
    return f"{length.count}\u00a0{unit}"


# Ratios


ADJECTIVES: Mapping[Form, str] = {
    Form.NONE: "",
    Form.CRUDE: "crude",
    Form.CRUDE_SAME_PATIENTS: "crude",
    Form.ADJUSTED: "adjusted",
    Form.MUTUALLY_CRUDE: "mutually adjusted",
    Form.MUTUALLY_ADJUSTED: "adjusted",
}
"""What a ratio is called by what stands in its model; the note below the table names the classes and covariates."""


def in_model(form: Form, n_classes: int, covariates: Sequence[str]) -> str:
    """What stands in a model, after "with": ``all 3 classes, education, and country of birth``; empty for nothing."""
    classes = [f"all {n_classes} classes"] if form.is_mutual and n_classes > 1 else []
    return listed([*classes, *covariates])


def ratio(value: float, low: float, high: float, level: float | None, *, name: str = "") -> str:
    """``OR, 1.23; 95% CI, 1.02–1.49``, as in brackets behind what it is of."""
    ends = formats.interval(low, high)
    return "; ".join(filter(None, [f"{name}, {formats.ratio(value)}" if name else "", f"{conf(level)}, {ends}"]))


def in_series(values: Sequence[tuple[str, float, float, float]], level: float | None) -> str:
    """``1.19 (95% CI, 0.98–1.44) for anxiolytics and 1.09 (0.91–1.31) for hypnotics``; the level is named once."""
    parts = []
    for i, (name, value, low, high) in enumerate(values):
        ends = formats.interval(low, high)
        within = ends if i else f"{conf(level)}, {ends}"
        parts.append(f"{formats.ratio(value)} ({within})" + (f" for {name}" if name else ""))
    return listed(parts)


# The day that makes a case


def happened(event: Event, outcome: str) -> str:
    """What the cases had later: ``a later diagnosis of ALS``."""
    if event.death:
        return f"later {outcome}"
    return f"a later {outcome}" if event.atc else f"a later diagnosis of {outcome}"


def outcome_rate(event: Event, outcome: str) -> tuple[str, str]:
    """What a rate counts: as the subject of a sentence, and as a noun in the plural."""
    if event.death:
        return f"{first_capital(outcome)} occurred", "deaths"
    if event.atc:
        return f"A first {outcome} occurred", "first dispensings"
    return f"{outcome} was diagnosed", "diagnoses"


def survival(asked: Prognosis) -> str:
    """The course of the disease, as a question has it."""
    if "death" in asked.endpoint:
        return "with survival after it"
    return f"with time to {endpoints(asked)} after it"


_ENDPOINTS = {"death": "death", "invasive_ventilation": "invasive ventilation"}


def endpoints(asked: Prognosis, word: str = "or") -> str:
    """``death or invasive ventilation``."""
    return listed([_ENDPOINTS[one] for one in asked.endpoint], word)


def period(start: date, stop: date) -> str:
    """``January 1, 2015, through June 30, 2023``, of the half-open period ``[start, stop)``."""
    return f"{formats.day(start, AMERICAN)}, through {formats.day(stop - timedelta(days=1), AMERICAN)}"


# The main results


def use_heading(day: str, *, by_time: bool) -> str:
    """Above the levels of use."""
    return f"Time from first use to {day}" if by_time else f"Use before {day}"


def risk_heading(outcome: str) -> str:
    """The heading of the main results."""
    return f"Medication and the Risk of {first_capital(outcome)}"


def stands_out(phrases: Sequence[str], where: str) -> str:
    """``First use of hypnotics less than 1 year before diagnosis stands out in every comparison.``"""
    verb = "stands out" if len(phrases) == 1 else "stand out"
    return f"{first_capital(listed(phrases))} {verb} {where}."


IN_EVERY_COMPARISON = "in every comparison"


def against(who: str) -> str:
    """``against population controls``."""
    return f"against {who}"


def one_ratio(phrase: str, who: str, value: float, low: float, high: float, level: float, *, modest: bool) -> str:
    """The sentence on the one headline of a study with one class."""
    ends = f"{formats.ratio(value)} ({conf(level)}, {formats.interval(low, high)})"
    return f"For {phrase}, the OR against {who} was {ends}{_MODEST if modest else ''}."


def range_of_ratios(use: str, n: int, ends: tuple[float, float], who: str, *, modest: bool) -> str:
    """The sentence on several classes' headlines: their ends, and what all their intervals are compatible with."""
    between = f"{formats.ratio(ends[0])} to {formats.ratio(ends[1])}"
    return f"For {use}, the {n} classes had ORs of {between} against {who}{_MODEST if modest else ''}."


_MODEST = ", compatible with no association or a modest one"


def far_from_use(when: str, adjective: str, ends: tuple[float, float], n: int, *, close: bool) -> str:
    """The sentence on the window furthest from the day: ``More than 5 years after first use, …``."""
    estimates = f"{adjective} estimates were" if n > 1 else f"the {adjective} estimate was"
    if close:
        return f"{first_capital(when)} after first use, {estimates} close to 1."
    if n == 1:
        return f"{first_capital(when)} after first use, {estimates} {formats.ratio(ends[0])}."
    return f"{first_capital(when)} after first use, {estimates} {formats.ratio(ends[0])} to {formats.ratio(ends[1])}."


def ratios_title(form: Form, outcome: str, *, by_time: bool) -> str:
    """The title of the main figure."""
    by = "time since first use" if by_time else "drug class"
    return f"{first_capital(f'{ADJECTIVES[form]} odds ratios')} of {outcome}, by {by}"


def reference_words(measure: Measure, at_least: int) -> tuple[str, str]:
    """Who the reference of a measure is, after "Reference:", and who else is in it: ``never used``."""
    match measure:
        case Ever(lag=lag) if measure.widened_reference is not None:
            return "never used", f"first use within the last {_year(lag)}"
        case Ever() | FirstUse() | Recency():
            return "never used", ""
        case AnyUse():
            few = "no such use in the window" if at_least == 1 else f"fewer than {at_least} dispensings in the window"
            return few, ""
        case Count(bands=bands):
            return ("no dispensing" if bands[0] == 1 else f"fewer than {bands[0]} dispensings"), ""
        case DefinedDailyDoses(bands=bands):
            return (f"fewer than {bands[0]} DDD" if bands else "none; the OR is per step of a number"), ""
        case _:
            assert_never(measure)


def _year(length: Duration) -> str:
    return "year" if length == Duration(1, "y") else length.words()


def references(measured: Sequence[tuple[str, str, str]]) -> str:
    """``Reference: never used (for ever use, also first use within the last year).``

    Parameters
    ----------
    measured : of each measure its heading, who the reference is, and who else is in it
    """
    who = list(dict.fromkeys(words for _, words, _ in measured))
    also = [f"for {heading}, also {more}" for heading, _, more in measured if more]
    if len(who) == 1:
        return f"Reference: {who[0]}{f' ({listed(also)})' if also else ''}."
    parts = [f"{one} ({listed([heading for heading, words, _ in measured if words == one])})" for one in who]
    return f"Reference: {'; '.join([*parts, *also])}."


def measure_heading(measure: Measure) -> str:
    """A measure in two or three words."""
    match measure:
        case Ever():
            return "ever use"
        case AnyUse():
            return "any use"
        case FirstUse():
            return "time since first use"
        case Recency():
            return "time since last use"
        case Count():
            return "dispensings"
        case DefinedDailyDoses():
            return "amount (DDD)"
        case _:
            assert_never(measure)


def model_note(
    form: Form, n_classes: int, covariates: Sequence[str], more: Sequence[tuple[str, Sequence[str], Sequence[str]]]
) -> str:
    """What the main model is: its classes and covariates, and what each kind of relatives has besides or lacks.

    Parameters
    ----------
    more : name of a comparison, what its models always have, and what in them varies within no set
    """
    held = in_model(form, n_classes, covariates)
    parts = [f"ORs from conditional logistic regression{f' with {held}' if held else ''}"]
    always = [(name, tuple(added)) for name, added, _ in more if added]
    for added in dict.fromkeys(a for _, a in always):
        names = listed([name.lower() for name, a in always if a == added])
        parts.append(f"{names} {'also ' if held else ''}with {listed(added)}")
    parts += [
        f"{name.lower()} without {listed(lacking)}, the same within every set" for name, _, lacking in more if lacking
    ]
    return f"{'; '.join(parts)}."


def other_form_note(headings: Sequence[str], form: Form) -> str:
    """That some measures are of another form of model than the others."""
    kinds = {Form.CRUDE: "crude", Form.ADJUSTED: "each class in a model of its own"}
    return f"{first_capital(listed(headings))}: {kinds.get(form, ADJECTIVES[form])}."


SIDES = "lower odds", "higher odds"
LOG_SCALE = "Logarithmic scale."
ARROWHEADS = "Arrowheads mark limits beyond the axis."
FEW = "fewer than 10 informative sets"
MAY_REACT = "a spouse may start treatment in response to the illness"
FIRTH = "Firth’s penalized estimate; maximum likelihood has no finite one"
NO_ESTIMATE = "Not estimable: maximum likelihood has no finite estimate."
NR = "NR, not reported, because a number behind it is too small."
"""Notes below the main figure."""


def coverage(hold: int, of: int, level: float, missed: Sequence[str]) -> str:
    """How many intervals hold the planted value that their model aims at, and which do not."""
    what = formats.confidence(level, AMERICAN)
    if of == 1:
        return f"The one {what} CI with a planted OR {'contains' if hold else 'does not contain'} it."
    named = f" (not: {'; '.join(missed)})" if missed else ""
    return f"{hold} of {of} {what} CIs contain their planted OR{named}."


# In absolute terms


PER = "per 100,000 person-years"


def overall_rate(event: Event, outcome: str, rate: str) -> str:
    """``ALS was diagnosed in 31 per 100,000 person-years among people of the cases’ sex and age.``"""
    happens, _ = outcome_rate(event, first_capital(outcome))
    return f"{happens} in {rate} {PER} among people of the cases’ sex and age."


def if_causal(use: str, names: Sequence[str], rates: Sequence[str], without: Sequence[str], what: str) -> str:
    """``If the associations were causal, ever use … would correspond to 36 rather than 30 cases …``."""
    several = len(names) > 1
    base = without[0] if len(set(without)) == 1 else f"{without[0]} to {without[-1]}"
    who = f"{use} of {listed(names)}" if len(names) <= MOST_NAMED else f"{use} of the {len(names)} classes"
    with_use = listed(rates) if len(names) <= MOST_NAMED else f"{rates[0]} to {rates[-1]}"
    respectively = ", respectively," if 1 < len(names) <= MOST_NAMED else ""
    associations = "associations" if several else "association"
    return (
        f"If the {associations} were causal, {who} would correspond to {with_use}{respectively} rather than {base} "
        f"{what} {PER}."
    )


def raised_incidence(times: float) -> str:
    """How a synthetic nation's rates differ from real ones; empty where they do not."""
    if times == 1:
        return ""
    if times in _RAISED:
        how, real = _RAISED[times]
        return f"Because incidence was {how} here, real rates would be about {real} of these."
    how = f"raised {times:g}-fold" if times > 1 else f"lowered to {times:g} of what it is"
    return f"Because incidence was {how} here, these are no real rates."


_RAISED: Mapping[float, tuple[str, str]] = {10: ("raised tenfold", "one-tenth"), 100: ("raised a hundredfold", "1%")}


def absolute_title(event: Event, outcome: str) -> str:
    """The title of the table of rates."""
    _, what = outcome_rate(event, outcome)
    of = "" if event.death or event.atc else f" of {outcome}"
    return f"{first_capital(what)}{of} {PER}, without and with use, if the association were causal"


UNRELATED_ONLY = "Population comparison."


def too_few(cases: int) -> str:
    """Why a level has no rate."""
    return f"Too few exposed cases ({cases})"


ABSOLUTE_NOTE = (
    "Open circle, without use; filled, with use. Rate without use = rate ÷ [1 + Σ p(OR − 1)], with p the share of the "
    "controls at each level. CIs reflect the OR only."
)


def rows_need(n: int) -> str:
    """How many exposed cases a row of rates needs."""
    return f"Rows need {n} exposed cases."


# How the designs fit together


AGREEMENT = "Agreement between designs with different biases is stronger evidence than a narrow CI from one of them."


def overlaps(missed: Sequence[str]) -> str:
    """Whether intervals for the same cases overlap in every pair, and else in which they do not."""
    if not missed:
        return "Here, intervals for the same cases overlap in every pair."
    return f"Here, intervals for the same cases do not overlap for {listed(missed)}."


DESIGNS_TITLE = "What each comparison assumes and what it found"


def designs_about(use: str, level: float | None, *, same_cases: bool, windows: bool) -> str:
    """What the numbers of the table of designs are."""
    parts = [f"{first_capital(use)}, OR ({conf(level)})"] if use else [f"OR ({conf(level)})"]
    if same_cases:
        parts.append("second line, the same cases against population controls")
    text = f"{'; '.join(parts)}."
    return f"{text} Time windows: OR, population controls." if windows else text


# Key points


def asked(names: Sequence[str], event: Event, outcome: str, course: Prognosis | None) -> str:
    """The question, as the study asks it."""
    use = listed(names, "or") if len(names) <= MOST_NAMED else f"{len(names)} drug classes"
    after = f" and {survival(course)}" if course is not None else ""
    return f"Is dispensed use of {use} associated with {happened(event, outcome)}{after}?"


def compared(n: int, people: str, m: int, controls: str) -> str:
    """``Among 1,030 patients with ALS and 5,150 population controls``."""
    return f"Among {formats.count(n)} {people} and {formats.count(m)} {controls}"


def headline(use: str, adjective: str, ratios: Sequence[tuple[str, float, float, float]], level: float | None) -> str:
    """``the adjusted odds ratio (OR) of ever use, …, was 1.19 (95% CI, 0.98–1.44) for anxiolytics``."""
    words = f"{adjective} odds ratio (OR)".strip()
    if len(ratios) <= MOST_NAMED:
        return f"the {words} of {use} was {in_series(ratios, level)}"
    ordered = sorted(ratios, key=lambda ratio: ratio[1])
    ends = [in_series([one], level) for one in (ordered[0], ordered[-1])]
    return f"the {words} of {use} ranged from {ends[0]} to {ends[1]} ({len(ratios)} classes)"


def not_in_words(names: Sequence[str]) -> str:
    """Classes whose ratios are not put in words."""
    return f"For {listed(names)}, the data carry no estimate that can be put in words."


def strongest(phrase: str, value: float, low: float, high: float, level: float | None) -> str:
    """``First use of hypnotics … stood out (OR, 6.87; 95% CI, 4.21–11.20).``"""
    return f"{first_capital(phrase)} stood out ({ratio(value, low, high, level, name='OR')})."


def relatives(adjectives: Sequence[str], *, less_precise: bool, similar: bool, differing: Sequence[str]) -> str:
    """How the estimates from relatives compare with those of the same cases against unrelated controls."""
    who = f"{first_capital(listed(adjectives))} estimates"
    parts = [
        *(["less precise"] if less_precise else []),
        *(["mostly similar to those of the same cases against population controls"] if similar else []),
    ]
    text = f"{who} were {listed(parts)}." if parts else ""
    if similar:
        return text
    named = f"{who} differed for {listed(differing)}." if len(differing) <= MOST_NAMED else f"{who} often differed."
    return f"{text} {named}".strip()


def course_ratios(
    patients: int, what: str, use: str, ratios: Sequence[tuple[str, float, float, float]], level: float | None
) -> str:
    """``Among 1,006 patients followed up, hazard ratios (HRs) of death … in earlier users were …``."""
    several = len(ratios) > 1
    noun = "hazard ratios (HRs)" if several else "the hazard ratio (HR)"
    verb = "were" if several else "was"
    if len(ratios) > MOST_NAMED:
        ordered = sorted(ratios, key=lambda ratio: ratio[1])
        shown = " to ".join(in_series([one], level) for one in (ordered[0], ordered[-1]))
    else:
        shown = in_series(ratios, level)
    return f"Among {formats.count(patients)} patients followed up, {noun} of {what} with {use} {verb} {shown}."


def not_a_cause(event: Event, outcome: str) -> str:
    """Association, not cause."""
    what = outcome if not event.atc else f"the {outcome}"
    return f"These are associations and do not show that a medicine causes {what}."


def early_symptoms(day: str) -> str:
    """What use that begins in the window nearest to the day may be."""
    return f"Use that begins shortly before {day} may reflect early symptoms rather than cause the disease."


def recovered(hold: int, of: int, level: float) -> str:
    """How many intervals contain what was planted."""
    if of == 1:
        return f"The planted OR lies {'within' if hold else 'outside'} its {formats.confidence(level, AMERICAN)} CI."
    return f"Of {of} planted ORs, {hold} lie within their {formats.confidence(level, AMERICAN)} CI."


def glance_titles(outcome: str, course: str) -> tuple[str, str]:
    """Above the two parts of the small plot."""
    return f"Risk of {outcome} (OR)", f"{first_capital(course)} (HR)"


def glance_absolute(rates: Sequence[str], without: Sequence[str], what: str) -> str:
    """The line below the small plot."""
    base = without[0] if len(set(without)) == 1 else f"{without[0]} to {without[-1]}"
    several = len(rates) > 1
    order = ", in this order," if several else ""
    return f"If causal: {listed(rates)}{order} rather than {base} {what} {PER}."


# The page


QUESTION, FINDINGS, MEANING, KEY_POINTS = "Question", "Findings", "Meaning", "Key Points"


def synthetic_notice(times: float, outcome: str) -> tuple[str, str]:
    """That nobody is real: what must be read first, and the rest."""
    first = "Demonstration: every person is invented and every effect was planted."
    rest = (
        "The report tests whether the software recovers what was put in. It says nothing about real medicines, real "
        f"patients, or {outcome}."
    )
    if times == 1:
        return first, rest
    how = _RAISED[times][0] if times in _RAISED else f"multiplied by {times:g}"
    return first, f"{rest} Incidence was {how}."


SYNTHETIC_HEAD = "Demonstration: invented people, planted effects"
REPORT = "Register study report"
NO_ESTIMATES = "This run has no estimates of the risk. What it has stands in the supplement."


def facts_line(study: Study, persons: int | None, delivered: str) -> str:
    """The line below the title."""
    parts = [f"Synthetic nation of {formats.count(persons)} persons"] if persons else []
    parts.append(f"Index dates {period(study.period.start, study.period.stop)}")
    if delivered:
        parts.append(f"Registers delivered {formats.day(date.fromisoformat(delivered), AMERICAN)}")
    return " · ".join(parts)


SUPPLEMENT_PARTS: Mapping[str, str] = {
    "summary": "Summary of every class in plain language",
    "asked": "Study description in full",
    "attrition": "Every exclusion rule, in order",
    "together": "All comparisons, crude and adjusted models",
    "course": "Survival, incidence, decline, and joint models",
    "diagnostics": "Model diagnostics",
    "quality": "Data quality",
    "everything": "Every estimate",
    "manifest": "Manifest and all fingerprints",
}
"""What the parts of the supplement hold, by their anchors."""


def comparison_part(name: str) -> str:
    """What the part on a comparison holds."""
    return f"{name}: audit, models, subgroups"


ABBREVIATIONS: Mapping[str, str] = {
    "ALSFRS-R": "revised ALS Functional Rating Scale (0 to 48, lower is worse)",
    "ATC": "Anatomical Therapeutic Chemical",
    "CI": "confidence interval",
    "DDD": "defined daily dose",
    "HR": "hazard ratio",
    "OR": "odds ratio",
}
"""What the front may abbreviate."""


def abbreviations(used: Sequence[str]) -> str:
    """``Abbreviations: CI, confidence interval; OR, odds ratio.``"""
    return f"Abbreviations: {'; '.join(f'{short}, {ABBREVIATIONS[short]}' for short in used)}."


REPRODUCIBILITY = "Data, Software, and Reproducibility"
LABELS: Mapping[str, str] = {
    "registers": "Registers and coverage",
    "delivered": "Delivered",
    "run": "Run",
    "risk": "Population at risk",
    "software": "Software",
    "seed": "Random seed",
    "study": "Study fingerprint",
    "data": "Registers fingerprint",
    "estimates": "Estimates digest",
}
"""Labels of the lines of the last section."""


def person_years(years: float, incidence: float | None, what: str) -> str:
    """``6.63 million person-years; 15.5 diagnoses per 100,000``."""
    text = f"{years / 1e6:.2f} million" if years >= 1e6 else formats.count(years)
    rate = f"; {formats.number(incidence, 1)} {what} per 100,000" if incidence else ""
    return f"{text} person-years{rate}"


def covered(name: str, start: date | None, end: date | None) -> str:
    """``dispensings from July 2005 to December 2023``."""
    since = f" from {formats.day(start, AMERICAN)}," if start else ""
    until = f" through {formats.day(end, AMERICAN)}" if end else ""
    return f"{name.replace('_', ' ')}{since}{until}".rstrip(",")
