"""English for the key points of the front: question, findings and meaning, in American style."""

from __future__ import annotations

from collections.abc import Sequence

from riskset.report import formats
from riskset.report.catalogue.english_front import (
    MOST_NAMED,
    happened,
    in_series,
    listed,
    ratio,
    survival,
)
from riskset.report.catalogue.english_results import PAIRS, PER, Among
from riskset.spec.design import (
    Event,
)
from riskset.spec.models import Prognosis
from riskset.spec.time import Duration
from riskset.spec.words import capital


def asked(names: Sequence[str], event: Event, outcome: str, course: Prognosis | None) -> str:
    """The question, as the study asks it."""
    use = listed(names, "or") if len(names) <= MOST_NAMED else f"{len(names)} drug classes"
    after = f" and {survival(course)}" if course is not None else ""
    return f"Is dispensed use of {use} associated with {happened(event, outcome)}{after}?"


def compared(n: int, people: str, m: int, controls: str, *, of_all: bool = False) -> str:
    """``Among 1,030 patients with ALS and 5,150 population controls``.

    Parameters
    ----------
    of_all : whether these are all who were matched, and the models leave out those with a missing covariate
    """
    fewer = ", except those with a missing covariate" if of_all else ""
    return f"Among {formats.count(n)} {people} and {formats.count(m)} {controls}{fewer}"


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
    return f"{capital(phrase)} stood out ({ratio(value, low, high, level, name='OR')})."


def relatives(
    adjectives: Sequence[str],
    *,
    less_precise: bool,
    similar: bool,
    differing: Sequence[str],
    use: str,
    among: Among = Among.ALL,
) -> str:
    """How the estimates from relatives compare with those of the same cases against unrelated controls.

    Parameters
    ----------
    among : which of them could be compared
    """
    who = f"{capital(listed(adjectives))} estimates"
    where = f", in the pairs{PAIRS[among]}," if among is not Among.ALL else ""
    parts = [
        *(["less precise"] if less_precise else []),
        *([f"mostly similar{where} to those of the same cases against population controls"] if similar else []),
    ]
    text = f"{who}{f' of {use}' if use else ''} were {listed(parts)}." if parts else ""
    if similar:
        return text
    named = f"{who} differed for {listed(differing)}." if len(differing) <= MOST_NAMED else f"{who} often differed."
    return f"{text} {named}".strip()


def course_use(lag: Duration | None, name: str) -> str:
    """The use that hazard ratios are of; of one class with its name."""
    use = f"use more than {lag.words()} before diagnosis" if lag else "use before diagnosis"
    return f"{use} of {name}" if name else use


def course_ratios(
    n: int | None, of: int, what: str, use: str, ratios: Sequence[tuple[str, float, float, float]], level: float | None
) -> str:
    """``Among 776 of 933 patients followed up, with complete data, hazard ratios (HRs) of death … were …``.

    Parameters
    ----------
    n : patients in the models; None where that is not stated
    of : all who were followed
    """
    several = len(ratios) > 1
    noun = "hazard ratios (HRs)" if several else "the hazard ratio (HR)"
    verb = "were" if several else "was"
    if len(ratios) > MOST_NAMED:
        ordered = sorted(ratios, key=lambda ratio: ratio[1])
        shown = " to ".join(in_series([one], level) for one in (ordered[0], ordered[-1]))
    else:
        shown = in_series(ratios, level)
    who = f"Among {formats.count(of)} patients followed up"
    if n is None:
        who = f"Among the patients with complete data, of {formats.count(of)} followed up"
    elif n < of:
        who = f"Among {formats.count(n)} of {formats.count(of)} patients followed up, those with complete data"
    return f"{who}, {noun} of {what} with {use} {verb} {shown}."


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
        return f"The planted OR lies {'within' if hold else 'outside'} its {formats.confidence(level)} CI."
    return f"{hold} of {of} {formats.confidence(level)} CIs contain the planted OR."


SCALE = "Ratio, log scale"
"""What the axis of the small plot is of."""


def glance_titles(outcome: str, course: str) -> tuple[str, str]:
    """Above the two parts of the small plot."""
    return f"Risk of {outcome} (OR)", f"{capital(course)} (HR)"


def glance_absolute(rates: str, what: str, *, several: bool) -> str:
    """The line below the small plot; ``rates`` as `english_results.rather_than` has them."""
    return f"If causal: {rates} {what} {PER}{', in this order' if several else ''}."
