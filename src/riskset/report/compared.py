"""Who was compared with the cases, in words; and what relatives as controls can tell and what they cannot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

from riskset.report import formats
from riskset.report.catalogue import english_compared as english
from riskset.report.catalogue.english_cohort import relation_words
from riskset.report.catalogue.english_summary import disease_words
from riskset.report.templating import capital
from riskset.report.view import View, words_of
from riskset.results.comparisons import base_of, companions, controls_of
from riskset.results.planted_prognosis import CASES
from riskset.results.set_vocabulary import Characteristic
from riskset.spec.design import GivenControls, PopulationControls, SiblingControls, SpouseControls
from riskset.spec.study import Study


def comparison_title(study: Study, comparison: str) -> str:
    """``Population controls``, ``Siblings``; a companion by its label."""
    controls = controls_of(study, comparison)
    return english.controls_title(controls) if controls else capital(comparison_words(study, comparison))


def comparison_words(study: Study, comparison: str) -> str:
    """A comparison in words; a companion by whose unrelated controls it takes, and of which cases."""
    if comparison == CASES:
        return english.COURSE_LABEL
    if controls := controls_of(study, comparison):
        return english.controls_label(controls)
    pairs = [(base, kin, label) for kin in study.controls for base, label in companions(study, kin)]
    labels = {
        label: english.companion_label(english.controls_label(base), english.controls_label(kin))
        for base, kin, label in pairs
    }
    return labels.get(comparison, words_of(comparison))


def what_was_compared(view: View, comparison: str) -> str:
    """One sentence with the numbers of people in the sets of a comparison."""
    study = view.study
    counted = [x for x in view.lines if x["comparison"] == comparison and not x.modifier and x["n_cases"] is not None]
    controls = base_of(study, comparison)
    who = english.controls_words(controls, study.cases.first) if controls else comparison_words(study, comparison)
    people = disease_words(study.cases)
    numbers = [(x["n_cases"], x["n_controls"]) for x in counted]
    given = [one for one in numbers if not any(map(formats.is_withheld, one))]
    return english.we_compared(people, who, max(given, key=lambda n: (n[0], n[1] or 0), default=None))


def what_it_can_tell(view: View, comparison: str) -> str:
    """What relatives remove of confounding and what not; nothing for other controls."""
    controls = controls_of(view.study, comparison)
    match controls:
        case SiblingControls():
            return english.SIBLINGS
        case SpouseControls():
            return english.SPOUSES
        case PopulationControls() | GivenControls() | None:
            return ""
        case _:
            assert_never(controls)


def set_sizes(rows: Sequence[dict[str, Any]]) -> str:
    """How many sets have how many controls, and which relatives these are, from rows of Table 1."""
    sizes = [row for row in rows if row["about"] == Characteristic.SET_SIZE and row["cases_n"]]
    sentences = []
    given = [row for row in sizes if not any(map(formats.is_withheld, (row["cases_n"], row["cases_value"])))]
    if len(given) < len(sizes):
        each = [english.sets_of_size(row["level"], row["cases_n"], row["cases_value"]) for row in given]
        sentences.append(english.set_sizes_withheld(each, [row["level"] for row in sizes if row not in given]))
    elif sizes:
        total = sum(row["cases_n"] for row in sizes)
        mean = sum(int(row["level"]) * row["cases_n"] for row in sizes) / total
        each = [english.sets_of_size(row["level"], row["cases_n"], row["cases_value"]) for row in sizes]
        sentences.append(english.set_sizes(total, mean, each))
    kinds = [row for row in rows if row["about"] == Characteristic.RELATION]
    if kinds:
        counted = [(relation_words(row["level"]), row["controls_n"], row["controls_value"]) for row in kinds]
        sentences.append(english.relations(counted))
    return " ".join(sentences)


def published_sizes(study: Study, comparison: str) -> str:
    """How many people a published study compared, beside the sizes of this run's sets."""
    rows = [row for row in study.published_sets if row.comparison == comparison]
    sizes = [(row.controls, row.cases, row.source) for row in rows]
    return english.published_sizes(sizes) if sizes else ""
