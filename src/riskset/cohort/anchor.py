"""Where the windows of a set end: at its index date, or at the symptom onset of its case."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from riskset.cohort.attrition import Attrition
from riskset.cohort.quality_register import first_days
from riskset.errors import DesignError
from riskset.registers.registers import Registers
from riskset.results.set_vocabulary import AttritionPart, AttritionRule, Unit
from riskset.results.tables import ATTRITION
from riskset.spec.study import Anchor


def anchor_sets(
    registers: Registers, sets: pa.Table, anchor: Anchor, register: str | None
) -> tuple[pa.Table, pa.Table]:
    """Add ``anchor_date`` to matched sets.

    With ``anchor = "onset"`` the onset of the case is given to its whole set, sampling staying at the index date: its
    first ``onset_date`` in the register that counts for the follow-up, too (`quality_register.items_of`). Sets whose
    case has no onset on or before the index date are left out. Who has an index date of its own (a sibling at the same
    age) has an anchor as long before it as the case has.

    Parameters
    ----------
    sets : matched sets of all comparisons
    anchor : where windows end
    register : the quality register whose onsets count (``Study.quality_register``)

    Returns
    -------
    The sets with ``anchor_date``, and the attrition by an unknown onset (no row where windows end at the index date).

    Raises
    ------
    DesignError
        No case has an onset, or several registers hold onsets and none is named.
    """
    if anchor == "index date":
        return sets.append_column("anchor_date", sets["index_date"]), ATTRITION.empty_table()
    onsets = first_days(registers, "onset_date", register)
    first = registers.engine.collect(onsets.rename(anchor_date="date"))
    cases = sets.filter(pc.field("case")).select(["comparison", "set_id", "person_id", "index_date"])
    of_case = cases.join(first, "person_id", join_type="inner")
    delay = (of_case["index_date"].to_numpy() - of_case["anchor_date"].to_numpy()).astype("int64")
    of_set = of_case.select(["comparison", "set_id"]).append_column("delay", pa.array(delay))
    joined = sets.join(of_set.filter(pc.field("delay") >= 0), ["comparison", "set_id"], join_type="inner")
    moved = joined["index_date"].to_numpy() - joined["delay"].to_numpy().astype("timedelta64[D]")
    kept = joined.append_column("anchor_date", pa.array(moved, pa.date32()))
    kept = kept.sort_by(
        [("comparison", "ascending"), ("set_id", "ascending"), ("case", "descending"), ("person_id", "ascending")]
    )
    if not kept.num_rows:
        raise DesignError(
            "no case has an onset date on or before its index date",
            where="anchor",
            remedy='map onset_date in sources.toml, or use anchor = "index date"',
        )
    attrition = Attrition(AttritionPart.ANCHORED, Unit.SETS, AttritionRule.SETS, _number_of_sets(sets))
    attrition.keep(AttritionRule.ONSET_OF_CASE, _number_of_sets(kept))
    return kept.select([*sets.column_names, "anchor_date"]), attrition.table()


def _number_of_sets(sets: pa.Table) -> int:
    return int(sets.group_by(["comparison", "set_id"]).aggregate([]).num_rows)
