"""What may be wrong though no rule is broken is told with its count; what is usual is not."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.errors import QualityError
from riskset.registers.checks.remarks import falls
from riskset.registers.engine import Engine
from riskset.registers.ingest import open_store
from riskset.registers.registers import Registers
from riskset.steps import remarks_on
from tests.examples import examples
from tests.registers.delivery import DEATH_MAP, PERSON_MAP, arrow, broken, deliver, imported, rows
from tests.shown import Evidence, shows

COUNTY = 'birth_county = "ort"\n'
DELIVERED = "delivered = 2024-01-15\n"
DISPENSED = """
[files.dispensed]
path = "dispensed.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
[[tables]]
name = "dispensing"
file = "dispensed"
[tables.columns]
person_id = "id"
date = "dag"
atc = "kod"
"""
DIAGNOSED = DISPENSED.replace('"dispensing"', '"diagnosis"').replace('atc = "kod"', 'code = "kod"') + (
    'system = { constant = "icd10" }\nsource = { constant = "inpatient" }\n'
)


def born(n: int, *, ort: Any = lambda i: "x", day: Any = None) -> str:
    """Persons p0, p1, … born on different days, or on those that are given."""
    days = day or (lambda i: date(1950, 1, 2) + timedelta(days=11 * i))
    return "\n".join(["id;kon;fodd;ort", *(f"p{i};{1 + i % 2};{days(i)};{ort(i)}" for i in range(n)), ""])


def dispensed(counts: dict[int, int], atc: str = "N05BA01") -> str:
    when = [(i, f"{year}-{1 + i % 12:02d}-{1 + i // 12 % 28:02d}") for year, n in counts.items() for i in range(n)]
    lines = [f"p{i % 50};{day};{atc}" for i, day in when]
    return "\n".join(["id;dag;kod", *lines, ""])


def told(folder: Path, described: str, **texts: str) -> tuple[str, ...]:
    return remarks_on(imported(deliver(folder / "in", DELIVERED + described, **texts), folder / "store"))


@shows("QualityRule=reads as programs write a missing value", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("spelling", ["NULL", "NA", ".", "N/A", "nan", "NaN", "-", "<NA>", "#N/A", "none"])
def test_a_level_that_programs_write_for_nothing_is_told(tmp_path: Path, spelling: str) -> None:
    person = born(20, ort=lambda i: spelling if i < 3 else "Åbo")
    described = PERSON_MAP + COUNTY
    [sentence] = told(tmp_path, described, person=person)
    assert sentence == (
        f"person: birth_county reads {spelling}: 3 of 20 rows kept; where that means that there is no value, state "
        f"missing = ['{spelling}'] for birth_county."
    )
    again = open_store(tmp_path / "store", engine=Engine())
    assert remarks_on(again) == (sentence,)
    assert broken(again, "person") == {f"birth_county reads {spelling}": 3}
    for said in (f'missing = ["{spelling}"]', f'values = {{ "{spelling}" = "Namibia", "Åbo" = "Åbo" }}'):
        declared = PERSON_MAP + f'birth_county = {{ column = "ort", {said} }}\n'
        assert told(tmp_path, declared, person=person) == ()
    null = described.replace('"utf-8"', f'"utf-8"\nnull = ["", "{spelling}"]')
    assert told(tmp_path, null, person=person) == ()


@shows("QualityRule=levels differ in case alone", by=Evidence.OUTSIDE)
def test_levels_that_differ_in_case_alone_are_told(tmp_path: Path) -> None:
    person = born(20, ort=lambda i: ["Åbo", "ÅBO", "åbo", "Ekenäs"][i % 4])
    [sentence] = told(tmp_path, PERSON_MAP + COUNTY, person=person)
    assert sentence.startswith(
        "person: birth_county has levels that differ in upper and lower case alone: 10 of 20 rows"
    )


@shows("QualityRule=no code of the system", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("DG122", "the letter D of SKS before the code"),
        ("G12,2", "a comma for the dot"),
        ("GI2.2", "the letters O, I or L for 0 and 1"),
        ("G12.2 G12.1", "several codes in a cell, or blanks within"),
        ("3352A", "codes of ICD-8 or ICD-9"),
        ("G122-", "a mark after the code"),
    ],
)
def test_malformed_codes_in_bulk_are_told_with_their_cause(tmp_path: Path, code: str, cause: str) -> None:
    few = dispensed({2010: 97, 2011: 3}, "F32.1").replace("2011", "2010").splitlines(keepends=True)
    many = [line.replace("F32.1", code) if i % 4 else line for i, line in enumerate(few)]
    [sentence] = told(tmp_path, PERSON_MAP + DIAGNOSED, person=born(50), dispensed="".join(many))
    assert f"diagnosis: code is no ICD-10 code, likely for {cause}: 75 of 100 rows kept" in sentence
    rare = [line.replace("F32.1", code) if i in (7, 8) else line for i, line in enumerate(few)]
    assert told(tmp_path, PERSON_MAP + DIAGNOSED, person=born(50), dispensed="".join(rare)) == ()


@shows("QualityRule=fewer than seven characters", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("N05B A01", "no ATC code, likely for blanks within the code"),
        ("N05BA.01", "no ATC code, likely for a dot within the code"),
        ("QN05BA01", "no ATC code, likely for medicines for animals"),
        ("NO5BA01", "no ATC code, likely for letters for digits"),
        ("N05BA0", "no ATC code, likely for codes that are cut off"),
        ("123456", "no ATC code, likely for numbers of articles"),
        ("N05BA01X", "no ATC code, likely for something after the code"),
        ("ZZTOP", "no ATC code: "),
        ("N05B", "has fewer than seven characters"),
    ],
)
def test_malformed_atc_codes(tmp_path: Path, code: str, words: str) -> None:
    [sentence] = told(tmp_path, PERSON_MAP + DISPENSED, person=born(50), dispensed=dispensed({2010: 80}, code))
    assert words in sentence


@settings(max_examples=examples(100), deadline=None)
@given(
    usual=st.integers(100, 10**6),
    years=st.integers(3, 25),
    fallen=st.integers(0, 24),
    share=st.floats(0, 0.35),
    growth=st.floats(0.95, 1.05),
)
def test_a_year_that_falls_is_found_and_no_other(
    usual: int, years: int, fallen: int, share: float, growth: float
) -> None:
    counts = {2000 + i: round(usual * growth**i) for i in range(years)}
    assert falls(counts) == []
    year = 2000 + fallen % years
    counts[year] = round(share * counts[year])
    assert [y for y, *_ in falls(counts)] == [year]


@settings(max_examples=examples(50), deadline=None)
@given(seed=st.integers(0, 10**6), mean=st.sampled_from([1, 5, 20, 100, 10_000]))
def test_chance_is_no_fall(seed: int, mean: int) -> None:
    counts = np.random.default_rng(seed).poisson(mean, 30)
    assert falls({2000 + i: int(n) for i, n in enumerate(counts)}) == []


def test_a_table_of_each_fifth_year_has_not_fallen_and_one_of_two_bad_years_has() -> None:
    assert falls(dict.fromkeys(range(1990, 2021, 5), 1000)) == []
    assert falls({year: 1000 if year != 2005 else 100 for year in range(1990, 2021, 5)}) == [(2005, 100, 1000)]
    assert falls({year: 1000 for year in range(2000, 2010) if year != 2004}) == [(2004, 0, 1000)]
    two = falls({year: 100 if year in (2004, 2005) else 1000 for year in range(2000, 2010)})
    assert [year for year, *_ in two] == [2004, 2005]


@pytest.mark.parametrize("step", [[100] * 10 + [1000] * 10, [1000] * 10 + [100] * 10, [9000] + [100] * 10])
def test_a_step_is_no_fall(step: list[int]) -> None:
    assert falls({2000 + i: n for i, n in enumerate(step)}) == []


@shows("QualityRule=fewer rows than in the years about it", by=Evidence.OUTSIDE)
def test_years_that_are_covered_in_part_have_not_fallen(tmp_path: Path) -> None:
    counts = dict.fromkeys(range(2005, 2013), 400) | {2005: 150, 2009: 120, 2012: 100}
    described = PERSON_MAP + DISPENSED
    person, text = born(50), dispensed(counts)
    years = [s.split("rows in ")[1][:4] for s in told(tmp_path, described, person=person, dispensed=text)]
    assert years == ["2005", "2009", "2012"]
    covered = described.replace('"dispensed"\n[', '"dispensed"\nstarts = 2005-07-01\nends = 2012-03-31\n[')
    [sentence] = told(tmp_path, covered, person=person, dispensed=text)
    assert sentence == (
        "dispensing: fewer rows in 2009 than in the years about it: 280 of 400 rows lacking; see that the year was "
        "delivered whole."
    )
    whole = covered.replace("2005-07-01", "2004-01-01").replace("2012-03-31", "2012-12-31")
    years = [s.split("rows in ")[1][:4] for s in told(tmp_path, whole, person=person, dispensed=text)]
    assert years == ["2004", "2009", "2012"]


@shows("QualityRule=rows of a year repeat another", by=Evidence.OUTSIDE)
def test_a_year_delivered_in_two_extracts_is_told(tmp_path: Path) -> None:
    counts = dict.fromkeys(range(2005, 2010), 400)
    described = PERSON_MAP + DISPENSED.replace("dispensed.csv", "dispensed*.csv")
    again = dispensed({2007: 390})
    texts = {"person": born(50), "dispensed": dispensed(counts), "dispensed2": again}
    [sentence] = told(tmp_path, described, **texts)
    assert "dispensing: rows of 2007 repeat another: 390 of 2,390 rows kept; see that no file" in sentence


@shows("QualityRule=day shared by many", by=Evidence.OUTSIDE)
def test_a_day_that_many_are_born_on_is_told(tmp_path: Path) -> None:
    def day(i: int) -> date:
        return date(1900, 1, 1) if i % 10 == 0 else date(1950, 1, 2) + timedelta(days=i)

    [sentence] = told(tmp_path, PERSON_MAP, person=born(200, day=day))
    assert "person: birth_date 1900-01-01 is shared by many: 20 of 200 rows kept; where it stands for" in sentence

    def new_year(i: int) -> date:
        return date(1930 + i % 40, 1, 1) if i % 4 == 0 else date(1950, 1, 2) + timedelta(days=i)

    [sentence] = told(tmp_path, PERSON_MAP, person=born(400, day=new_year))
    assert "person: birth_date on 1 January is shared by many: 10" in sentence
    [sentence] = told(tmp_path, PERSON_MAP, person=born(40, day=lambda i: date(1930 + i, 1, 1)))
    assert "on 1 January is shared by many: 40 of 40" in sentence
    by_month = PERSON_MAP.replace('"fodd"', '{ column = "fodd", date = "%Y-%m", day = 1 }')
    months = born(300, day=lambda i: f"{1950 + i % 5}-{1 + i % 12:02d}")
    assert told(tmp_path, by_month, person=months) == ()


@settings(max_examples=examples(5), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_chance_is_no_placeholder(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    folder = tmp_path_factory.mktemp("births")
    days = np.random.default_rng(seed).integers(0, 60 * 365, 5000)
    person = born(5000, day=lambda i: date(1940, 1, 1) + timedelta(days=int(days[i])))
    assert told(folder, PERSON_MAP, person=person) == ()


@shows("QualityRule=last line without an end", by=Evidence.OUTSIDE)
def test_a_last_line_without_an_end_is_told(tmp_path: Path) -> None:
    assert told(tmp_path, PERSON_MAP, person=born(5)[:-1]) == (
        "person.csv: the last line has no end; see that the file is whole.",
    )


def diagnosed(*lines: str) -> str:
    return "\n".join(["id;dag;kod", *lines, ""])


@shows("QualityRule=code older than ICD-10", by=Evidence.OUTSIDE)
def test_codes_of_icd9_are_not_taken_for_icd10(tmp_path: Path) -> None:
    text = diagnosed(
        "p1;1990-05-01;E880A", "p2;1990-05-01;V27A", "p3;1990-05-01;591,99", "p4;1990-05-01;3352A",
        "p5;1990-05-01;335A",
        "p1;1998-05-01;E880A", "p2;1998-05-01;G122",
    )  # fmt: skip
    sources = deliver(tmp_path / "in", DELIVERED + PERSON_MAP + DIAGNOSED, person=born(9), dispensed=text)
    registers = imported(sources, tmp_path / "store")
    assert rows(registers, "diagnosis", "system", "code") == [
        ("icd10", "E880A"),
        ("icd10", "G122"),
        *(("older than icd10", code) for code in ("3352A", "335A", "591,99", "E880A", "V27A")),
    ]
    assert any(
        s.startswith("diagnosis: code older than ICD-10: 5 of 7 rows kept, as no") for s in remarks_on(registers)
    )


def test_converted_codes_of_early_years_stay_and_supplements_do_not(tmp_path: Path) -> None:
    """A cancer register may be translated into ICD-10 back to 1958."""
    text = diagnosed(
        "p1;1985-05-01;C349", "p2;1985-05-01;G122", "p3;1985-05-01;E880", "p4;1985-05-01;V27",
        "p1;1992-05-01;E8490", "p2;1992-05-01;V30.1", "p3;1992-05-01;V4581", "p1;2005-05-01;E8490",
    )  # fmt: skip
    sources = deliver(tmp_path / "in", DELIVERED + PERSON_MAP + DIAGNOSED, person=born(9), dispensed=text)
    registers = imported(sources, tmp_path / "store")
    assert rows(registers, "diagnosis", "system", "code") == [
        ("icd10", "C349"),
        ("icd10", "E8490"),
        ("icd10", "G122"),
        ("older than icd10", "E8490"),
        ("older than icd10", "E880"),
        ("older than icd10", "V27"),
        ("older than icd10", "V301"),
        ("older than icd10", "V4581"),
    ]


@shows("QualityRule=cause older than ICD-10", by=Evidence.OUTSIDE)
def test_a_year_of_change_and_a_cause_of_death(tmp_path: Path) -> None:
    lines = [f"p{i % 50};1997-{1 + i % 12:02d}-03;F32{i % 9}" for i in range(95)]
    lines += [f"p{i};1997-06-0{1 + i};3352A" for i in range(4)] + ["p7;1997-06-01;E880A", "p8;1997-06-01;E880"]
    described = DIAGNOSED + DEATH_MAP.replace('"dag"', '"dag"\ncause = "kod"')
    death = "id;dag;kod\np1;1990-03-01;E880A\np2;1990-03-01;8809A\np3;2001-03-01;E880\n"
    sources = deliver(
        tmp_path / "in", DELIVERED + "tolerance = 1.0\n" + PERSON_MAP + described,
        person=born(50), dispensed=diagnosed(*lines), death=death,
    )  # fmt: skip
    registers = imported(sources, tmp_path / "store")
    older = [code for system, code in rows(registers, "diagnosis", "system", "code") if system != "icd10"]
    assert older == ["3352A", "3352A", "E880A"]
    assert rows(registers, "death", "cause") == ["E880", None, None]
    assert broken(registers, "death")["cause older than ICD-10"] == 2


def linked(n: int, wrong: int, unknown: int = 0) -> dict[str, Any]:
    """Mothers m0… and as many children; of some links the mother is a man, and some lead to nobody."""
    mothers = [f"m{i}" for i in range(n)]
    links = [f"nobody{i}" if wrong <= i < wrong + unknown else mothers[i] for i in range(n)]
    return {
        "person": arrow(
            person_id=mothers + [f"c{i}" for i in range(n)],
            sex=["male" if i < wrong else "female" for i in range(n)] + ["female"] * n,
            birth_date=["1950-01-01"] * n + ["1980-01-01"] * n,
            mother_id=[None] * n + links,
        )
    }


@pytest.mark.parametrize(
    ("wrong", "unknown", "tolerance", "words"),
    [
        (
            2,
            0,
            0.01,
            r"2 of 100 values of mother_id are set to missing \(mother_id is male: 2\), more than .* 0\.01;",
        ),
        (60, 0, 0.5, r"60 of 100 values of mother_id are set to missing \(mother_id is male: 60\)"),
        (
            0,
            51,
            0.01,
            r"51 of 100 values of mother_id .* \(mother_id not in the person table: 51\), .* 0\.5;",
        ),
        (1, 49, 0.01, None),
        (60, 0, 0.6, None),
        (0, 60, 0.6, None),
    ],
)
def test_values_set_to_missing_are_tolerated_as_rows_are(
    wrong: int, unknown: int, tolerance: float, words: str | None
) -> None:
    tables = linked(100, wrong, unknown)
    if words:
        with pytest.raises(QualityError, match=words) as error:
            Registers.from_tables(tables, tolerance=tolerance)
        assert error.value.exit_code == 12
    else:
        registers = Registers.from_tables(tables, tolerance=tolerance)
        assert len([m for m in rows(registers, "person", "mother_id") if m]) == 100 - wrong - unknown


COUPLES = """
[files.couple]
path = "couple.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
"""


def mapped(one: str, other: str) -> str:
    return f"""
[[tables]]
name = "couple"
file = "couple"
last_day = "included"
[tables.columns]
person_id = "{one}"
partner_id = "{other}"
start = "start"
stop = "stop"
kind = {{ constant = "married" }}
"""


def couples(*of: str) -> str:
    """A spell of one year for each pair, which both of the two have in the same year."""
    years = {frozenset(pair): f"200{i}" for i, pair in enumerate(of)}
    spells = [f"{one};{other};{years[frozenset((one, other))]}-01-01;" for one, other in of]
    spells = [f"{spell}{spell.split(';')[2][:4]}-12-31" for spell in spells]
    return "\n".join(["a;b;start;stop", *spells, ""])


@shows("QualityRule=couple delivered for one of the two", by=Evidence.OUTSIDE)
def test_couples_of_which_a_half_was_delivered(tmp_path: Path) -> None:
    described = PERSON_MAP + COUPLES + mapped("a", "b")
    with pytest.raises(
        QualityError, match=r"2 of 2 rows are wrong \(couple delivered for one of the two: 2\)"
    ) as error:
        told(tmp_path, described, couple=couples("ab", "bc"))
    assert error.value.remedy.startswith("where each is delivered once, map the file a second time")
    [sentence] = told(tmp_path, described, couple=couples("ab", "ba", "ac"))
    assert sentence.startswith("couple: couple delivered for one of the two: 1 of 3 rows kept; where each is")
    assert told(tmp_path, described, couple=couples("ab", "ba")) == ()
    [sentence] = told(tmp_path, "tolerance = 1.0\n" + described, couple=couples("ab"))
    assert "1 of 1 rows kept" in sentence


def test_a_couple_delivered_once_is_mapped_a_second_time_the_other_way(tmp_path: Path) -> None:
    described = PERSON_MAP + COUPLES + mapped("a", "b") + mapped("b", "a")
    sources = deliver(tmp_path / "in", described, couple="a;b;start;stop\na;b;1999-01-01;\n")
    registers = imported(sources, tmp_path / "store")
    assert rows(registers, "couple", "person_id", "partner_id") == [(1, 2), (2, 1)]
    assert registers.remarks == ()


@shows("QualityRule=day of the year shared by many", by=Evidence.OUTSIDE)
def test_a_day_of_the_year_that_stands_for_an_unknown_one_is_told(tmp_path: Path) -> None:
    def day(i: int) -> date:
        return date(1930 + i % 40, 7, 1) if i % 4 == 0 else date(1950, 1, 2) + timedelta(days=i)

    [sentence] = told(tmp_path, PERSON_MAP, person=born(200, day=day))
    assert "person: birth_date on 1 July is shared by many: 50 of 200 rows kept" in sentence
