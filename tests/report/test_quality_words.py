"""The page and the messages of an import call a rule by one name; a remark says what to do where the rows came from."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from riskset.registers.checks.rules import LOST_LINE, link_rules, rules_of
from riskset.registers.registers import Registers
from riskset.registers.schema import TABLES
from riskset.report.catalogue import ENGLISH
from riskset.results.columns import as_cells
from riskset.results.quality_vocabulary import CodeFault, QualityAction, QualityRule
from riskset.results.rows import QualityRow
from riskset.steps import remarks_on

NAMED = {
    QualityRule.READS_MISSING: {"texts": ("NA", "NULL")},
    QualityRule.NO_CODE: {"system": "ATC"},
    QualityRule.FEWER_ROWS: {"year": 2009, "source": "inpatient"},
    QualityRule.ROWS_REPEAT: {"first": 2007, "last": 2008},
    QualityRule.SHARED_DAY: {"day": "1900-01-01"},
    QualityRule.SHARED_DAY_OF_YEAR: {"month": 7, "day": 1},
    QualityRule.SHARED_DAY_OF_MONTH: {"day": 15},
    QualityRule.NEAR_NAME: {"text": "inpatientt", "meant": "inpatient"},
    QualityRule.DATES_WRITTEN_OTHERWISE: {"way": "format", "format": "%m/%d/%Y", "exchanged": True},
}
"""What remarks name."""


def remark(rule: QualityRule, **more: Any) -> QualityRow:
    named = {**NAMED.get(rule, {}), **more}
    return QualityRow.counted("person", rule, 3, 9, QualityAction.KEPT, subject="sex", **named)


def test_the_page_calls_every_rule_as_messages_and_the_quarantine_do() -> None:
    rules = [LOST_LINE, *(rule for parent in ("mother_id", "father_id") for rule in link_rules(parent))]
    rules += [rule for table in TABLES for rule in rules_of(table)]
    for rule in rules:
        row = QualityRow.counted("person", rule.code, 0, 9, rule.action, subject=", ".join(rule.subject))
        assert ENGLISH.quality(row) == rule.name
    worded = {rule.code for rule in rules} | set(ENGLISH.remedies) | {QualityRule.NO_FACT}
    assert worded == set(QualityRule)


@pytest.mark.parametrize("rule", ENGLISH.remedies, ids=str)
def test_a_remark_on_a_frame_speaks_of_no_file_and_of_nothing_that_only_a_description_has(rule: QualityRule) -> None:
    of_files = ENGLISH.remark(remark(rule), in_memory=False)
    of_frame = ENGLISH.remark(remark(rule), in_memory=True)
    assert of_files.endswith(".")
    assert "; " in of_files
    if rule is not QualityRule.LAST_LINE_OPEN:
        words = of_frame.replace(",", "").replace(".", "").split()
        assert not {"missing", "values", "file", "map", "sources.toml", "state"} & set(words), of_frame


@pytest.mark.parametrize("fault", CodeFault)
def test_every_fault_of_codes_has_its_cause_and_its_remedy(fault: CodeFault) -> None:
    sentence = ENGLISH.remark(remark(QualityRule.NO_CODE, fault=fault), in_memory=False)
    assert sentence.startswith("person: sex is no ATC code, likely for ")
    assert sentence.partition(": 3 of 9 rows kept; ")[2]


def test_a_row_that_is_read_is_the_row() -> None:
    row = remark(QualityRule.READS_MISSING)
    (cells,) = pa.Table.from_pylist([dict(as_cells(row))]).to_pylist()
    assert QualityRow.read(cells) == row


def test_a_text_with_a_comma_is_one_text() -> None:
    row = remark(QualityRule.READS_MISSING, texts=("NA, unknown", "NULL"))
    assert "sex reads NA, unknown or NULL" in ENGLISH.remark(row, in_memory=False)
    assert "missing = ['NA, unknown', 'NULL'] for sex" in ENGLISH.remark(row, in_memory=False)


def test_a_frame_is_told_what_to_do_with_frames() -> None:
    """A county that reads NULL: null in a frame, ``missing`` in sources.toml."""
    person = pa.table(
        {
            "person_id": [f"p{i}" for i in range(20)],
            "sex": ["female", "male"] * 10,
            "birth_date": [f"19{50 + i}-0{1 + i % 9}-{11 + i % 17}" for i in range(20)],
            "birth_county": ["NULL"] * 3 + ["north"] * 17,
        }
    )
    assert remarks_on(Registers.from_tables({"person": person})) == (
        "person: birth_county reads NULL: 3 of 20 rows kept; where that means that there is no value, give null "
        "for it.",
    )
