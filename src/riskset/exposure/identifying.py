"""A categorical covariate tells people alike: one that tells each from the next is refused before it is shown.

Of one that does not, the levels that hardly anybody has are one level before they are modelled, counted or written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from riskset.cohort.shared import shared_texts
from riskset.errors import SpecError
from riskset.microdata import FEWEST, Microdata
from riskset.registers.registers import Registers
from riskset.registers.schema import TABLES
from riskset.results.rows import Diagnostic
from riskset.results.vocabulary import Analysis, DiagnosticCode, Model
from riskset.spec.covariates import BUILT_IN, BuiltIn
from riskset.spec.levels import RARE

FEW_LEVELS = 5
"""So many levels may be as rare as they like: no identifier, name or date has so few."""

SHARED_BY, MOST_PEOPLE = 3, 0.5
"""A value is shared if so many people have it; where more than this part of them share none, it identifies them."""


def refuse_identifying(name: str, values: pa.Array, person: NDArray[np.int64], *, most: int) -> None:
    """Refuse a covariate of texts that people do not share, or that has too many levels to tell them alike.

    Parameters
    ----------
    name : of the covariate
    values : (n,) texts, null where unknown; other types are no levels and pass
    person : (n,) whose they are; who is there several times counts once with each value
    most : the most levels that the study allows

    Raises
    ------
    SpecError
        With the covariate's name, and none of its values.
    """
    if not pa.types.is_string(values.type):
        return
    coded = values.dictionary_encode()
    known = np.asarray(coded.is_valid())
    pairs = np.unique(np.column_stack([np.asarray(coded.indices.fill_null(-1))[known], person[known]]), axis=0)
    sharing = np.bincount(pairs[:, 0]) if len(pairs) else np.zeros(0, np.int64)
    people = len(np.unique(person[known]))
    alone = len(np.unique(pairs[sharing[pairs[:, 0]] < SHARED_BY, 1])) if len(pairs) else 0
    if len(sharing) > FEW_LEVELS and alone > MOST_PEOPLE * people:
        raise SpecError(
            f"hardly anybody shares a value of {name} ({alone:,} of {people:,} people with at most one other), so that "
            "it would identify them",
            where=f"covariate {name}",
            remedy=f"map another column to {name} in sources.toml, or leave it out",
        )
    if len(sharing) > most:
        raise SpecError(
            f"{name} has {len(sharing):,} levels among {people:,} people, more than most_levels = {most} allows",
            where=f"covariate {name}",
            remedy="group its values in sources.toml, map another column, or raise most_levels in the study",
        )


@dataclass(frozen=True)
class Pooled(Microdata):
    """Covariates whose rare levels are one, and what is to be said of it.

    Attributes
    ----------
    table : as it was, but for such levels
    diagnostics : for each covariate that has some, how many they are
    """

    table: pa.Table
    diagnostics: tuple[Diagnostic, ...]


def pool_rare(
    registers: Registers,
    levels: Mapping[str, Sequence[str]],
    table: pa.Table,
    names: Sequence[str],
    *,
    analysis: Analysis,
    comparison: str = "",
) -> Pooled:
    """Make one level, `RARE`, of those that fewer than ``FEWEST`` persons of the registers have.

    The text of such a level may be a person's own, and stands in every table and message about the level. It is counted
    in the registers and not in the sets, so that each comparison of a study has the same levels. Levels that the study
    names and those of a closed set are words that everybody knows, and remain.

    Parameters
    ----------
    levels : of covariates that the study names them of
    table : person_id, and a column for each of the names
    analysis, comparison : whose diagnostics these are
    """
    diagnostics = []
    for name in names:
        row = BUILT_IN.get(name)
        if row is None or row.numeric or row.column is None or TABLES[row.table].column(row.column).values:
            continue
        rare = _rare(registers, row, table["person_id"], table[name], levels.get(name, ()))
        if rare:
            place = table.column_names.index(name)
            table = table.set_column(place, name, _as_one(table[name], rare))
            code, value = DiagnosticCode.RARE_LEVELS, float(len(rare))
            row_of = Diagnostic(model=Model(analysis), comparison=comparison, code=code, covariate=name, value=value)
            diagnostics.append(row_of)
    return Pooled(table, tuple(diagnostics))


def _rare(
    registers: Registers, row: BuiltIn, person: pa.ChunkedArray, values: pa.ChunkedArray, named: Sequence[str]
) -> list[str]:
    """The levels that too few have: of those that few of the measured persons have, whom the registers know more of."""
    pairs = pa.table({"person": person, "level": values}).drop_null().group_by(["level", "person"]).aggregate([])
    sharing = pairs.group_by("level").aggregate([("person", "count")])
    few = sharing.filter(pc.less(sharing["person_count"], FEWEST))["level"].to_pylist()
    asked = sorted(set(few) - set(named))
    shared = _shared(registers, row, asked) if asked else set()
    return [level for level in asked if level not in shared]


def _shared(registers: Registers, row: BuiltIn, levels: Sequence[str]) -> set[str]:
    """Those of these levels that enough persons of the registers have, at any time."""
    rows: ir.Table = registers[row.table]
    if row.table == "registry_item":
        rows = rows.filter(rows["name"] == row.name)
    column = str(row.column)
    return set(shared_texts(registers, rows.filter(rows[column].isin(levels)), column))


def _as_one(values: pa.ChunkedArray, rare: Sequence[str]) -> pa.ChunkedArray:
    return pc.if_else(pc.is_in(values, value_set=pa.array(rare, pa.string())), RARE, values)
