"""What sources.toml says that no file can have is refused before one is opened, by its place."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from riskset.errors import RisksetError, SourceError, SpecError
from riskset.registers.delivered.reading import check_files
from tests.registers.delivery import PERSON_MAP, deliver, imported

DIALECT = 'encoding = "utf-8"'
SEX = 'values = { "1" = "male", "2" = "female" }'
WRONG = [
    (
        'delimiter = ";"',
        'delimiter = "i"',
        "files.person.delimiter: 'i' stands in cells; give the character that",
    ),
    ('delimiter = ";"', 'delimiter = "7"', "files.person.delimiter: '7' stands in cells"),
    ('delimiter = ";"', 'delimiter = "\\n"', r"files.person.delimiter: '\n' ends lines or files"),
    ('delimiter = ";"', 'delimiter = "\\r"', r"files.person.delimiter: '\r' ends lines or files"),
    ('delimiter = ";"', 'delimiter = "\\u0000"', r"files.person.delimiter: '\x00' ends lines or files"),
    (DIALECT, DIALECT + '\nquote = "\\n"', r"files.person.quote: '\n' ends lines or files"),
    (DIALECT, DIALECT + '\nquote = "a"', "files.person.quote: 'a' stands in cells"),
    (DIALECT, DIALECT + '\nquote = "»"', "files.person.quote: '»' is no sign of ASCII"),
    (DIALECT, DIALECT + "\nnull = ['\"\"']", "files.person.null[0]: '\"\"' holds the delimiter or the quote"),
    (DIALECT, DIALECT + '\nnull = ["", ";"]', "files.person.null[1]: ';' holds the delimiter or the quote"),
    ('path = "person.csv"', "path = []", "files.person.path: the list is too short; write at least 1."),
    ('path = "person.csv"', "path = [1]", "files.person.path[0]: this must be text; write it in quotes."),
    ('path = "person.csv"', "path = 5", "files.person.path: this must be text; write it in quotes."),
    (SEX, "values = {}", "tables[0].columns.sex.values: no values are listed; list the delivered ones, or leave"),
    ('person_id = "id"', "person_id = 1", "tables[0].columns.person_id: this must be the name of a delivered column"),
    ('person_id = "id"', "person_id = [1]", "tables[0].columns.person_id: this must be the name of a delivered column"),
    ('person_id = "id"', 'person_id = ""', "tables[0].columns.person_id.column: this is empty; write the name of the"),
    ('column = "kon", ' + SEX, 'constant = "femal"', "tables[0].columns.sex.constant: 'femal' is no value of this"),
    (
        'column = "kon", ' + SEX,
        "constant = true",
        "tables[0].columns.sex.constant: True is no value of this column",
    ),
    ('column = "kon", ' + SEX, "constant = nan", "tables[0].columns.sex.constant: this must be a finite number"),
]


@pytest.mark.parametrize(("of", "instead", "says"), WRONG)
def test_one_sentence_names_the_key(tmp_path: Path, of: str, instead: str, says: str) -> None:
    assert of in PERSON_MAP
    with pytest.raises(SpecError) as refused:
        deliver(tmp_path / "in", PERSON_MAP.replace(of, instead))
    assert str(refused.value).startswith(f"sources.toml {says}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("path", ["per\\u0000son.csv", "x" * 5000, "person.csv/inner.csv", "person[.csv"])
def test_a_name_that_no_file_has(tmp_path: Path, path: str) -> None:
    sources = deliver(tmp_path / "in", PERSON_MAP.replace("person.csv", path))
    with pytest.raises(RisksetError, match=r"there is no such file|cannot be read \(file name too long\)"):
        check_files(sources)


@pytest.mark.parametrize("sign", [";", "|", "\t", "→", "😀", " ", ":"])
def test_other_signs_part_cells(tmp_path: Path, sign: str) -> None:
    text = "id;kon;fodd\na;1;1950-01-01\n".replace(";", sign)
    check_files(deliver(tmp_path / "in", PERSON_MAP.replace('";"', f'"{sign}"'), person=text))


AS_CSV = '"csv"\ndelimiter = ";"\nencoding = "utf-8"'
AS_PARQUET = PERSON_MAP.replace("person.csv", "person.parquet").replace(AS_CSV, '"parquet"')
NO_VALUES = {
    "structures": ("kon", pa.array([{"a": "1"}] * 3), "sex holds lists or structures, of which none is a value"),
    "lists": ("fodd", pa.array([[1950]] * 3), "birth_date holds lists or structures, of which none is a value"),
    "times of day": ("fodd", pa.array([1] * 3, pa.time32("s")), "birth_date holds times of day, and no days"),
    "lists for persons": ("id", pa.array([["a"]] * 3), "person_id holds lists or structures, which identify nobody"),
}


@pytest.mark.parametrize(("column", "cells", "says"), NO_VALUES.values(), ids=NO_VALUES)
def test_columns_of_no_values(tmp_path: Path, column: str, cells: pa.Array, says: str) -> None:
    columns = {"id": ["a", "b", "c"], "kon": ["1", "2", "1"], "fodd": ["1950-01-01"] * 3} | {column: cells}
    sources = deliver(tmp_path / "in", AS_PARQUET)
    pq.write_table(pa.table(columns), tmp_path / "in" / "person.parquet")
    with pytest.raises(SourceError) as refused:
        imported(sources, tmp_path / "store")
    assert str(refused.value).startswith(f"table person (file person): {says}")


@pytest.mark.parametrize("content", [None, b"", b"PAR1", bytes(100)])
def test_a_store_that_is_damaged_is_called_that(tmp_path: Path, content: bytes | None) -> None:
    sources = deliver(tmp_path / "in")
    imported(sources, tmp_path / "store")
    table = tmp_path / "store" / "person.parquet"
    table.unlink()
    if content is not None:
        table.write_bytes(content)
    with pytest.raises(SourceError) as refused:
        imported(sources, tmp_path / "store")
    says = "this table of the store is not whole; remove the store, and import the delivery again."
    assert str(refused.value) == f"{table}: {says}"
