"""Codes of ICD-9 that look like ICD-10 never pass for it without a word, whenever a country went over to ICD-10."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.registers.engine import Engine
from riskset.registers.registers import Registers
from riskset.steps import remarks_on
from tests.examples import examples
from tests.registers.delivery import arrow, broken
from tests.shown import Evidence, shows

ENGINE = Engine(threads=1)
COUNTRIES = {"Denmark": date(1994, 1, 1), "Finland": date(1996, 1, 1), "Sweden": date(1997, 1, 1)} | {
    "Norway": date(1999, 1, 1)
}
"""The first day of ICD-10."""
SUPPLEMENTS = ["E880", "E8490", "E819", "E927", "V27", "V301", "V4581", "E8859"]
ICD9 = ["3352", "335", "25000", "59199"]
ICD10 = ["G122", "F321", "I10", "E119", "E880", "E849", "V301", "V27", "E90", "T140"]
Row = tuple[date, str, bool]
"""Day, code, whether it is of ICD-9."""


def table(rows: list[Row]) -> pa.Table:
    n = len(rows)
    facts = {"system": ["icd10"] * n, "code": [code for _, code, _ in rows], "source": ["inpatient"] * n}
    return arrow(person_id=["p"] * n, date=[str(day) for day, *_ in rows], **facts)


def diagnosed(rows: list[Row], *, remarks: bool = False, **more: pa.Table) -> Registers:
    person = arrow(person_id=["p"], sex=["female"], birth_date=["1950-01-01"])
    tables = {"person": person, "diagnosis": table(rows), **more}
    return Registers.from_tables(tables, engine=ENGINE, tolerance=1.0, remarks=remarks)


def register(seed: int, first: date, share: float, n: int = 300) -> list[Row]:
    """Diagnoses of ten years, of ICD-9 before a day; of these a share are of the supplements E and V."""
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(n):
        day = date(1990, 1, 1) + timedelta(int(random.integers(0, 3650)))
        if day < first:
            codes = SUPPLEMENTS if random.random() < share else ICD9
            rows.append((day, str(random.choice(codes)), True))
        else:
            rows.append((day, str(random.choice(ICD10)), False))
    return rows


def apart(registers: Registers) -> Counter[tuple[date, str]]:
    held = ENGINE.collect(registers["diagnosis"].select("date", "code", "system"))
    return Counter((r["date"], r["code"]) for r in held.to_pylist() if r["system"] != "icd10")


def maybe(registers: Registers) -> int:
    return broken(registers, "diagnosis").get("code may be of ICD-9 or of ICD-10", 0)


@settings(max_examples=examples(6), deadline=None)
@pytest.mark.parametrize("country", COUNTRIES)
@given(seed=st.integers(0, 10**6), share=st.floats(0, 0.4))
def test_where_a_country_goes_over_at_a_new_year_nothing_is_in_doubt(country: str, seed: int, share: float) -> None:
    rows = register(seed, COUNTRIES[country], share)
    registers = diagnosed(rows)
    assert apart(registers) == Counter((day, code) for day, code, old in rows if old)
    assert maybe(registers) == 0


@settings(max_examples=examples(12), deadline=None)
@given(
    seed=st.integers(0, 10**6),
    first=st.dates(date(1994, 1, 2), date(1999, 12, 31)),
    share=st.floats(0, 1),
    n=st.integers(1, 300),
)
def test_no_code_of_icd9_passes_without_a_word(seed: int, first: date, share: float, n: int) -> None:
    """Where a year is of both revisions, or of few codes, what passes is at most what is told."""
    rows = register(seed, first, share, n)
    registers = diagnosed(rows)
    found = apart(registers)
    passing = [(day, code) for day, code, old in rows if old and not found[day, code]]
    by_year = Counter(day.year for day, *_ in rows)
    old_ones = Counter(day.year for day, code, old in rows if old and code not in ICD10)
    # In a year in which fewer than a hundredth of the codes are of ICD-9 for certain it has gone over.
    assert all(old_ones[day.year] * 100 < by_year[day.year] or code in ICD10 for day, code in passing)
    undecided = [p for p in passing if old_ones[p[0].year] * 100 >= by_year[p[0].year]]
    assert len(undecided) <= maybe(registers)


@shows("QualityRule=may be of ICD-9 or of ICD-10", by=Evidence.OUTSIDE)
def test_a_code_that_may_be_of_either_is_told_with_its_count() -> None:
    """Sweden's counties did not all go over on 1 January 1997: E880 of that year is a fall or a disorder."""
    year = [(date(1997, 1, 1) + timedelta(i), "F321", False) for i in range(90)]
    mixed = [*year, (date(1997, 2, 1), "3352", True), (date(1997, 3, 1), "E8190", True)]
    doubtful = [(date(1997, 3, 2), code, True) for code in ("E880", "V301", "E8490")]
    later = [(date(1999, 1, 1), "E880", False), (date(1999, 1, 2), "I10", False)]
    death = arrow(person_id=["p"], date=["1999-05-01"], cause=["E880"])
    registers = diagnosed([*mixed, *doubtful, *later], remarks=True, death=death)
    told = sorted(sentence for sentence in remarks_on(registers) if "ICD-9" in sentence)
    assert told == [
        "death: cause may be of ICD-9 or of ICD-10: 1 of 1 rows kept; it counts as ICD-10, in which E88 is a metabolic "
        "disorder and no fall: deliver no cause of ICD-9.",
        "diagnosis: code may be of ICD-9 or of ICD-10: 3 of 97 rows kept; it counts as ICD-10, in which E88 is a "
        "metabolic disorder and no fall: give each the system that it has.",
    ]


@pytest.mark.parametrize("code", ["E810", "E8190", "E928", "E9889", "V08", "V071"])
def test_codes_of_categories_that_icd10_does_not_have_are_older_in_any_year_that_may_be(code: str) -> None:
    year = [(date(1998, 1, 1) + timedelta(i % 300), "F321", False) for i in range(400)]
    assert apart(diagnosed([*year, (date(1998, 5, 1), code, True)])) == {(date(1998, 5, 1), code): 1}
    late = [(date(2003, 5, 1), code, False)]
    assert not apart(diagnosed(late))


def test_a_register_of_injuries_alone_is_of_icd9_until_it_has_a_code_of_icd10() -> None:
    early = [(date(year, 1 + i % 12, 1), SUPPLEMENTS[i % 8], True) for year in (1995, 1996) for i in range(40)]
    late = [(date(1997, 1 + i % 12, 1), ["W19", "X59", "V301"][i % 3], False) for i in range(40)]
    registers = diagnosed([*early, *late])
    assert apart(registers).total() == 80
    assert maybe(registers) == 0
