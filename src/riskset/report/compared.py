"""Who was compared with the cases, in words; and what relatives as controls can tell and what they cannot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

from riskset.report import formats
from riskset.report.view import View, words_of
from riskset.report.words import disease_words, event_noun, listed
from riskset.results.comparisons import base_of, controls_of, is_kin
from riskset.results.set_vocabulary import Characteristic
from riskset.spec.design import Controls, Event, GivenControls, PopulationControls, SiblingControls, SpouseControls
from riskset.spec.study import Study

SIBLINGS = (
    "Siblings grew up in one family and share half of the genes that vary. Comparing them removes what the whole "
    "family has in common: the childhood home, the parents' education, where they lived. Shared genes are removed by "
    "half only. What one sibling has and the other has not, such as an illness of one's own that leads to a "
    "prescription, is not removed but weighs more, because the sets that count are those in which siblings differ; "
    "errors in recorded use weigh more for the same reason, and pull the ratio towards 1. So a sibling estimate nearer "
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


def comparison_title(study: Study, comparison: str) -> str:
    """``Population controls``, ``Siblings``; a companion by its label."""
    controls = controls_of(study, comparison)
    if controls is None or is_kin(controls):
        words = words_of(comparison)
        return f"{words[:1].upper()}{words[1:]}"
    name = controls.name if isinstance(controls, PopulationControls) else None
    return f"{controls.kind.capitalize()} controls{f', {words_of(name)}' if name else ''}"


def controls_words(controls: Controls, event: Event) -> str:
    """Who the controls are, in a clause."""
    free = {"death": "were alive", "the event": "had not had it"}.get(event_noun(event), "did not have the disease")
    match controls:
        case PopulationControls() | GivenControls():
            shared = [*(words_of(key) for key in controls.match)]
            if controls.caliper is not None:
                shared.append(f"age (within {controls.caliper.words()})")
            alike = f" of the same {listed(shared)}" if shared else ""
            drawn = " that an authority drew" if isinstance(controls, GivenControls) else ""
            return f"people from the population{drawn}{alike} who {free} on the same date"
        case SiblingControls(half=half, at=at):
            kind = {False: "full siblings", True: "full and half-siblings"}.get(half is True, "")
            kind = "half-siblings" if half == "only" else kind
            return f"their {kind} who {free} {'on the same date' if at == 'index date' else 'at the same age'}"
        case SpouseControls():
            return f"their partners, who {free}"
        case _:
            assert_never(controls)


def what_was_compared(view: View, comparison: str) -> str:
    """One sentence with the numbers of people in the sets of a comparison."""
    study = view.study
    counted = [x for x in view.lines if x["comparison"] == comparison and not x.modifier and x["n_cases"] is not None]
    controls = base_of(study, comparison)
    who = controls_words(controls, study.cases.first) if controls else words_of(comparison)
    people = disease_words(study.cases)
    if not counted:
        return f"We compared {people} with {who}."
    largest = max(counted, key=lambda x: (x["n_cases"], x["n_controls"] or 0))
    n, m = formats.count(largest["n_cases"]), formats.count(largest["n_controls"])
    return f"We compared {n} {people}, the cases, with {m} controls: {who}."


def what_it_can_tell(view: View, comparison: str) -> str:
    """What relatives remove of confounding and what not; nothing for other controls."""
    controls = controls_of(view.study, comparison)
    match controls:
        case SiblingControls():
            return SIBLINGS
        case SpouseControls():
            return SPOUSES
        case PopulationControls() | GivenControls() | None:
            return ""
        case _:
            assert_never(controls)


def set_sizes(rows: Sequence[dict[str, Any]]) -> str:
    """How many sets have how many controls, and which relatives these are, from rows of Table 1."""
    sizes = [row for row in rows if row["about"] == Characteristic.SET_SIZE and row["cases_n"]]
    sentences = []
    if sizes:
        total = sum(row["cases_n"] for row in sizes)
        mean = sum(int(row["level"]) * row["cases_n"] for row in sizes) / total
        each = [
            f"{row['level']} in {formats.count(row['cases_n'])} ({formats.percent(row['cases_value'])})"
            for row in sizes
        ]
        sentences.append(
            f"{formats.count(total)} sets, with {mean:.1f} controls each on average: {', '.join(each)} of them."
        )
    kinds = [row for row in rows if row["about"] == Characteristic.RELATION]
    if kinds:
        counted = [
            f"{words_of(row['level'])} {formats.count(row['controls_n'])} ({formats.percent(row['controls_value'])})"
            for row in kinds
        ]
        sentences.append(f"Controls by relation to the case: {', '.join(counted)}.")
    return " ".join(sentences)


def published_sizes(study: Study, comparison: str) -> str:
    """How many people a published study compared, beside the sizes of this run's sets."""
    rows = [row for row in study.published_sets if row.comparison == comparison]
    sizes = []
    for row in rows:
        of_cases = f" of {formats.count(row.cases)} cases" if row.cases else ""
        sizes.append(f"{formats.count(row.controls)} controls{of_cases} ({row.source})")
    return f"Published: {'; '.join(sizes)}." if sizes else ""
