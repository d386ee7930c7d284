"""English for who was compared with the cases, what relatives can tell, and comparisons beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from riskset.report import formats
from riskset.report.catalogue.english_lines import listed
from riskset.spec.design import Controls, Event, GivenControls, PopulationControls, SiblingControls, SpouseControls
from riskset.spec.words import capital, plain

SIBLINGS = (
    "Siblings grew up in one family and share half of the genes that vary. Comparing them removes what the whole "
    "family has in common: the childhood home, the parents' education, where they lived. Shared genes are removed by "
    "half only. What one sibling has and the other has not, such as an illness of one's own that leads to a "
    "prescription, is not removed but weighs more, because the sets that count are those in which siblings differ; "
    "errors in recorded use weigh more for the same reason, and pull the ratio toward 1. So a sibling estimate nearer "
    "to 1 than the population's does not by itself show confounding by family, and one like it does not show that "
    "there is no confounding."
)
"""What sibling comparisons can and cannot remove (Frisell et al. 2012, Epidemiology 23: 713-720)."""

SPOUSES = (
    "Partners share a household, and much of what comes with it, since they met. What each brought from before, genes "
    "among it, is not shared, and people choose partners like themselves in some things and not in others. A partner "
    "also lives with the patient's illness before its diagnosis: use in the window that reaches the index date may "
    "be a reaction to it, and is flagged. Among spouses sex is nearly the complement of being the case, so nothing is "
    "estimated by sex."
)

_SIBLINGS: Mapping[bool | str, str] = {
    False: "siblings",
    True: "siblings and half-siblings",
    "only": "half-siblings",
}


def controls_label(controls: Controls) -> str:
    """A comparison as it is named among others: ``population``, ``siblings at the same age``."""
    match controls:
        case PopulationControls(name=name):
            return f"population, {plain(name)}" if name else "population"
        case GivenControls():
            return "given"
        case SiblingControls(half=half, at=at):
            return _SIBLINGS[half] if at == "index date" else f"{_SIBLINGS[half]} at the same age"
        case SpouseControls():
            return "spouses"
        case _:
            assert_never(controls)


def companion_label(base: str, kin: str) -> str:
    """The unrelated controls of the cases who have relatives."""
    return f"{base}, cases with {kin}"


COURSE_LABEL = "cases"
"""The comparison of the cases among themselves."""


def controls_title(controls: Controls) -> str:
    """A comparison as a heading: ``Population controls``, ``Siblings``."""
    match controls:
        case PopulationControls(name=name):
            return f"Population controls{f', {plain(name)}' if name else ''}"
        case GivenControls():
            return "Given controls"
        case SiblingControls() | SpouseControls():
            return capital(controls_label(controls))
        case _:
            assert_never(controls)


def controls_words(controls: Controls, event: Event) -> str:
    """Who the controls are, in a clause."""
    free = _free_of(event)
    match controls:
        case PopulationControls() | GivenControls():
            shared = [plain(key) for key in controls.match]
            if controls.caliper is not None:
                shared.append(f"age (within {controls.caliper.words()})")
            alike = f" of the same {listed(shared)}" if shared else ""
            drawn = " that an authority drew" if isinstance(controls, GivenControls) else ""
            return f"people from the population{drawn}{alike} who {free} on the same date"
        case SiblingControls(half=half, at=at):
            kind = {False: "full siblings", True: "full and half-siblings", "only": "half-siblings"}[half]
            return f"their {kind} who {free} {'on the same date' if at == 'index date' else 'at the same age'}"
        case SpouseControls():
            return f"their partners, who {free}"
        case _:
            assert_never(controls)


def _free_of(event: Event) -> str:
    """What controls had not had."""
    if event.death:
        return "were alive"
    return "had not had it" if event.atc else "did not have the disease"


def we_compared(people: str, who: str, numbers: tuple[int, int] | None) -> str:
    """Who was compared with whom; ``numbers``: of cases and controls, where they were counted."""
    if numbers is None:
        return f"We compared {people} with {who}."
    n, m = map(formats.count, numbers)
    return f"We compared {n} {people}, the cases, with {m} controls: {who}."


def sets_of_size(size: str, sets: int, share: float | None) -> str:
    """``5 in 1,040 (98.4%)``."""
    return f"{size} in {formats.count(sets)} ({formats.percent(share)})"


def set_sizes(total: int, mean: float, each: Sequence[str]) -> str:
    """How many sets have how many controls."""
    return f"{formats.count(total)} sets, with {mean:.1f} controls each on average: {', '.join(each)} of them."


def set_sizes_withheld(each: Sequence[str], others: Sequence[str]) -> str:
    """How many sets have how many controls, where that of some sizes (``others``) is withheld."""
    given = f"Controls in each set: {', '.join(each)} of the sets. " if each else ""
    return (
        f"{given}How many sets have {listed(others, 'or')} {'control' if others == ['1'] else 'controls'} is withheld."
    )


def relations(counted: Sequence[tuple[str, int | None, float | None]]) -> str:
    """Which relatives the controls are: kind, number and share."""
    kinds = [f"{kind} {formats.count(n)} ({formats.percent(share)})" for kind, n, share in counted]
    return f"Controls by relation to the case: {', '.join(kinds)}."


def published_sizes(sizes: Sequence[tuple[int, int | None, str]]) -> str:
    """How many controls of how many cases published studies compared, each with its source."""
    shown = [
        f"{formats.count(controls)} controls{f' of {formats.count(cases)} cases' if cases else ''} ({source})"
        for controls, cases, source in sizes
    ]
    return f"Published: {'; '.join(shown)}."


def effects(names: Sequence[str]) -> str:
    """What was estimated, as a heading: ``Odds ratios by class and window``."""
    several = " and ".join(f"{name}s" for name in names) or "estimates"
    return f"{capital(several)} by class and window"


def effects_against(effects: str, base: str) -> str:
    """The estimates from unrelated controls of the cases who have relatives."""
    return f"{effects} against {base} controls"


def cases_with(relatives: str, model: str) -> str:
    """Of which cases a table of companions is; ``model``: its own name, where it has one."""
    return f"cases with {relatives}{f', model {model}' if model else ''}"


SUBGROUPS = "Subgroups"

# Comparisons beside each other

CUT = (
    "the windows of siblings at the same age are cut to the shortest history in the set and those of the population "
    "are not, so the two differ in more than their controls and are not judged"
)
COMPATIBLE = (
    "Intervals that hold each other's estimate are compatible, which does not show that the two are equal, least of "
    "all where few sets are informative. Both come from the same cases, so their difference is not tested here; what "
    "relatives as controls remove, and what they amplify, stands in the section of the comparison."
)
NO_INTERVAL = "one of them has no interval"
EACH_HOLDS_THE_OTHER = "each interval holds the other's estimate, so the two are compatible"
APART = "the intervals do not overlap, so the two are incompatible"
OVERLAP = "the intervals overlap, but not each holds the other's estimate: neither agreement nor difference is shown"


def not_beside(what: str, why: str) -> str:
    """Why two estimates are not set beside each other."""
    return f"{capital(what)}: there is no estimate in both to set beside each other; {why}."


def withheld_beside(what: str) -> str:
    """That one of two estimates is withheld, so that they are not set beside each other."""
    return f"{capital(what)}: one of the two estimates is withheld, and they are not set beside each other."


def beside(what: str, ours: str, kin: str, few: str, theirs: str, base: str, verdict: str) -> str:
    """An estimate from relatives beside that from unrelated controls of the same cases; ``few``: what it rests on."""
    thin = f" ({few})" if few else ""
    numbers = f"{capital(what)}: {ours} against {kin}{thin}, {theirs} against {base} controls of the same cases"
    return f"{numbers}; {verdict}."


COMPARED_WITH = "Compared with"


def all_comparisons(form: str, part: tuple[int, int] | None = None) -> str:
    """The title of the figure of all comparisons; ``part``: which of how many sheets."""
    return f"All comparisons, {form}" + (f", {part[0]} of {part[1]}" if part else "")


def all_comparisons_table(form: str) -> str:
    """The caption of the table of all comparisons."""
    return f"All comparisons, {form} model"


def about_all_comparisons(form: str) -> str:
    """How the figure of all comparisons is read."""
    return (
        f"The {form} model in each comparison: circles against unrelated people, squares against relatives; the same "
        "color means the same cases. Points are estimates, lines their confidence intervals; the scale is logarithmic "
        "and 1 is no difference."
    )


# At a glance

TOTAL, DIRECT = "Total effect", "Direct effect"
AFTER_DIAGNOSIS = "HR after diagnosis"
EVER_BEFORE_DIAGNOSIS = "Ever before diagnosis"
GLANCE, USE = "The study at a glance", "Use"
COURSE = "After diagnosis: total effect by Cox regression; direct effect by the joint model, at the same current score"


def glance_models(forms: Sequence[tuple[str, bool]]) -> str:
    """Of which models the odds ratios at a glance are: each form, and whether all classes are in one model."""
    shown = dict.fromkeys(f"{form}, {_TOGETHER if mutual else _APART}" for form, mutual in forms)
    return f"Odds ratios are {' or '.join(shown)}; what each ratio estimates stands in the sections below"


_TOGETHER, _APART = "all classes in one model", "each class in a model of its own"


def see_table(why: str) -> str:
    """Why a cell at a glance is empty."""
    return f"{why}; the table of the comparison has what could be estimated"
