"""What sources.toml says that no file can have is refused before one is opened, by its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskset.errors import RisksetError, SpecError
from riskset.registers.delivered.reading import check_files
from tests.registers.delivery import PERSON_MAP, deliver

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
