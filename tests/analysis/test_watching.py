"""What is kept of a run's models for scripts: each printed ratio, and data that give it again."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.analysis.prognosis import show_hazards
from riskset.analysis.watching import FitsSeen, GatheredData
from riskset.errors import SourceError
from riskset.report.scripts import write_scripts
from riskset.report.scripts.r_script import quoted, r_script
from riskset.report.scripts.stata_script import SAFE, stata_script, text
from riskset.results.columns import as_cells
from riskset.results.refitting import KEY, Entering, ModelTerm, RefittedModel, Refitting
from riskset.results.refitting_files import MODELS, read_refitting, write_refitting
from riskset.results.vocabulary import Family
from riskset.stats import fit_clogit
from tests.analysis.patients_made import few, study
from tests.analysis.refits_made import FORMULA, ODD, REFITTED, Watched, courses, from_diagnosis, risks

DESIGNS = [risks, courses, from_diagnosis]
Rows = dict[str, np.ndarray[Any, Any]]


def key(row: Any) -> tuple[Any, ...]:
    cells = dict(as_cells(row))
    return tuple(cells[name] for name in KEY)


@pytest.mark.parametrize("design", DESIGNS)
def test_each_printed_ratio_has_its_line_in_the_scripts(design: Callable[[], Watched], tmp_path: Path) -> None:
    watched = design()
    expected = {key(row): row for row in watched.expected()}
    kept = [one for model in watched.seen.models for one in model.printed]
    assert Counter(one.key for one in kept) == Counter(list(expected))
    write_scripts(watched.released(), tmp_path)
    in_r = re.findall(r'ratio\("(\w+)", ([^,]+), "', (tmp_path / "analysis.R").read_text(encoding="ascii"))
    in_stata = re.findall(r"set_beside (\w+) (\S+)", (tmp_path / "analysis.do").read_text(encoding="utf-8"))
    lines = [(one.column, f"{expected[one.key].estimate:.10g}") for one in kept]
    assert [(column, f"{float(value):.10g}") for column, value in in_r] == lines
    without = [one for one, row in zip(lines, kept, strict=True) if row.facts()["family"] != Family.FINE_GRAY]
    assert [(column, f"{float(value):.10g}") for column, value in in_stata] == without


@pytest.mark.parametrize("design", DESIGNS)
def test_a_model_in_a_script_bears_the_identifier_of_its_rows(design: Callable[[], Watched], tmp_path: Path) -> None:
    watched = design()
    ids = {key(row): row.model_id for row in watched.expected()}
    for model in watched.seen.models:
        assert {ids[one.key] for one in model.printed} == {model.model_id}
    write_scripts(watched.released(), tmp_path)
    titles = re.findall(r'^\w+\(\d+, "(.+?)", "\w+",$', (tmp_path / "analysis.R").read_text(encoding="ascii"), re.M)
    assert [title.split("; ")[-1] for title in titles] == [model.model_id for model in watched.seen.models]


def test_of_every_family_it_is_decided_whether_scripts_give_it() -> None:
    """A new one is either shown to who watches, or said in the scripts' heading and docs/scripts.md not to be given."""
    not_given = {Family.NONE, Family.STANDARDISED, Family.JOINT, Family.MIXED, Family.KAPLAN_MEIER,
                 Family.AALEN_JOHANSEN, Family.RATE, Family.MEASURED}  # fmt: skip
    assert set(REFITTED) | not_given == set(Family)
    given = {model.model.family for design in DESIGNS for model in design().seen.models}
    assert given == set(REFITTED)


@pytest.mark.parametrize("design", DESIGNS)
def test_data_hold_numbers_alone(design: Callable[[], Watched]) -> None:
    """Neither texts nor days of the calendar; and no column but those of the design, the variables and the groups."""
    watched = design()
    tables = watched.seen.tables()
    fixed = r"row|set|case|group|patient|start(_later)?|stop|event"
    for name, table in tables.items():
        if name != "variables":
            assert {str(field.type) for field in table.schema} <= {"int64", "int32", "int8", "double"}
            assert all(re.fullmatch(rf"{fixed}|[xc]\d+(_\d)?|m\d+", column) for column in table.column_names), name
    held = {(name, c) for name, table in tables.items() for c in table.column_names if re.match(r"[xc]\d", c)}
    named = {(row["data"], row["column"]) for row in tables["variables"].to_pylist()}
    assert {(name, re.sub(r"_\d$", "", column)) for name, column in held} == named


def test_labels_are_in_one_file_where_no_spreadsheet_computes_them(tmp_path: Path) -> None:
    write_refitting(tmp_path, risks().seen.tables(), Refitting())
    with (tmp_path / "variables.csv").open(encoding="utf-8-sig", newline="") as file:
        levels = {row["level"] for row in csv.DictReader(file)}
    assert {ODD, f"'{FORMULA}"} <= levels
    assert FORMULA not in levels


def test_what_is_kept_is_read_as_it_was_written(tmp_path: Path) -> None:
    for design in DESIGNS:
        refitting = design().seen.refitting
        write_refitting(tmp_path, {}, refitting)
        assert read_refitting(tmp_path) == refitting


@pytest.mark.parametrize("text", ["", "[]", '{"models": [{}]}', "\udce5"])
def test_a_list_of_models_that_is_not_whole_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / MODELS).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SourceError, match="not whole"):
        read_refitting(tmp_path)


def test_where_nobody_has_an_endpoint_there_is_nothing_to_fit() -> None:
    patients = few(event=np.zeros(8, np.int64))
    seen = FitsSeen()
    show_hazards(study(["anxiolytics"]).course, patients, seen.of_patients(patients, "cases"))
    assert seen.refitting == Refitting()
    assert list(seen.tables()) == ["variables"], "and no person is written"


def test_a_covariate_may_have_more_levels_than_a_byte_has_numbers() -> None:
    codes = np.arange(300)
    data = GatheredData("sets_1", "population", {"set": codes})
    names = [f"place {code}" for code in codes]
    place = data.variable("c", "place", "", names, codes[:, None].astype(float), np.zeros(300, bool))
    assert data.tables()["sets_1"][place.name].to_pylist() == codes.tolist()


def test_the_data_alone_give_the_ratios_of_whole_levels(tmp_path: Path) -> None:
    """From the files: who is in a model, a column for each level, a fit; R and Stata do the same."""
    watched = risks()
    write_refitting(tmp_path, watched.seen.tables(), watched.seen.refitting)
    expected = {key(row): row.estimate for row in watched.expected()}
    fitted = 0
    for model in read_refitting(tmp_path).models:
        if any(term.entering is not Entering.ITSELF for term in model.terms):
            continue
        rows = rows_in(tmp_path, model)
        columns = dict(informative(rows, model.terms))
        fit = fit_clogit(np.column_stack(list(columns.values())), rows["case"], rows["set"], ties=model.ties)
        beta = dict(zip(columns, fit.beta, strict=True))
        for one in model.printed:
            assert beta[one.column] == pytest.approx(expected[one.key], abs=1e-7)
            fitted += 1
    assert fitted > 50


def rows_in(folder: Path, model: RefittedModel) -> Rows:
    """The rows of a model, by column; NaN where a cell is empty."""
    rows, groups = read(folder / f"{model.data}.csv"), read(folder / f"{model.data}_groups.csv")
    of_model = set(groups["group"][groups[f"m{model.number}"] == 1].tolist())
    keep = np.array([group in of_model for group in rows["group"].tolist()])
    return {name: column[keep] for name, column in rows.items()}


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        names, *rows = csv.reader(file)
    values = np.array([[float(cell or "nan") for cell in row] for row in rows])
    return dict(zip(names, values.T, strict=True))


def informative(rows: Rows, terms: tuple[ModelTerm, ...]) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """The columns that differ between members of a set."""
    for term in terms:
        variable = term.variable
        made = {f"{variable.name}_{code}": rows[variable.name] == code for code in range(1, len(variable.levels))}
        if not variable.levels:
            made = {name: rows[name] for name in variable.column_names}
        for name, column in made.items():
            of_sets = {(s, v) for s, v in zip(rows["set"].tolist(), column.tolist(), strict=True)}
            if len(of_sets) > len(set(rows["set"].tolist())):
                yield name, column.astype(float)


def test_what_is_not_released_is_in_no_script(tmp_path: Path) -> None:
    rows = [dict(as_cells(row)) for row in risks().estimates]
    kept = rows[::7]
    left = risks().seen.refitting.printed_in([row | {"estimate": None} for row in rows if row not in kept] + kept)
    assert {one.key for model in left.models for one in model.printed} == {
        tuple(row[name] for name in KEY) for row in kept if row["estimate"] is not None and row["estimator"] != "firth"
    } & {one.key for model in risks().seen.models for one in model.printed}
    assert all(model.printed for model in left.models)
    assert Refitting().printed_in(kept) == Refitting()


R_ESCAPES = re.compile(r'\\(?:u\{([0-9a-f]+)\}|U\{([0-9a-f]+)\}|(["\\]))|([^"\\])')


@given(st.text())
def test_texts_in_r_are_what_they_were(value: str) -> None:
    """Read again as R reads a text; only letters of ASCII are written, and R's texts hold no nought."""
    written = quoted(value)
    assert re.fullmatch(r'"[ -~]*"', written)
    letters = [
        chr(int(u or U, 16)) if u or U else sign or plain for u, U, sign, plain in R_ESCAPES.findall(written[1:-1])
    ]
    assert "".join(letters) == value.replace("\0", "\ufffd")
    assert R_ESCAPES.sub("", written[1:-1]) == ""


STATA_ITEMS = re.compile(r'"([^"]*)"|u?char\((\d+)\)')


@given(st.text())
def test_texts_in_stata_are_what_they_were(value: str) -> None:
    """Read again as ``display`` does; no quote, macro or comment begins within."""
    written = text(value)
    items = STATA_ITEMS.findall(written)
    assert "".join(chr(int(code)) if code else letters for letters, code in items) == value
    assert re.sub(r" *" + STATA_ITEMS.pattern, "", written).strip() == ""
    assert not set("".join(letters for letters, _ in items)) & set("`'$\"\\/*\n\r\0")
    assert not SAFE & set("`'$\"\\/*")


def test_an_odd_name_is_whole_in_both_scripts(tmp_path: Path) -> None:
    write_scripts(risks().released(), tmp_path)
    label = f"education, {ODD}"
    assert quoted(label) in (tmp_path / "analysis.R").read_text(encoding="ascii")
    assert f"display as text {text(label)}\n" in (tmp_path / "analysis.do").read_text(encoding="utf-8")


def test_the_do_file_uses_programs_and_files_that_it_makes(tmp_path: Path) -> None:
    """There is no Stata to run it: each word that begins a line is a command of Stata or a program of the file."""
    known = {"args", "capture", "clear", "display", "drop", "else", "end", "ereturn", "foreach", "global", "if",
             "import", "local", "program", "quietly", "return", "scalar", "set", "tempfile", "tempvar", "use",
             "version"}  # fmt: skip
    for design in DESIGNS:
        write_scripts(design().released(), tmp_path)
        script = (tmp_path / "analysis.do").read_text(encoding="utf-8")
        lines = [line.strip() for line in script.replace("///\n", " ").splitlines()]
        lines = [line for line in lines if line and not line.startswith(("*", "}"))]
        programs = set(re.findall(r"^program define (\w+)", script, re.MULTILINE))
        assert {line.split()[0] for line in lines} <= known | programs
        assert {re.sub(r"^m|`|'", "", one) for one in re.findall(r'use "`(\w+)\'"', script)} <= set(
            re.findall(r"^tempfile (\w+)", script, re.MULTILINE)
        )
        assert script.count("{") == script.count("}")
        assert all(len(name) <= 32 for name in re.findall(r"\b[xc]\d+\w*", script))


def test_the_name_of_a_policy_is_no_code(tmp_path: Path) -> None:
    """It comes from a file of anybody's: a line break in it begins no line of a script."""
    stamp = "draft\nquit(status = 0)\r\"; `shell x' $y"
    models: list[Any] = []
    in_r, in_stata = r_script(models, stamp, 4), stata_script(models, stamp, 4)
    assert in_r.isascii()
    assert not re.search(r"^\s*quit\(status = 0\)", in_r, re.MULTILINE)
    assert not re.search(r"^\s*(quit|shell)", in_stata, re.MULTILINE)
    assert in_r.count("\n") == r_script(models, "", 4).count("\n")
    assert in_stata.count("\n") == stata_script(models, "", 4).count("\n")
    assert not re.search(r"^\*.*(/\*|//)", in_stata, re.MULTILINE)
