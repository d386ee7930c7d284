"""The conformance suite on the engines that the default tests leave out: the same nations, the same answers."""

from __future__ import annotations

import pytest

from riskset.registers.engine import Engine
from tests.cohort.conformance import SUITE
from tests.cohort.worked import Conformance, found
from tests.engines.conftest import ENGINES


@pytest.fixture(params=ENGINES[1:], scope="module")
def engine(request: pytest.FixtureRequest, opened: object) -> Engine:
    return opened(request.param)  # type: ignore[operator]


@pytest.mark.parametrize("case", SUITE, ids=lambda case: case.name)
def test_the_answer_is_the_one_worked_by_hand(case: Conformance, engine: Engine) -> None:
    assert found(case.made(engine), case.asked()) == case.members
