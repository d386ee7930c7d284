"""The conformance suite on the engines that the default tests leave out: the same nations, the same answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from riskset.registers.engine import Engine
from tests.cohort.conformance import SUITE, nations_of_all
from tests.cohort.redrawn import CASE, DRAWN, draw
from tests.cohort.worked import Conformance, counted
from tests.engines.conftest import ENGINES
from tests.people import Nation


@pytest.fixture(params=ENGINES[1:], scope="module")
def engine(request: pytest.FixtureRequest, opened: Callable[[str], Engine]) -> Engine:
    return opened(request.param)


@pytest.fixture(scope="module")
def made(opened: Callable[[str], Engine]) -> dict[str, Nation]:
    """The nation of every case on the embedded engine, by the case's name."""
    return nations_of_all(opened("duckdb"))


@pytest.mark.parametrize("case", SUITE, ids=lambda case: case.name)
def test_the_answer_is_the_one_worked_by_hand(case: Conformance, engine: Engine, made: dict[str, Nation]) -> None:
    """And what is drawn, and counted on the way (attrition, audit), is what the embedded engine says."""
    here, study = made[case.name], case.asked()
    there = replace(here, registers=here.registers.on(engine))
    told = counted(there, study)
    assert told["members"] == case.members
    assert told == counted(here, study)


@pytest.mark.parametrize("how", DRAWN)
def test_drawn_again(how: str, engine: Engine) -> None:
    risk_set, drawn = draw(how, engine)
    assert (risk_set, drawn) == (CASE.members, {"ann": DRAWN[how]})
