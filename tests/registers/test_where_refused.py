"""Whatever is wrong with a delivered table, the sentence begins with the table and the files that it is read from."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskset.errors import QualityError, SourceError
from tests.registers.delivery import DEATH_MAP, PERSON, PERSON_MAP, deliver, imported

FILE = """
[files.{file}]
path = "{file}.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
"""
TABLE = """
[[tables]]
name = "{name}"
file = "{file}"
"""
COUPLES = """last_day = "included"
[tables.columns]
person_id = "a"
partner_id = "b"
start = "from"
stop = "to"
kind = { constant = "married" }
"""
DISPENSED = """[tables.columns]
person_id = "id"
date = "dag"
atc = "atc"
ddd = "ddd"
"""


def table(name: str, file: str, columns: str) -> str:
    return FILE.format(file=file) + TABLE.format(name=name, file=file) + columns


MANY = "".join(f"p{n};{1 + n % 2};1950-05-{1 + n % 27:02d}\n" for n in range(40))
PARENTS = PERSON_MAP + 'mother_id = "mor"\n'
CHILDREN = "id;kon;fodd;mor\n" + "".join(f"p{n};1;1950-05-{1 + n % 27:02d};q{n}\n" for n in range(40))
BOUGHT = "".join(f"p{n % 40};2010-{1 + n % 12:02d}-{1 + n % 27:02d};N06AB04;1\n" for n in range(80))
WRONG = {
    "rows": (PERSON_MAP + DEATH_MAP, {"death": "id;dag\na;2010-13-01\n"}, "table death (file death): 1 of 1 rows"),
    "rows of persons": (PERSON_MAP, {"person": PERSON + "d;9;1950-01-01\n"}, "table person (file person): 1 of 4 rows"),
    "of nobody": (PERSON_MAP + DEATH_MAP, {"death": "id;dag\nx;2010-12-01\n"}, "table death (file death): 1 of 1 rows"),
    "values": (PARENTS, {"person": CHILDREN}, "table person (file person): 40 of 40 values of mother_id"),
    "rows twice": (
        PERSON_MAP + table("dispensing", "bought", DISPENSED.replace('ddd = "ddd"\n', "")),
        {"person": PERSON + MANY, "bought": "id;dag;atc;n\n" + 2 * BOUGHT},
        "table dispensing (file bought): 160 of 160 rows are there more than once",
    ),
    "in two files": (
        PERSON_MAP + DEATH_MAP + DEATH_MAP.replace("death", "dead").replace('name = "dead"', 'name = "death"'),
        {"death": "id;dag\na;2010-13-01\n", "dead": "id;dag\nb;2010-01-01\n"},
        "table death (files dead, death): 1 of 2 rows",
    ),
    "halves of couples": (
        PERSON_MAP + table("couple", "married", COUPLES),
        {"married": "a;b;from;to\na;b;2000-01-01;2010-01-01\n"},
        "table couple (file married): 1 of 1 rows are wrong",
    ),
    "a scale": (
        PERSON_MAP + table("dispensing", "bought", DISPENSED),
        {"person": PERSON + MANY, "bought": "id;dag;atc;ddd\n" + BOUGHT},
        "table dispensing (file bought): more than half of the amounts are below 1 DDD",
    ),
    "no rows": (PERSON_MAP + DEATH_MAP, {"death": "id;dag\n"}, "table death (file death): the delivered table has no"),
    "identifiers that lost digits": (
        PERSON_MAP + DEATH_MAP,
        {"person": PERSON, "death": "id;dag\n1.23E+11;2010-01-01\n"},
        "table death (file death): ",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("described", "files", "says"), WRONG.values(), ids=WRONG)
def test_the_table_and_its_files_are_named(tmp_path: Path, described: str, files: dict[str, str], says: str) -> None:
    with pytest.raises((QualityError, SourceError)) as refused:
        imported(deliver(tmp_path / "in", described, **files), tmp_path / "store")
    assert str(refused.value).startswith(says)
