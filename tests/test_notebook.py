"""What a run shows in a notebook, and its steps on their own."""

from __future__ import annotations

import json
import pickle
import traceback
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import riskset
from riskset.analysis import risk as analysis
from riskset.errors import DesignError, SourceError, SpecError
from riskset.microdata import MicrodataTable
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.registers import Registers
from riskset.results.columns import table_of
from riskset.results.rows import Estimate, names_in
from riskset.results.vocabulary import Contrast, Estimand
from riskset.run import Run, run_study
from riskset.steps import MeasuredSets
from tests import recognisable
from tests.test_microdata import shown, told

STUDY = recognisable.study(
    models=[
        {
            "kind": "conditional logistic",
            "measure": "ever",
            "classes": ["each"],
            "subgroups": [{"by": "sex"}],
        }
    ]
)


@pytest.fixture(scope="module")
def registers() -> Registers:
    return recognisable.registers(DuckDB(threads=1))


@pytest.fixture(scope="module")
def run(registers: Registers) -> Run:
    return run_study(STUDY, registers)


def test_estimates_are_few_columns_of_main_exposures_with_ratios_beside_logs(run: Run) -> None:
    table = run.estimates()
    assert table.num_columns <= 16
    assert set(table["exposure"].to_pylist()) == {"anxiolytics"}
    assert set(table["effect"].to_pylist()) == {"OR", "HR"}
    assert "subgroup" not in table.column_names
    for row in table.to_pylist():
        assert row["ratio"] == pytest.approx(np.exp(row["estimate"]))
        assert row["ratio_low"] < row["ratio"] < row["ratio_high"]
        assert row["level"] == "Ever, more than 1 year before"
    full = run.released.table("estimates")
    crude = full.filter((pc.field("comparison") == "population") & (pc.field("modifier") == ""))
    [ours] = run.estimates(comparison="population").to_pylist()
    [stored] = [row for row in crude.to_pylist() if (row["form"], row["role"]) == ("crude", "exposure")]
    assert (ours["estimate"], ours["p_value"]) == (stored["estimate"], stored["p_value"])
    assert (ours["cases"], ours["controls"]) == (stored["n_exposed_cases"], stored["n_exposed_controls"])


def test_firths_estimate_stands_where_there_is_no_finite_one(run: Run) -> None:
    """The siblings' sets are thin: the model says whose estimate it is."""
    [row] = run.estimates(comparison="siblings").to_pylist()
    assert row["model"] == "crude, Firth"
    assert row["ratio"] is not None


def test_without_ratios_all_scales_are_there_and_all_rows_where_they_are_asked_for(run: Run) -> None:
    logs = run.estimates(ratio=False)
    assert {"conf_low", "conf_high"} <= set(logs.column_names)
    assert not {"ratio", "ratio_low"} & set(logs.column_names)
    assert set(logs["effect"].to_pylist()) > {"OR", "HR"}
    everything = run.estimates(all=True)
    stored = run.released.table("estimates")
    assert everything["model_id"].to_pylist() == stored["model_id"].to_pylist()
    said = [", ".join(names_in(cell)).replace("_", " ") for cell in stored["adjusted_for"].to_pylist()]
    assert everything["adjusted_for"].to_pylist() == said
    assert len(set(said)) > 1
    assert {"Sex: female", "Sex: male"} <= set(everything["subgroup"].to_pylist())
    assert {row["ratio"] for row in everything.to_pylist() if row["effect"].startswith("Median")} == {None}


def test_the_other_tables_are_those_of_the_run(run: Run) -> None:
    assert set(run.table_one(comparison="spouses")["comparison"].to_pylist()) == {"spouses"}
    assert run.table_one().num_rows == run.released.table("table_one").num_rows
    for ours, stored in zip(run.table_one().to_pylist(), run.released.table("table_one").to_pylist(), strict=True):
        assert ours["variable"]
        is_use = stored["measure"] and stored["level"] == "ever"
        assert not is_use or ours["level"] == "Ever, more than 1 year before"  # as in the estimates
        assert bool(ours["level"]) == bool(stored["level"])
        for name in ("exposure", "measure", "cases_value", "cases_spread", "controls_spread", "smd"):
            assert ours[name] == stored[name]
        assert (ours["cases"], ours["controls"]) == (stored["cases_n"], stored["controls_n"])
    variables = set(run.table_one()["variable"].to_pylist())
    assert variables >= {
        "controls in the set",
        "age",
        "Anxiolytics (N05B), ever use more than 1 year before the index date",
    }
    stored = run.released.table("attrition").select(["comparison", "removed", "remaining"])
    assert run.attrition().select(["comparison", "removed", "remaining"]).equals(stored)
    stored = run.released.table("audit").select(["comparison", "count", "of"])
    assert run.audit(all=True).select(["comparison", "count", "of"]).equals(stored)
    noted, everything = run.audit(comparison="population"), run.audit(comparison="population", all=True)
    assert 0 < noted.num_rows < everything.num_rows
    assert noted.schema.equals(everything.schema)
    assert "✓ pass" not in noted["verdict"].to_pylist()
    assert [row for row in everything.to_pylist() if row["verdict"] != "✓ pass"] == noted.to_pylist()


@pytest.mark.parametrize("more", [{}, {"all": True}], ids=["some", "all"])
@pytest.mark.parametrize("view", ["attrition", "audit"])
def test_a_table_for_people_has_words_and_no_code(run: Run, view: str, more: dict[str, bool]) -> None:
    table = getattr(run, view)(**more if view == "audit" else {})
    told_by = [name for name in table.column_names if table.schema.field(name).type == pa.string()]
    assert {"attrition": "rule", "audit": "check"}[view] in told_by
    texts = {text for name in told_by if name != "comparison" for text in table[name].to_pylist()}
    assert texts
    assert not [text for text in texts if not text or "{" in text or "_" in text]
    assert "arguments" not in table.column_names


def test_estimates_of_one_analysis(run: Run) -> None:
    everything = run.released.table("estimates")["analysis"].to_pylist()
    counted = [run.estimates(all=True, analysis=name).num_rows for name in dict.fromkeys(everything)]
    assert counted == [everything.count(name) for name in dict.fromkeys(everything)]
    assert {"risk", "prognosis"} <= set(everything)
    assert set(run.estimates(analysis="risk")["effect"].to_pylist()) == {"OR"}
    assert set(run.estimates(analysis="prognosis")["effect"].to_pylist()) == {"HR"}
    with pytest.raises(SpecError, match="the run has no analysis 'prognoses'; did you mean 'prognosis'"):
        run.estimates(analysis="prognoses")


@pytest.mark.parametrize("ending", ["svg", "png", "html"])
def test_a_chart_is_saved_without_a_network(
    run: Run, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: Any) -> None:
        raise OSError("no network")

    monkeypatch.setattr("socket.socket.connect", unreachable)
    place = tmp_path / f"forest.{ending}"
    run.forest().save(place, **({"inline": True} if ending == "html" else {}))
    saved = place.read_bytes()
    assert len(saved) > 2_000
    assert b"https://cdn" not in saved
    assert ending != "svg" or b"Anxiolytics" in saved


@pytest.mark.parametrize("view", ["estimates", "table_one", "audit", "forest"])
def test_a_comparison_that_is_not_there_is_refused_by_name(run: Run, view: str) -> None:
    with pytest.raises(SpecError, match="the run has no comparison 'spouse'; did you mean 'spouses'"):
        getattr(run, view)(comparison="spouse")


@pytest.mark.parametrize("view", ["estimates", "forest", "curves"])
def test_an_exposure_that_is_not_there_is_refused_by_name(run: Run, view: str) -> None:
    with pytest.raises(SpecError, match="the run has no exposure 'anxiolytic'; did you mean 'anxiolytics'"):
        getattr(run, view)(exposure="anxiolytic")


def values_in(chart: Any) -> list[dict[str, Any]]:
    """The rows of data that a chart has, wherever in it."""
    parts, rows = [chart.to_dict()], []
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            rows += part.get("data", {}).get("values", [])
            parts += part.values()
        elif isinstance(part, list):
            parts += part
    return rows


def test_charts_hold_the_numbers_of_the_tables_and_nobody(run: Run) -> None:
    forest = run.forest(exposure="anxiolytics")
    [row] = run.estimates(comparison="population").to_pylist()
    assert any(v.get("value") == pytest.approx(row["ratio"], rel=1e-6) for v in values_in(forest))
    curves = run.curves()
    assert any("Ever" in str(value) for value in values_in(curves))
    for chart in (forest, curves):
        text = json.dumps(chart.to_dict())
        assert not told(text)
        assert "font" in chart.to_dict()["config"]


def test_without_a_prognosis_there_are_no_curves(registers: Registers) -> None:
    run = run_study(recognisable.study(prognosis=None, controls=[{"kind": "population", "match": []}]), registers)
    with pytest.raises(DesignError, match="the run followed nobody; give the study a prognosis"):
        run.curves()


def test_objects_show_names_and_counts_in_a_few_lines(run: Run, registers: Registers) -> None:
    for thing, said in (
        (run, "population: 24 sets"),
        (registers, "person: 120 rows delivered"),
        (STUDY, "anxiolytics"),
    ):
        text = repr(thing)
        assert said in text
        assert said in thing._repr_html_()
        assert len(text.splitlines()) <= 12
        assert str(thing) == text
        assert not told(shown(thing) + thing._repr_html_())
    assert "&lt;b&gt;" in recognisable.study(name="<b>")._repr_html_()


def test_the_steps_on_their_own_give_what_a_run_has(run: Run, registers: Registers) -> None:
    sets = riskset.sample_sets(STUDY, registers)
    assert sets == run.sets
    table = riskset.analysis_table(riskset.measure(STUDY, registers, sets))
    of_them = table.filter(pc.field("comparison") == "population")
    fit = riskset.fit_clogit(of_them["anxiolytics ever"], of_them["case"], of_them["set_id"])
    [row] = run.estimates(comparison="population").to_pylist()
    assert fit.beta[0] == pytest.approx(row["estimate"])
    assert not told(shown(table) + shown(sets))


def test_some_of_the_sets_may_be_measured(run: Run, registers: Registers) -> None:
    some = run.sets.filter(pc.field("set_id") <= 5)
    table = riskset.analysis_table(riskset.measure(STUDY, registers, some))
    assert len(table) == len(some)


def test_polars_reads_the_tables_as_the_page_says(run: Run, registers: Registers) -> None:
    table = riskset.analysis_table(riskset.measure(STUDY, registers, run.sets))
    for given in (table, run.sets, run.estimates()):
        frame = polars.DataFrame(given)
        assert frame.shape == (given.num_rows, given.num_columns)
        assert frame.columns == given.column_names


def smokers(**changed: Any) -> pd.DataFrame:
    names = recognisable.NAMES
    return pd.DataFrame({"pnr": names, "smokes": [i % 5 == 0 for i in range(len(names))]} | changed)


def test_a_variable_is_joined_by_the_delivered_identifier(run: Run, registers: Registers) -> None:
    """A person's number is the rank of the identifier, and those of the parents come last."""
    mine = registers.numbered(smokers(), id="pnr")
    assert isinstance(mine, MicrodataTable)
    assert mine.column_names == ["person_id", "smokes"]
    expected = {rank: i % 5 == 0 for rank, i in enumerate(np.argsort(recognisable.NAMES), start=1)}
    assert dict(zip(mine["person_id"].to_pylist(), mine["smokes"].to_pylist(), strict=True)) == expected
    table = riskset.analysis_table(riskset.measure(STUDY, registers, run.sets), mine)
    assert table["smokes"].to_pylist() == [expected[person] for person in table["person_id"].to_pylist()]
    assert not told(shown(mine) + shown(table) + shown(registers.keys()))  # type: ignore[misc]


def test_whom_a_variable_does_not_know_has_none(run: Run, registers: Registers) -> None:
    frame = riskset.measure(STUDY, registers, run.sets)
    table = riskset.analysis_table(frame, registers.numbered(smokers()[:10], id="pnr"))
    assert 0 < table["smokes"].null_count < len(table)


def test_identifiers_of_nobody_are_counted_and_not_named(registers: Registers) -> None:
    more = pd.concat([smokers(), pd.DataFrame({"pnr": ["PNRNOBODY1", None], "smokes": [True, False]})])
    with pytest.raises(SourceError, match="your table: 2 of 74 rows are of nobody in the person table") as raised:
        registers.numbered(more, id="pnr")
    assert "NOBODY" not in str(raised.value)
    assert len(registers.numbered(more, id="pnr", unknown="leave out")) == 72


def test_numbers_are_compared_as_at_an_import() -> None:
    """Whole numbers held as floating ones, texts with blanks; a fraction identifies nobody."""
    person = {"person_id": [11, 12], "sex": ["female", "male"], "birth_date": recognisable.BIRTHS[:2]}
    registers = Registers.from_tables({"person": pd.DataFrame(person)}, engine=DuckDB(threads=1))
    for ids in ([11.0, 12.0], ["11", " 12 "], pd.array([11, 12], "Int64")):
        assert sorted(registers.numbered(pd.DataFrame({"id": ids}), id="id")["person_id"].to_pylist()) == [1, 2]
    with pytest.raises(SourceError, match="an identifier has none"):
        registers.numbered(pd.DataFrame({"id": [11.5, 12.0]}), id="id")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (lambda own: pd.concat([own, own[:1]]), "1 rows are of a person who has one already"),
        (lambda own: own.assign(index_date=1), "the analysis table has a column 'index_date'; rename yours"),
    ],
)
def test_what_cannot_be_joined_is_refused(run: Run, registers: Registers, more: Any, sentence: str) -> None:
    frame = riskset.measure(STUDY, registers, run.sets)
    with pytest.raises(SpecError, match=sentence):
        riskset.analysis_table(frame, registers.numbered(more(smokers()), id="pnr"))


@pytest.mark.parametrize(
    "ids",
    [
        [*range(1, 73)],
        [float(i) for i in range(1, 73)],
        [i + 0.5 for i in range(72)],
        [2**63 + 4711] * 72,
        [f"{i:02}" for i in range(72)],
        [f"P{i:06}" for i in range(72)],
        recognisable.NAMES,
    ],
    ids=["whole", "floats", "fractions", "too large", "digits", "letters", "as delivered"],
)
def test_only_what_these_registers_numbered_is_joined(run: Run, registers: Registers, ids: list[Any]) -> None:
    """Identifiers as delivered may be numbers too, and would be joined to other people."""
    frame = riskset.measure(STUDY, registers, run.sets)
    own = smokers(pnr=ids).rename(columns={"pnr": "person_id"})
    for given in (own, pa.table(own), MicrodataTable(pa.table(own)), own.to_dict(), own["person_id"]):
        with pytest.raises(SpecError, match=r"your table: .* its persons by .*; take registers.numbered\(…\) of it"):
            riskset.analysis_table(frame, given)  # type: ignore[arg-type]


def test_numbers_of_other_registers_are_refused(run: Run, registers: Registers) -> None:
    tables = recognisable.tables()
    others = Registers.from_tables({**tables, "person": tables["person"][1:]}, tolerance=1.0, remarks=False)
    mine = others.numbered(smokers()[1:], id="pnr")
    with pytest.raises(SpecError, match=r"your table: .* in other registers; take registers\.numbered"):
        riskset.analysis_table(riskset.measure(STUDY, registers, run.sets), mine)
    with pytest.raises(SpecError, match=r"sets: they are of other registers; take sample_sets\(study, registers\)"):
        riskset.measure(STUDY, others, run.sets)


def test_rows_and_columns_of_what_was_numbered_are_numbered(run: Run, registers: Registers) -> None:
    mine = registers.numbered(smokers(more=1), id="pnr")
    some = pickle.loads(pickle.dumps(mine)).filter(pc.field("smokes")).select(["person_id", "smokes"])
    table = riskset.analysis_table(riskset.measure(STUDY, registers, run.sets.filter(pc.field("set_id") <= 5)), some)
    assert set(table["smokes"].to_pylist()) == {True, None}
    assert str(mine) == "MicrodataTable(72 rows of person_id, smokes, more)"
    with pytest.raises(SpecError, match=r"take registers\.numbered"):
        riskset.analysis_table(
            riskset.measure(STUDY, registers, run.sets), mine.rename_columns(["a", "smokes", "person_id"])
        )


@pytest.mark.parametrize(
    "change",
    [
        lambda sets: sets.drop_columns("case"),
        lambda sets: sets.set_column(2, "person_id", pa.array(["P004415"] * len(sets))),
        lambda sets: sets.to_pydict(),
    ],
)
def test_what_are_no_sets_is_refused_without_a_value(run: Run, registers: Registers, change: Any) -> None:
    with pytest.raises(SpecError, match="sets: ") as raised:
        riskset.measure(STUDY, registers, change(run.sets.to_arrow()))
    assert "P004415" not in "".join(traceback.format_exception(raised.value))


def test_a_column_that_is_not_there_is_named_by_what_it_may_be(registers: Registers) -> None:
    with pytest.raises(SourceError, match="your table: there is no column 'prn'; did you mean 'pnr'"):
        registers.numbered(smokers(), id="prn")


def test_the_public_names_are_listed_and_there() -> None:
    assert dir(riskset) == sorted(riskset.__all__)
    for name in riskset.__all__:
        assert getattr(riskset, name) is not None
        assert name == "__version__" or getattr(riskset, name).__doc__


def test_what_is_given_in_the_wrong_place_is_said_in_a_sentence(run: Run, registers: Registers, tmp_path: Path) -> None:
    """Study and registers the other way round, a dictionary for either, a file for a folder."""
    for step in (riskset.run_study, riskset.sample_sets):
        with pytest.raises(SpecError, match=r"study: .* \(Registers\); give the study first, then the registers"):
            step(registers, STUDY)  # type: ignore[arg-type]
        with pytest.raises(SpecError, match=r"study: .* \(dict\); write Study"):
            step(STUDY.model_dump(), registers)  # type: ignore[arg-type]
        with pytest.raises(SpecError, match=r"registers: .* \(dict\); write Registers.from_tables"):
            step(STUDY, {"person": None})  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="study: "):
        riskset.measure(registers, STUDY, run.sets)  # type: ignore[arg-type]
    with pytest.raises(SpecError, match=r"frame: these are no measured sets .*; take riskset.measure"):
        riskset.analysis_table(run.sets)  # type: ignore[arg-type]
    file = tmp_path / "file.txt"
    file.write_text("mine", encoding="utf-8")
    for folder in (file, file / "below"):
        with pytest.raises(SpecError, match=r"file\.txt: this is a file; name a folder"):
            riskset.write_run(run, folder)
    assert file.read_text(encoding="utf-8") == "mine"


def test_results_are_read_from_a_path_of_either_kind_or_refused(run: Run, tmp_path: Path) -> None:
    riskset.write_run(run, tmp_path)
    assert riskset.read_results(str(tmp_path)).keys() == riskset.read_results(tmp_path).keys()
    assert riskset.read_results(tmp_path)["estimates"].equals(run.released.table("estimates"))
    manifest = tmp_path / "manifest.json"
    written = manifest.read_text(encoding="utf-8")
    for text, sentence in (
        (written[:100], "the manifest is not whole; run the study again into this folder"),
        ("[]", "the manifest is not whole"),
        ("{}", "these results are of tables version 1, written by riskset of another version"),
        (json.dumps(json.loads(written) | {"tables": "2"}), "the manifest's version of the tables is no whole number"),
    ):
        manifest.write_text(text, encoding="utf-8")
        with pytest.raises(SourceError, match=sentence):
            riskset.read_results(tmp_path)
    manifest.write_text(written, encoding="utf-8")
    (tmp_path / "internal" / "curves.parquet").write_bytes(b"PAR1")
    with pytest.raises(SourceError, match=r"curves\.parquet: this table cannot be read; run the study again"):
        riskset.read_results(tmp_path)
    (tmp_path / "internal" / "curves.parquet").unlink()
    with pytest.raises(SourceError, match="the table curves is not there; run the study again into this folder"):
        riskset.read_results(tmp_path)


@pytest.fixture(scope="module")
def measured(run: Run, registers: Registers) -> MeasuredSets:
    """Of the sets of all comparisons."""
    return riskset.measure(STUDY, registers, run.sets)


def test_a_model_fitted_again_gives_what_the_run_gave(run: Run, measured: MeasuredSets) -> None:
    """Numbers of sets are one within a comparison alone: sets of others must not be joined to them."""
    stored = run.released.table("estimates").filter(pc.field("analysis") == "risk")
    there = stored["comparison"].unique().to_pylist()
    assert {"population", "siblings", "spouses"} < set(there)  # and the same cases beside relatives
    for comparison in there:
        made = riskset.fit_risk(STUDY, STUDY.models[0], measured, comparison=comparison)
        ours = table_of(made.estimates, Estimate).to_pylist()
        theirs = stored.filter(pc.field("comparison") == comparison).to_pylist()
        assert len(ours) == len(theirs) > 0
        for one, other in zip(ours, theirs, strict=True):
            for column, value in other.items():
                is_number = isinstance(value, float)
                assert one[column] == (pytest.approx(value, rel=0, abs=1e-12) if is_number else value), column
        shown_by_run = run.estimates(comparison=comparison, analysis="risk")
        assert made.table().equals(shown_by_run)
        assert made.table(ratio=False, all=True).num_rows == len(ours)
        assert not told(shown(made))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"comparison": "nonsense"},
            r"comparison: there are no sets of a comparison 'nonsense'; there are .*population",
        ),
        ({"comparison": "sibling"}, "comparison: .* 'sibling'; did you mean 'siblings'"),
        ({"comparison": None}, "comparison: there are no sets of a comparison"),
        ({"estimand": "hazard ratio"}, r"estimand: these are no notes \(str\); leave it out"),
        ({"estimand": ("hazard ratio",)}, "estimand: these are no notes"),
        ({"model": "ever"}, r"model: the study has no such model; take one of study\.models"),
        ({"study": {}}, r"study: this is no study \(dict\)"),
        ({"measured": None}, r"frame: these are no measured sets \(NoneType\)"),
    ],
)
def test_what_cannot_be_fitted_again_is_refused(measured: MeasuredSets, changed: dict[str, Any], sentence: str) -> None:
    given = {"study": STUDY, "model": STUDY.models[0], "comparison": "population", "measured": measured}
    with pytest.raises(SpecError, match=sentence) as raised:
        riskset.fit_risk(**given | changed)
    assert "\n" not in str(raised.value)


def test_sets_without_their_cases_are_said_to_break_the_design(run: Run, registers: Registers) -> None:
    """Sets are audited as they are given, and not as they were drawn."""
    sets = run.sets.to_arrow()
    lost = sets.filter(~((pc.field("set_id") == 3) & pc.field("case")))
    made = riskset.fit_risk(STUDY, STUDY.models[0], riskset.measure(STUDY, registers, lost), comparison="population")
    levels = [row for row in made.estimates if row.contrast is Contrast.LEVEL]
    assert levels
    assert all(str(Estimand.DESIGN_BROKEN) in str(row.notes) for row in levels)


def test_sets_of_several_comparisons_are_no_sets_of_one(measured: MeasuredSets) -> None:
    with pytest.raises(SpecError, match="the sets of several comparisons: population, siblings, spouses"):
        analysis.fit_risk(STUDY, STUDY.models[0], measured.to_frame(), comparison="population", estimand=())
