"""Whatever is given to a public function in the place of something else is refused in one sentence, or means something.

The functions are found by inspection; a new one, or a new argument, needs its good value in `CALLS`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import riskset
from riskset.errors import RisksetError
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.registers import Registers
from riskset.run import Run
from riskset.spec.base import Part
from tests import recognisable

STUDY = recognisable.study()
ODD: dict[str, Any] = {
    "None": None,
    "3": 3,
    "nan": float("nan"),
    "True": True,
    "empty": "",
    "NUL": "a\0b",
    "nonsense": "nonsense",
    "bytes": b"person",
    "[]": [],
    "[3]": [3],
    "{}": {},
    "{3: None}": {3: None},
    "object": object(),
    "Path": Path("nowhere"),
    "a class": Run,
    "a table": pa.table({"a": [1]}),
}


@dataclass(frozen=True)
class Call:
    """A public function with a good value of each of its arguments."""

    function: Callable[..., Any]
    arguments: dict[str, Any]


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Call]:
    folder = tmp_path_factory.mktemp("door")
    registers = recognisable.registers(DuckDB(threads=1))
    run = riskset.run_study(STUDY, registers)
    measured = riskset.measure(STUDY, registers, run.sets)
    fitted = riskset.fit_risk(STUDY, STUDY.models[0], measured, comparison="population")
    own = pa.table({"pnr": recognisable.NAMES, "smokes": [1] * len(recognisable.NAMES)})
    tables = recognisable.tables()
    mapping = {"files": {}, "tables": [], "tolerance": 0.1}
    sources = {"sources": folder / "none.toml", "store": folder / "store", "study": STUDY, "engine": "duckdb"}
    views = {"comparison": "population", "exposure": "anxiolytics"}
    asked = {"study": STUDY, "registers": registers}
    return {
        "explain": Call(riskset.explain, {"study": STUDY}),
        "remarks_on": Call(riskset.remarks_on, {"registers": registers}),
        "sample_sets": Call(riskset.sample_sets, asked),
        "measure": Call(riskset.measure, {**asked, "sets": run.sets}),
        "analysis_table": Call(riskset.analysis_table, {"frame": measured, "variables": None}),
        "fit_risk": Call(
            riskset.fit_risk,
            {"study": STUDY, "model": STUDY.models[0], "measured": measured, "comparison": "siblings", "estimand": ()},
        ),
        "run_study": Call(
            riskset.run_study,
            {**asked, "planted": None, "leave_out": (), "stages": None, "protocol": None, "scripts": False},
        ),
        "write_run": Call(riskset.write_run, {"run": run, "folder": folder / "run", "png": False, "say": print}),
        "read_results": Call(riskset.read_results, {"folder": folder}),
        "read_planted": Call(riskset.read_planted, {"path": folder}),
        "Registers.from_tables": Call(
            Registers.from_tables,
            {
                "tables": tables, "engine": None, "starts": recognisable.STARTS, "ends": None,
                "delivered": date(2020, 1, 1), "mapping": {}, "tolerance": 1.0, "remarks": False,
            },
        ),
        "Registers.from_sources": Call(
            Registers.from_sources, {**sources, "memory": "1GB", "threads": 1, "progress": print}
        ),
        "Registers.numbered": Call(registers.numbered, {"frame": own, "id": "pnr", "unknown": "refuse"}),
        "Sources.load": Call(riskset.Sources.load, {"path": folder}),
        "Sources.from_dict": Call(riskset.Sources.from_dict, {"mapping": mapping, "folder": folder}),
        "Study.load": Call(riskset.Study.load, {"path": folder}),
        "Study.save": Call(STUDY.save, {"path": folder / "study.toml"}),
        "Run.estimates": Call(run.estimates, {"ratio": True, "all": False, **views, "analysis": "risk"}),
        "Run.table_one": Call(run.table_one, {"comparison": "population"}),
        "Run.audit": Call(run.audit, {"comparison": "population", "all": False}),
        "Run.forest": Call(run.forest, views),
        "Run.curves": Call(run.curves, {"exposure": "anxiolytics"}),
        "RiskFitted.table": Call(fitted.table, {"ratio": True, "all": False}),
    }  # fmt: skip


FLAGS = {"png", "scripts", "remarks", "ratio", "all"}
"""True or False."""

LEFT_OUT = {
    "variables", "estimand", "planted", "stages", "protocol", "engine", "starts", "ends", "delivered", "mapping",
    "store", "study", "threads", "progress", "comparison", "exposure", "analysis",
}  # fmt: skip
"""None leaves it out, or is everything."""


def means_something(name: str, argument: str, kind: str) -> bool:
    """Whether a value is a right one, of which what it gives is shown elsewhere."""
    if argument in FLAGS:
        return kind == "True"
    if argument in ("starts", "ends", "mapping", "leave_out") and kind in ("{}", "[]"):
        return True
    if argument in ("folder", "path") and kind in ("empty", "nonsense", "Path"):
        return name != "Study.load"  # of folders and files that are there or not, test_notebook
    if argument in ("say", "progress") and kind == "a class":  # which can be called
        return True
    return argument in LEFT_OUT and kind == "None"


ARGUMENTS = [
    ("explain", "study"), ("remarks_on", "registers"), ("sample_sets", "study"), ("sample_sets", "registers"),
    ("measure", "study"), ("measure", "registers"), ("measure", "sets"), ("analysis_table", "frame"),
    ("analysis_table", "variables"),
    *(("fit_risk", name) for name in ("study", "model", "measured", "comparison", "estimand")),
    *(("run_study", n) for n in ("study", "registers", "planted", "leave_out", "stages", "protocol", "scripts")),
    *(("write_run", name) for name in ("run", "folder", "png", "say")),
    ("read_results", "folder"), ("read_planted", "path"),
    *(
        ("Registers.from_tables", name)
        for name in ("tables", "engine", "starts", "ends", "delivered", "mapping", "tolerance", "remarks")
    ),
    *(
        ("Registers.from_sources", name)
        for name in ("sources", "store", "study", "engine", "memory", "threads", "progress")
    ),
    *(("Registers.numbered", name) for name in ("frame", "id", "unknown")),
    ("Sources.load", "path"), ("Sources.from_dict", "mapping"), ("Sources.from_dict", "folder"),
    ("Study.load", "path"), ("Study.save", "path"),
    *(("Run.estimates", name) for name in ("ratio", "all", "comparison", "exposure", "analysis")),
    ("Run.table_one", "comparison"), ("Run.audit", "comparison"), ("Run.audit", "all"),
    ("Run.forest", "comparison"), ("Run.forest", "exposure"), ("Run.curves", "exposure"),
    ("RiskFitted.table", "ratio"), ("RiskFitted.table", "all"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_what_is_given_in_the_place_of_something_else_is_refused_in_sentences(
    calls: dict[str, Call], name: str, argument: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    call = calls[name]
    for kind, odd in ODD.items():
        if means_something(name, argument, kind):
            continue
        with pytest.raises(RisksetError) as raised:
            call.function(**{**call.arguments, argument: odd})
        for one in raised.value.each:
            assert "\n" not in one.sentence
            assert len(one.sentence) > 10, kind
    assert not list(tmp_path.iterdir())


def test_every_public_function_and_argument_is_here(calls: dict[str, Call]) -> None:
    """Kernels have their own such test (`tests.stats.test_odd_input`); parts of a study are refused by their model."""
    functions = {
        name for name in dir(riskset) if inspect.isfunction(getattr(riskset, name)) and not name.startswith("fit_c")
    }
    assert functions <= set(calls)
    asked = {(name, one) for name, call in calls.items() for one in inspect.signature(call.function).parameters}
    assert asked == set(ARGUMENTS)


_CLASSES = [kind for kind in (getattr(riskset, name) for name in dir(riskset)) if isinstance(kind, type)]
PARTS = [kind for kind in _CLASSES if issubclass(kind, Part)]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_a_part_of_a_study_that_cannot_be_meant_is_refused_in_sentences(part: type[Part]) -> None:
    for name in part.model_fields:
        for odd in ODD.values():
            with suppress(RisksetError):  # and nothing else
                part(**{name: odd})


def test_what_was_given_is_named_for_what_it_is(calls: dict[str, Call]) -> None:
    with pytest.raises(RisksetError, match=r"sources: this describes no delivery \(int\)"):
        Registers.from_sources(5)  # type: ignore[arg-type]
    with pytest.raises(RisksetError, match="tables: there is no person table, which every other needs"):
        Registers.from_tables({"death": recognisable.tables()["death"]})
    with pytest.raises(RisksetError, match=r"run: this is no run \(str\); give run_study"):
        riskset.write_run("x", calls["write_run"].arguments["run"])  # type: ignore[arg-type]


def test_results_show_themselves_in_a_few_lines(calls: dict[str, Call]) -> None:
    released = calls["write_run"].arguments["run"].released
    lines = repr(released).splitlines()
    assert lines[0] == f"Results of {STUDY.name!r} (internal, not cleared)"
    assert f"  estimates: {released.table('estimates').num_rows:,} rows" in lines
    assert len(lines) == len(released.tables) + 2 < 12
    assert all(len(line) < 80 for line in lines)
    assert released._repr_html_().count("<br>") == len(lines) - 1
