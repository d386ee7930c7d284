"""Ratios in absolute terms: cases a year among 100,000 people of the cases' sex and age."""

from __future__ import annotations

import math
from collections.abc import Sequence

from riskset.report import formats
from riskset.report.catalogue import english_summary as summary_words
from riskset.report.catalogue.english_design import register_words
from riskset.report.view import Line, View, exposure_of, measure_of
from riskset.report.worded import why_not_worded
from riskset.results.comparisons import controls_of, is_kin
from riskset.spec.levels import Level
from riskset.spec.study import Study


def explain_absolute(study: Study) -> str:
    """What absolute terms are, and whom they count as a case."""
    registry = study.cases.first.registry
    return summary_words.explain_absolute(study, register_words(study, registry) if registry else "")


def in_absolute_terms(view: View, name: str, line: Line) -> str:
    """The ratio as cases a year among 100,000; nothing without an incidence, a prevalence or an end.

    The incidence of people like the cases is a mean over those with and without the exposure, whose share p is that
    of the matched controls, who are like the cases too: with I = I₀ (1 + p (OR − 1)), the incidence without is I₀ and
    with it I₀ OR (the disease being rare). Relatives are not people like the cases, and give none. Only for ever and
    any use, whose one level leaves nobody but the unexposed; those of other measures are parted among several levels,
    or have no unexposed at all; and only for a ratio that is put in words (`why_not_worded`). A case is one of the
    study, so of the register that makes it.
    """
    measure = measure_of(view.study, line["exposure"], line["measure"])
    if measure is None or measure.form != "yes or no":
        return ""
    exposure = exposure_of(view.study, line["exposure"])
    levels = measure.levels(exposure.at_least) if exposure is not None else ()
    if any(level.label == line["level"] and may_be_early_sign(level) for level in levels):
        return ""
    if is_kin(controls_of(view.study.controls, line["comparison"])):
        return ""
    incidence = formats.finite(view.incidence)
    if why_not_worded(line) or not incidence or not line["n_controls"] or line["n_exposed_controls"] is None:
        return ""
    if any(formats.is_withheld(line[name]) for name in ("n_controls", "n_exposed_controls")):
        return ""
    assert line.value is not None
    without = rate_without(incidence, [(line["n_exposed_controls"] / line["n_controls"], line.value)])
    return summary_words.absolute(name, rate(without * line.value), rate(without), rate(incidence))


def may_be_early_sign(level: Level) -> bool:
    """Whether use at a level lies in a window that ends on the day, so that early signs of the disease may explain it.

    Of such use nothing is said in absolute terms, which suppose that the association is causal.
    """
    return level.lookback is not None and not level.lag


def rate_without(incidence: float, levels: Sequence[tuple[float, float]]) -> float:
    """The incidence of the unexposed, of that of a mean over them and the exposed, the disease being rare.

    Parameters
    ----------
    incidence : of all
    levels : the share of people at each level of exposure, which exclude each other, and its odds ratio
    """
    return incidence / (1 + sum(share * (ratio - 1) for share, ratio in levels))


def rate(value: float) -> str:
    """Three significant digits, with commas between thousands: ``1,390``, ``15.2``, ``0.360``."""
    if not 0 < value < math.inf:
        return "0" if value <= 0 else formats.number(value)
    decimals = 2 - math.floor(math.log10(value))
    return f"{round(value, decimals):,.{max(decimals, 0)}f}"
