"""Deliveries are whole or not there, and hold the same in either format."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from riskset.errors import SourceError
from riskset.nation import Effects, NationSettings, delivery, make_nation, write_delivery
from riskset.nation.delivered_files import FILES
from riskset.nation.planted_truth import truth_of

SETTINGS = NationSettings(persons=2_000, seed=9, incidence=200)


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("deliveries")
    return {form: write_delivery(SETTINGS, folder / form, format=form).parent for form in ("parquet", "csv")}  # type: ignore[arg-type]


def read_csv(path: Path) -> pa.Table:
    return pa_csv.read_csv(
        path,
        read_options=pa_csv.ReadOptions(encoding="latin1"),
        parse_options=pa_csv.ParseOptions(delimiter=";"),
        convert_options=pa_csv.ConvertOptions(
            column_types={"antal_ddd": pa.decimal128(12, 3), "varde": pa.decimal128(6, 1), "ar": pa.int64()},
            decimal_point=",",
            strings_can_be_null=True,
        ),
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_both_formats_hold_the_same(delivered: dict[str, Path], file: delivery.File) -> None:
    parquet = pq.read_table(delivered["parquet"] / f"{file.name}.parquet")
    csv = read_csv(delivered["csv"] / f"{file.name}.csv")
    assert parquet.column_names == csv.column_names == [column.name for column in file.columns]
    assert len(parquet) > 0
    for name in parquet.column_names:
        one, other = parquet[name], csv[name]
        if pa.types.is_decimal(other.type):
            np.testing.assert_allclose(np.asarray(one), np.asarray(other.cast(pa.float64())), atol=1e-9)
        else:
            text = [None if v is None else str(v).lstrip("0") for v in one.to_pylist()]
            assert text == [None if v is None else str(v).lstrip("0") for v in other.to_pylist()], name


def test_delivered_columns_hold_the_canonical_values(delivered: dict[str, Path]) -> None:
    tables = make_nation(SETTINGS).tables()
    folder = delivered["parquet"]
    spells = pq.read_table(folder / "bosattning.parquet")
    last = pc.add(spells["till"].cast(pa.int32()), pa.scalar(1, pa.int32())).cast(pa.date32())
    assert last.to_pylist() == tables["residence"]["stop"].to_pylist()
    fills = pq.read_table(folder / "lakemedel.parquet")
    assert (
        np.round(np.asarray(fills["antal_ddd"]) * 1000).astype(int).tolist() == tables["dispensing"]["ddd"].to_pylist()
    )
    codes = [
        code.replace(".", "")
        for name in ("slutenvard", "oppenvard")
        for code in pq.read_table(folder / f"{name}.parquet")["dia"].to_pylist()
    ]
    assert sorted(codes) == sorted(tables["diagnosis"]["code"].to_pylist())
    assert pq.read_table(folder / "population.parquet")["kon"].to_pylist() == [
        {"male": "1", "female": "2"}[sex] for sex in tables["person"]["sex"].to_pylist()
    ]


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_sources_toml_names_every_delivered_column(delivered: dict[str, Path], form: str) -> None:
    sources = tomllib.loads((delivered[form] / "sources.toml").read_text(encoding="utf-8"))
    assert {file["path"] for file in sources["files"].values()} == {
        path.name for path in delivered[form].iterdir() if path.suffix == f".{form}"
    }
    for table in sources["tables"]:
        path = delivered[form] / sources["files"][table["file"]]["path"]
        header = pq.read_schema(path).names if form == "parquet" else read_csv(path).column_names
        named = {c if isinstance(c, str) else c.get("column") for c in table["columns"].values()}
        assert named - {None} == set(header)
        assert ("last_day" in table) == ("stop" in table["columns"])


def test_csv_is_latin_1_with_decimal_commas(delivered: dict[str, Path]) -> None:
    people = (delivered["csv"] / "population.csv").read_bytes()
    assert "Övriga Europa".encode("latin-1") in people
    assert "Övriga Europa".encode() not in people
    assert ";12,5;" in (delivered["csv"] / "lakemedel.csv").read_text(encoding="latin-1")


def test_truth_holds_the_nine_planted_ratios_and_says_which_are_assumed(delivered: dict[str, Path]) -> None:
    truth = json.loads((delivered["parquet"] / "truth.json").read_text(encoding="utf-8"))
    assert len(truth["effects"]) == 9
    published = {(e["exposure"], e["level"]): np.exp(e["value"]) for e in truth["effects"] if "published" in e["truth"]}
    assert published == pytest.approx(
        {("anxiolytics", "1-5y"): 1.60, ("hypnotics", "0-1y"): 6.10, ("antidepressants", ">5y"): 1.21}
    )
    for name in ("anxiolytics", "hypnotics", "antidepressants"):
        near_to_far = Effects().of(name)
        assert near_to_far[0] > near_to_far[1] > near_to_far[2] > 1
    changed = truth_of(NationSettings(effects=Effects(hypnotics=(3.0, 2.0, 1.0))))["effects"]
    assert [e["truth"] for e in changed if e["exposure"] == "hypnotics"] == ["planted, assumed"] * 3
    assert truth["settings"]["incidence"] == 200
    assert {row["effect"] for row in truth["prognosis"]} == {"direct", "total", "points a month"}


def test_an_interrupted_delivery_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = write_delivery(SETTINGS, tmp_path).read_bytes()
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(delivery, "truth_of", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_delivery(NationSettings(persons=1_000, seed=1), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == kept
    assert (tmp_path / "sources.toml").read_bytes() == before


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SourceError, match="cannot be written"):
        write_delivery(SETTINGS, tmp_path / "file")
