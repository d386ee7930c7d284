"""Every engine, opened once: the same tests run on each, chosen by the marks ``postgres`` and ``spark``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from riskset.errors import SourceError
from riskset.registers.engine import Engine, open_engine
from tests.engines.servers import Missing, postgres_server

ENGINES = [
    "duckdb",
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("spark", marks=pytest.mark.spark),
]

REQUIRED = "RISKSET_REQUIRE_ENGINES"
"""Set where engines must be there, so that nothing is skipped without being seen."""


def _skipped(why: str) -> None:
    if os.environ.get(REQUIRED):
        pytest.fail(f"{why}, and {REQUIRED} is set")
    pytest.skip(why)


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    try:
        with postgres_server() as address:
            yield address
    except Missing as missing:
        _skipped(str(missing))


@pytest.fixture(scope="session")
def opened(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Engine]]:
    """Opens an engine when it is first asked for."""
    engines: list[Engine] = []
    os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")  # compiling costs more here

    @cache
    def once(name: str) -> Engine:
        asked = request.getfixturevalue("postgres_address") if name == "postgres" else name
        try:
            engines.append(open_engine(asked, tmp_path_factory.mktemp(name), memory="1GB", threads=2))
        except SourceError as missing:
            _skipped(str(missing))
        return engines[-1]

    yield once
    for engine in engines:
        engine.close()


@pytest.fixture(params=ENGINES, scope="module")
def engine(request: pytest.FixtureRequest, opened: Callable[[str], Engine]) -> Engine:
    return opened(request.param)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose name holds what paths may hold."""
    place = tmp_path / "run's [1] *åäö*"
    place.mkdir()
    return place
