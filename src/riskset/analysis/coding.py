"""From what was measured to columns of a model: levels, references, unknown values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.analysis.frame import AnalysisFrame, Rows
from riskset.microdata import Microdata
from riskset.spec.levels import LAG_ONLY, UNKNOWN
from riskset.spec.measures import Measure


@dataclass(frozen=True)
class Block(Microdata):
    """The columns that one thing brings to a model.

    Attributes
    ----------
    name : the exposure's or the covariate's name
    term : the measure's key, or the covariate's name again
    levels : a name for each column
    columns : (n, p) in the rows of the frame
    reference : what a row with zeros everywhere is
    numeric : whether the columns are amounts rather than yes or no
    basis : whether the columns say something together only, as a spline's do, so that none has a ratio of its own
    unit : of a number, what one step of it is: ``100 DDD``
    modifier, stratum : what may modify the effect, and the value of it whose ratio the columns have
    against : the value whose ratio the stratum's is compared with
    compares : whether the columns' coefficients are logarithms of a ratio of ratios
    members : (n,) rows of people in that stratum, or in the two compared; None for all
    """

    name: str
    term: str
    levels: tuple[str, ...]
    columns: NDArray[np.float64]
    reference: str
    numeric: bool = False
    basis: bool = False
    unit: str = ""
    modifier: str = ""
    stratum: str = ""
    against: str = ""
    compares: bool = False
    members: Rows | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, for an error: ``pills=ever (sex male against female)``."""
        against = f" against {self.against}" if self.against else ""
        of = f"{self.stratum}{against}" if self.stratum else f"per {self.unit}"
        where = f" ({self.modifier} {of})" if self.modifier else ""
        return tuple(f"{self.name}={level}{where}" if level else f"{self.name}{where}" for level in self.levels)

    def rows(self, keep: Rows) -> Block:
        """The same columns with some of the rows."""
        members = None if self.members is None else self.members[keep]
        return replace(self, columns=self.columns[keep], members=members)

    def within(self, modifier: str, stratum: str, members: Rows) -> Block:
        """The same columns for the people of one stratum, zero for all others."""
        columns = self.columns * members[:, None]
        return replace(self, columns=columns, modifier=modifier, stratum=stratum, members=members)

    def pick(self, columns: Sequence[int]) -> Block:
        """Some of the columns."""
        chosen = list(columns)
        return replace(self, levels=tuple(self.levels[i] for i in chosen), columns=self.columns[:, chosen])


def code_exposure(frame: AnalysisFrame, exposure: str, measure: Measure) -> Block:
    """The levels of an exposure's measure as columns.

    Who qualified inside the lag of an ``ever`` measure only is a level of its own when the study says so, else counts
    as unexposed (`lag_only_rows` tells whom to leave out where the study excludes them).
    """
    terms = [t for t in frame.terms_of(exposure, measure.key) if t["level"] in measure.estimated]
    columns = [frame.value(t["term"]) / measure.unit for t in terms]
    matrix = np.column_stack(columns) if columns else np.zeros((len(frame.set_id), 0))
    reference = measure.widened_reference or terms[0]["reference"] if terms else ""
    levels = tuple(t["level"] for t in terms)
    numeric = measure.form == "number"
    return Block(exposure, measure.key, levels, matrix, reference, numeric=numeric, unit=measure.step)


def lag_only_rows(frame: AnalysisFrame, exposure: str, measure: Measure) -> Rows:
    """Rows of people who qualified inside the lag only (n,)."""
    rows = np.zeros(len(frame.set_id), dtype=bool)
    for term in frame.terms_of(exposure, measure.key):
        if term["level"] == LAG_ONLY:
            rows |= frame.value(term["term"]) > 0
    return rows


def code_covariate(frame: AnalysisFrame, name: str, *, missing: str) -> tuple[Block, Rows]:
    """A covariate as columns, and the rows where it is known.

    A text is parted into its values, the reference being the most frequent among controls of those that some case has
    (the first in alphabetical order among equals); with ``missing = "level"`` unknown is a value. A number stays one.
    """
    values = frame.covariate(name)
    known = np.asarray(values.is_valid())
    if pa.types.is_boolean(values.type):
        column = values.fill_null(False).cast(pa.int8()).to_numpy().astype(float)
        return Block(name, name, ("yes",), column[:, None], "no"), known
    if not pa.types.is_string(values.type):
        column = np.where(known, np.asarray(values.fill_null(0), dtype=float), 0.0)
        return Block(name, name, ("",), column[:, None], "", numeric=True), known
    if missing == "level":
        values = values.fill_null(UNKNOWN)
        known = np.ones(len(values), dtype=bool)
    encoded = values.fill_null("").dictionary_encode()
    codes = np.asarray(encoded.indices)
    texts = encoded.dictionary.to_pylist()
    among_controls = np.bincount(codes[known & ~frame.case], minlength=len(texts))
    among_cases = np.bincount(codes[known & frame.case], minlength=len(texts))
    present = sorted(text for i, text in enumerate(texts) if np.any(known & (codes == i)))
    if not present:
        return Block(name, name, (), np.zeros((len(codes), 0)), ""), known
    in_use = [text for text in present if among_cases[texts.index(text)]] or present
    reference = min(in_use, key=lambda text: (-among_controls[texts.index(text)], text))
    levels = tuple(text for text in present if text != reference)
    matrix = np.column_stack([codes == texts.index(t) for t in levels]) if levels else np.zeros((len(codes), 0))
    return Block(name, name, levels, matrix.astype(float), reference), known


def varies_within_sets(columns: NDArray[np.float64], set_id: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which columns (n, p) differ between members of at least one set (p,)."""
    return discordant_sets(columns, set_id) > 0


def discordant_sets(columns: NDArray[np.float64], set_id: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many sets have members that differ in each column (p,); the sets that inform its coefficient."""
    if not len(set_id):
        return np.zeros(columns.shape[1], dtype=np.int64)
    order = np.argsort(set_id, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(set_id[order]) != 0])
    ordered = columns[order]
    differ = np.maximum.reduceat(ordered, starts) != np.minimum.reduceat(ordered, starts)
    counts: NDArray[np.int64] = differ.sum(axis=0)
    return counts
