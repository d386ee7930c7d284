"""Every comparison that a study makes, with its sets: those of its controls, and beside relatives the same cases'."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from riskset.analysis.kin import sets_of_same_cases, without_modification
from riskset.cohort.audit import estimand
from riskset.microdata import Microdata
from riskset.results.comparisons import companions
from riskset.results.notes import Note, NoteCode, note
from riskset.spec.design import Controls
from riskset.spec.models import ConditionalLogistic


@dataclass(frozen=True)
class SetsCompared(Microdata):
    """The sets of one comparison.

    Attributes
    ----------
    label : what tables call the comparison
    sets : matched sets
    estimand : notes on what their odds ratio estimates
    beside : the relatives whose cases these are; empty where the sets are of all cases
    """

    label: str
    sets: pa.Table
    estimand: tuple[Note, ...]
    beside: str = ""

    def asked(self, model: ConditionalLogistic) -> ConditionalLogistic:
        """A model of the study as it is fitted on these sets."""
        return without_modification(model) if self.beside else model


def comparisons_in(asked: Sequence[Controls], sets: pa.Table, audit: pa.Table | None) -> Iterator[SetsCompared]:
    """The comparisons that have sets, in the order of the study; relatives stand before the same cases' other sets.

    Parameters
    ----------
    sets : matched sets of all comparisons, whose ``set_id`` is one within its comparison alone
    audit : of these sets; None where they were not audited
    """
    for controls in asked:
        of_controls = sets.filter(pc.field("comparison") == controls.comparison)
        if not len(of_controls):
            continue
        yield SetsCompared(controls.comparison, of_controls, estimand(controls, audit))
        for base, label in companions(asked, controls):
            same = sets_of_same_cases(sets, base, controls)
            if len(same):
                same_cases = note(NoteCode.OF_SAME_CASES, comparison=controls.comparison)
                yield SetsCompared(label, same, (*estimand(base, audit), same_cases), beside=controls.comparison)
