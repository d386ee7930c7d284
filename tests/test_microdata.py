"""Nothing that can be printed holds a person's value."""

from __future__ import annotations

import copy
import importlib
import io
import pickle
import pkgutil
import pprint
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console

import riskset
from riskset.errors import RisksetError
from riskset.microdata import WAYS_OUT, Microdata, MicrodataTable
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.registers import Registers
from riskset.run import Run, run_study
from riskset.storage.stage_cache import Stages
from tests import recognisable

DAYS = {*recognisable.BIRTHS, *recognisable.ONSETS, *recognisable.DIAGNOSES}
VALUES = [*recognisable.NAMES, *(spelt for day in DAYS for spelt in (day.isoformat(), repr(day), f"{day:%d/%m/%Y}"))]

ROWS = ("array([", "array(", "pyarrow.Table", "ChunkedArray", "<pyarrow.lib")
"""How NumPy and Arrow begin to print what they hold."""

AGGREGATED = {
    *(
        "ClogitFit",
        "CoxFit",
        "JointFit",
        "MixedFit",
        "LogRank",
        "Rates",
        "Quantiles",
        "Forecast",
        "MeanScores",
        "Calibration",
    ),
    *("FitTable", "Released", "Audited", "Figure"),
}
"""What is printed with its numbers: estimates of models, and tables of results."""

OURS_ALONE = {
    *(
        "Sums",
        "Profile",
        "EventSums",
        "State",
        "Point",
        "Maximum",
        "Summit",
        "Parameters",
        "Nodes",
        "Grid",
        "Integrand",
    ),
    *(
        "Integral",
        "Expected",
        "EventRows",
        "Visits",
        "JointData",
        "SetBlock",
        "PatientBlock",
        "SumBlock",
        "EfronBlock",
        "ExactBlock",
        "Counts",
    ),
    *("Survival", "ConditionalFit", "Standardised", "SetGroup"),
}
"""Workings of the kernels, which no function of theirs gives back but inside a fit that does not show them."""


def may_show(kind: type) -> bool:
    """Whether a class is one of those above, or a kernel's private one."""
    of_kernel = kind.__module__.startswith("riskset.stats.") and kind.__name__.startswith("_")
    return of_kernel or kind.__name__ in AGGREGATED | OURS_ALONE


def modules() -> Iterator[Any]:
    for found in pkgutil.walk_packages(riskset.__path__, "riskset."):
        if not found.name.startswith("riskset.nation"):  # nobody there is a person
            try:
                yield importlib.import_module(found.name)
            except RisksetError:  # an engine that is not installed
                continue


def dataclasses_of_ours() -> list[type]:
    found = (v for m in modules() for v in vars(m).values() if isinstance(v, type) and v.__module__ == m.__name__)
    return [kind for kind in dict.fromkeys(found) if is_dataclass(kind)]


OURS = dataclasses_of_ours()


def shown(thing: Any) -> str:
    """Everything that a terminal, a log or a notebook would show of it."""
    console, out = Console(file=io.StringIO(), width=400, force_jupyter=False), io.StringIO()
    console.print(thing)
    with redirect_stdout(out):
        pprint.pprint(thing)
        print(thing, f"{thing}", [thing], {"thing": thing})
    kinds = [getattr(thing, name)() for name in ("_repr_html_", "_repr_markdown_") if hasattr(thing, name)]
    bundle = thing._repr_mimebundle_([], []) if hasattr(thing, "_repr_mimebundle_") else ""
    return "".join([repr(thing), str(thing), out.getvalue(), console.file.getvalue(), str(bundle), *map(str, kinds)])  # type: ignore[attr-defined]


def told(text: str) -> list[str]:
    return [value for value in VALUES if value in text]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Registers, Run, list[Any], list[Any]]:
    """Registers and a run on them, every dataclass that was made meanwhile, and the tables of every stage."""
    things: list[Any] = []
    tables: list[Any] = []

    def remembering(made_by: Callable[..., None]) -> Callable[..., None]:
        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            made_by(self, *args, **kwargs)
            if sum(type(thing) is type(self) for thing in things[-2000:]) < 5:
                things.append(self)

        return init

    class Remembering(Stages):
        def run(self, *args: Any, **kwargs: Any) -> Any:
            tables.append(super().run(*args, **kwargs))
            return tables[-1]

    with pytest.MonkeyPatch.context() as patch:
        for kind in OURS:
            patch.setattr(kind, "__init__", remembering(kind.__init__))  # type: ignore[misc]
        registers = recognisable.registers(DuckDB(threads=1))
        run = run_study(recognisable.study(), registers, stages=Remembering(tmp_path_factory.mktemp("stages")))
    return registers, run, things, tables


def test_what_a_study_gives_is_not_printed(made: tuple[Registers, Run, list[Any], list[Any]]) -> None:
    registers, run, _, tables = made
    assert len(run.sets) > 100
    for thing in (registers, run, run.sets, *(getattr(run, f.name) for f in fields(run)), *tables):
        text = shown(thing)
        assert not told(text), text[:300]
    assert "person_id" in repr(run.sets)
    assert f"{len(run.sets):,} rows" in repr(run)
    assert {part.name for stage in tables for part in fields(stage)} >= {"sets", "cases", "values", "covariates"}


def test_no_dataclass_made_by_a_run_is_printed_with_rows(made: tuple[Registers, Run, list[Any], list[Any]]) -> None:
    _, _, things, _ = made
    kinds = {type(thing).__name__ for thing in things}
    assert kinds >= {
        "AnalysisFrame",
        "CaseList",
        "MatchedSets",
        "Patients",
        "RiskResult",
        "Registers",
        "ClogitFit",
        "Curve",
    }
    for thing in things:
        text = shown(thing)
        assert not told(text), (type(thing), text[:300])
        if not may_show(type(thing)):
            assert not [row for row in ROWS if row in text], (type(thing), text[:300])


HOLDING = (
    "pa.Table",
    "pa.Array",
    "ir.Table",
    "NDArray",
    "Ints",
    "Integers",
    "Floats",
    "Days",
    "Bools",
    "Rows",
    "ArrayLike",
)


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_a_dataclass_that_can_hold_rows_does_not_show_them(kind: type) -> None:
    """By its fields, whether a run makes one or not; what shows its numbers is named above, with the reason."""
    held = [
        f
        for f in fields(kind)
        if f.repr and any(word in str(f.type) for word in HOLDING) and "Callable" not in str(f.type)
    ]  # type: ignore[arg-type]
    if held and not may_show(kind):
        assert issubclass(kind, Microdata), [f.name for f in held]


def test_tables_of_registers_fetch_no_rows_to_be_shown(made: tuple[Registers, Run, list[Any], list[Any]]) -> None:
    registers = made[0]
    before = ibis.options.interactive
    try:
        ibis.options.interactive = True
        for name in registers.tables:
            text = shown(registers[name])
            assert not told(text), name
            assert "a-group" not in text
    finally:
        ibis.options.interactive = before


def test_the_table_of_sets_works_as_an_arrow_table(made: tuple[Registers, Run, list[Any], list[Any]]) -> None:
    sets = made[1].sets
    table = sets.to_arrow()
    assert isinstance(sets, MicrodataTable)
    assert sets == table
    assert pa.table(sets).equals(table)
    assert sets["person_id"].equals(table["person_id"])
    assert sets.filter(pa.array(np.arange(len(sets)) < 3)).num_rows == 3
    assert sets.column_names == table.column_names
    for twin in (copy.copy(sets), copy.deepcopy(sets), pickle.loads(pickle.dumps(sets))):
        assert twin == table
        assert not told(shown(twin))
    with pytest.raises(AttributeError):
        sets.nothing_of_the_kind  # noqa: B018


def test_what_is_taken_from_the_table_of_sets_is_not_printed(made: tuple[Registers, Run, list[Any], list[Any]]) -> None:
    sets = made[1].sets
    first = pa.array(np.arange(len(sets)) < 3)
    taken = [
        sets[:3], sets.slice(0, 3), sets.select(["person_id", "index_date"]), sets.filter(first), sets.take([0, 1]),
        sets.sort_by("person_id"), sets.drop_columns(["case"]), sets.combine_chunks(), sets.filter(first).slice(1),
        sets["person_id"], sets.column("index_date"), sets["person_id"][:2], sets["person_id"].unique(),
        sets["index_date"].filter(first), sets["person_id"].chunks, sets["person_id"].chunk(0), sets.columns,
        list(sets), sets["person_id"].cast(pa.string()), sets["person_id"].combine_chunks(),
    ]  # fmt: skip
    for part in taken:
        assert not told(shown(part)), shown(part)[:300]
        text = repr(part)
        assert "Microdata" in text
        assert not re.search(r"\d{4}-\d\d-\d\d|\[\s*\d", text), text
    assert sets.select(["person_id"]).to_arrow().equals(sets.to_arrow().select(["person_id"]))
    assert np.asarray(sets["person_id"]).tolist() == sets["person_id"].to_pylist()
    assert sets.append_column("again", sets["case"]).num_columns == sets.num_columns + 1


HARMLESS = (bool, int, str, type(None), pa.Schema, pa.Field, pa.DataType)


def walked(thing: Any, path: str, seen: set[type]) -> Iterator[tuple[str, Any]]:
    """What its attributes and methods, its first item and its iteration give, and so on of these: each kind once."""
    yield path, thing
    if isinstance(thing, list | tuple):
        yield from walked(thing[0], f"{path}[0]", seen) if thing else ()
        return
    held = thing.to_arrow() if hasattr(thing, "to_arrow") else thing
    if type(held) in seen or isinstance(thing, HARMLESS):
        return
    seen.add(type(held))
    steps: dict[str, Callable[[], Any]] = {
        f".{name}": lambda name=name: getattr(thing, name)  # type: ignore[misc]
        for name in dir(held)
        if not name.startswith("_") and name not in WAYS_OUT | {"to_frame", "terms", "audit"}
    }
    steps |= {"[0]": lambda: thing[0], "[:2]": lambda: thing[:2], " next": lambda: next(iter(thing))}
    for name, take in steps.items():
        try:
            got = take()
            got = ASKED.get(name, lambda ask: ask())(got) if callable(got) else got
        except Exception:  # refused, or needs arguments
            continue
        yield from walked(got, path + name, seen)


ASKED: dict[str, Callable[[Any], Any]] = {
    ".group_by": lambda ask: ask(["person_id", "index_date"]),
    ".aggregate": lambda ask: ask([]),
    ".to_batches": lambda ask: ask(max_chunksize=3),
    ".column": lambda ask: ask("index_date"),
}
"""Methods with arguments."""


def test_nothing_that_is_taken_of_measured_sets_shows_a_person(
    made: tuple[Registers, Run, list[Any], list[Any]],
) -> None:
    """What methods give, and what is taken of that, is walked too."""
    registers, run, _, _ = made
    measured = riskset.measure(recognisable.study(), registers, run.sets)
    paths = set()
    for name, thing in (("m", measured), ("table", riskset.analysis_table(measured)), ("sets", run.sets)):
        for path, part in walked(thing, name, set()):
            paths.add(path)
            assert isinstance(part, (Microdata, list, tuple, *HARMLESS)), (path, type(part))
            text = repr(part)
            assert not told(text), path
            assert not re.search(r"\d{4}-\d\d-\d\d", text), (path, text)
    assert paths >= {"m.values", "m.covariates", "sets.to_batches[0]", "sets.group_by.aggregate", "sets.column[0]"}


def test_a_text_of_microdata_is_refused_with_the_way_out(made: tuple[Registers, Run, list[Any], list[Any]]) -> None:
    sets = made[1].sets
    for part in (sets, sets["person_id"]):
        with pytest.raises(RisksetError, match=r"microdata: to_string\(\) would show .*; take to_arrow\(\)"):
            part.to_string()
    first = sets["person_id"][0]
    assert first.as_py() == sets.to_arrow()["person_id"][0].as_py()
    assert [cell.as_py() for cell in sets["person_id"]] == sets["person_id"].to_pylist()
    grouped = sets.group_by("comparison").aggregate([("set_id", "count_distinct")])
    assert grouped.to_arrow().num_rows > 1


def spoilt(name: str, column: str, values: list[Any]) -> dict[str, pa.Table]:
    tables = recognisable.tables()
    table = tables[name]
    made = (values * len(table))[: len(table)]
    at = table.column_names.index(column)
    return tables | {name: table.set_column(at, column, pa.array(made))}


NAMES = recognisable.NAMES
SPOILT = {
    "identifiers as birth dates": spoilt("person", "birth_date", NAMES),
    "texts as dates": spoilt("dispensing", "date", [f"{day:%d/%m/%Y}" for day in recognisable.ONSETS]),
    "identifiers as amounts": spoilt("measurement", "value", NAMES),
    "identifiers as years": spoilt("socioeconomic", "year", NAMES),
    "identifiers as sex": spoilt("person", "sex", NAMES),
    "identifiers as codes": spoilt("dispensing", "atc", NAMES),
    "one identifier twice": spoilt("person", "person_id", NAMES[:3]),
    "dates as identifiers": spoilt("residence", "person_id", recognisable.BIRTHS),
    "stops before starts": spoilt("residence", "stop", recognisable.BIRTHS),
    "lists": spoilt("dispensing", "atc", [[name] for name in NAMES]),
    "truths as dates": spoilt("death", "date", [True]),
}


@pytest.mark.parametrize("how", SPOILT)
def test_no_exception_holds_a_cell(how: str) -> None:
    """Neither its sentence nor its traceback, with everything that it was raised from."""
    with pytest.raises(RisksetError) as raised:
        run_study(recognisable.study(), Registers.from_tables(SPOILT[how], engine=DuckDB(threads=1), tolerance=0.0))
    error = raised.value
    text = "".join(traceback.format_exception(error)) + repr(error) + str(error.args) + shown(vars(error))
    assert not told(text)


@dataclass(frozen=True)
class _Base(Microdata):
    rows: tuple[int, ...]

    def __repr__(self) -> str:
        return "base"


@dataclass(frozen=True)
class _Derived(_Base):
    more: int = 0


def test_what_is_made_of_another_shows_itself_as_that() -> None:
    assert repr(_Derived((19450203,))) == str(_Derived((19450203,))) == "base"
