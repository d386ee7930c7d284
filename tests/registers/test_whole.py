"""A delivered file is of its format, whole, there once, and the one that is stated; anything else is said by name."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.errors import QualityError, RisksetError, SourceError, SpecError
from riskset.registers.delivered.reading import check_files
from riskset.registers.delivered.source import Sources
from riskset.registers.registers import Registers
from tests.examples import examples
from tests.registers.delivery import DEATH_MAP, PERSON, PERSON_MAP, arrow, deliver, imported, people, rows

STACKED = """
[files.other]
path = "other.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
[[tables]]
name = "death"
file = "other"
[tables.columns]
person_id = "id"
date = "dag"
"""
DEATH = "id;dag\na;2012-02-29\nb;2013-01-01\n"


def refused(sources: Sources, store: Path) -> str:
    """What an import says and `riskset check` says, too."""
    with pytest.raises(SourceError) as at_import:
        imported(sources, store)
    with pytest.raises(SourceError) as at_check:
        check_files(sources)
    assert str(at_check.value) == str(at_import.value)
    assert not store.exists()
    return str(at_import.value)


SAS = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011") + bytes(400)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gzip.compress(PERSON.encode(), mtime=0), "compressed (gzip)"),
        (bz2.compress(PERSON.encode()), "compressed (bzip2)"),
        (lzma.compress(PERSON.encode()), "compressed (xz)"),
        (b"PK\x03\x04" + bytes(100), "a zip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "an Excel workbook, old (.xls) or with a password"),
        (SAS, "a SAS data set (.sas7bdat)"),
        (b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", "a SAS transport file"),
        (b"$FL2@(#) IBM SPSS STATISTICS" + bytes(100), "an SPSS file"),
        (b"<stata_dta><header>" + bytes(100), "a Stata file"),
        (b"\x72\x02\x01\x00" + bytes(100), "a Stata file"),
        (b"<!doctype HTML><html>", "a page of HTML"),
        (b"%PDF-1.7", "a PDF document"),
    ],
)
@pytest.mark.parametrize("declared", ["utf-8", "latin-1", "utf-16", "parquet"])
def test_other_formats_are_called_by_their_names(tmp_path: Path, content: bytes, words: str, declared: str) -> None:
    described = PERSON_MAP.replace("utf-8", declared)
    if declared == "parquet":
        described = PERSON_MAP.replace('"csv"\ndelimiter = ";"\nencoding = "utf-8"', '"parquet"')
    message = refused(deliver(tmp_path / "in", described, person=content), tmp_path / "store")
    assert f"person.csv: this file is {words}" in message


def test_parquet_files_declared_as_texts_and_those_without_an_end(tmp_path: Path) -> None:
    sources = deliver(tmp_path / "in")
    path = tmp_path / "in" / "person.csv"
    pq.write_table(pa.table({"id": ["a"], "kon": ["1"], "fodd": ["1950-01-01"]}), path)
    assert 'this is a Parquet file; write format = "parquet"' in refused(sources, tmp_path / "store")
    described = PERSON_MAP.replace('"csv"\ndelimiter = ";"\nencoding = "utf-8"', '"parquet"')
    whole = path.read_bytes()
    for length in (4, 11, len(whole) // 2, len(whole) - 1):
        sources = deliver(tmp_path / "in", described, person=whole[:length])
        assert "the end of this Parquet file is not there" in refused(sources, tmp_path / "store")
    assert len(rows(imported(deliver(tmp_path / "in", described, person=whole), tmp_path / "store"), "person")) == 1


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16", "utf-16-le", "utf-32", "cp850"])
@settings(max_examples=examples(8), deadline=None)
@given(data=st.data())
def test_a_text_cut_within_a_line_is_refused(
    tmp_path_factory: pytest.TempPathFactory, encoding: str, quoted: bool, data: st.DataObject
) -> None:
    """Wherever before the last cell of a line it is cut; at the end of a line it is a file like any other."""
    folder = tmp_path_factory.mktemp("cut")
    lines = ["id;kon;fodd", *(f"å{i};{1 + i % 2};19{50 + i}-01-01" for i in range(20))]
    if quoted:
        lines = [";".join(f'"{cell}"' for cell in line.split(";")) for line in lines]
    kept = data.draw(st.integers(2, 20))
    last = lines[kept]
    letters = data.draw(st.integers(1, last.rindex(";")))
    text = "\n".join([*lines[:kept], last[:letters]])
    sources = deliver(folder / "in", PERSON_MAP.replace("utf-8", encoding), person=text.encode(encoding))
    assert "the file ends in the middle of a line; it was cut off" in refused(sources, folder / "store")
    whole = "\n".join([*lines[:kept], data.draw(st.sampled_from(["", last]))])
    check_files(deliver(folder / "in", PERSON_MAP.replace("utf-8", encoding), person=whole.encode(encoding)))


def test_a_last_cell_of_several_lines_is_whole_and_one_that_is_not_closed_is_not(tmp_path: Path) -> None:
    described = PERSON_MAP + 'birth_county = "ort"\n'
    text = 'id;kon;fodd;ort\na;1;1950-01-01;"x\ny"'
    assert rows(
        imported(deliver(tmp_path / "in", described, person=text), tmp_path / "a"), "person", "birth_county"
    ) == ["x y"]
    sources = deliver(tmp_path / "in", described, person=text[:-1])
    assert "ends in the middle of a line" in refused(sources, tmp_path / "b")


def test_a_text_cut_within_a_letter_is_not_called_another_encoding(tmp_path: Path) -> None:
    sources = deliver(tmp_path / "in", person=PERSON + "d;1;1950-01-01å"[:-1] + "\xe5".encode()[:1].decode("latin-1"))
    (tmp_path / "in" / "person.csv").write_bytes(PERSON.encode() + "d;1;1950-01-0å".encode()[:-1])
    with pytest.raises(SourceError, match="ends in the middle of a letter; it was cut off"):
        imported(sources, tmp_path / "store")


def test_the_same_bytes_under_two_names_are_refused(tmp_path: Path) -> None:
    parts = DEATH_MAP.replace("death.csv", "death*.csv")
    sources = deliver(tmp_path / "in", PERSON_MAP + parts, death1=DEATH, death2=DEATH)
    message = refused(sources, tmp_path / "store")
    assert "death2.csv: it holds the same bytes as death1.csv, and the table death is stacked of both" in message
    sources = deliver(tmp_path / "in", PERSON_MAP + DEATH_MAP + STACKED, death=DEATH, other=DEATH)
    assert "other.csv: it holds the same bytes as death.csv" in refused(sources, tmp_path / "store")
    (tmp_path / "in" / "other.csv").unlink()
    (tmp_path / "in" / "other.csv").symlink_to("death.csv")
    assert "other.csv: it holds the same bytes" in refused(sources, tmp_path / "store")


def test_a_copy_with_another_constant_is_a_copy(tmp_path: Path) -> None:
    described = DEATH_MAP.replace('"dag"', '"dag"\ncause = { constant = "G122" }')
    sources = deliver(tmp_path / "in", PERSON_MAP + described + STACKED, death=DEATH, other=DEATH)
    assert "same bytes" in refused(sources, tmp_path / "store")


def test_a_mapping_stacked_twice_is_refused(tmp_path: Path) -> None:
    again = DEATH_MAP[DEATH_MAP.index("[[tables]]") :]
    with pytest.raises(SpecError, match="death is mapped from death in the same way twice, so that"):
        deliver(tmp_path / "in", PERSON_MAP + DEATH_MAP + again, death=DEATH)
    with pytest.raises(SpecError, match="in the same way twice"):
        deliver(
            tmp_path / "in", PERSON_MAP + DEATH_MAP + again.replace('"death"\n[', '"death"\nstarts = 1990-01-01\n[')
        )


def test_one_file_in_two_tables_or_by_two_columns_and_parts_without_rows_are_no_copies(tmp_path: Path) -> None:
    described = PERSON_MAP + DEATH_MAP.replace("death.csv", "death*.csv")
    residence = '[[tables]]\nname = "residence"\nfile = "person"\nlast_day = "included"\n[tables.columns]\n'
    residence += 'person_id = "id"\nstart = "fodd"\nstop = "slut"\n'
    diagnosis = '[[tables]]\nname = "diagnosis"\nfile = "person"\n[tables.columns]\nperson_id = "id"\ndate = "fodd"\n'
    diagnosis += 'system = { constant = "icd10" }\nsource = { constant = "inpatient" }\ncode = '
    sources = deliver(
        tmp_path / "in",
        described + residence + diagnosis + '"dia1"\n' + diagnosis + '"dia2"\n',
        person="id;kon;fodd;slut;dia1;dia2\na;1;1995-01-01;;F32;F33\nb;2;1996-01-01;;F32;F33\n",
        death1="id;dag\n",
        death2="id;dag\n",
        death3=DEATH,
    )
    check_files(sources)
    registers = imported(sources, tmp_path / "store")
    assert [len(rows(registers, name)) for name in ("person", "residence", "diagnosis", "death")] == [2, 2, 4, 2]


SECOND = DEATH_MAP[DEATH_MAP.index("[[tables]]") :]
READ_OTHERWISE = [
    '{ column = "dag", missing = ["."] }',
    '{ column = "dag", date = "%Y-%m-%d" }',
    '{ column = "dag", date = "%Y-%m-%d", day = 15 }',
]


@pytest.mark.parametrize("date", READ_OTHERWISE)
@pytest.mark.parametrize("more", ["", 'cause = { constant = "G122" }\n', 'cause = "orsak"\n'])
def test_a_file_mapped_twice_is_refused_however_its_cells_are_read(tmp_path: Path, date: str, more: str) -> None:
    again = SECOND.replace('"dag"', date) + more
    with pytest.raises(SpecError, match="death is mapped from death in the same way twice"):
        deliver(tmp_path / "in", PERSON_MAP + DEATH_MAP + again, death=DEATH)


@pytest.mark.parametrize(
    "spelling", ["death.csv", "./death.csv", "../in/death.csv", "soft.csv", "hard.csv", "copy.csv", "*ft.csv"]
)
@pytest.mark.parametrize("date", ['"dag"', READ_OTHERWISE[0]])
def test_one_file_under_two_names_is_refused_however_it_is_spelt(tmp_path: Path, spelling: str, date: str) -> None:
    described = PERSON_MAP + DEATH_MAP + STACKED.replace("other.csv", spelling).replace('"dag"', date)
    sources = deliver(tmp_path / "in", described, death=DEATH, copy=DEATH)
    (tmp_path / "in" / "soft.csv").symlink_to("death.csv")
    (tmp_path / "in" / "hard.csv").hardlink_to(tmp_path / "in" / "death.csv")
    assert "it holds the same bytes as" in refused(sources, tmp_path / "store")


def test_parts_that_are_one_file_are_refused(tmp_path: Path) -> None:
    for other in ("./death.csv", "../in/death.csv", "d*.csv"):
        described = PERSON_MAP + DEATH_MAP.replace('"death.csv"', f'["death.csv", "{other}"]')
        sources = deliver(tmp_path / "in", described, death=DEATH)
        if other != "../in/death.csv":  # one name
            check_files(sources)
        else:
            assert "it holds the same bytes as" in refused(sources, tmp_path / "store")


BOUGHT = "id;dag;atc;antal\n" + "".join(
    f"{'abc'[i % 3]};201{i % 9}-01-01;N06AB0{i % 5};{1 + i % 4}\n" for i in range(45)
)
BOUGHT_MAP = DEATH_MAP.replace("death", "dispensing").replace('"dag"', '"dag"\natc = "atc"')
COPY_MAP = BOUGHT_MAP.replace("[files.dispensing]", "[files.copy]").replace('"dispensing.csv"', '"copy.csv"')
COPY_MAP = COPY_MAP.replace('file = "dispensing"', 'file = "copy"')
LINES = BOUGHT.splitlines(keepends=True)
OTHERWISE = {
    "reversed": LINES[0] + "".join(reversed(LINES[1:])),
    "other ends of lines": BOUGHT.replace("\n", "\r\n"),
    "quoted": BOUGHT.replace("N06", '"N06')
    .replace(";1\n", '";1\n')
    .replace(";2\n", '";2\n')
    .replace(";3\n", '";3\n')
    .replace(";4\n", '";4\n'),
    "a column more": BOUGHT.replace("\n", ";x\n"),
    "a mark before it": "\ufeff" + BOUGHT,
    "all but five rows": "".join(LINES[:-5]),
    "other dates": BOUGHT.replace("-01-01", "0101"),
}


@pytest.mark.parametrize("amount", ["", 'packages = "antal"\n'])
@pytest.mark.parametrize("copy", OTHERWISE)
def test_a_delivery_read_twice_is_refused_in_whatever_order_or_format(tmp_path: Path, copy: str, amount: str) -> None:
    second = (
        COPY_MAP.replace('date = "dag"', 'date = { column = "dag", date = "%Y%m%d" }')
        if copy == "other dates"
        else COPY_MAP
    )
    described = PERSON_MAP + BOUGHT_MAP + 'packages = "antal"\n' + second + amount
    sources = deliver(tmp_path / "in", described, dispensing=BOUGHT, copy=OTHERWISE[copy])
    check_files(sources)
    with pytest.raises(
        QualityError,
        match=r"table dispensing \(files copy, dispensing\): \d+ of \d+ rows are there more than once, more than the",
    ):
        imported(sources, tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_a_copy_in_parquet_and_another_tolerance(tmp_path: Path) -> None:
    described = (
        PERSON_MAP
        + BOUGHT_MAP
        + COPY_MAP.replace("copy.csv", "copy.parquet").replace(
            'format = "csv"\ndelimiter = ";"\nencoding = "utf-8"', 'format = "parquet"'
        )
    )
    cells = [line.strip().split(";") for line in LINES]
    (tmp_path / "in").mkdir()
    columns = dict(zip(cells[0], zip(*cells[1:], strict=True), strict=True))
    pq.write_table(pa.table({name: list(values) for name, values in columns.items()}), tmp_path / "in" / "copy.parquet")
    for tolerance in ("0.01", "0.6"):
        sources = deliver(tmp_path / "in", f"tolerance = {tolerance}\n" + described, dispensing=BOUGHT)
        with pytest.raises(QualityError, match=rf"tolerated share of {max(0.5, float(tolerance)):g}; see that nothing"):
            imported(sources, tmp_path / "store")
    imported(deliver(tmp_path / "in", "tolerance = 1.0\n" + described, dispensing=BOUGHT), tmp_path / "store")


@pytest.mark.parametrize("source", ['{ constant = "outpatient" }', '"vard"'])
@pytest.mark.parametrize("ends", ["\n", ";\n"])
def test_a_copy_of_diagnoses_is_one_whatever_source_it_is_given(tmp_path: Path, source: str, ends: str) -> None:
    mapped = 'date = "dag"\nsystem = { constant = "icd10" }\ncode = "kod"\nmain = { constant = true }\n'
    first = DEATH_MAP.replace("death", "diagnosis").replace('date = "dag"\n', mapped)
    second = first.replace("diagnosis.csv", "copy.csv").replace("[files.diagnosis]", "[files.copy]")
    second = second.replace('file = "diagnosis"', 'file = "copy"').replace("main = { constant = true }\n", "")
    described = PERSON_MAP + first + 'source = { constant = "inpatient" }\n' + second + f"source = {source}\n"
    text = "id;dag;kod;vard\n" + "".join(f"{'abc'[i % 3]};2012-01-{i + 1:02};F3{i % 10};inpatient\n" for i in range(12))
    sources = deliver(tmp_path / "in", described, diagnosis=text, copy=text.replace("\n", ends))
    with pytest.raises(RisksetError, match=r"more than once|the same bytes"):
        imported(sources, tmp_path / "store")


def test_one_file_may_hold_several_items_that_a_constant_names(tmp_path: Path) -> None:
    item = DEATH_MAP.replace("death", "registry_item").replace('"dag"', '"dag"\nregistry = { constant = "mnd" }')
    again = item[item.index("[[tables]]") :]
    names = ('name = { constant = "diagnosis" }\n', 'name = { constant = "registration" }\n')
    described = PERSON_MAP + item + names[0] + again + names[1]
    text = "id;dag\n" + "".join(f"a;2012-01-{i + 1:02}\n" for i in range(12))
    registers = imported(deliver(tmp_path / "in", described, registry_item=text), tmp_path / "store")
    assert len(rows(registers, "registry_item")) == 24
    with pytest.raises(SpecError, match="in the same way twice"):
        deliver(tmp_path / "in", PERSON_MAP + item + names[0] + again + names[0])


def test_each_row_once_more_in_a_frame(tmp_path: Path) -> None:
    table = arrow(
        person_id=["a", "b", "c", "a"] * 2,
        date=["2010-01-01", "2010-01-01", "2012-01-01", "2013-01-01"] * 2,
        atc=["N06AB04"] * 8,
    )
    with pytest.raises(QualityError, match=r"8 of 8 rows are there more than once.*put into the frame twice"):
        Registers.from_tables(people(dispensing=table))
    Registers.from_tables(people(dispensing=table.slice(0, 5)))
    Registers.from_tables(people(dispensing=table), tolerance=1.0)


def stated(what: str) -> str:
    return DEATH_MAP.replace('encoding = "utf-8"', f'encoding = "utf-8"\n{what}')


def test_stated_rows(tmp_path: Path) -> None:
    for n in (0, 1, 3):
        sources = deliver(tmp_path / "in", PERSON_MAP + stated(f"rows = {n}"), death=DEATH)
        message = refused(sources, tmp_path / "store")
        assert f"death.csv: there are 2 rows, and files.death states {n}; deliver it again, or mend rows" in message
    imported(deliver(tmp_path / "in", PERSON_MAP + stated("rows = 2"), death=DEATH), tmp_path / "store")
    parts = stated("rows = 3").replace("death.csv", "death*.csv")
    more = {"death": DEATH, "death2": "id;dag\r\n\r\nc;2014-01-01"}
    imported(deliver(tmp_path / "in", PERSON_MAP + parts, **more), tmp_path / "parts")
    text = 'id;dag;more\na;2012-02-29;"x\ny"\nb;2013-01-01;"5"" z"\n'
    imported(deliver(tmp_path / "in", PERSON_MAP + stated("rows = 2"), death=text), tmp_path / "cells")
    table = pa.table({"id": ["a", "b"], "dag": ["2012-02-29", "2013-01-01"]})
    pq.write_table(table, tmp_path / "in" / "death.parquet")
    parquet = stated("rows = 3").replace("death.csv", "death.parquet").replace('"csv"', '"parquet"')
    parquet = parquet.replace('delimiter = ";"\nencoding = "utf-8"\n', "")
    assert "there are 2 rows" in refused(deliver(tmp_path / "in", PERSON_MAP + parquet), tmp_path / "no")


def test_a_stated_checksum(tmp_path: Path) -> None:
    right, wrong = hashlib.sha256(DEATH.encode()).hexdigest(), "0" * 64
    sources = deliver(tmp_path / "in", PERSON_MAP + stated(f'sha256 = "{wrong}"'), death=DEATH)
    assert "death.csv: its SHA-256 is none of those stated for files.death" in refused(sources, tmp_path / "store")
    for text in (f'"{right.upper()}"', f'["{right}"]'):
        imported(deliver(tmp_path / "in", PERSON_MAP + stated(f"sha256 = {text}"), death=DEATH), tmp_path / "store")
    sources = deliver(tmp_path / "in", PERSON_MAP + stated(f'sha256 = ["{right}", "{wrong}"]'), death=DEATH)
    assert "files.death states 2 checksums, and has 1 of these files" in refused(sources, tmp_path / "no")
    with pytest.raises(
        SpecError, match=r"^sources\.toml files\.death\.sha256\[0\]: 'abc' is no SHA-256 checksum; write its 64"
    ):
        deliver(tmp_path / "in", PERSON_MAP + stated('sha256 = "abc"'), death=DEATH)


@pytest.mark.parametrize("encoding", ["latin-1", "iso-8859-15", "iso-8859-1"])
def test_windows_quotes_in_a_text_declared_as_latin_1(tmp_path: Path, encoding: str) -> None:
    text = (PERSON + "d;1;1950-01-01;\n").replace("b;", "Côte d’Ivoire;")
    sources = deliver(tmp_path / "in", PERSON_MAP.replace("utf-8", encoding), person=text.encode("cp1252"))
    with pytest.raises(SourceError) as error:
        imported(sources, tmp_path / "store")
    assert f"person.csv: the file is not {encoding} text as declared; state its encoding; cp1252 is plausible" in str(
        error.value
    )
