"""English for the strengths and limitations of the front, in American style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from riskset.report import formats
from riskset.report.catalogue.english_front import listed
from riskset.spec import words
from riskset.spec.design import (
    Event,
)
from riskset.spec.words import capital

TITLE, PASTE = "Methods", "Ready to paste"
STRENGTHS_TITLE, STRENGTHS, LIMITATIONS = "Strengths and Limitations", "Strengths", "Limitations"


def counted_word(n: int) -> str:
    """A small number as it begins a list of comparisons: ``Three``."""
    names = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
    return names[n] if n < len(names) else str(n)


def whole_population(n: int, event: Event) -> str:
    """All cases, and controls from those at risk."""
    return f"All {formats.count(n)} eligible cases of the period, with controls from those at risk on the same date"


BEFORE_DIAGNOSIS = "Dispensings were recorded before the index date, so no recall bias"


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
    return formats.percent(value, 1)


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
    return f"{capital(name)} differed in the {who} comparison (SMD, {formats.number(smd)}) and was not adjusted for"


def in_run_in(low: float, high: float, length: str) -> str:
    """Prevalent use."""
    return f"{_ends(low, high)} of first uses fell in the run-in of {length}, so time since first use is a minimum"


def _ends(low: float, high: float) -> str:
    ends = [formats.percent(value, 0) for value in (low, high)]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


PEOPLE = {"cases": "cases", "controls": "controls", "patients": "patients"}
"""Who is counted: the members of sets, and those who were followed up."""


def missing(name: str, value: float, who: str) -> str:
    """Missing values of a covariate."""
    return f"{capital(name)} missing for {share(value)} of {PEOPLE[who]}"


def few_exposed(parts: Sequence[tuple[str, Sequence[tuple[str, int]], int]]) -> str:
    """``Few exposed cases, sibling comparison: anxiolytics, <1 y (5), antidepressants, <1 y (5); …``.

    Parameters
    ----------
    parts : of each comparison what its estimates are called, levels with their exposed cases, and how many more
    """
    shown = []
    for who, named, more in parts:
        levels = [f"{level} ({n})" for level, n in named] + ([f"{more} more"] if more else [])
        shown.append(f"{who} comparison: {', '.join(levels)}")
    return f"Few exposed cases, {'; '.join(shown)}"


@dataclass(frozen=True)
class LeftOut:
    """Who is not in the complete-case models of a comparison.

    Attributes
    ----------
    comparison : what its estimates are called: ``sibling``; empty of the patients followed up
    counts : of each kind of people how many are left out, of how many, and what they are
    """

    comparison: str
    counts: tuple[tuple[int, int, str], ...]


def incomplete(parts: Sequence[LeftOut]) -> str:
    """How many people the complete-case models leave out, in numbers."""
    named = []
    for part in parts:
        counts = listed([f"{formats.count(n)} of {formats.count(of)} {who}" for n, of, who in part.counts])
        named.append(f"{counts} ({part.comparison} comparison)" if part.comparison else f"{counts} followed up")
    return f"Complete-case models left out {'; '.join(named)}"


def multiplicity(ratios: int, comparisons: int) -> str:
    """How many estimates the primary model gives."""
    where = f" in {comparisons} comparisons" if comparisons > 1 else ""
    return f"Multiplicity: {formats.count(ratios)} ORs of the primary model{where}, no CI widened for their number"


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


def not_proportional(classes: Sequence[tuple[str, float]], tested: int) -> str:
    """Hazard ratios that are averages over follow-up, each class with the p of its test, after Holm's adjustment."""
    named = listed([f"{name} ({formats.p_phrase(p)})" for name, p in classes])
    several = len(classes) > 1
    how = f" (Holm-adjusted, {tested} tests)" if tested > 1 else ""
    return (
        f"Test of proportional hazards{how}: the HR{'s' if several else ''} of {named} changed over follow-up and "
        f"{'are averages' if several else 'is an average'}"
    )


def without_score(value: float, marker: str) -> str:
    """Patients whose marker was never measured."""
    return f"No {marker} score for {share(value)} of patients"
