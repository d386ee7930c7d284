"""No cell of a delivered file is shown as the name of a column, whatever is mapped to the wrong file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.errors import RisksetError
from riskset.registers.delivered.heading import all_names, columns_in_words, is_header, is_known, is_name, tellable
from riskset.registers.delivered.reading import check_files
from riskset.registers.registers import Registers
from riskset.spec.spelling import near
from tests.registers.delivery import PERSON_MAP, deliver, imported

WANTED = ["id", "kon", "fodd"]
digits = st.text("0123456789", min_size=1, max_size=12)
days = st.dates(date(1900, 1, 1), date(2030, 1, 1))
identifiers = st.one_of(
    digits,
    st.tuples(days, st.integers(0, 9999)).map(lambda p: f"{p[0]:%Y%m%d}-{p[1]:04d}"),
    st.tuples(days, st.integers(0, 9999)).map(lambda p: f"{p[0]:%d%m%y}-{p[1]:04d}"),
    st.uuids().map(str),
    st.binary(min_size=8, max_size=32).map(bytes.hex).filter(lambda text: any(c.isdigit() for c in text)),
    st.tuples(st.sampled_from("PQX"), st.integers(1000, 10**9)).map(lambda p: f"{p[0]}{p[1]}"),
)
dates = st.tuples(days, st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%d/%m/%Y", "%d%b%Y", "%Y-%m", "%y%m%d"])).map(
    lambda pair: pair[0].strftime(pair[1])
)
numbers = st.one_of(st.floats(allow_nan=False).map(str), st.integers().map(str), digits.map(lambda d: f"{d},5"))
words = st.sampled_from(["Anna", "Svensson", "K", "F", "female", "Uppsala", "Åsa Öberg", "N05BA01", "ja", ""])


@given(identifiers | dates | numbers)
def test_what_may_be_of_a_person_is_no_name(cell: str) -> None:
    assert not is_name(cell)
    assert not is_header(["id", "kon", cell], WANTED)
    assert all_names(["mnd", cell]) == []


NAMES = """
lopnr LopNr_Mor fodelsedatum ATC antal_1 income_2019 icd10 HDIA DODSDAT v1 bmi2 diagnos_30 Kommun SNI2007 date-of-birth
ddd(1) år e_mail AR_2005_2019
"""


@pytest.mark.parametrize("name", [*NAMES.split(), "Date of birth", "andel %"])
def test_names_of_columns(name: str) -> None:
    assert is_name(name)
    assert is_header(["ID", name, "kon"], WANTED)
    assert not is_header([name, "other"], [])


@given(st.lists(identifiers | dates | numbers | words, min_size=1, max_size=6))
def test_the_first_person_is_no_header(row: list[str]) -> None:
    assert not is_header(row, WANTED)


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@given(row=st.tuples(identifiers, words, dates, words, numbers))
def test_a_file_without_a_header_shows_no_cell(
    tmp_path_factory: pytest.TempPathFactory, delimiter: str, row: tuple[str, ...]
) -> None:
    place = tmp_path_factory.mktemp("in")
    text = "".join(delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in row) + "\n" for _ in "ab")
    sources = deliver(place, PERSON_MAP.replace('";"', f'"{delimiter}"'.replace("\t", "\\t")), person=text)
    with pytest.raises(RisksetError) as told:
        check_files(sources)
    assert "does not read like a header" in str(told.value)
    said = str(told.value).replace(str(place), "")
    assert not [cell for cell in row if len(cell) > 2 and cell in said]


CELLS = "Anna Svensson Dag Lan Case Person Persson Kon Ida Todd Fodde Uppsala ja Åsa Öberg Till K icd10 F32 inpatient"
PERSONAL = st.sampled_from(CELLS.split()) | st.text(st.characters(categories=["L"]), min_size=1, max_size=12)
"""Cells of a person that read like names of columns, or are names of some."""
MANY = [*WANTED, "lan", "person", "case", "dag"]


@given(
    wanted=st.lists(st.sampled_from(MANY), min_size=1, max_size=6, unique=True),
    row=st.lists(PERSONAL, min_size=1, max_size=8),
    chance=st.none() | st.sampled_from(MANY),
)
def test_no_cell_of_a_first_person_is_shown(wanted: list[str], row: list[str], chance: str | None) -> None:
    """Whatever the cells read like, and though one of them happens to be the name of a mapped column."""
    row = [cell for cell in row if not is_known(cell)]
    if sum(cell.casefold() in wanted for cell in row) > 0:
        chance = None
        row = [cell for i, cell in enumerate(row) if cell.casefold() not in {c.casefold() for c in row[:i]}]
    if chance is not None:
        row.insert(len(row) // 2, chance)
    if sum(cell.casefold() in wanted or is_known(cell) for cell in row) < 2:
        assert tellable(row, wanted) == []
        assert not is_header(row, wanted)


@given(
    row=st.lists(PERSONAL, min_size=1, max_size=8, unique=True), names=st.sampled_from(["lopnr kon", "lopnr atc ar"])
)
def test_of_a_line_with_a_few_names_only_those_are_told(row: list[str], names: str) -> None:
    """A line of two names of columns among words, which may be anybody's."""
    wanted = [*names.split(), "fodelsedatum", "edatum", "inkomst", "utbildning"]
    line = [*names.split(), *row]
    shown = set(tellable(line, wanted))
    assert all(name in wanted or is_known(name) or near(name, wanted) for name in shown)
    others = len(line) - len(shown)
    assert (
        not shown or not others or columns_in_words(line, wanted).endswith(f" and {others} other{'s' * (others > 1)}")
    )


def lacking(folder: Path, line: str, described: str = PERSON_MAP) -> str:
    with pytest.raises(RisksetError) as refused:
        check_files(deliver(folder, described, person=f"{line}\n{line}\n"))
    return str(refused.value).replace(str(folder), "")


@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize(
    "line",
    [
        *("id;Anna;Svensson", "Anna;kon;Svensson", "ID;Anna;Svensson", "id;Anna;Svensson;Persson;Uppsala"),
        *("Kon;Anna;Svensson", "Fodde;Anna;Svensson", "id;Todd;Konn", "Anna;Svensson;fodd;Umea"),
    ],
)
def test_one_mapped_name_makes_no_header_of_a_person(tmp_path: Path, line: str, delimiter: str) -> None:
    described = PERSON_MAP.replace('";"', f'"{delimiter}"')
    said = lacking(tmp_path, line.replace(";", delimiter), described)
    assert "does not read like a header" in said
    assert not [cell for cell in line.split(";") if cell.lower() not in WANTED and cell in said]


def test_names_that_nobody_knows_are_counted(tmp_path: Path) -> None:
    said = lacking(tmp_path, "id;kon;Anna;Svensson")
    assert said.endswith("the file has id, kon and 2 others.")
    assert "did you mean 'foddd'? The file has id, kon, foddd and 1 other." in lacking(
        tmp_path, "id;kon;foddd;skonummer"
    )
    said = lacking(tmp_path, "id;k\u00f6n;F\u00f6dd;Anna")
    assert "did you mean 'k\u00f6n' for 'kon' and 'F\u00f6dd' for 'fodd'?" in said
    assert said.endswith("The file has id, k\u00f6n, F\u00f6dd and 1 other.")
    assert "The file has lopnr, kon, fodelsedatum" in lacking(tmp_path, "lopnr;kon;fodelsedatum")


def test_where_most_columns_are_there_all_are_told(tmp_path: Path) -> None:
    described = PERSON_MAP + 'mother_id = "lopnr_mo"\n'
    said = lacking(tmp_path, "id;kon;fodd;lopnr_mor;skonummer", described)
    assert said.endswith("did you mean 'lopnr_mor'? The file has id, kon, fodd, lopnr_mor, skonummer.")


@pytest.mark.parametrize("columns", [["Anna", "Svensson", "K"], ["sex", "Anna", "Svensson"], ["Anna", "Anna", "K"]])
def test_a_frame_that_was_read_without_its_header_shows_no_cell(columns: list[str]) -> None:
    frame = pa.table([["a"], ["b"], [1]], names=columns)
    mapping = {"person": {"columns": {"person_id": "id", "sex": "kon", "birth_date": "Sven"}}}
    for more in ({}, {"mapping": mapping}):
        with pytest.raises(RisksetError) as refused:
            Registers.from_tables({"person": frame}, **more)  # type: ignore[arg-type]
        assert not [cell for cell in ("Anna", "Svensson") if cell in str(refused.value)]


def test_a_frame_of_which_most_is_known_is_told_all() -> None:
    frame = pa.table([["a"], ["b"], [1]], names=["person_id", "sex", "skonummer"])
    with pytest.raises(RisksetError, match="the table has no column 'skonummer'"):
        Registers.from_tables({"person": frame})
    frame = frame.rename_columns(["person_id", "kon", "Anna"])
    with pytest.raises(RisksetError, match="1 of its columns is none of the table's") as refused:
        Registers.from_tables({"person": frame})
    assert "Anna" not in str(refused.value)


OTHERS = {
    "passwords": "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n",
    "a letter": "Dear Anna Svensson\nyour result is in\n",
    "a name in each cell": "Anna;Svensson;Uppsala\nAsa;Oberg;Umea\n",
    "a key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\n",
    "one word": "Svensson\nOberg\n",
    "Python": "password = 'Svensson'\n",
    "binary": "Svensson\x01\x02\x03;Oberg\n",
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_another_file_shows_nothing_of_itself(tmp_path: Path, text: str) -> None:
    sources = deliver(tmp_path / "in", person=text)
    for refusing in (lambda: check_files(sources), lambda: imported(sources, tmp_path / "store")):
        with pytest.raises(RisksetError) as told:
            refusing()
        for word in ("root", "bash", "Anna", "Svensson", "PRIVATE", "MIIE", "Oberg", "Uppsala"):
            assert word not in str(told.value).replace(str(tmp_path), "")


def test_parquet_made_of_a_file_without_a_header(tmp_path: Path) -> None:
    described = PERSON_MAP.replace('format = "csv"\ndelimiter = ";"\nencoding = "utf-8"', 'format = "parquet"')
    sources = deliver(tmp_path / "in", described)
    pq.write_table(pa.table({"19500101-1234": ["b"], "2": ["1"], "1950-01-01": ["1960"]}), tmp_path / "in/person.csv")
    with pytest.raises(RisksetError, match="do not read like names") as told:
        check_files(sources)
    assert "1950" not in str(told.value).replace(str(tmp_path), "")


def test_a_header_in_which_some_columns_are_missing_is_shown(tmp_path: Path) -> None:
    sources = deliver(tmp_path / "in", person="lopnr;kon;fodelsedatum\n1;2;1950-01-01\n")
    with pytest.raises(RisksetError, match=r"no column 'id', .* nor 'fodd'; .* The file has lopnr, kon, fodelsedatum"):
        check_files(sources)
