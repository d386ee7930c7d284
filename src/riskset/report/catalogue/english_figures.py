"""English for the figures of the supplement: forest plots, flows, windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from riskset.report import formats
from riskset.results.vocabulary import Scale
from riskset.spec.words import capital

FIGURE, TABLE = "Figure", "Table"
"""What the style sheet sets before the numbers of figures and tables."""
SCROLL = "scroll"
"""What it says of a figure that is wider than the page."""

# Forest plots

PUBLISHED = "published"
PLANTED = "planted truth"
LIMIT = "limit of the form"
ALL_SETS = "All sets"
SUBGROUP = "subgroup"

PENALISED = "A diamond is Firth's penalized estimate, where maximum likelihood has no finite one."
MEANING: Mapping[str, str] = {
    PLANTED: "A filled bar is the planted ratio that the model of that row aims at.",
    LIMIT: "A hollow bar is what a model of that form tends to in this nation, which is not what was planted.",
}
"""What a figure says of the marks it has."""
ARROWS = (
    "An arrow at the edge: the interval, or the estimate itself, lies beyond the axis; its numbers stand beside it."
)
HOW_READ = "Points are estimates, lines their confidence intervals; the scale is logarithmic and 1 is no difference."
AXES: Mapping[str, str] = {Scale.LOG_OR: "Odds ratio, log scale", Scale.LOG_HR: "Hazard ratio, log scale"}


def of_several(name: str, i: int, n: int) -> str:
    """The title of one of several sheets."""
    return f"{name}, {i} of {n}"


def about_subgroups(forms: Sequence[str]) -> str:
    """Of which models a figure of subgroups is."""
    return f"The {' and the '.join(forms)} model, in all sets and by subgroup."


def few_sets(n: int) -> str:
    """What the mark at an estimate means."""
    return f"† fewer than {n} informative sets."


def exposed(cases: str, controls: str, sets: int) -> str:
    """The counts behind an estimate, for who points at it."""
    return f"Exposed: {cases} of cases and {controls} of controls; {formats.count(sets)} informative sets"


def forest_alt(title: str, n: int, ends: tuple[str, str] | None) -> str:
    """What a forest plot shows, for who does not see it; ``ends``: the least and the greatest estimate."""
    span = f"between {ends[0]} and {ends[1]}" if ends else ""
    return f"{title}: forest plot of {n} estimates {span}. The same numbers are in the table beside it."


# Flows

REMAINING = "Remaining"


def attrition(part: str) -> str:
    """The title of a flow."""
    return f"Attrition, {part}"


def flow_alt(title: str, first: str, unit: str, rule: str, end: str) -> str:
    """What a flow shows, for who does not see it."""
    return f"{title}: {first} {unit} at first ({rule}), {end} in the end."


def removed_nobody(rules: Sequence[str]) -> str:
    """The rules without anybody to remove."""
    return f"Rules that removed nobody: {'; '.join(rules)}." if rules else ""


def analysed(what: str) -> str:
    """The last box: ``Cases analysed``."""
    return f"{capital(what)} analyzed"


def by_rule(rule: str) -> str:
    """Why people are lost."""
    return f"by the rule: {rule}"


def removed(n: float) -> str:
    """How many are lost."""
    return f"{formats.count(n)} removed"


# Windows

WINDOWS = "Windows"
INDEX_DATE = "index date"


def lag(length: str) -> str:
    """A stretch that is not counted."""
    return f"lag {length}"


def about_windows(end: str) -> str:
    """How the figure of windows is read."""
    return (
        f"Time before {end}, on a square-root scale. Pale stretches are not counted; a window that is open to the left "
        "reaches back to the start of the dispensing register."
    )


def windows_alt(end: str, stretches: Sequence[str]) -> str:
    """The windows, for who does not see them."""
    return f"The windows in which use is measured, before {end}: {'; '.join(stretches)}."
