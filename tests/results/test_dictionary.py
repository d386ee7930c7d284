"""The data dictionary beside results, and the results held to it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date, timedelta
from math import exp
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from tests.cohort.families import START, family, study
from tests.people import nation
from tests.report.released import make_planted

from riskset.errors import SourceError
from riskset.results.columns import columns_of
from riskset.results.dictionary import DATA_PACKAGE, data_package
from riskset.results.files import write_tables
from riskset.results.run_folder import MANIFEST, read_results
from riskset.results.tables import KINDS, PLANTED, SCHEMAS, VERSION, rows_to_table
from riskset.run import run_study

COURSE = {"entry": "diagnosis", "origin": "diagnosis", "endpoint": ["death"]}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of a run with relatives, a prognosis, a companion and planted values, as files."""
    folder = tmp_path_factory.mktemp("results")
    people = nation("".join(_dying(i) for i in range(16)), starts={"dispensing": START})
    released = run_study(study(prognosis=COURSE), people.registers).released
    write_tables(folder / "internal", {**released.tables, "planted": rows_to_table(make_planted(), PLANTED)})
    (folder / MANIFEST).write_text(json.dumps(dict(released.manifest)), encoding="utf-8")
    return folder


def _dying(i: int) -> str:
    """A family whose case dies, unless every fifth."""
    day = date(2013, 1, 1) + timedelta(days=97 * i)
    death = day + timedelta(days=200 + 90 * (i % 7))
    return family(i).replace(f"als {day}", f"als {day} dies {death}") if i % 5 else family(i)


def rows_of(folder: Path, resource: dict[str, Any]) -> list[dict[str, str]]:
    with (folder / resource["path"]).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


READ: dict[str, Callable[[str], Any]] = {
    "string": str,
    "number": lambda cell: float({"INF": "inf", "-INF": "-inf"}.get(cell, cell)),
    "integer": int,
    "boolean": lambda cell: {"TRUE": True, "FALSE": False}[cell],
    "array": lambda cell: _kind(json.loads(cell), list),
    "object": lambda cell: _kind(json.loads(cell), dict),
}
"""Type of the Table Schema → what reads a cell of it, or raises."""


def _kind(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{value} is no {kind.__name__}")
    return value


def faults(resource: dict[str, Any], rows: list[dict[str, str]]) -> list[str]:
    """What of a table's rows is not as its schema says: columns, types, closed values, what is required, the key."""
    fields = resource["schema"]["fields"]
    names = [field["name"] for field in fields]
    wrong = [f"the columns are {list(row)}" for row in rows[:1] if list(row) != names]
    for field in fields:
        constraints = field.get("constraints", {})
        for cell in {row[field["name"]] for row in rows}:
            if not cell:
                wrong += [f"{field['name']} is missing"] if constraints.get("required") else []
                continue
            try:
                READ[field["type"]](cell)
            except (ValueError, KeyError, TypeError):
                wrong.append(f"{field['name']} is no {field['type']}: {cell}")
            if cell not in constraints.get("enum", [cell]):
                wrong.append(f"{field['name']} may not be {cell}")
    key = resource["schema"].get("primaryKey", [])
    keys = [tuple(row[name] for name in key) for row in rows]
    return wrong + ([f"{key} repeats"] if key and len(set(keys)) < len(keys) else [])


def test_every_csv_is_as_its_dictionary_says(results: Path) -> None:
    package = json.loads((results / "internal" / DATA_PACKAGE).read_text(encoding="utf-8"))
    assert package["profile"] == "tabular-data-package"
    resources = {resource["name"]: resource for resource in package["resources"]}
    assert set(resources) == set(SCHEMAS)
    counted = {}
    for name, resource in resources.items():
        rows = rows_of(results / "internal", resource)
        counted[name] = len(rows)
        assert faults(resource, rows) == [], name
    assert min(counted[name] for name in set(counted) - {"quality"}) > 0, counted


def test_the_validator_finds_what_is_wrong(results: Path) -> None:
    """Each fault, put into a good table."""
    (audit,) = (one for one in data_package(["audit"])["resources"])
    good = rows_of(results / "internal", audit)
    assert faults(audit, good) == []
    for column, cell, said in [
        ("verdict", "perhaps", "verdict may not be perhaps"),
        ("count", "many", "count is no integer: many"),
        ("count", "", "count is missing"),
        ("arguments", "[]", "arguments is no object: []"),
    ]:
        assert said in faults(audit, [good[0] | {column: cell}, *good[1:]])
    assert [fault.endswith("repeats") for fault in faults(audit, [*good, good[0]])] == [True]


def test_every_column_says_what_it_is() -> None:
    for resource in data_package(list(SCHEMAS))["resources"]:
        assert resource["description"]
        assert all(field["description"] for field in resource["schema"]["fields"]), resource["name"]
    (attrition,) = data_package(["attrition"])["resources"]
    fields = {field["name"]: field for field in attrition["schema"]["fields"]}
    assert fields["unit"]["constraints"] == {"required": True, "enum": ["persons", "sets"]}
    assert fields["arguments"]["type"] == "object"
    assert attrition["schema"]["primaryKey"] == ["part", "comparison", "step"]


def test_parquet_files_hold_the_meaning_of_their_columns(results: Path) -> None:
    for name in KINDS:
        schema = pq.read_schema(results / "internal" / f"{name}.parquet")
        assert all(field.metadata[b"meaning"] for field in schema), name
    units = pq.read_schema(results / "internal" / "estimates.parquet").field("person_years").metadata
    assert units[b"unit"] == b"years"


def test_ratios_stand_beside_their_logarithms(results: Path) -> None:
    (resource,) = data_package(["estimates"])["resources"]
    rows = [row for row in rows_of(results / "internal", resource) if row["estimate"]]
    ratios = [row for row in rows if row["scale"].startswith("log_")]
    others = [row for row in rows if not row["scale"].startswith("log_")]
    assert ratios
    assert others
    for row in ratios:
        assert float(row["ratio"]) == pytest.approx(exp(float(row["estimate"])), rel=1e-8)
        assert not row["conf_low"] or float(row["ratio_low"]) == pytest.approx(exp(float(row["conf_low"])), rel=1e-8)
    assert {row["ratio"] for row in others} == {""}


def test_results_of_another_version_are_refused_with_what_to_do(results: Path) -> None:
    assert set(read_results(results)) == set(SCHEMAS)
    manifest = json.loads((results / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["tables"] == VERSION
    older = {name: value for name, value in manifest.items() if name != "tables"}
    (results / MANIFEST).write_text(json.dumps(older), encoding="utf-8")
    try:
        with pytest.raises(SourceError, match=r"tables version 1, written by riskset .* run the study again"):
            read_results(results)
    finally:
        (results / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def test_an_empty_cell_of_a_key_is_a_value_and_said_to_be(results: Path) -> None:
    """pandas would leave such rows out of groups; with the line of docs/results.md it does not."""
    assert "groupby(key, dropna=False)" in Path("docs/results.md").read_text(encoding="utf-8")
    for resource in data_package(list(SCHEMAS))["resources"]:
        frame, key = pd.read_csv(results / "internal" / resource["path"]), resource["schema"]["primaryKey"]
        empty = {
            field["name"]
            for field in resource["schema"]["fields"]
            if "an empty cell is a value" in field["description"]
        }
        assert {name for name in key if frame[name].isna().any()} <= empty <= set(key)
        assert len(frame.groupby(key, dropna=False)) == len(frame)


def test_the_page_on_the_tables_has_each_of_them_their_version_and_the_columns_that_join_them() -> None:
    page = Path("docs/results.md").read_text(encoding="utf-8")
    assert [name for name in KINDS if f"| `{name}` |" not in page] == []
    assert f"under `tables`: {VERSION} now" in page
    with_id = [name for name, kind in KINDS.items() if "model_id" in {c.name for c in columns_of(kind)}]
    assert with_id == ["estimates", "curves", "diagnostics"]
    assert "`model_id` of `estimates`, `curves` and `diagnostics`" in page
    (adjusted,) = (c for c in columns_of(KINDS["estimates"]) if c.name == "adjusted_for")
    assert (adjusted.json, adjusted.key) == ("array", False)


def test_a_folder_without_a_finished_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no finished run"):
        read_results(tmp_path)
