"""English for the front's results: sentences on ratios, rates and designs that rules allow, in American style."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from riskset.report import formats
from riskset.report.catalogue.english_front import (
    ADJECTIVES,
    MOST_NAMED,
    RAISED,
    conf,
    in_model,
    listed,
    outcome_rate,
)
from riskset.results.vocabulary import Form
from riskset.spec.design import (
    Event,
)
from riskset.spec.words import both, capital


def use_heading(day: str, since: Sequence[str]) -> str:
    """Above the levels of use, some of which may part the time since a day of use."""
    return f"Time from {both(since, 'or')} to {day}" if since else f"Use before {day}"


def risk_heading(outcome: str) -> str:
    """The heading of the main results."""
    return f"Medication and the Risk of {capital(outcome)}"


def risk_in_contents(outcome: str) -> str:
    """The section on the main results, in the list of contents."""
    return f"{capital(outcome)} risk"


def stands_out(phrases: Sequence[str], where: str) -> str:
    """``First use of hypnotics less than 1 year before diagnosis stands out in every comparison.``"""
    verb = "stands out" if len(phrases) == 1 else "stand out"
    return f"{capital(listed(phrases))} {verb} {where}."


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


@dataclass(frozen=True)
class WindowRange:
    """A window of the time since a day of use, of all classes that have it.

    Attributes
    ----------
    when : the window: ``less than 1 year``
    ends : the least and the greatest ratio that may be put in words; None where there is none
    known, of : of how many classes, of all that have the window
    close : whether all of these lie close to 1
    """

    when: str
    ends: tuple[float, float] | None
    known: int
    of: int
    close: bool


def by_window(since: str, adjective: str, windows: Sequence[WindowRange]) -> str:
    """``By time since first use, population ORs were 2.17 to 6.90 (less than 1 year), and … (more than 5 years).``"""
    several = len(windows) > 1 or windows[0].known > 1
    parts = listed([_range(window) for window in windows])
    return f"By time since {since}, {adjective} OR{'s were' if several else ' was'} {parts}."


def _range(window: WindowRange) -> str:
    if window.ends is None:
        return f"not given ({window.when})"
    ends = " to ".join(dict.fromkeys(map(formats.ratio, window.ends)))
    some = f" in {window.known} of {window.of} classes" if window.known < window.of else ""
    return f"{ends}{some} ({window.when}{'; close to 1' if window.close else ''})"


def ratios_title(form: Form, outcome: str, since: Sequence[str]) -> str:
    """The title of the main figure."""
    by = f"time since {both(since)}" if since else "drug class"
    return f"{capital(f'{ADJECTIVES[form]} odds ratios')} of {outcome}, by {by}"


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
    return f"{capital(listed(headings))}: {kinds.get(form, ADJECTIVES[form])}."


SIDES = "lower odds", "higher odds"
PLANTED_VALUE, VALUE_TENDED_TO = "Planted value", "Value the model tends to"
COMPARED_WITH, CASES_EXPOSED, CONTROLS_EXPOSED = "Compared with", "Cases exposed,", "Controls exposed,"
NUMBER, ATC, CASES, CONTROLS = "No. (%)", "ATC", "cases", "controls"
PLOT_OF_RATIO, PLOT_OF_RATES = "Plot of the odds ratio", "Plot of the two rates"
SUPPLEMENT_NOTE = 'Other models, the same cases, and tests: <a href="{}">Supplement</a>.'
"""Heads of the main figure, and what stands beside it."""


def ratio_heading(form: Form) -> str:
    """``Adjusted OR``."""
    return capital(f"{ADJECTIVES[form]} OR".strip())


def with_sizes(name: str, cases: int, controls: int) -> str:
    """A comparison with the numbers of its largest model."""
    return f"{name} ({formats.count(cases)} cases, {formats.count(controls)} controls)"


LOG_SCALE = "Logarithmic scale."
ARROWHEADS = "Arrowheads mark limits beyond the axis."
FEW = "fewer than 10 informative sets"
MAY_REACT = "a spouse may start treatment in response to the illness"
HOLLOW = "Hollow bars: where the model targets no planted OR."
FIRTH = "Firth’s penalized estimate; maximum likelihood has no finite one"
NO_ESTIMATE = "Not estimable: maximum likelihood has no finite estimate."
NR = "NR, not reported, because it is or would tell a number that is too small."
COUNTS_OF_ALL = "Numbers are of all matched sets; the models exclude people with a missing covariate."
"""Notes below the main figure."""


def truth(kind: str, value: float, who: Sequence[str]) -> str:
    """``planted 2.50``; ``tends to 1.02 (population controls)`` where not all comparisons have that."""
    return f"{kind} {formats.ratio(value)}{f' ({listed(who)})' if who else ''}"


PLANTED, TENDS_TO = "planted", "tends to"


def coverage(hold: int, of: int, level: float, missed: Sequence[str]) -> str:
    """How many intervals hold the planted value that their model aims at, and which do not."""
    what = formats.confidence(level)
    if of == 1:
        return f"The one {what} CI with a planted OR {'contains' if hold else 'does not contain'} it."
    named = f" (not: {'; '.join(missed)})" if missed else ""
    return f"{hold} of {of} {what} CIs contain their planted OR{named}."


# In absolute terms


PER = "per 100,000 person-years"


def overall_rate(event: Event, outcome: str, rate: str, period: str) -> str:
    """``ALS was diagnosed in 31 per 100,000 person-years among people of the cases’ sex and age, from January 1 …``."""
    happens, _ = outcome_rate(event, capital(outcome))
    return f"{happens} in {rate} {PER} among people of the cases’ sex and age, from {period}."


def use_before(label: str, span: str) -> str:
    """``Ever, >1 y before``."""
    return f"{label}, {span} before"


def if_causal(use: str, names: Sequence[str], rates: str, what: str) -> str:
    """``If the associations were causal, ever use … would correspond to 36 rather than 30 cases …``."""
    who = f"{use} of {listed(names)}" if len(names) <= MOST_NAMED else f"{use} of the {len(names)} classes"
    respectively = ", respectively" if 1 < len(names) <= MOST_NAMED else ""
    associations = "associations" if len(names) > 1 else "association"
    return f"If the {associations} were causal, {who} would correspond to {rates} {what} {PER}{respectively}."


def rather_than(rates: Sequence[tuple[float, float]], digits: int) -> str:
    """``31 rather than 30, 34 rather than 29, and 38 rather than 28``; of many classes the ends of both.

    Parameters
    ----------
    rates : of each class with use and without
    """
    shown = [tuple(formats.number(rate, digits) for rate in pair) for pair in rates]
    if len(shown) <= MOST_NAMED:
        return listed([f"{with_use} rather than {without}" for with_use, without in shown])
    ends = [[formats.number(end, digits) for end in (min(each), max(each))] for each in zip(*rates, strict=True)]
    return " rather than ".join(f"{low} to {high}" for low, high in ends)


def raised_incidence(times: float) -> str:
    """How a synthetic nation's rates differ from real ones; empty where they do not."""
    if times == 1:
        return ""
    if times in RAISED:
        how, real = RAISED[times]
        return f"Because incidence was {how} here, real rates would be about {real} of these."
    how = f"raised {times:g}-fold" if times > 1 else f"lowered to {times:g} of what it is"
    return f"Because incidence was {how} here, these are no real rates."


def absolute_title(event: Event, outcome: str) -> str:
    """The title of the table of rates."""
    _, what = outcome_rate(event, outcome)
    of = "" if event.death or event.atc else f" of {outcome}"
    return f"{capital(what)}{of} {PER}, without and with use, if the association were causal"


UNRELATED_ONLY = "Population comparison."
ABSOLUTE, ABSOLUTE_IN_CONTENTS = "In Absolute Terms", "Absolute terms"
WITHOUT_USE, WITH_USE, DIFFERENCE = "Without use", "With use", "Difference"


def too_few(cases: int) -> str:
    """Why a level has no rate."""
    return f"Too few exposed cases ({cases})"


ABSOLUTE_MARKS = "Open circle, without use; filled, with use."
ABSOLUTE_NOTE = (
    "Rate without use = rate ÷ [1 + Σ p(OR − 1)], with p the share of the controls at each level. Differences were "
    "computed before rounding. CIs reflect the OR only."
)
OF_THE_PLOT = (LOG_SCALE, ARROWHEADS, ABSOLUTE_MARKS)
"""Notes that go with the plot in a table: where it is printed without one they are left out."""
EARLY_SIGN = "Not given"
"""In the place of the rate of a level that ends on the day."""


def early_sign(day: str) -> str:
    """Why."""
    return f"Not given: use within a window that ends at {day}, which may reflect early signs."


def rows_need(n: int) -> str:
    """How many exposed cases a row of rates needs."""
    return f"Rows need {n} exposed cases."


# How the designs fit together

RATES_WITHHELD = "Rates without and with use are not reported, because a number that they rest on is withheld."

AGREEMENT = "Agreement between designs with different biases is stronger evidence than a narrow CI from one of them."


class Among(StrEnum):
    """Which pairs of estimates, from relatives and from unrelated controls of the same cases, could be compared."""

    ALL = "all"
    SHOWN = "shown"
    JUDGED = "judged"


PAIRS: Mapping[Among, str] = {Among.ALL: "", Among.SHOWN: " shown", Among.JUDGED: " that could be judged"}
"""Which they are, behind the word that they are called by."""


def overlaps(use: str, missed: Sequence[str], among: Among = Among.ALL) -> str:
    """Whether intervals for the same cases overlap in every pair, and else in which they do not."""
    of = f" of {use}" if use else ""
    if not missed:
        return f"Here, intervals{of} for the same cases overlap in every pair{PAIRS[among]}."
    return f"Here, intervals{of} for the same cases do not overlap for {listed(missed)}."


DESIGNS, DESIGNS_IN_CONTENTS = "How the Designs Fit Together", "Triangulation"
DESIGNS_TITLE = "What each comparison assumes and what it found"
DESIGN, ACCOUNTS_FOR, ASSUMES, CLASS = "Design", "Accounts for", "Assumes", "Class"


def among(name: str, comparison: str) -> str:
    """``anxiolytics among spouses``."""
    return f"{name} among {comparison}"


def designs_about(use: str, level: float | None, *, same_cases: bool, windows: bool) -> str:
    """What the numbers of the table of designs are."""
    parts = [f"{capital(use)}, OR ({conf(level)})"] if use else [f"OR ({conf(level)})"]
    if same_cases:
        parts.append("second line, the same cases against population controls")
    text = f"{'; '.join(parts)}."
    return f"{text} Time windows: population controls." if windows else text
