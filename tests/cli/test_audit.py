"""``riskset audit``: the table, the exit code, an authority's sets as docs/audit.md says that they are mapped."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from riskset.results.tables import ATTRITION, AUDIT
from tests.cli import town
from tests.cli.conftest import Ended, files_in, riskset
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
MAPPING, CONTROLS = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
(COMMAND,) = re.findall(r"^```console\nriskset (.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)

POPULATION = town.STUDY[town.STUDY.index("[[controls]]") : town.STUDY.index("[[exposures]]")]
GIVEN = town.STUDY.replace(POPULATION, CONTROLS)
AUDIT_IT = ("audit", "study.toml", "sources.toml")

Row = tuple[int, int, bool]


def drawn() -> list[Row]:
    """(set, person, whether the case): for each case of the town three others of the same sex who are no cases."""
    sex = {n: n // 2 % 2 for n in range(1, town.PERSONS + 1)}
    rows = []
    for case in range(1, town.CASES + 1):
        others = [n for n in range(town.CASES + 1, town.PERSONS + 1) if sex[n] == sex[case]]
        rows += [(case, case, True), *((case, n, False) for n in others[case : case + 3])]
    return rows


def as_mapped(rows: list[Row]) -> str:
    """A delivered file as the page maps it."""
    lines = (f"S{s};{town.name_of(n)};{'F' if case else 'K'};{town.diagnosed(s)}" for s, n, case in rows)
    return "\n".join(["fall;lopnr;typ;indexdatum", *lines]) + "\n"


def as_canonical(rows: list[Row], delimiter: str = ",") -> str:
    lines = ((f"S{s}", town.name_of(n), str(int(case)), str(town.diagnosed(s))) for s, n, case in rows)
    return "\n".join(delimiter.join(line) for line in (("set_id", "person_id", "case", "index_date"), *lines)) + "\n"


def deliver(place: Path, rows: list[Row], study: str = GIVEN) -> None:
    town.build(place, study=study, sources=town.SOURCES + MAPPING, sets=as_mapped(rows))


def shown(ended: Ended) -> dict[str, str]:
    """Check → what the table says of one comparison."""
    found = re.findall(r"^ (\S.*?) {2,}((?:note: |VIOLATION: )?[\d,]+ of [\d,]+) *$", ended.out, re.MULTILINE)
    return {check: said.strip() for check, said in found}


def test_the_sets_of_a_study_pass(place: Path) -> None:
    town.build(place)
    ended = riskset(*AUDIT_IT)
    assert (ended.code, ended.said) == (0, ())
    table = shown(ended)
    assert table["not under observation"] == "0 of 48"
    assert table["future case as control"].startswith("note: ")
    assert not [said for said in table.values() if "VIOLATION" in said]
    assert town.SECRET not in ended.out
    assert not (place / "store.spill").exists()
    assert {file.split("/")[0] for file in files_in(place) if "/" in file} == {"store"}


def test_given_sets_as_the_page_maps_them_are_audited_and_run(place: Path) -> None:
    deliver(place, drawn())
    assert riskset(*AUDIT_IT).code == 0
    ended = riskset("run", "study.toml", "sources.toml", "--out", "run", "--store", "store")
    assert ended.code == 0, ended.said
    audit = pq.read_table(place / "run" / "internal" / "audit.parquet")
    assert set(audit["comparison"].to_pylist()) == {"given"}
    estimates = pq.read_table(place / "run" / "internal" / "estimates.parquet")
    assert any("sets given" in notes for notes in estimates["notes"].to_pylist())


def test_a_violation_is_shown_and_ends_with_13(place: Path) -> None:
    """Person 13 of set 1 is exchanged for one of the other sex."""
    rows = drawn()
    case_sex = 1 // 2 % 2
    other = next(n for n in range(13, town.PERSONS + 1) if n // 2 % 2 != case_sex)
    rows[1] = (1, other, False)
    deliver(place, rows)
    ended = riskset(*AUDIT_IT, "--out", "audit")
    assert ended.code == 13
    assert shown(ended)["sex differs"] == "VIOLATION: 1 of 36"
    assert "given: sex differs, 1 of 36" in ended.sentence
    assert town.SECRET not in ended.out + ended.sentence
    assert pq.read_schema(place / "audit" / "audit.parquet").equals(AUDIT)
    assert pq.read_schema(place / "audit" / "attrition.parquet").equals(ATTRITION)
    stopped = riskset("run", "study.toml", "sources.toml", "--out", "run", "--store", "store")
    assert stopped.code == 13
    assert "sex differs" in stopped.sentence
    assert not (place / "run" / "report.html").exists()


def test_sets_that_contradict_themselves_are_set_aside_at_import_and_said(place: Path) -> None:
    """Of set 1 two persons are the case: the other eleven are audited, or the import is refused."""
    rows = [
        (s, n, True) if (s, case) == (1, False) and i == 1 else (s, n, case) for i, (s, n, case) in enumerate(drawn())
    ]
    deliver(place, rows)
    refused = riskset(*AUDIT_IT)
    assert (refused.code, refused.sentence.count("row of a set with several cases: 4")) == (12, 1)
    text = (place / "sources.toml").read_text(encoding="utf-8")
    (place / "sources.toml").write_text(f"tolerance = 0.1\n{text}", encoding="utf-8")
    ended = riskset(*AUDIT_IT)
    assert ended.code == 0, ended.said
    assert "Delivered sets: 1 of 12 quarantined: set with several cases." in ended.out
    assert shown(ended)["several cases in a set"] == "0 of 11"
    assert town.SECRET not in ended.out + refused.sentence


@pytest.mark.parametrize("own_file", [False, True])
@pytest.mark.parametrize("case", [False, True])
def test_equal_rows_are_one_and_of_a_control_they_are_said(place: Path, own_file: bool, case: bool) -> None:
    rows = [*drawn(), next(row for row in drawn() if row[2] is case)]
    deliver(place, drawn() if own_file else rows)
    (place / "drawn.csv").write_text(as_canonical(rows), encoding="utf-8")
    ended = riskset(*AUDIT_IT, *(["--sets", "drawn.csv"] if own_file else []))
    assert ended.code == 0, ended.said
    assert ("Delivered sets: 1 of 12 kept: set with a control twice." in ended.out) is not case
    assert shown(ended)["person twice in a set"] == "0 of 36"


def test_what_was_left_out_before_is_said_beside_the_check_that_then_finds_none(place: Path) -> None:
    """Two cases are delivered alone, and one who has the event after the study's period."""
    rows = [row for row in drawn() if row[0] > 2 or row[2]]
    deliver(place, [*rows, (40, 40, True), (40, 42, False)])
    late = f"{town.name_of(40)};{town.diagnosed(40)};G12.2\n"
    (place / "diagnosis.csv").write_text(town.DIAGNOSIS + late, encoding="utf-8")
    ended = riskset(*AUDIT_IT)
    assert ended.code == 0, ended.said
    assert "given controls: 2 sets left out, 10 left: at least one control." in ended.out
    assert (
        "given controls: 1 sets left out, 12 left: the case is not left out by the study's period or eligibility."
        in ended.out
    )
    assert "set without a control 0 of 10, and 2 left out above" in re.sub(r" +", " ", ended.out)


def test_it_ends_in_plain_words(place: Path) -> None:
    """No estimate was asked for, so none is refused; checks are named as one says them."""
    deliver(place, drawn())
    older = town.PERSON.replace(f"{town.name_of(drawn()[1][1])};F;1950", f"{town.name_of(drawn()[1][1])};F;1949")
    older = older.replace(f"{town.name_of(drawn()[1][1])};M;1950", f"{town.name_of(drawn()[1][1])};M;1949")
    assert older != town.PERSON
    (place / "person.csv").write_text(older, encoding="utf-8")
    ended = riskset(*AUDIT_IT)
    assert ended.code == 13
    assert "given: birth year differs, " in ended.sentence
    assert ended.sentence.endswith("; the table says how often each check fails.")
    assert "estimate" not in ended.sentence
    assert shown(ended)["birth year differs"].startswith("VIOLATION: ")
    assert "birth_year" not in ended.out + ended.sentence


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_file_of_its_own(place: Path, delimiter: str) -> None:
    deliver(place, drawn())
    (place / "drawn.csv").write_text(as_canonical(drawn(), delimiter), encoding="utf-8")
    ended = riskset(*COMMAND.split())
    assert (ended.code, ended.said) == (0, ())
    assert shown(ended)["several cases in a set"] == "0 of 12"


def test_a_file_needs_no_matched_sets_in_the_delivery(place: Path) -> None:
    town.build(place, study=GIVEN)
    rows = {"set_id": [], "person_id": [], "case": []}  # type: dict[str, list[object]]
    for s, n, case in drawn():
        for name, value in zip(rows, (s, int(town.name_of(n)), case), strict=True):
            rows[name].append(value)
    pq.write_table(pa.table(rows), place / "drawn.parquet")
    ended = riskset(*AUDIT_IT, "--sets", "drawn.parquet")
    assert (ended.code, ended.said) == (0, ())


def test_a_file_is_held_to_the_comparison_that_is_named(place: Path) -> None:
    both = town.STUDY.replace(POPULATION, POPULATION.replace("ratio = 3", "ratio = 2") + CONTROLS)
    town.build(place, study=both)
    (place / "drawn.csv").write_text(as_canonical(drawn()), encoding="utf-8")
    of_given = riskset(*AUDIT_IT, "--sets", "drawn.csv")
    assert of_given.code == 0, of_given.said
    of_population = riskset(*AUDIT_IT, "--sets", "drawn.csv", "--comparison", "population")
    assert of_population.code == 13
    assert "population: set too large, 12 of 12" in of_population.sentence


def test_rows_of_nobody_are_told_and_too_many_refused(place: Path) -> None:
    town.build(place, study=GIVEN, sources=town.SOURCES.replace("delivered =", "tolerance = 0.05\ndelivered =", 1))
    text = as_canonical(drawn())
    (place / "drawn.csv").write_text(text + f"S1,{town.SECRET}99,0,2015-02-14\n", encoding="utf-8")
    ended = riskset(*AUDIT_IT, "--sets", "drawn.csv")
    assert ended.code == 0, ended.said
    assert "Rows of the file: 1 of 49 quarantined: person not in the person table." in ended.out
    (place / "drawn.csv").write_text(text + f"S1,{town.SECRET}99,0,2015-02-14\n" * 9, encoding="utf-8")
    refused = riskset(*AUDIT_IT, "--sets", "drawn.csv")
    assert refused.code == 12
    assert town.SECRET not in refused.sentence + ended.out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (
            ("--comparison", "cousins"),
            10,
            "--comparison: the study has no comparison 'cousins'; the only one is population.",
        ),
        (("--sets", "none.csv"), 11, "none.csv: there is no such file; give the path of the file."),
        (("--sets", "person.csv"), 11, "person.csv: there is no column 'set_id', which matched_set is mapped from"),
        (("--sets", "broken.parquet"), 11, "broken.parquet: this is no Parquet file; name it .csv where"),
        (("--sets", "header.csv"), 11, "header.csv: there are no matched sets in it; deliver it again."),
        (
            ("--sets", "words.csv"),
            12,
            "words.csv: 2 of 2 rows are wrong (case neither yes nor no: 2), more than the tolerated share of 0.01; "
            "write case as 1 or true, and 0 or false",
        ),
    ],
)
def test_what_is_typed_wrong(place: Path, words: tuple[str, ...], code: int, said: str) -> None:
    town.build(place)
    (place / "broken.parquet").write_text("none", encoding="utf-8")
    header = "set_id,person_id,case,index_date\n"
    (place / "header.csv").write_text(header, encoding="utf-8")
    words_of = [f"S1,{town.name_of(n)},perhaps,2015-02-14\n" for n in (1, 2)]
    (place / "words.csv").write_text("".join([header, *words_of]), encoding="utf-8")
    ended = riskset(*AUDIT_IT, *words)
    assert ended.code == code
    assert ended.sentence.startswith(said)
