"""What relatives as controls ask of the models: covariates in each of them, refusals, flags, and the same cases' sets
of unrelated controls beside.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from riskset.analysis.coding import Block, code_covariate
from riskset.analysis.frame import AnalysisFrame, Rows
from riskset.results.comparisons import is_kin
from riskset.results.notes import Note, NoteCode, note
from riskset.spec.covariates import COVARIATES
from riskset.spec.design import Controls, SiblingControls, SpouseControls
from riskset.spec.measures import Measure
from riskset.spec.models import ConditionalLogistic
from riskset.stats import NaturalSpline

QUANTILES = (0.05, 0.35, 0.65, 0.95)
"""Of the members' values, where a spline has its knots (Harrell, *Regression Modeling Strategies* 2015, table 2.3)."""


_SAID_BY_AGE = tuple(c.name for c in COVARIATES if c.years and c.column == "birth_date")


def covariates_always(controls: Controls | None) -> tuple[str, ...]:
    """Covariates of every model of a comparison, the crude one included; none but of relatives."""
    return controls.always if isinstance(controls, SiblingControls | SpouseControls) else ()


def notes_always(controls: Controls | None) -> tuple[Note, ...]:
    """What every estimate of a comparison is adjusted for; nothing for controls that are matched on it."""
    if not is_kin(controls):
        return ()
    timed, sex = covariates_always(controls)
    return (note(NoteCode.ALWAYS_ADJUSTED, spline=timed, knots=len(QUANTILES), covariate=sex),)


def stands_for(controls: Controls | None) -> tuple[str, ...]:
    """Names in ``adjust`` that the covariates of every model already say: age, birth year and index date are one."""
    return (*_SAID_BY_AGE, "sex") if is_kin(controls) else ()


def covariates_beside(adjust: Sequence[str], controls: Controls | None) -> tuple[str, ...]:
    """The names in ``adjust`` that the covariates of every model do not say already."""
    return tuple(name for name in adjust if name not in stands_for(controls))


def code_always(frame: AnalysisFrame, controls: Controls | None) -> tuple[list[Block], Rows]:
    """The covariates of every model as columns, and the rows (n,) where they are known."""
    blocks, known = [], np.ones(len(frame.set_id), dtype=bool)
    for name in covariates_always(controls):
        block, has_value = code_covariate(frame, name, missing="complete case")
        known &= has_value
        blocks.append(as_spline(block, has_value) if block.numeric else block)
    return blocks, known


def as_spline(block: Block, known: Rows) -> Block:
    """A number as a natural cubic spline with knots at `QUANTILES`; a straight line where it has too few values.

    Parameters
    ----------
    block : of one column
    known : (n,) the rows whose values place the knots; the others get zeros
    """
    values = block.columns[:, 0]
    if not known.any():
        return block
    # In decades from the median: columns of like size make a well-conditioned information matrix.
    decades: NDArray[np.float64] = np.where(known, (values - np.median(values[known])) / 10, 0.0)
    knots = np.unique(np.quantile(decades[known], QUANTILES))
    if len(knots) < 3:
        return Block(block.name, block.term, ("",), decades[:, None], "", numeric=True, unit="10 years")
    columns = NaturalSpline(tuple(float(k) for k in knots)).value(decades)[:, 1:]
    levels = tuple(f"spline {i} of {columns.shape[1]}" for i in range(1, columns.shape[1] + 1))
    return Block(block.name, block.term, levels, np.where(known[:, None], columns, 0.0), "", numeric=True, basis=True)


def notes_of_level(controls: Controls | None, measure: Measure | None, level: str) -> tuple[Note, ...]:
    """What must be said of a level: of spouses that its window reaches the index date, so that the coming illness
    may fill it.
    """
    is_flagged = isinstance(controls, SpouseControls) and measure is not None and reaches_index(measure, level)
    return (note(NoteCode.MAY_REACT),) if is_flagged else ()


def reaches_index(measure: Measure, level: str) -> bool:
    """Whether use right before the index date can put a person in this level of a measure."""
    return any(possible.label == level and not possible.lag for possible in measure.levels(at_least=1))


def sets_of_same_cases(sets: pa.Table, base: Controls, kin: Controls) -> pa.Table:
    """The sets of one comparison whose case also has a set in another.

    Parameters
    ----------
    sets : matched sets of all comparisons
    base, kin : whose sets are taken, and who must have one
    """
    base_sets = sets.filter(pc.field("comparison") == base.comparison)
    theirs = sets.filter((pc.field("comparison") == kin.comparison) & pc.field("case"))
    chosen = base_sets.filter(pc.field("case") & pc.field("person_id").isin(theirs["person_id"].combine_chunks()))
    return base_sets.filter(pc.field("set_id").isin(chosen["set_id"].combine_chunks()))


def without_modification(model: ConditionalLogistic) -> ConditionalLogistic:
    """The model in all sets alone: what stands beside a kin estimate has no subgroups of its own."""
    return model.model_copy(update={"subgroups": (), "interactions": ()})
