"""What is wrong gets one sentence, its exit code, and nothing written half."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest

from tests.cli import town
from tests.cli.conftest import files_in, riskset
from tests.cli.town import DIAGNOSIS, DISPENSING, PERSON, PERSONS, SECRET, SOURCES, STUDY, lines, name_of


def instead(text: str, of: str, what: str) -> str:
    """A text with something put in the place of something else, which must be there."""
    assert of in text
    return text.replace(of, what, 1)


def adjusted_for(name: str, lag: str) -> str:
    """The study, adjusted for earlier use of the same drug."""
    covariate = f'[[covariates]]\nkind = "dispensing"\nname = "{name}"\ncodes = {{ atc = ["N06A"] }}\nlag = "{lag}"\n'
    return STUDY + f'adjust = ["{name}"]\n' + covariate


class Wrong(NamedTuple):
    """A town with one thing wrong, the exit code, and how the sentence goes on after the place."""

    town: Mapping[str, Any]
    code: int
    says: str


ANY_USE = '{ kind = "any_use", lag = "6y", lookback = "5y" }'
AS_PARQUET = 'path = "diagnosis.csv"\nformat = "parquet"'
AS_CSV = 'path = "diagnosis.csv"\nformat = "csv"\ndelimiter = ";"\nencoding = "utf-8"'
ONLY_CASES = lines("id;day;atc", lambda n: f"{name_of(n)};2010-03-01;N06AB04" if n <= town.CASES else None)
EVERYBODY = lines("id;day;atc", lambda n: f"{name_of(n)};2010-03-01;N06AB04")
ALONE = lines("id;sex;born", lambda n: f"{name_of(n)};{'FM'[n // 2 % 2]};{1900 + n}-0{1 + n % 9}-{10 + n % 18}")

REFUSED = {
    # the description: 10
    "unknown key": Wrong(
        {"study": instead(STUDY, "ratio = 3", "ratoi = 3")},
        10,
        "study.toml controls[0].ratoi: unknown key; did you mean 'ratio'?",
    ),
    "lag beyond the lookback": Wrong(
        {"study": instead(STUDY, '{ kind = "ever", lag = "1y" }', ANY_USE)},
        10,
        "study.toml exposures[0].measures[0].lag: lag 6y reaches past lookback 5y; the lag must be the shorter of",
    ),
    "impossible ATC code": Wrong(
        {"study": instead(STUDY, "N06A", "N6A")}, 10, "study.toml exposures[0].codes.atc[0]: 'N6A' is no ATC code; "
    ),
    "impossible ICD code": Wrong(
        {"study": instead(STUDY, "G12.2", "12G")},
        10,
        "study.toml cases.first.icd10[0]: '12G' is no ICD-10 code; write a letter, two digits and what follows",
    ),
    "no TOML": Wrong({"study": "a study"}, 10, "study.toml line 1: a key without = and a value; write key = value."),
    "not UTF-8": Wrong({"study": "# \udce5"}, 10, "study.toml: the file is not UTF-8 text; save it as UTF-8."),
    "sources no TOML": Wrong(
        {"sources": "[files"}, 10, "sources.toml: a bracket is not closed; write [section] or [[section]]."
    ),
    "of another type": Wrong(
        {"study": instead(STUDY, "[period]", "[[period]]")},
        10,
        "study.toml period: this must be a section with keys of its own; write { start = … }.",
    ),
    "a prognosis without deaths": Wrong(
        {"study": STUDY + '[prognosis]\nendpoint = ["death"]\nentry = "diagnosis"\n'},
        11,
        "sources.toml: prognosis needs the table death, which no file is mapped to; map it, or",
    ),
    "a covariate named like a key of ours": Wrong(
        {"study": adjusted_for("person_id", "2y")},
        10,
        "study.toml covariates[0].name: 'person_id' is built in; choose another name.",
    ),
    # the delivery: 11
    "needs a table": Wrong(
        {"study": STUDY + 'adjust = ["education"]\n'},
        11,
        "sources.toml: models[0] education needs the table socioeconomic, which no file is mapped to; map it, or",
    ),
    "needs a column": Wrong(
        {"study": instead(STUDY, '"birth_year"]', '"birth_year", "county"]')},
        11,
        "sources.toml: controls[0].match county needs county of the table residence, which is not mapped; map it, or",
    ),
    "missing file": Wrong(
        {"diagnosis": None}, 11, "diagnosis.csv: there is no such file; mend its path in sources.toml, or deliver it."
    ),
    "a folder for a file": Wrong(
        {"sources": instead(SOURCES, '"diagnosis.csv"', '"../town"')}, 11, "town: this is a folder; "
    ),
    "missing column": Wrong(
        {"diagnosis": instead(DIAGNOSIS, "code", "kod")},
        11,
        "diagnosis.csv: there is no column 'code', which diagnosis is mapped from; did you mean 'kod'? The file has",
    ),
    "wrong delimiter": Wrong(
        {"diagnosis": DIAGNOSIS.replace(";", ",")},
        11,
        "diagnosis.csv: its header is one column by the declared delimiter, and holds a comma; state the delimiter",
    ),
    "wrong encoding": Wrong(
        {"person": PERSON.replace("F", "Å").encode("latin-1")},
        11,
        "person.csv: the file is not utf-8 text as declared; state its encoding; latin-1 is plausible.",
    ),
    "no Parquet": Wrong(
        {"sources": instead(SOURCES, AS_CSV, AS_PARQUET)},
        11,
        "diagnosis.csv: this is no Parquet file; state its format, or deliver it again.",
    ),
    "empty table": Wrong(
        {"diagnosis": "id;day;code\n"},
        11,
        "table diagnosis (file diagnosis): the delivered table has no rows; deliver it again, or leave it out",
    ),
    "empty file": Wrong({"diagnosis": ""}, 11, "diagnosis.csv: the file is empty; deliver it again."),
    # its quality: 12
    "no date": Wrong(
        {"diagnosis": DIAGNOSIS.replace("2015-", "2015-13-")},
        12,
        "table diagnosis (file diagnosis): 11 of 12 rows are wrong (date unreadable: 11), more than the tolerated "
        "share of 0.01; the unreadable cells of date are no dates as registers write them (11 as 9999-99-99-99); state",
    ),
    "unknown sex": Wrong(
        {"person": PERSON.replace(";F;", ";K;")},
        12,
        "table person (file person): 30 of 60 rows are wrong (sex not among its values: 30), more than",
    ),
    "persons twice": Wrong(
        {"person": PERSON + PERSON.partition("\n")[2]},
        12,
        "table person (file person): 60 of 120 rows are wrong (person_id delivered before: 60), more than",
    ),
    "facts of nobody": Wrong(
        {"diagnosis": f"id;day;code\n{SECRET}99;2015-05-05;G12.2\n"},
        12,
        "table diagnosis (file diagnosis): 1 of 1 rows are wrong (person not in the person table: 1), more than "
        "the tolerated share of 0.01; see that identifiers are written the same way in all files.",
    ),
    "a quote that is not closed": Wrong(
        {"diagnosis": f'{DIAGNOSIS}"{SECRET}99;2015-05-05;G12.2\n'},
        12,
        "table diagnosis (file diagnosis): 1 of 13 rows are wrong (line unreadable: 1), more than the tolerated share",
    ),
    # the design: 13
    "no cases": Wrong(
        {"study": instead(STUDY, "G12.2", "G35")},
        13,
        "cases: no case is left after the rule 'persons with the event'; see",
    ),
    "no cases in the period": Wrong(
        {"study": instead(STUDY, "2015-01-01", "2017-01-01")},
        13,
        "cases: no case is left after the rule 'first event in the period'; see the codes, the period and",
    ),
    "every risk set empty": Wrong(
        {"person": ALONE}, 13, "controls: every risk set is empty: no case has an eligible control; match on fewer keys"
    ),
    "a register that starts after the period": Wrong(
        {"sources": instead(SOURCES, 'file = "dispensing"', 'file = "dispensing"\nstarts = 2019-01-01')},
        13,
        "exposures[0]: nobody in the matched sets qualifies as exposed to antidepressants (N06A); check its codes",
    ),
    "an exposure nobody has": Wrong(
        {"study": instead(STUDY, "N06A", "N05B")},
        13,
        "exposures[0]: nobody in the matched sets qualifies as exposed to antidepressants (N05B); check its codes",
    ),
}


@pytest.mark.parametrize("wrong", REFUSED.values(), ids=REFUSED)
def test_refused(place: Path, wrong: Wrong) -> None:
    folder = place / "town"
    town.build(folder, **wrong.town)
    delivered = files_in(folder)
    ended = riskset("run", folder / "study.toml", folder / "sources.toml", "--out", "run")
    assert ended.code == wrong.code
    assert wrong.says in ended.sentence
    assert ended.sentence.index(wrong.says) == 0 or ended.sentence.startswith(str(place))
    assert SECRET not in ended.sentence
    assert not ended.out
    assert files_in(folder) == delivered
    whole = ("run/store/", "run/internal/stages/")
    assert all(file.startswith((*whole, "town/")) and "partial" not in file for file in files_in(place))
    assert not (place / "run" / "internal" / "spill").exists()


@pytest.mark.parametrize("name", ["missing file", "missing column", "wrong delimiter", "needs a table", "unknown key"])
def test_check_finds_it_before_anything_is_read(place: Path, name: str) -> None:
    town.build(place, **REFUSED[name].town)
    ended = riskset("check", "study.toml", "sources.toml")
    assert (ended.code, ended.out) == (REFUSED[name].code, "")
    assert REFUSED[name].says in ended.sentence


UNFITTED = {
    "separation": (
        {"dispensing": ONLY_CASES},
        "population, crude model of antidepressants: not estimable: antidepressants=ever: separation: no set speaks "
        "against the cases, so the likelihood has no finite maximum; Firth's estimate stands beside it; what could be "
        "estimated is in",
    ),
    "collinear covariate": (
        {"study": adjusted_for("earlier", "1y")},
        "population, adjusted model of antidepressants: not estimable: earlier=yes, antidepressants=ever: collinear "
        "within sets, leave one of them out; what could be estimated is in",
    ),
    "everybody exposed": (
        {"dispensing": EVERYBODY},
        "population, crude model of antidepressants: no informative set: in none do the case and its controls differ "
        "in exposure; what could be estimated is in",
    ),
}


@pytest.mark.parametrize(("built", "says"), UNFITTED.values(), ids=UNFITTED)
def test_a_model_that_cannot_be_fitted_is_said_and_the_rest_reported(
    place: Path, built: dict[str, str], says: str
) -> None:
    town.build(place, **built)
    ended = riskset("run", "study.toml", "sources.toml", "--out", "run")
    assert ended.code == 14
    assert ended.sentence == f"{says} run/report.html."
    assert (place / "run" / "report.html").is_file()
    estimates = (place / "run" / "internal" / "estimates.csv").read_text(encoding="utf-8")
    assert ('""reason"": ""maximum likelihood fails""' in estimates) == (built.get("dispensing") == ONLY_CASES)
    rows = csv.DictReader(estimates.removeprefix("\ufeff").splitlines())
    expected = ("crude", "antidepressants", "ever", "ever")
    assert expected in {(r["form"], r["exposure"], r["measure"], r["level"]) for r in rows}


def test_a_case_with_an_empty_risk_set_is_counted_and_the_run_goes_on(place: Path) -> None:
    alone = instead(PERSON, f"{name_of(1)};F;1950", f"{name_of(1)};F;1951")
    town.build(place, person=alone)
    assert riskset("run", "study.toml", "sources.toml", "--out", "run").code == 0
    attrition = (place / "run" / "internal" / "attrition.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[-3:] for line in attrition if "eligible control" in line] == [["1", "11", '"sets"']]
    assert "eligible control" in (place / "run" / "supplement.html").read_text(encoding="utf-8")


def test_rows_within_the_tolerance_are_set_aside_and_counted(place: Path) -> None:
    sources = instead(SOURCES, "delivered", "tolerance = 0.1\ndelivered")
    town.build(place, sources=sources, dispensing=f"{DISPENSING}{name_of(PERSONS)};2010-02-30;N06A\n")
    assert riskset("run", "study.toml", "sources.toml", "--out", "run").code == 0
    imported = riskset("import", "sources.toml", "--store", "run/store")
    assert "dispensing: date unreadable: 1 of 23 rows quarantined\n" in imported.out


def test_nothing_is_left_when_all_controls_are_left_out(place: Path) -> None:
    town.build(place)
    study = instead(STUDY, 'kind = "population"\nratio = 3\nmatch = ["sex", "birth_year"]', 'kind = "siblings"')
    (place / "study.toml").write_text(study, encoding="utf-8")
    ended = riskset("run", "study.toml", "sources.toml", "--out", "run", "--leave-out", "siblings")
    assert (ended.code, ended.sentence) == (10, "controls: no controls are left; keep at least one kind.")
    ended = riskset("run", "study.toml", "sources.toml", "--out", "run", "--leave-out", "sublings")
    assert ended.code == 10
    assert ended.sentence.startswith("'sublings' cannot be left out; name some of siblings, spouses, prognosis")
    assert not (place / "run").exists()


ODD = {
    "blank columns at the end": {"diagnosis": DIAGNOSIS.replace("\n", ";;\n")},
    "unmapped columns of one name": {"diagnosis": DIAGNOSIS.replace("\n", ";x;x\n")},
    "quotes in a file's name": {
        "sources": SOURCES.replace("files.diagnosis", "files.'a \"b'").replace('file = "diagnosis"', "file = 'a \"b'")
    },
    "a constant date": {"sources": instead(SOURCES, '"born"', "{ constant = 1950-06-15 }")},
    "UTF-16": {
        "sources": SOURCES.replace("utf-8", "utf-16"),
        **{name: text.encode("utf-16") for name, text in town.FILES.items()},
    },
}


@pytest.mark.parametrize("built", ODD.values(), ids=ODD)
def test_odd_and_right_is_read(place: Path, finished: Path, built: dict[str, Any]) -> None:
    town.build(place, **built)
    assert riskset("import", "sources.toml", "--store", "store").code == 0
    for name in town.FILES:
        parts = (place / "store", finished / "run" / "store")
        mine, theirs = (pq.read_table(part / f"{name}.parquet") for part in parts)
        assert mine.equals(theirs), name


def test_amounts_and_years_that_no_number_holds_are_counted(place: Path) -> None:
    cells = ("1", "1e300", "-1e300", "9.3e18", "inf", "nan", "much")
    dispensing = "id;day;atc;ddd\n" + "".join(f"{name_of(n)};2010-03-01;N06A;{c}\n" for n, c in enumerate(cells, 1))
    person = PERSON.replace("1950-06-15", "1950.45").replace("1950.45", "1e300", 1).replace("1950.45", "-1e300", 1)
    sources = instead(SOURCES, "delivered", "tolerance = 1.0\ndelivered").replace('"atc"', '"atc"\nddd = "ddd"')
    sources = instead(sources, '"born"', '{ column = "born", date = "decimal_year" }')
    town.build(place, sources=sources, person=person, dispensing=dispensing)
    said = riskset("import", "sources.toml", "--store", "store").out
    assert "person: birth_date unreadable: 2 of 60 rows quarantined\n" in said
    assert "dispensing: person set aside: 2 of 7 rows quarantined\n" in said
    assert "dispensing: ddd unreadable: 5 of 7 rows set to missing\n" in said
