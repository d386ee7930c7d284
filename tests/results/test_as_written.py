"""A results folder that was edited after the run is refused in a sentence, and never taken for a run's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.results.test_run_changes import finished

from riskset.errors import SourceError
from riskset.results.columns import columns_of, key_of
from riskset.results.files import write_tables
from riskset.results.rows import Estimate
from riskset.results.run_changes import compare_runs
from riskset.results.run_folder import MANIFEST, read_results
from riskset.results.tables import KINDS, SCHEMAS

Edit = Callable[[pa.Table], pa.Table]


def edited(folder: Path, name: str, edit: Edit) -> Path:
    """The folder of a run of which a table was edited."""
    file = finished(folder, "education") / "internal" / f"{name}.parquet"
    pq.write_table(edit(pq.read_table(file)), file)
    return folder


def with_cell(column: str, value: Any) -> Edit:
    """The table with another value in all cells of a column, of the column's type."""

    def edit(table: pa.Table) -> pa.Table:
        field = table.schema.field(column)
        at = table.column_names.index(column)
        return table.set_column(at, field, pa.array([value] * len(table), field.type))

    return edit


def refusal(folder: Path) -> str:
    with pytest.raises(SourceError) as raised:
        read_results(folder)
    text = str(raised.value)
    assert "\n" not in text
    assert text.endswith("; run the study again into this folder.")
    with pytest.raises(SourceError):
        compare_runs(folder, folder)
    return text


@pytest.mark.parametrize("column", SCHEMAS["estimates"].names)
def test_a_table_that_lacks_a_column_is_refused(tmp_path: Path, column: str) -> None:
    folder = edited(tmp_path, "estimates", lambda table: table.drop_columns(column))
    assert f"the table estimates lacks {column}; " in refusal(folder)


@pytest.mark.parametrize("column", SCHEMAS["estimates"].names)
def test_a_column_of_another_type_is_refused(tmp_path: Path, column: str) -> None:
    def edit(table: pa.Table) -> pa.Table:
        return table.set_column(table.column_names.index(column), column, pa.array([b"1"] * len(table)))

    assert f"other types of values in {column}; " in refusal(edited(tmp_path, "estimates", edit))


@pytest.mark.parametrize("column", [c for c in columns_of(Estimate) if c.key], ids=lambda column: column.name)
def test_an_empty_cell_of_the_key_is_refused(tmp_path: Path, column: Any) -> None:
    """Unless that there is none is a value of the key."""
    folder = edited(tmp_path, "estimates", with_cell(column.name, None))
    if column.nullable:
        assert read_results(folder)
    else:
        assert f"empty cells in {column.name}" in refusal(folder)


@pytest.mark.parametrize("column", [c for c in columns_of(Estimate) if c.values or c.json], ids=lambda c: c.name)
def test_a_value_that_a_closed_column_has_not_is_refused(tmp_path: Path, column: Any) -> None:
    text = refusal(edited(tmp_path, "estimates", with_cell(column.name, "nonsense")))
    assert f" in {column.name} that " in text
    assert "nonsense" not in text


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (
            lambda table: pa.concat_tables([table, table]),
            "says another number and has 1 keys in several rows",
        ),
        (lambda table: table.slice(1), "has 0 rows, and the manifest says another number"),
        (lambda table: table.append_column("more", table["level"]), "has 1 columns that it should not have"),
        (lambda table: table.append_column("level", table["level"]), "this table cannot be read"),
        (lambda table: SCHEMAS["attrition"].empty_table(), "lacks "),
    ],
)
def test_other_rows_and_columns_are_refused(tmp_path: Path, edit: Edit, sentence: str) -> None:
    assert sentence in refusal(edited(tmp_path, "estimates", edit))


def test_columns_in_another_order_are_the_same_table(tmp_path: Path) -> None:
    folder = edited(tmp_path, "estimates", lambda table: table.select(table.column_names[::-1]))
    assert read_results(folder)["estimates"].schema.equals(SCHEMAS["estimates"])


def test_a_table_in_place_of_another_is_refused(tmp_path: Path) -> None:
    folder = finished(tmp_path)
    one, two = (folder / "internal" / f"{name}.parquet" for name in ("estimates", "diagnostics"))
    two.write_bytes(one.read_bytes())
    assert "the table diagnostics lacks " in refusal(folder)


@pytest.mark.parametrize("name", KINDS)
def test_every_table_is_held_to_its_columns(tmp_path: Path, name: str) -> None:
    folder = finished(tmp_path)
    write_tables(folder / "internal", {name: SCHEMAS[name].empty_table()})
    file = folder / "internal" / f"{name}.parquet"
    pq.write_table(pq.read_table(file).drop_columns(key_of(KINDS[name])[0]), file)
    assert f"the table {name} lacks " in refusal(folder)


@pytest.mark.parametrize("key", ["rows", "registers", "digests", "frames", "versions", "engine"])
@pytest.mark.parametrize("value", [None, 3, []])
def test_a_manifest_that_lacks_what_every_run_says_is_refused(tmp_path: Path, key: str, value: Any) -> None:
    file = finished(tmp_path) / MANIFEST
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), key: value}), encoding="utf-8")
    assert "the manifest is not whole" in refusal(tmp_path)
