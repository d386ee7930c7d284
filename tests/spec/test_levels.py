"""Levels are spelled one way: in the explained study, in published figures and in the tables of a run."""

from __future__ import annotations

import pytest
from hypothesis import given

from riskset.exposure.levels import terms_of
from riskset.spec import AnyUse, AtcCodes, Count, Ever, Exposure, FirstUse, Recency
from riskset.spec.measures import DefinedDailyDoses, Measure
from tests.spec.strategies import measures


@pytest.mark.parametrize(
    ("measure", "names"),
    [
        (Ever(lag="1y"), ("ever", "lag only")),
        (AnyUse(), ("any",)),
        (FirstUse(cuts=["1y", "5y"]), ("0-1y", "1-5y", ">5y")),
        (FirstUse(cuts=["90d", "1y"]), ("0-90d", "90d-1y", ">1y")),
        (Count(bands=[1, 2, 4]), ("1", "2-3", "≥4")),
        (Count(bands=[3]), ("≥3",)),
        (DefinedDailyDoses(bands=[1, 100]), ("1-99", "≥100")),
        (DefinedDailyDoses(per=100), ("per 100 DDD",)),
        (Recency(cuts=["90d", "1y"]), ("current (0-90d)", "recent (90d-1y)", "past (>1y)")),
        (Recency(cuts=["90d"]), ("0-90d", ">90d")),
    ],
)
def test_levels_by_hand(measure: Measure, names: tuple[str, ...]) -> None:
    assert measure.level_names == names


@given(measures)
def test_the_tables_of_a_run_spell_them_alike(measure: Measure) -> None:
    drugs = Exposure(name="drugs", codes=AtcCodes(atc=["N05B"]), measures=[measure])
    assert tuple(terms_of([drugs])["level"].to_pylist()) == measure.level_names
