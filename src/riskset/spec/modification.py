"""By whose value an effect is parted: the case's, for what a whole set shares, or each person's own.

Parting the sets by the case's value is right for what the set's members have in common by design. Where they differ,
it conditions on the outcome: the case was chosen by its value and the controls were not, so that use which goes with
that value looks like an effect in one stratum and its reverse in the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import assert_never

from riskset.spec import words
from riskset.spec.covariates import PROGNOSIS_COVARIATES
from riskset.spec.design import Controls, GivenControls, PopulationControls, SiblingControls, SpouseControls
from riskset.spec.models import Subgroup
from riskset.spec.study import Study
from riskset.spec.time import Duration

BIRTH_YEAR = Duration(1, "y")
"""How far ages may lie apart under one birth year; a caliper up to so long counts as matching on age, too."""

OWN = "each person's own value counts, with its main effect, all sets in one model"
BY_CASE = "sets are parted by the case's value and kept whole"
OUTCOME = "parting the sets by the case's value would condition on the outcome"


class Reason(StrEnum):
    """Why the case's value parts the sets of a comparison, or each person's own value counts."""

    OF_CASES_ONLY = "only a case has it"
    SAME_AGE = "compared at the case's age"
    MATCHED = "matched on"
    MATCHED_ON_BIRTH_YEAR = "matched on birth year"
    NARROW_CALIPER = "within a narrow caliper"
    WIDE_CALIPER = "within a wide caliper"
    NOT_MATCHED = "not matched on"
    DIFFERS_AMONG_KIN = "differs among relatives"
    DIFFERS_WITHIN_SETS = "differs within sets"
    PRODUCT = "an interaction is a product"


@dataclass(frozen=True)
class Parting:
    """By whose value one comparison is parted.

    Attributes
    ----------
    by : the covariate
    by_own_value : each person's own value; else the case's
    reason : why
    within : of a number that sets share: how far a control's may lie from its case's
    about : what the reason names: the kind of relatives, or a length of time
    differing : of sets that were to share the value, how many do not, so that each person's own counts after all
    """

    by: str
    by_own_value: bool
    reason: Reason
    within: float = 0.0
    about: str = ""
    differing: int = 0

    @property
    def why(self) -> str:
        """The reason, in a clause."""
        return why_parted(self.by, self.reason, about=self.about, differing=self.differing)

    def found_differing(self, sets: int) -> Parting:
        """The same where so many sets differ in what they were to share."""
        return replace(self, by_own_value=True, differing=sets)


def why_parted(by: str, reason: Reason, *, about: str = "", differing: int = 0) -> str:
    """The reason of a `Parting` in a clause."""
    name = words.plain(by)
    length = words.time(Duration.parse(about)) if reason in (Reason.NARROW_CALIPER, Reason.WIDE_CALIPER) else ""
    clause = {
        Reason.OF_CASES_ONLY: f"only a case has {name}",
        Reason.SAME_AGE: "a sibling is compared at the case's age",
        Reason.MATCHED: f"controls are matched on {name}",
        Reason.MATCHED_ON_BIRTH_YEAR: "controls are matched on birth year (ages in a set lie within a year)",
        Reason.NARROW_CALIPER: f"controls are matched on date of birth within {length}",
        Reason.WIDE_CALIPER: f"controls are matched on date of birth within {length} only, more than a year",
        Reason.NOT_MATCHED: f"controls are not matched on {name}",
        Reason.DIFFERS_AMONG_KIN: f"{name} differs among {about}",
        Reason.DIFFERS_WITHIN_SETS: f"{name} differs within sets",
        Reason.PRODUCT: "an interaction is a product with the own value",
    }[reason]
    if differing:
        return f"it differs within {differing:,} set{'s' if differing > 1 else ''}, though {clause}"
    return clause


def parting_of(controls: Controls | None, by: str) -> Parting:
    """By whose value the sets of a comparison are parted: what its design makes a whole set share decides."""
    if by in PROGNOSIS_COVARIATES:
        return Parting(by, False, Reason.OF_CASES_ONLY)
    match controls:
        case PopulationControls() | GivenControls():
            return _matched(controls, by)
        case SiblingControls(at="same age") if by == "age":
            return Parting(by, False, Reason.SAME_AGE, within=0.02)
        case SiblingControls() | SpouseControls():
            return Parting(by, True, Reason.DIFFERS_AMONG_KIN, about=controls.kind)
        case None:
            return Parting(by, True, Reason.DIFFERS_WITHIN_SETS)
        case _:
            assert_never(controls)


def _matched(controls: PopulationControls | GivenControls, by: str) -> Parting:
    if by in controls.match:
        return Parting(by, False, Reason.MATCHED)
    if by == "age" and "birth_year" in controls.match:
        return Parting(by, False, Reason.MATCHED_ON_BIRTH_YEAR, within=1.0)
    if by in ("age", "birth_year") and controls.caliper is not None:
        if controls.caliper.longest > BIRTH_YEAR.longest:
            return Parting(by, True, Reason.WIDE_CALIPER, about=str(controls.caliper))
        return Parting(by, False, Reason.NARROW_CALIPER, within=1.0, about=str(controls.caliper))
    return Parting(by, True, Reason.NOT_MATCHED)


def range_names(cuts: Sequence[float]) -> tuple[str, ...]:
    """What tables call the ranges between cuts, each from its lower end on: ``<65``, ``65-80``, ``≥80``."""
    return (f"<{cuts[0]:g}", *(f"{low:g}-{high:g}" for low, high in pairwise(cuts)), f"≥{cuts[-1]:g}")


def range_words(cuts: Sequence[float]) -> tuple[str, ...]:
    """What a page calls them: ``< 65``, ``65–80``, ``≥ 80``."""
    return (f"< {cuts[0]:g}", *(f"{low:g}–{high:g}" for low, high in pairwise(cuts)), f"≥ {cuts[-1]:g}")


def refuses(controls: Controls | None, by: str) -> bool:
    """Whether nothing is parted by a covariate: by sex among spouses."""
    return isinstance(controls, SpouseControls) and by == "sex"


def subgroup_in_words(subgroup: Subgroup) -> str:
    """``age (under 65, 65 or over)``."""
    if not subgroup.cuts:
        return words.plain(subgroup.by)
    cuts = [f"{cut:g}" for cut in subgroup.cuts]
    between = [f"{a} to under {b}" for a, b in pairwise(cuts)]
    return f"{words.plain(subgroup.by)} ({', '.join([f'under {cuts[0]}', *between, f'{cuts[-1]} or over'])})"


def partings_in_words(
    study: Study, names: tuple[str, ...], *, comparison: str = "", called: Callable[[str], str] = words.plain
) -> tuple[str, ...]:
    """By whose value each comparison is parted by each of these covariates, and why.

    Parameters
    ----------
    comparison : of this one alone; of all where empty
    called : what a covariate is called, by its name
    """
    chosen = [c for c in study.controls if comparison in ("", c.comparison)]
    return tuple(sentence for controls in chosen for sentence in _told(controls, names, called))


def _told(controls: Controls, names: tuple[str, ...], called: Callable[[str], str]) -> Iterator[str]:
    asked = [name for name in names if not refuses(controls, name)]
    partings = {name: parting_of(controls, name) for name in asked}
    for done, by_own_value in ((BY_CASE, False), (OWN, True)):
        so_parted = [name for name in asked if partings[name].by_own_value == by_own_value]
        if so_parted:
            by = words.both([called(name) for name in so_parted])
            why = _why(controls, by, [replace(partings[name], by=called(name)) for name in so_parted])
            outcome = f"; {OUTCOME}" if by_own_value else ""
            yield f"Against {_whom(controls)}, by {by}: {done}, since {why}{outcome}."
    if len(asked) < len(names):
        yield (
            "Against spouses nothing is parted by sex, since among couples sex is nearly the complement of being the "
            "case."
        )


def _why(controls: Controls, by: str, partings: Sequence[Parting]) -> str:
    """The reasons of several partings, each once."""
    if len(partings) > 1 and partings[0].by_own_value and isinstance(controls, SiblingControls | SpouseControls):
        return f"{by} differ among {controls.kind}"
    first, *others = dict.fromkeys(parting.why for parting in partings)
    alike = "controls are matched "  # on sex, and on birth year
    return words.both([first, *(why.removeprefix(alike) if first.startswith(alike) else why for why in others)])


def _whom(controls: Controls) -> str:
    """``population controls``, ``siblings``."""
    if isinstance(controls, PopulationControls | GivenControls):
        return f"{controls.kind} controls{controls.comparison.removeprefix(controls.kind)}"
    return controls.comparison


def subgroups_of(study: Study) -> tuple[str, ...]:
    """Every covariate by which some model is parted."""
    return tuple(dict.fromkeys(subgroup.by for model in study.models for subgroup in model.subgroups))
