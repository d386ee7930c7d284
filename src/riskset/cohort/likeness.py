"""What a control shares with its case: the matching keys, the caliper on birth dates, the length of history.

Keys of which equality is asked are strata of the frame. A caliper moves with the case, so its strata are bins of birth
dates, wide enough that three of them cover any caliper, and a candidate is held against the very dates. The history
depends on the index date, so that no stratum can hold it: candidates are held against dates of entry.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.calendar import Days, completed_years, years_before
from riskset.cohort.cases import CaseList
from riskset.spec.design import PopulationControls

Ints = NDArray[np.int64]

BIN = "birth_bin"
"""The column that stands for the birth date among the keys of the strata."""


def keys_of(cases: CaseList, controls: PopulationControls) -> pa.Table:
    """The matching keys of each case, a column each, null where not known.

    ``history`` is completed years of unbroken observation before the index date, at most ``history_cap``.
    """
    table = cases.table
    if "history" in controls.match:
        years = completed_years(table["since"].to_numpy(), table["index_date"].to_numpy())
        table = table.append_column("history", pa.array(np.minimum(years, controls.history_cap.count)))
    return table.select(list(controls.match))


@dataclass(frozen=True)
class Likeness:
    """What strata cannot hold of a design, as bounds on a candidate's dates.

    Attributes
    ----------
    controls : the design
    """

    controls: PopulationControls

    @property
    def strata(self) -> list[str]:
        """The columns whose values make a stratum."""
        exact: list[str] = [key for key in self.controls.match if key != "history"]
        return exact if self.controls.caliper is None else [*exact, BIN]

    @property
    def by_history(self) -> bool:
        """Whether candidates are held against the case's length of history."""
        return "history" in self.controls.match

    def bounds(self, cases: pa.Table) -> pa.Table:
        """A row for each case: between which dates, both included, a candidate was born and entered.

        Parameters
        ----------
        cases : ``birth_date, index_date, since``

        Returns
        -------
        ``born_from, born_to`` with a caliper and ``since_from, since_to`` with history, else no column.
        """
        columns = {}
        if self.controls.caliper is not None:
            born = cases["birth_date"].to_numpy()
            columns["born_from"] = self.controls.caliper.before(born)
            columns["born_to"] = self.controls.caliper.after(born)
        if self.by_history:
            date, cap = cases["index_date"].to_numpy(), self.controls.history_cap.count
            years = np.minimum(completed_years(cases["since"].to_numpy(), date), cap)
            # Who began before the year beyond the case's own has a longer history; at the cap there is no such year.
            one_more = years_before(date, years + 1) + np.timedelta64(1, "D")
            columns["since_from"] = np.where(years == cap, np.datetime64("0001-01-01"), one_more)
            columns["since_to"] = years_before(date, years)
        return pa.table({name: pa.array(days, pa.date32()) for name, days in columns.items()})

    def met(self, rows: ir.Table) -> list[ir.BooleanValue]:
        """The conditions on candidates beside the columns of :meth:`bounds`: ``birth_date`` and ``since``."""
        conditions = []
        if self.controls.caliper is not None:
            conditions.append(rows["birth_date"].between(rows["born_from"], rows["born_to"]))
        if self.by_history:
            conditions.append(rows["since"].between(rows["since_from"], rows["since_to"]))
        return conditions

    def bins(self, bounds: pa.Table) -> Ints:
        """The bins that each case's caliper touches.

        Returns
        -------
        int64 (n, 3), ascending along a row, −1 for no bin; (n, 1) of zeros without a caliper
        """
        if self.controls.caliper is None:
            return np.zeros((len(bounds), 1), dtype=np.int64)
        first, last = (self._bin(bounds[name].to_numpy())[:, None] for name in ("born_from", "born_to"))
        touched = first + np.arange(3)
        return np.where(touched <= last, touched, -1)

    def days_of(self, bins: Ints) -> pa.Table:
        """Every birth date of some bins: ``birth_date, birth_bin``."""
        days = (np.unique(bins)[:, None] * self._width + np.arange(self._width)).ravel()
        born = (days - _ZERO).astype("datetime64[D]")
        return pa.table({"birth_date": pa.array(born, pa.date32()), BIN: pa.array(self._bin(born), pa.int64())})

    def _bin(self, born: Days) -> Ints:
        return (born.astype("datetime64[D]").astype(np.int64) + _ZERO) // self._width

    @property
    def _width(self) -> int:
        # Of 2c + 1 days in a row, bins of c + 1 days meet three at most.
        assert self.controls.caliper is not None
        return self.controls.caliper.longest + 1


_ZERO = 200 * 366
"""Makes the numbers of days since 1970 positive for anyone who can be in a register."""
