"""No identifier and no cell of a delivered row is in an error, whatever is wrong with the delivery."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from riskset.errors import RisksetError
from tests.registers.delivery import DEATH_MAP, PERSON_MAP, deliver, imported

MARKER = "Q19121212"
PERSONS = f"id;kon;fodd\n{MARKER}1;2;1950-01-01\n{MARKER}2;1;1960-05-05\n"

WRONGS: dict[str, Callable[[str], str]] = {
    "identifier twice": lambda t: t + f"{MARKER}1;2;1950-01-01\n",
    "no identifier": lambda t: t.replace(f"{MARKER}1", ""),
    "unmapped value": lambda t: t.replace(";2;", f";{MARKER};"),
    "no date": lambda t: t.replace("1950-01-01", MARKER),
    "absurd date": lambda t: t.replace("1950-01-01", "1150-01-01"),
    "too many cells": lambda t: t.replace("1950", f"{MARKER};1950"),
    "too few cells": lambda t: t + f"{MARKER}\n",
    "quote that never ends": lambda t: t + f'"{MARKER};2;1950-01-01\n',
    "a byte that is no letter": lambda t: t.replace("1950-01-01", "1950-01-01å"),
    "another delimiter": lambda t: t.replace(";", ","),
    "another column": lambda t: t.replace("fodd", "fodelse"),
    "a long line": lambda t: t + MARKER * 300_000 + ";2;1950-01-01\n",
}


@pytest.mark.parametrize("wrong", WRONGS)
def test_messages_hold_no_cell(tmp_path: Path, wrong: str, caplog: pytest.LogCaptureFixture) -> None:
    text = WRONGS[wrong](PERSONS)
    sources = deliver(tmp_path / "in", "tolerance = 0.0\n" + PERSON_MAP, person=text.encode("latin-1"))
    with pytest.raises(RisksetError) as told:
        imported(sources, tmp_path / "store")
    whole = "".join(traceback.format_exception(told.value)) + caplog.text
    for cell in (MARKER, "1150", "1950", "1960"):
        assert cell not in whole
    assert not (tmp_path / "store").exists()


def test_messages_about_facts_hold_no_cell(tmp_path: Path) -> None:
    text = f"id;dag\n{MARKER}1;1949-01-01\n{MARKER}9;2000-01-01\n{MARKER}2;{MARKER}\n"
    sources = deliver(tmp_path / "in", "tolerance = 0.0\n" + PERSON_MAP + DEATH_MAP, person=PERSONS, death=text)
    with pytest.raises(RisksetError, match="3 of 3 rows are wrong") as told:
        imported(sources, tmp_path / "store")
    assert MARKER not in "".join(traceback.format_exception(told.value))
