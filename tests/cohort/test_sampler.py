"""What the sampler promises beside the conformance suite: order, seeds, threads, SQL, refusals, counts."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from riskset.cohort.cases import find_cases
from riskset.cohort.sampler import MatchedSets, sample_population
from riskset.cohort.sampling_frame import SamplingFrame
from riskset.errors import SourceError
from riskset.registers.engine import Engine
from riskset.registers.registers import Registers
from riskset.report.catalogue import ENGLISH
from riskset.spec.study import Study
from tests.people import Nation, nation, read_people, unchecked_nation, unchecked_registers
from tests.shown import Evidence, shows

CROWD = "\n".join(
    f"p{i:03d} {'fm'[i % 2]} {1950 + i % 3}-01-01 lives 1990-01-01..{2015 + i % 9}-06-01 "
    + (f"als {2012 + i % 5}-0{1 + i % 9}-11" if i % 10 == 0 else "")
    for i in range(240)
)


def asked(*, seed: int = 1, **controls: Any) -> Study:
    return Study.model_validate(
        {
            "name": "crowd",
            "seed": seed,
            "period": {"start": "2010-01-01", "stop": "2020-01-01"},
            "cases": {"first": {"registry": "mnd", "diagnosis": ["ALS"]}},
            "controls": [{"kind": "population", "ratio": 3, "match": ["sex"]} | controls],
        }
    )


def sampled(registers: Registers, study: Study) -> MatchedSets:
    return sample_population(
        registers, study.at_risk, study.controls[0], find_cases(registers, study.case_definition), seed=study.seed
    )


def named(people: Nation, matched: MatchedSets) -> list[tuple[Any, ...]]:
    rows = matched.table.select(["set_id", "person_id", "case", "index_date"]).to_pylist()
    return [(row["set_id"], people.names[row["person_id"]], row["case"], row["index_date"]) for row in rows]


def test_the_table_keeps_its_contract(engine: Engine) -> None:
    table = sampled(nation(CROWD, engine=engine).registers, asked(match=["sex", "birth_year"])).table
    assert table.schema.types == [
        pa.string(), pa.int64(), pa.int64(), pa.bool_(), pa.date32(), pa.string(), pa.string(), pa.int64(),
    ]  # fmt: skip
    names = ["comparison", "set_id", "person_id", "case", "index_date", "relation", "sex", "birth_year"]
    assert table.column_names == names
    rows = table.to_pylist()
    key = [(row["set_id"], not row["case"], row["person_id"]) for row in rows]
    assert key == sorted(key)
    assert {(row["case"], row["relation"]) for row in rows} == {(True, "case"), (False, "population")}


@pytest.mark.parametrize("replacement", [True, False])
def test_order_of_rows_threads_and_engine_do_not_matter(replacement: bool) -> None:
    rows, study = read_people(CROWD), asked(replacement=replacement)
    shuffled = {name: random.Random(1).sample(table, len(table)) for name, table in rows.items()}
    found = []
    for held, threads in ((rows, 1), (shuffled, 2)):
        with Engine(threads=threads) as engine:
            matched = sampled(unchecked_nation(held, engine=engine).registers, study)
            found.append((matched.table, matched.frame_digest))
    assert found[0][0].equals(found[1][0])
    assert found[0][1] == found[1][1]


def test_labels_of_the_same_order_give_the_same_sets(engine: Engine) -> None:
    people = unchecked_nation(read_people(CROWD), engine=engine)
    before = named(people, sampled(people.registers, asked()))
    renamed = unchecked_nation(read_people(CROWD.replace("\np", "\nq").replace("p000", "q000")), engine=engine)
    after = named(renamed, sampled(renamed.registers, asked()))
    assert [(s, name.replace("q", "p"), c, d) for s, name, c, d in after] == before


def test_another_seed_draws_others(engine: Engine) -> None:
    registers = unchecked_nation(read_people(CROWD), engine=engine).registers
    one, again, other = (sampled(registers, asked(seed=seed)) for seed in (1, 1, 2))
    assert one.table.equals(again.table)
    assert one.frame_digest == again.frame_digest == other.frame_digest
    assert not one.table.equals(other.table)


def test_the_frame_digest_changes_with_one_day_of_one_person(engine: Engine) -> None:
    rows = read_people(CROWD)
    before = sampled(unchecked_nation(rows, engine=engine).registers, asked()).frame_digest
    rows["residence"][2]["start"] = date(2010, 1, 1)  # the first day of the period: nothing before it matters
    assert sampled(unchecked_nation(rows, engine=engine).registers, asked()).frame_digest == before
    rows["residence"][2]["start"] = date(2010, 1, 2)
    assert sampled(unchecked_nation(rows, engine=engine).registers, asked()).frame_digest != before


@shows("population.replacement=false", by=Evidence.OUTSIDE)
def test_without_replacement_nobody_serves_twice_and_early_cases_come_first(engine: Engine) -> None:
    lines = ["eve f 1950-01-01 lives 1990-01-01..2030-01-01", "fay f 1950-01-01 lives 1990-01-01..2030-01-01"]
    lines += [f"ann{i} f 1950-01-01 lives 1990-01-01..2030-01-01 als 2012-01-0{i}" for i in (1, 2, 3)]
    people = nation("\n".join(lines), engine=engine)
    matched = sampled(people.registers, asked(ratio=2, replacement=False))
    sets: dict[int, set[str]] = {}
    for set_id, name, case, _ in named(people, matched):
        if not case:
            sets.setdefault(set_id, set()).add(name)
    left = {"eve", "fay", "ann2", "ann3"}
    for set_id, served in sets.items():
        left -= {f"ann{set_id}"}  # on and after the day of the event
        assert served <= left
        assert len(served) == min(2, len(left))
        left -= served


def test_sql_of_the_sampler_joins_on_something(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column named like a method compiles a join to ON FALSE, on every engine alike."""
    asked_of: list[str] = []
    for method in ("collect", "materialise"):
        plain = getattr(type(engine), method)

        def spy(self: Engine, *arguments: Any, plain: Any = plain) -> Any:
            asked_of.append(self.sql(arguments[-1]))
            return plain(self, *arguments)

        monkeypatch.setattr(type(engine), method, spy)
    study = asked(match=["sex", "birth_year", "county"], ratio=2)
    study = study.model_copy(
        update={"eligibility": Study.model_validate({**study.model_dump(), "eligibility": WASHED}).eligibility}
    )
    registers = nation(
        CROWD.replace("lives", "takes N05BA01 2000-01-01 lives").replace("-06-01 ", "-06-01 Visby "), engine=engine
    )
    sampled(registers.registers, study)
    joins = [sql for sql in asked_of if "JOIN" in sql]
    assert len(joins) >= 4
    assert not [sql for sql in asked_of if "ON FALSE" in sql.upper()]


WASHED = {
    "min_residence": "1y",
    "washout": [{"event": {"atc": ["N05B"]}, "within": "1y"}, {"event": {"atc": ["N06A"]}}],
}


def partners(text: str, engine: Engine, **controls: Any) -> tuple[set[str], pa.Table]:
    """Who are the controls of Ann, the only case, and the sets."""
    people = nation(text, engine=engine)
    matched = sampled(people.registers, asked(ratio=100, **controls))
    return {name for _, name, case, _ in named(people, matched) if not case}, matched.table


@shows("population.caliper", by=Evidence.OUTSIDE)
def test_a_caliper_holds_both_its_ends(engine: Engine) -> None:
    text = """
    ann f 1952-02-29 lives 1990-01-01..2030-01-01 als 2015-06-01
    bea f 1952-01-30 lives 1990-01-01..2030-01-01                     # 30 days before
    cia f 1952-01-29 lives 1990-01-01..2030-01-01                     # 31 days, a month
    dea f 1952-01-28 lives 1990-01-01..2030-01-01
    eva f 1952-03-29 lives 1990-01-01..2030-01-01                     # 29 days after, a month
    fia f 1952-03-30 lives 1990-01-01..2030-01-01                     # 30 days
    gun f 1952-03-31 lives 1990-01-01..2030-01-01
    """
    assert partners(text, engine, caliper="30d")[0] == {"bea", "eva", "fia"}
    assert partners(text, engine, caliper="1m")[0] == {"bea", "cia", "eva"}
    assert partners(text, engine, caliper="150y")[0] == {"bea", "cia", "dea", "eva", "fia", "gun"}


@shows("population.match=history", "population.history_cap", by=Evidence.OUTSIDE)
def test_history_is_completed_years_up_to_the_cap(engine: Engine) -> None:
    text = """
    ann f 1950-01-01 lives 2012-06-01..2030-01-01 Visby als 2015-06-01                               # three years
    bea f 1950-01-01 lives 2011-06-02..2030-01-01 Visby                                              # four but a day
    cia f 1950-01-01 lives 2011-06-01..2030-01-01 Visby                                              # four
    dea f 1950-01-01 lives 2012-06-02..2030-01-01 Visby                                              # three but a day
    eva f 1950-01-01 lives 1990-01-01..2012-03-01 Visby lives 2012-04-01..2030-01-01 Visby           # came back
    fia f 1950-01-01 lives 2012-03-01..2014-01-01 Uppsala lives 2014-01-01..2030-01-01 Visby         # moved
    """
    controls, table = partners(text, engine, match=["sex", "history"])
    assert controls == {"bea", "eva", "fia"}
    assert table["history"].to_pylist() == [3] * 4
    controls, table = partners(text, engine, match=["county", "history"], history_cap="3y")
    assert controls == {"bea", "cia", "eva", "fia"}
    assert set(table["history"].to_pylist()) == {3}
    assert partners(text, engine, match=["county", "history"], history_cap="1y")[0] == controls | {"dea"}


@shows("population.match=county", "population.match=country_of_birth", by=Evidence.OUTSIDE)
def test_county_as_on_the_date_and_country_of_birth(engine: Engine) -> None:
    text = """
    ann f 1950-01-01 lives 1990-01-01..2030-01-01 Visby born-in Finland als 2015-06-01
    bea m 1950-01-01 lives 1990-01-01..2030-01-01 Visby born-in Finland
    cia f 1960-01-01 lives 1990-01-01..2015-06-01 Uppsala lives 2015-06-01..2030-01-01 Visby born-in Finland
    dea f 1950-01-01 lives 1990-01-01..2015-06-01 Visby lives 2015-06-01..2030-01-01 Uppsala born-in Finland
    eva f 1950-01-01 lives 1990-01-01..2030-01-01 Visby born-in Sweden
    fia f 1950-01-01 lives 1990-01-01..2030-01-01 Visby                                                # not known
    """
    assert partners(text, engine, match=["county", "country_of_birth"])[0] == {"bea", "cia"}
    assert partners(text, engine, match=["country_of_birth"])[0] == {"bea", "cia", "dea"}
    assert partners(text, engine, match=["county"])[0] == {"bea", "cia", "eva", "fia"}


def test_a_rare_history_is_found_by_more_probes(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """One in fifty of a stratum is like the case: found before the stratum would have to be listed."""
    lines = ["ann f 1950-01-01 lives 2012-01-01..2030-01-01 als 2015-06-01"]
    lines += [f"p{i} f 1950-01-01 lives {2012 if i % 50 == 0 else 1990}-01-01..2030-01-01" for i in range(2000)]
    monkeypatch.setattr(SamplingFrame, "everyone", lambda self, cases: iter(()))
    people = nation("\n".join(lines), engine=engine)
    matched = sampled(people.registers, asked(ratio=3, match=["sex", "history"]))
    drawn = [int(name[1:]) for _, name, case, _ in named(people, matched) if not case]
    assert len(drawn) == 3
    assert {number % 50 for number in drawn} == {0}


@shows("population.match=county", by=Evidence.REFUSED)
def test_what_is_not_delivered_is_refused_by_name(engine: Engine) -> None:
    rows = read_people(CROWD)
    held = unchecked_nation(rows, engine=engine).registers
    tables = {name: engine.collect(held[name]) for name in ("person", "residence", "registry_item")}
    tables["residence"] = tables["residence"].drop_columns(["county"])
    without = unchecked_registers(tables, engine=engine)
    with pytest.raises(SourceError, match=r"residence\.county"):
        sampled(without, asked(match=["county"]))
    nowhere = unchecked_registers({"person": tables["person"], "registry_item": tables["registry_item"]}, engine=engine)
    with pytest.raises(SourceError, match="residence"):
        sampled(nowhere, asked())


def test_attrition_counts_everyone_once(engine: Engine) -> None:
    people = nation(
        """
        ann f 1950-03-01 lives 1990-01-01..2030-01-01 Visby als 2015-06-01
        bea f 1950-03-01 lives 1990-01-01..2030-01-01 als 2015-06-01           # county unknown
        cia f 1950-03-01 lives 1990-01-01..2010-01-01 Visby als 2015-06-01     # emigrated
        dea f 2000-03-01 lives 2000-03-01..2030-01-01 Visby als 2015-06-01     # too young
        eva m 1950-03-01 lives 1990-01-01..2030-01-01 Visby als 2009-06-01     # prevalent
        fia m 1950-03-01 lives 1990-01-01..2030-01-01 Visby als 2015-06-01     # nobody like her
        gun f 1950-03-01 lives 1990-01-01..2030-01-01 Visby
        """,
        engine=engine,
    )
    study = asked(match=["sex", "county"])
    study = Study.model_validate({**study.model_dump(), "eligibility": {"age": [18, 110], "run_in": "18m"}})
    cases = find_cases(people.registers, study.case_definition)
    matched = sample_population(people.registers, study.at_risk, study.controls[0], cases, seed=study.seed)
    counted = [(ENGLISH.rule(row), row["removed"], row["remaining"]) for row in cases.attrition.to_pylist()]
    assert counted == [
        ("persons with the event", 0, 6),
        ("first event in the period", 1, 5),
        ("under observation", 1, 4),
        ("age 18 to 110", 1, 3),
        ("run-in of 18 months: no effect, the start of a dispensing register is not stated", 0, 3),
    ]
    assert [(ENGLISH.rule(row), row["removed"], row["remaining"]) for row in matched.attrition.to_pylist()] == [
        ("cases", 0, 3),
        ("known sex, county", 1, 2),
        ("at least one eligible control", 1, 1),
    ]


def test_intermediates_do_not_stay(engine: Engine) -> None:
    sampled(nation(CROWD, engine=engine).registers, asked())
    left = engine.connection.raw_sql("select table_name from duckdb_tables() where table_name like 'cohort_%'")
    assert left.fetchall() == []
