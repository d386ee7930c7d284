"""The one rule for what is put in words: which ratios a sentence, the table at a glance and absolute terms may use."""

from __future__ import annotations

import math

from riskset.report.view import Line
from riskset.results.vocabulary import Scale

SMALLEST, LARGEST = 0.01, 999.0
"""Beyond these a ratio is shown by a bound alone, as ``>999``."""

RULE = (
    "A ratio is put in words, at a glance and in absolute terms only where maximum likelihood has a finite estimate of "
    "it, with an interval, from 0.01 to 999, and where the level and the rest have cases as well as controls (after "
    "diagnosis: where both have events). Every other ratio stands in the tables only, with the reason, and where it "
    "has Firth's estimate, marked as that."
)
"""What `why_not_worded` decides, for readers of the report."""


NOT_FINITE = "maximum likelihood has no finite estimate"


def why_not_worded(line: Line) -> str:
    """Why a ratio is not put in words, as a clause; nothing where it may be."""
    if empty := _empty(line):
        return empty
    if line.value is None:
        return NOT_FINITE
    ends = line.value, line.low, line.high
    if line.is_firth or not all(end is not None and 0 < end < math.inf for end in ends):
        return "maximum likelihood has no finite estimate with an interval"
    if not SMALLEST <= line.value <= LARGEST:
        return "the estimate is beyond what such data can tell"
    if line["converged"] is False:
        return "its fit has not converged"
    return ""


def _empty(line: Line) -> str:
    """The group without anybody, of whom a ratio would be."""
    if line["scale"] != Scale.LOG_OR:
        exposed, events = line["n_exposed_events"], line["n_events"]
        if exposed == 0:
            return "nobody who had used it had the event" if line["n_exposed_cases"] else "nobody had used it so"
        return "nobody else had the event" if exposed is not None and exposed == events else ""
    if line["n_exposed_cases"] == 0 and line["n_exposed_controls"] == 0:
        return "nobody had used it so"
    for who in ("cases", "controls"):
        exposed, everyone = line[f"n_exposed_{who}"], line[f"n_{who}"]
        if exposed == 0:
            return f"none of the {who} had used it so"
        if exposed is not None and exposed == everyone and not line.is_continuous:
            return f"all of the {who} had used it so"
    return ""
