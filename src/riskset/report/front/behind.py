"""Links from a number of the front to the table of the supplement that has it, with what stands around it there."""

from __future__ import annotations

from markupsafe import Markup

from riskset.results.run_folder import SUPPLEMENT


def behind(number: str, table: str) -> Markup:
    """The number as a link.

    Parameters
    ----------
    table : the identifier of the table in the supplement
    """
    return Markup('<a class="behind" href="{}#{}">{}</a>').format(SUPPLEMENT, table, number)
