"""What is kept appears whole or not at all, and is taken again only for the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from riskset.errors import RisksetError
from riskset.microdata import Microdata
from riskset.storage.atomic import replacing
from riskset.storage.lock import only_one
from riskset.storage.stage_cache import Stages, read_stage, write_stage


@dataclass(frozen=True)
class _One(Microdata):
    t: pa.Table


@dataclass(frozen=True)
class _Two(Microdata):
    a: pa.Table
    b: pa.Table


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
    write_stage(tmp_path / "stage", _Two(pa.table({"x": [1, 2]}), pa.table({"y": ["z"]})))
    kept = read_stage(tmp_path / "stage", _Two)
    assert kept is not None
    assert (kept.a.to_pydict(), kept.b.to_pydict()) == ({"x": [1, 2]}, {"y": ["z"]})
    assert "z" not in repr(kept)
    assert read_stage(tmp_path / "other", _Two) is None


@pytest.mark.parametrize("left", [None, b"", b"PAR1 half of a table"])
def test_a_stage_without_one_of_its_tables_is_none(tmp_path: Path, left: bytes | None) -> None:
    write_stage(tmp_path / "stage", _Two(pa.table({"x": [1, 2]}), pa.table({"y": ["z"]})))
    path = tmp_path / "stage" / "b.parquet"
    path.unlink()
    if left is not None:
        path.write_bytes(left)
    assert read_stage(tmp_path / "stage", _Two) is None


def test_a_finished_stage_is_used_again_until_what_it_depends_on_changes(tmp_path: Path) -> None:
    made = []

    def compute() -> _One:
        made.append(1)
        return _One(pa.table({"n": [len(made)]}))

    def run(seed: int) -> int:
        number: int = Stages(tmp_path).run("sets", "sampling", {"seed": seed}, _One, compute).t["n"][0].as_py()
        return number

    assert [run(1), run(1), run(2), run(1)] == [1, 1, 2, 1]


def test_a_stage_that_is_interrupted_is_computed_anew(tmp_path: Path) -> None:
    def interrupted() -> _One:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Stages(tmp_path).run("sets", "sampling", {}, _One, interrupted)
    assert Stages(tmp_path).run("sets", "sampling", {}, _One, lambda: _One(pa.table({"n": [7]}))).t["n"][0].as_py() == 7


def test_stages_of_another_study_are_removed_at_the_end(tmp_path: Path) -> None:
    def table() -> _One:
        return _One(pa.table({"n": [1]}))

    Stages(tmp_path).run("sets", "sampling", {"seed": 1}, _One, table)
    stages = Stages(tmp_path)
    stages.run("sets", "sampling", {"seed": 2}, _One, table)
    stages.forget_others()
    assert [path.name for path in tmp_path.iterdir()] == [f"sets-{stages.keys['sets'][:16]}"]


def test_two_processes_do_not_write_to_one_folder(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with only_one(folder), pytest.raises(RisksetError, match="another run is writing here"), only_one(folder):
        pass
    with only_one(folder):
        pass
    assert not list(tmp_path.iterdir())
