"""What can go wrong, and what to tell the person who can mend it.

The tree::

    RisksetError            1
    ├── SpecError          10   the study or sources description says something impossible
    ├── SourceError        11   a delivered file, table, column or day is not there or not as declared; no such engine
    ├── QualityError       12   more rows are wrong than the stated tolerance allows
    ├── DesignError        13   no cases, empty risk sets, no controls, nobody exposed to anything
    │   └── AuditError     13   matched sets that fail their audit
    ├── FitError           14   separation, collinearity, no informative sets, not converged
    └── DisclosureError    15   a result that may not leave

The numbers are the exit codes of the command line. A message never holds a person's value: no identifier,
no date of a person, no cell of a delivered row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from riskset.unseen import escaped

AT_MOST = 20
"""So many problems are told one by one; of more, each kind is told with a few of them."""
_OF_A_KIND, _OF_MANY_KINDS = 3, 5
"""Examples of a kind; of more kinds than these one example each."""


class RisksetError(Exception):
    """An error whose reader can act on it.

    Parameters
    ----------
    what
        What is wrong, in one clause, without a full stop.
    where
        The place: a path in the description (``exposures[0].measures``), a file, a table and column.
    remedy
        What would be right, in one clause.

    Attributes
    ----------
    others
        The further problems that were found with this one (see `several`).
    untold
        How many more there are of their kinds, which are counted and not put in words.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = cut(what), cut(where), cut(remedy)
        self.others: tuple[RisksetError, ...] = ()
        self.untold = 0
        super().__init__(str(self))

    @property
    def each(self) -> tuple[RisksetError, ...]:
        """This problem and those found with it, in order."""
        return (self, *self.others)

    @property
    def sentence(self) -> str:
        """This problem alone, on one line."""
        place = f"{self.where}: " if self.where else ""
        advice = f"; {self.remedy}" if self.remedy else ""
        end = "" if advice.endswith("?") else "."
        return one_line(f"{place}{self.what}{advice}{end}")

    @property
    def kind(self) -> str:
        """What it has in common with others like it: what is wrong, but for the names and numbers in it."""
        return f"{type(self).__name__} {_OWN.sub('…', self.what)}"

    def __str__(self) -> str:
        if not self.others:
            return self.sentence
        total = len(self.each) + self.untold
        return "\n".join([f"{total:,} problems:", *_listed(self.each, total)])


def _listed(errors: Sequence[RisksetError], total: int) -> list[str]:
    """A line for each problem; of many, for some of each kind, and how many more there are of it."""
    if total <= AT_MOST:
        return [f"{i}. {error.sentence}" for i, error in enumerate(errors, start=1)]
    kinds: dict[str, list[RisksetError]] = {}
    for error in errors:
        kinds.setdefault(error.kind, []).append(error)
    examples = _OF_A_KIND if len(kinds) <= _OF_MANY_KINDS else 1
    number, lines = 0, list[str]()
    for alike in kinds.values():
        for error in alike[:examples]:
            number += 1
            lines.append(f"{number}. {error.sentence}")
        more = len(alike) - examples
        lines += [f"   … and {more:,} more of this kind."] if more > 0 else []
    left = total - len(errors)
    return [*lines, *([f"… and {left:,} more, all of these kinds."] if left else [])]


_OWN = re.compile(r"""(['"]).*?\1|[^\s,;:]*=[^,;:]*|\S*\d\S*""")
"""What is one problem's own: names in quotes, terms of a model, and what has a number in it."""

LONGEST_VALUE, LONGEST_CLAUSE = 80, 600
"""Characters of a value, and of a clause, that a message shows."""


def cut(text: str) -> str:
    """A clause of a message in which long values, quoted or in one piece, are cut, and so is the clause itself.

    Paths stay whole: they are there to be opened.
    """
    text = _LONG_VALUE.sub(lambda match: f"{match[0][:LONGEST_VALUE]}…{match[1] or ''}", text)
    text = _LONG_WORD.sub(lambda match: match[0] if "/" in match[0] else f"{match[0][:LONGEST_VALUE]}…", text)
    return text if len(text) <= LONGEST_CLAUSE else f"{text[:LONGEST_CLAUSE].rstrip()} …"


_LONG_VALUE = re.compile(rf"""(?<!\w)(['"])(?:(?!\1).){{{LONGEST_VALUE},}}?(\1)(?!\w)""", re.DOTALL)
_LONG_WORD = re.compile(rf"\S{{{LONGEST_VALUE + 3},}}")


E = TypeVar("E", bound=RisksetError)


def several(errors: Sequence[E], *, untold: int = 0) -> E:
    """Errors that were found together as one: the first, whose exit code counts, with the others told after it.

    Parameters
    ----------
    untold : how many more there are of their kinds
    """
    untold += sum(error.untold for error in errors)
    first, *others = [one for error in errors for one in error.each]
    first.others, first.untold = tuple(others), untold
    for other in others:
        other.others, other.untold = (), 0
    return first  # type: ignore[return-value]  # each of an E are E's


def there_are(names: Sequence[str]) -> str:
    """The names that there are, each once, as a clause: ``there are ratio, kind``, ``the only one is ALS``.

    Where one of them has a comma, each is in quotes.
    """
    once = list(dict.fromkeys(names))
    once = list(map(repr, once)) if any("," in name for name in once) else once
    if len(once) == 1:
        return f"the only one is {once[0]}"
    return f"there are {', '.join(once) or 'none'}"


def one_line(text: str) -> str:
    """A text as a message can hold it: on one line, and without what a terminal would take for a command."""
    return escaped(" ".join(text.split()))


class SpecError(RisksetError):
    """The description says something that cannot be meant."""

    exit_code = 10


class SourceError(RisksetError):
    """Something delivered, or the engine to hold it, is not there, or not as ``sources.toml`` declares it."""

    exit_code = 11


class QualityError(RisksetError):
    """More rows break a rule than the stated tolerance allows."""

    exit_code = 12


class DesignError(RisksetError):
    """The design yields nothing to compare: no cases, no controls, no exposed."""

    exit_code = 13


class AuditError(DesignError):
    """Matched sets break their design.

    Parameters
    ----------
    what, remedy
        As of every error.
    audit
        The table of all checks (``results.tables.AUDIT``), to be shown beside the sentence.
    """

    def __init__(self, what: str, audit: Any, remedy: str) -> None:
        self.audit = audit
        super().__init__(what, remedy=remedy)


class FitProblem(StrEnum):
    """Why a model cannot be fitted, for those who word it themselves; numbers that belong to it are ``FitError.facts``.

    ``INPUT`` is of what a kernel was given or asked for in Python: values that are missing or no numbers, an option
    that does not go with another.
    """

    INPUT = "input"

    # of every model
    NOT_CONVERGED = "not converged"
    FEW_CLUSTERS = "few clusters"
    SINGULAR = "singular"
    NO_EVENT = "no event"
    NO_EVENT_OF_CAUSE = "no event of the cause"
    COLLINEAR_BEFORE = "collinear with those before"
    ZERO_COLUMN = "zero in every row"

    # of matched sets
    UNINFORMATIVE = "uninformative"
    COLLINEAR = "collinear"
    SEPARATED = "separated"
    SEPARATED_TOGETHER = "separated together"

    # of hazards
    NEVER_VARIES = "never varies among those at risk"
    COLLINEAR_AT_RISK = "collinear within the risk sets"
    SEPARATED_AT_RISK = "separated at risk"
    SEPARATED_AT_RISK_TOGETHER = "separated at risk together"
    WEIGHTS_UNDEFINED = "weights of competing events undefined"
    NO_EVENT_IN_PIECE = "no event in a piece"
    FEW_EVENTS = "few events for the pieces"
    ALL_EVENTS_LOWEST = "all events at the lowest level"
    ALL_EVENTS_HIGHEST = "all events at the highest level"

    # of curves and their tests
    ONE_GROUP = "one group"
    NEVER_TOGETHER = "never at risk together"
    DELAYED_ENTRY = "delayed entry"
    BEYOND_LAST = "beyond the last time at risk"
    NOBODY_AT_RISK = "nobody at risk"
    ALL_OR_NONE = "all or none have the event"

    # of scores
    FEW_SCORES = "few scores of a patient"
    FEW_TIMES = "few times of scores"
    CONSTANT_SCORE = "constant score"
    NO_ERROR = "scores described exactly"
    NOT_TOLD_APART = "variances not told apart"

    # of the place where the climb of a joint likelihood ended
    VARIANCE_VANISHES = "variance of a random effect vanishes"
    ASSOCIATION_UNBOUNDED = "association without bound"
    NOT_CONCAVE = "not concave"
    GRADIENT_LEFT = "gradient did not vanish"
    SEPARATED_IN_HAZARD = "separated in the hazard"


class FitError(RisksetError):
    """A model cannot be fitted to these data.

    Parameters
    ----------
    what, where, remedy
        As of every error.
    problem
        Which kind of problem it is.
    terms
        Names of the terms concerned, where it is some of the model's.
    facts
        Numbers that the problem names, such as how many iterations there were.
    """

    exit_code = 14

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        remedy: str = "",
        problem: FitProblem = FitProblem.INPUT,
        terms: Sequence[str] = (),
        facts: Mapping[str, float] | None = None,
    ) -> None:
        self.problem, self.terms, self.facts = problem, tuple(terms), dict(facts or {})
        super().__init__(what, where=where, remedy=remedy)

    @property
    def kind(self) -> str:
        """Why the model fails, whichever it is."""
        return f"FitError {_OWN.sub('…', self.what.partition(': ')[2] or self.what)}"


class DisclosureError(RisksetError):
    """A result that may not leave the room."""

    exit_code = 15
