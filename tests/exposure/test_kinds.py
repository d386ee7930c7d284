"""Every kind of measure is computed, every built-in covariate is made, and nothing goes to the place of another."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.exposure.at_diagnosis import OF_CASE
from riskset.exposure.covariates import BY_TABLE, DERIVED, measure_covariates, refuse_other_kind, require_derivations
from riskset.exposure.history import Anchors, History
from riskset.exposure.levels import terms_of
from riskset.exposure.windows import _long_form, _values
from riskset.registers.schema import TABLES
from riskset.results.planted import HARMLESS
from riskset.results.planted_prognosis import NEEDED
from riskset.spec.check import _ALWAYS_THERE
from riskset.spec.covariates import BUILT_IN, COVARIATES, BuiltIn
from riskset.spec.measures import AtcCodes, Exposure, Measure
from tests.exposure.by_hand import anchors, exposure, registers_of
from tests.exposure.test_covariates import study_of
from tests.spec.strategies import measures

DAY = np.array([date(2010, 1, 1), date(2012, 1, 1)], "datetime64[D]")
HISTORY = History(np.array([1, 1]), DAY, ddd=np.array([28_000, 1_000]))
WHO = Anchors(np.array([1, 2]), np.array([date(2014, 1, 1)] * 2, "datetime64[D]"))
rows = pytest.mark.parametrize("row", COVARIATES, ids=lambda row: row.name)


@settings(deadline=None)
@given(measures, st.integers(1, 3))
def test_every_level_is_measured(measure: Measure, at_least: int) -> None:
    drugs = Exposure(name="drugs", codes=AtcCodes(atc=["N05B"]), at_least=at_least, measures=[measure])
    values = list(_values(HISTORY, WHO, drugs))
    assert len(values) == terms_of([drugs]).num_rows
    assert all(value.dtype == np.int64 and value.shape == (2,) for value in values)


@pytest.mark.parametrize("n_cells", [0, 1, 3])
def test_values_that_are_not_one_for_each_term_are_refused(n_cells: int) -> None:
    terms = terms_of([exposure({"kind": "ever", "lag": "1y"})])["term"]
    cells = [(np.array([0]), np.array([1]))] * n_cells
    with pytest.raises(ValueError, match=f"{n_cells} levels were measured and 2 terms are described"):
        _long_form(WHO, terms, cells)


@rows
def test_a_covariate_comes_from_a_canonical_column_and_is_made_in_one_way(row: BuiltIn) -> None:
    columns = {column.name: column for column in TABLES[row.table].columns}
    assert row.column is None or row.column in columns
    assert row.is_derived == (row.name in {**DERIVED, **OF_CASE})
    if row.scope == "everyone":
        assert row.table in BY_TABLE
    else:
        assert (row.days is None) == (row.name in OF_CASE)
        assert row.days is None or (row.table == "measurement" and row.days[0] <= row.days[1])
    if row.column and not row.is_derived:
        kind = columns[row.column].type
        assert row.numeric == (pa.types.is_integer(kind) or pa.types.is_floating(kind))
        assert row.numeric or pa.types.is_string(kind)


def test_rows_and_derivations_name_each_other() -> None:
    names = [row.name for row in COVARIATES]
    assert len(set(names)) == len(names)
    assert {*DERIVED, *OF_CASE, *HARMLESS, *NEEDED} <= set(names)


REGION = BuiltIn("region", "residence", "county", "that of the county")
"""A text made of a text, whose column would pass for it."""


def test_a_derivation_forgotten_or_one_too_many_is_refused_by_its_name() -> None:
    require_derivations("everyone", DERIVED)
    require_derivations("case", OF_CASE)
    with pytest.raises(TypeError, match=r"^the covariate 'region' is derived, and no derivation is given$"):
        require_derivations("everyone", DERIVED, rows=(REGION, *COVARIATES))
    with pytest.raises(TypeError, match=r"^'sex' has a derivation, and is no derived covariate$"):
        require_derivations("everyone", {**DERIVED, "sex": DERIVED["age"]})
    with pytest.raises(TypeError, match=r"'diagnostic_delay' is derived.*'age' has a derivation"):
        require_derivations("case", ["onset_site", "age"])


@pytest.mark.parametrize(
    ("row", "of"),
    [
        (
            REGION,
            {"residence": [{"person_id": 1, "start": date(2000, 1, 1), "stop": date(2020, 1, 1), "county": "01"}]},
        ),
        (
            BuiltIn("schooling", "socioeconomic", "education", "that of the education"),
            {"socioeconomic": [{"person_id": 1, "year": 2013, "education": "01"}]},
        ),
        (
            BuiltIn("continent", "person", "country_of_birth", "that of the country"),
            {"person": [{"person_id": 1, "sex": "male", "birth_date": date(1950, 1, 1), "country_of_birth": "01"}]},
        ),
    ],
    ids=["residence", "socioeconomic", "person"],
)
def test_a_covariate_of_every_table_may_be_derived(
    row: BuiltIn, of: dict[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskset.exposure.covariates.COVARIATES", (*COVARIATES, row))
    monkeypatch.setitem(BUILT_IN, row.name, row)
    monkeypatch.setitem(DERIVED, row.name, lambda values, day: pa.array([f"of {v}" for v in values.to_pylist()]))
    who = anchors((1, "2014-01-01"))
    assert row.column
    measured = measure_covariates(
        registers_of(of), who, [row.name, row.column], study_of().covariates, most_levels=study_of().most_levels
    )
    assert (measured[row.name].to_pylist(), measured[row.column].to_pylist()) == (["of 01"], ["01"])


@pytest.mark.parametrize(("table", "name"), _ALWAYS_THERE)
def test_what_check_does_not_ask_for_is_always_delivered(table: str, name: str) -> None:
    [column] = [column for column in TABLES[table].columns if column.name == name]
    assert not column.optional


def test_a_value_of_another_kind_than_the_row_says_is_refused() -> None:
    refuse_other_kind("age", pa.array([65.0]))
    refuse_other_kind("psychiatric", pa.array([True]))
    with pytest.raises(TypeError, match="'age' is a number, and got date32"):
        refuse_other_kind("age", pa.array([date(1950, 1, 1)]))
    with pytest.raises(TypeError, match="'county' is a text, and got int64"):
        refuse_other_kind("county", pa.array([1]))
