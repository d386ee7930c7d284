"""A whole run with relatives: one table of sets, one of estimates, whoever the controls are."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow.compute as pc
import pytest

from riskset.errors import DesignError
from riskset.registers.engine import Engine
from riskset.results.vocabulary import DiagnosticCode
from riskset.run import Run, run_study
from tests.cohort.families import START, family, study
from tests.people import Nation, nation


@pytest.fixture(scope="module")
def people(engine: Engine) -> Nation:
    return nation("".join(family(i) for i in range(20)), starts={"dispensing": START}, engine=engine)


@pytest.fixture(scope="module")
def finished(people: Nation) -> Run:
    return run_study(study(), people.registers)


def test_sets_of_every_kind_in_one_table(people: Nation, finished: Run) -> None:
    count = dict.fromkeys(("population", "siblings and half-siblings", "siblings at the same age", "spouses"), 0)
    relations: dict[str, set[str]] = {name: set() for name in count}
    for row in finished.sets.to_pylist():
        relations[row["comparison"]].add(row["relation"])
        count[row["comparison"]] += 1
    assert count == {
        "population": 60,
        "siblings and half-siblings": 60,
        "siblings at the same age": 40,
        "spouses": 40,
    }
    assert relations == {
        "population": {"case", "population"},
        "siblings and half-siblings": {"case", "full sibling", "half sibling"},
        "siblings at the same age": {"case", "full sibling"},
        "spouses": {"case", "spouse"},
    }
    assert set(finished.released.table("estimates")["comparison"].to_pylist()) >= set(count)
    assert "violation" not in finished.released.table("audit")["verdict"].to_pylist()
    assert set(finished.released.table("audit")["comparison"].to_pylist()) == set(count)


def test_windows_of_the_same_age_are_cut_and_the_others_are_not(people: Nation, finished: Run) -> None:
    sets = finished.sets
    by_name = {people.names[p]: p for p in sets["person_id"].to_pylist()}
    mine = sets.filter((pc.field("comparison") == "siblings at the same age") & (pc.field("set_id") == 1)).to_pylist()
    own = date(2013, 1, 1) - timedelta(days=730)  # born 730 days before the case
    assert [(row["person_id"], row["index_date"], row["history_start"]) for row in mine] == [
        (by_name["ann0"], date(2013, 1, 1), START + timedelta(days=730)),
        (by_name["eve0"], own, START),
    ]
    others = sets.filter(pc.field("comparison") != "siblings at the same age")
    assert others["history_start"].null_count == len(others)
    told = {row["code"]: row["value"] for row in finished.released.table("diagnostics").to_pylist()}
    assert told[DiagnosticCode.SETS_CUT] == 20
    exposed = {
        row["comparison"]: row["cases_n"]
        for row in finished.released.table("table_one").to_pylist()
        if (row["exposure"], row["measure"], row["level"]) == ("pills", "ever", "ever")
    }
    lost = exposed["siblings and half-siblings"] - exposed["siblings at the same age"]
    assert lost > 0
    assert told[DiagnosticCode.UNEXPOSED_BY_CUT] >= lost


def test_what_only_a_case_has_parts_the_sets_of_every_comparison(engine: Engine) -> None:
    """Every third onset is bulbar, every third limb, the others are unknown: whole sets by the case's own."""
    text = "".join(family(i) for i in range(24))
    for i in range(24):
        day = date(2013, 1, 1) + timedelta(days=97 * i)
        site = ("bulbar", "limb", "")[i % 3]
        text = text.replace(
            f" als {day} mother mum{i} ", f" als {day} {f'site {site} {day}' if site else ''} mother mum{i} "
        )
    people = nation(text, starts={"dispensing": START}, engine=engine)
    models = [
        {"kind": "conditional logistic", "measure": "ever", "classes": ["each"], "subgroups": [{"by": "onset_site"}]}
    ]
    run = run_study(study(models=models), people.registers)
    estimates = run.released.table("estimates").to_pylist()
    for comparison in ("population", "siblings and half-siblings", "spouses"):
        rows = [r for r in estimates if r["comparison"] == comparison and r["role"] == "exposure"]
        parts = [r for r in rows if r["modifier"] == "onset_site" and r["contrast"] == "level against reference"]
        sizes = {r["stratum"]: (r["n_cases"], r["n_controls"]) for r in parts}
        assert {name: cases for name, (cases, _) in sizes.items()} == {"bulbar": 8, "limb": 8}
        assert all(controls >= cases for cases, controls in sizes.values())
        assert [r for r in rows if r["modifier"] == "onset_site" and r["contrast"] in ("test", "ratio of ratios")]
    told = run.released.table("diagnostics").to_pylist()
    assert {r["value"] for r in told if (r["code"], r["modifier"]) == ("unknown modifier", "onset_site")} == {8.0}
    assert "onset_site" not in run.released.table("table_one")["variable"].to_pylist()


def test_parts_are_left_out_on_purpose(people: Nation) -> None:
    run = run_study(study(), people.registers, leave_out=["siblings"])
    assert set(run.sets["comparison"].to_pylist()) == {"population", "spouses"}
    assert "history_start" not in run.sets.column_names


def test_a_run_stops_where_nobody_has_such_kin(people: Nation) -> None:
    soon = study(
        controls=[{"kind": "siblings", "half": "only", "at": "same age"}],
        period={"start": "2012-01-01", "stop": "2013-02-01"},
    )
    with pytest.raises(DesignError, match="after the rule 'a half-sibling of that age within the period'"):
        run_study(soon, people.registers)
