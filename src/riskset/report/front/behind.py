"""Links from a number of the front to the table of the supplement that has it, with what stands around it there."""

from __future__ import annotations

from markupsafe import Markup

from riskset.report.comparison import characteristics_name
from riskset.report.estimate_tables import estimates_name
from riskset.report.lines import Line
from riskset.results.run_folder import SUPPLEMENT

ATTRITION = "attrition"
"""The identifier of the section with every rule that excluded anyone."""


def behind(number: str, table: str) -> str:
    """The number as a link; a text without a digit, as of what is not given, leads nowhere.

    Parameters
    ----------
    table : the identifier of the table in the supplement
    """
    if not any(sign.isdigit() for sign in number):
        return number
    return Markup('<a class="behind" href="{}#{}">{}</a>').format(SUPPLEMENT, table, number)


def behind_estimate(text: str, line: Line) -> str:
    """A text as a link to the table that has the estimate it tells."""
    return behind(text, estimates_name(line["analysis"], line["comparison"], line.model_name))


def behind_characteristic(text: str, comparison: str) -> str:
    """A text as a link to the table of a comparison's characteristics."""
    return behind(text, characteristics_name(comparison))
