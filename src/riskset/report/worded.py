"""The one rule for what is put in words: which ratios a sentence, the table at a glance and absolute terms may use."""

from __future__ import annotations

import math

from riskset.report.catalogue import english_lines as line_words
from riskset.report.catalogue import english_summary as summary_words
from riskset.report.view import Line
from riskset.results.vocabulary import Scale

SMALLEST, LARGEST = 0.01, 999.0
"""Beyond these a ratio is shown by a bound alone, as ``>999``."""


def why_not_worded(line: Line) -> str:
    """Why a ratio is not put in words, as a clause; nothing where it may be."""
    if line.is_withheld:
        return summary_words.IS_WITHHELD
    if empty := _empty(line):
        return empty
    if line.value is None:
        return summary_words.NOT_FINITE
    ends = line.value, line.low, line.high
    if line.is_firth or not all(end is not None and 0 < end < math.inf for end in ends):
        return summary_words.NO_INTERVAL
    if not SMALLEST <= line.value <= LARGEST:
        return summary_words.BEYOND
    if line["converged"] is False:
        return summary_words.NOT_CONVERGED
    return ""


def _empty(line: Line) -> str:
    """The group without anybody, of whom a ratio would be."""
    if line["scale"] != Scale.LOG_OR:
        exposed, events = line["n_exposed_events"], line["n_events"]
        if exposed == 0:
            return summary_words.NO_EVENT_IN_USERS if line["n_exposed_cases"] else summary_words.NOBODY_USED
        return summary_words.NO_EVENT_IN_OTHERS if exposed is not None and exposed == events else ""
    if line["n_exposed_cases"] == 0 and line["n_exposed_controls"] == 0:
        return summary_words.NOBODY_USED
    for who, words in (("cases", line_words.CASES), ("controls", line_words.CONTROLS)):
        exposed, everyone = line[f"n_exposed_{who}"], line[f"n_{who}"]
        if exposed == 0:
            return summary_words.none_used(words)
        if exposed is not None and exposed == everyone and not line.is_continuous:
            return summary_words.all_used(words)
    return ""
