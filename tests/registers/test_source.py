"""sources.toml: what it may say, and what is said of it when it is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from riskset.errors import DesignError, SourceError, SpecError
from riskset.registers.delivered.column_map import ColumnMap
from riskset.registers.delivered.source import Sources
from riskset.spec import Study
from riskset.spec.check import names_wanted, needs
from riskset.spec.from_toml import parse_toml
from tests.registers.delivery import DEATH_MAP, PERSON_MAP

RESIDENCE_MAP = DEATH_MAP.replace("death", "residence").replace('date = "dag"', 'start = "in"\nstop = "ut"')


def loaded(tmp_path: Path, text: str) -> Sources:
    (tmp_path / "sources.toml").write_text(text, encoding="utf-8")
    return Sources.load(tmp_path / "sources.toml")


def test_a_text_is_short_for_a_column(tmp_path: Path) -> None:
    one = loaded(tmp_path, PERSON_MAP)
    other = loaded(tmp_path, PERSON_MAP.replace('"id"', '{ column = "id" }'))
    assert one == other
    assert one.tables[0].columns["person_id"] == ColumnMap(column="id")
    assert one.files["person"].path == (str(tmp_path / "person.csv"),)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ('"person"\nfile', '"persons"\nfile'),
            "tables[0].name: 'persons' is no canonical table; did you mean 'person'?",
        ),
        (("sex =", "gender ="), "tables[0].columns: person has no column 'gender'"),
        (('birth_date = "fodd"', ""), "tables[0].columns: person needs the column birth_date; map it."),
        (('file = "person"', 'file = "persons"'), "tables[0].file: the file 'persons' is not declared"),
        (('"male"', '"man"'), "tables[0].columns.sex.values: 'man' is no value of this column; there are female, male"),
        (('"fodd"', '{ column = "fodd", date = "day month" }'), "is no way to write a date; use %Y, %m and %d"),
        (('"fodd"', '{ column = "fodd", date = "%y-%m-%d" }'), "has years of two digits, which leave the century open"),
        (('"fodd"', '{ column = "fodd", scale = 2 }'), "tables[0].columns.birth_date.scale: scale multiplies a number"),
        (('"id"', '{ column = "id", date = "%Y" }'), "is no way to write a date"),
        (
            ('"fodd"', '{ column = "fodd", date = "%Y%m" }'),
            "columns.birth_date.date: '%Y%m' has no day of the month; write { …, date = \"%Y%m\", day = 15 }",
        ),
        (('"fodd"', '{ column = "fodd", date = "%Y%m", day = 31 }'), "columns.birth_date.day: the number is out of"),
        (('"fodd"', '{ column = "fodd", date = "native", day = 1 }'), "birth_date.day: native has a day of the month"),
        (('"fodd"', '{ column = "fodd", date = "%Y%j", day = 1 }'), "this format has a day of the year; remove day"),
        (('"id"', '{ column = "id", day = 1 }'), "tables[0].columns.person_id.day: day is for dates"),
        (('file = "person"', 'file = "person"\nends = 2020-01-01'), "tables[0].ends: person has no days that could"),
        (('"id"', '{ column = "id", date = "native" }'), "columns.person_id.date: date says how a date is written"),
        (('"id"', "{ }"), "a column comes from one place; give exactly one of column, constant and row_number = true"),
        (('"id"', '{ column = "id", row_number = true }'), "a column comes from one place"),
        (('"id"', '{ column = "id", colour = 1 }'), "tables[0].columns.person_id.colour: unknown key"),
        (('delimiter = ";"\n', ""), "files.person: a CSV file needs its dialect; state delimiter and encoding"),
        (('encoding = "utf-8"\n', ""), "files.person: a CSV file needs its dialect"),
        (('"utf-8"', '"utf-99"'), "files.person.encoding: 'utf-99' is no encoding"),
        (('"csv"', '"parquet"'), "files.person: delimiter and encoding are for CSV files"),
        (('"csv"', '"xlsx"'), "files.person.format"),
        (('delimiter = ";"', 'delimiter = ";"\nquote = ";"'), "files.person.quote: ';' is the delimiter, too; give"),
        (('file = "person"', 'file = "person"\nlast_day = "included"'), "last_day is for tables with a stop"),
        (('file = "person"', 'file = "person"\nstart = 2005-07-01'), "tables[0].start: unknown key"),
        (("\n[files", "tolerance = 1.5\n[files"), "tolerance"),
        (("\n[files", 'tolerance = "1%"\n[files'), "tolerance: this must be a number; write it without quotes, as 0.5"),
        (('name = "person"', 'name = "death"'), "death has no column 'sex'"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    assert change[0] in PERSON_MAP
    with pytest.raises(SpecError) as refused:
        loaded(tmp_path, PERSON_MAP.replace(*change, 1))
    assert message in str(refused.value)
    assert all(one.sentence.startswith("sources.toml ") for one in refused.value.each)


def test_spells_need_their_last_day(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r'last_day: residence has spells; state last_day = "included" or "excluded"'):
        loaded(tmp_path, PERSON_MAP + RESIDENCE_MAP)


def test_everything_needs_persons(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="there is no person table"):
        loaded(tmp_path, DEATH_MAP)


def test_starts_and_tolerances_of_stacked_tables(tmp_path: Path) -> None:
    twice = DEATH_MAP + DEATH_MAP[DEATH_MAP.index("[[tables]]") :].replace('"dag"', '"dag2"')
    first, second = 'file = "death"\nstarts = 1961-01-01\ntolerance = 0.2', 'file = "death"\nstarts = 1970-01-01'
    head, one, two = twice.split('file = "death"')
    sources = loaded(tmp_path, PERSON_MAP + head + first + one + second + two)
    assert sources.starts()["death"].isoformat() == "1970-01-01"
    assert sources.tolerance_of("death") == 0.2
    assert sources.tolerance_of("person") == 0.01


def test_the_end_of_stacked_tables_is_the_earliest(tmp_path: Path) -> None:
    twice = DEATH_MAP + DEATH_MAP[DEATH_MAP.index("[[tables]]") :].replace('"dag"', '"dag2"')
    head, one, two = twice.split('file = "death"')
    first, second = ('file = "death"\nends = 2021-12-31', 'file = "death"\nends = 2020-12-31')
    sources = loaded(tmp_path, PERSON_MAP + head + first + one + second + two)
    assert sources.ends() == {"death": date(2020, 12, 31)}
    with pytest.raises(SpecError, match=r"ends: the register ends before it starts; ends is the last day"):
        loaded(tmp_path, PERSON_MAP + head + first + "\nstarts = 2022-01-01" + one + second + two)


def test_a_delivery_without_deaths_gets_advice(tmp_path: Path) -> None:
    assert loaded(tmp_path, PERSON_MAP).advice() == [
        "no deaths are mapped: a residence spell must then end at death, else the dead may be drawn as controls."
    ]
    assert loaded(tmp_path, PERSON_MAP + DEATH_MAP).advice() == []


ITEM_MAP = DEATH_MAP.replace("death", "registry_item").replace(
    'date = "dag"',
    'date = "dag"\nregistry = { constant = "mnd" }\nname = { constant = "diagnosis" }\n'
    'text = { column = "d", values = { "1" = "ALS", "2" = "PLS" } }',
)


def asking(first: str, more: str = "") -> Study:
    return parse_toml(
        Study,
        f'name = "x"\n{more}[period]\nstart = 2015-01-01\nstop = 2016-01-01\n[cases]\nfirst = {first}\n'
        '[[controls]]\nkind = "population"\n',
    )


@pytest.mark.parametrize(
    ("first", "says"),
    [
        ('{ registry = "mnd", diagnosis = ["ALS"] }', None),
        ('{ icd10 = ["G12"] }', None),
        (
            '{ registry = "mdn" }',
            "cases.first.registry: 'mdn' is no register of sources.toml; did you mean 'mnd'? The only one is mnd.",
        ),
        (
            '{ registry = "mnd", diagnosis = ["als"] }',
            "cases.first.diagnosis: 'als' is no diagnosis of sources.toml; did you mean 'ALS'? There are ALS, PLS.",
        ),
    ],
)
def test_names_that_no_row_can_have(tmp_path: Path, first: str, says: str | None) -> None:
    sources = loaded(tmp_path, PERSON_MAP + ITEM_MAP)
    if says is None:
        sources.require_names(names_wanted(asking(first)))
        return
    with pytest.raises(DesignError) as refused:
        sources.require_names(names_wanted(asking(first)))
    assert str(refused.value) == says


DIAGNOSIS_MAP = DEATH_MAP.replace("death", "diagnosis").replace(
    'date = "dag"',
    'date = "dag"\ncode = "k"\nsystem = { constant = "icd10" }\n'
    'source = { column = "v", values = { S = "inpatient", O = "outpatient" } }',
)


@pytest.mark.parametrize("place", ["cases.first.source", "covariates[0].source"])
@pytest.mark.parametrize(
    ("asked", "refused", "told"),
    [
        (["inpatient"], False, []),
        (["registry"], True, []),
        (["death", "registry"], True, []),
        (["outpatient", "registry"], False, ["registry"]),
        (["outpatient", "registry", "death"], False, ["registry", "death"]),
    ],
)
def test_a_source_that_no_row_can_have(
    tmp_path: Path, place: str, asked: list[str], refused: bool, told: list[str]
) -> None:
    """One of several sources is enough, and the others are told; where none is there, nobody could have the event."""
    sources = loaded(tmp_path, PERSON_MAP + DIAGNOSIS_MAP)
    listed = ", ".join(f'"{one}"' for one in asked)
    study = asking(
        f'{{ icd10 = ["G12"], source = [{listed}] }}' if place.startswith("cases") else '{ icd10 = ["G12"] }'
    )
    if place.startswith("covariates"):
        covariate = f'[[covariates]]\nkind = "diagnosis"\nname = "ill"\nicd10 = ["F32"]\nsource = [{listed}]\n'
        study = parse_toml(Study, study.to_toml() + covariate)
    if refused:
        with pytest.raises(DesignError) as error:
            sources.require_names(names_wanted(study))
        assert [one.sentence for one in error.value.each] == [
            f"{place}: {one!r} is no source of diagnoses of sources.toml; there are inpatient, outpatient."
            for one in asked
        ]
    else:
        sources.require_names(names_wanted(study))
    assert sources.partly_there(names_wanted(study)) == [
        f"{place}: {one!r} is no source of diagnoses of sources.toml; there are inpatient, outpatient." for one in told
    ]


MEASUREMENT_MAP = DEATH_MAP.replace("death", "measurement").replace(
    'date = "dag"',
    'date = "dag"\nvalue = "v"\nname = { column = "n", values = { "1" = "alsfrs_r", "2" = "bmi" } }',
)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('[prognosis]\nendpoint = ["death"]\nentry = "diagnosis"\nmarker = "alsfrs_r"\nadjust = ["bmi"]\n', []),
        (
            '[prognosis]\nendpoint = ["death"]\nentry = "diagnosis"\nmarker = "alsfrsr"\n',
            ["prognosis.marker: 'alsfrsr' is no measurement of sources.toml; did you mean 'alsfrs_r'? There are "],
        ),
        (
            '[prognosis]\nendpoint = ["death"]\norigin = "onset"\nadjust = ["bmi_prediagnostic", "onset_site"]\n',
            [
                "prognosis.entry: 'registration' is no item of sources.toml; the only one is diagnosis.",
                "prognosis.origin: 'onset_date' is no item of sources.toml; the only one is diagnosis.",
                "prognosis.adjust bmi_prediagnostic: 'bmi_prediagnostic' is no measurement of sources.toml; there are ",
                "prognosis.adjust onset_site: 'onset_site' is no item of sources.toml; the only one is diagnosis.",
            ],
        ),
    ],
)
def test_a_marker_an_item_or_a_measured_covariate_that_no_row_can_have(
    tmp_path: Path, more: str, says: list[str]
) -> None:
    sources = loaded(tmp_path, PERSON_MAP + ITEM_MAP + MEASUREMENT_MAP)
    study = parse_toml(Study, asking('{ registry = "mnd" }').to_toml() + more)
    if not says:
        sources.require_names(names_wanted(study))
        return
    with pytest.raises(DesignError) as refused:
        sources.require_names(names_wanted(study))
    assert len(refused.value.each) == len(says)
    for one, begins in zip(refused.value.each, says, strict=True):
        assert one.sentence.startswith(begins)


def test_names_are_open_where_one_mapping_takes_them_as_delivered(tmp_path: Path) -> None:
    opened = ITEM_MAP.replace('{ constant = "mnd" }', '"reg"')
    sources = loaded(tmp_path, PERSON_MAP + ITEM_MAP + opened[opened.index("[[tables]]") :])
    sources.require_names(names_wanted(asking('{ registry = "ms" }')))


def test_all_that_a_study_lacks_is_told(tmp_path: Path) -> None:
    sources = loaded(tmp_path, PERSON_MAP)
    with pytest.raises(SourceError) as refused:
        sources.require(needs(asking('{ registry = "mnd" }')))
    assert [one.what.split(" needs ")[1] for one in refused.value.each] == [
        "the table residence, which no file is mapped to",
        "the table registry_item, which no file is mapped to",
    ]


def test_all_that_is_wrong_with_a_mapping_is_told(tmp_path: Path) -> None:
    wrong = PERSON_MAP.replace('"male"', '"man"').replace('"fodd"', '{ column = "fodd", scale = 2 }')
    with pytest.raises(SpecError) as refused:
        loaded(tmp_path, wrong.replace("delimiter", "delimitr"))
    assert [one.where for one in refused.value.each] == [
        "sources.toml files.person.delimitr",
        "sources.toml tables[0].columns.sex.values",
        "sources.toml tables[0].columns.birth_date.scale",
    ]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("county_of_birth", "person has no column 'county_of_birth'; did you mean 'birth_county'?"),
        ("cause", "it is a column of death, and here there are person_id, sex,"),
        ("country_birth", "did you mean 'country_of_birth'?"),
        ("county", "it is a column of residence, and here there are person_id"),
    ],
)
def test_a_column_that_is_not_there_is_no_other_one(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(SpecError) as refused:
        loaded(tmp_path, PERSON_MAP + f'{name} = "x"\n')
    assert says in str(refused.value)
