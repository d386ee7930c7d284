"""Files in the dialect that is declared; and what is said when they are in another."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from riskset.errors import QualityError, SourceError, SpecError
from riskset.registers.delivered.reading import check_files
from tests.registers.delivery import DEATH_MAP, PERSON, PERSON_MAP, broken, deliver, imported, rows
from tests.shown import Evidence, shows

COUNTY = 'birth_county = "ort"\n'
MEASURED = """
[files.measured]
path = "measured.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
decimal = ","
null = ["", "NA"]
[[tables]]
name = "measurement"
file = "measured"
[tables.columns]
person_id = "id"
date = { column = "dag", missing = ["00000000"], date = "%Y%m%d" }
name = { constant = "bmi" }
value = { column = "värde", scale = 2 }
"""
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
ddd = { column = "ddd", scale = 1000 }
"""


def test_semicolons_decimal_commas_and_declared_nulls(tmp_path: Path) -> None:
    text = "id;dag;värde\na;20100501;21,25\na;20100502;NA\nb;00000000;20\nb;20100503;1e1\n"
    text += "c;20100504;twenty\nc;20100505;nan\n"
    sources = deliver(tmp_path / "in", PERSON_MAP + MEASURED, measured=text)
    sources = sources.model_copy(update={"tolerance": 1.0})
    registers = imported(sources, tmp_path / "store")
    assert rows(registers, "measurement", "date", "value") == [(date(2010, 5, 1), 42.5), (date(2010, 5, 3), 20.0)]
    assert broken(registers, "measurement") == {"value missing": 1, "value unreadable": 2, "date missing": 1}


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "iso-8859-1", "cp1252", "utf-16", "utf-8-sig"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = 'id;kon;fodd;ort\r\na;2;1950-01-01;Åmål\r\nb;1;1960-05-05;"Ö;ö"\r\nc;1;1960-05-05;\r\n'
    sources = deliver(tmp_path / "in", (PERSON_MAP + COUNTY).replace("utf-8", encoding), person=text.encode(encoding))
    assert rows(imported(sources, tmp_path / "store"), "person", "birth_county") == ["Åmål", "Ö;ö", None]
    assert not list(tmp_path.rglob("text"))


def test_other_delimiters_quotes_and_lines_ends(tmp_path: Path) -> None:
    text = "id\tkon\tfodd\tort\n'a'\t2\t1950-01-01\t'O''Hara'\nb\t1\t1960-05-05\t'x\ty'"
    described = (PERSON_MAP + COUNTY).replace('";"', '"\\t"\nquote = "\'"')
    assert rows(
        imported(deliver(tmp_path / "in", described, person=text), tmp_path / "store"), "person", "birth_county"
    ) == [
        "O'Hara",
        "x y",
    ]


@pytest.mark.parametrize(
    ("written", "cells", "read"),
    [
        (None, ["1950-01-31", "1950-1-31", "1950-02-30"], ["1950-01-31", "1950-01-31", None]),
        ("%d/%m/%Y", ["1/3/1950", "31/1/1950", "1/3/50"], ["1950-01-31", "1950-03-01", None]),
        ("%d%b%Y", ["31JAN1950", "1mar1950", "01MAJ1950"], ["1950-01-31", "1950-03-01", None]),
        ("%d-%b-%Y", ["31-Jan-1950", "1-3-1950", "31-JANUARY-1950"], ["1950-01-31", None, None]),
        ("%Y%m%d", ["19500131", "1950131", "1950-01-31"], ["1950-01-31", None, None]),
        ("%d/%m/%Y", ["31/01/1950", "01/31/1950", "31/01/50"], ["1950-01-31", None, None]),
        ("%Y-%m-%d %H:%M:%S", ["1950-01-31 23:59:59", "1950-01-31", "x"], ["1950-01-31", None, None]),
        ("%Y%j", ["1950031", "1950366", ""], ["1950-01-31", None, None]),
        ("decimal_year", ["1950.08214921287", "later", "-"], ["1950-01-31", None, None]),
    ],
)
def test_how_dates_are_written(tmp_path: Path, written: str | None, cells: list[str], read: list[str | None]) -> None:
    described = DEATH_MAP.replace('"dag"', f'{{ column = "dag", date = "{written}" }}') if written else DEATH_MAP
    text = "id;dag\n" + "".join(f"{who};{cell}\n" for who, cell in zip("abc", cells, strict=True))
    sources = deliver(
        tmp_path / "in",
        "tolerance = 1.0\n" + PERSON_MAP + described,
        person=PERSON.replace("1990", "1940").replace("1960", "1930"),
        death=text,
    )
    assert [str(d) for d in rows(imported(sources, tmp_path / "store"), "death", "date")] == sorted(
        d for d in read if d
    )


def test_codes_are_upper_case_without_dot_and_doses_in_thousandths(tmp_path: Path) -> None:
    text = "id;dag;kod;ddd\na;2010-01-01; n05ba01 ;33.3335\n"
    registers = imported(deliver(tmp_path / "in", PERSON_MAP + DISPENSED, dispensed=text), tmp_path / "store")
    assert rows(registers, "dispensing", "atc", "ddd") == [("N05BA01", 33334)]
    diagnosis = DISPENSED.split("atc =")[0].replace('"dispensing"', '"diagnosis"') + (
        'system = { column = "kod", values = { i = "icd10", o = "local" } }\ncode = "kod2"\n'
        'source = { constant = "inpatient" }\nmain = "main"\n'
    )
    text = "id;dag;kod;kod2;main\na;2010-01-01;i;g12.2;1\na;2010-01-01;o;x.1;false\na;2010-01-01;i;F32;\n"
    registers = imported(deliver(tmp_path / "in", PERSON_MAP + diagnosis, dispensed=text), tmp_path / "store2")
    assert rows(registers, "diagnosis", "system", "code", "main") == [
        ("icd10", "F32", None),
        ("icd10", "G122", True),
        ("local", "x.1", False),
    ]


def test_parquet_types(tmp_path: Path) -> None:
    described = PERSON_MAP.split("[[tables]]")[1]
    described = (
        '[files.person]\npath = ["p1.parquet", "p2.parquet"]\nformat = "parquet"\n[[tables]]' + described + COUNTY
    )
    sources = deliver(tmp_path, described)
    kinds = [pa.date32(), pa.timestamp("us")]
    for i, kind in enumerate(kinds, 1):
        table = pa.table(
            {
                "id": pa.array([float(i), None][: 2 - (i == 1)], pa.float64()),
                "kon": pa.array([1.0, 2.0][: 2 - (i == 1)]),
                "fodd": pa.array([datetime(1950, 1, 1, 12)] * (2 - (i == 1)), pa.timestamp("us")).cast(
                    kind, safe=False
                ),
                "ort": pa.array(["x", ""][: 2 - (i == 1)]).dictionary_encode(),
            }
        )
        pq.write_table(table, tmp_path / f"p{i}.parquet")
    sources = sources.model_copy(update={"tolerance": 0.5})
    registers = imported(sources, tmp_path / "store")
    assert rows(registers, "person", "person_id", "sex", "birth_date") == [
        (1, "male", date(1950, 1, 1)),
        (2, "male", date(1950, 1, 1)),
    ]
    assert broken(registers, "person") == {"person_id missing": 1, "birth_date: time of day cut": 1}


@shows("QualityRule=line unreadable", by=Evidence.OUTSIDE)
def test_lines_that_cannot_be_parted_are_counted_and_set_aside(tmp_path: Path) -> None:
    text = PERSON + "d;2\ne;2;1950-01-01;more\n"
    sources = deliver(tmp_path / "in", "tolerance = 0.4\n" + PERSON_MAP, person=text)
    registers = imported(sources, tmp_path / "store")
    assert broken(registers, "person") == {"line unreadable": 2}
    aside = pq.read_table(tmp_path / "store" / "quarantine" / "person.parquet")
    assert aside["delivered_cell"].to_pylist() == ["d;2", "e;2;1950-01-01;more"]
    with pytest.raises(
        QualityError, match=r"table person \(file person\): 2 of 5 rows are wrong \(line unreadable: 2\).*delimiter"
    ):
        imported(sources.model_copy(update={"tolerance": 0.39}), tmp_path / "other")


def refused(tmp_path: Path, described: str = PERSON_MAP, person: str | bytes = PERSON) -> str:
    with pytest.raises(SourceError) as error:
        imported(deliver(tmp_path / "in", described, person=person), tmp_path / "store")
    assert not (tmp_path / "store").exists()
    assert not (tmp_path / "store.partial").exists()
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    message = refused(tmp_path, person=PERSON.replace("fodd", "fodelsedatum").replace("id;", "lopnr;"))
    assert "person.csv: there is no column 'id', which person is mapped from" in message
    assert message.endswith("The file has lopnr, kon, fodelsedatum.")
    message = refused(tmp_path, person=PERSON.replace("fodd", "foddd"))
    assert "did you mean 'foddd'? The file has id, kon, foddd." in message


def test_a_column_that_is_mapped_already_is_no_spelling_of_another(tmp_path: Path) -> None:
    described = PERSON_MAP.replace(
        'birth_date = "fodd"', 'birth_date = "fodd"\nmother_id = "id_mor"\nfather_id = "id_far"'
    )
    message = refused(tmp_path, described, person=PERSON)
    assert "no column 'id_mor'" in message
    assert "did you mean" not in message


def test_a_file_that_lacks_most_columns_is_another_one(tmp_path: Path) -> None:
    described = PERSON_MAP.replace(
        'birth_date = "fodd"', 'birth_date = "fodd"\nmother_id = "id_mor"\nfather_id = "id_far"'
    )
    message = refused(tmp_path, described, person="id;edatum;atc;kom\n1;2010-01-01;N05BA01;1\n")
    assert message.endswith("see that this is the file that is meant; it has id, edatum, atc, kom.")


def test_a_line_with_a_comma_is_no_header_of_another_delimiter(tmp_path: Path) -> None:
    message = refused(tmp_path, person='name = "Anxiolytics and ALS, a question"\nseed = 7\n')
    assert "see that this is the file that is meant" in message
    assert "delimiter" not in message


@pytest.mark.parametrize(("other", "words"), [(",", "a comma"), ("\t", "a tab"), ("|", "a bar")])
def test_a_wrong_delimiter(tmp_path: Path, other: str, words: str) -> None:
    message = refused(tmp_path, person=PERSON.replace(";", other))
    assert f"its header is one column by the declared delimiter, and holds {words}" in message


@pytest.mark.parametrize(
    ("declared", "actual", "plausible"),
    [
        ("utf-8", "latin-1", "latin-1"),
        ("utf-8", "cp1252", "cp1252"),
        ("utf-8", "utf-16", "utf-16"),
        ("utf-8", "utf-16-le", "utf-16-le"),
        ("latin-1", "utf-16-be", "utf-16-be"),
        ("utf-8", "utf-32", "utf-32"),
        ("cp1252", "utf-32-le", "utf-32-le"),
        ("latin-1", "utf-8", "utf-8"),
        ("latin-1", "utf-16", "utf-16"),
        ("cp1252", "utf-8", "utf-8"),
    ],
)
def test_a_wrong_encoding(tmp_path: Path, declared: str, actual: str, plausible: str) -> None:
    text = PERSON.replace("b;", "Åsa “Ö”;" if actual == "cp1252" else "Åsa Öö;")
    message = refused(tmp_path, PERSON_MAP.replace("utf-8", declared), text.encode(actual))
    assert f"the file is not {declared} text as declared; state its encoding; {plausible} is plausible" in message


@pytest.mark.parametrize("actual", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_check_names_two_byte_letters_as_the_import_does(tmp_path: Path, actual: str) -> None:
    sources = deliver(tmp_path / "in", PERSON_MAP, person=PERSON.encode(actual))
    with pytest.raises(SourceError, match=rf"is not utf-8 text as declared; state its encoding; {actual} is plausible"):
        check_files(sources)


def test_bytes_that_are_no_text_are_not_called_one(tmp_path: Path) -> None:
    noise = bytes(np.random.default_rng(3).integers(0, 256, 4000, dtype=np.uint8))
    for declared in ("utf-8", "latin-1"):
        message = refused(tmp_path, PERSON_MAP.replace("utf-8", declared), noise)
        assert "this is no text file: it holds bytes that no text has; see what format it is of" in message


def test_letters_at_the_edge_of_a_block_are_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskset.registers.delivered.reading._CHUNK", 3)
    text = PERSON.replace("b;", "åäöÅÄÖ;")
    assert len(rows(imported(deliver(tmp_path / "a", person=text), tmp_path / "good"), "person")) == 3
    assert "utf-8 is plausible" in refused(tmp_path, PERSON_MAP.replace("utf-8", "latin-1"), text.encode())
    assert "latin-1 is plausible" in refused(tmp_path, person=text.encode("latin-1"))


def test_missing_and_empty_files(tmp_path: Path) -> None:
    assert "there is no such file" in refused(tmp_path, PERSON_MAP.replace("person.csv", "people.csv"))
    assert "there is no such file" in refused(tmp_path, PERSON_MAP.replace("person.csv", "people*.csv"))
    assert "the file is empty" in refused(tmp_path, person="")
    assert "the delivered table has no rows" in refused(tmp_path, person="id;kon;fodd\n")
    text = PERSON_MAP.replace('"csv"', '"parquet"').replace('delimiter = ";"\nencoding = "utf-8"\n', "")
    assert "this is no Parquet file" in refused(tmp_path, text)


def test_parts_have_one_header(tmp_path: Path) -> None:
    described = PERSON_MAP.replace("person.csv", "person*.csv")
    sources = deliver(tmp_path / "in", described, person=PERSON, person2="id;kon;fodd\nd;1;1950-01-01\n")
    assert len(rows(imported(sources, tmp_path / "store"), "person")) == 4
    sources = deliver(tmp_path / "in", described, person2="kon;id;fodd\n1;d;1950-01-01\n")
    with pytest.raises(SourceError, match=r"its columns are not those of person\.csv"):
        imported(sources, tmp_path / "other")


def test_row_numbers_follow_the_file(tmp_path: Path) -> None:
    described = PERSON_MAP.replace('person_id = "id"', "person_id = { row_number = true }")
    text = "id;kon;fodd\n" + "".join(f"x;1;{1900 + i}-01-01\n" for i in range(12))
    registers = imported(deliver(tmp_path / "in", described, person=text), tmp_path / "store")
    born = dict(rows(registers, "person", "person_id", "birth_date"))
    # The numbers 1..12 as texts: 1, 10, 11, 12, 2, …
    assert [born[number].year - 1899 for number in range(1, 13)] == [1, 10, 11, 12, 2, 3, 4, 5, 6, 7, 8, 9]


UNSCALED = DISPENSED.replace('{ column = "ddd", scale = 1000 }', '"ddd"')


def dispensed(change: dict[int, str], lines: int = 200) -> str:
    """Dispensings of person a, one a line; some lines (the first is 0) otherwise."""
    usual = "a;2010-01-01;N05BA01;30"
    return "\n".join(["id;dag;kod;ddd", *(change.get(i, usual) for i in range(lines)), ""])


STRAY = 'a;2010-01-01;"C10AA05;30'


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({9: STRAY}, 191),  # to the end of the file
        ({9: STRAY, 20: STRAY}, 12),  # to the next stray quote
        ({9: 'a;2010-01-01;N05BA01;"30', 20: 'a;2010-01-01;N05BA01;30"'}, 11),  # a cell, and the row of it
        ({9: 'a;2010-01-01;"N05BA01;30', 20: 'a;2010-01-01;N05BA01";30'}, 11),
        ({9: 'a;2010-01-01;"N05\nBA01";30'}, 0),  # a line end that belongs to a cell
        ({9: "", 10: "\r", 11: ""}, 0),  # empty lines are no lines
        ({9: 'a;2010-01-01;N05BA01";30'}, 0),  # a quote in a cell that does not begin with one is part of it
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_lines_that_a_stray_quote_takes_in_are_all_counted(
    tmp_path: Path, change: dict[int, str], lost: int, end: str, encoding: str
) -> None:
    described = "tolerance = 1.0\n" + PERSON_MAP + DISPENSED.replace("utf-8", encoding)
    text = dispensed(change).replace("\r", "").replace("\n", end).encode(encoding)
    sources = deliver(tmp_path / "in", described, dispensed=text)
    registers = imported(sources, tmp_path / "store")
    assert broken(registers, "dispensing").get("line unreadable", 0) == lost
    [of] = {q["of"] for q in registers.quality.to_pylist() if q["table"] == "dispensing"}
    assert of == 200 - 3 * ("" in change.values())
    aside = sum(
        q["rows"] for q in registers.quality.to_pylist() if q["table"] == "dispensing" and q["action"] == "quarantined"
    )
    assert len(rows(registers, "dispensing")) == of - aside


def test_a_file_that_a_stray_quote_shortens_is_refused(tmp_path: Path) -> None:
    sources = deliver(tmp_path / "in", PERSON_MAP + DISPENSED, dispensed=dispensed({9: STRAY}, 30_000))
    with pytest.raises(
        QualityError, match=r"line unreadable: [\d,]+\).*quote = \"\" where the file quotes nothing"
    ) as no:
        imported(sources, tmp_path / "store")
    assert "of 30,000 rows are wrong" in str(no.value)
    whole = imported(
        deliver(tmp_path / "in", (PERSON_MAP + DISPENSED).replace('";"', '";"\nquote = ""')), tmp_path / "store"
    )
    assert len(rows(whole, "dispensing")) == 30_000
    assert broken(whole, "dispensing") == {"malformed ATC code": 1}


def test_the_lines_of_two_mappings_of_one_file_and_of_a_parquet_file_add_up(tmp_path: Path) -> None:
    table = DISPENSED[DISPENSED.index("[[tables]]") :]
    more = '[files.more]\npath = "more.parquet"\nformat = "parquet"\n' + table.replace('"dispensed"', '"more"')
    other = table.replace('atc = "kod"', 'atc = { constant = "N05BA01" }')
    described = "tolerance = 1.0\n" + PERSON_MAP + DISPENSED + other + more
    sources = deliver(tmp_path / "in", described, dispensed=dispensed({9: STRAY, 20: STRAY}))
    pq.write_table(
        pa.table({"id": ["a"] * 7, "dag": ["2010-01-01"] * 7, "kod": ["N05BA01"] * 7, "ddd": ["30"] * 7}),
        tmp_path / "in" / "more.parquet",
    )
    registers = imported(sources, tmp_path / "store")
    assert broken(registers, "dispensing") == {"line unreadable": 2 * 12}
    assert len(rows(registers, "dispensing")) == 2 * (200 - 12) + 7


def test_lines_are_counted_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for block in range(1, 9):
        monkeypatch.setattr("riskset.registers.delivered.reading._CHUNK", block)
        sources = deliver(tmp_path / "in", person=PERSON.replace("\n", "\r\n\r\n"))
        assert broken(imported(sources, tmp_path / str(block)), "person") == {}


@pytest.mark.parametrize("encoding", ["punycode", "idna", "unicode_escape", "rot13", "hex", "utf-7", "utf-99", ""])
def test_what_is_no_encoding_of_texts_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(
        SpecError, match=r"files\.person\.encoding: .* is no encoding; write one such as utf-8, latin-1"
    ):
        deliver(tmp_path / "in", PERSON_MAP.replace("utf-8", encoding))


@pytest.mark.parametrize(
    "encoding", ["UTF8", "windows-1252", "iso-8859-15", "ascii", "cp850", "mac_roman", "utf-16-le"]
)
def test_encodings_that_are_known(tmp_path: Path, encoding: str) -> None:
    sources = deliver(tmp_path / "in", PERSON_MAP.replace("utf-8", encoding), person=PERSON.encode(encoding))
    assert len(rows(imported(sources, tmp_path / "store"), "person")) == 3


@shows("QualityRule=implausible ddd", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("described", "amounts", "words"),
    [
        (UNSCALED, ["30"] * 3 + ["", "0", "1000"] * 2, "below 1 DDD: the canonical ddd is in thousandths; state scale"),
        (DISPENSED, ["28000"] * 3 + ["30", "0"], "above 10,000 DDD; state scale = 1000 for ddd only where"),
    ],
)
def test_amounts_in_another_unit_are_refused(tmp_path: Path, described: str, amounts: list[str], words: str) -> None:
    text = "id;dag;kod;ddd\n" + "".join(f"a;2010-01-01;N05BA01;{amount}\n" for amount in amounts)
    sources = deliver(tmp_path / "in", "tolerance = 1.0\n" + PERSON_MAP + described, dispensed=text)
    with pytest.raises(
        SourceError, match=r"table dispensing \(file dispensed\): more than half of the amounts"
    ) as error:
        imported(sources, tmp_path / "store")
    assert words in str(error.value)
    zeros = amounts.count("0")
    enough = "1000" if described == UNSCALED else "30"
    more = text + f"a;2010-01-01;N05BA01;{enough}\n" * 3
    sources = deliver(tmp_path / "in", PERSON_MAP + described, dispensed=more)
    registers = imported(sources, tmp_path / "store")
    assert broken(registers, "dispensing") == {"implausible ddd": 3, "an amount is 0, and none is more": zeros}
    assert len(rows(registers, "dispensing")) == len(amounts) + 3


def test_lines_that_end_in_a_return_too_many_are_the_same_lines(tmp_path: Path) -> None:
    whole = imported(deliver(tmp_path / "in", person=PERSON), tmp_path / "whole")
    odd = imported(deliver(tmp_path / "odd", person=PERSON.replace("\n", "\r\r\n")), tmp_path / "store")
    columns = ("person_id", "sex", "birth_date")
    assert rows(odd, "person", *columns) == rows(whole, "person", *columns)
    assert broken(odd, "person") == broken(whole, "person") == {}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"ORC" + bytes(100), "this is no text file"),
        (b"\x03\x7a\x01\x01" + bytes(60), "this is no text file"),
        (b"\x85\x02\x0c\x03" + bytes(range(128, 228)), "this is no text file"),
        (b"\xff\x06\0\0sNaPpY" + bytes(range(256)), "this is no text file"),
        (PERSON.encode() + b"\0\0", "this text holds bytes of zero, which no text has"),
    ],
)
def test_what_is_no_text_is_not_called_one_in_another_encoding(tmp_path: Path, content: bytes, says: str) -> None:
    message = refused(tmp_path, person=content)
    assert says in message
    assert "plausible" not in message
