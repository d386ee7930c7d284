"""A file of a run appears whole or not at all."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest

from riskset.errors import RisksetError
from riskset.results.files import only_one, read_stage, replacing, write_csv, write_stage, write_tables
from riskset.results.stages import Stages


def test_what_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "result.txt"
    path.write_text("finished")

    def interrupted() -> None:
        with replacing(path) as partial:
            partial.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "finished"
    assert list(tmp_path.iterdir()) == [path]


def test_a_stage_is_a_folder_that_appears_whole(tmp_path: Path) -> None:
    tables = {"a": pa.table({"x": [1, 2]}), "b": pa.table({"y": ["z"]})}
    write_stage(tmp_path / "stage", tables)
    found = read_stage(tmp_path / "stage")
    assert found is not None
    assert {name: t.to_pydict() for name, t in found.items()} == {"a": {"x": [1, 2]}, "b": {"y": ["z"]}}
    assert read_stage(tmp_path / "other") is None


def test_tables_are_written_for_programs_and_for_people(tmp_path: Path) -> None:
    write_tables(tmp_path, {"t": pa.table({"x": [1.5]})})
    assert (tmp_path / "t.csv").read_text() == '"x"\n1.5\n'
    assert (tmp_path / "t.parquet").is_file()


def test_a_finished_stage_is_used_again_until_what_it_depends_on_changes(tmp_path: Path) -> None:
    made = []

    def compute() -> dict[str, pa.Table]:
        made.append(1)
        return {"t": pa.table({"n": [len(made)]})}

    def run(seed: int) -> int:
        number: int = Stages(tmp_path).run("sets", "sampling", {"seed": seed}, compute)["t"]["n"][0].as_py()
        return number

    assert [run(1), run(1), run(2), run(1)] == [1, 1, 2, 1]


def test_a_stage_that_is_interrupted_is_computed_anew(tmp_path: Path) -> None:
    def interrupted() -> dict[str, pa.Table]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Stages(tmp_path).run("sets", "sampling", {}, interrupted)
    assert Stages(tmp_path).run("sets", "sampling", {}, lambda: {"t": pa.table({"n": [7]})})["t"]["n"][0].as_py() == 7


def test_stages_of_another_study_are_removed_at_the_end(tmp_path: Path) -> None:
    def table() -> dict[str, pa.Table]:
        return {"t": pa.table({"n": [1]})}

    Stages(tmp_path).run("sets", "sampling", {"seed": 1}, table)
    stages = Stages(tmp_path)
    stages.run("sets", "sampling", {"seed": 2}, table)
    stages.forget_others()
    assert [path.name for path in tmp_path.iterdir()] == [f"sets-{stages.keys['sets'][:16]}"]


def test_two_processes_do_not_write_to_one_folder(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with only_one(folder), pytest.raises(RisksetError, match="another run is writing here"), only_one(folder):
        pass
    with only_one(folder):
        pass
    assert not list(tmp_path.iterdir())


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
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    shown = [row["text"] for row in rows]
    assert shown[: len(FORMULAE)] == [f"'{text}" for text in FORMULAE]
    assert shown[len(FORMULAE) :] == [*PLAIN, ""]
    assert not [text for text in shown if re.match(r"\s*[=+\-@]", text)]
    assert {(row["number"], row["count"]) for row in rows} == {("-1.5", "-3")}
    back = pyarrow.csv.read_csv(tmp_path / "t.csv", parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True))
    assert back["number"].type == pa.float64()
    assert back["count"].type == pa.int64()


def test_all_results_are_written_by_the_one_writer() -> None:
    """Besides it, only what our own reader or an engine takes in again: the synthetic delivery and COPY's stream."""
    code = Path(__file__).parents[2] / "src" / "riskset"
    others = {"nation/delivery.py", "registers/engines/postgres.py"}
    writers = {
        path.relative_to(code).as_posix()
        for path in code.rglob("*.py")
        if re.search(r"csv\.write_csv|csv\.writer|to_csv|DictWriter|FORMAT csv", path.read_text(encoding="utf-8"))
    }
    assert writers - others == {"results/files.py"}
