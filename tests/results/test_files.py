"""Results as files for programs and for people."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest

from riskset.results import files
from riskset.results.files import write_csv, write_tables


def test_tables_are_written_for_programs_and_for_people(tmp_path: Path) -> None:
    write_tables(tmp_path, {"t": pa.table({"x": [1.5]})})
    assert (tmp_path / "t.csv").read_bytes() == b'\xef\xbb\xbf"x"\n1.5\n'
    assert (tmp_path / "t.parquet").is_file()


FORMULAE = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1+1", '=HYPERLINK("http://x")', "-", "-2+3"),
    *("＝1", "＋1", "－1", "＠x", "=cmd|' /C calc'!A0", "\u00a0=1"),
]
PLAIN = ["≥4", ">5y", "1-5y", "a=b", "2-3", "−0.22", "", "'", "Övriga Europa", "e-mail@x", "0-1y", "lag only"]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())], ids=str)
def test_no_cell_of_a_csv_is_a_formula(tmp_path: Path, kind: pa.DataType) -> None:
    texts = [*FORMULAE, *PLAIN, None]
    table = pa.table({"text": pa.array(texts).cast(kind), "number": [-1.5] * len(texts), "count": [-3] * len(texts)})
    write_csv(tmp_path / "t.csv", table)
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    shown = [row["text"] for row in rows]
    assert shown[: len(FORMULAE)] == [f"'{text}" for text in FORMULAE]
    assert shown[len(FORMULAE) :] == [*PLAIN, ""]
    assert not [text for text in shown if re.match(r"\s*[=+\-@]", text)]
    assert {(row["number"], row["count"]) for row in rows} == {("-1.5", "-3")}
    back = pyarrow.csv.read_csv(tmp_path / "t.csv", parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True))
    assert back["number"].type == pa.float64()
    assert back["count"].type == pa.int64()


def test_a_table_written_in_parts_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = pa.chunked_array([pa.array([*FORMULAE, None]).dictionary_encode(), pa.array(PLAIN).dictionary_encode()])
    table = pa.table({"text": texts, "number": [i / 7 for i in range(len(texts))]})
    write_csv(tmp_path / "whole.csv", table)
    for rows in (1, 5, len(texts) - 1, len(texts)):
        monkeypatch.setattr(files, "AT_ONCE", rows)
        write_csv(tmp_path / "parts.csv", table)
        assert (tmp_path / "parts.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_what_a_spreadsheet_shows_is_what_was_written(tmp_path: Path) -> None:
    """A byte-order mark, TRUE and FALSE, INF, dates, nothing for what is missing; quotes and line ends in a text."""
    table = pa.table(
        {
            "text": ['say "no", or\nnot', "", None],
            "yes": [True, False, None],
            "number": [1 / 3, float("-inf"), None],
            "day": pa.array([date(2015, 1, 31), None, None], pa.date32()),
            "count": [12_345_678_901, None, 0],
        }
    )
    write_csv(tmp_path / "t.csv", table)
    raw = (tmp_path / "t.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.decode("utf-8-sig") == (
        '"text","yes","number","day","count"\n'
        '"say ""no"", or\nnot",TRUE,0.3333333333,2015-01-31,12345678901\n'
        '"",FALSE,-INF,,\n'
        ",,,,0\n"
    )
    back = pyarrow.csv.read_csv(tmp_path / "t.csv", parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True))
    assert back.column_names == table.column_names
    assert back["yes"].to_pylist() == [True, False, None]


def test_an_empty_table_has_its_header(tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", pa.table({"x": pa.array([], pa.string()), "y": pa.array([], pa.bool_())}))
    assert (tmp_path / "t.csv").read_text(encoding="utf-8-sig") == '"x","y"\n'


def test_all_results_are_written_by_the_one_writer() -> None:
    """Besides it, only what our own reader or an engine takes in again: the synthetic delivery and COPY's stream."""
    code = Path(__file__).parents[2] / "src" / "riskset"
    others = {"nation/delivery.py", "registers/engines/postgres.py"}
    writers = {
        path.relative_to(code).as_posix()
        for path in code.rglob("*.py")
        if re.search(r"csv\.write_csv|csv\.writer|to_csv|DictWriter|FORMAT csv", path.read_text(encoding="utf-8"))
    }
    assert writers == others, "results are written by results.files.write_csv"
