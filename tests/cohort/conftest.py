"""One engine for all nations of a test module: opening one costs more than asking it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from riskset.registers.engine import Engine


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(threads=1) as opened:
        yield opened
