"""A text that hardly anybody has is in nothing that a run shows, writes or says, whatever its column."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.disclosure.door import clear
from riskset.disclosure.policy import Policy
from riskset.errors import RisksetError
from riskset.exposure.identifying import pool_rare
from riskset.microdata import FEWEST
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.registers import Registers
from riskset.registers.schema import TABLES, TEXT
from riskset.results.vocabulary import Analysis, DiagnosticCode
from riskset.run import Run, run_study, write_run
from riskset.spec.covariates import COVARIATES
from riskset.spec.from_toml import parse
from riskset.spec.levels import RARE
from riskset.spec.study import Study
from tests import recognisable
from tests.examples import examples
from tests.shown import Evidence, shows

SECRET = "Ann-Marie Öberg"
BY_TEXT = tuple(c.name for c in COVARIATES if not c.numeric and not TABLES[c.table].column(str(c.column)).values)
CATEGORICAL = [name for name in BY_TEXT if name != "onset_site"]
EVERY_WAY: dict[str, Any] = {
    "controls": [{"kind": "population", "match": [], "ratio": 3}, {"kind": "siblings"}],
    "models": [
        {"kind": "conditional logistic", "measure": "ever", "classes": ["each"], "missing": "level"}
        | {"adjust": CATEGORICAL, "interactions": CATEGORICAL, "subgroups": [{"by": name} for name in BY_TEXT]}
    ],
    "prognosis": {"endpoint": ["death"], "adjust": [*BY_TEXT], "marker": "alsfrs_r"},
}


@pytest.fixture(scope="module")
def engine() -> DuckDB:
    return DuckDB(threads=1)


def rarely(i: int) -> str:
    """A case has a text of her own, two of her controls another; the rest have three between them."""
    return {0: SECRET, 30: f"{SECRET} 2", 60: f"{SECRET} 2"}.get(i, "abc"[i % 3] + "-group")


def written(run: Run, folder: Path) -> Iterator[tuple[str, str]]:
    """Every file of a run's folder with what a reader could find in it."""
    write_run(run, folder)
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        content = path.read_bytes()
        if path.suffix == ".parquet":
            yield path.name, str(pq.read_table(path).to_pydict()) + str(pq.read_schema(path).metadata)
        elif zipfile.is_zipfile(path):
            inside = zipfile.ZipFile(io.BytesIO(content))
            yield from (
                (f"{path.name} {name}", inside.read(name).decode(errors="replace")) for name in inside.namelist()
            )
        else:
            yield path.name, content.decode(errors="replace")


def finds(text: str) -> bool:
    return "Marie" in text or "Öberg" in text or "\\u00d6berg" in text or "&#214;berg" in text


@shows(
    "DiagnosticCode=rare levels",
    by=Evidence.OUTSIDE,
)
def test_a_covariate_s_rare_levels_are_nowhere(
    engine: DuckDB, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    planted = recognisable.registers(engine, **dict.fromkeys(BY_TEXT, rarely))
    run = run_study(recognisable.study(**EVERY_WAY), planted, scripts=True)
    files = dict(written(run, tmp_path / "run"))
    assert len(files) > 20
    assert [name for name, text in files.items() if finds(text)] == []
    out = capfd.readouterr()
    shown = "".join([out.out, out.err, repr(run), *run.failures, str(run.estimates(all=True)), str(run.table_one())])
    assert not finds(shown)
    assert RARE in files["supplement.html"] or "rare levels" in files["supplement.html"]
    assert "rare levels of education made one" in files["supplement.html"]
    levels = {row["level"] for row in run.released.table("table_one").to_pylist() if row["variable"] == "education"}
    assert levels == {"a-group", "b-group", "c-group", RARE}
    counted = {
        (row["analysis"], row["covariate"]): row["value"]
        for row in run.released.table("diagnostics").to_pylist()
        if row["code"] == DiagnosticCode.RARE_LEVELS
    }
    assert counted == {
        **{("risk", name): 2 for name in CATEGORICAL},
        ("risk", "onset_site"): 1,
        ("prognosis", "onset_site"): 1,
        **{("prognosis", name): 1 for name in CATEGORICAL},
    }


def test_a_release_does_not_say_how_few_levels_became_one(engine: DuckDB) -> None:
    """Of one level, that fewer than five have it would narrow the withheld count of those who have the new one."""
    run = run_study(recognisable.study(**EVERY_WAY), recognisable.registers(engine, education=rarely))
    cleared = clear(run.released, Policy("under 5")).released
    rows = [r for r in cleared.table("diagnostics").to_pylist() if r["code"] == DiagnosticCode.RARE_LEVELS]
    assert [(row["covariate"], row["value"]) for row in rows] == [("education", None)] * 2
    assert not finds(str({name: table.to_pydict() for name, table in cleared.tables.items()}))


OPEN = [
    ("registry_item", "registry"), ("registry_item", "name"), ("registry_item", "text"), ("measurement", "name"),
    ("diagnosis", "system"), ("diagnosis", "code"), ("procedure", "system"), ("procedure", "code"),
    ("dispensing", "atc"), ("death", "cause"), ("person", "birth_county"),
]  # fmt: skip
"""Columns of texts that are no covariate."""
CLOSED = [(t.name, c.name) for t in TABLES.values() for c in t.columns if c.values]


def test_every_column_of_texts_is_looked_at() -> None:
    texts = {(t.name, c.name) for t in TABLES.values() for c in t.columns if c.type == TEXT}
    covariates = {(c.table, c.column) for c in COVARIATES if not c.numeric}
    assert texts == {*OPEN, *CLOSED, *covariates}


def delivered(engine: DuckDB, columns: list[tuple[str, str]]) -> Registers:
    """Registers in which the last row of each table has the secret in these columns, besides its usual rows."""
    tables = recognisable.tables()
    some = recognisable.NAMES[:12]
    days = pa.array([recognisable.DIAGNOSES[0]] * len(some))
    plain = {"system": ["icd10"] * 12, "code": ["F32"] * 12, "source": ["inpatient"] * 12}
    tables["diagnosis"] = pa.table({"person_id": some, "date": days, **plain})
    tables["procedure"] = pa.table(
        {"person_id": some, "date": days, "system": ["nomesco"] * 12, "code": ["GBB00"] * 12}
    )
    tables["death"] = tables["death"].append_column("cause", pa.array(["G122"] * len(tables["death"])))
    tables["person"] = tables["person"].append_column("birth_county", pa.array(["a"] * len(tables["person"])))
    for table, column in columns:
        held = tables[table]
        values = [*held[column].to_pylist()[:-1], SECRET]
        tables[table] = held.set_column(held.column_names.index(column), column, pa.array(values))
    return Registers.from_tables(tables, engine=engine, starts=recognisable.STARTS, tolerance=1.0)


@pytest.mark.parametrize("columns", [OPEN, CLOSED], ids=["open", "closed"])
def test_no_other_column_shows_it(
    columns: list[tuple[str, str]], engine: DuckDB, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    asked = {"prognosis": {"endpoint": ["death", "invasive_ventilation"], "marker": "alsfrs_r"}}
    run = run_study(recognisable.study(**asked), delivered(engine, columns))
    assert [name for name, text in written(run, tmp_path / "run") if finds(text)] == []
    out = capfd.readouterr()
    assert not finds(out.out + out.err + "".join(run.failures) + str(run.released.tables))


@pytest.mark.parametrize(
    "asked",
    [
        {"cases": {"first": {"registry": "mdn"}}},
        {"cases": {"first": {"registry": "mnd", "diagnosis": ["PLS"]}}},
        {"cases": {"first": {"icd10": ["F32"]}}, "anchor": "onset"},
        {"cases": {"first": {"icd10": ["G35"]}}},
        {"prognosis": {"endpoint": ["death"], "marker": "fvc"}},
        {"prognosis": {"endpoint": ["death"], "registry": "other"}},
    ],
    ids=str,
)
def test_no_message_says_it(asked: dict[str, Any], engine: DuckDB, capfd: pytest.CaptureFixture[str]) -> None:
    try:
        run = run_study(recognisable.study(**asked), delivered(engine, OPEN))
        shown = "".join(run.failures) + str(run.released.tables)
    except RisksetError as error:
        shown = str(error)
    out = capfd.readouterr()
    assert not finds(shown + out.out + out.err)


def test_a_name_that_one_person_has_is_no_register_to_choose(engine: DuckDB) -> None:
    """A name without a hyphen looks like the name of a register, and is told only where several persons have it."""
    tables = recognisable.tables()
    items = tables["registry_item"].to_pylist()
    items += [items[0] | {"registry": "Annmarie"}]
    tables["registry_item"] = pa.Table.from_pylist(items)
    found = Registers.from_tables(tables, engine=engine, starts=recognisable.STARTS, tolerance=1.0)
    with pytest.raises(RisksetError, match=r"there is no quality register 'x'; there are mnd\."):
        run_study(recognisable.study(cases={"first": {"registry": "x"}}), found)


@shows("study.levels", by=Evidence.OUTSIDE)
def test_levels_that_the_study_names_stay(engine: DuckDB) -> None:
    planted = recognisable.registers(engine, education=rarely)
    study = recognisable.study(**EVERY_WAY, levels={"education": [SECRET]})
    run = run_study(study, planted)
    rows = [row for row in run.released.table("table_one").to_pylist() if row["variable"] == "education"]
    assert {row["level"] for row in rows} == {"a-group", "b-group", "c-group", RARE, SECRET}
    assert {row["cases_n"] for row in rows if row["level"] == SECRET} == {1}


@shows("study.levels", by=Evidence.REFUSED)
@pytest.mark.parametrize(
    ("levels", "says"),
    [
        ({"eduction": ["a"]}, "levels: 'eduction' is no built-in covariate of texts; did you mean 'education'?"),
        ({"income": ["1"]}, "levels: 'income' is no built-in covariate of texts"),
        ({"education": ["a", "a"]}, "levels: a level of education is there twice; name each once."),
    ],
)
def test_levels_of_nothing_are_refused(levels: dict[str, list[str]], says: str) -> None:
    with pytest.raises(RisksetError) as refused:
        parse(Study, recognisable.study().model_dump() | {"levels": levels})
    assert says in str(refused.value)


@settings(max_examples=examples(10), deadline=None)
@given(sizes=st.lists(st.integers(1, 2 * FEWEST), min_size=1, max_size=6), measured=st.integers(1, 40), data=st.data())
def test_who_is_rare_is_counted_in_the_registers(
    engine: DuckDB, sizes: list[int], measured: int, data: st.DataObject
) -> None:
    """Against a plain count: a level stays if enough persons of the register have it, however few were measured."""
    levels = [f"level {k}" for k, size in enumerate(sizes) for _ in range(size)] + ["usual"] * FEWEST
    people = [f"p{i}" for i in range(len(levels))]
    found = Registers.from_tables(
        {
            "person": pa.table({"person_id": people, "sex": ["female"] * len(people),
                                "birth_date": pa.array([recognisable.BIRTHS[0]] * len(people)),
                                "country_of_birth": levels}),
        },
        engine=engine,
    )  # fmt: skip
    held = found.engine.collect(found["person"].select("person_id", "country_of_birth"))
    some = held.take(data.draw(st.permutations(range(len(held))))[:measured])
    twice = pa.concat_tables([some, some])  # who is of several sets counts once
    pooled = pool_rare(found, recognisable.study().levels, twice, ["country_of_birth"], analysis=Analysis.RISK)
    rare = {level for level in levels if levels.count(level) < FEWEST}
    expected = [RARE if level in rare else level for level in twice["country_of_birth"].to_pylist()]
    assert pooled.table["country_of_birth"].to_pylist() == expected
    among = rare & set(some["country_of_birth"].to_pylist())
    assert [row.value for row in pooled.diagnostics] == ([len(among)] if among else [])
    assert np.array_equal(pooled.table["person_id"], twice["person_id"])


def test_the_documentation_says_how_few() -> None:
    for page in ("docs/study.md", "docs/exposure.md", "tests/spec/als.txt"):
        assert f"fewer than {FEWEST} people" in Path(page).read_text(encoding="utf-8")
