"""One nation of 120,000 residents with a raised incidence, shared by the tests that only look."""

from __future__ import annotations

import pyarrow as pa
import pytest

from riskset.nation import Nation, NationSettings, make_nation


@pytest.fixture(scope="session")
def nation() -> Nation:
    return make_nation(NationSettings(persons=120_000, seed=3, incidence=20))


@pytest.fixture(scope="session")
def tables(nation: Nation) -> dict[str, pa.Table]:
    return nation.tables()
