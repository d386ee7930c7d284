"""Who was compared with the cases, in words; and what relatives as controls can tell and what they cannot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from riskset.report import formats
from riskset.report.catalogue import english_compared as english
from riskset.report.catalogue.english_cohort import relation_words
from riskset.report.catalogue.english_summary import disease_words
from riskset.report.view import View, words_of
from riskset.results.comparisons import base_of, companions, controls_of
from riskset.results.planted_prognosis import CASES
from riskset.results.row_cells import DescribedCells
from riskset.results.set_vocabulary import Characteristic
from riskset.spec.design import GivenControls, PopulationControls, SiblingControls, SpouseControls
from riskset.spec.study import Study
from riskset.spec.words import capital

_Size = tuple[int, int, float | None]
"""How many controls, in how many sets, and in what share of them."""


def comparison_title(study: Study, comparison: str) -> str:
    """``Population controls``, ``Siblings``; a companion by its label."""
    controls = controls_of(study.controls, comparison)
    return english.controls_title(controls) if controls else capital(comparison_words(study, comparison))


def comparison_words(study: Study, comparison: str) -> str:
    """A comparison in words; a companion by whose unrelated controls it takes, and of which cases."""
    if comparison == CASES:
        return english.COURSE_LABEL
    if controls := controls_of(study.controls, comparison):
        return english.controls_label(controls)
    pairs = [(base, kin, label) for kin in study.controls for base, label in companions(study.controls, kin)]
    labels = {
        label: english.companion_label(english.controls_label(base), english.controls_label(kin))
        for base, kin, label in pairs
    }
    return labels.get(comparison, words_of(comparison))


def what_was_compared(view: View, comparison: str) -> str:
    """One sentence with the numbers of people in the sets of a comparison."""
    study = view.study
    counted = [x for x in view.lines if x["comparison"] == comparison and not x.modifier and x["n_cases"] is not None]
    controls = base_of(study.controls, comparison)
    who = english.controls_words(controls, study.cases.first) if controls else comparison_words(study, comparison)
    people = disease_words(study.cases)
    numbers = [(x["n_cases"], x["n_controls"]) for x in counted]
    given = [one for one in numbers if not any(map(formats.is_withheld, one))]
    return english.we_compared(people, who, max(given, key=lambda n: (n[0], n[1] or 0), default=None))


def what_it_can_tell(view: View, comparison: str) -> str:
    """What relatives remove of confounding and what not; nothing for other controls."""
    controls = controls_of(view.study.controls, comparison)
    match controls:
        case SiblingControls():
            return english.SIBLINGS
        case SpouseControls():
            return english.SPOUSES
        case PopulationControls() | GivenControls() | None:
            return ""
        case _:
            assert_never(controls)


def set_sizes(rows: Sequence[DescribedCells]) -> str:
    """How many sets have how many controls, and which relatives these are, from rows of Table 1."""
    sizes = [
        (int(row["level"]), n, row["cases_value"])
        for row in rows
        if row["about"] == Characteristic.SET_SIZE and (n := row["cases_n"])
    ]
    sentences = []
    given, withheld = _by_whether_given(sizes)
    if withheld:
        each = [english.sets_of_size(str(size), n, share) for size, n, share in given]
        sentences.append(english.set_sizes_withheld(each, [str(size) for size, _, _ in withheld]))
    elif sizes:
        total = sum(n for _, n, _ in sizes)
        mean = sum(size * n for size, n, _ in sizes) / total
        each = [english.sets_of_size(str(size), n, share) for size, n, share in sizes]
        sentences.append(english.set_sizes(total, mean, each))
    kinds = [row for row in rows if row["about"] == Characteristic.RELATION]
    if kinds:
        counted = [(relation_words(row["level"]), row["controls_n"], row["controls_value"]) for row in kinds]
        sentences.append(english.relations(counted))
    return " ".join(sentences)


def _by_whether_given(sizes: Sequence[_Size]) -> tuple[list[_Size], list[_Size]]:
    """The sizes of sets whose numbers are given, and those of which one is withheld."""
    given: list[_Size] = []
    withheld: list[_Size] = []
    for size in sizes:
        (withheld if any(map(formats.is_withheld, size[1:])) else given).append(size)
    return given, withheld


def published_sizes(study: Study, comparison: str) -> str:
    """How many people a published study compared, beside the sizes of this run's sets."""
    rows = [row for row in study.published_sets if row.comparison == comparison]
    sizes = [(row.controls, row.cases, row.source) for row in rows]
    return english.published_sizes(sizes) if sizes else ""
