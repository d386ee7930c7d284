"""Strata of what may modify the effect of an exposure: who is in which, by whose value, and the columns of each.

`spec.modification` decides from the design whether the case's value parts the sets or each person's own value counts;
here the data are asked whether they agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.analysis.coding import Block
from riskset.analysis.frame import AnalysisFrame, Rows
from riskset.microdata import Microdata
from riskset.results.notes import Note, NoteCode, note
from riskset.spec.covariates import BUILT_IN
from riskset.spec.modification import Parting, range_names

UNKNOWN = -1


@dataclass(frozen=True)
class Strata(Microdata):
    """The people of matched sets by what may modify an effect.

    Attributes
    ----------
    parting : by whose value, and why
    labels : of each stratum: ``female``, ``<65``
    members : (n, k) rows of each stratum; nobody is in two, and who is in none has an unknown value
    """

    parting: Parting
    labels: tuple[str, ...]
    members: NDArray[np.bool_]

    @property
    def by(self) -> str:
        """The covariate."""
        return self.parting.by

    @property
    def by_own_value(self) -> bool:
        """Whether each person's own value counts; else the case's, for its whole set."""
        return self.parting.by_own_value

    @property
    def placed(self) -> Rows:
        """Rows (n,) in some stratum."""
        return np.asarray(self.members.any(axis=1))

    def main_effect(self) -> Block:
        """The strata as a covariate."""
        columns = self.members[:, 1:].astype(float)
        return Block(f"{self.by} in strata", self.by, self.labels[1:], columns, next(iter(self.labels), ""))

    def split(self, blocks: Sequence[Block]) -> list[Block]:
        """Each block's columns by stratum: those of one block together, in the order of the strata."""
        return [b.within(self.by, label, self.members[:, k]) for b in blocks for k, label in enumerate(self.labels)]


def how_parted(parting: Parting) -> Note:
    """What was done and why."""
    facts: dict[str, str | int] = {"by": parting.by, "reason": str(parting.reason)}
    facts |= {"about": parting.about} if parting.about else {}
    facts |= {"differing": parting.differing} if parting.differing else {}
    return note(NoteCode.PARTED_BY_OWN if parting.by_own_value else NoteCode.PARTED_BY_CASE, **facts)


def strata_of(frame: AnalysisFrame, cuts: Sequence[float], parting: Parting) -> Strata:
    """Who is in which stratum: by the case's value where the design and the data make sets share it, else by their own.

    Parameters
    ----------
    cuts : where a number is parted
    parting : by which covariate, and by whose value as the design has it
    """
    values = frame.covariate(parting.by)
    labels, codes = _cut(values, cuts) if cuts else _valued(values)
    parting = _checked(parting, frame, _numbers(values) if cuts else codes)
    if not parting.by_own_value:
        codes = frame.case_value(codes)
    there = [k for k in range(len(labels)) if np.any(codes == k)]
    members = codes[:, None] == np.array(there, dtype=np.int64)[None, :]
    return Strata(parting, tuple(labels[k] for k in there), members)


def _checked(parting: Parting, frame: AnalysisFrame, values: NDArray[np.generic]) -> Parting:
    """The parting by design, unless sets differ in what they were to share."""
    if parting.by_own_value:
        return parting
    numbers = np.where(values == UNKNOWN, np.nan, values) if values.dtype.kind == "i" else values
    away = np.abs(numbers - frame.case_value(numbers)) > parting.within
    differing = len(np.unique(frame.set_id[away]))
    return parting.found_differing(differing) if differing else parting


def _numbers(values: pa.Array) -> NDArray[np.float64]:
    """Numbers (n,), NaN where unknown."""
    return np.asarray(values.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False))


def _valued(values: pa.Array) -> tuple[list[str], NDArray[np.int64]]:
    """The values in alphabetical order, no before yes; and which of them each row has (n,)."""
    if pa.types.is_boolean(values.type):
        codes = np.asarray(values.cast(pa.int64()).fill_null(UNKNOWN).to_numpy(zero_copy_only=False))
        return ["no", "yes"], codes
    encoded = values.cast(pa.string()).dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    order = sorted(range(len(texts)), key=lambda i: str(texts[i]))
    rank = np.empty(len(texts) + 1, dtype=np.int64)
    rank[order], rank[-1] = np.arange(len(texts)), UNKNOWN
    position = np.asarray(encoded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False))
    return [texts[i] for i in order], rank[position]


def _cut(values: pa.Array, cuts: Sequence[float]) -> tuple[list[str], NDArray[np.int64]]:
    """Ranges between cuts, each from its lower end on; and which of them each row has (n,)."""
    numbers = _numbers(values)
    codes = np.where(np.isnan(numbers), UNKNOWN, np.searchsorted(np.array(cuts), numbers, side="right"))
    return [*range_names(cuts)], codes.astype(np.int64)


def with_number(block: Block, modifier: str, number: NDArray[np.float64], unit: str) -> list[Block]:
    """An exposure's columns and their products with a number (n,): what a unit of it multiplies the ratio by."""
    columns = block.columns * number[:, None]
    return [block, replace(block, columns=columns, modifier=modifier, unit=unit, compares=True)]


def in_units(name: str, values: NDArray[np.float64], known: Rows) -> tuple[NDArray[np.float64], str]:
    """A number (n,) from its mean, in units that a reader can picture, and what one is: ``10 years``.

    Ages and years are in decades, other numbers in standard deviations, to two digits.
    """
    unit, in_years = 10.0, name in BUILT_IN and BUILT_IN[name].years
    if not in_years:
        unit = float(f"{values[known].std():.1e}") if known.any() else 1.0
    centred = np.where(known, values - (values[known].mean() if known.any() else 0.0), 0.0)
    return centred / (unit or 1.0), f"{unit:,.10g}{' years' if in_years else ''}"


def against_first(blocks: Sequence[Block]) -> list[Block]:
    """The same columns of one exposure by strata, as a ratio in one stratum and the ratios of the others' to it.

    In every level the first stratum that has it stands for all: its column becomes the sum of all strata's, and its
    coefficient stays its log ratio; those of the others become logarithms of ratios of ratios.

    Parameters
    ----------
    blocks : an exposure's columns in each stratum, with the levels that its sets inform

    Returns
    -------
    Blocks of single columns, the sums first in each level.
    """
    made: list[Block] = []
    for level in dict.fromkeys(name for block in blocks for name in block.levels):
        having = [b.pick([b.levels.index(level)]) for b in blocks if level in b.levels]
        first = having[0]
        made.append(replace(first, columns=np.sum([b.columns for b in having], axis=0), members=None))
        for other in having[1:]:
            made.append(replace(other, members=_both(first, other), against=first.stratum, compares=True))
    return made


def lacking(block: Block, blocks: Sequence[Block], strata: Strata) -> list[Block]:
    """The comparisons that `against_first` cannot make, because a stratum's sets do not inform a level.

    Parameters
    ----------
    block : the exposure's columns in all strata together
    blocks : in each of the strata
    """
    made = []
    for i, level in enumerate(block.levels):
        having = [b.stratum for b in blocks if level in b.levels]
        having = having if len(having) > 1 else [strata.labels[0]]
        missing = (label for label in strata.labels if label not in having)
        made += [
            replace(block.pick([i]), modifier=strata.by, stratum=label, against=having[0], compares=True)
            for label in missing
        ]
    return made


def _both(one: Block, other: Block) -> Rows | None:
    return None if one.members is None or other.members is None else one.members | other.members
