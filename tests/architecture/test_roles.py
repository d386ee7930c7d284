"""Every number of a result says what it tells of persons, so that none leaves unseen by disclosure control."""

from __future__ import annotations

import pyarrow as pa
import pytest

from riskset.results.columns import columns_of
from riskset.results.roles import DisclosureRole
from riskset.results.tables import KINDS

COUNTS = {DisclosureRole.COUNT, DisclosureRole.TOTAL}
DEPENDENT = {DisclosureRole.SHARE, DisclosureRole.FUNCTION}


@pytest.mark.parametrize("table", KINDS)
def test_every_number_and_all_that_may_hold_one_has_a_role(table: str) -> None:
    without = [
        c.name for c in columns_of(KINDS[table]) if c.role is None and (c.json or not pa.types.is_string(c.type))
    ]
    assert without == []


@pytest.mark.parametrize("table", KINDS)
def test_what_follows_from_counts_names_counts_of_its_row(table: str) -> None:
    columns = {c.name: c for c in columns_of(KINDS[table])}
    for column in columns.values():
        assert bool(column.of) == (column.role in DEPENDENT), column.name
        assert all(columns[name].role in COUNTS for name in column.of), column.name
