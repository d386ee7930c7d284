"""The flow and Table 1: exclusions named as such, nothing lost by merging, nothing of what is hidden."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.report.catalogue import english_participants as english
from riskset.report.front.characteristics import render_characteristics
from riskset.report.front.participant_flow import merge_small, render_flow
from riskset.report.front.participants import participants
from riskset.report.view import read_view
from riskset.results.columns import as_cells
from riskset.results.notes import Arguments
from riskset.results.released import Released
from riskset.results.set_vocabulary import AttritionRule, Relation
from tests.report.released import make_attrition, make_released, make_table_one

REASONS = st.lists(st.integers(1, 200), max_size=8).map(lambda ns: [(n, f"reason {i}") for i, n in enumerate(ns)])
ARGUMENTS: dict[str, Any] = {
    "low": 18,
    "high": 110,
    "length": "18m",
    "start": "2005-07-01",
    "within": "1y",
    "event": "cancer",
    "keys": ("sex", "birth_year"),
    "begins": "1932",
    "entry": "registration",
}


@given(REASONS, st.integers(2, 30))
def test_merged_reasons_lose_nobody_and_show_no_small_number(reasons: list[tuple[int, str]], fewest: int) -> None:
    merged = merge_small(reasons, fewest)
    assert all(n is None or n >= fewest for n, _ in merged)
    if all(n is not None for n, _ in merged):
        assert sum(n or 0 for n, _ in merged) == sum(n for n, _ in reasons)
    kept = [why for _, why in merged if why != english.OTHER_REASONS]
    assert kept == [why for _, why in reasons if why in kept]
    assert len(reasons) - len(kept) != 1 or len(reasons) == 1


@given(REASONS)
def test_without_a_threshold_each_reason_is_told(reasons: list[tuple[int, str]]) -> None:
    assert list(merge_small(reasons, None)) == reasons


@pytest.mark.parametrize("relation", [None, *Relation])
@pytest.mark.parametrize("rule", AttritionRule)
def test_every_rule_is_worded_as_an_exclusion(rule: AttritionRule, relation: Relation | None) -> None:
    kin = {"relation": str(relation)} if relation else {}
    text = english.reason(rule, Arguments.of(**ARGUMENTS, **kin), date(2015, 1, 1), date(2023, 7, 1))
    assert text
    assert "None" not in text
    assert "  " not in text
    assert "rule" not in text


def test_the_period_is_named_by_its_last_month() -> None:
    assert english.months(date(2015, 1, 1), date(2023, 7, 1)) == "Jan 2015–Jun 2023"


def of(**how: Any) -> tuple[Released, Any]:
    released = make_released(**how)
    return released, read_view(released)


def test_the_flow_adds_up() -> None:
    flow = re.sub("</?a[^>]*>", "", render_flow(*of()))
    assert "<b>3,120</b>" in flow
    assert "<b>1,944</b> excluded" in flow
    assert "1,871 first event outside Jan 2015–Jun 2023" in flow
    assert "73 not resident on that date" in flow
    assert "119</b> cases without an eligible control" in flow
    assert "removed" not in flow


def test_small_exclusions_are_told_together() -> None:
    flow = str(render_flow(*of(), fewest=100))
    assert "73 not resident" not in flow
    assert "1,944 other reasons" in flow


def test_hidden_numbers_are_said_to_be_hidden() -> None:
    steps = [dict(as_cells(step)) for step in make_attrition()]
    hidden = [step | ({"removed": None, "remaining": None} if step["step"] == 1 else {}) for step in steps]
    flow = str(render_flow(*of(attrition=hidden)))
    assert "NR first event outside" in flow
    assert "None" not in flow


def test_table_one_has_one_difference_a_variable() -> None:
    table = str(render_characteristics(*of()))
    assert table.count('class="smd hi">0.13<') == 1
    assert "Female sex" in table
    assert "Missing" in table
    assert table.count('class="smd">0.03<') == 1


def test_a_hidden_cell_of_table_one_is_no_number() -> None:
    rows = [dict(as_cells(row)) for row in make_table_one()]
    hidden = [row | {"cases_n": None, "cases_value": None, "smd": None, "smd_variable": None} for row in rows]
    table = str(render_characteristics(*of(table_one=hidden)))
    assert "None" not in table
    assert ">NR<" in table


def test_a_run_without_attrition_and_table_one_has_no_section() -> None:
    assert participants(*of(without=["attrition", "table_one"])) is None
